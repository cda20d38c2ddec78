//! Where a terminal and a run differ, with a sentence for each difference that breaks scripts.

use super::Terminal;
use crate::exchange::Invocation;
use crate::site::interpreters::find_on_path;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// Variables that only the rest of the list names, at most.
const MOST_OTHERS: usize = 400;

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What differs: a variable, `working folder`, `python3`.
    pub name: String,
    /// In the terminal; none where it is not set there.
    pub terminal: Option<OsString>,
    /// In the run; none where the script does not get it.
    pub here: Option<OsString>,
    /// What comes of it, in a sentence; empty where nothing usually does.
    pub sentence: String,
    /// How much it matters.
    pub weight: Weight,
}

/// How much a difference matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weight {
    /// Scripts that work in the terminal break of it.
    Matters,
    /// It may matter to some.
    May,
    /// Merely another value.
    Other,
}

/// The differences, those that matter first. Looks at the disk for programs.
#[must_use]
pub fn differences(
    terminal: &Terminal,
    run: &Invocation,
    own_umask: Option<u32>,
) -> Vec<Difference> {
    let here = Here::of(run);
    let mut found = Vec::new();
    found.extend(search_path(terminal, &here));
    found.extend(programs(terminal, &here, run));
    for (name, weight, sentence) in TOLD {
        found.extend(variable(terminal, &here, name, *weight, sentence));
    }
    found.extend(surroundings(terminal, run, own_umask));
    let told: BTreeSet<String> = found.iter().map(|one| one.name.clone()).collect();
    let names = terminal.environment.keys();
    let others = names.filter_map(|name| name.to_str().filter(|name| !told.contains(*name)));
    found.extend(
        others
            .filter_map(|name| variable(terminal, &here, name, Weight::Other, ""))
            .take(MOST_OTHERS),
    );
    found.sort_by_key(|one| one.weight);
    found
}

/// What comes of a variable that differs.
const TOLD: &[(&str, Weight, &str)] = &[
    (
        "HOME",
        Weight::Matters,
        "Programs that look for settings or caches in the home folder find none: ~ and Path.home() fail or lead elsewhere.",
    ),
    (
        "VIRTUAL_ENV",
        Weight::Matters,
        "In the terminal an environment is active, so that python3 is its python with its packages; a script's #! line has to name that python itself.",
    ),
    (
        "CONDA_PREFIX",
        Weight::Matters,
        "In the terminal an environment of conda is active; a script's #! line has to name its python itself.",
    ),
    (
        "PYTHONPATH",
        Weight::Matters,
        "Modules in these folders are found in the terminal only.",
    ),
    (
        "PERL5LIB",
        Weight::Matters,
        "Perl modules in these folders are found in the terminal only.",
    ),
    (
        "LD_LIBRARY_PATH",
        Weight::Matters,
        "Libraries in these folders are found in the terminal only.",
    ),
    (
        "LANG",
        Weight::Matters,
        "The language decides on encodings, on the order of sorting, on dates and numbers: before Python 3.7 text other than ASCII fails without it.",
    ),
    (
        "LC_ALL",
        Weight::Matters,
        "The language decides on encodings, on the order of sorting, on dates and numbers.",
    ),
    (
        "LC_CTYPE",
        Weight::Matters,
        "It decides on encodings: text other than ASCII may fail without it.",
    ),
    (
        "PYTHONIOENCODING",
        Weight::Matters,
        "In the terminal it sets the encoding of what a script prints.",
    ),
    (
        "PYTHONUTF8",
        Weight::Matters,
        "In the terminal it makes UTF-8 the encoding of files and output.",
    ),
    (
        "PYTHONUNBUFFERED",
        Weight::May,
        "In the terminal output comes at once; here it is kept until the end or a flush.",
    ),
    ("TZ", Weight::May, "Local times differ."),
    ("TMPDIR", Weight::May, "Temporary files lie elsewhere."),
    (
        "USER",
        Weight::May,
        "getpass.getuser() and the like ask for it.",
    ),
    (
        "LOGNAME",
        Weight::May,
        "getpass.getuser() and the like ask for it.",
    ),
    (
        "DISPLAY",
        Weight::May,
        "Programs with windows, and some that draw pictures, need it.",
    ),
    (
        "SSH_AUTH_SOCK",
        Weight::May,
        "git and ssh log in with it in the terminal; here they ask for a password, or fail.",
    ),
    (
        "http_proxy",
        Weight::May,
        "In the terminal requests go through a proxy.",
    ),
    (
        "https_proxy",
        Weight::May,
        "In the terminal requests go through a proxy.",
    ),
];

