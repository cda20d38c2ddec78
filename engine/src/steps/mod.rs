//! A recorded exchange told step by step: from the first byte that arrived to the page that the browser got.
//!
//! Every step is made from what was recorded, with the time at which it really happened. A chain that broke stops at
//! the step where it did; only what the browser got in the end still follows.

mod of_request;
mod of_run;

use std::ops::Range;
use std::time::Duration;

use crate::diagnosis::finding::{Evidence, EvidenceSource};
use crate::diagnosis::{Finding, Severity, StreamName};
use crate::exchange::{Author, End, Exchange, Invocation, Moment, sent_fields};

/// The stops on the way, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stop {
    /// Bytes arrive at the server.
    Arrival,
    /// The first line is read.
    RequestLine,
    /// The fields are read.
    Headers,
    /// The URL is taken apart and turned into something on disk.
    Selection,
    /// The script is looked at.
    Checks,
    /// The environment is built, one variable at a time.
    Environment,
    /// The process is started.
    Start,
    /// The body is written to standard input.
    Stdin,
    /// The first byte of output.
    FirstOutput,
    /// The header block is read.
    HeaderBlock,
    /// The empty line that ends it.
    EmptyLine,
    /// The body is passed on.
    Body,
    /// The process ends and is reaped.
    Exit,
    /// What the browser got.
    Page,
}

impl Stop {
    /// All stops in order.
    pub const ALL: [Self; 14] = [
        Self::Arrival,
        Self::RequestLine,
        Self::Headers,
        Self::Selection,
        Self::Checks,
        Self::Environment,
        Self::Start,
        Self::Stdin,
        Self::FirstOutput,
        Self::HeaderBlock,
        Self::EmptyLine,
        Self::Body,
        Self::Exit,
        Self::Page,
    ];

    /// A word or two for a line of stops.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Arrival => "bytes arrive",
            Self::RequestLine => "request line",
            Self::Headers => "headers",
            Self::Selection => "URL → script",
            Self::Checks => "checks",
            Self::Environment => "environment",
            Self::Start => "start",
            Self::Stdin => "stdin",
            Self::FirstOutput => "first output",
            Self::HeaderBlock => "header block",
            Self::EmptyLine => "empty line",
            Self::Body => "body",
            Self::Exit => "exit",
            Self::Page => "page",
        }
    }

    /// Who acts.
    #[must_use]
    pub fn actor(self) -> Actor {
        match self {
            Self::Arrival => Actor::Browser,
            Self::RequestLine | Self::Headers | Self::Selection | Self::Checks => Actor::Server,
            Self::Environment
            | Self::Start
            | Self::Stdin
            | Self::FirstOutput
            | Self::HeaderBlock
            | Self::EmptyLine
            | Self::Body
            | Self::Exit => Actor::Process,
            Self::Page => Actor::Page,
        }
    }
}

/// Who acts in a step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Actor {
    /// The client.
    Browser,
    /// The server.
    Server,
    /// The script's process.
    Process,
    /// The client again, with its answer.
    Page,
}

/// Something to look at beside a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exhibit {
    /// These parts of the request head.
    Head(Vec<Range<usize>>),
    /// The beginning of the request body.
    Body,
    /// This range of a stream of the script, in bytes.
    Stream(StreamName, Range<u64>),
    /// The head of the response as it was sent; these lines of it are not the script's.
    SentHead(Vec<Range<usize>>),
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Where on the way.
    pub stop: Stop,
    /// The step as a headline, without a full stop.
    pub title: String,
    /// What happens, in one to three sentences.
    pub words: String,
    /// Where that is laid down; empty where it is not.
    pub authority: String,
    /// A short line for the actor's box: a name and what it is, the latter may be empty.
    pub line: (String, String),
    /// When it happened, from the first byte of the request; none where no time was taken.
    pub at: Option<Duration>,
    /// What to look at.
    pub exhibit: Option<Exhibit>,
    /// The chain broke here: the finding that says why.
    pub broken: Option<Finding>,
}

impl Step {
    fn new(stop: Stop, title: impl Into<String>, words: impl Into<String>) -> Self {
        let title = title.into();
        Self {
            stop,
            line: (title.clone(), String::new()),
            title,
            words: words.into(),
            authority: String::new(),
            at: None,
            exhibit: None,
            broken: None,
        }
    }

    fn line(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.line = (name.into(), value.into());
        self
    }

