//! How programs and their groups end, and what is told of it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cgi_engine::process::{Exit, Signal, Stdin, who_holds};

use crate::{
    PATIENCE, alive, child, children_of, eventually, kill, launch, line, number_after, run,
    spawner, spawner_pid, text,
};

/// A grace that no test can wait for by mistake without being noticed.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn each_way_to_end_is_told_apart() {
    let spawner = spawner();
    for (command, expected) in [
        ("exit=0", "exit 0"),
        ("exit=255", "exit 255"),
        ("die=9", "SIGKILL"),
        ("die=15", "SIGTERM"),
    ] {
        assert_eq!(run(&spawner, &[command]).await.1.exit.to_string(), expected);
    }
    let (mut process, _pipes) = launch(&spawner, &["crash"]).await;
    assert!(matches!(
        process.exited().await,
        Exit::Signal { number: 6, .. }
    ));
    // Asked again, and by reaping, the answer is the same.
    let exit = process.exited().await;
    assert_eq!(process.reap().await.exit, exit);
}

#[tokio::test]
async fn waiting_for_the_exit_can_be_given_up_and_taken_up_again() {
    let (mut process, _pipes) = launch(&spawner(), &["sleep"]).await;
    assert!(
        tokio::time::timeout(Duration::ZERO, process.exited())
            .await
            .is_err()
    );
    process.signal(Signal::INT);
    assert_eq!(process.exited().await.to_string(), "SIGINT");
}

#[tokio::test]
async fn a_program_reaped_at_its_exit_takes_its_background_child_along() {
    let spawner = spawner();
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let commands = ["background", &format!("when={}", gate.display()), "exit=7"];
    let (mut process, mut pipes) = launch(&spawner, &commands).await;
    let background = number_after(&line(&mut pipes.stdout).await, "background=");
    // Given up and taken up again.
    assert!(
        tokio::time::timeout(Duration::ZERO, process.finished())
            .await
            .is_err()
    );
    assert!(alive(process.pid()) && alive(background));
    fs::write(&gate, "").unwrap();
    let end = process.finished().await;
    assert_eq!((end.exit, end.measured), (Exit::Code(7), true));
    assert!(!Path::new(&format!("/proc/{background}")).exists());
    assert_eq!(process.exited().await, Exit::Code(7));
    assert_eq!(process.finished().await, end);
    process.signal(Signal::KILL);
    assert_eq!(process.reap().await, end);
}

#[tokio::test]
async fn a_program_that_is_waited_for_can_still_be_ended() {
    let (mut process, _pipes) = launch(&spawner(), &["sleep"]).await;
    assert!(
        tokio::time::timeout(Duration::ZERO, process.finished())
            .await
            .is_err()
    );
    tokio::time::timeout(PATIENCE, process.end_group(LONG))
        .await
        .unwrap();
    assert_eq!(process.reap().await.exit.to_string(), "SIGTERM");
}

#[tokio::test]
async fn an_adopted_orphan_that_ends_is_reaped() {
    let spawner = spawner();
    let (process, mut pipes) = launch(&spawner, &["daemon"]).await;
    let daemon = number_after(&line(&mut pipes.stdout).await, "background=");
    process.reap().await;
    kill(daemon);
    eventually("reaped", || !Path::new(&format!("/proc/{daemon}")).exists()).await;
}

#[tokio::test]
async fn a_willing_group_is_gone_long_before_the_grace() {
    let (mut process, _pipes) = launch(&spawner(), &["sleep"]).await;
    tokio::time::timeout(PATIENCE, process.end_group(LONG))
        .await
        .unwrap();
    assert_eq!(process.reap().await.exit.to_string(), "SIGTERM");
}

#[tokio::test]
async fn a_stopped_program_hears_that_it_must_end() {
    let (mut process, _pipes) = launch(&spawner(), &["stop", "sleep"]).await;
    let stat = format!("/proc/{}/stat", process.pid());
    eventually("stopped", || {
        fs::read_to_string(&stat).unwrap().contains(") T ")
    })
    .await;
    tokio::time::timeout(PATIENCE, process.end_group(LONG))
        .await
        .unwrap();
    assert_eq!(process.reap().await.exit.to_string(), "SIGTERM");
}

#[tokio::test]
async fn a_child_that_traps_term_is_killed_after_the_grace() {
    let (mut process, mut pipes) = launch(&spawner(), &["trap-term", "out=set%0A", "sleep"]).await;
    assert_eq!(line(&mut pipes.stdout).await, "set");
    let grace = Duration::from_millis(200);
    let begin = Instant::now();
    process.end_group(grace).await;
    assert!(begin.elapsed() >= grace);
    assert_eq!(process.reap().await.exit.to_string(), "SIGKILL");
}

#[tokio::test]
async fn the_grace_holds_for_the_children_too() {
    let commands = ["background-trap", "sleep"];
    let (mut process, mut pipes) = launch(&spawner(), &commands).await;
    let background = number_after(&line(&mut pipes.stdout).await, "background=");
    // The trap is set when the signal's bit is in the mask of caught ones.
    let status = format!("/proc/{background}/status");
    let caught = |line: &str| u64::from_str_radix(line.trim(), 16).unwrap() & 1 << 14 != 0;
    eventually("trap", || {
        let status = fs::read_to_string(&status).unwrap();
        status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .is_some_and(caught)
    })
    .await;
    let grace = Duration::from_millis(200);
    let begin = Instant::now();
    process.end_group(grace).await;
    assert!(
        begin.elapsed() >= grace,
        "the main process ended at once, its child did not"
    );
    assert_eq!(process.reap().await.exit.to_string(), "SIGTERM");
    assert!(!alive(background));
}

