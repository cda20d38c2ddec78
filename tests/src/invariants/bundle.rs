//! Any bytes are a bundle or are refused with a reason; what is read from one can be packed again.

use std::io::Cursor;

use cgi_engine::bundle::read;

use super::comes_back;

/// It is refused in words, or each of its runs comes back from a record.
#[track_caller]
pub fn bundle(bytes: &[u8]) {
    match read(Cursor::new(bytes)) {
        Ok(exchanges) => exchanges.iter().for_each(comes_back),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