struct Here<'a>(&'a Invocation);

impl<'a> Here<'a> {
    fn of(run: &'a Invocation) -> Self {
        Self(run)
    }

    fn get(&self, name: &str) -> Option<&'a [u8]> {
        let variables = self.0.request.variables.iter();
        variables
            .filter(|variable| variable.name == name)
            .map(|variable| variable.value.as_slice())
            .next_back()
    }
}

fn variable(
    terminal: &Terminal,
    here: &Here<'_>,
    name: &str,
    weight: Weight,
    sentence: &str,
) -> Option<Difference> {
    let (there, here) = (terminal.get(name), here.get(name));
    if there.map(OsStr::as_bytes) == here {
        return None;
    }
    Some(Difference {
        name: name.to_owned(),
        terminal: there.map(OsStr::to_owned),
        here: here.map(|value| OsString::from_vec(value.to_vec())),
        sentence: sentence.to_owned(),
        weight,
    })
}

fn folders(path: Option<&[u8]>) -> Vec<PathBuf> {
    path.map(|path| std::env::split_paths(OsStr::from_bytes(path)).collect())
        .unwrap_or_default()
}

fn search_path(terminal: &Terminal, here: &Here<'_>) -> Option<Difference> {
    let found = variable(terminal, here, "PATH", Weight::Matters, "")?;
    let own = folders(here.get("PATH"));
    let mut seen = BTreeSet::new();
    let only: Vec<String> = folders(terminal.get("PATH").map(OsStr::as_bytes))
        .into_iter()
        .filter(|folder| !own.contains(folder) && seen.insert(folder.clone()))
        .map(|folder| folder.display().to_string())
        .collect();
    let sentence = match only.as_slice() {
        [] => "Both have the same folders in another order: the first program of a name may be another.".to_owned(),
        only => format!(
            "Programs in {} are found in the terminal only. Write their whole path, or set PATH under [environment] in cgi-studio.toml.",
            only.join(", ")
        ),
    };
    Some(Difference { sentence, ..found })
}

/// Programs of these names are others: `python3` is the usual reason for modules that are not found.
fn programs(terminal: &Terminal, here: &Here<'_>, run: &Invocation) -> Vec<Difference> {
    let names = ["python3", "python", "perl", "php", "ruby", "node", "pip"];
    let lookup = |path: Option<&[u8]>, name: &str| {
        find_on_path(std::str::from_utf8(path?).ok()?, OsStr::new(name))
    };
    let used = run.interpreter.as_ref().map(|one| one.path.as_path());
    let mut found = Vec::new();
    for name in names {
        let there = lookup(terminal.get("PATH").map(OsStr::as_bytes), name);
        let own = lookup(here.get("PATH"), name);
        let same = same_program(there.as_deref(), own.as_deref());
        if same || there.is_none() {
            continue;
        }
        let shown = |path: &Path| path.display().to_string();
        let sentence = match (&there, &own) {
            (Some(there), Some(_))
                if used.is_some_and(|used| same_program(Some(used), own.as_deref())) =>
            {
                format!(
                    "The script was run by another {name} than the one of the terminal: packages that were installed for {} are not there. Choose it under Interpreters, or name it in the #! line.",
                    shown(there)
                )
            }
            (Some(_), Some(own)) => format!("A script that starts {name} gets {}.", shown(own)),
            _ => format!("A script does not find {name} by its name alone."),
        };
        found.push(Difference {
            name: name.to_owned(),
            terminal: there.map(PathBuf::into_os_string),
            here: own.map(PathBuf::into_os_string),
            sentence,
            weight: if name.starts_with("python") {
                Weight::Matters
            } else {
                Weight::May
            },
        });
    }
    found
}

/// Links that lead to one file are one program, but for environments, which are told by the link.
fn same_program(one: Option<&Path>, other: Option<&Path>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return one == other;
    };
    let is_environment = |path: &Path| {
        path.parent()
            .and_then(Path::parent)
            .is_some_and(|folder| folder.join("pyvenv.cfg").is_file())
    };
    one == other
        || !is_environment(one)
            && !is_environment(other)
            && one.canonicalize().ok() == other.canonicalize().ok()
}

