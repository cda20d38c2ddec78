//! The classes of bytes that the grammars of HTTP (RFC 9110 §5.6) and CGI (RFC 3875 §2.2) speak of.

/// How many bytes of evidence an error or a violation quotes.
pub const EXCERPT_BYTES: usize = 160;

/// A byte of a `token`: a method, a field name, an authentication scheme.
#[must_use]
pub const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether the bytes are one `token`; an empty text is none.
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// A byte that a field value may hold: tab, the visible ones, space, and `obs-text` from 0x80 on.
#[must_use]
pub const fn is_field_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Optional white space between fields and their delimiters: `OWS = *( SP / HTAB )`.
#[must_use]
pub const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The bytes without the white space (space and tab) around them.
#[must_use]
pub fn trim(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().take_while(|byte| is_blank(**byte)).count();
    let rest = bytes.get(start..).unwrap_or_default();
    let kept = rest.len()
        - rest
            .iter()
            .rev()
            .take_while(|byte| is_blank(**byte))
            .count();
    rest.get(..kept).unwrap_or_default()
}

/// The octet that two hexadecimal digits name, or `None` if either is no digit.
#[must_use]
pub fn octet_from_hex(high: u8, low: u8) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// A decimal number made of digits only: no sign, no space, no overflow.
#[must_use]
pub fn decimal(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() {
        return None;
    }
    bytes.iter().try_fold(0_u64, |number, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The first [`EXCERPT_BYTES`] bytes, kept as evidence.
#[must_use]
pub fn excerpt(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..EXCERPT_BYTES).unwrap_or(bytes).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_takes_spaces_and_tabs_from_both_ends_only() {
        assert_eq!(trim(b" \ta b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b"\ra\n"), b"\ra\n");
    }

    #[test]
    fn a_decimal_has_digits_only_and_fits() {
        for wrong in [
            &b""[..],
            b"+5",
            b"-1",
            b"0x5",
            b"5 ",
            b"1_0",
            b"5,5",
            b"18446744073709551616",
        ] {
            assert_eq!(decimal(wrong), None, "{}", wrong.escape_ascii());
        }
        assert_eq!(decimal(b"0005"), Some(5));
        assert_eq!(decimal(b"18446744073709551615"), Some(u64::MAX));
    }

    #[test]
    fn an_octet_needs_two_hexadecimal_digits() {
        assert_eq!(octet_from_hex(b'F', b'f'), Some(255));
        assert_eq!(octet_from_hex(b'+', b'1'), None);
        assert_eq!(octet_from_hex(b'0', b'g'), None);
    }
}
