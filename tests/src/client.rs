//! An HTTP client that believes nothing: it sends the bytes it is given and tells how each answer ended.

use crate::PATIENCE;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

/// One connection.
pub struct Client {
    stream: TcpStream,
    /// Bytes that came and were not taken yet.
    input: Vec<u8>,
    /// The system tells of a reset only once.
    was_reset: bool,
}

/// The head of an answer.
#[derive(Debug, Clone)]
pub struct Head {
    /// The bytes, with the empty line.
    pub raw: Vec<u8>,
    /// `HTTP/1.1` as a rule.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// Names and values in the order in which they came.
    pub fields: Vec<(String, String)>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its head.
    pub head: Head,
    /// Its body, chunks taken apart.
    pub body: Vec<u8>,
    /// How it ended.
    pub ending: Ending,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// There is no body: HEAD, 204, 304.
    NoBody,
    /// All the bytes that Content-Length names came.
    Length,
    /// The last chunk came.
    LastChunk,
    /// The server closed the connection, as nothing else tells the end.
    Closed,
    /// The server closed the connection before the length or the last chunk was reached.
    Short,
    /// The connection was reset.
    Reset,
}

impl Ending {
    /// A client takes this answer for whole.
    pub fn is_whole(self) -> bool {
        !matches!(self, Self::Short | Self::Reset)
    }
}

impl Head {
    fn parse(raw: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&raw).into_owned();
        let mut lines = text.split("\r\n");
        let mut first = lines.next().unwrap().splitn(3, ' ');
        let version = first.next().unwrap().to_owned();
        let status = first.next().unwrap_or_default();
        Self {
            status: status
                .parse()
                .unwrap_or_else(|_| panic!("no status line: {text:?}")),
            reason: first.next().unwrap_or_default().to_owned(),
            version,
            fields: lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
            raw,
        }
    }

    /// The values of the field, in their order.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields
            .iter()
            .filter(named)
            .map(|field| field.1.as_str())
            .collect()
    }

    /// The only value of the field.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.values(name)[..] {
            [] => None,
            [value] => Some(value),
            _ => panic!("{name} came more than once: {:?}", self.fields),
        }
    }
}

impl Answer {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What follows `name=` on a line of the body: how the obedient child tells what it sees.
    pub fn told(&self, name: &str) -> Option<String> {
        let text = self.text();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    }
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream,
            input: Vec::new(),
            was_reset: false,
        }
    }

    /// A second handle, to send from another thread.
    pub fn sender(&self) -> TcpStream {
        self.stream.try_clone().unwrap()
    }

    /// Sends the bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends no more; reads on.
    pub fn finish(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Closes the connection by a reset.
    pub fn reset(self) {
        rustix::net::sockopt::set_socket_linger(&self.stream, Some(std::time::Duration::ZERO))
            .unwrap();
    }

    /// The next head; a `100 Continue` is one.
    pub fn head(&mut self) -> Head {
        let end = self
            .wait_for(b"\r\n\r\n")
            .expect("an answer with a whole head");
        Head::parse(self.input.drain(..end).collect())
    }

    /// The next answer to anything but HEAD.
    pub fn answer(&mut self) -> Answer {
        self.try_answer().expect("an answer with a whole head")
    }

    /// The next answer to anything but HEAD; none where the server closes the connection before a whole head.
    pub fn try_answer(&mut self) -> Option<Answer> {
        let end = self.wait_for(b"\r\n\r\n")?;
        let head = Head::parse(self.input.drain(..end).collect());
        let mut body = Vec::new();
        let ending = self.body(&head, |bytes| body.extend_from_slice(bytes));
        Some(Answer { head, body, ending })
    }

    /// The next answer to HEAD.
    pub fn answer_to_head(&mut self) -> Answer {
        Answer {
            head: self.head(),
            body: Vec::new(),
            ending: Ending::NoBody,
        }
    }

    /// Passes the body of an answer piece by piece to `take`.
    pub fn body(&mut self, head: &Head, mut take: impl FnMut(&[u8])) -> Ending {
        if matches!(head.status, 100..200 | 204 | 304) {
            return Ending::NoBody;
        }
        if head.value("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                if chunk.is_empty() {
                    return Ending::LastChunk;
                }
                take(&chunk);
            }
            return self.broken();
        }
        let length = head
            .value("content-length")
            .map(|length| length.parse().unwrap());
        let mut left: u64 = length.unwrap_or(u64::MAX);
        while left > 0 {
            if self.input.is_empty() && !self.fill() {
                return match self.broken() {
                    Ending::Short if length.is_none() => Ending::Closed,
                    ending => ending,
                };
            }
            let count = self
                .input
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            take(&self.input[..count]);
            self.input.drain(..count);
            left -= count as u64;
        }
        Ending::Length
    }

    /// The next chunk, empty for the last; none where the connection ends instead.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let end = self.wait_for(b"\r\n")?;
        let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
        let length = usize::from_str_radix(line.trim(), 16)
            .unwrap_or_else(|_| panic!("no chunk size: {line:?}"));
        while self.input.len() < end + length + 2 {
            if !self.fill() {
                return None;
            }
        }
        assert_eq!(&self.input[end + length..end + length + 2], b"\r\n");
        let chunk = self.input[end..end + length].to_vec();
        self.input.drain(..end + length + 2);
        Some(chunk)
    }

    /// All that still comes, and whether the connection was closed or reset.
    pub fn rest(&mut self) -> (Vec<u8>, Ending) {
        while self.fill() {}
        let ending = match self.broken() {
            Ending::Short => Ending::Closed,
            ending => ending,
        };
        (std::mem::take(&mut self.input), ending)
    }

    /// The offset after the next occurrence; none at the end of the stream.
    fn wait_for(&mut self, what: &[u8]) -> Option<usize> {
        let mut searched = 0;
        loop {
            let from = searched.min(self.input.len());
            let found = self.input[from..]
                .windows(what.len())
                .position(|window| window == what);
            if let Some(at) = found {
                return Some(from + at + what.len());
            }
            searched = self.input.len().saturating_sub(what.len());
            if !self.fill() {
                return None;
            }
        }
    }

    /// Reads more; false at the end of the stream.
    fn fill(&mut self) -> bool {
        let mut block = [0; 64 * 1024];
        let count = match self.stream.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                panic!(
                    "the server sends nothing more; so far: {:?}",
                    String::from_utf8_lossy(&self.input)
                )
            }
            Err(_) => {
                self.was_reset = true;
                0
            }
            Ok(count) => count,
        };
        self.input.extend_from_slice(&block[..count]);
        count > 0
    }

    /// How the connection ended, asked after its end.
    fn broken(&self) -> Ending {
        if self.was_reset {
            Ending::Reset
        } else {
            Ending::Short
        }
    }
}
