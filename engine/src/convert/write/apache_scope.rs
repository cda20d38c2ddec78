//! Scopes in Apache's words: sections, requirements, logins, error documents, actions.
//!
//! Apache takes `<Directory>` before `<Directory ~>` before `<Files>` before `<Location>`, whatever
//! stands first. Where that would change the order of the scopes, all of them are `<If>` sections,
//! which come last and in the order of the file.

use super::WriteError;
use super::apache::handler;
use super::apache_require::require;
use super::plan::Plan;
use super::quote::{escaped, expression, quoted};
use super::sheet::Sheet;
use crate::convert::Host;
use crate::site::scope::{
    AcceptPathInfo, AuthenticationSettings, ErrorDocument, FileNames, Place, ScopeConfig,
    ScriptsRule,
};

/// Writes all of them.
pub(super) fn scopes(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    let scopes = &plan.config().scopes;
    let natural = is_apaches_order(scopes);
    if !natural {
        sheet.line("");
        sheet.comment("Apache would take <Directory>, <Files> and <Location> in another order than the one in which the scopes stand. <If> sections keep it.");
    }
    for scope in scopes {
        sheet.line("");
        let ends = match natural {
            true => open_sections(plan, scope, sheet)?,
            false => open_if(plan, scope, None, sheet)?,
        };
        settings(plan, scope, natural, sheet)?;
        for end in ends {
            sheet.close(end);
        }
        if !natural {
            suffixes_by_if(plan, scope, sheet)?;
        }
    }
    Ok(())
}

/// Whether Apache takes the sections in the order in which the scopes stand.
fn is_apaches_order(scopes: &[ScopeConfig]) -> bool {
    let rank = |scope: &ScopeConfig| match (&scope.place, &scope.files) {
        (Place::Site | Place::Url(_) | Place::UrlMatch(_), None) => Some((3, 0)),
        // <Files> is not allowed in <Location>.
        (Place::Url(_) | Place::UrlMatch(_), Some(_)) => None,
        (_, Some(_)) => Some((2, 0)),
        (Place::FolderMatch(_), None) => Some((1, 0)),
        (Place::Folder(folder), None) => Some((0, folder.components().count())),
    };
    let ranks: Option<Vec<_>> = scopes.iter().map(rank).collect();
    ranks.is_some_and(|ranks| ranks.is_sorted())
}

/// Opens the sections of a scope and returns what ends them, the inner first.
fn open_sections(
    plan: &Plan<'_>,
    scope: &ScopeConfig,
    sheet: &mut Sheet,
) -> Result<Vec<&'static str>, WriteError> {
    let mut ends = Vec::new();
    match &scope.place {
        Place::Site if scope.files.is_some() => {}
        Place::Site => {
            sheet.open("<Location \"/\">");
            ends.push("</Location>");
        }
        Place::Url(url) => {
            let url = url.trim_end_matches('/');
            let word = quoted(
                Host::Apache,
                "a URL",
                if url.is_empty() { "/" } else { url },
            )?;
            sheet.open(&format!("<Location {word}>"));
            ends.push("</Location>");
        }
        Place::UrlMatch(pattern) => {
            sheet.open(&format!(
                "<LocationMatch {}>",
                expression(Host::Apache, "an expression", pattern.as_str())?
            ));
            ends.push("</LocationMatch>");
        }
        Place::Folder(folder) => {
            super::apache::open_directory(&plan.there(&plan.site.root.join(folder))?, sheet)?;
            ends.push("</Directory>");
        }
        Place::FolderMatch(pattern) => {
            sheet.open(&format!(
                "<DirectoryMatch {}>",
                expression(Host::Apache, "an expression", pattern.as_str())?
            ));
            ends.push("</DirectoryMatch>");
        }
    }
    if let Some(files) = &scope.files {
        let (head, end) = match files {
            FileNames::Like(wildcard) => (
                format!(
                    "<Files {}>",
                    quoted(Host::Apache, "a file name", wildcard.as_str())?
                ),
                "</Files>",
            ),
            FileNames::Match(pattern) => (
                format!(
                    "<FilesMatch {}>",
                    expression(Host::Apache, "an expression", pattern.as_str())?
                ),
                "</FilesMatch>",
            ),
        };
        sheet.open(&head);
        ends.insert(0, end);
    }
    Ok(ends)
}

