//! The link on a failure's page: there for a window only, known to this start only, and all it does is tell.

use crate::{child, site};
use cgi_engine::Event;
use cgi_engine::exchange::ExchangeId;
use cgi_tests::TestEngine;

const START: &str = "<a href=\"/.cgi-studio/show/";

fn serve() -> TestEngine {
    let site = site();
    site.script("bad.sh", "#!/bin/sh\necho '<p>'\n");
    TestEngine::start(child(), site)
}

/// Where the link of the failing script's page leads.
fn link(engine: &TestEngine) -> Option<String> {
    let page = engine.get("/cgi-bin/bad.sh");
    assert_eq!(page.status(), 500);
    let page = page.text();
    let (_, rest) = page.split_once(START)?;
    let (rest, _) = rest.split_once('"').unwrap();
    Some(format!("/.cgi-studio/show/{rest}"))
}

#[test]
fn without_a_window_there_is_no_link_and_none_works() {
    let engine = serve();
    assert_eq!(link(&engine), None);
    assert_eq!(engine.get("/.cgi-studio/show//1").status(), 404);
}

#[test]
fn the_link_tells_the_window_which_run_and_is_not_recorded() {
    let engine = serve();
    engine.engine.offer_to_show().unwrap();
    let link = link(&engine).unwrap();
    let mut events = engine.engine.subscribe();
    let answer = engine.get(&link);
    assert_eq!((answer.status(), answer.text().as_str()), (204, ""));
    let shown = loop {
        match events.wait().unwrap() {
            Event::Show(id) => break id,
            _ => continue,
        }
    };
    assert_eq!(shown, ExchangeId(1));
    let after = engine.get("/cgi-bin/bad.sh");
    assert!(after.text().contains("Run #2"), "{}", after.text());
}

#[test]
fn another_token_another_method_or_a_strange_page_is_answered_as_if_nothing_were_there() {
    let engine = serve();
    engine.engine.offer_to_show().unwrap();
    let link = link(&engine).unwrap();
    let other = serve();
    other.engine.offer_to_show().unwrap();
    assert_eq!(other.get(&link).status(), 404);
    assert_eq!(engine.get(&link.replace("/1", "/x")).status(), 404);
    let answer = engine.ask(format!(
        "POST {link} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    ));
    assert_ne!(answer.status(), 204);
    let browser = "Host: evil.example\r\nUser-Agent: Mozilla/5.0";
    let rebound = engine.ask(format!("GET {link} HTTP/1.1\r\n{browser}\r\n\r\n"));
    assert_eq!(rebound.status(), 421);
}
