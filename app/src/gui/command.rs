//! Every verb of the window once: what it is called, which key does it, and when it can be done.
//!
//! Buttons, keys, the palette and the list of keys are fed from [`VERBS`]. Commands are only
//! carried out by the window itself, at the end of a frame.

pub mod code;
pub mod looping;

use std::path::PathBuf;
use std::sync::Arc;

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::convert::Host;
use cgi_engine::exchange::{Debugger, ExchangeId, Progress};
use cgi_engine::message::Phase;
use eframe::egui::{Key, Modifiers};

use super::model::compose::deck::EdgeCase;
use super::model::compose::draft::Draft;
use super::model::content::Side;
use super::model::filter::Filter;
use super::model::fixing::Question;
use super::model::hand_on::Order as ExportOrder;
use super::model::saved::Place;
use super::model::site::order::{Order, SortBy};
use super::model::stepping::Move;
use super::model::{Model, Tab, Workspace};
use crate::preferences::ThemeChoice;
use crate::preferences::columns::ColumnKind;
pub use code::EditorCommand;
pub use looping::LoopCommand;

/// Something to be done at the end of this frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Let the user pick a folder.
    ChooseFolder,
    /// Open this folder.
    Open(PathBuf),
    /// Look for folders that complete a path as far as it was typed.
    CompletePath(String),
    /// Unpack an example, open it, and send its first request.
    OpenSample(&'static str),
    /// Take a folder out of the recent ones.
    Forget(PathBuf),
    /// Close the folder and go back to the first screen.
    CloseSite,
    /// Copy the address of the site.
    CopyAddress,
    /// Show the site in the browser.
    OpenInBrowser,
    /// Serve on, record nothing.
    Pause,
    /// Record again.
    Resume,
    /// Read the configuration again and go on.
    Restart,
    /// Look at all scripts again.
    Recheck,
    /// Send a GET to this path, without a browser.
    Send(String),
    /// Send the selected request again.
    Replay,
    /// Go through the selected request step by step.
    StepThrough,
    /// Move through the steps.
    Step(Move),
    /// Let the steps go on by themselves, or stop that.
    PlaySteps(bool),
    /// Back from the steps to the list.
    EndSteps,
    /// Compare the selected request with the marked one, or with the last one like it.
    Compare,
    /// Mark the selected request, to be compared with another.
    MarkToCompare,
    /// No request is marked any more.
    Unmark,
    /// Back from the comparison to the details.
    EndCompare,
    /// Find the save between a good run and a failed one that broke it.
    WhichSave,
    /// Send the selected request again, to its script as it was then.
    ReplayWithSource,
    /// Send a request to its script as it was in another run.
    RunVersion {
        /// Whose request.
        request: ExchangeId,
        /// Whose script.
        source: ExchangeId,
    },
    /// Back from the saves to the details.
    EndVersions,
    /// Go to the next difference of the comparison.
    NextDifference,
    /// Go to the difference before.
    PreviousDifference,
    /// Show comparisons as one text with signs, or side by side.
    CompareUnified(bool),
    /// Send the selected request again, run as this host would run it.
    ReplayAs(HostProfile),
    /// Run every request from now on as this host would; none: as the specification has it.
    ServeAs(Option<HostProfile>),
    /// Look at what the site would do differently on another host.
    DeployCheck(Host),
    /// Read configuration of Apache for this site.
    ImportApache,
    /// Read this file of Apache's.
    ImportFile(PathBuf),
    /// Let the user pick a file of Apache's.
    ChooseImport,
    /// Write what was read down as the site's configuration.
    WriteImport(String),
    /// Back from the other hosts to the list.
    EndElsewhere,
    /// Write a request.
    Compose,
    /// Write a request to this path.
    ComposeTo(String),
    /// Write a request that begins as the selected one.
    EditAndResend,
    /// Take the draft as it was edited.
    EditDraft(Box<Draft>),
    /// Edit the bytes of the draft themselves.
    EditRaw,
    /// Edit the draft by its parts again.
    LeaveRaw,
    /// Make the draft what a curl command would send.
    TakeCurl(String),
    /// Make the draft one that scripts stumble over.
    TakeEdgeCase(EdgeCase),
    /// Begin the draft anew.
    ClearDraft,
    /// Bring back the draft that was cleared or replaced.
    UndoClearDraft,
    /// Send the draft.
    SendDraft,
    /// Stop the run of the draft that was sent.
    StopSending,
    /// Back from the composer to the list.
    EndCompose,
    /// Something with the requests that are saved.
    Saved(SavedCommand),
    /// Something with a request that is sent many times.
    Repeat(RepeatCommand),
    /// Something with interpreters or the terminal's environment.
    Surroundings(SurroundingsCommand),
    /// Something with a run under a debugger.
    Debug(DebugCommand),
    /// Something with the fix of a finding.
    Fix(FixCommand),
    /// Something with files in the editor.
    Editor(EditorCommand),
    /// Something with runs on save.
    Loop(LoopCommand),
    /// Hand the selected request on: as a file or a text for other tools.
    Export,
    /// Hand these requests on.
    ExportThese(Vec<ExchangeId>),
    /// Let the user pick where to write; the name to begin with.
    ChooseExport(String),
    /// Write them, or put them on the clipboard.
    ExportNow(Box<ExportOrder>),
    /// Stop writing.
    CancelExport,
    /// Take in requests from a file.
    ImportRuns,
    /// Let the user pick that file.
    ChooseRuns,
    /// Take in the requests of this file.
    ImportRunsFrom(PathBuf),
    /// Back from handing on to the list.
    EndHandOn,
    /// Put the selected request on the clipboard, as a curl command.
    CopyAsCurl,
    /// The same as an `.http` file.
    CopyAsHttp,
    /// Stop this run.
    Stop(ExchangeId),
    /// Stop the selected run.
    StopSelected,
    /// Open or close the palette.
    Palette,
    /// Show or hide the list of keys.
    CheatSheet,
    /// Show this workspace.
    Show(Workspace),
    /// Show or hide the sidebar.
    Sidebar,
    /// Show or hide the drawer.
    Drawer,
    /// Make everything larger.
    ZoomIn,
    /// Make everything smaller.
    ZoomOut,
    /// The usual size.
    ZoomReset,
    /// Change the theme.
    Theme(ThemeChoice),
    /// Give the keyboard to the next part of the window.
    NextRegion,
    /// Give the keyboard to the part before.
    PreviousRegion,
    /// Type into the filter.
    FocusFilter,
    /// Show other rows.
    SetFilter(Filter),
    /// Add a clause to the filter's words.
    Narrow(String),
    /// Show all rows.
    ClearFilter,
    /// Look no further through records for what the filter asks.
    StopSearch,
    /// Order the list by this, or the other way round, or as usual again.
    SortBy(SortBy),
    /// The newest request on top again.
    UsualOrder,
    /// Show a column of the list, or show it no more.
    ToggleColumn(ColumnKind),
    /// Set the width of a column, in points.
    ColumnWidth(ColumnKind, f32),
    /// The columns and widths that a new user has.
    UsualColumns,
    /// Look up what columns of fields and variables show for these requests.
    FetchCells(Vec<ExchangeId>),
    /// Take a request into the selection, or out of it.
    ToggleSelected(ExchangeId),
    /// Select all requests from the selected one to this.
    SelectUpTo(ExchangeId),
    /// Select a request.
    Select(ExchangeId),
    /// Select what was selected before.
    SelectBack,
    /// Select again what was selected after that.
    SelectForward,
    /// Select the next request down the list.
    SelectBelow,
    /// Select the next request up the list.
    SelectAbove,
    /// Select the newest request and follow.
    SelectNewest,
    /// Select the oldest request.
    SelectOldest,
    /// Select the next failed request down the list.
    NextFailure,
    /// Select the next failed request up the list.
    PreviousFailure,
    /// Empty the list, with ten seconds to think again.
    ClearList,
    /// Bring the emptied list back.
    UndoClear,
    /// Pin the selected request, or take the pin away.
    TogglePin,
    /// Write beside the selected request.
    EditComment,
    /// This is the comment; no words take it away.
    SetComment(String),
    /// Leave the comment as it was.
    EndComment,
    /// Give the keyboard to the inspector.
    OpenDetail,
    /// Find a text in the viewer that is shown.
    FindInPane,
    /// Go to the next match.
    FindNext,
    /// Go to the match before.
    FindPrevious,
    /// Back to the list, then clear the filter.
    Back,
    /// Open a tab of the inspector.
    ShowTab(Tab),
    /// Give the details the place of the list as well, or give it back.
    DetailAlone,
    /// Let a worker read this body of the selected request.
    ReadContent(Side),
    /// Let a worker look for the run before the selected one.
    FindEarlier,
    /// Put a text on the clipboard; the words say what it was.
    Copy {
        /// "Address", "Value of PATH".
        what: String,
        /// The text.
        text: String,
    },
    /// Open a URL in the browser.
    OpenUrl(String),
    /// Set the width of the sidebar, in points.
    SidebarWidth(f32),
    /// Set the share of the list.
    ListShare(f32),
    /// Set the height of the drawer, in points.
    DrawerHeight(f32),
}

