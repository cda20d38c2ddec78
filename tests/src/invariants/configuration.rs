//! Any file may stand where the configuration should: the site opens, and what is wrong is told by
//! a line that the file has. What was understood is written and read again as the same.

use std::fs;
use std::path::Path;

use cgi_engine::site::{CONFIG_FILE_NAME, Requirement, Site, SiteConfig};

/// A site in `folder` opens with this configuration, and its problems stand within it.
#[track_caller]
pub fn configuration(folder: &Path, bytes: &[u8]) {
    fs::write(folder.join(CONFIG_FILE_NAME), bytes).unwrap();
    let site = Site::open(folder).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for problem in &site.problems {
        let line = usize::try_from(problem.line).unwrap();
        let inside = (1..=lines).contains(&line) && problem.column >= 1;
        assert!(
            inside && !problem.message.is_empty(),
            "{problem}: {}",
            bytes.escape_ascii()
        );
    }
    check_written_again(folder, &site.config);
    // Whatever the settings are, they can be asked for.
    let root = site.root.clone();
    for (url_path, file) in [
        (&b"/"[..], root.clone()),
        (b"/cgi-bin/a.cgi", root.join("cgi-bin/a.cgi")),
        (b"/\xff", root.join("x")),
    ] {
        site.settings(url_path, &file);
    }
}

#[track_caller]
fn check_written_again(folder: &Path, config: &SiteConfig) {
    let text = config.to_toml();
    fs::write(folder.join(CONFIG_FILE_NAME), &text).unwrap();
    let (again, problems) = SiteConfig::read(folder);
    assert_eq!(problems, [], "{text}");
    // A scope that is closed is written as what that means, not as why.
    let mut expected = config.clone();
    for scope in &mut expected.scopes {
        if scope.closed_because.take().is_some() {
            scope.require = Some(Requirement::Denied);
        }
    }
    assert_eq!(again, expected, "{text}");
}
