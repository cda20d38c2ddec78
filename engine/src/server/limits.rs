//! The page of limits and of how paths are read that RFC 3875 §8.1 asks a server to have: made from the numbers
//! that the engine itself goes by, so that it cannot say anything else.

use super::gateway::REDIRECTS;
use super::intake::CLIENT_SILENCE;
use super::stream::HEAD_TIME;
use super::supervise::TERM_GRACE;
use super::{IDLE_TIME, linger};
use crate::cgi::chunked::ChunkLimits;
use crate::cgi::header_block::HeaderLimits;
use crate::cgi::request_head::HeadLimits;
use crate::site::SiteConfig;
use crate::site::config::LimitsConfig;
use std::fmt::Write as _;
use std::time::Duration;

/// One row: what is bounded, how, and what becomes of more.
type Row = (&'static str, String, &'static str);

/// The page as Markdown; `assets/guide/limits.md` is this text.
#[must_use]
pub fn limits_page() -> String {
    let config = SiteConfig::default().limits;
    let mut page = String::from(INTRODUCTION);
    table(&mut page, "Requests", &requests(&config));
    table(
        &mut page,
        "What a script prints before its page",
        &header_block(),
    );
    table(&mut page, "Time", &times(&config));
    page.push_str(PATHS);
    page.push_str(BODIES);
    page.push_str(LOGINS);
    page
}

const INTRODUCTION: &str = "\
# Limits, and how paths are read

RFC 3875 §8.1 asks every server to say this. The page is printed by `cgi-studio --limits`
from the numbers that the engine goes by; keys in `cgi-studio.toml` are named where a site may choose.
";

const PATHS: &str = "
## Paths

- A path is decoded once, byte by byte; bytes that are no UTF-8 stay as they are.
- `.` and `..` are resolved after decoding and before the path is split into script and extra path, however they are
  spelled (`%2e%2e`, `..%2f`). A path that leads above the root is 400.
- Empty segments (`//`) stay in PATH_INFO; in front of a script's name they are passed over.
- `%2F` counts as a slash, and a warning says that the difference is lost; with `options.encoded_slashes = false` such
  a path is 404.
- `%00` and a broken percent sign are 400.
- `;parameters` are part of their segment. Letter case is kept, and counts.
- The first regular file on the way is the script, the rest is PATH_INFO. PATH_TRANSLATED is what PATH_INFO would stand
  for as a path of its own, found by the aliases, and never leaves the folder that an alias names.
- A symbolic link is followed within the site's folder; beyond it with `options.allow_outside_root`.
";

const BODIES: &str = "
## Bodies and connections

- A body of known length is passed on while it comes; a script may start to answer before it has arrived.
- A chunked body is read to its end before the script starts, since CONTENT_LENGTH has to count it. Trailers that the
  request announces in `Trailer` reach the script as `HTTP_*`; one that is missing there, or that names a field which
  counts only before a body, is 400; without a `Trailer` field they are read and left out (RFC 9110 §6.5).
- A client that ends its body too early is 400 before a script has started; afterwards the script reads the end, and
  the record says what is missing.
- A client that closes its side of the connection cannot be told from one that has gone, so a script that answers it
  late is ended after `limits.grace_seconds`.
- Where two programs could disagree about the end of a request it is refused with 400, nothing that follows on that
  connection is looked at, and no script hears of it: Content-Length beside Transfer-Encoding, several lengths, a
  length or a chunk size that is not a plain number, a line that ends with a line feed or a carriage return alone,
  folded fields, white space before a colon. A coding other than chunked is 501.
";

const LOGINS: &str = "
## Logins

- A login is asked for where `require` needs one and `authentication` names a file of users, and before anything is
  read or run (RFC 3875 §3.1). AUTH_TYPE and REMOTE_USER are set then, and never otherwise.
- The file holds `name:hash` lines as htpasswd writes them: bcrypt, `$apr1$`, SHA-256, SHA-512 and `{SHA}`. Plain text
  and the old crypt are refused, and the page says so. A right password is hashed again after five minutes, or as soon
  as its line in the file changes.
- No password is recorded or exported: what follows the scheme in Authorization is asterisks in every record, unless
  the script gets it, because the site says so (`pass_authorization`) or because it is run as a host that hands it on.
  A recorded request that had logged in, sent again by the studio, counts as logged in.
