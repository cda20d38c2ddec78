//! The studio's end of a debugging console: lines of JSON come from the script's process, commands go there.

use super::{Debugger, Hook, HookFolder};
use crate::exchange::{ExchangeId, Local};
use serde::Deserialize;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A longer line is not one of ours.
const MOST_LINE: u64 = 4 << 20;
/// Messages that wait for a listener; a script that prints without end waits, too.
const MOST_WAITING: usize = 1024;

/// What a script under a debugger tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DebugEvent {
    /// The run has begun, under this number.
    Begun(ExchangeId),
    /// The debugger is in the script's process.
    Ready,
    /// The script stands, or another of its calls is looked at.
    Stopped(Box<Stop>),
    /// Words of the debugger's console.
    Text(String),
    /// debugpy listens on this port of this computer, and the script waits for a client.
    Port(u16),
    /// A client is there, and the script goes on.
    Attached,
    /// The debugger could not begin, for this reason; the script goes on without.
    Failed(String),
    /// Somebody asked the console to end the script.
    QuitAsked,
    /// The script's process closed the console.
    Closed,
}

/// Where a script stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stop {
    /// The calls, the outermost first.
    pub stack: Vec<Frame>,
    /// The one that is looked at.
    pub current: usize,
    /// Its variables; none where they could not be had.
    pub locals: Option<Vec<Local>>,
    /// The exception that nobody caught, when that is why it stands.
    pub exception: Option<String>,
}

/// A call.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function, `<module>` outside of any.
    pub function: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    ready: Option<String>,
    stopped: Option<Box<Stop>>,
    text: Option<String>,
    port: Option<u16>,
    attached: Option<bool>,
    failed: Option<String>,
    quit: Option<bool>,
}

impl Message {
    fn event(self) -> Option<DebugEvent> {
        let ready = self.ready.map(|_| DebugEvent::Ready);
        ready
            .or(self.stopped.map(DebugEvent::Stopped))
            .or(self.text.map(DebugEvent::Text))
            .or(self.port.map(DebugEvent::Port))
            .or(self.attached.map(|_| DebugEvent::Attached))
            .or(self.failed.map(DebugEvent::Failed))
            .or(self.quit.map(|_| DebugEvent::QuitAsked))
    }
}

/// A console for one run. Dropping it closes the console: the script goes on by itself.
#[derive(Debug)]
pub struct DebugSession {
    folder: Arc<HookFolder>,
    debugger: Debugger,
    socket: PathBuf,
    shared: Arc<Shared>,
    sender: SyncSender<DebugEvent>,
    events: Mutex<Receiver<DebugEvent>>,
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    /// Where commands go, once the script's process is there.
    stream: Mutex<Option<UnixStream>>,
}

impl DebugSession {
    /// Waits for a script's process from now on.
    ///
    /// # Errors
    /// The temporary folder or the socket in it cannot be made.
    pub fn open(debugger: Debugger) -> io::Result<Self> {
        let folder = HookFolder::new()?;
        let socket = folder.path().join("console");
        let listener = UnixListener::bind(&socket)?;
        let (sender, events) = sync_channel(MOST_WAITING);
        let shared = Arc::new(Shared::default());
        std::thread::Builder::new()
            .name("debug-console".to_owned())
            .spawn({
                let (shared, sender) = (Arc::clone(&shared), sender.clone());
                move || serve(&listener, &shared, &sender)
            })?;
        Ok(Self {
            folder,
            debugger,
            socket,
            shared,
            sender,
            events: Mutex::new(events),
        })
    }

    /// Which debugger it is for.
    #[must_use]
    pub fn debugger(&self) -> Debugger {
        self.debugger
    }

    /// The next event; none when nothing came in that time. One listener at a time.
    #[must_use]
    pub fn next_event(&self, wait: Duration) -> Option<DebugEvent> {
        locked(&self.events).recv_timeout(wait).ok()
    }

    /// Sends a command, as typed at the console: `n`, `p name`. False when nobody is there to take it.
    pub fn command(&self, command: &str) -> bool {
        // One command is one line: what follows a line end would be taken for the next.
        let line = command.replace(['\r', '\n'], " ");
        locked(&self.shared.stream)
            .as_mut()
            .is_some_and(|stream| stream.write_all(format!("{line}\n").as_bytes()).is_ok())
    }

