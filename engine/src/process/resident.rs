//! The resident spawner: the small process that starts every program and outlives the studio by
//! two seconds at most.
//!
//! One thread, one `poll` loop, nothing but the standard library and system calls. It is small, so
//! that a program's peak memory is its own; it has no descriptors and no environment to leak; it
//! sees the end of the control socket when the studio dies, however it dies, and leaves no script.

use std::collections::HashMap;
use std::os::fd::{AsFd as _, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustix::process::{
    Pid, Resource, Signal, WaitId, WaitIdOptions, getrlimit, kill_process, setrlimit, setsid,
    waitid,
};

use super::child::{Child, process_id};
use super::control::{Inbox, send_all};
use super::group::own_children;
use super::launch::Program;
use super::system;
use super::wire::{Order, Report};

/// How long the groups may take to end by themselves after the studio has gone.
const LEAVE_GRACE: Duration = Duration::from_secs(2);
/// How long we insist on killing what is left after that. Only the kernel can hold a killed
/// process longer (a hung disk), and then nobody can end it.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);
/// How often adopted orphans are looked for, while there can be any.
const ORPHAN_INTERVAL: Duration = Duration::from_secs(1);
/// How often a thing is asked for that nothing announces.
const ASK_INTERVAL: Duration = Duration::from_millis(4);

/// The control socket broke its promise or its peer has gone: time to leave.
struct Leave;

/// The spawner's whole life. Returns the exit code.
pub(super) fn serve() -> i32 {
    system::close_inherited();
    let Some(control) = prepare() else {
        eprintln!("the resident spawner is started by the studio itself");
        return 2;
    };
    let mut resident = Resident::new(control);
    // A panic must not leave scripts behind.
    let served = catch_unwind(AssertUnwindSafe(|| while resident.turn().is_ok() {}));
    resident.leave();
    i32::from(served.is_err())
}

/// Takes the control socket from stdin and makes this process fit to be a parent.
fn prepare() -> Option<OwnedFd> {
    let control = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).ok()?;
    rustix::net::sockopt::socket_type(&control).ok()?;
    let null = std::fs::File::open("/dev/null").ok()?;
    rustix::stdio::dup2_stdin(null).ok()?;
    // A session of its own: Ctrl-C in the studio's terminal does not come here, and a script has
    // no terminal to ask for a password, as on a real server.
    let _ = setsid();
    system::reset_signals();
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        let _ = rustix::thread::set_name(c"cgi-spawner");
    }
    Some(control)
}

struct Resident {
    control: OwnedFd,
    inbox: Inbox,
    children: HashMap<u64, Child>,
    /// Since the last look without result a program has run that may have left orphans.
    orphans_possible: bool,
    next_orphan_look: Instant,
}

impl Resident {
    fn new(control: OwnedFd) -> Resident {
        Resident {
            control,
            inbox: Inbox::default(),
            children: HashMap::new(),
            orphans_possible: false,
            next_orphan_look: Instant::now(),
        }
    }

    /// Waits for something to happen and does what it asks for.
    fn turn(&mut self) -> Result<(), Leave> {
        let (control_ready, ended) = self.wait(self.patience())?;
        for id in ended {
            self.notice_exit(id)?;
        }
        if control_ready {
            self.take_orders()?;
        }
        self.finish_reaping()?;
        self.look_for_orphans();
        Ok(())
    }

    /// How long nothing needs to be done unless something happens.
    fn patience(&self) -> Option<Duration> {
        if self.children.values().any(Child::needs_asking) {
            return Some(ASK_INTERVAL);
        }
        self.orphans_possible.then(|| {
            self.next_orphan_look
                .saturating_duration_since(Instant::now())
        })
    }

    /// Whether the control socket is ready, and which programs may have ended.
    fn wait(&self, patience: Option<Duration>) -> Result<(bool, Vec<u64>), Leave> {
        let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let mut watched = vec![PollFd::new(&self.control, PollFlags::IN)];
        let mut ids = Vec::with_capacity(self.children.len());
        let mut ended = Vec::new();
        for (&id, child) in &self.children {
            match &child.pidfd {
                Some(pidfd) => {
                    watched.push(PollFd::new(pidfd, PollFlags::IN));
                    ids.push(id);
                }
                None if child.exit.is_none() => ended.push(id),
                None => {}
            }
        }
        match poll(&mut watched, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Err(Leave),
        }
        let mut ready = watched.iter().map(|entry| !entry.revents().is_empty());
        let control_ready = ready.next().unwrap_or(false);
        ended.extend(
            ids.into_iter()
                .zip(ready)
                .filter(|&(_, ready)| ready)
                .map(|(id, _)| id),
        );
        Ok((control_ready, ended))
    }

    fn notice_exit(&mut self, id: u64) -> Result<(), Leave> {
        let Some(child) = self.children.get_mut(&id) else {
            return Ok(());
        };
        let Some(exit) = child.notice_exit() else {
            return Ok(());
        };
        // Nobody waits for this moment: the end will tell the exit too.
        if child.reap_after_exit || child.reaping() {
            child.kill_group();
            return Ok(());
        }
        self.report(Report::Exited { id, exit })
    }

