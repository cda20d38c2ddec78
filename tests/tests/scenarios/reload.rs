//! Pages that reload by themselves: what the browser gets, what the record keeps, and when a page hears of a save.

use crate::{child, site};
use cgi_engine::message::Watching;
use cgi_tests::{Answer, Client, TestEngine, eventually};
use std::fs;

const PAGE: &str = "<html><body><p>one</p></body></html>\n";
const ADDED: &str = "new EventSource(\"/.cgi-studio/reload\")";

fn script(head: &str, page: &str) -> String {
    format!("#!/bin/sh\nprintf '{head}\\n\\n'\ncat <<'end'\n{page}end\n")
}

fn serve(scripts: &[(&str, String)]) -> TestEngine {
    let site = site();
    for (name, text) in scripts {
        site.script(name, text);
    }
    let engine = TestEngine::start(child(), site);
    eventually("the folder is watched", || {
        engine.engine.snapshot().state.watching != Watching::Starting
    });
    engine.engine.reload_pages(true);
    engine
}

fn as_browser(engine: &TestEngine, method: &str, target: &str) -> Answer {
    let mut client = engine.connect();
    client.send(format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n"
    ));
    if method == "HEAD" {
        client.answer_to_head()
    } else {
        client.answer()
    }
}

#[test]
fn a_page_gets_the_script_and_the_record_keeps_what_was_printed() {
    let engine = serve(&[("a.sh", script("Content-Type: text/html", PAGE))]);
    let answer = as_browser(&engine, "GET", "/cgi-bin/a.sh");
    let page = answer.text();
    let (before, after) = page.split_once("<!-- added by CGI Studio").unwrap();
    assert_eq!(before, "<html><body><p>one</p>");
    assert!(
        after.contains(ADDED) && after.ends_with("</body></html>\n"),
        "{after}"
    );
    let exchange = engine.ended(1);
    let printed = exchange.invocation().unwrap().stdout.head().into_owned();
    assert!(printed.ends_with(PAGE.as_bytes()));
    let response = exchange.response.as_ref().unwrap();
    assert_eq!(response.body_bytes, PAGE.len() as u64);
    let head = String::from_utf8_lossy(&response.sent_head).to_ascii_lowercase();
    assert!(
        head.contains("cgi-studio-added: a script that reloads the page"),
        "{head}"
    );
}

#[track_caller]
fn check_untouched(engine: &TestEngine, answer: &Answer) {
    assert!(!answer.text().contains(ADDED));
    assert_eq!(answer.head.value("CGI-Studio-Added"), None);
    assert!(engine.engine.reloads_pages());
}

#[test]
fn nothing_else_is_touched() {
    let html = "Content-Type: text/html";
    let engine = serve(&[
        ("a.sh", script(html, PAGE)),
        ("plain.sh", script("Content-Type: text/plain", PAGE)),
        (
            "zip.sh",
            script(&format!("{html}\\nContent-Encoding: gzip"), PAGE),
        ),
        ("wide.sh", script(&format!("{html}; charset=utf-16"), PAGE)),
        (
            "csp.sh",
            script(
                &format!("{html}\\nContent-Security-Policy: script-src 'none'"),
                PAGE,
            ),
        ),
        (
            "nph-a.sh",
            script(
                "HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\n\\r",
                PAGE,
            ),
        ),
    ]);
    for name in ["plain.sh", "zip.sh", "wide.sh", "csp.sh", "nph-a.sh"] {
        let answer = as_browser(&engine, "GET", &format!("/cgi-bin/{name}"));
        check_untouched(&engine, &answer);
        assert!(answer.text().ends_with(PAGE), "{name}");
    }
    check_untouched(&engine, &as_browser(&engine, "HEAD", "/cgi-bin/a.sh"));
    check_untouched(&engine, &as_browser(&engine, "POST", "/cgi-bin/a.sh"));
    // Not for a browser: curl, and the studio itself.
    check_untouched(&engine, &engine.get("/cgi-bin/a.sh"));
    let request = "GET /cgi-bin/a.sh HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n";
    let (_, own) = engine.engine.submit(request.as_bytes().to_vec());
    assert!(!String::from_utf8_lossy(&own).contains(ADDED));
    engine.engine.reload_pages(false);
    let answer = as_browser(&engine, "GET", "/cgi-bin/a.sh");
    assert_eq!(answer.text(), PAGE);
}

