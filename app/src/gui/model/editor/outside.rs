//! Editors outside of the studio: which there are, and how each is told a file and a line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// An editor of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideEditor {
    /// What it is called.
    pub name: String,
    /// Its command, as a shell has it, with `{file}`, `{line}` and `{column}`.
    pub command: String,
    /// It needs a terminal around it.
    pub in_terminal: bool,
}

/// A program that is known, by its name on PATH.
pub struct Known {
    /// The program.
    pub program: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What follows the program.
    pub arguments: &'static str,
    /// It needs a terminal around it.
    pub in_terminal: bool,
}

const fn window(program: &'static str, name: &'static str, arguments: &'static str) -> Known {
    Known {
        program,
        name,
        arguments,
        in_terminal: false,
    }
}

const fn terminal(program: &'static str, name: &'static str, arguments: &'static str) -> Known {
    Known {
        program,
        name,
        arguments,
        in_terminal: true,
    }
}

/// The editors that are looked for, in the order in which they are offered.
pub const KNOWN: &[Known] = &[
    window("code", "VS Code", "-g {file}:{line}:{column}"),
    window("codium", "VSCodium", "-g {file}:{line}:{column}"),
    window("cursor", "Cursor", "-g {file}:{line}:{column}"),
    window("zed", "Zed", "{file}:{line}:{column}"),
    window("zeditor", "Zed", "{file}:{line}:{column}"),
    window("subl", "Sublime Text", "{file}:{line}:{column}"),
    window(
        "pycharm",
        "PyCharm",
        "--line {line} --column {column} {file}",
    ),
    window(
        "pycharm.sh",
        "PyCharm",
        "--line {line} --column {column} {file}",
    ),
    window("charm", "PyCharm", "--line {line} --column {column} {file}"),
    window("kate", "Kate", "--line {line} --column {column} {file}"),
    window("gnome-text-editor", "Text Editor", "+{line} {file}"),
    window("gedit", "gedit", "+{line}:{column} {file}"),
    window("xed", "xed", "+{line} {file}"),
    window("mousepad", "Mousepad", "--line {line} {file}"),
    window("geany", "Geany", "+{line} {file}"),
    window("gvim", "GVim", "+{line} {file}"),
    terminal("nvim", "Neovim", "+{line} {file}"),
    terminal("vim", "Vim", "+{line} {file}"),
    terminal("vi", "vi", "+{line} {file}"),
    terminal("hx", "Helix", "{file}:{line}:{column}"),
    terminal("helix", "Helix", "{file}:{line}:{column}"),
    terminal("micro", "micro", "+{line}:{column} {file}"),
    terminal("nano", "nano", "+{line},{column} {file}"),
    terminal("emacs", "Emacs", "-nw +{line}:{column} {file}"),
];

/// Terminals, and what stands between one and the command that it is to run.
pub const TERMINALS: &[(&str, &[&str])] = &[
    ("x-terminal-emulator", &["-e"]),
    ("gnome-terminal", &["--"]),
    ("kgx", &["--"]),
    ("konsole", &["-e"]),
    ("xfce4-terminal", &["-x"]),
    ("kitty", &[]),
    ("alacritty", &["-e"]),
    ("foot", &[]),
    ("wezterm", &["start", "--"]),
    ("ghostty", &["-e"]),
    ("tilix", &["-e"]),
    ("xterm", &["-e"]),
    ("urxvt", &["-e"]),
    ("st", &["-e"]),
];

/// What a command is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The file.
    pub file: &'a Path,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// Why a command cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It is no command of a shell.
    #[error("a quotation mark in the editor's command is not closed")]
    Quotes,
    /// There is nothing to run.
    #[error("the editor's command is empty")]
    Empty,
}

/// The words of a command with the file and line in them; a command that does not name the file gets it at its end.
///
/// # Errors
/// It is no command.
pub fn words(command: &str, target: &Target<'_>) -> Result<Vec<OsString>, CommandError> {
    let parted = shell_words::split(command).map_err(|_| CommandError::Quotes)?;
    if parted.is_empty() {
        return Err(CommandError::Empty);
    }
    let names_file = parted.iter().any(|word| word.contains("{file}"));
    let mut words: Vec<OsString> = parted.iter().map(|word| filled(word, target)).collect();
    if !names_file {
        words.push(target.file.as_os_str().to_owned());
    }
    Ok(words)
}

fn filled(word: &str, target: &Target<'_>) -> OsString {
    let word = word
        .replace("{line}", &target.line.to_string())
        .replace("{column}", &target.column.to_string());
    // A path may hold any byte, also such that look like one of the above.
    let mut bytes = Vec::new();
    for (number, part) in word.split("{file}").enumerate() {
        if number > 0 {
            bytes.extend_from_slice(target.file.as_os_str().as_bytes());
        }
        bytes.extend_from_slice(part.as_bytes());
    }
    OsString::from_vec(bytes)
}

/// Whether a program is one of those that need a terminal.
#[must_use]
pub fn needs_terminal(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().unwrap_or(program);
    let mut known = KNOWN.iter().filter(|known| known.in_terminal);
    known.any(|known| name == known.program)
        || ["ed", "jed", "joe", "pico", "kak"]
            .iter()
            .any(|other| name == *other)
}

/// What an editor of the user's own is called: the program's name.
#[must_use]
pub fn name_of_command(command: &str) -> String {
    let words = shell_words::split(command).unwrap_or_default();
    let program = words.first().map_or(command, String::as_str);
    let name = Path::new(program).file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let mut known = KNOWN.iter();
    known
        .find(|known| known.program == name)
        .map_or_else(|| name.into_owned(), |known| known.name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        let target = Target {
            file: Path::new("/srv/my site/a'b.py"),
            line: 14,
            column: 3,
        };
        let words = words(command, &target).unwrap();
        assert_eq!(words, expected);
    }

    #[test]
    fn a_command_gets_file_line_and_column_as_words_of_their_own() {
        check(
            "code -g {file}:{line}:{column}",
            &["code", "-g", "/srv/my site/a'b.py:14:3"],
        );
        check("vim +{line} {file}", &["vim", "+14", "/srv/my site/a'b.py"]);
        check(
            "my-editor --wait",
            &["my-editor", "--wait", "/srv/my site/a'b.py"],
        );
        check(
            "'/opt/my editor' \"{file}\"",
            &["/opt/my editor", "/srv/my site/a'b.py"],
        );
    }

    #[test]
    fn no_file_name_becomes_a_part_of_the_command() {
        let file = OsString::from_vec(b"/a/{line} $(rm);\xff".to_vec());
        let target = Target {
            file: Path::new(&file),
            line: 1,
            column: 1,
        };
        assert_eq!(
            words("e {file}", &target).unwrap(),
            ["e".into(), file.clone()]
        );
    }

    #[test]
    fn what_is_no_command_is_said_to_be_none() {
        let target = Target {
            file: Path::new("/a"),
            line: 1,
            column: 1,
        };
        assert_eq!(words("e 'x", &target), Err(CommandError::Quotes));
        assert_eq!(words("  ", &target), Err(CommandError::Empty));
    }

    #[test]
    fn editors_of_the_terminal_are_known_by_their_names() {
        for (program, expected) in [("/usr/bin/vim", true), ("code", false), ("nano", true)] {
            assert_eq!(needs_terminal(program.as_ref()), expected, "{program}");
        }
        assert_eq!(name_of_command("/usr/bin/nvim -u NONE"), "Neovim");
        assert_eq!(name_of_command("odd --x"), "odd");
    }
}
