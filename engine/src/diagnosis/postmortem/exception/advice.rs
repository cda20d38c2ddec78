//! The causes behind the commonest exceptions, as the catalogue tells them.

use super::super::sent_fields::SentFields;
use crate::diagnosis::preflight::python::OLD_MODULES;
use crate::diagnosis::python_word::remedy_for_syntax;
use crate::diagnosis::rules::code;
use crate::diagnosis::traceback::{Exception, Frame, Language};
use crate::diagnosis::wording::{one_line, pip_install, shown};
use crate::exchange::{Exchange, Invocation};
use crate::site::script::InterpreterState;

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
/// What a finding says of an exception beside its own words.
pub(super) struct Advice {
    pub(super) code: u16,
    pub(super) explanation: Option<String>,
    pub(super) remedy: String,
    pub(super) authority: &'static str,
}

/// The causes behind the commonest exceptions, as the catalogue tells them.
pub(super) fn advice(exchange: &Exchange, run: &Invocation, exception: &Exception) -> Advice {
    let plain = Advice {
        code: code::NOTHING_PRINTED,
        explanation: None,
        remedy: "Mend that line; until then, try: and except: around it can print an error page with headers.".into(),
        authority: "RFC 3875 §6.2",
    };
    if exception.language != Language::Python {
        if is_syntax_error(exception) {
            return unreadable(exception);
        }
        if let Some(advice) = library_missing(exception) {
            return advice;
        }
        return Advice {
            remedy: "Mend that line.".into(),
            ..plain
        };
    }
    let message = exception.message.as_str();
    let kind = exception.kind.rsplit('.').next().unwrap_or_default();
    match kind {
        "ModuleNotFoundError" | "ImportError" => import_advice(run, exception, plain),
        "KeyError" => key_advice(exchange, run, exception, message.trim_matches(['\'', '"']), plain),
        "SyntaxError" if message.contains("Missing parentheses in call to 'print'") || message.contains("Missing parentheses in call to 'exec'") => Advice {
            code: code::PYTHON_2,
            explanation: Some("This is Python 2, and the script is run by Python 3.".into()),
            remedy: "Write print(...) with parentheses; 2to3 and similar tools convert a whole file.".into(),
            authority: "PEP 3105",
        },
        "SyntaxError" | "IndentationError" | "TabError" => unreadable(exception),
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
        "TypeError" if message == "not indexable" || fails_on_body(exception) => Advice {
            code: code::NO_FORM_BODY,
            explanation: Some("FieldStorage has no fields, because the body's Content-Type is none of a form.".into()),
            remedy: "Read JSON with json.load(sys.stdin.buffer), and look at CONTENT_TYPE first.".into(),
            authority: "RFC 3875 §4.2",
        },
        "AttributeError" | "TypeError" if repeated(exchange, run, message) => Advice {
            code: code::REPEATED_FIELD,
            explanation: Some("A field came more than once, as several ticked boxes do, and getvalue then gives a list.".into()),
            remedy: "Ask with getfirst for one value, or with getlist for all.".into(),
            authority: "HTML §4.10.21",
        },
        "AttributeError" if message.contains("partially initialized module") => shadowed(exception),
        "AttributeError" if message.contains("has no attribute 'has_key'") || message.contains("has no attribute 'escape'") => Advice {
            code: code::NAME_REMOVED,
            explanation: Some("Earlier versions of Python had this name.".into()),
            remedy: if message.contains("'escape'") {
                "Use html.escape instead of cgi.escape."
            } else {
                "Write name in form instead of form.has_key(name)."
            }
            .into(),
            ..plain
        },
        _ => plain,
    }
}

/// The interpreters of other languages say it in their messages.
fn is_syntax_error(exception: &Exception) -> bool {
    let says = |text: &str| exception.message.contains(text);
    exception.kind == "SyntaxError"
        || exception.kind == "Parse error"
        || says("yntax error")
        || says("Missing right curly")
        || exception.language == Language::Shell && says("unexpected end of file")
}

/// A library of Perl, Ruby or Node that is not there: `Can't locate JSON/XS.pm in @INC`.
fn library_missing(exception: &Exception) -> Option<Advice> {
    let message = exception.message.as_str();
    let named = |before: &str, after: &str| {
        let name = message.strip_prefix(before)?.split(after).next()?;
        (!name.starts_with(['.', '/'])).then(|| one_line(name))
    };
    let install = match exception.language {
        Language::Perl => {
            let module = named("Can't locate ", ".pm in @INC")?.replace('/', "::");
            format!("Install it for this Perl: cpan {module}")
        }
        Language::Ruby => {
            let library = named("cannot load such file -- ", "\n")?;
            format!("Install it for this Ruby: gem install {library}")
        }
        Language::Node => {
            let package = named("Cannot find module '", "'")?;
            format!("Install it beside the script: npm install {package}")
        }
        _ => return None,
    };
    Some(Advice {
        code: code::MODULE_NOT_FOUND,
        explanation: Some(
            "The interpreter that runs the script does not have the library; another one, as in your terminal, may have it."
                .into(),
        ),
        remedy: install,
        authority: "",
    })
}

