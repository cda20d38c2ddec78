//! nginx with fcgiwrap: one `server`, with what it needs beside it in `http`.

use super::nginx_scope::{self, ServerScopes};
use super::plan::{Alias, Plan, PlannedScript, private_names, whole_seconds};
use super::quote::{NGINX_DOLLAR, escaped, expression, quoted};
use super::sheet::Sheet;
use super::{WriteError, Written};
use crate::convert::Host;

/// A day: there is no word for no limit.
const NO_LIMIT_SECONDS: u64 = 86_400;

pub(super) fn write(plan: &Plan<'_>) -> Result<Written, WriteError> {
    let (maps, scopes) = nginx_scope::scopes(plan)?;
    let mut server = Sheet::default();
    server.open("server {");
    frame(plan, &scopes, &mut server)?;
    nginx_scope::script_folders(plan, &mut server)?;
    for script in plan.scripts.iter().filter(|script| needs_location(script)) {
        single_script(plan, script, &mut server)?;
    }
    for alias in &plan.aliases {
        location(plan, alias, &mut server)?;
    }
    for (suffix, program) in &plan.interpreters {
        server.left_out(&format!("files in {suffix} are run by {program:?} here, but by their own #! line there, for which they must be executable"));
    }
    for what in plan.left_out_everywhere() {
        server.left_out(&what);
    }
    server.close("}");
    let server = server.finish();

    let mut sheet = Sheet::default();
    head(plan, &mut sheet);
    let maps = maps.finish();
    if server.text.contains(NGINX_DOLLAR) || maps.text.contains(NGINX_DOLLAR) {
        sheet.comment("nginx has no escape for a dollar sign.");
        sheet.open("geo $cgi_studio_dollar {");
        sheet.line("default \"$\";");
        sheet.close("}");
    }
    let mut written = sheet.finish();
    for part in [maps, server] {
        written.text.push_str(&part.text);
        written.left_out.extend(part.left_out);
    }
    Ok(written)
}

fn head(plan: &Plan<'_>, sheet: &mut Sheet) {
    sheet.comment(&format!("{}.", plan.title()));
    sheet.comment("nginx runs no scripts itself: fcgiwrap does. Install both (nginx, fcgiwrap), put this file into /etc/nginx/sites-available/NAME, link it from sites-enabled, then:");
    sheet.line("#   nginx -t && systemctl enable --now fcgiwrap.socket && systemctl reload nginx");
    sheet.comment("It belongs into the http block, as all files in sites-enabled do. No further modules are needed.");
}

fn frame(plan: &Plan<'_>, scopes: &ServerScopes, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line(&format!("listen {};", plan.listen()));
    if let Some(name) = plan.server_name()? {
        sheet.line(&format!("server_name {name};"));
    }
    let root = plan
        .aliases
        .last()
        .map_or(&plan.root, |alias| &alias.folder);
    sheet.line(&format!("root {};", word("a path", root)?));
    let index: Vec<&str> = plan
        .config()
        .scripts
        .index
        .iter()
        .map(String::as_str)
        .collect();
    sheet.line(&index_line(&index)?);
    if plan.config().options.directory_listing {
        sheet.line("autoindex on;");
    }
    // 0 is no limit.
    let bytes = plan.limits().request_body_bytes.clamp(1, i64::MAX as u64);
    sheet.line(&format!("client_max_body_size {bytes};"));
    sheet.line("absolute_redirect off;");
    if !plan.config().options.encoded_slashes {
        sheet.line("if ($request_uri ~* \"^[^?]*%2f\") { return 404; }");
    }
    sheet.comment("Pass output on at once, instead of in whole buffers.");
    sheet.line("fastcgi_buffering off;");
    let seconds = plan
        .limits()
        .time_limit()
        .map_or(NO_LIMIT_SECONDS, whole_seconds);
    sheet.line(&format!("fastcgi_read_timeout {seconds}s;"));
    for line in &scopes.lines {
        sheet.line(line);
    }
    parameters(plan, scopes, sheet)
}

/// `index` with no names at all is an error.
fn index_line(names: &[&str]) -> Result<String, WriteError> {
    let words: Result<Vec<String>, WriteError> = names
        .iter()
        .map(|name| word("the name of an index", name))
        .collect();
    let words = words?;
    Ok(match words.is_empty() {
        true => "index \"no index\";".to_owned(),
        false => format!("index {};", words.join(" ")),
    })
}

