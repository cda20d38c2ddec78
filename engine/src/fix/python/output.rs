//! Fixes of how a script writes its page: order, encoding, escaping.

use super::{Case, Part, only};
use crate::diagnosis::code;
use crate::python::{Call, Interpolation};

pub(super) fn change(case: &Case<'_>) -> Option<Part> {
    match case.finding.code.0 {
        code::OVERTAKEN => flush_before_command(case),
        28 => flush_before_bytes(case),
        code::ENCODING => as_utf8(case),
        211 => escaped(case),
        _ => None,
    }
}

/// Writes out what was printed before bytes go past it.
fn flush_before_bytes(case: &Case<'_>) -> Option<Part> {
    let writes = |call: &&Call| call.name == "sys.stdout.buffer.write" && call.statement.is_some();
    let call = case.facts.calls.iter().find(writes)?;
    let stdout = case
        .text
        .get(call.callee.clone())?
        .strip_suffix(".buffer.write")?;
    let mut edits = case.edits();
    edits.before(
        call.statement.clone()?.start,
        &[&format!("{stdout}.flush()")],
    )?;
    let meaning = format!("What was printed is written out before line {}.", call.line);
    case.part("Flush before the bytes", meaning, edits)
}

const COMMANDS: [&str; 7] = [
    "os.system",
    "os.spawnlp",
    "subprocess.call",
    "subprocess.run",
    "subprocess.check_call",
    "subprocess.Popen",
    "os.execv",
];

/// Writes out what was printed before a command writes to the same place.
fn flush_before_command(case: &Case<'_>) -> Option<Part> {
    let starts = |call: &&Call| COMMANDS.contains(&call.name.as_str()) && call.statement.is_some();
    let call = case.facts.calls.iter().find(starts)?;
    let mut edits = case.edits();
    edits.before(call.statement.clone()?.start, &["sys.stdout.flush()"])?;
    edits.import("sys")?;
    let meaning = format!(
        "What was printed is written out before line {} starts a command.",
        call.line
    );
    case.part("Flush before the command", meaning, edits)
}

/// Makes standard output UTF-8 whatever the environment says (Python 3.7 and later).
fn as_utf8(case: &Case<'_>) -> Option<Part> {
    if let Some(chosen) =
        case.facts.calls.iter().find(|call| {
            call.name == "sys.stdout.reconfigure" && call.keyword("encoding").is_some()
        })
    {
        return as_utf8_instead(case, chosen);
    }
    let mut edits = case.edits();
    edits.after_imports(&["sys.stdout.reconfigure(encoding=\"utf-8\")"])?;
    // Both stand at the end of the imports, and this one comes first there.
    let there = case
        .facts
        .imports
        .iter()
        .any(|import| import.module == "sys" && import.local == "sys" && import.top_level);
    if !there {
        edits = case.edits();
        edits.after_imports(&["import sys", "sys.stdout.reconfigure(encoding=\"utf-8\")"])?;
    }
    case.part(
        "Write UTF-8",
        "Standard output is UTF-8, whatever the environment says.",
        edits,
    )
}

/// The script chooses another encoding itself.
fn as_utf8_instead(case: &Case<'_>, chosen: &Call) -> Option<Part> {
    let encoding = chosen.keyword("encoding")?.range.clone();
    let told = case.text.get(encoding.clone())?.to_owned();
    let mut edits = case.edits();
    edits.replace(encoding, "\"utf-8\"");
    let meaning = format!("Line {} chooses UTF-8 instead of {told}.", chosen.line);
    case.part("Write UTF-8", meaning, edits)
}

/// Where form fields come from.
const INPUTS: [&str; 6] = [
    ".getvalue",
    ".getfirst",
    ".get",
    "os.environ.get",
    "os.environ",
    "urllib.parse.unquote_plus",
];

/// Escapes what came from the request where it is put into the page.
fn escaped(case: &Case<'_>) -> Option<Part> {
    let inputs: Vec<&str> = case
        .facts
        .assignments
        .iter()
        .filter(|assignment| {
            assignment
                .source
                .as_deref()
                .is_some_and(|source| INPUTS.iter().any(|input| source.ends_with(input)))
        })
        .map(|assignment| assignment.target.as_str())
        .collect();
    let printed: Vec<_> = case.output_calls().map(|call| call.range.clone()).collect();
    let from_input = |one: &&Interpolation| {
        one.name
            .as_deref()
            .is_some_and(|name| inputs.contains(&name))
            && printed.iter().any(|call| call.contains(&one.range.start))
    };
    let places: Vec<&Interpolation> = case
        .facts
        .interpolations
        .iter()
        .filter(from_input)
        .collect();
    let names: std::collections::BTreeSet<_> = places
        .iter()
        .filter_map(|one| one.name.as_deref())
        .collect();
    only(names.iter())?;
    let mut edits = case.edits();
    for place in &places {
        let value = case.text.get(place.range.clone())?;
        edits.replace(place.range.clone(), format!("html.escape({value})"));
    }
    edits.import("html")?;
    let meaning = "What came from the request is escaped where the page shows it.";
    case.part("Escape it with html.escape", meaning, edits)
}