/// What can be done with saved requests.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedCommand {
    /// Save the draft where it is saved already; else ask for a name.
    Save,
    /// Ask for a name to save the draft by.
    SaveAs,
    /// Ask for another name.
    Rename(Place),
    /// The name is typed.
    TypeName(String),
    /// Do what the name was asked for.
    Confirm {
        /// Over whatever is there.
        anyway: bool,
    },
    /// Ask no more.
    CloseDialog,
    /// Open it in the composer.
    Open(Place),
    /// Send it and hold its run to what is expected.
    Send(Place),
    /// Send all of them.
    RunAll,
    /// Take it away.
    Remove(Place),
    /// Bring back what was taken away.
    UndoRemove,
    /// Expect this of the draft.
    Expect(Vec<String>),
    /// Expect of the draft what its last run was like.
    ExpectWhatHappened,
}

/// What can be asked of what is around the scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SurroundingsCommand {
    /// Show the interpreters of this computer.
    Interpreters,
    /// Let this one run scripts with this suffix.
    Choose {
        /// The suffix with its dot.
        suffix: String,
        /// The interpreter.
        path: PathBuf,
    },
    /// Have scripts that fail leave their variables in the record, or no longer.
    RecordLocals(bool),
    /// Compare the terminal with the selected run.
    Terminal,
    /// Ask the shell now.
    AskTerminal,
    /// Close the dialog.
    Close,
}

