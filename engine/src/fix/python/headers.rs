//! Fixes of the header block that a script prints (RFC 3875 §6.2 and §6.3).

use super::{Case, Part, argument_text, field_name, only, text_of};
use crate::cgi::reason_phrase::reason_phrase;
use crate::python::Call;
use std::ops::Range;

pub(super) fn change(case: &Case<'_>) -> Option<Part> {
    match case.finding.code.0 {
        23 => empty_line(case),
        24 => headers_first(case),
        25 => to_standard_error(case),
        29 => one_empty_line(case),
        30 => headers_without_line_ends(case),
        31 => content_type(case),
        32 => spelling(case),
        33 => charset(case),
        38 => without_length(case),
        39 => status_field(case),
        40 => status_number(case),
        45 => without_field(case),
        _ => None,
    }
}

const CONTENT_TYPE: &str = "print(\"Content-Type: text/html; charset=utf-8\")";

/// Prints the empty line after the last header.
fn empty_line(case: &Case<'_>) -> Option<Part> {
    let last = last_header(case)?;
    let statement = last.statement.clone()?;
    let mut edits = case.edits();
    let line = match last.name.as_str() {
        "print" => "print()",
        _ => "sys.stdout.write(\"\\n\")",
    };
    edits.after(&statement, &[line])?;
    let meaning = format!("An empty line is printed after line {}.", last.line);
    case.part("Print an empty line after the headers", meaning, edits)
}

/// The last header that is printed, where all of them are printed one after another in one block.
fn last_header<'c>(case: &Case<'c>) -> Option<&'c Call> {
    let headers = case.header_calls();
    let (first, last) = (headers.first()?, headers.last()?);
    let between = first.range.start..last.range.end;
    let others = case
        .output_calls()
        .filter(|call| between.contains(&call.range.start));
    let indents = headers
        .iter()
        .map(|call| indent(case.text, call.range.start));
    let same_block = indents.collect::<std::collections::BTreeSet<_>>().len() == 1
        && !leaves_block(
            case.text.get(between.clone())?,
            indent(case.text, first.range.start),
        );
    (others.count() == headers.len() && same_block).then_some(*last)
}

fn indent(text: &str, at: usize) -> usize {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    at - line
}

/// Whether a line of this part of a script is indented less than `indent`, as an `else:` is.
fn leaves_block(part: &str, indent: usize) -> bool {
    part.lines().skip(1).any(|line| {
        let blanks = line.len() - line.trim_start().len();
        !line.trim().is_empty() && !line.trim_start().starts_with('#') && blanks < indent
    })
}

/// Prints headers before everything else.
fn headers_first(case: &Case<'_>) -> Option<Part> {
    if !case.header_calls().is_empty() {
        return None;
    }
    let line = case.marked_line()?;
    let media_type = match line.trim_start().bytes().next()? {
        b'<' => "text/html",
        b'{' | b'[' => "application/json",
        _ => "text/plain",
    };
    let charset = if media_type == "application/json" {
        ""
    } else {
        "; charset=utf-8"
    };
    let header = format!("print(\"Content-Type: {media_type}{charset}\")");
    let mut edits = case.edits();
    edits.after_imports(&[&header, "print()"])?;
    case.part(
        "Print a Content-Type first",
        format!("Content-Type: {media_type} and an empty line are printed before everything else."),
        edits,
    )
}

/// Sends what was printed before the headers to standard error.
fn to_standard_error(case: &Case<'_>) -> Option<Part> {
    let call = case.call_that_wrote(&case.marked_line()?)?;
    if call.name != "print" || call.keyword("file").is_some() {
        return None;
    }
    let mut edits = case.edits();
    let end = call.range.end.checked_sub(1)?;
    let inside = case.text.get(call.callee.end..end)?;
    let comma = if inside.trim_end().ends_with(',') {
        " "
    } else {
        ", "
    };
    edits.replace(end..end, format!("{comma}file=sys.stderr"));
    edits.import("sys")?;
    let meaning = format!("Line {} prints to standard error.", call.line);
    case.part("Print it to standard error", meaning, edits)
}

