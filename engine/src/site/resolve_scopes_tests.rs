//! Scopes, expressions and the document root, from the text of a configuration to what answers.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::super::requirement::Requirement;
use super::super::settings::EnvironmentChange;
use super::tests::{check, in_short};
use super::*;

const FILES: [(&str, &str, u32); 18] = [
    ("index.html", "<p>", 0o644),
    ("page.html", "<p>", 0o644),
    ("readme.md", "# hello", 0o644),
    ("run.md", "#!/bin/sh\n", 0o755),
    ("old.md~", "# hello", 0o644),
    ("tool.py", "#!/usr/bin/python3\n", 0o755),
    ("program", "#!/bin/sh\n", 0o755),
    ("docs/index.md", "# docs", 0o644),
    ("docs/show.py", "print(1)", 0o644),
    ("docs/a.wiki", "x", 0o644),
    ("apps/one.cgi", "", 0o755),
    ("apps/one.txt", "", 0o644),
    ("apps/.hidden.cgi", "", 0o755),
    ("cgi-bin/hello.py", "", 0o755),
    ("cgi-bin/users", "alice:x", 0o644),
    ("private/secret.txt", "", 0o644),
    ("private/sub/deep.txt", "", 0o644),
    ("htdocs/start.html", "", 0o644),
];

fn site_with(configuration: &str) -> (TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content, mode) in FILES {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::write(folder.path().join("cgi-studio.toml"), configuration).unwrap();
    let site = Site::open(folder.path()).unwrap();
    (folder, site)
}

#[track_caller]
fn site(configuration: &str) -> (TempDir, Site) {
    let (folder, site) = site_with(configuration);
    assert_eq!(site.problems, []);
    (folder, site)
}

fn steps(site: &Site, path: &str) -> Vec<String> {
    let steps = resolve(site, path.as_bytes()).steps;
    steps.iter().map(ToString::to_string).collect()
}

#[test]
fn where_no_scripts_are_run_their_source_is_not_shown_either() {
    let (_folder, site) = site("[[scopes]]\nscripts = \"none\"\n");
    for (path, expected) in [
        ("/tool.py", "403"),
        ("/tool.py/x", "403"),
        ("/program", "403"),
        ("/cgi-bin/hello.py", "403"),
        ("/cgi-bin/users", "403"),
        ("/page.html", "file page.html"),
    ] {
        check(&site, path, expected);
    }
    let told = steps(&site, "/tool.py");
    assert_eq!(told[2], "scopes[0] applies, which is for the whole site");
    assert!(told[3].contains("no scripts are run here"), "{told:#?}");
    let Target::Forbidden { reason } = resolve(&site, b"/tool.py").target else {
        panic!()
    };
    assert!(reason.contains("Options -ExecCGI"), "{reason}");
}

#[test]
fn a_scope_says_which_files_are_scripts() {
    let (_folder, site) = site(
        r#"
        [[scopes]]
        folder = "docs"
        suffixes = [".wiki"]
        [[scopes]]
        folder = "apps"
        scripts = "all"
        [[scopes]]
        folder = "apps"
        files = "*.txt"
        scripts = "by-name"
        [[scopes]]
        url = "/private/sub"
        scripts = "all"
        "#,
    );
    for (path, expected) in [
        ("/docs/show.py", "file docs/show.py"),
        ("/docs/a.wiki/x", "script docs/a.wiki /docs/a.wiki|/x"),
        ("/tool.py", "script tool.py /tool.py|"),
        ("/apps/one.cgi", "script apps/one.cgi /apps/one.cgi|"),
        ("/apps/one.txt", "file apps/one.txt"),
        ("/apps/", "403"),
        ("/private/secret.txt", "file private/secret.txt"),
        (
            "/private//sub/deep.txt/x",
            "script private/sub/deep.txt /private//sub/deep.txt|/x",
        ),
    ] {
        check(&site, path, expected);
    }
    let listed: Vec<String> = site.scripts().into_iter().map(|entry| entry.name).collect();
    assert!(!listed.contains(&"docs/show.py".to_owned()), "{listed:?}");
    assert!(listed.contains(&"docs/a.wiki".to_owned()), "{listed:?}");
}

#[test]
fn a_link_is_no_way_round_a_scope() {
    let (folder, mut site) = site("[[scopes]]\nfolder = \"private\"\nrequire = \"all denied\"\n");
    let at = |name: &str| folder.path().join(name);
    symlink(at("private"), at("way")).unwrap();
    symlink(at("private/secret.txt"), at("open.txt")).unwrap();
    site.reload();
    for (path, required) in [
        ("/private/secret.txt", Requirement::Denied),
        ("/way/secret.txt", Requirement::Denied),
        ("/way/missing.txt", Requirement::Denied),
        ("/way", Requirement::Denied),
        ("/private/", Requirement::Denied),
        ("/private/.x", Requirement::Denied),
        ("/open.txt", Requirement::Denied),
        ("/page.html", Requirement::Granted),
    ] {
        let resolution = resolve(&site, path.as_bytes());
        assert_eq!(resolution.settings.require, required, "{path}");
    }
    let secret = site.root.join("way/secret.txt");
    let settings = site.settings(b"/way/secret.txt", &secret);
    assert_eq!(settings.require, Requirement::Denied);
}

