//! What is to be said of a site, before any host's words: folders, scripts and URLs over there.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::quote::escaped;
use super::{Deployment, WriteError};
use crate::convert::Host;
use crate::site::config::LimitsConfig;
use crate::site::interpreters::find_on_path;
use crate::site::pattern::Pattern;
use crate::site::script::InterpreterState;
use crate::site::{CONFIG_FILE_NAME, PRIVATE_SUFFIXES, Site, SiteConfig, is_foreign_folder};

/// Script folders are looked into so deep.
const DEEPEST: usize = 8;

/// A URL prefix and the folder, or file, that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alias {
    /// Decoded, without a slash at its end: `/cgi-bin`, and the empty text for `/`.
    pub(super) url: String,
    /// Over there.
    pub(super) folder: String,
    /// Here.
    pub(super) here: PathBuf,
    /// Whether every regular file there is a script.
    pub(super) runs_scripts: bool,
}

/// A script as it is found now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedScript {
    /// Its URL path, decoded.
    pub(super) url: String,
    /// The file over there.
    pub(super) file: String,
    /// The file here.
    pub(super) here: PathBuf,
    /// The interpreter that its suffix is mapped to.
    pub(super) interpreter: Option<String>,
    /// Whether neither its folder nor its suffix makes it a script.
    pub(super) by_magic: bool,
    /// Whether a URL may go on after its name.
    pub(super) takes_extra_path: bool,
    /// Whether it is run by php-cgi, which wants REDIRECT_STATUS.
    pub(super) is_php: bool,
}

