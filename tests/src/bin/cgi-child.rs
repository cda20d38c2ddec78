//! The obedient child: a program that does what its arguments say, for every test that needs a
//! script or a process.
//!
//! Commands are the arguments or, when there are none, the parts of `QUERY_STRING` between `&`.
//! They are obeyed in turn. Each is `word` or `word=value`; values are percent-decoded. Without any
//! command it answers `text` and `out=hello%0A`.
//!
//! | command | what it does |
//! |---|---|
//! | `text` | writes `Content-Type: text/plain` and the blank line |
//! | `out=TEXT`, `err=TEXT` | writes the bytes to stdout or stderr; `%00` and `%FF` are as good as any |
//! | `raw=TEXT`, `hex=00FF` | the same to stdout, for header blocks and for bytes in hexadecimal |
//! | `stdout=N`, `stderr=N` | writes N bytes: `o` or `e`, a line end after each 63 |
//! | `env`, `argv`, `cwd` | prints `env-NAME=value`, `arg-N=value`, `cwd=path` lines |
//! | `ids` | prints `pid=`, `group=`, `session=`, `parent=` lines |
//! | `fds` | prints `fd-N=target` for each open descriptor |
//! | `limits` | prints `open-files=N`, the soft limit |
//! | `status=Name` | prints the line of `/proc/self/status` that begins with `Name:` |
//! | `echo` | copies stdin to stdout until its end |
//! | `count` | reads stdin to its end and prints `stdin-bytes=N` |
//! | `read=N` | reads N bytes of stdin, or to its end, and prints `read-bytes=N` |
//! | `close-stdin`, `close-stdout`, `close-stderr` | closes that stream early |
//! | `trap-term` | survives SIGTERM from now on |
//! | `background`, `background-trap` | starts a child that holds stdout and stderr and sleeps for ever (surviving SIGTERM); prints `background=PID` |
//! | `background-quiet` | the same, but it holds no stream |
//! | `daemon` | the same as `background`, in a group of its own |
//! | `sleep` | sleeps for ever |
//! | `when=PATH` | waits until the file exists: with `out` between, a slow writer in the test's hand |
//! | `mark=PATH` | makes the file: the test knows how far we are |
//! | `allocate=N` | takes N MiB of memory and touches each page |
//! | `spin=N` | burns N milliseconds of CPU time |
//! | `stop` | stops itself (SIGSTOP) |
//! | `die=N` | ends itself by signal N |
//! | `crash` | aborts, as a failed assertion does |
//! | `exit=N` | ends with status N |
//! | `host` | starts a spawner and with it a `trap-term` script that has a `background-trap` child; prints `script=PID`; goes on |
//!
//! It ignores stdin unless told otherwise. A command it does not know ends it with status 64, an
//! output that nobody reads with status 74.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, exit};
use std::thread;
use std::time::Duration;

use cgi_engine::process::{Process, Program, Spawner, Stdin, serve_if_spawner};
use rustix::process as posix;
use tokio::runtime::Runtime;

fn main() {
    serve_if_spawner();
    let mut kept = Kept::default();
    for command in commands() {
        if let Err(error) = obey(&command, &mut kept) {
            let _ = writeln!(
                io::stderr(),
                "{error}: {:?}",
                command.escape_ascii().to_string()
            );
            exit(if error.kind() == io::ErrorKind::InvalidInput {
                64
            } else {
                74
            });
        }
    }
}

/// What must live until the end.
#[derive(Default)]
struct Kept {
    memory: Vec<Vec<u8>>,
    runtimes: Vec<Runtime>,
    hosted: Vec<(Spawner, Process)>,
}

fn commands() -> Vec<Vec<u8>> {
    let arguments: Vec<_> = std::env::args_os()
        .skip(1)
        .map(OsString::into_vec)
        .collect();
    if !arguments.is_empty() {
        return arguments;
    }
    let query = std::env::var_os("QUERY_STRING").unwrap_or_default();
    if query.is_empty() {
        return vec![b"text".to_vec(), b"out=hello%0A".to_vec()];
    }
    query
        .as_bytes()
        .split(|&byte| byte == b'&')
        .map(<[u8]>::to_vec)
        .collect()
}