/// What can be done with a run under a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebugCommand {
    /// Send the selected request again under this debugger.
    Begin(Debugger),
    /// This stands in the console's line.
    Type(String),
    /// Say this to the console.
    Say(String),
    /// Come back to the run that something else is looked at beside.
    Show,
    /// End the script.
    Quit,
    /// Back to the list; a script that stands goes on by itself.
    Close,
}

/// What can be done with a repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepeatCommand {
    /// Ask how often the selected request is to be sent.
    Ask,
    /// Ask how often the draft is to be sent.
    AskForDraft,
    /// The numbers are typed.
    Type {
        /// How often.
        times: String,
        /// How many at once.
        at_once: String,
    },
    /// Send.
    Begin,
    /// Send no more, and end what runs.
    Stop,
    /// Close the dialog, and stop what runs.
    Close,
    /// Show just these runs in the list.
    Show,
}

/// What can be done about findings.
#[derive(Clone, Debug, PartialEq)]
pub enum FixCommand {
    /// Show what would be changed.
    Open {
        /// For which finding.
        question: Arc<Question>,
        /// Which of several ways is shown first.
        way: usize,
    },
    /// Show what would be changed for the first finding of the selected request that has a fix.
    OpenFirst,
    /// Show another way to mend it.
    Choose(usize),
    /// Make the change that is shown.
    Apply,
    /// Change nothing.
    Close,
    /// Take the last change back.
    Undo,
    /// Send the request of the failed run again.
    TryAgain(ExchangeId),
}

/// A key that does a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// With these held.
    pub modifiers: Modifiers,
    /// The key.
    pub key: Key,
}

/// A verb without parameters, as it is offered.
#[derive(Debug)]
pub struct Verb {
    /// What it does.
    pub command: Command,
    /// What it is called.
    pub label: &'static str,
    /// What it belongs to, in the palette and the list of keys.
    pub group: &'static str,
    /// One sentence.
    pub tooltip: &'static str,
    /// The keys that do it.
    pub keys: &'static [Shortcut],
    /// Whether it can be done now; the words say why not.
    pub disabled: fn(&Model) -> Option<&'static str>,
}

const fn plain(key: Key) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::NONE,
        key,
    }
}

const fn shift(key: Key) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::SHIFT,
        key,
    }
}

const fn ctrl(key: Key) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::COMMAND,
        key,
    }
}

const fn ctrl_shift(key: Key) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::COMMAND.plus(Modifiers::SHIFT),
        key,
    }
}

const fn verb(
    command: Command,
    group: &'static str,
    label: &'static str,
    tooltip: &'static str,
    keys: &'static [Shortcut],
    disabled: fn(&Model) -> Option<&'static str>,
) -> Verb {
    Verb {
        command,
        label,
        group,
        tooltip,
        keys,
        disabled,
    }
}

