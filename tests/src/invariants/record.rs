//! Any bytes are a record or are refused with a reason; what a record says is shown without a panic and packed again
//! without a difference.

use std::io;

use bytes::Bytes;
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::diagnosis::{self, host_view, pipeline};
use cgi_engine::exchange::{Exchange, ExchangeRow};
use cgi_engine::record::{BlobId, BlobSource, Blobs, pack, unpack};
use cgi_engine::{compare, expect, export, steps};

/// A record that refers to contents finds them evicted here.
struct Evicted;

impl BlobSource for Evicted {
    fn get(&self, _: &BlobId) -> io::Result<Option<Bytes>> {
        Ok(None)
    }
}

/// It is refused in words, or it can be packed again and looked at from every side.
#[track_caller]
pub fn record(bytes: &[u8]) {
    match unpack(bytes, &Evicted) {
        Ok(exchange) => {
            comes_back(&exchange);
            is_shown(&exchange);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Packed and unpacked it is the same in every field.
#[track_caller]
pub fn comes_back(exchange: &Exchange) {
    let mut blobs = Blobs::default();
    let packed = pack(exchange, &mut blobs);
    let again = unpack(&packed, &blobs).unwrap();
    assert_eq!(format!("{again:#?}"), format!("{exchange:#?}"));
    let again = pack(&again, &mut blobs);
    assert!(again == packed, "packed again it is another record");
}

/// Whatever looks at recorded runs finds its way with this one.
fn is_shown(exchange: &Exchange) {
    let findings = diagnosis::after_run(exchange);
    let row = diagnosis::row_of(exchange);
    assert_eq!(ExchangeRow::unpack(&row.pack()).unwrap().id, row.id);
    let _ = pipeline::strip(exchange, &findings);
    for run in 0..exchange.invocations.len() {
        let _ = steps::of(exchange, Some(run), &findings);
    }
    for profile in HostProfile::ALL {
        let _ = host_view::view(exchange, profile);
    }
    let _ = compare::Comparison::of(
        exchange,
        exchange,
        &std::sync::atomic::AtomicBool::new(false),
    );
    let _ = expect::happened(exchange);
    let _ = export::resend(exchange);
    let _ = export::curl(exchange, "localhost:8000");
    let _ = export::http_file(exchange, "localhost:8000");
}
