//! What the window knows; it changes by [`Model::apply`] and by commands.

pub mod carried;
pub mod cells;
pub mod comparison;
pub mod compose;
pub mod content;
pub mod debugging;
pub mod details;
pub mod earlier;
pub mod editor;
pub mod elsewhere;
pub mod filter;
pub mod filter_words;
pub mod fixing;
pub mod hand_on;
pub mod looping;
pub mod repeating;
pub mod saved;
pub mod search;
pub mod secret;
pub mod site;
pub mod stepping;
pub mod surroundings;
#[cfg(test)]
pub mod testing;
pub mod versions;

use std::path::PathBuf;

use cgi_engine::Event;
use cgi_engine::clock::Timestamp;
use cgi_engine::interpreters::Interpreter;

use crate::address;
use crate::preferences::Preferences;
use site::SiteModel;

/// Everything the panels draw.
#[derive(Debug)]
pub struct Model {
    /// The time at which this frame began.
    pub now: Timestamp,
    /// What the user chose, now and before.
    pub preferences: Preferences,
    /// The open folder; none while the start screen is up.
    pub site: Option<SiteModel>,
    /// A folder that is being opened.
    pub opening: Option<PathBuf>,
    /// Why the last folder could not be opened.
    pub problem: Option<Problem>,
    /// The interpreters of this computer, or why they cannot be looked for; none until they were.
    pub interpreters: Option<Result<Vec<Interpreter>, String>>,
    /// The folders that complete a typed path, as last looked for.
    pub completion: Completion,
    /// What stands beside the sidebar.
    pub workspace: Workspace,
    /// The editors of this computer, the one that is used first; empty until they were looked for.
    pub outside: Vec<editor::outside::OutsideEditor>,
    /// Whether the dialog for the other editor is open.
    pub choosing_editor: bool,
    /// The open tab of the inspector.
    pub tab: Tab,
    /// Whether the drawer is open.
    pub drawer: bool,
    /// Whether the palette is open.
    pub palette: bool,
    /// Whether the list of keys is open.
    pub cheat_sheet: bool,
    /// Whether the details have the place of the list as well.
    pub detail_alone: bool,
}

/// Why a folder could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The folder.
    pub folder: PathBuf,
    /// Why not, in words.
    pub text: String,
}

/// Folders that complete a typed path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What was typed when they were looked for.
    pub typed: String,
    /// The folders, in order of their names.
    pub folders: Vec<PathBuf>,
}

/// What stands beside the sidebar, unless something covers it for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workspace {
    /// The list of requests and the selected one.
    #[default]
    Inspect,
    /// The source of scripts, and what their runs say of it.
    Code,
}

impl Workspace {
    /// All of them, in order.
    pub const ALL: [Self; 2] = [Self::Inspect, Self::Code];

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Inspect => "Inspect",
            Self::Code => "Code",
        }
    }
}

/// The tabs of the inspector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// What happened, in words.
    #[default]
    Overview,
    /// What the client sent.
    Request,
    /// The meta-variables.
    Environment,
    /// What ran, under which limits, and what it used.
    Process,
    /// What the script printed.
    Output,
    /// What the client got.
    Response,
    /// When each thing happened.
    Time,
    /// What other hosts would have made of it.
    Hosts,
}

impl Tab {
    /// All tabs in order.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Request,
        Self::Environment,
        Self::Process,
        Self::Output,
        Self::Response,
        Self::Time,
        Self::Hosts,
    ];

    /// The tab's name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Request => "Request",
            Self::Environment => "Environment",
            Self::Process => "Process",
            Self::Output => "Output",
            Self::Response => "Response",
            Self::Time => "Time",
            Self::Hosts => "Other hosts",
        }
    }
}

impl Model {
    /// A window without a folder.
    #[must_use]
    pub fn new(preferences: Preferences, now: Timestamp) -> Self {
        Self {
            now,
            preferences,
            site: None,
            opening: None,
            problem: None,
            interpreters: None,
            completion: Completion::default(),
            workspace: Workspace::default(),
            outside: Vec::new(),
            choosing_editor: false,
            tab: Tab::default(),
            drawer: false,
            palette: false,
            cheat_sheet: false,
            detail_alone: false,
        }
    }

    /// Takes one event of the engine.
    pub fn apply(&mut self, event: Event) {
        if let Some(site) = &mut self.site {
            site.apply(event);
        }
    }

    /// Whether the Code workspace is what is seen: it is chosen, and nothing covers it.
    #[must_use]
    pub fn shows_code(&self) -> bool {
        let site = self.site.as_ref().filter(|site| !site.is_covered());
        site.is_some() && self.workspace == Workspace::Code
    }

    /// The address of the site in a browser.
    #[must_use]
    pub fn site_url(&self) -> Option<String> {
        self.site.as_ref()?.state.address.map(address::url)
    }
}
