//! Caddy 2 with the `cgi` plugin: one site block, with a directive for each script.
//!
//! The plugin does not look for scripts: it runs one program for one matcher. So every script that
//! is there now is named, and nothing else in a script folder is sent.

use std::path::Path;

use super::plan::{Plan, PlannedScript, private_names};
use super::quote::{escaped, expression, quoted};
use super::sheet::Sheet;
use super::{WriteError, Written, caddy_scope};
use crate::convert::Host;
use crate::site::{EnvironmentChange, ScriptsRule, Settings, Target, resolve};

pub(super) fn write(plan: &Plan<'_>) -> Result<Written, WriteError> {
    let mut sheet = Sheet::default();
    head(plan, &mut sheet);
    let name = plan.server_name()?.unwrap_or_default();
    sheet.open(&format!("http://{name}:{} {{", plan.deployment.port));
    if let Some(address) = plan.deployment.address {
        sheet.line(&format!("bind {address}"));
    }
    let bytes = plan.limits().request_body_bytes.clamp(1, i64::MAX as u64);
    sheet.open("request_body {");
    sheet.line(&format!("max_size {bytes}"));
    sheet.close("}");
    sheet.comment("In a route the directives are taken in the order in which they stand.");
    sheet.open("route {");
    if !plan.config().options.pass_authorization {
        sheet.line("request_header -Authorization");
    }
    caddy_scope::scopes(plan, &mut sheet)?;
    indexes(plan, &mut sheet)?;
    for (number, script) in (1..).zip(&plan.scripts) {
        self::script(plan, number, script, &mut sheet)?;
    }
    private(plan, &mut sheet)?;
    files(plan, &mut sheet)?;
    sheet.close("}");
    sheet.close("}");
    for what in plan.left_out_everywhere() {
        sheet.left_out(&what);
    }
    Ok(sheet.finish())
}

fn head(plan: &Plan<'_>, sheet: &mut Sheet) {
    sheet.comment(&format!("{}.", plan.title()));
    sheet.comment("It needs Caddy with the plugin github.com/aksdb/caddy-cgi/v2, which no package has: build it with");
    sheet.line("#   xcaddy build --with github.com/aksdb/caddy-cgi/v2");
    sheet.comment("Install this file as /etc/caddy/Caddyfile, then:");
    sheet.line("#   caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy");
    sheet.comment("Without the http:// and the port, Caddy gets a certificate and serves HTTPS.");
    sheet.comment("Each script is named: write this file anew when there are others.");
    sheet.comment("The plugin has no time limit: a script that hangs stays.");
}

/// Folders that answer through a script.
fn indexes(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    let names = &plan.config().scripts.index;
    let mut number = 0;
    for script in &plan.scripts {
        let Some((folder, name)) = script.url.rsplit_once('/') else {
            continue;
        };
        let folder = format!("{folder}/");
        if !names.iter().any(|index| index == name) || !answers_for(plan, &folder, script) {
            continue;
        }
        number += 1;
        sheet.line(&format!(
            "@index{number} path_regexp {}",
            pattern(&format!("^{}$", escaped(&folder)))?
        ));
        sheet.line(&format!(
            "rewrite @index{number} {}",
            word("a URL", &script.url)?
        ));
    }
    Ok(())
}

fn answers_for(plan: &Plan<'_>, folder: &str, script: &PlannedScript) -> bool {
    let target = resolve(plan.site, folder.as_bytes()).target;
    let Target::Script { file, .. } = target else {
        return false;
    };
    plan.there(&file).is_ok_and(|file| file == script.file)
}

fn script(
    plan: &Plan<'_>,
    number: usize,
    script: &PlannedScript,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let end = if script.takes_extra_path {
        "(/.*)?$"
    } else {
        "$"
    };
    sheet.line("");
    sheet.line(&format!(
        "@script{number} path_regexp {}",
        pattern(&format!("^{}{end}", escaped(&script.url)))?
    ));
    let file = word("a path", &script.file)?;
    let program = match &script.interpreter {
        Some(interpreter) => format!("{} {file}", word("a path", interpreter)?),
        None => file,
    };
    let settings = plan.site.settings(script.url.as_bytes(), &script.here);
    if settings.scripts == ScriptsRule::None {
        sheet.line(&format!("error @script{number} 403"));
        return Ok(());
    }
    sheet.open(&format!("cgi @script{number} {program} {{"));
    sheet.line(&format!("script_name {}", word("a URL", &script.url)?));
    let folder = working_directory(plan, script)?;
    sheet.line(&format!("dir {}", word("a path", &folder)?));
    environment(plan, script, &settings, sheet)?;
    sheet.line("unbuffered_output");
    sheet.close("}");
    Ok(())
}

