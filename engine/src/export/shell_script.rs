//! A run as a line of shell that starts the same program with the same environment, folder and standard input.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use super::environment::shell_line;
use super::quoting::{base64_document, printf_format, shell_word};
use super::resend::{NotResendable, whole};
use crate::exchange::{Exchange, Invocation};

/// A longer body is told in base64 below the command.
const INLINE_BYTES: usize = 16 * 1024;

/// Why a run cannot be told to a shell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoShell {
    /// No script was run: a file, a folder, a refusal.
    #[error("no program was started, so there is no command line")]
    NoProgram,
    /// Its body is not there, or not whole.
    #[error(transparent)]
    Body(#[from] NotResendable),
}

/// `cd FOLDER && printf BODY | env -i NAME=VALUE … PROGRAM`, for bash, zsh, ksh and any shell of POSIX.1-2024.
///
/// The last run of the exchange is meant: that which made the answer. Its standard input holds the very bytes.
///
/// # Errors
/// When there was no program, or the body is not whole: see [`NoShell`].
pub fn shell_script(exchange: &Exchange) -> Result<String, NoShell> {
    let run = exchange.invocation().ok_or(NoShell::NoProgram)?;
    let program = run.program.as_ref().ok_or(NoShell::NoProgram)?;
    let body = match takes_body(run) {
        true => whole(&exchange.request.body)?,
        false => Vec::new(),
    };
    let mut variables: Vec<(&str, &[u8])> = run
        .request
        .variables
        .iter()
        .map(|variable| (variable.name.as_str(), variable.value.as_slice()))
        .collect();
    // As the process got them.
    variables.sort_unstable();
    let mut words = vec![program.executable.as_os_str().as_bytes().to_vec()];
    let arguments = program.arguments.iter().skip(1);
    words.extend(arguments.map(|word| word.as_bytes().to_vec()));
    let line = shell_line(variables, &words);
    let folder = shell_word(program.directory.as_os_str().as_bytes());
    let mut script = format!("cd -- {folder} && ");
    if body.len() <= INLINE_BYTES {
        let format = printf_format(&body);
        // An empty body is an empty standard input, not the terminal.
        let _ = match body.is_empty() {
            true => write!(script, "{line} </dev/null"),
            false => write!(script, "printf -- {format} | {line}"),
        };
    } else {
        let _ = write!(script, "base64 -d <<'BODY' | {line}");
        script.push_str(&base64_document(&body));
    }
    script.push('\n');
    Ok(script)
}

/// The body stays with the script that passed the request on by a local redirect.
fn takes_body(run: &Invocation) -> bool {
    run.request.get("CONTENT_LENGTH").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::samples;
    use crate::process::Exit;

    #[test]
    fn without_a_body_nothing_is_read() {
        let exchange = samples::exchange(vec![samples::run(b"", b"", Exit::Code(0))]);
        let script = shell_script(&exchange).unwrap();
        assert_eq!(
            script,
            "cd -- /site/cgi-bin && env -i \\\n  /site/cgi-bin/form.py </dev/null\n"
        );
        let none = shell_script(&samples::exchange(Vec::new()));
        assert_eq!(none, Err(NoShell::NoProgram));
    }
}
