//! What changed from one run to the next, in the order in which it is asked: what was edited, and what came of it.

use std::sync::Arc;
use std::time::Duration;

use cgi_engine::compare::{Comparison, Content, FieldChange, Likeness, Part, Section, TextLine};
use cgi_engine::diagnosis::pipeline::{self, StageView};
use cgi_engine::diagnosis::{self, Finding, Severity};
use cgi_engine::exchange::{Author, Exchange, ExchangeId, Moment};

pub use cgi_engine::compare::Side;

/// So many lines of a text are shown.
const MOST_LINES: usize = 6;
/// So many fields are.
const MOST_FIELDS: usize = 4;
/// Of a long line or value so many bytes.
const MOST_BYTES: usize = 200;
/// How a response is framed is the server's business, and follows from the page.
const FRAMING: [&str; 4] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "cgi-studio-added",
];
/// A run that takes so much longer is worth a colour, if it is twice as long.
const SLOWER: Duration = Duration::from_millis(50);

/// Two runs of one request, and what is other in the later one.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The run before; none where it is not kept any more.
    pub before: Option<ExchangeId>,
    /// The run.
    pub after: ExchangeId,
    /// The run itself.
    pub exchange: Arc<Exchange>,
    /// Its five boxes.
    pub strip: [StageView; 5],
    /// What is other, nothing where nothing is.
    pub lines: Vec<ChangeLine>,
}

/// One part that is other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeLine {
    /// Which part.
    pub part: &'static str,
    /// How, in a few words.
    pub words: String,
    /// Whether that is good.
    pub tone: Tone,
    /// The lines that are other, as far as they are shown.
    pub excerpt: Vec<Excerpt>,
}

/// Whether a change is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// It is another one.
    Other,
    /// It was worse before.
    Better,
    /// It was better before.
    Worse,
}

/// A line of a text that is other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// Whether it went or came.
    pub side: Side,
    /// Its number in its own text.
    pub line: Option<u32>,
    /// What stands there, for display.
    pub text: String,
}

impl Changed {
    /// What is other in `after`; `before` and `comparison` are of the run before, if that is kept.
    #[must_use]
    pub fn of(after: &Arc<Exchange>, earlier: Option<(&Exchange, &Comparison)>) -> Self {
        let findings = diagnosis::after_run(after);
        let lines = match earlier {
            Some((before, comparison)) => lines(before, after, &findings, comparison),
            None => verdict(None, &findings).into_iter().collect(),
        };
        Self {
            before: earlier.map(|(before, _)| before.id),
            after: after.id,
            exchange: Arc::clone(after),
            strip: pipeline::strip(after, &findings),
            lines,
        }
    }

    /// The script was saved while it ran.
    #[must_use]
    pub fn is_of_older_source(&self) -> bool {
        self.exchange.timeline.at(Moment::ScriptSaved).is_some()
    }
}

fn lines(
    before: &Exchange,
    after: &Exchange,
    findings: &[Finding],
    comparison: &Comparison,
) -> Vec<ChangeLine> {
    let section = |part| {
        let all = comparison.sections.iter();
        all.into_iter()
            .find(|section| section.part == part)
            .filter(|section| section.likeness == Likeness::Different)
    };
    let text = |part: Part, name, tone| section(part).map(|section| of_text(section, name, tone));
    let all = [
        text(Part::Source, "source", Tone::Other),
        verdict(Some(before), findings),
        status(before, after),
        section(Part::Response)
            .filter(|_| is_of_script(before) && is_of_script(after))
            .and_then(|section| fields(section, "headers")),
        text(Part::Stdout, "stdout", Tone::Other),
        section(Part::Stderr).map(|section| of_text(section, "stderr", of_errors(section, after))),
        section(Part::Request).and_then(|section| fields(section, "request")),
        section(Part::Environment).and_then(|section| fields(section, "environment")),
        text(Part::Stdin, "stdin", Tone::Other),
        time(before, after),
    ];
    all.into_iter().flatten().collect()
}

/// What is wrong, where that is not the same as before.
fn verdict(before: Option<&Exchange>, findings: &[Finding]) -> Option<ChangeLine> {
    let headline = |findings: &[Finding]| {
        let first = findings.iter().find(|one| one.severity != Severity::Note);
        first.map(|finding| (finding.code.to_string(), finding.title.clone()))
    };
    let old = before.and_then(|before| headline(&diagnosis::after_run(before)));
    let new = headline(findings);
    let (words, tone) = match (old, new) {
        (None, Some((code, title))) => (format!("{code}: {title}"), Tone::Worse),
        (Some((code, title)), None) => (format!("fixed {code}: {title}"), Tone::Better),
        (Some((old, _)), Some((code, title))) if old != code => {
            (format!("{old} → {code}: {title}"), Tone::Other)
        }
        _ => return None,
    };
    Some(plain("verdict", words, tone))
}

