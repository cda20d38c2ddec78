//! `fix`: what can be mended for certain in the scripts of a site: shown as a diff, made, or taken back.

use std::collections::HashSet;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use cgi_engine::clock::Timestamp;
use cgi_engine::diagnosis::{self, Finding, RuleCode};
use cgi_engine::exchange::{Exchange, Origin};
use cgi_engine::fix::{Fix, Journal};
use cgi_engine::history::store::Archive;
use cgi_engine::message::ScriptStatus;
use cgi_engine::process::Spawner;
use cgi_engine::site::Site;

use super::Outcome;
use super::arguments::FixArguments;
use super::check::Progress;
use super::ink::Ink;
use super::talk;
use super::text::{visible, visible_bytes};
use crate::{fixing, recording};

/// Of so many of the newest requests those that failed are looked into.
const MOST_RUNS: usize = 2_000;
/// One fix may bring the next one to light; so many are made of one script at once.
const MOST_FIXES: usize = 20;

/// Prints what can be mended; with `--apply` it is done, with `--undo` the last one is taken back.
pub(crate) fn fix(spawner: &Spawner, asked: &FixArguments) -> anyhow::Result<Outcome> {
    let site = Site::open(&asked.folder)?;
    if asked.undo {
        return undo(&site, asked.script.as_deref());
    }
    let progress = Progress::new();
    let scripts = cgi_engine::check::check(spawner, &site, |done, all| progress.tell(done, all))?;
    progress.clear();
    let mut mending = Mending {
        site: &site,
        runs: failed_runs(&site.root),
        only: asked.code,
        journal: None,
        shown: 0,
    };
    if asked.apply {
        mending.journal = Some(fixing::journal(&site.root)?);
    }
    for script in chosen(&scripts, &site, asked.script.as_deref())? {
        mending.script(script)?;
    }
    Ok(mending.summary())
}

/// All scripts, or the one that was named by its name, its file's name or its path.
fn chosen<'s>(
    scripts: &'s [ScriptStatus],
    site: &Site,
    named: Option<&Path>,
) -> anyhow::Result<Vec<&'s ScriptStatus>> {
    let Some(named) = named else {
        return Ok(scripts.iter().collect());
    };
    let file = named.canonicalize().ok();
    let found: Vec<_> = scripts
        .iter()
        .filter(|script| {
            let path = script.entry.path.as_path();
            path == site.root.join(named)
                || path
                    .canonicalize()
                    .ok()
                    .is_some_and(|path| Some(path) == file)
                || path.file_name() == Some(named.as_os_str())
        })
        .collect();
    match found.as_slice() {
        [] => anyhow::bail!("the site has no such script: {named:?}"),
        [_] => Ok(found),
        several => anyhow::bail!(
            "{} scripts have that name; give the path of one: {named:?}",
            several.len()
        ),
    }
}

/// The newest run of each script, if it failed: what is wrong often shows only then.
fn failed_runs(root: &Path) -> Vec<Exchange> {
    let archive = recording::state_folder().and_then(|state| Archive::open(&state, root).ok()?);
    let Some(archive) = archive else {
        return Vec::new();
    };
    let mut seen = HashSet::new();
    let mut runs = Vec::new();
    // What cannot be read cannot be mended by it; the look at the files is there all the same.
    for row in archive.rows().take(MOST_RUNS).flatten() {
        if seen.insert(row.name.clone())
            && row.has_failed()
            && let Ok(Some(exchange)) = archive.exchange(row.id)
            && !matches!(exchange.origin, Origin::Imported { .. })
        {
            runs.push(exchange);
        }
    }
    runs
}

struct Mending<'m> {
    site: &'m Site,
    runs: Vec<Exchange>,
    only: Option<RuleCode>,
    /// None: nothing is changed.
    journal: Option<Journal>,
    shown: usize,
}

