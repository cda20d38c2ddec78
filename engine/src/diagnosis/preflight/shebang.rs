//! The `#!` line: missing, out of place, or naming a program that cannot be started.

use super::{about, about_line};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::rules::code;
use crate::diagnosis::wording::shown;
use crate::site::interpreters::name_for;
use crate::site::script::{InterpreterProblem, ScriptFacts};
use crate::site::shebang::{SHEBANG_BUFFER_BYTES, Shebang};
use std::path::Path;

/// What became of the `#!` line's words.
pub(super) struct Lookup<'a> {
    pub(super) path: &'a Path,
    pub(super) word: Option<&'a [u8]>,
    pub(super) env_found: bool,
    pub(super) problem: Option<InterpreterProblem>,
}

/// One finding a line at most: each cause here hides the next.
pub(super) fn shebang_finding(
    script: &ScriptFacts,
    shebang: &Shebang,
    lookup: &Lookup<'_>,
) -> Option<Finding> {
    if shebang.too_long {
        return Some(too_long(script, shebang));
    }
    let through_env = shebang.interpreter.rsplit(|&byte| byte == b'/').next() == Some(b"env");
    let env_fails = through_env && !lookup.env_found;
    if shebang.ends_with_cr {
        return Some(windows_line_end(
            script,
            shebang,
            lookup.problem.is_some() || env_fails,
        ));
    }
    match lookup.problem {
        Some(InterpreterProblem::Unnamed) => return Some(unnamed(script)),
        Some(InterpreterProblem::Missing) => {
            return Some(interpreter_missing(script, shebang, lookup.path));
        }
        Some(InterpreterProblem::NotAFile) => {
            return Some(interpreter_unfit(
                script,
                lookup.path,
                "is not a program but a folder or the like",
            ));
        }
        Some(InterpreterProblem::NotExecutable) => {
            return Some(interpreter_unfit(
                script,
                lookup.path,
                "is not executable for this user",
            ));
        }
        None => {}
    }
    if !env_fails {
        return None;
    }
    Some(match lookup.word {
        None => env_without_word(script),
        Some(word) if word.iter().any(|byte| matches!(byte, b' ' | b'\t')) => {
            env_with_words(script, word)
        }
        Some(word) => env_finds_nothing(script, word),
    })
}

pub(super) fn no_interpreter(script: &ScriptFacts) -> Finding {
    let line = &script.first_line;
    match (line.shebang_on_line, script.binary_format) {
        (Some(_), _) if line.bom => byte_order_mark(script),
        (Some(at), _) if only_blanks_before(script, at) => blanks_before(script, at),
        (Some(at), _) => too_low(script, at),
        (None, Some(format)) => Finding {
            explanation: format!(
                "The file is a program in the {format} format, which is another system's."
            ),
            remedy: "Build the program for this system.".into(),
            authority: "execve(2) ENOEXEC".into(),
            place: None,
            ..about(
                script,
                code::FOREIGN_PROGRAM,
                "The system cannot run this program".into(),
            )
        },
        (None, None) => no_shebang(script),
    }
}

fn no_shebang(script: &ScriptFacts) -> Finding {
    let wanted = shebang_for(script);
    Finding {
        explanation: "The first two bytes of a script must be #!, followed by the program that is to run it. Without them the \
                      system does not know whether this is Python, Perl or something else."
            .into(),
        remedy: format!("Make {wanted} the first line."),
        authority: "execve(2) ENOEXEC".into(),
        ..about_line(script, code::NO_SHEBANG, "Nothing says which program runs this script".into(), 1, "no #!")
    }
}

fn byte_order_mark(script: &ScriptFacts) -> Finding {
    Finding {
        explanation: "The file begins with a byte order mark (EF BB BF), so that its first two bytes are not #! and the system \
                      does not see which program runs it."
            .into(),
        remedy: "Save the file as UTF-8 without BOM.".into(),
        authority: "execve(2) ENOEXEC".into(),
        ..about_line(script, code::BYTE_ORDER_MARK, "Three invisible bytes come before #!".into(), 1, "BOM before #!")
    }
}

fn blanks_before(script: &ScriptFacts, line: u32) -> Finding {
    let title = if line == 1 {
        "White space comes before #!".to_owned()
    } else {
        "An empty line comes before #!".to_owned()
    };
    Finding {
        explanation: "Only at the very start of the file is #! seen by the system; here something invisible stands before it.".into(),
        remedy: "Delete everything before #!".into(),
        authority: "execve(2) ENOEXEC".into(),
        ..about_line(script, code::BLANK_BEFORE_SHEBANG, title, line, "not at the start")
    }
}

fn too_low(script: &ScriptFacts, line: u32) -> Finding {
    Finding {
        explanation: "Only at the very start of the file is #! seen by the system; further down it is a mere comment.".into(),
        remedy: "Move the #! line to the top; a coding line may be the second.".into(),
        authority: "execve(2) ENOEXEC, PEP 263".into(),
        ..about_line(script, code::SHEBANG_TOO_LOW, format!("The #! line is line {line}, not line 1"), line, "belongs in line 1")
    }
}

fn only_blanks_before(script: &ScriptFacts, line: u32) -> bool {
    let above = script
        .source
        .split(|&byte| byte == b'\n')
        .take(line.saturating_sub(1) as usize);
    above.into_iter().all(|line| line.trim_ascii().is_empty())
}

