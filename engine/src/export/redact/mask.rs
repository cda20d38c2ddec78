//! Which bytes of a part are hidden: those at a place that names a secret, and those that repeat its value.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::edit::Edit;
use super::finder::{Form, find};
use super::spellings::{self, Needle};
use super::{Chosen, Secret, SecretKind};

/// Less than this of a secret at the edge of a gap tells nothing.
const PARTIAL_BYTES: usize = 4;

/// More bytes of needles would make the searcher too large for memory; they are looked for one by one.
const SEARCHER_BYTES: usize = 8 << 20;

/// Looks for chosen secrets.
pub(super) struct Mask<'c> {
    by_name: HashMap<(SecretKind, &'c str, &'c [u8]), usize>,
    needles: Vec<(usize, Needle)>,
    /// Looks for all needles at once; none where they are too many for that.
    searcher: Option<AhoCorasick>,
    keep_lengths: bool,
}

/// A place where a secret stands, by the secret's index.
pub(super) struct Hit {
    pub(super) secret: usize,
    pub(super) range: Range<usize>,
    number: bool,
}

/// On which side of the bytes others are missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    Behind,
    Before,
}

impl<'c> Mask<'c> {
    pub(super) fn new(chosen: &'c Chosen) -> Self {
        Self::of(&chosen.secrets, chosen.keep_lengths)
    }

    pub(super) fn of(secrets: &'c [Secret], keep_lengths: bool) -> Self {
        let mut mask = Self {
            by_name: HashMap::new(),
            needles: Vec::new(),
            searcher: None,
            keep_lengths,
        };
        for (index, secret) in secrets.iter().enumerate() {
            let key = (secret.kind, secret.name.as_str(), secret.value.as_slice());
            mask.by_name.insert(key, index);
            let needles = spellings::of(secret.kind, &secret.name, &secret.value);
            mask.needles
                .extend(needles.into_iter().map(|needle| (index, needle)));
        }
        let needles = mask.needles.iter().map(|(_, needle)| &needle.bytes);
        let total: usize = needles.clone().map(Vec::len).sum();
        if total <= SEARCHER_BYTES {
            mask.searcher = AhoCorasick::new(needles).ok();
        }
        mask
    }

    /// Every place in the bytes, those that overlap too.
    pub(super) fn hits(&self, form: Form<'_>, bytes: &[u8], gap: Gap) -> Vec<Hit> {
        let named = find(form, bytes).into_iter().filter_map(|found| {
            let key = (found.kind, found.name.as_str(), found.plain.as_slice());
            Some(Hit {
                secret: *self.by_name.get(&key)?,
                range: found.range,
                number: found.number,
            })
        });
        let mut hits: Vec<Hit> = named.collect();
        for (index, range) in self.echoes(bytes) {
            if let Some((secret, needle)) = self.needles.get(index)
                && (!needle.word || is_word(bytes, &range))
            {
                hits.push(Hit {
                    secret: *secret,
                    range,
                    number: false,
                });
            }
        }
        for (secret, needle) in &self.needles {
            hits.extend(partial(bytes, &needle.bytes, gap).map(|range| Hit {
                secret: *secret,
                range,
                number: false,
            }));
        }
        hits
    }

    /// Every needle's places in the bytes, by its index.
    fn echoes(&self, bytes: &[u8]) -> Vec<(usize, Range<usize>)> {
        if let Some(searcher) = &self.searcher {
            let found = searcher.find_overlapping_iter(bytes);
            return found
                .map(|found| (found.pattern().as_usize(), found.range()))
                .collect();
        }
        let needles = self.needles.iter().enumerate();
        let found = needles.flat_map(|(index, (_, needle))| {
            let places = memchr::memmem::find_iter(bytes, &needle.bytes);
            places.map(move |at| (index, at..at + needle.bytes.len()))
        });
        found.collect()
    }

    /// What hides the secrets in these bytes.
    pub(super) fn edit(&self, form: Form<'_>, bytes: &[u8], gap: Gap) -> Edit {
        let hits = self.hits(form, bytes, gap);
        let ranges = hits.into_iter().map(|hit| (hit.range, hit.number));
        Edit::new(ranges.collect(), self.keep_lengths)
    }

    /// The bytes without the secrets; none where there is nothing to hide.
    pub(super) fn bytes(&self, form: Form<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        let edit = self.edit(form, bytes, Gap::None);
        (!edit.is_empty()).then(|| edit.apply(bytes))
    }
}

/// No letter or digit stands beside it.
fn is_word(bytes: &[u8], range: &Range<usize>) -> bool {
    let is_part = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    !is_part(range.start.checked_sub(1)) && !is_part(Some(range.end))
}

/// The part of a value that a gap in the recording has left over.
fn partial(bytes: &[u8], needle: &[u8], gap: Gap) -> Option<Range<usize>> {
    let most = needle.len().saturating_sub(1).min(bytes.len());
    let mut lengths = (PARTIAL_BYTES..=most).rev();
    match gap {
        Gap::None => None,
        Gap::Behind => lengths
            .find(|length| {
                needle
                    .get(..*length)
                    .is_some_and(|start| bytes.ends_with(start))
            })
            .map(|length| bytes.len() - length..bytes.len()),
        Gap::Before => lengths
            .find(|length| {
                let end = needle.get(needle.len() - length..);
                end.is_some_and(|end| bytes.starts_with(end))
            })
            .map(|length| 0..length),
    }
}
