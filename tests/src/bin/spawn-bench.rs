//! What the hop through the resident spawner costs: start a trivial static program, read both its
//! outputs to the end and reap it, by eight workers, three ways in turn.
//!
//! `spawn-bench [SECONDS]` prints runs per second and CPU time a run (ours, the spawner's and the
//! program's together, which other load on the machine hardly touches), and the ratio to starting
//! programs directly. Meant for a release build; needs `cc`.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cgi_engine::process::{Program, Spawner, Stdin, serve_if_spawner};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::runtime::Runtime;

const WORKERS: usize = 8;
/// The three ways take turns, so that load that comes and goes falls on all of them.
const ROUNDS: usize = 5;
const HELLO: &str = r#"#include <stdio.h>
int main(void) { fputs("Content-Type: text/plain\r\n\r\nHello, world\n", stdout); return 0; }
"#;

fn main() -> io::Result<()> {
    serve_if_spawner();
    let spawner = Spawner::start_self().map_err(io::Error::other)?;
    let seconds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(10.0);
    let slice = Duration::from_secs_f64(seconds / (3 * ROUNDS) as f64);
    let folder = tempfile::tempdir()?;
    let hello = compile(folder.path())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut sums = [Sum::default(); 3];
    for _ in 0..ROUNDS {
        sums[0].add(slice, || by_threads(&hello, slice))?;
        sums[1].add(slice, || by_tasks(&runtime, &hello, slice))?;
        sums[2].add(slice, || by_spawner(&runtime, &spawner, &hello, slice))?;
    }
    let names = [
        "direct, threads",
        "direct, tokio tasks",
        "spawner, tokio tasks",
    ];
    for (name, sum) in names.iter().zip(&sums) {
        println!(
            "{name:22} {:8.0} runs/s {:8.1} µs CPU a run",
            sum.rate(),
            sum.cpu_micros()
        );
    }
    for (name, sum) in names.iter().zip(&sums).take(2) {
        let (rate, cpu) = (
            sums[2].rate() / sum.rate(),
            sums[2].cpu_micros() / sum.cpu_micros(),
        );
        println!("spawner against {name}: {rate:.3} of the runs/s, {cpu:.3} of the CPU a run");
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Sum {
    runs: u64,
    wall: Duration,
    cpu: Duration,
}

impl Sum {
    fn add(&mut self, slice: Duration, work: impl FnOnce() -> io::Result<u64>) -> io::Result<()> {
        let before = cpu_of_all()?;
        self.runs += work()?;
        self.cpu += cpu_of_all()? - before;
        self.wall += slice;
        Ok(())
    }

    fn rate(&self) -> f64 {
        self.runs as f64 / self.wall.as_secs_f64()
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.runs as f64
    }
}

/// CPU time of ours, of the spawners, and of the programs that either has reaped.
fn cpu_of_all() -> io::Result<Duration> {
    let mut sum = cpu_of("self")?;
    // Each spawner is listed as a child of the thread that started it.
    for task in fs::read_dir("/proc/self/task")? {
        let children = fs::read_to_string(task?.path().join("children"))?;
        for child in children.split_ascii_whitespace() {
            sum += cpu_of(child)?;
        }
    }
    Ok(sum)
}

/// CPU time of a process and of the children it reaped; proc(5), fields 14 to 17, in ticks.
fn cpu_of(pid: &str) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let times = after_name.split(' ').skip(11).take(4);
    let ticks: u64 = times.filter_map(|field| field.parse::<u64>().ok()).sum();
    // Linux shows 100 ticks a second, whatever it counts in.
    Ok(Duration::from_millis(ticks * 10))
}

#[allow(clippy::disallowed_methods)] // The compiler, and what the spawner is compared with.
fn compile(folder: &Path) -> io::Result<PathBuf> {
    let (source, program) = (folder.join("hello.c"), folder.join("hello"));
    fs::write(&source, HELLO)?;
    let status = Command::new("cc")
        .args(["-O2", "-static", "-o"])
        .arg(&program)
        .arg(&source)
        .status()?;
    if status.success() {
        Ok(program)
    } else {
        Err(io::Error::other("cc failed"))
    }
}

fn described(hello: &Path) -> Program {
    let environment = [
        ("PATH", "/usr/bin:/bin"),
        ("REQUEST_METHOD", "GET"),
        ("QUERY_STRING", ""),
    ];
    Program {
        executable: hello.to_owned(),
        arguments: vec![hello.into()],
        environment: environment
            .map(|(name, value)| (name.into(), OsString::from(value)))
            .into(),
        directory: "/".into(),
    }
}

fn command(hello: &Path) -> Command {
    let program = described(hello);
    let mut command = Command::new(program.executable);
    command
        .env_clear()
        .envs(program.environment)
        .stdin(Stdio::null());
    command
}

#[allow(clippy::disallowed_methods)] // What the spawner is compared with.
fn by_threads(hello: &Path, slice: Duration) -> io::Result<u64> {
    let end = Instant::now() + slice;
    let worker = || -> io::Result<u64> {
        let mut runs = 0;
        while Instant::now() < end {
            let (mut stdout, mut stderr) = (std::io::pipe()?, std::io::pipe()?);
            let mut command = command(hello);
            let mut child = command.stdout(stdout.1).stderr(stderr.1).spawn()?;
            drop(command);
            let mut kept = Vec::new();
            stdout.0.read_to_end(&mut kept)?;
            stderr.0.read_to_end(&mut kept)?;
            child.wait()?;
            runs += 1;
        }
        Ok(runs)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or(Ok(0)))
            .sum()
    })
}

