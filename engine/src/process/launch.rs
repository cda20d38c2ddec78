//! What to run, and the running program.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::child::KILLED;
use super::exit::{Exit, ProcessEnd, Signal};
use super::group::{Member, group_members};
use super::link::Running;
use super::pipes::Stdin;
use super::resources::{self, Resources};
use super::spawner::{Spawner, SpawnerError};

/// A program and all that it is given. Nothing else reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// An absolute path: nothing is searched.
    pub executable: PathBuf,
    /// All arguments, the zeroth (the program's name for itself) first.
    pub arguments: Vec<OsString>,
    /// The whole environment. Of two variables with one name the last counts.
    pub environment: Vec<(OsString, OsString)>,
    /// Where it starts.
    pub directory: PathBuf,
}

impl Program {
    /// An upper bound of the bytes of the order to launch it.
    pub(super) fn wire_bytes(&self) -> usize {
        let texts = self.arguments.iter().map(|argument| argument.len() + 8);
        let pairs = self
            .environment
            .iter()
            .map(|(name, value)| name.len() + value.len() + 16);
        let paths = self.executable.as_os_str().len() + self.directory.as_os_str().len();
        texts.chain(pairs).sum::<usize>() + paths + 64
    }

    /// The error for a number that exec or chdir returned.
    pub(super) fn refused(&self, errno: Errno) -> LaunchError {
        let executable = self.executable.clone();
        // The system does not tell which of the two paths it means.
        match std::fs::read_dir(&self.directory) {
            Err(source) if Errno::from_io_error(&source) == Some(errno) => LaunchError::Directory {
                executable,
                directory: self.directory.clone(),
                source,
            },
            _ => LaunchError::Refused {
                executable,
                source: errno.into(),
            },
        }
    }
}

