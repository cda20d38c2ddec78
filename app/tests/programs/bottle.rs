//! A bottle application through the CGI adapter that bottle brings along.

use serde_json::json;

use crate::served::{FRAMINGS, PYTHON, Served, copy_of_site, every_byte, has_library};
use crate::support::studio::Home;

#[test]
fn its_routes_forms_cookies_and_files_are_what_bottle_says() {
    if !has_library("bottle", PYTHON, &["-c", "import bottle"]) {
        return;
    }
    let home = Home::new();
    let folder = copy_of_site("bottle", &home);
    let site = Served::start(home, &folder);
    site.get("/bottle/?name=%3CZo%C3%AB%3E")
        .check(200, "Hello &lt;Zoë&gt;");
    let form = site.curl("/bottle/form?x=1", &["--data-urlencode", "y=é & ü"]);
    assert_eq!(
        form.json(),
        json!({ "query": { "x": "1" }, "form": { "y": "é & ü" }, "root": "/bottle/" })
    );
    site.curl("/bottle/login", &["--location"])
        .check(200, "Zoë\n");
    site.get("/bottle/nowhere").check(404, "Not found");

    let upload = site.upload("Zoë.bin", &every_byte());
    for framing in FRAMINGS {
        let answer = site.curl(
            "/bottle/upload",
            &["--header", framing, "--form", &upload.part()],
        );
        assert_eq!(
            answer.json(),
            json!({ "name": "Zoë.bin", "sha256": upload.sha256 }),
            "{framing}"
        );
    }

    let source = site.get("/bottle/source");
    source.check(200, "run(server=\"cgi\"");
    let since = format!("If-Modified-Since: {}", source.fields("Last-Modified")[0]);
    let unchanged = site.curl("/bottle/source", &["--header", &since]);
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    let part = site.curl("/bottle/source", &["--range", "0-9"]);
    assert_eq!((part.status, part.text().as_str()), (206, "#!/usr/bin"));
    let all = source.body.len();
    assert_eq!(part.fields("Content-Range"), [format!("bytes 0-9/{all}")]);
    site.end_in_silence();
}
