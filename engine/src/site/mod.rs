//! What is on disk: a folder of scripts and files, and its configuration.
//!
//! Knows URL paths as bytes and files as paths; knows no HTTP, no CGI and no processes.
//! Reading order: [`config`], [`scope`], [`requirement`], [`settings`], this file, [`resolution`],
//! [`resolve()`], [`script`], [`interpreters`].

mod alias_match;
pub mod config;
pub mod config_edit;
mod config_file;
mod config_reader;
mod config_scope_value;
mod config_scopes;
mod config_text;
mod config_value;
pub mod content;
pub mod interpreters;
pub mod launch_plan;
mod listing;
mod mapping;
pub(crate) mod near_name;
mod near_url;
pub mod pattern;
pub mod requirement;
mod requirement_text;
pub mod resolution;
mod resolve;
mod resolve_folder;
mod route;
pub mod scope;
mod scopes;
pub mod script;
mod script_rule;
pub mod settings;
pub mod shebang;
mod url_path;

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

pub use config::{CONFIG_FILE_NAME, ConfigProblem, HistoryConfig, SiteConfig, Strictness};
pub use interpreters::FoundInterpreter;
pub use launch_plan::{LaunchPlan, NotRunnable};
pub use listing::ScriptEntry;
pub(crate) use listing::is_foreign_folder;
pub use requirement::{Access, Asker, Requirement};
pub use resolution::{Resolution, Step, Target};
pub use resolve::resolve;
pub use scope::{
    AcceptPathInfo, AuthenticationSettings, ErrorDocument, FileNames, Place, ScopeConfig,
    ScriptsRule,
};
pub use script::ScriptFacts;
pub use settings::{EnvironmentChange, Settings};

use alias_match::PreparedMatch;
use content::ContentCache;
use mapping::Mapping;
use scopes::{Scopes, Spot, real_of};
use shebang::BinaryFormat;

/// A folder that is served: where it is, what its configuration says, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Site {
    /// The folder, canonical: absolute and free of symbolic links.
    pub root: PathBuf,
    /// The folder's own name, for display.
    pub name: String,
    /// The configuration in use.
    pub config: SiteConfig,
    /// What could not be used of `cgi-studio.toml`.
    pub problems: Vec<ConfigProblem>,
    /// Longest prefix first; the last one is `/`.
    mappings: Vec<Mapping>,
    /// Asked in this order, before `/`.
    matches: Vec<PreparedMatch>,
    scopes: Scopes,
    /// Shared by all clones.
    contents: Arc<ContentCache>,
}

/// Why a folder cannot be opened as a site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// ENOENT, or a symbolic link that leads nowhere.
    #[error("there is no such folder; check the spelling: {path:?}")]
    NotFound {
        /// The path as it was given.
        path: PathBuf,
    },
    /// A file, a device or the like.
    #[error("this is a file, not a folder; open the folder it is in: {path:?}")]
    NotAFolder {
        /// The path as it was given.
        path: PathBuf,
    },
    /// EACCES and everything else that keeps us from listing it.
    #[error(
        "cannot read the folder: {source}; check the rights on it and on the folders above: {path:?}"
    )]
    NotReadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Whether a file, or what it leads to, lies in a site: nothing of a site is started that nobody asked for.
pub(crate) fn lies_in(file: &Path, root: &Path) -> bool {
    let real = || file.canonicalize();
    file.starts_with(root) || real().is_ok_and(|real| real.starts_with(root))
}

