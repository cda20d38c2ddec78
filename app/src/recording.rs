//! Where this user's recorded requests are, and how much of them is kept.

use std::path::PathBuf;

use cgi_engine::history::store::{Recording, StoreOptions};

use crate::preferences::{self, Preferences};

/// On disk, within the bounds of the preferences; in memory only for a user without a home.
#[must_use]
pub fn of_user() -> Recording {
    let Some(folder) = state_folder() else {
        return Recording::Memory;
    };
    let read = |file: PathBuf| Preferences::read(&file).0;
    let preferences = preferences::preferences_file().map_or_else(Preferences::default, read);
    Recording::Disk(StoreOptions {
        folder,
        retention: preferences.retention,
    })
}

/// The folder that the engine is given, and that an archive is opened in.
#[must_use]
pub fn state_folder() -> Option<PathBuf> {
    preferences::state_home()
}
