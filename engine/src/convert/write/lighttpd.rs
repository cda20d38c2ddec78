//! lighttpd 1.4 with mod_cgi: a whole configuration file.

use std::path::Path;

use super::plan::{Alias, Plan, PlannedScript, private_names, whole_seconds};
use super::quote::{escaped, expression, quoted};
use super::sheet::Sheet;
use super::{WriteError, Written, lighttpd_scope};
use crate::convert::Host;
use crate::site::CONFIG_FILE_NAME;

/// Types of the files that a site usually has; lighttpd knows none by itself.
const TYPES: [(&str, &str); 19] = [
    (".html", "text/html; charset=utf-8"),
    (".htm", "text/html; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".txt", "text/plain; charset=utf-8"),
    (".csv", "text/csv; charset=utf-8"),
    (".xml", "text/xml"),
    (".json", "application/json"),
    (".pdf", "application/pdf"),
    (".zip", "application/zip"),
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".gif", "image/gif"),
    (".svg", "image/svg+xml"),
    (".webp", "image/webp"),
    (".ico", "image/x-icon"),
    (".woff2", "font/woff2"),
    (".mp4", "video/mp4"),
];

pub(super) fn write(plan: &Plan<'_>) -> Result<Written, WriteError> {
    let mut sheet = Sheet::default();
    head(plan, &mut sheet);
    server(plan, &mut sheet)?;
    scripts(plan, &mut sheet)?;
    for alias in plan.script_folders() {
        script_folder(plan, alias, &mut sheet)?;
    }
    single_scripts(plan, &mut sheet)?;
    lighttpd_scope::scopes(plan, &mut sheet)?;
    private(plan, &mut sheet)?;
    for what in plan.left_out_everywhere() {
        sheet.left_out(&what);
    }
    Ok(sheet.finish())
}

fn head(plan: &Plan<'_>, sheet: &mut Sheet) {
    sheet.comment(&format!("{}.", plan.title()));
    sheet.comment("A whole configuration. Install it as /etc/lighttpd/lighttpd.conf, then:");
    sheet.line("#   lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl restart lighttpd");
    sheet.comment("To serve it beside other sites, put what follows server.modules into a $HTTP[\"host\"] block.");
    if plan.deployment.server_name.is_some() {
        sheet.comment(
            "The server name is not needed: this file serves one site, whatever it is called.",
        );
    }
}

fn server(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("server.modules = (\"mod_access\", \"mod_alias\", \"mod_auth\", \"mod_authn_file\", \"mod_cgi\", \"mod_dirlisting\", \"mod_setenv\")");
    if let Some(address) = plan.deployment.address {
        let bind = match address.is_ipv6() {
            true => format!("[{address}]"),
            false => address.to_string(),
        };
        sheet.line(&format!("server.bind = \"{bind}\""));
    }
    sheet.line(&format!("server.port = {}", plan.deployment.port));
    let root = plan
        .aliases
        .last()
        .map_or(&plan.root, |alias| &alias.folder);
    sheet.line(&format!("server.document-root = {}", word("a path", root)?));
    sheet.line(&format!(
        "index-file.names = {}",
        list(plan.config().scripts.index.iter().map(String::as_str))?
    ));
    if plan.config().options.directory_listing {
        sheet.line("dir-listing.activate = \"enable\"");
    }
    // It counts KiB, and 0 is no limit.
    let kibibytes = plan
        .limits()
        .request_body_bytes
        .div_ceil(1024)
        .clamp(1, u64::from(u32::MAX));
    sheet.line(&format!("server.max-request-size = {kibibytes}"));
    if !plan.config().options.encoded_slashes {
        sheet.comment("A URL with %2F is 400.");
        sheet.line("server.http-parseopts = (\"url-path-2f-decode\" => \"disable\", \"url-path-2f-reject\" => \"enable\")");
    }
    if !plan.config().options.allow_outside_root {
        sheet.comment("lighttpd follows every symbolic link or none; the studio follows those that stay inside.");
    }
    sheet.open("mimetype.assign = (");
    for (suffix, kind) in TYPES {
        sheet.line(&format!("\"{suffix}\" => \"{kind}\","));
    }
    sheet.close(")");
    let aliases = plan.aliases.iter().filter(|alias| is_needed(plan, alias));
    let mut lines = Vec::new();
    for alias in aliases {
        // Without the slash "/cgi-bin" would fit "/cgi-binX" too.
        let slash = if alias.here.is_file() { "" } else { "/" };
        let url = word("a URL", &format!("{}{slash}", alias.url))?;
        let folder = word("a path", &format!("{}{slash}", alias.folder))?;
        lines.push(format!("{url} => {folder},"));
    }
    if !lines.is_empty() {
        block(sheet, "alias.url = (", &lines);
        sheet.comment(
            "PATH_TRANSLATED starts at the alias's folder there, not at the document root.",
        );
    }
    Ok(())
}

/// Where the document root leads to the same folder anyhow, no alias is written: lighttpd takes an
/// alias's folder for the document root of what lies in it.
fn is_needed(plan: &Plan<'_>, alias: &Alias) -> bool {
    let root = plan
        .aliases
        .last()
        .map_or(plan.root.as_str(), |last| last.folder.as_str());
    !alias.url.is_empty() && format!("{root}{}", alias.url) != alias.folder
}

