//! One expectation held against a recorded run.

use super::observed::{self, Observed};
use super::value::quoted;
use super::{Comparison, Ending, Expectation, Found, Outcome, Place, Stream, Subject, Test};
use crate::diagnosis::units::human_duration;
use crate::diagnosis::{self, Finding, Severity};
use crate::exchange::{Exchange, sent_fields};
use std::time::Duration;

/// So many characters of a value are shown.
const SHOWN: usize = 80;

/// What was found, whether that is as expected, and where.
struct Verdict {
    met: bool,
    found: String,
    place: Place,
}

pub(super) fn judge(exchange: &Exchange, expectation: &Expectation) -> Outcome {
    let verdict = match &expectation.subject {
        Subject::Status { codes, is } => {
            let status = exchange.response.as_ref().map(|response| response.status);
            let within =
                status.is_some_and(|status| codes.iter().any(|code| code.contains(&status)));
            Verdict {
                met: status.is_some() && within == *is,
                found: status.map_or_else(|| "no response".to_owned(), |code| code.to_string()),
                place: Place::Status,
            }
        }
        Subject::Header { name, test } => header(exchange, name, test),
        Subject::Variable { name, test } => variable(exchange, name, test),
        Subject::Stream { stream, test } => stream_verdict(exchange, *stream, test),
        Subject::Exit { how, is } => exit(exchange, *how, *is),
        Subject::Time { comparison, limit } => time(exchange, *comparison, *limit),
        Subject::Finding(wanted) => findings(&diagnosis::after_run(exchange), *wanted),
    };
    Outcome {
        expected: expectation.text.clone(),
        met: verdict.met,
        found: verdict.found,
        place: verdict.place,
    }
}

fn header(exchange: &Exchange, name: &str, test: &Test) -> Verdict {
    let place = Place::Header(name.to_owned());
    let Some(response) = &exchange.response else {
        let found = "no response".to_owned();
        let met = false;
        return Verdict { met, found, place };
    };
    let values: Vec<&[u8]> = sent_fields(&response.sent_head)
        .filter(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
        .map(|field| field.value)
        .collect();
    let (met, found) = values_verdict(&values, test);
    Verdict { met, found, place }
}

fn variable(exchange: &Exchange, name: &str, test: &Test) -> Verdict {
    let place = Place::Variable(name.to_owned());
    let Some(run) = exchange.invocation() else {
        let found = "no script was run".to_owned();
        let met = false;
        return Verdict { met, found, place };
    };
    let values: Vec<&[u8]> = run
        .request
        .get(name)
        .map(|variable| variable.value.as_ref())
        .into_iter()
        .collect();
    let (met, found) = values_verdict(&values, test);
    Verdict { met, found, place }
}

/// Of several values one has to be so; where none may be so, all.
fn values_verdict(values: &[&[u8]], test: &Test) -> (bool, String) {
    let found = match values {
        [] => "absent".to_owned(),
        values => {
            let shown: Vec<String> = values.iter().map(|value| quoted(value, SHOWN)).collect();
            shown.join(" and ")
        }
    };
    let any = |like: &dyn Fn(&[u8]) -> bool, is: bool| match is {
        true => values.iter().any(|value| like(value)),
        // What is not there is not like anything.
        false => !values.iter().any(|value| like(value)),
    };
    let met = match test {
        Test::Present => !values.is_empty(),
        Test::Absent => values.is_empty(),
        Test::Empty { is } => !values.is_empty() && any(&<[u8]>::is_empty, *is),
        Test::Equals { value, is } => any(&|bytes| value.is(bytes), *is),
        Test::Contains { value, is } => any(&|bytes| find(bytes, value).is_some(), *is),
        Test::Matches { regex, is } => any(&|bytes| regex.is_match(bytes), *is),
    };
    (met, found)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, part)
}

