//! The choice of an interpreter for a site, written into its `cgi-studio.toml`.

use crate::site::config::CONFIG_FILE_NAME;
use crate::site::config_edit::{self, EditError};
use crate::whole_file::{self, Before, Manner};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a choice was not written.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// The file cannot be changed.
    #[error("{source}: {file:?}")]
    Edit {
        /// The configuration.
        file: PathBuf,
        /// Why not.
        source: EditError,
    },
    /// The path is not text, which a configuration is.
    #[error("the interpreter's path is not UTF-8: {path:?}")]
    NotText {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot write the configuration: {source}: {file:?}")]
    System {
        /// The configuration.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Gives scripts with this suffix (`.py`) to this interpreter, whatever their first line says; a path in the site
/// is written relative to it.
///
/// # Errors
/// The configuration cannot be read, changed by this alone, or written.
pub fn choose(site: &Path, suffix: &str, interpreter: &Path) -> Result<(), ChoiceError> {
    let path = interpreter.strip_prefix(site).map_or_else(
        |_| interpreter.to_owned(),
        // A bare name would be looked for on the PATH.
        |inside| Path::new(".").join(inside),
    );
    let text = path.to_str().ok_or_else(|| ChoiceError::NotText {
        path: interpreter.to_owned(),
    })?;
    set(site, &["scripts", "interpreters", suffix], &text.into())
}

/// Has scripts that fail leave their variables in the record, or no longer.
///
/// # Errors
/// As [`choose`].
pub fn record_locals(site: &Path, on: bool) -> Result<(), ChoiceError> {
    set(site, &["options", "record_locals"], &on.into())
}

fn set(site: &Path, keys: &[&str], value: &toml::Value) -> Result<(), ChoiceError> {
    let file = site.join(CONFIG_FILE_NAME);
    let system = |source| ChoiceError::System {
        file: file.clone(),
        source,
    };
    let before = match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(system)?,
    };
    let after = config_edit::set(&before, keys, value).map_err(|source| ChoiceError::Edit {
        file: file.clone(),
        source,
    })?;
    let manner = Manner::USUAL.before(Before::HandsOnAll);
    whole_file::write(&file, after.as_bytes(), manner).map_err(system)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_choice_is_written_beside_what_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(CONFIG_FILE_NAME);
        choose(folder.path(), ".py", Path::new("/usr/bin/python3")).unwrap();
        record_locals(folder.path(), true).unwrap();
        let inside = folder.path().join(".venv/bin/python");
        choose(folder.path(), ".py", &inside).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(
            text,
            "[scripts]\ninterpreters.\".py\" = \"./.venv/bin/python\"\n\n[options]\nrecord_locals = true\n"
        );
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o644);
    }

    #[test]
    fn a_configuration_that_is_broken_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(CONFIG_FILE_NAME);
        fs::write(&file, "[scripts\n").unwrap();
        let error = choose(folder.path(), ".py", Path::new("/usr/bin/python3")).unwrap_err();
        assert!(error.to_string().contains("not sound"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "[scripts\n");
    }
}
