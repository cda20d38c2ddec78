//! A run that says nothing is looked at, and told by what it waits for, while it hangs and afterwards.

use crate::{child, get};
use cgi_engine::diagnosis;
use cgi_engine::diagnosis::standstill::{stands_still, standstill};
use cgi_engine::exchange::{End, EndCause, ExchangeId, Silence};
use cgi_engine::message::Command;
use cgi_engine::process::WaitCause;
use cgi_tests::{TempSite, TestEngine};

const HEAD: &str =
    "#!/usr/bin/env python3\nimport os, sys, time, socket, subprocess, fcntl, threading\n";

/// Serves one script, asks for it, and waits until it was seen to stand still; then it is stopped.
#[track_caller]
fn check(script: &str, cause: WaitCause, words: &[&str]) -> Silence {
    let site = TempSite::new(child());
    site.script("hang.py", &format!("{HEAD}{script}"));
    let engine = TestEngine::start(child(), site);
    let mut client = engine.connect();
    client.send(get("/cgi-bin/hang.py"));
    let run = engine.run_when(1, |run| run.silence.is_some());
    let exchange = engine.exchange(1).unwrap();
    let told = standstill(&exchange, &run).unwrap();
    let silence = *run.silence.clone().unwrap();
    assert_eq!(silence.waiting.cause, cause, "{silence:?}");
    for word in words {
        assert!(told.sentence.contains(word), "{word}: {told:?}");
    }
    assert!(stands_still(&run));
    let strip = diagnosis::pipeline::strip(&exchange, &[]);
    assert_eq!(strip[2].figure, told.brief, "the strip tells it, too");
    engine.engine.command(Command::Stop(ExchangeId(1)));
    let ended = engine.ended(1);
    assert!(
        matches!(
            ended.end,
            Some(
                End::CutOff(EndCause::Stopped(_))
                    | End::Unanswered(EndCause::Stopped(_))
                    | End::Answered
            )
        ),
        "{:?}",
        ended.end
    );
    silence
}

#[test]
fn a_loop_is_told_by_its_processor_time() {
    let silence = check(
        "while True: pass\n",
        WaitCause::Computes,
        &["computes all the time"],
    );
    assert_eq!(silence.waiting.system_call, "");
}

#[test]
fn a_pause_is_told() {
    check(
        "time.sleep(60)\n",
        WaitCause::Sleeps,
        &["The script sleeps"],
    );
}

#[test]
fn a_server_that_does_not_answer_is_named_with_its_port() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let script = format!(
        "s = socket.create_connection(('127.0.0.1', {}))\ns.recv(1)\n",
        address.port()
    );
    check(&script, WaitCause::SocketAnswer, &[&address.to_string()]);
    // With a time limit of its own Python asks poll(2) first.
    let script = format!(
        "s = socket.create_connection(('127.0.0.1', {}), timeout=50)\ns.recv(1)\n",
        address.port()
    );
    check(&script, WaitCause::SocketAnswer, &[&address.to_string()]);
}

#[test]
fn a_script_that_wants_to_be_a_server_is_told() {
    check(
        "s = socket.create_server(('127.0.0.1', 0))\ns.accept()\n",
        WaitCause::SocketAccept,
        &["somebody to connect to 127.0.0.1:"],
    );
}

#[test]
fn a_lock_is_named_with_the_one_who_holds_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    rustix::fs::flock(file.as_file(), rustix::fs::FlockOperation::LockExclusive).unwrap();
    let path = file.path().to_str().unwrap();
    let own = format!("held by process {}", std::process::id());
    let script = format!("f = open({path:?}, 'r+')\nfcntl.flock(f, fcntl.LOCK_EX)\n");
    check(&script, WaitCause::FileLock, &[path, &own]);
}

#[test]
fn a_child_is_waited_for_and_told_by_what_it_does_itself() {
    let silence = check(
        "subprocess.run(['sleep', '60'])\n",
        WaitCause::Sleeps,
        &["waits for sleep 60 (process ", "which sleeps"],
    );
    assert_eq!(silence.waiting.behind.len(), 1);
    // Its output is read through a pipe of its own.
    check(
        "subprocess.run(['sleep', '60'], capture_output=True)\n",
        WaitCause::Sleeps,
        &["waits for sleep 60 (process "],
    );
    check(
        "subprocess.Popen(['sleep', '60'], stdout=subprocess.PIPE).stdout.read()\n",
        WaitCause::Sleeps,
        &["waits for sleep 60 (process "],
    );
}

#[test]
fn a_named_pipe_without_a_writer_is_told() {
    check(
        "os.mkfifo('pipe')\nopen('pipe').read()\n",
        WaitCause::Read,
        &["waits for something to read"],
    );
}

#[test]
fn threads_that_wait_for_one_another_are_told() {
    check(
        "lock = threading.Lock()\nlock.acquire()\nlock.acquire()\n",
        WaitCause::Thread,
        &["waits for another of its threads"],
    );
    check(
        "t = threading.Thread(target=time.sleep, args=(60,))\nt.start()\nt.join()\n",
        WaitCause::Sleeps,
        &["sleeps"],
    );
}

#[test]
fn a_body_that_does_not_come_is_the_clients_fault() {
    let site = TempSite::new(child());
    site.script("hang.py", &format!("{HEAD}sys.stdin.buffer.read()\n"));
    let engine = TestEngine::start(child(), site);
    let mut client = engine.connect();
    client.send("POST /cgi-bin/hang.py HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n0123456789");
    let run = engine.run_when(1, |run| run.silence.is_some());
    let told = standstill(&engine.exchange(1).unwrap(), &run).unwrap();
    assert_eq!(run.silence.unwrap().waiting.cause, WaitCause::StandardInput);
    assert!(
        told.sentence
            .contains("has not sent all of the body yet (10 bytes came)"),
        "{told:?}"
    );
}

#[test]
fn the_time_limits_finding_says_what_the_script_waited_for() {
    let site = TempSite::configured(child(), "[limits]\ntime_seconds = 3\n");
    site.script("hang.py", &format!("{HEAD}time.sleep(60)\n"));
    let engine = TestEngine::start(child(), site);
    let answer = engine.get("/cgi-bin/hang.py");
    assert_eq!(answer.status(), 504);
    let findings = diagnosis::after_run(&engine.ended(1));
    assert_eq!(findings[0].code.0, 66);
    let words = &findings[0].explanation;
    assert!(words.starts_with("The script sleeps"), "{words}");
    assert!(
        words.contains("nanosleep") || words.contains("select"),
        "{words}"
    );
}

#[test]
fn a_run_that_goes_on_printing_is_not_looked_at() {
    let site = TempSite::new(child());
    let script = "print('Content-Type: text/plain\\n', flush=True)\nfor n in range(30):\n    print(n, flush=True)\n    time.sleep(0.1)\n";
    site.script("busy.py", &format!("{HEAD}{script}"));
    let engine = TestEngine::start(child(), site);
    assert_eq!(engine.get("/cgi-bin/busy.py").status(), 200);
    assert_eq!(engine.ended(1).invocation().unwrap().silence, None);
}
