//! Requests that the studio itself makes: the same connection code over a pipe in memory.

use super::transport::Transport;
use super::{Guise, Host};
use crate::cgi::request::ConnectionFacts;
use crate::exchange::{ExchangeId, Origin};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const BUFFER: usize = 256 * 1024;
/// So much of an answer is given back; all of it is in the record, within its own bounds.
const ANSWER_KEPT: usize = 16 << 20;
/// The port that a client on a socket would have; there is none, and the record says so.
const NO_PORT: u16 = 0;
/// Where a request seems to come in when the site is not served at all.
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 80);

/// A body that is sent slowly comes in so many pieces, and so long passes before each.
const PIECES: usize = 8;
const BEFORE_PIECE: Duration = Duration::from_millis(250);
/// A client that hangs up waits so long for the answer: a script is running by then.
const HANG_UP_AFTER: Duration = Duration::from_millis(300);

/// How the studio sends a request of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Manner {
    /// All at once, and then it waits for the answer.
    #[default]
    Plain,
    /// The body in pieces over two seconds, as over a slow line.
    SlowBody,
    /// All at once, and it is gone before the answer is complete.
    HangUp,
}

impl Manner {
    async fn send(self, to: &mut (impl AsyncWrite + Unpin), request: &[u8]) -> std::io::Result<()> {
        let head = match self {
            Self::Plain | Self::HangUp => request.len(),
            Self::SlowBody => {
                memchr::memmem::find(request, b"\r\n\r\n").map_or(request.len(), |end| end + 4)
            }
        };
        let (head, body) = request.split_at(head);
        to.write_all(head).await?;
        for piece in body.chunks(body.len().div_ceil(PIECES).max(1)) {
            tokio::time::sleep(BEFORE_PIECE).await;
            to.write_all(piece).await?;
        }
        match self {
            // Whoever hangs up closes both ways at once.
            Self::HangUp => {
                tokio::time::sleep(HANG_UP_AFTER).await;
                Ok(())
            }
            Self::Plain | Self::SlowBody => to.shutdown().await,
        }
    }
}

/// Sends the request as it is and reads the answer to its end.
pub(crate) async fn exchange(
    host: Arc<Host>,
    request: Vec<u8>,
    origin: Origin,
    guise: Guise,
) -> (Option<ExchangeId>, Vec<u8>) {
    let (manner, gone) = (guise.manner, guise.gone.clone());
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    let facts = ConnectionFacts {
        local: host.address.or(guise.local).unwrap_or(NOWHERE),
        ..facts(&host)
    };
    let served = super::serve_transport(
        Arc::clone(&host),
        Transport::Memory(Mutex::new(theirs)),
        facts,
        origin,
        guise,
    );
    let served = host.tasks.spawn(served);
    let (mut from, mut to) = tokio::io::split(ours);
    let mut sent = tokio::spawn(async move {
        let _ = manner.send(&mut to, &request).await;
    });
    let answer = match manner {
        Manner::Plain | Manner::SlowBody => read_bounded(&mut from).await,
        Manner::HangUp => tokio::select! {
            answer = read_bounded(&mut from) => answer,
            _ = &mut sent => Vec::new(),
        },
    };
    sent.abort();
    // Its end of the connection goes with it; that is how a client hangs up.
    if !sent.is_finished() {
        let _ = sent.await;
    }
    drop(from);
    if manner == Manner::HangUp {
        gone.cancel();
    }
    (served.await.ok().flatten(), answer)
}

/// The two ends of a connection in memory.
pub(super) fn facts(host: &Host) -> ConnectionFacts {
    ConnectionFacts {
        local: host.address.unwrap_or(NOWHERE),
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
