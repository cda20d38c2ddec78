//! The messages between the studio and its resident spawner, as bytes.
//!
//! A frame is a length (4 bytes, little-endian) and that many bytes of body; a body is a kind (1
//! byte) and its fields. Both ends are the same executable, so there are no versions.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::time::Duration;

use super::exit::{Exit, ProcessEnd};
use super::launch::Program;

/// The longest body. Linux takes 2 MiB of arguments and environment with its usual stack limit.
pub(super) const BODY_LIMIT_BYTES: usize = 16 << 20;

/// What the studio asks of the spawner.
#[derive(Debug, PartialEq)]
pub(super) enum Order {
    /// The first frame: the soft limit of open files that programs are to have.
    Begin { open_files: u64 },
    /// Start a program; three descriptors come with the frame: stdin, stdout, stderr.
    Launch { id: u64, program: Program },
    /// Send a signal to the program's group.
    Signal { id: u64, number: i32 },
    /// Kill what is left of the group, wait for it, report the end.
    Reap { id: u64 },
    /// The same as soon as the main process has ended by itself.
    ReapAfterExit { id: u64 },
}

/// What the spawner answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Report {
    Launched { id: u64, pid: i32 },
    Refused { id: u64, errno: i32 },
    Exited { id: u64, exit: Exit },
    Ended { id: u64, end: ProcessEnd },
}

/// The bytes are no message of ours.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("malformed control message")]
pub(super) struct Malformed;

const BEGIN: u8 = 1;
const LAUNCH: u8 = 2;
const SIGNAL: u8 = 3;
const REAP: u8 = 4;
const LAUNCHED: u8 = 5;
const REFUSED: u8 = 6;
const EXITED: u8 = 7;
const ENDED: u8 = 8;
const REAP_AFTER_EXIT: u8 = 9;

pub(super) fn begin_order(open_files: u64) -> Vec<u8> {
    Frame::new(BEGIN).number(open_files).finish()
}

/// The order to start `program`; borrowed, because an attempt may have to be repeated.
pub(super) fn launch_order(id: u64, program: &Program) -> Vec<u8> {
    let mut frame = Frame::new(LAUNCH)
        .number(id)
        .text(program.executable.as_os_str());
    frame = frame
        .text(program.directory.as_os_str())
        .number(program.arguments.len() as u64);
    for argument in &program.arguments {
        frame = frame.text(argument);
    }
    frame = frame.number(program.environment.len() as u64);
    for (name, value) in &program.environment {
        frame = frame.text(name).text(value);
    }
    frame.finish()
}

pub(super) fn signal_order(id: u64, number: i32) -> Vec<u8> {
    Frame::new(SIGNAL).number(id).small(number).finish()
}

pub(super) fn reap_order(id: u64) -> Vec<u8> {
    Frame::new(REAP).number(id).finish()
}

pub(super) fn reap_after_exit_order(id: u64) -> Vec<u8> {
    Frame::new(REAP_AFTER_EXIT).number(id).finish()
}

impl Order {
    pub(super) fn decode(body: &[u8]) -> Result<Order, Malformed> {
        let mut fields = Fields(body);
        let order = match fields.byte()? {
            BEGIN => Order::Begin {
                open_files: fields.number()?,
            },
            LAUNCH => Order::Launch {
                id: fields.number()?,
                program: fields.program()?,
            },
            SIGNAL => Order::Signal {
                id: fields.number()?,
                number: fields.small()?,
            },
            REAP => Order::Reap {
                id: fields.number()?,
            },
            REAP_AFTER_EXIT => Order::ReapAfterExit {
                id: fields.number()?,
            },
            _ => return Err(Malformed),
        };
        fields.finished(order)
    }
}

