//! Paths of the configuration, made absolute, and written as the site's own file wants them.

use std::path::{Component, Path, PathBuf};

/// Where relative paths start, there and here.
#[derive(Debug)]
pub(super) struct Paths {
    /// Absolute.
    pub(super) server_root: PathBuf,
    /// The folder that `cgi-studio.toml` is for, absolute; `None` when that is not known, so that
    /// no path can be relative.
    pub(super) site_folder: Option<PathBuf>,
}

impl Paths {
    /// A path as httpd takes it, without `.`, `..` and a slash at its end.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        normal(&self.server_root.join(path))
    }

    /// The same path for `cgi-studio.toml`: relative where it lies in the site's folder.
    pub(super) fn for_site(&self, path: &Path) -> PathBuf {
        match self.inside(path) {
            Some(rest) if rest.as_os_str().is_empty() => PathBuf::from("."),
            Some(rest) => rest.to_owned(),
            None => path.to_owned(),
        }
    }

    /// Whether the site's own folder holds it.
    pub(super) fn is_inside(&self, path: &Path) -> bool {
        self.inside(path).is_some()
    }

    fn inside<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        path.strip_prefix(self.site_folder.as_deref()?).ok()
    }
}

/// The path without `.` and `..`, as it is written: httpd does not ask the disk either.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let paths = Paths {
            server_root: "/etc/apache2".into(),
            site_folder: Some("/srv/site".into()),
        };
        let absolute = paths.absolute(path);
        assert_eq!(paths.for_site(&absolute), Path::new(expected));
    }

    #[test]
    fn paths_in_the_sites_folder_are_relative() {
        check("/srv/site/cgi-bin/", "cgi-bin");
        check("/srv/site", ".");
        check("/srv/sites", "/srv/sites");
        check("../x/./y/", "/etc/x/y");
        check("/../..", "/");
    }
}
