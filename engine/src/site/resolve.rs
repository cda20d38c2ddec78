//! From a URL path and the disk to what answers, and why (RFC 3875 §3.2).
//!
//! The rules, in the order they apply:
//! - The aliases pick the folder: the longest URL prefix, which matches whole components, then the
//!   expressions in their order, then `/`.
//! - Components are walked until the first regular file; what follows in the URL is extra path.
//!   Empty components and `.` are passed over in the walk and kept in the extra path (§8.1).
//! - In a script folder every regular file is a script, whatever URL led there; a folder there
//!   answers only through an index script.
//! - Elsewhere a file is shown by a script if its suffix has an action; it is a script by its
//!   suffix, or by an executable bit together with `#!` or a program's first bytes; it is shown by
//!   a script if its media type has an action. Other files are sent as they are.
//! - Scopes lay their settings over these rules. Where they allow no scripts, what would be one is
//!   refused, and its source is never shown.
//! - Extra path is for scripts, unless the settings say otherwise.
//! - Dot-files, `cgi-studio.toml` and files of passwords do not exist; editors' copies of scripts
//!   are refused, since they would show the source.
//! - Symbolic links are followed within the site's folder; beyond it only with
//!   `allow_outside_root`.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::near_url::{elsewhere, near_url};
use super::resolution::{Resolution, Step, Target};
use super::route::Route;
use super::scope::{AcceptPathInfo, ScriptsRule};
use super::scopes::Spot;
use super::script_rule::{FileRole, FoundFile};
use super::settings::Settings;
use super::{Site, is_hidden};

/// More scopes than this are counted and not named in the steps.
const MOST_SCOPES_TOLD: usize = 16;

/// Finds what answers `decoded_path`: percent-decoded once, dot segments removed, no NUL.
pub fn resolve(site: &Site, decoded_path: &[u8]) -> Resolution {
    let Some(route) = site.route(decoded_path) else {
        return Resolution {
            target: Target::NotFound { nearest: None },
            steps: Vec::new(),
            settings: site.settings(decoded_path, &site.root),
        };
    };
    let place = Place {
        named: route.start.clone(),
        real: route.start.clone(),
        is_folder: true,
    };
    let mut walk = Walk {
        site,
        path: decoded_path,
        steps: vec![route.step.clone()],
        settings: Arc::clone(site.scopes.base()),
        looked: false,
        place,
        index_url: None,
        scopes_told: Vec::new(),
        route: &route,
    };
    let target = walk.target().unwrap_or_else(|refused| refused);
    walk.resolution(target)
}

/// A place on disk by its two names.
pub(super) struct Place {
    /// As the URL names it.
    pub(super) named: PathBuf,
    /// Without symbolic links.
    pub(super) real: PathBuf,
    pub(super) is_folder: bool,
}

impl Place {
    fn spot<'a>(&'a self, url_path: &'a [u8], index_url: Option<&'a [u8]>) -> Spot<'a> {
        Spot {
            url_path: Some(url_path),
            index_url,
            named: &self.named,
            real: &self.real,
            is_folder: self.is_folder,
        }
    }
}

pub(super) struct Walk<'a> {
    pub(super) site: &'a Site,
    pub(super) route: &'a Route<'a>,
    pub(super) path: &'a [u8],
    /// How far the walk has come; the last name may not exist.
    pub(super) place: Place,
    /// The URL path of the index file that answers for a folder.
    pub(super) index_url: Option<Vec<u8>>,
    /// What holds there, once [`Walk::look`] was called.
    pub(super) settings: Arc<Settings>,
    pub(super) looked: bool,
    scopes_told: Vec<usize>,
    pub(super) steps: Vec<Step>,
}

