//! Recorded requests for other tools and for people: what the command line and the window write alike.

use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::exchange::{Exchange, ExchangeRow};
use cgi_engine::whole_file::{self, Before, Manner};
use cgi_engine::{bundle, export};

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Form {
    /// HTTP archive 1.2.
    #[default]
    Har,
    /// Everything, for programs.
    Json,
    /// A report for people.
    Markdown,
    /// A command that sends the same request.
    Curl,
    /// A command line that starts the script with the same environment and input.
    Shell,
    /// A file for editors' HTTP clients.
    Http,
    /// Everything in one file, to be imported again.
    Bundle,
    /// A file for each stream, byte by byte.
    Raw,
}

impl Form {
    /// All of them, in the order of the window.
    pub const ALL: [Self; 8] = [
        Self::Har,
        Self::Bundle,
        Self::Json,
        Self::Markdown,
        Self::Curl,
        Self::Shell,
        Self::Http,
        Self::Raw,
    ];

    /// A word or two.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Har => "HAR",
            Self::Bundle => "Bundle",
            Self::Json => "JSON",
            Self::Markdown => "Markdown",
            Self::Curl => "curl",
            Self::Shell => "Shell",
            Self::Http => ".http",
            Self::Raw => "Raw streams",
        }
    }

    /// What it is good for, in one sentence.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Har => {
                "An HTTP archive, for browsers and other inspectors; it can be imported again"
            }
            Self::Bundle => {
                "Everything in one file, for another CGI Studio: environment, output, sources and all"
            }
            Self::Json => "Everything that is recorded, for programs",
            Self::Markdown => {
                "A report for an issue or homework: what happened, why, and the evidence"
            }
            Self::Curl => "A command that sends the same request",
            Self::Shell => {
                "A command line that starts the script with the same environment and input"
            }
            Self::Http => "A request as editors' HTTP clients read it",
            Self::Raw => "A folder with a file for each stream, byte by byte",
        }
    }

    /// How the name of its file ends; nothing for a folder.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Har => ".har",
            Self::Bundle => ".cgiruns",
            Self::Json => ".json",
            Self::Markdown => ".md",
            Self::Curl | Self::Shell => ".sh",
            Self::Http => ".http",
            Self::Raw => "",
        }
    }
}

/// What a zip archive begins with.
const ZIP: &[u8] = b"PK\x03\x04";

/// How the name of a bundle ends, without the dot.
pub const BUNDLE: &str = "cgiruns";

/// One request, with what the user said of it where that is known.
pub type Item<'e> = (&'e Exchange, Option<&'e ExchangeRow>);

/// All of them in one text or file; `address` is where a request is sent, none: where it was served. Nothing is hidden here.
///
/// # Errors
/// A request that cannot be told in this form; it is named.
pub fn document(form: Form, items: &[Item<'_>], address: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let each = |one: &dyn Fn(&Exchange) -> Result<String, String>| {
        let texts: Result<Vec<String>, _> = items
            .iter()
            .map(|(exchange, _)| {
                one(exchange).map_err(|why| {
                    anyhow::anyhow!("request {} cannot be written: {why}", exchange.id)
                })
            })
            .collect();
        texts.map(|texts| texts.join("\n").into_bytes())
    };
    let address = |exchange: &Exchange| match (address, exchange.connection.synthetic) {
        (Some(address), _) => address.to_owned(),
        (None, false) => exchange.connection.local.to_string(),
        (None, true) => "127.0.0.1:8000".to_owned(),
    };
    match form {
        Form::Har => {
            let exchanges: Vec<&Exchange> = items.iter().map(|(exchange, _)| *exchange).collect();
            Ok(export::har(&exchanges)?.into_bytes())
        }
        Form::Bundle => {
            let exchanges: Vec<Arc<Exchange>> = items
                .iter()
                .map(|(exchange, _)| Arc::new((*exchange).clone()))
                .collect();
            let mut bytes = Vec::new();
            bundle::write(&exchanges, &mut bytes)?;
            Ok(bytes)
        }
        Form::Json => Ok(json(items)?.into_bytes()),
        Form::Markdown => each(&|exchange| Ok(export::markdown(exchange))),
        Form::Curl => each(&|exchange| {
            let command = export::curl(exchange, &address(exchange));
            command
                .map(|text| text + "\n")
                .map_err(|why| why.to_string())
        }),
        Form::Shell => {
            each(&|exchange| export::shell_script(exchange).map_err(|why| why.to_string()))
        }
        Form::Http => each(&|exchange| {
            export::http_file(exchange, &address(exchange)).ok_or_else(|| {
                "its head is malformed, or its body is no text or not whole".to_owned()
            })
        }),
        Form::Raw => anyhow::bail!("raw streams are files; they make no text"),
    }
}

