//! Fixes as they are offered, made and taken back: what the command line and the window do alike.

use std::path::{Path, PathBuf};

use cgi_engine::compare::unified;
use cgi_engine::diagnosis::Finding;
use cgi_engine::fix::{self, Change, Entry, Fix, Journal};
use cgi_engine::history::store::{StoreError, site_folder};
use cgi_engine::site::Site;
use cgi_engine::site::interpreters::find_interpreters;
use cgi_engine::site::script::ScriptFacts;

use crate::recording;

/// Where the journal is in the site's folder of the user's state.
const FOLDER: &str = "fixes";

/// There is no place to note what was changed, so nothing is changed.
#[derive(Debug, thiserror::Error)]
pub enum NoJournal {
    /// The user has no folder for state.
    #[error("there is no folder to note fixes in: neither HOME nor XDG_STATE_HOME is set")]
    Homeless,
    /// It cannot be used.
    #[error(transparent)]
    Folder(#[from] StoreError),
}

/// The site's folder in the user's state.
///
/// # Errors
/// There is none, or it cannot be made.
pub fn state_of(root: &Path) -> Result<PathBuf, NoJournal> {
    let state = recording::state_folder().ok_or(NoJournal::Homeless)?;
    Ok(site_folder(&state, root)?)
}

/// The journal of what was fixed in the site at `root`.
///
/// # Errors
/// There is no folder for it.
pub fn journal(root: &Path) -> Result<Journal, NoJournal> {
    Ok(Journal::new(state_of(root)?.join(FOLDER)))
}

/// What can be taken back, the newest first.
#[must_use]
pub fn entries(journal: &Journal) -> Vec<Entry> {
    // A site that has moved has no file any more where it was changed then.
    let all = journal.entries(Path::new("/"));
    all.into_iter()
        .filter(|entry| entry.file.exists())
        .collect()
}

/// The fixes of a finding, with the interpreters that the site's scripts have.
#[must_use]
pub fn fixes(site: &Site, finding: &Finding, script: &ScriptFacts) -> Vec<Fix> {
    let interpreters = find_interpreters(site.config.path());
    fix::fixes(finding, script, &interpreters)
}

/// The change as a unified diff; a mode as git writes it.
#[must_use]
pub fn diff(fix: &Fix, name: &str) -> Vec<u8> {
    match &fix.change {
        Change::Mode { before, after } => {
            format!("--- {name}\n+++ {name}\nold mode 100{before:03o}\nnew mode 100{after:03o}\n")
                .into_bytes()
        }
        Change::Content { before, after } => unified(name.as_bytes(), before, after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::diagnosis::RuleCode;

    #[track_caller]
    fn check(change: Change, expected: &str) {
        let fix = Fix {
            rule: RuleCode(1),
            label: String::new(),
            meaning: String::new(),
            file: "/site/a.py".into(),
            change,
        };
        let text = diff(&fix, "a.py");
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn a_change_is_told_as_a_diff() {
        check(
            Change::Content {
                before: b"a\nb\n".into(),
                after: b"#!\na\nb\n".into(),
            },
            "--- a.py\n+++ a.py\n@@ -1,2 +1,3 @@\n+#!\n a\n b\n",
        );
        check(
            Change::Mode {
                before: 0o644,
                after: 0o755,
            },
            "--- a.py\n+++ a.py\nold mode 100644\nnew mode 100755\n",
        );
    }
}
