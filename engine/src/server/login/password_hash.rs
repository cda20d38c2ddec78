//! A password against its hash, in each of the forms that htpasswd(1) and crypt(5) write and that are still worth it.

use super::apr1;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha_crypt::{PasswordVerifier as _, ShaCrypt};
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

/// What stands in place of a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(in crate::server) enum UnknownHash {
    /// No `$` and no `{`: the password itself, or the crypt of the seventies, which cannot be told apart.
    #[error("it is plain text or an old crypt(3) hash; write it anew with htpasswd -B")]
    PlainOrOldCrypt,
    /// A scheme that is not among ours.
    #[error(
        "its scheme is not one of bcrypt, apr1, SHA-256, SHA-512 and {{SHA}}; write it anew with htpasswd -B"
    )]
    OtherScheme,
    /// A known scheme, but broken.
    #[error("its hash is damaged; write it anew with htpasswd -B")]
    Damaged,
}

/// Whether the password is the one that was hashed. Takes as long as the hash wants, a second for instance.
pub(super) fn is_right(password: &[u8], stored: &str) -> Result<bool, UnknownHash> {
    if stored.starts_with("$2") {
        return bcrypt::verify(password, stored).map_err(|_| UnknownHash::Damaged);
    }
    if let Some(rest) = stored.strip_prefix("$apr1$") {
        let (salt, hash) = rest.split_once('$').ok_or(UnknownHash::Damaged)?;
        let made = apr1::hash(password, salt.as_bytes());
        return Ok(made.as_bytes().ct_eq(hash.as_bytes()).into());
    }
    if stored.starts_with("$5$") || stored.starts_with("$6$") {
        return match ShaCrypt::default().verify_password(password, stored) {
            Ok(()) => Ok(true),
            Err(sha_crypt::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(UnknownHash::Damaged),
        };
    }
    if let Some(hash) = stored.strip_prefix("{SHA}") {
        let expected = STANDARD.decode(hash).map_err(|_| UnknownHash::Damaged)?;
        return Ok(Sha1::digest(password).as_slice().ct_eq(&expected).into());
    }
    Err(if stored.starts_with(['$', '{']) {
        UnknownHash::OtherScheme
    } else {
        UnknownHash::PlainOrOldCrypt
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by htpasswd 2.4 and openssl 3.
    #[test]
    fn every_form_knows_its_password_and_no_other() {
        for stored in [
            "$2y$05$JombaIIIBZsVCm9SYuFL/.Pv4LvsUuf/uWoYM9636FsSe/B6KoK5u",
            "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
            "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
            "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
            "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
        ] {
            assert_eq!(is_right(b"secret", stored), Ok(true), "{stored}");
            for wrong in [&b"Secret"[..], b"secret ", b"", b"secre"] {
                assert_eq!(is_right(wrong, stored), Ok(false), "{stored}");
            }
        }
    }

    #[test]
    fn what_cannot_be_checked_is_never_right() {
        use UnknownHash::{Damaged, OtherScheme, PlainOrOldCrypt};
        for (stored, why) in [
            ("secret", PlainOrOldCrypt),
            ("", PlainOrOldCrypt),
            ("rl.3StKT.4T8M", PlainOrOldCrypt),
            ("$1$salt$hash", OtherScheme),
            ("$y$j9T$x$y", OtherScheme),
            ("{SSHA}x", OtherScheme),
            ("$2y$05$short", Damaged),
            ("$apr1$nosecond", Damaged),
            ("$6$", Damaged),
            ("{SHA}*", Damaged),
        ] {
            assert_eq!(is_right(b"secret", stored), Err(why), "{stored}");
        }
    }
}
