//! An exception that nobody caught: before the headers it is why there is no page, after them why it is cut off.

use super::headers_are_out;
use super::process::sent;
use crate::diagnosis::evidence::{line_at, of_file, of_stream};
use crate::diagnosis::finding::{Evidence, Finding, Severity, Stage, StreamName};
use crate::diagnosis::rules::code;
use crate::diagnosis::traceback::{self, Exception, Frame, Language};
use crate::diagnosis::wording::{counted_bytes, one_line, shown};
use crate::exchange::{End, Exchange, Invocation};
use crate::process::Exit;
use crate::site::script::InterpreterState;
use std::path::{Path, PathBuf};

/// The variables that a CGI script may ask for and that a request need not have (RFC 3875 §4.1).
const OPTIONAL: [&str; 10] = [
    "AUTH_TYPE",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "REMOTE_HOST",
    "REMOTE_IDENT",
    "REMOTE_USER",
    "HTTPS",
    "QUERY_STRING",
];
/// Variables of a login, which a CGI script has no part in.
const OF_A_LOGIN: [&str; 9] = [
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "SHELL",
    "TERM",
    "PWD",
    "DISPLAY",
    "VIRTUAL_ENV",
];

/// The exception on standard error, if the script ended with a failure.
pub(super) fn uncaught(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    if run.stderr.is_empty() || run.exit.is_none_or(Exit::success) {
        return None;
    }
    let (text, offset) = run.stderr.end();
    let exception = traceback::last_exception(&text)?;
    let found = describe(run, &exception, evidence_of(run, &exception, &text, offset));
    Some(if headers_are_out(run) {
        cut_off(exchange, run, &exception, found)
    } else {
        found
    })
}

/// What an exception before the headers is told as.
pub(super) fn describe(
    run: &Invocation,
    exception: &Exception,
    evidence: Option<Evidence>,
) -> Finding {
    let place = exception.place(directory(run));
    let advice = advice(run, exception);
    Finding {
        explanation: advice.explanation.unwrap_or_else(|| {
            "The script ended with an exception before it had printed its headers, so that there is no page to send.".to_owned()
        }),
        remedy: advice.remedy,
        authority: advice.authority.into(),
        evidence,
        place: place.clone(),
        ..super::finding(advice.code, Severity::Error, Stage::Process, title(exception, place.as_ref()))
    }
}

fn cut_off(
    exchange: &Exchange,
    run: &Invocation,
    exception: &Exception,
    found: Finding,
) -> Finding {
    let bytes = counted_bytes(sent(exchange, run));
    let whole = matches!(exchange.end, Some(End::Answered));
    let title = title(exception, found.place.as_ref());
    Finding {
        code: crate::diagnosis::RuleCode(code::CUT_OFF),
        title: if whole {
            format!("The script failed after {bytes} of its page: {title}")
        } else {
            format!("The page is cut off after {bytes}: {title}")
        },
        explanation: format!(
            "The headers were out when the exception came, so that the status could not say failure any more.{}",
            if whole {
                ""
            } else {
                " The connection was ended in a way that shows that the page is not whole; most servers hide it."
            }
        ),
        authority: "RFC 3875 §6.4".into(),
        ..found
    }
}

/// `KeyError: 'name' in form.py line 14`
fn title(exception: &Exception, place: Option<&(PathBuf, u32)>) -> String {
    let headline = one_line(&exception.headline());
    match place {
        Some((file, line)) => {
            let name = file
                .file_name()
                .map_or_else(|| shown(file), |name| shown(Path::new(name)));
            format!("{headline} in {name} line {line}")
        }
        None => headline,
    }
}

/// The script's own line where it failed, else the exception's words.
pub(super) fn evidence_of(
    run: &Invocation,
    exception: &Exception,
    text: &[u8],
    offset: u64,
) -> Option<Evidence> {
    if let Some((file, line)) = exception.place(directory(run))
        && file == run.script.path
        && let Some(evidence) = of_file(
            &file,
            &run.script.source,
            line,
            &one_line(&exception.headline()),
        )
    {
        return Some(evidence);
    }
    // Lines are numbered from the stream's beginning; where that is gone, the numbers would lie.
    let last = text
        .get(..exception.span.end)?
        .trim_ascii_end()
        .len()
        .saturating_sub(1);
    (offset == 0).then(|| of_stream(StreamName::Stderr, text, line_at(text, last), ""))?
}

