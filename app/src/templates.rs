//! New scripts that are right at once: mode, `#!` line, UTF-8 and line feeds.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use cgi_engine::site::SiteConfig;
use cgi_engine::whole_file::{self, Before, Manner};

/// A script to begin with.
#[derive(Debug)]
pub struct Template {
    /// The name that is offered for the file.
    pub file: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// One sentence.
    pub description: &'static str,
    source: &'static str,
}

const fn template(
    file: &'static str,
    title: &'static str,
    description: &'static str,
    source: &'static str,
) -> Template {
    Template {
        file,
        title,
        description,
        source,
    }
}

/// All of them, in the order in which they are offered.
#[rustfmt::skip]
pub static TEMPLATES: &[Template] = &[
    template("hello.py", "Hello", "Headers, an empty line, a page", include_str!("../../assets/templates/hello.py")),
    template("form.py", "Form", "A form that is shown and answered by the same script", include_str!("../../assets/templates/form.py")),
    template("json_api.py", "JSON API", "GET and POST with JSON and the right statuses", include_str!("../../assets/templates/json_api.py")),
    template("upload.py", "Upload", "Takes a file from a form, without the cgi module", include_str!("../../assets/templates/upload.py")),
    template("download.py", "Download", "Hands out a file that is made on the spot", include_str!("../../assets/templates/download.py")),
    template("session.py", "Cookie session", "Counts visits with a signed cookie", include_str!("../../assets/templates/session.py")),
    template("sqlite.py", "SQLite", "A list of notes in a database, with a redirect after POST", include_str!("../../assets/templates/sqlite.py")),
    template("redirect.py", "Redirect", "Sends the browser on, to known pages only", include_str!("../../assets/templates/redirect.py")),
    template("wsgi_app.py", "WSGI application", "An application for any WSGI server, run by wsgiref", include_str!("../../assets/templates/wsgi_app.py")),
    template("shell.sh", "Shell", "What the server told the script, as plain text", include_str!("../../assets/templates/shell.sh")),
    template("perl.pl", "Perl", "Greets by name, with nothing but what comes with Perl", include_str!("../../assets/templates/perl.pl")),
];

/// Why there is no new script.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It would stand elsewhere, or nowhere.
    #[error("the name of a script is one without a leading slash and without `..`: {name:?}")]
    Name {
        /// As it was typed.
        name: String,
    },
    /// Something is there already, and stays.
    #[error("there is something of this name already; choose another one: {path:?}")]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot make the script: {source}: {path:?}")]
    System {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where new scripts of a site stand: in its script folder, which is made if need be.
#[must_use]
pub fn folder_for(site: &Path, config: &SiteConfig) -> PathBuf {
    let named = config.scripts.script_aliases.as_ref();
    let named = named.and_then(|aliases| aliases.values().next());
    // A relative path starts at the site's folder.
    site.join(named.map_or(Path::new("cgi-bin"), PathBuf::as_path))
}

/// Writes a new script and gives its path.
///
/// # Errors
/// The name is none, something has it already, or the system refuses.
pub fn make(
    site: &Path,
    config: &SiteConfig,
    template: &Template,
    name: &str,
) -> Result<PathBuf, TemplateError> {
    let name = name.trim();
    let parts: Vec<Component<'_>> = Path::new(name).components().collect();
    let is_plain = parts
        .iter()
        .all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !is_plain || name.ends_with('/') || name.contains('\0') {
        let name = name.to_owned();
        return Err(TemplateError::Name { name });
    }
    let path = folder_for(site, config).join(name);
    write_new(&path, text_for(template, &path, config).as_bytes()).map_err(|source| {
        let path = path.clone();
        match source.kind() {
            io::ErrorKind::AlreadyExists => TemplateError::Exists { path },
            _ => TemplateError::System { path, source },
        }
    })?;
    Ok(path)
}

/// The source with the interpreter that the site has chosen for files of this suffix.
fn text_for(template: &Template, path: &Path, config: &SiteConfig) -> String {
    let suffix = path
        .extension()
        .map(|ending| format!(".{}", ending.to_string_lossy()));
    let chosen = suffix.and_then(|suffix| config.scripts.interpreters.get(&suffix));
    // A bare name is looked up, as `env` does it; only a path without blanks fits into the line.
    let usable = chosen
        .and_then(|program| program.to_str())
        .filter(|program| program.starts_with('/') && !program.contains(char::is_whitespace));
    match (usable, template.source.split_once('\n')) {
        (Some(program), Some((_, rest))) => format!("#!{program}\n{rest}"),
        _ => template.source.to_owned(),
    }
}

/// Whole and runnable from the moment at which it has its name; never in the place of another file.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let manner = Manner {
        before: Before::Stays,
        mode: 0o755,
        synced: true,
    };
    whole_file::write(path, bytes, manner)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_script_can_run_at_once() {
        let site = tempfile::tempdir().unwrap();
        let config = SiteConfig::default();
        for template in TEMPLATES {
            let path = make(site.path(), &config, template, template.file).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("#!/") && text.ends_with('\n'), "{path:?}");
            assert!(
                !text.contains('\r') && !text.contains("import cgi\n"),
                "{path:?}"
            );
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o755);
        }
        let folder = site.path().join("cgi-bin");
        assert_eq!(fs::read_dir(folder).unwrap().count(), TEMPLATES.len());
    }

    #[test]
    fn the_interpreter_that_the_site_has_chosen_is_named() {
        let site = tempfile::tempdir().unwrap();
        let mut config = SiteConfig::default();
        let chosen = [
            (".py", "/srv/v/bin/python"),
            (".pl", "perl"),
            (".sh", "/my sh"),
        ];
        for (suffix, program) in chosen {
            let interpreters = &mut config.scripts.interpreters;
            interpreters.insert(suffix.to_owned(), program.into());
        }
        let first = |name: &str, template: &Template| {
            let path = make(site.path(), &config, template, name).unwrap();
            let text = fs::read_to_string(path).unwrap();
            text.lines().next().unwrap_or_default().to_owned()
        };
        assert_eq!(first("a.py", &TEMPLATES[0]), "#!/srv/v/bin/python");
        assert_eq!(first("a.pl", &TEMPLATES[10]), "#!/usr/bin/env perl");
        assert_eq!(first("a.sh", &TEMPLATES[9]), "#!/bin/sh");
        assert_eq!(first("deep/a.cgi", &TEMPLATES[0]), "#!/usr/bin/env python3");
    }

    #[test]
    fn nothing_is_written_over_or_outside_of_the_folder() {
        let site = tempfile::tempdir().unwrap();
        let config = SiteConfig::default();
        for name in ["", " ", "/tmp/x.py", "../x.py", "a/../../x.py", "a/", "."] {
            let made = make(site.path(), &config, &TEMPLATES[0], name);
            assert!(matches!(made, Err(TemplateError::Name { .. })), "{name:?}");
        }
        let path = make(site.path(), &config, &TEMPLATES[0], "a.py").unwrap();
        fs::write(&path, "mine").unwrap();
        let again = make(site.path(), &config, &TEMPLATES[1], "a.py");
        assert!(matches!(again, Err(TemplateError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }
}