fn status(before: &Exchange, after: &Exchange) -> Option<ChangeLine> {
    let of = |exchange: &Exchange| exchange.response.as_ref().map(|response| response.status);
    let (old, new) = (of(before), of(after));
    if old == new {
        return None;
    }
    let word = |status: Option<u16>| status.map_or_else(|| "none".to_owned(), |it| it.to_string());
    let failed = |status: Option<u16>| status.is_none_or(|status| status >= 400);
    let tone = match (failed(old), failed(new)) {
        (false, true) => Tone::Worse,
        (true, false) => Tone::Better,
        _ => Tone::Other,
    };
    let words = format!("{} → {}", word(old), word(new));
    Some(plain("status", words, tone))
}

/// Named values that are other; the status has a line of its own.
fn fields(section: &Section, part: &'static str) -> Option<ChangeLine> {
    let Content::Fields(changes) = &section.content else {
        return None;
    };
    let steady: Vec<&FieldChange> = changes
        .iter()
        .filter(|change| {
            let is_framing = |name: &str| change.name.eq_ignore_ascii_case(name);
            let is_told = change.name == "status" || FRAMING.into_iter().any(is_framing);
            !change.volatile && !is_told
        })
        .collect();
    if steady.is_empty() {
        return None;
    }
    let words = match steady.len() {
        1 => "1 differs".to_owned(),
        count => format!("{count} differ"),
    };
    let excerpt = steady.iter().take(MOST_FIELDS).flat_map(|change| {
        let line = |side, value: &Option<Vec<u8>>| {
            let value = value.as_deref()?;
            let text = format!("{}: {}", change.name, shown(value));
            Some(Excerpt {
                side,
                line: None,
                text,
            })
        };
        let old = line(Side::Before, &change.before);
        old.into_iter().chain(line(Side::After, &change.after))
    });
    Some(ChangeLine {
        part,
        words,
        tone: Tone::Other,
        excerpt: excerpt.collect(),
    })
}

/// The studio's own page has fields of its own.
fn is_of_script(exchange: &Exchange) -> bool {
    let response = exchange.response.as_ref();
    response.is_some_and(|response| response.author == Author::Script)
}

fn of_text(section: &Section, part: &'static str, tone: Tone) -> ChangeLine {
    let excerpt = match &section.content {
        Content::Text(lines) => excerpt(lines),
        Content::Fields(_) => fields(section, part).map_or_else(Vec::new, |line| line.excerpt),
        Content::Nothing | Content::Bytes { .. } => Vec::new(),
    };
    ChangeLine {
        part,
        words: section.summary.clone(),
        tone,
        excerpt,
    }
}

fn excerpt(lines: &[TextLine]) -> Vec<Excerpt> {
    let changed = lines.iter().filter_map(|line| match line {
        TextLine::Line(line) if line.side != Side::Both => Some(Excerpt {
            side: line.side,
            line: line.after.or(line.before),
            text: shown(&line.bytes),
        }),
        _ => None,
    });
    changed.take(MOST_LINES).collect()
}

/// Whoever prints to standard error for the first time has most likely failed.
fn of_errors(section: &Section, after: &Exchange) -> Tone {
    let says_something = after.invocation().is_some_and(|run| !run.stderr.is_empty());
    let Content::Text(lines) = &section.content else {
        return Tone::Other;
    };
    let went = lines
        .iter()
        .any(|line| matches!(line, TextLine::Line(line) if line.side != Side::After));
    match (says_something, went) {
        (false, _) => Tone::Better,
        (true, false) => Tone::Worse,
        (true, true) => Tone::Other,
    }
}

fn time(before: &Exchange, after: &Exchange) -> Option<ChangeLine> {
    let of = |exchange: &Exchange| {
        let timeline = &exchange.timeline;
        let answered = timeline.at(Moment::ResponseEnded);
        answered.or_else(|| timeline.at(Moment::Finished))
    };
    let (old, new) = (of(before)?, of(after)?);
    let millis = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1000.0);
    let tone = if new > old * 2 && new - old > SLOWER {
        Tone::Worse
    } else if old > new * 2 && old - new > SLOWER {
        Tone::Better
    } else {
        Tone::Other
    };
    let words = format!("{} → {}", millis(old), millis(new));
    Some(plain("time", words, tone))
}

