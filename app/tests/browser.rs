//! The example sites as people use them: a real Chromium, the real studio, and nothing between them.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends where it stands"
)]

#[allow(dead_code, reason = "the tests of the window use the rest")]
mod support;

use std::fs;

use support::program::installed;
use support::studio::{Home, Serving};
use support::web_driver::Browser;

/// Markup, letters beyond ASCII and beyond Latin, and the sign that separates fields.
const NAME: &str = "<b>Zoë & 陳</b>";
const NAME_ESCAPED: &str = "&lt;b&gt;Zoë &amp; 陳&lt;/b&gt;";

/// An example that is served, and a browser to look at it with.
struct Visit {
    // The order is that of the end: browser, studio, their home.
    browser: Browser,
    serving: Serving,
    home: Home,
}

impl Visit {
    /// Nothing where no browser is installed.
    fn to(example: &str) -> Option<Self> {
        Self::with(example, &[])
    }

    /// The same, served with more arguments.
    fn with(example: &str, more: &[&str]) -> Option<Self> {
        if !installed(&["chromium", "chromedriver", "python3"]) {
            return None;
        }
        let home = Home::new();
        home.example(example);
        let folder = format!("sites/{example}");
        let arguments = ["serve", &folder, "--listen", "127.0.0.1:0"];
        let serving = home.serving(&[&arguments, more].concat());
        Some(Self {
            browser: Browser::open(home.path()),
            serving,
            home,
        })
    }

    #[track_caller]
    fn go(&self, path: &str) {
        self.browser
            .go(&format!("http://{}{path}", self.serving.address));
    }

    #[track_caller]
    fn fill_in(&self, selector: &str, text: &str) {
        let field = self.browser.element(selector);
        field.clear();
        field.type_in(text);
    }

    #[track_caller]
    fn click(&self, selector: &str) {
        self.browser.element(selector).click();
    }

    /// Waits until the studio has told of such a request.
    #[track_caller]
    fn wait_for_log(&self, method: &str, path: &str) {
        let is_told = |line: String| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(2) == Some(&method)
        };
        while !is_told(self.serving.stdout_line(path)) {}
    }

    /// The cells of a table whose rows have a heading, as heading and content.
    fn rows(&self) -> Vec<(String, String)> {
        let texts = |selector| {
            let elements = self.browser.elements(selector);
            elements.into_iter().map(|element| element.text())
        };
        texts("table th").zip(texts("table td")).collect()
    }
}

#[track_caller]
fn check_greeting(visit: &Visit) {
    let browser = &visit.browser;
    assert_eq!(browser.element("h1").text(), format!("Hello {NAME}"));
    assert!(browser.elements("h1 b").is_empty(), "markup came through");
    assert_eq!(browser.element("input[name=name]").value(), NAME);
    assert_eq!(browser.element("input[name=city]").value(), "São Paulo");
    let source = browser.source();
    assert!(source.contains(NAME_ESCAPED), "{source}");
}

#[test]
fn a_form_sent_with_get_comes_back_escaped() {
    let Some(visit) = Visit::to("form") else {
        return;
    };
    visit.go("/");
    visit.fill_in("form[method=get] input[name=name]", NAME);
    visit.click("form[method=get] button");
    let query = "name=%3Cb%3EZo%C3%AB+%26+%E9%99%B3%3C%2Fb%3E&city=S%C3%A3o+Paulo";
    visit.browser.wait_for_address(&format!("?{query}"));
    check_greeting(&visit);
    assert_eq!(
        visit.browser.element("p code").text(),
        query,
        "QUERY_STRING"
    );
    visit.wait_for_log("GET", "/cgi-bin/get-form.py");
}

#[test]
fn a_form_sent_with_post_comes_back_escaped() {
    let Some(visit) = Visit::to("form") else {
        return;
    };
    visit.go("/");
    visit.fill_in("form[method=post] input[name=name]", NAME);
    visit.click("form[method=post] button");
    visit.browser.wait_for_address("/cgi-bin/post-form.py");
    check_greeting(&visit);
    visit.wait_for_log("POST", "/cgi-bin/post-form.py");
}

#[test]
fn each_kind_of_control_sends_what_was_chosen() {
    let Some(visit) = Visit::to("form") else {
        return;
    };
    visit.go("/cgi-bin/controls.py");
    assert!(
        visit.rows().iter().all(|(_, values)| values == "absent"),
        "{:?}",
        visit.rows()
    );
    visit.click("input[value=cheese]");
    visit.click("input[value=garlic]");
    visit.click("input[name=hot]");
    visit.click("input[value=small]");
    visit.click("input[value=large]");
    visit.click("select[name=drink] option:nth-child(3)");
    visit.click("select[name=side] option:nth-child(1)");
    visit.click("select[name=side] option:nth-child(3)");
    visit.fill_in("textarea", "one\ntwo");
    visit.click("form button");
    visit.browser.wait_for_address("&note=one%0D%0Atwo");
    let expected = [
        ("topping", "['olives', 'garlic']"),
        ("hot", "['on']"),
        ("size", "['large']"),
        ("drink", "['maté']"),
        ("side", "['bread', 'soup']"),
        ("note", r"['one\r\ntwo']"),
    ];
    let expected = expected.map(|(name, values)| (name.to_owned(), values.to_owned()));
    assert_eq!(visit.rows(), expected);
}