/// All verbs that need no further word, in the order of the palette.
#[rustfmt::skip]
pub static VERBS: &[Verb] = &[
    verb(Command::ChooseFolder, "Folder", "Open a folder…", "Serve another folder", &[ctrl(Key::O)], always),
    verb(Command::CloseSite, "Folder", "Close the folder", "Stop serving and go back to the first screen", &[], with_site),
    verb(Command::CopyAddress, "Server", "Copy address", "Copy the site's address to the clipboard", &[], with_address),
    verb(Command::OpenInBrowser, "Server", "Open in browser", "Show the site in the browser", &[], with_address),
    verb(Command::Pause, "Server", "Pause", "Go on serving, but record nothing", &[], while_recording),
    verb(Command::Resume, "Server", "Resume", "Record requests again", &[], while_paused),
    verb(Command::Restart, "Server", "Restart", "End what runs and read the configuration again", &[], with_site),
    verb(Command::Recheck, "Server", "Check all scripts again", "Look at every script on the disk again", &[], with_site),
    verb(Command::DeployCheck(Host::Apache), "Folder", "Deploy check…", "What this site does differently on Apache, lighttpd, nginx or Caddy, and the configuration for it", &[], with_site),
    verb(Command::ImportApache, "Folder", "Import Apache configuration…", "Read httpd.conf and .htaccess files into cgi-studio.toml", &[], with_site),
    verb(Command::ServeAs(None), "Server", "Run requests as RFC 3875 has it", "No other host is imitated", &[], while_imitating),
    verb(Command::ServeAs(Some(HostProfile::Apache)), "Server", "Run requests as Apache would", "With the variables and the verdicts of Apache", &[], with_site),
    verb(Command::ServeAs(Some(HostProfile::Lighttpd)), "Server", "Run requests as lighttpd would", "With the variables and the verdicts of lighttpd", &[], with_site),
    verb(Command::ServeAs(Some(HostProfile::NginxFcgiwrap)), "Server", "Run requests as nginx + fcgiwrap would", "With the variables and the verdicts of nginx and fcgiwrap", &[], with_site),
    verb(Command::ServeAs(Some(HostProfile::Cpython)), "Server", "Run requests as CPython's http.server would", "With the variables and the verdicts of http.server --cgi", &[], with_site),
    verb(Command::ServeAs(Some(HostProfile::Go)), "Server", "Run requests as Go's net/http/cgi would", "With the variables and the verdicts of net/http/cgi", &[], with_site),
    verb(Command::ServeAs(Some(HostProfile::Busybox)), "Server", "Run requests as busybox httpd would", "With the variables and the verdicts of busybox", &[], with_site),
    verb(Command::FocusFilter, "List", "Filter requests", "Type words to narrow the list", &[plain(Key::F), plain(Key::Slash)], with_site),
    verb(Command::ClearFilter, "List", "Show all requests", "Take the filter away", &[], with_filter),
    verb(Command::SelectBelow, "List", "Next request down", "Select the request below", &[plain(Key::J), plain(Key::ArrowDown)], with_rows),
    verb(Command::SelectAbove, "List", "Next request up", "Select the request above", &[plain(Key::K), plain(Key::ArrowUp)], with_rows),
    verb(Command::SelectBack, "List", "Back", "Select the request that was selected before", &[ctrl(Key::OpenBracket)], with_earlier),
    verb(Command::SelectForward, "List", "Forward", "Select again the request that was left by going back", &[ctrl(Key::CloseBracket)], with_later),
    verb(Command::SelectNewest, "List", "Newest request", "Go to the newest request and follow new ones", &[plain(Key::G), plain(Key::Home)], with_rows),
    verb(Command::SelectOldest, "List", "Oldest request", "Go to the oldest request", &[shift(Key::G), plain(Key::End)], with_rows),
    verb(Command::NextFailure, "List", "Next failure", "Select the next failed request, down the list", &[plain(Key::F8)], with_failures),
    verb(Command::PreviousFailure, "List", "Previous failure", "Select the next failed request, up the list", &[shift(Key::F8)], with_failures),
    verb(Command::UsualOrder, "List", "Newest on top", "The usual order of the list", &[], with_other_order),
    verb(Command::StopSearch, "List", "Stop looking through records", "What was found stays; what comes is looked at", &[], while_searching),
    verb(Command::UsualColumns, "Columns", "Usual columns", "The columns and widths that the list had at first", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Number), "Columns", "Column: number", "Show or hide the running number", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Time), "Columns", "Column: time of day", "Show or hide when each request began", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Age), "Columns", "Column: how long ago", "Show or hide how long ago each request began", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Method), "Columns", "Column: method", "Show or hide the method", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Script), "Columns", "Column: script", "Show or hide the script's name", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Target), "Columns", "Column: target", "Show or hide the target as it was sent", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Status), "Columns", "Column: status", "Show or hide how it went", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Millis), "Columns", "Column: milliseconds", "Show or hide the time taken", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Size), "Columns", "Column: size", "Show or hide the bytes answered", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Stderr), "Columns", "Column: stderr", "Show or hide the lines on standard error", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Finding), "Columns", "Column: finding", "Show or hide the headline finding", &[], with_site),
    verb(Command::ToggleColumn(ColumnKind::Comment), "Columns", "Column: comment", "Show or hide what was written beside requests", &[], with_site),
    verb(Command::ClearList, "List", "Clear the list", "Empty the list; it can be brought back for ten seconds", &[ctrl_shift(Key::L)], with_rows),
    verb(Command::UndoClear, "List", "Bring the cleared list back", "Undo the last clearing", &[], after_clearing),
    verb(Command::Replay, "Request", "Replay", "Send the selected request again, byte by byte", &[plain(Key::R)], with_selection),
    verb(Command::ReplayWithSource, "Request", "Replay with the source as it was", "Send the selected request again to its script as it was then, from a copy; your file is not touched", &[], with_selection),
    verb(Command::Compose, "Request", "New request…", "Write a request, and see what its script would be told", &[ctrl(Key::N)], with_site),
    verb(Command::EditAndResend, "Request", "Edit and send again…", "Write a request that begins as the selected one", &[plain(Key::E)], with_selection),
    verb(Command::SendDraft, "Request", "Send what is written", "Send the request that is being written", &[ctrl(Key::Enter)], while_composing),
    verb(Command::Saved(SavedCommand::Save), "Request", "Save the request…", "Keep what is written, and what is expected of it, in the folder's requests/", &[ctrl(Key::S)], while_writing),
    verb(Command::Saved(SavedCommand::SaveAs), "Request", "Save the request as…", "Keep what is written by another name", &[ctrl_shift(Key::S)], while_writing),
    verb(Command::Saved(SavedCommand::ExpectWhatHappened), "Request", "Expect what happened", "Fill the expectations with what the last run of the draft was like", &[], while_writing),
    verb(Command::Saved(SavedCommand::RunAll), "Request", "Run all saved requests", "Send every saved request and hold its run to what is expected", &[], with_saved),
    verb(Command::Repeat(RepeatCommand::Ask), "Request", "Repeat…", "Send the selected request many times, several at once", &[], with_selection),
    verb(Command::Repeat(RepeatCommand::AskForDraft), "Request", "Repeat what is written…", "Send the draft many times, several at once", &[], while_writing),
    verb(Command::Surroundings(SurroundingsCommand::Interpreters), "Folder", "Interpreters…", "The interpreters of this computer, what they lack, and the choice of one for this site", &[], with_site),
    verb(Command::Surroundings(SurroundingsCommand::RecordLocals(true)), "Folder", "Record variables of scripts that fail", "Python scripts leave the variables of each call in the record when an exception ends them", &[], with_site),
    verb(Command::Surroundings(SurroundingsCommand::RecordLocals(false)), "Folder", "Record no variables", "Python scripts run without the hook that tells of their variables", &[], with_site),
    verb(Command::Surroundings(SurroundingsCommand::Terminal), "Request", "Compare with the terminal…", "Why it works in the terminal and not here: environment, programs, folder", &[], with_selection),
    verb(Command::Debug(DebugCommand::Begin(Debugger::Pdb)), "Request", "Run under pdb", "Send the selected request again and stop its Python script at the first line: step through it, look at variables", &[shift(Key::F5)], with_selection),
    verb(Command::Debug(DebugCommand::Begin(Debugger::Debugpy)), "Request", "Run under debugpy", "Send the selected request again; its Python script waits until an editor such as VS Code attaches", &[], with_selection),
    verb(Command::Debug(DebugCommand::Show), "Window", "Show the debugger", "Come back to the run under a debugger", &[], with_debugger_aside),
    verb(Command::StepThrough, "Request", "Step through", "Go through the selected request step by step, from the first byte to the page", &[plain(Key::T)], with_selection),
    verb(Command::Compare, "Request", "Compare", "Compare with the marked request, or with the last one that had the same method and target", &[plain(Key::D)], with_selection),
    verb(Command::NextDifference, "Request", "Next difference", "Go to the next difference of the two requests that are compared", &[plain(Key::N)], while_comparing),
    verb(Command::PreviousDifference, "Request", "Previous difference", "Go to the difference before", &[shift(Key::N)], while_comparing),
    verb(Command::MarkToCompare, "Request", "Mark to compare", "Mark the selected request; then select another one and compare", &[shift(Key::D)], with_selection),
    verb(Command::Export, "Request", "Export…", "Write it for other tools or people, without its secrets", &[plain(Key::X)], with_selection),
    verb(Command::ImportRuns, "Folder", "Import requests…", "Take in requests from a bundle or an HTTP archive", &[], with_site),
    verb(Command::WhichSave, "Request", "Which save broke it", "Find the save of the script between the last good run of this request and this one that failed", &[plain(Key::B)], with_selection),
    verb(Command::Fix(FixCommand::OpenFirst), "Request", "Fix what is wrong…", "Show what would be changed in the script to mend the first finding, or the problem at the caret, that has a fix", &[ctrl(Key::Period)], with_fix),
    verb(Command::Fix(FixCommand::Undo), "Request", "Undo last fix", "Take back the last change that the studio made in a script", &[plain(Key::U)], with_undoable_fix),
    verb(Command::CopyAsCurl, "Request", "Copy as curl", "Copy a command that sends the same request", &[plain(Key::C)], with_selection),
    verb(Command::CopyAsHttp, "Request", "Copy as .http", "Copy the request as editors' HTTP clients read it", &[], with_selection),
    verb(Command::TogglePin, "Request", "Pin or unpin", "Keep the selected request whatever else goes", &[plain(Key::M)], with_selection),
    verb(Command::EditComment, "Request", "Comment…", "Write beside the selected request what is worth remembering", &[plain(Key::Semicolon)], with_selection),
    verb(Command::StopSelected, "Request", "Stop this run", "End the selected run and everything it started", &[], while_selected_runs),
    verb(Command::OpenDetail, "Request", "Go to the details", "Give the keyboard to the inspector", &[plain(Key::Enter)], with_selection),
    verb(Command::DetailAlone, "Request", "Details alone", "Give the details the whole place, or give the list its place back", &[plain(Key::Z)], with_selection),
    verb(Command::Back, "Request", "Back to the list", "Give the keyboard back to the list, then clear the filter", &[plain(Key::Escape)], with_site),
    verb(Command::ShowTab(Tab::Overview), "Request", "Show overview", "What happened, in words", &[plain(Key::Num1)], with_selection),
    verb(Command::ShowTab(Tab::Request), "Request", "Show request", "What the client sent", &[plain(Key::Num2)], with_selection),
    verb(Command::ShowTab(Tab::Environment), "Request", "Show environment", "What the script was told", &[plain(Key::Num3)], with_selection),
    verb(Command::ShowTab(Tab::Process), "Request", "Show process", "What ran, under which limits, and what it used", &[plain(Key::Num4)], with_selection),
    verb(Command::ShowTab(Tab::Output), "Request", "Show output", "What the script printed", &[plain(Key::Num5)], with_selection),
    verb(Command::ShowTab(Tab::Response), "Request", "Show response", "What the client got", &[plain(Key::Num6)], with_selection),
    verb(Command::ShowTab(Tab::Time), "Request", "Show time", "When each thing happened", &[plain(Key::Num7)], with_selection),
    verb(Command::ShowTab(Tab::Hosts), "Request", "Show other hosts", "What Apache, lighttpd and others would have made of it", &[plain(Key::Num8)], with_selection),
    verb(Command::FindInPane, "Request", "Find in the text", "Find in the text that is shown: output, body, head or source", &[ctrl(Key::F)], with_site),
    verb(Command::FindNext, "Request", "Next match", "Go to the next place where the text was found", &[plain(Key::F3)], with_site),
    verb(Command::FindPrevious, "Request", "Previous match", "Go to the place before where the text was found", &[shift(Key::F3)], with_site),
    verb(Command::Palette, "Window", "Search or run a command", "Find any command by a few letters", &[ctrl(Key::K), ctrl(Key::P)], always),
    verb(Command::CheatSheet, "Window", "Keys", "All keys at a glance", &[plain(Key::Questionmark)], always),
    verb(Command::Show(Workspace::Inspect), "Window", "Show requests", "The list of requests and the selected one", &[ctrl(Key::Num1)], with_site),
    verb(Command::Show(Workspace::Code), "Window", "Show code", "The source of scripts, and what their runs say of it", &[ctrl(Key::Num2)], with_site),
    verb(Command::Sidebar, "Window", "Show or hide the sidebar", "The list of scripts", &[ctrl(Key::B)], with_site),
    verb(Command::Drawer, "Window", "Show or hide problems and server log", "The drawer below", &[ctrl(Key::J)], with_site),
    verb(Command::NextRegion, "Window", "Next part of the window", "Give the keyboard to the next part", &[plain(Key::F6)], with_site),
    verb(Command::PreviousRegion, "Window", "Previous part of the window", "Give the keyboard to the part before", &[shift(Key::F6)], with_site),
    verb(Command::ZoomIn, "Window", "Larger", "Make everything larger", &[ctrl(Key::Plus), ctrl(Key::Equals)], always),
    verb(Command::ZoomOut, "Window", "Smaller", "Make everything smaller", &[ctrl(Key::Minus)], always),
    verb(Command::ZoomReset, "Window", "Usual size", "The size it had at first", &[ctrl(Key::Num0)], always),
    verb(Command::Theme(ThemeChoice::System), "Window", "Theme as the system has it", "Follow the system's theme", &[], always),
    verb(Command::Theme(ThemeChoice::Dark), "Window", "Dark theme", "Light text on a dark ground", &[], always),
    verb(Command::Theme(ThemeChoice::Light), "Window", "Light theme", "Dark text on a light ground", &[], always),
];