/// Takes the line ends out of a header that `print` ends anyway.
fn one_empty_line(case: &Case<'_>) -> Option<Part> {
    let headers = case.header_calls();
    let doubled = |call: &&&Call| text_of(call).is_some_and(ends_block) && call.name == "print";
    let call = only(headers.iter().filter(doubled))?;
    let (range, kept) = without_line_ends(case, call)?;
    let mut edits = case.edits();
    edits.replace(range, format!("{kept}\\n"));
    let meaning = format!(
        "Line {} ends its header with one empty line only.",
        call.line
    );
    case.part("End the headers once", meaning, edits)
}

fn ends_block(text: &str) -> bool {
    text.ends_with("\n\n") || text.ends_with("\n\r\n")
}

/// Takes the line ends out of all headers but the last, which each ended the block.
fn headers_without_line_ends(case: &Case<'_>) -> Option<Part> {
    let last = last_header(case)?;
    let mut edits = case.edits();
    let mut lines = Vec::new();
    for call in case.header_calls() {
        if call.name == "print" && !std::ptr::eq(call, last) && text_of(call)?.ends_with('\n') {
            let (range, kept) = without_line_ends(case, call)?;
            edits.replace(range, kept);
            lines.push(call.line.to_string());
        }
    }
    let meaning = format!("Lines {} leave the line end to print.", lines.join(", "));
    case.part("Keep the headers together", meaning, edits)
}

/// A header's text as it is written, and what is left of it without the escapes of line ends at its end.
fn without_line_ends<'c>(case: &Case<'c>, call: &Call) -> Option<(Range<usize>, &'c str)> {
    let text = argument_text(call).filter(|text| text.whole)?;
    let range = text.range.clone()?;
    let mut kept = case.text.get(range.clone())?;
    while let Some(rest) = kept
        .strip_suffix("\\n")
        .or_else(|| kept.strip_suffix("\\r"))
    {
        kept = rest;
    }
    Some((range, kept))
}

/// Prints a Content-Type before the other headers.
fn content_type(case: &Case<'_>) -> Option<Part> {
    let headers = case.header_calls();
    let names_type = |call: &&Call| named(call, "content-type");
    if headers.iter().any(names_type) {
        return None;
    }
    // Without any header it is the empty line that comes first.
    let first = match headers.first() {
        Some(first) => *first,
        None => case
            .output_calls()
            .next()
            .filter(|call| call.arguments.is_empty())?,
    };
    let mut edits = case.edits();
    edits.before(first.statement.clone()?.start, &[CONTENT_TYPE])?;
    let meaning = format!(
        "Content-Type: text/html; charset=utf-8 is printed before line {}.",
        first.line
    );
    case.part("Print a Content-Type", meaning, edits)
}

fn named(call: &Call, name: &str) -> bool {
    text_of(call)
        .and_then(field_name)
        .is_some_and(|field| field.eq_ignore_ascii_case(name))
}

/// Writes Content-Type as it is written, with hyphen, colon and slash.
fn spelling(case: &Case<'_>) -> Option<Part> {
    let pattern = regex::Regex::new(
        r"^(?i:content[-_ ]*type)[ \t]*[:=]?[ \t]*(?P<kind>text|image|audio|video|application|multipart)[/-](?P<rest>.+)$",
    )
    .ok()?;
    let misspelt = |call: &&Call| {
        text_of(call).is_some_and(|text| pattern.is_match(text.lines().next().unwrap_or_default()))
    };
    let call = only(case.output_calls().filter(misspelt))?;
    let range = argument_text(call)?.range.clone()?;
    let written = case.text.get(range.clone())?;
    let corrected = pattern
        .replace(written, "Content-Type: $kind/$rest")
        .into_owned();
    let mut edits = case.edits();
    edits.replace(range, corrected);
    case.part(
        "Correct the spelling",
        format!("Line {} prints Content-Type.", call.line),
        edits,
    )
}

