//! What the text of a Python script tells before it runs. What may be right in another place of the world is a note.

use super::{about_line, name};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::rules::code;
use crate::python::{Call, Import, PythonFacts};
use crate::site::script::{InterpreterState, ScriptFacts};

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

fn input(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    let mut calls = source.calls_of("input").chain(source.calls_of("raw_input"));
    let call = calls.next()?;
    Some(note(Finding {
        explanation: "The script's standard input is the body of the request: input() takes a line of that, or fails at its end.".into(),
        ..about_line(
            script,
            code::INPUT_AT_END,
            "The script asks with input()".into(),
            call.line,
            "nobody answers",
        )
    }))
}

/// Reading to the end, or by characters.
fn reading(script: &ScriptFacts, source: &PythonFacts) -> Vec<Finding> {
    let text = source.calls_of("sys.stdin.read");
    let bytes = source.calls_of("sys.stdin.buffer.read");
    let to_end = text.chain(bytes).find(|call| call.arguments.is_empty());
    let to_end = to_end.map(|call| {
        note(Finding {
            explanation: "This host ends the input after the body; one that leaves it open lets the script wait for ever.".into(),
            ..about_line(
                script,
                code::READS_TO_END,
                "The script reads its input to the end".into(),
                call.line,
                "without a length",
            )
        })
    });
    let counted = source
        .calls_of("sys.stdin.read")
        .find(|call| !call.arguments.is_empty());
    let counted = counted.map(|call| {
        note(Finding {
            explanation: "A letter beyond ASCII is one character and two bytes or more, so that the read waits for characters which never come.".into(),
            ..about_line(
                script,
                code::COUNTS_CHARACTERS,
                "sys.stdin.read counts characters, CONTENT_LENGTH counts bytes".into(),
                call.line,
                "counts characters",
            )
        })
    });
    to_end.into_iter().chain(counted).collect()
}

/// `FieldStorage()` and a read of standard input, where both are always reached.
fn read_twice(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    const READS: [&str; 4] = [
        "sys.stdin.read",
        "sys.stdin.buffer.read",
        "sys.stdin.readline",
        "sys.stdin.readlines",
    ];
    let own_input = |call: &&Call| call.keyword("fp").is_none() && call.positional(0).is_none();
    let mut forms = source.calls_of("cgi.FieldStorage").filter(own_input);
    let form = forms.find(|call| call.top_level)?;
    let reads = |call: &&Call| READS.contains(&call.name.as_str()) && call.top_level;
    let read = source.calls.iter().find(reads)?;
    let (first, second) = if form.line < read.line {
        (form, read)
    } else {
        (read, form)
    };
    Some(Finding {
        severity: Severity::Warning,
        explanation: format!(
            "Line {} has read the body of a POST already; this one finds nothing left.",
            first.line
        ),
        ..about_line(
            script,
            code::BODY_READ_TWICE,
            "The request body is read twice".into(),
            second.line,
            "nothing is left",
        )
    })
}

/// A file that is read and then written anew, and nothing that keeps a second process out.
fn lost_update(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    const KEEP_OUT: [&[u8]; 9] = [
        b"flock",
        b"lockf",
        b"O_EXCL",
        b"os.replace",
        b"os.rename",
        b"sqlite3",
        b"portalocker",
        b"filelock",
        b"NamedTemporaryFile",
    ];
    let keeps_out = |word: &&[u8]| memchr::memmem::find(&script.source, word).is_some();
    if KEEP_OUT.iter().any(keeps_out) {
        return None;
    }
    let opened: Vec<(&[u8], &str, u32)> = source
        .calls_of("open")
        .filter_map(|call| {
            let file = script.source.get(call.positional(0)?.range.clone())?;
            let mode = call.positional(1).or_else(|| call.keyword("mode"));
            let mode = mode.map_or(Some("r"), |mode| Some(mode.text.as_ref()?.value.as_str()))?;
            Some((file, mode, call.line))
        })
        .collect();
    let read_too = |file: &[u8]| {
        opened
            .iter()
            .any(|(other, mode, _)| *other == file && mode.starts_with('r') && !mode.contains('+'))
    };
    let (_, _, line) = opened
        .iter()
        .find(|(file, mode, _)| mode.starts_with('w') && read_too(file))?;
    Some(note(Finding {
        explanation: "Between reading the file and writing it anew another run of the script can do the same; the later one wins, and what the other wrote is gone.".into(),
        ..about_line(
            script,
            code::LOST_UPDATE,
            "Two visitors at once can lose each other's change".into(),
            *line,
            "written anew",
        )
    }))
}

/// A command that is put together as text.
fn shell(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    let put_together = |call: &&Call| {
        let text = call
            .positional(0)
            .and_then(|argument| argument.text.as_ref());
        text.is_some_and(|text| !text.whole)
    };
    let always = ["os.system", "os.popen", "subprocess.getoutput"];
    let asked = [
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_output",
        "subprocess.Popen",
    ];
    let by_shell = |call: &&Call| {
        let asked_to = || {
            let value = call
                .keyword("shell")
                .and_then(|value| script.source.get(value.range.clone()));
            asked.contains(&call.name.as_str()) && value == Some(b"True")
        };
        always.contains(&call.name.as_str()) || asked_to()
    };
    let call = source.calls.iter().filter(by_shell).find(put_together)?;
    Some(note(Finding {
        explanation: "If a part of it comes from a request, a visitor can add commands of their own after a semicolon.".into(),
        ..about_line(
            script,
            code::SHELL_INJECTION,
            "A shell runs text that is put together here".into(),
            call.line,
            "put together",
        )
    }))
}
