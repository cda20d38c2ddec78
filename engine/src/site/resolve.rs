//! From a URL path and the disk to what answers, and why (RFC 3875 §3.2).
//!
//! The rules, in the order they apply:
//! - The longest URL prefix among the aliases picks the folder; prefixes match whole components.
//! - Components are walked until the first regular file; what follows in the URL is extra path.
//!   Empty components and `.` are passed over in the walk and kept in the extra path (§8.1).
//! - In a script folder every regular file is a script, whatever URL led there; a folder there
//!   answers only through an index script.
//! - Elsewhere a file is a script by its suffix, or by an executable bit together with `#!` or a
//!   program's first bytes. Other files are sent as they are and take no extra path.
//! - Dot-files and `cgi-studio.toml` do not exist; editors' copies of scripts are refused, since
//!   they would show the source.
//! - Symbolic links are followed within the site's folder; beyond it only with
//!   `allow_outside_root`.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::mapping::Mapping;
use super::near_name::nearest;
use super::resolution::{Resolution, Step, Target};
use super::url_path::{Component, components, url_of_folder};
use super::{Site, is_hidden, magic_of, percent_encoded_path};

/// A folder with more names than this is not searched for a near name.
const MOST_NAMES_COMPARED: usize = 2_000;

/// Finds what answers `decoded_path`: percent-decoded once, dot segments removed, no NUL.
pub fn resolve(site: &Site, decoded_path: &[u8]) -> Resolution {
    let mut walk = Walk {
        site,
        path: decoded_path,
        steps: Vec::new(),
    };
    let target = walk.target().unwrap_or_else(|refused| refused);
    Resolution {
        target,
        steps: walk.steps,
    }
}

/// A place on disk by its two names.
struct Place {
    /// As the URL names it.
    named: PathBuf,
    /// Without symbolic links.
    real: PathBuf,
    /// Whether the mapping that led here makes every file a script.
    runs_scripts: bool,
}

struct Walk<'a> {
    site: &'a Site,
    path: &'a [u8],
    steps: Vec<Step>,
}

impl<'a> Walk<'a> {
    /// `Err` is an answer too: it only ends the walk earlier.
    fn target(&mut self) -> Result<Target, Target> {
        let components = components(self.path);
        let (mapping, used) = self.mapping(&components)?;
        let mut place = self.start(mapping, &components)?;
        let mut last = used
            .checked_sub(1)
            .and_then(|at| components.get(at))
            .copied();
        let mut rest = components.iter().skip(used);
        loop {
            let metadata = place.real.metadata().map_err(|error| failed(&error))?;
            if metadata.is_file() {
                let name = last.map_or(&b"/"[..], |component| component.name);
                let end = last.map_or(self.path.len(), |component| component.end);
                return self.first_file(place, name, end);
            }
            if !metadata.is_dir() {
                return Err(forbidden(
                    "this is a pipe, a socket or a device, not a file",
                ));
            }
            let Some(component) = rest.next() else {
                return self.directory(place, &components);
            };
            self.step_into(&mut place, component, &components)?;
            last = Some(*component);
        }
    }

    fn mapping(&mut self, components: &[Component<'_>]) -> Result<(&'a Mapping, usize), Target> {
        let matches = |mapping: &&Mapping| {
            let mut given = components.iter();
            mapping
                .components()
                .all(|name| given.next().is_some_and(|component| component.name == name))
        };
        let found = self.site.mappings.iter().find(matches);
        let mapping = found.ok_or(Target::NotFound { nearest: None })?;
        self.steps.push(Step::Alias {
            prefix: mapping.prefix.clone(),
            folder: mapping.folder.clone(),
            runs_scripts: mapping.runs_scripts,
        });
        Ok((mapping, mapping.components().count()))
    }

    fn start(&mut self, mapping: &Mapping, components: &[Component<'_>]) -> Result<Place, Target> {
        let named = mapping.folder.clone();
        let real = match named.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.steps.push(Step::NoSuchFolder { folder: named });
                let last = components.last();
                return Err(Target::NotFound {
                    nearest: last.and_then(|last| self.elsewhere(last)),
                });
            }
            Err(error) => return Err(failed(&error)),
        };
        self.check_inside(&real)?;
        Ok(Place {
            named,
            real,
            runs_scripts: mapping.runs_scripts,
        })
    }

