//! What a script's first bytes say to the kernel: `#!`, a program's magic, line ends.
//!
//! The `#!` line is read as Linux reads it (`fs/binfmt_script.c`, execve(2)): blanks around the
//! interpreter are passed over, and all that follows is one argument.

use std::fmt;
use std::ops::Range;

/// Linux reads this many bytes of a file to find the `#!` line (since 5.1; 128 before).
pub const SHEBANG_BUFFER_BYTES: usize = 256;
/// How much of a first line is kept.
pub const FIRST_LINE_BYTES: usize = 4 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The first line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstLine {
    /// Whether a UTF-8 byte order mark stands before it; the kernel then sees no `#!`.
    pub bom: bool,
    /// The line without its line feed, cut to [`FIRST_LINE_BYTES`]; a byte order mark and a
    /// carriage return are still there.
    pub raw: Vec<u8>,
    /// The `#!` line, if the file's first two bytes are `#!`.
    pub shebang: Option<Shebang>,
    /// The line, from 1, on which a `#!` stands that the kernel does not see: after blanks, after
    /// a byte order mark, or below the first line.
    pub shebang_on_line: Option<u32>,
}

/// A `#!` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// The interpreter, without the carriage return that [`Shebang::ends_with_cr`] tells of; it is
    /// empty when the line names none.
    pub interpreter: Vec<u8>,
    /// The rest of the line, one word for Linux, without that carriage return.
    pub argument: Option<Vec<u8>>,
    /// Whether the line ends with a carriage return, which the kernel takes for a part of the
    /// last word.
    pub ends_with_cr: bool,
    /// Whether the line does not fit [`SHEBANG_BUFFER_BYTES`]: Linux cuts it or refuses the file.
    pub too_long: bool,
    /// The line's bytes in the file, without its line feed.
    pub span: Range<usize>,
}

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineEnds {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r` alone, as on the classic Mac.
    Cr,
    /// More than one kind.
    Mixed,
    /// There is no line end.
    None,
}

/// The format of a program, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryFormat {
    /// Linux and most other UNIX systems.
    Elf,
    /// macOS, single or several processors in one file.
    MachO,
    /// Windows.
    Pe,
}

impl fmt::Display for BinaryFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elf => "ELF",
            Self::MachO => "Mach-O",
            Self::Pe => "Windows PE",
        })
    }
}

impl BinaryFormat {
    /// The format that `head`, the first bytes of a file, shows.
    pub fn of(head: &[u8]) -> Option<Self> {
        let magic: [u8; 4] = head.get(..4)?.try_into().ok()?;
        match magic {
            [0x7F, b'E', b'L', b'F'] => Some(Self::Elf),
            [0xFE, 0xED, 0xFA, 0xCE | 0xCF] | [0xCE | 0xCF, 0xFA, 0xED, 0xFE] => Some(Self::MachO),
            // A Java class starts with the same bytes; there the next four are its version, 45 at
            // least, and here the small count of processors.
            [0xCA, 0xFE, 0xBA, 0xBE] => head
                .get(4..8)
                .is_some_and(|count| count < &[0, 0, 0, 45][..])
                .then_some(Self::MachO),
            // Text may start with "MZ", but holds no zero byte in a header's place.
            [b'M', b'Z', ..] => head
                .get(..64)
                .is_some_and(|dos| dos.contains(&0))
                .then_some(Self::Pe),
            _ => None,
        }
    }

    /// Whether this system starts such programs.
    pub fn is_native(self) -> bool {
        self == if cfg!(target_os = "macos") {
            Self::MachO
        } else {
            Self::Elf
        }
    }
}

impl FirstLine {
    /// Reads the first line of `content`, which may be only the start of a file.
    pub fn of(content: &[u8]) -> Self {
        let bom = content.starts_with(BYTE_ORDER_MARK);
        let line = content
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let shebang = Shebang::of(content);
        Self {
            bom,
            raw: line.iter().copied().take(FIRST_LINE_BYTES).collect(),
            shebang_on_line: if shebang.is_some() {
                None
            } else {
                misplaced_shebang(content)
            },
            shebang,
        }
    }
}

impl Shebang {
    /// Reads the `#!` line at the very start of `content`.
    pub fn of(content: &[u8]) -> Option<Self> {
        let rest = content.strip_prefix(b"#!")?;
        let line_length = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(rest.len());
        let line = rest
            .get(..line_length.min(FIRST_LINE_BYTES))
            .unwrap_or(rest);
        let (text, ends_with_cr) = match line.strip_suffix(b"\r") {
            Some(text) => (text, true),
            None => (line, false),
        };
        let text = without_blanks(text);
        let name_length = text
            .iter()
            .position(|&byte| is_blank(byte))
            .unwrap_or(text.len());
        let (interpreter, argument) = text.split_at(name_length);
        let argument = without_blanks(argument);
        Some(Self {
            interpreter: interpreter.to_vec(),
            argument: (!argument.is_empty()).then(|| argument.to_vec()),
            ends_with_cr,
            // The line feed must be among the bytes that the kernel reads, or the file must end.
            too_long: 2 + line_length >= SHEBANG_BUFFER_BYTES,
            span: 0..2 + line_length,
        })
    }

    /// The interpreter as the kernel looks it up: a carriage return sticks to it when no argument
    /// stands between.
    pub fn kernel_interpreter(&self) -> Vec<u8> {
        let mut name = self.interpreter.clone();
        if self.ends_with_cr && self.argument.is_none() {
            name.push(b'\r');
        }
        name
    }

    /// The argument as the kernel passes it on, with the carriage return that sticks to it.
    pub fn kernel_argument(&self) -> Option<Vec<u8>> {
        let mut argument = self.argument.clone()?;
        if self.ends_with_cr {
            argument.push(b'\r');
        }
        Some(argument)
    }

    /// The program that `env` is to look up on `PATH`, if the interpreter is an `env`: the whole
    /// argument, blanks included, or with `-S` its first word that is no option or assignment.
    pub fn word_for_env(&self) -> Option<Vec<u8>> {
        if self.interpreter.rsplit(|&byte| byte == b'/').next() != Some(&b"env"[..]) {
            return None;
        }
        let argument = self.kernel_argument()?;
        let split = [&b"-S"[..], b"--split-string=", b"-vS"]
            .iter()
            .find_map(|option| argument.strip_prefix(*option));
        let Some(split) = split else {
            return Some(argument);
        };
        let mut words = split
            .split(|&byte| is_blank(byte) || byte == b'\r')
            .filter(|word| !word.is_empty());
        words
            .find(|word| !word.starts_with(b"-") && !word.contains(&b'='))
            .map(<[u8]>::to_vec)
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn without_blanks(text: &[u8]) -> &[u8] {
    let start = text
        .iter()
        .position(|&byte| !is_blank(byte))
        .unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|&byte| !is_blank(byte))
        .map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// A `#!` with a path that the kernel does not see, within the first [`FIRST_LINE_BYTES`].
fn misplaced_shebang(content: &[u8]) -> Option<u32> {
    let head = content.get(..FIRST_LINE_BYTES).unwrap_or(content);
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let is_shebang = |line: &[u8]| {
        let rest = without_blanks(line).strip_prefix(b"#!");
        rest.is_some_and(|rest| without_blanks(rest).starts_with(b"/"))
    };
    let at = head.split(|&byte| byte == b'\n').position(is_shebang)?;
    u32::try_from(at + 1).ok()
}

impl LineEnds {
    /// How the lines of `content` end.
    pub fn of(content: &[u8]) -> Self {
        let (mut lf, mut crlf, mut cr) = (false, false, false);
        let mut rest = content;
        while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
            let (end, width) = match (rest.get(at), rest.get(at + 1)) {
                (Some(b'\r'), Some(b'\n')) => (&mut crlf, 2),
                (Some(b'\r'), _) => (&mut cr, 1),
                _ => (&mut lf, 1),
            };
            *end = true;
            rest = rest.get(at + width..).unwrap_or_default();
        }
        match (lf, crlf, cr) {
            (false, false, false) => Self::None,
            (true, false, false) => Self::Lf,
            (false, true, false) => Self::CrLf,
            (false, false, true) => Self::Cr,
            _ => Self::Mixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Interpreter and argument as the kernel sees them, and the word that `env` looks up.
    #[track_caller]
    fn check(content: &[u8], interpreter: &[u8], argument: Option<&[u8]>, env: Option<&[u8]>) {
        let shebang = Shebang::of(content).unwrap();
        assert_eq!(shebang.kernel_interpreter(), interpreter);
        assert_eq!(shebang.kernel_argument().as_deref(), argument);
        assert_eq!(shebang.word_for_env().as_deref(), env);
    }

    #[test]
    fn the_line_is_read_as_linux_reads_it() {
        check(b"#!/bin/sh", b"/bin/sh", None, None);
        check(
            b"#! \t/bin/sh  -e  -x \nrest",
            b"/bin/sh",
            Some(b"-e  -x"),
            None,
        );
        check(b"#!/bin/sh\r\n", b"/bin/sh\r", None, None);
        check(
            b"#!/usr/bin/perl -w\r\n",
            b"/usr/bin/perl",
            Some(b"-w\r"),
            None,
        );
        check(b"#!\n", b"", None, None);
        check(b"#!\r\n", b"\r", None, None);
        check(b"#!", b"", None, None);
        check(b"#!/caf\xE9/\x00x y\n", b"/caf\xE9/\x00x", Some(b"y"), None);
    }

    #[test]
    fn env_takes_one_word_unless_told_to_split() {
        check(
            b"#!/usr/bin/env python3\n",
            b"/usr/bin/env",
            Some(b"python3"),
            Some(b"python3"),
        );
        check(
            b"#!/usr/bin/env python3\r\n",
            b"/usr/bin/env",
            Some(b"python3\r"),
            Some(b"python3\r"),
        );
        check(
            b"#!/usr/bin/env python3 -u\n",
            b"/usr/bin/env",
            Some(b"python3 -u"),
            Some(b"python3 -u"),
        );
        check(
            b"#!/usr/bin/env -S A=1 -i python3 -u\n",
            b"/usr/bin/env",
            Some(b"-S A=1 -i python3 -u"),
            Some(b"python3"),
        );
        check(b"#!/usr/bin/env\n", b"/usr/bin/env", None, None);
        check(b"#!/bin/environ x\n", b"/bin/environ", Some(b"x"), None);
    }

    #[test]
    fn the_line_must_fit_the_buffer_of_the_kernel() {
        let line = |length: usize| [&b"#!/"[..], &vec![b'a'; length - 3], b"\nprint()\n"].concat();
        for (length, too_long) in [(255, false), (256, true), (100_000, true)] {
            let shebang = Shebang::of(&line(length)).unwrap();
            assert_eq!((shebang.too_long, shebang.span), (too_long, 0..length));
        }
    }

    #[test]
    fn a_shebang_out_of_place_is_found() {
        for (content, bom, line) in [
            (
                &b"# coding: utf-8\n#!/usr/bin/python3\n"[..],
                false,
                Some(2),
            ),
            (b" #!/bin/sh\n", false, Some(1)),
            (b"\n\n\t#! /bin/sh", false, Some(3)),
            (b"\xEF\xBB\xBF#!/bin/sh\n", true, Some(1)),
            (b"print()\n#!important\n", false, None),
            (b"#!/bin/sh\n#!/bin/sh\n", false, None),
            (b"", false, None),
        ] {
            let first = FirstLine::of(content);
            assert_eq!(
                (first.bom, first.shebang_on_line),
                (bom, line),
                "{content:?}"
            );
        }
        let far = [vec![b'\n'; FIRST_LINE_BYTES], b"#!/bin/sh".to_vec()].concat();
        assert_eq!(FirstLine::of(&far).shebang_on_line, None);
        assert_eq!(
            FirstLine::of(&vec![b'x'; 1 << 20]).raw.len(),
            FIRST_LINE_BYTES
        );
    }

    #[test]
    fn line_ends_are_told_apart() {
        for (content, expected) in [
            (&b"a"[..], LineEnds::None),
            (b"a\nb\n", LineEnds::Lf),
            (b"a\r\nb\r\n", LineEnds::CrLf),
            (b"a\rb\r", LineEnds::Cr),
            (b"a\r\nb\n", LineEnds::Mixed),
            (b"a\r\r\n", LineEnds::Mixed),
        ] {
            assert_eq!(LineEnds::of(content), expected, "{content:?}");
        }
    }

    #[test]
    fn programs_are_known_by_their_first_bytes() {
        let pe = [&b"MZ\x90"[..], &[0; 64]].concat();
        for (head, expected) in [
            (&b"\x7FELF\x02"[..], Some(BinaryFormat::Elf)),
            (b"\xCF\xFA\xED\xFE", Some(BinaryFormat::MachO)),
            (b"\xCA\xFE\xBA\xBE\0\0\0\x02", Some(BinaryFormat::MachO)),
            (b"\xCA\xFE\xBA\xBE\0\0\0\x41", None),
            (&pe, Some(BinaryFormat::Pe)),
            (b"MZ is a text", None),
            (b"\x7FEL", None),
            (b"#!/bin/sh", None),
        ] {
            assert_eq!(BinaryFormat::of(head), expected, "{head:?}");
        }
    }
}
