//! The spawner itself: when it dies, when it hangs, when the studio dies.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cgi_engine::process::{LaunchError, Spawner, Stdin};
use rustix::process::{Pid, kill_process};

use crate::{
    CHILD, PATIENCE, alive, child, children_of, eventually, kill, launch, number_after, run,
    spawner, spawner_pid, text,
};

/// A launch may meet the dying spawner; the next one may not.
async fn eventually_launches(spawner: &Spawner) {
    match spawner.launch(child(&["exit=0"]), Stdin::Null).await {
        Ok(_) => {}
        Err(error) => {
            assert!(
                matches!(error, LaunchError::SpawnerDied { .. }),
                "{error:?}"
            );
            launch(spawner, &["exit=0"]).await;
        }
    }
}

#[tokio::test]
async fn a_raised_limit_of_open_files_does_not_reach_a_program() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let ordinary = getrlimit(Resource::Nofile);
    // Less than the ordinary, because that may be the highest possible.
    let expected = ordinary.current.map(|soft| soft - 1);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: expected,
            ..ordinary
        },
    )
    .unwrap();
    let spawner = spawner();
    setrlimit(Resource::Nofile, ordinary).unwrap();
    let open_files = async || {
        let (said, _) = run(&spawner, &["limits"]).await;
        Some(u64::from(number_after(&said, "open-files=")))
    };
    assert_eq!(open_files().await, expected);
    // Nor after the spawner had to be started again.
    kill(spawner_pid(&spawner).await);
    eventually_launches(&spawner).await;
    assert_eq!(open_files().await, expected);
}

#[tokio::test]
async fn a_spawner_that_dies_takes_its_programs_along_and_is_replaced() {
    let spawner = spawner();
    let first = spawner_pid(&spawner).await;
    let (mut process, pipes) = launch(&spawner, &["background-trap", "trap-term", "sleep"]).await;
    kill(first);
    assert_eq!(process.exited().await.to_string(), "SIGKILL");
    assert!(!process.reap().await.measured);
    text(pipes.stdout).await;
    eventually_launches(&spawner).await;
    assert_ne!(spawner_pid(&spawner).await, first);
}

#[tokio::test]
async fn a_launch_that_waits_while_the_spawner_dies_fails_with_the_reason() {
    let spawner = spawner();
    let first = spawner_pid(&spawner).await;
    let pid = Pid::from_raw(first.cast_signed()).unwrap();
    kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let killed = async { kill(first) };
    let (launched, ()) = tokio::join!(spawner.launch(child(&["sleep"]), Stdin::Null), killed);
    let error = launched.unwrap_err();
    assert!(
        matches!(error, LaunchError::SpawnerDied { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_spawner_that_hangs_does_not_hold_up_later_launches() {
    let spawner = spawner();
    let first = spawner_pid(&spawner).await;
    let pid = Pid::from_raw(first.cast_signed()).unwrap();
    kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let waiting = tokio::spawn({
        let spawner = spawner.clone();
        async move { run(&spawner, &["out=late"]).await }
    });
    let second = tokio::time::timeout(PATIENCE, async {
        loop {
            let launch = spawner_pid(&spawner);
            match tokio::time::timeout(Duration::from_millis(100), launch).await {
                Ok(parent) => return parent,
                Err(_) => continue,
            }
        }
    });
    assert_ne!(second.await.unwrap(), first);
    kill_process(pid, rustix::process::Signal::CONT).unwrap();
    assert_eq!(waiting.await.unwrap().0, "late");
}

#[tokio::test]
async fn an_executable_that_is_no_spawner_fails_the_launch() {
    let spawner = Spawner::start(Path::new("/bin/false")).unwrap();
    let error = spawner
        .launch(child(&["exit=0"]), Stdin::Null)
        .await
        .unwrap_err();
    assert!(
        matches!(error, LaunchError::SpawnerDied { .. }),
        "{error:?}"
    );
    let error = Spawner::start(Path::new("/nowhere/spawner")).unwrap_err();
    assert!(
        error.to_string().ends_with("\"/nowhere/spawner\""),
        "{error}"
    );
}

#[tokio::test]
#[allow(clippy::disallowed_methods)] // A second studio, to be killed.
async fn killing_the_studio_leaves_no_script() {
    let mut host = Command::new(CHILD)
        .args(["host", "sleep"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(host.stdout.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    let script = number_after(&said, "script=");
    let parent = number_after(
        &fs::read_to_string(format!("/proc/{script}/status"))
            .unwrap()
            .replace('\t', ""),
        "PPid:",
    );
    let descendants = children_of(script);
    assert!(!descendants.is_empty());
    let begin = Instant::now();
    host.kill().unwrap();
    host.wait().unwrap();
    let mut pids = vec![script, parent];
    pids.extend(
        descendants
            .split_whitespace()
            .map(|pid| pid.parse::<u32>().unwrap()),
    );
    eventually("all gone", || !pids.iter().any(|&pid| alive(pid))).await;
    assert!(
        begin.elapsed() >= Duration::from_secs(1),
        "they survive TERM, so the grace had to pass"
    );
}

#[tokio::test]
#[allow(clippy::disallowed_methods)] // The spawner itself is what is tested.
async fn a_malformed_message_makes_the_spawner_leave() {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    for garbage in [
        &b"\xff\xff\xff\xff"[..],
        b"\x01\0\0\0\x63",
        b"\0\0\0\0",
        b"\x02\0\0\0\x02\x01",
    ] {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let theirs = std::os::fd::OwnedFd::from(theirs);
        let mut spawner = Command::new(CHILD)
            .arg("--resident-spawner")
            .stdin(theirs)
            .spawn()
            .unwrap();
        ours.write_all(garbage).unwrap();
        assert_eq!(ours.read(&mut [0; 8]).unwrap_or(0), 0);
        assert!(spawner.wait().unwrap().success());
    }
}

#[tokio::test]
#[allow(clippy::disallowed_methods)] // As a curious user would.
async fn the_spawner_started_by_hand_says_why_it_does_not_run() {
    let output = Command::new(CHILD)
        .arg("--resident-spawner")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("started by the studio")
    );
}