impl Site {
    /// Whether this file, or what it leads to, lies in the site. Looking at a site starts no such program.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        lies_in(file, &self.root)
    }

    /// Opens `folder` and reads its configuration. Nothing in the folder is run.
    pub fn open(folder: &Path) -> Result<Self, SiteError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => SiteError::NotFound {
                path: folder.to_owned(),
            },
            io::ErrorKind::NotADirectory => SiteError::NotAFolder {
                path: folder.to_owned(),
            },
            _ => SiteError::NotReadable {
                path: folder.to_owned(),
                source,
            },
        };
        let root = folder.canonicalize().map_err(failed)?;
        std::fs::read_dir(&root).map_err(failed)?;
        let name = root
            .file_name()
            .unwrap_or(root.as_os_str())
            .to_string_lossy()
            .into_owned();
        let (config, problems) = SiteConfig::read(&root);
        Ok(Self {
            mappings: mapping::mappings(&root, &config),
            matches: mapping::matches(&root, &config),
            scopes: Scopes::new(&root, &config),
            root,
            name,
            config,
            problems,
            contents: Arc::default(),
        })
    }

    /// Reads the configuration again.
    pub fn reload(&mut self) {
        (self.config, self.problems) = SiteConfig::read(&self.root);
        self.prepare();
    }

    /// Makes of the configuration what requests need.
    fn prepare(&mut self) {
        self.mappings = mapping::mappings(&self.root, &self.config);
        self.matches = mapping::matches(&self.root, &self.config);
        self.scopes = Scopes::new(&self.root, &self.config);
    }

    /// The folder that `/` stands for (`DOCUMENT_ROOT`).
    pub fn document_root(&self) -> PathBuf {
        self.config.document_root(&self.root)
    }

    /// What holds for `file`, absolute and as the decoded `url_path` leads to it; it need not
    /// exist. Without scopes this is one shared value and costs nothing.
    pub fn settings(&self, url_path: &[u8], file: &Path) -> Arc<Settings> {
        self.settings_of(Some(url_path), file)
    }

    /// What holds at a file or folder; without a URL path, only scopes that need none count.
    fn settings_of(&self, url_path: Option<&[u8]>, file: &Path) -> Arc<Settings> {
        if !self.scopes.look_at_files() {
            let spot = Spot {
                url_path,
                index_url: None,
                named: file,
                real: file,
                is_folder: false,
            };
            return self.settings_at(spot);
        }
        let real = real_of(file);
        let spot = Spot {
            url_path,
            index_url: None,
            named: file,
            real: &real,
            is_folder: real.is_dir(),
        };
        self.settings_at(spot)
    }

    fn settings_at(&self, spot: Spot<'_>) -> Arc<Settings> {
        self.scopes.settings(&self.root, &self.config.scopes, spot)
    }

    /// What the URL prefixes stand for, the longest first; the last is `/`.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = Prefix<'_>> {
        self.mappings.iter().map(|mapping| Prefix {
            url: &mapping.prefix,
            folder: &mapping.folder,
            runs_scripts: mapping.runs_scripts,
        })
    }

    /// The scripts of this site, sorted by name; see [`ScriptEntry`] for what is listed.
    pub fn scripts(&self) -> Vec<ScriptEntry> {
        listing::scripts(self)
    }

    /// The facts of a script, as [`ScriptFacts::read`] gives them; the content is read anew only
    /// when the file has changed since the last time.
    pub fn script_facts(&self, file: &Path) -> ScriptFacts {
        ScriptFacts::read_with(file, &self.config, |file| self.contents.content(file))
    }

    /// Whether `file`, a path in the site's folder, looks like a script to the eye: a script's
    /// suffix, a `#!` or a program's first bytes together with an executable bit, or, in a script
    /// folder, any one of these. The answer for a missing file rests on its name alone. Scopes
    /// count as far as they need no URL.
    pub fn is_script(&self, file: &Path) -> bool {
        let settings = self.settings_of(None, file);
        if settings.scripts == ScriptsRule::None {
            return false;
        }
        if settings.script_suffix(file).is_some() {
            return true;
        }
        let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let inside = settings.scripts == ScriptsRule::All || self.in_script_folder(&real);
        let Ok(metadata) = file.metadata() else {
            return false;
        };
        let executable = metadata.permissions().mode() & 0o111 != 0;
        metadata.is_file()
            && (inside && executable || (inside || executable) && magic_of(file).is_some())
    }

    /// Whether the file's name makes it a script where it stands.
    pub(crate) fn has_script_suffix(&self, file: &Path) -> bool {
        self.settings_of(None, file).script_suffix(file).is_some()
    }

    /// Whether `real`, a path without symbolic links, stands in a script folder, whatever URL led
    /// to it.
    pub(crate) fn in_script_folder(&self, real: &Path) -> bool {
        let folders = self.mappings.iter().filter(|mapping| mapping.runs_scripts);
        let mut matches = self.matches.iter().filter(|alias| alias.runs_scripts);
        folders
            .filter_map(|mapping| mapping.folder.canonicalize().ok())
            .any(|folder| real.starts_with(folder))
            || matches.any(|alias| alias.can_lead_to(real))
    }

    /// Whether the configuration lets `real`, a path without symbolic links, be served.
    fn may_serve(&self, real: &Path) -> bool {
        self.config.options.allow_outside_root || real.starts_with(&self.root)
    }
}

