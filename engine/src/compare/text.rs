//! Two texts line by line, with the unchanged lines around each change.

use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// Texts of more lines are not compared line by line.
pub(super) const MOST_LINES: usize = 20_000;
/// A comparison that takes longer settles for a coarser answer.
pub(super) const PATIENCE: Duration = Duration::from_millis(300);
/// So many unchanged lines stand before and after a change.
const CONTEXT: usize = 3;

/// One line of a comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextLine {
    /// A line that is there.
    Line(Line),
    /// Unchanged lines that are left out.
    Gap(Gap),
}

/// A line of either text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where it stands.
    pub side: Side,
    /// Its number in the earlier text, from 1.
    pub before: Option<u32>,
    /// Its number in the later text, from 1.
    pub after: Option<u32>,
    /// The line with its end.
    pub bytes: Vec<u8>,
    /// The part of it that differs from the line it stands for; empty for a line without such a partner.
    pub changed: Range<usize>,
}

/// Which text a line is from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Both.
    Both,
    /// The earlier one: it was taken out.
    Before,
    /// The later one: it came in.
    After,
}

/// How many unchanged lines are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Their number.
    pub lines: usize,
}

/// Lines that differ and how many there are of each kind.
pub(super) struct TextDifference {
    pub(super) lines: Vec<TextLine>,
    pub(super) added: usize,
    pub(super) removed: usize,
}

/// Compares line by line; none where either is too long for that.
pub(super) fn compare(before: &[u8], after: &[u8]) -> Option<TextDifference> {
    let (old, new) = (lines(before), lines(after));
    if old.len() > MOST_LINES || new.len() > MOST_LINES {
        return None;
    }
    let deadline = Some(Instant::now() + PATIENCE);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
    let mut writer = Writer {
        old: &old,
        new: &new,
        lines: Vec::new(),
        added: 0,
        removed: 0,
    };
    for (index, op) in ops.iter().enumerate() {
        writer.write(op, index == 0, index + 1 == ops.len());
    }
    Some(TextDifference {
        lines: writer.lines,
        added: writer.added,
        removed: writer.removed,
    })
}

pub(super) fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

struct Writer<'t> {
    old: &'t [&'t [u8]],
    new: &'t [&'t [u8]],
    lines: Vec<TextLine>,
    added: usize,
    removed: usize,
}

impl Writer<'_> {
    fn write(&mut self, op: &DiffOp, first: bool, last: bool) {
        let (old, new) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            return self.unchanged(&old, &new, first, last);
        }
        self.removed += old.len();
        self.added += new.len();
        for at in old.clone() {
            let partner = new.start + (at - old.start);
            let partner = (partner < new.end).then(|| self.new[partner]);
            self.line(Side::Before, Some(at), None, self.old[at], partner);
        }
        for at in new.clone() {
            let partner = old.start + (at - new.start);
            let partner = (partner < old.end).then(|| self.old[partner]);
            self.line(Side::After, None, Some(at), self.new[at], partner);
        }
    }

    fn unchanged(&mut self, old: &Range<usize>, new: &Range<usize>, first: bool, last: bool) {
        let head = if first { 0 } else { CONTEXT.min(old.len()) };
        let tail = if last {
            0
        } else {
            CONTEXT.min(old.len() - head)
        };
        let left_out = old.len() - head - tail;
        for step in (0..head).chain(old.len() - tail..old.len()) {
            if step == head + left_out && left_out > 0 {
                self.lines.push(TextLine::Gap(Gap { lines: left_out }));
            }
            let (before, after) = (old.start + step, new.start + step);
            self.line(
                Side::Both,
                Some(before),
                Some(after),
                self.old[before],
                None,
            );
        }
        if tail == 0 && left_out > 0 {
            self.lines.push(TextLine::Gap(Gap { lines: left_out }));
        }
    }

    fn line(
        &mut self,
        side: Side,
        before: Option<usize>,
        after: Option<usize>,
        bytes: &[u8],
        partner: Option<&[u8]>,
    ) {
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.lines.push(TextLine::Line(Line {
            side,
            before: before.map(number),
            after: after.map(number),
            bytes: bytes.to_vec(),
            changed: partner.map_or(0..0, |partner| changed(bytes, partner)),
        }));
    }
}

/// What is left of a line without the beginning and the end that it has in common with its partner.
fn changed(line: &[u8], partner: &[u8]) -> Range<usize> {
    let common = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| {
        pairs.take_while(|(ours, theirs)| ours == theirs).count()
    };
    let start = common(&mut line.iter().zip(partner));
    let (rest, other) = (&line[start..], &partner[start..]);
    let end = common(&mut rest.iter().rev().zip(other.iter().rev()));
    // A character of several bytes is shown whole.
    let is_inside = |at: usize| line.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    let start = (0..=start).rev().find(|&at| !is_inside(at)).unwrap_or(0);
    let end = (line.len() - end..=line.len())
        .find(|&at| !is_inside(at))
        .unwrap_or(line.len());
    start..end
}
