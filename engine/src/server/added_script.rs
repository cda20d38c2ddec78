//! A script of the studio's own, put into a page on its way to the browser; pure.
//!
//! It goes before the last `</body`, which is not known before the page ends: from each one on, bytes are held
//! back until another one or the end of the page comes, or until they are too many. Then it goes to the end.

use bytes::{Bytes, BytesMut};

/// The end of what a page shows; what follows it is not much.
const BODY_END: &[u8] = b"</body";
/// More bytes are not held back.
const MOST_HELD: usize = 64 * 1024;

/// A page on its way.
#[derive(Debug)]
pub(super) struct Adder {
    script: &'static [u8],
    held: BytesMut,
    /// `held` begins with the end of the body; otherwise it is a few bytes that may become one.
    at_end: bool,
}

impl Adder {
    pub(super) fn new(script: &'static [u8]) -> Self {
        Self {
            script,
            held: BytesMut::new(),
            at_end: false,
        }
    }

    /// Takes the next bytes of the page; what may go out is given back.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Bytes {
        let searched = match self.at_end {
            // The one that is held is no news; the next may begin in what is held already.
            true => self.held.len().saturating_sub(BODY_END.len() - 1).max(1),
            false => 0,
        };
        self.held.extend_from_slice(bytes);
        let rest = self.held.get(searched..).unwrap_or_default();
        if let Some(at) = last_body_end(rest) {
            self.at_end = true;
            return self.held.split_to(searched + at).freeze();
        }
        if self.at_end && self.held.len() <= MOST_HELD {
            return Bytes::new();
        }
        self.at_end = false;
        let kept = beginning_of_body_end(&self.held);
        self.held.split_to(self.held.len() - kept).freeze()
    }

    /// The page has ended: the script, and what was held back.
    pub(super) fn end(mut self) -> Bytes {
        let mut last = BytesMut::with_capacity(self.script.len() + self.held.len());
        if self.at_end {
            last.extend_from_slice(self.script);
            last.extend_from_slice(&self.held);
        } else {
            last.extend_from_slice(&self.held);
            last.extend_from_slice(self.script);
        }
        self.held.clear();
        last.freeze()
    }
}

fn last_body_end(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b'<', bytes).find(|at| {
        let found = bytes.get(*at..*at + BODY_END.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(BODY_END))
    })
}

/// How many bytes at the end may be the beginning of a body's end.
fn beginning_of_body_end(bytes: &[u8]) -> usize {
    let longest = (BODY_END.len() - 1).min(bytes.len());
    let begins = |length: &usize| {
        let end = &bytes[bytes.len() - length..];
        end.eq_ignore_ascii_case(&BODY_END[..*length])
    };
    (1..=longest).rev().find(begins).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever pieces the page comes in, it comes out as expected; `+` stands for the script.
    #[track_caller]
    fn check(page: &str, expected: &str) {
        for size in [1, 2, 3, 5, 7, page.len().max(1)] {
            let mut adder = Adder::new(b"+");
            let mut out = BytesMut::new();
            for piece in page.as_bytes().chunks(size) {
                out.extend_from_slice(&adder.feed(piece));
            }
            out.extend_from_slice(&adder.end());
            assert_eq!(
                String::from_utf8_lossy(&out),
                expected,
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn the_script_goes_before_the_last_end_of_the_body() {
        check("<p>a</body></html>", "<p>a+</body></html>");
        check("<p>a</BODY >\n", "<p>a+</BODY >\n");
        check(
            "<script>'</body>'</script></body></html>",
            "<script>'</body>'</script>+</body></html>",
        );
        check("</body></body></body", "</body></body>+</body");
    }

    #[test]
    fn without_one_it_goes_to_the_end() {
        check("", "+");
        check("<p>a", "<p>a+");
        check("<p>a</bod", "<p>a</bod+");
        check("a<<</bo</b</", "a<<</bo</b</+");
    }

    #[test]
    fn not_more_than_a_little_is_held_back() {
        let mut adder = Adder::new(b"+");
        let long = vec![b'x'; MOST_HELD];
        assert_eq!(adder.feed(b"a</body>").as_ref(), b"a");
        assert_eq!(adder.feed(&long).len(), MOST_HELD + 7);
        assert_eq!(adder.feed(b"</body>").as_ref(), b"");
        assert_eq!(adder.end().as_ref(), b"+</body>");
    }
}
