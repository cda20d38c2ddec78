//! Who lives in a process group and who holds a pipe, as `/proc` tells.
//!
//! Elsewhere than on Linux these lists are empty: nobody is accused without evidence.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use std::ffi::OsString;

/// A living process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its process id.
    pub pid: u32,
    /// Its command line, the arguments parted by spaces; the kernel's short name when it has none.
    pub command: OsString,
}

/// The living processes of the group; those that ended and were not waited for do not count.
pub(super) fn group_members(group: u32) -> Vec<Member> {
    let in_group =
        |pid: &u32| Status::read(*pid).is_some_and(|status| status.group == group && !status.ended);
    process_ids("/proc").filter(in_group).map(member).collect()
}

/// A process of a family: of a group, or begun by one of it.
pub(super) struct Relative {
    pub(super) pid: u32,
    pub(super) parent: u32,
    pub(super) ended: bool,
}

/// The processes of the group and all that they started, whatever groups those made for themselves.
pub(super) fn family(group: u32) -> Vec<Relative> {
    let mut others: Vec<(u32, Status)> = process_ids("/proc")
        .filter_map(|pid| Some((pid, Status::read(pid)?)))
        .collect();
    let mut family: Vec<Relative> = Vec::new();
    loop {
        let belongs = |status: &Status| {
            status.group == group || family.iter().any(|one| one.pid == status.parent)
        };
        let (found, left): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|(_, status)| belongs(status));
        if found.is_empty() {
            return family;
        }
        others = left;
        family.extend(found.into_iter().map(|(pid, status)| Relative {
            pid,
            parent: status.parent,
            ended: status.ended,
        }));
    }
}

/// Whether the process is on its way out or gone, so that its exit is about to be told.
/// Where the system does not tell, it is taken to live.
pub fn is_ending(pid: u32) -> bool {
    match Status::read(pid) {
        Some(status) => status.ended || status.flags & EXITING != 0,
        None => Path::new("/proc/self/stat").exists(),
    }
}

/// The processes, ours aside, that hold the write end of this pipe: while one lives, the reader
/// never sees the end of the stream.
pub fn who_holds(pipe: impl AsFd) -> Vec<Member> {
    let Ok(facts) = rustix::fs::fstat(pipe) else {
        return Vec::new();
    };
    let link = format!("pipe:[{}]", facts.st_ino);
    let ours = std::process::id();
    process_ids("/proc")
        .filter(|&pid| pid != ours && writes_to(pid, &link))
        .map(member)
        .collect()
}

/// Our own children, also the adopted ones. None when the system does not tell.
pub(super) fn own_children() -> Option<Vec<u32>> {
    let ours = std::process::id();
    if let Ok(list) = fs::read_to_string(format!("/proc/self/task/{ours}/children")) {
        return Some(
            list.split_ascii_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect(),
        );
    }
    // The list needs CONFIG_PROC_CHILDREN; every /proc has the parent's id.
    if !Path::new("/proc/self/stat").exists() {
        return None;
    }
    let is_ours = |pid: &u32| Status::read(*pid).is_some_and(|status| status.parent == ours);
    Some(process_ids("/proc").filter(is_ours).collect())
}

fn process_ids(directory: &str) -> impl Iterator<Item = u32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

pub(super) fn member(pid: u32) -> Member {
    let mut command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    while command.last() == Some(&0) {
        command.pop();
    }
    for byte in &mut command {
        if *byte == 0 {
            *byte = b' ';
        }
    }
    if command.is_empty() {
        command = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
        command.truncate(command.trim_ascii_end().len());
    }
    Member {
        pid,
        command: OsString::from_vec(command),
    }
}

pub(super) fn writes_to(pid: u32, link: &str) -> bool {
    let entries = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .flatten();
    entries.map(|entry| entry.path()).any(|path| {
        fs::read_link(&path).is_ok_and(|target| target.as_os_str() == link)
            // proc(5): the link's owner bits tell how the descriptor was opened.
            && fs::symlink_metadata(&path).is_ok_and(|facts| facts.mode() & 0o200 != 0)
    })
}

/// `PF_EXITING` of the kernel: set before the process's descriptors are closed.
const EXITING: u32 = 0x4;

#[derive(Debug, PartialEq)]
struct Status {
    ended: bool,
    parent: u32,
    group: u32,
    flags: u32,
}

impl Status {
    fn read(pid: u32) -> Option<Status> {
        Status::parse(&fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// proc(5): `pid (name) state parent group session tty terminal-group flags …`; the name may hold blanks and parentheses.
    fn parse(line: &[u8]) -> Option<Status> {
        let after_name = line.iter().rposition(|&byte| byte == b')')? + 1;
        let rest = std::str::from_utf8(line.get(after_name..)?).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        let ended = matches!(fields.next()?, "Z" | "X" | "x");
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        let flags = fields.nth(3)?.parse().ok()?;
        Some(Status {
            ended,
            parent,
            group,
            flags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(bool, u32, u32, u32)>) {
        let expected = expected.map(|(ended, parent, group, flags)| Status {
            ended,
            parent,
            group,
            flags,
        });
        assert_eq!(Status::parse(line.as_bytes()), expected);
    }

    #[test]
    fn a_process_name_cannot_forge_its_status() {
        check(
            "12 (sh) S 1 12 12 0 -1 4194304 9",
            Some((false, 1, 12, 4_194_304)),
        );
        check("12 (a) Z 9 9 (b) Z 3 4 5 0 -1 4", Some((true, 3, 4, 4)));
        check("12 (sh) S 1 12 12 0", None);
        check("12 (x", None);
        check("12 (x) S", None);
    }
}
