//! Looks for the line ends of a long text on a thread of its own, while its first lines are shown.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

use cgi_engine::exchange::mapping;
use eframe::egui::Context;

use super::line_index::{LineIndex, Stretch, Walk};
use super::source::{Source, Text};

/// So much is looked at between two pieces of news, and kept in memory meanwhile.
const AT_ONCE: usize = 4 << 20;
/// News that waits for a viewer that is not shown; then the thread waits, too.
const WAITING: usize = 32;
/// The window is woken no more often than this.
const WAKE: Duration = Duration::from_millis(50);

/// A thread at work; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Indexer {
    found: Receiver<Stretch>,
}

impl Indexer {
    /// Goes on from where `walk` stands. None where the system gives no thread.
    pub(super) fn begin(ctx: &Context, text: Text, mut walk: Walk) -> Option<Self> {
        let (sender, found) = sync_channel(WAITING);
        let ctx = ctx.clone();
        let work = move || {
            let source = Source::from(&text);
            while !walk.is_over(source) {
                let from = walk.looked_at();
                let stretch = walk.advance(source, AT_ONCE);
                for part in text.parts(from..walk.looked_at()) {
                    mapping::release(part);
                }
                if sender.send(stretch).is_err() {
                    return;
                }
                ctx.request_repaint_after(WAKE);
            }
        };
        std::thread::Builder::new()
            .name("line-index".to_owned())
            .spawn(work)
            .inspect_err(|error| tracing::error!("cannot start a thread for line ends: {error}"))
            .ok()?;
        Some(Self { found })
    }

    /// Takes what was found into the index. Whether the thread is still at work.
    pub(super) fn take(&self, index: &mut LineIndex) -> bool {
        loop {
            match self.found.try_recv() {
                Ok(stretch) => index.take(stretch),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }
}