/// Everything a host's writer needs to know.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) site: &'a Site,
    pub(super) host: Host,
    pub(super) deployment: &'a Deployment,
    /// The document root over there.
    pub(super) root: String,
    /// Longest prefix first; the last is the one for `/`.
    pub(super) aliases: Vec<Alias>,
    /// In the order of their names.
    pub(super) scripts: Vec<PlannedScript>,
    /// Suffix and interpreter.
    pub(super) interpreters: Vec<(String, String)>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        site: &'a Site,
        host: Host,
        deployment: &'a Deployment,
    ) -> Result<Self, WriteError> {
        let mut plan = Self {
            site,
            host,
            deployment,
            root: String::new(),
            aliases: Vec::new(),
            scripts: Vec::new(),
            interpreters: Vec::new(),
        };
        plan.root = plan.there(&site.config.document_root(&site.root))?;
        plan.server_name()?;
        for mapping in site.prefixes() {
            plan.aliases.push(Alias {
                url: mapping.url.trim_end_matches('/').to_owned(),
                folder: plan.there(mapping.folder)?,
                here: mapping.folder.to_owned(),
                runs_scripts: mapping.runs_scripts,
            });
        }
        for suffix in plan.config().scripts.interpreters.keys() {
            let interpreter = plan.there(&plan.interpreter_here(suffix))?;
            plan.interpreters.push((suffix.clone(), interpreter));
        }
        plan.scripts = plan.planned_scripts()?;
        Ok(plan)
    }

    pub(super) fn config(&self) -> &'a SiteConfig {
        &self.site.config
    }

    pub(super) fn limits(&self) -> &'a LimitsConfig {
        &self.config().limits
    }

    /// A path of this computer as it is over there: what lies in the site's folder moves with it.
    pub(super) fn there(&self, path: &Path) -> Result<String, WriteError> {
        let root = &self.site.root;
        let moved = match (&self.deployment.root, path.strip_prefix(root)) {
            (Some(target), Ok(inside)) => target.join(inside),
            _ => path.to_owned(),
        };
        // `a/../b` and a slash at the end say nothing, and some hosts compare texts.
        let plain: PathBuf = moved
            .components()
            .filter(|component| *component != Component::CurDir)
            .collect();
        let text = plain.to_str().ok_or_else(|| WriteError::Unwritable {
            host: self.host,
            what: "a path",
            reason: "it is not UTF-8",
            text: plain.to_string_lossy().into_owned(),
        })?;
        Ok(text.to_owned())
    }

    /// The name, checked: it stands unquoted in some configurations.
    pub(super) fn server_name(&self) -> Result<Option<&str>, WriteError> {
        let Some(name) = self.deployment.server_name.as_deref() else {
            return Ok(None);
        };
        let plain =
            |character: char| character.is_ascii_alphanumeric() || ".-*_:[]".contains(character);
        if name.is_empty() || !name.chars().all(plain) {
            return Err(WriteError::Unwritable {
                host: self.host,
                what: "the server name",
                reason: "it is no host name",
                text: name.to_owned(),
            });
        }
        Ok(Some(name))
    }

    fn interpreter_here(&self, suffix: &str) -> PathBuf {
        let interpreters = &self.config().scripts.interpreters;
        let Some(named) = interpreters.get(suffix) else {
            return PathBuf::new();
        };
        if named.components().count() > 1 {
            return self.site.root.join(named);
        }
        find_on_path(self.config().path(), named.as_os_str())
            .unwrap_or_else(|| Path::new("/usr/bin").join(named))
    }

    fn planned_scripts(&self) -> Result<Vec<PlannedScript>, WriteError> {
        let mut planned = Vec::new();
        for entry in self.site.scripts() {
            let facts = self.site.script_facts(&entry.path);
            let (interpreter, runs_by) = match &facts.interpreter {
                InterpreterState::Mapped { path, .. } => (Some(self.there(path)?), Some(path)),
                InterpreterState::Shebang { path, .. } => (None, Some(path)),
                _ => (None, None),
            };
            let is_php = runs_by
                .and_then(|path| path.file_name())
                .is_some_and(|name| name.to_string_lossy().starts_with("php"));
            let url = percent_encoding::percent_decode(&entry.url_path).decode_utf8_lossy();
            let in_script_folder = facts.path.canonicalize();
            let in_script_folder =
                in_script_folder.is_ok_and(|real| self.site.in_script_folder(&real));
            planned.push(PlannedScript {
                url: url.into_owned(),
                file: self.there(&entry.path)?,
                here: entry.path.clone(),
                interpreter,
                by_magic: !in_script_folder && !self.site.has_script_suffix(&entry.path),
                takes_extra_path: !self.refuses_extra_path(&entry.path),
                is_php,
            });
        }
        Ok(planned)
    }

    fn refuses_extra_path(&self, script: &Path) -> bool {
        let refusing = &self.config().scripts.refuse_extra_path;
        refusing
            .iter()
            .any(|refusing| self.site.root.join(refusing) == script)
    }

    /// The aliases whose folders hold scripts only.
    pub(super) fn script_folders(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.iter().filter(|alias| alias.runs_scripts)
    }

    /// All URL prefixes that lead into `folder`, or to a folder in it, with the folder behind each.
    pub(super) fn urls_of(&self, folder: &Path) -> Vec<(String, PathBuf)> {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let mut urls = Vec::new();
        for alias in &self.aliases {
            let here = alias
                .here
                .canonicalize()
                .unwrap_or_else(|_| alias.here.clone());
            if here.starts_with(&real) {
                urls.push((alias.url.clone(), here));
            } else if let Ok(inside) = real.strip_prefix(&here) {
                let inside = inside.to_string_lossy();
                urls.push((format!("{}/{inside}", alias.url), real.clone()));
            }
        }
        urls.sort();
        urls.dedup();
        urls
    }

    /// The folders that URLs lead to and whose path the expression fits.
    pub(super) fn folders_like(&self, pattern: &Pattern) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        for alias in &self.aliases {
            let inner = Self::folders_in(&alias.here).into_iter();
            let folders = inner.map(|inner| alias.here.join(inner.trim_end_matches('/')));
            found.extend(folders.chain([alias.here.clone()]).filter(|folder| {
                let text = folder.as_os_str().as_bytes();
                pattern.is_match(text) || pattern.is_match(&[text, b"/"].concat())
            }));
        }
        found.sort();
        found.dedup();
        found
    }

    /// The folders inside of `folder`, relative, with a slash at their end, the deepest first.
    pub(super) fn folders_in(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![(folder.to_owned(), String::new(), 0)];
        while let Some((folder, relative, depth)) = open.pop() {
            for entry in folder.read_dir().into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let Some(name) = name.to_str() else { continue };
                if depth < DEEPEST && path.is_dir() && !is_foreign_folder(&path) {
                    let relative = format!("{relative}{name}/");
                    found.push(relative.clone());
                    open.push((path, relative, depth + 1));
                }
            }
        }
        found.sort_by_key(|folder| std::cmp::Reverse(folder.matches('/').count()));
        found
    }

    /// The suffixes without their dot, those that have an interpreter among them.
    pub(super) fn suffixes(&self) -> Vec<&'a str> {
        let scripts = &self.config().scripts;
        let mut suffixes: Vec<&str> = scripts
            .suffixes
            .iter()
            .chain(scripts.interpreters.keys())
            .map(|suffix| suffix.trim_start_matches('.'))
            .collect();
        suffixes.sort_unstable();
        suffixes.dedup();
        suffixes
    }

    /// The same with those of scopes: what has one of them may be a script somewhere, and its
    /// copies are private.
    pub(super) fn suffixes_anywhere(&self) -> Vec<&'a str> {
        let scopes = self.config().scopes.iter();
        let mut suffixes: Vec<&str> = scopes
            .filter_map(|scope| scope.suffixes.as_ref())
            .flatten()
            .map(|suffix| suffix.trim_start_matches('.'))
            .chain(self.suffixes())
            .collect();
        suffixes.sort_unstable();
        suffixes.dedup();
        suffixes
    }

    /// The index names that count in a folder of scripts only.
    pub(super) fn script_index(&self) -> Vec<&'a str> {
        let index = self.config().scripts.index.iter().map(String::as_str);
        index
            .filter(|name| self.site.has_script_suffix(Path::new(name)))
            .collect()
    }

    /// The environment of every script, `PATH` with it.
    pub(super) fn environment(&self) -> Vec<(&'a str, &'a str)> {
        let config = self.config();
        let mut environment = vec![("PATH", config.path())];
        let set = config.environment.iter();
        environment.extend(
            set.map(|(name, value)| (name.as_str(), value.as_str()))
                .filter(|(name, _)| *name != "PATH"),
        );
        environment
    }

    /// `address:port` or the port alone.
    pub(super) fn listen(&self) -> String {
        match self.deployment.address {
            Some(address) => std::net::SocketAddr::new(address, self.deployment.port).to_string(),
            None => self.deployment.port.to_string(),
        }
    }

    /// What the first lines of every file say.
    pub(super) fn title(&self) -> String {
        format!(
            "The site {:?} for {}, written by CGI Studio from {CONFIG_FILE_NAME} and the site's files",
            self.site.name, self.host
        )
    }

    /// What no host, or almost none, can say of this site.
    pub(super) fn left_out_everywhere(&self) -> Vec<String> {
        let mut left_out = Vec::new();
        if let Some(limit) = self.limits().total_limit() {
            left_out.push(format!(
                "limits.total_seconds = {}: only silence is limited",
                limit.as_secs_f64()
            ));
        }
        let options = &self.config().options;
        if !options.run_in_script_folder && self.host != Host::Caddy {
            left_out
                .push("run_in_script_folder = false: scripts start in their own folder".to_owned());
        }
        if !options.encoded_slashes && self.host == Host::Caddy {
            left_out.push("encoded_slashes = false: %2F counts as a slash".to_owned());
        }
        left_out
    }
}

/// The seconds of a limit, rounded up: hosts count whole ones.
pub(super) fn whole_seconds(limit: std::time::Duration) -> u64 {
    limit.as_secs() + u64::from(limit.subsec_nanos() > 0)
}

/// A regular expression of the beginning of names that must never be sent as files: those that the studio hides.
pub(super) fn private_names() -> String {
    let saved = PRIVATE_SUFFIXES.map(escaped).join("|");
    format!(
        "(?:\\.|(?i:{})|[^/]*(?i:{saved})(?:/|$))",
        escaped(CONFIG_FILE_NAME)
    )
}
