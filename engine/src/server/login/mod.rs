//! Logins that the studio checks itself: a name and a password against a file of users (RFC 3875 §3.1, RFC 7617).
//!
//! The file is read and the password hashed away from the threads that serve, since a good hash is slow by design.
//! What was found right is known for a while, so that not every picture of a page costs a hash; a change of the
//! file counts at once, as what is remembered names the very line that was matched.

mod apr1;
mod memory;
mod password_hash;
mod user_file;

use crate::cgi::credentials::Credentials;
use memory::Memory;
pub(super) use password_hash::UnknownHash;
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::Semaphore;
use user_file::Stored;

/// So many passwords are hashed at a time; others wait, and the site goes on.
const AT_A_TIME: usize = 2;

/// The logins of one engine.
pub(crate) struct Logins {
    memory: Memory,
    hashing: Semaphore,
}

/// Why a login could not be checked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoginError {
    /// The system's reason.
    #[error("the file of users cannot be read: {source}: {path:?}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The user's line holds no hash that this program knows.
    #[error("the password of {user:?} cannot be checked: {source}: {path:?}")]
    Unknown {
        /// Whose.
        user: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: UnknownHash,
    },
    /// The task that hashes was lost.
    #[error("the check of a password did not come to its end")]
    Lost,
}

impl Logins {
    pub(crate) fn new() -> Self {
        Self {
            memory: Memory::new(),
            hashing: Semaphore::new(AT_A_TIME),
        }
    }

    /// Whether the file knows this user with this password.
    pub(super) async fn is_right(
        &self,
        credentials: Credentials,
        user_file: &Path,
    ) -> Result<bool, LoginError> {
        let path = user_file.to_owned();
        let user = credentials.user.clone();
        let read = move || user_file::hash_of(&path, &user);
        let (stored, is_own) = match aside(read).await? {
            Ok(Some(Stored::Own(stored))) => (stored, true),
            Ok(Some(Stored::Strangers(stored))) => (stored, false),
            Ok(None) => return Ok(false),
            Err(source) => {
                let path = user_file.to_owned();
                return Err(LoginError::Unreadable { path, source });
            }
        };
        let key = self.memory.key(&credentials, &stored);
        if self.memory.knows(&key) {
            return Ok(true);
        }
        let _turn = self.hashing.acquire().await.map_err(|_| LoginError::Lost)?;
        let Credentials { user, password } = credentials;
        let hash = move || password_hash::is_right(&password, &stored);
        let right = match aside(hash).await? {
            Ok(right) => right && is_own,
            Err(_) if !is_own => false,
            Err(source) => {
                let path = user_file.to_owned();
                return Err(LoginError::Unknown { user, path, source });
            }
        };
        if right {
            self.memory.remember(key);
        }
        Ok(right)
    }
}

/// Off the threads that serve.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LoginError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| LoginError::Lost)
}
