//! Bytes written as text in a case: placeholders in braces stand for what only the running suite knows.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `{authority}` | host and port as in the URL of the host under test |
//! | `{address}`, `{port}` | the two parts of it |
//! | `{client}` | the address that the client asks from |
//! | `{script}` | URL path of the case's own script |
//! | `{file}` | path of that script on disk; only where the suite has written the folder itself |
//! | `{xFF}` | the byte of that hexadecimal number |
//! | `{fill:900}` | so many letters `a` |

use std::path::PathBuf;

/// What the placeholders stand for.
#[derive(Debug, Clone)]
pub struct Words {
    /// Host and port.
    pub authority: String,
    /// The host alone.
    pub address: String,
    /// The port alone.
    pub port: u16,
    /// The client's address.
    pub client: String,
    /// URL path of the case's script.
    pub script: String,
    /// Where the served folder is, if that is known.
    pub folder: Option<PathBuf>,
}

impl Words {
    /// Words for a look at a case that is not asked of anybody.
    pub fn of_nobody() -> Self {
        Self {
            authority: "localhost:1".to_owned(),
            address: "localhost".to_owned(),
            port: 1,
            client: "127.0.0.1".to_owned(),
            script: "/cgi-bin/x.cgi".to_owned(),
            folder: Some(PathBuf::from("/")),
        }
    }

    /// The bytes that the text stands for.
    ///
    /// # Errors
    /// Names the placeholder that is unknown.
    pub fn bytes(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            bytes.extend_from_slice(&rest.as_bytes()[..start]);
            rest = &rest[start..];
            match placeholder(rest) {
                Some(name) => {
                    bytes.extend(self.word(name).ok_or_else(|| format!("{{{name}}}"))?);
                    rest = &rest[name.len() + 2..];
                }
                None => {
                    bytes.push(b'{');
                    rest = &rest[1..];
                }
            }
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(bytes)
    }

    fn word(&self, name: &str) -> Option<Vec<u8>> {
        let word = match name {
            "authority" => self.authority.clone(),
            "address" => self.address.clone(),
            "port" => self.port.to_string(),
            "client" => self.client.clone(),
            "script" => self.script.clone(),
            "file" => {
                let folder = self.folder.as_ref()?;
                folder.join(&self.script[1..]).to_str()?.to_owned()
            }
            _ => return generated(name),
        };
        Some(word.into_bytes())
    }
}

/// The name at the beginning of `{name}…`; braces around anything else are braces.
fn placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.split_once('}')?.0;
    let in_names = |byte: u8| byte.is_ascii_alphanumeric() || byte == b':';
    (!name.is_empty() && name.bytes().all(in_names)).then_some(name)
}

fn generated(name: &str) -> Option<Vec<u8>> {
    if let Some(count) = name.strip_prefix("fill:") {
        return Some(vec![b'a'; count.parse().ok()?]);
    }
    let digits = name.strip_prefix('x').filter(|digits| digits.len() == 2)?;
    Some(vec![u8::from_str_radix(digits, 16).ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[u8]) {
        let bytes = Words::of_nobody().bytes(text).unwrap();
        assert_eq!(
            bytes.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
    }

    #[test]
    fn placeholders_become_bytes() {
        check("Host: {authority}", b"Host: localhost:1");
        check("{address} {port} {script}", b"localhost 1 /cgi-bin/x.cgi");
        check("a{xFF}{x00}b", b"a\xff\x00b");
        check("{fill:3}", b"aaa");
    }

    #[test]
    fn other_braces_are_braces() {
        check("{ \"a\": 1 }", b"{ \"a\": 1 }");
        check("{}{", b"{}{");
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        assert_eq!(Words::of_nobody().bytes("{hots}"), Err("{hots}".to_owned()));
        assert_eq!(Words::of_nobody().bytes("{xFFF}"), Err("{xFFF}".to_owned()));
    }
}