fn by_tasks(runtime: &Runtime, hello: &Path, slice: Duration) -> io::Result<u64> {
    let hello = hello.to_owned();
    in_tasks(runtime, slice, move || direct(hello.clone()))
}

#[allow(clippy::disallowed_methods)] // What the spawner is compared with.
async fn direct(hello: PathBuf) -> io::Result<()> {
    let (stdout, stderr) = (std::io::pipe()?, std::io::pipe()?);
    let mut command = command(&hello);
    let mut child = command.stdout(stdout.1).stderr(stderr.1).spawn()?;
    drop(command);
    let receiver = |end: io::PipeReader| pipe::Receiver::from_owned_fd(end.into());
    read_both(receiver(stdout.0)?, receiver(stderr.0)?).await?;
    // Its outputs have ended, so it has as good as ended: this blocks for no time.
    child.wait().map(drop)
}

fn by_spawner(
    runtime: &Runtime,
    spawner: &Spawner,
    hello: &Path,
    slice: Duration,
) -> io::Result<u64> {
    let (spawner, hello) = (spawner.clone(), hello.to_owned());
    in_tasks(runtime, slice, move || {
        spawned(spawner.clone(), hello.clone())
    })
}

async fn spawned(spawner: Spawner, hello: PathBuf) -> io::Result<()> {
    let launched = spawner.launch(described(&hello), Stdin::Null).await;
    let (mut process, pipes) = launched.map_err(io::Error::other)?;
    read_both(pipes.stdout, pipes.stderr).await?;
    process.finished().await;
    Ok(())
}

async fn read_both(mut stdout: pipe::Receiver, mut stderr: pipe::Receiver) -> io::Result<()> {
    let (mut said, mut complained) = (Vec::with_capacity(4096), Vec::with_capacity(4096));
    let both = tokio::join!(
        stdout.read_to_end(&mut said),
        stderr.read_to_end(&mut complained)
    );
    both.0.and(both.1).map(drop)
}

/// How often all workers together do one run after the other within the time.
fn in_tasks<F>(
    runtime: &Runtime,
    slice: Duration,
    run: impl Fn() -> F + Clone + Send + 'static,
) -> io::Result<u64>
where
    F: Future<Output = io::Result<()>> + Send,
{
    let end = Instant::now() + slice;
    runtime.block_on(async {
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..WORKERS {
            let run = run.clone();
            workers.spawn(async move {
                let mut runs = 0;
                while Instant::now() < end {
                    run().await?;
                    runs += 1;
                }
                io::Result::Ok(runs)
            });
        }
        workers.join_all().await.into_iter().sum()
    })
}
