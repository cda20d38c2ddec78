//! What the text of a Python script says, without running it: imports, calls, subscripts, and a syntax error.
//!
//! The parser is ruff's, which reads what CPython reads up to its newest version and goes on after an error; our own
//! tokenizer would be a second, worse one. A syntax tree never leaves this room, so nobody else has to mind how deep
//! one may be. Names are told as the module that they come from names them: after `from os import environ as e`,
//! `e` is told as `os.environ`.

mod depth;
mod names;
mod text;
mod walk;

use ruff_python_ast::PySourceType;
use ruff_text_size::TextRange;
use std::ops::Range;

/// Longer texts are not read, in bytes.
pub const MOST_BYTES: usize = 2 << 20;
/// The walk over a tree that [`depth`] lets pass needs less than this, in bytes.
const STACK_BYTES: usize = 32 << 20;

/// What was found in a script, each in the order of the text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PythonFacts {
    /// What it imports.
    pub imports: Vec<Import>,
    /// The functions and methods that it calls.
    pub calls: Vec<Call>,
    /// What it takes out of something by key.
    pub subscripts: Vec<Subscript>,
    /// What is put into its f-strings.
    pub interpolations: Vec<Interpolation>,
    /// Names that are given a value.
    pub assignments: Vec<Assignment>,
    /// Every use of a name, also as the root of a longer one.
    pub uses: Vec<Use>,
    /// Where statements can be added.
    pub layout: Layout,
    /// The first syntax error; what comes after it may be missing above.
    pub syntax_error: Option<SyntaxError>,
}

/// One name that comes in by an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// The module, as `xml.dom`.
    pub module: String,
    /// The name that is taken out of it by `from … import`; `*` for all.
    pub name: Option<String>,
    /// What it is called here.
    pub local: String,
    /// The whole statement, in bytes of the text.
    pub statement: Range<usize>,
    /// Its line, from 1.
    pub line: u32,
    /// It stands in a `try`, so that its failure may be expected.
    pub guarded: bool,
    /// It stands outside every function and class.
    pub top_level: bool,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// What is called, as `sys.stdin.read`; a method of something without a name is `.read`.
    pub name: String,
    /// The call, in bytes of the text.
    pub range: Range<usize>,
    /// What is called, in bytes of the text.
    pub callee: Range<usize>,
    /// Its line, from 1.
    pub line: u32,
    /// What it is given.
    pub arguments: Vec<Argument>,
    /// The whole statement, where the call is all of it.
    pub statement: Option<Range<usize>>,
    /// It stands outside every function, class, loop and condition.
    pub top_level: bool,
}

/// What a call is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Argument {
    /// Its name, where it is given by name.
    pub keyword: Option<String>,
    /// The value, in bytes of the text.
    pub range: Range<usize>,
    /// The text that the value begins with, where it is written out.
    pub text: Option<Text>,
    /// The name of the value, as of [`Call::name`].
    pub name: Option<String>,
}

/// A text that is written out, or the beginning of one that is put together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The characters, escapes resolved.
    pub value: String,
    /// It is all of the value, not only its beginning.
    pub whole: bool,
    /// Where it stands between its quotes, in bytes of the text, where it is in one piece.
    pub range: Option<Range<usize>>,
}

/// One `something[key]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscript {
    /// What it is taken from, as of [`Call::name`].
    pub name: String,
    /// The key, where it is written out.
    pub key: Option<String>,
    /// The whole expression, in bytes of the text.
    pub range: Range<usize>,
    /// What stands before the bracket, in bytes of the text.
    pub value: Range<usize>,
    /// The key, in bytes of the text.
    pub key_range: Range<usize>,
    /// Its line, from 1.
    pub line: u32,
    /// It is read, not assigned or deleted.
    pub read: bool,
}

/// One `{value}` of an f-string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpolation {
    /// The name of the value, as of [`Call::name`].
    pub name: Option<String>,
    /// The value without its braces, in bytes of the text.
    pub range: Range<usize>,
    /// Its line, from 1.
    pub line: u32,
}

/// One `name = value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// What is given a value, as of [`Call::name`].
    pub target: String,
    /// What the value is the result of calling, or its own name.
    pub source: Option<String>,
    /// The value, in bytes of the text.
    pub value: Range<usize>,
    /// The whole statement, in bytes of the text.
    pub statement: Range<usize>,
    /// Its line, from 1.
    pub line: u32,
}

/// One place where a name stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Use {
    /// The name as it is written.
    pub name: String,
    /// Where, in bytes of the text.
    pub range: Range<usize>,
}

/// The beginning of a module, in bytes of the text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    /// Where the first statement begins that is neither a text that documents nor an import from `__future__`.
    pub first: Option<usize>,
    /// Where the imports end that the module begins with.
    pub imports_end: Option<usize>,
}

/// Where a text stops being Python.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// What the parser says.
    pub message: String,
    /// Its line, from 1.
    pub line: u32,
    /// Where, in bytes of the text.
    pub at: usize,
}

impl PythonFacts {
    /// Reads a script. None: it is too long, is not UTF-8, or is nested so deep that CPython would refuse it too.
    #[must_use]
    pub fn read(source: &[u8]) -> Option<Self> {
        if source.len() > MOST_BYTES {
            return None;
        }
        let text = std::str::from_utf8(source).ok()?;
        if depth::is_too_deep(text) {
            return None;
        }
        Some(stacker::grow(STACK_BYTES, || {
            let parsed = ruff_python_parser::parse_unchecked_source(text, PySourceType::Python);
            let mut facts = walk::walk(parsed.syntax(), text);
            facts.syntax_error = parsed.errors().first().map(|error| SyntaxError {
                message: error.error.to_string(),
                line: Lines::new(text).line_of(error.location.start().to_usize()),
                at: error.location.start().to_usize(),
            });
            facts
        }))
    }

    /// The calls of this function.
    pub fn calls_of<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f Call> + 'f {
        self.calls.iter().filter(move |call| call.name == name)
    }

    /// Whether it imports this module, or something out of it.
    #[must_use]
    pub fn imports_module(&self, module: &str) -> bool {
        self.imports.iter().any(|import| import.module == module)
    }
}

impl Call {
    /// The argument at this place, from 0, among those without a name.
    #[must_use]
    pub fn positional(&self, index: usize) -> Option<&Argument> {
        let mut unnamed = self
            .arguments
            .iter()
            .filter(|argument| argument.keyword.is_none());
        unnamed.nth(index)
    }

    /// The argument that is given by this name.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Argument> {
        self.arguments
            .iter()
            .find(|argument| argument.keyword.as_deref() == Some(name))
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self(std::iter::once(0).chain(ends.map(|at| at + 1)).collect())
    }

    fn line_of(&self, at: usize) -> u32 {
        let lines = self.0.partition_point(|&start| start <= at);
        u32::try_from(lines).unwrap_or(u32::MAX)
    }
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().to_usize()..range.end().to_usize()
}

#[cfg(test)]
mod tests;