/// One object, or an array of several.
fn json(items: &[Item<'_>]) -> anyhow::Result<String> {
    let objects: Result<Vec<String>, _> = items
        .iter()
        .map(|(exchange, row)| export::exchange_document(exchange, *row))
        .collect();
    let objects = objects?;
    Ok(match objects.as_slice() {
        [one] => one.clone(),
        several => {
            let several: Vec<&str> = several.iter().map(|text| text.trim_end()).collect();
            format!("[\n{}\n]\n", several.join(",\n"))
        }
    })
}

/// Requests from a file.
pub struct Incoming {
    /// What was recorded elsewhere.
    pub exchanges: Vec<Exchange>,
    /// The file and the program that wrote it, in words.
    pub from: String,
    /// What could not be taken, and why, each in one sentence.
    pub left_out: Vec<String>,
}

/// Reads a bundle or an HTTP archive; which it is, its first bytes say.
///
/// # Errors
/// The file cannot be read, or is neither.
pub fn read(file: &Path) -> anyhow::Result<Incoming> {
    let cannot = |error| anyhow::anyhow!("cannot read the file: {error}: {file:?}");
    let mut opened = std::fs::File::open(file).map_err(cannot)?;
    let name = file.file_name().unwrap_or(file.as_os_str());
    let name = name.to_string_lossy().into_owned();
    let mut begins = Vec::new();
    let start = (&mut opened)
        .take(ZIP.len() as u64)
        .read_to_end(&mut begins);
    start.and_then(|_| opened.rewind()).map_err(cannot)?;
    if begins == ZIP {
        return Ok(Incoming {
            exchanges: bundle::read(opened)?,
            from: name,
            left_out: Vec::new(),
        });
    }
    let bytes = opened.metadata().map_err(cannot)?.len();
    let most = export::HAR_BYTES;
    anyhow::ensure!(
        bytes <= most,
        "the file has {bytes} bytes; at most {most} are read: {file:?}"
    );
    let mut text = Vec::new();
    opened.take(most).read_to_end(&mut text).map_err(cannot)?;
    let read = export::read_har(&text)?;
    Ok(Incoming {
        exchanges: read.exchanges,
        from: match read.creator.is_empty() {
            true => name,
            false => format!("{name}, written by {}", read.creator),
        },
        left_out: read.left_out,
    })
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something else has that name.
    #[error("the file is there already: {path:?}")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot write: {source}: {path:?}")]
    System {
        /// Its reason.
        source: io::Error,
        /// The file or folder.
        path: PathBuf,
    },
}

/// Writes a file, which appears whole or not at all; `over` one that is there already only where that is wanted.
///
/// # Errors
/// See [`WriteError`].
pub fn write(file: &Path, bytes: &[u8], over: bool) -> Result<(), WriteError> {
    // A run may hold a password: who else may read it is for the user to say.
    let manner = match over {
        true => Manner::PRIVATE,
        false => Manner::PRIVATE.before(Before::Stays),
    };
    whole_file::write(file, bytes, manner).map_err(|source| {
        let path = file.to_owned();
        match source.kind() {
            io::ErrorKind::AlreadyExists => WriteError::Exists { path },
            _ => WriteError::System { source, path },
        }
    })
}

/// Writes the streams of one request as files into a folder, which is made; warnings tell what was not recorded.
///
/// # Errors
/// See [`WriteError`].
pub fn write_raw(
    exchange: &Exchange,
    folder: &Path,
    over: bool,
) -> Result<Vec<String>, WriteError> {
    std::fs::create_dir_all(folder).map_err(|source| WriteError::System {
        source,
        path: folder.to_owned(),
    })?;
    let mut warnings = Vec::new();
    for file in export::raw_files(exchange) {
        write(&folder.join(&file.name), &file.bytes, over)?;
        if file.cut_bytes > 0 {
            let (lacking, name) = (file.cut_bytes, &file.name);
            warnings.push(format!(
                "{lacking} bytes in the middle of {name} were not recorded"
            ));
        }
    }
    Ok(warnings)
}
