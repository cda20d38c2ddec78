//! Finding a text in captured bytes, whatever the case of ASCII letters.

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    /// As it was typed.
    pub(super) text: String,
    /// In lower case.
    folded: Vec<u8>,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folded: text.to_ascii_lowercase().into_bytes(),
        }
    }

    /// Whether the bytes hold it. Allocates nothing: it runs over every byte that was captured.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let Some((&first, rest)) = self.folded.split_first() else {
            return true;
        };
        let follows = |at: usize| {
            bytes
                .get(at + 1..at + 1 + rest.len())
                .is_some_and(|next| next.eq_ignore_ascii_case(rest))
        };
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), bytes).any(follows)
    }

    /// Whether the bytes are this text, in which `*` stands for anything.
    pub(super) fn is_whole(&self, bytes: &[u8]) -> bool {
        let mut parts = self.folded.split(|&byte| byte == b'*');
        let first = parts.next().unwrap_or_default();
        let Some((start, mut rest)) = bytes.split_at_checked(first.len()) else {
            return false;
        };
        if !start.eq_ignore_ascii_case(first) {
            return false;
        }
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            match position(rest, part) {
                Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        rest.len()
            .checked_sub(last.len())
            .and_then(|start| rest.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(last))
    }
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    bytes
        .windows(part.len())
        .position(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(needle: &str, hay: &[u8], part: bool, whole: bool) {
        let needle = Needle::new(needle);
        assert_eq!((needle.is_in(hay), needle.is_whole(hay)), (part, whole));
    }

    #[test]
    fn letter_case_does_not_count_and_a_part_suffices() {
        check("TRACE", b"a Traceback", true, false);
        check("traceback", b"Traceback", true, true);
        check("x", b"", false, false);
        check("", b"", true, true);
        check("ab", b"aab", true, false);
        check("\u{e9}", b"caf\xc3\xa9", true, false);
    }

    #[test]
    fn a_star_in_a_whole_stands_for_anything() {
        check("*.py", b"form.py", false, true);
        check("a*b*c", b"a--b--c", false, true);
        check("a*b*c", b"a--c--b", false, false);
        check("form*", b"form", false, true);
        check("a*a", b"a", false, false);
        check("*", b"", false, true);
    }
}
