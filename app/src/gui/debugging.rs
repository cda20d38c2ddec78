//! The window's side of runs under a debugger.

use std::sync::Arc;
use std::time::Duration;

use cgi_engine::debugger::{DebugEvent, DebugSession};
use cgi_engine::exchange::{Debugger, ExchangeId};

use super::Studio;
use super::command::{Command, DebugCommand};
use super::link::News;
use super::model::debugging::{Debugging, Phase};
use super::widgets::mark::Mark;

/// How long a worker waits for an event before it looks whether the run is over.
const LOOK: Duration = Duration::from_millis(200);

/// What workers tell of a run under a debugger.
#[derive(Debug)]
pub(super) enum DebugNews {
    /// The script's process told something.
    Event(DebugEvent),
    /// The run is over.
    Over(Result<Option<ExchangeId>, String>),
}

impl Studio {
    /// Carries out a command of the debugger.
    pub(super) fn run_debug(&mut self, command: DebugCommand) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match command {
            DebugCommand::Begin(debugger) => self.begin_debugging(debugger),
            DebugCommand::Type(text) => {
                if let Some(debugging) = &mut site.debugging {
                    debugging.input = text;
                }
            }
            DebugCommand::Say(words) => {
                if let Some(debugging) = &mut site.debugging {
                    debugging.input.clear();
                    debugging.say(&words);
                }
            }
            DebugCommand::Quit => {
                let run = site.debugging.as_ref().and_then(|debugging| debugging.run);
                if let Some(id) = run {
                    self.commands.push(Command::Stop(id));
                }
            }
            DebugCommand::Close => {
                let run = site.debugging.take().and_then(|debugging| debugging.run);
                if let Some(id) = run {
                    self.commands.push(Command::Select(id));
                }
            }
        }
    }

    fn begin_debugging(&mut self, debugger: Debugger) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let is_over = |debugging: &Debugging| matches!(debugging.phase, Phase::Over(_));
        if site.debugging.as_ref().is_some_and(|one| !is_over(one)) {
            return;
        }
        let Some(id) = site.selected() else {
            return;
        };
        match DebugSession::open(debugger) {
            Err(error) => {
                let words = format!("The debugger's console cannot be opened: {error}");
                self.notices.say(Mark::Failed, words);
            }
            Ok(session) => {
                let session = Arc::new(session);
                site.debugging = Some(Debugging::new(id, Arc::clone(&session)));
                self.link.debug(id, session);
            }
        }
    }

    /// Takes what a worker tells.
    pub(super) fn take_debug(&mut self, news: DebugNews) {
        let Some(debugging) = self
            .model
            .site
            .as_mut()
            .and_then(|site| site.debugging.as_mut())
        else {
            return;
        };
        match news {
            DebugNews::Event(event) => {
                if debugging.take(event)
                    && let Some(id) = debugging.run
                {
                    self.commands.push(Command::Stop(id));
                }
            }
            DebugNews::Over(outcome) => debugging.end(outcome),
        }
    }
}

impl super::link::Link {
    /// Sends a recorded request again under a debugger; what its console says comes as news.
    fn debug(&mut self, id: ExchangeId, session: Arc<DebugSession>) {
        let over = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (tell, events, done) = (self.teller(), Arc::clone(&session), Arc::clone(&over));
        self.worker("debug-events", move || {
            use std::sync::atomic::Ordering;
            loop {
                let is_over = done.load(Ordering::Acquire);
                let goes_on = match events.next_event(LOOK) {
                    Some(event) => tell(News::Debug(DebugNews::Event(event))),
                    None => !is_over,
                };
                if !goes_on {
                    return;
                }
            }
        });
        self.ask_engine("debug", move |engine| {
            let outcome = engine.replay_under(id, &session);
            over.store(true, std::sync::atomic::Ordering::Release);
            News::Debug(DebugNews::Over(outcome.map_err(|error| error.to_string())))
        });
    }
}
