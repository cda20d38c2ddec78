//! Handlers and what has to do with them: which files are scripts, and which scripts show others.

use super::notes::Notes;
use super::says::Says;
use super::section::lower;
use super::tree::Directive;

/// Takes a directive; `false` when it is about something else.
pub(super) fn take(directive: &Directive, says: &mut Says, notes: &mut Notes) -> bool {
    match directive.key.as_str() {
        "addhandler" | "removehandler" => handlers(directive, says, notes),
        "sethandler" => set_handler(directive, says, notes),
        "addtype" => add_type(directive, says, notes),
        "action" => action(directive, says, notes),
        "script" => method_script(directive, says, notes),
        "addoutputfilter" | "addoutputfilterbytype" | "setoutputfilter" => {
            output_filter(directive, notes);
        }
        _ => return false,
    }
    true
}

fn handlers(directive: &Directive, says: &mut Says, notes: &mut Notes) {
    let removes = directive.key == "removehandler";
    let handler = (!removes).then(|| lower(directive, 0));
    for suffix in suffixes(directive, usize::from(!removes)) {
        says.handlers.insert(suffix, handler.clone());
    }
    match handler.as_deref() {
        Some("cgi-script") | None => notes.taken(directive, ""),
        Some("type-map") => notes.harmless(
            directive,
            "no content negotiation here: type maps are sent as they are",
        ),
        Some(handler) => foreign_handler(directive, notes, handler),
    }
}

/// The suffixes from that word on; what no file's name can end in is nothing to httpd, too.
fn suffixes(directive: &Directive, first: usize) -> impl Iterator<Item = String> {
    let words = directive.words.iter().skip(first);
    let names = words.map(|word| word.trim_start_matches('.').to_ascii_lowercase());
    names
        .filter(|name| !name.is_empty() && !name.contains('/'))
        .map(|name| format!(".{name}"))
}

fn set_handler(directive: &Directive, says: &mut Says, notes: &mut Notes) {
    let handler = lower(directive, 0);
    match handler.as_str() {
        "cgi-script" | "none" | "default-handler" => notes.taken(directive, ""),
        "server-status" | "server-info" | "ldap-status" | "balancer-manager" => {
            notes.harmless(
                directive,
                "a page of Apache about itself; here the window shows every request",
            );
            return;
        }
        other if is_of_action(other) => notes.not_taken(
            directive,
            format!("an Action for {other} is asked only for the files of an AddHandler here; name their suffixes in `actions` of this scope"),
        ),
        other => foreign_handler(directive, notes, other),
    }
    says.set_handler = Some(handler);
}

/// Neither a program behind Apache nor a part of it: an Action may define it.
fn is_of_action(handler: &str) -> bool {
    let is_program = handler.starts_with("proxy:") || handler.starts_with("application/x-httpd-");
    !is_program && !is_module_handler(handler)
}

/// With an Action the handler is a script of the site; the sections are laid together later.
fn foreign_handler(directive: &Directive, notes: &mut Notes, handler: &str) {
    if handler.starts_with("proxy:") || handler.starts_with("application/x-httpd-") {
        notes.not_taken(
            directive,
            "another program than a CGI script answers there; here such files are scripts only by `suffixes` and `interpreters`",
        );
    } else if is_module_handler(handler) {
        notes.not_taken(
            directive,
            format!("a part of Apache, {handler}, answers there; here nothing does"),
        );
    } else {
        notes.taken(
            directive,
            format!("an Action for {handler} makes use of it"),
        );
    }
}

fn add_type(directive: &Directive, says: &mut Says, notes: &mut Notes) {
    let media_type = lower(directive, 0);
    if media_type == "application/x-httpd-cgi" {
        for suffix in suffixes(directive, 1) {
            says.handlers.insert(suffix, Some("cgi-script".to_owned()));
        }
        notes.taken(directive, "");
    } else if media_type.starts_with("application/x-httpd-") {
        notes.not_taken(
            directive,
            "an interpreter inside of Apache answers there; here such files are scripts only by `suffixes` and `interpreters`",
        );
    } else {
        notes.harmless(
            directive,
            "media types of plain files; this studio tells them by the suffix",
        );
    }
}

fn action(directive: &Directive, says: &mut Says, notes: &mut Notes) {
    let (Some(name), Some(script)) = (directive.word(0), directive.word(1)) else {
        notes.not_taken(
            directive,
            "a handler and a script are wanted; Apache does not start with it",
        );
        return;
    };
    says.actions
        .insert(name.to_ascii_lowercase(), script.to_owned());
    if directive.word(2).is_some() {
        notes.partly(
            directive,
            "`virtual` is not taken: the file has to exist for the script to be asked",
        );
    } else {
        notes.taken(directive, "");
    }
}

fn method_script(directive: &Directive, says: &mut Says, notes: &mut Notes) {
    let (Some(method), Some(script)) = (directive.word(0), directive.word(1)) else {
        notes.not_taken(
            directive,
            "a method and a script are wanted; Apache does not start with it",
        );
        return;
    };
    says.plain
        .method_scripts
        .insert(method.to_owned(), script.to_owned());
    notes.taken(directive, "");
}

fn output_filter(directive: &Directive, notes: &mut Notes) {
    let filters = directive.word(0).unwrap_or_default().split(';');
    let compresses = |filter: &str| {
        ["DEFLATE", "BROTLI_COMPRESS"]
            .iter()
            .any(|name| filter.eq_ignore_ascii_case(name))
    };
    if filters.into_iter().all(compresses) {
        notes.harmless(
            directive,
            "responses are not compressed here; their content is the same",
        );
    } else {
        notes.not_taken(
            directive,
            "responses pass no filters here: what scripts write is sent as it is",
        );
    }
}

fn is_module_handler(handler: &str) -> bool {
    matches!(
        handler,
        "send-as-is"
            | "imap-file"
            | "type-map"
            | "server-parsed"
            | "fcgid-script"
            | "wsgi-script"
            | "perl-script"
            | "lua-script"
            | "php-script"
    )
}
