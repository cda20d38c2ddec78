//! Which file a URL selects, and what runs it (part A1).

use std::path::{Path, PathBuf};

use super::super::Severity::{Breaks, Differs, Note};
use super::super::Touched;
use super::super::case::{Case, Script};
use super::super::source::reads_variable;
use super::{GENERAL, Rule, on};
use crate::convert::Host::{Apache, Caddy, Lighttpd, Nginx};
use crate::site::script::InterpreterState;

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: Some(1),
        title: "a script known by its first bytes alone",
        here: "an executable file that starts with #! or is a program is run wherever it stands",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Note,
            "only what the configuration names is run; the written one names this file",
            "write the configuration anew when such a script is added, or move it to a script folder",
        )],
        touches: scripts_by_magic,
    },
    Rule {
        row: Some(2),
        title: "a script that is missing or cannot be started",
        here: "a missing script is 404 with the nearest name, one that cannot be started is 500 with the reason",
        there: &[on(
            &[Nginx, Caddy],
            Note,
            "fcgiwrap answers 403 and Go 500 for both, without a reason",
            "look into the error log of the host; the written configuration answers 404 for what is missing",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(7),
        title: "an interpreter chosen by suffix",
        here: "cgi-studio.toml maps the suffix to an interpreter, so neither #! nor the executable bit is needed",
        there: &[on(
            &[Apache, Nginx],
            Breaks,
            "the file itself is started, and has no usable #! line or no executable bit",
            "give it a #! line with UNIX line ends and run chmod +x on it",
        )],
        touches: |case| case.files(|script| is_mapped(script).then(|| unable_alone(script))?),
    },
    Rule {
        row: Some(7),
        title: "two interpreters for one script",
        here: "cgi-studio.toml maps the suffix to an interpreter, and the #! line is not read",
        there: &[on(
            &[Apache, Nginx],
            Differs,
            "the interpreter of the #! line runs the script",
            "make the #! line name the interpreter that the script is meant for",
        )],
        touches: |case| case.files(other_interpreter),
    },
    Rule {
        row: Some(7),
        title: "an interpreter that may not be there",
        here: "cgi-studio.toml maps the suffix to this interpreter",
        there: &[on(
            &[Lighttpd, Caddy],
            Breaks,
            "the written configuration names the same file, which lies in somebody's home folder",
            "map the suffix to an interpreter of the system, such as /usr/bin/python3",
        )],
        touches: |case| {
            case.files(|script| match &script.facts.interpreter {
                InterpreterState::Mapped { path, .. } => at_home(path),
                _ => None,
            })
        },
    },
    Rule {
        row: Some(6),
        title: "an interpreter that is only here",
        here: "the #! line names a program in somebody's home folder",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Breaks,
            "there is no such program, or the user that scripts run as may not enter that folder",
            "name an interpreter of the system, such as #!/usr/bin/python3, or install the environment under /opt or /srv",
        )],
        touches: |case| {
            case.files(|script| match &script.facts.interpreter {
                InterpreterState::Shebang {
                    path, env_found, ..
                } => at_home(path).or_else(|| at_home(env_found.as_deref()?)),
                _ => None,
            })
        },
    },
    Rule {
        row: Some(10),
        title: "%2F in the extra path",
        here: "it is decoded, with a note that a slash cannot be told from one that was encoded",
        there: &[on(
            &[Apache],
            Note,
            "such a URL is 404 unless AllowEncodedSlashes is on, as it is in the written configuration",
            "keep AllowEncodedSlashes On",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(12),
        title: "// and /./ inside of a URL",
        here: "they are kept in PATH_INFO",
        there: &[on(
            &[Apache, Lighttpd, Nginx],
            Note,
            "slashes are merged before the script sees them",
            "do not tell things apart by empty path segments",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(15),
        title: "PATH_INFO without extra path",
        here: "it is not set",
        there: &[on(
            &[Caddy],
            Note,
            "it is set and empty",
            "treat an empty value and a missing one alike",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(17),
        title: "PATH_TRANSLATED",
        here: "it is set whenever there is extra path",
        there: &[on(
            &[Caddy],
            Differs,
            "it is never set",
            "join DOCUMENT_ROOT and PATH_INFO in the script",
        )],
        touches: |case| case.reading(&["PATH_TRANSLATED"]),
    },
    Rule {
        row: Some(17),
        title: "PATH_TRANSLATED in an alias",
        here: "extra path is mapped from the document root",
        there: &[on(
            &[Lighttpd],
            Differs,
            "extra path of a script in an alias is mapped from the alias's folder",
            "join DOCUMENT_ROOT and PATH_INFO in the script",
        )],
        touches: |case| match case.has_own_aliases() {
            true => case.reading(&["PATH_TRANSLATED"]),
            false => Vec::new(),
        },
    },
    Rule {
        row: Some(34),
        title: "the name of an index script",
        here: "SCRIPT_NAME is the folder's URL when the script answers for its folder",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "SCRIPT_NAME has the script's file name too, as in /shop/index.py",
            "build links from the folder: cut SCRIPT_NAME after its last slash",
        )],
        touches: index_scripts,
    },
];

fn scripts_by_magic(case: &Case<'_>) -> Vec<Touched> {
    let by_magic = |script: &Script| {
        let file = &script.facts.path;
        (!case.site.has_script_suffix(file) && !case.in_script_folder(file))
            .then(|| "it has no script suffix and stands in no script folder".to_owned())
    };
    case.files(by_magic)
}

fn index_scripts(case: &Case<'_>) -> Vec<Touched> {
    let index = &case.site.config.scripts.index;
    case.lines_of(|script, line| {
        let is_index = index.iter().any(|name| name.as_bytes() == script.name());
        is_index && reads_variable(&line.text, "SCRIPT_NAME")
    })
}

fn is_mapped(script: &Script) -> bool {
    matches!(script.facts.interpreter, InterpreterState::Mapped { .. })
}

/// Why the system could not start the file without the mapping.
fn unable_alone(script: &Script) -> Option<String> {
    let facts = &script.facts;
    match &facts.first_line.shebang {
        _ if facts.binary_format.is_some_and(|format| format.is_native()) && facts.executable => {
            None
        }
        None => Some("it has no #! line at its very start".to_owned()),
        Some(shebang) if shebang.ends_with_cr => {
            Some("its #! line ends with a carriage return (Windows line ends)".to_owned())
        }
        Some(_) if !facts.executable => {
            Some(format!("it is not executable (mode {:o})", facts.mode))
        }
        Some(_) => None,
    }
}

fn other_interpreter(script: &Script) -> Option<String> {
    let InterpreterState::Mapped { path: mapped, .. } = &script.facts.interpreter else {
        return None;
    };
    if unable_alone(script).is_some() {
        return None;
    }
    let shebang = script.facts.first_line.shebang.as_ref()?;
    let named = PathBuf::from(String::from_utf8_lossy(&shebang.interpreter).into_owned());
    let word = shebang
        .word_for_env()
        .map(|word| PathBuf::from(String::from_utf8_lossy(&word).into_owned()));
    let same = [Some(named.clone()), word]
        .into_iter()
        .flatten()
        .any(|name| name == *mapped || mapped.file_name() == Some(name.as_os_str()));
    (!same).then(|| format!("{} here, {} there", mapped.display(), named.display()))
}

/// Whether a program lies where only its owner finds it.
fn at_home(program: &Path) -> Option<String> {
    [
        "/home",
        "/root",
        "/Users",
        "/usr/home",
        "/var/home",
        "/opt/homebrew",
    ]
    .iter()
    .any(|home| program.starts_with(home))
    .then(|| program.display().to_string())
}
