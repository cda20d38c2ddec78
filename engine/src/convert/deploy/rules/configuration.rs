//! What the configuration that is written for the host cannot say of this site.

use super::super::Severity::{Breaks, Differs};
use super::super::Touched;
use super::super::case::Case;
use super::{Rule, on};
use crate::convert::Host::{Apache, Caddy, Lighttpd, Nginx};

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: None,
        title: "a site that cannot be written down",
        here: "the configuration is in use",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Breaks,
            "a text in it has no form in the host's configuration, so none can be written",
            "rename the file, or change the rule, that is named here",
        )],
        touches: |case| case.whole_site(case.written.clone().err()),
    },
    Rule {
        row: None,
        title: "access that the host cannot ask for",
        here: "the rule decides who may have it",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Breaks,
            "the written configuration lets nobody in where the host cannot ask",
            "look for LEFT OUT in the written configuration, and say it in the host's own words",
        )],
        touches: |case| left_out(case, is_closed),
    },
    Rule {
        row: None,
        title: "settings that the host does not have",
        here: "cgi-studio.toml says it",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "the written configuration leaves it out",
            "look for LEFT OUT in the written configuration",
        )],
        touches: |case| left_out(case, |what| !is_closed(what) && !is_told_elsewhere(what)),
    },
];

fn left_out(case: &Case<'_>, wanted: impl Fn(&str) -> bool) -> Vec<Touched> {
    let left_out = case.written.iter().flatten();
    let wanted = left_out.filter(|what| wanted(what));
    wanted
        .flat_map(|what| case.whole_site(Some(what.clone())))
        .collect()
}

/// Where a host cannot ask, nobody may: the words are those of the writers.
fn is_closed(what: &str) -> bool {
    what.contains("speaks against access") || what.contains("closed until")
}

/// Mapped interpreters have rules of their own, which look at the files.
fn is_told_elsewhere(what: &str) -> bool {
    what.contains("#! line")
}
