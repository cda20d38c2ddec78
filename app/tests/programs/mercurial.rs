//! Mercurial's hgweb, and hg itself: clone, pull and push.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::served::{PYTHON, Served, has_library};
use crate::support::program::{command, installed, output};
use crate::support::studio::Home;

const PROGRAM: &str = r#"#!/usr/bin/python3
from mercurial import demandimport

demandimport.enable()
from mercurial.hgweb import hgweb, wsgicgi

wsgicgi.launch(hgweb(b"../../hgweb.conf"))
"#;

/// Runs hg in a folder; returns what it prints.
#[track_caller]
fn hg(folder: &Path, arguments: &[&str]) -> String {
    let mut hg = command("hg", folder);
    hg.env("HGPLAIN", "1")
        .env("HGRCPATH", "")
        .env("HGUSER", "Zoë");
    String::from_utf8(output(hg.args(arguments))).unwrap()
}

#[test]
fn a_repository_is_cloned_pushed_pulled_and_shown() {
    if !installed(&["hg", "curl"]) || !has_library("mercurial", PYTHON, &["-c", "import mercurial"])
    {
        return;
    }
    let home = Home::new();
    let path = home.path().to_owned();
    home.script("site/cgi-bin/hg", PROGRAM);
    fs::write(
        path.join("hgweb.conf"),
        "[paths]\n/ = ../../repositories/*\n[web]\npush_ssl = false\nallow_push = *\n",
    )
    .unwrap();
    hg(&path, &["init", "repositories/a"]);
    let site = Served::start(home, &path.join("site"));
    let url = site.url("/cgi-bin/hg/a");
    hg(&path, &["clone", &url, "work"]);
    hg(&path, &["clone", &url, "other"]);
    let (work, other) = (path.join("work"), path.join("other"));
    let mut noise = Vec::new();
    let random = fs::File::open("/dev/urandom").unwrap();
    random.take(3_000_000).read_to_end(&mut noise).unwrap();
    fs::write(work.join("big"), &noise).unwrap();
    hg(
        &work,
        &["commit", "--addremove", "--message", "Schöne Grüße"],
    );
    hg(&work, &["push"]);
    hg(&other, &["pull", "--update"]);
    assert!(fs::read(other.join("big")).unwrap() == noise);
    let identities = [&work, &other, &path.join("repositories/a")].map(|folder| {
        hg(folder, &["verify"]);
        hg(folder, &["log", "--rev", "tip", "--template", "{node}"])
    });
    assert!(identities.iter().all(|identity| *identity == identities[0]));
    site.get("/cgi-bin/hg/a/rev/tip").check(200, "Schöne Grüße");
    let raw = site.get("/cgi-bin/hg/a/raw-file/tip/big");
    assert!(raw.status == 200 && raw.body == noise);
    let style = site.get("/cgi-bin/hg/static/style-paper.css");
    assert_eq!(
        (style.status, style.fields("Content-Type")),
        (200, vec!["text/css"])
    );
    site.get("/cgi-bin/hg/none").check(404, "");
    site.end_in_silence();
}