/// A URL prefix and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix<'a> {
    /// As it is configured, such as `/cgi-bin/`.
    pub(crate) url: &'a str,
    /// The folder, or file; it may be missing, and need not be canonical.
    pub(crate) folder: &'a Path,
    /// Whether every regular file there is a script.
    pub(crate) runs_scripts: bool,
}

/// Whether `name` ends in `suffix`, without regard to ASCII letter case.
fn ends_with_suffix(name: &[u8], suffix: &str) -> bool {
    name.len()
        .checked_sub(suffix.len())
        .and_then(|start| name.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(suffix.as_bytes()))
}

/// Saved requests, which may hold passwords, and the bodies that the studio keeps beside them.
pub(crate) const PRIVATE_SUFFIXES: [&str; 2] = [".http", ".http.bin"];

/// Names that are never served or listed: dot-files, saved requests and their bodies, and the configuration with the
/// copies that editors leave of it.
fn is_hidden(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let start = name.get(..CONFIG_FILE_NAME.len());
    name.starts_with(b".")
        || PRIVATE_SUFFIXES
            .iter()
            .any(|suffix| ends_with_suffix(name, suffix))
        || start.is_some_and(|start| start.eq_ignore_ascii_case(CONFIG_FILE_NAME.as_bytes()))
}

/// How a file's first bytes show that the system could run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Magic {
    /// `#!`
    Shebang,
    /// The first bytes of a program.
    Binary(BinaryFormat),
}

/// Reads the first bytes of a regular file. Whatever cannot be read has no magic.
fn magic_of(file: &Path) -> Option<Magic> {
    let head = content::read_head(file, 512).ok()?;
    if head.starts_with(b"#!") {
        return Some(Magic::Shebang);
    }
    BinaryFormat::of(&head).map(Magic::Binary)
}

/// What RFC 3986 lets stand in a path as it is: unreserved, sub-delims, `:`, `@` and `/`.
const KEPT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// A decoded path as it is written in a URL.
pub fn percent_encoded_path(decoded: &[u8]) -> String {
    percent_encoding::percent_encode(decoded, KEPT_IN_PATHS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_folder_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        std::fs::write(&file, "").unwrap();
        let missing = Site::open(&folder.path().join("b")).unwrap_err();
        assert!(matches!(missing, SiteError::NotFound { .. }), "{missing}");
        let no_folder = Site::open(&file).unwrap_err();
        assert!(
            matches!(no_folder, SiteError::NotAFolder { .. }),
            "{no_folder}"
        );
        assert!(no_folder.to_string().contains("open the folder it is in"));
    }

    #[test]
    fn a_broken_configuration_opens_and_reload_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join(CONFIG_FILE_NAME);
        std::fs::write(&config, "[limits\n").unwrap();
        let mut site = Site::open(folder.path()).unwrap();
        assert_eq!(
            (site.problems.len(), &site.config),
            (1, &SiteConfig::default())
        );
        std::fs::write(&config, "[limits]\ntotal_seconds = 9\n").unwrap();
        site.reload();
        assert_eq!(
            (site.problems.len(), site.config.limits.total_seconds),
            (0, 9.0)
        );
    }

    #[test]
    fn paths_are_encoded_byte_by_byte() {
        assert_eq!(
            percent_encoded_path(b"/a b/\xFF?#%;=.py"),
            "/a%20b/%FF%3F%23%25;=.py"
        );
    }
}
