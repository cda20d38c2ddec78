//! Apache httpd's configuration, read into ours.
//!
//! [`read()`] is the story: files to directives (`reader`), one virtual host of them (`host`), what
//! concerns the server (`server`), sections with their places (`collect`, `section`), `.htaccess`
//! (`access_file`), all of it laid over one another in httpd's order (`lay`), and the site's
//! configuration from that (`assemble`).
//!
//! Every directive leaves at least one note. A requirement that cannot be judged here counts as not
//! fulfilled, so that it closes rather than opens.

mod access;
mod access_file;
mod assemble;
mod collect;
mod compat;
mod condition;
mod environment;
mod glob;
mod handlers;
mod host;
mod include;
mod lay;
mod line;
mod meaning;
mod modules;
mod notes;
mod options;
mod paths;
mod reader;
mod region;
mod says;
mod section;
mod server;
mod tree;
mod variables;

use std::io;
use std::path::{Path, PathBuf};

use crate::convert::{Conversion, Grade, Note, ScopeSource};
use crate::site::{CONFIG_FILE_NAME, SiteConfig};

use collect::Sections;
use options::AllowOverride;
use paths::{Paths, normal};
use reader::Reader;
use region::Region;
use says::{Says, Section};
use server::Server;
use tree::Directive;

/// How to read what the files do not say themselves.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Where relative paths start. By default what ServerRoot says; before that the `apache2`
    /// folder of Debian in which the first file lies, or the first file's own folder.
    pub server_root: Option<PathBuf>,
    /// Variables as with `apache2 -D`, with their values.
    pub defines: Vec<(String, String)>,
    /// The virtual host that is meant, by its name; by default the first.
    pub host: Option<String>,
    /// The folder that `cgi-studio.toml` will lie in: paths in it become relative ones.
    pub site_folder: Option<PathBuf>,
}

/// Why nothing could be converted.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is missing, no regular file, or not ours to read.
    #[error("cannot read the configuration: {source}: {path:?}")]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is too long to be a configuration.
    #[error("the configuration is larger than {most_bytes} bytes: {path:?}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        most_bytes: u64,
    },
    /// The files include too many others.
    #[error("more than {most} files are included, the last one being {path:?}")]
    TooManyFiles {
        /// The limit.
        most: usize,
        /// The file that was one too many.
        path: PathBuf,
    },
    /// The files hold too many lines.
    #[error("more than {most} directives, in {path:?}")]
    TooManyDirectives {
        /// The limit.
        most: usize,
        /// The file with the one too many.
        path: PathBuf,
    },
    /// Sections and files lie too deep within one another.
    #[error("sections and included files nest more than {most} deep, in {path:?}")]
    TooDeep {
        /// The limit.
        most: usize,
        /// The file.
        path: PathBuf,
    },
    /// There are too many sections, or parts that they have in common, to lay over one another.
    #[error("more than {most} sections, or parts that they have in common, apply to one host")]
    TooManySections {
        /// The limit.
        most: usize,
    },
    /// No virtual host has the wanted name.
    #[error("no virtual host is called {host:?}; there are: {known}")]
    NoSuchHost {
        /// The wanted name.
        host: String,
        /// The names there are.
        known: String,
    },
}

/// Each is laid over all before it.
const MOST_SECTIONS: usize = 500;

/// Reads files of httpd, in this order, as though they were one configuration. A `.htaccess`, or a
/// folder that may have some in it, is read as in a folder with `AllowOverride All`.
pub fn read(files: &[PathBuf], options: &ReadOptions) -> Result<Conversion, ReadError> {
    let absolute: Vec<PathBuf> = files
        .iter()
        .map(|file| std::path::absolute(file).map_or_else(|_| file.clone(), |file| normal(&file)))
        .collect();
    let first = absolute.first().map_or(Path::new("/"), PathBuf::as_path);
    let mut reader = Reader::new(first, options);
    let mut tree = Vec::new();
    let mut folders = Vec::new();
    for file in &absolute {
        match folder_of_access_files(file) {
            Some(folder) => folders.push(folder.to_owned()),
            None => tree.extend(reader.read(file)?),
        }
    }
    let site_folder = options.site_folder.as_deref();
    let paths = Paths {
        server_root: reader.server_root.clone(),
        site_folder: site_folder
            .and_then(|folder| std::path::absolute(folder).ok())
            .map(|folder| normal(&folder)),
    };
    convert(&tree, &folders, reader, &paths, options)
}

/// The folder that is meant by a `.htaccess`, or by a folder.
fn folder_of_access_files(file: &Path) -> Option<&Path> {
    if file.is_dir() {
        return Some(file);
    }
    (file.file_name()? == ".htaccess")
        .then(|| file.parent())
        .flatten()
}