fn scripts(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("");
    sheet.comment(
        "Files with these suffixes are scripts; an empty program means that the file runs itself.",
    );
    let mut lines = Vec::new();
    for suffix in plan.suffixes() {
        let suffix = format!(".{suffix}");
        let mapped = plan
            .interpreters
            .iter()
            .find(|(mapped, _)| *mapped == suffix);
        let program = mapped.map_or("", |(_, program)| program.as_str());
        lines.push(format!(
            "{} => {},",
            word("a suffix", &suffix)?,
            word("a path", program)?
        ));
    }
    block(sheet, "cgi.assign = (", &lines);
    sheet.line("cgi.local-redir = \"enable\"");
    sheet.comment("Pass output on at once, instead of when the script has ended.");
    sheet.line("server.stream-response-body = 1");
    if let Some(limit) = plan.limits().time_limit() {
        let seconds = whole_seconds(limit);
        sheet.line(&format!(
            "cgi.limits = (\"read-timeout\" => {seconds}, \"write-timeout\" => {seconds})"
        ));
    }
    if !plan.config().options.pass_authorization {
        sheet.comment("Logins are checked before; scripts do not see them.");
        sheet.line("setenv.set-request-header = (\"Authorization\" => \"\")");
    }
    let variables = variables(plan)?.into_iter();
    let lines: Vec<String> = variables
        .map(|(name, value)| format!("{name} => {value},"))
        .collect();
    block(sheet, "setenv.set-environment = (", &lines);
    Ok(())
}

/// The variables of every script, as words.
pub(super) fn variables(plan: &Plan<'_>) -> Result<Vec<(String, String)>, WriteError> {
    let root = ("DOCUMENT_ROOT", plan.root.as_str());
    let variables = [root].into_iter().chain(plan.environment());
    variables
        .map(|(name, value)| {
            Ok((
                word("the name of a variable", name)?,
                word("the value of a variable", value)?,
            ))
        })
        .collect()
}

/// Every regular file there is a script, under whatever URL.
fn script_folder(plan: &Plan<'_>, alias: &Alias, sheet: &mut Sheet) -> Result<(), WriteError> {
    if alias.here.is_file() {
        return only(&alias.url, sheet);
    }
    let urls: Vec<String> = plan
        .urls_of(&alias.here)
        .into_iter()
        .map(|(url, _)| escaped(&url))
        .collect();
    let condition = word_expression(&format!("^({})/", urls.join("|")))?;
    sheet.line("");
    sheet.open(&format!("$HTTP[\"url\"] =~ {condition} {{"));
    let mut lines = Vec::new();
    for (suffix, program) in &plan.interpreters {
        lines.push(format!(
            "{} => {},",
            word("a suffix", suffix)?,
            word("a path", program)?
        ));
    }
    lines.push("\"\" => \"\",".to_owned());
    block(sheet, "cgi.assign = (", &lines);
    sheet.line(&format!(
        "index-file.names = {}",
        list(plan.script_index().into_iter())?
    ));
    sheet.line("dir-listing.activate = \"disable\"");
    sheet.close("}");
    Ok(())
}

fn single_scripts(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    for script in &plan.scripts {
        let PlannedScript {
            url,
            by_magic,
            takes_extra_path,
            ..
        } = script;
        if *by_magic {
            only(url, sheet)?;
        }
        if !takes_extra_path {
            let condition = word_expression(&format!("^{}/", escaped(url)))?;
            sheet.comment("Nothing may follow this script's name.");
            sheet.open(&format!("$HTTP[\"url\"] =~ {condition} {{"));
            sheet.line("url.access-deny = (\"\")");
            sheet.close("}");
        }
    }
    Ok(())
}

/// One URL that is a script, whatever its name.
fn only(url: &str, sheet: &mut Sheet) -> Result<(), WriteError> {
    let condition = word_expression(&format!("^{}(/|$)", escaped(url)))?;
    sheet.line("");
    sheet.open(&format!("$HTTP[\"url\"] =~ {condition} {{"));
    sheet.line("cgi.assign = (\"\" => \"\")");
    sheet.close("}");
    Ok(())
}

/// Comes last, so that nothing can open these again.
fn private(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("");
    sheet.comment(&format!(
        "Dot-files, {CONFIG_FILE_NAME}, saved requests, and copies of scripts that editors leave."
    ));
    let suffixes: Vec<String> = plan.suffixes_anywhere().into_iter().map(escaped).collect();
    let suffixes = suffixes.join("|");
    // The condition sees extra path too, where these names are allowed: so no name before may be a script's.
    let nameless = |script: &&PlannedScript| !plan.site.has_script_suffix(Path::new(&script.url));
    let scripts: Vec<String> = plan
        .scripts
        .iter()
        .filter(nameless)
        .map(|script| escaped(&script.url))
        .collect();
    let scripts = match scripts.is_empty() {
        true => String::new(),
        false => format!("(?!(?:{})/)", scripts.join("|")),
    };
    let expression = format!(
        "^{scripts}(?:/(?![^/]*\\.(?i:{suffixes})/)[^/]*)*?/(?:{}|[^/]*\\.(?i:{suffixes})(?:~|\\.(?:bak|orig|old|save|swp|tmp))$)",
        private_names(),
    );
    sheet.open(&format!(
        "$HTTP[\"url\"] =~ {} {{",
        word_expression(&expression)?
    ));
    sheet.line("url.access-deny = (\"\")");
    sheet.close("}");
    Ok(())
}

pub(super) fn word(what: &'static str, text: &str) -> Result<String, WriteError> {
    quoted(Host::Lighttpd, what, text)
}

pub(super) fn word_expression(text: &str) -> Result<String, WriteError> {
    expression(Host::Lighttpd, "a URL", text)
}

pub(super) fn list<'t>(names: impl Iterator<Item = &'t str>) -> Result<String, WriteError> {
    let words: Result<Vec<String>, WriteError> = names
        .map(|name| word("the name of an index", name))
        .collect();
    Ok(format!("({})", words?.join(", ")))
}

fn block(sheet: &mut Sheet, head: &str, lines: &[String]) {
    sheet.open(head);
    for line in lines {
        sheet.line(line);
    }
    sheet.close(")");
}
