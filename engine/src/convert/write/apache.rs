//! Apache httpd 2.4 with mod_cgid: one virtual host.

use std::path::Path;

use super::plan::{Alias, Plan, PlannedScript, private_names, whole_seconds};
use super::quote::{escaped, expression, quoted};
use super::sheet::Sheet;
use super::{WriteError, Written, apache_scope};
use crate::convert::Host;
use crate::site::CONFIG_FILE_NAME;

/// A day: there is no word for no limit.
const NO_LIMIT_SECONDS: u64 = 86_400;

pub(super) fn write(plan: &Plan<'_>) -> Result<Written, WriteError> {
    let mut sheet = Sheet::default();
    head(plan, &mut sheet);
    let listen = plan.listen();
    if !matches!(plan.deployment.port, 80 | 443) {
        sheet.line(&format!("Listen {listen}"));
    }
    let any = plan.deployment.address.is_none();
    sheet.open(&format!(
        "<VirtualHost {}{listen}>",
        if any { "*:" } else { "" }
    ));
    if let Some(name) = plan.server_name()? {
        sheet.line(&format!("ServerName {name}"));
    }
    sheet.line(&format!("DocumentRoot {}", path(plan, &plan.root)?));
    let slashes = if plan.config().options.encoded_slashes {
        "On"
    } else {
        "Off"
    };
    sheet.comment("Whether %2F in a URL is a slash; otherwise such a URL is 404.");
    sheet.line(&format!("AllowEncodedSlashes {slashes}"));
    limits(plan, &mut sheet);
    environment(plan, &mut sheet)?;
    for alias in &plan.aliases {
        folder(plan, alias, &mut sheet)?;
    }
    apache_scope::matches(plan, &mut sheet)?;
    single_scripts(plan, &mut sheet)?;
    apache_scope::scopes(plan, &mut sheet)?;
    private(plan, &mut sheet)?;
    for what in plan.left_out_everywhere() {
        sheet.left_out(&what);
    }
    sheet.close("</VirtualHost>");
    Ok(sheet.finish())
}

fn head(plan: &Plan<'_>, sheet: &mut Sheet) {
    sheet.comment(&format!("{}.", plan.title()));
    sheet.comment("Install it as /etc/apache2/sites-available/NAME.conf, then:");
    sheet.line(
        "#   a2enmod alias auth_basic authn_file authz_host authz_user autoindex cgid dir env",
    );
    sheet.line("#   a2ensite NAME && apachectl configtest && systemctl reload apache2");
    sheet.comment("Modules: mod_cgid (mod_cgi with the prefork MPM), mod_alias, mod_authz_core, mod_dir, mod_env; mod_autoindex for lists of files; mod_auth_basic, mod_authn_file, mod_authz_user for logins; mod_authz_host for rules about addresses; mod_actions for actions.");
    if !matches!(plan.deployment.port, 80 | 443) {
        sheet.comment("Leave out the Listen line if ports.conf has it already.");
    }
}

fn limits(plan: &Plan<'_>, sheet: &mut Sheet) {
    let limits = plan.limits();
    // 0 means no limit to Apache; the largest it takes is that of a signed number.
    let bytes = limits.request_body_bytes.clamp(1, i64::MAX as u64);
    sheet.line(&format!("LimitRequestBody {bytes}"));
    let seconds = limits.time_limit().map_or(NO_LIMIT_SECONDS, whole_seconds);
    for (module, directive) in [
        ("mod_cgid.c", "CGIDScriptTimeout"),
        ("mod_cgi.c", "CGIScriptTimeout"),
    ] {
        sheet.open(&format!("<IfModule {module}>"));
        sheet.line(&format!("{directive} {seconds}s"));
        sheet.close("</IfModule>");
    }
}

fn environment(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    for (name, value) in plan.environment() {
        let name = quoted(Host::Apache, "the name of a variable", name)?;
        let value = quoted(Host::Apache, "the value of a variable", value)?;
        sheet.line(&format!("SetEnv {name} {value}"));
    }
    Ok(())
}

fn folder(plan: &Plan<'_>, alias: &Alias, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("");
    if !alias.url.is_empty() {
        let url = quoted(Host::Apache, "a URL", &alias.url)?;
        sheet.line(&format!("Alias {url} {}", path(plan, &alias.folder)?));
    } else if alias.folder != plan.root {
        sheet.line(&format!("DocumentRoot {}", path(plan, &alias.folder)?));
    }
    if alias.here.is_file() {
        return file_alias(alias, sheet);
    }
    open_directory(&alias.folder, sheet)?;
    sheet.line("Require all granted");
    sheet.line("AllowOverride None");
    let config = plan.config();
    let indexes = config.options.directory_listing && !alias.runs_scripts;
    let links = match config.options.allow_outside_root {
        true => "FollowSymLinks",
        false => "SymLinksIfOwnerMatch",
    };
    sheet.line(&format!(
        "Options ExecCGI {links}{}",
        if indexes { " Indexes" } else { "" }
    ));
    if config.options.pass_authorization {
        sheet.line("CGIPassAuth On");
    }
    if alias.runs_scripts {
        sheet.comment("Not ScriptAlias: that would ignore DirectoryIndex and Options -ExecCGI.");
        index(&plan.script_index(), sheet)?;
        handler(".", sheet)?;
    } else {
        let names: Vec<&str> = config.scripts.index.iter().map(String::as_str).collect();
        index(&names, sheet)?;
        handler(&suffix_expression(plan), sheet)?;
    }
    sheet.close("</Directory>");
    Ok(())
}

