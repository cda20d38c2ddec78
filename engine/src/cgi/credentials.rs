//! The login that a request carries (RFC 7617), and a head in which nobody can read it.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::grammar::{is_blank, trim};

/// Clients that leave out the padding are understood, too.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Fields whose values hold passwords (RFC 9110 §11.6.2, §11.7.2).
const SECRET_FIELDS: [&[u8]; 2] = [b"authorization", b"proxy-authorization"];

/// A user's name and password as the client sent them.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name; UTF-8 without control characters.
    pub user: String,
    /// The password, byte by byte.
    pub password: Vec<u8>,
}

impl std::fmt::Debug for Credentials {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Credentials of {:?}", self.user)
    }
}

impl Credentials {
    /// Reads the value of an `Authorization` field; `None` if it is no well-formed Basic login.
    #[must_use]
    pub fn from_basic(value: &[u8]) -> Option<Self> {
        let (scheme, rest) = value.split_at(value.iter().position(|byte| is_blank(*byte))?);
        if !scheme.eq_ignore_ascii_case(b"basic") {
            return None;
        }
        let pair = BASE64.decode(trim(rest)).ok()?;
        let colon = memchr::memchr(b':', &pair)?;
        let user = String::from_utf8(pair.get(..colon)?.to_vec()).ok()?;
        if user.is_empty() || user.chars().any(char::is_control) {
            return None;
        }
        Some(Self {
            user,
            password: pair.get(colon + 1..)?.to_vec(),
        })
    }
}

/// The head with asterisks for what follows the scheme in fields that hold passwords, every byte else in its place;
/// `None` if there is nothing to hide. It need not be a valid head.
#[must_use]
pub fn hidden(head: &[u8]) -> Option<Vec<u8>> {
    let mut hidden: Option<Vec<u8>> = None;
    let (mut start, mut in_secret) = (0, false);
    // A head that is refused may end its lines with CR alone and go on with a value on the next line.
    for line in head.split_inclusive(|byte| is_end(*byte)) {
        let text = line.strip_suffix(b"\r").or(line.strip_suffix(b"\n"));
        let text = text.unwrap_or(line);
        let from = match text.first() {
            // Between CR and LF.
            None => None,
            Some(first) if is_blank(*first) && in_secret => Some(1),
            Some(_) => {
                in_secret = is_secret(text);
                secret_part(text)
            }
        };
        if let Some(from) = from {
            let copy = hidden.get_or_insert_with(|| head.to_vec());
            if let Some(secret) = copy.get_mut(start + from..start + text.len()) {
                secret.fill(b'*');
            }
        }
        start += line.len();
    }
    hidden
}

/// Whether the line is a field that holds a password.
fn is_secret(line: &[u8]) -> bool {
    let name = memchr::memchr(b':', line).and_then(|colon| line.get(..colon));
    let holds = |name: &[u8]| {
        SECRET_FIELDS
            .iter()
            .any(|field| name.eq_ignore_ascii_case(field))
    };
    name.is_some_and(|name| holds(trim(name)))
}

/// Where in the line the secret begins: after the scheme, or after the colon where there is none.
fn secret_part(line: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', line).filter(|_| is_secret(line))?;
    let value = line.get(colon + 1..)?;
    let blank = value.iter().take_while(|byte| is_blank(**byte)).count();
    let scheme = value.get(blank..)?;
    let after = scheme
        .iter()
        .position(|byte| is_blank(*byte))
        .map_or(0, |end| end + 1);
    let from = colon + 1 + blank + after;
    (from < line.len()).then_some(from)
}

const fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: Option<(&str, &str)>) {
        let found = Credentials::from_basic(value.as_bytes());
        let found = found.map(|login| (login.user, String::from_utf8(login.password).unwrap()));
        let expected = expected.map(|(user, password)| (user.to_owned(), password.to_owned()));
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn a_basic_login_is_a_name_and_all_after_the_first_colon() {
        check("Basic YWxpY2U6c2VjcmV0", Some(("alice", "secret")));
        check("bAsIc  YWxpY2U6c2VjcmV0 ", Some(("alice", "secret")));
        check("Basic YTpiOmM=", Some(("a", "b:c")));
        check("Basic YTpiOmM", Some(("a", "b:c")));
        check("Basic w6Q6", Some(("ä", "")));
    }

    #[test]
    fn what_is_no_basic_login_is_none() {
        for value in [
            "",
            "Basic",
            "Basic ",
            "Basic YWxpY2U=",
            "Basic OnB3",
            "Basic YQBiOmM=",
            "Basic /zp4",
            "Basic !!!",
            "Bearer YWxpY2U6c2VjcmV0",
            "YWxpY2U6c2VjcmV0",
        ] {
            check(value, None);
        }
    }

    #[track_caller]
    fn check_hidden(head: &str, expected: Option<&str>) {
        let found = hidden(head.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(found.as_deref(), expected, "{head:?}");
    }

    #[test]
    fn a_password_is_hidden_and_nothing_moves() {
        check_hidden("GET / HTTP/1.1\r\nHost: a\r\n\r\n", None);
        check_hidden(
            "GET / HTTP/1.1\r\nAUTHORIZATION: Basic YTpi\r\nX: y\r\n\r\n",
            Some("GET / HTTP/1.1\r\nAUTHORIZATION: Basic ****\r\nX: y\r\n\r\n"),
        );
        check_hidden(
            "Proxy-Authorization:Digest a=\"b\", c=d\r\n",
            Some("Proxy-Authorization:Digest **********\r\n"),
        );
        check_hidden(
            "authorization: secret\r\n",
            Some("authorization: ******\r\n"),
        );
        check_hidden(
            "authorization : Basic YTpi",
            Some("authorization : Basic ****"),
        );
        check_hidden("authorization:\r\n", None);
        check_hidden(
            "Authorization: Basic\r\n YTpi\n\tOmM\r\nX: y\r\n z\r\n",
            Some("Authorization: *****\r\n ****\n\t***\r\nX: y\r\n z\r\n"),
        );
        check_hidden(
            "X: y\rAuthorization: Basic YTpi\rZ: a\r\n",
            Some("X: y\rAuthorization: Basic ****\rZ: a\r\n"),
        );
        check_hidden("authorization: Basic \r\n", None);
    }
}