fn convert(
    tree: &[Directive],
    folders: &[PathBuf],
    mut reader: Reader,
    paths: &Paths,
    options: &ReadOptions,
) -> Result<Conversion, ReadError> {
    let chosen = host::choose(tree, options.host.as_deref(), &mut reader.notes)?;
    let mut sections = Sections::default();
    let main = layer(&chosen.main, &mut sections, &mut reader, paths);
    let host = layer(&chosen.host, &mut sections, &mut reader, paths);
    let mut server = host.lay_over(main);
    server.aliases.append(&mut sections.aliases);
    if server.document_root.is_none() {
        server.document_root = folders.first().cloned();
    }
    sections
        .folders
        .extend(folders.iter().map(|folder| open_folder(folder)));
    let places = assemble::places(&server, paths, &mut reader.notes);
    for script_folder in places.script_folders(&server) {
        sections.add_script_folder(script_folder);
    }
    sections.locations.splice(0..0, places.script_urls(&server));
    access_files(
        &places.folders(folders),
        &server,
        &mut sections,
        &mut reader,
        paths,
    )?;
    let sections = sections.in_order();
    if sections.len() > MOST_SECTIONS {
        return Err(ReadError::TooManySections {
            most: MOST_SECTIONS,
        });
    }
    let laid = lay::lay(&sections, &places.urls, paths)?;
    let mut conversion = assemble::conversion(server, places, laid, &sections, reader.notes, paths);
    if let (Some(folder), true, true) = (
        folders.first(),
        tree.is_empty(),
        conversion.notes.is_empty(),
    ) {
        let remark = format!("No directive was found in a .htaccess in {folder:?} or beneath.");
        conversion.remarks.insert(0, remark);
    }
    Ok(read_back(conversion, paths))
}

/// What is written must be what is read: a setting that our own reader would refuse is told here and not at the
/// next start.
fn read_back(mut conversion: Conversion, paths: &Paths) -> Conversion {
    let folder = paths.site_folder.as_deref().unwrap_or(Path::new("/"));
    let (_, problems) = SiteConfig::parse(folder, &conversion.to_toml());
    conversion
        .notes
        .extend(problems.into_iter().map(|problem| Note {
            directive: problem.key.unwrap_or_else(|| CONFIG_FILE_NAME.to_owned()),
            file: PathBuf::from(CONFIG_FILE_NAME),
            line: problem.line,
            grade: Grade::NotTaken,
            matters: true,
            meaning: format!(
                "the setting that this configuration comes to cannot be used: {}",
                problem.message
            ),
        }));
    conversion
}

/// What stands directly in the server, or in a virtual host.
fn layer(
    directives: &[&Directive],
    sections: &mut Sections,
    reader: &mut Reader,
    paths: &Paths,
) -> Server {
    let mut server = Server::default();
    let mut says = Says::default();
    let notes = &mut reader.notes;
    for other in section::read(directives.iter().copied(), paths, &mut says, notes) {
        if !server.take(other, paths, notes) {
            sections.take(other, paths, notes);
        }
    }
    sections.base.push(Section {
        source: ScopeSource {
            file: directives
                .first()
                .map(|first| first.place.file.to_path_buf())
                .unwrap_or_default(),
            line: 0,
            section: String::new(),
        },
        region: Region::default(),
        says,
    });
    server
}

/// The folder of a `.htaccess` that was named by itself.
fn open_folder(folder: &Path) -> (usize, Section) {
    let section = Section {
        source: ScopeSource {
            file: folder.to_owned(),
            line: 0,
            section: "AllowOverride All".to_owned(),
        },
        region: Region::of(crate::site::Place::Folder(folder.to_owned())),
        says: Says {
            allow_override: Some(AllowOverride::all()),
            ..Says::default()
        },
    };
    (collect::names_in(folder), section)
}

fn access_files(
    roots: &[PathBuf],
    server: &Server,
    sections: &mut Sections,
    reader: &mut Reader,
    paths: &Paths,
) -> Result<(), ReadError> {
    let default = vec![".htaccess".to_owned()];
    let names = server.access_files.as_ref().unwrap_or(&default);
    let found = access_file::find(roots, names);
    if found.stopped
        && let Some(root) = roots.first()
    {
        let meaning =
            "there are too many folders, or too deep ones, to look for .htaccess in all of them";
        reader.notes.add_file(root, meaning.to_owned());
    }
    for (folder, file) in &found.files {
        access_file::take(folder, file, reader, paths, sections)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