    fn step_into(
        &mut self,
        place: &mut Place,
        component: &Component<'_>,
        components: &[Component<'_>],
    ) -> Result<(), Target> {
        let name = OsStr::from_bytes(component.name);
        // `..` is among the hidden ones, so that a walk can only go down.
        if is_hidden(name) {
            self.steps.push(Step::Hidden {
                name: component.name.to_vec(),
            });
            return Err(Target::NotFound { nearest: None });
        }
        let real = place.real.join(name);
        let metadata = match real.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) => return Err(self.missing(place, component, components, &error)),
        };
        place.named.push(name);
        place.real = if metadata.is_symlink() {
            self.follow(component, &real)?
        } else {
            real
        };
        if metadata.is_dir() {
            self.steps.push(Step::Folder {
                name: component.name.to_vec(),
            });
        }
        Ok(())
    }

    fn follow(&mut self, component: &Component<'_>, link: &Path) -> Result<PathBuf, Target> {
        let name = component.name.to_vec();
        match link.canonicalize() {
            Ok(to) => {
                self.steps.push(Step::Link {
                    name,
                    to: to.clone(),
                });
                self.check_inside(&to)?;
                Ok(to)
            }
            Err(error) => {
                self.steps.push(Step::BrokenLink { name });
                Err(failed(&error))
            }
        }
    }

    fn check_inside(&self, real: &Path) -> Result<(), Target> {
        if self.site.may_serve(real) {
            return Ok(());
        }
        Err(forbidden(
            "it leads out of the site's folder; `allow_outside_root = true` under [options] allows that",
        ))
    }

    fn missing(
        &mut self,
        place: &Place,
        component: &Component<'_>,
        components: &[Component<'_>],
        error: &io::Error,
    ) -> Target {
        let folder = place.named.clone();
        self.steps.push(Step::Missing {
            name: component.name.to_vec(),
            folder,
        });
        if error.kind() != io::ErrorKind::NotFound {
            return failed(error);
        }
        Target::NotFound {
            nearest: self.near_url(place, component, components),
        }
    }

    /// A neighbour with a similar name, or the same or a similar name behind another prefix.
    fn near_url(
        &self,
        place: &Place,
        component: &Component<'_>,
        components: &[Component<'_>],
    ) -> Option<String> {
        let wanted = std::str::from_utf8(component.name).ok()?;
        let mut url = Vec::new();
        for before in components
            .iter()
            .take_while(|before| before.end < component.end)
        {
            url.push(b'/');
            url.extend_from_slice(before.name);
        }
        url.push(b'/');
        match near_file(&place.real, wanted) {
            Some(name) => Some(percent_encoded_path(&[&url, name.as_bytes()].concat())),
            None => self
                .elsewhere(component)
                .or_else(|| self.elsewhere(components.last()?)),
        }
    }

    /// The URL of a file with the same or a similar name, directly behind any prefix.
    fn elsewhere(&self, component: &Component<'_>) -> Option<String> {
        let wanted = std::str::from_utf8(component.name).ok()?;
        self.site.mappings.iter().find_map(|mapping| {
            let folder = mapping.folder.canonicalize().ok()?;
            let name = self
                .site
                .may_serve(&folder)
                .then(|| near_file(&folder, wanted))
                .flatten()?;
            Some(percent_encoded_path(&mapping.url_of(name.as_bytes())))
        })
    }

    fn first_file(&mut self, place: Place, name: &[u8], end: usize) -> Result<Target, Target> {
        let extra_path = self.path.get(end..).unwrap_or_default().to_vec();
        let no_extra_path = extra_path.is_empty();
        self.steps.push(Step::FirstFile {
            name: name.to_vec(),
            extra_path,
        });
        let because = self.script_because(&place)?;
        let is_script = because != Step::PlainFile;
        self.steps.push(because);
        if !no_extra_path && (!is_script || self.refuses_extra_path(&place)) {
            self.steps.push(Step::ExtraPathRefused);
            return Err(Target::NotFound { nearest: None });
        }
        Ok(if is_script {
            self.script(place, end)
        } else {
            Target::File { file: place.named }
        })
    }

    fn script(&self, place: Place, script_name_length: usize) -> Target {
        let document_root = self.site.root.clone();
        Target::Script {
            file: place.named,
            script_name_length,
            document_root,
        }
    }

    /// The step that says why the file is a script, or that it is none.
    fn script_because(&self, place: &Place) -> Result<Step, Target> {
        if place.runs_scripts || self.site.in_script_folder(&place.real) {
            return Ok(Step::ScriptByFolder);
        }
        // Both names count: a link called `a.txt` must not show the source of `a.py`.
        let suffix = |file: &Path| self.site.script_suffix(file).map(str::to_owned);
        if let Some(suffix) = suffix(&place.named).or_else(|| suffix(&place.real)) {
            return Ok(Step::ScriptBySuffix { suffix });
        }
        if self.is_copy_of_script(&place.named) || self.is_copy_of_script(&place.real) {
            return Err(forbidden(
                "this looks like a copy of a script that an editor left; sending it would show the source",
            ));
        }
        let mode = place
            .real
            .metadata()
            .map_err(|error| failed(&error))?
            .permissions()
            .mode();
        let magic = if mode & 0o111 == 0 {
            None
        } else {
            magic_of(&place.real)
        };
        Ok(magic.map_or(Step::PlainFile, |magic| Step::ScriptByMagic { magic }))
    }

    fn is_copy_of_script(&self, file: &Path) -> bool {
        let name = file.file_name().unwrap_or_default().as_bytes();
        let copy_ends: [&[u8]; 7] = [b"~", b".bak", b".orig", b".old", b".save", b".swp", b".tmp"];
        copy_ends
            .iter()
            .filter_map(|end| name.strip_suffix(*end))
            .any(|name| {
                self.site
                    .has_script_suffix(Path::new(OsStr::from_bytes(name)))
            })
    }

    fn refuses_extra_path(&self, place: &Place) -> bool {
        let root = &self.site.root;
        let refusing = &self.site.config.scripts.refuse_extra_path;
        refusing.iter().any(|script| {
            let script = root.join(script);
            script == place.named || script == place.real
        })
    }

    fn directory(&mut self, place: Place, components: &[Component<'_>]) -> Result<Target, Target> {
        let is_script_folder = place.runs_scripts || self.site.in_script_folder(&place.real);
        let index = self.index(&place, is_script_folder);
        let is_root = components.is_empty();
        if index.is_none() {
            self.steps.push(Step::NoIndex);
            if is_script_folder && !is_root {
                return Err(forbidden(
                    "a script folder is not listed, and this one has no index script",
                ));
            }
        }
        let url = url_of_folder(components);
        if !self.path.ends_with(b"/") {
            return Ok(Target::AddSlash { location: url });
        }
        let Some((name, place)) = index else {
            let listable = self.site.config.options.directory_listing;
            return Ok(Target::Directory {
                folder: place.named,
                listable,
                url,
            });
        };
        self.steps.push(Step::Index { name: name.clone() });
        self.first_file(place, name.as_bytes(), self.path.len())
    }

    /// The first index file there is; in a script folder only scripts count.
    fn index(&self, place: &Place, is_script_folder: bool) -> Option<(String, Place)> {
        let names = &self.site.config.scripts.index;
        names.iter().find_map(|name| {
            let named = place.named.join(name);
            let real = place.real.join(name).canonicalize().ok()?;
            let usable = real.is_file()
                && self.site.may_serve(&real)
                && (!is_script_folder || self.site.has_script_suffix(&named));
            usable.then(|| {
                (
                    name.clone(),
                    Place {
                        named,
                        real,
                        runs_scripts: place.runs_scripts,
                    },
                )
            })
        })
    }
}

fn forbidden(reason: &str) -> Target {
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

fn near_file(folder: &Path, wanted: &str) -> Option<String> {
    let entries = folder.read_dir().ok()?.flatten().take(MOST_NAMES_COMPARED);
    let servable = entries
        .map(|entry| entry.file_name())
        .filter(|name| !is_hidden(name));
    let names: Vec<String> = servable
        .filter_map(|name| name.into_string().ok())
        .collect();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
