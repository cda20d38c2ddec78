//! What is wrong with the site's scripts before anybody asks for them: a line each, and only when it is news.

use std::collections::BTreeMap;

use cgi_engine::diagnosis::{Finding, Severity};
use cgi_engine::message::ScriptStatus;

use super::text;

/// More lines than this at once would push the address off the screen.
const MOST_LINES: usize = 20;

/// What was told of each script, by its name.
#[derive(Debug, Default)]
pub(crate) struct Preflight {
    told: BTreeMap<String, Vec<String>>,
}

impl Preflight {
    /// Lines for the scripts of which something else is known than last time.
    pub(crate) fn news(&mut self, scripts: &[ScriptStatus]) -> Vec<String> {
        let known = |script: &ScriptStatus| {
            (
                script.entry.name.clone(),
                lines(&script.entry.name, &script.findings),
            )
        };
        self.update(scripts.iter().map(known).collect())
    }

    fn update(&mut self, now: BTreeMap<String, Vec<String>>) -> Vec<String> {
        let mut news = Vec::new();
        for (name, lines) in &now {
            let before = self.told.get(name).map(Vec::as_slice).unwrap_or_default();
            if lines.is_empty() && !before.is_empty() {
                news.push(format!("{}: nothing wrong any more", text::visible(name)));
            } else if lines != before {
                news.extend(lines.iter().cloned());
            }
        }
        self.told = now;
        if news.len() > MOST_LINES {
            let hidden = news.len() - MOST_LINES;
            news.truncate(MOST_LINES);
            news.push(format!("… and {hidden} more"));
        }
        news
    }
}

fn lines(name: &str, findings: &[Finding]) -> Vec<String> {
    let worth_it = findings
        .iter()
        .filter(|finding| finding.severity != Severity::Note);
    let line = |finding: &Finding| {
        let (name, title) = (text::visible(name), text::visible(&finding.title));
        format!("{name}: {} {}: {title}", finding.code, finding.severity)
    };
    worth_it.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(scripts: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        scripts
            .iter()
            .map(|&(name, lines)| (name.to_owned(), owned(lines)))
            .collect()
    }

    #[test]
    fn only_news_is_told() {
        let mut preflight = Preflight::default();
        let broken = || status(&[("a", &["a: no #!"]), ("b", &[])]);
        assert_eq!(preflight.update(broken()), ["a: no #!"]);
        assert!(preflight.update(broken()).is_empty());
        assert_eq!(
            preflight.update(status(&[("a", &[]), ("b", &["b: no x"])])),
            ["a: nothing wrong any more", "b: no x"]
        );
        assert!(preflight.update(status(&[])).is_empty());
    }

    #[test]
    fn a_folder_full_of_trouble_is_told_in_a_screen() {
        let names: Vec<String> = (0..50).map(|number| format!("{number:02}")).collect();
        let now = names
            .iter()
            .map(|name| (name.clone(), vec![format!("{name}: bad")]))
            .collect();
        let news = Preflight::default().update(now);
        assert_eq!(
            (news.len(), news.last().map(String::as_str)),
            (21, Some("… and 30 more"))
        );
    }
}