fn directory(run: &Invocation) -> &Path {
    match &run.program {
        Some(program) => &program.directory,
        None => run.script.path.parent().unwrap_or(Path::new("/")),
    }
}

struct Advice {
    code: u16,
    explanation: Option<String>,
    remedy: String,
    authority: &'static str,
}

/// The causes behind the commonest exceptions, as the catalogue tells them.
fn advice(run: &Invocation, exception: &Exception) -> Advice {
    let plain = Advice {
        code: code::NOTHING_PRINTED,
        explanation: None,
        remedy: "Mend that line; until then, try: and except: around it can print an error page with headers.".into(),
        authority: "RFC 3875 §6.2",
    };
    if exception.language != Language::Python {
        return Advice {
            remedy: "Mend that line.".into(),
            ..plain
        };
    }
    let message = exception.message.as_str();
    let kind = exception.kind.rsplit('.').next().unwrap_or_default();
    match kind {
        "ModuleNotFoundError" | "ImportError" => import_advice(run, exception, plain),
        "KeyError" => key_advice(run, message.trim_matches(['\'', '"']), plain),
        "SyntaxError" if message.contains("Missing parentheses in call to 'print'") || message.contains("Missing parentheses in call to 'exec'") => Advice {
            code: code::PYTHON_2,
            explanation: Some("This is Python 2, and the script is run by Python 3.".into()),
            remedy: "Write print(...) with parentheses; 2to3 and similar tools convert a whole file.".into(),
            authority: "PEP 3105",
        },
        "SyntaxError" | "IndentationError" | "TabError" => Advice {
            explanation: Some("Python could not read the script, so that not a single line of it was run.".into()),
            remedy: "Mend that line, or the one above it, where a bracket or quote may be open.".into(),
            ..plain
        },
        "UnicodeEncodeError" => Advice {
            code: code::ENCODING,
            explanation: Some("The script printed a character that the encoding of its standard output does not have.".into()),
            remedy: "Call sys.stdout.reconfigure(encoding=\"utf-8\") first, and name charset=utf-8 in Content-Type.".into(),
            ..plain
        },
        "FileNotFoundError" => Advice {
            code: code::FILE_NOT_FOUND,
            explanation: Some("A relative name starts at the folder that the script runs in; here that is the script's own, elsewhere it may be another.".into()),
            remedy: "Check the name, and build it from Path(__file__).parent.".into(),
            authority: "RFC 3875 §7.2",
        },
        "PermissionError" => Advice {
            code: code::PERMISSION,
            explanation: Some("The script runs as the server's user, who may not do this with that file or folder.".into()),
            remedy: "Give this user the right, or keep data in a folder that it owns.".into(),
            ..plain
        },
        "ValueError" if message.contains("invalid literal for int()") && message.ends_with("''") => Advice {
            code: code::EMPTY_NUMBER,
            explanation: Some("The text was empty, as CONTENT_LENGTH is on some hosts and as an unfilled form field always is.".into()),
            remedy: "Write int(value or 0), or check that there is a value first.".into(),
            authority: "RFC 3875 §4.1.2",
        },
        "EOFError" => Advice {
            code: code::INPUT_AT_END,
            explanation: Some("Nobody sits at a keyboard: the script's standard input is the body of the request.".into()),
            remedy: "Read form fields with urllib.parse from QUERY_STRING or from CONTENT_LENGTH bytes of sys.stdin.buffer.".into(),
            authority: "RFC 3875 §4.2",
        },
        "AttributeError" if message.contains("partially initialized module") => shadowed(exception),
        "AttributeError" if message.contains("has no attribute 'has_key'") || message.contains("has no attribute 'escape'") => Advice {
            code: code::NAME_REMOVED,
            explanation: Some("Earlier versions of Python had this name.".into()),
            remedy: "Use html.escape for cgi.escape, and in for has_key.".into(),
            ..plain
        },
        _ => plain,
    }
}