/// Those that are the same for every script. A location inherits them only as long as it has none
/// of its own, so the locations take them from here by [`script`].
fn parameters(plan: &Plan<'_>, scopes: &ServerScopes, sheet: &mut Sheet) -> Result<(), WriteError> {
    let root = word("a path", &plan.root)?;
    sheet.line("");
    for line in [
        "fastcgi_param GATEWAY_INTERFACE CGI/1.1;",
        "fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;",
        "fastcgi_param SERVER_PROTOCOL $server_protocol;",
        "fastcgi_param SERVER_NAME $host;",
        "fastcgi_param SERVER_ADDR $server_addr;",
        "fastcgi_param SERVER_PORT $server_port;",
        "fastcgi_param REMOTE_ADDR $remote_addr;",
        "fastcgi_param REMOTE_HOST $remote_addr;",
        "fastcgi_param REMOTE_PORT $remote_port;",
        "fastcgi_param REQUEST_METHOD $request_method;",
        "fastcgi_param REQUEST_SCHEME $scheme;",
        "fastcgi_param REQUEST_URI $request_uri;",
        "fastcgi_param QUERY_STRING $query_string;",
        "fastcgi_param CONTENT_TYPE $content_type if_not_empty;",
        "fastcgi_param CONTENT_LENGTH $content_length if_not_empty;",
        "fastcgi_param HTTPS $https if_not_empty;",
        "fastcgi_param REDIRECT_STATUS 200;",
    ] {
        sheet.line(line);
    }
    sheet.line(&format!("fastcgi_param DOCUMENT_ROOT {root};"));
    sheet.comment("A name that is given here is not taken from the request.");
    for name in ["HTTP_PROXY", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"] {
        sheet.line(&format!("fastcgi_param {name} \"\" if_not_empty;"));
    }
    if !plan.config().options.pass_authorization && !scopes.sets("HTTP_AUTHORIZATION") {
        sheet.line("fastcgi_param HTTP_AUTHORIZATION \"\" if_not_empty;");
    }
    for (name, value) in &scopes.parameters {
        let name = word("the name of a variable", name)?;
        sheet.line(&format!("fastcgi_param {name} {value} if_not_empty;"));
    }
    let environment = plan.environment().into_iter();
    for (name, value) in environment.filter(|(name, _)| !scopes.sets(name)) {
        let (name, value) = (
            word("the name of a variable", name)?,
            word("the value of a variable", value)?,
        );
        sheet.line(&format!("fastcgi_param {name} {value};"));
    }
    sheet.comment("These are set where a script is found; empty ones are not passed.");
    for (name, variable) in [
        ("SCRIPT_FILENAME", "$cgi_file"),
        ("SCRIPT_NAME", "$cgi_name"),
        ("PATH_INFO", "$cgi_extra"),
        ("PATH_TRANSLATED", "$cgi_translated"),
    ] {
        sheet.line(&format!("fastcgi_param {name} {variable} if_not_empty;"));
    }
    Ok(())
}

fn location(plan: &Plan<'_>, alias: &Alias, sheet: &mut Sheet) -> Result<(), WriteError> {
    sheet.line("");
    if alias.here.is_file() {
        return file_alias(plan, alias, sheet);
    }
    if alias.url.is_empty() {
        match alias.runs_scripts {
            true => script_folder(plan, alias, sheet)?,
            false => suffixes(plan, alias, sheet)?,
        }
        for line in private(plan)? {
            sheet.line(&line);
        }
        return Ok(());
    }
    let (name, slash) = (word("a URL", &alias.url)?, format!("{}/", alias.url));
    let with_query = with_variable("a URL", &slash, "$is_args$args")?;
    sheet.line(&format!("location = {name} {{ return 301 {with_query}; }}"));
    let slash = word("a URL", &slash)?;
    sheet.open(&format!("location ^~ {slash} {{"));
    sheet.line(&format!(
        "alias {};",
        word("a path", &format!("{}/", alias.folder))?
    ));
    if alias.runs_scripts {
        sheet.line(&index_line(&plan.script_index())?);
        sheet.line("autoindex off;");
        script_folder(plan, alias, sheet)?;
    } else {
        suffixes(plan, alias, sheet)?;
    }
    for line in private(plan)? {
        sheet.line(&line);
    }
    sheet.close("}");
    Ok(())
}

/// The first name that is no folder is the script. nginx cannot look, so the folders are written down.
pub(super) fn script_folder(
    plan: &Plan<'_>,
    alias: &Alias,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let folders: Vec<String> = Plan::folders_in(&alias.here)
        .iter()
        .map(|folder| escaped(folder))
        .collect();
    let (url, inner) = (escaped(&alias.url), folders.join("|"));
    let not_folder = match folders.is_empty() {
        true => String::new(),
        false => {
            sheet.comment("The folders in it are written down here: write this file anew when there are others.");
            let names: Vec<&str> = folders
                .iter()
                .map(|folder| folder.trim_end_matches('/'))
                .collect();
            format!("(?!/(?:{})/?$)", names.join("|"))
        }
    };
    let pattern =
        format!("^{url}{not_folder}(?<cgi_rest>/(?:{inner}|)(?!\\.)[^/]+)(?<cgi_extra>/.*)?$");
    script(plan, &pattern, alias, sheet)
}

