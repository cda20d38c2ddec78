//! A run under a debugger, as its console shows it.

use std::sync::Arc;

use cgi_engine::debugger::{DebugEvent, DebugSession, Stop};
use cgi_engine::exchange::{Debugger, ExchangeId};

/// Bytes of the console's text that are kept.
const MOST_TEXT: usize = 256 * 1024;
/// Commands that are remembered.
const MOST_SAID: usize = 200;

/// A run under a debugger. Dropping it closes the console: the script goes on by itself.
#[derive(Debug)]
pub struct Debugging {
    /// Tells its news from those of another.
    pub number: u64,
    /// The recorded request that is sent again.
    pub of: ExchangeId,
    /// Which debugger.
    pub debugger: Debugger,
    /// The run, once it has begun.
    pub run: Option<ExchangeId>,
    /// How far it is.
    pub phase: Phase,
    /// Where the script stands, or stood last.
    pub stop: Option<Stop>,
    /// What the console said, and what was said to it.
    pub text: String,
    /// What is being typed.
    pub input: String,
    /// Something else is looked at meanwhile.
    pub aside: bool,
    said: Vec<String>,
    /// None until a worker has opened it.
    session: Option<Arc<DebugSession>>,
}

/// How far a run under a debugger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The script's process has not spoken yet.
    Starting,
    /// The script stands and waits for a command.
    Standing,
    /// The script runs.
    Running,
    /// An editor may attach at this port.
    Waiting(u16),
    /// An editor is attached.
    Attached,
    /// It is over; why, where it is not by itself.
    Over(Option<String>),
}

impl Debugging {
    /// A console for a run that begins now.
    #[must_use]
    pub fn new(number: u64, of: ExchangeId, debugger: Debugger) -> Self {
        Self {
            number,
            of,
            debugger,
            run: None,
            phase: Phase::Starting,
            stop: None,
            text: String::new(),
            input: String::new(),
            aside: false,
            said: Vec::new(),
            session: None,
        }
    }

    /// Takes what commands are sent to.
    pub fn open(&mut self, session: Arc<DebugSession>) {
        self.session = Some(session);
    }

    /// Takes what the script's process told. True: the run is to be ended.
    pub fn take(&mut self, event: DebugEvent) -> bool {
        match event {
            DebugEvent::Begun(id) => self.run = Some(id),
            DebugEvent::Ready => self.phase = Phase::Running,
            DebugEvent::Stopped(stop) => {
                self.phase = Phase::Standing;
                self.stop = Some(*stop);
            }
            DebugEvent::Text(text) => self.add(&text),
            DebugEvent::Port(port) => self.phase = Phase::Waiting(port),
            DebugEvent::Attached => self.phase = Phase::Attached,
            DebugEvent::Failed(why) => {
                self.phase = Phase::Over(Some(format!(
                    "{} did not begin: {why}",
                    self.debugger.name()
                )));
            }
            DebugEvent::QuitAsked => return true,
            DebugEvent::Closed => {
                if !matches!(self.phase, Phase::Over(_)) {
                    self.phase = Phase::Running;
                }
            }
        }
        false
    }

    /// The run is over, with its record or with the reason why there was none.
    pub fn end(&mut self, outcome: Result<Option<ExchangeId>, String>) {
        let why = match outcome {
            Err(why) => Some(why),
            Ok(_) if self.phase == Phase::Starting => Some(
                "The debugger never began: the script is no Python, or its #! line keeps Python from reading PYTHONPATH (-I, -E, -S)".to_owned(),
            ),
            Ok(_) => None,
        };
        if !matches!(self.phase, Phase::Over(Some(_))) {
            self.phase = Phase::Over(why);
        }
    }

    /// Sends a command to the console, and remembers it.
    pub fn say(&mut self, command: &str) {
        let session = self.session.as_ref();
        if !session.is_some_and(|session| session.command(command)) {
            return;
        }
        self.add(&format!("{command}\n"));
        self.said.push(command.to_owned());
        if self.said.len() > MOST_SAID {
            self.said.remove(0);
        }
        self.phase = Phase::Running;
    }

    /// The command that was said last.
    #[must_use]
    pub fn said_last(&self) -> Option<&str> {
        self.said.last().map(String::as_str)
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        if self.text.len() > MOST_TEXT {
            let cut = self.text.len() - MOST_TEXT;
            let cut = self.text.ceil_char_boundary(cut);
            self.text.drain(..cut);
        }
    }

    /// Whether nothing more comes of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over(_))
    }

    /// How far it is, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match &self.phase {
            Phase::Starting => "Starting…".to_owned(),
            Phase::Standing => match self.stop.as_ref().and_then(|stop| stop.exception.as_ref()) {
                Some(exception) => format!("Stands where it failed: {exception}"),
                None => "Stands; no time limit".to_owned(),
            },
            Phase::Running => "Runs; no time limit".to_owned(),
            Phase::Waiting(port) => {
                format!("Waits for an editor at 127.0.0.1:{port}; no time limit")
            }
            Phase::Attached => "An editor is attached; no time limit".to_owned(),
            Phase::Over(None) => "Over".to_owned(),
            Phase::Over(Some(why)) => why.clone(),
        }
    }
}

impl Drop for Debugging {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            session.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Debugging {
        Debugging::new(1, ExchangeId(3), Debugger::Pdb)
    }

    #[test]
    fn a_script_that_never_speaks_is_told_when_it_is_over() {
        let mut debugging = begun();
        debugging.end(Ok(Some(ExchangeId(4))));
        assert!(debugging.in_words().contains("never began"));
    }

    #[test]
    fn a_debugger_that_is_not_installed_is_told_whatever_comes_after() {
        let mut debugging = begun();
        debugging.take(DebugEvent::Ready);
        debugging.take(DebugEvent::Failed(
            "ModuleNotFoundError: No module named 'debugpy'".into(),
        ));
        debugging.take(DebugEvent::Closed);
        debugging.end(Ok(None));
        assert!(debugging.in_words().contains("No module named 'debugpy'"));
    }

    #[test]
    fn the_console_keeps_the_end_of_its_text() {
        let mut debugging = begun();
        debugging.take(DebugEvent::Text("é".repeat(MOST_TEXT)));
        debugging.take(DebugEvent::Text("end".into()));
        assert!(debugging.text.len() <= MOST_TEXT && debugging.text.ends_with("end"));
        debugging.say("n");
        assert_eq!(debugging.said_last(), None, "nobody is there to take it");
    }
}
