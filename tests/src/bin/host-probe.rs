//! The script of the host profiles: it tells what it was given, or prints an output that was laid ready for it.
//!
//! With `out=NAME` as its query it prints the file `outputs/NAME` beside the folder that it lies in. With any other
//! query it prints lines: `arg WORD` for each word of the command line, `cwd PATH`, `env NAME=VALUE`, and
//! `stdin BYTES` where a body was announced. Bytes that are no plain text are escaped.

use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::{env, fs};

fn main() -> io::Result<()> {
    let query = env::var_os("QUERY_STRING").unwrap_or_default();
    let printed = match query.to_str().and_then(|query| query.strip_prefix("out=")) {
        Some(name) => output(name)?,
        None => told(),
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(&printed)?;
    stdout.flush()
}

/// The output of that name, found by where this program lies: not every host starts it there.
fn output(name: &str) -> io::Result<Vec<u8>> {
    let program = env::current_exe()?;
    let site = program.parent().and_then(Path::parent);
    let name = name.split('&').next().unwrap_or_default();
    fs::read(site.unwrap_or(Path::new("/")).join("outputs").join(name))
}

fn told() -> Vec<u8> {
    let mut text = String::from("Content-Type: text/plain\n\n");
    for word in env::args_os() {
        line(&mut text, "arg", word.as_bytes());
    }
    let directory = env::current_dir().unwrap_or_default();
    line(&mut text, "cwd", directory.as_os_str().as_bytes());
    // The C library's own list: of two variables of one name the first is found.
    for (name, value) in env::vars_os() {
        line(
            &mut text,
            "env",
            &[name.as_bytes(), b"=", value.as_bytes()].concat(),
        );
    }
    if let Some(body) = body() {
        line(&mut text, "stdin", &body);
    }
    text.into_bytes()
}

fn line(text: &mut String, word: &str, bytes: &[u8]) {
    text.push_str(word);
    text.push(' ');
    text.push_str(&bytes.escape_ascii().to_string());
    text.push('\n');
}

/// As many bytes as were announced; of a body without a length all, where it came in chunks.
fn body() -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let mut stdin = io::stdin().lock();
    let length = env::var("CONTENT_LENGTH").unwrap_or_default();
    let read = match length.parse::<u64>() {
        Ok(length) => stdin.take(length).read_to_end(&mut body),
        Err(_) if env::var_os("HTTP_TRANSFER_ENCODING").is_some() => stdin.read_to_end(&mut body),
        Err(_) => return None,
    };
    read.ok().map(|_| body)
}
