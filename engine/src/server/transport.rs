//! Where the bytes of a connection come from and go to: a socket, or memory.

use super::linger::Linger;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead as _, AsyncWrite as _, DuplexStream, ReadBuf};
use tokio::net::TcpStream;

/// So much is read at once.
pub(super) const READ_BYTES: usize = 16 * 1024;

/// Where bytes come from and go to.
pub(crate) enum Transport {
    /// A socket.
    Tcp(TcpStream),
    /// A connection in memory: what the studio itself asks.
    Memory(Mutex<DuplexStream>),
}

impl Transport {
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => loop {
                ready!(socket.poll_read_ready(cx))?;
                match socket.try_read(buffer.initialize_unfilled()) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => {
                        buffer.advance(read?);
                        return Poll::Ready(Ok(()));
                    }
                }
            },
            Self::Memory(stream) => Pin::new(&mut *locked(stream)).poll_read(cx, buffer),
        }
    }

    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(socket) => loop {
                ready!(socket.poll_write_ready(cx))?;
                match socket.try_write_vectored(buffers) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    wrote => return Poll::Ready(wrote),
                }
            },
            Self::Memory(stream) => Pin::new(&mut *locked(stream)).poll_write_vectored(cx, buffers),
        }
    }

    /// Closes our side and drops what the client still sends, for a while.
    pub(crate) async fn close_gently(&self) {
        if let Self::Tcp(socket) = self {
            let _ = rustix::net::shutdown(socket, rustix::net::Shutdown::Write);
            let mut linger = Linger::new();
            std::future::poll_fn(|cx| linger.poll(cx, self)).await;
        }
    }

    /// Writes everything, past hyper: what an NPH script prints.
    pub(crate) async fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let wrote = match self {
                Self::Tcp(socket) => {
                    socket.writable().await?;
                    match socket.try_write(rest) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                        wrote => wrote?,
                    }
                }
                Self::Memory(_) => {
                    std::future::poll_fn(|cx| self.poll_write(cx, &[io::IoSlice::new(rest)]))
                        .await?
                }
            };
            if wrote == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = &rest[wrote..];
        }
        Ok(())
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => {
                // A connection that the client has already torn down has nothing left to shut down.
                let _ = rustix::net::shutdown(socket, rustix::net::Shutdown::Write);
                Poll::Ready(Ok(()))
            }
            Self::Memory(stream) => Pin::new(&mut *locked(stream)).poll_shutdown(cx),
        }
    }
}

fn locked(stream: &Mutex<DuplexStream>) -> std::sync::MutexGuard<'_, DuplexStream> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}
