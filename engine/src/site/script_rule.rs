//! What a file is to a visitor: a script, something that a script shows, or a file to send.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::resolution::Step;
use super::scope::ScriptsRule;
use super::settings::Settings;
use super::{Site, ends_with_suffix, magic_of};

/// What a file is, with the step that says why.
pub(super) enum FileRole {
    Script(Step),
    /// A script shows it.
    Action {
        chosen_by: String,
        handler: String,
    },
    Plain,
    /// A copy that an editor left of a script.
    CopyOfScript,
}

/// A file by its two names, and what is known of the way to it.
#[derive(Clone, Copy)]
pub(super) struct FoundFile<'a> {
    /// As the URL names it.
    pub(super) named: &'a Path,
    /// Without symbolic links.
    pub(super) real: &'a Path,
    /// Whether the alias that led here makes every file a script.
    pub(super) runs_scripts: bool,
}

impl FoundFile<'_> {
    /// What the file is where `settings` hold. The order: script folders, then actions by suffix,
    /// suffixes of scripts, what the file is, and last actions by media type. Both names count: a
    /// link called `a.txt` must not show the source of `a.py`.
    pub(super) fn role(&self, site: &Site, settings: &Settings) -> io::Result<FileRole> {
        if self.runs_scripts || site.in_script_folder(self.real) {
            return Ok(FileRole::Script(Step::ScriptByFolder));
        }
        if settings.scripts == ScriptsRule::All {
            return Ok(FileRole::Script(Step::ScriptByScope));
        }
        let names = [self.named, self.real];
        let mut actions = names
            .iter()
            .filter_map(|name| action_by_suffix(name, settings));
        if let Some(action) = actions.next() {
            return Ok(action);
        }
        if let Some(suffix) = names.iter().find_map(|name| settings.script_suffix(name)) {
            let suffix = suffix.to_owned();
            return Ok(FileRole::Script(Step::ScriptBySuffix { suffix }));
        }
        if names.iter().any(|name| is_copy_of_script(name, settings)) {
            return Ok(FileRole::CopyOfScript);
        }
        if self.real.metadata()?.permissions().mode() & 0o111 != 0
            && let Some(magic) = magic_of(self.real)
        {
            return Ok(FileRole::Script(Step::ScriptByMagic { magic }));
        }
        Ok(action_by_media_type(self.named, settings).unwrap_or(FileRole::Plain))
    }
}

/// The longest suffix that has an action.
fn action_by_suffix(file: &Path, settings: &Settings) -> Option<FileRole> {
    let name = file.file_name()?.as_bytes();
    let suffixes = settings.actions.iter();
    let (suffix, handler) = suffixes
        .filter(|(suffix, _)| suffix.starts_with('.') && ends_with_suffix(name, suffix))
        .max_by_key(|(suffix, _)| suffix.len())?;
    Some(FileRole::Action {
        chosen_by: suffix.clone(),
        handler: handler.clone(),
    })
}

fn action_by_media_type(file: &Path, settings: &Settings) -> Option<FileRole> {
    if settings.actions.is_empty() {
        return None;
    }
    let media_type = mime_guess::from_path(file).first_raw()?;
    let mut actions = settings.actions.iter();
    let (chosen_by, handler) = actions.find(|(by, _)| by.eq_ignore_ascii_case(media_type))?;
    Some(FileRole::Action {
        chosen_by: chosen_by.clone(),
        handler: handler.clone(),
    })
}

fn is_copy_of_script(file: &Path, settings: &Settings) -> bool {
    let name = Path::new(file.file_name().unwrap_or_default());
    originals(name).any(|original| {
        settings.script_suffix(original).is_some() || action_by_suffix(original, settings).is_some()
    })
}

/// What the file may be an editor's copy of.
pub(super) fn originals(file: &Path) -> impl Iterator<Item = &Path> {
    let copy_ends: [&[u8]; 7] = [b"~", b".bak", b".orig", b".old", b".save", b".swp", b".tmp"];
    let path = file.as_os_str().as_bytes();
    let stripped = copy_ends
        .into_iter()
        .filter_map(|end| path.strip_suffix(end));
    stripped.map(|path| Path::new(OsStr::from_bytes(path)))
}
