//! Where a script belongs: the folder it would be served from, and its URL there.

use std::io;
use std::path::{Path, PathBuf};

use cgi_engine::site::{CONFIG_FILE_NAME, Site, SiteError, Target, percent_encoded_path, resolve};
use std::os::unix::ffi::OsStrExt as _;

/// A script's site and URL.
#[derive(Debug)]
pub(crate) struct ScriptPlace {
    /// The site's folder, absolute.
    pub(crate) folder: PathBuf,
    /// The script's URL path, percent-encoded.
    pub(crate) url_path: String,
}

/// Why a path cannot be run as a script.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error("cannot run script: there is no such file; check the spelling: {path:?}")]
    Missing { path: PathBuf },
    #[error(
        "cannot run a folder; name a script in it, or serve it with `cgi-studio serve`: {path:?}"
    )]
    Folder { path: PathBuf },
    #[error("cannot run script: {source}: {path:?}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "no URL of its folder leads to this file as a script ({why}); put it into a `cgi-bin` folder or give it a script's suffix such as .py: {path:?}"
    )]
    NotAScript { path: PathBuf, why: String },
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl ScriptPlace {
    /// The nearest folder above with a `cgi-bin` or a configuration, from which a URL leads to the script;
    /// else the script's own folder.
    pub(crate) fn find(script: &Path) -> Result<Self, PlaceError> {
        let script = located(script)?;
        let own_folder = script.parent().unwrap_or(Path::new("/"));
        let marked = own_folder
            .ancestors()
            .filter(|folder| is_site(folder))
            .take(1);
        let mut why = String::new();
        for folder in marked.chain([own_folder]) {
            match url_path(&Site::open(folder)?, &script) {
                Ok(url_path) => {
                    return Ok(Self {
                        folder: folder.to_owned(),
                        url_path,
                    });
                }
                Err(reason) => why = reason,
            }
        }
        Err(PlaceError::NotAScript { path: script, why })
    }
}

/// The script's path with its folder free of symbolic links; a link in its own name stays, for its URL has that name.
fn located(script: &Path) -> Result<PathBuf, PlaceError> {
    let path = || script.to_owned();
    let metadata = script.metadata().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => PlaceError::Missing { path: path() },
        _ => PlaceError::Unreadable {
            path: path(),
            source,
        },
    })?;
    if metadata.is_dir() {
        return Err(PlaceError::Folder { path: path() });
    }
    let absolute = std::path::absolute(script).map_err(|source| PlaceError::Unreadable {
        path: path(),
        source,
    })?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(PlaceError::Folder { path: path() });
    };
    let folder = folder
        .canonicalize()
        .map_err(|source| PlaceError::Unreadable {
            path: path(),
            source,
        })?;
    Ok(folder.join(name))
}

fn is_site(folder: &Path) -> bool {
    folder.join("cgi-bin").is_dir() || folder.join(CONFIG_FILE_NAME).is_file()
}

/// The URL path that runs the script: the one its place suggests, or one that an alias gives it.
fn url_path(site: &Site, script: &Path) -> Result<String, String> {
    let relative = script
        .strip_prefix(&site.root)
        .map_err(|_| "it is outside".to_owned())?;
    let plain = [b"/", relative.as_os_str().as_bytes()].concat();
    let resolution = resolve(site, &plain);
    if matches!(&resolution.target, Target::Script { file, .. } if same_file(file, script)) {
        return Ok(percent_encoded_path(&plain));
    }
    let listed = site
        .scripts()
        .into_iter()
        .find(|entry| same_file(&entry.path, script));
    match listed.and_then(|entry| String::from_utf8(entry.url_path).ok()) {
        Some(url_path) => Ok(url_path),
        None => Err(why_not(&resolution.target)),
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn why_not(target: &Target) -> String {
    match target {
        Target::Script { file, .. } => format!("its URL runs {file:?}"),
        Target::Action { handler, .. } => format!("its URL is answered by {handler}"),
        Target::File { .. } => "it would be sent as it is".to_owned(),
        Target::Forbidden { reason } => reason.clone(),
        Target::NotFound { .. } | Target::Directory { .. } | Target::AddSlash { .. } => {
            "its name is not served".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[track_caller]
    fn check(files: &[&str], script: &str, site: &str, url_path: &str) {
        let folder = folder_with(files);
        let root = folder.path().canonicalize().unwrap();
        let place = ScriptPlace::find(&root.join(script)).unwrap();
        assert_eq!(place.folder, root.join(site).components().as_path());
        assert_eq!(place.url_path, url_path);
    }

    #[track_caller]
    fn check_refused(files: &[&str], script: &str, word: &str) {
        let folder = folder_with(files);
        let refused = ScriptPlace::find(&folder.path().join(script)).unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    }

    #[test]
    fn the_nearest_folder_with_a_cgi_bin_is_the_site() {
        check(
            &["cgi-bin/deep/a b"],
            "cgi-bin/deep/a b",
            ".",
            "/cgi-bin/deep/a%20b",
        );
        check(
            &["cgi-bin/x", "in/cgi-bin/a"],
            "in/cgi-bin/a",
            "in",
            "/cgi-bin/a",
        );
        check(&["cgi-bin/x", "b/a.py"], "b/a.py", ".", "/b/a.py");
        check(&["cgi-studio.toml", "b/a.py"], "b/a.py", ".", "/b/a.py");
    }

    #[test]
    fn without_one_the_scripts_own_folder_is_the_site() {
        check(&["b/a.py"], "b/a.py", "b", "/a.py");
    }

    #[test]
    fn a_script_is_found_through_the_links_of_its_folder() {
        let folder = folder_with(&["site/cgi-bin/a"]);
        symlink(
            folder.path().join("site/cgi-bin"),
            folder.path().join("short"),
        )
        .unwrap();
        let place = ScriptPlace::find(&folder.path().join("short/a")).unwrap();
        assert_eq!(place.url_path, "/cgi-bin/a");
    }

    #[test]
    fn what_cannot_be_run_is_refused_with_a_way_out() {
        check_refused(&[], "a.py", "no such file");
        check_refused(&["b/a.py"], "b", "cannot run a folder");
        check_refused(
            &["notes.txt"],
            "notes.txt",
            "put it into a `cgi-bin` folder",
        );
        check_refused(&["cgi-bin/.hidden.py"], "cgi-bin/.hidden.py", "not");
    }
}
