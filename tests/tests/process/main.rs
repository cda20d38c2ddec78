//! Programs under the resident spawner: what they get, how they end, what is left of them.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod ending;
mod spawner;
mod starting;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cgi_engine::process::{Pipes, Process, ProcessEnd, Program, Spawner, Stdin};
use rustix::process::{Pid, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt as _};

const CHILD: &str = env!("CARGO_BIN_EXE_cgi-child");
const PATIENCE: Duration = Duration::from_secs(20);

fn spawner() -> Spawner {
    Spawner::start(Path::new(CHILD)).unwrap()
}

fn child(commands: &[&str]) -> Program {
    let arguments = std::iter::once("child").chain(commands.iter().copied());
    Program {
        executable: CHILD.into(),
        arguments: arguments.map(OsString::from).collect(),
        environment: Vec::new(),
        directory: "/".into(),
    }
}

async fn launch(spawner: &Spawner, commands: &[&str]) -> (Process, Pipes) {
    spawner.launch(child(commands), Stdin::Null).await.unwrap()
}

async fn text(mut pipe: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// One line, without its end.
async fn line(pipe: &mut (impl AsyncRead + Unpin)) -> String {
    let mut line = Vec::new();
    loop {
        match pipe.read_u8().await {
            Ok(b'\n') | Err(_) => return String::from_utf8(line).unwrap(),
            Ok(byte) => line.push(byte),
        }
    }
}

/// All it says, once it has ended by itself.
async fn run(spawner: &Spawner, commands: &[&str]) -> (String, ProcessEnd) {
    let (mut process, pipes) = launch(spawner, commands).await;
    let (stdout, _, _) = tokio::join!(text(pipes.stdout), text(pipes.stderr), process.exited());
    (stdout, process.reap().await)
}

fn alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

#[track_caller]
fn number_after(text: &str, name: &str) -> u32 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {text:?}"))
        .parse()
        .unwrap()
}

async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The spawner's own process: the parent of a program.
async fn spawner_pid(spawner: &Spawner) -> u32 {
    number_after(&run(spawner, &["ids"]).await.0, "parent=")
}

fn children_of(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap()
}

fn kill(pid: u32) {
    kill_process(
        Pid::from_raw(pid.cast_signed()).unwrap(),
        rustix::process::Signal::KILL,
    )
    .unwrap();
}
