//! Scopes in nginx's words: maps from the URL to what holds there, asked by the server as a whole.
//!
//! Locations do not lie over each other, so nothing is said in them: a map has an entry for each
//! scope, the last scope first, since the first expression that fits wins.

use super::WriteError;
use super::access::{Decision, Question, decide};
use super::nginx::{script_folder, word};
use super::plan::{Alias, Plan};
use super::quote::{escaped, expression};
use super::scope_place::urls;
use super::sheet::Sheet;
use crate::convert::Host;
use crate::site::requirement::Requirement;
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
struct Placed<'a> {
    scope: &'a ScopeConfig,
    expression: String,
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

/// A map from the URL; `entries` are expressions with words, in the order of the scopes.
fn map(
    maps: &mut Sheet,
    variable: &str,
    default: &str,
    entries: &[(&str, String)],
) -> Result<(), WriteError> {
    maps.open(&format!("map $uri ${variable} {{"));
    maps.line(&format!("default {default};"));
    for (place, value) in entries.iter().rev() {
        maps.line(&format!("{} {value};", key(place)?));
    }
    maps.close("}");
    Ok(())
}

fn key(pattern: &str) -> Result<String, WriteError> {
    expression(Host::Nginx, "an expression", &format!("~{pattern}"))
}

/// `denied`, `granted`, `login` or `users-…` for each URL, then the login itself.
fn access(
    plan: &Plan<'_>,
    placed: &[Placed<'_>],
    maps: &mut Sheet,
    server: &mut ServerScopes,
) -> Result<(), WriteError> {
    let mut needs = Vec::new();
    let mut users = Vec::new();
    for (number, Placed { scope, expression }) in (1..).zip(placed) {
        let requirement = match (&scope.closed_because, &scope.require) {
            (Some(_), _) => Requirement::Denied,
            (None, Some(requirement)) => requirement.clone(),
            (None, None) => continue,
        };
        let (decision, unasked) = decide(&requirement);
        for what in unasked {
            maps.left_out(&format!(
                "\"{what}\", which nginx cannot ask, so it speaks against access"
            ));
        }
        needs.push((
            expression.as_str(),
            need(number, &decision, maps, &mut users)?,
        ));
    }
    if needs.is_empty() {
        return Ok(());
    }
    map(maps, "cgi_studio_need", "granted", &needs)?;
    logins(plan, placed, &users, maps)?;
    for line in [
        "if ($cgi_studio_need = denied) { return 403; }",
        "if ($cgi_studio_wrong_user) { return 403; }",
        "auth_basic $cgi_studio_login;",
        "auth_basic_user_file $cgi_studio_user_file;",
    ] {
        server.lines.push(line.to_owned());
    }
    let parameter = |name: &str, variable: &str| (name.to_owned(), variable.to_owned());
    server
        .parameters
        .push(parameter("AUTH_TYPE", "$cgi_studio_auth_type"));
    server
        .parameters
        .push(parameter("REMOTE_USER", "$cgi_studio_remote_user"));
    Ok(())
}

/// The word, or the variable, that says what one scope asks for.
fn need(
    number: usize,
    decision: &Decision,
    maps: &mut Sheet,
    users: &mut Vec<(String, Vec<String>)>,
) -> Result<String, WriteError> {
    let questions = questions(decision);
    if questions.is_empty() {
        return Ok(end(number, decision, users));
    }
    let mut asked = String::new();
    for (index, question) in (1..).zip(&questions) {
        let variable = format!("cgi_studio_asks_{number}_{index}");
        ask(&variable, question, maps)?;
        asked.push_str(&format!("${{{variable}}}"));
    }
    let variable = format!("cgi_studio_need_{number}");
    maps.open(&format!("map \"{asked}\" ${variable} {{"));
    maps.line("default denied;");
    for (way, found) in decision.ends() {
        let answers: String = questions
            .iter()
            .map(
                |question| match way.iter().find(|(asked, _)| asked == question) {
                    Some((_, true)) => '1',
                    Some((_, false)) => '0',
                    None => '.',
                },
            )
            .collect();
        maps.line(&format!("\"~^{answers}$\" {};", end(number, found, users)));
    }
    maps.close("}");
    Ok(format!("${variable}"))
}

fn questions(decision: &Decision) -> Vec<Question> {
    let Decision::Ask { question, yes, no } = decision else {
        return Vec::new();
    };
    let mut all = vec![question.clone()];
    for inner in questions(yes).into_iter().chain(questions(no)) {
        if !all.contains(&inner) {
            all.push(inner);
        }
    }
    all
}

fn end(number: usize, decision: &Decision, users: &mut Vec<(String, Vec<String>)>) -> String {
    match decision {
        Decision::Granted => "granted".to_owned(),
        Decision::AnyLogin => "login".to_owned(),
        Decision::Logins(names) => {
            let word = format!("users-{number}-{}", users.len());
            users.push((word.clone(), names.iter().cloned().collect()));
            word
        }
        Decision::Denied | Decision::Ask { .. } => "denied".to_owned(),
    }
}

fn ask(variable: &str, question: &Question, maps: &mut Sheet) -> Result<(), WriteError> {
    match question {
        Question::Address(network) => {
            maps.open(&format!("geo ${variable} {{"));
            maps.line("default 0;");
            maps.line(&format!("{network} 1;"));
        }
        Question::Methods(methods) => {
            maps.open(&format!("map $request_method ${variable} {{"));
            maps.line("default 0;");
            for method in methods {
                maps.line(&format!("{} 1;", key(&format!("^{}$", escaped(method)))?));
            }
        }
    }
    maps.close("}");
    Ok(())
}

/// Where nobody has said who may log in, nobody can.
fn logins(
    plan: &Plan<'_>,
    placed: &[Placed<'_>],
    users: &[(String, Vec<String>)],
    maps: &mut Sheet,
) -> Result<(), WriteError> {
    let (mut realms, mut files) = (Vec::new(), Vec::new());
    for Placed { scope, expression } in placed {
        if let Some(authentication) = &scope.authentication {
            let file = plan.there(&plan.site.root.join(&authentication.user_file))?;
            realms.push((expression.as_str(), word("a realm", &authentication.realm)?));
            files.push((expression.as_str(), word("a path", &file)?));
        }
    }
    map(maps, "cgi_studio_realm", "\"No login\"", &realms)?;
    map(maps, "cgi_studio_user_file", "/dev/null", &files)?;
    maps.open("map $cgi_studio_need $cgi_studio_login {");
    maps.line("default $cgi_studio_realm;");
    maps.line("granted off;");
    maps.line("denied off;");
    maps.close("}");
    for (variable, value) in [("auth_type", "Basic"), ("remote_user", "$remote_user")] {
        maps.open(&format!("map $cgi_studio_login $cgi_studio_{variable} {{"));
        maps.line(&format!("default {value};"));
        maps.line("off \"\";");
        maps.close("}");
    }
    maps.open("map \"$cgi_studio_need $remote_user\" $cgi_studio_wrong_user {");
    maps.line("default 0;");
    for (word, names) in users {
        let names: Vec<String> = names.iter().map(|name| escaped(name)).collect();
        // Without a name there is no login yet, and the answer to that is 401.
        maps.line(&format!(
            "{} 0;",
            key(&format!("^{word} (?:{})?$", names.join("|")))?
        ));
        maps.line(&format!("{} 1;", key(&format!("^{word} "))?));
    }
    maps.close("}");
    Ok(())
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
    all(scope.suffixes.is_some(), "suffixes");
    all(scope.accept_path_info.is_some(), "accept_path_info");
    all(!scope.actions.is_empty(), "actions");
    all(!scope.method_scripts.is_empty(), "method_scripts");
    all(!scope.pass_environment.is_empty(), "pass_environment");
}