    /// What a run is told so that it comes here.
    pub(crate) fn hook(&self) -> Hook {
        Hook {
            folder: Arc::clone(&self.folder),
            what: self.debugger,
            way: self.socket.clone(),
        }
    }

    /// Somebody who tells the number of the run.
    pub(crate) fn beginning(&self) -> impl FnOnce(ExchangeId) + Send + 'static {
        let sender = self.sender.clone();
        move |id| {
            let _ = sender.try_send(DebugEvent::Begun(id));
        }
    }
}

impl Drop for DebugSession {
    fn drop(&mut self) {
        self.close();
        // The thread waits for somebody; it leaves when it is us.
        let _ = UnixStream::connect(&self.socket);
    }
}

impl DebugSession {
    /// Closes the console: the script goes on by itself.
    pub fn close(&self) {
        self.shared.over.store(true, Ordering::Release);
        if let Some(stream) = locked(&self.shared.stream).take() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// Takes one process after another: a local redirect may bring a second script.
fn serve(listener: &UnixListener, shared: &Shared, sender: &SyncSender<DebugEvent>) {
    while let Ok((stream, _)) = listener.accept() {
        if shared.over.load(Ordering::Acquire) {
            return;
        }
        let Ok(commands) = stream.try_clone() else {
            continue;
        };
        *locked(&shared.stream) = Some(commands);
        if shared.over.load(Ordering::Acquire) {
            return;
        }
        let mut lines = BufReader::new(stream);
        while let Some(event) = next(&mut lines) {
            // Nobody listens any more when this fails.
            if sender.send(event).is_err() {
                return;
            }
        }
        *locked(&shared.stream) = None;
        if sender.send(DebugEvent::Closed).is_err() {
            return;
        }
    }
}

/// The next message that can be understood; none at the end, or when a line is too long to be one.
fn next(lines: &mut BufReader<UnixStream>) -> Option<DebugEvent> {
    loop {
        let mut line = Vec::new();
        let count = lines
            .by_ref()
            .take(MOST_LINE)
            .read_until(b'\n', &mut line)
            .ok()?;
        if count == 0 || line.last() != Some(&b'\n') {
            return None;
        }
        let message: Option<Message> = serde_json::from_slice(&line).ok();
        if let Some(event) = message.and_then(Message::event) {
            return Some(event);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn messages_come_as_events_and_nonsense_is_passed_over() {
        let session = DebugSession::open(Debugger::Pdb).unwrap();
        assert!(!session.command("n"), "nobody is there");
        let mut script = UnixStream::connect(&session.socket).unwrap();
        script
            .write_all(b"{\"ready\": \"pdb\"}\nnonsense\n\xff\n{}\n{\"text\": \"> a\"}\n{\"port\": 99999}\n{\"stopped\": {\"stack\": [{\"file\": \"/a\", \"line\": 2, \"function\": \"f\"}], \"current\": 0, \"locals\": [[\"n\", \"int\", \"1\"]]}}\n")
            .unwrap();
        assert_eq!(session.next_event(SOON), Some(DebugEvent::Ready));
        assert_eq!(
            session.next_event(SOON),
            Some(DebugEvent::Text("> a".into()))
        );
        let Some(DebugEvent::Stopped(stop)) = session.next_event(SOON) else {
            panic!("it stops");
        };
        assert_eq!(
            (stop.stack[0].line, stop.locals.unwrap()[0].2.as_str()),
            (2, "1")
        );
        assert!(session.command("p 1\np 2"));
        let mut got = String::new();
        BufReader::new(script.try_clone().unwrap())
            .read_line(&mut got)
            .unwrap();
        assert_eq!(got, "p 1 p 2\n");
        drop(script);
        assert_eq!(session.next_event(SOON), Some(DebugEvent::Closed));
    }

    #[test]
    fn a_closed_console_is_the_end_of_the_line_for_the_script() {
        let session = DebugSession::open(Debugger::Pdb).unwrap();
        let mut script = UnixStream::connect(&session.socket).unwrap();
        script.write_all(b"{\"ready\": \"pdb\"}\n").unwrap();
        assert_eq!(session.next_event(SOON), Some(DebugEvent::Ready));
        drop(session);
        let mut rest = Vec::new();
        script.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty());
    }
}
