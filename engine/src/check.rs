//! Every script of a site looked at without a server, as `check` does it: its file, its text, its interpreter's word.

use crate::diagnosis::python_word::{with_word, without_word};
use crate::diagnosis::{self, Finding};
use crate::interpreter_word::{self, Question, Remembered, Words};
use crate::message::ScriptStatus;
use crate::process::Spawner;
use crate::site::{ScriptEntry, ScriptFacts, Site};
use std::path::PathBuf;
use std::sync::Arc;

/// More scripts than this are judged without their interpreter's word, which costs a process each.
pub(crate) const MOST_ASKED: usize = 500;

/// Looks at every script of the site, in the order of their names; `progress` is told how many are done of how many.
///
/// # Errors
/// The system has no room for a thread or a reactor.
pub fn check(
    spawner: &Spawner,
    site: &Site,
    mut progress: impl FnMut(usize, usize),
) -> std::io::Result<Vec<ScriptStatus>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let words = Words::default();
    let entries = site.scripts();
    let many = entries.len();
    let look = |(index, entry): (usize, ScriptEntry)| {
        let facts = Arc::new(site.script_facts(&entry.path));
        if index < MOST_ASKED {
            runtime.block_on(ask(spawner, site, &words, &facts));
        }
        progress(index + 1, many);
        status(site, entry, facts, &words)
    };
    Ok(entries.into_iter().enumerate().map(look).collect())
}

/// Asks the script's interpreter, unless it has answered already. True: there is an answer that was not there.
pub(crate) async fn ask(
    spawner: &Spawner,
    site: &Site,
    words: &Words,
    script: &ScriptFacts,
) -> bool {
    let Some(interpreter) = interpreter_word::interpreter_of(script, &site.root) else {
        return false;
    };
    let question = Question::about(&interpreter, script);
    if words.get(&question).is_some() {
        return false;
    }
    let paths = python_path(site);
    let asked = interpreter_word::ask(spawner, &interpreter, script, site.config.path(), &paths);
    words.take(question, asked.await);
    true
}

/// What is known of a script, with what its interpreter has said so far.
pub(crate) fn status(
    site: &Site,
    entry: ScriptEntry,
    facts: Arc<ScriptFacts>,
    words: &Words,
) -> ScriptStatus {
    ScriptStatus {
        findings: findings(site, &facts, words).into(),
        entry,
        facts,
    }
}

fn findings(site: &Site, script: &ScriptFacts, words: &Words) -> Vec<Finding> {
    let found = diagnosis::before_run(script);
    let Some(interpreter) = interpreter_word::interpreter_of(script, &site.root) else {
        return found;
    };
    match words.get(&Question::about(&interpreter, script)) {
        Some(Remembered::Word(word)) => with_word(found, script, &interpreter, &word),
        Some(Remembered::Silence) => without_word(found, script, &interpreter),
        Some(Remembered::Unasked) | None => found,
    }
}

/// The folders of PYTHONPATH, where the site sets it for its scripts.
fn python_path(site: &Site) -> Vec<PathBuf> {
    let set = site
        .config
        .environment
        .iter()
        .find(|(name, _)| name.as_str() == "PYTHONPATH");
    set.map(|(_, value)| std::env::split_paths(value).collect())
        .unwrap_or_default()
}
