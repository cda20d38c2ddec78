//! Where interpreters are looked for, and what the place says of them. Nothing is started here.

use super::Surroundings;
use crate::site::interpreters::{INTERPRETER_NAMES, find_interpreters, is_program};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 200;
/// Folders beside and in the site where environments usually are.
const ENVIRONMENT_NAMES: [&str; 4] = [".venv", "venv", "env", ".env"];
const CONDA_NAMES: [&str; 5] = [
    "miniconda3",
    "anaconda3",
    "miniforge3",
    "mambaforge",
    "conda",
];

/// Where an interpreter comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A folder of the PATH that scripts get.
    ScriptPath,
    /// A folder of the user's own PATH, which scripts do not get.
    UserPath,
    /// A version of pyenv.
    Pyenv,
    /// An environment of `venv` in this folder.
    Venv(PathBuf),
    /// An environment of conda, or its base.
    Conda(String),
}

impl Origin {
    /// In a few words, as `pyenv`, `venv .venv`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::ScriptPath => "PATH".to_owned(),
            Self::UserPath => "your PATH, not that of scripts".to_owned(),
            Self::Pyenv => "pyenv".to_owned(),
            Self::Venv(folder) => format!("venv {}", name_of(folder)),
            Self::Conda(name) => format!("conda {name}"),
        }
    }
}

/// An interpreter that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) origin: Origin,
    /// The site, or the project around it, brings it: nobody has asked for it yet.
    pub(super) unasked: bool,
    pub(super) first: bool,
}

/// Every place, the site's own environments first, then those on the scripts' PATH.
pub(super) fn places(
    surroundings: &Surroundings,
    site: Option<&Path>,
    search_path: &str,
) -> Vec<Place> {
    let mut found = Places {
        all: Vec::new(),
        seen: HashSet::new(),
        site: site.map(Path::to_owned),
        active: surroundings.virtual_env.clone(),
    };
    for folder in environments(surroundings, site) {
        let python = folder.join("bin/python");
        found.add(python, "python3", Origin::Venv(folder), false);
    }
    let mut names = HashSet::new();
    for one in find_interpreters(search_path) {
        let first = names.insert(one.name);
        found.add(one.path, one.name, Origin::ScriptPath, first);
    }
    for one in find_interpreters(&surroundings.path) {
        found.add(one.path, one.name, Origin::UserPath, false);
    }
    let home = surroundings.home.as_deref();
    let pyenv = surroundings
        .pyenv_root
        .clone()
        .or_else(|| Some(home?.join(".pyenv")));
    for folder in folders_in(pyenv.map(|root| root.join("versions")).as_deref()) {
        found.add(folder.join("bin/python"), "python3", Origin::Pyenv, false);
    }
    for (folder, name) in conda(surroundings) {
        found.add(
            folder.join("bin/python"),
            "python3",
            Origin::Conda(name),
            false,
        );
    }
    found.all
}

struct Places {
    all: Vec<Place>,
    /// What is shown already. An environment's python is a link, and yet another interpreter than what it leads to.
    seen: HashSet<PathBuf>,
    site: Option<PathBuf>,
    /// The environment that the user has activated, and so asked for.
    active: Option<PathBuf>,
}

impl Places {
    fn add(&mut self, path: PathBuf, name: &str, origin: Origin, first: bool) {
        // A shim of pyenv is a shell script that asks pyenv each time; its versions are listed themselves.
        let is_shim = path
            .parent()
            .is_some_and(|folder| folder.ends_with("shims"));
        if is_shim || !is_program(&path) {
            return;
        }
        let is_environment = matches!(origin, Origin::Venv(_));
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let key = if is_environment { path.clone() } else { real };
        // `python` beside `python3` is one interpreter, `sh` beside `dash` are two ways to behave.
        let is_python = name.starts_with("python");
        let key = if is_python { key } else { key.join(name) };
        if !self.seen.insert(key) {
            return;
        }
        let in_site = self
            .site
            .as_ref()
            .is_some_and(|site| path.starts_with(site));
        let brought = match &origin {
            Origin::Venv(folder) => self.active.as_ref() != Some(folder),
            _ => false,
        };
        let name = if is_python { "python3" } else { name };
        debug_assert!(INTERPRETER_NAMES.contains(&name));
        self.all.push(Place {
            path,
            name: name.to_owned(),
            origin,
            unasked: in_site || brought,
            first,
        });
    }
}