fn unreadable(exception: &Exception) -> Advice {
    Advice {
        code: code::SYNTAX,
        explanation: Some(
            "The interpreter could not read the script, so that not a single line of it was run."
                .into(),
        ),
        remedy: remedy_for_syntax(&exception.kind, &exception.message).into(),
        authority: "",
    }
}

fn import_advice(run: &Invocation, exception: &Exception, plain: Advice) -> Advice {
    let message = exception.message.as_str();
    if message.contains("partially initialized module") || message.ends_with("is not a package") {
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
    if matches!(module, "cgi" | "cgitb") {
        return Advice {
            code: code::MODULE_REMOVED,
            explanation: Some("The modules cgi and cgitb were removed from Python 3.13.".into()),
            remedy: "Read form fields with urllib.parse and uploads with email.message, or install legacy-cgi, which has the same names.".into(),
            authority: "PEP 594",
        };
    }
    if let Some((_, now)) = OLD_MODULES.iter().find(|(old, _)| *old == module) {
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
        remedy: pip_install(&interpreter, &top),
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
            let module = module
                .unwrap_or("the module")
                .split('.')
                .next()
                .unwrap_or_default();
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

/// How the module cgi of Python 3 fails on a body that is no form and whose length is known.
fn fails_on_body(exception: &Exception) -> bool {
    let innermost = exception.frames.last();
    innermost.is_some_and(|frame| frame.function == "read_binary" && frame.file.ends_with("cgi.py"))
}

/// A list where a text was expected, while the request has a field twice.
fn repeated(exchange: &Exchange, run: &Invocation, message: &str) -> bool {
    let about_list = message.starts_with("'list' object has no attribute")
        || message.contains("not list")
        || message.contains("not 'list'")
        || message.contains("(not \"list\")");
    about_list && {
        let fields = SentFields::of(exchange, run);
        let names = fields.pairs.iter().map(|(name, _)| name);
        let mut seen = std::collections::BTreeSet::new();
        names.into_iter().any(|name| !seen.insert(name))
    }
}

fn key_advice(
    exchange: &Exchange,
    run: &Invocation,
    exception: &Exception,
    key: &str,
    plain: Advice,
) -> Advice {
    let get = match key {
        // An empty text is no number either.
        "CONTENT_LENGTH" => "Write int(os.environ.get(\"CONTENT_LENGTH\") or 0).".to_owned(),
        _ => format!("Write os.environ.get(\"{}\", \"\").", one_line(key)),
    };
    let of_a_login = Advice {
        code: code::SHELL_VARIABLE,
        explanation: Some("A CGI script starts with an almost empty environment, not with that of somebody's login.".into()),
        remedy: format!("{get} Or set it under [environment] in cgi-studio.toml."),
        authority: "RFC 3875 §4.1",
    };
    if OF_A_LOGIN.contains(&key) {
        return of_a_login;
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
    if let Some(advice) = field_advice(exchange, run, exception, key) {
        return advice;
    }
    if exception
        .own_frame()
        .is_some_and(|frame| frame.code.contains("environ["))
    {
        return of_a_login;
    }
    Advice { remedy: "Ask with .get(), or check first that the key is there: an empty form field is dropped unless keep_blank_values is set.".into(), ..plain }
}

/// The key is a form field's name: one that was sent empty, or one that this request does not have.
fn field_advice(
    exchange: &Exchange,
    run: &Invocation,
    exception: &Exception,
    key: &str,
) -> Option<Advice> {
    let fields = SentFields::of(exchange, run);
    let sent_empty =
        fields.values(key).next().is_some() && fields.values(key).all(<[u8]>::is_empty);
    let holds = |text: &[u8]| memchr::memmem::find(&run.script.source, text).is_some();
    let of_form = holds(b"FieldStorage(") || holds(b"parse_qs");
    let indexed = exception.own_frame().is_some_and(|frame| {
        frame.code.contains(&format!("['{key}']")) || frame.code.contains(&format!("[\"{key}\"]"))
    }) && !exception
        .own_frame()
        .is_some_and(|frame| frame.code.contains("environ"));
    let shown = one_line(key);
    let explanation = if sent_empty {
        format!(
            "The visitor left \u{201c}{shown}\u{201d} empty, and empty fields are dropped unless keep_blank_values is set."
        )
    } else if of_form && indexed && fields.values(key).next().is_none() {
        format!(
            "This request has no field \u{201c}{shown}\u{201d}; a page that is opened by its URL alone has none at all."
        )
    } else {
        return None;
    };
    Some(Advice {
        code: code::FIELD_MISSING,
        explanation: Some(explanation),
        remedy: "Ask with .get or getfirst, or keep empty fields with keep_blank_values=True."
            .into(),
        authority: "HTML §4.10.21",
    })
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
