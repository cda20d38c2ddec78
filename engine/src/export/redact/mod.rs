//! Secrets in a recorded exchange, and the exchange without them: for everything that leaves.
//!
//! A secret is found where something names it (a login, a cookie, a field called `password`, a variable called
//! `API_TOKEN`), and hidden there and wherever its value stands again, in whichever spelling: derived variables, raw
//! head, standard input, what the script printed. A value too short to be told from chance is hidden only where it
//! is named. What nothing names is not found: a person looks at the list before it leaves.
//!
//! With lengths kept, asterisks take the secret's place byte for byte, so every offset and length in the record stays
//! true. Without, three asterisks stand for any secret; `Content-Length` and counts remain those of the recording.

mod edit;
mod finder;
mod json_scan;
mod mask;
mod names;
mod parts;
mod rewrite;
mod spellings;

use crate::exchange::Exchange;
use finder::find;
use mask::Mask;
use parts::parts;

pub use rewrite::redacted;

/// What kind of place gave a secret away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretKind {
    /// What follows the scheme in `Authorization`, or the password in a URL.
    Login,
    /// The value of a cookie, in `Cookie` or `Set-Cookie`.
    Cookie,
    /// A header field with such a name, as `X-Api-Key`.
    Header,
    /// A field of a form, a query or JSON.
    Field,
    /// A variable of the environment.
    Variable,
}

impl SecretKind {
    /// One or two words for a list.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Cookie => "cookie",
            Self::Header => "header field",
            Self::Field => "form or JSON field",
            Self::Variable => "variable",
        }
    }
}

/// A secret and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Secret {
    /// What gave it away.
    pub kind: SecretKind,
    /// The name of the field, cookie or variable, in small letters.
    pub name: String,
    /// Its value, without what any place encodes.
    pub value: Vec<u8>,
    /// The parts of the record where it stands, and how often, in the order of the record.
    pub places: Vec<(String, usize)>,
}

impl Secret {
    /// The value as it will read afterwards.
    #[must_use]
    pub fn masked(&self, keep_lengths: bool) -> String {
        "*".repeat(if keep_lengths { self.value.len() } else { 3 })
    }

    /// `request head, HTTP_COOKIE, standard output ×2`.
    #[must_use]
    pub fn places_in_words(&self) -> String {
        let words = self.places.iter().map(|(place, times)| match times {
            1 => place.clone(),
            times => format!("{place} ×{times}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The secrets to hide, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// Those that are hidden; of [`secrets`], as a rule.
    pub secrets: Vec<Secret>,
    /// As many asterisks as the secret has bytes, so that nothing in the record moves.
    pub keep_lengths: bool,
}

impl Chosen {
    /// Everything that was found, lengths kept.
    #[must_use]
    pub fn all(secrets: Vec<Secret>) -> Self {
        Self {
            secrets,
            keep_lengths: true,
        }
    }
}

/// The secrets of one exchange, in the order in which they first stand in it.
#[must_use]
pub fn secrets(exchange: &Exchange) -> Vec<Secret> {
    secrets_of([exchange])
}

/// The secrets of several exchanges that leave together: what is one in the first is one in all.
#[must_use]
pub fn secrets_of<'e>(exchanges: impl IntoIterator<Item = &'e Exchange> + Clone) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = Vec::new();
    for exchange in exchanges.clone() {
        for part in parts(exchange) {
            for found in find(part.form, &part.bytes) {
                let same = |secret: &Secret| {
                    secret.kind == found.kind
                        && secret.name == found.name
                        && secret.value == found.plain
                };
                if !secrets.iter().any(same) {
                    secrets.push(Secret {
                        kind: found.kind,
                        name: found.name,
                        value: found.plain,
                        places: Vec::new(),
                    });
                }
            }
        }
    }
    let mut places: Vec<Vec<(String, usize)>> = vec![Vec::new(); secrets.len()];
    let mask = Mask::of(&secrets, true);
    for exchange in exchanges {
        for part in parts(exchange) {
            // One place may be found by name and by value, or within the place of another spelling.
            let mut hits = mask.hits(part.form, &part.bytes, part.gap);
            hits.sort_by_key(|hit| {
                (
                    hit.secret,
                    hit.range.start,
                    std::cmp::Reverse(hit.range.end),
                )
            });
            let mut last: Option<(usize, usize)> = None;
            for hit in hits {
                let again =
                    last.is_some_and(|(secret, end)| secret == hit.secret && hit.range.start < end);
                last = Some((
                    hit.secret,
                    hit.range
                        .end
                        .max(last.filter(|_| again).map_or(0, |(_, end)| end)),
                ));
                if again {
                    continue;
                }
                let Some(of_secret) = places.get_mut(hit.secret) else {
                    continue;
                };
                match of_secret.iter_mut().find(|(place, _)| *place == part.place) {
                    Some((_, times)) => *times += 1,
                    None => of_secret.push((part.place.clone(), 1)),
                }
            }
        }
    }
    drop(mask);
    for (secret, places) in secrets.iter_mut().zip(places) {
        secret.places = places;
    }
    secrets
}

#[cfg(test)]
mod tests;
