//! A draft as a saved request, and a saved request as a draft.

use std::path::{Path, PathBuf};

use cgi_engine::saved_request::{
    BodyLine, HeadLine, Parts, RequestFile, RequestText, SavedRequest, SendError, parse, write,
};

use super::draft::{BodyKind, Draft, DraftError, sendable};
use super::part::{Content, Part, ReadFile};

/// A request with more raw bytes is kept in a file beside its text.
const RAW_BYTES: usize = 64 * 1024;
/// What stands for a file while a saved request is taken apart; nobody writes it by chance.
const STAND_IN: &str = "cgi-studio-stands-in-for-a-file-7f1c2d9a-";

/// A draft as it is saved.
#[derive(Clone, Debug)]
pub struct Saving {
    /// The request.
    pub request: RequestText,
    /// Files that it names beside it, with their bytes.
    pub beside: Vec<(PathBuf, Vec<u8>)>,
}

/// Where a request is saved.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The folder of its file.
    pub folder: &'p Path,
    /// The name of its file, without the suffix.
    pub stem: &'p str,
    /// The user's home, for paths that begin with `~/`.
    pub home: Option<&'p Path>,
}

/// The request that sends what the draft sends: by its parts where these make the same bytes, else the bytes themselves.
/// Only a counted Content-Length may move to the end of the fields.
///
/// # Errors
/// The draft cannot be sent: see [`DraftError`].
pub fn request_of(
    draft: &Draft,
    place: Place<'_>,
    read: ReadFile<'_>,
) -> Result<Saving, DraftError> {
    if draft.raw.is_none() {
        let sent = with_length_last(draft).to_bytes(read)?;
        let mut writer = Writer {
            place,
            beside: Vec::new(),
        };
        let request = RequestText::Parts(writer.parts(draft));
        if makes(&request, &sent, &writer.beside, place, read) {
            return Ok(Saving {
                request,
                beside: writer.beside,
            });
        }
    }
    let sent = draft.to_bytes(read)?;
    if sent.len() <= RAW_BYTES {
        return Ok(Saving {
            request: RequestText::raw(&sent),
            beside: Vec::new(),
        });
    }
    let name = PathBuf::from(format!("./{}.raw.http.bin", place.stem));
    Ok(Saving {
        request: RequestText::RawFile(name.clone()),
        beside: vec![(name, sent)],
    })
}

fn with_length_last(draft: &Draft) -> Draft {
    let mut draft = draft.clone();
    let is_counted = |field: &super::draft::Field| field.automatic && field.is("Content-Length");
    if let Some(at) = draft.fields.iter().position(is_counted) {
        let length = draft.fields.remove(at);
        draft.fields.push(length);
    }
    draft
}

/// Whether the request, read from its own text, sends these bytes.
fn makes(
    request: &RequestText,
    sent: &[u8],
    beside: &[(PathBuf, Vec<u8>)],
    place: Place<'_>,
    read: ReadFile<'_>,
) -> bool {
    let file = RequestFile {
        requests: vec![SavedRequest::new(request.clone())],
        end: Vec::new(),
    };
    let files = |path: &Path| match beside.iter().find(|(name, _)| name == path) {
        Some((_, bytes)) => Ok(bytes.clone()),
        None => {
            let path = place.folder.join(path);
            read(&path.to_string_lossy()).map_err(std::io::Error::other)
        }
    };
    let again = parse(&write(&file)).ok();
    let request = again.and_then(|file| file.requests.into_iter().next());
    request.is_some_and(|again| {
        let bytes = again.request.to_bytes_with(&files);
        bytes.is_ok_and(|bytes| bytes == sent) && again.notes.is_empty()
    })
}

struct Writer<'p> {
    place: Place<'p>,
    beside: Vec<(PathBuf, Vec<u8>)>,
}

