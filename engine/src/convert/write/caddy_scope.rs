//! Scopes in Caddy's words: matchers for what is closed; what scripts get is said with each script.

use super::WriteError;
use super::access::{Decision, Question, Way, decide};
use super::caddy::{pattern, word};
use super::plan::Plan;
use super::scope_place::urls;
use super::sheet::Sheet;
use crate::site::requirement::Requirement;
use crate::site::scope::ScopeConfig;

/// Closes what is closed, for those to whom it is, and tells what could not be said.
pub(super) fn scopes(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    let mut rules: Vec<(String, Requirement)> = Vec::new();
    for scope in &plan.config().scopes {
        let places = urls(plan, scope)?;
        if places.as_of_now {
            sheet.left_out(&format!("{}, for folders that are made later", scope.place));
        }
        left_out(scope, sheet);
        let closed = scope.closed_because.as_ref().map(|_| Requirement::Denied);
        if let (Some(expression), Some(requirement)) =
            (places.expression, closed.or_else(|| scope.require.clone()))
        {
            rules.push((expression, requirement));
        }
    }
    for (index, (expression, requirement)) in rules.iter().enumerate() {
        // A later scope wins.
        let later: Vec<&str> = rules
            .iter()
            .skip(index + 1)
            .map(|(later, _)| later.as_str())
            .collect();
        close(index + 1, expression, &later, requirement, sheet)?;
    }
    let scripts = &plan.config().scripts;
    for alias in scripts
        .script_alias_matches
        .iter()
        .chain(&scripts.alias_matches)
    {
        sheet.left_out(&format!(
            "the expression {:?} for {:?}",
            alias.url.as_str(),
            alias.to
        ));
    }
    Ok(())
}

fn close(
    number: usize,
    expression: &str,
    later: &[&str],
    requirement: &Requirement,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let (decision, unasked) = decide(requirement);
    for what in unasked {
        sheet.left_out(&format!(
            "\"{what}\", which Caddy cannot ask, so it speaks against access"
        ));
    }
    for (part, (way, end)) in (1..).zip(decision.ends()) {
        match end {
            Decision::Granted => continue,
            Decision::AnyLogin | Decision::Logins(_) => sheet.left_out(&format!("the login for scope {number}: Caddy reads no file of users. It is closed until you replace the error line by basic_auth with hashes from caddy hash-password")),
            Decision::Denied | Decision::Ask { .. } => {}
        }
        let name = format!("@closed{number}_{part}");
        sheet.open(&format!("{name} {{"));
        sheet.line(&format!("path_regexp {}", pattern(expression)?));
        for later in later {
            sheet.line(&format!("not path_regexp {}", pattern(later)?));
        }
        tests(&way, sheet)?;
        sheet.close("}");
        sheet.line(&format!("error {name} 403"));
    }
    Ok(())
}

fn tests(way: &Way, sheet: &mut Sheet) -> Result<(), WriteError> {
    for (question, answer) in way {
        let not = if *answer { "" } else { "not " };
        match question {
            Question::Address(network) => sheet.line(&format!("{not}remote_ip {network}")),
            Question::Methods(methods) => {
                let methods: Result<Vec<String>, WriteError> = methods
                    .iter()
                    .map(|method| word("a method", method))
                    .collect();
                sheet.line(&format!("{not}method {}", methods?.join(" ")));
            }
        }
    }
    Ok(())
}

fn left_out(scope: &ScopeConfig, sheet: &mut Sheet) {
    let place = &scope.place;
    let mut all = |said: bool, what: &str| {
        if said {
            sheet.left_out(&format!("{what} of the scope for {place}"));
        }
    };
    all(scope.index.is_some(), "index");
    all(scope.directory_listing.is_some(), "directory_listing");
    all(scope.accept_path_info.is_some(), "accept_path_info");
    all(scope.pass_authorization.is_some(), "pass_authorization");
    all(!scope.error_documents.is_empty(), "error_documents");
    all(!scope.actions.is_empty(), "actions");
    all(!scope.method_scripts.is_empty(), "method_scripts");
}
