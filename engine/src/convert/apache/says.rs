//! What one section says for the places it is about.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::convert::ScopeSource;
use crate::site::ScopeConfig;

use super::access::{Access, Merging};
use super::options::AllowOverride;
use super::region::Region;

/// A section, or what stands outside of all sections.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) source: ScopeSource,
    pub(super) region: Region,
    pub(super) says: Says,
}

/// What a section says. Maps and lists hold only what it says itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Says {
    pub(super) exec_cgi: Option<bool>,
    /// SetHandler; `none` is a handler, too.
    pub(super) set_handler: Option<String>,
    /// Suffix with its dot, in lower case, to handler; `None` for RemoveHandler.
    pub(super) handlers: BTreeMap<String, Option<String>>,
    /// Handler or media type to the URL path of a script.
    pub(super) actions: BTreeMap<String, String>,
    /// It is the folder of a ScriptAlias.
    pub(super) script_alias: bool,
    pub(super) access: Access,
    pub(super) merging: Merging,
    pub(super) realm: Option<String>,
    pub(super) user_file: Option<PathBuf>,
    /// AuthType, in lower case.
    pub(super) login_kind: Option<String>,
    pub(super) allow_override: Option<AllowOverride>,
    /// What goes into a scope as it is: each of these is replaced or merged there as by httpd.
    pub(super) plain: ScopeConfig,
    pub(super) request_body_bytes: Option<u64>,
}

impl Says {
    /// Whether anything in it decides which files are scripts.
    pub(super) fn is_about_scripts(&self) -> bool {
        self.exec_cgi.is_some()
            || self.set_handler.is_some()
            || !self.handlers.is_empty()
            || !self.actions.is_empty()
            || self.script_alias
    }

    /// Whether anything in it decides who may.
    pub(super) fn is_about_access(&self) -> bool {
        self.access != Access::default() || self.is_about_login()
    }

    pub(super) fn is_about_login(&self) -> bool {
        self.realm.is_some() || self.user_file.is_some() || self.login_kind.is_some()
    }
}
