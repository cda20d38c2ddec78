//! Which names speak of secrets.

/// Parts of a name that give a secret away, in a variable or a header field.
const IN_VARIABLES: [&str; 8] = [
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "private",
];

/// Parts of a name that give a secret away, in a form, a query or JSON.
const IN_FIELDS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "sessionid",
];

/// Whole words of a name that do; as parts they would be in too many others (`bypass`, `monkey`).
const WORDS: [&str; 11] = [
    "pass",
    "pwd",
    "pw",
    "pin",
    "otp",
    "sid",
    "session",
    "auth",
    "authorization",
    "csrf",
    "key",
];

/// Whether a variable of the environment or a header field of that name holds a secret.
pub(super) fn of_variable(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    IN_VARIABLES.iter().any(|part| name.contains(part))
}

/// A longer name is none: bytes that are no form were taken for one.
const LONGEST_BYTES: usize = 256;

/// Whether a field of that name in a form, a query or JSON holds a secret.
pub(super) fn of_field(name: &[u8]) -> bool {
    if name.len() > LONGEST_BYTES || name.iter().any(u8::is_ascii_control) {
        return false;
    }
    let name = String::from_utf8_lossy(name);
    let mut words = words(&name);
    let joined: String = words.clone().collect();
    IN_FIELDS.iter().any(|part| joined.contains(part))
        || words.any(|word| WORDS.contains(&word.as_str()))
}

/// `user[api_key]`, `apiKey`, `API-Key`: the words in small letters.
fn words(name: &str) -> impl Iterator<Item = String> + Clone {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for character in name.chars() {
        let starts = character.is_uppercase() && before_is_lower;
        before_is_lower = character.is_lowercase();
        if !character.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        assert_eq!(of_field(name.as_bytes()), expected, "{name}");
    }

    #[test]
    fn names_of_secrets_are_known_however_they_are_written() {
        for name in [
            "password",
            "userPassword",
            "user[password]",
            "PASSWD",
            "new_password2",
            "pass",
            "access_token",
            "apiKey",
            "api-key",
            "API_KEY",
            "csrf",
            "csrfmiddlewaretoken",
            "PIN",
            "client_secret",
            "sessionid",
            "key",
        ] {
            check(name, true);
        }
    }

    #[test]
    fn other_names_are_left_alone() {
        for name in [
            "", "name", "bypass", "monkey", "keyboard", "author", "spinner", "q", "pinned",
            "compass",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn bytes_between_two_signs_of_a_file_are_no_name() {
        check("x\u{1}|pw|", false);
        check(&"token".repeat(60), false);
        check("mot de passe|pw|\u{e9}", true);
    }

    #[test]
    fn variables_are_judged_more_strictly() {
        assert!(of_variable("AWS_SECRET_ACCESS") && of_variable("HTTP_X_API_KEY"));
        assert!(!of_variable("PATH_INFO") && !of_variable("HTTP_HOST"));
    }
}
