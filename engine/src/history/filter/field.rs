//! The fields that a filter can ask for: the one table.

/// Something of an exchange that a filter can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The status of the response.
    Status,
    /// The method.
    Method,
    /// The script's or file's own name.
    Script,
    /// The path of the request target, as sent.
    Path,
    /// The query, as sent.
    Query,
    /// From the first byte of the request to the last of the response.
    Time,
    /// Bytes of the response body.
    Size,
    /// The running number.
    Id,
    /// Begun after this moment.
    Since,
    /// Begun before this moment.
    Before,
    /// A finding, the headline or another.
    Finding,
    /// What the user wrote beside it.
    Comment,
    /// A meta-variable.
    Env,
    /// A field of the request head.
    Header,
    /// A field of the response head.
    Response,
    /// A cookie that the client sent.
    Cookie,
    /// A word of the command line.
    Argv,
    /// The request body.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The script's source as it was.
    Source,
    /// The exit status.
    Exit,
    /// The signal that ended the script.
    Signal,
    /// The process id.
    Pid,
    /// Processor time.
    Cpu,
    /// Peak memory.
    Memory,
    /// The client's address.
    Client,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text or bytes.
    Text,
    /// Three digits, or a class as `5xx`.
    Status,
    /// A whole number.
    Number,
    /// A time span with its unit: `100ms`, `2s`, `5m`.
    Duration,
    /// A count of bytes, perhaps with `k`, `M` or `G` (1,024 each).
    Bytes,
    /// How long ago (`10m`), or a time of day (`14:05`).
    Moment,
    /// A rule's code: `CGI023` or `23`.
    Code,
    /// A signal's number or name: `9`, `KILL`, `SIGKILL`.
    Signal,
}

/// One row of the table.
struct Row {
    field: Field,
    name: &'static str,
    kind: FieldKind,
    takes_key: bool,
    /// What it is, as part of a sentence.
    noun: &'static str,
}

const fn row(
    field: Field,
    name: &'static str,
    kind: FieldKind,
    takes_key: bool,
    noun: &'static str,
) -> Row {
    Row {
        field,
        name,
        kind,
        takes_key,
        noun,
    }
}

use FieldKind::{Bytes, Code, Duration, Moment, Number, Signal, Status, Text};

#[rustfmt::skip]
const TABLE: [Row; 27] = [
    row(Field::Status, "status", Status, false, "the status"),
    row(Field::Method, "method", Text, false, "the method"),
    row(Field::Script, "script", Text, false, "the script's name"),
    row(Field::Path, "path", Text, false, "the URL path"),
    row(Field::Query, "query", Text, false, "the query"),
    row(Field::Time, "time", Duration, false, "the time taken"),
    row(Field::Size, "size", Bytes, false, "the response body's size"),
    row(Field::Id, "id", Number, false, "the number"),
    row(Field::Since, "since", Moment, false, "begun since"),
    row(Field::Before, "before", Moment, false, "begun before"),
    row(Field::Finding, "finding", Code, false, "a finding"),
    row(Field::Comment, "comment", Text, false, "the comment"),
    row(Field::Env, "env", Text, true, "the environment"),
    row(Field::Header, "header", Text, true, "the request headers"),
    row(Field::Response, "response", Text, true, "the response headers"),
    row(Field::Cookie, "cookie", Text, true, "the cookies"),
    row(Field::Argv, "argv", Text, false, "the command line"),
    row(Field::Stdin, "stdin", Text, false, "the request body"),
    row(Field::Stdout, "stdout", Text, false, "stdout"),
    row(Field::Stderr, "stderr", Text, false, "stderr"),
    row(Field::Source, "source", Text, false, "the script's source"),
    row(Field::Exit, "exit", Number, false, "the exit status"),
    row(Field::Signal, "signal", Signal, false, "the signal that ended it"),
    row(Field::Pid, "pid", Number, false, "the process id"),
    row(Field::Cpu, "cpu", Duration, false, "the processor time"),
    row(Field::Memory, "memory", Bytes, false, "the peak memory"),
    row(Field::Client, "client", Text, false, "the client's address"),
];

impl Field {
    /// All fields, in the order in which they are offered.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Status; TABLE.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = TABLE[at].field;
            at += 1;
        }
        all
    };

    /// The field that is called so, whatever the letter case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let row = TABLE
            .iter()
            .find(|row| row.name.eq_ignore_ascii_case(name))?;
        Some(row.field)
    }

    fn row(self) -> &'static Row {
        // Every field stands in the table, as a test holds.
        TABLE
            .iter()
            .find(|row| row.field == self)
            .unwrap_or(&TABLE[0])
    }

    /// What it is called in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What its values are.
    #[must_use]
    pub fn kind(self) -> FieldKind {
        self.row().kind
    }

    /// Whether a name may follow after a dot: `env.PATH_INFO`.
    #[must_use]
    pub fn takes_key(self) -> bool {
        self.row().takes_key
    }

    /// What it is, as a part of a sentence: "the status".
    #[must_use]
    pub fn noun(self) -> &'static str {
        self.row().noun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_own_name() {
        for field in Field::ALL {
            assert_eq!(Field::named(field.name()), Some(field));
        }
        assert_eq!(Field::named("STATUS"), Some(Field::Status));
        assert_eq!(Field::named(""), None);
    }
}
