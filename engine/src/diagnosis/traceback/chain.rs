//! Exceptions that came before the last one (PEP 3134), and the members of a group (PEP 654).

use super::{Earlier, Exception, HEADER, Lines, Link, exception_line, python_block};

const DIRECT_CAUSE: &[u8] = b"The above exception was the direct cause of the following exception:";
const DURING: &[u8] = b"During handling of the above exception, another exception occurred:";
/// Longer chains are cut at their old end.
const MOST_EARLIER: usize = 8;
/// So many members of a group are kept.
const MOST_MEMBERS: usize = 32;

/// The exceptions before the block whose header is at `header`, the oldest first.
pub(super) fn earlier(lines: &Lines<'_>, header: usize) -> Vec<Earlier> {
    let mut found = Vec::new();
    let mut at = header;
    while found.len() < MOST_EARLIER {
        let Some((link, index)) = link_before(lines, at) else {
            break;
        };
        let Some(above) = lines
            .0
            .get(..index)
            .and_then(|lines| lines.iter().rposition(|line| line.text == HEADER))
        else {
            break;
        };
        // The chain is followed here, not once more for every member of it.
        let Some(exception) = block_alone(lines, above, index) else {
            break;
        };
        found.push(Earlier { exception, link });
        at = above;
    }
    found.reverse();
    found
}

fn block_alone(lines: &Lines<'_>, header: usize, end: usize) -> Option<Exception> {
    let block = Lines(lines.0.get(header..end)?.to_vec());
    python_block(&block, 0, b"")
}

fn link_before(lines: &Lines<'_>, header: usize) -> Option<(Link, usize)> {
    let above = lines.0.get(..header)?;
    let index = above.iter().rposition(|line| !line.text.is_empty())?;
    match above.get(index)?.text {
        DIRECT_CAUSE => Some((Link::Cause, index)),
        DURING => Some((Link::Handling, index)),
        _ => None,
    }
}

/// The exceptions after a group's own line, which ends at `from`: each beneath a rule with its number.
pub(super) fn members(lines: &Lines<'_>, from: usize) -> Vec<Exception> {
    let mut found: Vec<Exception> = Vec::new();
    let first = lines.0.partition_point(|line| line.start < from);
    let mut headers = Vec::new();
    for (index, line) in lines.from(first).iter().enumerate() {
        let Some(text) = line.text.trim_ascii_start().strip_prefix(b"| ") else {
            // A rule between members, or the end of the group.
            if line.text.trim_ascii_start().starts_with(b"+") {
                continue;
            }
            break;
        };
        if text == HEADER {
            headers.push(first + index);
        } else if text.starts_with(b" ") || exception_line(text).is_none() {
            continue;
        } else if let Some(header) = headers.pop() {
            let text = lines.0.get(header).map_or(&b""[..], |line| line.text);
            let indent = text.len() - text.trim_ascii_start().len();
            let margin = text.get(..indent + 2).unwrap_or_default();
            found.extend(python_block(lines, header, margin).map(|member| Exception {
                members: Vec::new(),
                ..member
            }));
        }
        if found.len() == MOST_MEMBERS {
            break;
        }
    }
    found
}
