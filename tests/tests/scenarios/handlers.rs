//! What the site's settings put in the place of an answer: error documents, handlers of files and of methods,
//! and the environment of a part of the site.

use crate::{child, post, site, url};
use cgi_engine::cgi::meta_variable::{AbsenceReason, Provenance};
use cgi_engine::exchange::{Author, End};
use cgi_tests::{Answer, TestEngine, query};

fn serve(scope: &str) -> TestEngine {
    let site = site();
    let configuration = format!("[[scopes]]\n{scope}\n");
    site.file("cgi-studio.toml", configuration, 0o644);
    let engine = TestEngine::start(child(), site);
    let problems = engine.engine.snapshot().state.problems;
    assert!(problems.is_empty(), "{problems:?}");
    engine
}

#[track_caller]
fn check_told(answer: &Answer, expected: &[(&str, Option<&str>)]) {
    for (name, value) in expected {
        let told = answer.told(&format!("env-{name}"));
        assert_eq!(told.as_deref(), *value, "{name}: {}", answer.text());
    }
}

#[test]
fn a_script_answers_for_an_error_with_what_it_must_know() {
    let document = format!("/cgi-bin/child/sorry?{}", query(&["text", "env", "count"]));
    let engine = serve(&format!("error_documents = {{ 404 = \"{document}\" }}"));
    let answer = engine.ask(post(
        "/no%20where?a=b",
        "Content-Length: 4\r\nCookie: c=1\r\n",
        "four",
    ));
    assert_eq!(
        (answer.status(), answer.head.reason.as_str()),
        (404, "Not Found")
    );
    check_told(
        &answer,
        &[
            ("REDIRECT_STATUS", Some("404")),
            ("REDIRECT_URL", Some("/no where")),
            ("REDIRECT_QUERY_STRING", Some("a=b")),
            ("REDIRECT_REQUEST_METHOD", Some("POST")),
            ("REQUEST_METHOD", Some("GET")),
            ("REQUEST_URI", Some("/no%20where?a=b")),
            ("PATH_INFO", Some("/sorry")),
            ("HTTP_COOKIE", Some("c=1")),
            ("CONTENT_LENGTH", None),
        ],
    );
    assert_eq!(answer.told("stdin-bytes").as_deref(), Some("0"));
    let exchange = engine.ended(1);
    let response = exchange.response.as_ref().unwrap();
    assert_eq!((response.status, response.author), (404, Author::Script));
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn the_script_of_an_error_document_may_name_another_status() {
    let document = format!(
        "/cgi-bin/child?{}",
        query(&["out=Status: 410 Gone\nContent-Type: text/plain\n\nx"])
    );
    let engine = serve(&format!("error_documents = {{ 404 = \"{document}\" }}"));
    let answer = engine.get("/nowhere");
    assert_eq!(
        (answer.status(), answer.head.reason.as_str()),
        (410, "Gone")
    );
}

#[test]
fn a_file_a_text_and_an_address_stand_in_for_the_studios_page() {
    let engine = serve(
        "error_documents = { 404 = \"/sorry.html\", 403 = \"text:<p>Go away\", 405 = \"https://example.org/help\" }",
    );
    engine.site.file("sorry.html", "<p>sorry", 0o644);
    engine.site.file("page.py~", "secret", 0o644);
    let range = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\n\r\n";
    let answer = engine.ask(range);
    assert_eq!((answer.status(), answer.text().as_str()), (404, "<p>sorry"));
    assert_eq!(engine.ended(1).response.as_ref().unwrap().status, 404);
    let answer = engine.get("/page.py~");
    assert_eq!(
        (answer.status(), answer.text().as_str()),
        (403, "<p>Go away")
    );
    let answer = engine.ask(post("/sorry.html", "Content-Length: 0\r\n", ""));
    assert_eq!(
        (answer.status(), answer.head.value("location")),
        (302, Some("https://example.org/help"))
    );
}

/// A script that says 404 has said it; no document takes its place (RFC 3875 §6.3.3).
#[test]
fn a_scripts_own_status_is_never_replaced() {
    let engine = serve("error_documents = { 404 = \"text:other\", 500 = \"text:failed\" }");
    let answer = engine.get(&url(&[
        "out=Status: 404 Not Found\nContent-Type: text/plain\n\nmine",
    ]));
    assert_eq!((answer.status(), answer.text().as_str()), (404, "mine"));
    let answer = engine.get(&url(&[
        "out=Status: 500 Mine\nContent-Type: text/plain\n\nmine",
    ]));
    assert_eq!((answer.status(), answer.text().as_str()), (500, "mine"));
    // Where the script gave nothing, the answer is the server's.
    let answer = engine.get(&url(&["exit=1"]));
    assert_eq!((answer.status(), answer.text().as_str()), (500, "failed"));
}

#[test]
fn an_error_document_that_fails_itself_is_not_asked_again() {
    for document in ["/nothing.html", "/cgi-bin/child?exit=1", "/cgi-bin/loop"] {
        let engine = serve(&format!(
            "error_documents = {{ 404 = \"{document}\", 500 = \"{document}\" }}"
        ));
        engine
            .site
            .script("loop", "#!/bin/sh\nprintf 'Location: /nowhere\\n\\n'\n");
        let answer = engine.get("/nowhere");
        assert_eq!(answer.status(), 404, "{document}");
        assert!(
            answer.text().contains("Nothing is there by that name"),
            "{document}"
        );
        assert_eq!(engine.ended(1).end, Some(End::Answered));
    }
}

#[test]
fn the_question_for_a_login_survives_its_document() {
    for document in [
        "text:members only",
        "/sorry.html",
        "/cgi-bin/child",
        "https://example.org/",
    ] {
        let engine = serve(&format!(
            "url = \"/private\"\nrequire = \"valid-user\"\nauthentication = {{ realm = \"x\", user_file = \".users\" }}\n\
             error_documents = {{ 401 = \"{document}\" }}"
        ));
        engine.site.file("sorry.html", "<p>sorry", 0o644);
        let answer = engine.get("/private/x");
        assert_eq!(answer.status(), 401, "{document}");
        assert!(
            answer.head.value("www-authenticate").is_some(),
            "{document}"
        );
    }
}

#[test]
fn a_head_request_for_what_is_not_there_gets_the_documents_head() {
    let engine = serve("error_documents = { 404 = \"/sorry.html\" }");
    engine.site.file("sorry.html", "<p>sorry", 0o644);
    let mut client = engine.connect();
    client.send("HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.answer_to_head().status(), 404);
    client.send(crate::get("/sorry.html"));
    assert_eq!(client.answer().text(), "<p>sorry");
}

#[test]
fn a_script_shows_files_of_a_kind() {
    let engine = serve("actions = { \".md\" = \"/cgi-bin/child\" }");
    let file = engine.site.file("docs/a page.md", "# Title", 0o644);
    let target = format!(
        "/docs/a%20page.md/extra?{}",
        query(&["text", "env", "echo"])
    );
    let answer = engine.ask(post(
        &target,
        "Content-Length: 4\r\nContent-Type: a/b\r\n",
        "four",
    ));
    let root = engine.site.root();
    let translated = root.join("docs/a page.md/extra");
    check_told(
        &answer,
        &[
            ("REQUEST_METHOD", Some("POST")),
            ("SCRIPT_NAME", Some("/cgi-bin/child")),
            ("PATH_INFO", Some("/docs/a page.md/extra")),
            ("PATH_TRANSLATED", translated.to_str()),
            ("CONTENT_LENGTH", Some("4")),
            ("CONTENT_TYPE", Some("a/b")),
            ("REDIRECT_STATUS", Some("200")),
            ("REDIRECT_URL", Some("/docs/a page.md/extra")),
        ],
    );
    assert!(answer.text().ends_with("four"));
    assert!(file.exists());
    assert_eq!(engine.get("/docs/none.md").status(), 404);
}

#[test]
fn a_handler_that_is_not_there_is_told() {
    let engine = serve("actions = { \".md\" = \"/cgi-bin/missing\" }");
    engine.site.file("page.md", "# Title", 0o644);
    assert_eq!(engine.get("/page.md").status(), 404);
    let steps = engine.ended(1).selection.steps.join("\n");
    assert!(
        steps.contains("/cgi-bin/missing") && steps.contains("no missing in"),
        "{steps}"
    );
}

#[test]
fn a_script_answers_a_method_where_no_script_answers_itself() {
    let handler = "/cgi-bin/child";
    let engine = serve(&format!(
        "method_scripts = {{ PUT = \"{handler}\", GET = \"{handler}\" }}"
    ));
    engine.site.file("page.html", "<p>page", 0o644);
    let commands = query(&["text", "env", "count"]);
    for target in ["/page.html", "/new/file.txt"] {
        let request = format!(
            "PUT {target}?{commands} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
        );
        let answer = engine.ask(request);
        let translated = format!("{}{target}", engine.site.root().display());
        check_told(
            &answer,
            &[
                ("REQUEST_METHOD", Some("PUT")),
                ("PATH_INFO", Some(target)),
                ("PATH_TRANSLATED", Some(&translated)),
            ],
        );
        assert_eq!(answer.told("stdin-bytes").as_deref(), Some("3"));
    }
    // As with Apache's Script: a GET only where it has a query.
    assert_eq!(engine.get("/page.html").text(), "<p>page");
    let answer = engine.get(&format!("/page.html?{commands}"));
    check_told(&answer, &[("PATH_INFO", Some("/page.html"))]);
    // A script answers for itself.
    let answer = engine.get(&url(&["text", "env"]));
    check_told(&answer, &[("PATH_INFO", None)]);
}

#[test]
fn what_does_not_exist_for_visitors_does_not_for_their_methods() {
    let engine = serve(
        "method_scripts = { PUT = \"/cgi-bin/child\" }\nauthentication = { realm = \"x\", user_file = \"users\" }",
    );
    engine.site.file("users", "alice:x", 0o644);
    engine.site.file("cgi-bin/none.py", "", 0o644);
    for target in ["/cgi-studio.toml", "/.htaccess", "/.git/config", "/users"] {
        let request =
            format!("PUT {target}?text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na");
        let answer = engine.ask(request);
        assert_eq!(answer.status(), 404, "{target}: {}", answer.text());
    }
    std::os::unix::fs::symlink("/etc", engine.site.path("away")).unwrap();
    let request = "PUT /away/x?text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(engine.ask(request).status(), 403);
}

#[test]
fn a_handler_knows_who_has_logged_in_for_what_it_handles() {
    let engine = serve(
        "url = \"/members\"\nrequire = \"valid-user\"\nactions = { \".md\" = \"/cgi-bin/child\" }\n\
         method_scripts = { PUT = \"/cgi-bin/child\" }\n\
         authentication = { realm = \"x\", user_file = \".users\" }",
    );
    let users = "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";
    engine.site.file(".users", users, 0o600);
    engine.site.file("members/page.md", "# Title", 0o644);
    let commands = query(&["text", "env"]);
    for (method, target) in [("GET", "/members/page.md"), ("PUT", "/members/new")] {
        let answer = engine.ask(format!(
            "{method} {target}?{commands} HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n"
        ));
        let login = [("AUTH_TYPE", Some("Basic")), ("REMOTE_USER", Some("alice"))];
        check_told(&answer, &login);
    }
    // The same script asked for itself needs no login and hears of none.
    let answer = engine.get(&url(&["text", "env"]));
    check_told(&answer, &[("AUTH_TYPE", None), ("REMOTE_USER", None)]);
}

#[test]
fn a_folder_is_no_document_for_an_error() {
    for document in ["/errors", "/errors/"] {
        let engine = serve(&format!(
            "url = \"/private\"\nrequire = \"valid-user\"\nauthentication = {{ realm = \"x\", user_file = \".users\" }}\n\
             error_documents = {{ 401 = \"{document}\" }}"
        ));
        engine.site.file("errors/401.txt", "", 0o644);
        let answer = engine.get("/private/x");
        assert_eq!(answer.status(), 401, "{document}: {}", answer.text());
        assert!(answer.head.value("www-authenticate").is_some());
    }
}

#[test]
fn the_environment_of_a_part_of_the_site() {
    // The variable is there in every test run; cargo sets it.
    let engine = serve(
        "folder = \"cgi-bin\"\nset_environment = { COLOUR = \"red\", SERVER_SOFTWARE = \"mine/1\" }\n\
         pass_environment = [\"CARGO_MANIFEST_DIR\", \"NO_SUCH_VARIABLE\"]\nunset_environment = [\"HTTP_REFERER\"]",
    );
    let target = url(&["text", "env"]);
    let answer = engine.ask(format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nReferer: http://r/\r\n\r\n"
    ));
    let passed = std::env::var("CARGO_MANIFEST_DIR").ok();
    check_told(
        &answer,
        &[
            ("COLOUR", Some("red")),
            ("SERVER_SOFTWARE", Some("mine/1")),
            ("CARGO_MANIFEST_DIR", passed.as_deref()),
            ("NO_SUCH_VARIABLE", None),
            ("HTTP_REFERER", None),
        ],
    );
    let exchange = engine.ended(1);
    let request = &exchange.invocation().unwrap().request;
    assert_eq!(request.get("COLOUR").unwrap().provenance, Provenance::Site);
    let referer = request
        .absent
        .iter()
        .find(|absent| absent.name == "HTTP_REFERER");
    assert_eq!(referer.unwrap().reason, AbsenceReason::TakenAwayBySite);
    let findings = cgi_engine::diagnosis::after_run(&exchange);
    let titles: Vec<_> = findings
        .iter()
        .map(|finding| finding.title.as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "The site's settings override SERVER_SOFTWARE",
            "The site's settings override HTTP_REFERER"
        ]
    );
}