- A name that the file does not have takes as long as a wrong password.
- No name is looked up for a client's address: `require = \"host …\"` knows `localhost` and lets nobody else in.
";

fn requests(config: &LimitsConfig) -> Vec<Row> {
    let head = HeadLimits::default();
    let chunks = ChunkLimits::default();
    vec![
        (
            "the target: path and query together",
            bytes(head.target_bytes),
            "414",
        ),
        (
            "all header fields with the request line",
            bytes(head.head_bytes),
            "431",
        ),
        (
            "the number of header fields",
            head.fields.to_string(),
            "431",
        ),
        (
            "the body (`limits.request_body_bytes`)",
            bytes(usize::try_from(config.request_body_bytes).unwrap_or(usize::MAX)),
            "413",
        ),
        (
            "the line of a chunk's size",
            bytes(chunks.size_line_bytes),
            "400",
        ),
        (
            "all extensions of chunks together",
            bytes(chunks.extension_bytes),
            "400",
        ),
        ("the trailers", bytes(chunks.trailer_bytes), "400"),
        ("redirects within the server", REDIRECTS.to_string(), "500"),
    ]
}

fn header_block() -> Vec<Row> {
    let limits = HeaderLimits::default();
    vec![
        ("one header line", bytes(limits.line_bytes), "500"),
        (
            "all header lines together",
            bytes(limits.block_bytes),
            "500",
        ),
        (
            "the number of header fields",
            limits.fields.to_string(),
            "500",
        ),
        (
            "the page itself",
            "none".to_owned(),
            "it is passed on while it comes",
        ),
    ]
}

fn times(config: &LimitsConfig) -> Vec<Row> {
    let optional = |limit: Option<Duration>| limit.map_or_else(|| "none".to_owned(), seconds);
    vec![
        (
            "a request head, from its first byte",
            seconds(HEAD_TIME),
            "408",
        ),
        (
            "a client that sends nothing more of its body",
            seconds(CLIENT_SILENCE),
            "as a body that ends too early",
        ),
        (
            "a connection that lies idle",
            seconds(IDLE_TIME),
            "it is closed",
        ),
        (
            "a script without progress (`limits.time_seconds`)",
            optional(config.time_limit()),
            "504, or the page is cut off",
        ),
        (
            "a script in all (`limits.total_seconds`)",
            optional(config.total_limit()),
            "504, or the page is cut off",
        ),
        (
            "a script whose client has hung up (`limits.grace_seconds`)",
            seconds(config.grace()),
            "it is ended",
        ),
        (
            "a script that was asked to end (SIGTERM)",
            seconds(TERM_GRACE),
            "SIGKILL, for its whole group",
        ),
        (
            "a refused client that goes on sending",
            seconds(linger::WHOLE),
            "the connection is reset",
        ),
    ]
}

fn table(page: &mut String, title: &str, rows: &[Row]) {
    let _ = write!(
        page,
        "\n## {title}\n\n| what | no more than | beyond |\n|---|---|---|\n"
    );
    for (what, bound, beyond) in rows {
        let _ = writeln!(page, "| {what} | {bound} | {beyond} |");
    }
}

fn bytes(count: usize) -> String {
    let unit = |shift: u32, name: &str| format!("{} {name}", count >> shift);
    match count {
        _ if count >= 1 << 30 && count.trailing_zeros() >= 30 => unit(30, "GiB"),
        _ if count >= 1 << 20 && count.trailing_zeros() >= 20 => unit(20, "MiB"),
        _ if count >= 1 << 10 && count.trailing_zeros() >= 10 => unit(10, "KiB"),
        _ => format!("{count} bytes"),
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_is_what_the_engine_goes_by() {
        let guide = include_str!("../../../assets/guide/limits.md");
        assert!(
            guide == limits_page(),
            "write it anew: cargo run -p cgi-studio -- --limits > assets/guide/limits.md"
        );
    }

    #[test]
    fn sizes_are_told_in_the_largest_unit_that_has_no_fraction() {
        for (count, text) in [
            (1 << 30, "1 GiB"),
            (256 << 10, "256 KiB"),
            (1000, "1000 bytes"),
            ((1 << 20) + 1024, "1025 KiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