/// A program was not started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The system refuses to execute it. Note that `ENOENT` may mean the interpreter that a `#!`
    /// line names, or the loader of a binary.
    #[error("cannot start program: {source}: {executable:?}")]
    Refused {
        /// The program's path.
        executable: PathBuf,
        /// The error of exec, or `EINVAL` for a relative path or a NUL in an argument or variable.
        source: io::Error,
    },
    /// The program cannot start in its directory.
    #[error("cannot start program in its directory: {source}: {directory:?}")]
    Directory {
        /// The program's path.
        executable: PathBuf,
        /// The directory.
        directory: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// We are out of descriptors.
    #[error("cannot make pipes for program: {source}: {executable:?}")]
    Pipes {
        /// The program's path.
        executable: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The spawner ended before it answered; the next launch starts a new one.
    #[error("cannot start program: the resident spawner died: {executable:?}")]
    SpawnerDied {
        /// The program's path.
        executable: PathBuf,
    },
    /// The spawner died earlier and cannot be started again.
    #[error(transparent)]
    NoSpawner(#[from] SpawnerError),
}

impl LaunchError {
    /// The system's number for the reason, where it gave one.
    pub fn errno(&self) -> Option<i32> {
        match self {
            LaunchError::Refused { source, .. }
            | LaunchError::Directory { source, .. }
            | LaunchError::Pipes { source, .. } => source.raw_os_error(),
            LaunchError::NoSpawner(error) => error.source.raw_os_error(),
            LaunchError::SpawnerDied { .. } => None,
        }
    }
}

/// A program that was started. Its process id, which is also its group's, belongs to it until
/// [`reap`](Process::reap).
///
/// Dropped without that, its group is killed and it is reaped in the background.
#[derive(Debug)]
pub struct Process {
    running: Running,
    exit: Option<Exit>,
    exit_report: oneshot::Receiver<Exit>,
    end_report: oneshot::Receiver<ProcessEnd>,
    end: Option<ProcessEnd>,
}

impl Process {
    pub(super) fn new(
        running: Running,
        exit_report: oneshot::Receiver<Exit>,
        end_report: oneshot::Receiver<ProcessEnd>,
    ) -> Process {
        Process {
            running,
            exit: None,
            exit_report,
            end_report,
            end: None,
        }
    }

    /// The id of the main process and of its group.
    pub fn pid(&self) -> u32 {
        self.running.pid
    }

    /// Limits what it, and all that it starts from now on, may use. One that has ended already needs no limit.
    ///
    /// # Errors
    /// EPERM where a limit is above the one that this program itself has.
    pub fn limit(&self, resources: &Resources) -> io::Result<()> {
        match resources::limit(self.pid(), resources) {
            Err(error) if error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => Ok(()),
            result => result,
        }
    }

    /// Waits until the main process has ended; its children may live on, and its id stays taken.
    /// Should the spawner die, this is SIGKILL, because that is what we do to the group then.
    ///
    /// Dropping the future loses nothing; asking again answers the same.
    pub async fn exited(&mut self) -> Exit {
        if let Some(exit) = self.exit {
            return exit;
        }
        let exit = (&mut self.exit_report).await.unwrap_or(KILLED);
        self.exit = Some(exit);
        exit
    }

    /// Sends a signal to every process of the group.
    pub fn signal(&self, signal: Signal) {
        self.running.signal(signal);
    }

    /// Asks the group to end (TERM), waits until nobody in it lives, for `grace` at most, and kills
    /// the rest (KILL). The main process is still to be reaped.
    ///
    /// Dropping the future leaves the group asked but not killed.
    pub async fn end_group(&mut self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.signal(Signal::TERM);
        // A stopped process hears TERM only when it goes on.
        self.signal(Signal::CONT);
        if timeout_at(deadline, self.exited()).await.is_ok() {
            let mut pause = Duration::from_millis(2);
            while !self.members().await.is_empty() && Instant::now() < deadline {
                sleep(pause.min(deadline.duration_since(Instant::now()))).await;
                pause = (pause * 2).min(Duration::from_millis(50));
            }
        }
        self.signal(Signal::KILL);
    }

    /// Kills what is left of the group, waits until it is gone, and takes the main process's end.
    /// To let the program end by itself, wait for [`exited`](Process::exited) first.
    ///
    /// Dropping the future changes nothing but that nobody is told.
    pub async fn reap(mut self) -> ProcessEnd {
        self.running.order_reap();
        self.end().await
    }

    /// Waits until the main process has ended by itself, and reaps it then and there: what is left
    /// of its group is killed. Cheaper than [`exited`](Process::exited) and [`reap`](Process::reap)
    /// in turn, which leave the time between the two.
    ///
    /// Dropping the future loses nothing; asking again, or reaping, answers the same. From the first
    /// call on the process id may belong to somebody else at any moment, so that
    /// [`group_members`](Process::group_members) proves nothing any more; signals stay safe.
    pub async fn finished(&mut self) -> ProcessEnd {
        self.running.order_reap_after_exit();
        self.end().await
    }

    async fn end(&mut self) -> ProcessEnd {
        if let Some(end) = self.end {
            return end;
        }
        let end = match (&mut self.end_report).await {
            Ok(end) => end,
            Err(_) => ProcessEnd::unmeasured(self.exited().await),
        };
        self.end = Some(end);
        end
    }

    /// The living processes of the group, the main one among them. Reads all of `/proc`, which
    /// takes milliseconds.
    pub fn group_members(&self) -> Vec<Member> {
        group_members(self.pid())
    }

    async fn members(&self) -> Vec<Member> {
        let group = self.pid();
        spawn_blocking(move || group_members(group))
            .await
            .unwrap_or_default()
    }
}

/// What [`Spawner::run_to_end`] saw of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The first bytes of its standard output, up to the cap.
    pub stdout: Vec<u8>,
    /// The first bytes of its standard error, up to the cap.
    pub stderr: Vec<u8>,
    /// Whether the limit came before the end of the program or of its output.
    pub timed_out: bool,
    /// How it ended.
    pub end: ProcessEnd,
}

impl Spawner {
    /// Runs a program without input until it has ended and closed both outputs, or for `limit`;
    /// then it is killed. Keeps `cap_bytes` of each output and reads on past them.
    ///
    /// Dropping the future kills the program.
    ///
    /// # Errors
    /// The program was not started.
    pub async fn run_to_end(
        &self,
        program: Program,
        limit: Duration,
        cap_bytes: usize,
    ) -> Result<Finished, LaunchError> {
        let (mut process, mut pipes) = self.launch(program, Stdin::Null).await?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let all = async {
            tokio::join!(
                read_capped(&mut pipes.stdout, &mut stdout, cap_bytes),
                read_capped(&mut pipes.stderr, &mut stderr, cap_bytes),
                process.exited(),
            )
        };
        let timed_out = timeout(limit, all).await.is_err();
        let end = process.reap().await;
        Ok(Finished {
            stdout,
            stderr,
            timed_out,
            end,
        })
    }
}

/// Reads to the end and keeps the first bytes. An error is an end as well: a pipe has no others.
async fn read_capped(pipe: &mut (impl AsyncRead + Unpin), kept: &mut Vec<u8>, cap_bytes: usize) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        let room = count.min(cap_bytes - kept.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
}