#[test]
fn a_part_of_the_site_is_more_lenient_than_the_rest() {
    let page = "out=X : y\nContent-Type: text/plain\n\nx";
    let engine = serve("url = \"/cgi-bin/child/lenient\"\nstrictness = \"lenient\"");
    assert_eq!(engine.get(&url(&[page])).status(), 500);
    let lenient = format!("/cgi-bin/child/lenient?{}", query(&[page]));
    assert_eq!(engine.get(&lenient).status(), 200);
}

#[test]
fn strictness_wants_a_content_type_for_a_page_only() {
    let engine = serve("strictness = \"strict\"");
    let head = "out=Status: 403 Forbidden\nPragma: no-cache\n\n";
    let refused = engine.get(&url(&[head]));
    assert_eq!((refused.status(), refused.text().as_str()), (403, ""));
    // The page may come in the same piece as the headers, or later.
    let whole = format!("{head}page");
    for page in [&[&*whole][..], &[head, "out=page"]] {
        assert_eq!(engine.get(&url(page)).status(), 500, "{page:?}");
    }
    let mut client = engine.connect();
    let target = url(&[head]);
    client.send(format!("HEAD {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_eq!(client.answer_to_head().status(), 403);
}

#[test]
fn extra_path_is_translated_by_the_aliases() {
    let site = site();
    site.file(
        "cgi-studio.toml",
        "[scripts]\naliases = { \"/pictures\" = \"assets/img\" }\n",
        0o644,
    );
    let engine = TestEngine::start(child(), site);
    let root = engine.site.root();
    let commands = query(&["text", "env"]);
    for (extra, translated) in [
        ("/pictures/cat.png", root.join("assets/img/cat.png")),
        ("/other", root.join("other")),
        ("/pictures/../other", root.join("other")),
    ] {
        let answer = engine.get(&format!("/cgi-bin/child{extra}?{commands}"));
        check_told(&answer, &[("PATH_TRANSLATED", translated.to_str())]);
    }
}
