//! What a program gets when it is started, and why one is not.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use cgi_engine::process::{Exit, LaunchError, Pipes, Process, Program, Spawner, Stdin};
use rustix::io::Errno;
use tokio::io::AsyncWriteExt as _;

use crate::{CHILD, PATIENCE, child, launch, number_after, run, spawner, text};

#[tokio::test]
async fn a_program_gets_its_arguments_environment_and_directory_and_nothing_else() {
    let spawner = spawner();
    let directory = tempfile::tempdir().unwrap();
    let mut program = child(&["argv", "env", "cwd", "fds"]);
    program.environment = vec![
        ("NAME".into(), "a=b\n c".into()),
        ("EMPTY".into(), "".into()),
    ];
    program.directory = directory.path().canonicalize().unwrap();
    let expected_cwd = format!("cwd={}", program.directory.display());
    // A descriptor of ours that any exec would inherit.
    let leaky = File::open("/dev/null").unwrap();
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).unwrap();
    let (_process, pipes) = spawner.launch(program, Stdin::Null).await.unwrap();
    let said = text(pipes.stdout).await;
    let (fds, rest): (Vec<_>, Vec<_>) = said.lines().partition(|line| line.starts_with("fd-"));
    let expected = [
        "arg-0=child",
        "arg-1=argv",
        "arg-2=env",
        "arg-3=cwd",
        "arg-4=fds",
    ];
    assert_eq!(rest[..5], expected);
    let mut variables = rest[5..8].to_vec();
    variables.sort_unstable();
    assert_eq!(variables, [" c", "env-EMPTY=", "env-NAME=a=b"]);
    assert_eq!(rest[8..], [expected_cwd]);
    assert_eq!(fds.len(), 3, "{fds:?}");
}

#[tokio::test]
async fn a_descriptor_that_the_studio_was_started_with_does_not_reach_a_program() {
    let leaky = File::open("/etc/passwd").unwrap();
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).unwrap();
    // The spawner inherits the descriptor; its programs must not.
    let (said, _) = run(&spawner(), &["fds"]).await;
    assert!(!said.contains("/etc/passwd"), "{said}");
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[tokio::test]
async fn a_program_leads_a_group_of_its_own_in_the_session_of_the_spawner() {
    let spawner = spawner();
    let (said, _) = run(&spawner, &["ids"]).await;
    assert_eq!(number_after(&said, "pid="), number_after(&said, "group="));
    assert_eq!(
        number_after(&said, "session="),
        number_after(&said, "parent=")
    );
    assert_ne!(number_after(&said, "parent="), std::process::id());
}

#[tokio::test]
async fn a_program_ignores_and_blocks_no_signal() {
    let (said, _) = run(&spawner(), &["status=SigBlk", "status=SigIgn"]).await;
    let mask = |name| {
        let line = said
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    };
    // Rust's start-up ignores SIGPIPE again, the child's own doing; 32 and 33 belong to the C
    // library, which lets nobody touch them.
    let not_ours = 1 << 12 | 1 << 31 | 1 << 32;
    assert_eq!((mask("SigBlk:"), mask("SigIgn:") & !not_ours), (0, 0));
}

#[tokio::test]
async fn sigpipe_ends_a_shell_that_writes_to_nobody() {
    let mut program = child(&[]);
    program.executable = "/bin/sh".into();
    program.arguments = ["sh", "-c", "read line; while :; do echo more; done"]
        .map(OsString::from)
        .into();
    let (mut process, pipes) = spawner().launch(program, Stdin::Pipe).await.unwrap();
    drop(pipes.stdout);
    drop(pipes.stdin);
    assert_eq!(process.exited().await.to_string(), "SIGPIPE");
}

#[tokio::test]
async fn input_reaches_the_program_and_ends_when_it_is_dropped() {
    let (mut process, pipes) = spawner()
        .launch(child(&["echo"]), Stdin::Pipe)
        .await
        .unwrap();
    let mut stdin = pipes.stdin.unwrap();
    stdin.write_all(b"some input").await.unwrap();
    drop(stdin);
    assert_eq!(text(pipes.stdout).await, "some input");
    assert_eq!(process.exited().await, Exit::Code(0));
}

#[tokio::test]
async fn a_flood_on_stderr_does_not_block_stdout() {
    let (_process, pipes) = launch(&spawner(), &["stderr=3000000", "out=after", "exit=3"]).await;
    let (stdout, stderr) = tokio::join!(text(pipes.stdout), text(pipes.stderr));
    assert_eq!((stdout.as_str(), stderr.len()), ("after", 3_000_000));
}

