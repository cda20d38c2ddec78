//! Which scopes apply where, and what they make of the settings.

use std::fs;
use std::os::unix::fs::symlink;

use super::super::pattern::{Pattern, Wildcard};
use super::super::requirement::Requirement;
use super::super::scope::{FileNames, ScriptsRule};
use super::super::settings::EnvironmentChange;
use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

fn at(place: Place, files: Option<FileNames>) -> ScopeConfig {
    ScopeConfig {
        place,
        files,
        ..ScopeConfig::default()
    }
}

fn settings(root: &Path, scopes: Vec<ScopeConfig>, url: &str, file: &str) -> Arc<Settings> {
    let config = SiteConfig {
        scopes,
        ..SiteConfig::default()
    };
    let named = root.join(file);
    let real = real_of(&named);
    let spot = Spot {
        url_path: Some(url.as_bytes()),
        index_url: None,
        named: &named,
        real: &real,
        is_folder: real.is_dir(),
    };
    Scopes::new(root, &config).settings(root, &config.scopes, spot)
}

/// A site with `a/b/x.py`, `link` to `a/b`, and `y.txt` to `a/b/x.py`.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("a/b/x.py"), "").unwrap();
    symlink(root.join("a/b"), root.join("link")).unwrap();
    symlink(root.join("a/b/x.py"), root.join("y.txt")).unwrap();
    symlink(root.join("loop"), root.join("loop")).unwrap();
    (folder, root)
}

#[test]
fn a_place_is_a_folder_a_url_or_an_expression_for_one() {
    let (_folder, root) = folder();
    let folder = |text: &str| Place::Folder(PathBuf::from(text));
    let url = |text: &str| Place::Url(text.to_owned());
    let parent = root.parent().unwrap().to_owned();
    for (place, url_path, file, expected) in [
        (Place::Site, "/q", "q", true),
        (folder("a"), "/a/b/x.py", "a/b/x.py", true),
        (folder("./a/"), "/a/b/x.py", "a/b/x.py", true),
        (folder("a"), "/a", "a", true),
        (folder("a"), "/a/nothing/here", "a/nothing/here", true),
        (folder("a"), "/ab", "ab", false),
        (folder("a"), "/link/x.py", "link/x.py", true),
        (folder("link"), "/a/b/x.py", "a/b/x.py", true),
        (folder("link"), "/link/x.py", "link/x.py", true),
        (folder("a"), "/y.txt", "y.txt", true),
        (folder("missing"), "/a/b/x.py", "a/b/x.py", false),
        (folder("missing"), "/missing/x", "missing/x", true),
        (folder("loop"), "/loop/x", "loop/x", true),
        (folder("loop"), "/a/b/x.py", "a/b/x.py", false),
        (folder("/"), "/a/b/x.py", "a/b/x.py", true),
        (folder("a/../a"), "/a/b/x.py", "a/b/x.py", true),
        (Place::Folder(parent), "/a", "a", true),
        (url("/a"), "/a/b/x.py", "q", true),
        (url("/a"), "//./a//b", "q", true),
        (url("/a/"), "/a", "q", true),
        (url("/a"), "/ab", "q", false),
        (url("/a"), "/A", "q", false),
        (url("/"), "/", "q", true),
        (Place::UrlMatch(pattern("^/a/[^/]+$")), "//a//b", "q", true),
        (Place::UrlMatch(pattern("^/a/[^/]+$")), "/a/b/c", "q", false),
        (Place::UrlMatch(pattern("/$")), "/a/", "q", true),
        (Place::FolderMatch(pattern("/a/b$")), "/", "a/b/x.py", true),
        (Place::FolderMatch(pattern("/a/b/$")), "/", "a/b", true),
        (Place::FolderMatch(pattern("/a/b$")), "/", "y.txt", true),
        (Place::FolderMatch(pattern("/a$")), "/", "a/b/x.py", false),
    ] {
        let settings = settings(&root, vec![at(place.clone(), None)], url_path, file);
        assert_eq!(
            settings.applied == [0],
            expected,
            "{place} {url_path} {file}"
        );
    }
}

