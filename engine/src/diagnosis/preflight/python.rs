//! What the text of a Python script tells before it runs. What may be right in another place of the world is a note.

mod doings;

use super::{about_line, name};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::rules::code;
use crate::python::{Import, PythonFacts};
use crate::site::script::{InterpreterState, ScriptFacts};
use doings::{input, lost_update, read_twice, reading, shell};

/// Modules of Python 2 that have another name today (PEP 3108).
pub(in crate::diagnosis) const OLD_MODULES: [(&str, &str); 16] = [
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("ConfigParser", "configparser"),
    ("Cookie", "http.cookies"),
    ("HTMLParser", "html.parser"),
    ("Queue", "queue"),
    ("StringIO", "io"),
    ("cPickle", "pickle"),
    ("cStringIO", "io"),
    ("commands", "subprocess"),
    ("cookielib", "http.cookiejar"),
    ("httplib", "http.client"),
    ("md5", "hashlib"),
    ("sha", "hashlib"),
    ("urllib2", "urllib.request"),
    ("urlparse", "urllib.parse"),
];
/// Modules of the standard library that scripts are often called like.
const STANDARD: [&str; 40] = [
    "ast",
    "base64",
    "calendar",
    "cgi",
    "cgitb",
    "code",
    "cmd",
    "copy",
    "csv",
    "datetime",
    "email",
    "enum",
    "glob",
    "hashlib",
    "hmac",
    "html",
    "http",
    "inspect",
    "io",
    "json",
    "keyword",
    "locale",
    "logging",
    "operator",
    "pickle",
    "platform",
    "queue",
    "random",
    "secrets",
    "select",
    "signal",
    "socket",
    "string",
    "struct",
    "subprocess",
    "test",
    "time",
    "token",
    "types",
    "uuid",
];

pub(super) fn findings(script: &ScriptFacts) -> Vec<Finding> {
    let Some(python) = python_of(script) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(standard) = STANDARD
        .iter()
        .find(|module| name(script) == format!("{module}.py"))
    {
        found.push(shadows(script, standard));
    }
    let Some(source) = PythonFacts::read(&script.source) else {
        return found;
    };
    found.extend(old_statement(script, &source, python));
    found.extend(old_imports(script, &source, python));
    found.extend(removed_name(script, &source, python));
    found.extend(input(script, &source));
    found.extend(reading(script, &source));
    found.extend(read_twice(script, &source));
    found.extend(lost_update(script, &source));
    found.extend(shell(script, &source));
    found
}

/// The Python that runs the script, as far as its name tells.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Python {
    /// The name says 3.
    is_three: bool,
    /// The minor number in its name.
    minor: Option<u32>,
}

/// `None` where something else, or Python 2, runs it.
fn python_of(script: &ScriptFacts) -> Option<Python> {
    let word = match &script.interpreter {
        InterpreterState::Mapped { path, .. } => path.file_name()?.to_string_lossy().into_owned(),
        InterpreterState::Shebang {
            path, through_env, ..
        } => match through_env {
            Some(word) => String::from_utf8_lossy(word).into_owned(),
            None => path.file_name()?.to_string_lossy().into_owned(),
        },
        InterpreterState::None if script.path.extension().is_some_and(|suffix| suffix == "py") => {
            "python".into()
        }
        InterpreterState::Native | InterpreterState::None => return None,
    };
    let version = word
        .split_whitespace()
        .next()?
        .rsplit('/')
        .next()?
        .strip_prefix("python")?;
    let minor = version
        .strip_prefix("3.")
        .and_then(|minor| minor.parse().ok());
    (!version.starts_with('2')).then_some(Python {
        is_three: version.starts_with('3'),
        minor,
    })
}

fn note(found: Finding) -> Finding {
    Finding {
        severity: Severity::Note,
        ..found
    }
}

fn shadows(script: &ScriptFacts, module: &str) -> Finding {
    note(Finding {
        explanation: format!(
            "Whatever wants the module {module} in this folder gets the script instead; libraries then fail in odd ways."
        ),
        remedy: format!("Give the script another name than {module}.py."),
        ..super::about(
            script,
            code::MODULE_SHADOWED,
            format!("The script is called like the module {module}"),
        )
    })
}