fn always(_: &Model) -> Option<&'static str> {
    None
}

fn with_site(model: &Model) -> Option<&'static str> {
    model.site.is_none().then_some("no folder is open")
}

fn with_address(model: &Model) -> Option<&'static str> {
    let address = model.site.as_ref().and_then(|site| site.state.address);
    address.is_none().then_some("nothing is served")
}

fn phase_is(model: &Model, phase: Phase) -> bool {
    model
        .site
        .as_ref()
        .is_some_and(|site| site.state.phase == phase)
}

fn while_recording(model: &Model) -> Option<&'static str> {
    (!phase_is(model, Phase::Serving)).then_some("nothing is recorded now")
}

fn while_paused(model: &Model) -> Option<&'static str> {
    (!phase_is(model, Phase::Paused)).then_some("recording is not paused")
}

fn with_rows(model: &Model) -> Option<&'static str> {
    let rows = model
        .site
        .as_ref()
        .map_or(0, super::model::site::SiteModel::rows_shown);
    (rows == 0).then_some("there are no requests")
}

fn with_failures(model: &Model) -> Option<&'static str> {
    let failed = model.site.as_ref().map_or(0, |site| site.counts().failed);
    (failed == 0).then_some("nothing failed")
}

fn with_filter(model: &Model) -> Option<&'static str> {
    let filtered = model
        .site
        .as_ref()
        .is_some_and(|site| !site.filter().is_empty());
    (!filtered).then_some("there is no filter")
}

