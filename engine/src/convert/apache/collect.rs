//! From the tree to sections with regions, in the order in which httpd lays them over one another.

use std::path::Path;

use crate::convert::ScopeSource;
use crate::site::pattern::{Pattern, Wildcard};
use crate::site::{FileNames, Place};

use super::access::is_require;
use super::glob::{is_glob, regex_of_glob};
use super::meaning;
use super::notes::Notes;
use super::paths::Paths;
use super::region::Region;
use super::says::{Says, Section};
use super::section::read;
use super::server::{Alias, alias};
use super::tree::Directive;

/// The sections, by the steps in which httpd merges them.
#[derive(Debug, Default)]
pub(super) struct Sections {
    /// What stands outside of all sections.
    pub(super) base: Vec<Section>,
    /// `<Directory>`, wild cards included, and `.htaccess`, with the number of names in the path.
    pub(super) folders: Vec<(usize, Section)>,
    pub(super) folder_matches: Vec<Section>,
    /// `<Files>` and `<FilesMatch>`, with the number of names in the path of the folder around.
    pub(super) files: Vec<(usize, Section)>,
    pub(super) locations: Vec<Section>,
    /// Alias lines in `<Location>`.
    pub(super) aliases: Vec<Alias>,
}

impl Sections {
    /// Takes a section that stands directly in the server or in a virtual host.
    pub(super) fn take(&mut self, directive: &Directive, paths: &Paths, notes: &mut Notes) {
        match directive.key.as_str() {
            "directory" | "directorymatch" => self.directory(directive, paths, notes),
            "location" | "locationmatch" => self.location(directive, paths, notes),
            "files" | "filesmatch" => {
                self.files(directive, &Place::Site, 0, paths, notes);
            }
            _ => meaning::note(directive, notes),
        }
    }

    /// Adds what a ScriptAlias amounts to, right before the first section for the same folder: it
    /// only adds to what that one says, so its place among others does not matter.
    pub(super) fn add_script_folder(&mut self, script_folder: (usize, Section)) {
        let region = &script_folder.1.region;
        let mut folders = self.folders.iter();
        let at = folders.position(|(_, section)| section.region == *region);
        self.folders.insert(at.unwrap_or(0), script_folder);
    }

    /// All of them in httpd's order.
    pub(super) fn in_order(mut self) -> Vec<Section> {
        self.folders.sort_by_key(|(names, _)| *names);
        self.files.sort_by_key(|(names, _)| *names);
        let folders = self.folders.into_iter().map(|(_, section)| section);
        let files = self.files.into_iter().map(|(_, section)| section);
        self.base
            .into_iter()
            .chain(folders)
            .chain(self.folder_matches)
            .chain(files)
            .chain(self.locations)
            .collect()
    }

    fn directory(&mut self, directive: &Directive, paths: &Paths, notes: &mut Notes) {
        let Some((pattern, by_expression)) = argument(directive) else {
            no_argument(directive, notes);
            return;
        };
        if by_expression {
            let Some(pattern) = expression(directive, pattern, notes) else {
                return;
            };
            let place = Place::FolderMatch(pattern);
            if directive_ends_path(directive) {
                notes.partly(
                    directive,
                    "Apache compares it with the path of the file, this studio with that of the file's folder",
                );
            }
            let section = self.section(directive, &place, usize::MAX, paths, notes);
            self.folder_matches.push(section);
            return;
        }
        let path = paths.absolute(pattern);
        let names = path.components().count();
        let place = if path == Path::new("/") {
            Place::Site
        } else if is_glob(pattern) {
            let glob = format!("^{}(?:/|$)", regex_of_glob(&path.to_string_lossy()));
            match expression(directive, &glob, notes) {
                Some(pattern) => Place::FolderMatch(pattern),
                None => return,
            }
        } else {
            Place::Folder(path)
        };
        let section = self.section(directive, &place, names, paths, notes);
        self.folders.push((names, section));
    }

    fn location(&mut self, directive: &Directive, paths: &Paths, notes: &mut Notes) {
        let Some((url, by_expression)) = argument(directive) else {
            no_argument(directive, notes);
            return;
        };
        let place = if by_expression || is_glob(url) {
            let pattern = if by_expression {
                url.to_owned()
            } else {
                format!("^{}$", regex_of_glob(url))
            };
            match expression(directive, &pattern, notes) {
                Some(pattern) => Place::UrlMatch(pattern),
                None => return,
            }
        } else if url == "/" {
            Place::Site
        } else if url.starts_with('/') {
            Place::Url(url.to_owned())
        } else {
            notes.not_taken(
                directive,
                "the URL of a proxy: this studio forwards to no other server",
            );
            return;
        };
        let (mut children, mut aliases) = (Vec::new(), Vec::new());
        for child in directive.children() {
            match alias(child, Some(url)) {
                Some(alias) => aliases.push(Alias {
                    is_expression: by_expression || alias.is_expression,
                    ..alias
                }),
                None => children.push(child),
            }
        }
        self.aliases.extend(aliases);
        let mut says = Says::default();
        for other in read(children, paths, &mut says, notes) {
            meaning::note(other, notes);
        }
        notes.taken(directive, "");
        self.locations.push(Section {
            source: source_of(directive),
            region: Region::of(place),
            says,
        });
    }

