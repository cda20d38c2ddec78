//! The example sites that are compiled into the program, and how they get onto the disk.
//!
//! Each is a folder under `assets/samples/`: `sample.toml` says how it is offered, everything else is the site.

mod embedded;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cgi_engine::whole_file::{self, Before, Manner};
use serde::Deserialize;

/// Said when the user has no folder for the program's data.
pub(crate) const NOWHERE_TO_UNPACK: &str =
    "cannot unpack an example: set HOME or XDG_DATA_HOME to an absolute path";

/// One example site.
#[derive(Debug)]
pub struct Sample {
    /// The folder's name, which `--example` takes.
    pub name: &'static str,
    /// What the start screen calls it.
    pub title: String,
    /// One line for the start screen, without a full stop.
    pub description: String,
    /// Where it is offered.
    pub group: Group,
    /// The path, and perhaps query, that is asked for once the site is served.
    pub first_request: String,
    /// The code of the finding that each broken script is there to show, by file.
    pub expected: BTreeMap<String, String>,
    order: u32,
    files: Vec<File>,
}

/// Where an example is offered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// On the start screen: it works.
    Start,
    /// Among the lessons about failures: each script breaks on purpose.
    Broken,
}

#[derive(Debug)]
struct File {
    path: &'static str,
    bytes: &'static [u8],
    executable: bool,
}

/// No example has this name.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("unknown example {name:?}; {}", suggestion(.near))]
pub struct UnknownSample {
    /// The name that was asked for.
    pub name: String,
    /// Names that look like it, best first; empty when none does.
    pub near: Vec<&'static str>,
}

/// Why an example is not on the disk.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The site's folder, or one inside it, could not be made.
    #[error("cannot create folder: {source}: {path:?}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write file: {source}: {path:?}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Every example, in the order in which they are offered.
pub fn samples() -> &'static [Sample] {
    static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(embedded::read_sites);
    &SAMPLES
}

/// Finds an example by its folder's name.
///
/// # Errors
/// The names that the caller may have meant.
pub fn sample(name: &str) -> Result<&'static Sample, UnknownSample> {
    samples()
        .iter()
        .find(|sample| sample.name == name)
        .ok_or_else(|| UnknownSample {
            name: name.to_owned(),
            near: near_names(name),
        })
}

/// Writes the example to `<into>/<name>` and returns that folder.
///
/// What is there already stays as it is, whether or not the user changed it; only missing files are added.
/// A file appears under its name when it is whole, so a second studio never serves half a script.
///
/// # Errors
/// The first folder or file that could not be written; those written before it stay.
pub fn unpack(sample: &Sample, into: &Path) -> Result<PathBuf, UnpackError> {
    let site = into.join(sample.name);
    for file in &sample.files {
        let path = site.join(file.path);
        let folder = path.parent().unwrap_or(&site);
        fs::create_dir_all(folder).map_err(|source| UnpackError::Folder {
            path: folder.to_owned(),
            source,
        })?;
        add_file(file, &path).map_err(|source| UnpackError::File { path, source })?;
    }
    Ok(site)
}

/// Writes one file unless something, be it a dangling link, has its name.
fn add_file(file: &File, path: &Path) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    let manner = Manner {
        before: Before::Stays,
        mode: if file.executable { 0o755 } else { 0o644 },
        synced: false,
    };
    match whole_file::write(path, file.bytes, manner) {
        // Somebody else was quicker; theirs stays.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        written => written,
    }
}