    fn authority(mut self, authority: impl Into<String>) -> Self {
        self.authority = authority.into();
        self
    }

    fn at(mut self, at: Option<Duration>) -> Self {
        self.at = at;
        self
    }

    fn exhibit(mut self, exhibit: Exhibit) -> Self {
        self.exhibit = Some(exhibit);
        self
    }
}

/// The steps of an exchange, whose findings are given ([`crate::diagnosis::after_run`]). `run` picks one of several
/// runs after local redirects; none is the last.
#[must_use]
pub fn of(exchange: &Exchange, run: Option<usize>, findings: &[Finding]) -> Vec<Step> {
    let mut steps = of_request::steps(exchange);
    let run = run.map_or(exchange.invocations.last(), |index| {
        exchange.invocations.get(index)
    });
    let mut broken_at = of_request::broken_at(exchange);
    if let Some(run) = run {
        steps.extend(of_run::steps(exchange, run));
        broken_at = broken_at.or_else(|| of_run::broken_at(exchange, run));
    }
    if let Some(stop) = broken_at {
        break_at(&mut steps, stop, findings);
    }
    steps.extend(page(exchange));
    steps
}

/// The chain ends at this stop, with the headline finding; what comes after never happened.
fn break_at(steps: &mut Vec<Step>, stop: Stop, findings: &[Finding]) {
    // The empty line is all there is to that stop, and it never came.
    let came = |step: &Step| step.stop < stop || step.stop == stop && stop != Stop::EmptyLine;
    steps.retain(came);
    let headline = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    if let Some(finding) = headline {
        let mut step = Step::new(stop, finding.title.clone(), finding.explanation.clone())
            .authority(finding.authority.clone());
        step.at = steps.last().and_then(|last| last.at);
        step.exhibit = finding.evidence.as_ref().and_then(evidence_of);
        step.broken = Some(finding.clone());
        steps.push(step);
    }
}

/// The bytes that a finding shows; those of a file are in its own words.
fn evidence_of(evidence: &Evidence) -> Option<Exhibit> {
    let EvidenceSource::Stream(stream, range) = &evidence.source else {
        return None;
    };
    Some(match stream {
        StreamName::RequestHead => {
            let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
            let lit = place(range.start)..place(range.end);
            Exhibit::Head(std::iter::once(lit).collect())
        }
        stream => Exhibit::Stream(*stream, range.clone()),
    })
}

fn page(exchange: &Exchange) -> Option<Step> {
    let ended = exchange.timeline.at(Moment::ResponseEnded);
    let Some(response) = &exchange.response else {
        let End::Unanswered(cause) = exchange.end.as_ref()? else {
            return None;
        };
        let words = format!("There is no response: {cause}.");
        return Some(Step::new(Stop::Page, "Nothing comes back", words).at(ended));
    };
    let whose = match response.author {
        Author::Script => {
            "The page is the script's; the server has added the lines that are marked."
        }
        Author::NphScript => "Every byte is the script's own, for its name begins with nph-.",
        Author::File => "It is a file, sent as it is; no script was asked.",
        Author::Elsewhere => "Another server answered; this recording was imported.",
        Author::Studio => "The server wrote this page itself, as there was none to pass on.",
    };
    let how = match &exchange.end {
        Some(End::CutOff(cause)) => format!(" It was cut off: {cause}."),
        _ => String::new(),
    };
    let by_script = response.author == Author::Script;
    let run = exchange.invocation().filter(|_| by_script);
    let added = match response.author {
        Author::Script => added_by_server(&response.sent_head, run),
        _ => Vec::new(),
    };
    let title = format!("The browser gets {}", response.status);
    let bytes = format!("{} B of body", response.body_bytes);
    Some(
        Step::new(Stop::Page, title, format!("{whose}{how}"))
            .line(response.status.to_string(), bytes)
            .authority("RFC 3875 §6.2")
            .at(ended)
            .exhibit(Exhibit::SentHead(added)),
    )
}

/// The lines of a sent head whose fields the script had not written.
fn added_by_server(sent_head: &[u8], run: Option<&Invocation>) -> Vec<Range<usize>> {
    let written = |name: &str| {
        run.and_then(|run| run.header_block.as_ref())
            .is_some_and(|block| block.fields.iter().any(|field| field.is(name)))
    };
    sent_fields(sent_head)
        .filter(|field| !written(&String::from_utf8_lossy(field.name)))
        .map(|field| field.line)
        .collect()
}

#[cfg(test)]
mod tests;
