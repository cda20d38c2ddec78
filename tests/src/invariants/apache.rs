//! Any file may stand where httpd's configuration should: what was read of it is told line by line,
//! and what was made of it is a configuration of ours.

use std::fs;
use std::path::Path;

use cgi_engine::convert::apache::{ReadOptions, read};
use cgi_engine::convert::{Conversion, Grade};
use cgi_engine::site::{CONFIG_FILE_NAME, SiteConfig};

/// The bytes as `httpd.conf` in `folder` convert, or are refused as a whole, and notes stand within
/// the file.
#[track_caller]
pub fn apache(folder: &Path, bytes: &[u8]) {
    let _ = convert(folder, bytes);
}

/// What comes of the bytes is moreover read as it was written, without a problem.
#[track_caller]
pub fn apache_reads_back(folder: &Path, bytes: &[u8]) {
    let Some(conversion) = convert(folder, bytes) else {
        return;
    };
    let written = bytes.escape_ascii();
    let text = conversion.config.to_toml();
    fs::write(folder.join(CONFIG_FILE_NAME), &text).unwrap();
    let (again, problems) = SiteConfig::read(folder);
    assert_eq!(problems, [], "{text}{written}");
    assert_eq!(again.to_toml(), text, "{written}");
}

#[track_caller]
fn convert(folder: &Path, bytes: &[u8]) -> Option<Conversion> {
    let file = folder.join("httpd.conf");
    fs::write(&file, bytes).unwrap();
    let options = ReadOptions {
        server_root: Some(folder.to_owned()),
        site_folder: Some(folder.to_owned()),
        ..ReadOptions::default()
    };
    let conversion = read(std::slice::from_ref(&file), &options).ok()?;
    let written = bytes.escape_ascii();
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for note in conversion.notes.iter().filter(|note| note.file == file) {
        let line = usize::try_from(note.line).unwrap();
        let explained = note.grade == Grade::Taken || !note.meaning.is_empty();
        assert!(line <= lines && explained, "{note:?}: {written}");
    }
    let scopes = conversion.config.scopes.len();
    assert_eq!(conversion.scope_sources.len(), scopes, "{written}");
    Some(conversion)
}
