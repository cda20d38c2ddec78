//! Fixes of how a script reads the request body (RFC 3875 §4.2).

use super::{Case, Part, only};
use crate::diagnosis::code;
use crate::python::Call;

const LENGTH: &str = "int(os.environ.get(\"CONTENT_LENGTH\") or 0)";

pub(super) fn change(case: &Case<'_>) -> Option<Part> {
    match case.finding.code.0 {
        58 | code::TIME_LIMIT => as_long_as_told(case),
        61 => bytes_not_characters(case),
        code::EMPTY_NUMBER => empty_is_nothing(case),
        _ => None,
    }
}

/// Reads CONTENT_LENGTH bytes instead of everything up to an end that need not come.
fn as_long_as_told(case: &Case<'_>) -> Option<Part> {
    let to_the_end = |call: &&Call| {
        matches!(
            call.name.as_str(),
            "sys.stdin.read" | "sys.stdin.buffer.read"
        ) && call.arguments.is_empty()
    };
    let call = only(case.facts.calls.iter().filter(to_the_end))?;
    let callee = case.text.get(call.callee.clone())?;
    let mut edits = case.edits();
    let read = if call.name == "sys.stdin.read" {
        let stdin = callee.strip_suffix(".read")?;
        format!("{stdin}.buffer.read({LENGTH}).decode()")
    } else {
        format!("{callee}({LENGTH})")
    };
    edits.replace(call.range.clone(), read);
    edits.import("os")?;
    let meaning = format!("Line {} reads CONTENT_LENGTH bytes and no more.", call.line);
    case.part("Read CONTENT_LENGTH bytes", meaning, edits)
}

/// Counts bytes, as CONTENT_LENGTH does.
fn bytes_not_characters(case: &Case<'_>) -> Option<Part> {
    let counted = |call: &&Call| call.name == "sys.stdin.read" && call.arguments.len() == 1;
    let call = only(case.facts.calls.iter().filter(counted))?;
    let stdin = case.text.get(call.callee.clone())?.strip_suffix(".read")?;
    let length = case.text.get(call.arguments[0].range.clone())?;
    let mut edits = case.edits();
    edits.replace(
        call.range.clone(),
        format!("{stdin}.buffer.read({length}).decode()"),
    );
    let meaning = format!("Line {} reads bytes, and decodes them as UTF-8.", call.line);
    case.part("Read bytes", meaning, edits)
}

/// Takes an empty or absent CONTENT_LENGTH for nothing.
fn empty_is_nothing(case: &Case<'_>) -> Option<Part> {
    let length = |argument: &crate::python::Argument| {
        let value = case.text.get(argument.range.clone()).unwrap_or_default();
        value.contains("CONTENT_LENGTH") && !value.contains(" or ")
    };
    let numbers = |call: &&Call| {
        call.name == "int" && call.arguments.len() == 1 && call.positional(0).is_some_and(length)
    };
    let call = only(case.facts.calls.iter().filter(numbers))?;
    let mut edits = case.edits();
    let argument = &call.arguments[0].range;
    let subscript = case
        .facts
        .subscripts
        .iter()
        .find(|subscript| subscript.range == *argument && subscript.name == "os.environ");
    if let Some(subscript) = subscript {
        let environ = case.text.get(subscript.value.clone())?;
        edits.replace(
            argument.clone(),
            format!("{environ}.get(\"CONTENT_LENGTH\") or 0"),
        );
    } else {
        edits.replace(argument.end..argument.end, " or 0");
    }
    let meaning = format!("Line {} takes an empty CONTENT_LENGTH for 0.", call.line);
    case.part("Take an empty value for 0", meaning, edits)
}
