//! Real folders, real saves: each gives exactly one change.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::mpsc::Receiver;

use tempfile::TempDir;

use super::*;

/// Generous, since it is only used up by a failing test.
const PATIENCE: Duration = Duration::from_secs(20);

struct Watched {
    _parent: TempDir,
    root: PathBuf,
    changes: Receiver<SiteChange>,
    watcher: Watcher,
    sentinels: u32,
}

impl Watched {
    fn new(files: &[(&str, &str)], events: bool) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("site");
        fs::create_dir(&root).unwrap();
        for (name, content) in files {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        let (sender, changes) = sync_channel(10_000);
        let sink = Box::new(move |change| sender.try_send(change).unwrap());
        let ignore = ["*.log".to_owned()];
        let watcher =
            Watcher::start_with(&root, Duration::from_millis(100), &ignore, sink, events).unwrap();
        assert_eq!(watcher.polling_because().is_none(), events);
        Self {
            _parent: parent,
            root,
            changes,
            watcher,
            sentinels: 0,
        }
    }

    fn put(&self, name: &str, content: &str) {
        fs::write(self.root.join(name), content).unwrap();
    }

    #[track_caller]
    fn next(&self) -> SiteChange {
        self.changes.recv_timeout(PATIENCE).expect("no change came")
    }

    /// The next change, in short.
    #[track_caller]
    fn expect(&self, path: &str, kind: ChangeKind) -> SiteChange {
        let change = self.next();
        assert_eq!(
            (change.path.as_path(), change.kind),
            (Path::new(path), kind)
        );
        change
    }

    /// Nothing but the signs that it would have come by now: two, for two looks.
    #[track_caller]
    fn expect_nothing_more(&mut self) {
        for _ in 0..2 {
            self.sentinels += 1;
            let name = format!("sentinel-{}", self.sentinels);
            self.put(&name, "");
            self.expect(&name, ChangeKind::Created);
        }
    }
}

fn modified(added: u32, removed: u32) -> ChangeKind {
    ChangeKind::Modified {
        added_lines: Some(added),
        removed_lines: Some(removed),
    }
}

#[test]
fn a_save_is_one_change_with_its_lines_counted() {
    let mut watched = Watched::new(&[("cgi-bin/a.py", "one\ntwo\n"), ("page.html", "x")], true);
    watched.put("cgi-bin/a.py", "one\n2\nthree\n");
    let change = watched.expect("cgi-bin/a.py", modified(2, 1));
    assert!(change.is_script && change.hash.is_some());
    watched.put("page.html", "y");
    assert!(!watched.expect("page.html", modified(1, 1)).is_script);
    watched.put("new.py", "");
    assert!(watched.expect("new.py", ChangeKind::Created).is_script);
    watched.expect_nothing_more();
}

#[test]
fn a_save_without_a_change_is_none() {
    let mut watched = Watched::new(&[("a.py", "same")], true);
    watched.put("a.py", "same");
    let file = fs::File::options()
        .write(true)
        .open(watched.root.join("a.py"))
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    watched.expect_nothing_more();
}

#[test]
fn new_permissions_are_a_change() {
    let mut watched = Watched::new(&[("cgi-bin/a.py", "")], true);
    let file = watched.root.join("cgi-bin/a.py");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(
        watched
            .expect("cgi-bin/a.py", ChangeKind::ModeChanged)
            .is_script
    );
    // Content and bits at once are one save.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    watched.put("cgi-bin/a.py", "x\n");
    watched.expect("cgi-bin/a.py", modified(1, 0));
    watched.expect_nothing_more();
}

#[test]
fn every_way_editors_save_is_one_change() {
    let mut watched = Watched::new(&[("a.py", "0\n")], true);
    let at = |name: &str| watched.root.join(name);
    // Write beside, rename over: JetBrains, VS Code with atomic saves, most tools.
    fs::write(at("a.py___jb_tmp___"), "1\n").unwrap();
    fs::rename(at("a.py___jb_tmp___"), at("a.py")).unwrap();
    watched.expect("a.py", modified(1, 1));
    // Rename away, write anew, delete the backup: vim.
    fs::write(at("4913"), "").unwrap();
    fs::remove_file(at("4913")).unwrap();
    fs::rename(at("a.py"), at("a.py~")).unwrap();
    fs::write(at("a.py"), "2\n").unwrap();
    fs::remove_file(at("a.py~")).unwrap();
    watched.expect("a.py", modified(1, 1));
    // Delete, write anew.
    fs::remove_file(at("a.py")).unwrap();
    fs::write(at("a.py"), "3\n").unwrap();
    watched.expect("a.py", modified(1, 1));
    watched.expect_nothing_more();
}

#[test]
fn temporary_and_ignored_files_are_no_change() {
    let mut watched = Watched::new(&[], true);
    for name in [".a.py.swp", "a.py~", "4913", "access.log", "x.tmp"] {
        watched.put(name, "x");
    }
    fs::create_dir(watched.root.join("__pycache__")).unwrap();
    watched.put("__pycache__/a.pyc", "x");
    watched.expect_nothing_more();
}

#[test]
fn what_is_removed_is_told_once() {
    let mut watched = Watched::new(&[("a.py", ""), ("d/b.py", ""), ("d/e/c.py", "")], true);
    fs::remove_file(watched.root.join("a.py")).unwrap();
    assert_eq!(watched.expect("a.py", ChangeKind::Removed).hash, None);
    fs::remove_dir_all(watched.root.join("d")).unwrap();
    let mut removed = [watched.next(), watched.next()];
    removed.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(
        removed.each_ref().map(|change| change.path.to_str()),
        [Some("d/b.py"), Some("d/e/c.py")]
    );
    assert!(
        removed
            .iter()
            .all(|change| change.kind == ChangeKind::Removed)
    );
    watched.expect_nothing_more();
}

