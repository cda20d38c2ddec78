//! One `[[scopes]]` entry: where it applies and what it sets there.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::config::Strictness;
use super::pattern::{Pattern, Wildcard};
use super::requirement::Requirement;

/// Settings for a part of the site. What is `None`, or an empty map or list, leaves the setting as
/// the scopes before it have it; maps are merged key by key, the rest is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeConfig {
    /// `folder`, `folder_match`, `url` or `url_match`.
    pub place: Place,
    /// `files` or `files_match`: only files with such names.
    pub files: Option<FileNames>,
    /// `scripts`
    pub scripts: Option<ScriptsRule>,
    /// `suffixes`: replaces those of `[scripts]`, and the suffixes that have an interpreter.
    pub suffixes: Option<Vec<String>>,
    /// `index`
    pub index: Option<Vec<String>>,
    /// `accept_path_info`
    pub accept_path_info: Option<AcceptPathInfo>,
    /// `directory_listing`
    pub directory_listing: Option<bool>,
    /// `pass_authorization`
    pub pass_authorization: Option<bool>,
    /// `strictness`
    pub strictness: Option<Strictness>,
    /// `require`
    pub require: Option<Requirement>,
    /// `authentication`
    pub authentication: Option<AuthenticationSettings>,
    /// `error_documents`: status, 400 to 599, to what is sent instead of the studio's page.
    pub error_documents: BTreeMap<u16, ErrorDocument>,
    /// `actions`: suffix with its dot, or media type, to the URL path of a script.
    pub actions: BTreeMap<String, String>,
    /// `method_scripts`: method to the URL path of a script.
    pub method_scripts: BTreeMap<String, String>,
    /// `set_environment`: the first of the three changes of the environment.
    pub set_environment: BTreeMap<String, String>,
    /// `pass_environment`: the second.
    pub pass_environment: Vec<String>,
    /// `unset_environment`: the third.
    pub unset_environment: Vec<String>,
    /// Why nobody may have what lies in this scope: a part of it that restricts could not be read.
    /// Nothing that comes later lifts this. Written back as `require = "all denied"`.
    pub closed_because: Option<String>,
}

/// Where a scope applies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// Everywhere.
    #[default]
    Site,
    /// In this folder and beneath; a relative path starts at the site's folder. A file lies there
    /// when the path that its URL led to does, or the same path without symbolic links.
    Folder(PathBuf),
    /// Where the expression is found in the absolute path of the file's folder, or in that path
    /// with a slash at its end.
    FolderMatch(Pattern),
    /// Where the decoded URL path is this one or goes on with a slash after it.
    Url(String),
    /// Where the expression is found in the decoded URL path, in which a run of slashes is one.
    UrlMatch(Pattern),
}

impl fmt::Display for Place {
    /// As it is written in the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site => f.write_str("the whole site"),
            Self::Folder(folder) => write!(f, "folder = {:?}", folder.to_string_lossy()),
            Self::FolderMatch(pattern) => write!(f, "folder_match = {:?}", pattern.as_str()),
            Self::Url(url) => write!(f, "url = {url:?}"),
            Self::UrlMatch(pattern) => write!(f, "url_match = {:?}", pattern.as_str()),
        }
    }
}

/// Names of files, without their folders: of two names, the one in the URL and the one that
/// symbolic links lead to, either may fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNames {
    /// `files`
    Like(Wildcard),
    /// `files_match`: the expression is found in the name.
    Match(Pattern),
}

impl FileNames {
    /// Whether the name fits.
    #[must_use]
    pub fn is_match(&self, name: &[u8]) -> bool {
        match self {
            Self::Like(wildcard) => wildcard.is_match(name),
            Self::Match(pattern) => pattern.is_match(name),
        }
    }
}

impl fmt::Display for FileNames {
    /// As it is written in the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Like(wildcard) => write!(f, "files = {:?}", wildcard.as_str()),
            Self::Match(pattern) => write!(f, "files_match = {:?}", pattern.as_str()),
        }
    }
}

/// Which files are scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScriptsRule {
    /// `"by-name"`: by suffix, or by an executable bit and what they are; every file in a folder
    /// of `script_aliases`.
    #[default]
    ByName,
    /// `"all"`: every file.
    All,
    /// `"none"`: what would be a script is refused, never shown.
    None,
}

/// Whether a URL may go on after a file's name (Apache's `AcceptPathInfo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AcceptPathInfo {
    /// `"default"`: after a script's name, not after another file's.
    #[default]
    Default,
    /// `"on"`: after any file's name.
    On,
    /// `"off"`: after none.
    Off,
}

/// Basic authentication (RFC 7617) by a file of users.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuthenticationSettings {
    /// What the login is for, as browsers show it.
    pub realm: String,
    /// A file as htpasswd(1) writes it: `name:hash` a line. It is never served. In a
    /// configuration a relative path starts at the site's folder; in [`Settings`](super::Settings)
    /// it is absolute.
    pub user_file: PathBuf,
}

/// What is sent instead of the studio's own page for a status.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ErrorDocument {
    /// `"/errors/404.html"`: what answers this URL path, by a local redirect.
    Path(String),
    /// `"text:…"`: this text.
    Text(String),
    /// `"https://…"`: a redirect to this URL.
    Url(String),
}