fn import_advice(run: &Invocation, exception: &Exception, plain: Advice) -> Advice {
    let message = exception.message.as_str();
    if message.contains("partially initialized module") {
        return shadowed(exception);
    }
    if message.starts_with("cannot import name 'escape' from 'cgi'") {
        return Advice {
            code: code::NAME_REMOVED,
            explanation: Some("cgi.escape was removed in Python 3.8.".into()),
            remedy: "Use html.escape instead.".into(),
            ..plain
        };
    }
    let Some(module) = message
        .strip_prefix("No module named ")
        .map(|name| name.trim_matches(['\'', '"']))
    else {
        return plain;
    };
    let python_2 = [
        ("Cookie", "http.cookies"),
        ("urllib2", "urllib.request"),
        ("urlparse", "urllib.parse"),
        ("StringIO", "io"),
        ("ConfigParser", "configparser"),
        ("cStringIO", "io"),
        ("httplib", "http.client"),
    ];
    if matches!(module, "cgi" | "cgitb") {
        return Advice {
            code: code::MODULE_REMOVED,
            explanation: Some("The modules cgi and cgitb were removed from Python 3.13.".into()),
            remedy: "Read form fields with urllib.parse and uploads with email.message, or install legacy-cgi, which has the same names.".into(),
            authority: "PEP 594",
        };
    }
    if let Some((_, now)) = python_2.iter().find(|(old, _)| *old == module) {
        return Advice {
            code: code::NAME_REMOVED,
            explanation: Some(format!("{module} is a module of Python 2.")),
            remedy: format!("Import {now} instead."),
            authority: "PEP 3108",
        };
    }
    let interpreter = interpreter(run);
    let top = one_line(module.split('.').next().unwrap_or_default());
    Advice {
        code: code::MODULE_NOT_FOUND,
        explanation: Some(format!(
            "The script is run by {interpreter}, and that Python does not have the module; the one in your terminal may be another."
        )),
        remedy: format!("Install it for this one: {interpreter} -m pip install {top}"),
        ..plain
    }
}

/// The name under which the script was imported while it ran: a library wanted a module that is called so.
fn script_imported(exception: &Exception) -> Option<&str> {
    let (script, inner) = exception.frames.split_first()?;
    let whole_file = |frame: &&Frame| frame.function == "<module>" && frame.file == script.file;
    inner.iter().find(whole_file)?;
    script.file.file_stem()?.to_str()
}

fn shadowed(exception: &Exception) -> Advice {
    let (module, explanation) = match script_imported(exception) {
        Some(module) => (
            module,
            format!("The script is called like the module {module}, and is imported in its place."),
        ),
        None => {
            let module = exception.message.split('\'').nth(1);
            let module = module.unwrap_or("the module");
            let explanation = format!(
                "A file beside the script is called like {module} and is imported in its place."
            );
            (module, explanation)
        }
    };
    Advice {
        code: code::MODULE_SHADOWED,
        explanation: Some(explanation),
        remedy: format!("Rename {}.py, and remove __pycache__.", one_line(module)),
        authority: "",
    }
}

fn key_advice(run: &Invocation, key: &str, plain: Advice) -> Advice {
    let get = format!("Write os.environ.get(\"{}\", \"\").", one_line(key));
    if OF_A_LOGIN.contains(&key) {
        return Advice {
            code: code::SHELL_VARIABLE,
            explanation: Some("A CGI script starts with an almost empty environment, not with that of somebody's login.".into()),
            remedy: format!("{get} Or set it under [environment] in cgi-studio.toml."),
            authority: "RFC 3875 §4.1",
        };
    }
    if OPTIONAL.contains(&key) || key.starts_with("HTTP_") {
        let reason = run
            .request
            .absent
            .iter()
            .find(|absent| absent.name == key)
            .map(|absent| absent.reason.to_string());
        return Advice {
            code: code::ABSENT_VARIABLE,
            explanation: Some(reason.unwrap_or_else(|| {
                "The client sent no such field, and a variable without a value need not be set."
                    .to_owned()
            })),
            remedy: get,
            authority: "RFC 3875 §4.1",
        };
    }
    Advice { remedy: "Ask with .get(), or check first that the key is there: an empty form field is dropped unless keep_blank_values is set.".into(), ..plain }
}

fn interpreter(run: &Invocation) -> String {
    match &run.script.interpreter {
        InterpreterState::Shebang {
            env_found: Some(path),
            ..
        }
        | InterpreterState::Shebang { path, .. }
        | InterpreterState::Mapped { path, .. } => shown(path),
        InterpreterState::Native | InterpreterState::None => "python3".to_owned(),
    }
}
