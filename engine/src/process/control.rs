//! Bytes and descriptors over the control socket, for both of its ends.
//!
//! Descriptors travel with the first byte of a frame (`SCM_RIGHTS`); the kernel never joins two
//! such parcels in one read, so parcels and the frames that expect them stay in the same order.

use std::collections::VecDeque;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::io::{Errno, Result};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, send, sendmsg,
};

use super::wire::{Malformed, first_body};

const READ_BYTES: usize = 32 << 10;

/// The standard streams of a program to be started: stdin, stdout, stderr.
pub(super) type Streams = [OwnedFd; 3];

/// Sends some of `bytes`, with `streams` beside the first of them: how many bytes were taken.
pub(super) fn send_some(
    socket: BorrowedFd<'_>,
    bytes: &[u8],
    streams: Option<&Streams>,
    flags: SendFlags,
) -> Result<usize> {
    // Without it a peer that has gone would raise SIGPIPE in a process that does not ignore it.
    let flags = flags | SendFlags::NOSIGNAL;
    let Some(streams) = streams else {
        return retry(|| send(socket, bytes, flags));
    };
    let borrowed = streams.each_ref().map(|stream| stream.as_fd());
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut parcel = SendAncillaryBuffer::new(&mut space);
    parcel.push(SendAncillaryMessage::ScmRights(&borrowed));
    retry(|| sendmsg(socket, &[IoSlice::new(bytes)], &mut parcel, flags))
}

/// Sends all of `bytes`, waiting for room.
pub(super) fn send_all(
    socket: BorrowedFd<'_>,
    mut bytes: &[u8],
    mut streams: Option<&Streams>,
) -> Result<()> {
    while !bytes.is_empty() {
        let sent = send_some(socket, bytes, streams.take(), SendFlags::empty())?;
        bytes = bytes.get(sent..).unwrap_or_default();
    }
    Ok(())
}

/// What has arrived and is not yet taken.
#[derive(Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    taken: usize,
    parcels: VecDeque<Vec<OwnedFd>>,
}

impl Inbox {
    /// Reads once: how many bytes came, 0 at the end of the stream.
    pub(super) fn receive(&mut self, socket: BorrowedFd<'_>, flags: RecvFlags) -> Result<usize> {
        let mut chunk = [0; READ_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = retry(|| {
            recvmsg(
                socket,
                &mut [IoSliceMut::new(&mut chunk)],
                &mut ancillary,
                flags | close_on_exec(),
            )
        })?;
        let mut parcel = Vec::new();
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                parcel.extend(descriptors);
            }
        }
        // A process at its limit of open files loses descriptors: the parcel is then short, and
        // only the frame it came with must fail.
        if !parcel.is_empty() || received.flags.contains(ReturnFlags::CTRUNC) {
            self.parcels.push_back(parcel);
        }
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes
            .extend_from_slice(chunk.get(..received.bytes).unwrap_or_default());
        Ok(received.bytes)
    }

    /// The body of the next frame, if all of it has come.
    pub(super) fn next_body(&mut self) -> std::result::Result<Option<&[u8]>, Malformed> {
        let waiting = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((body, frame_bytes)) = first_body(waiting)? else {
            return Ok(None);
        };
        self.taken += frame_bytes;
        Ok(Some(body))
    }

    /// The descriptors of the oldest frame that has some: none when they never came or were lost.
    pub(super) fn next_streams(&mut self) -> Option<Streams> {
        self.parcels.pop_front()?.try_into().ok()
    }
}

fn close_on_exec() -> RecvFlags {
    #[cfg(not(target_vendor = "apple"))]
    return RecvFlags::CMSG_CLOEXEC;
    #[cfg(target_vendor = "apple")]
    return RecvFlags::empty();
}

fn retry<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}
