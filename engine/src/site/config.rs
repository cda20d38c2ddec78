//! The site's configuration, `cgi-studio.toml`: every key, its default and its meaning.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::pattern::Pattern;
use super::scope::ScopeConfig;
use super::{config_file, config_reader};

/// The name of the configuration file, directly in the site's folder. It is never served.
pub const CONFIG_FILE_NAME: &str = "cgi-studio.toml";

/// The `PATH` that scripts get when `[environment]` does not set one.
pub const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What `cgi-studio.toml` says, with defaults for what it does not say.
///
/// The file is optional, and so is every key. An unknown key, or a value of the wrong kind, is a
/// [`ConfigProblem`] that names the line; that key keeps its default and the site goes on.
///
/// | Key | Default | Meaning |
/// |---|---|---|
/// | **`[server]`** | | |
/// | `listen` | none: the program chooses | the address and port to serve on, such as `"127.0.0.1:8000"` |
/// | `hosts` | `[]` | names under which browsers may ask for this site, beside this computer's own; another name may be a strange page's (DNS rebinding) |
/// | `document_root` | `"."` | the folder that `/` stands for, from the site's folder; scripts find it in `DOCUMENT_ROOT` |
/// | **`[scripts]`** | | |
/// | `script_aliases` | `{ "/cgi-bin/" = "cgi-bin" }` if that folder exists | URL prefix to folder; every regular file in such a folder is a script and is never sent as text. Setting it replaces the default |
/// | `aliases` | `{}` | URL prefix to a folder of ordinary files; scripts in it are known by suffix or by what they are |
/// | `script_alias_matches` | `[]` | `{ url = "^/apps/([^/]+)$", to = "apps/$1.cgi" }`: URL paths by regular expression, and the script that each stands for (Apache's `ScriptAliasMatch`). They are asked in their order, after the prefixes and before `/`; `url` is matched against the decoded path, and what it makes is the whole path of the file |
/// | `alias_matches` | `[]` | the same for ordinary files, asked after those of scripts |
/// | `suffixes` | `[".py", ".cgi", ".pl", ".sh", ".rb", ".php"]` | files that are scripts wherever they stand |
/// | `interpreters` | `{}` | suffix to interpreter: `{ ".py" = "/usr/bin/python3" }` runs such files without their `#!` line and without an executable bit. A bare name is looked up on the scripts' `PATH`, a relative path starts at the site's folder |
/// | `index` | `["index.html", "index.htm", "index.py", "index.cgi", "index.pl", "index.sh", "index.rb", "index.php"]` | what answers for a folder, first match first |
/// | `refuse_extra_path` | `[]` | scripts (paths from the site's folder) for which a URL that goes on after the script's name is 404, as Apache's `AcceptPathInfo Off` |
/// | **`[environment]`** | | |
/// | any name | none | a variable for every script; it wins over what the server would set |
/// | `PATH` | `"/usr/local/bin:/usr/bin:/bin"` | where scripts, and `#!/usr/bin/env`, find programs |
/// | **`[limits]`** | | |
/// | `time_seconds` | `30` | seconds a script may go without progress; `0` is no limit |
/// | `total_seconds` | `0` | seconds a script may take in all; `0` is no limit |
/// | `request_body_bytes` | `1073741824` (1 GiB) | largest request body, in bytes; a larger one is answered 413 |
/// | `capture_bytes` | `16777216` (16 MiB) | bytes kept of each recorded stream; more is served, but recorded as cut. `"all"` is no limit: a long stream is kept in a file, not in memory |
/// | `grace_seconds` | `0.5` | seconds a script may go on after its client has hung up |
/// | `cpu_seconds` | `0` | whole seconds of processor time that a process of a script may use; `0` is no limit |
/// | `memory_bytes` | `0` | bytes of memory that a process of a script may map; `0` is no limit |
/// | `processes` | `0` | how many processes this user may have when a script starts one more, those outside of the studio too; `0` is no limit |
/// | **`[options]`** | | |
/// | `strictness` | `"default"` | how a script's mistakes are met: `"strict"`, `"default"` or `"lenient"` |
/// | `pass_authorization` | `false` | whether scripts see the client's `Authorization` field (RFC 3875 §9.2 advises against it) |
/// | `allow_outside_root` | `false` | whether aliases and symbolic links may lead out of the site's folder |
/// | `directory_listing` | `true` | whether a folder without an index file is listed; otherwise it is 403 |
/// | `encoded_slashes` | `true` | whether `%2F` in a path counts as a slash; otherwise such a URL is 404, as with Apache |
/// | `run_in_script_folder` | `true` | whether a script's working directory is its own folder (RFC 3875 §7.2); otherwise it is the site's |
/// | `cut_off_crashed` | `true` | whether the page of a script that crashes after its headers is cut off, so that half a page never looks whole; a page of HTML in a browser on this computer ends with the cause instead. Otherwise it ends as if it were whole, as on other hosts |
/// | `record_locals` | `false` | whether a Python script that fails leaves the variables of its calls in the record; what sounds like a secret is hidden by its name, also in containers, forms and texts; not under `-I`, `-E` or `-S` |
/// | `host_profile` | none | the host that scripts are run as: `"apache"`, `"lighttpd"`, `"nginx-fcgiwrap"`, `"cpython"`, `"go"` or `"busybox"`; see [host profiles](assets/guide/profiles.md) |
/// | **`[watch]`** | | |
/// | `quiet_milliseconds` | `80` | how long the folder must be quiet before a save counts as finished |
/// | `ignore` | `[]` | names or paths whose changes do not matter; `*` stands for any run of characters within a name |
/// | **`[history]`** | | |
/// | `runs` | of the preferences, or `1000000` | how many requests are kept on disk, without those that are pinned; `0` is no limit |
/// | `days` | of the preferences, or `0` | how many days they are kept; `0` is no limit |
/// | `disk_bytes` | of the preferences, or `2147483648` (2 GiB) | bytes that they may take: beyond that the oldest lose their bodies, then their details; `0` is no limit |
/// | **`[[scopes]]`** | | laid over the settings above in the order they stand; a later one wins. A scope that restricts and cannot be read is closed to everybody until it is mended |
/// | `folder` | the whole site | at most one of this and the next three: this folder and all beneath it, by the path in the URL or without symbolic links |
/// | `folder_match` | | regular expression for the absolute path of a file's folder |
/// | `url` | | this URL path and all beneath it |
/// | `url_match` | | regular expression for the decoded URL path |
/// | `files` | every file | only files with such names: `*` is any run of characters, `?` any one, `[a-z]` one of these |
/// | `files_match` | | the same by regular expression |
/// | `scripts` | `"by-name"` | which files are scripts: `"by-name"`, as elsewhere; `"all"`; or `"none"`, which refuses scripts and never shows their source (Apache's `Options -ExecCGI`) |
/// | `suffixes` | of `[scripts]` | files that are scripts here; those with an interpreter no longer count by themselves |
/// | `index` | of `[scripts]` | what answers for a folder |
/// | `accept_path_info` | `"default"` | whether a URL may go on after a file's name: `"default"`, after a script's; `"on"`, after any; `"off"`, after none |
/// | `directory_listing` | of `[options]` | whether a folder without an index file is listed |
/// | `pass_authorization` | of `[options]` | whether scripts see `Authorization` |
/// | `strictness` | of `[options]` | how a script's mistakes are met |
/// | `require` | `"all granted"` | who may have it: `all granted`, `all denied`, `ip 10.0.0.0/8 192.168`, `host example.org`, `local`, `user alice bob`, `valid-user`, `method GET POST` and `env NAME`, joined by `not`, `and`, `or` and parentheses |
/// | `authentication` | none | `{ realm = "Members", user_file = ".htpasswd" }`: Basic authentication, checked by the studio; the file of users is never served |
/// | `error_documents` | `{}` | status to what is sent instead of the studio's page: `{ "404" = "/missing.html", "403" = "text:Go away", "500" = "https://example.org/" }` |
/// | `actions` | `{}` | suffix or media type to the script that shows such files: `{ ".md" = "/cgi-bin/show.py" }` (Apache's `Action`) |
/// | `method_scripts` | `{}` | method to the script that answers it: `{ "PUT" = "/cgi-bin/put.py" }` (Apache's `Script`) |
/// | `set_environment` | `{}` | variables for scripts here; first these, then the next two |
/// | `pass_environment` | `[]` | variables that are taken from the studio's own environment |
/// | `unset_environment` | `[]` | variables that scripts do not get, whoever set them |
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SiteConfig {
    /// `[server]`
    pub server: ServerConfig,
    /// `[scripts]`
    pub scripts: ScriptsConfig,
    /// `[environment]`: name to value, in the order of their names.
    pub environment: BTreeMap<String, String>,
    /// `[limits]`
    pub limits: LimitsConfig,
    /// `[options]`
    pub options: OptionsConfig,
    /// `[watch]`
    pub watch: WatchConfig,
    /// `[history]`
    pub history: HistoryConfig,
    /// `[[scopes]]`: laid over the other settings in this order; the last one wins.
    pub scopes: Vec<ScopeConfig>,
}

