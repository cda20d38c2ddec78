//! Scopes in lighttpd's words: conditions on the URL, one inside of the other.

use super::WriteError;
use super::access::{Decision, Question, decide};
use super::lighttpd::{list, word, word_expression};
use super::plan::Plan;
use super::quote::escaped;
use super::scope_place::urls;
use super::sheet::Sheet;
use crate::site::requirement::Requirement;
use crate::site::scope::{ErrorDocument, Place, ScopeConfig, ScriptsRule};

/// Writes all of them; a later one wins, as in the studio.
pub(super) fn scopes(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    for (index, scope) in plan.config().scopes.iter().enumerate() {
        let places = urls(plan, scope)?;
        let Some(expression) = places.expression else {
            continue;
        };
        sheet.line("");
        sheet.comment(&format!("Scope {}: {}.", index + 1, scope.place));
        if places.as_of_now {
            sheet.left_out(&format!("{}, for folders that are made later", scope.place));
        }
        sheet.open(&format!(
            "$HTTP[\"url\"] =~ {} {{",
            word_expression(&expression)?
        ));
        access(plan, index, scope, sheet)?;
        scripts(plan, scope, sheet)?;
        others(plan, scope, sheet)?;
        sheet.close("}");
        documents(plan, scope, sheet)?;
    }
    for alias in plan
        .config()
        .scripts
        .script_alias_matches
        .iter()
        .chain(&plan.config().scripts.alias_matches)
    {
        sheet.left_out(&format!(
            "the expression {:?} for {:?}: lighttpd maps prefixes only",
            alias.url.as_str(),
            alias.to
        ));
    }
    Ok(())
}

/// Both switches are set each time, since a scope before may have set them.
fn access(
    plan: &Plan<'_>,
    index: usize,
    scope: &ScopeConfig,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    if let Some(authentication) = &scope.authentication {
        let file = plan.there(&plan.site.root.join(&authentication.user_file))?;
        sheet.line("auth.backend = \"htpasswd\"");
        sheet.line(&format!(
            "auth.backend.htpasswd.userfile = {}",
            word("a path", &file)?
        ));
    }
    let denied = scope.closed_because.as_ref().map(|_| Requirement::Denied);
    // A new realm alone has to be said together with who may.
    let before = plan.config().scopes.get(..index).unwrap_or_default();
    let inherited = || before.iter().rev().find_map(|scope| scope.require.clone());
    let requirement = denied
        .or_else(|| scope.require.clone())
        .or_else(|| scope.authentication.as_ref().and_then(|_| inherited()));
    let Some(requirement) = requirement else {
        return Ok(());
    };
    let (decision, unasked) = decide(&requirement);
    for what in unasked {
        sheet.left_out(&format!(
            "\"{what}\", which lighttpd cannot ask, so it speaks against access"
        ));
    }
    let realm = realm(plan, index);
    decision_lines(&decision, realm.as_deref(), sheet)
}

/// The realm of this scope, or of one before it.
fn realm(plan: &Plan<'_>, index: usize) -> Option<String> {
    let scopes = plan.config().scopes.get(..=index)?;
    let found = scopes
        .iter()
        .rev()
        .find_map(|scope| scope.authentication.as_ref())?;
    Some(found.realm.clone())
}

fn decision_lines(
    decision: &Decision,
    realm: Option<&str>,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    match decision {
        Decision::Granted => {
            sheet.line("url.access-deny = ()");
            sheet.line("auth.require = ()");
        }
        Decision::Denied => sheet.line("url.access-deny = (\"\")"),
        Decision::AnyLogin => login("valid-user", realm, sheet)?,
        Decision::Logins(names) => {
            let users: Vec<String> = names.iter().map(|name| format!("user={name}")).collect();
            login(&users.join("|"), realm, sheet)?;
        }
        Decision::Ask { question, yes, no } => {
            for (branch, answer) in [(yes, true), (no, false)] {
                sheet.open(&format!("{} {{", condition(question, answer)?));
                decision_lines(branch, realm, sheet)?;
                sheet.close("}");
            }
        }
    }
    Ok(())
}

fn login(who: &str, realm: Option<&str>, sheet: &mut Sheet) -> Result<(), WriteError> {
    let Some(realm) = realm else {
        sheet.comment("There is no file of users, so nobody can log in.");
        sheet.line("url.access-deny = (\"\")");
        return Ok(());
    };
    let (realm, who) = (word("a realm", realm)?, word("a user", who)?);
    sheet.line("url.access-deny = ()");
    sheet.line(&format!("auth.require = (\"\" => (\"method\" => \"basic\", \"realm\" => {realm}, \"require\" => {who}))"));
    Ok(())
}

fn condition(question: &Question, answer: bool) -> Result<String, WriteError> {
    Ok(match question {
        Question::Address(network) => {
            let sign = if answer { "==" } else { "!=" };
            format!("$HTTP[\"remote-ip\"] {sign} \"{network}\"")
        }
        Question::Methods(methods) => {
            let sign = if answer { "=~" } else { "!~" };
            let methods: Vec<String> = methods.iter().map(|method| escaped(method)).collect();
            let methods = word_expression(&format!("^({})$", methods.join("|")))?;
            format!("$HTTP[\"request-method\"] {sign} {methods}")
        }
    })
}

