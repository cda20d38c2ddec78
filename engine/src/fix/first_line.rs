//! Fixes of what the system looks at before it starts a script: mode, byte order mark, line ends, `#!` line.

use super::{Change, Part};
use crate::diagnosis::{RuleCode, code};
use crate::site::interpreters::{FoundInterpreter, family, told_by};
use crate::site::script::ScriptFacts;
use crate::site::shebang::Shebang;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The change that mends this finding; none where it is another's, or where what to write is not certain.
pub(super) fn change(
    rule: RuleCode,
    script: &ScriptFacts,
    interpreters: &[FoundInterpreter],
    readable: bool,
) -> Option<Part> {
    if rule.0 == code::NOT_EXECUTABLE {
        return executable(script);
    }
    if !readable {
        return None;
    }
    let source = &script.source;
    let shebang = script.first_line.shebang.as_ref();
    match rule.0 {
        code::NO_SHEBANG if !source.is_empty() => insert(script, interpreters),
        code::SHEBANG_TOO_LOW => move_up(script),
        code::BLANK_BEFORE_SHEBANG => Some(from_the_mark(source)),
        code::BYTE_ORDER_MARK => without_mark(source),
        code::WINDOWS_LINE_END => Some(line_feeds(source)),
        code::INTERPRETER_MISSING | code::SHEBANG_TOO_LONG | code::ENV_FINDS_NOTHING => {
            other_interpreter(script, shebang?, interpreters)
        }
        code::ENV_WITH_WORDS => split_words(source, shebang?),
        _ => None,
    }
}

/// Everybody who may read it may start it.
fn executable(script: &ScriptFacts) -> Option<Part> {
    let before = script.mode & 0o7777;
    let after = before | 0o100 | (before & 0o444) >> 2;
    (after != before).then(|| Part {
        label: "Make executable".into(),
        meaning: format!("The file's mode becomes {after:03o} instead of {before:03o}."),
        change: Change::Mode { before, after },
    })
}

fn content(label: &str, meaning: String, source: &[u8], after: Vec<u8>) -> Part {
    Part {
        label: label.into(),
        meaning,
        change: Change::Content {
            before: source.to_vec(),
            after,
        },
    }
}

/// Writes a `#!` line where there is none at all.
fn insert(script: &ScriptFacts, interpreters: &[FoundInterpreter]) -> Option<Part> {
    let name = told_by(&script.path, &script.source)?;
    let line = line_for(name, None, interpreters)?;
    let source = &script.source;
    // Whatever ends the other lines: a carriage return would belong to the interpreter's name.
    let after = [line.as_bytes(), b"\n", source].concat();
    let meaning = format!("{line} becomes the first line.");
    Some(content("Insert #! line", meaning, source, after))
}

/// Takes the `#!` line from further down to the top; what stood above it comes after it.
fn move_up(script: &ScriptFacts) -> Option<Part> {
    let source = &script.source;
    let at = script.first_line.shebang_on_line?.checked_sub(1)? as usize;
    let mut lines: Vec<&[u8]> = source.split_inclusive(|&byte| byte == b'\n').collect();
    if at == 0 || at >= lines.len() {
        return None;
    }
    let line = lines.remove(at);
    let line = [line.trim_ascii(), b"\n"].concat();
    let mut after = line;
    after.extend(lines.concat());
    let meaning = format!("Line {} becomes line 1.", at + 1);
    Some(content("Move #! to line 1", meaning, source, after))
}

/// Drops what stands before `#!`.
fn from_the_mark(source: &[u8]) -> Part {
    let at = memchr::memmem::find(source, b"#!").unwrap_or_default();
    let meaning = "What stands before #! is deleted.".to_owned();
    content(
        "Delete what stands before #!",
        meaning,
        source,
        source[at..].to_vec(),
    )
}

fn without_mark(source: &[u8]) -> Option<Part> {
    let after = source.strip_prefix(BYTE_ORDER_MARK)?.to_vec();
    let meaning = "The three invisible bytes EF BB BF at the start are deleted.".to_owned();
    Some(content("Remove byte order mark", meaning, source, after))
}

/// `\r\n` becomes `\n` everywhere; a carriage return of its own stays.
fn line_feeds(source: &[u8]) -> Part {
    let mut after = Vec::with_capacity(source.len());
    let mut lines = 0_usize;
    for line in source.split_inclusive(|&byte| byte == b'\n') {
        if let Some(text) = line.strip_suffix(b"\r\n") {
            after.extend_from_slice(text);
            after.push(b'\n');
            lines += 1;
        } else {
            after.extend_from_slice(line);
        }
    }
    // A last line without its line feed may be the #! line itself.
    if after.last() == Some(&b'\r') {
        after.pop();
        lines += 1;
    }
    let meaning = format!("{lines} lines end as on UNIX (LF) instead of as on Windows (CR LF).");
    content("Convert line ends to LF", meaning, source, after)
}

/// Names an interpreter of the same language that is here.
fn other_interpreter(
    script: &ScriptFacts,
    shebang: &Shebang,
    interpreters: &[FoundInterpreter],
) -> Option<Part> {
    let named = shebang.word_for_env();
    let name = family(named.as_deref().unwrap_or(&shebang.interpreter))
        .or_else(|| told_by(&script.path, &script.source))?;
    let through_env = shebang.interpreter.ends_with(b"/env") || shebang.interpreter == b"env";
    // What follows `env` is the interpreter itself.
    let option = shebang.argument.as_deref().filter(|_| !through_env);
    let line = line_for(name, option, interpreters)?;
    let source = &script.source;
    let after = with_first_line(source, shebang, line.as_bytes());
    let meaning = format!("The first line becomes {line}");
    Some(content("Repair #! line", meaning, source, after))
}

/// `env` is told to split the words that follow it (GNU coreutils 8.30, env(1) -S).
fn split_words(source: &[u8], shebang: &Shebang) -> Option<Part> {
    let words = shebang.argument.as_deref()?;
    let line = [b"#!", shebang.interpreter.as_slice(), b" -S ", words].concat();
    let after = with_first_line(source, shebang, &line);
    let meaning =
        "env gets the option -S, which makes it split what follows into words.".to_owned();
    Some(content("Add -S after env", meaning, source, after))
}

fn with_first_line(source: &[u8], shebang: &Shebang, line: &[u8]) -> Vec<u8> {
    let rest = source.get(shebang.span.end..).unwrap_or_default();
    [line, rest].concat()
}

/// The `#!` line for an interpreter that is here: through `env`, so that it also works elsewhere, unless it has an
/// option, which not every `env` takes.
fn line_for(
    name: &str,
    option: Option<&[u8]>,
    interpreters: &[FoundInterpreter],
) -> Option<String> {
    let found = interpreters.iter().find(|found| found.name == name)?;
    let option = option.map(String::from_utf8_lossy);
    Some(match (name, option) {
        ("sh", None) => "#!/bin/sh".to_owned(),
        (_, None) => format!("#!/usr/bin/env {name}"),
        (_, Some(option)) => format!("#!{} {option}", found.path.to_str()?),
    })
}
