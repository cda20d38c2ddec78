//! A folder with somebody's program in it, served by the studio, asked by curl, and the log it leaves behind.

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::program::{command, installed, output, skipped};
use crate::support::studio::{Home, Serving};

/// The Python that Debian's packages of frameworks belong to; another one may come first on the PATH.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// Fields that make curl wait until the body is wanted, and send it in chunks of no length known before.
pub(crate) const FRAMINGS: [&str; 2] = ["Expect: 100-continue", "Transfer-Encoding: chunked"];

/// Whether a library can be loaded by its language: the arguments make the interpreter try. Where it cannot, that is said.
pub(crate) fn has_library(name: &str, interpreter: &str, arguments: &[&str]) -> bool {
    if !installed(&["curl"]) {
        return false;
    }
    #[allow(clippy::disallowed_methods)] // tests drive the real programs
    let tried = command(interpreter, Path::new("/"))
        .args(arguments)
        .output();
    tried.is_ok_and(|tried| tried.status.success()) || skipped(name)
}

/// The folder with the Python packages that Debian does not have, as `.ci/run` fetches them: no test goes to the network.
pub(crate) fn python_packages() -> Option<PathBuf> {
    let folder = env::var_os("CGI_STUDIO_PYTHON_PACKAGES").map(PathBuf::from);
    if folder.is_none() {
        skipped("legacy-cgi");
    }
    folder
}

/// Copies a folder of `sites/` into the home, with the executable bits, and returns where it is.
pub(crate) fn copy_of_site(name: &str, home: &Home) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/programs/sites")
        .join(name);
    let copy = home.path().join("site");
    copy_folder(&source, &copy);
    copy
}

fn copy_folder(source: &Path, copy: &Path) {
    fs::create_dir_all(copy).unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        let to = copy.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A site that the studio serves.
pub(crate) struct Served {
    serving: Serving,
    pub(crate) home: Home,
}

/// A file that is sent.
pub(crate) struct Upload {
    pub(crate) file: PathBuf,
    pub(crate) sha256: String,
}

impl Upload {
    /// As curl takes it for a form's field called `file`.
    pub(crate) fn part(&self) -> String {
        format!("file=@{};type=image/x-test", self.file.display())
    }
}

/// What curl got, after every redirect that it was told to follow.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Served {
    /// Serves a folder of the home.
    pub(crate) fn start(home: Home, folder: &Path) -> Self {
        let folder = folder.to_str().unwrap();
        let serving = home.serving(&["serve", folder, "--listen", "127.0.0.1:0"]);
        Self { serving, home }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.serving.address)
    }

    /// Asks with curl, which keeps cookies from one call to the next.
    #[track_caller]
    pub(crate) fn curl(&self, path: &str, arguments: &[&str]) -> Answer {
        let home = self.home.path();
        let (head, jar) = (home.join("head"), home.join("cookies"));
        let mut curl = command("curl", home);
        curl.args(["--silent", "--show-error", "--max-time", "60"]);
        curl.arg("--dump-header").arg(&head);
        curl.arg("--cookie-jar").arg(&jar).arg("--cookie").arg(&jar);
        let body = output(curl.args(arguments).arg(self.url(path)));
        Answer::of(&fs::read(head).unwrap(), body)
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.curl(path, &[])
    }

    /// Writes a file of the client's, to be uploaded.
    pub(crate) fn upload(&self, name: &str, bytes: &[u8]) -> Upload {
        let file = self.home.path().join(name);
        fs::write(&file, bytes).unwrap();
        let sum = output(command("sha256sum", self.home.path()).arg(&file));
        let sha256 = String::from_utf8(sum[..64].to_vec()).unwrap();
        Upload { file, sha256 }
    }

    /// Asks for a page whose program says `before`, waits for the file `go` in the site and says `after`:
    /// only a host that hands on each piece at once comes to the end.
    /// Returns all that came, head and chunks.
    #[track_caller]
    fn check_pieces(&self, path: &str, go: &Path) -> String {
        let mut stream = self.serving.ask(path);
        let mut seen = Vec::new();
        while !contains(&seen, b"before") {
            let mut piece = [0; 4096];
            let length = stream.read(&mut piece).unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&piece[..length]);
        }
        assert!(!contains(&seen, b"after"));
        fs::File::create(go).unwrap().write_all(b"go\n").unwrap();
        stream.read_to_end(&mut seen).unwrap();
        String::from_utf8_lossy(&seen).into_owned()
    }

    /// The answer comes in chunks, and the last one of them ends it (RFC 9112 §7.1): it is whole.
    #[track_caller]
    pub(crate) fn check_streaming(&self, path: &str, go: &Path) {
        let text = self.check_pieces(path, go);
        let whole = text.contains("after\n") && text.ends_with("\r\n0\r\n\r\n");
        assert!(whole, "{text}");
    }

    /// The answer is what the script wrote, and nothing else (RFC 3875 §5).
    #[track_caller]
    pub(crate) fn check_nph(&self, path: &str, go: &Path) {
        let text = self.check_pieces(path, go);
        let untouched = text.starts_with("HTTP/1.1 200 As I say\r\n")
            && text.ends_with("\r\n\r\nbefore\nafter\n");
        assert!(untouched, "{text}");
    }

    /// Ends the studio. It must have had nothing to object to: no finding that is an error or a warning, no answer
    /// cut off, no word on standard error. Returns the rows of the requests, oldest first.
    #[track_caller]
    pub(crate) fn end_in_silence(self) -> Vec<String> {
        let (log, said) = self.serving.end();
        assert_eq!(said, ["stopping; once more ends at once"], "{log:#?}");
        let objection = log.iter().find(|line| is_objection(line));
        assert_eq!(objection, None, "{log:#?}");
        let is_row = |line: &String| {
            (line.split_whitespace().nth(1)).is_some_and(|word| word.starts_with('#'))
        };
        let rows: Vec<String> = log.into_iter().filter(is_row).collect();
        assert!(!rows.is_empty());
        rows
    }

    /// Ends the studio, which must have said this of the request for this path.
    #[track_caller]
    pub(crate) fn end_with_finding(self, path: &str, code: &str) {
        let (log, _) = self.serving.end();
        let row = log.iter().find(|line| line.contains(path));
        assert!(row.is_some_and(|row| row.ends_with(code)), "{log:#?}");
    }
}

/// A finding's code, or words for an answer that is not whole.
fn is_objection(line: &str) -> bool {
    let is_code = |word: &str| {
        word.strip_prefix("CGI").is_some_and(|number| {
            number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit())
        })
    };
    line.split_whitespace().any(is_code)
        || ["cut off", "no answer", "skipped"]
            .iter()
            .any(|words| line.contains(words))
}

/// Every byte, so many times that no pipe holds them.
pub(crate) fn every_byte() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(3_000_000).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

impl Answer {
    /// The last of the heads counts: interim answers and redirects come before it.
    fn of(heads: &[u8], body: Vec<u8>) -> Self {
        let heads = String::from_utf8_lossy(heads);
        let head = heads
            .trim_end()
            .rsplit("\r\n\r\n")
            .next()
            .unwrap()
            .to_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.head, self.text()))
    }

    /// Every field of this name, in order.
    pub(crate) fn fields(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    #[track_caller]
    pub(crate) fn check(&self, status: u16, words: &str) {
        let text = self.text();
        assert!(
            self.status == status && text.contains(words),
            "not {status} with {words:?}: {}\n{text}",
            self.head
        );
    }
}