fn with_other_order(model: &Model) -> Option<&'static str> {
    let usual = Order::default();
    let other = model
        .site
        .as_ref()
        .is_some_and(|site| *site.order() != usual);
    (!other).then_some("the newest is on top already")
}

fn while_searching(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let searches = site.is_some_and(|site| site.search().waiting() > 0);
    (!searches).then_some("no records are being looked through")
}

fn with_selection(model: &Model) -> Option<&'static str> {
    let selected = model
        .site
        .as_ref()
        .and_then(super::model::site::SiteModel::selected);
    selected.is_none().then_some("no request is selected")
}

fn with_debugger_aside(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let debugging = site.and_then(|site| site.debugging.as_ref());
    let is_aside = debugging.is_some_and(|debugging| debugging.aside);
    (!is_aside).then_some("nothing runs under a debugger")
}

fn while_comparing(model: &Model) -> Option<&'static str> {
    let compares = model
        .site
        .as_ref()
        .is_some_and(|site| site.compared.is_some());
    (!compares).then_some("nothing is compared")
}

fn while_composing(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    site.map_or(Some("no folder is open"), |site| {
        site.composer.not_sendable()
    })
}

fn while_writing(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let writes = site.is_some_and(|site| site.composer.open && site.composer.work.is_some());
    (!writes).then_some("no request is being written")
}

