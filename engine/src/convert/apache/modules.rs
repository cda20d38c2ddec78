//! Which modules the server is taken to have: what `<IfModule>` asks for.

use std::collections::BTreeSet;

/// Compiled into Debian's server.
const BUILT_IN: [&str; 8] = [
    "core",
    "http_core",
    "log_config",
    "logio",
    "so",
    "unixd",
    "version",
    "watchdog",
];
/// Loaded by Debian's server when it has just been installed.
const STOCK: [&str; 19] = [
    "access_compat",
    "alias",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "deflate",
    "dir",
    "env",
    "filter",
    "mime",
    "mpm_event",
    "negotiation",
    "reqtimeout",
    "setenvif",
    "status",
];
/// Whoever brings a configuration to this studio has CGI in it.
const FOR_CGI: [&str; 3] = ["actions", "cgi", "cgid"];

/// The modules named by LoadModule, or those of a stock server as long as none is named.
#[derive(Debug, Default)]
pub(super) struct Modules {
    loaded: BTreeSet<String>,
}

/// Whether a module is there, and how we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Compiled in, or a LoadModule line names it.
    Loaded,
    /// No LoadModule line was read at all, and a stock server has it.
    Assumed,
    /// No LoadModule line names it, but without it there would be no scripts.
    AssumedForCgi,
    /// Other modules are loaded, this one is not.
    Absent,
    /// No LoadModule line was read at all, and a stock server does not have it.
    AbsentFromStock,
}

impl Presence {
    pub(super) fn is_there(self) -> bool {
        matches!(self, Self::Loaded | Self::Assumed | Self::AssumedForCgi)
    }
}

impl Modules {
    /// Takes note of a LoadModule line.
    pub(super) fn load(&mut self, name: &str) {
        self.loaded.insert(plain_name(name).to_owned());
    }

    pub(super) fn presence(&self, name: &str) -> Presence {
        let name = plain_name(name);
        if BUILT_IN.contains(&name) || self.loaded.contains(name) {
            Presence::Loaded
        } else if FOR_CGI.contains(&name) {
            Presence::AssumedForCgi
        } else if self.loaded.is_empty() && STOCK.contains(&name) {
            Presence::Assumed
        } else if self.loaded.is_empty() {
            Presence::AbsentFromStock
        } else {
            Presence::Absent
        }
    }
}

/// `mod_cgid.c`, `cgid_module` and `cgid` are one module.
fn plain_name(name: &str) -> &str {
    let name = name.strip_suffix(".c").unwrap_or(name);
    let name = name.strip_prefix("mod_").unwrap_or(name);
    name.strip_suffix("_module").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_load_module_the_modules_of_a_stock_server_are_there() {
        let modules = Modules::default();
        assert_eq!(modules.presence("mod_alias.c"), Presence::Assumed);
        assert_eq!(modules.presence("core.c"), Presence::Loaded);
        assert_eq!(modules.presence("cgid_module"), Presence::AssumedForCgi);
        assert_eq!(modules.presence("mod_ssl.c"), Presence::AbsentFromStock);
    }

    #[test]
    fn with_load_module_only_what_is_named_is_there_and_cgi() {
        let mut modules = Modules::default();
        modules.load("ssl_module");
        assert_eq!(modules.presence("mod_ssl.c"), Presence::Loaded);
        assert_eq!(modules.presence("mod_alias.c"), Presence::Absent);
        assert_eq!(modules.presence("mod_cgi.c"), Presence::AssumedForCgi);
        assert_eq!(modules.presence("log_config_module"), Presence::Loaded);
    }
}
