//! The arguments, as clap reads them.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::convert::Host;
use cgi_engine::diagnosis::RuleCode;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::header::Header;
use super::listen;
use super::recorded::{
    ExportArguments, ImportArguments, LogArguments, ReplayArguments, ShowArguments,
};

const EXIT_CODES: &str = "\
Exit codes: 0 fine, 1 findings or a failed script, 2 usage or our own failure.
A folder named like a command is opened as ./serve. NO_COLOR is obeyed.";

/// Run, see and understand CGI scripts; a FOLDER is served and shown in a window.
#[derive(Parser, Debug)]
#[command(
    name = "cgi-studio",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 80,
    override_usage = "cgi-studio [FOLDER | --example NAME | COMMAND]",
    after_help = EXIT_CODES
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) open: OpenArguments,
}

/// What the window opens.
#[derive(Args, Debug, Default)]
pub(crate) struct OpenArguments {
    /// Folder to serve and to open in the window
    #[arg(value_name = "FOLDER", conflicts_with = "example", hide = true)]
    pub(crate) folder: Option<PathBuf>,
    /// Print the limits of the server and how it reads paths
    #[arg(long, conflicts_with_all = ["folder", "example"])]
    pub(crate) limits: bool,
    /// Open an example: hello, environment, form, upload, …
    #[arg(long, value_name = "NAME")]
    pub(crate) example: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Serve a folder without a window, a line for each request
    Serve(ServeArguments),
    /// Run one script once, without a socket, and print the whole chain
    Run(RunArguments),
    /// Send the saved requests of a site and check what they expect
    Test(TestArguments),
    /// List what was recorded of a folder, the newest last
    Log(LogArguments),
    /// Print all that was recorded of one request
    Show(ShowArguments),
    /// Send a recorded request again, without a socket
    Replay(ReplayArguments),
    /// Write recorded requests for other tools and for people
    Export(ExportArguments),
    /// Take requests from a file into what is recorded of a folder
    Import(ImportArguments),
    /// Tell what is wrong with the scripts of a folder; runs none
    Check(CheckArguments),
    /// Tell which interpreters are here, and choose one for a folder
    Interpreters(InterpretersArguments),
    /// Show what can be mended in the scripts of a folder, and do it
    Fix(FixArguments),
    /// Tell what a site will do differently on another host
    Deploy(DeployArguments),
    /// Turn Apache's configuration into ours, or the other way
    Convert(ConvertArguments),
}

/// Serve a folder without a window.
#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// Folder to serve
    pub(crate) folder: PathBuf,
    /// Address to listen on, port 0 for any free one [default: server.listen in
    /// cgi-studio.toml, else the first free port from 127.0.0.1:8000 on]
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen::parse)]
    pub(crate) listen: Option<SocketAddr>,
    /// Host to run scripts as: apache, lighttpd, nginx-fcgiwrap, cpython, go or busybox;
    /// what differs from RFC 3875 is shown
    #[arg(long = "as", value_name = "HOST", value_parser = parse_profile)]
    pub(crate) profile: Option<HostProfile>,
    /// Pages in the browser reload after a save: they get a small script
    #[arg(long)]
    pub(crate) reload: bool,
}

/// Run one script once.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// Script to run
    pub(crate) script: PathBuf,
    /// Request method [default: GET, with a body POST]
    #[arg(long, value_parser = super::header::parse_method)]
    pub(crate) method: Option<String>,
    /// Extra path after the script's name, as the script is to see it
    #[arg(long, value_name = "PATH")]
    pub(crate) path_info: Option<OsString>,
    /// What stands after the question mark, encoded as in a URL
    #[arg(long)]
    pub(crate) query: Option<OsString>,
    /// Header field to send; may be given more than once
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = OsStringValueParser::new().try_map(|text| Header::parse(&text)))]
    pub(crate) headers: Vec<Header>,
    /// Request body: the text itself, @FILE for a file's bytes, or - for standard
    /// input; it is sent as form data unless a header names its type
    #[arg(long, value_name = "TEXT|@FILE|-")]
    pub(crate) body: Option<OsString>,
    /// Host to run it as: apache, lighttpd, nginx-fcgiwrap, cpython, go or busybox;
    /// what differs from RFC 3875 is shown
    #[arg(long = "as", value_name = "HOST", value_parser = parse_profile)]
    pub(crate) profile: Option<HostProfile>,
}

/// Send the requests that are saved in a site's requests/ and check what they expect; the guide's
/// page "Saved requests" tells how they are written.
#[derive(Args, Debug)]
pub(crate) struct TestArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Requests to send: names of files in requests/, or of requests in them [default: all]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Text for people, JUnit XML or JSON for programs
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub(crate) format: TestFormat,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How the outcome of saved requests is printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestFormat {
    Text,
    Junit,
    Json,
}

/// Tell what is wrong with the scripts of a folder, without running any.
#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Text for people, JSON for programs, or SARIF for editors and code hosts
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(crate) format: CheckFormat,
}

/// Show what can be mended for certain in the scripts of a folder, as diffs; nothing is changed
/// without --apply. What the last recorded run of a script showed is mended, too.
#[derive(Args, Debug)]
pub(crate) struct FixArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Script to mend: its path, or its name if no other has it [default: all]
    pub(crate) script: Option<PathBuf>,
    /// Only what mends this finding, such as CGI003
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub(crate) code: Option<RuleCode>,
    /// Make the changes; each can be taken back
    #[arg(long)]
    pub(crate) apply: bool,
    /// Take the last change back
    #[arg(long, conflicts_with_all = ["apply", "code"])]
    pub(crate) undo: bool,
}