fn with_saved(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let is_there = site.is_some_and(|site| !site.saved.rows.is_empty());
    (!is_there).then_some("no request is saved in this folder")
}

fn with_fix(model: &Model) -> Option<&'static str> {
    let words = "neither the selected request nor the file shows what can be mended for certain";
    model.fixable_at_hand().is_none().then_some(words)
}

fn with_undoable_fix(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let undoable = site.and_then(|site| site.fixing.undoable.as_ref());
    undoable
        .is_none()
        .then_some("no fix was made that can be taken back")
}

fn while_imitating(model: &Model) -> Option<&'static str> {
    let imitates = model
        .site
        .as_ref()
        .is_some_and(|site| site.serving_as.is_some());
    (!imitates).then_some("no other host is imitated")
}

fn with_earlier(model: &Model) -> Option<&'static str> {
    let can = model.site.as_ref().is_some_and(|site| site.can_go(false));
    (!can).then_some("nothing was selected before")
}

fn with_later(model: &Model) -> Option<&'static str> {
    let can = model.site.as_ref().is_some_and(|site| site.can_go(true));
    (!can).then_some("this was the last selection")
}

fn while_selected_runs(model: &Model) -> Option<&'static str> {
    let running = model.site.as_ref().is_some_and(|site| {
        let row = site.selected().and_then(|id| site.row(id));
        row.is_some_and(|row| row.progress == Progress::Running)
    });
    (!running).then_some("the selected request is not running")
}

