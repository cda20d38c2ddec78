//! The data files of this test: requests, outputs, and the disagreements that are known.

use std::collections::BTreeMap;

/// A name and its bytes.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The requests, each whole.
pub(crate) fn requests() -> Vec<Vector> {
    read(include_str!("requests.txt"))
}

/// The outputs that the probe prints.
pub(crate) fn outputs() -> Vec<Vector> {
    let mut outputs = read(include_str!("outputs.txt"));
    for output in &mut outputs {
        let text = String::from_utf8_lossy(&output.bytes).into_owned();
        if let Some(length) = text.strip_prefix("@line ") {
            let value = "a".repeat(length.parse().unwrap());
            output.bytes = format!("Content-Type: text/plain\nX-A: {value}\n\nhello\n").into();
        } else if let Some(count) = text.strip_prefix("@fields ") {
            let count: usize = count.parse().unwrap();
            let fields: String = (0..count).map(|field| format!("X-F{field}: 1\n")).collect();
            output.bytes = format!("Content-Type: text/plain\n{fields}\nhello\n").into();
        }
    }
    outputs
}

fn read(text: &str) -> Vec<Vector> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, bytes) = line.split_once(':').unwrap();
            Vector {
                name: name.to_owned(),
                bytes: unescaped(bytes.strip_prefix(' ').unwrap_or(bytes)),
            }
        })
        .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (_, true) => match rest.next().unwrap() {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'0' => 0,
                b'\\' => b'\\',
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => panic!("no such escape: {}", char::from(other)),
            },
            (byte, false) => byte,
        });
    }
    bytes
}

/// A disagreement that is known.
pub(crate) struct Known {
    pub(crate) reason: String,
    /// It comes and goes by itself.
    pub(crate) sometimes: bool,
}

/// What a profile and its host are known to disagree about, by the name of the vector.
pub(crate) fn known(host: &str) -> BTreeMap<String, Known> {
    let lines = include_str!("disagreements.txt").lines();
    lines
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter_map(|line| {
            let (place, reason) = line.split_once(": ").unwrap();
            let mut words = place.split(' ');
            let (hosts, vector) = (words.next().unwrap(), words.next().unwrap());
            let sometimes = words.next() == Some("sometimes");
            let reason = reason.to_owned();
            hosts
                .split(',')
                .any(|named| named == host)
                .then(|| (vector.to_owned(), Known { reason, sometimes }))
        })
        .collect()
}