/// Names the charset beside the media type.
fn charset(case: &Case<'_>) -> Option<Part> {
    let pattern = regex::Regex::new(r"^(?i:content-type)[ \t]*:[ \t]*text/[A-Za-z0-9.+-]+").ok()?;
    let headers = case.header_calls();
    let call = only(
        headers
            .into_iter()
            .filter(|call| named(call, "content-type")),
    )?;
    let range = argument_text(call)?.range.clone()?;
    let written = case.text.get(range.clone())?;
    let end = pattern.find(written)?.end();
    if written.get(end..)?.trim_start().starts_with(';') {
        return None;
    }
    let at = range.start + end;
    let mut edits = case.edits();
    edits.replace(at..at, "; charset=utf-8");
    case.part(
        "Add charset=utf-8",
        format!("Line {} says how the letters are encoded.", call.line),
        edits,
    )
}

/// Deletes the Content-Length, which the server counts itself.
fn without_length(case: &Case<'_>) -> Option<Part> {
    without(case, "content-length", "Leave Content-Length to the server")
}

/// Deletes a field that only the server can set.
fn without_field(case: &Case<'_>) -> Option<Part> {
    let line = case.marked_line()?;
    without(case, field_name(&line)?, "Leave the field to the server")
}

fn without(case: &Case<'_>, name: &str, label: &str) -> Option<Part> {
    let headers = case.header_calls();
    let call = only(headers.into_iter().filter(|call| named(call, name)))?;
    // One that ends the block as well cannot just go.
    if text_of(call).is_some_and(ends_block)
        || text_of(call).is_some_and(|text| text.ends_with('\n')) && call.name == "print"
    {
        return None;
    }
    let mut edits = case.edits();
    edits.delete(&call.statement.clone()?)?;
    case.part(label, format!("Line {} is deleted.", call.line), edits)
}

/// Makes `Status: …` of a raw status line.
fn status_field(case: &Case<'_>) -> Option<Part> {
    let pattern = regex::Regex::new(r"^HTTP/[0-9.]+[ \t]+([0-9]{3})").ok()?;
    let raw = |call: &&Call| text_of(call).is_some_and(|text| pattern.is_match(text));
    let call = only(case.output_calls().filter(raw))?;
    let range = argument_text(call)?.range.clone()?;
    let written = case.text.get(range.clone())?;
    let mut edits = case.edits();
    edits.replace(range, pattern.replace(written, "Status: $1").into_owned());
    case.part(
        "Print Status: instead",
        format!("Line {} prints the Status header of CGI.", call.line),
        edits,
    )
}

/// Gives Status its number and the blank after it.
fn status_number(case: &Case<'_>) -> Option<Part> {
    let headers = case.header_calls();
    let call = only(headers.into_iter().filter(|call| named(call, "status")))?;
    let text = argument_text(call).filter(|text| text.whole)?;
    let range = text.range.clone()?;
    let written = case.text.get(range.clone())?;
    let (value, line_end) = match written.find("\\n").or_else(|| written.find("\\r")) {
        Some(at) => written.split_at(at),
        None => (written, ""),
    };
    let status = status_in(value.split_once(':')?.1.trim())?;
    let phrase = reason_phrase(status);
    let mut edits = case.edits();
    edits.replace(range, format!("Status: {status} {phrase}{line_end}"));
    case.part(
        "Correct the Status",
        format!("Line {} prints Status: {status} {phrase}", call.line),
        edits,
    )
}

/// The status that a wrong value means: its digits, or the number of its words.
fn status_in(value: &str) -> Option<u16> {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    if digits.len() == 3 {
        return digits.parse().ok();
    }
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphabetic);
        kept.collect::<String>().to_ascii_lowercase()
    };
    let wanted = letters(value);
    (100..600).find(|&status| !wanted.is_empty() && letters(reason_phrase(status)) == wanted)
}
