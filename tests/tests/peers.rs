//! The live peers: each serves a folder, says its version, and leaves nothing behind.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

use cgi_tests::peers::{Configuration, Peer, PeerError, PeerKind};
use cgi_tests::{Client, TempSite, eventually};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const HELLO: &str =
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello from %s\\n' \"$SCRIPT_NAME\"\n";

fn site() -> TempSite {
    let site = TempSite::new(Path::new(env!("CARGO_BIN_EXE_cgi-child")));
    site.script("hello.sh", HELLO);
    site
}

/// All bytes of the answer: some hosts pass a script's head on as it is, line ends and all.
fn get(address: SocketAddr, target: &str) -> String {
    let mut client = Client::connect(address);
    client.send(format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    ));
    let (answer, _) = client.rest();
    String::from_utf8_lossy(&answer).into_owned()
}

#[track_caller]
fn check(kind: PeerKind) {
    if !kind.is_here() {
        return;
    }
    let site = site();
    let peer = Peer::start(kind, &site.root()).unwrap();
    let answer = get(peer.address(), "/cgi-bin/hello.sh");
    assert!(answer.contains(" 200 "), "{answer}{}", peer.log());
    assert!(
        answer.contains("\nhello from /cgi-bin/hello.sh\n"),
        "{answer}"
    );
    let version = peer.version();
    assert!(
        version.bytes().any(|byte| byte.is_ascii_digit()),
        "{version}"
    );
    assert!(
        !version.contains(['\n', '(']) || version.ends_with(')'),
        "{version}"
    );

    let address = peer.address();
    drop(peer);
    assert!(TcpStream::connect(address).is_err(), "{kind} still listens");
}

#[test]
fn apache_serves_and_stops() {
    check(PeerKind::Apache);
}

#[test]
fn lighttpd_serves_and_stops() {
    check(PeerKind::Lighttpd);
}

#[test]
fn nginx_with_fcgiwrap_serves_and_stops() {
    check(PeerKind::NginxFcgiwrap);
}

#[test]
fn cpython_serves_and_stops() {
    check(PeerKind::Cpython);
}

#[test]
fn busybox_serves_and_stops() {
    check(PeerKind::Busybox);
}

#[test]
fn go_serves_and_stops() {
    check(PeerKind::Go);
}

#[test]
fn a_test_that_panics_stops_its_peer() {
    if !PeerKind::Busybox.is_here() {
        return;
    }
    let site = site();
    let mut address = None;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let peer = Peer::start(PeerKind::Busybox, &site.root()).unwrap();
        address = Some(peer.address());
        panic!("on purpose");
    }));
    assert!(outcome.is_err());
    eventually("the peer is gone", || {
        TcpStream::connect(address.unwrap()).is_err()
    });
}

#[test]
fn a_configuration_that_the_host_refuses_is_told_with_its_words() {
    if !PeerKind::Apache.is_here() {
        return;
    }
    let wrong = Configuration::Site(&|_| "NoSuchDirective on\n".to_owned());
    let error = Peer::start_with(PeerKind::Apache, &site().root(), &wrong).unwrap_err();
    assert!(!error.is_not_installed());
    assert!(error.to_string().contains("NoSuchDirective"), "{error}");
}

#[test]
fn a_host_without_a_configuration_refuses_one() {
    let any = Configuration::Whole(&|_| String::new());
    for kind in [PeerKind::Cpython, PeerKind::Go] {
        if kind.is_here() {
            let error = Peer::start_with(kind, &site().root(), &any).unwrap_err();
            assert!(
                matches!(error, PeerError::NotConfigurable { .. }),
                "{error}"
            );
        }
    }
}
