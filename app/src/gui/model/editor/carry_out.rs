//! The commands that change an open text, or only what is seen of it.

use super::document::Document;
use super::find::Search;
use super::{Dialog, Editor, lines};
use crate::gui::command::EditorCommand;
use crate::templates::TEMPLATES;

impl Editor {
    /// Carries out a command that needs nothing but the open files; the words are for the user.
    pub fn carry_out(&mut self, command: EditorCommand) -> Option<String> {
        match command {
            EditorCommand::Show(place) => self.show(place),
            EditorCommand::NewScript => {
                self.dialog = Some(Dialog::NewScript {
                    template: 0,
                    name: TEMPLATES.first().map_or("", |first| first.file).to_owned(),
                    problem: None,
                });
            }
            EditorCommand::GoToLine => self.dialog = Some(Dialog::GoToLine(String::new())),
            EditorCommand::TypeDialog(dialog) => self.dialog = Some(dialog),
            EditorCommand::CloseDialog => self.dialog = None,
            EditorCommand::Typed(path, revision, change, selection) => {
                if let Some(document) = self.document_mut().filter(|shown| shown.path == path) {
                    document.type_in(revision, &change, selection);
                }
            }
            EditorCommand::Selected(path, selection) => {
                if let Some(document) = self.document_mut().filter(|shown| shown.path == path) {
                    document.note_selection(selection);
                }
            }
            other => return change_text(self.document_mut()?, &other),
        }
        None
    }
}

/// Changes the text, or what is seen of it; the words are for the user.
fn change_text(document: &mut Document, command: &EditorCommand) -> Option<String> {
    let (text, selection) = (document.text(), document.selection());
    let edited = match command {
        EditorCommand::Indent => lines::indent(text, selection),
        EditorCommand::Outdent => lines::outdent(text, selection),
        EditorCommand::ToggleComment => {
            let comment = document.language.comment()?;
            lines::toggle_comment(text, selection, comment)
        }
        EditorCommand::ReplaceOne => {
            let search = document.search.as_ref()?;
            search.replaced(text, selection)
        }
        EditorCommand::ReplaceAll => {
            let (text, count) = document.search.as_ref()?.all_replaced(text)?;
            let selection = selection.clone();
            document.edit((text, selection));
            return Some(match count {
                1 => "1 match was replaced".to_owned(),
                count => format!("{count} matches were replaced"),
            });
        }
        other => {
            change_view(document, other);
            return None;
        }
    };
    if let Some(edited) = edited {
        document.edit(edited);
    }
    if *command == EditorCommand::ReplaceOne {
        go_to_match(document, true);
    }
    None
}

fn change_view(document: &mut Document, command: &EditorCommand) {
    match command {
        EditorCommand::Undo => document.undo(),
        EditorCommand::Redo => document.redo(),
        EditorCommand::Find => open_search(document, false),
        EditorCommand::Replace => open_search(document, true),
        EditorCommand::Ask(question) => {
            let text = document.text().to_owned();
            if let Some(search) = &mut document.search {
                search.ask(question.clone(), &text);
            }
        }
        EditorCommand::NextMatch => go_to_match(document, true),
        EditorCommand::PreviousMatch => go_to_match(document, false),
        EditorCommand::CloseFind => document.search = None,
        EditorCommand::NextProblem => {
            if let Some(line) = document.next_mark(true) {
                document.go_to_line(line);
            }
        }
        EditorCommand::PreviousProblem => {
            if let Some(line) = document.next_mark(false) {
                document.go_to_line(line);
            }
        }
        EditorCommand::TakeTheirs => document.take_theirs(),
        EditorCommand::KeepMine => document.keep_mine(),
        _ => {}
    }
}

/// What is selected in one line is what is looked for.
fn open_search(document: &mut Document, replaces: bool) {
    let selected = document.text().get(document.selection().clone());
    let selected = selected.filter(|text| !text.is_empty() && !text.contains('\n'));
    let selected = selected.map(str::to_owned);
    let text = document.text().to_owned();
    let search = document.search.get_or_insert_with(Search::default);
    let mut question = search.question.clone();
    question.replaces = replaces || question.replaces;
    if let Some(selected) = selected.filter(|_| !question.regex) {
        question.text = selected;
    }
    search.wanted += 1;
    search.ask(question, &text);
}

fn go_to_match(document: &mut Document, forward: bool) {
    let Some(search) = &document.search else {
        return open_search(document, false);
    };
    if let Some(found) = search.next(document.selection(), forward) {
        document.select(found);
    }
}
