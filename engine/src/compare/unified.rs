//! Two texts as a unified diff, as `diff -u` and git write it.

use super::text::{PATIENCE, lines};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};
use std::ops::Range;
use std::time::Instant;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// What turns `before` into `after`, with `name` as the name of both; empty where they are the same.
///
/// Texts that differ too much to be compared in time are told as one change of everything.
#[must_use]
pub fn unified(name: &[u8], before: &[u8], after: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(before), lines(after));
    let deadline = Some(Instant::now() + PATIENCE);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
    let mut text = Vec::new();
    for group in group_diff_ops(ops, CONTEXT) {
        if text.is_empty() {
            text.extend([b"--- ", name, b"\n+++ ", name, b"\n"].concat());
        }
        hunk(&mut text, &group, &old, &new);
    }
    text
}

fn hunk(text: &mut Vec<u8>, group: &[DiffOp], old: &[&[u8]], new: &[&[u8]]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let olds = first.old_range().start..last.old_range().end;
    let news = first.new_range().start..last.new_range().end;
    text.extend(format!("@@ -{} +{} @@\n", place(&olds), place(&news)).into_bytes());
    // The ranges are of these very lines.
    for op in group {
        if op.tag() == DiffTag::Equal {
            signed(text, b' ', &old[op.old_range()]);
        } else {
            signed(text, b'-', &old[op.old_range()]);
            signed(text, b'+', &new[op.new_range()]);
        }
    }
}

/// Line and count; of no lines, the one before them (POSIX diff -u).
fn place(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => (range.start + 1).to_string(),
        count => format!("{},{count}", range.start + 1),
    }
}

fn signed(text: &mut Vec<u8>, sign: u8, lines: &[&[u8]]) {
    for line in lines {
        text.push(sign);
        text.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            text.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let told = unified(b"a.py", before.as_bytes(), after.as_bytes());
        assert_eq!(String::from_utf8(told).unwrap(), expected);
    }

    #[test]
    fn changes_stand_between_three_lines_of_what_stays() {
        check("a\n", "a\n", "");
        check(
            "1\n2\n3\n4\n5\n6\n",
            "1\n2\n3\n4\nX\n6\n",
            "--- a.py\n+++ a.py\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+X\n 6\n",
        );
        check("", "a\n", "--- a.py\n+++ a.py\n@@ -0,0 +1 @@\n+a\n");
    }

    #[test]
    fn a_last_line_without_an_end_is_told_so() {
        check(
            "a",
            "a\n",
            "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
        );
    }

    #[test]
    fn texts_that_differ_in_every_line_are_told_in_time() {
        let before: String = (0..200_000).map(|line| format!("{line}\r\n")).collect();
        let after = before.replace('\r', "");
        let begun = Instant::now();
        let told = unified(b"a", before.as_bytes(), after.as_bytes());
        assert!(told.starts_with(b"--- a\n+++ a\n@@ -1,200000 +1,200000 @@\n"));
        assert!(begun.elapsed() < PATIENCE * 20, "{:?}", begun.elapsed());
    }
}