/// Names within a few typing mistakes of this one, and those that begin like it.
fn near_names(name: &str) -> Vec<&'static str> {
    let wanted = plain(name);
    if wanted.is_empty() {
        return Vec::new();
    }
    let allowed = 1 + wanted.chars().count() / 4;
    let mut near: Vec<(usize, &'static str)> = samples()
        .iter()
        .filter_map(|sample| {
            let distance = strsim::damerau_levenshtein(&wanted, sample.name);
            let close = distance <= allowed || sample.name.starts_with(&wanted);
            close.then_some((distance, sample.name))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
}

/// The name as folders spell it: `Guest book` is `guestbook`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn suggestion(near: &[&str]) -> String {
    match near.first() {
        Some(name) => format!("did you mean {name:?}?"),
        None => {
            let names: Vec<&str> = samples().iter().map(|sample| sample.name).collect();
            format!("there are {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_of(sample: &Sample) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../assets/samples")
            .join(sample.name)
    }

    /// Every file below a folder, as paths relative to it, with its bytes and whether it may be executed.
    fn files_below(top: &Path) -> BTreeMap<String, (Vec<u8>, bool)> {
        let mut files = BTreeMap::new();
        let mut folders = vec![top.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                files.insert(name, (fs::read(&path).unwrap(), is_executable(&path)));
            }
        }
        files
    }

    #[cfg(unix)]
    fn is_executable(path: &Path) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().unwrap().permissions().mode() & 0o100 != 0
    }

    #[cfg(not(unix))]
    fn is_executable(_path: &Path) -> bool {
        false
    }

    #[test]
    fn an_unpacked_sample_is_its_folder_byte_for_byte_and_mode_for_mode() {
        let into = tempfile::tempdir().unwrap();
        for sample in samples() {
            let site = unpack(sample, into.path()).unwrap();
            assert_eq!(site, into.path().join(sample.name));
            let mut wanted = files_below(&folder_of(sample));
            wanted.remove("sample.toml");
            assert!(files_below(&site) == wanted, "{} differs", sample.name);
        }
    }

    #[test]
    fn what_the_user_changed_is_kept_and_what_is_missing_comes_back() {
        let into = tempfile::tempdir().unwrap();
        let hello = sample("hello").unwrap();
        let site = unpack(hello, into.path()).unwrap();
        fs::write(site.join("cgi-bin/hello.py"), "mine").unwrap();
        fs::write(site.join("cgi-bin/other.py"), "also mine").unwrap();
        fs::remove_file(site.join("cgi-bin/hello.sh")).unwrap();
        unpack(hello, into.path()).unwrap();
        assert_eq!(fs::read(site.join("cgi-bin/hello.py")).unwrap(), b"mine");
        assert_eq!(
            fs::read(site.join("cgi-bin/other.py")).unwrap(),
            b"also mine"
        );
        assert!(site.join("cgi-bin/hello.sh").exists());
        let leftovers = files_below(&site)
            .into_keys()
            .filter(|path| path.contains(".cgi-studio-"));
        assert_eq!(leftovers.count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_not_written_through() {
        let into = tempfile::tempdir().unwrap();
        let site = into.path().join("hello");
        fs::create_dir(&site).unwrap();
        std::os::unix::fs::symlink(into.path().join("elsewhere"), site.join("style.css")).unwrap();
        unpack(sample("hello").unwrap(), into.path()).unwrap();
        assert!(site.join("style.css").is_symlink());
        assert!(!into.path().join("elsewhere").exists());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_named_in_the_error() {
        let into = tempfile::tempdir().unwrap();
        fs::write(into.path().join("hello"), "").unwrap();
        let error = unpack(sample("hello").unwrap(), into.path()).unwrap_err();
        let UnpackError::Folder { path, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(path, &into.path().join("hello/cgi-bin"));
    }

    #[track_caller]
    fn check_unknown(name: &str, near: &[&str], suggestion: &str) {
        let unknown = sample(name).unwrap_err();
        assert_eq!(unknown.near, near);
        let message = format!("unknown example {name:?}; {suggestion}");
        assert_eq!(unknown.to_string(), message);
    }

    #[test]
    fn an_unknown_name_brings_the_names_that_look_like_it() {
        let all =
            "there are hello, environment, form, upload, guestbook, cookies, redirect, broken";
        check_unknown("helo", &["hello"], r#"did you mean "hello"?"#);
        check_unknown("Guest book", &["guestbook"], r#"did you mean "guestbook"?"#);
        check_unknown("env", &["environment"], r#"did you mean "environment"?"#);
        check_unknown("zzzzzz", &[], all);
        check_unknown("../", &[], all);
    }
}
