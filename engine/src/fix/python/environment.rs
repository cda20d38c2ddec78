//! Fixes of how a script asks for a meta-variable (RFC 3875 §4.1).

use super::{Case, Part, only};
use crate::diagnosis::code;
use crate::python::Subscript;

pub(super) fn change(case: &Case<'_>) -> Option<Part> {
    if !matches!(
        case.finding.code.0,
        code::ABSENT_VARIABLE | code::SHELL_VARIABLE | code::EMPTY_NUMBER
    ) {
        return None;
    }
    let line = case.finding.place.as_ref()?.1;
    let asked = |subscript: &&Subscript| {
        subscript.name == "os.environ" && subscript.read && subscript.line == line
    };
    let subscript = only(case.facts.subscripts.iter().filter(asked))?;
    let environ = case.text.get(subscript.value.clone())?;
    let key = case.text.get(subscript.key_range.clone())?;
    let mut edits = case.edits();
    edits.replace(
        subscript.range.clone(),
        format!("{environ}.get({key}, \"\")"),
    );
    let meaning = format!("Line {line} takes an absent variable for an empty text.");
    case.part("Ask with get", meaning, edits)
}
