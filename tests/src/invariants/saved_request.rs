//! Files of saved requests: any bytes are read or refused with a line, and what is read is written the same again.

use std::io;

use cgi_engine::expect;
use cgi_engine::saved_request::{RequestText, parse, write};

/// What is read is written so that the same is read, and sends the same; a refusal names a line of the text.
#[track_caller]
pub fn saved_request(bytes: &[u8]) {
    let file = match parse(bytes) {
        Ok(file) => file,
        Err(error) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!((1..=lines).contains(&error.line), "{error}");
            return;
        }
    };
    let written = write(&file);
    let again = parse(&written).expect("what was written can be read");
    assert_eq!(write(&again), written);
    assert_eq!(again.requests.len(), file.requests.len());
    let no_file = |_: &std::path::Path| -> io::Result<Vec<u8>> { Ok(b"file\n".to_vec()) };
    for (one, other) in file.requests.iter().zip(&again.requests) {
        assert_eq!(one.name(), other.name());
        assert!(one.expectations().eq(other.expectations()));
        let sent = one.request.to_bytes_with(&no_file).expect("it can be sent");
        let sent_again = other
            .request
            .to_bytes_with(&no_file)
            .expect("it can be sent");
        assert_eq!(sent, sent_again);
    }
    // The same bytes as a request of their own.
    let raw = RequestText::raw(bytes);
    assert_eq!(raw.to_bytes_with(&no_file).as_deref(), Ok(bytes));
}

/// A text is an expectation that reads the same again, or is refused at one of its columns.
#[track_caller]
pub fn expectation(text: &str) {
    match expect::parse(text) {
        Ok(expectation) => {
            let again = expect::parse(expectation.text()).expect("its own text is one");
            assert_eq!(again, expectation);
        }
        Err(problem) => {
            let columns = text.chars().count() + 1;
            assert!((1..=columns).contains(&problem.column), "{problem}");
        }
    }
}