impl Walk<'_> {
    fn resolution(mut self, target: Target) -> Resolution {
        if !self.looked {
            self.look();
        }
        let closed = self.settings.closed_because.clone();
        if closed.is_some() {
            self.steps.push(Step::Closed);
        }
        Resolution {
            target: closed.map_or(target, |reason| Target::Forbidden { reason }),
            steps: self.steps,
            settings: self.settings,
        }
    }

    /// Finds out what holds where the walk has come, and tells which scopes say so.
    pub(super) fn look(&mut self) {
        self.looked = true;
        let spot = self.place.spot(self.path, self.index_url.as_deref());
        self.settings = self.site.settings_at(spot);
        let applied = self.settings.applied.iter();
        let new: Vec<usize> = applied
            .filter(|index| self.scopes_told.binary_search(index).is_err())
            .copied()
            .collect();
        for &index in new.iter().take(MOST_SCOPES_TOLD) {
            let scope = self.site.config.scopes.get(index);
            let place = scope.map(|scope| match &scope.files {
                Some(files) => format!("{}, {files}", scope.place),
                None => scope.place.to_string(),
            });
            self.steps.push(Step::Scope {
                index,
                place: place.unwrap_or_default(),
            });
        }
        if let Some(count) = new.len().checked_sub(MOST_SCOPES_TOLD + 1) {
            self.steps.push(Step::MoreScopes { count: count + 1 });
        }
        self.scopes_told.clone_from(&self.settings.applied);
    }

    /// `Err` is an answer too: it only ends the walk earlier.
    fn target(&mut self) -> Result<Target, Target> {
        self.start()?;
        for walked in 0..=self.route.names.len() {
            let metadata = self.place.real.metadata().map_err(|error| failed(&error))?;
            self.place.is_folder = metadata.is_dir();
            if metadata.is_file() {
                let length = self.route.name_length(self.route.names.len() - walked);
                let extra = walked < self.route.names.len() || length < self.path.len();
                return self.first_file(length, extra);
            }
            if !metadata.is_dir() {
                return Err(forbidden(
                    "this is a pipe, a socket or a device, not a file",
                ));
            }
            if let Some(name) = self.route.names.get(walked) {
                self.step_into(name, walked)?;
            }
        }
        self.directory()
    }

    fn start(&mut self) -> Result<(), Target> {
        match self.place.named.canonicalize() {
            Ok(real) => self.place.real = real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.steps.push(Step::NoSuchFolder {
                    folder: self.place.named.clone(),
                });
                self.look();
                let last = self.route.components.last();
                return Err(Target::NotFound {
                    nearest: last.and_then(|last| elsewhere(self.site, &self.settings, last)),
                });
            }
            Err(error) => return Err(failed(&error)),
        }
        self.check_inside()
    }

    fn step_into(&mut self, name: &[u8], walked: usize) -> Result<(), Target> {
        self.place.named.push(OsStr::from_bytes(name));
        self.place.real.push(OsStr::from_bytes(name));
        self.place.is_folder = false;
        // `..` is among the hidden ones, so that a walk can only go down.
        if is_hidden(OsStr::from_bytes(name)) {
            return Err(self.hidden(name));
        }
        match self.place.real.symlink_metadata() {
            Err(error) => Err(self.missing(name, walked, &error)),
            Ok(metadata) if metadata.is_symlink() => self.follow(name),
            Ok(metadata) => {
                if metadata.is_dir() {
                    self.steps.push(Step::Folder {
                        name: name.to_vec(),
                    });
                }
                Ok(())
            }
        }
    }

    fn hidden(&mut self, name: &[u8]) -> Target {
        self.steps.push(Step::Hidden {
            name: name.to_vec(),
        });
        Target::NotFound { nearest: None }
    }

    fn follow(&mut self, name: &[u8]) -> Result<(), Target> {
        let name = name.to_vec();
        match self.place.real.canonicalize() {
            Ok(to) => {
                self.steps.push(Step::Link {
                    name,
                    to: to.clone(),
                });
                self.place.real = to;
                self.check_inside()
            }
            Err(error) => {
                self.steps.push(Step::BrokenLink { name });
                Err(failed(&error))
            }
        }
    }

    fn check_inside(&self) -> Result<(), Target> {
        if self.site.may_serve(&self.place.real) {
            return Ok(());
        }
        Err(forbidden(
            "it leads out of the site's folder; `allow_outside_root = true` under [options] allows that",
        ))
    }

    /// The place is the one that is missing, under its name in the folder it was looked for in.
    fn missing(&mut self, name: &[u8], walked: usize, error: &io::Error) -> Target {
        // What must not be seen once it is there must not be made through the site either.
        let Place { named, real, .. } = &self.place;
        if self.site.scopes.is_user_file(named, real) {
            return self.hidden(name);
        }
        let mut rest = self.route.names.iter().skip(walked);
        if let Some(below) = rest.find(|name| is_hidden(OsStr::from_bytes(name))) {
            return self.hidden(below);
        }
        let folder = self.place.named.parent().unwrap_or(&self.place.named);
        self.steps.push(Step::Missing {
            name: name.to_vec(),
            folder: folder.to_owned(),
        });
        if error.kind() != io::ErrorKind::NotFound {
            return failed(error);
        }
        self.look();
        // Behind an expression the names are not those of the URL.
        let components = &self.route.components;
        let missing = (components.len() + walked).checked_sub(self.route.names.len());
        let same = missing.filter(|&at| {
            let component = components.get(at);
            component.is_some_and(|component| component.name == name)
        });
        Target::NotFound {
            nearest: same.and_then(|at| {
                let folder = self.place.real.parent().unwrap_or(&self.place.real);
                near_url(self.site, &self.settings, folder, components, at)
            }),
        }
    }

    /// The file that the first `length` bytes of the URL path name; `extra` says whether the URL
    /// goes on after it.
    pub(super) fn first_file(&mut self, length: usize, extra: bool) -> Result<Target, Target> {
        let extra_path = self.path.get(length..).unwrap_or_default().to_vec();
        let name = self.place.named.file_name().unwrap_or_default();
        self.steps.push(Step::FirstFile {
            name: name.as_bytes().to_vec(),
            extra_path: extra_path.clone(),
        });
        let name = name.as_bytes().to_vec();
        let Place { named, real, .. } = &self.place;
        if self.site.scopes.is_user_file(named, real) {
            return Err(self.hidden(&name));
        }
        self.look();
        let role = self.found_file().role(self.site, &self.settings);
        let role = role.map_err(|error| failed(&error))?;
        self.tell(&role)?;
        if extra && self.refuses_extra_path(&role) {
            self.steps.push(Step::ExtraPathRefused);
            return Err(Target::NotFound { nearest: None });
        }
        Ok(self.answer(role, length, &extra_path))
    }

    fn found_file(&self) -> FoundFile<'_> {
        FoundFile {
            named: &self.place.named,
            real: &self.place.real,
            runs_scripts: self.route.runs_scripts,
        }
    }

    /// Says what the file is; refuses what must not be run or shown.
    fn tell(&mut self, role: &FileRole) -> Result<(), Target> {
        match role {
            FileRole::Script(because) => {
                if self.settings.scripts == ScriptsRule::None {
                    self.steps.push(Step::ScriptsForbidden);
                    return Err(forbidden(
                        "scripts are not run here, because a scope says `scripts = \"none\"` (as `Options -ExecCGI`), and their source is not shown",
                    ));
                }
                self.steps.push(because.clone());
            }
            FileRole::Action { chosen_by, handler } => self.steps.push(Step::Action {
                chosen_by: chosen_by.clone(),
                handler: handler.clone(),
            }),
            FileRole::Plain => self.steps.push(Step::PlainFile),
            FileRole::CopyOfScript => {
                return Err(forbidden(
                    "this looks like a copy of a script that an editor left; sending it would show the source",
                ));
            }
        }
        Ok(())
    }

    fn refuses_extra_path(&self, role: &FileRole) -> bool {
        let accepts = match self.settings.accept_path_info {
            AcceptPathInfo::Default => !matches!(role, FileRole::Plain),
            AcceptPathInfo::On => true,
            AcceptPathInfo::Off => false,
        };
        let root = &self.site.root;
        let mut refusing = self.site.config.scripts.refuse_extra_path.iter();
        !accepts
            || refusing.any(|script| {
                let script = root.join(script);
                script == self.place.named || script == self.place.real
            })
    }

    fn answer(&self, role: FileRole, length: usize, extra_path: &[u8]) -> Target {
        let file = self.place.named.clone();
        match role {
            FileRole::Script(_) => Target::Script {
                file,
                script_name_length: length,
                path_translated: (!extra_path.is_empty()).then(|| self.site.translate(extra_path)),
            },
            FileRole::Action { chosen_by, handler } => Target::Action {
                path_info: self.path_of_file(length, extra_path),
                path_translated: with_extra_path(&file, extra_path),
                file,
                handler,
                chosen_by,
            },
            FileRole::Plain | FileRole::CopyOfScript => Target::File { file },
        }
    }

    /// The URL path of the file: of an index, the folder's with its name.
    fn path_of_file(&self, length: usize, extra_path: &[u8]) -> Vec<u8> {
        let mut path = self.path.get(..length).unwrap_or(self.path).to_vec();
        if path.ends_with(b"/") {
            let name = self.place.named.file_name().unwrap_or_default();
            path.extend_from_slice(name.as_bytes());
        }
        path.extend_from_slice(extra_path);
        path
    }
}

/// A file and what follows its name in the URL, as one path.
fn with_extra_path(file: &Path, extra_path: &[u8]) -> PathBuf {
    let mut path = file.as_os_str().as_bytes().to_vec();
    path.extend_from_slice(extra_path);
    PathBuf::from(std::ffi::OsString::from_vec(path))
}

pub(super) fn forbidden(reason: &str) -> Target {
    Target::Forbidden {
        reason: reason.to_owned(),
    }
}

/// What an error of the file system means to a client.
fn failed(error: &io::Error) -> Target {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            forbidden("this user may not enter the folder it is in; give the folder its `x` right")
        }
        _ => Target::NotFound { nearest: None },
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "resolve_scopes_tests.rs"]
mod scopes_tests;
