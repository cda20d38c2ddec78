//! Chunks of a script's own making taken apart, as a host does it that believes the script's Transfer-Encoding.

/// Takes chunks apart; at a mistake the body ends.
#[derive(Default)]
pub(super) struct Unchunk {
    state: State,
}

#[derive(Default)]
enum State {
    /// The digits of a size, and whether they are over.
    #[default]
    Start,
    Size {
        bytes: u64,
        digits_over: bool,
    },
    Data {
        left: u64,
    },
    /// The line end after the data.
    LineEnd,
    Over,
}

impl Unchunk {
    /// The data in these bytes.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut data = Vec::with_capacity(bytes.len());
        while let Some((first, rest)) = bytes.split_first() {
            let mut next = rest;
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return data,
                State::Start => match digit(*first) {
                    Some(digit) => State::Size {
                        bytes: digit,
                        digits_over: false,
                    },
                    None => State::Over,
                },
                State::Size { bytes: 0, .. } if *first == b'\n' => State::Over,
                State::Size { bytes, .. } if *first == b'\n' => State::Data { left: bytes },
                State::Size { bytes, digits_over } => {
                    match digit(*first).filter(|_| !digits_over) {
                        Some(digit) => match bytes.checked_mul(16) {
                            Some(bytes) => State::Size {
                                bytes: bytes + digit,
                                digits_over,
                            },
                            None => State::Over,
                        },
                        None if digits_over || matches!(first, b';' | b'\r' | b' ') => {
                            State::Size {
                                bytes,
                                digits_over: true,
                            }
                        }
                        None => State::Over,
                    }
                }
                State::Data { left } => {
                    let there = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    let (here, behind) = bytes.split_at(there);
                    data.extend_from_slice(here);
                    next = behind;
                    match left - there as u64 {
                        0 => State::LineEnd,
                        left => State::Data { left },
                    }
                }
                State::LineEnd if *first == b'\r' => State::LineEnd,
                State::LineEnd if *first == b'\n' => State::Start,
                State::LineEnd => State::Over,
            };
            bytes = next;
        }
        data
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunks: &[u8], expected: &str) {
        assert_eq!(Unchunk::default().take(chunks), expected.as_bytes());
        let mut bytewise = Unchunk::default();
        let data: Vec<u8> = chunks
            .chunks(1)
            .flat_map(|byte| bytewise.take(byte))
            .collect();
        assert_eq!(data, expected.as_bytes());
    }

    #[test]
    fn chunks_are_taken_apart_in_any_pieces() {
        check(b"5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\nrest", "hello!");
        check(b"A\n0123456789\n0\n\n", "0123456789");
    }

    #[test]
    fn what_is_no_chunk_ends_the_body() {
        check(b"hello\n", "");
        check(b"2\r\nhiXX", "hi");
        check(b"fffffffffffffffff\r\n", "");
        check(b"", "");
    }
}
