//! Scopes in nginx's words: maps from the URL to what holds there, asked by the server as a whole.
//!
//! Locations do not lie over each other, so nothing is said in them: a map has an entry for each
//! scope, the last scope first, since the first expression that fits wins.

use super::WriteError;
use super::nginx::{script_folder, word};
use super::nginx_access::access;
use super::plan::{Alias, Plan};
use super::quote::{escaped, expression};
use super::scope_place::urls;
use super::sheet::Sheet;
use crate::convert::Host;
use crate::site::scope::{ErrorDocument, Place, ScopeConfig, ScriptsRule};

/// What the scopes put into the `server` block.
#[derive(Debug, Default)]
pub(super) struct ServerScopes {
    /// Directives.
    pub(super) lines: Vec<String>,
    /// Variables of scripts: a name and nginx's variable with the value.
    pub(super) parameters: Vec<(String, String)>,
}

impl ServerScopes {
    /// Whether the variable of that name is among them.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.parameters.iter().any(|(set, _)| set == name)
    }
}

/// A scope with its expression.
pub(super) struct Placed<'a> {
    pub(super) scope: &'a ScopeConfig,
    pub(super) expression: String,
}

/// The maps for the `http` block, and what the `server` block does with them.
pub(super) fn scopes(plan: &Plan<'_>) -> Result<(Sheet, ServerScopes), WriteError> {
    let mut maps = Sheet::default();
    let mut server = ServerScopes::default();
    let mut placed = Vec::new();
    for scope in &plan.config().scopes {
        let places = urls(plan, scope)?;
        if places.as_of_now {
            maps.left_out(&format!("{}, for folders that are made later", scope.place));
        }
        let Some(expression) = places.expression else {
            continue;
        };
        placed.push(Placed { scope, expression });
    }
    access(plan, &placed, &mut maps, &mut server)?;
    script_rule(&placed, &mut maps)?;
    sources(plan, &placed, &mut maps, &mut server)?;
    environment(plan, &placed, &mut maps, &mut server)?;
    documents(&placed, &mut maps, &mut server)?;
    for placed in &placed {
        left_out(placed.scope, &mut maps);
    }
    let scripts = &plan.config().scripts;
    for alias in scripts
        .script_alias_matches
        .iter()
        .chain(&scripts.alias_matches)
    {
        maps.left_out(&format!(
            "the expression {:?} for {:?}",
            alias.url.as_str(),
            alias.to
        ));
    }
    Ok((maps, server))
}

/// Asked anew when an index file answers for a folder, since that is another URL.
pub(super) const VOLATILE: &str = "volatile;";

/// A map from the URL; `entries` are expressions with words, in the order of the scopes.
pub(super) fn map(
    maps: &mut Sheet,
    variable: &str,
    default: &str,
    entries: &[(&str, String)],
) -> Result<(), WriteError> {
    maps.open(&format!("map $uri ${variable} {{"));
    maps.line(VOLATILE);
    maps.line(&format!("default {default};"));
    for (place, value) in entries.iter().rev() {
        maps.line(&format!("{} {value};", key(place)?));
    }
    maps.close("}");
    Ok(())
}

pub(super) fn key(pattern: &str) -> Result<String, WriteError> {
    expression(Host::Nginx, "an expression", &format!("~{pattern}"))
}

/// Whether a scope takes the scripts of some URLs away.
pub(super) fn refuses_scripts(plan: &Plan<'_>) -> bool {
    let scopes = plan.config().scopes.iter();
    scopes
        .filter(|scope| scope.scripts == Some(ScriptsRule::None))
        .count()
        > 0
}

