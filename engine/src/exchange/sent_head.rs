//! The fields of a response head as it went out on the wire.

use std::ops::Range;

/// One field line of a sent head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentField<'h> {
    /// The name as it was sent.
    pub name: &'h [u8],
    /// The value without the white space around it.
    pub value: &'h [u8],
    /// The line without its end, in bytes of the head.
    pub line: Range<usize>,
}

/// The fields after the status line, in their order.
pub fn sent_fields(head: &[u8]) -> impl Iterator<Item = SentField<'_>> {
    let mut start = 0;
    let lines = head
        .split_inclusive(|&byte| byte == b'\n')
        .map(move |line| {
            let from = start;
            start += line.len();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            (from, line.strip_suffix(b"\r").unwrap_or(line))
        });
    lines.skip(1).filter_map(|(from, line)| {
        let colon = memchr::memchr(b':', line)?;
        let (name, rest) = line.split_at_checked(colon)?;
        Some(SentField {
            name,
            value: rest.get(1..).unwrap_or_default().trim_ascii(),
            line: from..from + line.len(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_their_place_in_the_head() {
        let head = b"HTTP/1.1 200 OK: fine\r\nDate:  now \r\nX:\n\r\n";
        let fields: Vec<_> = sent_fields(head).collect();
        assert_eq!(
            fields,
            [
                SentField {
                    name: b"Date",
                    value: b"now",
                    line: 23..34
                },
                SentField {
                    name: b"X",
                    value: b"",
                    line: 36..38
                },
            ]
        );
        assert_eq!(&head[23..34], b"Date:  now ");
        assert_eq!(sent_fields(b"").count(), 0);
    }
}
