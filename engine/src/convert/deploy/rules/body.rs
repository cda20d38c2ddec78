//! The command line and the request body (part A3).

use super::super::Severity::{Differs, Note};
use super::super::case::Script;
use super::super::source::{Line, has_word};
use super::{GENERAL, Rule, on};
use crate::convert::Host::{Apache, Caddy, Lighttpd, Nginx};

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: Some(51),
        title: "words of the query on the command line",
        here: "a query without = becomes arguments of the script, for GET and HEAD",
        there: &[
            on(
                &[Lighttpd, Nginx, Caddy],
                Differs,
                "scripts never get arguments",
                "read QUERY_STRING instead",
            ),
            on(
                &[Apache],
                Note,
                "so do requests of other methods",
                "look at REQUEST_METHOD before the arguments",
            ),
        ],
        touches: |case| case.lines_of(reads_arguments),
    },
    Rule {
        row: Some(58),
        title: "uploads without a length (chunked)",
        here: "CONTENT_LENGTH is counted",
        there: &[on(
            &[Apache],
            Note,
            "CONTENT_LENGTH is not set, although there is a body",
            "nothing for browsers, which tell the length; for other clients read to the end of the input when it is missing",
        )],
        touches: |case| case.reading(&["CONTENT_LENGTH"]),
    },
    Rule {
        row: Some(62),
        title: "GET with a body",
        here: "the script gets it",
        there: &[on(
            &[Lighttpd],
            Note,
            "the request is 400",
            "use POST for what has a body",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(63),
        title: "POST without a length (HTTP/1.0)",
        here: "the script runs with empty input",
        there: &[on(&[Lighttpd], Note, "the request is 411", "send a length")],
        touches: GENERAL,
    },
    Rule {
        row: Some(64),
        title: "the largest request body",
        here: "it is limits.request_body_bytes",
        there: &[
            on(
                &[Nginx],
                Note,
                "nginx allows 1 MB by default; the written configuration says the same as the site",
                "keep the client_max_body_size of the written configuration",
            ),
            on(
                &[Apache, Lighttpd, Caddy],
                Note,
                "there is another limit or none by default; the written configuration says the same as the site",
                "keep the limit of the written configuration",
            ),
        ],
        touches: GENERAL,
    },
];

/// Python's, Perl's, PHP's, Ruby's and the shell's ways to the arguments.
fn reads_arguments(script: &Script, line: &Line) -> bool {
    let text = line.text.as_str();
    let named =
        ["sys.argv", "ARGV"].iter().any(|word| has_word(text, word)) || text.contains("$argv");
    let is_shell = script
        .facts
        .first_line
        .shebang
        .as_ref()
        .is_some_and(|shebang| shebang.interpreter.ends_with(b"sh"));
    // Inside of a shell function these are the function's own.
    let has_functions = || script.lines.iter().any(|line| line.text.contains("()"));
    let positional = ["$1", "${1", "$@", "$#", "\"$*\""]
        .iter()
        .any(|word| text.contains(word));
    named || is_shell && positional && !has_functions()
}