    fn section(
        &mut self,
        directive: &Directive,
        place: &Place,
        names: usize,
        paths: &Paths,
        notes: &mut Notes,
    ) -> Section {
        notes.taken(directive, "");
        self.section_of(directive, directive.children(), place, names, paths, notes)
    }

    /// The section of a folder that `body` describes; the `<Files>` in it become sections of
    /// their own.
    pub(super) fn section_of(
        &mut self,
        directive: &Directive,
        body: &[Directive],
        place: &Place,
        names: usize,
        paths: &Paths,
        notes: &mut Notes,
    ) -> Section {
        let mut says = Says::default();
        for other in read(body, paths, &mut says, notes) {
            match other.key.as_str() {
                "files" | "filesmatch" => self.files(other, place, names, paths, notes),
                _ => meaning::note(other, notes),
            }
        }
        Section {
            source: source_of(directive),
            region: Region::of(place.clone()),
            says,
        }
    }

    /// Files in a place; `names` orders them as their folders are ordered.
    pub(super) fn files(
        &mut self,
        directive: &Directive,
        place: &Place,
        names: usize,
        paths: &Paths,
        notes: &mut Notes,
    ) {
        let Some((pattern, by_expression)) = argument(directive) else {
            no_argument(directive, notes);
            return;
        };
        let files = if by_expression {
            let Some(pattern) = expression(directive, pattern, notes) else {
                return;
            };
            FileNames::Match(pattern)
        } else {
            match Wildcard::parse(pattern) {
                Ok(wildcard) => FileNames::Like(wildcard),
                Err(error) => {
                    notes.not_taken(directive, format!("the name {error}"));
                    return;
                }
            }
        };
        let mut says = Says::default();
        for other in read(directive.children(), paths, &mut says, notes) {
            meaning::note(other, notes);
        }
        notes.taken(directive, "");
        let section = Section {
            source: source_of(directive),
            region: Region {
                place: place.clone(),
                files: Some(files),
            },
            says,
        };
        self.files.push((names, section));
    }
}

/// Where a section comes from.
pub(super) fn source_of(directive: &Directive) -> ScopeSource {
    ScopeSource {
        file: directive.place.file.to_path_buf(),
        line: directive.place.line,
        section: match directive.body {
            Some(_) => format!("<{} {}>", directive.name, directive.raw),
            None => format!("{} {}", directive.name, directive.raw)
                .trim_end()
                .to_owned(),
        },
    }
}

/// The argument of a section, and whether it is an expression: in `<…Match>`, and after a `~`.
fn argument(directive: &Directive) -> Option<(&str, bool)> {
    let first = directive.word(0)?;
    if first == "~" {
        return Some((directive.word(1)?, true));
    }
    Some((first, directive.key.ends_with("match")))
}

/// Expressions that say where the path ends are the ones that tell a folder from its files.
fn directive_ends_path(directive: &Directive) -> bool {
    argument(directive).is_some_and(|(pattern, _)| pattern.ends_with('$'))
}

fn no_argument(directive: &Directive, notes: &mut Notes) {
    notes.not_taken(
        directive,
        "it does not say for what; Apache does not start with it",
    );
}

/// Whether anything in the section is about who may.
fn restricts(directive: &Directive) -> bool {
    directive.children().iter().any(|child| {
        let is_access = matches!(child.key.as_str(), "order" | "allow" | "deny");
        is_access || is_require(&child.key) || restricts(child)
    })
}

fn expression(directive: &Directive, text: &str, notes: &mut Notes) -> Option<Pattern> {
    match Pattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let closes = if restricts(directive) {
                "; what it closes is open here"
            } else {
                ""
            };
            let meaning = format!("nothing in it was taken, since its expression {error}{closes}");
            notes.not_taken(directive, meaning);
            None
        }
    }
}

/// The number of names in a path, which decides the order of folders.
pub(super) fn names_in(path: &Path) -> usize {
    path.components().count()
}

/// The section that a ScriptAliasMatch amounts to, whatever folder it leads to.
pub(super) fn script_urls(alias: &Alias, url: &Pattern) -> Section {
    Section {
        source: source_of(&alias.directive),
        region: Region::of(Place::UrlMatch(url.clone())),
        says: Says {
            script_alias: true,
            ..Says::default()
        },
    }
}

/// The section that a ScriptAlias amounts to: its folder, where every file is a script.
pub(super) fn script_folder(alias: &Alias, folder: &Path) -> (usize, Section) {
    let section = Section {
        source: source_of(&alias.directive),
        region: Region::of(Place::Folder(folder.to_owned())),
        says: Says {
            script_alias: true,
            ..Says::default()
        },
    };
    (names_in(folder), section)
}
