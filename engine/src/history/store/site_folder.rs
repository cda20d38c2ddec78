//! Which folder in the user's state holds the runs of a site: an id that stays the site's when its folder moves.
//!
//! `sites/<id>/site.toml` says whose runs they are: the path, and what the file system knows a folder by.
//! The same path is the same site. Else it is a site that has moved here, if this very folder (device, inode and,
//! where the file system tells it, the time of its birth, as inodes are used again) is known under a path that is
//! gone or has become another folder. A copy is a new site: its original is still where it was.

use super::StoreError;
use crate::clock::Timestamp;
use crate::whole_file::{self, Manner};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const FILE: &str = "site.toml";
/// Held while a site is looked for or entered, so that two processes do not make two ids of one folder.
const LOCK: &str = ".lock";

/// What tells a folder from others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    path: PathBuf,
    node: Option<Node>,
}

/// What the file system knows a folder by, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    device: u64,
    inode: u64,
    /// Microseconds since 1970; absent where the file system does not keep it.
    born: Option<u64>,
}

/// The file as it is written. Numbers that TOML has no room for stand as text.
#[derive(Debug, Serialize, Deserialize)]
struct SiteFile {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    born: Option<String>,
    opened: String,
}

/// The folder of the site's runs, if it has one.
pub(super) fn find(state: &Path, root: &Path) -> Result<Option<PathBuf>, StoreError> {
    let sites = sites(state);
    let wanted = Identity::of(root);
    known(&sites).map(|known| chosen(&wanted, &known).map(Path::to_owned))
}

/// The folder of the site's runs, made if there is none; notes that the site was opened.
pub(super) fn claim(state: &Path, root: &Path) -> Result<PathBuf, StoreError> {
    let sites = sites(state);
    fs::create_dir_all(&sites).map_err(failed("make a folder for recordings", &sites))?;
    // Nobody else has business in there; where that cannot be said, the folder is as private as the user made it.
    let _ = fs::set_permissions(&sites, std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let _alone = lock(&sites.join(LOCK))?;
    let wanted = Identity::of(root);
    let folder = match chosen(&wanted, &known(&sites)?) {
        Some(folder) => folder.to_owned(),
        None => make(&sites, &wanted.path)?,
    };
    write(&folder, &wanted)?;
    Ok(folder)
}

fn sites(state: &Path) -> PathBuf {
    state.join("cgi-studio").join("sites")
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = File::create(path).map_err(failed("lock the recordings", path))?;
    // A file system without locks has no second process to fear that another one would keep out.
    let _ = flock(&file, FlockOperation::LockExclusive);
    Ok(file)
}

/// A new folder, named after the site for whoever looks in there.
fn make(sites: &Path, site: &Path) -> Result<PathBuf, StoreError> {
    let name = site.file_name().unwrap_or_default().to_string_lossy();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let name: String = name
        .chars()
        .filter(|&letter| plain(letter))
        .take(40)
        .collect();
    tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .rand_bytes(10)
        .tempdir_in(sites)
        .map(tempfile::TempDir::keep)
        .map_err(failed("make a folder for recordings", sites))
}

/// Every site that has a folder. What cannot be read there is nobody's.
fn known(sites: &Path) -> Result<Vec<(PathBuf, Identity)>, StoreError> {
    let entries = match fs::read_dir(sites) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("look for recordings", sites)(error)),
    };
    let folders = entries.flatten().map(|entry| entry.path());
    Ok(folders
        .filter_map(|folder| {
            let text = fs::read_to_string(folder.join(FILE)).ok()?;
            let file: SiteFile = toml::from_str(&text).ok()?;
            Some((folder, Identity::from(file)))
        })
        .collect())
}

fn chosen<'a>(wanted: &Identity, known: &'a [(PathBuf, Identity)]) -> Option<&'a Path> {
    let same_path = known.iter().find(|(_, one)| one.path == wanted.path);
    let moved_here = || {
        known.iter().find(|(_, one)| {
            one.node.is_some() && one.node == wanted.node && Node::of(&one.path) != one.node
        })
    };
    let (folder, _) = same_path.or_else(moved_here)?;
    Some(folder)
}

fn write(folder: &Path, identity: &Identity) -> Result<(), StoreError> {
    let path = folder.join(FILE);
    let failed = |error| failed("note whose recordings these are", &path)(error);
    let text = toml::to_string(&SiteFile::from(identity)).map_err(io::Error::other);
    text.and_then(|text| whole_file::write(&path, text.as_bytes(), Manner::PRIVATE))
        .map_err(failed)
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Folder {
        doing,
        source,
        path: path.clone(),
    }
}

impl Identity {
    fn of(root: &Path) -> Self {
        let path = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self {
            node: Node::of(&path),
            path,
        }
    }
}

