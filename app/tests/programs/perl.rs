//! Perl scripts with CGI.pm.

use crate::served::{FRAMINGS, Served, copy_of_site, every_byte, has_library};
use crate::support::studio::Home;

fn served() -> Option<Served> {
    if !has_library("CGI.pm", "/usr/bin/perl", &["-MCGI", "-e1"]) {
        return None;
    }
    let home = Home::new();
    let folder = copy_of_site("perl", &home);
    Some(Served::start(home, &folder))
}

#[test]
fn its_parameters_cookies_and_redirects_are_what_cgi_pm_says() {
    let Some(site) = served() else { return };
    let page = site.get("/cgi-bin/form.pl/extra/p%20q?a=1;a=2&b=%3CZo%C3%AB%3E");
    for words in [
        "<h1>Hello stranger</h1>",
        "<p>a = 1, 2</p>",
        "<p>b = &lt;Zoë&gt;</p>",
        "<p>path /extra/p q, method GET, self ",
    ] {
        page.check(200, words);
    }
    page.check(200, &site.url("/cgi-bin/form.pl/extra/p%20q"));
    let keywords = site.get("/cgi-bin/form.pl?some+words");
    keywords.check(200, "<p>keywords = some, words</p>");
    site.curl("/cgi-bin/form.pl", &["--data-urlencode", "b=é & ü"])
        .check(200, "<p>b = é &amp; ü</p>");
    site.curl(
        "/cgi-bin/form.pl",
        &["--form-string", "b=<é", "--form-string", "b=2"],
    )
    .check(200, "<p>b = &lt;é, 2</p>");
    let redirected = site.curl("/cgi-bin/form.pl", &["--data-urlencode", "remember=Zoë x"]);
    assert_eq!(redirected.status, 303);
    assert_eq!(
        redirected.fields("Set-Cookie"),
        ["name=Zo%C3%AB%20x; path=/"]
    );
    assert_eq!(redirected.fields("Location"), ["/cgi-bin/form.pl"]);
    site.get("/cgi-bin/form.pl")
        .check(200, "<h1>Hello Zoë x</h1>");
    site.end_in_silence();
}

#[test]
fn uploads_of_every_framing_arrive() {
    let Some(site) = served() else { return };
    let upload = site.upload("Zoë.bin", &every_byte());
    for framing in FRAMINGS {
        let answer = site.curl(
            "/cgi-bin/upload.pl",
            &["--header", framing, "--form", &upload.part()],
        );
        let expected = format!(
            "file Zoë.bin\ntype image/x-test\nsha256 {}\n",
            upload.sha256
        );
        assert_eq!(answer.text(), expected, "{framing}");
    }
    site.get("/cgi-bin/upload.pl").check(400, "no file");
    site.end_in_silence();
}

#[test]
fn a_script_may_write_the_whole_response() {
    let Some(site) = served() else { return };
    let go = site.home.path().join("site/go");
    site.check_nph("/cgi-bin/nph-pieces.pl", &go);
    site.get("/cgi-bin/nph-pieces.pl")
        .check(200, "before\nafter\n");
    let pushed = site.get("/cgi-bin/push.pl");
    let kind = pushed.fields("Content-Type");
    assert!(
        kind[0].starts_with("multipart/x-mixed-replace;boundary=\"next\""),
        "{kind:?}"
    );
    pushed.check(200, "--next\r\nContent-Type: text/plain\r\n\r\npage 2\n");
    site.end_in_silence();
}
