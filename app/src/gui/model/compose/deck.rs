//! Requests at the edges of what a script should bear, made from the draft at hand.

use super::draft::{BodyKind, Draft, Field, Pace};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeCase {
    /// HEAD instead of GET.
    Head,
    /// A POST whose body has no bytes.
    EmptyPost,
    /// A body in chunks.
    Chunked,
    /// Letters beyond ASCII in the extra path.
    Utf8Path,
    /// `..` in the path.
    DotDot,
    /// A hundred fields.
    ManyFields,
    /// Two Cookie fields.
    TwoCookies,
    /// A length that is never reached.
    LengthTooLong,
    /// Two statements on where the body ends.
    LengthAndCoding,
    /// A body that comes slowly.
    SlowBody,
    /// A client that does not wait for the answer.
    HangUp,
}

impl EdgeCase {
    /// All, in the order of the menu.
    pub const ALL: [Self; 11] = [
        Self::Head,
        Self::EmptyPost,
        Self::Chunked,
        Self::Utf8Path,
        Self::DotDot,
        Self::ManyFields,
        Self::TwoCookies,
        Self::LengthTooLong,
        Self::LengthAndCoding,
        Self::SlowBody,
        Self::HangUp,
    ];

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Head => "HEAD",
            Self::EmptyPost => "Empty POST",
            Self::Chunked => "Chunked POST",
            Self::Utf8Path => "UTF-8 in the path",
            Self::DotDot => "\"..\" in the path",
            Self::ManyFields => "100 headers",
            Self::TwoCookies => "Cookie twice",
            Self::LengthTooLong => "Content-Length too long",
            Self::LengthAndCoding => "Content-Length and Transfer-Encoding",
            Self::SlowBody => "Slow body",
            Self::HangUp => "Hang-up",
        }
    }

    /// What it asks of the script or of the server.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::Head => "Does the script know that its body is thrown away?",
            Self::EmptyPost => "CONTENT_LENGTH is 0: does the script wait for more?",
            Self::Chunked => "The server counts the body, since a script needs its length",
            Self::Utf8Path => "PATH_INFO has bytes beyond ASCII, decoded",
            Self::DotDot => "Can a script, or a file outside the site, be reached by it?",
            Self::ManyFields => "A hundred HTTP_ variables",
            Self::TwoCookies => "Two fields become one variable",
            Self::LengthTooLong => "The script reads to an end that never comes",
            Self::LengthAndCoding => "How requests are smuggled: it must be refused",
            Self::SlowBody => "Does the script wait for all of its body?",
            Self::HangUp => "The script is ended: does it leave things half done?",
        }
    }

    /// The draft made into this case.
    #[must_use]
    pub fn of(self, draft: &Draft) -> Draft {
        let host = draft
            .field("Host")
            .map_or("localhost", |host| host.value.as_str());
        let blank = |target: &str| Draft::blank(target, host);
        let mut draft = match draft.raw {
            None => draft.clone(),
            Some(_) => blank("/"),
        };
        draft.fields.retain(|field| !field.is("Transfer-Encoding"));
        draft.pace = Pace::AtOnce;
        match self {
            Self::SlowBody => {
                draft.post("0123456789\n".repeat(80).as_str());
                draft.pace = Pace::SlowBody;
            }
            Self::HangUp => draft.pace = Pace::HangUp,
            Self::Head => {
                draft.choose_body(BodyKind::None);
                "HEAD".clone_into(&mut draft.method);
            }
            Self::EmptyPost => draft.post(""),
            Self::Chunked => {
                draft.post("first half, second half");
                draft
                    .fields
                    .push(Field::new("Transfer-Encoding", "chunked"));
            }
            Self::Utf8Path => draft.append_to_path("/S%C3%A3o/%E6%9D%B1%E4%BA%AC"),
            Self::DotDot => draft.append_to_path("/../../../etc/passwd"),
            Self::ManyFields => draft.fields.extend(
                (1..=100).map(|number| Field::new(format!("X-Field-{number}"), number.to_string())),
            ),
            Self::TwoCookies => {
                draft.fields.retain(|field| !field.is("Cookie"));
                draft.fields.push(Field::new("Cookie", "first=1; both=a"));
                draft.fields.push(Field::new("Cookie", "second=2; both=b"));
            }
            Self::LengthTooLong => {
                draft.post("only this");
                draft.give("Content-Length", "100");
            }
            Self::LengthAndCoding => {
                draft.post("hello");
                draft.give("Content-Length", "5");
                draft
                    .fields
                    .push(Field::new("Transfer-Encoding", "chunked"));
            }
        }
        draft
    }
}

impl Draft {
    fn post(&mut self, text: &str) {
        "POST".clone_into(&mut self.method);
        self.choose_body(BodyKind::Text);
        text.clone_into(&mut self.text);
        for name in ["Content-Type", "Content-Length"] {
            self.fields.retain(|field| !field.is(name));
            self.fields.push(Field::automatic(name));
        }
    }

    fn give(&mut self, name: &str, value: &str) {
        self.fields.retain(|field| !field.is(name));
        self.fields.push(Field::new(name, value));
    }

    fn append_to_path(&mut self, text: &str) {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (self.target.as_str(), String::new()),
        };
        self.target = format!("{}{text}{query}", path.trim_end_matches('/'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(case: EdgeCase) -> String {
        let draft = case.of(&Draft::blank("/cgi-bin/a.py?q=1", "h"));
        let bytes = draft.to_bytes(&|_| Err(String::new())).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn each_case_sends_what_it_says() {
        for (case, parts) in [
            (
                EdgeCase::Head,
                &["HEAD /cgi-bin/a.py?q=1 HTTP/1.1\r\n", "\r\n\r\n"][..],
            ),
            (EdgeCase::EmptyPost, &["POST ", "Content-Length: 0\r\n\r\n"]),
            (
                EdgeCase::Chunked,
                &[
                    "POST ",
                    "Transfer-Encoding: chunked\r\n",
                    "\r\n17\r\nfirst",
                    "\r\n0\r\n\r\n",
                ],
            ),
            (
                EdgeCase::Utf8Path,
                &["GET /cgi-bin/a.py/S%C3%A3o/%E6%9D%B1%E4%BA%AC?q=1 "],
            ),
            (
                EdgeCase::DotDot,
                &["GET /cgi-bin/a.py/../../../etc/passwd?q=1 "],
            ),
            (
                EdgeCase::ManyFields,
                &["X-Field-1: 1\r\n", "X-Field-100: 100\r\n"],
            ),
            (
                EdgeCase::TwoCookies,
                &["Cookie: first=1; both=a\r\nCookie: second=2"],
            ),
            (
                EdgeCase::LengthTooLong,
                &["Content-Length: 100\r\n", "\r\n\r\nonly this"],
            ),
            (
                EdgeCase::LengthAndCoding,
                &["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"],
            ),
        ] {
            let sent = sent(case);
            for part in parts {
                assert!(sent.contains(part), "{case:?}: {sent}");
            }
        }
        assert!(!sent(EdgeCase::Chunked).contains("Content-Length"));
        let pace = |case: EdgeCase| case.of(&EdgeCase::HangUp.of(&Draft::blank("/", "h"))).pace;
        assert_eq!(pace(EdgeCase::SlowBody), Pace::SlowBody);
        assert_eq!(pace(EdgeCase::HangUp), Pace::HangUp);
        assert_eq!(pace(EdgeCase::Head), Pace::AtOnce);
    }
}
