//! The bytes of the request that `run` makes (RFC 9112 §2.1).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use cgi_engine::site::percent_encoded_path;

use super::header::Header;

/// What an HTML form sends when it says nothing else.
const FORM_DATA: &[u8] = b"application/x-www-form-urlencoded";

/// A request for one script.
#[derive(Debug)]
pub(crate) struct ScriptRequest<'a> {
    /// GET, or POST when there is a body, unless it is given.
    pub(crate) method: Option<&'a str>,
    /// The script's URL path, percent-encoded.
    pub(crate) url_path: &'a str,
    /// Decoded, as the script is to see it.
    pub(crate) path_info: Option<&'a OsStr>,
    /// As it stands in a URL; what cannot stand there is encoded.
    pub(crate) query: Option<&'a OsStr>,
    /// Sent as they are; each replaces the field that would be sent otherwise.
    pub(crate) headers: &'a [Header],
    pub(crate) body: Option<&'a [u8]>,
}

impl ScriptRequest<'_> {
    /// The whole request, head and body.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let method = self
            .method
            .unwrap_or(if self.body.is_some() { "POST" } else { "GET" });
        let mut bytes = format!("{method} {} HTTP/1.1\r\n", self.target()).into_bytes();
        let mut field = |name: &str, value: &[u8]| {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                bytes.extend_from_slice(part);
            }
        };
        for (name, value) in self.own_fields() {
            field(name, &value);
        }
        for header in self.headers {
            field(&header.name, &header.value);
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.unwrap_or_default());
        bytes
    }

    fn target(&self) -> String {
        let path_info = self.path_info.map(OsStr::as_bytes).unwrap_or_default();
        let slash = if path_info.is_empty() || path_info.starts_with(b"/") {
            ""
        } else {
            "/"
        };
        let path = format!(
            "{}{slash}{}",
            self.url_path,
            percent_encoded_path(path_info)
        );
        match self.query {
            Some(query) => format!("{path}?{}", encoded_query(query.as_bytes())),
            None => path,
        }
    }

    fn own_fields(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut fields = vec![
            ("Host", b"localhost".to_vec()),
            (
                "User-Agent",
                concat!("cgi-studio/", env!("CARGO_PKG_VERSION")).into(),
            ),
            ("Accept", b"*/*".to_vec()),
        ];
        if let Some(body) = self.body {
            fields.push(("Content-Type", FORM_DATA.to_vec()));
            // Beside Transfer-Encoding a length would be one too many (RFC 9112 §6.3).
            if !self.gives("Transfer-Encoding") {
                fields.push(("Content-Length", body.len().to_string().into_bytes()));
            }
        }
        fields.retain(|(name, _)| !self.gives(name));
        fields
    }

    fn gives(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.is(name))
    }
}

/// Spaces, controls, `#` and bytes beyond ASCII would end the query or the request line; the rest, `%` among it,
/// is left to whoever wrote it.
fn encoded_query(query: &[u8]) -> String {
    let mut encoded = String::with_capacity(query.len());
    for &byte in query {
        if byte.is_ascii_graphic() && !b"#\"<>".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get() -> ScriptRequest<'static> {
        ScriptRequest {
            method: None,
            url_path: "/cgi-bin/a.py",
            path_info: None,
            query: None,
            headers: &[],
            body: None,
        }
    }

    #[track_caller]
    fn check(request: &ScriptRequest<'_>, first_line: &str) {
        let bytes = request.to_bytes();
        let line = bytes.split(|&byte| byte == b'\r').next().unwrap();
        assert_eq!(String::from_utf8_lossy(line), first_line);
    }

    #[test]
    fn no_argument_breaks_the_request_line() {
        let query = OsStr::from_bytes(b"a=1 HTTP/1.0\r\nX: y#\xFF");
        check(
            &ScriptRequest {
                query: Some(query),
                ..get()
            },
            "GET /cgi-bin/a.py?a=1%20HTTP/1.0%0D%0AX:%20y%23%FF HTTP/1.1",
        );
        let path_info = OsStr::from_bytes(b"/a b?c#d%\n\xFF");
        check(
            &ScriptRequest {
                path_info: Some(path_info),
                ..get()
            },
            "GET /cgi-bin/a.py/a%20b%3Fc%23d%25%0A%FF HTTP/1.1",
        );
    }

    #[test]
    fn what_is_encoded_already_stays_so() {
        let query = Some(OsStr::new("name=Ada%20L&x=a+b"));
        check(
            &ScriptRequest { query, ..get() },
            "GET /cgi-bin/a.py?name=Ada%20L&x=a+b HTTP/1.1",
        );
        check(
            &ScriptRequest {
                query: Some(OsStr::new("")),
                ..get()
            },
            "GET /cgi-bin/a.py? HTTP/1.1",
        );
    }

    #[test]
    fn extra_path_begins_with_a_slash() {
        let path_info = Some(OsStr::new("x/y"));
        check(
            &ScriptRequest { path_info, ..get() },
            "GET /cgi-bin/a.py/x/y HTTP/1.1",
        );
        check(
            &ScriptRequest {
                path_info: Some(OsStr::new("")),
                ..get()
            },
            "GET /cgi-bin/a.py HTTP/1.1",
        );
    }

    fn text(request: &ScriptRequest<'_>) -> String {
        String::from_utf8(request.to_bytes()).unwrap()
    }

    #[test]
    fn a_body_makes_it_a_form_unless_told_otherwise() {
        let form = text(&ScriptRequest {
            body: Some(b"a=1"),
            ..get()
        });
        assert!(form.starts_with("POST /"), "{form}");
        assert!(
            form.contains(
                "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n"
            ),
            "{form}"
        );
        assert!(form.ends_with("\r\n\r\na=1"), "{form}");
        let headers = [Header {
            name: "content-type".to_owned(),
            value: b"text/plain".to_vec(),
        }];
        let put = text(&ScriptRequest {
            method: Some("PUT"),
            headers: &headers,
            body: Some(b""),
            ..get()
        });
        assert!(
            put.starts_with("PUT /") && put.contains("\r\nContent-Length: 0\r\n"),
            "{put}"
        );
        assert_eq!(
            put.to_ascii_lowercase().matches("content-type").count(),
            1,
            "{put}"
        );
    }

    #[test]
    fn a_chunked_body_gets_no_length() {
        let headers = [Header {
            name: "Transfer-Encoding".to_owned(),
            value: b"chunked".to_vec(),
        }];
        let chunked = text(&ScriptRequest {
            headers: &headers,
            body: Some(b"0\r\n\r\n"),
            ..get()
        });
        assert!(!chunked.contains("Content-Length"), "{chunked}");
    }
}
