//! Each rule by a script that it touches and one that it does not.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::*;

fn put(root: &Path, name: &str, content: &str, mode: u32) {
    let file = root.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, content).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
}

fn open_up(folder: &Path) {
    for entry in folder.read_dir().unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            open_up(&entry.path());
        }
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The titles, with severity, that a site of one script and a configuration gets.
fn titles(host: Host, name: &str, script: &str, config: &str) -> Vec<(&'static str, Severity)> {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), name, script, 0o755);
    if !config.is_empty() {
        put(folder.path(), "cgi-studio.toml", config, 0o644);
    }
    open_up(folder.path());
    let site = Site::open(folder.path()).unwrap();
    assert_eq!(site.problems, []);
    let found = check(&site, host);
    let others = |difference: &&Difference| difference.title != "files that must stay private";
    found
        .iter()
        .filter(others)
        .map(|difference| (difference.title, difference.severity))
        .collect()
}

/// A Python script with this line touches the rule on that host, and on no other host than those.
#[track_caller]
fn check_line(line: &str, title: &str, hosts: &[Host], severity: Severity) {
    let script = format!("#!/usr/bin/python3\n# {line}\nprint()\n{line}\n");
    for host in Host::ALL {
        let found = titles(host, "cgi-bin/a.py", &script, "");
        let expected: &[(&str, Severity)] = if hosts.contains(&host) {
            &[(title, severity)]
        } else {
            &[]
        };
        assert_eq!(found, expected, "{host}: {line}");
    }
}

use Host::{Apache, Caddy, Lighttpd, Nginx};
use Severity::{Breaks, Differs, Note};

#[test]
fn what_a_line_uses_is_told_where_it_differs() {
    check_line(
        "a = os.environ.get('HTTP_AUTHORIZATION')",
        "the Authorization field is withheld",
        &[Lighttpd, Nginx, Caddy],
        Note,
    );
    check_line(
        "os.environ[\"REMOTE_HOST\"]",
        "REMOTE_HOST",
        &[Apache, Lighttpd],
        Differs,
    );
    check_line(
        "os.environ[\"REQUEST_SCHEME\"]",
        "REQUEST_SCHEME",
        &[Caddy],
        Differs,
    );
    check_line(
        "os.environ[\"PATH_TRANSLATED\"]",
        "PATH_TRANSLATED",
        &[Caddy],
        Differs,
    );
    check_line(
        "os.environ[\"HTTP_COOKIE\"]",
        "several Cookie fields",
        &[Apache, Nginx],
        Note,
    );
    check_line(
        "int(os.environ['CONTENT_LENGTH'])",
        "uploads without a length (chunked)",
        &[Apache],
        Note,
    );
    check_line(
        "print('status: 404 Not Found')",
        "status in small letters",
        &[Caddy],
        Breaks,
    );
    check_line(
        "print('Location: //other/x')",
        "a Location that starts with //",
        &[Apache, Lighttpd],
        Breaks,
    );
    check_line(
        "print(f'Last-Modified: {x}')",
        "Last-Modified of a script",
        &[Apache],
        Note,
    );
    check_line(
        "print('x', flush=True)",
        "output bit by bit",
        &[Lighttpd, Nginx, Caddy],
        Note,
    );
    check_line(
        "open('data.txt', 'a')",
        "files that scripts write",
        &Host::ALL,
        Differs,
    );
    check_line(
        "x.open(\"ab\")",
        "files that scripts write",
        &Host::ALL,
        Differs,
    );
    check_line(
        "os.path.expanduser('~')",
        "whose home folder it is",
        &Host::ALL,
        Differs,
    );
    check_line(
        "import cgi, os",
        "modules that Python 3.13 removed",
        &Host::ALL,
        Differs,
    );
    check_line(
        "open('/home/me/x')",
        "a path that is only here",
        &Host::ALL,
        Breaks,
    );
}

#[test]
fn what_works_everywhere_is_not_told() {
    for line in [
        "print('Status: 404 Not Found')",
        "print('Content-Type: text/html')",
        "print('Location: https://example.org/')",
        "open('data.txt')",
        "open('aha.txt', encoding='ascii')",
        "os.environ['SCRIPT_NAME']",
        "import cgi_parser",
        "from a.cgi import b",
        "'the words HTTP_COOKIES and sys_argv'",
    ] {
        check_line(line, "", &[], Note);
    }
}

