//! Where a descriptor of another process leads: a file, a pipe, or a socket with its other side.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;

/// Bytes read of a table of sockets.
const TABLE_BYTES: u64 = 4 << 20;

/// An open descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) number: u32,
    /// What the link in `/proc` says: a path, `pipe:[12]`, `socket:[34]`, `anon_inode:[eventpoll]`.
    pub(super) link: OsString,
    /// The inode, which a lock names.
    pub(super) inode: u64,
}

impl Open {
    pub(super) fn of(pid: u32, number: u32) -> Option<Self> {
        let path = format!("/proc/{pid}/fd/{number}");
        let link = fs::read_link(&path).ok()?.into_os_string();
        let inode = fs::metadata(&path).map_or(0, |facts| facts.ino());
        Some(Self {
            number,
            link,
            inode,
        })
    }

    pub(super) fn is_pipe(&self) -> bool {
        self.link.as_bytes().starts_with(b"pipe:[")
    }

    pub(super) fn is_socket(&self) -> bool {
        self.link.as_bytes().starts_with(b"socket:[")
    }

    /// A file, a device or a named pipe has a path.
    pub(super) fn has_path(&self) -> bool {
        self.link.as_bytes().starts_with(b"/")
    }

    /// The other side of the socket, for people; empty where it has none or the tables do not tell.
    pub(super) fn peer(&self, pid: u32) -> OsString {
        let inode = self
            .link
            .as_bytes()
            .strip_prefix(b"socket:[")
            .and_then(|rest| rest.strip_suffix(b"]"))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .unwrap_or_default();
        let by_address = ["tcp", "tcp6", "udp", "udp6"]
            .iter()
            .find_map(|name| peer_in(&table(pid, name), inode));
        match by_address {
            Some(address) => address.to_string().into(),
            None => unix_path(&table(pid, "unix"), inode),
        }
    }
}

fn table(pid: u32, name: &str) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(format!("/proc/{pid}/net/{name}")) {
        let _ = file.take(TABLE_BYTES).read_to_end(&mut bytes);
    }
    bytes
}

/// proc(5), `/proc/net/tcp`: the third word is the other side, the tenth the inode; of a listener, its own side.
fn peer_in(table: &[u8], inode: &str) -> Option<SocketAddr> {
    let text = std::str::from_utf8(table).ok()?;
    text.lines().skip(1).find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if words.get(9) != Some(&inode) {
            return None;
        }
        let peer = address(words.get(2)?)?;
        if peer.port() == 0 {
            address(words.get(1)?)
        } else {
            Some(peer)
        }
    })
}

/// Words of four bytes in the machine's order as hexadecimal, a colon, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for start in (0..address.len()).step_by(8) {
        let word = u32::from_str_radix(address.get(start..start + 8)?, 16).ok()?;
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some((Ipv4Addr::from(four), port).into());
    }
    let sixteen = Ipv6Addr::from(<[u8; 16]>::try_from(bytes.as_slice()).ok()?);
    Some(match sixteen.to_ipv4_mapped() {
        Some(four) => (four, port).into(),
        None => (sixteen, port).into(),
    })
}

/// `/proc/net/unix`: the seventh word is the inode, the eighth the path, which only the side that was bound has.
fn unix_path(table: &[u8], inode: &str) -> OsString {
    let lines = table.split(|&byte| byte == b'\n').skip(1);
    for line in lines {
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        if words.nth(6) == Some(inode.as_bytes()) {
            return OsString::from_vec(words.next().unwrap_or_default().to_vec());
        }
    }
    OsString::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = address(text).map(|address| address.to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_are_read_in_the_machines_order() {
        check("0100007F:1538", Some("127.0.0.1:5432"));
        check("00000000000000000000000001000000:0050", Some("[::1]:80"));
        check(
            "0000000000000000FFFF00000100007F:0050",
            Some("127.0.0.1:80"),
        );
        check("0100007F", None);
        check("01:02", None);
        check("é:1", None);
        check("", None);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_listener_is_named_by_its_own_side() {
        let table = b"head\n 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 77 1\n 1: 0100007F:0001 0100007F:0002 01 0:0 0:0 0 0 0 78 1\n";
        let of = |inode| peer_in(table, inode).map(|peer| peer.to_string());
        assert_eq!(of("77").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(of("78").as_deref(), Some("127.0.0.1:2"));
        assert_eq!(of("79"), None);
    }
}