fn obey(command: &[u8], kept: &mut Kept) -> io::Result<()> {
    let cut = command.iter().position(|&byte| byte == b'=');
    let (word, value) = match cut {
        Some(cut) => (&command[..cut], percent_decoded(&command[cut + 1..])),
        None => (command, Vec::new()),
    };
    let path = Path::new(OsStr::from_bytes(&value));
    match std::str::from_utf8(word).unwrap_or_default() {
        "text" => out(b"Content-Type: text/plain\n\n"),
        "out" | "raw" => out(&value),
        "hex" => out(&hexadecimal(&value)?),
        "err" => io::stderr().write_all(&value),
        "stdout" => flood(&mut io::stdout().lock(), b'o', number(&value)?),
        "stderr" => flood(&mut io::stderr().lock(), b'e', number(&value)?),
        "env" => std::env::vars_os().try_for_each(|(name, value)| {
            line(&[b"env-", name.as_bytes(), b"=", value.as_bytes()])
        }),
        "argv" => std::env::args_os()
            .enumerate()
            .try_for_each(|(place, argument)| {
                line(&[format!("arg-{place}=").as_bytes(), argument.as_bytes()])
            }),
        "cwd" => line(&[b"cwd=", std::env::current_dir()?.as_os_str().as_bytes()]),
        "ids" => ids(),
        "fds" => descriptors(),
        "limits" => {
            let limit = posix::getrlimit(posix::Resource::Nofile).current;
            line(&[format!("open-files={}", limit.unwrap_or(u64::MAX)).as_bytes()])
        }
        "status" => {
            let status = fs::read_to_string("/proc/self/status")?;
            let name = String::from_utf8_lossy(&value);
            let found = status
                .lines()
                .find(|line| line.starts_with(&format!("{name}:")));
            line(&[found.unwrap_or_default().as_bytes()])
        }
        "echo" => io::copy(&mut io::stdin().lock(), &mut io::stdout().lock())
            .and_then(|_| io::stdout().flush()),
        "count" => {
            let count = io::copy(&mut io::stdin().lock(), &mut io::sink())?;
            line(&[format!("stdin-bytes={count}").as_bytes()])
        }
        "read" => {
            let count = read_exactly(number(&value)?)?;
            line(&[format!("read-bytes={count}").as_bytes()])
        }
        "close-stdin" => Ok(rustix::stdio::dup2_stdin(File::open("/dev/null")?)?),
        "close-stdout" => Ok(rustix::stdio::dup2_stdout(File::create("/dev/null")?)?),
        "close-stderr" => Ok(rustix::stdio::dup2_stderr(File::create("/dev/null")?)?),
        "trap-term" => trap_term(kept),
        "background" => background(&["sleep"], |_| {}),
        "background-trap" => background(&["trap-term", "sleep"], |_| {}),
        "background-quiet" => background(&["sleep"], |command| {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }),
        "daemon" => background(&["sleep"], |command| {
            command.process_group(0);
        }),
        "sleep" => loop {
            thread::park();
        },
        "when" => {
            while !path.exists() {
                thread::sleep(Duration::from_millis(2));
            }
            Ok(())
        }
        "mark" => File::create(path).map(drop),
        "allocate" => {
            let mebibytes = usize::try_from(number(&value)?).map_err(io::Error::other)?;
            // Not zero, or the pages would never be touched.
            kept.memory.push(vec![1; mebibytes << 20]);
            Ok(())
        }
        "spin" => {
            spin(Duration::from_millis(number(&value)?));
            Ok(())
        }
        "stop" => Ok(posix::kill_process(posix::getpid(), posix::Signal::STOP)?),
        "die" => {
            let number = i32::try_from(number(&value)?).map_err(io::Error::other)?;
            let signal =
                posix::Signal::from_named_raw(number).ok_or(io::ErrorKind::InvalidInput)?;
            Ok(posix::kill_process(posix::getpid(), signal)?)
        }
        "crash" => std::process::abort(),
        "exit" => exit(i32::try_from(number(&value)?).map_err(io::Error::other)?),
        "host" => host(kept),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "unknown command",
        )),
    }
}

fn out(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn line(parts: &[&[u8]]) -> io::Result<()> {
    let mut line = parts.concat();
    line.push(b'\n');
    out(&line)
}

fn flood(stream: &mut dyn io::Write, byte: u8, length: u64) -> io::Result<()> {
    let mut row = [byte; 64];
    row[63] = b'\n';
    let block = row.repeat(1024);
    let mut left = length;
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        stream.write_all(&block[..count])?;
        left -= count as u64;
    }
    stream.flush()
}

