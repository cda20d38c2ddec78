//! A Django project through `wsgiref.handlers.CGIHandler`, answering for every URL of the site but one.

use serde_json::json;

use crate::served::{FRAMINGS, PYTHON, Served, copy_of_site, every_byte, has_library};
use crate::support::program::{command, installed, output};
use crate::support::studio::Home;
use crate::support::web_driver::Browser;

fn served() -> Option<Served> {
    if !has_library("Django", PYTHON, &["-c", "import django"]) {
        return None;
    }
    let home = Home::new();
    let folder = copy_of_site("django", &home);
    let mut migrate = command(folder.join("cgi-bin/django.cgi"), home.path());
    output(migrate.arg("migrate"));
    Some(Served::start(home, &folder))
}

#[test]
fn its_urls_begin_at_the_root_and_redirects_lead_on() {
    let Some(site) = served() else { return };
    // Without its last slash the address is one that Django redirects.
    let facts = site.curl("/facts?x=%C3%A9", &["--location"]).json();
    let expected = json!({ "uri": site.url("/facts/?x=%C3%A9"), "path": "/facts/", "script": "" });
    assert_eq!(facts, expected);
    site.get("/nowhere/").check(404, "Not Found");
    site.get("/static/style.css").check(200, "rgb(1, 2, 3)");
    let strange = ["--header", "Host: localhost:1"];
    site.curl("/facts/", &strange)
        .check(200, "http://localhost:1/facts/");
    site.end_in_silence();
}

#[test]
fn a_form_without_its_token_is_refused() {
    let Some(site) = served() else { return };
    site.curl("/", &["--data", "text=x"])
        .check(403, "CSRF verification failed");
    site.end_in_silence();
}

#[test]
fn uploads_of_every_framing_reach_the_disk() {
    let Some(site) = served() else { return };
    let upload = site.upload("Zoë.bin", &every_byte());
    for framing in FRAMINGS {
        let answer = site.curl("/upload/", &["--header", framing, "--form", &upload.part()]);
        let expected = json!({
            "name": "Zoë.bin", "kind": "TemporaryUploadedFile", "sha256": upload.sha256,
        });
        assert_eq!(answer.json(), expected, "{framing}");
    }
    site.end_in_silence();
}

#[test]
fn a_stream_arrives_piece_by_piece() {
    let Some(site) = served() else { return };
    let go = site.home.path().join("site/go");
    site.check_streaming("/stream/", &go);
    site.end_in_silence();
}

#[test]
fn a_browser_adds_notes_to_its_session() {
    if !installed(&["chromium", "chromedriver"]) {
        return;
    }
    let Some(site) = served() else { return };
    let browser = Browser::open(site.home.path());
    browser.go(&site.url("/"));
    for (number, note) in ["<b>first</b>", "zweite & 陳"].iter().enumerate() {
        browser.element("input[name=text]").type_in(note);
        browser.element("button").click();
        browser.wait_for_text(&format!("li:nth-child({})", number + 1), note);
    }
    let names: Vec<String> = browser
        .cookies()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["csrftoken", "sessionid"]);
    drop(browser);
    site.end_in_silence();
}
