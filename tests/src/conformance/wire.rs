//! One case asked of one host: the steps in their order, every byte that came, and when.
//!
//! Nothing here waits longer than the caller's patience: a host that hangs is an outcome.

use super::answer::{Answer, Extent};
use super::case::Step;
use super::seen::Seen;
use super::text::Words;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What came of a case.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// All that was sent.
    pub sent: Vec<u8>,
    /// All that came.
    pub raw: Vec<u8>,
    /// The answers, interim ones left out.
    pub answers: Vec<Answer>,
    /// Where the last answer begins in `raw`.
    pub last_answer_at: usize,
    /// Status codes of interim answers.
    pub interim: Vec<u16>,
    /// What came after the last answer.
    pub after: Vec<u8>,
    /// What was waited for in vain.
    pub hung: Option<String>,
    /// How long before the end of the last answer its first body byte came.
    pub early: Duration,
    /// From the first byte sent to the end of the last answer.
    pub took: Duration,
    /// The client's address.
    pub client: String,
    /// What the script saw, if the last answer tells.
    pub seen: Option<Seen>,
    /// The same from the request for the Script-URI.
    pub seen_again: Option<Seen>,
}

/// Takes the steps, then waits for an answer if none of them did.
///
/// # Errors
/// The host does not let itself be connected to.
pub fn observe(
    address: SocketAddr,
    steps: &[Step],
    words: &Words,
    patience: Duration,
) -> io::Result<Observed> {
    let mut wire = Wire::connect(address, patience)?;
    let mut words = words.clone();
    words.client.clone_from(&wire.observed.client);
    let mut outcome = Ok(());
    for step in steps {
        outcome = outcome.and_then(|()| wire.take(step, &words));
    }
    if !matches!(steps.last(), Some(Step::Answer | Step::End)) {
        outcome = outcome.and_then(|()| wire.answer());
    }
    wire.observed.hung = outcome.err().map(|Hung(what)| what);
    Ok(wire.finish())
}

/// What came, and when.
#[derive(Default)]
struct Tape {
    bytes: Vec<u8>,
    /// How many bytes there were at which moment.
    moments: Vec<(usize, Instant)>,
    ended: Option<Instant>,
}

impl Tape {
    /// When the byte of that offset came; for one that never did, when the connection ended.
    fn moment(&self, offset: usize) -> Option<Instant> {
        let mut moments = self.moments.iter();
        let moment = moments.find(|(count, _)| *count > offset);
        moment.map(|(_, moment)| *moment).or(self.ended)
    }
}

/// It was waited for in vain.
struct Hung(String);

struct Wire {
    stream: TcpStream,
    tape: Arc<(Mutex<Tape>, Condvar)>,
    reader: thread::JoinHandle<()>,
    observed: Observed,
    /// Where the next answer begins.
    at: usize,
    /// Where the request that it answers begins in what was sent.
    request_at: usize,
    started: Instant,
    deadline: Instant,
}

