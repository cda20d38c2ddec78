//! The report as lines for people: one for what is fine, more for what is not.

use super::super::ink::Ink;
use super::super::text::{Detail, count, finding, visible};
use super::outcome::{Cause, Report, Tested, Verdict};
use super::time;

/// One request, as soon as it is over.
pub(super) fn one(tested: &Tested, ink: Ink) -> String {
    let name = visible(&tested.name);
    let took = ink.dim(&time(tested.took));
    match tested.verdict() {
        Verdict::Passed => {
            let expected = match &tested.cause {
                Cause::Ran { outcomes, .. } if outcomes.is_empty() => {
                    "  nothing expected, no errors"
                }
                _ => "",
            };
            format!(
                "{}  {name}  {took}{}\n",
                ink.green("ok  "),
                ink.dim(expected)
            )
        }
        Verdict::Failed | Verdict::Error => {
            let label = match tested.verdict() {
                Verdict::Error => "ERROR",
                _ => "FAIL",
            };
            let mut text = format!(
                "{}  {}  {took}\n",
                ink.red(&format!("{label:<4}")),
                ink.bold(&name)
            );
            text.push_str(&format!(
                "      {}\n",
                visible(&tested.file.to_string_lossy())
            ));
            for complaint in tested.complaints() {
                text.push_str(&format!("      {}\n", visible(&complaint)));
            }
            if let Some(headline) = tested.headline() {
                text.push_str(&finding(headline, Detail::Short, 6, ink));
            }
            text
        }
    }
}

/// The last line.
pub(super) fn end(report: &Report, ink: Ink) -> String {
    let total = report.all.len();
    if total == 0 {
        let folder = report.site.join("requests");
        let folder = visible(&folder.to_string_lossy());
        return format!(
            "No saved requests: there is no .http file in {folder}\nSave one from the composer of the window (Ctrl+N, \"Save as request…\"), or write one:\n\n  # @expect status 200\n  GET /cgi-bin/hello.py\n"
        );
    }
    let passed = report.count(Verdict::Passed);
    let took = time(report.took);
    if passed == total {
        let words = format!("{} passed", count(total, "request"));
        return format!("{} in {took}\n", ink.green(&words));
    }
    let mut parts = vec![format!("{passed} of {} passed", count(total, "request"))];
    for (verdict, word) in [
        (Verdict::Failed, "failed"),
        (Verdict::Error, "could not be run"),
    ] {
        let count = report.count(verdict);
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    format!("{} in {took}\n", ink.red(&parts.join(", ")))
}