fn working_directory(plan: &Plan<'_>, script: &PlannedScript) -> Result<String, WriteError> {
    if !plan.config().options.run_in_script_folder {
        return plan.there(&plan.site.root);
    }
    let folder = Path::new(&script.file).parent().unwrap_or(Path::new("/"));
    Ok(folder.to_string_lossy().into_owned())
}

/// One directive with all of it: a second would replace the first.
fn environment(
    plan: &Plan<'_>,
    script: &PlannedScript,
    settings: &Settings,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let mut variables = vec![("DOCUMENT_ROOT", plan.root.as_str())];
    if script.interpreter.is_some() {
        // Otherwise it is the interpreter.
        variables.push(("SCRIPT_FILENAME", script.file.as_str()));
    }
    if script.is_php {
        variables.push(("REDIRECT_STATUS", "200"));
    }
    variables.extend(plan.environment());
    for change in &settings.environment {
        match change {
            EnvironmentChange::Set { name, value } => variables.push((name, value)),
            EnvironmentChange::Unset { name } => variables.retain(|(known, _)| known != name),
            EnvironmentChange::Pass { .. } => {}
        }
    }
    let words: Result<Vec<String>, WriteError> = variables
        .into_iter()
        .map(|(name, value)| word("a variable", &format!("{name}={value}")))
        .collect();
    sheet.line(&format!("env {}", words?.join(" ")));
    let passed = settings
        .environment
        .iter()
        .filter_map(|change| match change {
            EnvironmentChange::Pass { name } => Some(word("the name of a variable", name)),
            EnvironmentChange::Set { .. } | EnvironmentChange::Unset { .. } => None,
        });
    let passed: Vec<String> = passed.collect::<Result<_, _>>()?;
    if !passed.is_empty() {
        sheet.line(&format!("pass_env {}", passed.join(" ")));
    }
    Ok(())
}

/// What is no script that is named above must not be sent as text.
fn private(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("");
    sheet.comment(
        "Dot-files, the configuration, saved requests, what has a script's suffix, and all of the script folders.",
    );
    let suffixes: Vec<String> = plan.suffixes_anywhere().into_iter().map(escaped).collect();
    let mut patterns = vec![
        format!("/{}", private_names()),
        format!("\\.(?i:{})(~|\\.[a-z]+)?(/|$)", suffixes.join("|")),
    ];
    for alias in plan.script_folders() {
        let urls = plan.urls_of(&alias.here).into_iter();
        patterns.extend(urls.map(|(url, _)| format!("^{}(/|$)", escaped(&url))));
    }
    for (number, text) in (1..).zip(patterns) {
        sheet.line(&format!("@private{number} path_regexp {}", pattern(&text)?));
        sheet.line(&format!("error @private{number} 404"));
    }
    Ok(())
}

fn files(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    let browse = if plan.config().options.directory_listing {
        " browse"
    } else {
        ""
    };
    let index: Result<Vec<String>, WriteError> = plan
        .config()
        .scripts
        .index
        .iter()
        .filter(|name| !plan.site.has_script_suffix(Path::new(name)))
        .map(|name| word("the name of an index", name))
        .collect();
    let index = index?;
    for alias in plan.aliases.iter().filter(|alias| !alias.runs_scripts) {
        sheet.line("");
        if !alias.url.is_empty() {
            sheet.open(&format!(
                "handle_path {} {{",
                word("a URL", &format!("{}/*", alias.url))?
            ));
        }
        sheet.line(&format!("root * {}", word("a path", &alias.folder)?));
        sheet.open(&format!("file_server{browse} {{"));
        if !index.is_empty() {
            sheet.line(&format!("index {}", index.join(" ")));
        }
        sheet.close("}");
        if !alias.url.is_empty() {
            sheet.close("}");
        }
    }
    Ok(())
}

pub(super) fn word(what: &'static str, text: &str) -> Result<String, WriteError> {
    quoted(Host::Caddy, what, text)
}

pub(super) fn pattern(text: &str) -> Result<String, WriteError> {
    expression(Host::Caddy, "a URL", text)
}
