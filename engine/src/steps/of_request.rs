//! The steps before any script: bytes, request line, fields, and what the URL stands for.

use super::{Exhibit, Step, Stop};
use crate::exchange::{Exchange, Moment, SelectedTarget};

pub(super) fn steps(exchange: &Exchange) -> Vec<Step> {
    let mut steps = vec![arrival(exchange)];
    let Some(head) = &exchange.request.head else {
        return steps;
    };
    let first_line = 0..first_line_end(&head.raw);
    let (method, target) = (lossy(head.method()), lossy(head.target()));
    let (major, minor) = head.version;
    let words = format!(
        "The first line says what is wanted: the method {method}, the target {target}, and the version HTTP/{major}.{minor} of the protocol."
    );
    steps.push(
        Step::new(Stop::RequestLine, format!("{method} {target}"), words)
            .line("request line read", "")
            .authority("RFC 9112 §3")
            .exhibit(Exhibit::Head(vec![first_line])),
    );
    let count = head.fields.len();
    let fields = if count == 1 {
        "1 field".to_owned()
    } else {
        format!("{count} fields")
    };
    let words = "Each line is a name and a value. Some tell the server where the body ends; most are passed on to the script as HTTP_ variables.";
    steps.push(
        Step::new(Stop::Headers, format!("{fields} follow"), words)
            .line(format!("{fields} read"), "")
            .authority("RFC 9112 §5")
            .at(exchange.timeline.at(Moment::HeadComplete))
            .exhibit(Exhibit::Head(
                head.fields.iter().map(|field| field.line.clone()).collect(),
            )),
    );
    steps.extend(selection(exchange));
    steps
}

/// Where the chain breaks before any script is asked.
pub(super) fn broken_at(exchange: &Exchange) -> Option<Stop> {
    if let Some(refusal) = &exchange.request.refusal {
        let end = first_line_end(&exchange.request.raw_head);
        return Some(match refusal.at {
            Some(at) if at < end => Stop::RequestLine,
            _ => Stop::Headers,
        });
    }
    match exchange.selection.target {
        SelectedTarget::Nothing { .. } | SelectedTarget::Forbidden(_) => Some(Stop::Selection),
        _ => None,
    }
}

fn arrival(exchange: &Exchange) -> Step {
    let request = &exchange.request;
    let (head, body) = (request.raw_head.len(), request.body.len());
    let words = format!(
        "The browser sends {head} bytes of head{}. For the server they are nothing but bytes until it has found the empty line that ends the head.",
        if body > 0 {
            format!(" and {body} bytes of body")
        } else {
            String::new()
        }
    );
    let method = request.method();
    Step::new(Stop::Arrival, "Bytes arrive", words)
        .line(format!("{method} {}", request.target()), "")
        .authority("RFC 9112 §2")
        .at(Some(std::time::Duration::ZERO))
        .exhibit(Exhibit::Head(Vec::new()))
}

/// The reasons one by one, as they were found out.
fn selection(exchange: &Exchange) -> Vec<Step> {
    let at = exchange.timeline.at(Moment::Selected);
    let target = exchange
        .request
        .head
        .as_ref()
        .map(|head| head.target.clone());
    exchange
        .selection
        .steps
        .iter()
        .map(|reason| {
            let step = Step::new(Stop::Selection, "What the URL stands for", sentence(reason))
                .line(reason.clone(), "")
                .authority("RFC 3875 §3.2")
                .at(at);
            match &target {
                Some(target) => step.exhibit(Exhibit::Head(vec![target.clone()])),
                None => step,
            }
        })
        .collect()
}

/// A reason with a full stop, and with a capital unless it begins with the name of a file.
pub(super) fn sentence(words: &str) -> String {
    let first = words.split(' ').next().unwrap_or_default();
    if !first.chars().all(char::is_alphabetic) {
        return format!("{words}.");
    }
    let mut characters = words.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}

fn first_line_end(raw: &[u8]) -> usize {
    memchr::memchr(b'\n', raw).map_or(raw.len(), |at| at + 1)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, expected: &str) {
        assert_eq!(sentence(words), expected);
    }

    #[test]
    fn a_sentence_begins_with_a_capital_but_no_file_is_renamed() {
        check("the URL ends there", "The URL ends there.");
        check("data.py is a file", "data.py is a file.");
        check("/usr/bin/env runs it", "/usr/bin/env runs it.");
        check("", ".");
    }
}