#[test]
fn a_cookie_is_set_sent_back_and_deleted() {
    let Some(visit) = Visit::to("cookies") else {
        return;
    };
    let browser = &visit.browser;
    visit.go("/cgi-bin/read-cookie.py");
    assert_eq!(browser.element("h1").text(), "Hello, stranger");
    visit.fill_in("input[name=name]", NAME);
    visit.click("form p:nth-of-type(2) button:first-of-type");
    browser.wait_for_text("h1", &format!("Hello {NAME}"));
    let quoted = "%3Cb%3EZo%C3%AB%20%26%20%E9%99%B3%3C/b%3E";
    let cookie = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        browser.cookies(),
        [cookie("name", quoted), cookie("visits", "2")]
    );
    visit.go("/cgi-bin/read-cookie.py");
    assert!(browser.text().contains("Visit number 3."));
    visit.click("button[name=forget]");
    browser.wait_for_text("h1", "Hello, stranger");
    assert_eq!(browser.cookies(), [cookie("visits", "1")]);
}

#[test]
fn an_uploaded_file_comes_back_byte_for_byte() {
    let Some(visit) = Visit::to("upload") else {
        return;
    };
    let browser = &visit.browser;
    let name = "Zoë 陳 (1).bin";
    // Every byte, line ends of all kinds, what looks like a boundary, and more than a pipe holds.
    let mut bytes: Vec<u8> = (0..=u8::MAX).cycle().take(300_000).collect();
    bytes.extend_from_slice(b"\r\n------WebKitFormBoundary\r\n\r\n--\n\r--");
    let file = visit.home.path().join(name);
    fs::write(&file, &bytes).unwrap();

    visit.go("/cgi-bin/upload.py");
    let field = browser.element("input[type=file]");
    field.type_in(file.to_str().unwrap());
    visit.click("form button");
    browser.wait_for_text("h1", "Received 1 file");
    let link = browser.element("table a");
    assert_eq!(link.text(), name);
    link.click();
    let (saved, downloaded) = browser.downloaded();
    assert_eq!(saved, name);
    assert!(downloaded == bytes, "{} bytes differ", downloaded.len());
}

#[test]
fn a_redirect_after_post_leads_on_and_a_local_one_stays() {
    let Some(visit) = Visit::to("redirect") else {
        return;
    };
    visit.go("/cgi-bin/redirect.py");
    visit.click("form button");
    visit
        .browser
        .wait_for_address("/cgi-bin/landing.py?by=client");
    let method = ("REQUEST_METHOD".to_owned(), "GET".to_owned());
    assert_eq!(visit.rows().first(), Some(&method));
    visit.wait_for_log("POST", "/cgi-bin/redirect.py");
    visit.go("/cgi-bin/local.py");
    assert!(visit.browser.address().ends_with("/cgi-bin/local.py"));
    assert!(
        visit
            .browser
            .text()
            .contains("The server came here by itself")
    );
}

#[test]
fn a_signed_guest_book_shows_the_entry_once() {
    let Some(visit) = Visit::to("guestbook") else {
        return;
    };
    let browser = &visit.browser;
    visit.go("/cgi-bin/guestbook.py");
    visit.fill_in("input[name=name]", NAME);
    visit.fill_in("textarea", "Grüße\naus Köln");
    visit.click("form button");
    browser.wait_for_text(".entry b", NAME);
    // What follows a POST is a GET of the same script, which can be asked for again.
    visit.wait_for_log("POST", "/cgi-bin/guestbook.py");
    visit.wait_for_log("GET", "/cgi-bin/guestbook.py");
    visit.go("/cgi-bin/guestbook.py");
    let entries = browser.elements(".entry p");
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].text(), "Grüße\naus Köln");
    assert_eq!(browser.element("input[name=name]").value(), NAME);
}

#[test]
fn a_page_reloads_by_itself_after_a_save_also_a_page_that_failed() {
    let Some(visit) = Visit::with("hello", &["--reload"]) else {
        return;
    };
    let script = visit.home.path().join("sites/hello/cgi-bin/hello.py");
    let source = fs::read_to_string(&script).unwrap();
    // The folder is watched as soon as a save is noticed.
    visit.go("/cgi-bin/hello.py");
    let page = visit.browser.source();
    assert!(page.contains("added by CGI Studio"), "{page}");
    let h1 = |text: &str| visit.browser.wait_for_text("h1", text);
    h1("Hello from Python");
    fs::write(&script, source.replace("Hello from", "Good evening,")).unwrap();
    h1("Good evening, Python");
    fs::write(&script, "#!/usr/bin/env python3\nprint('oops')\n").unwrap();
    h1("The script printed text before its headers");
    fs::write(&script, &source).unwrap();
    h1("Hello from Python");
}

#[test]
fn each_broken_script_is_explained_in_the_browser() {
    let Some(visit) = Visit::to("broken") else {
        return;
    };
    let broken = cgi_studio::samples::sample("broken").unwrap();
    for (script, code) in &broken.expected {
        // These send a page of their own, or wait for as long as the time limit.
        if ["CGI069", "CGI066"].contains(&code.as_str()) {
            continue;
        }
        visit.go(&format!("/{script}"));
        let text = visit.browser.text();
        assert!(text.contains(code), "{script} is not {code}: {text}");
    }
}