#[test]
fn a_file_of_the_site_and_the_page_of_a_failure_get_it_too() {
    let engine = serve(&[("broken.sh", "#!/bin/sh\necho no headers\n".to_owned())]);
    engine.site.file("index.html", PAGE, 0o644);
    let file = as_browser(&engine, "GET", "/index.html");
    assert!(file.text().contains(ADDED));
    assert!(file.text().ends_with("</body></html>\n"));
    let length = file.body.len().to_string();
    assert_eq!(file.head.value("Content-Length"), Some(&*length));
    let failure = as_browser(&engine, "GET", "/cgi-bin/broken.sh");
    assert_eq!(failure.status(), 500);
    assert!(failure.text().contains(ADDED));
    let own = engine.ended(2).response.as_ref().unwrap().own_body.clone();
    assert!(!String::from_utf8_lossy(&own).contains(ADDED));
}

/// Reads what a page is told, up to the next number of saves.
fn number(client: &mut Client) -> u64 {
    let mut told = String::new();
    loop {
        let chunk = client.chunk().unwrap();
        told.push_str(&String::from_utf8_lossy(&chunk));
        let number = told.split("data: ").nth(1).and_then(|rest| {
            let (number, _) = rest.split_once('\n')?;
            number.trim().parse().ok()
        });
        if let Some(number) = number {
            return number;
        }
    }
}

#[test]
fn a_page_hears_of_each_save_and_its_question_is_not_recorded() {
    let engine = serve(&[("a.sh", script("Content-Type: text/html", PAGE))]);
    let mut client = engine.connect();
    client.send("GET /.cgi-studio/reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(
        client.head().value("content-type"),
        Some("text/event-stream")
    );
    let first = number(&mut client);
    assert!(engine.engine.rows().is_empty());
    fs::write(engine.site.path("cgi-bin/a.sh"), "changed").unwrap();
    assert!(number(&mut client) > first);
    // Numbers of requests have no gap.
    as_browser(&engine, "GET", "/cgi-bin/a.sh");
    engine.ended(1);
    drop(client);
    engine.engine.shut_down();
}

#[test]
fn a_page_of_a_strange_host_hears_nothing_and_one_that_asks_too_late_is_told_to_stop() {
    let engine = serve(&[]);
    let strange = engine.ask(
        "GET /.cgi-studio/reload HTTP/1.1\r\nHost: evil.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
    );
    assert_eq!(strange.status(), 421);
    engine.engine.reload_pages(false);
    assert_eq!(engine.get("/.cgi-studio/reload").status(), 204);
}

#[test]
fn a_page_that_the_browser_has_without_the_script_is_sent_again() {
    let engine = serve(&[]);
    engine.site.file("index.html", PAGE, 0o644);
    engine.site.file("plain.txt", PAGE, 0o644);
    let since = |target: &str| {
        let mut client = engine.connect();
        client.send(format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\
             If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n\r\n"
        ));
        client.answer()
    };
    let page = since("/index.html");
    assert_eq!(page.status(), 200);
    assert!(page.text().contains(ADDED));
    assert_eq!(since("/plain.txt").status(), 304);
    engine.engine.reload_pages(false);
    assert_eq!(since("/index.html").status(), 304);
}

#[test]
fn a_page_that_is_open_when_it_is_switched_off_does_not_reload_once_more() {
    let engine = serve(&[("a.sh", script("Content-Type: text/html", PAGE))]);
    let mut client = engine.connect();
    client.send("GET /.cgi-studio/reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.head();
    number(&mut client);
    engine.engine.reload_pages(false);
    fs::write(engine.site.path("cgi-bin/a.sh"), "changed").unwrap();
    assert_eq!(client.chunk(), Some(Vec::new()), "the stream ends");
}