#[test]
fn folders_that_come_later_or_come_back_are_watched() {
    let mut watched = Watched::new(&[("d/a.py", "0\n")], true);
    fs::create_dir_all(watched.root.join("x/y/z")).unwrap();
    watched.put("x/y/z/deep.py", "0\n");
    watched.expect("x/y/z/deep.py", ChangeKind::Created);
    watched.put("x/y/z/deep.py", "1\n");
    watched.expect("x/y/z/deep.py", modified(1, 1));
    fs::remove_dir_all(watched.root.join("d")).unwrap();
    fs::create_dir(watched.root.join("d")).unwrap();
    watched.put("d/a.py", "1\n");
    watched.expect("d/a.py", modified(1, 1));
    watched.put("d/a.py", "2\n");
    watched.expect("d/a.py", modified(1, 1));
    watched.expect_nothing_more();
}

#[test]
fn a_renamed_folder_is_watched_under_its_new_name() {
    let mut watched = Watched::new(&[("d/e/a.py", "0\n")], true);
    fs::rename(watched.root.join("d"), watched.root.join("f")).unwrap();
    watched.expect("f/e/a.py", ChangeKind::Created);
    watched.expect("d/e/a.py", ChangeKind::Removed);
    watched.put("f/e/a.py", "1\n");
    watched.expect("f/e/a.py", modified(1, 1));
    watched.expect_nothing_more();
}

#[test]
fn a_folder_that_becomes_a_file_loses_its_files() {
    let mut watched = Watched::new(&[("d/a.py", "")], true);
    fs::remove_dir_all(watched.root.join("d")).unwrap();
    watched.put("d", "");
    watched.expect("d", ChangeKind::Created);
    watched.expect("d/a.py", ChangeKind::Removed);
    watched.expect_nothing_more();
}

#[test]
fn the_site_may_go_and_come_back() {
    let mut watched = Watched::new(&[("a.py", "0\n"), ("b.py", "")], true);
    let away = watched.root.with_extension("away");
    fs::rename(&watched.root, &away).unwrap();
    watched.expect("", ChangeKind::FolderGone);
    fs::rename(&away, &watched.root).unwrap();
    watched.expect("", ChangeKind::FolderBack);
    watched.put("a.py", "1\n");
    watched.expect("a.py", modified(1, 1));
    fs::remove_dir_all(&watched.root).unwrap();
    watched.expect("", ChangeKind::FolderGone);
    fs::create_dir(&watched.root).unwrap();
    watched.put("a.py", "2\n");
    watched.expect("", ChangeKind::FolderBack);
    watched.expect("a.py", modified(1, 1));
    watched.expect("b.py", ChangeKind::Removed);
    watched.put("a.py", "3\n");
    watched.expect("a.py", modified(1, 1));
    watched.expect_nothing_more();
}

#[test]
fn a_burst_is_told_file_by_file_and_once_each() {
    let mut watched = Watched::new(&[], true);
    for number in 0..2000 {
        watched.put(&format!("f{number}.py"), "");
    }
    let mut created: Vec<PathBuf> = (0..2000).map(|_| watched.next().path).collect();
    created.sort();
    created.dedup();
    assert_eq!(created.len(), 2000);
    watched.expect_nothing_more();
}

#[test]
fn the_configuration_is_a_change_of_its_own_and_says_what_scripts_are() {
    let mut watched = Watched::new(&[("a.lua", "")], true);
    watched.put("cgi-studio.toml", "[scripts]\nsuffixes = [\".lua\"]\n");
    watched.expect("cgi-studio.toml", ChangeKind::ConfigChanged);
    watched.put("a.lua", "x");
    assert!(watched.next().is_script);
    fs::remove_file(watched.root.join("cgi-studio.toml")).unwrap();
    watched.expect("cgi-studio.toml", ChangeKind::ConfigChanged);
    watched.expect_nothing_more();
}

#[test]
fn links_are_no_trap() {
    let mut watched = Watched::new(&[("a.py", "0\n")], true);
    symlink(".", watched.root.join("loop")).unwrap();
    symlink("/dev/zero", watched.root.join("endless")).unwrap();
    symlink("nowhere", watched.root.join("broken")).unwrap();
    symlink("a.py", watched.root.join("b.py")).unwrap();
    watched.expect("b.py", ChangeKind::Created);
    watched.expect_nothing_more();
}

#[test]
fn without_events_the_folder_is_compared() {
    let watched = Watched::new(&[("d/a.py", "0\n"), ("b.py", "")], false);
    let told = watched.watcher.polling_because().unwrap();
    assert!(
        told.ends_with("the folder is compared every second instead"),
        "{told}"
    );
    watched.put("d/a.py", "1\n2\n");
    watched.expect("d/a.py", modified(2, 1));
    fs::remove_file(watched.root.join("b.py")).unwrap();
    watched.expect("b.py", ChangeKind::Removed);
    watched.put("new.py", "");
    watched.expect("new.py", ChangeKind::Created);
}

#[test]
fn what_the_system_refuses_is_said_in_words() {
    let limit = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
    assert!(events::in_words(&limit).contains("fs.inotify.max_user_watches"));
    let instances = notify::Error::io(std::io::Error::from_raw_os_error(24));
    assert!(events::in_words(&instances).contains("fs.inotify.max_user_instances"));
}

#[test]
fn a_folder_that_is_not_there_cannot_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Watcher::start(
        &folder.path().join("a"),
        Duration::from_millis(1),
        &[],
        drop,
    );
    assert!(matches!(refused, Err(WatchError::Site { .. })));
}