#[test]
fn index_listing_and_extra_path_follow_the_scope() {
    let (_folder, site) = site(
        r#"
        [scripts]
        refuse_extra_path = ["cgi-bin/hello.py"]
        [[scopes]]
        url = "/docs"
        index = ["a.wiki"]
        accept_path_info = "on"
        [[scopes]]
        folder = "private"
        directory_listing = false
        [[scopes]]
        files = "tool.py"
        accept_path_info = "off"
        "#,
    );
    for (path, expected) in [
        ("/docs/", "file docs/a.wiki"),
        ("/docs/a.wiki/more", "file docs/a.wiki"),
        ("/page.html/more", "404 -"),
        ("/private/", "folder private closed /private/"),
        ("/apps/", "folder apps /apps/"),
        ("/tool.py/more", "404 -"),
        ("/tool.py", "script tool.py /tool.py|"),
        ("/cgi-bin/hello.py/x", "404 -"),
        ("/program/x", "script program /program|/x"),
    ] {
        check(&site, path, expected);
    }
}

#[test]
fn actions_show_files_by_suffix_and_media_type() {
    let (_folder, site) = site(
        r#"
        [[scopes]]
        index = ["index.md", "index.html"]
        actions = { ".md" = "/cgi-bin/show.py", ".py" = "/never", "text/html" = "/cgi-bin/page.py" }
        [[scopes]]
        folder = "docs"
        scripts = "none"
        "#,
    );
    for (path, expected) in [
        ("/readme.md", "action readme.md /cgi-bin/show.py|/readme.md"),
        (
            "/readme.md/x/",
            "action readme.md /cgi-bin/show.py|/readme.md/x/",
        ),
        // The suffix decides before the executable bit does.
        ("/run.md", "action run.md /cgi-bin/show.py|/run.md"),
        ("/old.md~", "403"),
        ("/page.html", "action page.html /cgi-bin/page.py|/page.html"),
        (
            "/docs/",
            "action docs/index.md /cgi-bin/show.py|/docs/index.md",
        ),
        ("/docs/show.py", "action docs/show.py /never|/docs/show.py"),
        // A script folder keeps its scripts.
        (
            "/cgi-bin/hello.py",
            "script cgi-bin/hello.py /cgi-bin/hello.py|",
        ),
    ] {
        check(&site, path, expected);
    }
    let Target::Action {
        path_translated, ..
    } = resolve(&site, b"/readme.md/x").target
    else {
        panic!()
    };
    assert_eq!(path_translated, site.root.join("readme.md/x"));
}

#[test]
fn expressions_lead_to_scripts_and_files() {
    let (_folder, site) = site(
        r#"
        [scripts]
        script_alias_matches = [
            { url = "^/run/([^/]+)/now", to = "apps/$1.cgi" },
            { url = "^/x(/.*)", to = "apps$1" },
            { url = "^/([^/]*[.]md)$", to = "$1" },
        ]
        alias_matches = [{ url = "^/d/(.*)$", to = "docs/$1" }, { url = "^/out", to = "/etc/passwd" }]
        "#,
    );
    for (path, expected) in [
        ("/run/one/now", "script apps/one.cgi /run/one/now|"),
        (
            "/run/one/now/more",
            "script apps/one.cgi /run/one/now/more|",
        ),
        ("/run/..%2f/now", "404 -"),
        ("/run/.hidden/now", "404 -"),
        ("/run/two/now", "404 -"),
        ("/x/one.txt//y", "script apps/one.txt /x/one.txt|//y"),
        ("//x/one.txt", "script apps/one.txt //x/one.txt|"),
        ("/x/", "403"),
        ("/d/a.wiki", "file docs/a.wiki"),
        ("/d/a.wiki/x", "404 -"),
        ("/d/show.py/x", "script docs/show.py /d/show.py|/x"),
        ("/d/", "folder docs /d/"),
        ("/d/../private/secret.txt", "404 -"),
        ("/out", "403"),
        ("/readme.md", "script readme.md /readme.md|"),
        // An expression that says nothing of the file makes no scripts of all files.
        ("/page.html", "file page.html"),
        // A script by its expression is one under its own URL, too.
        ("/apps/one.txt", "script apps/one.txt /apps/one.txt|"),
    ] {
        check(&site, path, expected);
    }
    let told = steps(&site, "/run/one/now");
    assert!(told[0].starts_with("the URL fits ^/run/"), "{told:#?}");
    let Target::Script {
        path_translated, ..
    } = resolve(&site, b"/d/show.py/run/one/now").target
    else {
        panic!()
    };
    assert_eq!(path_translated, Some(site.root.join("apps/one.cgi")));
}

