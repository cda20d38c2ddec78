//! A thousand requests of every kind leave nothing behind: no process, no descriptor, no open record.
//!
//! Alone in its process, as descriptors are counted for the whole of it.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

use cgi_engine::exchange::Progress;
use cgi_tests::{Client, TempSite, TestEngine, eventually, query, system};
use std::path::Path;

const CLIENTS: usize = 5;
const ROUNDS: usize = 25;
/// So many of them before anything is counted.
const FIRST_ROUNDS: usize = 5;
/// Requests in a round.
const REQUESTS: usize = 8;

fn spawners() -> Vec<u32> {
    system::children(std::process::id())
}

/// Open descriptors of this process and of all that start scripts for it.
fn descriptors() -> usize {
    let mut counted = spawners();
    counted.push(std::process::id());
    counted.into_iter().map(system::descriptors).sum()
}

/// One request of each kind; what must be answered is read, the rest is left alone.
fn one_round(address: std::net::SocketAddr) {
    let url = |commands: &[&str]| format!("/cgi-bin/child?{}", query(commands));
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut kept = Client::connect(address);
    for (target, status) in [
        (url(&["text", "out=hello"]), 200),
        (url(&["exit=1"]), 500),
        ("/nothing".to_owned(), 404),
        (url(&["out=Location: /page.html\n\n"]), 200),
    ] {
        kept.send(get(&target));
        assert_eq!(kept.answer().status(), status);
    }
    let target = url(&["text", "echo"]);
    kept.send(format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
    assert_eq!(kept.answer().text(), "hi");
    let mut refused = Client::connect(address);
    refused.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(refused.answer().status(), 400);
    let mut hung_up = Client::connect(address);
    hung_up.send(get(&url(&["text", "background", "out=half", "sleep"])));
    hung_up.head();
    let mut unread = Client::connect(address);
    unread.send(get(&url(&["text", "stdout=1000000"])));
}

#[test]
fn a_thousand_requests_leave_nothing_behind() {
    let child = Path::new(env!("CARGO_BIN_EXE_cgi-child"));
    let site = TempSite::configured(child, "[limits]\ngrace_seconds = 0\n");
    site.file("page.html", "<p>page", 0o644);
    let engine = TestEngine::start(child, site);
    let address = engine.address();
    let rounds = |count: usize| {
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| (0..count).for_each(|_| one_round(address)));
            }
        });
    };
    let wait_until_over = |count: usize| {
        eventually("every exchange ends", || {
            let rows = engine.engine.snapshot().rows;
            rows.len() == count && rows.iter().all(|row| row.progress != Progress::Running)
        });
        eventually("no child is left, not even a zombie", || {
            spawners()
                .into_iter()
                .all(|spawner| system::children(spawner).is_empty())
        });
    };
    // A busy engine starts a few more spawners, once.
    rounds(FIRST_ROUNDS);
    wait_until_over(CLIENTS * FIRST_ROUNDS * REQUESTS);
    let before = descriptors();

    rounds(ROUNDS - FIRST_ROUNDS);
    wait_until_over(CLIENTS * ROUNDS * REQUESTS);
    eventually("no descriptor is left", || descriptors() <= before);
    let spawners = spawners();
    assert!(!spawners.is_empty());
    engine.engine.shut_down();
    eventually("the spawners are gone", || {
        spawners.iter().all(|spawner| !system::alive(*spawner))
    });
}
