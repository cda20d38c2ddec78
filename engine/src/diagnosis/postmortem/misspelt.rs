//! Headers that are nearly right: a letter, a hyphen, a colon or the slash of a media type is missing.

use crate::cgi::violation::{Violation, ViolationKind};
use crate::diagnosis::evidence::of_stream;
use crate::diagnosis::finding::{Finding, Severity, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::wording::{one_line, short};
use crate::exchange::Invocation;
use crate::site::near_name::nearest;

const LOOKED_AT_BYTES: usize = 264 * 1024;
const MEANT: [&str; 7] = [
    "content-type",
    "location",
    "status",
    "set-cookie",
    "content-length",
    "content-disposition",
    "cache-control",
];
/// Real names that are nearly one of these.
const ALSO_NAMES: [&str; 3] = ["set-cookie2", "content-location", "content-style-type"];

/// The slip behind a response that was refused.
pub(super) fn behind(run: &Invocation, violation: &Violation) -> Option<Finding> {
    match violation.kind {
        ViolationKind::TextBeforeHeaders
        | ViolationKind::LineWithoutColon
        | ViolationKind::BadFieldName => {
            let line = violation.line.max(1);
            let stdout = run.stdout.first(LOOKED_AT_BYTES);
            let text = stdout.split(|&byte| byte == b'\n').nth(line as usize - 1)?;
            let (name, title) = in_line(text)?;
            Some(at_line(
                run,
                line,
                &name,
                Finding {
                    severity: Severity::Error,
                    ..finding(code::MISSPELT_HEADER, title)
                },
            ))
        }
        ViolationKind::NoContentType | ViolationKind::NoContentTypeBesideStatus => {
            let found = in_names(run).into_iter().next()?;
            Some(Finding {
                severity: Severity::Error,
                ..found
            })
        }
        _ => None,
    }
}

/// Slips that cost nothing here.
pub(super) fn remarks(run: &Invocation) -> Vec<Finding> {
    let mut found = in_names(run);
    found.extend(media_type(run));
    found
}

/// `Content-type text/html`, `Content type: text/html`: the name is there, what parts it from the value is not.
fn in_line(line: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(line.get(..200).unwrap_or(line)).into_owned();
    let lower = text.trim().to_ascii_lowercase();
    let told = |name: &str, what: String| Some((name.to_owned(), what));
    if let Some((name, _)) = lower.split_once(':') {
        let joined: String = name.split_whitespace().collect::<Vec<_>>().join("-");
        let meant = MEANT
            .iter()
            .find(|meant| **meant == joined || **meant == name.replace('_', "-"))?;
        return told(
            meant,
            format!(
                "The name \u{201c}{}\u{201d} has a blank in it",
                short(name, 40)
            ),
        );
    }
    let first = lower.split_whitespace().next()?;
    let meant = nearest(first.trim_end_matches(['=', ';']), MEANT)?;
    let rest = lower.get(first.len()..)?.trim();
    let looks_like_value = match meant {
        "content-type" => {
            rest.contains('/') && !rest.contains('<') && !rest.contains(' ')
                || rest.starts_with("text/")
        }
        "location" => rest.starts_with('/') || rest.contains("://"),
        "status" => rest
            .get(..3)
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())),
        "set-cookie" => rest.contains('='),
        _ => false,
    };
    looks_like_value.then(|| {
        (
            meant.to_owned(),
            format!("There is no colon after {}", spelt(meant)),
        )
    })
}

/// Names that are nearly one that counts.
fn in_names(run: &Invocation) -> Vec<Finding> {
    let Some(block) = &run.header_block else {
        return Vec::new();
    };
    let slip = |field: &crate::cgi::header_block::ScriptField| {
        let name = String::from_utf8_lossy(&field.name).to_ascii_lowercase();
        if MEANT.contains(&name.as_str())
            || ALSO_NAMES.contains(&name.as_str())
            || name.starts_with("x-")
        {
            return None;
        }
        let meant = nearest(&name.replace('_', "-"), MEANT)?;
        // What the script also says rightly was meant as something else.
        let also_right = block.fields.iter().any(|other| other.is(meant));
        (!also_right).then(|| {
            let title = format!(
                "{} is no header that anybody knows",
                one_line(&String::from_utf8_lossy(&field.name))
            );
            at_line(
                run,
                field.line,
                meant,
                Finding {
                    severity: Severity::Warning,
                    ..finding(code::MISSPELT_HEADER, title)
                },
            )
        })
    };
    block.fields.iter().filter_map(slip).take(3).collect()
}

/// `text-plain`, `html`: a media type has two parts.
fn media_type(run: &Invocation) -> Option<Finding> {
    let block = run.header_block.as_ref()?;
    let field = block.fields.iter().find(|field| field.is("content-type"))?;
    let value = field.value.split(|&byte| byte == b';').next()?.trim_ascii();
    let title = match value {
        [] => return None,
        value if value.contains(&b'/') => return None,
        value => format!(
            "\u{201c}{}\u{201d} is no media type: it has no slash",
            short(&String::from_utf8_lossy(value), 40)
        ),
    };
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    Some(Finding {
        severity: Severity::Warning,
        explanation: "A media type is a kind and a subtype with a slash between; browsers offer anything else as a download or guess.".into(),
        remedy: "Write text/html, text/plain, or what the page is.".into(),
        evidence: of_stream(StreamName::Stdout, &stdout, field.line, "no slash"),
        ..finding(code::MISSPELT_HEADER, title)
    })
}

fn at_line(run: &Invocation, line: u32, meant: &str, found: Finding) -> Finding {
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    let meant = spelt(meant);
    Finding {
        explanation: format!(
            "A header is its name, a colon and its value; this one is nearly {meant}."
        ),
        remedy: format!("Did you mean {meant}:?"),
        evidence: of_stream(StreamName::Stdout, &stdout, line, &format!("{meant}?")),
        ..found
    }
}

fn spelt(name: &str) -> String {
    let capital = |word: &str| crate::diagnosis::wording::capitalised(word);
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}
