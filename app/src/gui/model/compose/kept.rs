//! Bytes as they were recorded, shared by every copy of a draft: they may be many, and a draft is copied in each frame.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::escapes;

/// Recorded bytes.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<[u8]>);

impl Kept {
    /// These bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        // Copies of one draft share them, and are compared in each frame.
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Kept {}

/// In a file they are a text, as the Raw tab shows them.
impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        escapes::written(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        let bytes = escapes::bytes(&written).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_written_and_read() {
        let all: Vec<u8> = (0..=255).collect();
        let kept = Kept::new(&all);
        let text = serde_json::to_string(&kept).unwrap();
        let read: Kept = serde_json::from_str(&text).unwrap();
        assert_eq!(read, kept);
        assert_eq!(read.bytes(), all);
        assert!(serde_json::from_str::<Kept>("\"\\\\q\"").is_err());
    }
}
