//! The parts that are bytes: source, request body, output.

use std::borrow::Cow;

use super::text::{self, TextDifference};
use super::{Content, Likeness, Part, Section, json};
use crate::exchange::{CapturedBody, Exchange, Invocation};

/// What is known of a stream.
struct Stream<'e> {
    bytes: Cow<'e, [u8]>,
    /// Of the whole stream, kept or not.
    length: u64,
}

impl<'e> Stream<'e> {
    fn of_source(run: Option<&'e Invocation>) -> Self {
        let source: &[u8] = run.map_or(&[], |run| &run.script.source);
        Self {
            bytes: Cow::Borrowed(source),
            length: source.len() as u64,
        }
    }

    fn of(body: Option<&'e CapturedBody>) -> Self {
        body.map_or(
            Self {
                bytes: Cow::Borrowed(&[]),
                length: 0,
            },
            |body| Self {
                bytes: body.head(),
                length: body.len(),
            },
        )
    }
}

pub(super) fn source(before: &Exchange, after: &Exchange) -> Section {
    let (old, new) = (before.invocation(), after.invocation());
    let mut section = section(
        Part::Source,
        &Stream::of_source(old),
        &Stream::of_source(new),
    );
    if old.map(|run| &run.script.path) != new.map(|run| &run.script.path) {
        section.likeness = Likeness::Different;
        section.summary = format!("another script; {}", section.summary);
    }
    section
}

pub(super) fn stdin(before: &Exchange, after: &Exchange) -> Section {
    section(
        Part::Stdin,
        &Stream::of(Some(&before.request.body)),
        &Stream::of(Some(&after.request.body)),
    )
}

pub(super) fn stdout(before: &Exchange, after: &Exchange) -> Section {
    let (old, new) = (before.invocation(), after.invocation());
    let whole = section(
        Part::Stdout,
        &Stream::of(old.map(|run| &run.stdout)),
        &Stream::of(new.map(|run| &run.stdout)),
    );
    // The same header block and two JSON bodies: their structure says more than their lines.
    match (whole.likeness, old, new) {
        (Likeness::Different, Some(old), Some(new)) => by_structure(old, new).unwrap_or(whole),
        _ => whole,
    }
}

pub(super) fn stderr(before: &Exchange, after: &Exchange) -> Section {
    section(
        Part::Stderr,
        &Stream::of(before.invocation().map(|run| &run.stderr)),
        &Stream::of(after.invocation().map(|run| &run.stderr)),
    )
}

fn by_structure(before: &Invocation, after: &Invocation) -> Option<Section> {
    let parts = |run: &Invocation| {
        let at = usize::try_from(run.body_offset()?).ok()?;
        let output = run.stdout.head();
        let (head, body) = output.split_at_checked(at)?;
        (run.stdout.cut_bytes() == 0).then(|| (head.to_vec(), body.to_vec()))
    };
    let ((old_head, old_body), (new_head, new_body)) = (parts(before)?, parts(after)?);
    if old_head != new_head {
        return None;
    }
    let changes = json::compare(&old_body, &new_body)?;
    let summary = match changes.len() {
        0 => "the same JSON, written differently".to_owned(),
        1 => "1 JSON value".to_owned(),
        count => format!("{count} JSON values"),
    };
    Some(Section {
        part: Part::Stdout,
        likeness: Likeness::Different,
        summary,
        content: Content::Fields(changes),
    })
}

fn section(part: Part, before: &Stream<'_>, after: &Stream<'_>) -> Section {
    let same = before.length == after.length && before.bytes == after.bytes;
    let (likeness, summary, content) = if same {
        (Likeness::Same, same_words(before.length), Content::Nothing)
    } else {
        let (summary, content) = difference(before, after);
        (Likeness::Different, summary, content)
    };
    Section {
        part,
        likeness,
        summary,
        content,
    }
}

fn same_words(length: u64) -> String {
    match length {
        0 => "both empty".to_owned(),
        length => format!("same, {length} B"),
    }
}

fn difference(before: &Stream<'_>, after: &Stream<'_>) -> (String, Content) {
    let is_text = |bytes: &[u8]| !bytes.contains(&0);
    let lines = (is_text(&before.bytes) && is_text(&after.bytes))
        .then(|| text::compare(&before.bytes, &after.bytes))
        .flatten();
    match lines {
        Some(TextDifference {
            lines,
            added,
            removed,
        }) => (format!("+{added} −{removed} lines"), Content::Text(lines)),
        None => {
            let pairs = before.bytes.iter().zip(after.bytes.iter());
            let at = pairs.take_while(|(old, new)| old == new).count() as u64;
            let summary = format!(
                "first difference at byte {at}; {} B before, {} B after",
                before.length, after.length
            );
            let (before, after) = (before.length, after.length);
            (summary, Content::Bytes { at, before, after })
        }
    }
}
