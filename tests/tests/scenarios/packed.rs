//! What was really run, packed into a record and made again of it.

use crate::handed_on::{recorded, requests};
use crate::{get, serve, url};
use cgi_tests::invariants::comes_back;

#[test]
fn what_was_really_run_comes_back_from_its_record_as_it_was() {
    let engine = serve();
    let address = engine.address().to_string();
    let others = [
        get("/cgi-bin/missing"),
        get("/cgi-bin/"),
        get("/cgi-bin/%2e%2e/%2e%2e/x"),
        "\x16\x03\x01\r\n\r\n".to_owned(),
        get(&url(&["err=oh%20no", "exit=3"])),
        get(&url(&["out=no%20header"])),
        get(&url(&["text", "stdout=3000000", "stderr=70000"])),
    ];
    let others = others.into_iter().map(String::into_bytes);
    for request in requests(&address).into_iter().chain(others) {
        comes_back(&recorded(&engine, &request));
    }
}