/// The `[server]` section; see the table at [`SiteConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Where to listen; `None` leaves the choice to the program.
    pub listen: Option<SocketAddr>,
    /// Names that a browser's Host may bear beside this computer's own.
    pub hosts: Vec<String>,
    /// The folder that `/` stands for, relative to the site's folder.
    pub document_root: PathBuf,
}

/// The `[scripts]` section; see the table at [`SiteConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptsConfig {
    /// URL prefix to script folder; `None` is the default, `cgi-bin` if there is such a folder.
    pub script_aliases: Option<BTreeMap<String, PathBuf>>,
    /// URL prefix to folder of ordinary files.
    pub aliases: BTreeMap<String, PathBuf>,
    /// Expressions for URL paths that lead to scripts; asked in this order after the prefixes.
    pub script_alias_matches: Vec<AliasMatch>,
    /// Expressions for URL paths that lead to ordinary files; asked after those of scripts.
    pub alias_matches: Vec<AliasMatch>,
    /// Suffixes with their dot, compared without regard to ASCII letter case.
    pub suffixes: Vec<String>,
    /// Suffix with its dot to interpreter, as it was written.
    pub interpreters: BTreeMap<String, PathBuf>,
    /// File names that answer for a folder.
    pub index: Vec<String>,
    /// Scripts, relative to the site's folder, that take no extra path.
    pub refuse_extra_path: Vec<PathBuf>,
}

