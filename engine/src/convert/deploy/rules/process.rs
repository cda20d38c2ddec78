//! The process: streams, time, how it ends (part A6).

use super::super::Severity::{Differs, Note};
use super::{GENERAL, Rule, on};
use crate::convert::Host::{Apache, Caddy, Lighttpd, Nginx};
use crate::site::config::LimitsConfig;

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: Some(112),
        title: "the working directory",
        here: "scripts start in their own folder",
        there: &[on(
            &[Caddy],
            Note,
            "the plugin's documentation promises only the server's own; the written configuration says dir",
            "keep the dir of the written configuration",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(114),
        title: "standard error",
        here: "it is shown with the request it belongs to",
        there: &[
            on(
                &[Apache],
                Note,
                "it is in the error log, /var/log/apache2/error.log",
                "look there, or let the script write a log of its own",
            ),
            on(
                &[Lighttpd],
                Note,
                "it is in server.breakagelog, or in the error log",
                "look there, or let the script write a log of its own",
            ),
            on(
                &[Nginx],
                Note,
                "it is in the error log, /var/log/nginx/error.log",
                "look there, or let the script write a log of its own",
            ),
            on(
                &[Caddy],
                Note,
                "it is in Caddy's log when the script has ended",
                "look there, or let the script write a log of its own",
            ),
        ],
        touches: GENERAL,
    },
    Rule {
        row: Some(118),
        title: "a crash in the middle of a page",
        here: "the connection ends without a clean end, so the client knows",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Note,
            "the half page looks whole",
            "end the page with something that can be checked",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(121),
        title: "output bit by bit",
        here: "each piece is sent at once",
        there: &[
            on(
                &[Lighttpd, Nginx],
                Note,
                "output is collected by default; the written configuration passes it on at once",
                "keep the streaming of the written configuration",
            ),
            on(
                &[Caddy],
                Note,
                "output is collected by default; the written configuration has unbuffered_output",
                "keep the unbuffered_output of the written configuration",
            ),
        ],
        touches: |case| {
            case.lines(|line| {
                [
                    "flush=True",
                    ".flush()",
                    "$| = 1",
                    "$|=1",
                    "$|++",
                    "autoflush",
                    "text/event-stream",
                ]
                .iter()
                .any(|sign| line.contains(sign))
            })
        },
    },
    Rule {
        row: Some(122),
        title: "a limit on silence",
        here: "limits.time_seconds ends a script that is silent for longer",
        there: &[on(
            &[Caddy],
            Differs,
            "there is no limit at all",
            "let the script end itself, for instance with timeout(1) or alarm(2)",
        )],
        touches: |case| {
            let limits = &case.site.config.limits;
            let chosen = limits.time_seconds != LimitsConfig::default().time_seconds;
            let limit = limits.time_limit().filter(|_| chosen);
            case.whole_site(limit.map(|limit| format!("time_seconds = {}", limit.as_secs_f64())))
        },
    },
    Rule {
        row: Some(123),
        title: "a client that hangs up",
        here: "the script is ended after limits.grace_seconds",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Note,
            "the script runs on, at least until it writes again",
            "do not rely on being ended, nor on running on",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(124),
        title: "how a script is ended",
        here: "TERM, two seconds, KILL, for the whole group",
        there: &[
            on(
                &[Lighttpd],
                Note,
                "TERM only, so a script that ignores it stays",
                "do not ignore TERM",
            ),
            on(
                &[Caddy],
                Note,
                "KILL at once, and children stay",
                "do not rely on cleaning up",
            ),
        ],
        touches: GENERAL,
    },
];
