//! The pages that the studio writes itself, from the templates in `assets/pages`.

use crate::diagnosis;
use crate::exchange::{Exchange, Refusal};
use bytes::Bytes;
use std::fmt::Write as _;

/// What an entry of a folder page is.
pub(crate) enum EntryKind {
    Script,
    Folder,
    File,
}

/// One line of a folder page.
pub(crate) struct FolderEntry {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) kind: EntryKind,
}

/// A request that was refused before anything was looked for.
pub(crate) fn refused(refusal: &Refusal, local: bool) -> Bytes {
    page(
        &refusal.status.to_string(),
        if local { &refusal.reason } else { "" },
    )
}

/// A script that gave nothing to forward.
pub(crate) fn failure(exchange: &Exchange, status: u16, local: bool) -> Bytes {
    let findings = diagnosis::after_run(exchange);
    let sentence = findings
        .first()
        .map(|finding| format!("{} {}", finding.code, finding.title))
        .unwrap_or_default();
    page(&status.to_string(), if local { &sentence } else { "" })
}

/// The studio's own answer where no script ran.
pub(crate) fn message(
    _: &Exchange,
    status: u16,
    title: &str,
    sentence: &str,
    local: bool,
) -> Bytes {
    page(
        &format!("{status} {title}"),
        if local { sentence } else { "" },
    )
}

/// The entries of a folder.
pub(crate) fn folder(title: &str, path: &str, entries: &[FolderEntry]) -> Bytes {
    let mut list = String::from("<ul>");
    for entry in entries {
        let kind = match entry.kind {
            EntryKind::Script => "script",
            EntryKind::Folder => "folder",
            EntryKind::File => "file",
        };
        let _ = write!(
            list,
            "<li><a href=\"{}\">{}</a> {kind}",
            escape(&entry.url),
            escape(&entry.name)
        );
    }
    format!(
        "<!doctype html><title>{}</title><h1>{}</h1>{list}</ul>",
        escape(title),
        escape(path)
    )
    .into()
}

fn page(title: &str, sentence: &str) -> Bytes {
    format!(
        "<!doctype html><title>{0}</title><h1>{0}</h1><p>{1}",
        escape(title),
        escape(sentence)
    )
    .into()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
