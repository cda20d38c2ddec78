//! `$'…'` of a shell as a word in plain quotation marks, which is all that a splitter of words knows.

/// The same command line without `$'…'`; what is no UTF-8 in one becomes its replacement character.
#[must_use]
pub(super) fn plain_quotes(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '$' if rest.peek() == Some(&'\'') => {
                rest.next();
                plain.push_str(&shell_words::quote(&dollar_word(&mut rest)));
            }
            '\\' => {
                plain.push(character);
                plain.extend(rest.next());
            }
            '\'' | '"' => {
                plain.push(character);
                while let Some(inner) = rest.next() {
                    plain.push(inner);
                    if inner == character {
                        break;
                    }
                    if inner == '\\' && character == '"' {
                        plain.extend(rest.next());
                    }
                }
            }
            other => plain.push(other),
        }
    }
    plain
}

/// What stands up to the closing mark.
fn dollar_word(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut bytes = Vec::new();
    while let Some(character) = rest.next() {
        match character {
            '\'' => break,
            '\\' => match rest.next() {
                Some('x') => bytes.push(number(rest, 16, 2)),
                Some('u') => push(&mut bytes, code(rest, 4)),
                Some('U') => push(&mut bytes, code(rest, 8)),
                Some('n') => bytes.push(b'\n'),
                Some('r') => bytes.push(b'\r'),
                Some('t') => bytes.push(b'\t'),
                Some(digit @ '0'..='7') => {
                    let first = digit.to_digit(8).unwrap_or_default() as u8;
                    let more = rest.clone().take(2).take_while(|c| c.is_digit(8)).count();
                    let mut value = first;
                    for _ in 0..more {
                        let next = rest.next().and_then(|c| c.to_digit(8)).unwrap_or_default();
                        value = value.wrapping_mul(8).wrapping_add(next as u8);
                    }
                    bytes.push(value);
                }
                Some(other) => push(&mut bytes, other),
                None => break,
            },
            other => push(&mut bytes, other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn push(bytes: &mut Vec<u8>, character: char) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn number(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, base: u32, digits: usize) -> u8 {
    let mut value = 0_u8;
    for _ in 0..digits {
        let Some(digit) = rest.peek().and_then(|next| next.to_digit(base)) else {
            break;
        };
        rest.next();
        value = value.wrapping_mul(base as u8).wrapping_add(digit as u8);
    }
    value
}

fn code(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) -> char {
    let mut value = 0_u32;
    for _ in 0..digits {
        let Some(digit) = rest.peek().and_then(|next| next.to_digit(16)) else {
            break;
        };
        rest.next();
        value = value.wrapping_mul(16).wrapping_add(digit);
    }
    char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, words: &[&str]) {
        assert_eq!(shell_words::split(&plain_quotes(line)).unwrap(), words);
    }

    #[test]
    fn dollar_words_are_words() {
        check(
            "a $'b\\n\\'c\\x41\\101\\u00e9' d",
            &["a", "b\n'cAA\u{e9}", "d"],
        );
        check("'$'\\''x' \"$'x'\" \\$'y z'", &["$'x", "$'x'", "$y z"]);
        check("$'\\303\\251'", &["é"]);
        check("$'open", &["open"]);
        check("$'\\", &[""]);
        check("a \\\n  b", &["a", "b"]);
    }
}
