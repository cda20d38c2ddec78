//! The values of secret keys in JSON, by their place; what is no JSON is read as far as it goes.

use std::ops::Range;

use super::names;

/// A string without its quotes, or a number.
pub(super) struct JsonSecret {
    pub(super) name: Vec<u8>,
    pub(super) range: Range<usize>,
    /// It is no string, so asterisks would break the document.
    pub(super) number: bool,
}

/// Whether a document begins like JSON that has keys.
pub(super) fn looks_like_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Every string and number that stands under a secret key, directly or in a list. No bytes make it fail.
pub(super) fn secrets(bytes: &[u8]) -> Vec<JsonSecret> {
    let mut scan = Scan {
        bytes,
        at: 0,
        found: Vec::new(),
    };
    while scan.at < bytes.len() {
        if bytes.get(scan.at) != Some(&b'"') {
            scan.at += 1;
            continue;
        }
        let text = scan.string();
        scan.skip_blank();
        if bytes.get(scan.at) == Some(&b':') {
            scan.at += 1;
            let name = unescaped(bytes.get(text).unwrap_or_default());
            if names::of_field(&name) {
                scan.values(&name);
            }
        }
    }
    scan.found
}

/// A JSON string's content without its escapes; as it stands where they are malformed.
pub(super) fn unescaped(content: &[u8]) -> Vec<u8> {
    let quoted = [b"\"", content, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).map_or_else(|_| content.to_vec(), String::into_bytes)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<JsonSecret>,
}

impl Scan<'_> {
    /// Goes behind a string, whose content is returned; the opening quote stands here.
    fn string(&mut self) -> Range<usize> {
        let start = self.at + 1;
        self.at = start;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return start..self.at - 1;
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        start.min(self.at)..self.at
    }

    fn skip_blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// The value after a secret key: a string, a number, or a list of them. An object is left to its own keys.
    fn values(&mut self, name: &[u8]) {
        self.skip_blank();
        if self.bytes.get(self.at) != Some(&b'[') {
            return self.value(name);
        }
        self.at += 1;
        loop {
            self.skip_blank();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'"' | b'-' | b'0'..=b'9') => self.value(name),
                _ => return,
            }
        }
    }

    fn value(&mut self, name: &[u8]) {
        let (range, number) = match self.bytes.get(self.at) {
            Some(b'"') => (self.string(), false),
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                let is_number = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                while self.bytes.get(self.at).is_some_and(is_number) {
                    self.at += 1;
                }
                (start..self.at, true)
            }
            _ => return,
        };
        self.found.push(JsonSecret {
            name: name.to_vec(),
            range,
            number,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &[&str]) {
        let found: Vec<_> = secrets(json.as_bytes())
            .iter()
            .map(|secret| json.get(secret.range.clone()).unwrap())
            .collect();
        assert_eq!(found, expected, "{json}");
    }

    #[test]
    fn values_of_secret_keys_are_found_at_any_depth() {
        check(r#"{"user":"zo","password":"a b"}"#, &["a b"]);
        check(r#"[{"x":{"api\u004bey" : "k\"1" }}]"#, &["k\\\"1"]);
        check(r#"{"pin":-12.5e3,"ok":1}"#, &["-12.5e3"]);
        check(r#"{"tokens":["a", "b" ,3],"n":["c"]}"#, &["a", "b", "3"]);
        check(r#"{"token":{"value":"a","secret":"b"}}"#, &["b"]);
        check(r#"{"token":null,"token":true}"#, &[]);
        check(r#"{"a":"password","b":"c"}"#, &[]);
    }

    #[test]
    fn what_is_no_json_is_read_as_far_as_it_goes() {
        check(r#"{"token":"unended"#, &["unended"]);
        check(r#"{"token":"\"#, &["\\"]);
        check(r#""token":"#, &[]);
        check("\"", &[]);
        check("<p>\"key\": 7</p>", &["7"]);
    }
}
