//! What was chosen for a URL where no script ran: a source that was sent as a file, a name that is nearly right.

use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::wording::{one_line, short, shown};
use crate::exchange::{Author, Exchange, SelectedTarget};
use std::path::Path;

/// Files with these suffixes are programs for CGI and nothing that a visitor wants to read.
const OF_SCRIPTS: [&str; 6] = ["cgi", "php", "pl", "py", "rb", "fcgi"];
/// These are scripts, too, and are also offered for download.
const OF_PROGRAMS: [&str; 8] = ["sh", "bash", "lua", "tcl", "awk", "ksh", "zsh", "asp"];

pub(super) fn findings(exchange: &Exchange) -> Option<Finding> {
    match &exchange.selection.target {
        SelectedTarget::File(path) => sent_as_file(exchange, path),
        SelectedTarget::Nothing {
            nearest: Some(nearest),
        } => Some(Finding {
            explanation: "Nothing in the site's folder answers to this URL.".into(),
            remedy: format!("Did you mean {}?", one_line(nearest)),
            ..finding(
                code::NEAR_NAME,
                format!(
                    "There is no {}, but {}",
                    one_line(&path_of(exchange)),
                    one_line(nearest)
                ),
            )
        }),
        _ => None,
    }
}

fn path_of(exchange: &Exchange) -> String {
    let target = exchange.request.target();
    let path = target.split('?').next().unwrap_or_default();
    short(path, 80)
}

fn sent_as_file(exchange: &Exchange, path: &Path) -> Option<Finding> {
    let answered = exchange.response.as_ref()?;
    if answered.author != Author::File || answered.status != 200 || !exchange.invocations.is_empty()
    {
        return None;
    }
    let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
    let severity = if OF_SCRIPTS.contains(&suffix.as_str()) {
        Severity::Warning
    } else if OF_PROGRAMS.contains(&suffix.as_str()) {
        Severity::Note
    } else {
        return None;
    };
    let name = path
        .file_name()
        .map_or_else(|| shown(path), |name| shown(Path::new(name)));
    let why = exchange
        .selection
        .steps
        .last()
        .map_or_else(String::new, |step| format!(" {}.", one_line(step)));
    Some(Finding {
        severity,
        explanation: format!("The visitor sees the source, with whatever passwords it holds.{why}"),
        place: Some((path.to_owned(), 1)),
        ..finding(
            code::SENT_AS_FILE,
            format!("{name} was sent as a file, not run"),
        )
    })
}