fn stream_verdict(exchange: &Exchange, stream: Stream, test: &Test) -> Verdict {
    let run = || exchange.invocation().ok_or("no script was run".to_owned());
    let observed = match stream {
        Stream::Body => observed::body(exchange),
        Stream::Stdout => run().map(|run| Observed::of(&run.stdout)),
        Stream::Stderr => run().map(|run| Observed::of(&run.stderr)),
    };
    let (met, found, at) = match observed {
        Ok(observed) => observed_verdict(&observed, test),
        Err(why) => (false, why, None),
    };
    let at = at.map(|at| at as u64);
    let place = match stream {
        Stream::Body => Place::Body(at),
        Stream::Stdout => Place::Stdout(at),
        Stream::Stderr => Place::Stderr(at),
    };
    Verdict { met, found, place }
}

/// Whether the bytes are so, what they are, and where the part stands that was looked for.
fn observed_verdict(observed: &Observed, test: &Test) -> (bool, String, Option<usize>) {
    let bytes = observed.bytes.as_slice();
    let place = match test {
        Test::Contains { value, .. } => find(bytes, value).map(|at| at..at + value.len()),
        Test::Matches { regex, .. } => regex.find(bytes).map(|found| found.range()),
        Test::Present | Test::Absent | Test::Empty { .. } | Test::Equals { .. } => None,
    };
    let is_empty = bytes.is_empty() && observed.missing == 0;
    let (like, is) = match test {
        Test::Present => (!is_empty, true),
        Test::Absent => (is_empty, true),
        Test::Empty { is } => (is_empty, *is),
        Test::Equals { value, is } => (value.is(bytes) && observed.missing == 0, *is),
        Test::Contains { is, .. } | Test::Matches { is, .. } => (place.is_some(), *is),
    };
    // What was not kept may hold anything, so its absence cannot be claimed.
    let is_unknown = observed.missing > 0 && !like && !matches!(test, Test::Empty { .. });
    let found = match &place {
        Some(place) => format!(
            "{} in line {}",
            quoted(bytes.get(place.clone()).unwrap_or_default(), SHOWN),
            line_of(bytes, place.start)
        ),
        None => summary(observed),
    };
    (
        like == is && !is_unknown,
        found,
        place.map(|place| place.start),
    )
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', bytes.get(..at).unwrap_or_default()).count()
}

fn summary(observed: &Observed) -> String {
    let count = observed.bytes.len() as u64 + observed.missing;
    if count == 0 {
        return "nothing".to_owned();
    }
    let unit = if count == 1 { "byte" } else { "bytes" };
    let missing = match observed.missing {
        0 => String::new(),
        missing => format!(", of which {missing} were not kept"),
    };
    let excerpt = quoted(&observed.bytes, SHOWN);
    format!("{count} {unit}{missing}: {excerpt}")
}

fn exit(exchange: &Exchange, how: Ending, is: bool) -> Verdict {
    let run = exchange.invocation();
    let exit = run.and_then(|run| run.exit);
    let found = match (run, exit) {
        (None, _) => "no script was run".to_owned(),
        (Some(run), None) => run
            .launch_failure
            .as_ref()
            .map_or("it did not end".to_owned(), |failure| {
                format!("not started: {}", failure.message)
            }),
        (_, Some(exit)) => exit.to_string(),
    };
    Verdict {
        met: exit.is_some_and(|exit| how.is(exit) == is),
        found,
        place: Place::Exit,
    }
}

fn time(exchange: &Exchange, comparison: Comparison, limit: Duration) -> Verdict {
    let time = observed::time(exchange);
    let met = time.is_some_and(|time| match comparison {
        Comparison::Less => time < limit,
        Comparison::LessOrEqual => time <= limit,
        Comparison::More => time > limit,
        Comparison::MoreOrEqual => time >= limit,
    });
    Verdict {
        met,
        found: time.map_or_else(|| "it did not end".to_owned(), human_duration),
        place: Place::Time,
    }
}

fn findings(all: &[Finding], wanted: Found) -> Verdict {
    let up_to = |severity| all.iter().any(|finding| finding.severity <= severity);
    let met = match wanted {
        Found::None => all.is_empty(),
        Found::NoErrors => !up_to(Severity::Error),
        Found::NoWarnings => !up_to(Severity::Warning),
        Found::Code { code, is } => all.iter().any(|finding| finding.code == code) == is,
    };
    let told: Vec<String> = all
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.title))
        .collect();
    Verdict {
        met,
        found: match told.is_empty() {
            true => "none".to_owned(),
            false => told.join("; "),
        },
        place: Place::Findings,
    }
}
