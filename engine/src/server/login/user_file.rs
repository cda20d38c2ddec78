//! A file of users as htpasswd(1) writes it: `name:hash` a line, `#` before a remark.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

/// A file larger than this is no file of users.
const MOST_BYTES: u64 = 16 << 20;

/// The hash of that user's password; the first line of a name counts.
pub(super) fn hash_of(path: &Path, user: &str) -> io::Result<Option<String>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > MOST_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is over 16 MiB",
        ));
    }
    for line in BufReader::new(file.take(MOST_BYTES)).split(b'\n') {
        let line = line?;
        let found = std::str::from_utf8(&line)
            .ok()
            .and_then(|line| line.trim().split_once(':'));
        // What follows a second colon is an old remark field.
        if let Some((name, rest)) = found
            && name == user
            && !name.starts_with('#')
        {
            let hash = rest.split(':').next().unwrap_or_default();
            return Ok(Some(hash.to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_name_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users");
        std::fs::write(
            &path,
            b"# users\nalice:one\r\n\xff\xfe:x\nbob:two:Bob\nalice:late\nno colon\n#carol:x\nlast:end",
        )
        .unwrap();
        for (user, hash) in [
            ("alice", Some("one")),
            ("bob", Some("two")),
            ("last", Some("end")),
            ("Alice", None),
            ("#carol", None),
            ("no colon", None),
            ("", None),
        ] {
            assert_eq!(hash_of(&path, user).unwrap().as_deref(), hash, "{user:?}");
        }
        assert!(hash_of(&folder.path().join("nothing"), "alice").is_err());
    }
}
