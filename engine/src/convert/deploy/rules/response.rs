//! What becomes of a script's output: fields, redirects, NPH (parts A4 and A5).

use super::super::Severity::{Breaks, Differs, Note};
use super::super::case::Script;
use super::super::source::{Line, printed_field};
use super::{GENERAL, Rule, on};
use crate::convert::Host::{Apache, Caddy, Lighttpd, Nginx};
use crate::site::Strictness;

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: Some(68),
        title: "long response fields",
        here: "a line may have 64 KiB",
        there: &[
            on(
                &[Caddy],
                Note,
                "a line of more than 1 KiB is 500",
                "keep cookies and redirects short",
            ),
            on(
                &[Apache, Nginx],
                Note,
                "a line of more than some 4 to 8 KiB fails the request",
                "keep cookies and redirects short",
            ),
        ],
        touches: GENERAL,
    },
    Rule {
        row: Some(78),
        title: "mistakes that are forgiven here",
        here: "options.strictness is lenient, so output with broken or missing fields is served with a warning",
        there: &[
            on(
                &[Apache, Nginx, Caddy],
                Differs,
                "a broken header is 500 or 502",
                "set options.strictness to \"strict\" and mend what then fails",
            ),
            on(
                &[Lighttpd],
                Differs,
                "some mistakes are 500 or 502, others show the header as a page",
                "set options.strictness to \"strict\" and mend what then fails",
            ),
        ],
        touches: |case| {
            let config = &case.site.config;
            let scopes = config.scopes.iter().filter_map(|scope| scope.strictness);
            let lenient = scopes
                .chain([config.options.strictness])
                .any(|strictness| strictness == Strictness::Lenient);
            case.whole_site(lenient.then(|| "strictness = \"lenient\"".to_owned()))
        },
    },
    Rule {
        row: Some(79),
        title: "the phrase of a Status",
        here: "it is sent as the script wrote it",
        there: &[on(
            &[Lighttpd, Caddy],
            Note,
            "the standard phrase is sent",
            "put what people should read into the page",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(83),
        title: "status in small letters",
        here: "field names are taken in any letter case",
        there: &[on(
            &[Caddy],
            Breaks,
            "only Status is known: the answer is 200 and the field is sent to the client",
            "write Status with a capital S",
        )],
        touches: |case| {
            case.lines(|line| printed_field(line, "Status").is_some() && !line.contains("Status:"))
        },
    },
    Rule {
        row: Some(87),
        title: "a Content-Length of the script's own",
        here: "the whole output is sent, whatever the field says",
        there: &[
            on(
                &[Lighttpd, Nginx],
                Note,
                "output beyond that length is cut off, and a length that is too great makes the client wait",
                "leave Content-Length to the host, or count bytes, not characters",
            ),
            on(
                &[Caddy],
                Note,
                "a length that is too small ends the script with an error",
                "leave Content-Length to the host, or count bytes, not characters",
            ),
        ],
        touches: |case| case.printing(&["Content-Length"]),
    },
    Rule {
        row: Some(91),
        title: "Date and Server of the script's own",
        here: "the studio's are sent",
        there: &[on(
            &[Lighttpd, Caddy],
            Note,
            "the script's are sent",
            "leave them to the host",
        )],
        touches: |case| case.printing(&["Date", "Server"]),
    },
    Rule {
        row: Some(95),
        title: "local redirects",
        here: "a Location that is a path, and nothing else, is answered with the page at that path",
        there: &[
            on(
                &[Lighttpd],
                Note,
                "this is off by default; the written configuration turns it on",
                "keep the cgi.local-redir of the written configuration",
            ),
            on(
                &[Nginx, Caddy],
                Differs,
                "the client is sent there (302): the address changes, and it costs a second request",
                "make it a redirect for the client on purpose, with Status: 303 See Other, or produce the page itself",
            ),
        ],
        touches: |case| case.lines_of(redirects_locally),
    },
    Rule {
        row: Some(100),
        title: "a Location that starts with //",
        here: "the client is sent to that host",
        there: &[on(
            &[Apache, Lighttpd],
            Breaks,
            "it is taken for a path of this site: 404",
            "write the scheme too, as in https://host/path",
        )],
        touches: |case| {
            case.lines(|line| {
                printed_field(line, "Location").is_some_and(|value| value.starts_with("//"))
            })
        },
    },
    Rule {
        row: Some(106),
        title: "scripts whose name starts with nph-",
        here: "their output goes to the client byte by byte",
        there: &[
            on(
                &[Nginx],
                Breaks,
                "there is no such thing: the status line is an invalid header, 502",
                "print a CGI header with Status: instead, and drop the nph- of the name",
            ),
            on(
                &[Caddy],
                Breaks,
                "there is no such thing: the status line is skipped and the status lost",
                "print a CGI header with Status: instead, and drop the nph- of the name",
            ),
            on(
                &[Lighttpd],
                Differs,
                "the output is parsed and framed anew",
                "print a CGI header with Status: instead, and drop the nph- of the name",
            ),
        ],
        touches: |case| {
            case.files(|script| {
                script
                    .name()
                    .starts_with(b"nph-")
                    .then(|| "its name starts with nph-".to_owned())
            })
        },
    },
    Rule {
        row: Some(108),
        title: "output that starts with HTTP/1.1 200",
        here: "it is 500, with the advice to use Status",
        there: &[on(
            &[Lighttpd],
            Note,
            "it is accepted",
            "do not get used to it: other hosts refuse it",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(111),
        title: "Last-Modified of a script",
        here: "the script decides alone what it answers",
        there: &[on(
            &[Apache],
            Note,
            "a client that has the page already gets 304 without it",
            "print Status: 200 OK where the page must be sent in any case",
        )],
        touches: |case| case.printing(&["Last-Modified"]),
    },
];

/// A path, or an expression that goes on as one, and no status that makes it a client redirect.
fn redirects_locally(script: &Script, line: &Line) -> bool {
    let Some(target) = printed_field(&line.text, "Location") else {
        return false;
    };
    let path = target.starts_with('/') && !target.starts_with("//");
    let built = target.starts_with(['{', '$']) && target.contains('/') && !target.contains("://");
    (path || built) && !script.prints_redirect_status_near(line)
}
