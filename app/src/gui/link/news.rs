//! What comes to the window from outside of a frame.

use std::path::PathBuf;
use std::sync::Arc;

use cgi_engine::compare::Comparison;
use cgi_engine::compare::versions::Versions;
use cgi_engine::convert::Host;
use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::export::redact::Secret;
use cgi_engine::history::Found;
use cgi_engine::interpreters::Interpreter;
use cgi_engine::message::Snapshot;
use cgi_engine::saved_request::folder::Listed;
use cgi_engine::{Event, RepeatSummary};

use super::Opened;
use crate::gui::debugging::DebugNews;
use crate::gui::fixing::FixNews;
use crate::gui::looping::LoopNews;
use crate::gui::model::Completion;
use crate::gui::model::cells::Fetched;
use crate::gui::model::compose::{Previewed, SavedOrigin, Work};
use crate::gui::model::content::Content;
use crate::gui::model::editor::EditorNews;
use crate::gui::model::elsewhere::{DeployReport, Import};
use crate::gui::model::hand_on::{Done, Failed};
use crate::gui::model::saved::{Place, Removed, Verdict};
use crate::gui::model::search::Judged;
use crate::gui::model::site::by_value::ValuesRead;
use crate::gui::model::site::scan::Piece;
use crate::gui::saved_files::NotSaved;
use crate::gui::surroundings::SurroundingsNews;

/// What came from outside since the last frame.
pub(in crate::gui) enum News {
    /// A folder is open and served.
    Opened(Box<Snapshot>),
    /// A folder could not be opened.
    NotOpened {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        text: String,
    },
    /// The user picked a folder.
    Picked(PathBuf),
    /// The dialog was closed without a folder, or there is none on this system.
    PickedNothing,
    /// There is no dialog for folders on this computer.
    NoDialog,
    /// These interpreters are there.
    Interpreters(Result<Vec<Interpreter>, String>),
    /// A recorded request was read from the disk, or what became of it.
    Read(ExchangeId, Found),
    /// These folders complete a typed path.
    Completed(Completion),
    /// A worker looked up what columns show.
    Fetched(Fetched),
    /// What the list is ordered by was read of some records.
    ValuesRead(ValuesRead),
    /// A worker went through rows.
    Scanned(Piece),
    /// A worker looked through these records.
    Judged(Judged),
    /// A worker read a body.
    ContentRead(Box<Content>),
    /// The run before this one, if there is one.
    Earlier(ExchangeId, Option<Arc<Exchange>>),
    /// Two requests were compared, or why they could not be.
    Compared {
        /// The earlier and the later one.
        pair: (ExchangeId, ExchangeId),
        /// What came of it.
        outcome: Result<Arc<Comparison>, String>,
    },
    /// The saves between a good run and a failed one were looked into, or why they could not be.
    Versions {
        /// The good and the bad one.
        pair: (ExchangeId, ExchangeId),
        /// What was found.
        outcome: Result<Arc<Versions>, String>,
    },
    /// A request was sent to an earlier version of its script, to see whether that was good.
    VersionRun(Result<Option<ExchangeId>, String>),
    /// A site was looked at for another host.
    Deployed(Host, Box<DeployReport>),
    /// A file of Apache's was read.
    Imported(PathBuf, Box<Result<Import, String>>),
    /// The user picked a file of Apache's.
    PickedImport(PathBuf),
    /// The secrets of these requests, or why they cannot be read.
    Secrets(Vec<ExchangeId>, Result<Vec<Secret>, String>),
    /// So many requests of an export are ready.
    Exporting(usize),
    /// What came of an export.
    Exported(Result<Done, Failed>),
    /// The user picked where an export goes.
    PickedExport(PathBuf),
    /// The user picked a file of requests.
    PickedRuns(PathBuf),
    /// What came of taking in this file: the last request, and words.
    ImportedRuns(PathBuf, Result<(Option<ExchangeId>, String), String>),
    /// A configuration was written, or why not.
    Written(Result<String, String>),
    /// A request was sent again: the number of its record, none when nothing is recorded, or why it was not sent.
    Replayed(Result<Option<ExchangeId>, String>),
    /// A worker has looked at a draft of the site in this folder.
    Previewed {
        /// The folder.
        folder: PathBuf,
        /// The number of the look.
        number: u64,
        /// What would become of the draft, or why it cannot be sent.
        found: Box<Result<Previewed, String>>,
    },
    /// The record of a request that was sent has begun.
    SendBegun(u64, ExchangeId),
    /// A request that was sent is answered: the number of its record, or why it was not sent.
    Sent(u64, Result<Option<ExchangeId>, String>),
    /// The draft of the site in this folder was kept.
    KeptDraft(PathBuf, Box<Work>),
    /// The saved requests of the site in this folder were read.
    SavedListed(PathBuf, Result<Vec<Listed>, String>),
    /// A draft was saved, or not.
    Saved(Box<Result<SavedOrigin, NotSaved>>),
    /// A saved request was renamed or brought back, in words, or not.
    SavedChanged(Result<String, String>),
    /// A saved request was taken away, or not.
    SavedRemoved(Result<Removed, String>),
    /// The draft of a saved request.
    SavedOpened(Box<Result<Work, String>>),
    /// A saved request was run, alone or among others.
    SavedRan {
        /// Which.
        place: Place,
        /// What it came to.
        verdict: Verdict,
        /// It was sent by itself.
        alone: bool,
    },
    /// The run of a draft was held to what is expected.
    Judgement(Verdict),
    /// What a run was like, as expectations.
    Happened(Result<Vec<String>, String>),
    /// Something about fixes.
    Fixing(FixNews),
    /// Something about what saves set off.
    Loop(LoopNews),
    /// Something about interpreters or the terminal.
    Surroundings(SurroundingsNews),
    /// Something of the run under a debugger with this number.
    Debug(u64, DebugNews),
    /// A repetition is over.
    Repeated(u64, Result<Box<RepeatSummary>, String>),
    /// Something came for the editor.
    Editor(EditorNews),
    /// The engine tells this.
    Event(Event),
}

/// What workers send.
pub(super) enum Report {
    Opened {
        number: u64,
        folder: PathBuf,
        outcome: Result<Opened, String>,
    },
    Other(News),
}
