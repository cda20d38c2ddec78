//! A filter's text with a condition put in or taken out: what switches beside the text do.
//!
//! The text stays the one truth: a switch is on while its condition stands among those that must all hold.

use std::ops::Range;

use super::token::{Kind, Token, tokens};

/// The conditions of a filter that must all hold, as they stand in the text: one for alternatives at the top.
#[must_use]
pub fn conditions(text: &str) -> Vec<&str> {
    let spans = spans(text, &tokens(text));
    spans
        .into_iter()
        .filter_map(|span| text.get(span))
        .collect()
}

/// Whether the condition is one of those that must all hold.
#[must_use]
pub fn holds(text: &str, condition: &str) -> bool {
    place(text, condition).is_some()
}

/// The text with one condition more, unless it has that already.
#[must_use]
pub fn with(text: &str, condition: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return condition.to_owned();
    }
    if holds(trimmed, condition) {
        return trimmed.to_owned();
    }
    // Side by side binds closer than "or".
    if has_alternatives(&tokens(trimmed)) {
        format!("({trimmed}) {condition}")
    } else {
        format!("{trimmed} {condition}")
    }
}

/// The text without this condition.
#[must_use]
pub fn without(text: &str, condition: &str) -> String {
    let mut text = text.to_owned();
    while let Some(span) = place(&text, condition) {
        let before = text.get(..span.start).unwrap_or_default().trim_end();
        let after = text.get(span.end..).unwrap_or_default().trim_start();
        let (before, after) = (without_and(before, true), without_and(after, false));
        text = match (before.is_empty(), after.is_empty()) {
            (false, false) => format!("{before} {after}"),
            _ => format!("{before}{after}"),
        };
    }
    text
}

/// The text with the condition if it had none, without it if it had.
#[must_use]
pub fn toggled(text: &str, condition: &str) -> String {
    if holds(text, condition) {
        without(text, condition)
    } else {
        with(text, condition)
    }
}

/// An "and" that is left with nothing on one side.
fn without_and(text: &str, at_end: bool) -> &str {
    let tokens = tokens(text);
    let end = if at_end {
        tokens.last()
    } else {
        tokens.first()
    };
    match end {
        Some(Token {
            kind: Kind::And,
            span,
        }) if at_end => text.get(..span.start).unwrap_or_default().trim_end(),
        Some(Token {
            kind: Kind::And,
            span,
        }) => text.get(span.end..).unwrap_or_default().trim_start(),
        _ => text,
    }
}

fn place(text: &str, condition: &str) -> Option<Range<usize>> {
    let (all, wanted) = (tokens(text), tokens(condition));
    spans(text, &all).into_iter().find(|span| {
        let within = all
            .iter()
            .filter(|token| span.start <= token.span.start && token.span.end <= span.end);
        within
            .map(|token| meaning(&token.kind))
            .eq(wanted.iter().map(|token| meaning(&token.kind)))
    })
}

/// A token without the places that stand in it.
fn meaning(kind: &Kind) -> Kind {
    match kind.clone() {
        Kind::Clause {
            field,
            key,
            operator,
            value,
            ..
        } => Kind::Clause {
            field,
            key,
            operator,
            value,
            value_span: 0..0,
        },
        other => other,
    }
}

fn has_alternatives(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    tokens.iter().any(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.kind == Kind::Or
    })
}

/// Where the conditions stand, with what negates them.
fn spans(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    if has_alternatives(tokens) {
        return std::iter::once(0..text.len()).collect();
    }
    let (mut spans, mut depth, mut start) = (Vec::new(), 0_usize, None);
    for token in tokens {
        match token.kind {
            Kind::And if depth == 0 => {
                start = None;
                continue;
            }
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        let begin = *start.get_or_insert(token.span.start);
        if depth == 0 && token.kind != Kind::Not {
            spans.push(begin..token.span.end);
            start = None;
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, condition: &str, on: &str, off: &str) {
        assert_eq!(with(text, condition), on, "with {condition}: {text}");
        assert_eq!(without(text, condition), off, "without {condition}: {text}");
        assert!(holds(&with(text, condition), condition), "{text}");
        assert!(!holds(&without(text, condition), condition), "{text}");
    }

    #[test]
    fn a_condition_is_put_in_once_and_taken_out_whole() {
        check("", "failed", "failed", "");
        check("failed", "failed", "failed", "");
        check("paris failed x", "failed", "paris failed x", "paris x");
        check("a and failed and b", "failed", "a and failed and b", "a b");
        check("failed and b", "failed", "failed and b", "b");
        check("failed failed", "failed", "failed failed", "");
        check("not failed", "failed", "not failed failed", "not failed");
        check("-static", "-static", "-static", "");
        check("not static x", "-static", "not static x", "x");
        check("(a or b) failed", "failed", "(a or b) failed", "(a or b)");
        check("stderr:x", "stderr:", "stderr:x stderr:", "stderr:x");
        check("\"failed\"", "failed", "\"failed\" failed", "\"failed\"");
    }

    #[test]
    fn alternatives_are_put_in_parentheses() {
        check("a or b", "failed", "(a or b) failed", "a or b");
        check(
            "failed or b",
            "failed",
            "(failed or b) failed",
            "failed or b",
        );
        assert_eq!(conditions("a or b"), ["a or b"]);
        assert_eq!(
            conditions(" (a or b) -x and status:5xx"),
            ["(a or b)", "-x", "status:5xx"]
        );
    }

    #[test]
    fn texts_that_no_filter_is_are_edited_all_the_same() {
        for text in [
            "(", ")", "((a", "or", "and", "not", "\"open", "a )", "status:",
        ] {
            let on = with(text, "failed");
            let _ = (without(&on, "failed"), conditions(&on), toggled(text, ")"));
        }
    }
}