#[test]
fn the_document_root_is_what_the_root_url_stands_for() {
    let (_folder, mut site) = site("[server]\ndocument_root = \"htdocs\"\n");
    check(&site, "/start.html", "file htdocs/start.html");
    check(&site, "/page.html", "404 -");
    check(
        &site,
        "/cgi-bin/hello.py",
        "script cgi-bin/hello.py /cgi-bin/hello.py|",
    );
    assert_eq!(site.document_root(), site.root.join("htdocs"));
    site.config.server.document_root = PathBuf::from("..");
    site.prepare();
    check(&site, "/etc", "403");
    site.config.server.document_root = PathBuf::from("missing");
    site.prepare();
    check(&site, "/cgi-bin/", "403");
    check(&site, "/page", "404 -");
}

#[test]
fn an_application_can_be_the_whole_site() {
    let (_folder, site) = site("[scripts]\nscript_aliases = { \"/\" = \"cgi-bin/hello.py\" }\n");
    check(&site, "/", "script cgi-bin/hello.py |/");
    check(&site, "/a/b/", "script cgi-bin/hello.py |/a/b/");
}

#[test]
fn files_of_passwords_are_never_served() {
    let login = "{ realm = \"x\", user_file = \"cgi-bin/users\" }";
    let (folder, site) = site(&format!(
        "[[scopes]]\nurl = \"/x\"\nauthentication = {login}\n"
    ));
    symlink(
        folder.path().join("cgi-bin/users"),
        folder.path().join("u.txt"),
    )
    .unwrap();
    check(&site, "/cgi-bin/users", "404 -");
    check(&site, "/cgi-bin/users/x", "404 -");
    check(&site, "/u.txt", "404 -");
    let settings = site.settings(b"/x", &site.root.join("x"));
    let login = settings.authentication.as_ref().unwrap();
    assert_eq!(login.user_file, site.root.join("cgi-bin/users"));
}

#[test]
fn what_is_closed_is_refused_whatever_it_is() {
    let (_folder, site) = site_with(
        "[[scopes]]\nurl = \"/private\"\nrequire = \"valid-usr\"\n[[scopes]]\nrequire = \"all granted\"\n",
    );
    assert_eq!(site.problems.len(), 1);
    for path in [
        "/private/secret.txt",
        "/private/",
        "/private",
        "/private/missing",
    ] {
        let Target::Forbidden { reason } = resolve(&site, path.as_bytes()).target else {
            panic!("{path}")
        };
        assert!(reason.contains("cgi-studio.toml, line 1"), "{reason}");
        assert!(steps(&site, path).concat().contains("cannot be read"));
    }
    check(&site, "/page.html", "file page.html");
}

#[test]
fn names_that_are_no_text_meet_expressions_as_bytes() {
    let (folder, mut site) = site(
        "[[scopes]]\nurl_match = \"^/private/.*\"\nunset_environment = [\"A\"]\n[[scopes]]\nfiles = \"*.bin\"\nunset_environment = [\"B\"]\n",
    );
    let name = OsStr::from_bytes(b"caf\xE9\n.bin");
    if fs::write(folder.path().join("private").join(name), "").is_err() {
        return; // macOS refuses such names.
    }
    site.reload();
    let resolution = resolve(&site, b"/private/caf\xE9\n.bin");
    assert!(matches!(resolution.target, Target::File { .. }));
    let unset = |name: &str| EnvironmentChange::Unset {
        name: name.to_owned(),
    };
    assert_eq!(resolution.settings.environment, [unset("A"), unset("B")]);
}

#[test]
fn ten_thousand_scopes_and_a_long_path_are_met() {
    let scope = |n: usize| format!("[[scopes]]\nfolder = \"f{n}\"\nfiles = \"*\"\nindex = []\n");
    let everywhere = "[[scopes]]\nscripts = \"all\"\n".repeat(50);
    let text: String = (0..10_000).map(scope).collect::<String>() + &everywhere;
    let (_folder, site) = site(&text);
    assert_eq!(site.config.scopes.len(), 10_050);
    check(&site, "/page.html", "script page.html /page.html|");
    let told = steps(&site, "/page.html");
    assert_eq!(
        told.last().unwrap(),
        "a scope makes every file a script, so it is run"
    );
    assert!(
        told.contains(&"34 more scopes apply".to_owned()),
        "{told:#?}"
    );
    let long = "/a".repeat(30_000);
    assert_eq!(
        in_short(
            &site,
            long.as_bytes(),
            &resolve(&site, long.as_bytes()).target
        ),
        "404 -"
    );
}