/// `^` and `$` around nothing would fit no name: a site may have no suffixes.
fn suffix_expression(plan: &Plan<'_>) -> String {
    let suffixes: Vec<String> = plan.suffixes().into_iter().map(escaped).collect();
    format!("(?i)\\.({})$", suffixes.join("|"))
}

pub(super) fn index(names: &[&str], sheet: &mut Sheet) -> Result<(), WriteError> {
    let quoted: Result<Vec<String>, WriteError> = names
        .iter()
        .map(|name| quoted(Host::Apache, "the name of an index", name))
        .collect();
    let names = quoted?;
    sheet.line(&format!(
        "DirectoryIndex {}",
        if names.is_empty() {
            "disabled".to_owned()
        } else {
            names.join(" ")
        }
    ));
    Ok(())
}

pub(super) fn handler(names: &str, sheet: &mut Sheet) -> Result<(), WriteError> {
    let names = expression(Host::Apache, "a suffix", names)?;
    sheet.open(&format!("<FilesMatch {names}>"));
    sheet.line("SetHandler cgi-script");
    sheet.close("</FilesMatch>");
    Ok(())
}

/// An alias to one file: its folder is closed otherwise.
fn file_alias(alias: &Alias, sheet: &mut Sheet) -> Result<(), WriteError> {
    open_files(&alias.folder, sheet)?;
    sheet.line("Require all granted");
    if alias.runs_scripts {
        sheet.line("Options +ExecCGI");
        sheet.line("SetHandler cgi-script");
    }
    close_files(sheet);
    Ok(())
}

/// Scripts that need a word of their own.
fn single_scripts(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    for script in &plan.scripts {
        let PlannedScript {
            file,
            interpreter,
            by_magic,
            takes_extra_path,
            is_php,
            ..
        } = script;
        if let Some(interpreter) = interpreter {
            sheet.left_out(&format!("{file:?} is run by {interpreter:?} here, but by its own #! line on Apache, for which it must be executable"));
        }
        if !by_magic && *takes_extra_path && !is_php {
            continue;
        }
        open_files(file, sheet)?;
        if *by_magic {
            sheet.line("SetHandler cgi-script");
        }
        if !takes_extra_path {
            sheet.line("AcceptPathInfo Off");
        }
        if *is_php {
            sheet.line("SetEnv REDIRECT_STATUS 200");
        }
        close_files(sheet);
    }
    Ok(())
}

/// `<If>` comes after every other section, so nothing can open these again.
fn private(plan: &Plan<'_>, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("");
    sheet.comment(&format!(
        "Dot-files, {CONFIG_FILE_NAME}, saved requests, and copies of scripts that editors leave."
    ));
    let folders: Vec<String> = plan
        .aliases
        .iter()
        .map(|alias| escaped(&alias.folder))
        .collect();
    let hidden = format!(
        "%{{REQUEST_FILENAME}} =~ m#^({})/(.*/)?{}#",
        folders.join("|"),
        private_names()
    );
    let suffixes: Vec<String> = plan.suffixes_anywhere().into_iter().map(escaped).collect();
    let copies = format!(
        "%{{REQUEST_FILENAME}} =~ m#\\.({})(~|\\.(bak|orig|old|save|swp|tmp))$#i",
        suffixes.join("|")
    );
    for (condition, directive) in [(hidden, "Redirect 404 /"), (copies, "Require all denied")] {
        let condition = expression(Host::Apache, "a path", &condition)?;
        sheet.open(&format!("<If {condition}>"));
        sheet.line(directive);
        sheet.close("</If>");
    }
    Ok(())
}

/// Plain `<Directory>` reads wildcards, so a path that looks like one is written as an expression.
pub(super) fn open_directory(folder: &str, sheet: &mut Sheet) -> Result<(), WriteError> {
    if folder.contains(['*', '?', '[', '\\']) {
        let folder = expression(
            Host::Apache,
            "a path",
            &format!("^{}(/|$)", escaped(folder)),
        )?;
        sheet.open(&format!("<Directory ~ {folder}>"));
    } else {
        sheet.open(&format!(
            "<Directory {}>",
            quoted(Host::Apache, "a path", folder)?
        ));
    }
    Ok(())
}

fn open_files(file: &str, sheet: &mut Sheet) -> Result<(), WriteError> {
    let file = Path::new(file);
    let text =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let folder = text(file.parent().map(Path::as_os_str));
    let name = expression(
        Host::Apache,
        "a path",
        &format!("^{}$", escaped(&text(file.file_name()))),
    )?;
    open_directory(&folder, sheet)?;
    sheet.open(&format!("<FilesMatch {name}>"));
    Ok(())
}

fn close_files(sheet: &mut Sheet) {
    sheet.close("</FilesMatch>");
    sheet.close("</Directory>");
}

fn path(plan: &Plan<'_>, path: &str) -> Result<String, WriteError> {
    quoted(plan.host, "a path", path)
}