#[test]
fn arguments_are_the_scripts_own_only() {
    let shell = |line: &str| titles(Nginx, "cgi-bin/a.sh", &format!("#!/bin/sh\n{line}\n"), "");
    let told = [("words of the query on the command line", Differs)];
    assert_eq!(shell("echo \"$1\""), told);
    assert_eq!(shell("say() { echo \"$1\"; }"), []);
    assert_eq!(
        titles(
            Nginx,
            "cgi-bin/a.py",
            "#!/usr/bin/python3\nsys.argv[1:]\n",
            ""
        ),
        told
    );
}

#[test]
fn a_local_redirect_is_told_from_one_for_the_client() {
    let there = |script: &str| {
        titles(
            Nginx,
            "cgi-bin/a.py",
            &format!("#!/usr/bin/python3\n{script}\n"),
            "",
        )
    };
    let told = [("local redirects", Differs)];
    assert_eq!(there("print('Location: /other')"), told);
    assert_eq!(there("print(f\"Location: {folder}/other\")"), told);
    assert_eq!(
        there("print('Status: 303 See Other')\nprint('Location: /other')"),
        []
    );
    assert_eq!(there("print(f'Location: {scheme}://x/other')"), []);
    let lighttpd = titles(
        Lighttpd,
        "cgi-bin/a.py",
        "#!/usr/bin/python3\nprint('Location: /x')",
        "",
    );
    assert_eq!(lighttpd, [("local redirects", Note)]);
}

#[test]
fn a_mapped_interpreter_is_needed_where_the_file_cannot_start_alone() {
    let map = "[scripts]\ninterpreters = { \".py\" = \"/usr/bin/python3\" }";
    let missing = [("an interpreter chosen by suffix", Breaks)];
    for script in ["print()", "#!/usr/bin/python3\r\nprint()\r\n"] {
        assert_eq!(titles(Apache, "cgi-bin/a.py", script, map), missing);
        assert_eq!(titles(Lighttpd, "cgi-bin/a.py", script, map), []);
    }
    assert_eq!(
        titles(Nginx, "cgi-bin/a.py", "#!/usr/bin/env python3\n", map),
        []
    );
    let other = [("two interpreters for one script", Differs)];
    assert_eq!(
        titles(Nginx, "cgi-bin/a.py", "#!/usr/bin/pypy3\n", map),
        other
    );
}

#[test]
fn interpreters_in_a_home_folder_are_only_here() {
    let script = "#!/home/me/venv/bin/python3\n";
    let told = [("an interpreter that is only here", Breaks)];
    assert_eq!(titles(Apache, "cgi-bin/a.py", script, ""), told);
}

#[test]
fn nph_scripts_and_php_are_known_by_file() {
    let nph = |host| titles(host, "cgi-bin/nph-a.cgi", "#!/bin/sh\n", "");
    assert_eq!(nph(Apache), []);
    let title = "scripts whose name starts with nph-";
    assert_eq!(nph(Nginx), [(title, Breaks)]);
    assert_eq!(nph(Lighttpd), [(title, Differs)]);
    let php = titles(Apache, "cgi-bin/a.php", "#!/usr/bin/php-cgi\n", "");
    assert_eq!(php, [("php-cgi and REDIRECT_STATUS", Note)]);
}