/// The same as one condition, for files with such names.
fn open_if(
    plan: &Plan<'_>,
    scope: &ScopeConfig,
    names: Option<String>,
    sheet: &mut Sheet,
) -> Result<Vec<&'static str>, WriteError> {
    let mut tests = Vec::new();
    match &scope.place {
        Place::Site => {}
        Place::Url(url) => tests.push((
            "REQUEST_URI",
            format!("^{}(/|$)", escaped(url.trim_end_matches('/'))),
        )),
        Place::UrlMatch(pattern) => tests.push(("REQUEST_URI", pattern.as_str().to_owned())),
        Place::Folder(folder) => {
            let folder = plan.there(&plan.site.root.join(folder))?;
            tests.push(("REQUEST_FILENAME", format!("^{}(/|$)", escaped(&folder))));
        }
        Place::FolderMatch(pattern) => {
            tests.push(("REQUEST_FILENAME", pattern.as_str().to_owned()));
        }
    }
    if let Some(files) = &scope.files {
        let name = super::scope_place::file_name(plan, scope, files)?;
        tests.push(("REQUEST_FILENAME", format!("/{name}$")));
    }
    tests.extend(names.map(|names| ("REQUEST_FILENAME", names)));
    if tests
        .iter()
        .any(|(_, test)| test.contains('#') && !test.contains("\\#"))
    {
        return Err(super::scope_place::unplaceable(plan, scope));
    }
    let tests: Vec<String> = tests
        .into_iter()
        .map(|(variable, test)| format!("%{{{variable}}} =~ m#{test}#"))
        .collect();
    let condition = match tests.is_empty() {
        true => "true".to_owned(),
        false => tests.join(" && "),
    };
    sheet.open(&format!(
        "<If {}>",
        expression(Host::Apache, "an expression", &condition)?
    ));
    Ok(vec!["</If>"])
}

fn settings(
    plan: &Plan<'_>,
    scope: &ScopeConfig,
    natural: bool,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    if let Some(reason) = &scope.closed_because {
        sheet.comment(&format!("Closed: {reason}."));
    }
    if let Some(authentication) = &scope.authentication {
        login(plan, authentication, sheet)?;
    }
    match (&scope.closed_because, &scope.require) {
        (Some(_), _) => sheet.line("Require all denied"),
        (None, Some(requirement)) => require(requirement, sheet)?,
        (None, None) => {}
    }
    scripts(scope, natural, sheet)?;
    if let Some(index) = &scope.index {
        super::apache::index(&index.iter().map(String::as_str).collect::<Vec<_>>(), sheet)?;
    }
    let switches = [
        (scope.accept_path_info.map(|accept| match accept {
            AcceptPathInfo::Default => "AcceptPathInfo Default",
            AcceptPathInfo::On => "AcceptPathInfo On",
            AcceptPathInfo::Off => "AcceptPathInfo Off",
        })),
        scope.directory_listing.map(|on| {
            if on {
                "Options +Indexes"
            } else {
                "Options -Indexes"
            }
        }),
        scope.pass_authorization.map(|on| {
            if on {
                "CGIPassAuth On"
            } else {
                "CGIPassAuth Off"
            }
        }),
    ];
    for switch in switches.into_iter().flatten() {
        sheet.line(switch);
    }
    if scope.strictness.is_some() {
        sheet.comment("Apache has one strictness, close to \"strict\".");
    }
    documents(scope, sheet)?;
    environment(scope, sheet)
}

/// Which files are scripts. Each says `Options` anew, since a scope before may have said no.
fn scripts(scope: &ScopeConfig, natural: bool, sheet: &mut Sheet) -> Result<(), WriteError> {
    match scope.scripts {
        Some(ScriptsRule::None) => sheet.line("Options -ExecCGI"),
        Some(ScriptsRule::All) => {
            sheet.line("Options +ExecCGI");
            sheet.line("SetHandler cgi-script");
        }
        Some(ScriptsRule::ByName) => sheet.line("Options +ExecCGI"),
        None => {}
    }
    let Some(suffixes) = &scope.suffixes else {
        return Ok(());
    };
    if scope.scripts == Some(ScriptsRule::All) {
        return Ok(());
    }
    sheet.line("SetHandler None");
    if suffixes.is_empty() || !natural {
        return Ok(());
    }
    let names = suffix_names(suffixes);
    let is_folder = matches!(scope.place, Place::Folder(_) | Place::FolderMatch(_));
    if scope.files.is_none() && is_folder {
        handler(&names, sheet)?;
    } else {
        sheet.left_out("the suffixes of a scope that is no folder");
    }
    Ok(())
}

