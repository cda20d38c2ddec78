//! What `serve` says of a request is on disk, whatever happens to the studio after it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::store::Archive;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::studio::{Home, Serving, try_get, wait_until};

const HELLO: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n";
const SERVE: [&str; 4] = ["serve", "site", "--listen", "127.0.0.1:0"];

fn home() -> Home {
    let home = Home::new();
    home.script("site/cgi-bin/hello.sh", HELLO);
    home
}

fn archive(home: &Home) -> Archive {
    Archive::open(
        &home.path().join("xdg_state_home"),
        &home.path().join("site"),
    )
    .unwrap()
    .unwrap()
}

/// The number of the request that a line of the log is about.
fn number(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once(" #")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// How often the studio is killed: ten times, or as often as CGI_STUDIO_KILLS says.
fn kills() -> u64 {
    let asked = std::env::var("CGI_STUDIO_KILLS").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(10)
}

#[test]
fn nothing_that_was_announced_is_lost_when_the_studio_is_killed_under_load() {
    let home = home();
    let (mut announced, mut last) = (BTreeSet::new(), 0);
    for round in 0..kills() {
        let serving = home.serving(&SERVE);
        let over = AtomicBool::new(false);
        let address = serving.address;
        let lines = thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        // Of the last ones the studio is gone.
                        let _ = try_get(address, "/cgi-bin/hello.sh");
                    }
                });
            }
            // Killed at another moment each time: after the first commit, in the middle of one, after many.
            let mut lines: Vec<String> = (0..=round * 7 % 40)
                .map(|_| serving.stdout_line("/cgi-bin/hello.sh"))
                .collect();
            lines.extend(serving.kill());
            over.store(true, Ordering::Relaxed);
            lines
        });
        let told: BTreeSet<u64> = lines.iter().filter_map(|line| number(line)).collect();
        assert!(
            !told.is_empty() && told.iter().all(|id| *id > last),
            "{told:?}"
        );
        let archive = archive(&home);
        archive.check().unwrap();
        last = archive.last_id().unwrap().0;
        announced.extend(told);
        for id in &announced {
            let exchange = archive.exchange(ExchangeId(*id)).unwrap();
            let exchange = exchange.unwrap_or_else(|| panic!("request {id} was lost"));
            let run = exchange.invocation().unwrap();
            assert!(run.stdout.head().ends_with(b"hello\n") && exchange.end.is_some());
        }
        let listed = archive.rows().map(|row| row.unwrap());
        assert!(
            listed.into_iter().all(|row| row.duration.is_some()),
            "nothing half is listed"
        );
    }
    println!(
        "{} requests were announced, and none is lost",
        announced.len()
    );
}

/// The studio in a shell that ignores the signal for a file that becomes too large: then the write fails.
fn serving_with_small_files(home: &Home) -> Serving {
    Serving::start(home.studio_in_shell("trap '' XFSZ; exec \"$@\"", &SERVE))
}

fn let_files_grow_to(serving: &Serving, bytes: Option<u64>) {
    let pid = Pid::from_raw(i32::try_from(serving.pid()).unwrap());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(pid, Resource::Fsize, limit).unwrap();
}

#[test]
fn a_full_disk_pauses_recording_and_serving_goes_on() {
    let home = home();
    let serving = serving_with_small_files(&home);
    let ask = || {
        assert!(serving.get("/cgi-bin/hello.sh").contains("hello\n"));
        serving.stdout_line("/cgi-bin/hello.sh")
    };
    assert!(!ask().contains("not on disk"));
    let_files_grow_to(&serving, Some(4096));
    assert!(ask().contains("not on disk"));
    serving.stderr_line("recording is paused");
    assert!(ask().contains("not on disk"));
    let_files_grow_to(&serving, None);
    serving.stderr_line("recording goes on");
    assert!(!ask().contains("not on disk"));
    serving.end();
    // What came while the disk was full was kept in memory and written afterwards.
    assert_eq!(archive(&home).rows().count(), 4);
    archive(&home).check().unwrap();
}

#[test]
fn of_two_studios_one_records_and_the_other_takes_over() {
    let home = home();
    let first = home.serving(&SERVE);
    first.get("/cgi-bin/hello.sh");
    first.stdout_line("#1 ");
    let second = home.serving(&SERVE);
    second.get("/cgi-bin/hello.sh");
    let line = second.stdout_line("/cgi-bin/hello.sh");
    assert!(
        line.contains("#2 ") && line.contains("not on disk"),
        "{line}"
    );
    assert!(first.end().0.is_empty());
    second.stderr_line("recording goes on");
    second.get("/cgi-bin/hello.sh");
    assert!(
        !second
            .stdout_line("/cgi-bin/hello.sh")
            .contains("not on disk")
    );
    second.end();
    let listed: Vec<u64> = archive(&home).rows().map(|row| row.unwrap().id.0).collect();
    assert_eq!(listed, [3, 2, 1]);
}

#[test]
fn a_site_that_moved_is_known_again() {
    let home = home();
    let serving = home.serving(&SERVE);
    serving.get("/cgi-bin/hello.sh");
    serving.stdout_line("#1 ");
    serving.end();
    std::fs::rename(home.path().join("site"), home.path().join("elsewhere")).unwrap();
    let serving = home.serving(&["serve", "elsewhere", "--listen", "127.0.0.1:0"]);
    serving.get("/cgi-bin/hello.sh");
    serving.stdout_line("#2 ");
    wait_until("both are listed", || {
        let state = home.path().join("xdg_state_home");
        let archive = Archive::open(&state, &home.path().join("elsewhere")).ok()??;
        (archive.rows().count() == 2).then_some(())
    });
}

#[test]
fn a_database_that_cannot_be_used_is_set_aside_and_serve_says_so() {
    let home = home();
    let serving = home.serving(&SERVE);
    serving.get("/cgi-bin/hello.sh");
    serving.stdout_line("/cgi-bin/hello.sh");
    serving.end();
    let sites = home.path().join("xdg_state_home/cgi-studio/sites");
    let entries = std::fs::read_dir(sites).unwrap();
    let database = entries
        .map(|entry| entry.unwrap().path().join("runs.sqlite3"))
        .find(|database| database.exists())
        .unwrap();
    std::fs::write(database, "no database").unwrap();
    let serving = home.serving(&SERVE);
    serving.stderr_line("it was set aside as");
    serving.end();
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told_of_at_once() {
    let home = home();
    std::fs::write(home.path().join("xdg_state_home"), "a file").unwrap();
    let serving = home.serving(&SERVE);
    serving.stderr_line("recording is paused");
    serving.get("/cgi-bin/hello.sh");
    let line = serving.stdout_line("/cgi-bin/hello.sh");
    assert!(line.contains("not on disk"), "{line}");
    serving.end();
}
