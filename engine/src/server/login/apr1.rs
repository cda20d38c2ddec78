//! The `$apr1$` hash of Apache's htpasswd: MD5, a thousand times, with a magic word of its own.
//!
//! No kept library makes it. The steps are those that the Apache Portable Runtime documents for its MD5 passwords.

use md5::{Digest as _, Md5};

/// Longer salts are cut.
const SALT_BYTES: usize = 8;
const MAGIC: &[u8] = b"$apr1$";
/// The digits of crypt(3)'s own base 64.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The hash without its magic word and salt: 22 digits.
pub(super) fn hash(password: &[u8], salt: &[u8]) -> String {
    let salt = salt.get(..SALT_BYTES).unwrap_or(salt);
    let mut digest = first_digest(password, salt);
    for round in 0..1000_u32 {
        let mut md5 = Md5::new();
        let odd = round % 2 == 1;
        md5.update(if odd { password } else { &digest });
        if round % 3 != 0 {
            md5.update(salt);
        }
        if round % 7 != 0 {
            md5.update(password);
        }
        md5.update(if odd { &digest } else { password });
        digest = md5.finalize().into();
    }
    digits(&digest)
}

fn first_digest(password: &[u8], salt: &[u8]) -> [u8; 16] {
    let mut inner = Md5::new();
    for part in [password, salt, password] {
        inner.update(part);
    }
    let inner: [u8; 16] = inner.finalize().into();
    let mut md5 = Md5::new();
    for part in [password, MAGIC, salt] {
        md5.update(part);
    }
    let stretched: Vec<u8> = inner.iter().copied().cycle().take(password.len()).collect();
    md5.update(stretched);
    // For each bit of the length: a zero byte where it is set, else the password's first byte.
    let mut length = password.len();
    while length > 0 {
        let byte = if length % 2 == 1 {
            0
        } else {
            password.first().copied().unwrap_or(0)
        };
        md5.update([byte]);
        length /= 2;
    }
    md5.finalize().into()
}

/// Three bytes become four digits, lowest first, in an order of their own.
fn digits(digest: &[u8; 16]) -> String {
    let [
        d0,
        d1,
        d2,
        d3,
        d4,
        d5,
        d6,
        d7,
        d8,
        d9,
        d10,
        d11,
        d12,
        d13,
        d14,
        d15,
    ] = digest.map(u32::from);
    let groups = [
        (d0 << 16 | d6 << 8 | d12, 4),
        (d1 << 16 | d7 << 8 | d13, 4),
        (d2 << 16 | d8 << 8 | d14, 4),
        (d3 << 16 | d9 << 8 | d15, 4),
        (d4 << 16 | d10 << 8 | d5, 4),
        (d11, 2),
    ];
    let mut text = String::with_capacity(22);
    for (group, count) in groups {
        for digit in 0..count {
            // Six bits are below 64.
            text.push(char::from(DIGITS[(group >> (6 * digit) & 0x3f) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl passwd -apr1` and `htpasswd -m`.
    #[test]
    fn the_hash_is_the_one_that_apaches_tool_writes() {
        for (password, salt, expected) in [
            ("secret", "abcdefgh", "h9FWgUz3n9YxylKLlR5SQ/"),
            ("", "x", "tMwYqBfQwi3FYAr0aJc8M/"),
            (
                "a very long password that is longer than sixteen bytes",
                "dB.YH73S",
                "fPfcS//kwOK2idzKGHi1N0",
            ),
        ] {
            assert_eq!(
                hash(password.as_bytes(), salt.as_bytes()),
                expected,
                "{password}"
            );
        }
    }
}