fn plain(part: &'static str, words: String, tone: Tone) -> ChangeLine {
    ChangeLine {
        part,
        words,
        tone,
        excerpt: Vec::new(),
    }
}

fn shown(bytes: &[u8]) -> String {
    let bytes = bytes.trim_ascii_end();
    let cut = bytes.len() > MOST_BYTES;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_BYTES)]);
    let mut text = text.replace('\t', "    ");
    text.extend(cut.then_some('…'));
    text
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use cgi_engine::process::Exit;

    use super::*;
    use crate::gui::model::testing::ran;

    const GOOD: &str = "Content-Type: text/plain\n\nHello\n";

    fn changed(before: &Exchange, after: Exchange) -> Changed {
        let after = Arc::new(after);
        let comparison = Comparison::of(before, &after, &AtomicBool::new(false)).unwrap();
        Changed::of(&after, Some((before, &comparison)))
    }

    fn told(changed: &Changed) -> Vec<(&str, &str, Tone)> {
        let lines = changed.lines.iter();
        let told = lines.map(|line| (line.part, line.words.as_str(), line.tone));
        told.collect()
    }

    #[test]
    fn output_is_told_line_by_line() {
        let before = ran(1, GOOD.as_bytes(), b"");
        let after = GOOD.replace("Hello", "Good evening\n<p>");
        let changed = changed(&before, ran(2, after.as_bytes(), b"careful\n"));
        let [stdout, stderr] = &changed.lines[..] else {
            panic!("{:?}", changed.lines);
        };
        assert_eq!(
            (stdout.part, stdout.words.as_str()),
            ("stdout", "+2 −1 lines")
        );
        let lines: Vec<(Side, &str)> = stdout
            .excerpt
            .iter()
            .map(|line| (line.side, line.text.as_str()))
            .collect();
        assert_eq!(
            lines,
            [
                (Side::Before, "Hello"),
                (Side::After, "Good evening"),
                (Side::After, "<p>")
            ]
        );
        assert_eq!((stderr.part, stderr.tone), ("stderr", Tone::Worse));
    }

    #[test]
    fn a_verdict_that_is_gone_is_good_and_a_new_one_is_not() {
        let good = || ran(1, GOOD.as_bytes(), b"");
        let trace = "Traceback (most recent call last):\n  File \"/srv/site/cgi-bin/hello.py\", line 3, in <module>\n    x\nNameError: name 'x' is not defined\n";
        let mut bad = ran(2, b"", trace.as_bytes());
        for run in &mut bad.invocations {
            run.exit = Some(Exit::Code(1));
        }
        if let Some(response) = &mut bad.response {
            response.status = 500;
        }
        let broke = changed(&good(), bad.clone());
        let words = told(&broke);
        assert!(words.iter().any(|(part, words, tone)| {
            *part == "verdict" && words.starts_with("CGI") && *tone == Tone::Worse
        }));
        assert!(words.contains(&("status", "200 → 500", Tone::Worse)));
        let mended = changed(&bad, good());
        let words = told(&mended);
        assert!(words.iter().any(|(part, words, tone)| {
            *part == "verdict" && words.starts_with("fixed CGI") && *tone == Tone::Better
        }));
        assert!(words.contains(&("status", "500 → 200", Tone::Better)));
    }

    #[test]
    fn what_is_the_same_is_not_told() {
        let before = ran(1, GOOD.as_bytes(), b"");
        let changed = changed(&before, ran(2, GOOD.as_bytes(), b""));
        assert_eq!(told(&changed), []);
    }

    #[test]
    fn a_run_without_one_before_it_shows_itself() {
        let after = Arc::new(ran(2, GOOD.as_bytes(), b""));
        let changed = Changed::of(&after, None);
        assert_eq!((changed.before, changed.lines.len()), (None, 0));
    }

    #[test]
    fn long_texts_are_cut() {
        let before = ran(1, GOOD.as_bytes(), b"");
        let many = format!("{GOOD}{}", "line\n".repeat(50) + &"x".repeat(9000));
        let changed = changed(&before, ran(2, many.as_bytes(), b""));
        let stdout = changed.lines.first().unwrap();
        assert_eq!(stdout.excerpt.len(), MOST_LINES);
        assert!(shown(&[b'x'; 9000]).len() < MOST_BYTES + 4);
    }
}
