//! The meta-variables and the process environment (part A2).

use std::path::Path;

use super::super::Severity::{Differs, Note};
use super::super::case::Script;
use super::{GENERAL, Rule, on};
use crate::convert::Host::{self, Apache, Caddy, Lighttpd, Nginx};
use crate::site::script::InterpreterState;

/// What the service files of Debian give a server, and Apache and Caddy hand down.
const SERVER_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: Some(22),
        title: "the Authorization field is withheld",
        here: "scripts do not see it (options.pass_authorization is off)",
        there: &[on(
            &[Lighttpd, Nginx, Caddy],
            Note,
            "scripts get it by default, password and all; the written configuration withholds it",
            "keep those lines of the written configuration",
        )],
        touches: |case| case.reading_authorization(false),
    },
    Rule {
        row: Some(22),
        title: "the Authorization field is passed",
        here: "scripts see it (options.pass_authorization)",
        there: &[on(
            &[Apache],
            Note,
            "it is withheld by default; the written configuration passes it",
            "keep CGIPassAuth On",
        )],
        touches: |case| case.reading_authorization(true),
    },
    Rule {
        row: Some(21),
        title: "AUTH_TYPE",
        here: "it is Basic after a login",
        there: &[on(
            &[Caddy],
            Differs,
            "it is never set; only REMOTE_USER is",
            "ask for REMOTE_USER instead",
        )],
        touches: |case| match case
            .site
            .config
            .scopes
            .iter()
            .any(|scope| scope.authentication.is_some())
        {
            true => case.reading(&["AUTH_TYPE"]),
            false => Vec::new(),
        },
    },
    Rule {
        row: Some(23),
        title: "the request field Proxy (httpoxy)",
        here: "it is dropped",
        there: &[on(
            &[Nginx],
            Note,
            "it becomes HTTP_PROXY, which many HTTP clients obey; the written configuration drops it",
            "keep the fastcgi_param HTTP_PROXY of the written configuration",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(24),
        title: "CONTENT_LENGTH without a body",
        here: "it is not set",
        there: &[on(
            &[Lighttpd],
            Note,
            "it is 0 for every GET",
            "treat 0 and a missing value alike",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(28),
        title: "QUERY_STRING as it was sent",
        here: "its bytes are kept",
        there: &[on(
            &[Lighttpd],
            Note,
            "escapes of ordinary letters are decoded (%6f becomes o)",
            "decode before comparing; do not sign the raw text",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(31),
        title: "REMOTE_HOST",
        here: "it is the client's address",
        there: &[
            on(
                &[Apache],
                Differs,
                "it is not set, unless HostnameLookups is on",
                "read it with a default, or read REMOTE_ADDR",
            ),
            on(
                &[Lighttpd],
                Differs,
                "it is not set",
                "read it with a default, or read REMOTE_ADDR",
            ),
        ],
        touches: |case| case.reading(&["REMOTE_HOST"]),
    },
    Rule {
        row: Some(33),
        title: "methods",
        here: "a script gets any method",
        there: &[on(
            &[Lighttpd],
            Note,
            "a method that lighttpd does not know is 501",
            "keep to the registered methods",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(36),
        title: "SERVER_PORT",
        here: "it is the port that the request came in on",
        there: &[on(
            &[Apache, Caddy],
            Note,
            "it is the port of the Host field, which the client chooses",
            "do not base a decision of trust on it",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(37),
        title: "SERVER_PROTOCOL",
        here: "it is the request's",
        there: &[on(
            &[Caddy],
            Note,
            "it is always HTTP/1.1",
            "do not base the answer on it",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(40),
        title: "DOCUMENT_ROOT",
        here: "it is set",
        there: &[on(
            &[Caddy],
            Note,
            "the plugin does not set it; the written configuration does",
            "keep the env of the written configuration",
        )],
        touches: |case| case.reading(&["DOCUMENT_ROOT"]),
    },
    Rule {
        row: Some(41),
        title: "REQUEST_SCHEME",
        here: "it is set",
        there: &[on(
            &[Caddy],
            Differs,
            "it is not set; only HTTPS is, to on",
            "ask for HTTPS instead",
        )],
        touches: |case| case.reading(&["REQUEST_SCHEME"]),
    },
    Rule {
        row: Some(42),
        title: "php-cgi and REDIRECT_STATUS",
        here: "it is set for php-cgi, which refuses to run without",
        there: &[on(
            &[Apache, Caddy],
            Note,
            "it is not set for a script with a #! line; the written configuration sets it",
            "keep the REDIRECT_STATUS of the written configuration",
        )],
        touches: |case| case.files(php_cgi),
    },
    Rule {
        row: Some(45),
        title: "several Cookie fields",
        here: "they are joined with a semicolon",
        there: &[
            on(
                &[Apache],
                Note,
                "they are joined with a comma, which spoils the second cookie",
                "nothing for browsers, which send one field; other clients should do so too",
            ),
            on(
                &[Nginx],
                Note,
                "versions before 1.23 keep only one of them",
                "nothing for browsers, which send one field; other clients should do so too",
            ),
        ],
        touches: |case| case.reading(&["HTTP_COOKIE"]),
    },
    Rule {
        row: Some(46),
        title: "request fields with an underscore or a dot",
        here: "they are dropped with a note, since they could pass for others",
        there: &[on(
            &[Lighttpd, Caddy],
            Note,
            "they reach the script",
            "do not trust HTTP_ variables that a proxy in front is to set",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(48),
        title: "empty request fields",
        here: "the variable is set and empty",
        there: &[on(
            &[Lighttpd],
            Note,
            "the variable is not set",
            "treat an empty value and a missing one alike",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(49),
        title: "where env finds the interpreter",
        here: "env looks the interpreter up on the PATH that scripts get",
        there: &[on(
            &[Lighttpd, Nginx, Caddy],
            Note,
            "the host sets no such PATH by itself; the written configuration sets it",
            "keep the PATH of the written configuration, or name the interpreter's full path in the #! line",
        )],
        touches: |case| case.files(|script| found_outside(script, case.host)),
    },
    Rule {
        row: Some(49),
        title: "the whole environment of the server",
        here: "scripts get what the request and the site say, and nothing else",
        there: &[on(
            &[Nginx],
            Note,
            "scripts inherit what fcgiwrap was started with",
            "start fcgiwrap by its service file, which gives it little",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(105),
        title: "the REDIRECT_ variables",
        here: "after a local redirect, REDIRECT_URL and REDIRECT_QUERY_STRING tell of the first request",
        there: &[on(
            &[Lighttpd, Nginx, Caddy],
            Differs,
            "they are not set (lighttpd sets REDIRECT_URI)",
            "pass what the second script needs in the query",
        )],
        touches: |case| case.reading(&["REDIRECT_URL", "REDIRECT_QUERY_STRING"]),
    },
];

fn php_cgi(script: &Script) -> Option<String> {
    let (InterpreterState::Mapped { path, .. } | InterpreterState::Shebang { path, .. }) =
        &script.facts.interpreter
    else {
        return None;
    };
    let name = path.file_name()?.to_string_lossy();
    name.starts_with("php")
        .then(|| format!("it is run by {name}"))
}

/// Where `env` found the interpreter, if the host by itself would not look there.
fn found_outside(script: &Script, host: Host) -> Option<String> {
    let InterpreterState::Shebang {
        env_found: Some(found),
        ..
    } = &script.facts.interpreter
    else {
        return None;
    };
    // Without PATH, env looks in /bin and /usr/bin (glibc's execvp).
    let path = match host {
        Lighttpd => "/bin:/usr/bin",
        Apache | Nginx | Caddy => SERVER_PATH,
    };
    let folder = found.parent()?;
    (!path.split(':').any(|known| Path::new(known) == folder))
        .then(|| format!("env finds {} here", found.display()))
}