/// Folders with a `pyvenv.cfg`: in the site, beside it, in the script folder, and the one that is active.
fn environments(surroundings: &Surroundings, site: Option<&Path>) -> Vec<PathBuf> {
    let around = site.into_iter().flat_map(|site| {
        let folders = [Some(site), site.parent()].into_iter().flatten();
        folders.flat_map(|folder| ENVIRONMENT_NAMES.map(|name| folder.join(name)))
    });
    let inside = site.into_iter().flat_map(|site| folders_in(Some(site)));
    let active = surroundings.virtual_env.clone();
    let mut seen = HashSet::new();
    around
        .chain(inside)
        .chain(active)
        .filter(|folder| folder.join("pyvenv.cfg").is_file() && seen.insert(folder.clone()))
        .collect()
}

fn conda(surroundings: &Surroundings) -> Vec<(PathBuf, String)> {
    let roots = surroundings
        .home
        .iter()
        .flat_map(|home| CONDA_NAMES.map(|name| home.join(name)))
        .chain([PathBuf::from("/opt/conda")]);
    let mut found = Vec::new();
    for root in roots.filter(|root| root.join("conda-meta").is_dir()) {
        found.push((root.clone(), "base".to_owned()));
        for folder in folders_in(Some(&root.join("envs"))) {
            let name = name_of(&folder);
            found.push((folder, name));
        }
    }
    if let Some(active) = &surroundings.conda_prefix {
        found.push((active.clone(), name_of(active)));
    }
    found
}

/// The folders in a folder, in order of their names.
fn folders_in(folder: Option<&Path>) -> Vec<PathBuf> {
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let mut found: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .take(MOST_ENTRIES)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn name_of(folder: &Path) -> String {
    folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn program(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn each_place_is_known_and_none_is_shown_twice() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().canonicalize().unwrap().join(path);
        for path in [
            "bin/python3",
            "own/python3",
            ".pyenv/versions/3.8.1/bin/python",
            ".pyenv/shims/python3",
            "miniconda3/bin/python",
            "miniconda3/envs/web/bin/python",
        ] {
            program(&at(path));
        }
        symlink(at("bin/python3"), at("bin/python")).unwrap();
        fs::create_dir_all(at("miniconda3/conda-meta")).unwrap();
        fs::create_dir_all(at("site/.venv/bin")).unwrap();
        fs::write(at("site/.venv/pyvenv.cfg"), "home = /x\n").unwrap();
        symlink(at("bin/python3"), at("site/.venv/bin/python")).unwrap();
        let surroundings = Surroundings {
            home: Some(at("")),
            path: format!(
                "{}:{}:{}",
                at(".pyenv/shims").display(),
                at("bin").display(),
                at("own").display()
            ),
            ..Surroundings::default()
        };
        let search_path = at("bin").to_str().unwrap().to_owned();
        let found = places(&surroundings, Some(&at("site")), &search_path);
        let told: Vec<(String, String, bool, bool)> = found
            .iter()
            .map(|place| {
                let path = place.path.strip_prefix(at("")).unwrap();
                (
                    path.to_str().unwrap().to_owned(),
                    place.origin.words(),
                    place.unasked,
                    place.first,
                )
            })
            .filter(|(path, ..)| !path.starts_with("opt/"))
            .collect();
        let expected = [
            ("site/.venv/bin/python", "venv .venv", true, false),
            ("bin/python3", "PATH", false, true),
            (
                "own/python3",
                "your PATH, not that of scripts",
                false,
                false,
            ),
            (".pyenv/versions/3.8.1/bin/python", "pyenv", false, false),
            ("miniconda3/bin/python", "conda base", false, false),
            ("miniconda3/envs/web/bin/python", "conda web", false, false),
        ];
        let expected: Vec<(String, String, bool, bool)> = expected
            .iter()
            .map(|(path, words, inside, first)| ((*path).into(), (*words).into(), *inside, *first))
            .collect();
        assert_eq!(told, expected);
    }
}