/// The suffixes of a scope that is an `<If>`: Apache never looks at a `<FilesMatch>` in there, nor at
/// an inner `<If>` once more when an index file answers for a folder.
fn suffixes_by_if(
    plan: &Plan<'_>,
    scope: &ScopeConfig,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let suffixes = scope.suffixes.as_deref().unwrap_or_default();
    if suffixes.is_empty() || scope.scripts == Some(ScriptsRule::All) {
        return Ok(());
    }
    let ends = open_if(plan, scope, Some(suffix_names(suffixes)), sheet)?;
    sheet.line("SetHandler cgi-script");
    for end in ends {
        sheet.close(end);
    }
    Ok(())
}

/// Names that end in one of them.
fn suffix_names(suffixes: &[String]) -> String {
    let names: Vec<String> = suffixes.iter().map(|suffix| escaped(suffix)).collect();
    format!("(?i)({})$", names.join("|"))
}

fn login(
    plan: &Plan<'_>,
    authentication: &AuthenticationSettings,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let file = plan.there(&plan.site.root.join(&authentication.user_file))?;
    sheet.line("AuthType Basic");
    sheet.line("AuthBasicProvider file");
    sheet.line(&format!(
        "AuthName {}",
        quoted(Host::Apache, "a realm", &authentication.realm)?
    ));
    sheet.line(&format!(
        "AuthUserFile {}",
        quoted(Host::Apache, "a path", &file)?
    ));
    Ok(())
}

fn documents(scope: &ScopeConfig, sheet: &mut Sheet) -> Result<(), WriteError> {
    for (status, document) in &scope.error_documents {
        let text = match document {
            ErrorDocument::Path(text) | ErrorDocument::Url(text) | ErrorDocument::Text(text) => {
                text
            }
        };
        // These begin what Apache puts in, and a text that looks like a place is taken for one.
        let looks_like_place = matches!(document, ErrorDocument::Text(text) if text.starts_with('/') || text.contains("://"));
        if text.contains("%{") || text.contains('$') || looks_like_place {
            sheet.left_out(&format!(
                "the error document for {status}, which Apache would take for something else"
            ));
            continue;
        }
        let word = quoted(Host::Apache, "an error document", text)?;
        sheet.line(&format!("ErrorDocument {status} {word}"));
    }
    for (number, (what, script)) in (1..).zip(&scope.actions) {
        let script = quoted(Host::Apache, "a URL", script)?;
        if what.starts_with('.') {
            let name = format!("cgi-studio-{number}");
            sheet.line(&format!("Action {name} {script}"));
            sheet.line(&format!(
                "AddHandler {name} {}",
                quoted(Host::Apache, "a suffix", what)?
            ));
        } else {
            sheet.line(&format!(
                "Action {} {script}",
                quoted(Host::Apache, "a media type", what)?
            ));
        }
    }
    for (method, script) in &scope.method_scripts {
        let (method, script) = (
            quoted(Host::Apache, "a method", method)?,
            quoted(Host::Apache, "a URL", script)?,
        );
        sheet.line(&format!("Script {method} {script}"));
    }
    Ok(())
}

fn environment(scope: &ScopeConfig, sheet: &mut Sheet) -> Result<(), WriteError> {
    let name = |name: &str| quoted(Host::Apache, "the name of a variable", name);
    for (variable, value) in &scope.set_environment {
        let value = quoted(Host::Apache, "the value of a variable", value)?;
        sheet.line(&format!("SetEnv {} {value}", name(variable)?));
    }
    for variable in &scope.pass_environment {
        sheet.line(&format!("PassEnv {}", name(variable)?));
    }
    for variable in &scope.unset_environment {
        if let Some(field) = variable.strip_prefix("HTTP_") {
            let field = field.replace('_', "-");
            sheet.open("<IfModule mod_headers.c>");
            sheet.line(&format!(
                "RequestHeader unset {}",
                quoted(Host::Apache, "a field", &field)?
            ));
            sheet.close("</IfModule>");
        } else {
            sheet.line(&format!("UnsetEnv {}", name(variable)?));
        }
    }
    Ok(())
}

/// Expressions for URLs, after all prefixes.
pub(super) fn matches(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    let scripts = &plan.config().scripts;
    let kinds = [
        ("ScriptAliasMatch", &scripts.script_alias_matches),
        ("AliasMatch", &scripts.alias_matches),
    ];
    for (directive, aliases) in kinds {
        for alias in aliases {
            let url = expression(Host::Apache, "an expression", alias.url.as_str())?;
            let to = plan.there(&plan.site.root.join(&alias.to))?;
            sheet.line(&format!(
                "{directive} {url} {}",
                quoted(Host::Apache, "a path", &to)?
            ));
            if !alias.to.starts_with('/') {
                continue;
            }
            sheet.comment("Require all granted for the folder that this leads to, if it is not in the site's folder.");
        }
    }
    Ok(())
}
