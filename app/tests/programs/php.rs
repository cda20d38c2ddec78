//! PHP pages through `php-cgi`, chosen by their suffix.

use std::fs;

use serde_json::json;

use crate::served::{FRAMINGS, Served, copy_of_site, every_byte};
use crate::support::program::{command, installed};
use crate::support::studio::Home;

fn served() -> Option<Served> {
    if !installed(&["curl", "php-cgi"]) {
        return None;
    }
    let home = Home::new();
    let folder = copy_of_site("php", &home);
    fs::create_dir(home.path().join("sessions")).unwrap();
    Some(Served::start(home, &folder))
}

#[test]
fn php_sees_the_request_as_it_was() {
    let Some(site) = served() else { return };
    site.get("/?name=%3CZo%C3%AB%3E")
        .check(200, "Hello &lt;Zoë&gt;");
    let folder = site.home.path().join("site");
    let told = site
        .get("/request.php/extra%20path?a%5B%5D=1&a%5B%5D=2&b.c=%C3%A9")
        .json();
    assert_eq!(told["sapi"], "cgi-fcgi");
    assert_eq!(told["get"], json!({ "a": ["1", "2"], "b_c": "é" }));
    assert_eq!(
        told["server"],
        json!({
            "DOCUMENT_ROOT": folder,
            "PATH_INFO": "/extra path",
            "PHP_SELF": "/request.php/extra path",
            "QUERY_STRING": "a%5B%5D=1&a%5B%5D=2&b.c=%C3%A9",
            "REDIRECT_STATUS": "200",
            "REQUEST_METHOD": "GET",
            "REQUEST_URI": "/request.php/extra%20path?a%5B%5D=1&a%5B%5D=2&b.c=%C3%A9",
            "SCRIPT_FILENAME": folder.join("request.php"),
            "SCRIPT_NAME": "/request.php",
            "SERVER_NAME": "127.0.0.1",
        })
    );
    let told = site
        .curl(
            "/request.php",
            &["--data-urlencode", "y=é & ü", "--cookie", "k=v"],
        )
        .json();
    assert_eq!(
        (&told["post"], &told["cookie"]),
        (&json!({ "y": "é & ü" }), &json!({ "k": "v" }))
    );
    let told = site
        .curl("/request.php", &["--request", "PUT", "--json", "{}"])
        .json();
    assert_eq!((&told["body"], &told["post"]), (&json!("{}"), &json!([])));
    site.end_in_silence();
}

#[test]
fn a_query_is_no_switch_for_the_interpreter() {
    let Some(site) = served() else { return };
    // Words without `=` become arguments (RFC 3875 §4.4); `-s` makes php-cgi show the source (CVE-2012-1823).
    for query in ["-s", "-d+allow_url_include%3d1+-s", "--version", "%ADs"] {
        let page = site.get(&format!("/?{query}"));
        page.check(200, "<h1>Hello stranger</h1>");
        assert!(!page.text().contains("htmlspecialchars"), "{query}");
    }
    site.end_in_silence();
}

#[test]
fn php_chooses_status_redirect_header_fields_and_cookies() {
    let Some(site) = served() else { return };
    let page = site.get("/status.php?code=404");
    page.check(404, "as you like it");
    assert_eq!(page.fields("X-Twice"), ["one", "two"]);
    assert_eq!(
        page.fields("Set-Cookie"),
        ["first=1", "second=zwei%3B%20und%20mehr"]
    );
    let to = site.get("/status.php?to=/index.php?name=x");
    assert_eq!(
        (to.status, to.fields("Location")),
        (303, vec!["/index.php?name=x"])
    );
    site.curl("/status.php?to=/index.php", &["--location"])
        .check(200, "Hello stranger");
    for visits in ["1\n", "2\n", "3\n"] {
        site.get("/session.php").check(200, visits);
    }
    site.end_in_silence();
}

#[test]
fn uploads_of_every_framing_arrive() {
    let Some(site) = served() else { return };
    let upload = site.upload("Zoë.bin", &every_byte()[..1_900_000]);
    for framing in FRAMINGS {
        let answer = site.curl(
            "/upload.php",
            &["--header", framing, "--form", &upload.part()],
        );
        let expected = json!([{ "name": "Zoë.bin", "uploaded": true, "sha256": upload.sha256 }]);
        assert_eq!(answer.json(), expected, "{framing}");
    }
    site.end_in_silence();
}

#[test]
fn a_stream_arrives_piece_by_piece() {
    let Some(site) = served() else { return };
    let go = site.home.path().join("site/go");
    site.check_streaming("/stream.php", &go);
    site.end_in_silence();
}

#[test]
fn php_runs_by_its_first_line_and_as_a_program_that_guards_itself() {
    if !installed(&["curl", "php-cgi"]) {
        return;
    }
    let home = Home::new();
    home.script(
        "site/cgi-bin/page",
        "#!/usr/bin/php-cgi\n<?= 6 * 7 ?> is it\n",
    );
    let site = Served::start(home, "site".as_ref());
    site.get("/cgi-bin/page?-s").check(200, "42 is it");
    site.end_in_silence();

    // Asked for by itself, without a host that vouches for it, php-cgi refuses.
    let home = Home::new();
    let mut alone = command("php-cgi", home.path());
    alone
        .env("GATEWAY_INTERFACE", "CGI/1.1")
        .env("REQUEST_METHOD", "GET");
    #[allow(clippy::disallowed_methods)] // tests drive the real programs
    let refused = alone.output().unwrap();
    let refusal = String::from_utf8(refused.stdout).unwrap();
    assert!(refusal.contains("cannot be accessed directly"), "{refusal}");
}