impl Writer<'_> {
    fn parts(&mut self, draft: &Draft) -> Parts {
        let fields = draft.fields.iter().filter(|field| field.on);
        let head = fields.filter_map(|field| {
            let value = match field.automatic {
                true if field.is("Content-Length") => return None,
                true => draft.computed(field, 0)?,
                false => field.value.clone(),
            };
            Some(HeadLine::Field {
                name: field.name.clone().into_bytes(),
                separator: field.separator.clone().into_bytes(),
                value: value.into_bytes(),
            })
        });
        let mut head: Vec<HeadLine> = head.collect();
        let body = self.body(draft);
        // A body without any bytes is none in a file, so its length is said there.
        let counts = |field: &&super::draft::Field| {
            field.on && field.automatic && field.is("Content-Length")
        };
        if body.is_empty()
            && draft.body != BodyKind::None
            && draft.fields.iter().any(|field| counts(&field))
        {
            head.push(HeadLine::Field {
                name: b"Content-Length".to_vec(),
                separator: b": ".to_vec(),
                value: b"0".to_vec(),
            });
        }
        Parts {
            method: draft.method.clone().into_bytes(),
            target: sendable(&draft.target).into_bytes(),
            version: Some(draft.version.clone().into_bytes()),
            head,
            body,
        }
    }

    fn body(&mut self, draft: &Draft) -> Vec<BodyLine> {
        match draft.body {
            BodyKind::None => Vec::new(),
            BodyKind::Form => {
                let rows = draft.form.iter().filter(|row| row.on);
                rows.enumerate()
                    .map(|(at, row)| {
                        let and = if at == 0 { "" } else { "&" };
                        text(&format!("{and}{}", row.written()))
                    })
                    .collect()
            }
            BodyKind::Multipart => {
                let parts = draft.parts.iter().filter(|part| part.on);
                let mut lines: Vec<BodyLine> = Vec::new();
                for part in parts {
                    lines.push(text(&format!("--{}", draft.boundary)));
                    lines.extend(part.header().split("\r\n").map(text));
                    self.part(part, &mut lines);
                }
                lines.push(text(&format!("--{}--", draft.boundary)));
                lines
            }
            BodyKind::Json => self.text_body(&draft.json),
            BodyKind::Text => self.text_body(&draft.text),
            BodyKind::Kept => vec![self.aside(draft.kept.bytes())],
            BodyKind::File => vec![self.named(&draft.file)],
        }
    }

    fn part(&mut self, part: &Part, lines: &mut Vec<BodyLine>) {
        match &part.content {
            Content::Text(content) => {
                let own: Vec<&str> = content.split("\r\n").collect();
                if own.iter().all(|line| is_plain(line)) {
                    lines.extend(own.into_iter().map(text));
                } else {
                    lines.push(self.aside(content.as_bytes()));
                }
            }
            Content::Kept(kept) => lines.push(self.aside(kept.bytes())),
            Content::File(path) => lines.push(self.named(path)),
        }
    }

    fn text_body(&mut self, content: &str) -> Vec<BodyLine> {
        let lines: Vec<&str> = content.split('\n').collect();
        if content.is_empty() {
            Vec::new()
        } else if lines.iter().all(|line| is_plain(line)) && !content.trim_matches('\n').is_empty()
        {
            lines.into_iter().map(text).collect()
        } else {
            vec![self.aside(content.as_bytes())]
        }
    }

    /// Bytes that a text cannot hold go into a file of their own.
    fn aside(&mut self, bytes: &[u8]) -> BodyLine {
        let number = match self.beside.len() {
            0 => String::new(),
            more => format!("-{}", more + 1),
        };
        let path = PathBuf::from(format!("./{}{number}.http.bin", self.place.stem));
        self.beside.push((path.clone(), bytes.to_vec()));
        BodyLine::File(path)
    }

    /// A file that the user named, by its way from the request where it is in the same site.
    fn named(&self, path: &str) -> BodyLine {
        let path = match (path.strip_prefix("~/"), self.place.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        };
        let folder = self.place.folder;
        let inside = path
            .strip_prefix(folder)
            .map(|rest| Path::new("./").join(rest));
        BodyLine::File(inside.unwrap_or(path))
    }
}

fn text(line: &str) -> BodyLine {
    BodyLine::Text(line.as_bytes().to_vec())
}

