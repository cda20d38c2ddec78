//! What holds for one URL path and file: the site's settings with the scopes laid over them.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::config::{SiteConfig, Strictness};
use super::ends_with_suffix;
use super::requirement::Requirement;
use super::scope::{
    AcceptPathInfo, AuthenticationSettings, ErrorDocument, ScopeConfig, ScriptsRule,
};

/// What holds for one URL path and file. See the table at [`SiteConfig`] for the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which files are scripts; folders of `script_aliases` hold scripts also by name.
    pub scripts: ScriptsRule,
    /// Suffixes of scripts, with their dot; outside of scopes with those that have an interpreter.
    pub suffixes: Vec<String>,
    /// File names that answer for a folder.
    pub index: Vec<String>,
    /// Whether a URL may go on after a file's name.
    pub accept_path_info: AcceptPathInfo,
    /// Whether folders without an index file are listed.
    pub directory_listing: bool,
    /// Whether scripts see `Authorization`.
    pub pass_authorization: bool,
    /// How a script's mistakes are met.
    pub strictness: Strictness,
    /// Who may have it; everybody unless a scope says otherwise.
    pub require: Requirement,
    /// How a login is checked; `None` where there is none to be had.
    pub authentication: Option<AuthenticationSettings>,
    /// What is sent instead of the studio's page, by status.
    pub error_documents: BTreeMap<u16, ErrorDocument>,
    /// URL paths of the scripts that show files with a suffix or of a media type. The resolver
    /// applies them; see [`Target::Action`](super::Target::Action).
    pub actions: BTreeMap<String, String>,
    /// URL paths of the scripts that answer a method, whatever it is asked of. As Apache's
    /// `Script`, one for GET is meant for requests with a query only.
    pub method_scripts: BTreeMap<String, String>,
    /// What the scopes do to the environment, in this order, after `[environment]`.
    pub environment: Vec<EnvironmentChange>,
    /// Why nobody may have this: a rule that restricts could not be read. Then `require` is
    /// [`Requirement::Denied`].
    pub closed_because: Option<String>,
    /// Which of [`SiteConfig::scopes`] apply, in their order.
    pub applied: Vec<usize>,
}

/// One change of the environment that a script gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EnvironmentChange {
    /// The variable gets this value.
    Set {
        /// The variable.
        name: String,
        /// Its value.
        value: String,
    },
    /// The variable gets the value it has in the studio's own environment, if it has one there.
    Pass {
        /// The variable.
        name: String,
    },
    /// The variable is taken out, whoever set it.
    Unset {
        /// The variable.
        name: String,
    },
}

impl Settings {
    /// Whether whoever may have what `here` holds for may have what these hold for, as far as two rules can be
    /// compared without somebody who asks.
    pub(crate) fn are_as_open_as(&self, here: &Self) -> bool {
        let same = self.require == here.require && self.authentication == here.authentication;
        self.require == Requirement::Granted || same
    }

    /// The suffix that makes `file` a script by its name, without regard to ASCII letter case.
    pub(super) fn script_suffix(&self, file: &Path) -> Option<&str> {
        let name = file.file_name()?.as_bytes();
        let mut suffixes = self.suffixes.iter().map(String::as_str);
        suffixes.find(|suffix| ends_with_suffix(name, suffix))
    }

    /// The settings of a site without its scopes.
    pub(super) fn of_site(config: &SiteConfig) -> Self {
        let SiteConfig {
            scripts, options, ..
        } = config;
        let interpreted = scripts.interpreters.keys();
        Self {
            scripts: ScriptsRule::ByName,
            suffixes: scripts
                .suffixes
                .iter()
                .chain(interpreted)
                .cloned()
                .collect(),
            index: scripts.index.clone(),
            accept_path_info: AcceptPathInfo::Default,
            directory_listing: options.directory_listing,
            pass_authorization: options.pass_authorization,
            strictness: options.strictness,
            require: Requirement::Granted,
            authentication: None,
            error_documents: BTreeMap::new(),
            actions: BTreeMap::new(),
            method_scripts: BTreeMap::new(),
            environment: Vec::new(),
            closed_because: None,
            applied: Vec::new(),
        }
    }

    /// Lays a scope over them: what it says wins. `root` is where relative paths start.
    pub(super) fn lay_over(&mut self, scope: &ScopeConfig, index: usize, root: &Path) {
        replace(&mut self.scripts, &scope.scripts);
        replace(&mut self.suffixes, &scope.suffixes);
        replace(&mut self.index, &scope.index);
        replace(&mut self.accept_path_info, &scope.accept_path_info);
        replace(&mut self.directory_listing, &scope.directory_listing);
        replace(&mut self.pass_authorization, &scope.pass_authorization);
        replace(&mut self.strictness, &scope.strictness);
        replace(&mut self.require, &scope.require);
        if let Some(authentication) = &scope.authentication {
            self.authentication = Some(AuthenticationSettings {
                realm: authentication.realm.clone(),
                user_file: root.join(&authentication.user_file),
            });
        }
        merge(&mut self.error_documents, &scope.error_documents);
        merge(&mut self.actions, &scope.actions);
        merge(&mut self.method_scripts, &scope.method_scripts);
        self.environment.extend(environment_changes(scope));
        if self.closed_because.is_none() {
            self.closed_because.clone_from(&scope.closed_because);
        }
        if self.closed_because.is_some() {
            self.require = Requirement::Denied;
        }
        self.applied.push(index);
    }
}

fn replace<T: Clone>(setting: &mut T, said: &Option<T>) {
    if let Some(said) = said {
        setting.clone_from(said);
    }
}

fn merge<K: Ord + Clone, V: Clone>(setting: &mut BTreeMap<K, V>, said: &BTreeMap<K, V>) {
    let pairs = said.iter().map(|(key, value)| (key.clone(), value.clone()));
    setting.extend(pairs);
}

fn environment_changes(scope: &ScopeConfig) -> impl Iterator<Item = EnvironmentChange> {
    let set = scope.set_environment.iter();
    let set = set.map(|(name, value)| EnvironmentChange::Set {
        name: name.clone(),
        value: value.clone(),
    });
    let pass = scope.pass_environment.iter().cloned();
    let unset = scope.unset_environment.iter().cloned();
    set.chain(pass.map(|name| EnvironmentChange::Pass { name }))
        .chain(unset.map(|name| EnvironmentChange::Unset { name }))
}