/// What is no variable: folder, standard input, command line, umask.
fn surroundings(terminal: &Terminal, run: &Invocation, own_umask: Option<u32>) -> Vec<Difference> {
    let fact = |name: &str, there: &str, here: OsString, sentence: &str, weight| Difference {
        name: name.to_owned(),
        terminal: Some(there.into()),
        here: Some(here),
        sentence: sentence.to_owned(),
        weight,
    };
    let mut found = Vec::new();
    if let Some(program) = &run.program {
        found.push(fact(
            "working folder",
            "wherever you are",
            program.directory.clone().into_os_string(),
            "Relative names of files begin there: open(\"data.txt\") finds another file, or none, when the terminal stands elsewhere.",
            Weight::Matters,
        ));
    }
    found.push(fact(
        "standard input",
        "the keyboard",
        "the request body, then its end".into(),
        "input() and sys.stdin.read() get the body of a form, and end-of-file at once without one.",
        Weight::May,
    ));
    found.push(fact(
        "standard output",
        "a terminal",
        "a pipe".into(),
        "Output is collected in blocks, so that what a child prints may come before it; isatty() is false, and programs print without colours.",
        Weight::May,
    ));
    if let (Some(there), Some(own)) = (terminal.umask, own_umask)
        && there != own
    {
        found.push(Difference {
            name: "umask".to_owned(),
            terminal: Some(format!("{there:04o}").into()),
            here: Some(format!("{own:04o}").into()),
            sentence: "Files that the script makes have other rights.".to_owned(),
            weight: Weight::May,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgi::meta_variable::{MetaVariable, Provenance};
    use crate::diagnosis::samples;
    use crate::process::Exit;
    use std::sync::Arc;

    fn run(variables: &[(&str, &str)]) -> Invocation {
        let mut run = samples::run(b"", b"", Exit::Code(0));
        Arc::make_mut(&mut run.request).variables = variables
            .iter()
            .map(|(name, value)| MetaVariable {
                name: (*name).to_owned(),
                value: value.as_bytes().to_vec(),
                provenance: Provenance::Server,
                sources: Vec::new(),
            })
            .collect();
        run
    }

    fn terminal(variables: &[(&str, &str)]) -> Terminal {
        Terminal {
            shell: "/bin/bash".into(),
            environment: variables
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            umask: Some(0o77),
        }
    }

    fn named<'a>(found: &'a [Difference], name: &str) -> Option<&'a Difference> {
        found.iter().find(|one| one.name == name)
    }

    #[test]
    fn folders_that_only_the_terminal_has_are_named() {
        let found = differences(
            &terminal(&[
                ("PATH", "/home/me/bin:/usr/bin"),
                ("LANG", "de_DE.UTF-8"),
                ("X", "1"),
            ]),
            &run(&[("PATH", "/usr/bin"), ("X", "1")]),
            Some(0o22),
        );
        let path = named(&found, "PATH").unwrap();
        assert!(path.sentence.contains("/home/me/bin are found"), "{path:?}");
        assert_eq!(named(&found, "LANG").unwrap().here, None);
        assert_eq!(
            named(&found, "X"),
            None,
            "what is the same is no difference"
        );
        assert_eq!(
            named(&found, "umask").unwrap().terminal,
            Some("0077".into())
        );
        assert!(found.is_sorted_by_key(|one| one.weight));
    }

    #[test]
    fn an_environment_of_python_is_another_interpreter_though_it_links_to_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let system = find_on_path("/usr/bin:/bin:/usr/local/bin", OsStr::new("sh")).unwrap();
        for place in ["venv/bin", "usr/bin"] {
            std::fs::create_dir_all(folder.path().join(place)).unwrap();
            std::os::unix::fs::symlink(&system, folder.path().join(place).join("python3")).unwrap();
        }
        std::fs::write(folder.path().join("venv/pyvenv.cfg"), "").unwrap();
        let path = |place: &str| folder.path().join(place).display().to_string();
        let both = format!("{}:{}", path("venv/bin"), path("usr/bin"));
        let found = differences(
            &terminal(&[("PATH", &both)]),
            &run(&[("PATH", &path("usr/bin"))]),
            None,
        );
        let python = named(&found, "python3").unwrap();
        assert_eq!(python.weight, Weight::Matters);
        assert_eq!(
            python.terminal,
            Some(folder.path().join("venv/bin/python3").into())
        );
    }
}