impl Report {
    pub(super) fn encode(&self) -> Vec<u8> {
        match *self {
            Report::Launched { id, pid } => Frame::new(LAUNCHED).number(id).small(pid).finish(),
            Report::Refused { id, errno } => Frame::new(REFUSED).number(id).small(errno).finish(),
            Report::Exited { id, exit } => Frame::new(EXITED).number(id).exit(exit).finish(),
            Report::Ended { id, end } => Frame::new(ENDED)
                .number(id)
                .exit(end.exit)
                .duration(end.user_time)
                .duration(end.system_time)
                .number(end.peak_memory_bytes)
                .number(end.minor_faults)
                .number(end.major_faults)
                .finish(),
        }
    }

    pub(super) fn decode(body: &[u8]) -> Result<Report, Malformed> {
        let mut fields = Fields(body);
        let kind = fields.byte()?;
        let id = fields.number()?;
        let report = match kind {
            LAUNCHED => Report::Launched {
                id,
                pid: fields.small()?,
            },
            REFUSED => Report::Refused {
                id,
                errno: fields.small()?,
            },
            EXITED => Report::Exited {
                id,
                exit: fields.exit()?,
            },
            ENDED => Report::Ended {
                id,
                end: fields.process_end()?,
            },
            _ => return Err(Malformed),
        };
        fields.finished(report)
    }
}

/// Takes a whole frame's body from the front of `bytes`: the body, and the length of the frame.
/// None when more bytes are needed.
pub(super) fn first_body(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, Malformed> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length) as usize;
    if length == 0 || length > BODY_LIMIT_BYTES {
        return Err(Malformed);
    }
    Ok(rest.get(..length).map(|body| (body, length + 4)))
}

struct Frame(Vec<u8>);

impl Frame {
    fn new(kind: u8) -> Frame {
        Frame(vec![0, 0, 0, 0, kind])
    }