#[tokio::test]
async fn an_environment_of_a_mebibyte_arrives() {
    let spawner = spawner();
    let mut program = child(&["env"]);
    let value = "x".repeat(100_000);
    program.environment = (0..10)
        .map(|place| (format!("BIG{place}").into(), value.as_str().into()))
        .collect();
    for _ in 0..3 {
        let (_process, pipes) = spawner.launch(program.clone(), Stdin::Null).await.unwrap();
        assert_eq!(
            text(pipes.stdout).await.len(),
            10 * (value.len() + "env-BIG0=\n".len())
        );
    }
    program
        .environment
        .push(("TOO_BIG".into(), "x".repeat(200_000).into()));
    check_refused(&spawner, program, Errno::TOOBIG).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_launches_at_once_do_not_lock_up_the_control_socket() {
    let spawner = spawner();
    let mut program = child(&["out=here"]);
    program.environment = (0..10)
        .map(|place| (format!("BIG{place}").into(), "x".repeat(100_000).into()))
        .collect();
    let mut runs = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (spawner, program) = (spawner.clone(), program.clone());
        runs.spawn(async move {
            let (process, pipes) = spawner.launch(program, Stdin::Null).await.unwrap();
            assert_eq!(text(pipes.stdout).await, "here");
            process.reap().await
        });
    }
    let all = async { while runs.join_next().await.transpose().unwrap().is_some() {} };
    tokio::time::timeout(PATIENCE, all).await.unwrap();
}

#[track_caller]
fn check_errno(result: Result<(Process, Pipes), LaunchError>, expected: Errno) {
    let error = result.unwrap_err();
    assert_eq!(error.errno(), Some(expected.raw_os_error()), "{error}");
}

async fn check_refused(spawner: &Spawner, program: Program, expected: Errno) {
    check_errno(spawner.launch(program, Stdin::Null).await, expected);
}

#[tokio::test]
async fn a_program_that_cannot_start_is_refused_with_the_systems_reason() {
    let spawner = spawner();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        Program {
            executable: path,
            ..child(&[])
        }
    };
    check_refused(
        &spawner,
        Program {
            executable: "/nowhere/a".into(),
            ..child(&[])
        },
        Errno::NOENT,
    )
    .await;
    check_refused(&spawner, file("not-x", "#!/bin/sh\n", 0o644), Errno::ACCESS).await;
    check_refused(
        &spawner,
        file("no-hash-bang", "echo hello\n", 0o755),
        Errno::NOEXEC,
    )
    .await;
    check_refused(
        &spawner,
        file("interpreter", "#!/nowhere/python\n", 0o755),
        Errno::NOENT,
    )
    .await;
    check_refused(
        &spawner,
        Program {
            executable: "cgi-child".into(),
            ..child(&[])
        },
        Errno::INVAL,
    )
    .await;
    let nul = vec![("A".into(), OsString::from("x\0y"))];
    check_refused(
        &spawner,
        Program {
            environment: nul,
            ..child(&[])
        },
        Errno::INVAL,
    )
    .await;
    let elsewhere = Program {
        directory: "/nowhere".into(),
        ..child(&[])
    };
    let error = spawner.launch(elsewhere, Stdin::Null).await.unwrap_err();
    assert!(matches!(error, LaunchError::Directory { .. }), "{error:?}");
    assert!(error.to_string().ends_with("\"/nowhere\""), "{error}");
    // After all that it still works.
    assert_eq!(run(&spawner, &["exit=0"]).await.1.exit, Exit::Code(0));
}

#[tokio::test]
async fn a_program_still_open_for_writing_is_tried_again_and_then_refused() {
    let spawner = spawner();
    let folder = tempfile::tempdir().unwrap();
    let executable = folder.path().join("copy");
    fs::copy(CHILD, &executable).unwrap();
    let writer = File::options().append(true).open(&executable).unwrap();
    let program = Program {
        executable,
        ..child(&["out=ran"])
    };
    check_refused(&spawner, program.clone(), Errno::TXTBSY).await;
    let soon = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        drop(writer);
    };
    let (launched, ()) = tokio::join!(spawner.launch(program, Stdin::Null), soon);
    assert_eq!(text(launched.unwrap().1.stdout).await, "ran");
}

#[test]
fn programs_can_be_launched_from_any_runtime() {
    let spawner = spawner();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (said, end) = runtime.block_on(run(&spawner, &["out=here"]));
        assert_eq!((said.as_str(), end.exit), ("here", Exit::Code(0)));
    }
}
