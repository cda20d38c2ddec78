//! From files to directives: includes, variables, and the sections that only ask whether to read
//! what is in them. Everything is bounded, because a file may include itself.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::convert::Grade;

use super::condition::{self, Verdict};
use super::include;
use super::line::{LogicalLine, logical_lines, next_word, words};
use super::modules::Modules;
use super::notes::Notes;
use super::tree::{Directive, Place};
use super::variables::{Variables, is_debian_root};
use super::{ReadError, ReadOptions};

/// A larger file is no configuration.
const LARGEST_FILE_BYTES: u64 = 4 << 20;
const MOST_FILES: usize = 1_000;
const MOST_DIRECTIVES: usize = 100_000;
/// Sections within sections and files within files, together.
const DEEPEST: usize = 64;

/// Reads files, one after the other, as though they were one.
pub(super) struct Reader {
    pub(super) server_root: PathBuf,
    pub(super) variables: Variables,
    pub(super) modules: Modules,
    pub(super) notes: Notes,
    /// The files that are being read, outermost first.
    open: Vec<PathBuf>,
    is_access_file: bool,
    files: usize,
    directives: usize,
}

/// The lines of one file that are still to be read.
struct Lines {
    file: Arc<Path>,
    lines: VecDeque<LogicalLine>,
}

/// A line taken apart.
struct Statement {
    place: Place,
    name: String,
    /// What follows the name, variables not replaced.
    rest: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Opening,
    Closing,
}

impl Reader {
    /// A reader for a configuration that begins with `first`.
    pub(super) fn new(first: &Path, options: &ReadOptions) -> Self {
        let folder = first.parent().unwrap_or(Path::new("/"));
        let debian = folder.ancestors().find(|folder| is_debian_root(folder));
        let mut variables = Variables::default();
        if let Some(root) = debian {
            let envvars = std::fs::read_to_string(root.join("envvars"));
            variables.add_debian(&envvars.unwrap_or_default());
        }
        for (name, value) in &options.defines {
            variables.define(name, value);
        }
        let server_root = options.server_root.as_deref().or(debian).unwrap_or(folder);
        let server_root =
            std::path::absolute(server_root).unwrap_or_else(|_| server_root.to_owned());
        Self {
            server_root,
            variables,
            modules: Modules::default(),
            notes: Notes::default(),
            open: Vec::new(),
            is_access_file: false,
            files: 0,
            directives: 0,
        }
    }

    /// The directives of a file and of all that it includes.
    pub(super) fn read(&mut self, file: &Path) -> Result<Vec<Directive>, ReadError> {
        let mut directives = Vec::new();
        self.file(file, &mut directives)?;
        Ok(directives)
    }

    /// The same for a `.htaccess`, which cannot include or define anything.
    pub(super) fn read_access_file(&mut self, file: &Path) -> Result<Vec<Directive>, ReadError> {
        self.is_access_file = true;
        let directives = self.read(file);
        self.is_access_file = false;
        directives
    }

