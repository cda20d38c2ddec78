//! The program around Go's net/http/cgi, built once into the folder of the tests' own build.

use super::program::command;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

const SOURCE: &str = include_str!("go_host.go");

/// The built program.
pub(super) fn program() -> io::Result<PathBuf> {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut hasher = DefaultHasher::new();
    SOURCE.hash(&mut hasher);
    let folder = folder()?;
    let built = folder.join(format!("go-host-{:016x}", hasher.finish()));
    if !built.is_file() {
        build(&folder, &built)?;
    }
    Ok(built)
}

/// Builds under a name of this process; the rename makes it whole for every other.
#[allow(clippy::disallowed_methods)] // tests drive the real programs
fn build(folder: &std::path::Path, built: &std::path::Path) -> io::Result<()> {
    let work = tempfile::Builder::new().prefix("go-").tempdir_in(folder)?;
    fs::write(work.path().join("host.go"), SOURCE)?;
    let mut go = command("go");
    settle(&mut go)?;
    let output = go
        .args(["build", "-o", "host", "host.go"])
        .current_dir(work.path())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("go build failed: {said}")));
    }
    fs::rename(work.path().join("host"), built)
}

/// Gives the go command its folders and keeps it from the network.
pub(super) fn settle(go: &mut Command) -> io::Result<()> {
    let folder = folder()?;
    go.env("HOME", &folder)
        .env("GOCACHE", folder.join("go-cache"))
        .env("GOPATH", folder.join("go-path"))
        .env("GO111MODULE", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOPROXY", "off");
    Ok(())
}

/// `target/PROFILE/peers`: tests run from `target/PROFILE/deps`, programs from `target/PROFILE`.
fn folder() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    let mut parents = program.ancestors().skip(1);
    let parent = parents.find(|path| !path.ends_with("deps"));
    let folder = parent
        .ok_or_else(|| io::Error::other("a program without a folder"))?
        .join("peers");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
