//! Requests that the studio itself makes: the same connection code over a pipe in memory.

use super::transport::Transport;
use super::{Guise, Host};
use crate::cgi::request::ConnectionFacts;
use crate::exchange::{ExchangeId, Origin};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

const BUFFER: usize = 256 * 1024;
/// So much of an answer is given back; all of it is in the record, within its own bounds.
const ANSWER_KEPT: usize = 16 << 20;
/// The port that a client on a socket would have; there is none, and the record says so.
const NO_PORT: u16 = 0;

/// Sends the request as it is and reads the answer to its end.
pub(crate) async fn exchange(
    host: Arc<Host>,
    request: Vec<u8>,
    origin: Origin,
    guise: Guise,
) -> (Option<ExchangeId>, Vec<u8>) {
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    let facts = facts(&host);
    let served = super::serve_transport(
        Arc::clone(&host),
        Transport::Memory(Mutex::new(theirs)),
        facts,
        origin,
        guise,
    );
    let served = host.tasks.spawn(served);
    let (mut from, mut to) = tokio::io::split(ours);
    let sent = tokio::spawn(async move {
        let _ = to.write_all(&request).await;
        let _ = to.shutdown().await;
    });
    let answer = read_bounded(&mut from).await;
    sent.abort();
    (served.await.ok().flatten(), answer)
}

/// The two ends of a connection in memory.
pub(super) fn facts(host: &Host) -> ConnectionFacts {
    let local = host
        .address
        .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 80)));
    ConnectionFacts {
        local,
        peer: SocketAddr::from((Ipv4Addr::LOCALHOST, NO_PORT)),
        https: false,
        synthetic: true,
    }
}

/// Reads to the end and keeps the beginning: a script that prints for ever must not fill the memory.
async fn read_bounded(from: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut block = vec![0; BUFFER];
    while let Ok(count) = from.read(&mut block).await {
        if count == 0 {
            break;
        }
        let room = ANSWER_KEPT.saturating_sub(answer.len());
        answer.extend_from_slice(&block[..count.min(room)]);
    }
    answer
}