    fn file(&mut self, file: &Path, into: &mut Vec<Directive>) -> Result<(), ReadError> {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(ReadError::TooManyFiles {
                most: MOST_FILES,
                path: file.to_owned(),
            });
        }
        let lines = logical_lines(&bytes_of(file)?);
        let mut lines = Lines {
            file: file.into(),
            lines: lines.into(),
        };
        self.open.push(file.to_owned());
        let done = self.block(&mut lines, None, self.open.len(), into);
        self.open.pop();
        done
    }

    /// Reads up to the line that closes `section`, or to the end of the file.
    fn block(
        &mut self,
        lines: &mut Lines,
        section: Option<&Statement>,
        depth: usize,
        into: &mut Vec<Directive>,
    ) -> Result<(), ReadError> {
        if depth > DEEPEST {
            return Err(ReadError::TooDeep {
                most: DEEPEST,
                path: lines.file.to_path_buf(),
            });
        }
        while let Some(line) = lines.lines.pop_front() {
            self.directives += 1;
            if self.directives > MOST_DIRECTIVES {
                return Err(ReadError::TooManyDirectives {
                    most: MOST_DIRECTIVES,
                    path: lines.file.to_path_buf(),
                });
            }
            let (statement, is_text) = Statement::of(&lines.file, &line);
            match statement.kind {
                Kind::Closing => {
                    let closes =
                        |section: &Statement| section.name.eq_ignore_ascii_case(&statement.name);
                    if section.is_some_and(closes) {
                        return Ok(());
                    }
                    self.refuse(
                        &statement,
                        "it closes no section that is open here; Apache does not start with it",
                    );
                }
                Kind::Opening => self.section(&statement, is_text, lines, depth, into)?,
                Kind::Plain => self.plain(&statement, is_text, into)?,
            }
        }
        if let Some(section) = section {
            self.refuse(
                section,
                "this section is never closed; Apache does not start with it",
            );
        }
        Ok(())
    }

    fn section(
        &mut self,
        statement: &Statement,
        is_text: bool,
        lines: &mut Lines,
        depth: usize,
        into: &mut Vec<Directive>,
    ) -> Result<(), ReadError> {
        let (raw, unknown) = self.variables.resolve(&statement.rest);
        let Some(raw) = raw.trim_end().strip_suffix('>') else {
            self.refuse(
                statement,
                "its `>` is missing; Apache does not start with it",
            );
            return self.block(lines, Some(statement), depth + 1, into);
        };
        let directive = statement.directive(raw.trim());
        match condition::judge(&directive, self) {
            Some(Verdict {
                holds: true,
                meaning,
                matters,
            }) => {
                // Only what another server could decide otherwise is worth a word.
                let meaning = if matters { meaning } else { String::new() };
                self.notes.taken(&directive, meaning);
                self.block(lines, Some(statement), depth + 1, into)
            }
            Some(Verdict {
                meaning, matters, ..
            }) => {
                let skipped = skip(lines, &statement.name);
                let meaning = format!("{meaning}; skipped with {} in it", count(skipped, "line"));
                if matters {
                    self.notes.not_taken(&directive, meaning);
                } else {
                    self.notes.taken(&directive, meaning);
                }
                Ok(())
            }
            None => {
                let mut body = Vec::new();
                self.block(lines, Some(statement), depth + 1, &mut body)?;
                if self.is_usable(&directive, is_text, unknown) {
                    into.push(Directive {
                        body: Some(body),
                        ..directive
                    });
                }
                Ok(())
            }
        }
    }

    fn plain(
        &mut self,
        statement: &Statement,
        is_text: bool,
        into: &mut Vec<Directive>,
    ) -> Result<(), ReadError> {
        let mut directive = statement.directive(&statement.rest);
        let mut unknown = None;
        for word in &mut directive.words {
            let (resolved, missing) = self.variables.resolve(word);
            *word = resolved;
            unknown = unknown.or(missing);
        }
        let first = directive.word(0).unwrap_or_default().to_owned();
        match directive.key.as_str() {
            // What may not stand there is told of with the rest of the file.
            _ if self.is_access_file => {
                if self.is_usable(&directive, is_text, unknown) {
                    into.push(directive);
                }
            }
            "define" => self.define(&directive),
            "undefine" => {
                self.variables.undefine(&first);
                self.notes.taken(&directive, "");
            }
            "loadmodule" => {
                self.modules.load(&first);
                super::meaning::note(&directive, &mut self.notes);
            }
            "serverroot" => {
                self.server_root = self.server_root.join(first);
                self.notes.taken(&directive, "");
            }
            "include" | "includeoptional"
                if self.is_usable(&directive, is_text, unknown.clone()) =>
            {
                return self.include(&directive, into);
            }
            "include" | "includeoptional" => {}
            _ => {
                if self.is_usable(&directive, is_text, unknown) {
                    into.push(directive);
                }
            }
        }
        Ok(())
    }

    fn define(&mut self, directive: &Directive) {
        let name = directive.word(0).unwrap_or_default();
        self.variables
            .define(name, directive.word(1).unwrap_or_default());
        self.notes.taken(directive, "");
    }

    /// A missing file is a mistake for Include; for IncludeOptional it is none.
    fn include(
        &mut self,
        directive: &Directive,
        into: &mut Vec<Directive>,
    ) -> Result<(), ReadError> {
        let pattern = self.server_root.join(directive.word(0).unwrap_or_default());
        let files = include::files(&pattern, MOST_FILES);
        match files.as_slice() {
            [] if directive.key == "include" => self.notes.not_taken(
                directive,
                format!("there is no such file, and Apache does not start without it: {pattern:?}"),
            ),
            [] => self.notes.taken(directive, "there is no such file"),
            _ => self.notes.taken(directive, ""),
        }
        for file in files {
            let unreadable = match self.again(&file) {
                true => Some("it includes itself; it was not read again".to_owned()),
                false => match self.file(&file, into) {
                    Ok(()) => None,
                    Err(error @ (ReadError::NotReadable { .. } | ReadError::TooLarge { .. })) => {
                        Some(error.to_string())
                    }
                    Err(error) => return Err(error),
                },
            };
            if let Some(reason) = unreadable {
                self.notes
                    .not_taken(directive, format!("{}: {reason}", file.display()));
            }
        }
        Ok(())
    }

    fn again(&self, file: &Path) -> bool {
        let real = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let file = real(file);
        self.open.iter().any(|open| real(open) == file)
    }

    /// Directives that we cannot read as Apache would are told of and left out, unless they are
    /// of no consequence anyway.
    fn is_usable(&mut self, directive: &Directive, is_text: bool, unknown: Option<String>) -> bool {
        let reason = match unknown {
            _ if super::meaning::is_harmless(&directive.key) => return true,
            Some(name) => {
                format!("${{{name}}} has no value here; give it one with --define {name}=VALUE")
            }
            None if !is_text => {
                "it is not UTF-8, which the file we write has to be; write the bytes in another way"
                    .to_owned()
            }
            None => return true,
        };
        self.notes.not_taken(directive, reason);
        false
    }

    fn refuse(&mut self, statement: &Statement, meaning: &str) {
        let label = match statement.kind {
            Kind::Plain => statement.name.clone(),
            Kind::Opening => format!("<{}>", statement.name),
            Kind::Closing => format!("</{}>", statement.name),
        };
        self.notes
            .add_at(&statement.place, label, Grade::NotTaken, true, meaning);
    }
}

