//! What the mirrors are made of: structures with short names whose empty fields are left out, bytes that stay
//! bytes, lists of places and of times.

use super::RecordError;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Declares a mirror: each field with its name in the record. A name is never given another meaning.
macro_rules! packed {
    ($(#[$doc:meta])* $name:ident<$life:lifetime> { $($key:literal $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(serde::Serialize, serde::Deserialize, Clone, PartialEq, Debug, Default)]
        #[serde(default)]
        pub(super) struct $name<$life> {
            $(
                #[serde(rename = $key, skip_serializing_if = "crate::record::packed::is_empty_value")]
                pub(super) $field: $kind,
            )*
        }
    };
    ($(#[$doc:meta])* $name:ident { $($key:literal $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(serde::Serialize, serde::Deserialize, Clone, PartialEq, Debug, Default)]
        #[serde(default)]
        pub(super) struct $name {
            $(
                #[serde(rename = $key, skip_serializing_if = "crate::record::packed::is_empty_value")]
                pub(super) $field: $kind,
            )*
        }
    };
}
pub(super) use packed;

pub(super) fn is_empty_value<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Text.
pub(super) type Text<'a> = Cow<'a, str>;

/// Bytes of any kind, which are written as such.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Octets<'a>(pub(super) Cow<'a, [u8]>);

impl<'a> Octets<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }

    pub(super) fn of_os(text: &'a OsStr) -> Self {
        Self::of(text.as_bytes())
    }

    pub(super) fn of_path(path: &'a Path) -> Self {
        Self::of_os(path.as_os_str())
    }

    pub(super) fn into_vec(self) -> Vec<u8> {
        self.0.into_owned()
    }

    pub(super) fn into_os(self) -> OsString {
        OsString::from_vec(self.into_vec())
    }

    pub(super) fn into_path(self) -> PathBuf {
        self.into_os().into()
    }
}

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Octets<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_byte_buf(OctetsVisitor)
            .map(|bytes| Self(Cow::Owned(bytes)))
    }
}

struct OctetsVisitor;

impl<'de> Visitor<'de> for OctetsVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        Ok(text.as_bytes().to_vec())
    }

    /// Other writers of MessagePack know no bytes.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

/// A list of structures, `MOST` of them at most.
///
/// None of them is ever empty, so that a list of many empty ones, a byte each, is refused before memory is taken
/// for them.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct List<T, const MOST: usize = { usize::MAX }>(pub(super) Vec<T>);

impl<T, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> FromIterator<T> for List<T, MOST> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T, const MOST: usize> IntoIterator for List<T, MOST> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Serialize, const MOST: usize> Serialize for List<T, MOST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T, const MOST: usize> Deserialize<'de> for List<T, MOST>
where
    T: Deserialize<'de> + Default + PartialEq,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T, const MOST: usize> Visitor<'de> for ListVisitor<T, MOST>
where
    T: Deserialize<'de> + Default + PartialEq,
{
    type Value = List<T, MOST>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = sequence.next_element()? {
            if list.len() == MOST {
                return Err(A::Error::custom(format!("more than {MOST} in a list")));
            }
            if is_empty_value(&item) {
                return Err(A::Error::custom("something empty in a list"));
            }
            list.push(item);
        }
        Ok(List(list))
    }
}

/// Places, two numbers each: where it begins and how long it is.
pub(super) fn flat(ranges: &[Range<usize>]) -> Vec<u64> {
    ranges
        .iter()
        .flat_map(|range| [range.start as u64, range.len() as u64])
        .collect()
}

/// The places that [`flat`] wrote.
pub(super) fn ranges(
    numbers: &[u64],
    what: &'static str,
) -> Result<Vec<Range<usize>>, RecordError> {
    if !numbers.len().is_multiple_of(2) {
        return Err(RecordError::impossible(what, "half a place"));
    }
    let pairs = numbers.chunks_exact(2);
    pairs.map(|pair| range(pair, what)).collect()
}

/// One place, the same.
pub(super) fn range(pair: &[u64], what: &'static str) -> Result<Range<usize>, RecordError> {
    let place = match pair {
        [] => Some(0..0),
        [start, length] => place(*start, *length),
        _ => None,
    };
    place.ok_or_else(|| RecordError::impossible(what, format!("at {pair:?}")))
}

fn place(start: u64, length: u64) -> Option<Range<usize>> {
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    // Nothing that was ever captured is longer than memory can be, so nobody has to fear sums of places.
    (end <= isize::MAX as usize).then_some(start..end)
}

/// A time of an exchange in nanoseconds; 584 years are the most.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
