//! Where URL paths lead, and what extra path stands for.

use std::collections::BTreeMap;

use super::super::config::AliasMatch;
use super::super::pattern::Pattern;
use super::*;

fn alias(url: &str, to: &str) -> AliasMatch {
    AliasMatch {
        url: Pattern::parse(url).unwrap(),
        to: to.to_owned(),
    }
}

fn site() -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let mut site = Site::open(folder.path()).unwrap();
    let prefixes = |pairs: &[(&str, &str)]| -> BTreeMap<String, PathBuf> {
        pairs
            .iter()
            .map(|(prefix, to)| ((*prefix).to_owned(), PathBuf::from(to)))
            .collect()
    };
    site.config.server.document_root = PathBuf::from("htdocs");
    let scripts = &mut site.config.scripts;
    scripts.script_aliases = Some(prefixes(&[("/cgi-bin/", "cgi-bin"), ("/one", "one.cgi")]));
    scripts.aliases = prefixes(&[("/pics", "/srv/pics/"), ("/cgi-bin/doc", "doc")]);
    scripts.script_alias_matches = vec![
        alias("^/apps/([^/]+)/run", "apps/$1.cgi"),
        alias("^/cgi-bin/", "never"),
        alias("^/lib(/.*)?$", "lib$1"),
    ];
    scripts.alias_matches = vec![
        alias("^/apps/(.*)", "other/$1"),
        alias("^/up(.*)", "up/.$1"),
    ];
    site.prepare();
    (folder, site)
}

#[track_caller]
fn check(site: &Site, url: &str, expected: &str) {
    let route = site.route(url.as_bytes()).unwrap();
    let mut path = route.start.clone();
    for name in &route.names {
        path.push(OsStr::from_bytes(name));
    }
    let path = path.strip_prefix(&site.root).unwrap_or(&path);
    let kind = if route.runs_scripts { "script" } else { "file" };
    assert_eq!(format!("{kind} {}", path.display()), expected, "{url}");
}

#[test]
fn prefixes_come_before_expressions_and_the_document_root_last() {
    let (_folder, site) = site();
    for (url, expected) in [
        ("/", "file htdocs"),
        ("/a/b", "file htdocs/a/b"),
        ("/cgi-bin/x", "script cgi-bin/x"),
        ("/cgi-bin/doc/x", "file doc/x"),
        ("/cgi-binX", "file htdocs/cgi-binX"),
        ("/one/more", "script one.cgi/more"),
        ("/pics/a", "file /srv/pics/a"),
        ("/apps/x/run/more", "script apps/x.cgi"),
        ("//apps/.//x/run", "script apps/x.cgi"),
        ("/apps/x/y", "file other/x/y"),
        ("/lib", "script lib"),
        ("/lib/a.py/b", "script lib/a.py/b"),
    ] {
        check(&site, url, expected);
    }
}

#[test]
fn a_script_name_is_told_from_its_extra_path() {
    let (_folder, site) = site();
    for (url, left, expected) in [
        ("/a//b/c/", 2, 2),
        ("/a//b/c/", 0, 7),
        ("/a/b", 2, 0),
        ("/one/more", 1, 4),
        ("/one//", 0, 4),
        // All of what an expression matched names the script, unless its end is in the URL too.
        ("/apps/x/run/more", 0, 16),
        ("/lib//a.py/b", 1, 10),
        ("/lib/a.py/", 0, 9),
        ("/apps/x/run", 1, 11),
    ] {
        let length = site.route(url.as_bytes()).unwrap().name_length(left);
        assert_eq!(length, expected, "{url} {left}");
    }
}

#[test]
fn extra_path_is_translated_by_the_aliases_and_stays_beneath_them() {
    let (_folder, site) = site();
    for (extra, expected) in [
        ("/", "htdocs/"),
        ("/a/b", "htdocs/a/b"),
        ("//a/./b/", "htdocs//a/./b/"),
        ("/pics/a", "/srv/pics/a"),
        ("/pics", "/srv/pics"),
        ("/pics/", "/srv/pics/"),
        ("/cgi-bin/x/y", "cgi-bin/x/y"),
        ("/apps/x/run", "apps/x.cgi"),
        ("/lib/a/", "lib/a/"),
        ("a", "htdocs/a"),
        ("", "htdocs"),
        ("/../../etc/passwd", "htdocs/etc/passwd"),
        ("/pics/../../../x", "/srv/pics/x"),
        ("/pics/a/../../x/", "/srv/pics/x/"),
        ("/up./up./x", "up/up./x"),
        ("/lib/../../../x", "x"),
    ] {
        let translated = site.translate(extra.as_bytes());
        let expected = if expected.starts_with('/') {
            expected.to_owned()
        } else {
            format!("{}/{expected}", site.root.display())
        };
        assert_eq!(translated.as_os_str(), expected.as_str(), "{extra}");
    }
    let translated = site.translate(b"/\xFF");
    assert!(translated.as_os_str().as_bytes().ends_with(b"/htdocs/\xFF"));
}
