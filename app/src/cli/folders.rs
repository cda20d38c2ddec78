//! The user's folders (XDG Base Directory Specification).

use std::ffi::OsString;
use std::path::PathBuf;

/// Where unpacked examples live: `$XDG_DATA_HOME/cgi-studio/examples`.
pub(crate) fn examples() -> anyhow::Result<PathBuf> {
    let data = data_home(std::env::var_os("XDG_DATA_HOME"), std::env::var_os("HOME"));
    let data = data.ok_or_else(|| {
        anyhow::anyhow!("cannot unpack an example: set HOME or XDG_DATA_HOME to an absolute path")
    })?;
    Ok(data.join("cgi-studio/examples"))
}

/// A relative path in these variables is to be ignored, says the specification.
fn data_home(xdg: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute =
        |value: Option<OsString>| value.map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(xdg).or_else(|| absolute(home).map(|home| home.join(".local/share")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xdg: Option<&str>, home: Option<&str>, expected: Option<&str>) {
        assert_eq!(
            data_home(xdg.map(Into::into), home.map(Into::into)),
            expected.map(PathBuf::from)
        );
    }

    #[test]
    fn only_absolute_paths_count() {
        check(Some("/d"), Some("/h"), Some("/d"));
        check(Some("d"), Some("/h"), Some("/h/.local/share"));
        check(Some(""), Some("/h"), Some("/h/.local/share"));
        check(None, Some("h"), None);
        check(None, None, None);
    }
}
