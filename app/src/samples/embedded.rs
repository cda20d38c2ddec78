//! The example sites as the compiler takes them in, joined to what their manifests say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{File, Group, Sample};

/// Every example whose manifest can be read, in the order in which they are offered.
/// A test proves that this is all of them.
pub(super) fn read_sites() -> Vec<Sample> {
    let mut samples: Vec<Sample> = SITES.iter().filter_map(read_site).collect();
    samples.sort_by_key(|sample| (sample.group, sample.order));
    samples
}

/// What `sample.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    title: String,
    description: String,
    order: u32,
    group: Group,
    first_request: String,
    #[serde(default)]
    not_executable: Vec<String>,
    #[serde(default)]
    expected: BTreeMap<String, String>,
}

/// A site as the compiler took it in.
struct Site {
    name: &'static str,
    manifest: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

/// Joins a site to what its manifest says.
fn read_site(site: &Site) -> Option<Sample> {
    let manifest: Manifest = toml::from_str(site.manifest)
        .inspect_err(|error| tracing::error!(site.name, %error, "cannot read sample.toml"))
        .ok()?;
    let files = site.files.iter().map(|&(path, bytes)| File {
        path,
        bytes,
        // The compiler takes in bytes without modes; in these sites all of cgi-bin is scripts.
        executable: path.starts_with("cgi-bin/")
            && !manifest.not_executable.iter().any(|except| except == path),
    });
    Some(Sample {
        name: site.name,
        files: files.collect(),
        title: manifest.title,
        description: manifest.description,
        group: manifest.group,
        first_request: manifest.first_request,
        expected: manifest.expected,
        order: manifest.order,
    })
}

macro_rules! site {
    ($name:literal, [$($path:literal),+ $(,)?]) => {
        Site {
            name: $name,
            manifest: include_str!(concat!("../../../assets/samples/", $name, "/sample.toml")),
            files: &[$((
                $path,
                include_bytes!(concat!("../../../assets/samples/", $name, "/", $path)).as_slice(),
            )),+],
        }
    };
}

/// Every file of every site; a test compares this list with the folders.
#[rustfmt::skip]
const SITES: &[Site] = &[
    site!("hello", [
        "cgi-bin/hello.pl", "cgi-bin/hello.py", "cgi-bin/hello.sh", "cgi-bin/pages.py", "index.html", "style.css",
    ]),
    site!("environment", ["cgi-bin/environment.py", "style.css"]),
    site!("form", [
        "cgi-bin/controls.py", "cgi-bin/get-form.py", "cgi-bin/post-form.py", "index.html", "style.css",
    ]),
    site!("upload", ["cgi-bin/download.py", "cgi-bin/upload.py", "style.css"]),
    site!("guestbook", ["cgi-bin/guestbook.py", "style.css"]),
    site!("cookies", ["cgi-bin/read-cookie.py", "cgi-bin/set-cookie.py", "style.css"]),
    site!("redirect", [
        "cgi-bin/landing.py", "cgi-bin/local.py", "cgi-bin/redirect.py", "cgi-bin/status.py", "style.css",
    ]),
    site!("broken", [
        "cgi-bin/bom.py", "cgi-bin/crlf.py", "cgi-bin/env-python.py", "cgi-bin/html-first.py",
        "cgi-bin/missing-interpreter.py", "cgi-bin/no-blank-line.py", "cgi-bin/no-content-type.py",
        "cgi-bin/no-shebang.py", "cgi-bin/not-executable.py", "cgi-bin/prints-nothing.py",
        "cgi-bin/text-before-headers.py", "cgi-bin/timeout.py", "cgi-bin/traceback-after-headers.py",
        "cgi-bin/traceback-before-headers.py", "index.html", "style.css",
    ]),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use crate::samples::{sample, samples};

    fn assets() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples")
    }

    #[test]
    fn every_folder_is_a_sample_with_a_manifest_that_can_be_read() {
        let mut offered: Vec<&str> = samples().iter().map(|sample| sample.name).collect();
        offered.sort_unstable();
        let mut folders: Vec<String> = fs::read_dir(assets())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        folders.sort_unstable();
        assert_eq!(offered, folders);
    }

    #[test]
    fn a_manifest_names_only_files_that_exist() {
        for sample in samples() {
            let script = sample.first_request.trim_start_matches('/');
            let named = |path: &str| sample.files.iter().any(|file| file.path == path);
            assert!(
                sample
                    .files
                    .iter()
                    .any(|file| script.starts_with(file.path)),
                "{}: {script}",
                sample.name
            );
            for path in sample.expected.keys() {
                assert!(named(path), "{}: {path}", sample.name);
            }
        }
    }

    #[test]
    fn every_broken_script_says_which_finding_it_shows() {
        let broken = sample("broken").unwrap();
        let page = fs::read_to_string(assets().join("broken/index.html")).unwrap();
        for file in broken
            .files
            .iter()
            .filter(|file| file.path.starts_with("cgi-bin/"))
        {
            let code = &broken.expected[file.path];
            let row = page
                .lines()
                .find(|line| line.contains(&format!("/{}\"", file.path)));
            assert!(row.is_some_and(|row| row.ends_with(code)), "{}", file.path);
        }
    }

    #[test]
    fn no_checkout_mends_the_bytes_that_are_wrong_on_purpose() {
        let broken = sample("broken").unwrap();
        let bytes = |path: &str| {
            broken
                .files
                .iter()
                .find(|file| file.path == path)
                .unwrap()
                .bytes
        };
        assert!(bytes("cgi-bin/crlf.py").starts_with(b"#!/usr/bin/env python3\r\n"));
        assert!(bytes("cgi-bin/bom.py").starts_with(b"\xef\xbb\xbf#!"));
    }

    #[test]
    fn all_sites_share_one_look() {
        let styles = samples().iter().flat_map(|sample| &sample.files);
        let styles: Vec<_> = styles.filter(|file| file.path == "style.css").collect();
        assert_eq!(styles.len(), samples().len());
        assert!(styles.windows(2).all(|pair| pair[0].bytes == pair[1].bytes));
    }
}
