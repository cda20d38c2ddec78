//! The parts that are bytes: source, request body, output.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::text::{self, TextDifference};
use super::{Content, Likeness, Part, Section, Stop, Stopped, json};
use crate::exchange::{CapturedBody, Exchange, Invocation, mapping};

/// Longer texts are not compared line by line.
const MOST_TEXT: usize = 8 << 20;
/// So much is compared before it is asked whether anybody still wants to know.
const AT_ONCE: usize = 4 << 20;
/// Bytes that are shown of each side, from the row in which the difference is.
const SHOWN: usize = 64;
/// The width of a row.
const ROW: usize = 16;

/// What is known of a stream.
struct Stream {
    bytes: Bytes,
    /// Of the whole stream, kept or not.
    length: u64,
}

impl Stream {
    fn of_source(run: Option<&Invocation>) -> Self {
        let source = run.map_or_else(Bytes::new, |run| {
            Bytes::from_owner(Arc::clone(&run.script.source))
        });
        let length = source.len() as u64;
        Self {
            bytes: source,
            length,
        }
    }

    fn of(body: Option<&CapturedBody>) -> Self {
        Self {
            bytes: body.map_or_else(Bytes::new, CapturedBody::bytes),
            length: body.map_or(0, CapturedBody::len),
        }
    }
}

pub(super) fn source(
    before: &Exchange,
    after: &Exchange,
    stop: Stop<'_>,
) -> Result<Section, Stopped> {
    let (old, new) = (before.invocation(), after.invocation());
    let mut section = section(
        Part::Source,
        &Stream::of_source(old),
        &Stream::of_source(new),
        stop,
    )?;
    if old.map(|run| &run.script.path) != new.map(|run| &run.script.path) {
        section.likeness = Likeness::Different;
        section.summary = format!("another script; {}", section.summary);
    }
    Ok(section)
}

pub(super) fn stdin(
    before: &Exchange,
    after: &Exchange,
    stop: Stop<'_>,
) -> Result<Section, Stopped> {
    section(
        Part::Stdin,
        &Stream::of(Some(&before.request.body)),
        &Stream::of(Some(&after.request.body)),
        stop,
    )
}

pub(super) fn stdout(
    before: &Exchange,
    after: &Exchange,
    stop: Stop<'_>,
) -> Result<Section, Stopped> {
    let (old, new) = (before.invocation(), after.invocation());
    let whole = section(
        Part::Stdout,
        &Stream::of(old.map(|run| &run.stdout)),
        &Stream::of(new.map(|run| &run.stdout)),
        stop,
    )?;
    // The same header block and two JSON bodies: their structure says more than their lines.
    Ok(match (whole.likeness, old, new) {
        (Likeness::Different, Some(old), Some(new)) => by_structure(old, new).unwrap_or(whole),
        _ => whole,
    })
}

pub(super) fn stderr(
    before: &Exchange,
    after: &Exchange,
    stop: Stop<'_>,
) -> Result<Section, Stopped> {
    section(
        Part::Stderr,
        &Stream::of(before.invocation().map(|run| &run.stderr)),
        &Stream::of(after.invocation().map(|run| &run.stderr)),
        stop,
    )
}

fn by_structure(before: &Invocation, after: &Invocation) -> Option<Section> {
    let parts = |run: &Invocation| {
        let at = usize::try_from(run.body_offset()?).ok()?;
        let output = run.stdout.bytes();
        let is_whole = run.stdout.cut_bytes() == 0 && at <= output.len();
        is_whole.then(|| (output.slice(..at), output.slice(at..)))
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

fn section(
    part: Part,
    before: &Stream,
    after: &Stream,
    stop: Stop<'_>,
) -> Result<Section, Stopped> {
    let parted = first_difference(&before.bytes, &after.bytes, stop)?;
    let (likeness, summary, content) = match parted {
        None if before.length == after.length => {
            (Likeness::Same, same_words(before.length), Content::Nothing)
        }
        at => {
            let at = at.unwrap_or(before.bytes.len());
            let (summary, content) = difference(before, after, at);
            (Likeness::Different, summary, content)
        }
    };
    Ok(Section {
        part,
        likeness,
        summary,
        content,
    })
}

/// The first byte that differs, or where the shorter one ends. Pages of long streams are given back as it goes.
fn first_difference(
    before: &Bytes,
    after: &Bytes,
    stop: Stop<'_>,
) -> Result<Option<usize>, Stopped> {
    let shorter = before.len().min(after.len());
    let mut at = 0;
    while at < shorter {
        stop.check()?;
        let end = (at + AT_ONCE).min(shorter);
        let (old, new) = (&before[at..end], &after[at..end]);
        if old != new {
            let same = old.iter().zip(new).take_while(|(old, new)| old == new);
            return Ok(Some(at + same.count()));
        }
        mapping::release(old);
        mapping::release(new);
        at = end;
    }
    Ok((before.len() != after.len()).then_some(shorter))
}

fn same_words(length: u64) -> String {
    match length {
        0 => "both empty".to_owned(),
        length => format!("same, {length} B"),
    }
}

fn difference(before: &Stream, after: &Stream, at: usize) -> (String, Content) {
    let is_text = |bytes: &Bytes| bytes.len() <= MOST_TEXT && !bytes.contains(&0);
    let lines = (is_text(&before.bytes) && is_text(&after.bytes))
        .then(|| text::compare(&before.bytes, &after.bytes))
        .flatten();
    if let Some(TextDifference {
        lines,
        added,
        removed,
    }) = lines
    {
        return (format!("+{added} −{removed} lines"), Content::Text(lines));
    }
    let summary = format!(
        "first difference at byte {at}; {} B before, {} B after",
        before.length, after.length
    );
    let from = at - at % ROW;
    let shown = |bytes: &Bytes| bytes.get(in_sight(from, bytes.len())).map(<[u8]>::to_vec);
    let content = Content::Bytes {
        at: at as u64,
        before: before.length,
        after: after.length,
        old: shown(&before.bytes).unwrap_or_default(),
        new: shown(&after.bytes).unwrap_or_default(),
    };
    (summary, content)
}

fn in_sight(from: usize, length: usize) -> Range<usize> {
    from.min(length)..(from + SHOWN).min(length)
}
