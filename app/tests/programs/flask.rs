//! A Flask application through `wsgiref.handlers.CGIHandler`.

use serde_json::json;

use crate::served::{FRAMINGS, PYTHON, Served, copy_of_site, every_byte, has_library};
use crate::support::program::installed;
use crate::support::studio::Home;
use crate::support::web_driver::Browser;

fn served() -> Option<Served> {
    if !has_library("Flask", PYTHON, &["-c", "import flask"]) {
        return None;
    }
    let home = Home::new();
    let folder = copy_of_site("flask", &home);
    Some(Served::start(home, &folder))
}

#[test]
fn its_urls_forms_sessions_and_answers_are_what_flask_says() {
    let Some(site) = served() else { return };
    site.get("/app").check(200, "Hello stranger");
    site.curl(
        "/app/name",
        &["--location", "--data-urlencode", "name=Zoë & 陳"],
    )
    .check(200, "Hello Zoë &amp; 陳");
    site.get("/app/").check(200, "<p id=\"visits\">3</p>");
    let echo = site.get("/app/echo/a%20b/%C3%A9?x=1&x=%26&y=");
    assert_eq!(
        echo.json(),
        json!({
            "method": "GET",
            "rest": "a b/é",
            "arguments": { "x": ["1", "&"], "y": [""] },
            "json": null,
            "root": "/app",
            "url": site.url("/app/echo/a%20b/é?x=1&x=%26&y="),
            "address": "127.0.0.1",
        })
    );
    for method in ["PUT", "PATCH", "DELETE"] {
        let answer = site.curl(
            "/app/echo/x",
            &["--request", method, "--json", r#"{"a":["é"]}"#],
        );
        let told = answer.json();
        assert_eq!(
            (&told["method"], &told["json"]),
            (&json!(method), &json!({ "a": ["é"] }))
        );
    }
    site.get("/static/style.css").check(200, "rgb(1, 2, 3)");
    site.end_in_silence();
}

#[test]
fn its_status_codes_cookies_and_missing_bodies_arrive() {
    let Some(site) = served() else { return };
    let cookies = site.get("/app/cookies");
    let set = cookies.fields("Set-Cookie");
    assert_eq!(set.len(), 2, "{set:?}");
    assert!(
        set[0].starts_with("first=\"1\\054 with a comma\"; HttpOnly"),
        "{set:?}"
    );
    assert!(set[1].starts_with("second=zwei; Expires="), "{set:?}");
    site.get("/app/teapot").check(418, "short and stout");
    site.get("/app/nowhere").check(404, "Not Found");
    site.curl("/app/name", &["--request", "PUT"])
        .check(405, "Method Not Allowed");
    let empty = site.get("/app/empty");
    assert_eq!((empty.status, empty.body.len()), (204, 0));
    let head = site.curl("/app/teapot", &["--head"]);
    assert_eq!(
        (head.status, head.fields("Content-Length")),
        (418, vec!["16"])
    );
    site.end_in_silence();
}

#[test]
fn it_takes_uploads_of_known_and_of_unknown_length() {
    let Some(site) = served() else { return };
    let upload = site.upload("Zoë.bin", &every_byte());
    let expected = json!([{ "name": "Zoë.bin", "type": "image/x-test", "sha256": upload.sha256 }]);
    for framing in FRAMINGS {
        let answer = site.curl(
            "/app/upload",
            &["--header", framing, "--form", &upload.part()],
        );
        assert_eq!(answer.json(), expected, "{framing}");
    }
    site.end_in_silence();
}

#[test]
fn a_stream_arrives_piece_by_piece() {
    let Some(site) = served() else { return };
    let go = site.home.path().join("site/go");
    site.check_streaming("/app/stream", &go);
    site.end_in_silence();
}

#[test]
fn a_browser_keeps_its_session() {
    if !installed(&["chromium", "chromedriver"]) {
        return;
    }
    let Some(site) = served() else { return };
    let browser = Browser::open(site.home.path());
    browser.go(&site.url("/app/"));
    let field = browser.element("input[name=name]");
    field.clear();
    field.type_in("Zoë & 陳");
    browser.element("#send").click();
    browser.wait_for_text("h1", "Hello Zoë & 陳");
    assert_eq!(browser.element("#visits").text(), "2");
    drop(browser);
    site.end_in_silence();
}
