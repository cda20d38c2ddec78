//! `serve`: the address, the live log, and the end.

use std::fs;
use std::net::TcpListener;

use rustix::process::Signal;

use crate::studio::{Home, Serving, children_of, is_gone, wait_until};

const ANYWHERE: &str = "127.0.0.1:0";

fn serve(home: &Home, folder: &str) -> Serving {
    home.serving(&["serve", folder, "--listen", ANYWHERE])
}

const PLAIN: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n";

#[test]
fn a_request_is_answered_and_gets_a_line() {
    let home = Home::new();
    home.script("cgi-bin/plain.sh", PLAIN);
    let serving = serve(&home, ".");
    assert_ne!(serving.address.port(), 0);
    assert!(serving.get("/cgi-bin/plain.sh?x=1").contains("hello\n"));
    let line = serving.stdout_line("/cgi-bin/plain.sh?x=1");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        words.get(1..5),
        Some(&["#1", "GET", "/cgi-bin/plain.sh?x=1", "200"][..]),
        "{line}"
    );
    assert!(
        !line.contains('\x1b'),
        "colour without a terminal: {line:?}"
    );
    let (log, said) = serving.end();
    assert_eq!((log.len(), said.len()), (0, 1), "{log:?} {said:?}");
}

#[test]
fn a_warning_is_told_in_words_once_for_a_script() {
    let home = Home::new();
    let script = PLAIN.replace("\\n\\n", "\\nContent-Lenght: 5\\n\\n");
    home.script("cgi-bin/slip.sh", &script);
    let serving = serve(&home, ".");
    serving.get("/cgi-bin/slip.sh?first");
    let line = serving.stdout_line("?first");
    assert!(line.contains("200") && line.ends_with("CGI032"), "{line}");
    let words = serving.stdout_line("CGI032 warning");
    assert!(words.contains("Content-Lenght"), "{words}");
    serving.get("/cgi-bin/slip.sh?second");
    serving.stdout_line("?second");
    let (rest, _) = serving.end();
    assert_eq!(rest, [""; 0], "the warning was told already");
}

#[test]
fn a_saved_script_gets_a_line() {
    let home = Home::new();
    let script = home.script("cgi-bin/plain.sh", PLAIN);
    let serving = serve(&home, ".");
    // The watch begins a moment after the address is told.
    wait_until("the change is told", || {
        let text = fs::read_to_string(&script).unwrap();
        fs::write(&script, text + "# changed\n").unwrap();
        serving.get("/cgi-bin/plain.sh");
        let line = serving.stdout_line("plain.sh");
        line.contains("saved cgi-bin/plain.sh").then_some(())
    });
}

#[test]
fn a_log_in_the_folder_is_no_news_of_the_folder() {
    let home = Home::new();
    let arguments = ["serve", ".", "--listen", ANYWHERE];
    let serving = Serving::start(home.studio_in_shell("exec \"$@\" > log", &arguments));
    let log = || fs::read_to_string(home.path().join("log")).unwrap();
    serving.get("/none");
    // The watch begins a moment after the address is told; each of these comes after lines of the log.
    for name in ["first", "second", "third"] {
        let file = home.path().join(name);
        wait_until("the change is told", || {
            fs::write(&file, log()).unwrap();
            log().contains(name).then_some(())
        });
    }
    let own: Vec<String> = log()
        .lines()
        .filter(|line| line.contains(" log"))
        .map(str::to_owned)
        .collect();
    assert_eq!(own, [] as [&str; 0]);
}

#[test]
fn a_busy_port_is_named_with_a_way_out() {
    let home = Home::new();
    let other = TcpListener::bind(ANYWHERE).unwrap();
    let address = other.local_addr().unwrap();
    let ended = home.end_of(&["serve", ".", "--listen", &address.to_string()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(
        ended.stderr.contains(&format!("port {}", address.port())),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("another port"), "{}", ended.stderr);
}

#[test]
fn a_broken_configuration_is_told_and_the_folder_is_served() {
    let home = Home::new();
    home.script("cgi-bin/plain.sh", PLAIN);
    fs::write(
        home.path().join("cgi-studio.toml"),
        "[server]\nlistne = 1\n",
    )
    .unwrap();
    let serving = serve(&home, ".");
    serving.stderr_line("line 2 column 1");
    assert!(serving.get("/cgi-bin/plain.sh").contains("hello\n"));
}

#[test]
fn the_site_may_choose_its_address() {
    let home = Home::new();
    fs::write(
        home.path().join("cgi-studio.toml"),
        "[server]\nlisten = \"127.0.0.2:0\"\n",
    )
    .unwrap();
    let serving = home.serving(&["serve", "."]);
    assert_eq!(serving.address.ip().to_string(), "127.0.0.2");
}

#[test]
fn an_address_that_others_reach_is_warned_of() {
    let serving = Home::new().serving(&["serve", ".", "--listen", "0.0.0.0:0"]);
    let warning = serving.first_lines.join("\n");
    assert!(warning.contains("OTHER COMPUTERS"), "{warning}");
}

#[test]
fn sigterm_ends_the_studio_and_every_process_it_started() {
    let home = Home::new();
    home.script(
        "cgi-bin/long.sh",
        "#!/bin/sh\necho $$ > pid\nexec sleep 600\n",
    );
    let mut serving = serve(&home, ".");
    let _open = serving.ask("/cgi-bin/long.sh");
    let pid_file = home.path().join("cgi-bin/pid");
    let script: u32 = wait_until("the script runs", || {
        fs::read_to_string(&pid_file).ok()?.trim().parse().ok()
    });
    let spawners = children_of(serving.pid());
    assert_eq!(spawners.len(), 1);
    assert!(!is_gone(script) && !is_gone(spawners[0]));
    serving.signal(Signal::TERM);
    serving.stderr_line("stopping");
    assert_eq!(serving.wait().code(), Some(0));
    serving.stdout_line("/cgi-bin/long.sh");
    for pid in [script, spawners[0]] {
        wait_until("every process is gone", || is_gone(pid).then_some(()));
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let home = Home::new();
    // Neither TERM nor the end of its client impresses this one.
    home.script(
        "cgi-bin/deaf.sh",
        "#!/bin/sh\ntrap '' TERM\necho $$ > pid\nwhile :; do sleep 1; done\n",
    );
    let mut serving = serve(&home, ".");
    let _open = serving.ask("/cgi-bin/deaf.sh");
    let pid_file = home.path().join("cgi-bin/pid");
    let script: u32 = wait_until("the script runs", || {
        fs::read_to_string(&pid_file).ok()?.trim().parse().ok()
    });
    serving.signal(Signal::INT);
    serving.stderr_line("once more ends at once");
    serving.signal(Signal::INT);
    assert_eq!(serving.wait().code(), Some(2));
    wait_until("the script is gone", || is_gone(script).then_some(()));
}

#[test]
fn a_reader_of_the_log_that_has_seen_enough_ends_the_serving_quietly() {
    let home = Home::new();
    home.script("cgi-bin/plain.sh", PLAIN);
    let mut serving = serve(&home, ".");
    serving.stop_reading_stdout();
    // The first line may still be taken by the reader that is leaving.
    let code = wait_until("it ends", || {
        if let Ok(mut stream) = std::net::TcpStream::connect(serving.address) {
            let _ =
                std::io::Write::write_all(&mut stream, b"GET /cgi-bin/plain.sh HTTP/1.0\r\n\r\n");
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
        serving.try_wait()
    });
    assert_eq!(code.code(), Some(0));
}