fn after_clearing(model: &Model) -> Option<&'static str> {
    let hidden = model
        .site
        .as_ref()
        .and_then(|site| site.can_unhide(model.now));
    hidden
        .is_none()
        .then_some("nothing was cleared in the last ten seconds")
}

/// All verbs.
pub fn verbs() -> impl Iterator<Item = &'static Verb> {
    // Where two have one key, the first that can be done takes it.
    let of_code = code::VERBS.iter().chain(looping::VERBS);
    of_code.chain(VERBS)
}

/// The verb of a command, if it is one without parameters.
#[must_use]
pub fn verb_of(command: &Command) -> Option<&'static Verb> {
    verbs().find(|verb| verb.command == *command)
}

impl Verb {
    /// The first key, as "Ctrl K"; empty if there is none.
    #[must_use]
    pub fn key_text(&self) -> String {
        self.keys.first().map_or_else(String::new, |key| key.text())
    }

    /// Tooltip and key, for a button.
    #[must_use]
    pub fn hint(&self) -> String {
        match self.key_text() {
            key if key.is_empty() => self.tooltip.to_owned(),
            key => format!("{} ({key})", self.tooltip),
        }
    }
}

impl Shortcut {
    /// As it is printed on a key: "Ctrl Shift L".
    #[must_use]
    pub fn text(self) -> String {
        let mut parts = Vec::new();
        if self.modifiers.command {
            parts.push(if cfg!(target_os = "macos") {
                "Cmd"
            } else {
                "Ctrl"
            });
        }
        if self.modifiers.shift {
            parts.push("Shift");
        }
        let name = match self.key {
            Key::ArrowDown => "Down",
            Key::ArrowUp => "Up",
            Key::Escape => "Esc",
            Key::Slash => "/",
            Key::Questionmark => "?",
            Key::Plus => "+",
            Key::Minus => "-",
            Key::Equals => "=",
            Key::OpenBracket => "[",
            Key::CloseBracket => "]",
            Key::Period => ".",
            Key::Semicolon => ";",
            key => key.name(),
        };
        // A letter alone is typed small: `g` and Shift G are two things.
        let is_letter_alone = parts.is_empty() && name.len() == 1;
        let small = name.to_ascii_lowercase();
        parts.push(if is_letter_alone { &small } else { name });
        parts.join(" ")
    }

    /// A key that types a character, and so belongs to a text field while one has the keyboard.
    #[must_use]
    pub fn types(self) -> bool {
        let function = matches!(self.key, Key::F3 | Key::F6 | Key::F8);
        !self.modifiers.command && !function
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_verb_has_a_label_of_its_own_and_no_key_means_two_things_in_one_place() {
        let mut labels = HashSet::new();
        let mut keys = HashSet::new();
        for verb in verbs() {
            assert!(labels.insert(verb.label), "{}", verb.label);
            assert!(
                !verb.tooltip.is_empty() && !verb.tooltip.ends_with('.'),
                "{}",
                verb.label
            );
            let place = verb.group == code::GROUP;
            for key in verb.keys {
                assert!(
                    keys.insert((place, key.text())),
                    "{}: {}",
                    verb.label,
                    key.text()
                );
            }
        }
    }

    #[track_caller]
    fn check(command: &Command, text: &str) {
        assert_eq!(verb_of(command).map(Verb::key_text).as_deref(), Some(text));
    }

    #[test]
    fn keys_read_as_they_are_printed() {
        check(&Command::Palette, "Ctrl K");
        check(&Command::ClearList, "Ctrl Shift L");
        check(&Command::PreviousFailure, "Shift F8");
        check(&Command::CheatSheet, "?");
        check(&Command::SelectNewest, "g");
        check(&Command::SelectOldest, "Shift G");
        check(&Command::CloseSite, "");
        check(&Command::SelectBack, "Ctrl [");
        check(&Command::EditComment, ";");
    }
}
