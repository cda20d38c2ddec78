//! What a script of the suite saw, as its dump tells it: one `name=value` a line, values escaped as in URLs.

use std::collections::BTreeMap;

/// What the dump script tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The environment.
    pub env: BTreeMap<String, Vec<u8>>,
    /// The arguments after the program's name.
    pub argv: Vec<Vec<u8>>,
    /// The working directory.
    pub cwd: Vec<u8>,
    /// What was read from stdin.
    pub stdin: Vec<u8>,
}

impl Seen {
    /// Reads a dump; none where the body is something else, or not all of a dump.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut seen = Self::default();
        let text = std::str::from_utf8(body).ok()?;
        let text = text.replace("\r\n", "\n");
        let text = text.strip_prefix("dump\n")?.strip_suffix("end\n")?;
        for line in text.lines() {
            let (name, value) = line.split_once('=')?;
            let value = unescaped(value)?;
            match name {
                "arg" => seen.argv.push(value),
                "cwd" => seen.cwd = value,
                "stdin" => seen.stdin = value,
                _ => {
                    let name = unescaped(name.strip_prefix("env.")?)?;
                    let name = String::from_utf8_lossy(&name).into_owned();
                    seen.env.insert(name, value);
                }
            }
        }
        Some(seen)
    }

    /// The path and query of the Script-URI (RFC 3875 §3.3) that the variables spell.
    pub fn script_target(&self) -> Vec<u8> {
        let variable = |name: &str| self.env.get(name).map_or(&b""[..], Vec::as_slice);
        let mut target = Vec::new();
        for byte in [variable("SCRIPT_NAME"), variable("PATH_INFO")].concat() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                target.push(byte);
            } else {
                target.extend(format!("%{byte:02X}").into_bytes());
            }
        }
        let query = variable("QUERY_STRING");
        if !query.is_empty() {
            target.push(b'?');
            target.extend_from_slice(query);
        }
        target
    }
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_read_byte_for_byte() {
        let seen =
            Seen::read(b"dump\nenv.A=x%FF%0Ay\nenv.B=\narg=a%20b\ncwd=/tmp\nstdin=%00\nend\n");
        let seen = seen.unwrap();
        assert_eq!(seen.env["A"], b"x\xff\ny");
        assert_eq!(seen.env["B"], b"");
        assert_eq!(seen.argv, [b"a b"]);
        assert_eq!(
            (seen.cwd.as_slice(), seen.stdin.as_slice()),
            (&b"/tmp"[..], &b"\0"[..])
        );
    }

    #[test]
    fn anything_else_is_no_dump() {
        assert_eq!(Seen::read(b"dump\nenv.A=x\n"), None);
        assert_eq!(Seen::read(b"<html>"), None);
    }

    #[test]
    fn the_script_uri_escapes_what_the_path_may_not_hold() {
        let seen = Seen::read(
            b"dump\nenv.SCRIPT_NAME=/a%20b\nenv.PATH_INFO=/c?;%3D\nenv.QUERY_STRING=x=y\nend\n",
        );
        assert_eq!(seen.unwrap().script_target(), b"/a%20b/c%3F%3B%3D?x=y");
    }
}
