//! The scripts of a site, for a list to choose from.

use std::collections::HashSet;
use std::fs::DirEntry;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::mapping::Mapping;
use super::{Site, is_hidden, percent_encoded_path};

/// Folders deeper than this below a mapping are not listed.
const DEEPEST: usize = 12;
/// After this many names the walk ends: it is somebody's home folder, not a site.
const MOST_NAMES: usize = 20_000;

/// A script that a list shows.
///
/// Any file in a script folder is run when its URL is asked for, but only what looks like a script
/// is listed: see [`Site::is_script`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptEntry {
    /// The script.
    pub path: PathBuf,
    /// Its path from the site's folder, for display.
    pub name: String,
    /// Its URL path, percent-encoded.
    pub url_path: Vec<u8>,
}

/// See [`Site::scripts`].
pub(super) fn scripts(site: &Site) -> Vec<ScriptEntry> {
    let mut listing = Listing {
        site,
        seen: HashSet::new(),
        names_left: MOST_NAMES,
        found: Vec::new(),
    };
    // The longest prefix comes first, so that a script is listed by the URL that runs it as such.
    for mapping in &site.mappings {
        listing.add(mapping);
    }
    listing.found.sort_by(|a, b| a.name.cmp(&b.name));
    listing.found
}

/// Folders that hold other people's programs or caches, not the site's scripts.
pub(crate) fn is_foreign_folder(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    is_hidden(name)
        || name == "node_modules"
        || name == "__pycache__"
        || folder.join("pyvenv.cfg").is_file()
}

struct Listing<'a> {
    site: &'a Site,
    /// Canonical paths: what ends loops of links, and keeps each script to one entry.
    seen: HashSet<PathBuf>,
    names_left: usize,
    found: Vec<ScriptEntry>,
}

impl Listing<'_> {
    fn add(&mut self, mapping: &Mapping) {
        if mapping.folder.is_file() {
            self.add_script(mapping, &mapping.folder);
            return;
        }
        let mut folders = vec![(mapping.folder.clone(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            if depth > DEEPEST || !self.is_new(&folder) {
                continue;
            }
            for entry in folder.read_dir().into_iter().flatten().flatten() {
                let Some(left) = self.names_left.checked_sub(1) else {
                    return;
                };
                self.names_left = left;
                self.add_entry(mapping, &entry, depth, &mut folders);
            }
        }
    }

    fn add_entry(
        &mut self,
        mapping: &Mapping,
        entry: &DirEntry,
        depth: usize,
        folders: &mut Vec<(PathBuf, usize)>,
    ) {
        let path = entry.path();
        if is_hidden(&entry.file_name()) {
            return;
        }
        if path.is_dir() {
            if !is_foreign_folder(&path) {
                folders.push((path, depth + 1));
            }
        } else if self.site.is_script(&path) {
            self.add_script(mapping, &path);
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        let Ok(real) = path.canonicalize() else {
            return false;
        };
        self.site.may_serve(&real) && self.seen.insert(real)
    }

    fn add_script(&mut self, mapping: &Mapping, path: &Path) {
        if !path.is_file() || !self.is_new(path) {
            return;
        }
        let relative = path
            .strip_prefix(&mapping.folder)
            .unwrap_or(path)
            .as_os_str()
            .as_bytes();
        let mut url = mapping.url_of(relative);
        if relative.is_empty() {
            url.pop(); // An alias to one file: the prefix itself is its URL.
        }
        let name = path
            .strip_prefix(&self.site.root)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned();
        let url_path = percent_encoded_path(&url).into_bytes();
        self.found.push(ScriptEntry {
            path: path.to_owned(),
            name,
            url_path,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::super::{Target, resolve};
    use super::*;

    fn list(site: &Site) -> Vec<(String, String)> {
        let entry = |entry: ScriptEntry| (entry.name, String::from_utf8(entry.url_path).unwrap());
        site.scripts().into_iter().map(entry).collect()
    }

    fn put(root: &Path, name: &str, content: &str, mode: u32) {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn scripts_are_listed_once_and_each_url_leads_to_its_script() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (name, content, mode) in [
            ("cgi-bin/b c.py", "", 0o644),
            ("cgi-bin/run", "#!/bin/sh\n", 0o644),
            ("cgi-bin/data.txt", "", 0o644),
            ("cgi-bin/deep/a.cgi", "", 0o755),
            ("tool.pl", "", 0o644),
            ("page.html", "", 0o755),
            ("node_modules/x.py", "", 0o755),
            ("__pycache__/x.py", "", 0o755),
            ("env/pyvenv.cfg", "", 0o644),
            ("env/bin/x.py", "", 0o755),
            (".git/hooks/x.sh", "", 0o755),
        ] {
            put(root, name, content, mode);
        }
        symlink(root.join("cgi-bin"), root.join("cgi-bin/deep/loop")).unwrap();
        symlink("/usr", root.join("usr")).unwrap();
        let site = Site::open(root).unwrap();
        let expected = [
            ("cgi-bin/b c.py", "/cgi-bin/b%20c.py"),
            ("cgi-bin/deep/a.cgi", "/cgi-bin/deep/a.cgi"),
            ("cgi-bin/run", "/cgi-bin/run"),
            ("tool.pl", "/tool.pl"),
        ]
        .map(|(name, url)| (name.to_owned(), url.to_owned()));
        assert_eq!(list(&site), expected);
        for entry in site.scripts() {
            let decoded: Vec<u8> = percent_encoding::percent_decode(&entry.url_path).collect();
            let target = resolve(&site, &decoded).target;
            assert!(matches!(target, Target::Script { file, .. } if file == entry.path));
        }
    }

    #[test]
    fn an_alias_to_one_file_is_listed_by_its_prefix() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "app.py", "", 0o755);
        put(
            folder.path(),
            "cgi-studio.toml",
            "[scripts]\nscript_aliases = { \"/go/\" = \"app.py\" }",
            0o644,
        );
        let site = Site::open(folder.path()).unwrap();
        assert_eq!(list(&site), [("app.py".to_owned(), "/go".to_owned())]);
    }
}
