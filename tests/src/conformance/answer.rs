//! An HTTP answer taken apart with patience: hosts that break its rules are what the suite is about.

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it, by its own framing.
    Whole,
    /// The connection ended before its framing said so.
    Cut,
    /// More has to come.
    Open,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code, 0 where the first line has none.
    pub status: u16,
    /// The reason phrase.
    pub reason: Vec<u8>,
    /// Names as they came, and values without white space around them.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The body, its chunks joined.
    pub body: Vec<u8>,
    /// How many bytes the head takes.
    pub head_length: usize,
    /// How many bytes it takes in all.
    pub length: usize,
    /// How far it has come.
    pub extent: Extent,
}

impl Answer {
    /// The answer at the beginning of the bytes, once its head is there. `ended`: no more will come.
    pub fn read(bytes: &[u8], method: &[u8], ended: bool) -> Option<Self> {
        let (lines, head_length) = head(bytes)?;
        let (first, rest) = lines.split_first()?;
        let (status, reason) = status_line(first);
        let mut answer = Self {
            status,
            reason,
            fields: rest.iter().filter_map(|line| field(line)).collect(),
            body: Vec::new(),
            head_length,
            length: head_length,
            extent: Extent::Whole,
        };
        answer.read_body(&bytes[head_length..], method, ended);
        Some(answer)
    }

    /// The values of the field.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self.fields.iter();
        let named = named.filter(|field| field.0.eq_ignore_ascii_case(name));
        named.map(|field| field.1.as_slice()).collect()
    }

    /// It only precedes the answer.
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    fn read_body(&mut self, rest: &[u8], method: &[u8], ended: bool) {
        let unfinished = if ended { Extent::Cut } else { Extent::Open };
        if method == b"HEAD" || matches!(self.status, 100..200 | 204 | 304) {
            return;
        }
        let chunked = self.values("transfer-encoding").last().copied() == Some(b"chunked");
        if chunked {
            let (body, length, whole) = chunks(rest);
            self.body = body;
            self.length += length;
            self.extent = if whole { Extent::Whole } else { unfinished };
            return;
        }
        let lengths = self.values("content-length");
        let length = lengths
            .first()
            .and_then(|value| std::str::from_utf8(value).ok());
        match length.and_then(|value| value.parse::<usize>().ok()) {
            Some(length) => {
                self.body = rest[..rest.len().min(length)].to_vec();
                self.extent = if rest.len() < length {
                    unfinished
                } else {
                    Extent::Whole
                };
            }
            None => {
                self.body = rest.to_vec();
                self.extent = if ended { Extent::Whole } else { Extent::Open };
            }
        }
        self.length += self.body.len();
    }
}

/// The lines before the empty one, without line ends, and the length of all.
fn head(bytes: &[u8]) -> Option<(Vec<&[u8]>, usize)> {
    let mut lines = Vec::new();
    let mut at = 0;
    loop {
        let length = bytes[at..].iter().position(|byte| *byte == b'\n')?;
        let line = &bytes[at..at + length];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at += length + 1;
        if line.is_empty() {
            return Some((lines, at));
        }
        lines.push(line);
    }
}

fn status_line(line: &[u8]) -> (u16, Vec<u8>) {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let version = words.next().unwrap_or_default();
    let code = words.next().unwrap_or_default();
    let code = std::str::from_utf8(code)
        .ok()
        .and_then(|code| code.parse().ok());
    let code = code.filter(|_| version.starts_with(b"HTTP/"));
    (code.unwrap_or(0), words.next().unwrap_or_default().to_vec())
}

fn field(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = String::from_utf8_lossy(&line[..colon])
        .trim_end()
        .to_owned();
    Some((name, line[colon + 1..].trim_ascii().to_vec()))
}

/// The data of the chunks, how many bytes they take, and whether the last one is there.
fn chunks(bytes: &[u8]) -> (Vec<u8>, usize, bool) {
    let mut body = Vec::new();
    let mut at = 0;
    while let Some((line, start)) = line_at(bytes, at) {
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(digits.trim_ascii()).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            break;
        };
        if size == 0 {
            return match head(&bytes[start..]) {
                Some((_, trailers)) => (body, start + trailers, true),
                None => (body, bytes.len(), false),
            };
        }
        let end = start.saturating_add(size).min(bytes.len());
        body.extend_from_slice(&bytes[start..end]);
        at = end + 2;
    }
    (body, bytes.len(), false)
}

/// The line that begins there, and where the next one does.
fn line_at(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| *byte == b'\n')?;
    let line = &rest[..length];
    Some((line.strip_suffix(b"\r").unwrap_or(line), at + length + 1))
}