#[test]
fn what_the_servers_user_may_not_do_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "cgi-bin/a.sh", "#!/bin/sh\n", 0o700);
    put(root, "cgi-bin/b.sh", "#!/bin/sh\n", 0o757);
    put(root, "cgi-bin/c.sh", "#!/bin/sh\n", 0o755);
    open_up(root);
    fs::set_permissions(root.join("cgi-bin"), fs::Permissions::from_mode(0o750)).unwrap();
    let found = check(&Site::open(root).unwrap(), Apache);
    let shown: Vec<(Severity, String, &str)> = found
        .iter()
        .flat_map(|found| {
            found.touched.iter().map(|touched| {
                (
                    found.severity,
                    touched.path.display().to_string(),
                    touched.evidence.as_str(),
                )
            })
        })
        .collect();
    let expected = [
        (
            Breaks,
            "cgi-bin".to_owned(),
            "mode 750: others may not enter it",
        ),
        (
            Breaks,
            "cgi-bin/a.sh".to_owned(),
            "mode 700: others may not read it",
        ),
        (Differs, "cgi-bin/b.sh".to_owned(), "mode 757"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn settings_of_the_site_are_told_for_the_whole_of_it() {
    let script = "#!/bin/sh\n";
    let of = |host, config: &str| titles(host, "cgi-bin/a.sh", script, config);
    assert_eq!(
        of(Nginx, "[limits]\ntotal_seconds = 9"),
        [("settings that the host does not have", Differs)]
    );
    assert_eq!(
        of(Caddy, "[limits]\ntime_seconds = 9"),
        [("a limit on silence", Differs)]
    );
    assert_eq!(of(Apache, "[limits]\ntime_seconds = 9"), []);
    assert_eq!(
        of(Apache, "[options]\nstrictness = \"lenient\""),
        [("mistakes that are forgiven here", Differs)]
    );
    let outside = "[options]\nallow_outside_root = true\n[scripts]\naliases = { \"/doc/\" = \"/usr/share/common-licenses\" }";
    assert_eq!(
        of(Apache, outside),
        [("folders outside of the site", Differs)]
    );
}

#[test]
fn what_the_written_configuration_leaves_out_is_told() {
    let script = "#!/usr/bin/python3\nos.environ['AUTH_TYPE']\n";
    let of = |host, scope: &str| {
        titles(
            host,
            "cgi-bin/a.py",
            script,
            &format!("[[scopes]]\n{scope}\n"),
        )
    };
    let login = "require = \"valid-user\"\nauthentication = { realm = \"a\", user_file = \"u\" }";
    let closed = ("access that the host cannot ask for", Breaks);
    assert_eq!(of(Nginx, login), []);
    assert_eq!(of(Caddy, login), [closed, ("AUTH_TYPE", Differs)]);
    assert_eq!(of(Apache, "require = \"host example.org\""), []);
    assert_eq!(of(Lighttpd, "require = \"host example.org\""), [closed]);
    let action = "actions = { \".md\" = \"/cgi-bin/a.py\" }";
    assert_eq!(
        of(Nginx, action),
        [("settings that the host does not have", Differs)]
    );
    let passed = "pass_authorization = true";
    assert_eq!(of(Apache, passed), []);
}

#[test]
fn an_index_script_has_two_names() {
    let script = "#!/usr/bin/python3\nos.environ['SCRIPT_NAME']\n";
    assert_eq!(
        titles(Apache, "cgi-bin/index.py", script, ""),
        [("the name of an index script", Differs)]
    );
    assert_eq!(titles(Apache, "cgi-bin/a.py", script, ""), []);
}

#[test]
fn links_and_private_files_are_found() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "sub/.git/config", "", 0o644);
    symlink("/usr/share", folder.path().join("share")).unwrap();
    symlink(folder.path().join("sub"), folder.path().join("inside")).unwrap();
    let found = check(&Site::open(folder.path()).unwrap(), Caddy);
    let shown: Vec<(&str, &Path)> = found
        .iter()
        .flat_map(|found| {
            found
                .touched
                .iter()
                .map(|touched| (found.title, touched.path.as_path()))
        })
        .collect();
    let expected = [
        ("symbolic links out of the site", Path::new("share")),
        ("files that must stay private", Path::new("sub/.git")),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_link_around_a_rule_of_access_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "private/a/b.txt", "", 0o644);
    put(
        root,
        "cgi-studio.toml",
        "[[scopes]]\nfolder = \"private\"\nrequire = \"all denied\"",
        0o644,
    );
    symlink("private/a", root.join("open")).unwrap();
    symlink("a", root.join("private/again")).unwrap();
    let found = check(&Site::open(root).unwrap(), Apache);
    let around: Vec<&Difference> = found
        .iter()
        .filter(|found| found.severity == Breaks)
        .collect();
    let [around] = around.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (around.touched.len(), around.touched[0].path.as_path()),
        (1, Path::new("open"))
    );
}

#[test]
fn the_hello_sample_raises_no_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples/hello");
    for name in ["index.html", "style.css"] {
        put(
            folder.path(),
            name,
            &fs::read_to_string(sample.join(name)).unwrap(),
            0o644,
        );
    }
    for entry in sample.join("cgi-bin").read_dir().unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        put(folder.path(), &format!("cgi-bin/{name}"), &text, 0o755);
    }
    open_up(folder.path());
    let site = Site::open(folder.path()).unwrap();
    assert_eq!(site.scripts().len(), 4);
    for host in Host::ALL {
        assert_eq!(check(&site, host), [], "{host}");
    }
}

#[test]
fn every_host_has_general_differences_after_those_that_touch_the_site() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "cgi-bin/nph-a.sh", "#!/bin/sh\n", 0o755);
    let site = Site::open(folder.path()).unwrap();
    for host in Host::ALL {
        let all = check_all(&site, host);
        let touching = all
            .iter()
            .take_while(|difference| !difference.touched.is_empty())
            .count();
        assert_eq!(touching, check(&site, host).len());
        assert!(all.len() > touching + 5, "{host}");
    }
}
