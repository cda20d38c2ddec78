//! Requests that the window sends: replays, drafts, repetitions.

use std::path::PathBuf;
use std::sync::Arc;

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::expect::Expectation;
use cgi_engine::{Engine, RepeatControl, RepeatPlan, expect, export};

use super::{Link, News, Report, end};
use crate::address;
use crate::gui::model::compose::draft::Draft;
use crate::gui::model::compose::{Previewed, Work};
use crate::gui::model::repeating::Repeated;
use crate::gui::searching::{gone, kept};
use crate::gui::{drafts, saved};

impl Link {
    /// Sends a request to the scripts as they were in another run.
    pub(in crate::gui) fn run_version(&mut self, request: ExchangeId, source: ExchangeId) {
        self.ask_engine("run-version", move |engine| {
            let outcome = engine.replay_with_source_of(request, source);
            News::VersionRun(outcome.map_err(|error| error.to_string()))
        });
    }

    /// Sends a recorded request again, to the scripts as they were in it.
    pub(in crate::gui) fn replay_with_source(&mut self, id: ExchangeId) {
        self.ask_engine("replay-source", move |engine| {
            let outcome = engine.replay_with_source(id);
            News::Replayed(outcome.map_err(|error| error.to_string()))
        });
    }

    /// Sends a recorded request again; what became of it comes as news when the answer is there.
    pub(in crate::gui) fn replay(&mut self, id: ExchangeId, profile: Option<HostProfile>) {
        self.ask_engine("replay", move |engine| {
            let outcome = engine.replay_as(id, profile);
            News::Replayed(outcome.map_err(|error| error.to_string()))
        });
    }

    /// Looks what would become of a draft, and keeps the draft in `file`.
    pub(in crate::gui) fn preview(
        &mut self,
        folder: PathBuf,
        number: u64,
        work: Work,
        file: Option<PathBuf>,
    ) {
        self.ask_engine("preview", move |engine| {
            let found = work.draft.to_bytes(&drafts::read_file);
            let found = found.map_err(|error| error.to_string()).map(|sent| {
                let preview = engine.preview(&sent);
                Previewed { sent, preview }
            });
            if let Some(Err(error)) = file.map(|file| drafts::save(&file, &work)) {
                tracing::warn!("the draft cannot be kept: {error}");
            }
            News::Previewed {
                folder,
                number,
                found: Box::new(found),
            }
        });
    }

    /// Sends a draft; its number comes back with the news of it.
    pub(in crate::gui) fn submit(&mut self, draft: Draft) -> Option<u64> {
        let engine = self.engine.clone()?;
        let number = self.number();
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.holder("send", move || {
            let begun = {
                let (reporter, ctx) = (reporter.clone(), ctx.clone());
                // The engine does not wait for the window: without this news the request cannot be stopped from
                // the composer, and still can from its row.
                move |id| {
                    let _ = reporter.try_send(Report::Other(News::SendBegun(number, id)));
                    ctx.request_repaint();
                }
            };
            let request = draft.to_bytes(&drafts::read_file);
            let outcome = request
                .map_err(|error| error.to_string())
                .map(|request| engine.submit_telling(request, draft.pace.manner(), begun).0);
            end(engine);
            let news = News::Sent(number, outcome);
            if reporter.send(Report::Other(news)).is_ok() {
                ctx.request_repaint();
            }
        });
        Some(number)
    }

    /// Holds the run of a draft to what is expected of it.
    pub(in crate::gui) fn judge(&mut self, id: ExchangeId, expectations: Vec<Expectation>) {
        self.ask_engine("judge", move |engine| {
            News::Judgement(saved::judge(engine, id, &expectations))
        });
    }

    /// Tells what a run was like, as expectations.
    pub(in crate::gui) fn happened(&mut self, id: ExchangeId) {
        self.ask_engine("what-happened", move |engine| {
            let exchange = engine.wait_for_end(id);
            News::Happened(
                exchange
                    .map(|exchange| expect::happened(&exchange))
                    .ok_or_else(|| gone(id)),
            )
        });
    }

    /// Sends a request many times; the summary comes as news with the number that is given back.
    pub(in crate::gui) fn repeat(
        &mut self,
        what: Repeated,
        plan: RepeatPlan,
        control: Arc<RepeatControl>,
    ) -> u64 {
        let number = self.number();
        self.ask_engine("repeat", move |engine| {
            let (request, origin) = match what {
                Repeated::Draft(draft) => {
                    let request = draft.to_bytes(&drafts::read_file);
                    (request.map_err(|error| error.to_string()), None)
                }
                Repeated::Run(id) => (recorded(engine, id), Some(id)),
            };
            let summary =
                request.map(|request| Box::new(engine.repeat(&request, origin, plan, &control)));
            News::Repeated(number, summary)
        });
        number
    }

    /// Sends a GET to the site, as a client without a socket; its record comes as an event.
    pub(in crate::gui) fn send(&mut self, path: String) {
        let Some(engine) = self.engine.clone() else {
            return;
        };
        let host = engine
            .address()
            .map_or_else(|| "localhost".to_owned(), address::host);
        self.holder("first-request", move || {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: CGI-Studio\r\nConnection: close\r\n\r\n");
            let _ = engine.submit(request.into_bytes());
            end(engine);
        });
    }

    /// Looks for the draft of a site that was kept.
    pub(in crate::gui) fn find_draft(&self, folder: PathBuf) {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.worker("kept-draft", move || {
            let work = drafts::file_of(&folder).and_then(|file| drafts::load(&file));
            let Some(work) = work else {
                return;
            };
            let news = News::KeptDraft(folder, Box::new(work));
            if reporter.send(Report::Other(news)).is_ok() {
                ctx.request_repaint();
            }
        });
    }
}

/// The bytes of a recorded request.
fn recorded(engine: &Engine, id: ExchangeId) -> Result<Vec<u8>, String> {
    let exchange = kept(engine, id)?;
    export::resend(&exchange).map_err(|reason| reason.to_string())
}
