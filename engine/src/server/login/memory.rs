//! Passwords that were right a short time ago, as hashes that only this process can make.

use crate::cgi::credentials::Credentials;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A right password is hashed again after this time.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// More are not kept; all are forgotten then.
const MOST: usize = 1000;

pub(super) type Key = [u8; 32];

pub(super) struct Memory {
    /// Random in each process, so that the keys are worth nothing elsewhere.
    salt: [u8; 32],
    right: Mutex<HashMap<Key, Instant>>,
}

impl Memory {
    pub(super) fn new() -> Self {
        let mut salt = [0; 32];
        for (place, part) in salt.chunks_mut(8).enumerate() {
            part.copy_from_slice(&RandomState::new().hash_one(place).to_ne_bytes());
        }
        Self {
            salt,
            right: Mutex::default(),
        }
    }

    /// Name, password and the stored hash they were checked against.
    pub(super) fn key(&self, credentials: &Credentials, stored: &str) -> Key {
        let mut sha = Sha256::new();
        sha.update(self.salt);
        for part in [
            credentials.user.as_bytes(),
            &credentials.password,
            stored.as_bytes(),
        ] {
            sha.update(part.len().to_ne_bytes());
            sha.update(part);
        }
        sha.finalize().into()
    }

    pub(super) fn knows(&self, key: &Key) -> bool {
        self.right()
            .get(key)
            .is_some_and(|since| since.elapsed() < KEPT)
    }

    pub(super) fn remember(&self, key: Key) {
        let mut right = self.right();
        if right.len() >= MOST {
            right.clear();
        }
        right.insert(key, Instant::now());
    }

    fn right(&self) -> MutexGuard<'_, HashMap<Key, Instant>> {
        self.right.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_known_by_its_name_its_password_and_the_hash_in_the_file() {
        let memory = Memory::new();
        let login = |user: &str, password: &str| Credentials {
            user: user.into(),
            password: password.into(),
        };
        let key = memory.key(&login("ab", "c"), "hash");
        assert!(!memory.knows(&key));
        memory.remember(key);
        assert!(memory.knows(&memory.key(&login("ab", "c"), "hash")));
        for (user, password, stored) in
            [("a", "bc", "hash"), ("ab", "d", "hash"), ("ab", "c", "new")]
        {
            assert!(!memory.knows(&memory.key(&login(user, password), stored)));
        }
        assert_ne!(Memory::new().key(&login("ab", "c"), "hash"), key);
    }
}