/// A line that is read as nothing else in a file of requests.
fn is_plain(line: &str) -> bool {
    let begins_other = ["###", "< ", "<@ ", "> {%", "#", "//"];
    !line.contains(['\r', '\n']) && !begins_other.iter().any(|word| line.starts_with(word))
}

/// The draft that sends what the saved request sends; files stay files where rows can name them.
///
/// # Errors
/// A file cannot be read that the draft has to hold itself.
pub fn draft_of(request: &RequestText, folder: &Path) -> Result<Draft, SendError> {
    let files = std::cell::RefCell::new(Vec::new());
    let with_stand_ins = request.to_bytes_with(&|path| {
        let mut files = files.borrow_mut();
        let stand_in = format!("{STAND_IN}{}", files.len());
        files.push((
            stand_in.clone(),
            folder.join(path).to_string_lossy().into_owned(),
        ));
        Ok(stand_in.into_bytes())
    })?;
    let files = files.into_inner();
    let mut draft = Draft::of_bytes(&with_stand_ins);
    let found = files
        .iter()
        .filter(|(stand_in, path)| draft.put_file(stand_in, path))
        .count();
    if found == files.len() {
        return Ok(draft);
    }
    Ok(Draft::of_bytes(&request.to_bytes(folder)?))
}

impl Draft {
    /// Names the file where its stand-in is all of a part or of the body.
    fn put_file(&mut self, stand_in: &str, path: &str) -> bool {
        if self.raw.is_some() {
            return false;
        }
        let is_body = match self.body {
            BodyKind::Text => self.text == stand_in,
            BodyKind::Json => self.json == stand_in,
            BodyKind::Kept => self.kept.bytes() == stand_in.as_bytes(),
            BodyKind::Form => super::pair::joined(&self.form) == stand_in,
            BodyKind::None | BodyKind::Multipart | BodyKind::File => false,
        };
        if is_body {
            self.text.clear();
            self.json.clear();
            self.form.clear();
            self.body = BodyKind::File;
            path.clone_into(&mut self.file);
            // What said the type of a text or of a JSON says it on.
            for field in self
                .fields
                .iter_mut()
                .filter(|field| field.on && field.is("Content-Type"))
            {
                field.automatic = false;
            }
            return true;
        }
        let part = self.parts.iter_mut().find(|part| match &part.content {
            Content::Text(text) => text == stand_in,
            Content::Kept(kept) => kept.bytes() == stand_in.as_bytes(),
            Content::File(_) => false,
        });
        match part.filter(|_| self.body == BodyKind::Multipart) {
            Some(part) => {
                part.content = Content::File(path.to_owned());
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::Field;
    use super::super::escapes;
    use super::super::kept::Kept;
    use super::super::pair::Pair;
    use super::*;

    fn read(path: &str) -> Result<Vec<u8>, String> {
        match path {
            "/site/requests/./a.png" | "/site/requests/a.png" => Ok(b"\x89PNG".to_vec()),
            _ => Err("there is none".to_owned()),
        }
    }

    fn place() -> Place<'static> {
        Place {
            folder: Path::new("/site/requests"),
            stem: "login",
            home: None,
        }
    }

    fn saved(draft: &Draft) -> (String, Vec<(PathBuf, Vec<u8>)>) {
        let saving = request_of(draft, place(), &read).unwrap();
        let file = RequestFile {
            requests: vec![SavedRequest::new(saving.request)],
            end: Vec::new(),
        };
        (
            escapes::written(&write(&file)).replace("\\n\\\n", "\n"),
            saving.beside,
        )
    }

    fn draft(change: impl FnOnce(&mut Draft)) -> Draft {
        let mut draft = Draft::blank("/a?x=1", "h");
        draft
            .fields
            .retain(|field| field.is("Host") || field.automatic);
        change(&mut draft);
        draft
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Draft), expected: &str) {
        let (text, beside) = saved(&draft(change));
        assert_eq!(text, expected);
        assert!(beside.is_empty(), "{beside:?}");
    }

    #[test]
    fn a_draft_is_saved_by_its_parts() {
        check(|_| {}, "GET /a?x=1 HTTP/1.1\nHost: h\n");
        check(
            |draft| {
                draft.choose_body(BodyKind::Form);
                draft.form = vec![Pair::new("a", "1 2"), Pair::new("b", "")];
            },
            "POST /a?x=1 HTTP/1.1\nHost: h\nContent-Type: application/x-www-form-urlencoded\n\na=1+2\n&b=\n",
        );
        check(
            |draft| {
                draft.choose_body(BodyKind::Json);
                draft.json = "{\n}\n".into();
            },
            "POST /a?x=1 HTTP/1.1\nHost: h\nContent-Type: application/json\n\n{\n}\n\n",
        );
        check(
            |draft| draft.choose_body(BodyKind::Text),
            "POST /a?x=1 HTTP/1.1\nHost: h\nContent-Type: text/plain; charset=utf-8\nContent-Length: 0\n",
        );
        check(
            |draft| {
                draft.choose_body(BodyKind::Multipart);
                draft.boundary = "B".into();
                draft.parts = vec![
                    Part::text("t", "x\r\ny"),
                    Part::file("f", "/site/requests/a.png"),
                ];
            },
            "POST /a?x=1 HTTP/1.1\nHost: h\nContent-Type: multipart/form-data; boundary=B\n\n--B\nContent-Disposition: form-data; name=\"t\"\n\nx\ny\n--B\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\nContent-Type: application/octet-stream\n\n< ./a.png\n--B--\n",
        );
        check(
            |draft| draft.fields.push(Field::new("Content-Length", "99")),
            "GET /a?x=1 HTTP/1.1\nHost: h\nContent-Length: 99\n",
        );
    }

    #[test]
    fn what_a_text_cannot_hold_stands_in_a_file_beside_it() {
        let binary = draft(|draft| {
            draft.choose_body(BodyKind::Kept);
            draft.kept = Kept::new(b"\0\xff");
        });
        let (text, beside) = saved(&binary);
        assert!(text.ends_with("\n\n< ./login.http.bin\n"), "{text}");
        assert_eq!(
            beside,
            [(PathBuf::from("./login.http.bin"), b"\0\xff".to_vec())]
        );
        let marked = draft(|draft| {
            draft.choose_body(BodyKind::Text);
            draft.text = "### no separator\n".into();
        });
        assert_eq!(saved(&marked).1.len(), 1);
    }

    #[test]
    fn what_parts_cannot_say_is_saved_by_its_bytes() {
        let raw = draft(|draft| draft.raw = Some("GET / HTTP/1.1\nHost: a\nHost: b\n\n".into()));
        assert_eq!(
            saved(&raw).0,
            "# @raw\nGET / HTTP/1.1\nHost: a\nHost: b\n\\\\r\\\\n\n"
        );
        let nameless = draft(|draft| draft.fields.retain(|field| !field.is("Host")));
        assert!(saved(&nameless).0.starts_with("# @raw\n"));
        let odd = draft(|draft| draft.fields.push(Field::new("#X", "1")));
        assert!(saved(&odd).0.starts_with("# @raw\n"));
    }

    #[test]
    fn a_saved_request_is_a_draft_again_with_its_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.bin"), b"\xff").unwrap();
        let open = |text: &str| {
            let file = parse(text.as_bytes()).unwrap();
            draft_of(&file.requests[0].request, folder.path()).unwrap()
        };
        let path = folder.path().join("./a.bin").to_string_lossy().into_owned();
        let whole = open("POST /a\nHost: h\nContent-Type: image/png\n\n< ./a.bin\n");
        assert_eq!((whole.body, &whole.file), (BodyKind::File, &path));
        let parts = open(
            "POST /a\nHost: h\nContent-Type: multipart/form-data; boundary=B\n\n--B\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\n\n< ./a.bin\n--B--\n",
        );
        assert_eq!(parts.parts[0].content, Content::File(path));
        let mixed = open("POST /a\nHost: h\n\nx\n< ./a.bin\n");
        assert_eq!(mixed.kept.bytes(), b"x\n\xff");
        let form = open(
            "POST /a\nHost: h\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&b=2\n",
        );
        assert_eq!((form.body, form.form.len()), (BodyKind::Form, 2));
        assert!(open("# @raw\nGET\n").raw.is_some());
    }
}