impl Mending<'_> {
    fn script(&mut self, script: &ScriptStatus) -> anyhow::Result<()> {
        let mut findings: Vec<Finding> = script.findings.to_vec();
        let mut facts = self.site.script_facts(&script.entry.path);
        let of_this = |run: &&Exchange| {
            run.invocation()
                .is_some_and(|run| run.script.path == facts.path && run.script.hash == facts.hash)
        };
        findings.extend(
            self.runs
                .iter()
                .find(of_this)
                .map(diagnosis::after_run)
                .unwrap_or_default(),
        );
        let mut told: HashSet<(RuleCode, String)> = HashSet::new();
        for _ in 0..MOST_FIXES {
            let fixes: Vec<Fix> = findings
                .iter()
                .filter(|finding| self.only.is_none_or(|only| only == finding.code))
                .flat_map(|finding| fixing::fixes(self.site, finding, &facts))
                .filter(|fix| told.insert((fix.rule, fix.label.clone())))
                .collect();
            let Some(journal) = &self.journal else {
                for fix in &fixes {
                    self.shown += 1;
                    show(&script.entry.name, fix)?;
                }
                return Ok(());
            };
            let Some(fix) = fixes.first() else {
                return Ok(());
            };
            // The others are made of the file as it is afterwards.
            for other in fixes.iter().skip(1) {
                told.remove(&(other.rule, other.label.clone()));
            }
            journal.apply(fix, Timestamp::now())?;
            self.shown += 1;
            show(&script.entry.name, fix)?;
            facts = self.site.script_facts(&script.entry.path);
            findings = diagnosis::before_run(&facts);
        }
        Ok(())
    }

    fn summary(&self) -> Outcome {
        let fixes = match self.shown {
            1 => "1 fix".to_owned(),
            many => format!("{many} fixes"),
        };
        match (self.shown, &self.journal) {
            (0, _) => {
                talk::say("nothing that can be mended for certain");
                Outcome::Fine
            }
            (_, Some(_)) => {
                talk::say(&format!("{fixes} made; --undo takes the last one back"));
                Outcome::Fine
            }
            (_, None) => {
                talk::say(&format!("{fixes}; nothing was changed, --apply does it"));
                Outcome::Findings
            }
        }
    }
}

/// Why, what, and the diff: patch(1) passes over the first two.
fn show(name: &str, fix: &Fix) -> io::Result<()> {
    let ink = Ink::of_stdout();
    let mut text = format!(
        "{} {}: {}\n{}\n",
        fix.rule,
        visible(name),
        ink.bold(&visible(&fix.label)),
        visible(&fix.meaning)
    )
    .into_bytes();
    let diff = fixing::diff(fix, name);
    if io::stdout().is_terminal() {
        for line in diff.split_inclusive(|&byte| byte == b'\n') {
            text.extend(painted(line, ink).into_bytes());
        }
    } else {
        text.extend(diff);
    }
    text.push(b'\n');
    io::stdout().lock().write_all(&text)
}

fn painted(line: &[u8], ink: Ink) -> String {
    let text = visible_bytes(line.strip_suffix(b"\n").unwrap_or(line));
    let text = match line.first() {
        Some(b'+') => ink.green(&text),
        Some(b'-') => ink.red(&text),
        Some(b'@') => ink.dim(&text),
        _ => text,
    };
    format!("{text}\n")
}

fn undo(site: &Site, script: Option<&Path>) -> anyhow::Result<Outcome> {
    let journal = fixing::journal(&site.root)?;
    let is_meant = |file: &Path| {
        script.is_none_or(|script| {
            let named: PathBuf = site.root.join(script);
            file == named
                || file.file_name() == Some(script.as_os_str())
                || script.canonicalize().is_ok_and(|script| script == file)
        })
    };
    let newest = fixing::entries(&journal)
        .into_iter()
        .find(|entry| is_meant(&entry.file));
    let Some(entry) = newest else {
        anyhow::bail!("there is no fix to take back");
    };
    let file = journal.undo(entry.number)?;
    let name = file.strip_prefix(&site.root).unwrap_or(&file);
    talk::say(&format!(
        "{} is again as it was before: {}",
        visible(&name.to_string_lossy()),
        visible(&entry.label)
    ));
    Ok(Outcome::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_diff_commands_no_terminal() {
        assert_eq!(painted(b"+\x1b[2J\n", Ink::PLAIN), "+\\u{1b}[2J\n");
        assert_eq!(painted(b" a\xFF", Ink::PLAIN), " a\\xFF\n");
    }
}