#[test]
fn names_of_files_narrow_a_place() {
    let (_folder, root) = folder();
    let like = |text: &str| FileNames::Like(Wildcard::parse(text).unwrap());
    for (files, file, expected) in [
        (like("*.py"), "a/b/x.py", true),
        (like("*.py"), "y.txt", true),
        (like("*.txt"), "y.txt", true),
        (like("*.txt"), "a/b/x.py", false),
        (like("*.py"), "a/b/new.py", true),
        (like("*"), "a", false),
        (FileNames::Match(pattern("^x")), "a/b/x.py", true),
        (FileNames::Match(pattern("^b")), "a/b/x.py", false),
    ] {
        let scopes = vec![at(Place::Folder("".into()), Some(files.clone()))];
        let settings = settings(&root, scopes, "/", file);
        assert_eq!(settings.applied == [0], expected, "{files} {file}");
    }
}

#[test]
fn later_scopes_win_and_maps_are_merged() {
    let (_folder, root) = folder();
    let map = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let first = ScopeConfig {
        scripts: Some(ScriptsRule::None),
        suffixes: Some(vec![]),
        require: Some(Requirement::Denied),
        actions: map(&[(".md", "/a"), (".x", "/x")]),
        set_environment: map(&[("A", "1")]),
        unset_environment: vec!["B".to_owned()],
        ..ScopeConfig::default()
    };
    let elsewhere = at(Place::Url("/elsewhere".to_owned()), None);
    let second = ScopeConfig {
        require: Some(Requirement::Local),
        actions: map(&[(".md", "/b")]),
        set_environment: map(&[("B", "2")]),
        pass_environment: vec!["C".to_owned()],
        ..ScopeConfig::default()
    };
    let settings = settings(&root, vec![first, elsewhere, second], "/", "a");
    assert_eq!(settings.applied, [0, 2]);
    assert_eq!(settings.scripts, ScriptsRule::None);
    assert!(settings.suffixes.is_empty() && !settings.index.is_empty());
    assert_eq!(settings.require, Requirement::Local);
    assert_eq!(settings.actions, map(&[(".md", "/b"), (".x", "/x")]));
    let set = |name: &str, value: &str| EnvironmentChange::Set {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let expected = [
        set("A", "1"),
        EnvironmentChange::Unset {
            name: "B".to_owned(),
        },
        set("B", "2"),
        EnvironmentChange::Pass {
            name: "C".to_owned(),
        },
    ];
    assert_eq!(settings.environment, expected);
}

#[test]
fn nothing_opens_what_an_unreadable_rule_closed() {
    let (_folder, root) = folder();
    let closed = ScopeConfig {
        closed_because: Some("nobody knows".to_owned()),
        ..ScopeConfig::default()
    };
    let open = ScopeConfig {
        require: Some(Requirement::Granted),
        ..ScopeConfig::default()
    };
    let settings = settings(&root, vec![closed, open], "/", "a");
    assert_eq!(settings.require, Requirement::Denied);
    assert_eq!(settings.closed_because.as_deref(), Some("nobody knows"));
}

#[test]
fn where_no_scope_applies_the_settings_are_one_shared_value() {
    let (_folder, root) = folder();
    let config = SiteConfig {
        scopes: vec![at(Place::Url("/x".to_owned()), None)],
        ..SiteConfig::default()
    };
    let scopes = Scopes::new(&root, &config);
    let spot = Spot {
        url_path: Some(b"/"),
        index_url: None,
        named: &root,
        real: &root,
        is_folder: true,
    };
    for given in [&config.scopes[..], &[]] {
        assert!(Arc::ptr_eq(
            &scopes.settings(&root, given, spot),
            &scopes.base
        ));
    }
}
