//! `deploy`: what a site will do differently on another host.

use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use cgi_engine::convert::Host;
use cgi_engine::convert::deploy::{self, Difference, Severity};
use cgi_engine::site::Site;
use serde::Serialize;

use super::Outcome;
use super::arguments::{DeployArguments, Format};
use super::ink::Ink;
use super::talk;
use super::text::{counts, visible, visible_bytes};

/// Prints the differences; those that break something make the exit code 1.
pub(crate) fn deploy(asked: &DeployArguments) -> anyhow::Result<Outcome> {
    let site = Site::open(&asked.folder)?;
    for problem in &site.problems {
        talk::warn(&visible(&problem.to_string()));
    }
    let differences = if asked.all {
        deploy::check_all(&site, asked.to)
    } else {
        deploy::check(&site, asked.to)
    };
    let report = match asked.format {
        Format::Text => report(asked.to, &differences, Ink::of_stdout()),
        Format::Json => json(asked.to, &differences)?,
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(report.as_bytes())?;
    stdout.flush()?;
    let breaks = |difference: &Difference| {
        difference.severity == Severity::Breaks && !difference.touched.is_empty()
    };
    Ok(match differences.iter().any(breaks) {
        true => Outcome::Findings,
        false => Outcome::Fine,
    })
}

fn report(host: Host, differences: &[Difference], ink: Ink) -> String {
    let mut report = String::new();
    let (touching, general): (Vec<_>, Vec<_>) = differences
        .iter()
        .partition(|difference| !difference.touched.is_empty());
    if touching.is_empty() {
        report.push_str(&format!(
            "Nothing in this site behaves differently on {host}.\n"
        ));
    }
    for difference in touching {
        add(&mut report, difference, ink);
    }
    if !general.is_empty() {
        report.push_str(&ink.bold(&format!(
            "Good to know of {host}, though nothing in this site shows that it matters\n\n"
        )));
    }
    for difference in general {
        add(&mut report, difference, ink);
    }
    report.push_str(&summary(host, differences));
    report
}

fn add(report: &mut String, difference: &Difference, ink: Ink) {
    let word = difference.severity.name();
    let painted = match difference.severity {
        Severity::Breaks => ink.red(word),
        Severity::Differs => ink.yellow(word),
        Severity::Note => ink.dim(word),
    };
    let row = difference.row.map(|row| ink.dim(&format!("  A{row}")));
    report.push_str(&format!(
        "{painted}  {}{}\n",
        ink.bold(difference.title),
        row.unwrap_or_default()
    ));
    for (what, text) in [
        ("here", difference.here),
        ("there", difference.there),
        ("remedy", difference.remedy),
    ] {
        report.push_str(&format!("  {} {text}\n", ink.dim(&format!("{what:<6}"))));
    }
    for touched in &difference.touched {
        let place = place(&touched.path, touched.line);
        report.push_str(&format!("    {place}: {}\n", visible(&touched.evidence)));
    }
    report.push('\n');
}

fn summary(host: Host, differences: &[Difference]) -> String {
    let number = |severity| {
        let counted = |difference: &&Difference| {
            difference.severity == severity && !difference.touched.is_empty()
        };
        differences.iter().filter(counted).count()
    };
    let words = [
        (number(Severity::Breaks), "break"),
        (number(Severity::Differs), "difference"),
        (number(Severity::Note), "note"),
    ];
    let told = counts(words);
    match told.is_empty() {
        true => String::new(),
        false => format!("{told} on {host}\n"),
    }
}

fn place(path: &Path, line: Option<u32>) -> String {
    let path = visible_bytes(path.as_os_str().as_bytes());
    match line {
        Some(line) => format!("{path}:{line}"),
        None => path,
    }
}

#[derive(Serialize)]
struct JsonReport<'a> {
    host: &'a str,
    differences: Vec<JsonDifference<'a>>,
}

#[derive(Serialize)]
struct JsonDifference<'a> {
    severity: &'a str,
    row: Option<u8>,
    title: &'a str,
    here: &'a str,
    there: &'a str,
    remedy: &'a str,
    touched: Vec<JsonTouched<'a>>,
}

#[derive(Serialize)]
struct JsonTouched<'a> {
    path: String,
    line: Option<u32>,
    evidence: &'a str,
}

/// Bytes of a path that are not UTF-8 are written as `\xFF`, as everywhere.
fn json(host: Host, differences: &[Difference]) -> anyhow::Result<String> {
    let difference = |difference: &'_ Difference| JsonDifference {
        severity: difference.severity.name(),
        row: difference.row,
        title: difference.title,
        here: difference.here,
        there: difference.there,
        remedy: difference.remedy,
        touched: Vec::new(),
    };
    let mut report = JsonReport {
        host: host.name(),
        differences: differences.iter().map(difference).collect(),
    };
    for (written, told) in report.differences.iter_mut().zip(differences) {
        written.touched = told
            .touched
            .iter()
            .map(|touched| JsonTouched {
                path: visible_bytes(touched.path.as_os_str().as_bytes()),
                line: touched.line,
                evidence: &touched.evidence,
            })
            .collect();
    }
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::convert::deploy::Touched;

    fn difference(severity: Severity, touched: Vec<Touched>) -> Difference {
        Difference {
            row: Some(95),
            title: "local redirects",
            here: "they are followed",
            there: "they are not",
            severity,
            remedy: "do otherwise",
            touched,
        }
    }

    fn touched() -> Touched {
        Touched {
            path: "cgi-bin/a.py".into(),
            line: Some(3),
            evidence: "print('\x1b[2J')".to_owned(),
        }
    }

    #[test]
    fn each_difference_shows_its_place_and_commands_no_terminal() {
        let found = [
            difference(Severity::Breaks, vec![touched()]),
            difference(Severity::Note, vec![]),
        ];
        let text = report(Host::Nginx, &found, Ink::PLAIN);
        let expected = "breaks  local redirects  A95\n  here   they are followed\n  there  they are not\n  remedy do otherwise\n    cgi-bin/a.py:3: print('\\u{1b}[2J')\n\nGood to know of";
        assert!(text.starts_with(expected), "{text}");
        assert!(
            text.ends_with("\n1 break on nginx with fcgiwrap\n"),
            "{text}"
        );
    }

    #[test]
    fn a_site_without_differences_is_told_so() {
        let text = report(Host::Apache, &[], Ink::PLAIN);
        assert_eq!(
            text,
            "Nothing in this site behaves differently on Apache (mod_cgid).\n"
        );
    }

    #[test]
    fn json_holds_the_same() {
        let text = json(
            Host::Caddy,
            &[difference(Severity::Differs, vec![touched()])],
        )
        .unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["host"], "caddy");
        assert_eq!(value["differences"][0]["severity"], "differs");
        assert_eq!(value["differences"][0]["touched"][0]["line"], 3);
    }
}
