//! Asks hosts for what RFC 3875 demands and prints the table.

use anyhow::{Context as _, bail};
use cgi_engine::process::serve_if_spawner;
use cgi_tests::conformance::{
    Asking, Host, InstalledSite, Level, MEMBERS, Ours, PASSWORD, Requirement, Run, Suite, Table,
    USER, run,
};
use cgi_tests::peers::{Peer, PeerKind};
use clap::{Parser, ValueEnum};
use std::env;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Asks CGI hosts for what RFC 3875 demands: by default our engine and every other host that is installed.
#[derive(Parser)]
#[command(name = "conformance")]
struct Arguments {
    /// A host that serves the suite's folder, as NAME=http://HOST:PORT (see --site)
    #[arg(long = "url", value_name = "NAME=URL")]
    urls: Vec<String>,
    /// Our engine
    #[arg(long)]
    ours: bool,
    /// The other hosts that are installed here, started live
    #[arg(long)]
    peers: bool,
    /// One of the other hosts: apache, lighttpd, nginx-fcgiwrap, cpython, busybox, go
    #[arg(long = "peer", value_name = "NAME")]
    peer: Vec<String>,
    /// Only the cases whose names begin so, such as b22
    #[arg(long = "case", value_name = "BEGINNING", default_value = "")]
    beginning: String,
    /// How the table is printed
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// For each failure what was sent and what came
    #[arg(long)]
    verbose: bool,
    /// Seconds that a case may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    patience: u64,
    /// Cases asked at once
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    jobs: usize,
    /// How often each case is asked; the worst outcome counts
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    times: usize,
    /// Writes the folder that a host has to serve, and says how; asks nobody
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Markdown,
}

fn main() -> ExitCode {
    serve_if_spawner();
    match tell(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

/// True when ours, and the hosts given by URL, break no MUST.
fn tell(arguments: &Arguments) -> anyhow::Result<bool> {
    let mut suite = Suite::load(&Suite::folder())?;
    if let Some(folder) = &arguments.site {
        write_site(&suite, folder)?;
        return Ok(true);
    }
    // Scripts of all cases are written; only some may be asked for.
    let all = suite.clone();
    suite.keep(&arguments.beginning);
    if suite.cases.is_empty() {
        bail!("no case begins so: {:?}", arguments.beginning);
    }
    let asking = Asking {
        patience: Duration::from_secs(arguments.patience),
        at_once: arguments.jobs,
        times: arguments.times,
    };
    let ask = |host: &Host| run(host, &suite, asking);
    let named = arguments.ours
        || !arguments.urls.is_empty()
        || !arguments.peer.is_empty()
        || arguments.peers;
    let mut runs = Vec::new();
    if arguments.ours || !named {
        let spawner = env::current_exe().context("cannot find this program")?;
        runs.push(ask(Ours::start(&all, &spawner)?.host()));
    }
    let mut broken = runs.iter().any(breaks_a_must);
    if arguments.peers || !named || !arguments.peer.is_empty() {
        runs.extend(ask_peers(arguments, &all, &ask)?);
    }
    for url in &arguments.urls {
        let host = Host::parse(url)?;
        TcpStream::connect(host.address).with_context(|| format!("cannot ask {}", host.name))?;
        let run = ask(&host);
        broken |= breaks_a_must(&run);
        runs.push(run);
    }
    print(arguments, &runs)?;
    Ok(!broken)
}

fn breaks_a_must(run: &Run) -> bool {
    run.failures(Level::Must).next().is_some()
}

fn ask_peers(
    arguments: &Arguments,
    suite: &Suite,
    ask: &dyn Fn(&Host) -> Run,
) -> anyhow::Result<Vec<Run>> {
    for name in &arguments.peer {
        if !PeerKind::ALL.iter().any(|kind| kind.name() == name) {
            bail!("no such host: {name:?}");
        }
    }
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let site = InstalledSite::write(suite, folder.path()).context("cannot write the site")?;
    let mut runs = Vec::new();
    for kind in PeerKind::ALL {
        let wanted =
            arguments.peer.is_empty() || arguments.peer.iter().any(|name| name == kind.name());
        if !wanted {
            continue;
        }
        match Host::start_peer(kind, &site) {
            Ok(peer) => runs.push(ask_peer(&peer, &site, ask)),
            Err(error) if error.is_not_installed() => eprintln!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(runs)
}

fn ask_peer(peer: &Peer, site: &InstalledSite, ask: &dyn Fn(&Host) -> Run) -> Run {
    ask(&Host::of_peer(peer, site))
}

fn print(arguments: &Arguments, runs: &[Run]) -> anyhow::Result<()> {
    let requirements = Requirement::all()?;
    let table = Table::new(&requirements, runs);
    let text = match arguments.format {
        Format::Text => table.text(arguments.verbose),
        Format::Markdown => table.markdown(&jiff::Zoned::now().date().to_string()),
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn write_site(suite: &Suite, folder: &Path) -> anyhow::Result<()> {
    let site = InstalledSite::write(suite, folder).context("cannot write the site")?;
    let (www, users) = (site.folder.display(), site.user_file.display());
    println!(
        "Serve {www} as \"/\", with every file beneath {www}/cgi-bin as a CGI script under /cgi-bin/.
Let {MEMBERS} ask for a user by Basic authentication: {USER:?} with the password {PASSWORD:?} (file: {users}).
The names example.org and other.example have to lead to this site too, whatever the client asks for.
Then: cargo run -p cgi-tests --bin conformance -- --url NAME=http://HOST:PORT"
    );
    Ok(())
}
