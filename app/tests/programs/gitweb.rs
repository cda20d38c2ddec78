//! gitweb: a Perl program with CGI.pm that shows repositories, browsed with curl and with a browser.

use std::fs;
use std::path::Path;

use crate::git::git;
use crate::served::Served;
use crate::support::program::{command, installed, output, skipped};
use crate::support::studio::Home;
use crate::support::web_driver::Browser;

/// What Debian's own configuration for Apache says, as `Alias /gitweb /usr/share/gitweb`.
const CONFIGURATION: &str = r#"
[scripts]
aliases = { "/gitweb" = "/usr/share/gitweb" }
[options]
allow_outside_root = true
"#;

/// One repository with two commits, a tag and a file with a name that has to be escaped.
fn served() -> Option<Served> {
    if !installed(&["git", "curl", "perl", "tar"]) {
        return None;
    }
    if !Path::new("/usr/share/gitweb/gitweb.cgi").exists() {
        skipped("gitweb");
        return None;
    }
    let home = Home::new();
    let path = home.path().to_owned();
    let work = path.join("repositories/first");
    fs::create_dir_all(work.join("a folder")).unwrap();
    git(&path, &["config", "--global", "user.name", "Zoë"]);
    git(
        &path,
        &["config", "--global", "user.email", "zoe@localhost"],
    );
    git(&work, &["init", "--quiet", "--initial-branch", "main"]);
    for (content, message) in [
        ("<b>\n", "The first one"),
        ("<b>\nLine two & more\n", "Schöne Grüße"),
    ] {
        fs::write(work.join("a folder/x & y.txt"), content).unwrap();
        git(&work, &["add", "."]);
        git(&work, &["commit", "--quiet", "--message", message]);
    }
    git(
        &work,
        &["tag", "--annotate", "v1", "--message", "first version"],
    );
    fs::write(work.join(".git/description"), "Something to look at\n").unwrap();
    let settings = path.join("gitweb.conf");
    let projects = format!(
        "$projectroot = '{}/repositories';\n$feature{{'snapshot'}}{{'default'}} = ['tgz'];\n1;\n",
        path.display()
    );
    fs::write(&settings, projects).unwrap();
    let folder = path.join("site");
    fs::create_dir(&folder).unwrap();
    let environment = format!("[environment]\nGITWEB_CONFIG = {settings:?}\n");
    fs::write(
        folder.join("cgi-studio.toml"),
        format!("{CONFIGURATION}{environment}"),
    )
    .unwrap();
    Some(Served::start(home, &folder))
}

#[test]
fn its_pages_show_the_repository() {
    let Some(site) = served() else { return };
    let project = "/gitweb/?p=first/.git";
    site.get("/gitweb/").check(200, "Something to look at");
    for (action, words) in [
        ("summary", "Schöne Grüße"),
        ("log;h=refs/heads/main", "The first one"),
        ("commit;h=HEAD", "zoe@localhost"),
        ("commitdiff;h=HEAD", "Line&nbsp;two&nbsp;&amp;&nbsp;more"),
        ("tree;f=a+folder", "x &amp; y.txt"),
        ("tag;h=refs/tags/v1", "first&nbsp;version"),
        ("blob;hb=HEAD;f=a+folder/x+%26+y.txt", "&lt;b&gt;"),
        ("rss", "<title>Schöne Grüße</title>"),
        ("search;s=sch%C3%B6ne", "Schöne Grüße"),
    ] {
        let page = site.get(&format!("{project};a={action}"));
        page.check(200, words);
    }
    let by_path = site.get("/gitweb/gitweb.cgi/first/.git/summary");
    by_path.check(200, "Schöne Grüße");
    site.get("/gitweb/?p=none.git;a=summary")
        .check(404, "No such project");
    site.get("/gitweb/?p=first/.git;a=nothing")
        .check(400, "Invalid action parameter");
    site.end_in_silence();
}

#[test]
fn raw_files_patches_and_snapshots_are_downloaded_whole() {
    let Some(site) = served() else { return };
    let raw = site.get("/gitweb/?p=first/.git;a=blob_plain;hb=HEAD;f=a+folder/x+%26+y.txt");
    assert_eq!(
        (raw.status, raw.text().as_str()),
        (200, "<b>\nLine two & more\n")
    );
    let disposition = "inline; filename=\"a folder/x & y.txt\"";
    assert_eq!(raw.fields("Content-Disposition"), [disposition]);
    site.get("/gitweb/?p=first/.git;a=patch;h=HEAD")
        .check(200, "+Line two & more");
    let snapshot = site.get("/gitweb/?p=first/.git;a=snapshot;h=v1;sf=tgz");
    let kind = snapshot.fields("Content-Type");
    assert!(
        snapshot.status == 200 && kind[0].starts_with("application/x-gzip"),
        "{kind:?}"
    );
    let archive = site.home.path().join("snapshot.tgz");
    fs::write(&archive, &snapshot.body).unwrap();
    let mut tar = command("tar", site.home.path());
    let names = output(tar.args(["--list", "--gzip", "--file"]).arg(&archive));
    let names = String::from_utf8(names).unwrap();
    assert!(names.contains("/a folder/x & y.txt\n"), "{names}");
    site.end_in_silence();
}

#[test]
fn its_static_files_are_sent_by_the_alias() {
    let Some(site) = served() else { return };
    let style = site.get("/gitweb/static/gitweb.css");
    let kind = style.fields("Content-Type");
    assert!(
        style.status == 200 && kind[0].starts_with("text/css"),
        "{kind:?}"
    );
    let logo = site.get("/gitweb/static/git-logo.png");
    assert_eq!(
        (logo.status, logo.fields("Content-Type")),
        (200, vec!["image/png"])
    );
    // A name that is known already is not sent again.
    let tag = format!("If-None-Match: {}", style.fields("ETag")[0]);
    let again = site.curl("/gitweb/static/gitweb.css", &["--header", &tag]);
    assert_eq!(again.status, 304);
    site.end_in_silence();
}

#[test]
fn a_browser_follows_its_links() {
    if !installed(&["chromium", "chromedriver"]) {
        return;
    }
    let Some(site) = served() else { return };
    let browser = Browser::open(site.home.path());
    browser.go(&site.url("/gitweb/"));
    browser.element("table.project_list a.list").click();
    browser.wait_for_address("a=summary");
    browser.element("table.shortlog a.list.subject").click();
    browser.wait_for_address(&format!("a=commit;h={}", head(&site)));
    assert!(
        browser.text().contains("Schöne Grüße"),
        "{}",
        browser.text()
    );
    drop(browser);
    let rows = site.end_in_silence();
    // The pages bring style and script along.
    for file in ["/gitweb/static/gitweb.css", "/gitweb/static/gitweb.js"] {
        assert!(
            rows.iter()
                .any(|row| row.contains(file) && row.contains(" 200 ")),
            "{rows:#?}"
        );
    }
}

fn head(site: &Served) -> String {
    git(
        &site.home.path().join("repositories/first"),
        &["rev-parse", "HEAD"],
    )
}
