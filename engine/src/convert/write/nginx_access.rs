//! Who may have what in nginx's words: what each URL needs, the questions asked for it, the login.

use super::WriteError;
use super::access::{Decision, Question, decide};
use super::nginx::word;
use super::nginx_scope::{Placed, ServerScopes, VOLATILE, key, map};
use super::plan::Plan;
use super::quote::escaped;
use super::sheet::Sheet;
use crate::site::requirement::Requirement;

/// `denied`, `granted`, `login` or `users-…` for each URL, then the login itself.
pub(super) fn access(
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
    maps.line(VOLATILE);
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
            maps.line(VOLATILE);
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
    maps.line(VOLATILE);
    maps.line("default $cgi_studio_realm;");
    maps.line("granted off;");
    maps.line("denied off;");
    maps.close("}");
    for (variable, value) in [("auth_type", "Basic"), ("remote_user", "$remote_user")] {
        maps.open(&format!("map $cgi_studio_login $cgi_studio_{variable} {{"));
        maps.line(VOLATILE);
        maps.line(&format!("default {value};"));
        maps.line("off \"\";");
        maps.close("}");
    }
    maps.open("map \"$cgi_studio_need $remote_user\" $cgi_studio_wrong_user {");
    maps.line(VOLATILE);
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
