//! What a request would become, told before it is sent: the same as its record tells afterwards.

use crate::{child, serve, site};
use cgi_engine::PreviewedAnswer;
use cgi_engine::exchange::SelectedTarget;
use cgi_tests::TestEngine;

const SETTINGS: &str = r#"
[environment]
DATABASE = "x y"

[[scopes]]
error_documents = { 404 = "/cgi-bin/child/lost" }

[[scopes]]
url = "/cgi-bin/guarded"
require = "valid-user"
authentication = { realm = "lab", user_file = ".users" }

[[scopes]]
url = "/cgi-bin/closed"
require = "all denied"
"#;

/// `dave:secret` in base 64.
const DAVE: &str = "Authorization: Basic ZGF2ZTpzZWNyZXQ=\r\n";

fn served() -> TestEngine {
    let site = site();
    site.file(".users", "dave:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n", 0o600);
    site.file("cgi-studio.toml", SETTINGS, 0o644);
    site.file("page.html", "<p>", 0o644);
    for name in ["guarded", "closed", "nph-plain"] {
        site.program(child(), &format!("cgi-bin/{name}"));
    }
    site.script("broken", "#!/nonesuch/perl\n");
    let engine = TestEngine::start(child(), site);
    let problems = engine.engine.snapshot().state.problems;
    assert!(problems.is_empty(), "{problems:?}");
    engine
}

/// Preview and record of the same bytes tell the same.
#[track_caller]
fn check(engine: &TestEngine, request: &str) {
    let preview = engine.engine.preview(request.as_bytes());
    let (id, _) = engine.engine.submit(request.as_bytes().to_vec());
    let exchange = engine.ended(id.unwrap().0);
    assert_eq!(preview.steps, exchange.selection.steps, "{request:?}");
    assert_eq!(preview.target, exchange.selection.target, "{request:?}");
    assert_eq!(preview.refusal, exchange.request.refusal, "{request:?}");
    let run = exchange.invocations.first();
    assert_eq!(
        preview.run().map(|run| &*run.request),
        run.map(|run| &*run.request),
        "{request:?}"
    );
    let program = preview.run().and_then(|run| run.program.clone().ok());
    let recorded = run.and_then(|run| run.program.clone());
    assert_eq!(program, recorded, "{request:?}");
    if let PreviewedAnswer::Studio { status } = preview.answer {
        let answered = exchange.response.as_ref().unwrap().status;
        assert_eq!(status.unwrap_or(200), answered, "{request:?}");
    }
}

#[test]
fn a_preview_tells_what_the_record_will() {
    let engine = served();
    let get = |target: &str, fields: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
    };
    let post = |target: &str, fields: &str, body: &str| {
        format!("POST {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{body}")
    };
    let chunked = "Transfer-Encoding: chunked\r\n";
    for request in [
        get("/cgi-bin/child?text=", ""),
        get(
            "/cgi-bin/child/extra/path%20x?text=",
            "Cookie: a=1\r\nCookie: b=2\r\n",
        ),
        get("/cgi-bin/child?isindex+words", ""),
        get(
            "/cgi-bin/%63hild/S%C3%A3o?text=",
            "X-Odd:  \u{e3} v \r\nProxy: p\r\n",
        ),
        get("/cgi-bin/../cgi-bin/child", "Content_Length: 7\r\n"),
        get("/../../etc/passwd", ""),
        get("/page.html", ""),
        get("/cgi-bin", ""),
        get("/cgi-bin/nonesuch", ""),
        get("/cgi-bin/broken", ""),
        get("/cgi-bin/nph-plain?text=", ""),
        get("/cgi-bin/closed", ""),
        get("/cgi-bin/guarded", ""),
        get("/cgi-bin/guarded", DAVE),
        get("/cgi-bin/child", DAVE),
        get("/a b", ""),
        get("/cgi-bin/child%00", ""),
        get("http://localhost/cgi-bin/child?x=1", ""),
        get("/cgi-bin/child", "User-Agent: Mozilla/5.0\r\n").replace("localhost", "evil.example"),
        "HEAD /cgi-bin/child HTTP/1.0\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        "DELETE /page.html HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        "\r\n\r\nGET /cgi-bin/child HTTP/1.0\r\n\r\n".to_owned(),
        post(
            "/cgi-bin/child?text=",
            "Content-Length: 3\r\nContent-Type: text/plain\r\n",
            "a=1",
        ),
        post("/cgi-bin/child?text=", "Content-Length: 0\r\n", ""),
        post("/cgi-bin/child?text=", "", ""),
        post("/cgi-bin/child?text=", chunked, "3\r\nabc\r\n0\r\n\r\n"),
        post("/cgi-bin/child", chunked, "zz\r\n"),
        post("/cgi-bin/child", "Content-Length: 99999999999999\r\n", ""),
        post(
            "/cgi-bin/child",
            &format!("Content-Length: 3\r\n{chunked}"),
            "abc",
        ),
        post(
            "/cgi-bin/child",
            &format!("{chunked}Trailer: X-T\r\n"),
            "0\r\nX-T: 1\r\n\r\n",
        ),
    ] {
        check(&engine, &request);
    }
}

#[test]
fn a_preview_leaves_no_trace() {
    let engine = served();
    let mark = engine.site.path("mark");
    let target = crate::url(&["text", &format!("mark={}", mark.display())]);
    let preview = engine.engine.preview(crate::get(&target).as_bytes());
    assert!(matches!(preview.target, SelectedTarget::Script(_)));
    assert!(preview.run().is_some());
    assert!(!mark.exists(), "the script ran");
    let snapshot = engine.engine.snapshot();
    assert!(snapshot.rows.is_empty() && snapshot.notices.is_empty());
}

#[test]
fn an_unfinished_request_says_what_is_missing() {
    let engine = serve();
    let preview = |request: &[u8]| engine.engine.preview(request);
    for request in [&b""[..], b"\r\n", b"GET /x HTTP/1.1\r\n", b"\xff\xfe"] {
        let preview = preview(request);
        assert!(preview.head.is_none() && preview.run().is_none());
    }
    let head = "POST /cgi-bin/child HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(
        preview(format!("{head}abc").as_bytes()).body_missing_bytes,
        2
    );
    assert_eq!(
        preview(format!("{head}abcdefg").as_bytes()).left_over_bytes,
        2
    );
}
