//! The programs that run the corpora: which are here, and which Python has which version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What a case needs: `perl`, `python3`, or a Python from a version on or below one: `python3>=13`, `python3<8`.
pub(crate) fn find(needs: &str) -> Option<PathBuf> {
    let Some(range) = needs
        .strip_prefix("python3")
        .filter(|range| !range.is_empty())
    else {
        return match needs {
            "python3" => pythons()
                .iter()
                .find_map(|(minor, path)| (*minor >= 8).then(|| path.clone())),
            program => on_path(program),
        };
    };
    let (from, below) = match (range.strip_prefix(">="), range.strip_prefix('<')) {
        (Some(from), _) => (from.parse().unwrap(), u32::MAX),
        (None, Some(below)) => (0, below.parse().unwrap()),
        (None, None) => panic!("not a version: {needs}"),
    };
    pythons()
        .iter()
        .find(|(minor, _)| (from..below).contains(minor))
        .map(|(_, path)| path.clone())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Every Python 3 here with its minor version, the one on the PATH first, and its real file: a shim costs time.
fn pythons() -> &'static [(u32, PathBuf)] {
    static FOUND: OnceLock<Vec<(u32, PathBuf)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut candidates: Vec<PathBuf> = on_path("python3").into_iter().collect();
        candidates.extend((6..20).filter_map(|minor| on_path(&format!("python3.{minor}"))));
        candidates.push("/usr/bin/python3".into());
        let of_pyenv = std::env::var_os("PYENV_ROOT").map_or_else(
            || std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv")),
            |root| Some(root.into()),
        );
        if let Some(versions) =
            of_pyenv.and_then(|root| std::fs::read_dir(root.join("versions")).ok())
        {
            candidates.extend(
                versions
                    .flatten()
                    .map(|version| version.path().join("bin/python3")),
            );
        }
        let mut seen = BTreeMap::new();
        let mut found = Vec::new();
        for candidate in candidates {
            if let Some((minor, path)) = asked(&candidate)
                && seen.insert(path.clone(), minor).is_none()
            {
                found.push((minor, path));
            }
        }
        found
    })
}

fn asked(python: &Path) -> Option<(u32, PathBuf)> {
    let program = "import sys; print(sys.version_info[1], sys.executable)";
    let output = Command::new(python)
        .args(["-I", "-c", program])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (minor, path) = text.trim().split_once(' ')?;
    Some((minor.parse().ok()?, path.into()))
}
