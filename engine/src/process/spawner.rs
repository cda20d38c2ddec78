//! The resident spawner seen from the studio: start it, have programs launched.

use std::ffi::OsStr;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Resource, getrlimit};
use tokio::time::{sleep, timeout};

use super::control::Streams;
use super::launch::{LaunchError, Process, Program};
use super::link::{Awaited, LaunchReply, Link};
use super::pipes::{Pipes, Stdin};
use super::resident;
use super::wire::{BODY_LIMIT_BYTES, begin_order, launch_order};

/// The one argument that makes this executable the resident spawner.
const ARGUMENT: &str = "--resident-spawner";

/// Starting a program holds its spawner up until the program's exec. With this many launches on
/// their way to each spawner, one more spawner is started, as far as there are processors for it.
const BUSY_LAUNCHES: usize = 2;
/// More spawners than this start no more programs: the kernel's own locks are the limit then.
const SPAWNERS_AT_MOST: usize = 4;

/// How long a spawner may say nothing at all while a launch waits. It can only be in the kernel
/// then, at a file on a disk that does not answer; new launches go to a second spawner.
const STALLED_AFTER: Duration = Duration::from_secs(3);

/// Waits before a script is tried again that somebody still has open for writing (`ETXTBSY`): an
/// editor that saves is done soon, and so is a fork that has our descriptors until its exec.
const BUSY_PAUSES: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(60),
];

/// Becomes the resident spawner, and exits, if this process was started to be one.
///
/// The first line of every `main` whose executable may be given to [`Spawner::start`].
pub fn serve_if_spawner() {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some(OsStr::new(ARGUMENT)) && arguments.next().is_none() {
        std::process::exit(resident::serve());
    }
}

/// The starter of programs. Clones are the same one; when the last of them and the last
/// [`Process`] are dropped, the spawner leaves and ends what is left of its programs.
#[derive(Clone, Debug)]
pub struct Spawner {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    executable: PathBuf,
    /// The soft limit of open files that we were started with.
    open_files: Option<u64>,
    /// One; more once it was busy; none when the last one died.
    links: Mutex<Vec<Arc<Link>>>,
    links_at_most: usize,
}

/// The resident spawner cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the resident spawner: {source}: {executable:?}")]
pub struct SpawnerError {
    /// What was to be started.
    pub executable: PathBuf,
    /// Why it was not.
    pub source: io::Error,
}

