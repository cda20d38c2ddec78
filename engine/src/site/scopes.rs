//! Which scopes apply to a URL path and a file, and what holds there in all.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SiteConfig;
use super::scope::{Place, ScopeConfig};
use super::script_rule::originals;
use super::settings::Settings;
use super::url_path::{Component, components, names_in};

/// The scopes of a site, ready to be asked.
#[derive(Debug, Clone)]
pub(super) struct Scopes {
    /// What holds where no scope applies.
    base: Arc<Settings>,
    /// One for each of the configuration's scopes.
    folders: Vec<Option<Folder>>,
    /// The files of passwords, which are never served.
    user_files: Vec<Folder>,
    /// Whether any scope looks at paths of files.
    look_at_files: bool,
}

/// A folder, or a file, that the configuration names, by its two names.
#[derive(Debug, Clone)]
struct Folder {
    /// As it is written, from the site's folder.
    named: PathBuf,
    /// Without symbolic links; `None` if that has to be asked each time, because it was missing
    /// or led elsewhere when the configuration was read.
    real: Option<PathBuf>,
}

/// A URL path and what it leads to, as scopes see them.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The decoded URL path; `None` when it is the file alone that counts.
    pub(super) url_path: Option<&'a [u8]>,
    /// Where a folder's index file answers: that file's URL path, which counts beside the folder's.
    pub(super) index_url: Option<&'a [u8]>,
    /// The file or folder as the URL names it.
    pub(super) named: &'a Path,
    /// The same without symbolic links.
    pub(super) real: &'a Path,
    /// It is a folder, so that no rule for files is meant.
    pub(super) is_folder: bool,
}

impl Scopes {
    pub(super) fn new(root: &Path, config: &SiteConfig) -> Self {
        let folders = config.scopes.iter().map(|scope| match &scope.place {
            Place::Folder(folder) => Some(Folder::new(root.join(folder))),
            _ => None,
        });
        let looks_at_file = |scope: &ScopeConfig| {
            scope.files.is_some() || matches!(scope.place, Place::Folder(_) | Place::FolderMatch(_))
        };
        let logins = config
            .scopes
            .iter()
            .filter_map(|scope| scope.authentication.as_ref());
        let user_files = logins.map(|login| Folder::new(root.join(&login.user_file)));
        Self {
            base: Arc::new(Settings::of_site(config)),
            folders: folders.collect(),
            user_files: user_files.collect(),
            look_at_files: config.scopes.iter().any(looks_at_file),
        }
    }

    /// Whether any scope looks at paths of files.
    pub(super) fn look_at_files(&self) -> bool {
        self.look_at_files
    }

    /// What holds where no scope applies.
    pub(super) fn base(&self) -> &Arc<Settings> {
        &self.base
    }

    /// Whether a file of passwords is meant, or an editor's copy of one.
    pub(super) fn is_user_file(&self, named: &Path, real: &Path) -> bool {
        self.user_files.iter().any(|file| {
            file.holds(named, real)
                || originals(named).any(|original| file.holds(original, original))
                || originals(real).any(|original| file.holds(original, original))
        })
    }

    /// What holds at a spot.
    pub(super) fn settings(
        &self,
        root: &Path,
        scopes: &[ScopeConfig],
        spot: Spot<'_>,
    ) -> Arc<Settings> {
        if scopes.is_empty() {
            return Arc::clone(&self.base);
        }
        let seen = Seen::new(spot);
        let mut settings: Option<Settings> = None;
        for (index, (scope, folder)) in scopes.iter().zip(&self.folders).enumerate() {
            if seen.lies_in(scope, folder.as_ref()) {
                settings
                    .get_or_insert_with(|| Settings::clone(&self.base))
                    .lay_over(scope, index, root);
            }
        }
        settings.map_or_else(|| Arc::clone(&self.base), Arc::new)
    }
}

impl Folder {
    fn new(named: PathBuf) -> Self {
        let real = named.canonicalize().ok().filter(|real| *real == named);
        Self { named, real }
    }

    fn holds(&self, named: &Path, real: &Path) -> bool {
        if named.starts_with(&self.named) {
            return true;
        }
        match &self.real {
            Some(own) => real.starts_with(own),
            None => self
                .named
                .canonicalize()
                .is_ok_and(|own| real.starts_with(own)),
        }
    }
}

/// A spot with what the matching needs of it, made once for all scopes.
struct Seen<'a> {
    spot: Spot<'a>,
    /// The URL path without empty components and `.`, so that `//private` is no way round a rule.
    url: Option<Vec<u8>>,
    /// The same of the index file, where one answers.
    index_url: Option<Vec<u8>>,
    /// The components of the longer of the two: whatever the folder lies beneath, its index does.
    components: Vec<Component<'a>>,
}

impl<'a> Seen<'a> {
    fn new(spot: Spot<'a>) -> Self {
        Self {
            url: spot.url_path.map(plain),
            index_url: spot.index_url.map(plain),
            components: spot
                .index_url
                .or(spot.url_path)
                .map(components)
                .unwrap_or_default(),
            spot,
        }
    }

    fn lies_in(&self, scope: &ScopeConfig, folder: Option<&Folder>) -> bool {
        let in_place = match &scope.place {
            Place::Site => true,
            Place::Folder(_) => {
                folder.is_some_and(|folder| folder.holds(self.spot.named, self.spot.real))
            }
            Place::FolderMatch(pattern) => [self.spot.named, self.spot.real].iter().any(|path| {
                self.folder_of(path)
                    .is_some_and(|folder| fits(pattern, folder))
            }),
            Place::Url(prefix) => self.url.is_some() && self.is_beneath(prefix),
            Place::UrlMatch(pattern) => [&self.url, &self.index_url]
                .into_iter()
                .flatten()
                .any(|url| pattern.is_match(url)),
        };
        in_place && self.has_name_for(scope)
    }

    /// Whether the URL path is `prefix` or goes on with a slash after it.
    fn is_beneath(&self, prefix: &str) -> bool {
        let mut given = self.components.iter();
        names_in(prefix.as_bytes()).all(|wanted| {
            given
                .next()
                .is_some_and(|component| component.name == wanted)
        })
    }

    fn folder_of(&self, path: &'a Path) -> Option<&'a Path> {
        if self.spot.is_folder {
            return Some(path);
        }
        path.parent()
    }

    fn has_name_for(&self, scope: &ScopeConfig) -> bool {
        let Some(files) = &scope.files else {
            return true;
        };
        let fits = |path: &Path| {
            path.file_name()
                .is_some_and(|name| files.is_match(name.as_bytes()))
        };
        !self.spot.is_folder && (fits(self.spot.named) || fits(self.spot.real))
    }
}

fn fits(pattern: &super::pattern::Pattern, folder: &Path) -> bool {
    let folder = folder.as_os_str().as_bytes();
    pattern.is_match(folder) || pattern.is_match(&[folder, b"/"].concat())
}

/// A decoded URL path without empty components and `.`; a slash at its end stays.
pub(super) fn plain(url_path: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(url_path.len() + 1);
    for component in components(url_path) {
        plain.push(b'/');
        plain.extend_from_slice(component.name);
    }
    if plain.is_empty() || url_path.ends_with(b"/") {
        plain.push(b'/');
    }
    plain
}

/// `file` without symbolic links; what does not exist of it stays as it is.
pub(super) fn real_of(file: &Path) -> PathBuf {
    for folder in file.ancestors() {
        if let Ok(real) = folder.canonicalize() {
            let rest = file.strip_prefix(folder).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
    }
    file.to_owned()
}

#[cfg(test)]
#[path = "scopes_tests.rs"]
mod tests;
