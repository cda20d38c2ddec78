//! A page as a list of what a reader finds in it: headings, paragraphs, lists, links, forms, tables, pictures.
//!
//! Made from the tokens of the page and not from a tree, so that no depth of nesting can hurt; what scripts would
//! make of the page is not known here.

mod sink;

use std::time::{Duration, Instant};

use html5ever::tendril::{StrTendril, Tendril};
use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};

use sink::Sink;

/// More than this is not listed.
pub const MOST_ITEMS: usize = 20_000;
/// Pages that are made to be slow to read are left after this.
const LONGEST: Duration = Duration::from_secs(3);
/// So much is read between two looks at the clock, in bytes.
const STEP: usize = 16 * 1024;

/// One thing in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub part: Part,
    /// The line of the page that it ends in, from 1.
    pub line: u64,
    /// How many lists or forms it is in.
    pub depth: usize,
}

/// What stands in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name in the window's bar.
    Title(String),
    /// A heading of level 1 to 6.
    Heading(u8, String),
    /// Running text.
    Paragraph(String),
    /// An entry of a list.
    Entry(String),
    /// Text whose lines and spaces count.
    Preformatted(String),
    /// A way elsewhere.
    Link {
        /// What is clicked.
        text: String,
        /// Where it leads.
        target: String,
    },
    /// A picture.
    Image {
        /// What is said instead of it; none is not the same as empty.
        alt: Option<String>,
        /// Where it is.
        source: String,
    },
    /// The beginning of a form.
    Form {
        /// How it is sent.
        method: String,
        /// Where it is sent; empty: to the page itself.
        action: String,
    },
    /// Something to fill in or to press.
    Field(Field),
    /// A row of a table.
    Row {
        /// The texts of its cells.
        cells: Vec<String>,
        /// All of them are headings.
        is_heading: bool,
    },
    /// A line across.
    Rule,
    /// Another page within this one.
    Frame(String),
}

/// A control of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// `text`, `hidden`, `select`, `textarea`, `button` and so on.
    pub kind: String,
    /// The name that it is sent under; empty: it is not sent.
    pub name: String,
    /// What it holds at first.
    pub value: String,
    /// What stands on it, or what can be chosen.
    pub text: String,
    /// It is on, or cannot be changed: `checked`, `required`, `disabled`.
    pub flags: Vec<&'static str>,
}

/// The outline of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// What stands in it.
    pub items: Vec<Item>,
    /// How many scripts it has; they were not run.
    pub scripts: usize,
    /// Why the end is missing, if it is.
    pub cut: Option<&'static str>,
}

impl Outline {
    /// Reads a page.
    #[must_use]
    pub fn of(page: &str) -> Self {
        let begun = Instant::now();
        let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
        let queue = BufferQueue::default();
        let mut rest = page;
        let mut cut = None;
        while !rest.is_empty() {
            let (step, after) = rest.split_at(rest.floor_char_boundary(STEP.min(rest.len())));
            rest = after;
            let step: StrTendril = Tendril::from_slice(step);
            queue.push_back(step);
            let _ = tokenizer.feed(&queue);
            if tokenizer.sink.is_full() {
                cut = Some("It has more parts than are listed here");
                break;
            }
            if begun.elapsed() > LONGEST {
                cut = Some("It takes too long to read, so its end is left out");
                break;
            }
        }
        if cut.is_none() {
            tokenizer.end();
        }
        let (items, scripts) = tokenizer.sink.into_found();
        Self {
            items,
            scripts,
            cut,
        }
    }
}

#[cfg(test)]
mod tests;
