//! A file of users as htpasswd(1) writes it: `name:hash` a line, `#` before a remark.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

/// A file larger than this is no file of users.
const MOST_BYTES: u64 = 16 << 20;

/// A hash from the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// The user's.
    Own(String),
    /// Somebody else's, as the file does not know the user: to check a password against it takes as long, so that
    /// nobody learns by the clock which names there are.
    Strangers(String),
}

/// The hash of that user's password; the first line of a name counts. `None`: the file has no user at all.
pub(super) fn hash_of(path: &Path, user: &str) -> io::Result<Option<Stored>> {
    // To open a pipe would wait for ever.
    if !path.metadata()?.is_file() {
        let reason = "it is not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    let file = File::open(path)?;
    let mut first = None;
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
        let Some((name, rest)) = found.filter(|(name, _)| !name.starts_with('#')) else {
            continue;
        };
        // What follows a second colon is an old remark field.
        let hash = rest.split(':').next().unwrap_or_default();
        if name == user {
            return Ok(Some(Stored::Own(hash.to_owned())));
        }
        first.get_or_insert_with(|| hash.to_owned());
    }
    Ok(first.map(Stored::Strangers))
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
            let expected = hash.map_or(Stored::Strangers("one".to_owned()), |hash| {
                Stored::Own(hash.to_owned())
            });
            assert_eq!(hash_of(&path, user).unwrap(), Some(expected), "{user:?}");
        }
        std::fs::write(&path, "# nobody\n").unwrap();
        assert_eq!(hash_of(&path, "alice").unwrap(), None);
        assert!(hash_of(&folder.path().join("nothing"), "alice").is_err());
        assert!(hash_of(Path::new("/dev/zero"), "alice").is_err());
    }
}
