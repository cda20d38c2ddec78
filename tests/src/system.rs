//! What the system knows of processes: who lives, who belongs to a group, how much is held. Linux only.

use std::fs;

/// The process exists and is no zombie.
pub fn alive(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| !matches!(stat.state, 'Z' | 'X'))
}

/// Every living process of the group.
pub fn members(group: u32) -> Vec<u32> {
    all()
        .filter(|stat| stat.group == group && !matches!(stat.state, 'Z' | 'X'))
        .map(|stat| stat.pid)
        .collect()
}

/// Children of the process, zombies included.
pub fn children(parent: u32) -> Vec<u32> {
    all()
        .filter(|stat| stat.parent == parent)
        .map(|stat| stat.pid)
        .collect()
}

/// The process's parent.
pub fn parent(pid: u32) -> Option<u32> {
    stat(pid).map(|stat| stat.parent)
}

/// Open descriptors of the process.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// The largest amount of memory that this process ever held, in bytes.
pub fn peak_memory_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: u64 = line
        .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap();
    kibibytes * 1024
}

struct Stat {
    pid: u32,
    state: char,
    parent: u32,
    group: u32,
}

fn all() -> impl Iterator<Item = Stat> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may itself hold some.
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some(Stat {
        pid,
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}
