//! The folder as it was last seen, and how it differs from what is there now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::content::{Content, Difference};
use super::ignore::Ignore;
use super::{ChangeKind, SiteChange};
use crate::site::{CONFIG_FILE_NAME, Site, is_foreign_folder};

/// Folders deeper than this are not watched.
const DEEPEST: usize = 16;
/// More files than this are not watched: it is somebody's home folder, not a site.
const MOST_FILES: usize = 20_000;
/// Files are read for their hash until this many bytes have been; scripts are read always.
const MOST_BYTES_AT_FIRST: u64 = 128 << 20;
/// Line hashes kept in all, eight bytes each.
const MOST_LINES: usize = 1_000_000;

/// Everything known of the folder. Paths are relative to it; the folder itself is the empty path.
pub(super) struct Tree {
    site: Site,
    ignore: Ignore,
    files: BTreeMap<PathBuf, Content>,
    pub(super) folders: BTreeSet<PathBuf>,
    kept_lines: usize,
    bytes_left: u64,
}

/// What one look at a path found.
pub(super) enum Seen {
    /// Nothing worth telling.
    Nothing,
    /// A file that was there is missing or has become empty: perhaps it is only being written.
    Suspicious,
    /// The path is a folder: it must be watched, then searched.
    Folder,
    /// A change.
    Change(SiteChange),
}

impl Tree {
    pub(super) fn new(site: Site, ignore: Ignore) -> Self {
        Self {
            site,
            ignore,
            files: BTreeMap::new(),
            folders: BTreeSet::new(),
            kept_lines: 0,
            bytes_left: MOST_BYTES_AT_FIRST,
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.site.root
    }

    /// The path from the folder, unless it is of no interest.
    pub(super) fn relative(&self, path: &Path) -> Option<PathBuf> {
        let relative = path.strip_prefix(&self.site.root).ok()?;
        (!self.ignore.covers(relative)).then(|| relative.to_owned())
    }

    /// Looks at one path. With `patient`, what may be half of a save is only called suspicious.
    /// With `trusting`, a file whose size and dates are the same is not read.
    pub(super) fn look(&mut self, relative: &Path, patient: bool, trusting: bool) -> Seen {
        let path = self.site.root.join(relative);
        let link = path.symlink_metadata();
        if link.as_ref().is_ok_and(|link| link.is_dir()) {
            return Seen::Folder;
        }
        // A link to a folder is not entered: its real place is watched if it is in the site.
        let metadata = link
            .and_then(|_| path.metadata())
            .ok()
            .filter(|metadata| metadata.is_file());
        let Some(metadata) = metadata else {
            return self.look_at_missing(relative, patient);
        };
        let known = self.files.get(relative);
        if trusting && known.is_some_and(|known| known.is_current(&metadata)) {
            return Seen::Nothing;
        }
        let hashing =
            metadata.len() <= self.bytes_left || known.is_some() || self.site.is_script(&path);
        let Some(newer) = Content::of(&path, &metadata, hashing) else {
            return Seen::Nothing;
        };
        if patient && newer.is_empty && known.is_some_and(|known| !known.is_empty) {
            return Seen::Suspicious;
        }
        self.replace(relative, newer)
    }

    fn look_at_missing(&mut self, relative: &Path, patient: bool) -> Seen {
        if !self.files.contains_key(relative) {
            return Seen::Nothing;
        }
        if patient {
            return Seen::Suspicious;
        }
        if let Some(old) = self.files.remove(relative) {
            self.kept_lines -= old.kept_lines();
        }
        Seen::Change(self.change(relative, ChangeKind::Removed, None))
    }

    fn replace(&mut self, relative: &Path, mut newer: Content) -> Seen {
        let known = self.files.get(relative);
        let kind = match known.map(|known| known.difference_to(&newer)) {
            None => Some(ChangeKind::Created),
            Some(Difference::None) => None,
            Some(Difference::Mode) => Some(ChangeKind::ModeChanged),
            Some(Difference::Content { lines }) => {
                let (added_lines, removed_lines) = lines.unzip();
                Some(ChangeKind::Modified {
                    added_lines,
                    removed_lines,
                })
            }
        };
        if known.is_none() && self.files.len() >= MOST_FILES {
            return Seen::Nothing;
        }
        self.kept_lines -= known.map_or(0, Content::kept_lines);
        if self.kept_lines + newer.kept_lines() > MOST_LINES {
            newer.forget_lines();
        }
        self.kept_lines += newer.kept_lines();
        if newer.hash.is_some() {
            self.bytes_left = self.bytes_left.saturating_sub(newer.size());
        }
        let hash = newer.hash;
        self.files.insert(relative.to_owned(), newer);
        match kind {
            Some(kind) => self.tell(relative, kind, hash),
            None => Seen::Nothing,
        }
    }

    fn tell(&mut self, relative: &Path, kind: ChangeKind, hash: Option<[u8; 32]>) -> Seen {
        let is_config = relative == Path::new(CONFIG_FILE_NAME);
        if is_config && kind == ChangeKind::ModeChanged {
            return Seen::Nothing;
        }
        Seen::Change(self.change(relative, kind, hash))
    }

    fn change(&mut self, relative: &Path, kind: ChangeKind, hash: Option<[u8; 32]>) -> SiteChange {
        let path = relative.to_owned();
        if relative == Path::new(CONFIG_FILE_NAME) {
            // From here on the new suffixes and folders say what a script is.
            self.site.reload();
            return SiteChange {
                path,
                kind: ChangeKind::ConfigChanged,
                is_script: false,
                hash,
            };
        }
        let is_script = self.site.is_script(&self.site.root.join(relative));
        SiteChange {
            path,
            kind,
            is_script,
            hash,
        }
    }

    /// The names in a folder that are to be looked at, and the known files whose way there is gone.
    pub(super) fn names_in(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let mut names = BTreeSet::new();
        if folder.components().count() <= DEEPEST {
            let entries = self
                .site
                .root
                .join(folder)
                .read_dir()
                .into_iter()
                .flatten()
                .flatten();
            let wanted = entries.map(|entry| folder.join(entry.file_name()));
            names.extend(
                wanted
                    .filter(|relative| !self.ignore.covers(relative))
                    .take(MOST_FILES),
            );
        }
        let depth = folder.components().count() + 1;
        let gone = self.known_below(folder).filter(|known| {
            let child: PathBuf = known.components().take(depth).collect();
            !names.contains(&child)
        });
        let gone: Vec<PathBuf> = gone.map(Path::to_owned).collect();
        names.extend(gone);
        names
    }

    /// The known files in `folder` and below it.
    pub(super) fn known_below(&self, folder: &Path) -> impl Iterator<Item = &Path> {
        let folder = folder.to_owned();
        let from = self
            .files
            .range(folder.clone()..)
            .map(|(path, _)| path.as_path());
        from.take_while(move |path| path.starts_with(&folder))
    }

    /// Whether a folder belongs to the site at all.
    pub(super) fn is_foreign(&self, folder: &Path) -> bool {
        !folder.as_os_str().is_empty() && is_foreign_folder(&self.site.root.join(folder))
    }
}