fn ids() -> io::Result<()> {
    let raw = posix::Pid::as_raw;
    let (pid, parent) = (posix::getpid(), raw(posix::getppid()));
    let (group, session) = (posix::getpgid(None)?, posix::getsid(None)?);
    let (pid, group, session) = (raw(Some(pid)), raw(Some(group)), raw(Some(session)));
    line(&[format!("pid={pid}\ngroup={group}\nsession={session}\nparent={parent}").as_bytes()])
}

fn descriptors() -> io::Result<()> {
    let listed: Vec<PathBuf> = fs::read_dir("/proc/self/fd")?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    for path in listed {
        // The descriptor that read the folder is closed by now.
        let Ok(target) = fs::read_link(&path) else {
            continue;
        };
        let number = path.file_name().unwrap_or_default();
        line(&[
            b"fd-",
            number.as_bytes(),
            b"=",
            target.as_os_str().as_bytes(),
        ])?;
    }
    Ok(())
}

fn read_exactly(length: u64) -> io::Result<u64> {
    // Straight from the descriptor: a buffered reader would take more than asked for.
    let mut stdin = File::from(rustix::io::dup(rustix::stdio::stdin())?);
    let mut left = length;
    let mut chunk = [0; 4096];
    while left > 0 {
        let room = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match stdin.read(&mut chunk[..room])? {
            0 => break,
            count => left -= count as u64,
        }
    }
    Ok(length - left)
}

/// The runtime's handler stays in place as long as the process lives.
fn trap_term(kept: &mut Kept) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let entered = runtime.enter();
    let trapped = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    drop(entered);
    kept.runtimes.push(runtime);
    trapped.map(drop)
}

#[allow(clippy::disallowed_methods)] // A script that starts a program is what this plays.
fn background(commands: &[&str], change: impl Fn(&mut Command)) -> io::Result<()> {
    let mut command = Command::new("/proc/self/exe");
    command.args(commands).stdin(Stdio::null());
    change(&mut command);
    let child = command.spawn()?;
    line(&[format!("background={}", child.id()).as_bytes()])
}

fn spin(time: Duration) {
    let spent = || {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::new(
            now.tv_sec.unsigned_abs(),
            u32::try_from(now.tv_nsec).unwrap_or(0),
        )
    };
    let end = spent() + time;
    while spent() < end {
        std::hint::spin_loop();
    }
}

fn host(kept: &mut Kept) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let spawner = Spawner::start_self().map_err(io::Error::other)?;
    let program = Program {
        executable: std::env::current_exe()?,
        arguments: ["script", "trap-term", "background-trap", "sleep"]
            .map(OsString::from)
            .into(),
        environment: Vec::new(),
        directory: "/".into(),
    };
    let launched = runtime.block_on(spawner.launch(program, Stdin::Null));
    let (process, mut pipes) = launched.map_err(io::Error::other)?;
    // Its first line says that the trap is set and the child started.
    let mut said = [0; 64];
    runtime.block_on(tokio::io::AsyncReadExt::read(&mut pipes.stdout, &mut said))?;
    line(&[format!("script={}", process.pid()).as_bytes()])?;
    // An output that nobody reads must not be what ends it.
    std::mem::forget(pipes);
    kept.hosted.push((spawner, process));
    kept.runtimes.push(runtime);
    Ok(())
}

fn number(value: &[u8]) -> io::Result<u64> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    text.parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

fn hexadecimal(value: &[u8]) -> io::Result<Vec<u8>> {
    let digits: Vec<u8> = value.iter().filter_map(|&byte| hex_digit(byte)).collect();
    if digits.len() != value.len() || digits.len() % 2 == 1 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not hexadecimal",
        ));
    }
    Ok(digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let pair = after
            .first_chunk()
            .and_then(|&[high, low]| Some((hex_digit(high)?, hex_digit(low)?)));
        rest = after;
        if let (b'%', Some((high, low))) = (byte, pair) {
            decoded.push(high << 4 | low);
            rest = &after[2..];
        } else {
            decoded.push(byte);
        }
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
