//! What a Python script does with its input, with files and with a shell.

use super::super::about_line;
use super::note;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::rules::code;
use crate::python::{Call, PythonFacts};
use crate::site::script::ScriptFacts;

pub(super) fn input(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    let mut calls = source.calls_of("input").chain(source.calls_of("raw_input"));
    let call = calls.next()?;
    Some(note(Finding {
        explanation: "The script's standard input is the body of the request: input() takes a line of that, or fails at its end.".into(),
        ..about_line(
            script,
            code::INPUT_AT_END,
            "The script asks with input()".into(),
            call.line,
            "nobody answers",
        )
    }))
}

/// Reading to the end, or by characters.
pub(super) fn reading(script: &ScriptFacts, source: &PythonFacts) -> Vec<Finding> {
    let text = source.calls_of("sys.stdin.read");
    let bytes = source.calls_of("sys.stdin.buffer.read");
    let to_end = text.chain(bytes).find(|call| call.arguments.is_empty());
    let to_end = to_end.map(|call| {
        note(Finding {
            explanation: "This host ends the input after the body; one that leaves it open lets the script wait for ever.".into(),
            ..about_line(
                script,
                code::READS_TO_END,
                "The script reads its input to the end".into(),
                call.line,
                "without a length",
            )
        })
    });
    let counted = source
        .calls_of("sys.stdin.read")
        .find(|call| !call.arguments.is_empty());
    let counted = counted.map(|call| {
        note(Finding {
            explanation: "A letter beyond ASCII is one character and two bytes or more, so that the read waits for characters which never come.".into(),
            ..about_line(
                script,
                code::COUNTS_CHARACTERS,
                "sys.stdin.read counts characters, CONTENT_LENGTH counts bytes".into(),
                call.line,
                "counts characters",
            )
        })
    });
    to_end.into_iter().chain(counted).collect()
}

/// `FieldStorage()` and a read of standard input, where both are always reached.
pub(super) fn read_twice(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    const READS: [&str; 4] = [
        "sys.stdin.read",
        "sys.stdin.buffer.read",
        "sys.stdin.readline",
        "sys.stdin.readlines",
    ];
    let own_input = |call: &&Call| call.keyword("fp").is_none() && call.positional(0).is_none();
    let mut forms = source.calls_of("cgi.FieldStorage").filter(own_input);
    let form = forms.find(|call| call.top_level)?;
    let reads = |call: &&Call| READS.contains(&call.name.as_str()) && call.top_level;
    let read = source.calls.iter().find(reads)?;
    let (first, second) = if form.line < read.line {
        (form, read)
    } else {
        (read, form)
    };
    Some(Finding {
        severity: Severity::Warning,
        explanation: format!(
            "Line {} has read the body of a POST already; this one finds nothing left.",
            first.line
        ),
        ..about_line(
            script,
            code::BODY_READ_TWICE,
            "The request body is read twice".into(),
            second.line,
            "nothing is left",
        )
    })
}

/// A file that is read and then written anew, and nothing that keeps a second process out.
pub(super) fn lost_update(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    const KEEP_OUT: [&[u8]; 9] = [
        b"flock",
        b"lockf",
        b"O_EXCL",
        b"os.replace",
        b"os.rename",
        b"sqlite3",
        b"portalocker",
        b"filelock",
        b"NamedTemporaryFile",
    ];
    let keeps_out = |word: &&[u8]| memchr::memmem::find(&script.source, word).is_some();
    if KEEP_OUT.iter().any(keeps_out) {
        return None;
    }
    let opened: Vec<(&[u8], &str, u32)> = source
        .calls_of("open")
        .filter_map(|call| {
            let file = script.source.get(call.positional(0)?.range.clone())?;
            let mode = call.positional(1).or_else(|| call.keyword("mode"));
            let mode = mode.map_or(Some("r"), |mode| Some(mode.text.as_ref()?.value.as_str()))?;
            Some((file, mode, call.line))
        })
        .collect();
    let read_too = |file: &[u8]| {
        opened
            .iter()
            .any(|(other, mode, _)| *other == file && mode.starts_with('r') && !mode.contains('+'))
    };
    let (_, _, line) = opened
        .iter()
        .find(|(file, mode, _)| mode.starts_with('w') && read_too(file))?;
    Some(note(Finding {
        explanation: "Between reading the file and writing it anew another run of the script can do the same; the later one wins, and what the other wrote is gone.".into(),
        ..about_line(
            script,
            code::LOST_UPDATE,
            "Two visitors at once can lose each other's change".into(),
            *line,
            "written anew",
        )
    }))
}

/// A command that is put together as text.
pub(super) fn shell(script: &ScriptFacts, source: &PythonFacts) -> Option<Finding> {
    let put_together = |call: &&Call| {
        let text = call
            .positional(0)
            .and_then(|argument| argument.text.as_ref());
        text.is_some_and(|text| !text.whole)
    };
    let always = ["os.system", "os.popen", "subprocess.getoutput"];
    let asked = [
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_output",
        "subprocess.Popen",
    ];
    let by_shell = |call: &&Call| {
        let asked_to = || {
            let value = call
                .keyword("shell")
                .and_then(|value| script.source.get(value.range.clone()));
            asked.contains(&call.name.as_str()) && value == Some(b"True")
        };
        always.contains(&call.name.as_str()) || asked_to()
    };
    let call = source.calls.iter().filter(by_shell).find(put_together)?;
    Some(note(Finding {
        explanation: "If a part of it comes from a request, a visitor can add commands of their own after a semicolon.".into(),
        ..about_line(
            script,
            code::SHELL_INJECTION,
            "A shell runs text that is put together here".into(),
            call.line,
            "put together",
        )
    }))
}
