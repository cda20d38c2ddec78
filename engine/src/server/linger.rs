//! The end of a connection whose client may still be sending.
//!
//! A socket that is closed with unread input makes the system send a reset, and a reset makes the client's system
//! throw away the answer that it has not read yet (RFC 9112 §9.6). So our side is shut down first, and what the
//! client still sends is read and dropped until it closes, falls silent or has had its time.

use super::transport::{READ_BYTES, Transport};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::ReadBuf;
use tokio::time::{Instant, Sleep};

/// A client that sends nothing for so long has read its answer, or never will.
const SILENCE: Duration = Duration::from_secs(2);
/// A client that goes on sending is listened to for no longer than this.
pub(super) const WHOLE: Duration = Duration::from_secs(30);

/// See the module.
pub(super) struct Linger {
    silence: Pin<Box<Sleep>>,
    end: Instant,
}

impl Linger {
    pub(super) fn new() -> Self {
        Self {
            silence: Box::pin(tokio::time::sleep(SILENCE)),
            end: Instant::now() + WHOLE,
        }
    }

    /// Reads and drops. What has come is taken before the time is looked at: on a busy machine both may be due at
    /// once, and bytes left behind are the reset that this is to prevent.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, transport: &Transport) -> Poll<()> {
        let mut block = [std::mem::MaybeUninit::uninit(); READ_BYTES];
        loop {
            let mut buffer = ReadBuf::uninit(&mut block);
            match transport.poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let now = Instant::now();
                    if now >= self.end {
                        return Poll::Ready(());
                    }
                    self.silence.as_mut().reset(now + SILENCE);
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.silence.as_mut().poll(cx),
            }
        }
    }
}