/// What is wrong with the answer at the beginning of the bytes as a message of HTTP/1.1 (RFC 9112), apart from
/// [`bare_line_feeds`].
pub fn faults(bytes: &[u8], answer: &Answer) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = head_lines(bytes, answer);
    let first = lines.first().copied().unwrap_or_default();
    if !is_status_line(first.trim_ascii_end()) {
        faults.push("the first line is no status line".to_owned());
    }
    let no_field = lines.iter().skip(1).find(|line| {
        let line = line.trim_ascii_end();
        !line.is_empty() && !is_field(line)
    });
    if let Some(line) = no_field {
        faults.push(format!("no field line: \"{}\"", line.escape_ascii()));
    }
    for name in [
        "Content-Type",
        "Content-Length",
        "Location",
        "Date",
        "Server",
        "Status",
    ] {
        let count = answer.values(name).len();
        if count > usize::from(name != "Status") {
            faults.push(format!("{name} comes {count} times"));
        }
    }
    let framed = answer.values("content-length").len() + answer.values("transfer-encoding").len();
    if framed > 1 {
        faults.push("more than one field tells where the body ends".to_owned());
    }
    if answer.extent != Extent::Whole {
        faults.push("the answer is not whole".to_owned());
    }
    faults
}

/// Lines of the head with what stands before their line feeds.
fn head_lines<'a>(bytes: &'a [u8], answer: &Answer) -> Vec<&'a [u8]> {
    let head = &bytes[..answer.head_length];
    let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    lines.pop();
    lines
}

/// The lines of the head of the answer at the beginning of the bytes that end without CR LF.
pub fn bare_line_feeds(bytes: &[u8], answer: &Answer) -> usize {
    let lines = head_lines(bytes, answer).into_iter();
    lines.filter(|line| !line.ends_with(b"\r")).count()
}

fn is_status_line(line: &[u8]) -> bool {
    let [
        b'H',
        b'T',
        b'T',
        b'P',
        b'/',
        b'1',
        b'.',
        b'0' | b'1',
        b' ',
        a,
        b,
        c,
        b' ',
        ..,
    ] = line
    else {
        // Without a phrase the last space may be cut off with the line end.
        return line.len() == 12 && line.starts_with(b"HTTP/1.");
    };
    [a, b, c].iter().all(|digit| digit.is_ascii_digit())
}

fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let clean = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    colon > 0 && line[..colon].iter().all(is_token) && line[colon..].iter().all(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], ended: bool, body: &[u8], extent: Extent) -> Answer {
        let answer = Answer::read(bytes, b"GET", ended).unwrap();
        assert_eq!(answer.body, body);
        assert_eq!(answer.extent, extent);
        answer
    }

    #[test]
    fn the_length_ends_an_answer() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP";
        let answer = check(bytes, false, b"ab", Extent::Whole);
        assert_eq!(answer.length, bytes.len() - 4);
        check(&bytes[..bytes.len() - 5], false, b"a", Extent::Open);
        check(&bytes[..bytes.len() - 5], true, b"a", Extent::Cut);
    }

    #[test]
    fn the_last_chunk_ends_an_answer() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nX";
        let answer = check(bytes, false, b"ab", Extent::Whole);
        assert_eq!(answer.length, bytes.len() - 1);
        check(&bytes[..bytes.len() - 4], true, b"ab", Extent::Cut);
    }

    #[test]
    fn the_end_of_the_connection_ends_an_answer_without_either() {
        check(b"HTTP/1.0 200 OK\nA: b\n\nxy", false, b"xy", Extent::Open);
        check(b"HTTP/1.0 200 OK\nA: b\n\nxy", true, b"xy", Extent::Whole);
    }

    #[track_caller]
    fn check_faults(bytes: &[u8], expected: usize) {
        let answer = Answer::read(bytes, b"GET", true).unwrap();
        let found = faults(bytes, &answer);
        assert_eq!(found.len(), expected, "{found:?}");
    }

    #[test]
    fn faults_are_seen() {
        check_faults(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
        check_faults(b"HTTP/1.1 200 \r\n\r\n", 0);
        check_faults(b"HTTP/1.1 200 OK\r\nA b\r\n\r\n", 1);
        check_faults(b"HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n", 1);
        check_faults(b"HTTP/1.1 200 OK\r\nStatus: 404\r\n\r\n", 1);
        check_faults(b"HTTP/1.1 200 OK\r\nDate: a\r\nDate: b\r\n\r\n", 1);
        check_faults(b"hello\r\n\r\n", 1);
        check_faults(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 1);
    }

    #[test]
    fn bare_line_feeds_are_counted() {
        let bytes = b"HTTP/1.1 200 OK\nA: b\r\n\n";
        let answer = Answer::read(bytes, b"GET", true).unwrap();
        assert_eq!(faults(bytes, &answer), Vec::<String>::new());
        assert_eq!(bare_line_feeds(bytes, &answer), 2);
    }
}
