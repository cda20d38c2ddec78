//! What a record costs: real runs of a hello in C and in Python, packed and unpacked over and over on one core.
//!
//! `record-bench [SECONDS]` prints microseconds and bytes for each; a sink and a source that do nothing stand for
//! the store, so that only the record itself is measured. Meant for a release build; needs `cc` and `python3`.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, io};

use bytes::Bytes;
use cgi_engine::exchange::Exchange;
use cgi_engine::process::serve_if_spawner;
use cgi_engine::record::{BlobId, BlobSink, Blobs, pack, unpack};
use cgi_tests::{TempSite, TestEngine};

const HELLO_C: &str = r#"#include <stdio.h>
int main(void) { fputs("Content-Type: text/plain\r\n\r\nHello, world\n", stdout); return 0; }
"#;
const HELLO_PYTHON: &str = "#!/usr/bin/env python3
print('Content-Type: text/plain')
print()
print('Hello, world')
";
/// What a browser sends.
const REQUEST: &str = "GET /cgi-bin/NAME/extra?name=value HTTP/1.1\r\nHost: localhost:8000\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nConnection: keep-alive\r\n\
    Cookie: session=0123456789abcdef\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\n\
    Sec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\nSec-Fetch-User: ?1\r\nPriority: u=0, i\r\n\r\n";

fn main() -> io::Result<()> {
    serve_if_spawner();
    let seconds: f64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(2.0);
    let own = std::env::current_exe()?;
    let site = TempSite::new(&own);
    compile(&site.path("cgi-bin/hello.cgi"))?;
    site.script("hello.py", HELLO_PYTHON);
    let engine = TestEngine::start(&own, site);
    let short = |name: &str| format!("GET /cgi-bin/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let requests = [
        ("C, a short request", short("hello.cgi")),
        ("Python, a short request", short("hello.py")),
        ("Python, a browser", REQUEST.replace("NAME", "hello.py")),
    ];
    for (number, (name, request)) in (1..).zip(requests) {
        engine.ask(request);
        measure(
            name,
            &engine.ended(number),
            Duration::from_secs_f64(seconds / 6.0),
        );
    }
    Ok(())
}

#[allow(clippy::disallowed_methods)] // The compiler.
fn compile(program: &Path) -> io::Result<()> {
    let source = program.with_extension("c");
    fs::write(&source, HELLO_C)?;
    let status = Command::new("cc")
        .args(["-O2", "-static", "-o"])
        .arg(program)
        .arg(&source)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other("cc failed"))
    }
}

/// Takes contents and forgets them.
struct Nowhere;

impl BlobSink for Nowhere {
    fn put(&mut self, pieces: &[Bytes]) -> BlobId {
        BlobId::of(pieces)
    }

    fn put_named(&mut self, _: BlobId, _: &[Bytes]) {}
}

fn measure(name: &str, exchange: &Exchange, slice: Duration) {
    let mut blobs = Blobs::default();
    let record = pack(exchange, &mut blobs);
    let packing = micros(slice, || {
        black_box(pack(exchange, &mut Nowhere));
    });
    let unpacking = micros(slice, || {
        let _ = black_box(unpack(&record, &blobs));
    });
    println!(
        "{name:24} {:5} bytes, pack {packing:5.1} µs, unpack {unpacking:5.1} µs",
        record.len()
    );
}

/// Microseconds that one call takes, by as many calls as fit into the time.
fn micros(slice: Duration, call: impl Fn()) -> f64 {
    let begun = Instant::now();
    let mut calls = 0_u32;
    while begun.elapsed() < slice {
        for _ in 0..100 {
            call();
        }
        calls += 100;
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}