/// A finding's code: `CGI003`, or its number.
fn parse_code(text: &str) -> Result<RuleCode, String> {
    let digits = text.strip_prefix("CGI").unwrap_or(text);
    let number = digits.parse().ok().map(RuleCode);
    let known = number.filter(|code| cgi_engine::diagnosis::rules::rule(*code).is_some());
    known.ok_or_else(|| "no such finding; codes look like CGI003".to_owned())
}

/// How findings are printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckFormat {
    // Doc comments here would stretch the whole page of `--help`.
    Text,
    Json,
    Sarif,
}

/// Tell which interpreters this computer has, or choose one for the scripts of a site.
#[derive(Args, Debug)]
pub(crate) struct InterpretersArguments {
    /// Folder of the site: tells what of its imports each lacks
    pub(crate) folder: Option<PathBuf>,
    /// Let this interpreter run the site's scripts, whatever their first line says
    #[arg(long = "use", value_name = "FILE", requires = "folder")]
    pub(crate) choose: Option<PathBuf>,
    /// Suffix of the scripts that it is to run
    #[arg(long, value_name = "SUFFIX", default_value = ".py", value_parser = parse_suffix)]
    pub(crate) suffix: String,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn parse_suffix(text: &str) -> Result<String, String> {
    match text.strip_prefix('.') {
        Some(rest) if !rest.is_empty() && !rest.contains('/') => Ok(text.to_owned()),
        _ => Err("a suffix begins with a dot, as .py".to_owned()),
    }
}

/// Tell what a site will do differently on another host.
#[derive(Args, Debug)]
pub(crate) struct DeployArguments {
    /// Folder of the site
    pub(crate) folder: PathBuf,
    /// Host it is to go to: apache, lighttpd, nginx (with fcgiwrap) or caddy
    #[arg(long, value_name = "HOST", value_parser = parse_host)]
    pub(crate) to: Host,
    /// Also tell what nothing in this site shows to matter
    #[arg(long)]
    pub(crate) all: bool,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Turn configuration of Apache into a cgi-studio.toml, or with --to write configuration of
/// another host for a site; what was not taken is told on standard error.
#[derive(Args, Debug)]
pub(crate) struct ConvertArguments {
    /// Files of Apache httpd, read in this order, or a .htaccess, or a folder with some in it;
    /// with --to the folder of a site
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write to this file instead of standard output; paths in it become relative to its folder
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there already
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Variable for <IfDefine> and ${NAME}, as apache2 -D; may be given more than once
    #[arg(long = "define", value_name = "NAME[=VALUE]", value_parser = parse_define)]
    pub(crate) defines: Vec<(String, String)>,
    /// Folder where relative paths start [default: ServerRoot, /etc/apache2 for files in it, else
    /// the first file's folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) server_root: Option<PathBuf>,
    /// Virtual host to take, by its ServerName or ServerAlias [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Where a site is to be served.
#[derive(Args, Debug)]
pub(crate) struct TargetArguments {
    /// Write configuration of this host: apache, lighttpd, nginx (with fcgiwrap) or caddy
    #[arg(long, value_name = "HOST", value_parser = parse_host, conflicts_with_all = ["defines", "server_root", "host"])]
    pub(crate) to: Option<Host>,
    /// Folder of the site on the other computer [default: where it is here]
    #[arg(long, value_name = "DIR", requires = "to")]
    pub(crate) root: Option<PathBuf>,
    /// Name of the site, as in http://NAME/
    #[arg(long, value_name = "NAME", requires = "to")]
    pub(crate) server_name: Option<String>,
    /// Address to listen on [default: all]
    #[arg(long, requires = "to")]
    pub(crate) address: Option<IpAddr>,
    /// Port to listen on [default: 80]
    #[arg(long, requires = "to")]
    pub(crate) port: Option<u16>,
    /// Socket of fcgiwrap, for nginx [default: /run/fcgiwrap.socket]
    #[arg(long, value_name = "FILE", requires = "to")]
    pub(crate) fcgiwrap_socket: Option<PathBuf>,
}

fn parse_define(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    if name.is_empty() {
        return Err("a name is wanted before the equals sign".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// How a report is printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    // Doc comments here would stretch the whole page of `--help`.
    Text,
    Json,
}

fn parse_host(name: &str) -> Result<Host, String> {
    Host::parse(name).ok_or_else(|| {
        let names = Host::ALL.map(Host::name).join(", ");
        format!("unknown host; there are {names}")
    })
}

/// The host of that name.
pub(super) fn parse_profile(name: &str) -> Result<HostProfile, String> {
    HostProfile::parse(name)
        .ok_or_else(|| format!("no such host; there are {}", HostProfile::names()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_folder_and_an_example_exclude_each_other() {
        assert!(parse("cgi-studio site").unwrap().open.folder.is_some());
        assert!(
            parse("cgi-studio --example form")
                .unwrap()
                .open
                .example
                .is_some()
        );
        assert!(parse("cgi-studio site --example form").is_err());
        assert!(parse("cgi-studio --example form serve x").is_err());
    }

    #[test]
    fn a_folder_named_like_a_command_can_be_opened() {
        let opened = parse("cgi-studio ./serve").unwrap();
        assert_eq!(opened.open.folder, Some("./serve".into()));
        assert!(parse("cgi-studio serve").is_err());
    }

    #[test]
    fn headers_may_be_given_more_than_once() {
        let Some(Command::Run(run)) = parse("cgi-studio run a.py --header A:1 --header B:2")
            .unwrap()
            .command
        else {
            panic!("not run");
        };
        assert_eq!(run.headers.len(), 2);
    }
}
