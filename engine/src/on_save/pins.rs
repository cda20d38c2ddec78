//! The requests that the user chose to be run when their scripts are saved, and the file that keeps them.
//!
//! Only the numbers of requests are kept: the record of each says which script it ran. Its time tells whether it is
//! still the same one, as numbers begin anew when a damaged database is put aside.

use crate::clock::Timestamp;
use crate::exchange::ExchangeId;
use crate::whole_file::{self, Manner};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const FILE: &str = "on-save.toml";
/// A longer file is not one of ours, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// A request that was chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pin {
    /// The request.
    pub request: ExchangeId,
    /// When it began.
    pub started: Timestamp,
    /// The user had asked before that it is kept: it stays so when another one is chosen.
    pub kept_before: bool,
}

/// Why the choice is not kept.
#[derive(Debug, thiserror::Error)]
pub enum PinsError {
    /// The file cannot be written.
    #[error("cannot keep which requests run on save: {source}: {file:?}")]
    Write {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    request: Vec<KeptPin>,
}

#[derive(Serialize, Deserialize)]
struct KeptPin {
    number: i64,
    started_micros: i64,
    #[serde(default)]
    kept_before: bool,
}

/// The choices of a site.
#[derive(Debug, Default)]
pub struct Pins {
    by_script: BTreeMap<PathBuf, Pin>,
    /// Read from the file; which scripts they are of is not known yet.
    unknown: Vec<Pin>,
}

impl Pins {
    /// The choices as they are kept in a folder; none where there is no such file, or it cannot be understood.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let short = fs::metadata(&file).is_ok_and(|about| about.len() <= MOST_BYTES);
        let text = short.then(|| fs::read_to_string(&file).ok()).flatten();
        let kept: Kept = text
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default();
        let unknown = kept.request.iter().filter_map(|pin| {
            Some(Pin {
                request: ExchangeId(u64::try_from(pin.number).ok()?),
                started: Timestamp::from_unix_micros(pin.started_micros),
                kept_before: pin.kept_before,
            })
        });
        Self {
            by_script: BTreeMap::new(),
            unknown: unknown.collect(),
        }
    }

    /// Writes them whole or not at all.
    ///
    /// # Errors
    /// The folder takes no file.
    pub fn write(&self, folder: &Path) -> Result<(), PinsError> {
        let file = folder.join(FILE);
        let failed = |source| PinsError::Write {
            file: file.clone(),
            source,
        };
        let pins = self.by_script.values().chain(&self.unknown);
        let request = pins.map(|pin| KeptPin {
            number: i64::try_from(pin.request.0).unwrap_or(i64::MAX),
            started_micros: pin.started.unix_micros(),
            kept_before: pin.kept_before,
        });
        let kept = Kept {
            request: request.collect(),
        };
        let text = toml::to_string(&kept).map_err(|error| failed(io::Error::other(error)))?;
        whole_file::write(&file, text.as_bytes(), Manner::PRIVATE).map_err(failed)
    }

    /// The choice for a script.
    #[must_use]
    pub fn of(&self, script: &Path) -> Option<Pin> {
        self.by_script.get(script).copied()
    }

    /// All scripts that there is a choice for.
    pub fn scripts(&self) -> impl Iterator<Item = (&Path, Pin)> {
        let all = self.by_script.iter();
        all.map(|(script, pin)| (script.as_path(), *pin))
    }

    /// Chooses a request for a script, or none; the choice before is given back.
    pub fn choose(&mut self, script: PathBuf, pin: Option<Pin>) -> Option<Pin> {
        match pin {
            Some(pin) => self.by_script.insert(script, pin),
            None => self.by_script.remove(&script),
        }
    }

    /// Finds the scripts of the choices that were read; `script_of` tells that of a request, none where it is not
    /// the same one any more.
    pub fn find_scripts(&mut self, script_of: impl Fn(Pin) -> Option<PathBuf>) {
        for pin in std::mem::take(&mut self.unknown) {
            if let Some(script) = script_of(pin) {
                self.by_script.entry(script).or_insert(pin);
            }
        }
    }

    /// Whether there are choices whose scripts are to be found.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(number: u64) -> Pin {
        Pin {
            request: ExchangeId(number),
            started: Timestamp::from_unix_micros(17),
            kept_before: number.is_multiple_of(2),
        }
    }

    #[test]
    fn choices_come_back_as_they_were_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut pins = Pins::default();
        assert_eq!(pins.choose("/s/a.py".into(), Some(pin(4))), None);
        assert_eq!(pins.choose("/s/b.py".into(), Some(pin(5))), None);
        assert_eq!(pins.choose("/s/b.py".into(), Some(pin(7))), Some(pin(5)));
        pins.write(folder.path()).unwrap();
        let mut read = Pins::read(folder.path());
        assert!(read.has_unknown());
        read.find_scripts(|found| (found == pin(7)).then(|| "/s/b.py".into()));
        assert_eq!(read.of(Path::new("/s/b.py")), Some(pin(7)));
        // The record of the other one is gone.
        assert_eq!(read.of(Path::new("/s/a.py")), None);
        assert!(!read.has_unknown());
    }

    #[test]
    fn a_file_that_is_none_of_ours_holds_no_choices() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Pins::read(folder.path()).has_unknown());
        for text in [
            "request = 7",
            "\u{0}",
            "[[request]]\nnumber = -1\nstarted_micros = 0",
        ] {
            fs::write(folder.path().join(FILE), text).unwrap();
            assert!(!Pins::read(folder.path()).has_unknown(), "{text}");
        }
    }

    #[test]
    fn a_folder_that_takes_no_file_is_told_of() {
        let gone = Path::new("/nowhere/at/all");
        assert!(Pins::default().write(gone).is_err());
    }
}