impl Spawner {
    /// Starts the spawner from `executable`, whose `main` begins with [`serve_if_spawner`].
    ///
    /// To be called early: programs get the limit of open files that holds now. It blocks for the
    /// short time that starting a process takes, and needs no runtime.
    ///
    /// # Errors
    /// The executable cannot be started, or we are out of descriptors or threads.
    pub fn start(executable: &Path) -> Result<Spawner, SpawnerError> {
        let failed = |source| SpawnerError {
            executable: executable.to_owned(),
            source,
        };
        // The spawner starts in "/", where a relative path means something else.
        let executable = std::path::absolute(executable).map_err(failed)?;
        let open_files = getrlimit(Resource::Nofile).current;
        let link = start_link(&executable, open_files)?;
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Spawner {
            shared: Arc::new(Shared {
                executable,
                open_files,
                links: Mutex::new(vec![link]),
                links_at_most: processors.min(SPAWNERS_AT_MOST),
            }),
        })
    }

    /// Starts the spawner from the running executable.
    ///
    /// # Errors
    /// As [`Spawner::start`], or the path of the executable is unknown.
    pub fn start_self() -> Result<Spawner, SpawnerError> {
        // This name stays right when the file is replaced or removed while we run.
        #[cfg(target_os = "linux")]
        let executable = Ok(PathBuf::from("/proc/self/exe"));
        #[cfg(not(target_os = "linux"))]
        let executable = std::env::current_exe();
        let unknown = |source| SpawnerError {
            executable: PathBuf::new(),
            source,
        };
        Spawner::start(&executable.map_err(unknown)?)
    }

    /// Starts a program, in a process group of its own.
    ///
    /// Needs a tokio runtime with I/O and time. Dropping the future is fine: a program that was
    /// started all the same is killed.
    ///
    /// # Errors
    /// The system's reasons, or the spawner died; see [`LaunchError`].
    pub async fn launch(
        &self,
        program: Program,
        stdin: Stdin,
    ) -> Result<(Process, Pipes), LaunchError> {
        let executable = program.executable.clone();
        if !executable.is_absolute() {
            return Err(LaunchError::Refused {
                executable,
                source: Errno::INVAL.into(),
            });
        }
        if program.wire_bytes() > BODY_LIMIT_BYTES {
            return Err(LaunchError::Refused {
                executable,
                source: Errno::TOOBIG.into(),
            });
        }
        let (pipes, streams) =
            Pipes::open(stdin).map_err(|source| LaunchError::Pipes { executable, source })?;
        let streams = Arc::new(streams);
        let mut pauses = BUSY_PAUSES.iter();
        loop {
            match (self.attempt(&program, &streams).await, pauses.next()) {
                (Err(error), Some(&pause))
                    if error.errno() == Some(Errno::TXTBSY.raw_os_error()) =>
                {
                    sleep(pause).await;
                }
                (result, _) => return result.map(|process| (process, pipes)),
            }
        }
    }

    async fn attempt(
        &self,
        program: &Program,
        streams: &Arc<Streams>,
    ) -> Result<Process, LaunchError> {
        let died = || LaunchError::SpawnerDied {
            executable: program.executable.clone(),
        };
        let refused = |errno: Errno| program.refused(errno);
        loop {
            let link = self.link()?;
            // All places taken and none given back in time is a stall as well.
            let Ok(place) = timeout(STALLED_AFTER, link.launches.acquire()).await else {
                link.mark_stalled();
                continue;
            };
            let _place = place;
            let Some(mut awaited) = link.expect_launch() else {
                continue;
            };
            let order = launch_order(awaited.id, program);
            if let Err(source) = link.send(order, Some(streams.clone())) {
                link.forget(awaited.id);
                return Err(LaunchError::Pipes {
                    executable: program.executable.clone(),
                    source,
                });
            }
            let running = reply(&link, &mut awaited)
                .await
                .ok_or_else(died)?
                .map_err(refused)?;
            return Ok(Process::new(running, awaited.exit, awaited.end));
        }
    }

    /// The link to the least busy spawner that works; to a new one if there is none, or if more
    /// of them can do more.
    fn link(&self) -> Result<Arc<Link>, LaunchError> {
        let shared = &*self.shared;
        let mut links = shared.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|link| link.usable());
        let best = links.iter().min_by_key(|link| link.launching()).cloned();
        if let Some(link) = &best
            && (link.launching() < BUSY_LAUNCHES || links.len() >= shared.links_at_most)
        {
            return Ok(link.clone());
        }
        match (start_link(&shared.executable, shared.open_files), best) {
            (Ok(link), _) => {
                links.push(link.clone());
                Ok(link)
            }
            (Err(_), Some(busy)) => Ok(busy),
            (Err(error), None) => Err(error.into()),
        }
    }
}

/// The answer to a launch: none when the spawner died. Marks the link when nothing moves.
async fn reply(link: &Link, awaited: &mut Awaited) -> Option<LaunchReply> {
    loop {
        let reports = link.reports();
        match timeout(STALLED_AFTER, &mut awaited.launched).await {
            Ok(reply) => return reply.ok(),
            Err(_) if link.reports() == reports => link.mark_stalled(),
            Err(_) => {}
        }
    }
}

#[allow(clippy::disallowed_methods)] // The home of starting programs.
fn start_link(executable: &Path, open_files: Option<u64>) -> Result<Arc<Link>, SpawnerError> {
    let failed = |source| SpawnerError {
        executable: executable.to_owned(),
        source,
    };
    let (ours, theirs) = control_sockets().map_err(failed)?;
    let mut command = Command::new(executable);
    command
        .arg(ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(theirs)
        .stdout(Stdio::null());
    let child = command.spawn().map_err(failed)?;
    // It holds the other end of the socket pair: the spawner sees the end only when it is gone.
    drop(command);
    let link = Link::new(ours, child).map_err(failed)?;
    link.send(begin_order(open_files.unwrap_or(u64::MAX)), None)
        .map_err(failed)?;
    Ok(link)
}

fn control_sockets() -> io::Result<(std::os::fd::OwnedFd, std::os::fd::OwnedFd)> {
    #[cfg(not(target_vendor = "apple"))]
    let flags = SocketFlags::CLOEXEC;
    #[cfg(target_vendor = "apple")]
    let flags = SocketFlags::empty();
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    #[cfg(target_vendor = "apple")]
    for end in [&ours, &theirs] {
        rustix::io::fcntl_setfd(end, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok((ours, theirs))
}