    fn number(mut self, number: u64) -> Frame {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn small(mut self, number: i32) -> Frame {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn text(self, text: &OsStr) -> Frame {
        let mut frame = self.number(text.len() as u64);
        frame.0.extend_from_slice(text.as_bytes());
        frame
    }

    fn duration(self, duration: Duration) -> Frame {
        self.number(duration.as_micros() as u64)
    }

    fn exit(self, exit: Exit) -> Frame {
        match exit {
            Exit::Code(code) => self.small(0).small(code),
            Exit::Signal {
                number,
                core_dumped: false,
            } => self.small(1).small(number),
            Exit::Signal {
                number,
                core_dumped: true,
            } => self.small(2).small(number),
        }
    }

    /// A body over the limit is refused by the reader; `Program::wire_bytes` keeps it from here.
    fn finish(mut self) -> Vec<u8> {
        let length = (self.0.len() - 4) as u32;
        if let Some(head) = self.0.first_chunk_mut::<4>() {
            *head = length.to_le_bytes();
        }
        self.0
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (&byte, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(byte)
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], Malformed> {
        let (array, rest) = self.0.split_first_chunk::<LENGTH>().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    fn number(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    fn small(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_le_bytes)
    }

    fn text(&mut self) -> Result<OsString, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(OsString::from_vec(text.to_vec()))
    }

    /// A count of things that take at least 8 bytes each, so that a lie cannot reserve memory.
    fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        if count > self.0.len() / 8 {
            Err(Malformed)
        } else {
            Ok(count)
        }
    }

    fn program(&mut self) -> Result<Program, Malformed> {
        let executable = PathBuf::from(self.text()?);
        let directory = PathBuf::from(self.text()?);
        let arguments = (0..self.count()?)
            .map(|_| self.text())
            .collect::<Result<_, _>>()?;
        let environment = (0..self.count()?)
            .map(|_| Ok((self.text()?, self.text()?)))
            .collect::<Result<_, _>>()?;
        Ok(Program {
            executable,
            arguments,
            environment,
            directory,
        })
    }

    fn exit(&mut self) -> Result<Exit, Malformed> {
        let (kind, number) = (self.small()?, self.small()?);
        match kind {
            0 => Ok(Exit::Code(number)),
            1 | 2 => Ok(Exit::Signal {
                number,
                core_dumped: kind == 2,
            }),
            _ => Err(Malformed),
        }
    }

    fn process_end(&mut self) -> Result<ProcessEnd, Malformed> {
        Ok(ProcessEnd {
            exit: self.exit()?,
            user_time: Duration::from_micros(self.number()?),
            system_time: Duration::from_micros(self.number()?),
            peak_memory_bytes: self.number()?,
            minor_faults: self.number()?,
            major_faults: self.number()?,
            measured: true,
        })
    }

    fn finished<T>(self, message: T) -> Result<T, Malformed> {
        if self.0.is_empty() {
            Ok(message)
        } else {
            Err(Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Program {
        Program {
            executable: "/bin/a b".into(),
            arguments: vec!["a".into(), OsString::from_vec(vec![0xff, b'x'])],
            environment: vec![
                ("NAME".into(), "".into()),
                ("B".into(), "two\nlines".into()),
            ],
            directory: "/".into(),
        }
    }

    #[track_caller]
    fn check_order(frame: &[u8], expected: &Order) {
        let (body, length) = first_body(frame).unwrap().unwrap();
        assert_eq!(length, frame.len());
        assert_eq!(&Order::decode(body).unwrap(), expected);
        for cut in 0..frame.len() {
            assert_eq!(first_body(&frame[..cut]), Ok(None), "cut at {cut}");
        }
        for cut in 0..body.len() {
            assert_eq!(Order::decode(&body[..cut]), Err(Malformed), "cut at {cut}");
        }
    }

    #[track_caller]
    fn check_report(report: Report) {
        let frame = report.encode();
        let (body, _) = first_body(&frame).unwrap().unwrap();
        assert_eq!(Report::decode(body), Ok(report));
        for cut in 0..body.len() {
            assert_eq!(Report::decode(&body[..cut]), Err(Malformed), "cut at {cut}");
        }
    }

    #[test]
    fn every_order_comes_back_as_it_was_and_never_from_a_part() {
        check_order(&begin_order(1024), &Order::Begin { open_files: 1024 });
        check_order(
            &launch_order(7, &program()),
            &Order::Launch {
                id: 7,
                program: program(),
            },
        );
        check_order(&signal_order(7, 15), &Order::Signal { id: 7, number: 15 });
        check_order(&reap_after_exit_order(8), &Order::ReapAfterExit { id: 8 });
        check_order(&reap_order(u64::MAX), &Order::Reap { id: u64::MAX });
    }

    #[test]
    fn every_report_comes_back_as_it_was_and_never_from_a_part() {
        let exit = Exit::Signal {
            number: 11,
            core_dumped: true,
        };
        check_report(Report::Launched { id: 1, pid: 4242 });
        check_report(Report::Refused { id: 1, errno: 13 });
        check_report(Report::Exited {
            id: 1,
            exit: Exit::Code(255),
        });
        check_report(Report::Ended {
            id: 1,
            end: ProcessEnd {
                exit,
                user_time: Duration::from_micros(1),
                system_time: Duration::from_secs(2),
                peak_memory_bytes: 3,
                minor_faults: 4,
                major_faults: 5,
                measured: true,
            },
        });
    }

    #[test]
    fn a_lying_length_or_count_is_malformed() {
        assert_eq!(first_body(&[0, 0, 0, 0]), Err(Malformed));
        assert_eq!(first_body(&[255, 255, 255, 255, 1]), Err(Malformed));
        let liar = Frame::new(LAUNCH)
            .number(1)
            .text("/".as_ref())
            .text("/".as_ref())
            .number(u64::MAX)
            .finish();
        assert_eq!(Order::decode(&liar[4..]), Err(Malformed));
        assert_eq!(Order::decode(&[99]), Err(Malformed));
        assert_eq!(Order::decode(&[]), Err(Malformed));
    }
}