#[tokio::test]
async fn a_background_child_is_seen_in_the_group_and_at_the_pipe_and_is_gone_after_reap() {
    let (mut process, mut pipes) = launch(&spawner(), &["background"]).await;
    let background = number_after(&line(&mut pipes.stdout).await, "background=");
    assert_eq!(process.exited().await, Exit::Code(0));
    let members = process.group_members();
    assert_eq!(
        members.iter().map(|member| member.pid).collect::<Vec<_>>(),
        [background]
    );
    assert_eq!(members[0].command, "/proc/self/exe sleep");
    assert_eq!(who_holds(&pipes.stdout), members);
    assert_eq!(process.reap().await.exit, Exit::Code(0));
    assert!(!Path::new(&format!("/proc/{background}")).exists());
    assert_eq!(text(pipes.stdout).await, "");
}

#[tokio::test]
async fn a_process_that_left_the_group_is_named_at_the_pipe_and_ends_with_the_spawner() {
    let spawner = spawner();
    let (mut process, mut pipes) = launch(&spawner, &["daemon"]).await;
    let daemon = number_after(&line(&mut pipes.stdout).await, "background=");
    assert_eq!(process.exited().await, Exit::Code(0));
    assert_eq!(process.reap().await.exit, Exit::Code(0));
    assert_eq!(who_holds(&pipes.stdout)[0].pid, daemon);
    assert!(alive(daemon));
    drop(spawner);
    assert_eq!(text(pipes.stdout).await, "");
    eventually("daemon ended", || {
        !Path::new(&format!("/proc/{daemon}")).exists()
    })
    .await;
}

#[tokio::test]
async fn a_process_that_is_dropped_is_killed_and_reaped() {
    let spawner = spawner();
    let (process, _pipes) = launch(&spawner, &["trap-term", "sleep"]).await;
    let pid = process.pid();
    drop(process);
    eventually("reaped", || !Path::new(&format!("/proc/{pid}")).exists()).await;
}

#[tokio::test]
async fn a_launch_that_nobody_waits_for_leaves_no_process() {
    let spawner = spawner();
    let parent = spawner_pid(&spawner).await;
    for _ in 0..20 {
        let launch = spawner.launch(child(&["sleep"]), Stdin::Null);
        let _ = tokio::time::timeout(Duration::ZERO, launch).await;
    }
    // Orders are obeyed in turn: when this one has run, those before were launched.
    run(&spawner, &["exit=0"]).await;
    eventually("no children", || children_of(parent).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_launches_leave_no_zombie() {
    let spawner = spawner();
    let mut runs = tokio::task::JoinSet::new();
    for place in 0..200 {
        let spawner = spawner.clone();
        runs.spawn(async move {
            let commands = ["ids", &format!("out=run {place}"), &format!("exit={place}")];
            let (said, end) = run(&spawner, &commands).await;
            assert!(said.ends_with(&format!("\nrun {place}")), "{said}");
            assert_eq!(end.exit, Exit::Code(place));
            number_after(&said, "parent=")
        });
    }
    // A busy spawner is given a second one.
    let parents: HashSet<u32> = runs.join_all().await.into_iter().collect();
    for parent in parents {
        assert_eq!(children_of(parent), "");
        let descriptors = fs::read_dir(format!("/proc/{parent}/fd")).unwrap().count();
        assert_eq!(descriptors, 4, "the three streams and the control socket");
    }
}

#[tokio::test]
async fn the_end_tells_cpu_time_and_peak_memory() {
    let spawner = spawner();
    let (_, small) = run(&spawner, &["exit=0"]).await;
    let (_, large) = run(&spawner, &["allocate=64", "spin=50"]).await;
    assert!(small.measured && large.measured);
    assert!(
        large.user_time + large.system_time >= Duration::from_millis(50),
        "{large:?}"
    );
    assert!(large.peak_memory_bytes >= 64 << 20, "{large:?}");
    assert!(small.peak_memory_bytes < 32 << 20, "{small:?}");
    assert!(large.minor_faults > small.minor_faults);
}

#[tokio::test]
async fn a_small_program_under_a_large_studio_has_a_small_peak() {
    let spawner = spawner();
    let ours = vec![1_u8; 200 << 20];
    let (_, end) = run(&spawner, &["exit=0"]).await;
    assert!(end.peak_memory_bytes < 32 << 20, "{end:?}");
    assert_eq!(ours.len(), 200 << 20);
}

#[tokio::test]
async fn run_to_end_keeps_the_first_bytes_and_reads_on() {
    let program = child(&["stdout=200000", "err=v1.2", "exit=4"]);
    let finished = spawner().run_to_end(program, LONG, 10).await.unwrap();
    assert_eq!(
        (finished.stdout.as_slice(), finished.stderr.as_slice()),
        (&b"oooooooooo"[..], &b"v1.2"[..])
    );
    assert_eq!(
        (finished.timed_out, finished.end.exit),
        (false, Exit::Code(4))
    );
}

#[tokio::test]
async fn run_to_end_kills_at_the_limit() {
    let program = child(&["out=begun", "trap-term", "sleep"]);
    let spawner = spawner();
    let finished = spawner
        .run_to_end(program, Duration::from_millis(300), 100)
        .await
        .unwrap();
    assert_eq!(
        (finished.timed_out, finished.end.exit.to_string()),
        (true, "SIGKILL".into())
    );
}
