use super::*;
use std::os::unix::fs::{MetadataExt as _, symlink};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn journal(&self) -> Journal {
        Journal::new(self.folder.path().join("state/fixes"))
    }

    fn file(&self, name: &str, content: &str, mode: u32) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, content).unwrap();
        set_mode(&file, mode).unwrap();
        file
    }

    fn held(&self) -> usize {
        fs::read_dir(self.folder.path().join("state/fixes")).map_or(0, Iterator::count)
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_000)
}

fn rewrite(file: &Path, before: &str, after: &str) -> Fix {
    Fix {
        rule: RuleCode(7),
        label: "Convert line ends to LF".into(),
        meaning: String::new(),
        file: file.to_owned(),
        change: Change::Content {
            before: before.into(),
            after: after.into(),
        },
    }
}

#[test]
fn a_change_is_made_and_taken_back_after_a_restart_too() {
    let place = Place::new();
    let file = place.file("a.py", "old", 0o750);
    let applied = place
        .journal()
        .apply(&rewrite(&file, "old", "newer"), now())
        .unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "newer");
    assert_eq!(mode_of(&file).unwrap(), 0o750);
    let entries = place.journal().entries(place.folder.path());
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.number, entry.rule, entry.label.as_str(), entry.at))
        .collect();
    assert_eq!(
        told,
        [(applied.entry, RuleCode(7), "Convert line ends to LF", now())]
    );
    assert_eq!(place.journal().undo(applied.entry).unwrap(), file);
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    assert_eq!(mode_of(&file).unwrap(), 0o750);
    assert_eq!(place.held(), 0);
    assert!(matches!(
        place.journal().undo(applied.entry),
        Err(JournalError::Unknown { .. })
    ));
}

#[test]
fn a_mode_is_changed_and_taken_back() {
    let place = Place::new();
    let file = place.file("a.py", "x", 0o644);
    let fix = Fix {
        change: Change::Mode {
            before: 0o644,
            after: 0o755,
        },
        ..rewrite(&file, "", "")
    };
    let applied = place.journal().apply(&fix, now()).unwrap();
    assert_eq!(mode_of(&file).unwrap(), 0o755);
    place.journal().undo(applied.entry).unwrap();
    assert_eq!(mode_of(&file).unwrap(), 0o644);
}

#[test]
fn a_file_that_is_not_as_it_was_shown_is_left_alone() {
    let place = Place::new();
    let file = place.file("a.py", "old, and more", 0o644);
    let refused = place.journal().apply(&rewrite(&file, "old", "new"), now());
    assert!(matches!(refused, Err(JournalError::Changed { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), "old, and more");
    assert_eq!(place.held(), 0);
}

#[test]
fn what_was_written_after_a_fix_is_not_lost_by_taking_it_back() {
    let place = Place::new();
    let file = place.file("a.py", "old", 0o644);
    let applied = place
        .journal()
        .apply(&rewrite(&file, "old", "new"), now())
        .unwrap();
    fs::write(&file, "new and mine").unwrap();
    let refused = place.journal().undo(applied.entry);
    assert!(matches!(refused, Err(JournalError::ChangedSince { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), "new and mine");
}

#[test]
fn an_entry_of_a_change_that_a_crash_prevented_only_goes() {
    let place = Place::new();
    let file = place.file("a.py", "old", 0o644);
    let number = place
        .journal()
        .write(&rewrite(&file, "old", "new"), now())
        .unwrap();
    place.journal().undo(number).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    assert_eq!(place.held(), 0);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_changed() {
    let place = Place::new();
    let file = place.file("real.py", "old", 0o755);
    let link = place.folder.path().join("link.py");
    symlink(&file, &link).unwrap();
    place
        .journal()
        .apply(&rewrite(&link, "old", "new"), now())
        .unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o755);
}

#[test]
fn a_name_of_any_bytes_comes_back_as_it_was() {
    let place = Place::new();
    let name = OsString::from_vec(b"caf\xE9 %41\n.py".to_vec());
    let file = place.folder.path().join(name);
    fs::write(&file, "old").unwrap();
    place
        .journal()
        .apply(&rewrite(&file, "old", "new"), now())
        .unwrap();
    let entries = place.journal().entries(place.folder.path());
    assert_eq!(entries[0].file, file);
    assert!(place.journal().entries(Path::new("/other")).is_empty());
}

#[test]
fn a_file_that_is_gone_is_told_by_name() {
    let place = Place::new();
    let gone = place.folder.path().join("gone.py");
    let error = place
        .journal()
        .apply(&rewrite(&gone, "old", "new"), now())
        .unwrap_err();
    assert!(error.to_string().contains("gone.py"), "{error}");
    assert_eq!(place.held(), 0);
}

#[test]
fn the_oldest_entries_are_forgotten() {
    let place = Place::new();
    let file = place.file("a.py", "0", 0o644);
    for number in 0..MOST_ENTRIES + 3 {
        let fix = rewrite(&file, &number.to_string(), &(number + 1).to_string());
        place.journal().apply(&fix, now()).unwrap();
    }
    assert_eq!(place.held(), 2 * MOST_ENTRIES);
    assert_eq!(place.journal().entries(place.folder.path())[0].number, 203);
}

#[test]
fn a_damaged_entry_harms_no_other() {
    let place = Place::new();
    let file = place.file("a.py", "old", 0o644);
    let applied = place
        .journal()
        .apply(&rewrite(&file, "old", "new"), now())
        .unwrap();
    fs::write(place.journal().path(77, "json"), "{").unwrap();
    assert_eq!(place.journal().entries(place.folder.path()).len(), 1);
    assert!(matches!(
        place.journal().undo(77),
        Err(JournalError::Damaged { .. })
    ));
    place.journal().undo(applied.entry).unwrap();
}
