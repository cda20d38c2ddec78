//! The interpreters there are on a `PATH`; none of them is started here.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

/// The names that CGI scripts are usually written for.
pub const INTERPRETER_NAMES: [&str; 14] = [
    "python3", "python", "perl", "sh", "bash", "dash", "zsh", "ruby", "php-cgi", "php", "node",
    "lua", "tclsh", "gawk",
];

/// An interpreter and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInterpreter {
    /// The name it was looked for by.
    pub name: &'static str,
    /// Where it is, as the `PATH` leads to it.
    pub path: PathBuf,
}

/// The [`INTERPRETER_NAMES`] that are on `path`, in their order; for each name the one that a
/// lookup finds first, then others that are really other files.
pub fn find_interpreters(path: &str) -> Vec<FoundInterpreter> {
    let mut found = Vec::new();
    for name in INTERPRETER_NAMES {
        // `/bin` is often a link to `/usr/bin`: the same file is shown once a name.
        let mut seen = HashSet::new();
        for candidate in candidates(path, OsStr::new(name)) {
            if is_program(&candidate) && seen.insert(candidate.canonicalize().ok()) {
                found.push(FoundInterpreter {
                    name,
                    path: candidate,
                });
            }
        }
    }
    found
}

/// Which of the [`INTERPRETER_NAMES`] an interpreter's own name stands for, as `/opt/bin/python3.9` for `python3`.
pub(crate) fn family(interpreter: &[u8]) -> Option<&'static str> {
    let name = interpreter.rsplit(|&byte| byte == b'/').next()?;
    let stem: Vec<u8> = name
        .iter()
        .copied()
        .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
        .collect();
    match stem.as_slice() {
        b"python" | b"pypy" => Some("python3"),
        b"php" | b"php-cgi" => Some("php-cgi"),
        b"nodejs" => Some("node"),
        b"ash" | b"ksh" => Some("sh"),
        b"awk" | b"mawk" => Some("gawk"),
        stem => INTERPRETER_NAMES
            .into_iter()
            .find(|name| name.as_bytes() == stem),
    }
}

/// Which of the [`INTERPRETER_NAMES`] a script without a usable `#!` line was most probably written for: told by its
/// suffix, or by a look at its first lines.
pub(crate) fn name_for(script: &Path, source: &[u8]) -> &'static str {
    told_by(script, source).unwrap_or("python3")
}

/// The same where suffix or content tell it; none where it would be a guess.
pub(crate) fn told_by(script: &Path, source: &[u8]) -> Option<&'static str> {
    let suffix = script
        .extension()
        .and_then(|suffix| suffix.to_str())
        .unwrap_or_default();
    match suffix {
        "pl" | "pm" => return Some("perl"),
        "sh" => return Some("sh"),
        "bash" => return Some("bash"),
        "rb" => return Some("ruby"),
        "php" => return Some("php-cgi"),
        "js" | "mjs" => return Some("node"),
        "lua" => return Some("lua"),
        "tcl" => return Some("tclsh"),
        "py" => return Some("python3"),
        _ => {}
    }
    let head = source.get(..4096).unwrap_or(source);
    let holds = |text: &[u8]| memchr::memmem::find(head, text).is_some();
    if holds(b"use strict") || holds(b"my $") {
        Some("perl")
    } else if holds(b"<?php") {
        Some("php-cgi")
    } else if holds(b"echo ") && !holds(b"import ") {
        Some("sh")
    } else if holds(b"import ") || holds(b"print(") || holds(b"\ndef ") {
        Some("python3")
    } else {
        None
    }
}

/// Where `execvp(3)` would find `name`: on `path`, or where it says itself when it holds a slash.
pub(crate) fn find_on_path(path: &str, name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(name)).filter(|program| is_program(program));
    }
    candidates(path, name).find(|candidate| is_program(candidate))
}

/// Empty and relative entries would depend on the folder the script runs in; they are left out.
fn candidates(path: &str, name: &OsStr) -> impl Iterator<Item = PathBuf> {
    let folders = path
        .split(':')
        .map(Path::new)
        .filter(|folder| folder.is_absolute());
    folders
        .map(move |folder| folder.join(name))
        .filter(|_| !name.is_empty())
}

/// Whether this user could start the file.
pub(crate) fn is_program(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn an_interpreter_is_known_by_its_name_whatever_its_version_and_folder() {
        for (interpreter, expected) in [
            ("/usr/local/bin/python", Some("python3")),
            ("python2.7", Some("python3")),
            ("/opt/perl5.36/bin/perl5", Some("perl")),
            ("/bin/ash", Some("sh")),
            ("php", Some("php-cgi")),
            ("/usr/bin/cat", None),
            ("", None),
        ] {
            assert_eq!(family(interpreter.as_bytes()), expected, "{interpreter}");
        }
    }

    #[test]
    fn a_script_tells_its_language_by_suffix_or_content() {
        for (name, source, expected) in [
            ("a.pl", "", "perl"),
            ("a.py", "echo hi", "python3"),
            ("a.cgi", "use strict;\n", "perl"),
            ("a.cgi", "<?php echo 1;", "php-cgi"),
            ("a", "echo Content-Type: text/plain\n", "sh"),
            ("a.cgi", "import os\nos.system('echo 1')\n", "python3"),
        ] {
            let told = name_for(Path::new(name), source.as_bytes());
            assert_eq!(told, expected, "{name}");
        }
        assert_eq!(told_by(Path::new("a.lsp"), b"(hello)\n"), None);
    }

    #[test]
    fn only_programs_on_the_path_are_found_and_each_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, mode) in [
            ("a/python3", 0o755),
            ("b/python3", 0o755),
            ("a/perl", 0o644),
        ] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "").unwrap();
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir_all(at("a/ruby")).unwrap();
        symlink(at("a"), at("c")).unwrap();
        let path = format!("{0}/none:{0}/a::.:{0}/b:{0}/c", folder.path().display());
        let found = find_interpreters(&path);
        let expected = ["a/python3", "b/python3"].map(|name| FoundInterpreter {
            name: "python3",
            path: at(name),
        });
        assert_eq!(found, expected);
        assert_eq!(
            find_on_path(&path, OsStr::new("python3")),
            Some(at("a/python3"))
        );
        assert_eq!(find_on_path(&path, OsStr::new("perl")), None);
        assert_eq!(find_on_path("", OsStr::new("python3")), None);
        assert_eq!(find_on_path(&path, OsStr::new("")), None);
    }
}
