//! A hundred mebibytes up and down through one script, in memory that does not grow with them.
//!
//! Alone in its process, as the peak of memory is the process's.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

use cgi_engine::exchange::{BodyEnd, End};
use cgi_tests::{TempSite, TestEngine, query, system};
use std::io::Write as _;
use std::path::Path;

const LENGTH: u64 = 100 << 20;
const MOST_GROWTH: u64 = 64 << 20;
/// A prime, so that no buffer's size is a multiple of it and a lost or doubled block shows.
const PERIOD: u64 = 65_521;

/// Bytes `from..` of an endless pattern.
fn pattern(from: u64, length: usize) -> Vec<u8> {
    let byte = |place: u64| (((place % PERIOD) * 2_654_435_761) >> 16) as u8;
    (from..from + length as u64).map(byte).collect()
}

#[test]
fn a_hundred_mebibytes_go_through_a_script_unchanged_and_memory_stays_flat() {
    let child = Path::new(env!("CARGO_BIN_EXE_cgi-child"));
    let site = TempSite::configured(child, "[limits]\ncapture_bytes = 65536\n");
    let engine = TestEngine::start(child, site);
    // The first request pays for what is needed once.
    let target = format!("/cgi-bin/child?{}", query(&["text", "echo"]));
    engine.ask(format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"
    ));
    let before = system::peak_memory_bytes();

    let mut client = engine.connect();
    client.send(format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LENGTH}\r\n\r\n"
    ));
    let mut sender = client.sender();
    let sending = std::thread::Builder::new()
        .name("sender".to_owned())
        .spawn(move || {
            let mut sent = 0;
            while sent < LENGTH {
                sender.write_all(&pattern(sent, 64 * 1024)).unwrap();
                sent += 64 * 1024;
            }
        });
    let head = client.head();
    let mut received = 0;
    let ending = client.body(&head, |bytes| {
        assert!(bytes == pattern(received, bytes.len()), "at {received}");
        received += bytes.len() as u64;
    });
    sending.unwrap().join().unwrap();
    assert_eq!((received, ending.is_whole()), (LENGTH, true));

    let growth = system::peak_memory_bytes() - before;
    assert!(
        growth < MOST_GROWTH,
        "{} MiB more than before",
        growth >> 20
    );
    let exchange = engine.ended(2);
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(exchange.request.body_end, Some(BodyEnd::Complete));
    let run = exchange.invocation().unwrap();
    assert_eq!(run.stdin_taken, LENGTH);
    assert_eq!(run.stdout.len(), LENGTH + run.body_offset().unwrap());
    assert!(
        run.stdout
            .head()
            .ends_with(&pattern(0, 65_536)[..65_536 - run.body_offset().unwrap() as usize])
    );
    assert!(pattern(0, LENGTH as usize).ends_with(&run.stdout.tail()));
    assert!(run.stdout.cut_bytes() > 0);
}