/// Files that are scripts by their suffix.
fn suffixes(plan: &Plan<'_>, alias: &Alias, sheet: &mut Sheet) -> Result<(), WriteError> {
    let suffixes: Vec<String> = plan.suffixes().into_iter().map(escaped).collect();
    if suffixes.is_empty() {
        return Ok(());
    }
    let pattern = format!(
        "^{}(?<cgi_rest>(?:/(?!\\.)[^/]+)*?/(?!\\.)[^/]*\\.(?i:{}))(?<cgi_extra>/.*)?$",
        escaped(&alias.url),
        suffixes.join("|")
    );
    script(plan, &pattern, alias, sheet)
}

fn script(
    plan: &Plan<'_>,
    pattern: &str,
    alias: &Alias,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let file = with_variable("a path", &alias.folder, "$cgi_rest")?;
    let name = with_variable("a URL", &alias.url, "$cgi_rest")?;
    run(plan, pattern, &file, &name, sheet)
}

fn with_variable(what: &'static str, text: &str, variable: &str) -> Result<String, WriteError> {
    let word = word(what, text)?;
    let open = word.strip_suffix('"').unwrap_or(&word);
    Ok(format!("{open}{variable}\""))
}

/// The location that runs what `pattern` fits; `file` and `name` are words.
fn run(
    plan: &Plan<'_>,
    pattern: &str,
    file: &str,
    name: &str,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    sheet.open(&format!(
        "location ~ {} {{",
        expression(Host::Nginx, "a URL", pattern)?
    ));
    sheet.line(&format!("set $cgi_file {file};"));
    sheet.line(&format!("set $cgi_name {name};"));
    sheet.line("set $cgi_translated \"\";");
    let translated = with_variable("a path", &plan.root, "$cgi_extra")?;
    sheet.line(&format!(
        "if ($cgi_extra) {{ set $cgi_translated {translated}; }}"
    ));
    sheet.line("if (!-f $cgi_file) { return 404; }");
    if nginx_scope::refuses_scripts(plan) {
        sheet.line("if ($cgi_studio_scripts = 0) { return 403; }");
    }
    let socket = plan.there(&plan.deployment.fcgiwrap_socket)?;
    sheet.line(&format!(
        "fastcgi_pass {};",
        word("a path", &format!("unix:{socket}"))?
    ));
    sheet.close("}");
    Ok(())
}

fn needs_location(script: &PlannedScript) -> bool {
    script.by_magic || !script.takes_extra_path
}

/// A script that neither its folder nor its suffix tells, or that takes no extra path.
fn single_script(
    plan: &Plan<'_>,
    script: &PlannedScript,
    sheet: &mut Sheet,
) -> Result<(), WriteError> {
    let url = escaped(&script.url);
    sheet.line("");
    if !script.takes_extra_path {
        sheet.line(&format!(
            "location ~ {} {{ return 404; }}",
            expression(Host::Nginx, "a URL", &format!("^{url}/"))?
        ));
    }
    let (file, name) = (word("a path", &script.file)?, word("a URL", &script.url)?);
    run(
        plan,
        &format!("^{url}(?<cgi_extra>/.*)?$"),
        &file,
        &name,
        sheet,
    )
}

fn file_alias(plan: &Plan<'_>, alias: &Alias, sheet: &mut Sheet) -> Result<(), WriteError> {
    let (file, name) = (word("a path", &alias.folder)?, word("a URL", &alias.url)?);
    if alias.runs_scripts {
        let pattern = format!("^{}(?<cgi_extra>/.*)?$", escaped(&alias.url));
        return run(plan, &pattern, &file, &name, sheet);
    }
    sheet.line(&format!("location = {name} {{ alias {file}; }}"));
    Ok(())
}

/// Dot-files, the configuration and saved requests are 404, copies of scripts 403. After the scripts, whose extra
/// path may hold anything.
fn private(plan: &Plan<'_>) -> Result<Vec<String>, WriteError> {
    let suffixes: Vec<String> = plan.suffixes_anywhere().into_iter().map(escaped).collect();
    let hidden = format!("/{}", private_names());
    let copies = format!(
        "\\.(?i:{})(?:~|\\.(?:bak|orig|old|save|swp|tmp))$",
        suffixes.join("|")
    );
    let line = |pattern: &str, status: u16| {
        let pattern = expression(Host::Nginx, "a URL", pattern)?;
        Ok(format!("location ~ {pattern} {{ return {status}; }}"))
    };
    Ok(vec![line(&hidden, 404)?, line(&copies, 403)?])
}

pub(super) fn word(what: &'static str, text: &str) -> Result<String, WriteError> {
    quoted(Host::Nginx, what, text)
}
