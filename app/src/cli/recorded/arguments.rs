//! The arguments of the commands about recorded requests.

use std::path::PathBuf;

use cgi_engine::cgi::profile::HostProfile;
use clap::{Args, ValueEnum};

use super::wanted::Wanted;
use crate::cli::arguments::{Format, parse_profile};
use crate::hand_on::Form;

/// List recorded requests, the newest last.
#[derive(Args, Debug)]
pub(crate) struct LogArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Which requests, in the language of the window's filter: status:5xx script:form.py
    #[arg(value_name = "FILTER", num_args = 0.., allow_hyphen_values = false)]
    pub(crate) filter: Vec<String>,
    /// Text for people, or a JSON object a line for programs
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) format: LogFormat,
    /// How many at most, the newest; 0 for all [default: 100]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Go on with those that come, until Ctrl-C
    #[arg(long)]
    pub(crate) follow: bool,
}

/// How the log is printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Jsonl,
}

/// Print all that was recorded of one request; nothing is hidden.
#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Number of the request, or last, or last-failed
    #[arg(value_name = "ID", value_parser = Wanted::parse_one)]
    pub(crate) id: Wanted,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Send a recorded request again, without a socket, and print the whole chain.
#[derive(Args, Debug)]
pub(crate) struct ReplayArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Number of the request, or last, or last-failed
    #[arg(value_name = "ID", value_parser = Wanted::parse_one)]
    pub(crate) id: Wanted,
    /// Host to run it as: apache, lighttpd, nginx-fcgiwrap, cpython, go or busybox
    #[arg(long = "as", value_name = "HOST", value_parser = parse_profile)]
    pub(crate) profile: Option<HostProfile>,
    /// Run the scripts as they were then, from temporary copies
    #[arg(long, conflicts_with = "profile")]
    pub(crate) with_source: bool,
}

/// Write recorded requests for other tools and for people. Secrets (logins, cookies, passwords,
/// keys) become asterisks, and standard error says which.
#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Numbers of requests, ranges as 3-7, last, or last-failed
    #[arg(value_name = "ID", required = true, value_parser = Wanted::parse)]
    pub(crate) ids: Vec<Wanted>,
    /// What to write
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// Write to this file instead of standard output; for raw, the folder to write into
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over files that are there already
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Hide secrets; this is the rule
    #[arg(long, conflicts_with = "no_redact")]
    pub(crate) redact: bool,
    /// Leave secrets readable
    #[arg(long)]
    pub(crate) no_redact: bool,
    /// Three asterisks for any secret, so that its length is hidden too
    #[arg(long, conflicts_with = "no_redact")]
    pub(crate) hide_lengths: bool,
    /// Where curl and .http are to send it [default: where it was served]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) address: Option<String>,
}

/// What `export` writes.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    /// HTTP archive 1.2, for browsers and inspectors
    Har,
    /// All in one file, for another CGI Studio
    Bundle,
    /// Command that sends the same request
    Curl,
    /// Command line that starts the script with the same environment and input
    Shell,
    /// .http file, for editors
    Http,
    /// Report in Markdown, for an issue or homework
    Markdown,
    /// Everything, for programs
    Json,
    /// A file for each stream, byte by byte
    Raw,
}

impl ExportFormat {
    /// The form of the text; none where files are written.
    pub(super) fn form(self) -> Option<Form> {
        Some(match self {
            Self::Har => Form::Har,
            Self::Bundle => Form::Bundle,
            Self::Curl => Form::Curl,
            Self::Shell => Form::Shell,
            Self::Http => Form::Http,
            Self::Markdown => Form::Markdown,
            Self::Json => Form::Json,
            Self::Raw => return None,
        })
    }
}

/// Take requests from a file into what is recorded of a folder.
#[derive(Args, Debug)]
pub(crate) struct ImportArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Bundle, or HTTP archive (HAR)
    pub(crate) file: PathBuf,
}
