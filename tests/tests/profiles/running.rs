//! How an engine comes to run as a host, and what holds for every host.

use super::site;
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::exchange::End;
use cgi_tests::{Ending, TempSite, TestEngine, eventually, query};
use std::path::Path;

const CHILD: &str = env!("CARGO_BIN_EXE_cgi-child");

/// Which host the last run of the exchange was made as.
fn host_of(engine: &TestEngine, number: u64) -> Option<HostProfile> {
    let exchange = engine.ended(number);
    let host = exchange.invocation().unwrap().as_host.as_ref();
    host.map(|host| host.profile)
}

#[test]
fn without_a_profile_nothing_is_recorded_of_one() {
    let engine = TestEngine::start(Path::new(CHILD), site());
    engine.get("/cgi-bin/child");
    assert_eq!(host_of(&engine, 1), None);
}

#[test]
fn the_request_wins_over_the_engine_and_the_engine_over_the_site() {
    let site = TempSite::configured(Path::new(CHILD), "[options]\nhost_profile = \"busybox\"\n");
    let engine = TestEngine::start(Path::new(CHILD), site);
    let request = b"GET /cgi-bin/child HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let submit = |profile| {
        engine
            .engine
            .submit_as(request.to_vec(), profile)
            .0
            .unwrap()
            .0
    };
    assert_eq!(host_of(&engine, submit(None)), Some(HostProfile::Busybox));
    engine.engine.run_as(Some(HostProfile::Go));
    assert_eq!(host_of(&engine, submit(None)), Some(HostProfile::Go));
    let number = submit(Some(HostProfile::Apache));
    assert_eq!(host_of(&engine, number), Some(HostProfile::Apache));
    engine.engine.run_as(None);
    assert_eq!(host_of(&engine, submit(None)), Some(HostProfile::Busybox));
}

#[test]
fn a_host_that_nobody_knows_is_told_of() {
    let site = TempSite::configured(Path::new(CHILD), "[options]\nhost_profile = \"iis\"\n");
    let engine = TestEngine::start(Path::new(CHILD), site);
    eventually("the notice", || {
        let notices = engine.engine.snapshot().notices;
        notices
            .iter()
            .any(|notice| notice.failure && notice.text.contains("nginx-fcgiwrap"))
    });
    assert_eq!(engine.get("/cgi-bin/child").status(), 200);
    assert_eq!(host_of(&engine, 1), None);
}

#[test]
fn half_a_page_of_a_script_that_crashed_looks_whole() {
    let engine = TestEngine::start(Path::new(CHILD), site());
    let target = format!("/cgi-bin/child?{}", query(&["text", "out=half", "crash"]));
    for (number, profile) in (1..).zip(HostProfile::ALL) {
        engine.engine.run_as(Some(profile));
        let mut client = engine.connect();
        client.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        let (answer, ending) = client.rest();
        drop(client);
        assert!(
            answer.ends_with(b"half"),
            "{profile}: {}",
            answer.escape_ascii()
        );
        assert_eq!(ending, Ending::Closed, "{profile}");
        assert_eq!(engine.ended(number).end, Some(End::Answered), "{profile}");
    }
}

#[test]
fn the_specifications_verdict_stays_beside_the_hosts() {
    let engine = TestEngine::start(Path::new(CHILD), site());
    engine.engine.run_as(Some(HostProfile::Lighttpd));
    let target = format!("/cgi-bin/child?{}", query(&["out=no headers%0A"]));
    assert_eq!(engine.get(&target).status(), 200);
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert!(run.response.as_ref().unwrap().refused.is_some());
    assert!(run.as_host.as_ref().unwrap().verdict.is_some());
}

#[test]
fn a_long_page_reaches_the_client_whole() {
    let engine = TestEngine::start(Path::new(CHILD), site());
    engine.engine.run_as(Some(HostProfile::NginxFcgiwrap));
    let answer = engine.get(&format!(
        "/cgi-bin/child?{}",
        query(&["text", "stdout=3000000"])
    ));
    assert_eq!((answer.status(), answer.body.len()), (200, 3_000_000));
}

#[test]
fn headers_without_end_are_refused_where_the_host_itself_would_read_on() {
    let engine = TestEngine::start(Path::new(CHILD), site());
    engine.site.script(
        "endless",
        "#!/bin/sh\nexec yes 'X-Header: and so on and on'\n",
    );
    for (number, profile) in (1..).zip([HostProfile::Apache, HostProfile::Go]) {
        engine.engine.run_as(Some(profile));
        let answer = engine.get("/cgi-bin/endless");
        assert_eq!(answer.status(), 500, "{profile}");
        assert!(engine.ended(number).invocation().unwrap().stop.is_some());
    }
}