impl Wire {
    fn connect(address: SocketAddr, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(patience))?;
        let tape: Arc<(Mutex<Tape>, Condvar)> = Arc::default();
        let reader = read_along(stream.try_clone()?, Arc::clone(&tape))?;
        let observed = Observed {
            client: stream.local_addr()?.ip().to_string(),
            ..Observed::default()
        };
        let started = Instant::now();
        Ok(Self {
            stream,
            tape,
            reader,
            observed,
            at: 0,
            request_at: 0,
            started,
            deadline: started + patience,
        })
    }

    fn take(&mut self, step: &Step, words: &Words) -> Result<(), Hung> {
        let bytes = |text: &str| {
            words
                .bytes(text)
                .unwrap_or_else(|_| text.as_bytes().to_vec())
        };
        match step {
            Step::Head(lines) => {
                let mut head = Vec::new();
                for line in lines {
                    head.extend(bytes(line));
                    head.extend(b"\r\n");
                }
                head.extend(b"\r\n");
                self.send(&head);
            }
            Step::Send(text) => self.send(&bytes(text)),
            Step::Await(text) => {
                let wanted = bytes(text);
                self.wait(&format!("\"{}\"", wanted.escape_ascii()), |tape| {
                    tape.ended.is_some() || contains(&tape.bytes, &wanted)
                })?;
            }
            Step::Answer => self.answer()?,
            Step::CloseWrite => {
                // The host may have closed it already.
                let _ = self.stream.shutdown(Shutdown::Write);
            }
            Step::End => {
                self.wait("the end of the connection", |tape| tape.ended.is_some())?;
                self.answer()?;
            }
        }
        Ok(())
    }

    /// A host that has enough of a request may close the connection: what it answered is what counts.
    fn send(&mut self, bytes: &[u8]) {
        self.observed.sent.extend_from_slice(bytes);
        let _ = self.stream.write_all(bytes);
    }

    fn wait(&self, what: &str, ready: impl Fn(&Tape) -> bool) -> Result<(), Hung> {
        let (tape, changed) = &*self.tape;
        let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
        while !ready(&tape) {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Hung(what.to_owned()));
            }
            let waited = changed.wait_timeout(tape, left);
            tape = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Waits for the next answer; none comes where the connection ends instead.
    fn answer(&mut self) -> Result<(), Hung> {
        loop {
            let method = self.method();
            let at = self.at;
            let read = |tape: &Tape| {
                let rest = tape.bytes.get(at..).unwrap_or_default();
                Answer::read(rest, &method, tape.ended.is_some())
            };
            let waited = self.wait("a whole answer", |tape| {
                let whole = |answer: Answer| answer.extent != Extent::Open;
                read(tape).map_or(tape.ended.is_some(), whole)
            });
            let answer = {
                let tape = Arc::clone(&self.tape);
                let tape = tape.0.lock().unwrap_or_else(PoisonError::into_inner);
                let answer = read(&tape);
                if let Some(answer) = &answer {
                    self.note_times(&tape, answer);
                }
                answer
            };
            let Some(answer) = answer else { return waited };
            self.at += answer.length;
            if answer.is_interim() {
                self.observed.interim.push(answer.status);
                continue;
            }
            self.observed.last_answer_at = at;
            self.observed.answers.push(answer);
            self.request_at = self.observed.sent.len();
            return waited;
        }
    }

    fn note_times(&mut self, tape: &Tape, answer: &Answer) {
        let first = tape.moment(self.at + answer.head_length);
        // Framed by the end of the connection, that is when it ends.
        let framed = ["content-length", "transfer-encoding"];
        let framed = framed.iter().any(|name| !answer.values(name).is_empty());
        let end = match tape.ended {
            Some(ended) if !framed => Some(ended),
            _ => tape.moment(self.at + answer.length.saturating_sub(1)),
        };
        if let (Some(first), Some(end)) = (first, end) {
            self.observed.early = end.saturating_duration_since(first);
            self.observed.took = end.saturating_duration_since(self.started);
        }
    }

    /// The method of the request that is answered next.
    fn method(&self) -> Vec<u8> {
        let request = &self.observed.sent[self.request_at.min(self.observed.sent.len())..];
        request
            .split(|byte| *byte == b' ')
            .next()
            .unwrap_or_default()
            .to_vec()
    }

    fn finish(self) -> Observed {
        let Self {
            stream,
            tape,
            reader,
            mut observed,
            at,
            ..
        } = self;
        // The reader's last read returns.
        let _ = stream.shutdown(Shutdown::Both);
        let _ = reader.join();
        let tape = tape.0.lock().unwrap_or_else(PoisonError::into_inner);
        observed.raw.clone_from(&tape.bytes);
        observed.after = tape.bytes.get(at..).unwrap_or_default().to_vec();
        let last = observed.answers.last();
        observed.seen = last.and_then(|answer| Seen::read(&answer.body));
        observed
    }
}

/// Reads in a thread of its own, so that sending never waits for a host that is itself sending.
fn read_along(
    mut stream: TcpStream,
    tape: Arc<(Mutex<Tape>, Condvar)>,
) -> io::Result<thread::JoinHandle<()>> {
    let read = move || {
        let (tape, changed) = &*tape;
        let mut buffer = [0; 64 * 1024];
        loop {
            let read = stream.read(&mut buffer);
            let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            match read {
                Ok(count) if count > 0 => {
                    tape.bytes.extend_from_slice(&buffer[..count]);
                    let length = tape.bytes.len();
                    tape.moments.push((length, now));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => tape.ended = Some(now),
            }
            changed.notify_all();
            if tape.ended.is_some() {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("case reader".to_owned())
        .spawn(read)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || bytes.windows(wanted.len()).any(|window| window == wanted)
}
