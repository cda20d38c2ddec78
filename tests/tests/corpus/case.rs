//! One script with one request: put into a site of its own, looked at, run, and told of.

use crate::child;
use crate::interpreters::find;
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::diagnosis::{self, Finding, Severity};
use cgi_engine::exchange::Exchange;
use cgi_engine::history::HistoryLimits;
use cgi_engine::process::Spawner;
use cgi_engine::site::config::SiteConfig;
use cgi_engine::site::script::ScriptFacts;
use cgi_engine::{Engine, EngineOptions, Listen};
use cgi_tests::{TempSite, eventually_some, start_spawner};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is asked of a script.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Request {
    pub(crate) method: Option<String>,
    /// The whole path instead of the script's.
    pub(crate) target: Option<String>,
    pub(crate) path_info: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Option<String>,
    /// So many bytes of `x` as body.
    pub(crate) body_bytes: usize,
    /// The host that the run is made as.
    pub(crate) host: Option<String>,
}

impl Request {
    fn bytes(&self, script: &str) -> Vec<u8> {
        let body = match &self.body {
            Some(body) => body.clone().into_bytes(),
            None => vec![b'x'; self.body_bytes],
        };
        let method = self
            .method
            .as_deref()
            .unwrap_or(if body.is_empty() { "GET" } else { "POST" });
        let mut target = self
            .target
            .clone()
            .unwrap_or_else(|| format!("/{script}{}", self.path_info));
        if let Some(query) = &self.query {
            let _ = write!(target, "?{query}");
        }
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost:8000\r\n");
        if !body.is_empty() || self.body.is_some() {
            let _ = write!(head, "Content-Length: {}\r\n", body.len());
            if !self
                .headers
                .iter()
                .any(|field| field.to_ascii_lowercase().starts_with("content-type"))
            {
                head.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            }
        }
        for field in &self.headers {
            let _ = write!(head, "{field}\r\n");
        }
        head.push_str("\r\n");
        [head.into_bytes(), body].concat()
    }
}

/// A site for one script.
pub(crate) struct Place<'a> {
    /// Its path in the site.
    pub(crate) script: &'a str,
    pub(crate) source: &'a [u8],
    pub(crate) mode: u32,
    pub(crate) config: &'a str,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Programs that have to be there; the first of them with a version is the Python of the site.
    pub(crate) needs: &'a [String],
}

/// What was found.
pub(crate) struct Told {
    pub(crate) before: Vec<Finding>,
    pub(crate) after: Vec<Finding>,
    pub(crate) exchange: Arc<Exchange>,
}

impl Place<'_> {
    /// A program that it needs and that is not here.
    pub(crate) fn missing(&self) -> Option<String> {
        self.needs
            .iter()
            .find(|needs| find(needs).is_none())
            .cloned()
    }

    /// Runs it for each request. The spawner's program is the obedient child.
    pub(crate) fn run(&self, requests: &[Request]) -> Vec<Told> {
        let (site, path) = self.written();
        self.run_in(&site, &path, requests)
    }

    /// The site on disk, and the script in it.
    pub(crate) fn written(&self) -> (TempSite, PathBuf) {
        let site = TempSite::configured(child(), &self.configuration());
        for (name, content) in &self.files {
            site.file(name, content, 0o644);
        }
        let path = site.file(self.script, self.source, self.mode);
        (site, path)
    }

    /// Runs what lies in the site now.
    pub(crate) fn run_in(&self, site: &TempSite, path: &Path, requests: &[Request]) -> Vec<Told> {
        let folder = site.root();
        let (config, problems) = SiteConfig::read(&folder);
        assert!(problems.is_empty(), "{}: {problems:?}", self.script);
        let facts = ScriptFacts::read(path, &config);
        let before = diagnosis::before_run(&facts);
        let engine = start(&folder);
        let told = requests.iter().map(|request| {
            let profile = request.host.as_deref().map(profile);
            let (id, _) = engine.submit_as(request.bytes(self.script), profile);
            let id = id.expect("a record");
            let exchange = eventually_some("the exchange ends", || match engine.find(id) {
                cgi_engine::history::Found::Exchange(exchange) => {
                    exchange.end.is_some().then_some(exchange)
                }
                _ => None,
            });
            Told {
                before: before.clone(),
                after: diagnosis::after_run(&exchange),
                exchange,
            }
        });
        let told = told.collect();
        engine.shut_down();
        told
    }

    /// The case's own, with a PATH on which the right Python comes first.
    fn configuration(&self) -> String {
        let python = self
            .needs
            .iter()
            .find(|needs| needs.starts_with("python3"))
            .and_then(|needs| find(needs));
        let folder = python
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_path_buf);
        let folders: Vec<PathBuf> = folder
            .into_iter()
            .chain(["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from))
            .collect();
        let path = std::env::join_paths(folders).unwrap();
        if self.config.contains("[environment]") {
            return self.config.to_owned();
        }
        format!(
            "{}\n[environment]\nPATH = {:?}\n",
            self.config,
            path.to_str().unwrap()
        )
    }
}

fn start(folder: &Path) -> Engine {
    let options = EngineOptions {
        folder: folder.to_owned(),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: cgi_engine::history::store::Recording::Memory,
    };
    let spawner: Spawner = start_spawner(child());
    Engine::start(spawner, &options).unwrap()
}

fn profile(name: &str) -> HostProfile {
    HostProfile::ALL
        .into_iter()
        .find(|profile| profile.name() == name)
        .unwrap_or_else(|| panic!("no host {name}"))
}

/// The finding that a row shows: the first that is no note.
pub(crate) fn headline(findings: &[Finding]) -> Option<&Finding> {
    findings
        .iter()
        .find(|finding| finding.severity != Severity::Note)
}

/// The findings in words, for a case that failed.
pub(crate) fn in_words(told: &Told) -> String {
    let mut text = String::new();
    for (when, findings) in [("before", &told.before), ("after", &told.after)] {
        for finding in findings {
            let line = line_of(finding).map_or_else(String::new, |line| format!(", line {line}"));
            let _ = writeln!(
                text,
                "    {when}: {} {}{line}: {}",
                finding.code, finding.severity, finding.title
            );
        }
    }
    for run in &told.exchange.invocations {
        let stream =
            |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned();
        let _ = writeln!(
            text,
            "    {:?}\n    stdout: {:?}\n    stderr: {:?}",
            run.exit,
            stream(&run.stdout.head()),
            stream(&run.stderr.head())
        );
    }
    text
}

/// The line of the script, or else the line of the output that is marked.
pub(crate) fn line_of(finding: &Finding) -> Option<u32> {
    let marked = || {
        let evidence = finding.evidence.as_ref()?;
        evidence
            .lines
            .iter()
            .find(|line| line.note.is_some())
            .map(|line| line.number)
    };
    finding
        .place
        .as_ref()
        .map(|(_, line)| *line)
        .or_else(marked)
}
