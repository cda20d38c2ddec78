//! How much of what was written to a socket the other side has not taken yet.
#![allow(unsafe_code)]

use std::os::fd::AsFd;

/// Bytes in the system's send queue that are not acknowledged; none where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn unacknowledged_bytes(socket: impl AsFd) -> Option<u64> {
    use rustix::ioctl::{Getter, Opcode, ioctl};
    // tcp(7) calls it SIOCOUTQ.
    const OPCODE: Opcode = libc::TIOCOUTQ as Opcode;
    // SAFETY: the request is a valid one, and the kernel answers it with an `int` (tcp(7)).
    let request = unsafe { Getter::<OPCODE, libc::c_int>::new() };
    // SAFETY: as above; the descriptor is borrowed and so is open.
    let count = unsafe { ioctl(socket, request) }.ok()?;
    u64::try_from(count).ok()
}

/// The same elsewhere: unknown.
#[cfg(not(target_os = "linux"))]
pub(super) fn unacknowledged_bytes(_: impl AsFd) -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn what_nobody_reads_is_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut writer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let reader = listener.accept().unwrap().0;
        assert_eq!(unacknowledged_bytes(&writer), Some(0));
        writer.set_nonblocking(true).unwrap();
        while writer.write(&[0; 65_536]).is_ok() {}
        assert!(unacknowledged_bytes(&writer).unwrap() > 0);
        drop(reader);
    }
}
