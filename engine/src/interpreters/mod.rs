//! The interpreters of this computer: where they are, which version, what they lack of what a site imports.
//!
//! In reading order: where to look (`places`), what an interpreter says of itself (`word`), and the choice of one
//! for a site (`choice`). An interpreter that lies in the site itself, and an environment that lies around it and
//! is not the active one, is not started: opening a folder starts none of its programs, nor of the project's that it
//! is a part of. What is known of it stands in its `pyvenv.cfg`.

mod choice;
mod places;
mod word;

pub use choice::{ChoiceError, choose, record_locals};
pub use places::Origin;

use crate::process::Spawner;
use crate::python::PythonFacts;
use crate::site::Site;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Scripts whose imports are read, and modules that are asked for.
const MOST_SCRIPTS: usize = 500;
const MOST_MODULES: usize = 200;

/// An interpreter of this computer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpreter {
    /// Its file, as a script's first line would name it.
    pub path: PathBuf,
    /// What it is: `python3`, `perl`, `php-cgi`.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its version; none where it does not tell.
    pub version: Option<String>,
    /// Modules that scripts of the site import and it has not, `cgi` for every Python that has it no more.
    pub lacks: Vec<String>,
    /// It lies in the site, or is an environment around it, so that it was not started: what is said of it stands in
    /// its files.
    pub unasked: bool,
    /// It has the first of its name on the PATH of scripts: `#!/usr/bin/env` finds it.
    pub first: bool,
    /// Suffixes of scripts that the site gives to it.
    pub chosen_for: Vec<String>,
}

/// Finds interpreters, and remembers what each has said until its file changes.
#[derive(Debug, Default)]
pub struct Finder {
    said: HashMap<Asked, Option<word::Word>>,
}

/// A question to a file as it was: by its place, its inode and its time of change.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Asked {
    path: PathBuf,
    inode: u64,
    changed: i64,
    modules: Vec<String>,
}

impl Finder {
    /// All interpreters, those of the site first. Starts each that neither the site nor its project brings, for five
    /// seconds at most:
    /// not for a thread that must not wait.
    ///
    /// # Errors
    /// The system has no room for a reactor.
    pub fn find(
        &mut self,
        spawner: &Spawner,
        surroundings: &Surroundings,
        site: Option<&Site>,
    ) -> std::io::Result<Vec<Interpreter>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let modules = site.map(imported_modules).unwrap_or_default();
        let search_path = site.map_or(crate::site::config::DEFAULT_PATH, |site| site.config.path());
        let places = places::places(
            surroundings,
            site.map(|site| site.root.as_path()),
            search_path,
        );
        let mut found = Vec::new();
        for place in places {
            let asked = Asked::about(&place.path, &modules);
            let said = if place.unasked {
                word::of_files(&place, &modules)
            } else if let Some(known) = self.said.get(&asked) {
                known.clone()
            } else {
                let said = runtime.block_on(word::ask(spawner, &place, search_path, &modules));
                self.said.insert(asked, said.clone());
                said
            };
            found.push(interpreter(place, said, site));
        }
        Ok(found)
    }
}

impl Asked {
    fn about(path: &Path, modules: &[String]) -> Self {
        let facts = fs::metadata(path).ok();
        Self {
            path: path.to_owned(),
            inode: facts.as_ref().map_or(0, MetadataExt::ino),
            changed: facts.as_ref().map_or(0, MetadataExt::ctime),
            modules: modules.to_vec(),
        }
    }
}

/// What of the user's surroundings says where interpreters are.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The user's own PATH.
    pub path: String,
    /// PYENV_ROOT.
    pub pyenv_root: Option<PathBuf>,
    /// VIRTUAL_ENV.
    pub virtual_env: Option<PathBuf>,
    /// CONDA_PREFIX.
    pub conda_prefix: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let path = |name| std::env::var_os(name).map(PathBuf::from);
        Self {
            home: path("HOME"),
            path: std::env::var("PATH").unwrap_or_default(),
            pyenv_root: path("PYENV_ROOT"),
            virtual_env: path("VIRTUAL_ENV"),
            conda_prefix: path("CONDA_PREFIX"),
        }
    }
}

fn interpreter(place: places::Place, said: Option<word::Word>, site: Option<&Site>) -> Interpreter {
    let chosen_for = site.map_or_else(Vec::new, |site| {
        let chosen = site.config.scripts.interpreters.iter();
        chosen
            .filter(|(_, path)| site.root.join(path) == place.path)
            .map(|(suffix, _)| suffix.clone())
            .collect()
    });
    let (version, lacks) = said.map_or((None, Vec::new()), |said| (said.version, said.lacks));
    // It is looked for by the name that runs scripts of today.
    let is_python_2 = version.as_deref().is_some_and(|is| is.starts_with("2."));
    let name = match place.name.as_str() {
        "python3" if is_python_2 => "python2".to_owned(),
        _ => place.name,
    };
    Interpreter {
        path: place.path,
        name,
        origin: place.origin,
        version,
        lacks,
        unasked: place.unasked,
        first: place.first,
        chosen_for,
    }
}

/// The modules that the site's Python scripts need and do not bring themselves, and `cgi`.
fn imported_modules(site: &Site) -> Vec<String> {
    let mut modules = BTreeSet::from(["cgi".to_owned()]);
    for entry in site.scripts().into_iter().take(MOST_SCRIPTS) {
        let script = site.script_facts(&entry.path);
        if script.language() != Some("python3") {
            continue;
        }
        let Some(facts) = PythonFacts::read(&script.source) else {
            continue;
        };
        let folder = script.path.parent().unwrap_or(Path::new("/"));
        for module in crate::interpreter_word::modules(&facts) {
            let beside =
                folder.join(module).is_dir() || folder.join(format!("{module}.py")).is_file();
            if !beside {
                modules.insert(module.to_owned());
            }
        }
    }
    modules.into_iter().take(MOST_MODULES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_2_is_called_what_it_is() {
        for (version, name) in [
            (Some("2.7.18"), "python2"),
            (Some("3.2.6"), "python3"),
            (None, "python3"),
        ] {
            let place = places::Place {
                path: "/opt/python/bin/python".into(),
                name: "python3".to_owned(),
                origin: Origin::Pyenv,
                unasked: false,
                first: false,
            };
            let said = version.map(|version| word::Word {
                version: Some(version.to_owned()),
                lacks: Vec::new(),
            });
            assert_eq!(interpreter(place, said, None).name, name, "{version:?}");
        }
    }
}