/// A URL path by expression and the file or folder that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasMatch {
    /// Found in the decoded URL path, in which a run of slashes is one.
    pub url: Pattern,
    /// What the whole path stands for: `$1` to `$9` are the groups of the expression, `$0` is all
    /// that it matched, `\$` is a dollar sign. A relative path starts at the site's folder.
    pub to: String,
}

/// The `[limits]` section; see the table at [`SiteConfig`].
#[derive(Debug, Clone, PartialEq)]
pub struct LimitsConfig {
    /// Seconds without progress; 0 is no limit. See [`LimitsConfig::time_limit`].
    pub time_seconds: f64,
    /// Seconds in all; 0 is no limit. See [`LimitsConfig::total_limit`].
    pub total_seconds: f64,
    /// Largest request body in bytes.
    pub request_body_bytes: u64,
    /// Bytes kept of each recorded stream; `u64::MAX` is all of them.
    pub capture_bytes: u64,
    /// Seconds a script may go on without its client. See [`LimitsConfig::grace`].
    pub grace_seconds: f64,
    /// Seconds of processor time for one process; 0 is no limit.
    pub cpu_seconds: u64,
    /// Bytes of memory for one process; 0 is no limit.
    pub memory_bytes: u64,
    /// Processes of this user; 0 is no limit.
    pub processes: u64,
}

/// The `[options]` section; see the table at [`SiteConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsConfig {
    /// How a script's mistakes are met.
    pub strictness: Strictness,
    /// Whether scripts see `Authorization`.
    pub pass_authorization: bool,
    /// Whether aliases and symbolic links may lead out of the site's folder.
    pub allow_outside_root: bool,
    /// Whether folders without an index file are listed.
    pub directory_listing: bool,
    /// Whether `%2F` in a path counts as a slash.
    pub encoded_slashes: bool,
    /// Whether a script's working directory is its own folder, not the site's.
    pub run_in_script_folder: bool,
    /// Whether the page of a script that crashes after its headers is cut off.
    pub cut_off_crashed: bool,
    /// Whether a Python script that fails leaves the variables of its calls in the record.
    pub record_locals: bool,
    /// The host whose behaviour is taken on, by its name.
    pub host_profile: Option<String>,
}

/// The `[watch]` section; see the table at [`SiteConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchConfig {
    /// Milliseconds without a change after which a save counts as finished.
    pub quiet_milliseconds: u64,
    /// Patterns of names or paths that are not watched.
    pub ignore: Vec<String>,
}

