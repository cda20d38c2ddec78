//! `.htaccess`: which there are, and what AllowOverride lets them say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ReadError;
use super::collect::{Sections, names_in};
use super::lay::holds_folder;
use super::meaning::override_class;
use super::notes::Notes;
use super::options::{AllowOverride, OverrideClass};
use super::paths::Paths;
use super::reader::Reader;
use super::tree::Directive;
use crate::site::Place;

/// More folders than this are not searched.
const MOST_FOLDERS: usize = 20_000;
/// Folders that lie deeper are not searched.
const DEEPEST: usize = 40;

/// The access files in and above the folders that URLs lead to.
pub(super) struct Found {
    /// Folder and file.
    pub(super) files: Vec<(PathBuf, PathBuf)>,
    /// There were more folders than are searched.
    pub(super) stopped: bool,
}

/// Looks for the first of `names` in each folder. Symbolic links below `roots` are not followed.
pub(super) fn find(roots: &[PathBuf], names: &[String]) -> Found {
    let mut seen = BTreeSet::new();
    let mut above = BTreeSet::new();
    let mut waiting: Vec<(PathBuf, usize)> = Vec::new();
    for root in roots {
        above.extend(root.ancestors().skip(1).map(Path::to_owned));
        waiting.push((root.clone(), 0));
    }
    let mut stopped = false;
    while let Some((folder, depth)) = waiting.pop() {
        if seen.len() >= MOST_FOLDERS || depth > DEEPEST {
            stopped = true;
            continue;
        }
        if !folder.is_dir() || !seen.insert(folder.clone()) {
            continue;
        }
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        waiting.extend(folders.map(|entry| (entry.path(), depth + 1)));
    }
    seen.append(&mut above);
    let file_in = |folder: PathBuf| {
        let file = names
            .iter()
            .map(|name| folder.join(name))
            .find(|file| file.is_file())?;
        Some((folder, file))
    };
    Found {
        files: seen.into_iter().filter_map(file_in).collect(),
        stopped,
    }
}

/// What the sections for folders allow in `folder`; nothing, unless they say so.
fn allowed(sections: &Sections, folder: &Path) -> AllowOverride {
    let mut ordered: Vec<_> = sections.folders.iter().collect();
    ordered.sort_by_key(|(names, _)| *names);
    let mut allowed = AllowOverride::default();
    for (_, section) in ordered {
        if let Some(says) = &section.says.allow_override
            && holds_folder(&section.region, folder)
        {
            allowed = says.clone();
        }
    }
    allowed
}

/// Reads one access file, and takes from it what is allowed.
pub(super) fn take(
    folder: &Path,
    file: &Path,
    reader: &mut Reader,
    paths: &Paths,
    sections: &mut Sections,
) -> Result<(), ReadError> {
    let allowed = allowed(sections, folder);
    let directives = match reader.read_access_file(file) {
        Ok(directives) => directives,
        Err(error @ (ReadError::NotReadable { .. } | ReadError::TooLarge { .. })) => {
            reader.notes.add_file(file, error.to_string());
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let notes = &mut reader.notes;
    if !allowed.reads_any() {
        for directive in &directives {
            notes.harmless(
                directive,
                "ignored by Apache, since AllowOverride is None for this folder",
            );
        }
        return Ok(());
    }
    let body = permitted(directives, &allowed, notes);
    let Some(first) = body.first() else {
        return Ok(());
    };
    let whole = Directive {
        name: ".htaccess".to_owned(),
        raw: String::new(),
        body: None,
        ..first.clone()
    };
    let names = names_in(folder);
    let place = if folder == Path::new("/") {
        Place::Site
    } else {
        Place::Folder(folder.to_owned())
    };
    let section = sections.section_of(&whole, &body, &place, names, paths, notes);
    sections.folders.push((names, section));
    Ok(())
}

/// The directives that may stand there, in sections too.
fn permitted(
    directives: Vec<Directive>,
    allowed: &AllowOverride,
    notes: &mut Notes,
) -> Vec<Directive> {
    let mut kept = Vec::new();
    for mut directive in directives {
        let class = override_class(&directive.key);
        if !allowed.permits(&directive.key, class) {
            refuse(&directive, class, allowed, notes);
            continue;
        }
        if let Some(body) = directive.body.take() {
            directive.body = Some(permitted(body, allowed, notes));
        }
        kept.push(directive);
    }
    kept
}

fn refuse(directive: &Directive, class: OverrideClass, allowed: &AllowOverride, notes: &mut Notes) {
    let says = allowed.describe();
    if !super::meaning::is_known(&directive.key) {
        super::meaning::note(directive, notes);
    } else if class == OverrideClass::ServerOnly {
        notes.not_taken(
            directive,
            "it may not stand in a .htaccess: Apache answers 500 for everything in this folder",
        );
    } else if allowed.nonfatal {
        notes.harmless(
            directive,
            format!("ignored by Apache, since AllowOverride is {says} for this folder"),
        );
    } else {
        notes.not_taken(
            directive,
            format!(
                "not allowed, since AllowOverride is {says} for this folder and not {}: Apache answers 500 for everything in it",
                class.label()
            ),
        );
    }
}
