//! Open files against what workers bring late, or at the wrong moment.

use cgi_engine::clock::Timestamp;

use super::*;

const FILE: &str = "/srv/site/cgi-bin/form.py";

fn contents(text: &str) -> Contents {
    Contents::read(text.as_bytes()).unwrap()
}

fn read(text: &str) -> FileRead {
    FileRead::Text {
        contents: contents(text),
        mode: 0o755,
    }
}

fn written(text: &str) -> SaveOutcome {
    SaveOutcome::Written {
        contents: contents(text),
        mode: 0o755,
    }
}

fn open(text: &str) -> Editor {
    let mut editor = Editor::default();
    assert!(editor.open(Path::new(FILE), None));
    editor.take_read(Path::new(FILE), read(text));
    editor
}

fn write(editor: &mut Editor, text: &str) {
    let document = editor.document_mut().unwrap();
    document.edit((text.to_owned(), 0..0));
}

fn rescued(text: &str) -> Rescued {
    Rescued {
        path: FILE.into(),
        text: text.to_owned(),
        contents: contents("old\n"),
        kept: Timestamp::from_unix_millis(0),
        kept_in: "/state/0.json".into(),
    }
}

#[test]
fn a_rescued_text_never_takes_the_place_of_what_is_typed() {
    let mut editor = open("old\n");
    write(&mut editor, "typed\n");
    let why = editor
        .restore(&rescued("rescued\n"), read("old\n"))
        .unwrap_err();
    assert!(why.contains("form.py has unsaved text"), "{why}");
    assert_eq!(editor.document().unwrap().text(), "typed\n");
    let gone = editor.restore(&rescued("rescued\n"), FileRead::Missing);
    assert!(gone.is_err());
}

#[test]
fn a_rescued_text_is_one_change_of_the_open_text() {
    let mut editor = open("old\n");
    write(&mut editor, "new\n");
    write(&mut editor, "old\n");
    assert_eq!(
        editor.restore(&rescued("rescued\n"), read("old\n")),
        Ok(None)
    );
    let document = editor.document_mut().unwrap();
    assert_eq!(
        (document.text(), document.is_unsaved()),
        ("rescued\n", true)
    );
    document.undo();
    assert_eq!(document.text(), "old\n");
    document.undo();
    assert_eq!(document.text(), "new\n");
}

#[test]
fn a_rescued_text_of_a_file_that_changed_since_is_asked_about_in_the_open_text_too() {
    let mut editor = open("theirs\n");
    let words = editor.restore(&rescued("rescued\n"), read("theirs\n"));
    assert!(words.unwrap().unwrap().contains("choose"));
    let document = editor.document_mut().unwrap();
    assert!(matches!(document.standing, Standing::Parted(_)));
    document.keep_mine();
    assert_eq!(document.hash(), contents("theirs\n").hash);
    document.undo();
    assert_eq!(document.text(), "theirs\n");
}

#[test]
fn a_save_that_is_asked_for_during_another_follows_it() {
    let path = Path::new(FILE);
    let mut editor = open("a\n");
    write(&mut editor, "ab\n");
    assert!(editor.begin_save(path).unwrap().is_some());
    write(&mut editor, "abc\n");
    assert!(editor.begin_save(path).unwrap().is_none());
    editor.take_saved(path, written("ab\n"));
    assert!(editor.take_save_again(path));
    assert!(!editor.take_save_again(path));
    let (bytes, ..) = editor.begin_save(path).unwrap().unwrap();
    assert_eq!(bytes, b"abc\n");
    assert!(editor.begin_save(path).unwrap().is_none());
    editor.take_saved(path, written("abc\n"));
    // Nothing was typed since.
    assert!(!editor.take_save_again(path));
    write(&mut editor, "x\n");
    assert!(editor.begin_save(path).unwrap().is_some());
    assert!(editor.begin_save(path).unwrap().is_none());
    editor.take_saved(path, SaveOutcome::Failed("disk full".into()));
    assert!(!editor.take_save_again(path));
}

#[test]
fn a_read_that_was_asked_before_the_last_save_is_late() {
    let path = Path::new(FILE);
    let mut editor = open("a\n");
    let (first, second) = (editor.begin_read(), editor.begin_read());
    assert!(!editor.is_late(path, second));
    assert!(editor.is_late(path, first));
    let before = editor.begin_read();
    write(&mut editor, "b\n");
    assert!(editor.begin_save(path).unwrap().is_some());
    let during = editor.begin_read();
    editor.take_saved(path, written("b\n"));
    assert!(editor.is_late(path, before));
    assert!(editor.is_late(path, during));
    let after = editor.begin_read();
    assert!(!editor.is_late(path, after));
    assert!(!editor.is_late(Path::new("/srv/site/other.py"), before));
}

#[test]
fn a_file_that_was_indented_anew_is_asked_about_and_not_merged_for_minutes() {
    let path = Path::new(FILE);
    let lines = |indent: &str| -> String {
        let line = |at: usize| format!("{indent}call({at})\n");
        (0..50_000).map(line).collect()
    };
    let text = lines("");
    let mut editor = open(&text);
    write(&mut editor, &format!("x{text}"));
    let begun = std::time::Instant::now();
    let words = editor.take_read(path, read(&lines("  "))).unwrap();
    assert!(words.contains("choose"), "{words}");
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    let Standing::Parted(parted) = &editor.document().unwrap().standing else {
        panic!("not asked")
    };
    assert!(parted.diff.contains("too many lines"), "{}", parted.diff);
}