impl Node {
    fn of(path: &Path) -> Option<Self> {
        let facts = fs::metadata(path).ok()?;
        let born = facts.created().ok();
        Some(Self {
            device: facts.dev(),
            inode: facts.ino(),
            born: born
                .and_then(|born| born.duration_since(UNIX_EPOCH).ok())
                .and_then(|since| u64::try_from(since.as_micros()).ok()),
        })
    }
}

impl From<&Identity> for SiteFile {
    fn from(identity: &Identity) -> Self {
        let bytes = identity.path.as_os_str().as_bytes();
        let is_text = std::str::from_utf8(bytes).is_ok();
        Self {
            path: identity.path.to_string_lossy().into_owned(),
            path_base64: (!is_text).then(|| BASE64_STANDARD.encode(bytes)),
            device: identity.node.map(|node| node.device.to_string()),
            inode: identity.node.map(|node| node.inode.to_string()),
            born: identity
                .node
                .and_then(|node| node.born)
                .map(|born| born.to_string()),
            opened: Timestamp::now().to_string(),
        }
    }
}

impl From<SiteFile> for Identity {
    fn from(file: SiteFile) -> Self {
        let bytes = file
            .path_base64
            .and_then(|text| BASE64_STANDARD.decode(text).ok());
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let (device, inode) = (number(file.device), number(file.inode));
        Self {
            path: bytes.map_or_else(
                || PathBuf::from(file.path),
                |bytes| PathBuf::from(OsString::from_vec(bytes)),
            ),
            node: device.zip(inode).map(|(device, inode)| Node {
                device,
                inode,
                born: number(file.born),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn site(&self, name: &str) -> PathBuf {
            let path = self.0.path().join(name);
            fs::create_dir_all(&path).unwrap();
            path
        }

        fn id(&self, root: &Path) -> PathBuf {
            claim(&self.0.path().join("state"), root).unwrap()
        }
    }

    #[test]
    fn the_same_path_is_the_same_site_and_another_is_another() {
        let place = Place::new();
        let (a, b) = (place.site("a"), place.site("b"));
        assert_eq!(place.id(&a), place.id(&a));
        assert_ne!(place.id(&a), place.id(&b));
        let state = place.0.path().join("state");
        assert_eq!(find(&state, &a).unwrap(), Some(place.id(&a)));
        assert_eq!(find(&state, &place.site("c")).unwrap(), None);
    }

    #[test]
    fn a_folder_that_moved_keeps_its_id_and_a_copy_gets_its_own() {
        let place = Place::new();
        let (a, copy) = (place.site("a"), place.site("copy"));
        let id = place.id(&a);
        assert_ne!(place.id(&copy), id);
        let moved = place.0.path().join("moved");
        fs::rename(&a, &moved).unwrap();
        assert_eq!(place.id(&moved), id);
        // Another folder at the old path has nothing to do with it any more.
        let new = place.site("a");
        assert_ne!(place.id(&new), id);
        assert_eq!(place.id(&moved), id);
    }

    #[test]
    fn a_folder_that_moved_is_known_even_where_another_took_its_place() {
        let place = Place::new();
        let a = place.site("a");
        let id = place.id(&a);
        let moved = place.0.path().join("moved");
        fs::rename(&a, &moved).unwrap();
        place.site("a");
        assert_eq!(place.id(&moved), id);
    }

    #[test]
    fn a_new_folder_with_the_inode_of_a_deleted_one_is_a_new_site() {
        let wanted = Identity {
            path: "/new".into(),
            node: Some(Node {
                device: 1,
                inode: 2,
                born: Some(20),
            }),
        };
        let before = |born| Identity {
            path: "/no/such/folder".into(),
            node: Some(Node {
                device: 1,
                inode: 2,
                born,
            }),
        };
        let known = |born| vec![(PathBuf::from("id"), before(born))];
        assert_eq!(chosen(&wanted, &known(Some(10))), None);
        assert_eq!(chosen(&wanted, &known(Some(20))), Some(Path::new("id")));
    }

    #[test]
    fn a_path_of_any_bytes_is_written_and_read_back() {
        let place = Place::new();
        let odd = place.0.path().join(OsStr::from_bytes(b"s\xFF \"i\nte"));
        fs::create_dir(&odd).unwrap();
        assert_eq!(place.id(&odd), place.id(&odd));
        let known = known(&sites(&place.0.path().join("state"))).unwrap();
        assert_eq!(known[0].1, Identity::of(&odd));
    }

    #[test]
    fn what_cannot_be_read_is_nobodys() {
        let place = Place::new();
        let a = place.site("a");
        let id = place.id(&a);
        fs::write(id.join(FILE), b"path = \xFF").unwrap();
        assert_ne!(place.id(&a), id);
        let file = place.0.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(claim(&file, &a).is_err());
    }
}