/// `print "x"`, `exec "x"`, `raise X, "x"`: no Python 3 reads these.
fn old_statement(script: &ScriptFacts, source: &PythonFacts, python: Python) -> Option<Finding> {
    let error = source.syntax_error.as_ref()?;
    let mut lines = script.source.split(|&byte| byte == b'\n');
    let text = lines.nth(error.line.saturating_sub(1) as usize)?;
    let text = String::from_utf8_lossy(text);
    if !is_old(text.trim()) {
        return None;
    }
    let found = Finding {
        explanation: "This is a statement of Python 2. Python 3 refuses the whole file because of it, so that not a single line runs.".into(),
        ..about_line(
            script,
            code::PYTHON_2,
            format!("Line {} is Python 2", error.line),
            error.line,
            "Python 2",
        )
    };
    Some(if python.is_three { found } else { note(found) })
}

/// The line at which a parser of Python 3 gives up is a statement of Python 2, perhaps after a colon.
fn is_old(line: &str) -> bool {
    let of_print = |text: &str| {
        let text = text.trim_start();
        ["print", "exec"].iter().any(|word| {
            let rest = text.strip_prefix(word).unwrap_or_default();
            let value = rest.trim_start();
            let begins = |first: char| first.is_alphanumeric() || matches!(first, '"' | '\'' | '_');
            value.len() < rest.len() && value.starts_with(begins) || value.starts_with(['"', '\''])
        })
    };
    let raises = line
        .strip_prefix("raise ")
        .and_then(|rest| rest.split_once(','))
        .is_some_and(|(kind, _)| {
            kind.chars()
                .all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '.'))
        });
    raises || of_print(line) || line.split_once(':').is_some_and(|(_, tail)| of_print(tail))
}

/// It is reached whenever the script is: outside every block, and not in an attempt.
fn is_certain(script: &ScriptFacts, import: &Import) -> bool {
    let before = import.statement.start.checked_sub(1);
    let in_first_column = before.is_none_or(|before| {
        script
            .source
            .get(before)
            .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
    });
    !import.guarded && import.top_level && in_first_column
}

fn old_imports(script: &ScriptFacts, source: &PythonFacts, python: Python) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let certain = source
        .imports
        .iter()
        .filter(|import| is_certain(script, import));
    for import in certain {
        let module = import.module.as_str();
        let old = OLD_MODULES.iter().find(|(old, _)| *old == module);
        let seen = found.iter().any(|found| {
            found
                .place
                .as_ref()
                .is_some_and(|(_, line)| *line == import.line)
        });
        if seen {
            continue;
        }
        if let Some((_, now)) = old.filter(|_| python.is_three) {
            found.push(Finding {
                severity: Severity::Warning,
                explanation: format!("{module} is a module of Python 2; a module of your own of that name would be found, too."),
                remedy: format!("Import {now} instead."),
                ..about_line(
                    script,
                    code::NAME_REMOVED,
                    format!("Python 3 has no module {module}"),
                    import.line,
                    "Python 2",
                )
            });
        } else if matches!(module, "cgi" | "cgitb") && python.minor.is_none_or(|minor| minor >= 11)
        {
            found.push(note(Finding {
                explanation: "Python 3.13 removed cgi and cgitb; up to 3.12 they work, and the package legacy-cgi has them for later ones.".into(),
                ..about_line(
                    script,
                    code::MODULE_REMOVED,
                    format!("{module} is gone from Python 3.13 on"),
                    import.line,
                    "until Python 3.12",
                )
            }));
        }
    }
    found.truncate(3);
    found
}

fn removed_name(script: &ScriptFacts, source: &PythonFacts, python: Python) -> Option<Finding> {
    if !python.is_three || python.minor.is_some_and(|minor| minor < 8) {
        return None;
    }
    let imported = source.imports.iter().find(|import| {
        import.module == "cgi"
            && import.name.as_deref() == Some("escape")
            && is_certain(script, import)
    });
    let called = || {
        let guarded = source
            .imports
            .iter()
            .any(|import| import.module == "cgi" && import.guarded);
        source
            .calls_of("cgi.escape")
            .find(|call| call.top_level && !guarded)
    };
    let line = imported
        .map(|import| import.line)
        .or_else(|| called().map(|call| call.line))?;
    Some(Finding {
        severity: Severity::Warning,
        explanation: "cgi.escape was removed in Python 3.8.".into(),
        remedy: "Use html.escape instead.".into(),
        authority: "Python 3.8, bpo-33843".into(),
        ..about_line(
            script,
            code::NAME_REMOVED,
            "cgi.escape is gone from Python 3.8 on".into(),
            line,
            "use html.escape",
        )
    })
}
