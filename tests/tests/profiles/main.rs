//! Every host profile against the live host: the same requests and the same outputs, and what the script and the
//! client see of them. Where the two are known to disagree, `disagreements.txt` says why; any other disagreement
//! fails, and so does a known one that no longer occurs.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod reply;
mod running;
mod vectors;
mod views;

use cgi_engine::cgi::profile::{HostBody, HostProfile, HostVerdict};
use cgi_engine::exchange::Exchange;
use cgi_tests::peers::{Configuration, Peer, PeerKind, Place};
use cgi_tests::{Client, TempSite, TestEngine};
use reply::Reply;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use vectors::{Vector, known, outputs, requests};

/// A request for one of the outputs.
fn request_for(output: &str) -> Vec<u8> {
    format!(
        "GET /cgi-bin/probe?out={output} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn site() -> TempSite {
    let site = TempSite::new(Path::new(env!("CARGO_BIN_EXE_cgi-child")));
    site.program(Path::new(env!("CARGO_BIN_EXE_host-probe")), "cgi-bin/probe");
    site.file("page.txt", "a page\n", 0o644);
    for output in outputs() {
        site.file(&format!("outputs/{}", output.name), output.bytes, 0o644);
    }
    site
}

/// As people set it up: the path split by nginx itself, so that no variable is named twice.
fn nginx(place: &Place) -> String {
    format!(
        r"location /cgi-bin/ {{
      gzip off;
      fastcgi_split_path_info ^(/cgi-bin/[^/]+)(/.*)?$;
      include /etc/nginx/fastcgi_params;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_param SCRIPT_FILENAME {folder}$fastcgi_script_name;
      fastcgi_pass unix:{socket};
    }}",
        folder = place.folder.display(),
        socket = place.fcgiwrap_socket().display()
    )
}

fn start(kind: PeerKind, folder: &Path) -> Peer {
    let peer = match kind {
        PeerKind::NginxFcgiwrap => Peer::start_with(kind, folder, &Configuration::Site(&nginx)),
        _ => Peer::start(kind, folder),
    };
    peer.unwrap()
}

/// Both sides of one comparison.
struct Comparison {
    profile: HostProfile,
    peer: SocketAddr,
    engine: TestEngine,
    /// The number of the engine's last exchange.
    last: u64,
}

impl Comparison {
    /// What the two disagree about, each in a line; nothing where they agree.
    fn compare(&mut self, request: &[u8]) -> Vec<String> {
        let to_head = request.starts_with(b"HEAD ");
        let there = Reply::read(&ask(self.peer, request), to_head);
        let here = Reply::read(&ask(self.engine.address(), request), to_head);
        self.last += 1;
        let exchange = self.engine.ended(self.last);
        let mut lines = Vec::new();
        if is_own_page(&exchange) {
            differ(&mut lines, "status", &there.code(), &here.code());
            differ(
                &mut lines,
                "location",
                &there.field("location"),
                &here.field("location"),
            );
            return lines;
        }
        differ(&mut lines, "status", &there.status, &here.status);
        differ(&mut lines, "fields", &there.fields, &here.fields);
        match (there.told(self.peer), here.told(self.engine.address())) {
            (Some(mut there), Some(mut here)) => {
                if self.profile.inherits() {
                    there.forget_inherited();
                    here.forget_inherited();
                }
                differ(&mut lines, "arguments", &there.arguments, &here.arguments);
                differ(&mut lines, "directory", &there.directory, &here.directory);
                differ(&mut lines, "stdin", &there.stdin, &here.stdin);
                let names = there.variables.keys().chain(here.variables.keys());
                let names: std::collections::BTreeSet<_> = names.collect();
                for name in names {
                    let (there, here) = (there.variables.get(name), here.variables.get(name));
                    differ(&mut lines, name, &there, &here);
                }
            }
            _ => differ(
                &mut lines,
                "body",
                &there.body.escape_ascii().to_string(),
                &here.body.escape_ascii().to_string(),
            ),
        }
        lines
    }
}

fn differ<T: PartialEq + std::fmt::Debug>(
    lines: &mut Vec<String>,
    what: &str,
    there: &T,
    here: &T,
) {
    if there != here {
        lines.push(format!("{what}: there {there:?}, here {here:?}"));
    }
}

/// The host writes a page of its own, so that only its status can be compared.
fn is_own_page(exchange: &Arc<Exchange>) -> bool {
    let verdict = exchange
        .invocation()
        .and_then(|run| run.as_host.as_ref()?.verdict.as_ref());
    let own =
        matches!(verdict, Some(HostVerdict::Answer(answer)) if answer.body == HostBody::OwnPage);
    own || exchange.request.refusal.is_some()
        || matches!(verdict, Some(HostVerdict::LocalRedirect { .. }))
}

fn ask(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut client = Client::connect(address);
    client.send(request);
    client.rest().0
}

fn check(kind: PeerKind, profile: HostProfile) {
    if !kind.is_here() {
        return;
    }
    let site = site();
    let peer = start(kind, &site.root());
    let engine = TestEngine::start(Path::new(env!("CARGO_BIN_EXE_cgi-child")), site);
    engine.engine.run_as(Some(profile));
    let mut comparison = Comparison {
        profile,
        peer: peer.address(),
        engine,
        last: 0,
    };
    let requests = requests()
        .into_iter()
        .map(|Vector { name, bytes }| (name, bytes));
    let outputs = outputs().into_iter().map(|Vector { name, .. }| {
        let request = request_for(&name);
        (format!("out:{name}"), request)
    });
    let mut known = known(profile.name());
    let mut report = String::new();
    for (name, request) in requests.chain(outputs) {
        let lines = comparison.compare(&request);
        match (known.remove(&name), lines.is_empty()) {
            (None, false) => {
                let _ = writeln!(report, "{name}:\n  {}", lines.join("\n  "));
            }
            (Some(known), true) if !known.sometimes => {
                let _ = writeln!(report, "{name}: no longer occurs: {}", known.reason);
            }
            _ => {}
        }
    }
    for name in known.keys() {
        let _ = writeln!(report, "{name}: there is no such vector");
    }
    assert!(
        report.is_empty(),
        "{profile} against {}:\n{report}",
        peer.version()
    );
}

#[test]
fn apache_is_as_its_profile_says() {
    check(PeerKind::Apache, HostProfile::Apache);
}

#[test]
fn lighttpd_is_as_its_profile_says() {
    check(PeerKind::Lighttpd, HostProfile::Lighttpd);
}

#[test]
fn nginx_with_fcgiwrap_is_as_its_profile_says() {
    check(PeerKind::NginxFcgiwrap, HostProfile::NginxFcgiwrap);
}

#[test]
fn cpython_is_as_its_profile_says() {
    check(PeerKind::Cpython, HostProfile::Cpython);
}

#[test]
fn go_is_as_its_profile_says() {
    check(PeerKind::Go, HostProfile::Go);
}

#[test]
fn busybox_is_as_its_profile_says() {
    check(PeerKind::Busybox, HostProfile::Busybox);
}
