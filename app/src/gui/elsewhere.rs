//! What the view of other hosts asks of the disk: a report, a foreign configuration, a file written whole.

use std::io;
use std::path::{Path, PathBuf};

use cgi_engine::convert::apache::{self, ReadOptions};
use cgi_engine::convert::write::{Deployment, write};
use cgi_engine::convert::{Host, deploy};
use cgi_engine::site::{CONFIG_FILE_NAME, Site};
use cgi_engine::whole_file::{self, Before, Manner};

use super::model::elsewhere::{DeployReport, Import};

/// What the site would do differently on the host, and the configuration for it.
pub(super) fn report(site: &Site, host: Host) -> DeployReport {
    DeployReport {
        differences: deploy::check_all(site, host),
        configuration: write(site, host, &Deployment::default())
            .map(|written| written.text)
            .map_err(|error| error.to_string()),
    }
}

/// Reads configuration of Apache for the site in `folder`.
pub(super) fn import(file: &Path, folder: &Path) -> Result<Import, String> {
    let options = ReadOptions {
        site_folder: Some(folder.to_owned()),
        ..ReadOptions::default()
    };
    let conversion =
        apache::read(&[file.to_owned()], &options).map_err(|error| error.to_string())?;
    let text = conversion.to_toml();
    Ok(Import { conversion, text })
}

/// Writes the configuration into the site's folder. One that is there is kept beside it; says in words what was done.
pub(super) fn write_configuration(folder: &Path, text: &str) -> Result<String, String> {
    let file = folder.join(CONFIG_FILE_NAME);
    let failed = |error: io::Error| format!("cannot write the configuration: {error}: {file:?}");
    let kept = set_aside(&file).map_err(failed)?;
    let manner = Manner::USUAL.before(Before::Stays);
    whole_file::write(&file, text.as_bytes(), manner).map_err(failed)?;
    Ok(match kept {
        Some(kept) => format!(
            "{CONFIG_FILE_NAME} is written; the one before is kept as {}",
            kept.file_name().unwrap_or_default().to_string_lossy()
        ),
        None => format!("{CONFIG_FILE_NAME} is written"),
    })
}

/// Moves the file to the first free name beside it, if it is there.
fn set_aside(file: &Path) -> io::Result<Option<PathBuf>> {
    if !file.try_exists()? {
        return Ok(None);
    }
    let name = |number: u32| match number {
        0 => file.with_extension("toml.old"),
        number => file.with_extension(format!("toml.old{number}")),
    };
    for aside in (0..1000).map(name) {
        // A hard link fails where the name is taken; a rename would replace what is there.
        match std::fs::hard_link(file, &aside) {
            Ok(()) => {
                std::fs::remove_file(file)?;
                return Ok(Some(aside));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("there are too many old ones beside it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_is_there_is_never_lost() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        for text in ["one", "two", "three"] {
            write_configuration(folder.path(), text).unwrap();
        }
        assert_eq!(read("cgi-studio.toml"), "three");
        assert_eq!(read("cgi-studio.toml.old"), "one");
        assert_eq!(read("cgi-studio.toml.old1"), "two");
    }

    #[test]
    fn a_folder_that_is_gone_is_named() {
        let error = write_configuration(Path::new("/no/such/folder"), "x").unwrap_err();
        assert!(error.contains("/no/such/folder"), "{error}");
    }

    #[test]
    fn the_tutorials_configuration_is_imported_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("httpd.conf");
        let text = "ScriptAlias /cgi-bin/ /var/www/cgi-bin/\n<Directory \"/var/www/cgi-bin\">\nAllowOverride None\nOptions +ExecCGI\nOrder allow,deny\nAllow from all\n</Directory>\nAddHandler cgi-script .cgi .pl .py\n";
        std::fs::write(&file, text).unwrap();
        let import = import(&file, folder.path()).unwrap();
        assert!(!import.conversion.lost_something());
        assert!(import.text.contains("/var/www/cgi-bin"), "{}", import.text);
    }
}
