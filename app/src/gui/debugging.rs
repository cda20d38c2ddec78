//! The window's side of runs under a debugger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use cgi_engine::debugger::{DebugEvent, DebugSession};
use cgi_engine::exchange::{Debugger, ExchangeId};

use super::Studio;
use super::command::{Command, DebugCommand};
use super::link::{Link, News};
use super::model::debugging::Debugging;

/// How long a worker waits for an event before it looks whether the run is over.
const LOOK: Duration = Duration::from_millis(200);

/// What workers tell of a run under a debugger.
#[derive(Debug)]
pub(super) enum DebugNews {
    /// The script's process can speak to us, and we to it.
    Opened(Arc<DebugSession>),
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
            DebugCommand::Show => site.show_debugger(),
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
        // There is one at a time.
        if site.debugging.as_ref().is_some_and(|one| !one.is_over()) {
            return site.show_debugger();
        }
        let Some(id) = site.selected() else {
            return;
        };
        site.uncover();
        let number = self.link.debug(id, debugger);
        site.debugging = Some(Debugging::new(number, id, debugger));
    }

    /// Takes what the workers of the run of this number tell.
    pub(super) fn take_debug(&mut self, number: u64, news: DebugNews) {
        let site = self.model.site.as_mut();
        let shown = site.and_then(|site| site.debugging.as_mut());
        let Some(debugging) = shown.filter(|shown| shown.number == number) else {
            if let DebugNews::Opened(session) = news {
                // Closed before it was open: the script goes on by itself.
                session.close();
            }
            return;
        };
        match news {
            DebugNews::Opened(session) => debugging.open(session),
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

impl Link {
    /// Sends a recorded request again under a debugger; what its console says comes as news with this number.
    fn debug(&mut self, of: ExchangeId, debugger: Debugger) -> u64 {
        let number = self.number();
        let over = Arc::new(AtomicBool::new(false));
        let (hand_over, opened) = sync_channel::<Arc<DebugSession>>(1);
        let (tell, is_over) = (self.teller(), Arc::clone(&over));
        self.worker("debug-events", move || {
            if let Ok(session) = opened.recv() {
                let tell = |event| tell(News::Debug(number, DebugNews::Event(event)));
                tell_events(&session, &is_over, tell);
            }
        });
        let tell = self.teller();
        self.ask_engine("debug", move |engine| {
            let opened = DebugSession::open(debugger).map(Arc::new);
            let outcome = opened
                .map_err(|error| format!("The debugger's console cannot be opened: {error}"))
                .and_then(|session| {
                    tell(News::Debug(number, DebugNews::Opened(Arc::clone(&session))));
                    // Without a thread for them nobody is told of events; the run goes on all the same.
                    let _ = hand_over.send(Arc::clone(&session));
                    let run = engine.replay_under(of, &session);
                    run.map_err(|error| error.to_string())
                });
            over.store(true, Ordering::Release);
            News::Debug(number, DebugNews::Over(outcome))
        });
        number
    }
}

/// Tells what comes, until the run is over and nothing comes any more, or nobody listens.
fn tell_events(session: &DebugSession, is_over: &AtomicBool, tell: impl Fn(DebugEvent) -> bool) {
    loop {
        // Looked at first: what comes before the end is told.
        let is_over = is_over.load(Ordering::Acquire);
        let goes_on = match session.next_event(LOOK) {
            Some(event) => tell(event),
            None => !is_over,
        };
        if !goes_on {
            return;
        }
    }
}
