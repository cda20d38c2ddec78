//! Whole configurations, converted.

mod access_files;
mod describe;
mod hostile;
mod hosts;
mod includes;
mod login;
mod scripts;
mod shipped;

use super::*;
use crate::convert::{Grade, Note};
use describe::describe;

/// A folder with a configuration in it, and what comes of that.
struct Case {
    folder: tempfile::TempDir,
    options: ReadOptions,
}

impl Case {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            options: ReadOptions::default(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; `$HERE` in it is the folder.
    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let here = self.folder.path().as_os_str().as_encoded_bytes();
        let mut written = Vec::new();
        for (index, part) in split(text.as_ref(), b"$HERE").into_iter().enumerate() {
            if index > 0 {
                written.extend_from_slice(here);
            }
            written.extend_from_slice(part);
        }
        std::fs::write(&path, written).unwrap();
        path
    }

    fn read(&self, name: &str) -> Conversion {
        read(&[self.path(name)], &self.options).unwrap()
    }
}

fn split<'t>(mut text: &'t [u8], separator: &[u8]) -> Vec<&'t [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = text
        .windows(separator.len())
        .position(|window| window == separator)
    {
        parts.push(&text[..at]);
        text = &text[at + separator.len()..];
    }
    parts.push(text);
    parts
}

fn convert_text(text: impl AsRef<[u8]>) -> Conversion {
    let case = Case::new();
    case.file("httpd.conf", text);
    case.read("httpd.conf")
}

/// What was written reads back as what was meant.
#[track_caller]
fn check_round_trip(conversion: &Conversion) {
    let folder = tempfile::tempdir().unwrap();
    let toml = conversion.to_toml();
    std::fs::write(folder.path().join("cgi-studio.toml"), &toml).unwrap();
    let (config, problems) = crate::site::SiteConfig::read(folder.path());
    assert_eq!(problems, [], "{toml}");
    assert_eq!(config, conversion.config, "{toml}");
}

/// The scopes of a configuration, each in one line.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let conversion = convert_text(text);
    let found: Vec<String> = conversion.config.scopes.iter().map(describe).collect();
    assert_eq!(found, expected, "{:#?}", conversion.notes);
    assert_eq!(conversion.scope_sources.len(), found.len());
    check_round_trip(&conversion);
}

/// The notes that tell of something lost, as `line directive: meaning`.
fn losses(conversion: &Conversion) -> Vec<String> {
    let lost = |note: &&Note| note.grade != Grade::Taken && note.matters;
    let notes = conversion.notes.iter().filter(lost);
    notes
        .map(|note| format!("{} {}: {}", note.line, note.directive, note.meaning))
        .collect()
}

/// Every needle is found in the loss of the same place, and there are no others.
#[track_caller]
fn check_losses(text: impl AsRef<[u8]>, expected: &[&str]) {
    let losses = losses(&convert_text(text));
    assert_eq!(losses.len(), expected.len(), "{losses:#?}");
    for (loss, needle) in losses.iter().zip(expected) {
        assert!(loss.contains(needle), "{needle:?} in {loss:?}");
    }
}
