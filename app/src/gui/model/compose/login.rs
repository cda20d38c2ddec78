//! How a draft logs in: its Authorization field as a person edits it (RFC 7617, RFC 6750).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::draft::{Draft, Field};

/// What the Authorization field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// There is none.
    None,
    /// A name and a password.
    Basic {
        /// The name; it cannot hold a colon.
        user: String,
        /// The password.
        password: String,
    },
    /// A token.
    Bearer(String),
    /// Something else, as it stands.
    Other(String),
}

impl Login {
    /// The login of a draft.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        let Some(field) = draft.field("Authorization") else {
            return Self::None;
        };
        let value = field.value.trim();
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        let basic = || {
            let decoded = STANDARD.decode(rest.trim()).ok()?;
            let decoded = String::from_utf8(decoded).ok()?;
            let (user, password) = decoded.split_once(':')?;
            Some(Self::Basic {
                user: user.to_owned(),
                password: password.to_owned(),
            })
        };
        let known = match scheme.to_ascii_lowercase().as_str() {
            "basic" => basic(),
            "bearer" => Some(Self::Bearer(rest.to_owned())),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other(field.value.clone()))
    }

    /// Puts it into the draft, in the place of the field that is there.
    pub fn put(&self, draft: &mut Draft) {
        let value = match self {
            Self::None => {
                draft
                    .fields
                    .retain(|field| !(field.on && field.is("Authorization")));
                return;
            }
            Self::Basic { user, password } => {
                let pair = format!("{}:{password}", user.replace(':', ""));
                format!("Basic {}", STANDARD.encode(pair))
            }
            Self::Bearer(token) => format!("Bearer {token}"),
            Self::Other(value) => value.clone(),
        };
        let there = draft
            .fields
            .iter_mut()
            .find(|field| field.on && field.is("Authorization"));
        match there {
            Some(field) => field.value = value,
            None => {
                let is_counted = |field: &Field| field.automatic;
                let at = draft.fields.iter().position(is_counted);
                let at = at.unwrap_or(draft.fields.len());
                draft.fields.insert(at, Field::new("Authorization", value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(login: &Login, value: &str) {
        let mut draft = Draft::blank("/", "h");
        login.put(&mut draft);
        assert_eq!(draft.field("Authorization").unwrap().value, value);
        assert_eq!(Login::of(&draft), *login);
        Login::None.put(&mut draft);
        assert_eq!(draft, Draft::blank("/", "h"));
    }

    #[test]
    fn a_login_is_a_field_and_comes_back() {
        let basic = |user: &str, password: &str| Login::Basic {
            user: user.to_owned(),
            password: password.to_owned(),
        };
        check(&basic("zoe", "a:b"), "Basic em9lOmE6Yg==");
        check(&basic("", ""), "Basic Og==");
        check(&Login::Bearer("x.y".into()), "Bearer x.y");
        check(&Login::Other("Digest x".into()), "Digest x");
        check(&Login::Other("Basic ******".into()), "Basic ******");
    }
}
