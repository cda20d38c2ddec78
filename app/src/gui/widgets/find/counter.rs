//! Counts matches block by block, of a long text on a thread of its own.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

use cgi_engine::exchange::mapping;
use eframe::egui::Context;

use super::query::{BLOCK, Query, block_range};
use crate::gui::widgets::text_view::source::{Source, Text};

/// News that waits for a viewer that is not shown; then the thread waits, too.
const WAITING: usize = 256;
/// The window is woken no more often than this.
const WAKE: Duration = Duration::from_millis(50);

/// How many matches begin in each block, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Counts {
    blocks: Vec<usize>,
    of: usize,
    thread: Option<Receiver<usize>>,
}

impl Counts {
    /// Counts: at once what is short, by a thread what is long.
    pub(super) fn begin(ctx: &Context, query: &Query, source: Source<'_>) -> Self {
        let of = source.len().div_ceil(BLOCK);
        match source {
            Source::Text(text) if of > 1 => Self {
                blocks: Vec::new(),
                of,
                thread: count_in_thread(ctx, query.clone(), text.clone()),
            },
            _ => Self {
                blocks: (0..of).map(|block| query.count(source, block)).collect(),
                of,
                thread: None,
            },
        }
    }

    /// Takes what was counted meanwhile.
    pub(super) fn take_news(&mut self) {
        while let Some(thread) = &self.thread {
            match thread.try_recv() {
                Ok(count) => self.blocks.push(count),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => self.thread = None,
            }
        }
    }

    /// Whether all is counted.
    pub(super) fn is_complete(&self) -> bool {
        self.thread.is_none()
    }

    /// How much is counted, 0 to 1.
    pub(super) fn progress(&self) -> f64 {
        self.blocks.len() as f64 / self.of.max(1) as f64
    }

    /// All matches so far.
    pub(super) fn total(&self) -> usize {
        self.blocks.iter().sum()
    }

    /// Those in blocks before this one.
    pub(super) fn before(&self, block: usize) -> usize {
        self.blocks.iter().take(block).sum()
    }

    /// The first block from `from` on that has a match.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let later = self.blocks.iter().enumerate().skip(from);
        later
            .filter(|(_, count)| **count > 0)
            .map(|(at, _)| at)
            .next()
    }

    /// The last block before `before` that has a match.
    pub(super) fn previous(&self, before: usize) -> Option<usize> {
        let earlier = self.blocks.iter().enumerate().take(before);
        earlier
            .filter(|(_, count)| **count > 0)
            .map(|(at, _)| at)
            .next_back()
    }

    /// Whether this block is counted.
    pub(super) fn knows(&self, block: usize) -> bool {
        block < self.blocks.len()
    }
}

/// The thread ends with the text, or when nobody takes its news any more.
fn count_in_thread(ctx: &Context, query: Query, text: Text) -> Option<Receiver<usize>> {
    let (sender, counts) = sync_channel(WAITING);
    let ctx = ctx.clone();
    let work = move || {
        let source = Source::from(&text);
        for block in 0..source.len().div_ceil(BLOCK) {
            let count = query.count(source, block);
            for part in text.parts(block_range(source, block)) {
                mapping::release(part);
            }
            if sender.send(count).is_err() {
                return;
            }
            ctx.request_repaint_after(WAKE);
        }
        drop(sender);
        ctx.request_repaint();
    };
    std::thread::Builder::new()
        .name("find".to_owned())
        .spawn(work)
        .inspect_err(|error| tracing::error!("cannot start a thread to find a text: {error}"))
        .ok()?;
    Some(counts)
}
