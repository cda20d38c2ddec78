//! The folder of scripts that a host has to serve, written out from the cases.

use super::case::{Case, Suite};
use cgi_engine::export::quoting::printf_format;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// URL prefix of the scripts that ask for a user.
pub const MEMBERS: &str = "/cgi-bin/members";
/// The user they know.
pub const USER: &str = "alice";
/// That user's password.
pub const PASSWORD: &str = "sesame";

/// `alice:sesame`, hashed in the form that every host's file of users takes.
const USERS: &str = "alice:{SHA}CEo1Ae3vaEXy8eQZjsOiuBz1xrw=\n";

/// Where Python stands, as hosts give scripts no PATH to find it by.
const PYTHONS: [&str; 3] = [
    "/usr/bin/python3",
    "/usr/local/bin/python3",
    "/opt/homebrew/bin/python3",
];

/// Where the script that tells all it sees stands as well, each for a case of its own.
const DUMPS: [&str; 4] = [
    "drain.py",
    "with space.py",
    "folder/inner.py",
    "members/dump.py",
];

/// A folder as a host serves it.
#[derive(Debug, Clone)]
pub struct InstalledSite {
    /// What "/" stands for; it has a `cgi-bin/`.
    pub folder: PathBuf,
    /// The users of [`MEMBERS`], in htpasswd's format, outside of the served folder.
    pub user_file: PathBuf,
}

impl InstalledSite {
    /// Writes it into the folder, which is made if need be: `www/` to be served, `users` beside it.
    ///
    /// # Errors
    /// The folder cannot be written, or there is no Python.
    pub fn write(suite: &Suite, into: &Path) -> io::Result<Self> {
        let folder = into.join("www");
        let scripts = folder.join("cgi-bin");
        fs::create_dir_all(&scripts)?;
        let into = into.canonicalize()?;
        let site = Self {
            folder: into.join("www"),
            user_file: into.join("users"),
        };
        for path in [&into, &site.folder, &site.folder.join("cgi-bin")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        }
        let source = Suite::folder().join("site");
        site.copy(&source, &site.folder)?;
        site.copy_dump(&scripts)?;
        for case in &suite.cases {
            if let Some(name) = case.script_name() {
                write(&scripts.join(name), &program(case)?, 0o755)?;
            }
        }
        write(&site.user_file, USERS.as_bytes(), 0o644)?;
        Ok(site)
    }

    fn copy_dump(&self, scripts: &Path) -> io::Result<()> {
        let dump = fs::read(scripts.join("dump.py"))?;
        for name in DUMPS {
            let copy = scripts.join(name);
            if let Some(folder) = copy.parent() {
                make_folder(folder)?;
            }
            write(&copy, &dump, 0o755)?;
        }
        Ok(())
    }

    /// Copies the suite's own files; a `#!` line of theirs is made one that works here.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                make_folder(&target)?;
                self.copy(&entry.path(), &target)?;
                continue;
            }
            let mode = entry.metadata()?.permissions().mode() & 0o777;
            let text = fs::read_to_string(entry.path())?;
            let text = text.replace("{users}", &self.user_file.to_string_lossy());
            write(&target, with_shebang(&text)?.as_bytes(), mode | 0o044)?;
        }
        Ok(())
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    fs::write(path, content)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

fn program(case: &Case) -> io::Result<Vec<u8>> {
    if let Some(script) = &case.script {
        return Ok(with_shebang(script)?.into_bytes());
    }
    let output = case.output.as_deref().unwrap_or_default();
    let words = super::text::Words::of_nobody();
    let bytes = words.bytes(output).map_err(io::Error::other)?;
    Ok(format!("#!/bin/sh\nprintf {}\n", printf_format(&bytes)).into_bytes())
}

fn with_shebang(text: &str) -> io::Result<String> {
    if let Some(rest) = text.strip_prefix("#!sh\n") {
        return Ok(format!("#!/bin/sh\n{rest}"));
    }
    let Some(rest) = text.strip_prefix("#!python3\n") else {
        return Ok(text.to_owned());
    };
    let python = PYTHONS.iter().find(|path| Path::new(path).is_file());
    let python = python.ok_or_else(|| io::Error::other("python3 is not installed"))?;
    // Without the user's and the site's packages: it starts in half the time.
    Ok(format!("#!{python} -IS\n{rest}"))
}
