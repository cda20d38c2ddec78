//! The three standard streams of a program, seen from our side.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::control::Streams;

/// What a program reads from its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing: the end of the stream at once.
    Null,
    /// What is written to [`Pipes::stdin`], until that is dropped.
    Pipe,
}

/// Our ends of a program's standard streams.
///
/// Read both outputs at the same time: a program that fills one while we wait for the other waits
/// for ever.
#[derive(Debug)]
pub struct Pipes {
    /// Drop it to let the program see the end of its input. None with [`Stdin::Null`].
    pub stdin: Option<Sender>,
    /// Ends when the program and all who inherited the stream have closed it.
    pub stdout: Receiver,
    /// Ends as `stdout` does.
    pub stderr: Receiver,
}

/// Gives a pipe that proves to be busy more room, so that reader and writer wake up less often.
/// Best asked for after the first full read: a short reply does not need it. The system may refuse;
/// the pipe then stays as it is.
pub fn widen(pipe: impl AsFd) {
    // More is no faster, and a user's pipes may have 64 MiB in all before the system gets mean.
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 256 << 10);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

impl Pipes {
    /// New pipes: our ends and the program's.
    pub(super) fn open(stdin: Stdin) -> io::Result<(Pipes, Streams)> {
        let (stdin, child_stdin) = match stdin {
            Stdin::Null => (None, OwnedFd::from(File::open("/dev/null")?)),
            Stdin::Pipe => {
                let (reader, writer) = close_on_exec_pipe()?;
                (
                    Some(Sender::from_owned_fd_unchecked(nonblocking(writer)?)?),
                    reader,
                )
            }
        };
        let (stdout, child_stdout) = output()?;
        let (stderr, child_stderr) = output()?;
        Ok((
            Pipes {
                stdin,
                stdout,
                stderr,
            },
            [child_stdin, child_stdout, child_stderr],
        ))
    }
}

fn output() -> io::Result<(Receiver, OwnedFd)> {
    let (reader, writer) = close_on_exec_pipe()?;
    Ok((
        Receiver::from_owned_fd_unchecked(nonblocking(reader)?)?,
        writer,
    ))
}

#[cfg(not(target_vendor = "apple"))]
fn close_on_exec_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC)?)
}

#[cfg(target_vendor = "apple")]
fn close_on_exec_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = std::io::pipe()?;
    Ok((reader.into(), writer.into()))
}

/// Each end of a pipe has its own flags: the program's ends stay blocking.
fn nonblocking(end: OwnedFd) -> io::Result<OwnedFd> {
    // A new pipe has no other status flag to keep.
    rustix::fs::fcntl_setfl(&end, OFlags::NONBLOCK)?;
    Ok(end)
}