fn windows_line_end(script: &ScriptFacts, shebang: &Shebang, fatal: bool) -> Finding {
    let name = last_word(shebang);
    Finding {
        severity: if fatal {
            Severity::Error
        } else {
            Severity::Warning
        },
        explanation: if fatal {
            "The carriage return that Windows puts before each line end belongs to the name for the system, and no program is called that.".into()
        } else {
            "The carriage return that Windows puts before each line end becomes a part of the interpreter's option.".to_owned()
        },
        remedy: "Save the file with UNIX line ends (LF).".into(),
        authority: "execve(2) ENOENT".into(),
        ..about_line(
            script,
            code::WINDOWS_LINE_END,
            format!(
                "The first line ends as on Windows, so the system looks for \u{201c}{name}\u{240d}\u{201d}"
            ),
            1,
            "CR before the line end",
        )
    }
}

fn last_word(shebang: &Shebang) -> String {
    let last = shebang.argument.as_deref().unwrap_or(&shebang.interpreter);
    let last = last
        .rsplit(|byte| matches!(byte, b' ' | b'\t'))
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(last).into_owned()
}

fn too_long(script: &ScriptFacts, shebang: &Shebang) -> Finding {
    Finding {
        explanation: format!(
            "It has {} bytes; Linux reads {SHEBANG_BUFFER_BYTES} with the line end and cuts or refuses the rest.",
            shebang.span.len()
        ),
        remedy: format!("Use a shorter path, or write {}", shebang_for(script)),
        authority: "execve(2) ENOEXEC".into(),
        ..about_line(
            script,
            code::SHEBANG_TOO_LONG,
            "The #! line is too long for the system".into(),
            1,
            "too long",
        )
    }
}

fn unnamed(script: &ScriptFacts) -> Finding {
    Finding {
        explanation:
            "After #! stands the path of the program that runs the script; here nothing follows."
                .into(),
        remedy: format!("Write {}", shebang_for(script)),
        authority: "execve(2) ENOEXEC".into(),
        ..about_line(
            script,
            code::INTERPRETER_MISSING,
            "The #! line names no program".into(),
            1,
            "nothing after #!",
        )
    }
}

fn interpreter_missing(script: &ScriptFacts, shebang: &Shebang, interpreter: &Path) -> Finding {
    let relative = !shebang.interpreter.starts_with(b"/");
    Finding {
        explanation: if relative {
            "The name after #! must be a full path; the system does not search for it.".into()
        } else {
            "The #! line names a program that is not there. The system then reports \u{201c}no such file\u{201d} as if the script were missing.".to_owned()
        },
        remedy: format!("Write {}", shebang_for(script)),
        authority: "execve(2) ENOENT".into(),
        ..about_line(
            script,
            code::INTERPRETER_MISSING,
            format!("{} does not exist", shown(interpreter)),
            1,
            "no such program",
        )
    }
}

fn interpreter_unfit(script: &ScriptFacts, interpreter: &Path, what: &str) -> Finding {
    Finding {
        explanation: "The #! line must name a program that this user may start.".into(),
        remedy: format!("Write {}", shebang_for(script)),
        authority: "execve(2) EACCES".into(),
        ..about_line(
            script,
            code::NOT_A_PROGRAM,
            format!("{} {what}", shown(interpreter)),
            1,
            "cannot be started",
        )
    }
}

fn env_finds_nothing(script: &ScriptFacts, word: &[u8]) -> Finding {
    let word = String::from_utf8_lossy(word);
    Finding {
        explanation: format!(
            "env searches the PATH that scripts get for \u{201c}{word}\u{201d} and finds none; it then ends with code 127."
        ),
        remedy: if let Some(meant) = meant(&word) {
            format!("Write #!/usr/bin/env {meant}")
        } else {
            format!("Install {word}, or extend PATH under [environment] in cgi-studio.toml.")
        },
        authority: "env(1) exit status 127".into(),
        ..about_line(
            script,
            code::ENV_FINDS_NOTHING,
            format!("There is no program called {word}"),
            1,
            "not on PATH",
        )
    }
}

/// The interpreter that was most probably meant: another Python, or the letters of one in another order.
fn meant(word: &str) -> Option<&'static str> {
    const KNOWN: [&str; 8] = [
        "python3", "perl", "ruby", "php-cgi", "php", "node", "bash", "sh",
    ];
    if KNOWN.contains(&word) {
        return None;
    }
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.to_ascii_lowercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    let same_letters = KNOWN
        .into_iter()
        .find(|known| sorted(known) == sorted(word));
    same_letters.or_else(|| word.starts_with("py").then_some("python3"))
}

fn env_with_words(script: &ScriptFacts, words: &[u8]) -> Finding {
    let words = String::from_utf8_lossy(words);
    Finding {
        explanation: format!(
            "Linux passes all that follows env as one word, so env looks for a program called \u{201c}{words}\u{201d}, blanks included."
        ),
        remedy: format!("Write #!/usr/bin/env -S {words}, or leave the options out."),
        authority: "execve(2), env(1) -S".into(),
        ..about_line(
            script,
            code::ENV_WITH_WORDS,
            "env is given more than one word".into(),
            1,
            "taken as one word",
        )
    }
}

fn env_without_word(script: &ScriptFacts) -> Finding {
    Finding {
        explanation: "env starts the program that it is told; told none, it starts the script again, for ever.".into(),
        remedy: format!("Write {}", shebang_for(script)),
        authority: "env(1)".into(),
        ..about_line(script, code::ENV_FINDS_NOTHING, "env is not told which program to start".into(), 1, "nothing after env")
    }
}

/// The `#!` line that this script most probably wants.
fn shebang_for(script: &ScriptFacts) -> String {
    match name_for(&script.path, &script.source) {
        "sh" => "#!/bin/sh".to_owned(),
        name => format!("#!/usr/bin/env {name}"),
    }
}