fn script_rule(placed: &[Placed<'_>], maps: &mut Sheet) -> Result<(), WriteError> {
    let rules: Vec<(&str, String)> = placed
        .iter()
        .filter_map(|placed| {
            let runs = match placed.scope.scripts? {
                ScriptsRule::None => "0",
                ScriptsRule::All | ScriptsRule::ByName => "1",
            };
            Some((placed.expression.as_str(), runs.to_owned()))
        })
        .collect();
    match rules.iter().any(|(_, runs)| runs == "0") {
        true => map(maps, "cgi_studio_scripts", "1", &rules),
        false => Ok(()),
    }
}

/// Suffixes that are scripts' in some scopes only: nginx does not run such files, and must not show
/// them either.
fn sources(
    plan: &Plan<'_>,
    placed: &[Placed<'_>],
    maps: &mut Sheet,
    server: &mut ServerScopes,
) -> Result<(), WriteError> {
    let known = plan.suffixes();
    let mut expressions = Vec::new();
    for Placed { scope, expression } in placed {
        let in_script_folder = matches!(&scope.place, Place::Folder(folder)
            if plan.site.in_script_folder(&plan.site.root.join(folder)));
        if scope.scripts == Some(ScriptsRule::All) || in_script_folder {
            continue;
        }
        let suffixes = scope.suffixes.iter().flatten();
        let unknown: Vec<String> = suffixes
            .map(|suffix| suffix.trim_start_matches('.'))
            .filter(|suffix| !known.contains(suffix))
            .map(escaped)
            .collect();
        if !unknown.is_empty() {
            let names = unknown.join("|");
            expressions.push(format!("^(?=.*\\.(?i:{names})(?:/|$)).*(?:{expression})"));
        }
    }
    if expressions.is_empty() {
        return Ok(());
    }
    let entries: Vec<(&str, String)> = expressions
        .iter()
        .map(|expression| (expression.as_str(), "1".to_owned()))
        .collect();
    map(maps, "cgi_studio_source", "0", &entries)?;
    let line = "if ($cgi_studio_source) { return 403; }";
    server.lines.push(line.to_owned());
    Ok(())
}

/// Folders in which a scope makes every file a script.
pub(super) fn script_folders(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    for scope in &plan.config().scopes {
        if scope.scripts != Some(ScriptsRule::All) {
            continue;
        }
        let (Place::Folder(folder), None) = (&scope.place, &scope.files) else {
            sheet.left_out(&format!("every file a script, in {}", scope.place));
            continue;
        };
        let here = plan.site.root.join(folder);
        for (url, here) in plan.urls_of(&here) {
            let alias = Alias {
                url,
                folder: plan.there(&here)?,
                here,
                runs_scripts: true,
            };
            script_folder(plan, &alias, sheet)?;
        }
    }
    Ok(())
}

fn environment(
    plan: &Plan<'_>,
    placed: &[Placed<'_>],
    maps: &mut Sheet,
    server: &mut ServerScopes,
) -> Result<(), WriteError> {
    let base = plan.environment();
    let mut names: Vec<&str> = placed
        .iter()
        .flat_map(|placed| {
            placed
                .scope
                .set_environment
                .keys()
                .chain(&placed.scope.unset_environment)
        })
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    for (number, name) in (1..).zip(names) {
        let mut entries = Vec::new();
        for Placed { scope, expression } in placed {
            if scope.unset_environment.iter().any(|unset| unset == name) {
                entries.push((expression.as_str(), "\"\"".to_owned()));
            } else if let Some(value) = scope.set_environment.get(name) {
                entries.push((expression.as_str(), word("the value of a variable", value)?));
            }
        }
        let before = base.iter().find(|(known, _)| *known == name);
        let default = match (before, name.strip_prefix("HTTP_")) {
            (Some((_, value)), _) => word("the value of a variable", value)?,
            (None, Some(field)) => format!("$http_{}", field.to_ascii_lowercase()),
            (None, None) => "\"\"".to_owned(),
        };
        let variable = format!("cgi_studio_variable_{number}");
        map(maps, &variable, &default, &entries)?;
        server
            .parameters
            .push((name.to_owned(), format!("${variable}")));
    }
    authorization(plan, placed, maps, server)
}

fn authorization(
    plan: &Plan<'_>,
    placed: &[Placed<'_>],
    maps: &mut Sheet,
    server: &mut ServerScopes,
) -> Result<(), WriteError> {
    let passed = |pass: bool| if pass { "$http_authorization" } else { "\"\"" };
    let entries: Vec<(&str, String)> = placed
        .iter()
        .filter_map(|placed| {
            Some((
                placed.expression.as_str(),
                passed(placed.scope.pass_authorization?).to_owned(),
            ))
        })
        .collect();
    if entries.is_empty() || server.sets("HTTP_AUTHORIZATION") {
        return Ok(());
    }
    let default = passed(plan.config().options.pass_authorization);
    map(maps, "cgi_studio_authorization", default, &entries)?;
    server.parameters.push((
        "HTTP_AUTHORIZATION".to_owned(),
        "$cgi_studio_authorization".to_owned(),
    ));
    Ok(())
}

/// For the whole site only: `error_page` is no matter of a map.
fn documents(
    placed: &[Placed<'_>],
    maps: &mut Sheet,
    server: &mut ServerScopes,
) -> Result<(), WriteError> {
    for Placed { scope, .. } in placed {
        for (status, document) in &scope.error_documents {
            if scope.place != Place::Site || scope.files.is_some() {
                maps.left_out(&format!(
                    "the error document for {status} in {}",
                    scope.place
                ));
                continue;
            }
            match document {
                ErrorDocument::Path(text) | ErrorDocument::Url(text) => {
                    server.lines.push(format!(
                        "error_page {status} {};",
                        word("an error document", text)?
                    ));
                }
                ErrorDocument::Text(text) => {
                    let text = word("an error document", text)?;
                    server
                        .lines
                        .push(format!("error_page {status} @cgi_studio_{status};"));
                    server.lines.push(format!("location @cgi_studio_{status} {{ default_type text/html; return {status} {text}; }}"));
                }
            }
        }
    }
    Ok(())
}

fn left_out(scope: &ScopeConfig, maps: &mut Sheet) {
    let place = &scope.place;
    let mut all = |said: bool, what: &str| {
        if said {
            maps.left_out(&format!("{what} of the scope for {place}"));
        }
    };
    all(scope.index.is_some(), "index");
    all(scope.directory_listing.is_some(), "directory_listing");
    all(
        scope.suffixes.is_some(),
        "suffixes (such files are 403 where they are no scripts)",
    );
    all(scope.accept_path_info.is_some(), "accept_path_info");
    all(!scope.actions.is_empty(), "actions");
    all(!scope.method_scripts.is_empty(), "method_scripts");
    all(!scope.pass_environment.is_empty(), "pass_environment");
}
