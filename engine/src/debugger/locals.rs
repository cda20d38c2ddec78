//! Reading what a script's process left of its variables. The file is the script's to write, so it is not trusted.

use crate::exchange::LocalsReport;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// A longer file is not one of ours.
const MOST_BYTES: u64 = 512 * 1024;
/// Longer texts are cut; ours are shorter.
const MOST_TEXT: usize = 8 * 1024;

/// The report; none where there is none or it cannot be read.
pub(super) fn read(path: &Path) -> Option<LocalsReport> {
    let facts = std::fs::symlink_metadata(path).ok()?;
    // A named pipe would keep us for ever.
    if !facts.is_file() || facts.len() > MOST_BYTES {
        return None;
    }
    let mut text = Vec::new();
    File::open(path)
        .ok()?
        .take(MOST_BYTES)
        .read_to_end(&mut text)
        .ok()?;
    parse(&text)
}

fn parse(text: &[u8]) -> Option<LocalsReport> {
    let mut report: LocalsReport = serde_json::from_slice(text).ok()?;
    for value in report.values_mut() {
        if value.len() > MOST_TEXT {
            value.truncate(value.floor_char_boundary(MOST_TEXT));
        }
    }
    Some(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_and_nonsense_is_not() {
        let text = br#"{"python": "3.13.0", "exceptions": [{"type": "KeyError", "frames": [{"file": "/a.py", "line": 3, "function": "f", "locals": [["n", "int", "3"]]}], "left_out": 0}]}"#;
        let report = parse(text).unwrap();
        assert_eq!(report.at("/a.py", 3, "f").unwrap()[0].2, "3");
        assert_eq!(report.at("/a.py", 4, "f"), None);
        for nonsense in [
            &b""[..],
            b"[",
            b"{\"exceptions\": 3}",
            b"{\"exceptions\": [{\"frames\": [{\"locals\": [[1]]}]}]}",
        ] {
            assert_eq!(parse(nonsense), None);
        }
    }

    #[test]
    fn what_is_no_file_or_too_long_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder.path().join("none")), None);
        assert_eq!(read(folder.path()), None);
        let long = folder.path().join("long");
        std::fs::write(&long, vec![b' '; 600 * 1024]).unwrap();
        assert_eq!(read(&long), None);
    }
}