fn scripts(plan: &Plan<'_>, scope: &ScopeConfig, sheet: &mut Sheet) -> Result<(), WriteError> {
    match scope.scripts {
        Some(ScriptsRule::All) => sheet.line("cgi.assign = (\"\" => \"\")"),
        Some(ScriptsRule::None) => {
            sheet.comment("No scripts: what would be one is refused, never sent as text.");
            let of_scripts_only = matches!(&scope.place, Place::Folder(folder) if plan.site.in_script_folder(&plan.site.root.join(folder)));
            let names: Vec<String> = plan.suffixes().into_iter().map(escaped).collect();
            let names = match of_scripts_only {
                true => "/".to_owned(),
                false => format!("\\.(?i:{})(/|$)", names.join("|")),
            };
            sheet.open(&format!(
                "$HTTP[\"url\"] =~ {} {{",
                word_expression(&names)?
            ));
            sheet.line("url.access-deny = (\"\")");
            sheet.close("}");
        }
        Some(ScriptsRule::ByName) | None => {}
    }
    if let Some(suffixes) = &scope.suffixes {
        let words: Result<Vec<String>, WriteError> = suffixes
            .iter()
            .map(|suffix| Ok(format!("{} => \"\"", word("a suffix", suffix)?)))
            .collect();
        sheet.line(&format!("cgi.assign = ({})", words?.join(", ")));
    }
    Ok(())
}

fn others(plan: &Plan<'_>, scope: &ScopeConfig, sheet: &mut Sheet) -> Result<(), WriteError> {
    if let Some(index) = &scope.index {
        sheet.line(&format!(
            "index-file.names = {}",
            list(index.iter().map(String::as_str))?
        ));
    }
    if let Some(listing) = scope.directory_listing {
        let switch = if listing { "enable" } else { "disable" };
        sheet.line(&format!("dir-listing.activate = \"{switch}\""));
    }
    match scope.pass_authorization {
        Some(true) => sheet.line("setenv.set-request-header = ()"),
        Some(false) => sheet.line("setenv.set-request-header = (\"Authorization\" => \"\")"),
        None => {}
    }
    if !scope.set_environment.is_empty() {
        let several = plan
            .config()
            .scopes
            .iter()
            .filter(|scope| !scope.set_environment.is_empty())
            .count()
            > 1;
        if several {
            sheet.left_out(
                "variables of several scopes for one URL: lighttpd takes those of the last",
            );
        }
        let mut words = Vec::new();
        for (name, value) in super::lighttpd::variables(plan)?
            .into_iter()
            .chain(of_scope(scope)?)
        {
            words.push(format!("{name} => {value}"));
        }
        sheet.line(&format!("setenv.set-environment = ({})", words.join(", ")));
    }
    for name in scope
        .pass_environment
        .iter()
        .chain(&scope.unset_environment)
    {
        sheet.left_out(&format!(
            "the variable {name:?}, which the scope passes on or takes out"
        ));
    }
    if scope.accept_path_info.is_some() {
        sheet.left_out("accept_path_info: lighttpd always allows extra path after a script, and never after another file");
    }
    for what in scope.actions.keys() {
        sheet.left_out(&format!("the action for {what:?}"));
    }
    for method in scope.method_scripts.keys() {
        sheet.left_out(&format!("the script for the method {method:?}"));
    }
    Ok(())
}

fn of_scope(scope: &ScopeConfig) -> Result<Vec<(String, String)>, WriteError> {
    let variables = scope.set_environment.iter();
    variables
        .map(|(name, value)| {
            Ok((
                word("the name of a variable", name)?,
                word("the value of a variable", value)?,
            ))
        })
        .collect()
}

/// Pages lie in one folder and are called `404.html` and so on; a script can answer for 404 only.
fn documents(plan: &Plan<'_>, scope: &ScopeConfig, sheet: &mut Sheet) -> Result<(), WriteError> {
    let mut folder: Option<&str> = None;
    for (status, document) in &scope.error_documents {
        let whole_site = scope.place == Place::Site && scope.files.is_none();
        let (true, ErrorDocument::Path(path)) = (whole_site, document) else {
            sheet.left_out(&format!("the error document for {status}"));
            continue;
        };
        let prefix = path.strip_suffix(&format!("{status}.html"));
        if let Some(prefix) = prefix.filter(|prefix| folder.is_none_or(|folder| folder == *prefix))
        {
            if folder.is_none() {
                let files = word("a path", &format!("{}{prefix}", plan.root))?;
                sheet.line(&format!("server.errorfile-prefix = {files}"));
            }
            folder = Some(prefix);
        } else if *status == 404 {
            sheet.line(&format!(
                "server.error-handler-404 = {}",
                word("a URL", path)?
            ));
            sheet.left_out(&format!(
                "the status 404 of {path:?}: a script has to print it, a page is sent with 200"
            ));
        } else {
            sheet.left_out(&format!(
                "the error document for {status}, which is not called {status}.html"
            ));
        }
    }
    Ok(())
}