/// The `[history]` section; see the table at [`SiteConfig`]. What is absent is for the program to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistoryConfig {
    /// Requests that are kept on disk; 0 is no limit.
    pub runs: Option<u64>,
    /// Days that they are kept; 0 is no limit.
    pub days: Option<u64>,
    /// Bytes that they may take; 0 is no limit.
    pub disk_bytes: Option<u64>,
}

/// How a script's violations of RFC 3875 are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strictness {
    /// Every violation fails the request.
    Strict,
    /// What would break on real hosts fails; the rest is served with a finding.
    #[default]
    Default,
    /// What can be served at all is served, with findings.
    Lenient,
}

/// What is wrong with one place of a configuration file, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, line {line} column {column}: {file:?}")]
pub struct ConfigProblem {
    /// The configuration file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The key with its section, such as `limits.time_seconds`; `None` for syntax errors and
    /// files that cannot be read.
    pub key: Option<String>,
    /// What is wrong and what is used instead.
    pub message: String,
}

impl SiteConfig {
    /// Reads `cgi-studio.toml` in `folder`. A missing file is all defaults without a problem; a
    /// key that cannot be used keeps its default and is named in a problem; so does the whole
    /// file when it is not TOML or cannot be read.
    pub fn read(folder: &Path) -> (Self, Vec<ConfigProblem>) {
        config_file::read(&folder.join(CONFIG_FILE_NAME))
    }

    /// Reads the text of a `cgi-studio.toml` as though it lay in `folder`; problems as of [`SiteConfig::read`].
    pub fn parse(folder: &Path, text: &str) -> (Self, Vec<ConfigProblem>) {
        config_reader::parse(&folder.join(CONFIG_FILE_NAME), text)
    }

    /// The folder that `/` stands for, in a site whose folder is `root`.
    pub fn document_root(&self, root: &Path) -> PathBuf {
        // Without the `.` that the default would leave at its end.
        root.join(&self.server.document_root).components().collect()
    }

    /// The `PATH` scripts get: the one in `[environment]`, or [`DEFAULT_PATH`].
    pub fn path(&self) -> &str {
        self.environment
            .get("PATH")
            .map_or(DEFAULT_PATH, String::as_str)
    }
}

impl LimitsConfig {
    /// How long a script may go without progress; `None` is no limit.
    pub fn time_limit(&self) -> Option<Duration> {
        duration(self.time_seconds).filter(|limit| !limit.is_zero())
    }

    /// How long a script may take in all; `None` is no limit.
    pub fn total_limit(&self) -> Option<Duration> {
        duration(self.total_seconds).filter(|limit| !limit.is_zero())
    }

    /// How long a script may go on after its client has hung up.
    pub fn grace(&self) -> Duration {
        duration(self.grace_seconds).unwrap_or_default()
    }
}

fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

impl WatchConfig {
    /// How long the folder must be quiet before a save counts as finished.
    pub fn quiet(&self) -> Duration {
        Duration::from_millis(self.quiet_milliseconds)
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: None,
            hosts: Vec::new(),
            document_root: PathBuf::from("."),
        }
    }
}

impl Default for ScriptsConfig {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            script_aliases: None,
            aliases: BTreeMap::new(),
            script_alias_matches: Vec::new(),
            alias_matches: Vec::new(),
            suffixes: owned(&[".py", ".cgi", ".pl", ".sh", ".rb", ".php"]),
            interpreters: BTreeMap::new(),
            index: owned(&[
                "index.html",
                "index.htm",
                "index.py",
                "index.cgi",
                "index.pl",
                "index.sh",
                "index.rb",
                "index.php",
            ]),
            refuse_extra_path: Vec::new(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            time_seconds: 30.0,
            total_seconds: 0.0,
            request_body_bytes: 1 << 30,
            capture_bytes: 16 << 20,
            grace_seconds: 0.5,
            cpu_seconds: 0,
            memory_bytes: 0,
            processes: 0,
        }
    }
}

impl Default for OptionsConfig {
    fn default() -> Self {
        Self {
            strictness: Strictness::Default,
            pass_authorization: false,
            allow_outside_root: false,
            directory_listing: true,
            encoded_slashes: true,
            run_in_script_folder: true,
            cut_off_crashed: true,
            record_locals: false,
            host_profile: None,
        }
    }
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self {
            quiet_milliseconds: 80,
            ignore: Vec::new(),
        }
    }
}