    fn take_orders(&mut self) -> Result<(), Leave> {
        let received = self.inbox.receive(self.control.as_fd(), RecvFlags::empty());
        if received.map_err(|_| Leave)? == 0 {
            return Err(Leave);
        }
        loop {
            let Some(body) = self.inbox.next_body().map_err(|_| Leave)? else {
                return Ok(());
            };
            let order = Order::decode(body).map_err(|_| Leave)?;
            self.obey(order)?;
        }
    }

    fn obey(&mut self, order: Order) -> Result<(), Leave> {
        match order {
            Order::Begin { open_files } => limit_open_files(open_files),
            Order::Launch { id, program } => return self.launch(id, program),
            // An order may cross the report that makes it pointless.
            Order::Signal { id, number } => {
                if let (Some(child), Some(signal)) =
                    (self.children.get(&id), Signal::from_named_raw(number))
                {
                    child.signal(signal);
                }
            }
            Order::Reap { id } => {
                if let Some(child) = self.children.get_mut(&id) {
                    child.kill_group();
                }
            }
            Order::ReapAfterExit { id } => {
                if let Some(child) = self.children.get_mut(&id) {
                    child.reap_after_exit = true;
                    if child.exit.is_some() {
                        child.kill_group();
                    }
                }
            }
        }
        Ok(())
    }

    fn launch(&mut self, id: u64, program: Program) -> Result<(), Leave> {
        if self.children.contains_key(&id) {
            return Err(Leave);
        }
        let started = match self.inbox.next_streams() {
            Some(streams) => Child::start(program, streams),
            None => Err(Errno::MFILE),
        };
        match started {
            Ok(child) => {
                let pid = child.pid.as_raw_nonzero().get();
                self.children.insert(id, child);
                self.orphans_possible = true;
                self.report(Report::Launched { id, pid })
            }
            Err(errno) => {
                let errno = errno.raw_os_error();
                self.report(Report::Refused { id, errno })
            }
        }
    }

    /// Goes on with the groups that were killed, and reports those that are gone.
    fn finish_reaping(&mut self) -> Result<(), Leave> {
        let step = |(&id, child): (&u64, &mut Child)| Some((id, child.reaped()?));
        let reaped: Vec<_> = self.children.iter_mut().filter_map(step).collect();
        for (id, end) in reaped {
            self.children.remove(&id);
            self.report(Report::Ended { id, end })?;
        }
        Ok(())
    }

    /// Reaps the processes that scripts left behind and that ended since.
    fn look_for_orphans(&mut self) {
        if !self.orphans_possible || Instant::now() < self.next_orphan_look {
            return;
        }
        self.next_orphan_look = Instant::now() + ORPHAN_INTERVAL;
        let orphans = self.reap_orphans();
        self.orphans_possible = !self.children.is_empty() || !orphans.is_empty();
    }

    /// The adopted processes that still live.
    fn reap_orphans(&self) -> Vec<Pid> {
        let mut adopted = own_children()
            .unwrap_or_default()
            .into_iter()
            .filter_map(process_id)
            .collect::<Vec<_>>();
        adopted.retain(|pid| !self.children.values().any(|child| child.pid == *pid));
        adopted.retain(|&pid| {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            matches!(waitid(WaitId::Pid(pid), options), Ok(None))
        });
        adopted
    }

    fn report(&self, report: Report) -> Result<(), Leave> {
        send_all(self.control.as_fd(), &report.encode(), None).map_err(|_| Leave)
    }

    /// Ends everything: asks first, then kills until nobody is left.
    fn leave(&mut self) {
        self.signal_all(Signal::TERM);
        self.signal_all(Signal::CONT);
        let deadline = Instant::now() + LEAVE_GRACE;
        while Instant::now() < deadline && self.anybody_lives() {
            std::thread::sleep(ASK_INTERVAL);
        }
        self.signal_all(Signal::KILL);
        let deadline = Instant::now() + LEAVE_LIMIT;
        while Instant::now() < deadline && self.kill_children() {
            std::thread::sleep(ASK_INTERVAL);
        }
    }

    fn signal_all(&self, signal: Signal) {
        for child in self.children.values() {
            child.signal(signal);
        }
    }

    /// The zombies of main processes stay: they hold the numbers of their groups.
    fn anybody_lives(&mut self) -> bool {
        self.children
            .values_mut()
            .any(|child| child.notice_exit().is_none())
            || !self.reap_orphans().is_empty()
    }

    /// Kills and reaps all our children. Their children become ours by that and are killed the
    /// next time: false when nobody is left.
    fn kill_children(&mut self) -> bool {
        self.children
            .retain(|_, child| !matches!(system::wait4(child.pid), Ok(Some(_)) | Err(_)));
        let orphans = self.reap_orphans();
        for &orphan in &orphans {
            let _ = kill_process(orphan, Signal::KILL);
        }
        !self.children.is_empty() || !orphans.is_empty()
    }
}

/// Programs get the limit that the studio was started with, also when it has raised its own since.
fn limit_open_files(soft: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit
        .maximum
        .map_or(Some(soft), |hard| Some(soft.min(hard)));
    let _ = setrlimit(Resource::Nofile, limit);
}
