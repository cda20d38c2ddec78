//! A site in a temporary folder, and the commands of the obedient child as a query.

use crate::starting;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A folder with a `cgi-bin`, removed when dropped.
pub struct TempSite {
    folder: tempfile::TempDir,
}

impl TempSite {
    /// A site that holds the program at `child` as `cgi-bin/child`.
    pub fn new(child: &Path) -> Self {
        let site = Self {
            folder: tempfile::Builder::new().prefix("site-").tempdir().unwrap(),
        };
        fs::create_dir(site.root().join("cgi-bin")).unwrap();
        site.program(child, "cgi-bin/child");
        site
    }

    /// The same with a `cgi-studio.toml`.
    pub fn configured(child: &Path, configuration: &str) -> Self {
        let site = Self::new(child);
        site.file("cgi-studio.toml", configuration, 0o644);
        site
    }

    /// The folder.
    pub fn root(&self) -> PathBuf {
        // As the engine names it: /tmp may be a link.
        self.folder.path().canonicalize().unwrap()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file with these permission bits.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        {
            // A program that is being started just now would hold the file open for a moment,
            // and a script that somebody holds open for writing cannot be started (ETXTBSY).
            let _nothing_starts = starting();
            fs::write(&path, content).unwrap();
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// Writes an executable script into `cgi-bin`.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        self.file(&format!("cgi-bin/{name}"), text, 0o755)
    }

    /// Puts a program into the site: by a hard link, as a copy that is still open for writing cannot be started.
    pub fn program(&self, program: &Path, name: &str) -> PathBuf {
        let path = self.path(name);
        if fs::hard_link(program, &path).is_err() {
            fs::copy(program, &path).unwrap();
        }
        path
    }
}

/// The commands of the obedient child (`word` or `word=value`) as a query that is never taken for search words.
pub fn query(commands: &[&str]) -> String {
    let mut query = String::new();
    for command in commands {
        let (word, value) = command.split_once('=').unwrap_or((command, ""));
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(word);
        query.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                query.push(char::from(byte));
            } else {
                let _ = write!(query, "%{byte:02X}");
            }
        }
    }
    query
}