impl Statement {
    /// The statement, and whether its bytes were text.
    fn of(file: &Arc<Path>, line: &LogicalLine) -> (Self, bool) {
        let text = String::from_utf8_lossy(&line.bytes);
        let is_text = matches!(text, std::borrow::Cow::Borrowed(_)) && !text.contains('\0');
        let place = Place {
            file: Arc::clone(file),
            line: line.number,
        };
        let (kind, content) = match (text.strip_prefix("</"), text.strip_prefix('<')) {
            (Some(content), _) => (Kind::Closing, content),
            (None, Some(content)) => (Kind::Opening, content),
            (None, None) => (Kind::Plain, &*text),
        };
        let mut rest = content;
        let mut name = next_word(&mut rest).unwrap_or_default();
        let mut rest = rest.to_owned();
        // `<IfDefine>` and `</Directory>`: the bracket belongs to no name.
        if kind != Kind::Plain && name.ends_with('>') {
            name.pop();
            rest.push('>');
        }
        let statement = Self {
            place,
            name,
            rest,
            kind,
        };
        (statement, is_text)
    }

    fn directive(&self, raw: &str) -> Directive {
        Directive {
            place: self.place.clone(),
            name: self.name.clone(),
            key: self.name.to_ascii_lowercase(),
            words: words(raw),
            raw: raw.to_owned(),
            body: (self.kind == Kind::Opening).then(Vec::new),
        }
    }
}

/// Passes over the rest of a section; gives the number of lines in it.
fn skip(lines: &mut Lines, name: &str) -> usize {
    let mut open = 1_usize;
    let mut skipped = 0;
    while let Some(line) = lines.lines.pop_front() {
        let (statement, _) = Statement::of(&lines.file, &line);
        if statement.name.eq_ignore_ascii_case(name) {
            match statement.kind {
                Kind::Opening => open += 1,
                Kind::Closing => open -= 1,
                Kind::Plain => {}
            }
        }
        if open == 0 {
            break;
        }
        skipped += 1;
    }
    skipped
}

/// The bytes of a regular file of a sensible size.
pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>, ReadError> {
    let failed = |source: io::Error| ReadError::NotReadable {
        path: file.to_owned(),
        // What is no regular file is refused with this kind and without a word.
        source: match source.kind() {
            io::ErrorKind::InvalidInput => io::Error::new(source.kind(), "it is no regular file"),
            _ => source,
        },
    };
    let opened = crate::site::content::open_regular(file).map_err(failed)?;
    let mut bytes = Vec::new();
    opened
        .take(LARGEST_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(ReadError::TooLarge {
            path: file.to_owned(),
            most_bytes: LARGEST_FILE_BYTES,
        });
    }
    Ok(bytes)
}

/// `1 file`, `2 files`.
fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
