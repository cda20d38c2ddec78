//! SetEnv, PassEnv, UnsetEnv and SetEnvIf.

use crate::site::ScopeConfig;

use super::notes::Notes;
use super::tree::Directive;

/// What httpd sets for every script after its SetEnv lines, which therefore do nothing
/// (server/util_script.c, `ap_add_common_vars` and `ap_add_cgi_vars`).
const SET_BY_APACHE: [&str; 19] = [
    "CONTEXT_DOCUMENT_ROOT",
    "CONTEXT_PREFIX",
    "DOCUMENT_ROOT",
    "GATEWAY_INTERFACE",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "REQUEST_METHOD",
    "REQUEST_SCHEME",
    "REQUEST_URI",
    "SCRIPT_FILENAME",
    "SCRIPT_NAME",
    "SERVER_ADDR",
    "SERVER_ADMIN",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SIGNATURE",
    "SERVER_SOFTWARE",
];

/// What httpd sets for requests that have it. A value for all requests would break the others.
const OF_THE_REQUEST: [&str; 4] = [
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "PATH_INFO",
    "PATH_TRANSLATED",
];

/// Takes one of the directives.
pub(super) fn take(directive: &Directive, scope: &mut ScopeConfig, notes: &mut Notes) {
    match directive.key.as_str() {
        "setenv" => set(directive, scope, notes),
        "passenv" => pass(directive, scope, notes),
        "unsetenv" => unset(directive, scope, notes),
        _ => set_if(directive, scope, notes),
    }
}

fn set(directive: &Directive, scope: &mut ScopeConfig, notes: &mut Notes) {
    let name = directive.word(0).unwrap_or_default();
    if !is_name(name) {
        notes.not_taken(directive, "this is no name for a variable here");
        return;
    }
    if is_set_by_apache(name) {
        notes.harmless(
            directive,
            format!("Apache itself sets {name} for every script, so that this line does nothing"),
        );
        return;
    }
    if OF_THE_REQUEST.contains(&name) {
        notes.not_taken(
            directive,
            format!("{name} belongs to the request; scripts see it only where the request has it"),
        );
        return;
    }
    let value = directive.word(1).unwrap_or_default().to_owned();
    forget(scope, name);
    scope.set_environment.insert(name.to_owned(), value);
    if name.starts_with("HTTP_") || name == "REMOTE_USER" || name == "AUTH_TYPE" {
        notes.partly(
            directive,
            "Apache prefers what the request says where it says something; here this value wins",
        );
    } else {
        notes.taken(directive, "");
    }
}

fn pass(directive: &Directive, scope: &mut ScopeConfig, notes: &mut Notes) {
    for name in &directive.words {
        if is_name(name) && !is_set_by_apache(name) {
            forget(scope, name);
            scope.pass_environment.push(name.clone());
        }
    }
    notes.taken(
        directive,
        "scripts get what this studio was started with, not what Apache is",
    );
}

/// UnsetEnv takes back what SetEnv and PassEnv set in a section above, and nothing else.
fn unset(directive: &Directive, scope: &mut ScopeConfig, notes: &mut Notes) {
    let mut idle = Vec::new();
    for name in &directive.words {
        let is_ours = scope.set_environment.contains_key(name);
        let is_servers = name.starts_with("HTTP_")
            || name == "PATH"
            || is_set_by_apache(name)
            || OF_THE_REQUEST.contains(&name.as_str());
        if is_servers && !is_ours {
            idle.push(name.as_str());
        } else if is_name(name)
            && !scope.set_environment.contains_key(name)
            && !scope.pass_environment.contains(name)
        {
            scope.unset_environment.push(name.clone());
        }
    }
    match idle.as_slice() {
        [] => notes.taken(directive, ""),
        names => notes.taken(
            directive,
            format!(
                "{} left alone: UnsetEnv only takes back what SetEnv and PassEnv have set",
                names.join(", ")
            ),
        ),
    }
}

fn set_if(directive: &Directive, scope: &mut ScopeConfig, notes: &mut Notes) {
    let attribute = directive.word(0).unwrap_or_default();
    let variables = directive.words.get(2..).unwrap_or_default();
    let hands_over = |variable: &String| {
        variable
            .to_ascii_uppercase()
            .starts_with("HTTP_AUTHORIZATION=$")
    };
    if attribute.eq_ignore_ascii_case("authorization") && variables.iter().any(hands_over) {
        scope.pass_authorization = Some(true);
        notes.taken(
            directive,
            "it hands Authorization to scripts: pass_authorization",
        );
        return;
    }
    notes.not_taken(
        directive,
        "variables that depend on the request are not set here; scripts, and Require env, do without",
    );
}

/// The last word on a variable counts.
fn forget(scope: &mut ScopeConfig, name: &str) {
    scope.set_environment.remove(name);
    scope.pass_environment.retain(|other| other != name);
    scope.unset_environment.retain(|other| other != name);
}

fn is_set_by_apache(name: &str) -> bool {
    SET_BY_APACHE.contains(&name)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}
