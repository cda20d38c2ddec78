//! Editors outside of the studio: which this computer has, and how a file is opened in one.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use cgi_engine::process::{absolute_program, start_detached};

use crate::gui::model::editor::outside::{
    KNOWN, OutsideEditor, TERMINALS, Target, name_of_command, needs_terminal, words,
};

/// The editors of this computer, the one that is used first: what the user chose, what `VISUAL` or `EDITOR` name, what
/// is found on PATH.
#[must_use]
pub(super) fn find(chosen: Option<&str>) -> Vec<OutsideEditor> {
    let path = env::var_os("PATH").unwrap_or_default();
    let named = ["VISUAL", "EDITOR"].into_iter().filter_map(env::var_os);
    let named = named.map(|command| command.to_string_lossy().into_owned());
    let named: Vec<String> = named.filter(|command| !command.trim().is_empty()).collect();
    found(chosen, &named, &path)
}

fn found(chosen: Option<&str>, named: &[String], path: &OsStr) -> Vec<OutsideEditor> {
    let mut editors: Vec<OutsideEditor> = Vec::new();
    let mut offer = |editor: OutsideEditor| {
        if !editors.iter().any(|other| other.command == editor.command) {
            editors.push(editor);
        }
    };
    let commands = chosen.into_iter().chain(named.iter().map(String::as_str));
    for command in commands {
        offer(of_command(command));
    }
    for known in KNOWN {
        if on_path(known.program, path).is_some() {
            offer(OutsideEditor {
                name: known.name.to_owned(),
                command: format!("{} {}", known.program, known.arguments),
                in_terminal: known.in_terminal,
            });
        }
    }
    editors
}

/// A command as a user writes it: `vim` alone is told the line in vim's own way.
fn of_command(command: &str) -> OutsideEditor {
    let parted = shell_words::split(command).unwrap_or_default();
    let program = parted.first().cloned().unwrap_or_default();
    let name = Path::new(&program).file_name().unwrap_or_default();
    let known = KNOWN.iter().find(|known| name == known.program);
    let command = match known {
        Some(known) if !command.contains("{file}") => format!("{command} {}", known.arguments),
        _ => command.to_owned(),
    };
    OutsideEditor {
        name: name_of_command(&command),
        in_terminal: needs_terminal(program.as_ref()),
        command,
    }
}

fn on_path(program: &str, path: &OsStr) -> Option<PathBuf> {
    absolute_program(program.as_ref(), path).ok()
}

/// Opens a file in another editor; the words say why it did not open.
pub(super) fn open(
    known: Option<OutsideEditor>,
    chosen: Option<&str>,
    file: &Path,
    line: usize,
    column: usize,
) -> Result<(), String> {
    let editor = known.or_else(|| find(chosen).into_iter().next());
    let Some(editor) = editor else {
        return Err(
            "No other editor was found: name one with \"Choose the other editor…\"".to_owned(),
        );
    };
    let target = Target { file, line, column };
    let failed = |why: String| format!("{} did not open: {why}", editor.name);
    let mut command = words(&editor.command, &target).map_err(|why| failed(why.to_string()))?;
    if editor.in_terminal {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut around = terminal(env::var_os("TERMINAL"), &path).ok_or_else(|| {
            failed("no terminal to run it in was found; name one in TERMINAL".to_owned())
        })?;
        // The terminal looks for it in the file's own folder, where anybody may have put a program.
        if let Some(program) = command.first_mut() {
            let found = absolute_program(program, &path);
            *program = found
                .map_err(|why| failed(format!("{why}: {program:?}")))?
                .into();
        }
        around.append(&mut command);
        command = around;
    }
    let folder = file.parent().filter(|folder| folder.is_dir());
    let folder = folder.unwrap_or(Path::new("/"));
    start_detached(&command, folder).map_err(|error| failed(error.to_string()))
}

/// A terminal and what it needs before a command.
fn terminal(named: Option<OsString>, path: &OsStr) -> Option<Vec<OsString>> {
    let named = named.filter(|named| !named.is_empty());
    if let Some(named) = named {
        let name = Path::new(&named).file_name().unwrap_or_default().to_owned();
        let known = TERMINALS.iter().find(|(program, _)| name == *program);
        let between = known.map_or(["-e"].as_slice(), |(_, between)| between);
        let between = between.iter().map(OsString::from);
        return Some([named].into_iter().chain(between).collect());
    }
    let (program, between) = TERMINALS
        .iter()
        .find(|(program, _)| on_path(program, path).is_some())?;
    let between = between.iter().map(OsString::from);
    Some(
        [OsString::from(program)]
            .into_iter()
            .chain(between)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn with_programs(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let file = folder.path().join(name);
            fs::write(&file, "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.got\"\n").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }

    #[test]
    fn what_the_user_chose_comes_first_then_the_environment_then_what_is_found() {
        let folder = with_programs(&["code", "nano"]);
        fs::write(folder.path().join("kate"), "").unwrap();
        let named = ["vim -u NONE".to_owned()];
        let found = found(
            Some("my-editor {line} {file}"),
            &named,
            folder.path().as_os_str(),
        );
        let shown: Vec<(&str, &str, bool)> = found
            .iter()
            .map(|editor| (&*editor.name, &*editor.command, editor.in_terminal))
            .collect();
        assert_eq!(
            shown,
            [
                ("my-editor", "my-editor {line} {file}", false),
                ("Vim", "vim -u NONE +{line} {file}", true),
                ("VS Code", "code -g {file}:{line}:{column}", false),
                ("nano", "nano +{line},{column} {file}", true),
            ]
        );
    }

    #[test]
    fn a_file_is_opened_at_its_line() {
        let folder = with_programs(&["e"]);
        let program = folder.path().join("e");
        let file = folder.path().join("a b.py");
        let editor = of_command(&format!(
            "'{}' {{line}}:{{column}} {{file}}",
            program.display()
        ));
        open(Some(editor), None, &file, 14, 3).unwrap();
        let got = fs::read_to_string(folder.path().join("e.got")).unwrap();
        assert_eq!(got, format!("14:3\n{}\n", file.display()));
    }

    #[test]
    fn a_program_of_the_files_own_folder_is_no_editor_and_no_terminal() {
        let site = with_programs(&["code", "xterm"]);
        let here = env::current_dir().unwrap();
        let mut relative: PathBuf = here.components().skip(1).map(|_| "..").collect();
        relative.push(site.path().strip_prefix("/").unwrap());
        assert!(relative.join("code").is_file());
        for path in ["", ".", relative.to_str().unwrap()] {
            let path = OsStr::new(path);
            assert_eq!(found(None, &[], path), []);
            assert_eq!(terminal(None, path), None);
        }
    }

    #[test]
    fn an_editor_that_does_not_open_says_why() {
        let editor = of_command("/nonesuch/editor {file}");
        let why = open(Some(editor), None, Path::new("/a"), 1, 1).unwrap_err();
        assert!(
            why.starts_with("editor did not open: cannot start"),
            "{why}"
        );
    }

    #[test]
    fn a_terminal_is_taken_from_the_environment_or_found() {
        let folder = with_programs(&["xterm", "kitty"]);
        let path = folder.path().as_os_str();
        assert_eq!(terminal(None, path).unwrap(), ["kitty"]);
        assert_eq!(
            terminal(Some("/opt/gnome-terminal".into()), path).unwrap()[1],
            "--"
        );
        assert_eq!(terminal(Some("odd".into()), path).unwrap(), ["odd", "-e"]);
        assert_eq!(terminal(None, OsStr::new("")), None);
    }
}
