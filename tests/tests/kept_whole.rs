//! Two hundred mebibytes up and down through one script, kept to the last byte, in memory that does not grow with them.
//!
//! Alone in its process, as the peak of memory is the process's.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

use cgi_engine::exchange::{End, mapping};
use cgi_tests::{TempSite, TestEngine, query, system};
use std::io::Write as _;
use std::path::Path;

const LENGTH: u64 = 100 << 20;
const MOST_GROWTH: u64 = 64 << 20;
const BLOCK: usize = 64 * 1024;

#[test]
fn streams_without_a_limit_are_kept_whole_in_files_and_memory_stays_flat() {
    let child = Path::new(env!("CARGO_BIN_EXE_cgi-child"));
    let site = TempSite::configured(child, "[limits]\ncapture_bytes = \"all\"\n");
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
            for block in 0..LENGTH / BLOCK as u64 {
                sender.write_all(&[block as u8; BLOCK]).unwrap();
            }
        });
    let head = client.head();
    let mut received = 0;
    client.body(&head, |bytes| received += bytes.len() as u64);
    sending.unwrap().join().unwrap();
    assert_eq!(received, LENGTH);

    let exchange = engine.ended(2);
    assert_eq!(exchange.end, Some(End::Answered));
    let run = exchange.invocation().unwrap();
    let page = usize::try_from(run.body_offset().unwrap()).unwrap();
    for (body, begin) in [(&exchange.request.body, 0), (&run.stdout, page)] {
        assert_eq!((body.cut_bytes(), body.cut_reason()), (0, None));
        let bytes = body.bytes();
        assert_eq!(bytes.len() as u64, LENGTH + begin as u64);
        for (index, block) in bytes[begin..].chunks(BLOCK).enumerate() {
            assert!(
                block.iter().all(|&byte| byte == index as u8),
                "block {index}"
            );
            mapping::release(block);
        }
        mapping::release(&bytes);
    }
    let growth = system::peak_memory_bytes() - before;
    assert!(
        growth < MOST_GROWTH,
        "{} MiB more than before",
        growth >> 20
    );
}
