//! What the studio remembers between sessions: theme, zoom, sizes and recent folders.
//!
//! The file is TOML in the user's config folder. Reading never fails: what cannot be used is
//! named in a warning and its default taken. Keys that this version does not know stay in the file.

pub mod columns;

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

use cgi_engine::clock::Timestamp;
use cgi_engine::history::cell::Cell;
use cgi_engine::history::store::Retention;
use cgi_engine::site::HistoryConfig;
use cgi_engine::whole_file::{self, Manner};
use columns::{Column, ColumnKind};
use toml::{Table, Value};

/// More recent folders than this are forgotten, the oldest first.
const RECENT_FOLDERS: usize = 12;

/// The most of the width that the list takes for its columns' sake.
const MOST_FOR_COLUMNS: f32 = 0.6;
/// What the list needs beside its columns, in points: its scroll bar.
const ROOM_BESIDE_COLUMNS: f32 = 16.0;

/// What the user chose and where the user was.
#[derive(Clone, Debug, PartialEq)]
pub struct Preferences {
    /// Dark, light, or as the system says.
    pub theme: ThemeChoice,
    /// How large everything is, 1 being the usual size.
    pub zoom: f32,
    /// Whether the list of scripts is shown.
    pub sidebar: bool,
    /// The width of the sidebar, in points.
    pub sidebar_width: f32,
    /// The share of the rest that the list of requests takes.
    pub list_share: f32,
    /// The height of the drawer, in points.
    pub drawer_height: f32,
    /// How much of the recorded requests of a site is kept, unless the site says otherwise.
    pub retention: Retention,
    /// The columns of the request log.
    pub columns: Vec<Column>,
    /// What the request log is ordered by, as the list says it.
    pub order: String,
    /// Whether a comparison is one text with signs, and not two side by side.
    pub compare_unified: bool,
    /// The command of the other editor, with `{file}`, `{line}` and `{column}`; none: what is found.
    pub editor: Option<String>,
    /// Whether a request runs again when its script is saved.
    pub run_on_save: bool,
    /// Whether saved requests with expectations run when their scripts are saved.
    pub tests_on_save: bool,
    /// Folders opened before, the newest first.
    pub recent: Vec<RecentFolder>,
    /// The file as it was read, so that unknown keys survive.
    rest: Table,
    /// The file could not be read: it is moved aside before another is written in its place.
    unreadable: bool,
}

/// Which theme the window has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// A folder that was opened before.
#[derive(Clone, Debug, PartialEq)]
pub struct RecentFolder {
    /// The folder.
    pub path: PathBuf,
    /// When it was last opened.
    pub opened: Timestamp,
}

/// The preferences could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot write preferences: {source}: {path:?}")]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            zoom: 1.0,
            sidebar: true,
            compare_unified: false,
            editor: None,
            run_on_save: true,
            tests_on_save: true,
            sidebar_width: 220.0,
            list_share: 0.44,
            drawer_height: 220.0,
            retention: Retention::default(),
            columns: columns::usual(),
            order: String::new(),
            recent: Vec::new(),
            rest: Table::new(),
            unreadable: false,
        }
    }
}

impl ThemeChoice {
    const WORDS: [(&'static str, Self); 3] = [
        ("system", Self::System),
        ("dark", Self::Dark),
        ("light", Self::Light),
    ];

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, choice)| *choice == self)
            .map_or("system", |(word, _)| word)
    }
}

impl Preferences {
    /// Reads the file; a missing one is all defaults. The sentences say what could not be used.
    #[must_use]
    pub fn read(file: &Path) -> (Self, Vec<String>) {
        match fs::read_to_string(file) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Self::default(), Vec::new()),
            Err(error) => Self::unreadable(format!("preferences were not read: {error}: {file:?}")),
        }
    }

    fn unreadable(warning: String) -> (Self, Vec<String>) {
        let preferences = Self {
            unreadable: true,
            ..Self::default()
        };
        (preferences, vec![warning])
    }

    fn parse(text: &str) -> (Self, Vec<String>) {
        let rest: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let line = error.span().map_or(1, |span| line_at(text, span.start));
                let words = error.message();
                return Self::unreadable(format!(
                    "preferences are not TOML: {words} in line {line}"
                ));
            }
        };
        let mut warnings = Vec::new();
        let mut preferences = Self::default();
        preferences.take(&rest, &mut warnings);
        preferences.rest = rest;
        (preferences, warnings)
    }

    fn take(&mut self, table: &Table, warnings: &mut Vec<String>) {
        if let Some(value) = table.get("theme") {
            let known = ThemeChoice::WORDS
                .iter()
                .find(|(word, _)| value.as_str() == Some(word));
            match known {
                Some((_, choice)) => self.theme = *choice,
                None => warnings.push(format!("theme is not system, dark or light: {value}")),
            }
        }
        if let Some(value) = table.get("compare_unified") {
            match value.as_bool() {
                Some(unified) => self.compare_unified = unified,
                None => warnings.push(format!(
                    "compare_unified is neither true nor false: {value}"
                )),
            }
        }
        if let Some(value) = table.get("editor") {
            match value.as_str() {
                Some(command) => self.editor = Some(command.to_owned()),
                None => warnings.push(format!("editor is no command: {value}")),
            }
        }
        for (name, wanted) in [
            ("run_on_save", &mut self.run_on_save),
            ("tests_on_save", &mut self.tests_on_save),
        ] {
            match table.get(name).map(|value| (value.as_bool(), value)) {
                Some((Some(on), _)) => *wanted = on,
                Some((None, value)) => {
                    warnings.push(format!("{name} is neither true nor false: {value}"));
                }
                None => {}
            }
        }
        if let Some(value) = table.get("sidebar") {
            match value.as_bool() {
                Some(shown) => self.sidebar = shown,
                None => warnings.push(format!("sidebar is neither true nor false: {value}")),
            }
        }
        let numbers = [
            ("zoom", &mut self.zoom, 0.5..=3.0),
            ("sidebar_width", &mut self.sidebar_width, 160.0..=360.0),
            ("list_share", &mut self.list_share, 0.15..=0.85),
            ("drawer_height", &mut self.drawer_height, 80.0..=800.0),
        ];
        for (key, place, range) in numbers {
            let Some(value) = table.get(key) else {
                continue;
            };
            let number = value
                .as_float()
                .or(value.as_integer().map(|number| number as f64));
            match number
                .map(|number| number as f32)
                .filter(|number| range.contains(number))
            {
                Some(number) => *place = number,
                None => warnings.push(format!(
                    "{key} is not between {} and {}: {value}",
                    range.start(),
                    range.end()
                )),
            }
        }
        if let Some(value) = table.get("history") {
            self.take_retention(value, warnings);
        }
        if let Some(words) = table.get("columns").and_then(Value::as_array) {
            let word = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let words: Vec<String> = words.iter().map(word).collect();
            if let Some(columns) = columns::from_words(&words, warnings) {
                self.columns = columns;
            }
        }
        if let Some(order) = table.get("order").and_then(Value::as_str) {
            order.clone_into(&mut self.order);
        }
        for value in table
            .get("recent")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            match RecentFolder::from_value(value) {
                Some(folder) => self.recent.push(folder),
                None => warnings.push(format!("a recent folder is not understood: {value}")),
            }
        }
        self.recent.truncate(RECENT_FOLDERS);
    }

    /// `[history]` is only read: whoever wants other bounds writes them there.
    fn take_retention(&mut self, value: &Value, warnings: &mut Vec<String>) {
        let Some(table) = value.as_table() else {
            warnings.push(format!("history is no table: {value}"));
            return;
        };
        let mut bounds = HistoryConfig::default();
        let places = [
            ("runs", &mut bounds.runs),
            ("days", &mut bounds.days),
            ("disk_bytes", &mut bounds.disk_bytes),
        ];
        for (key, place) in places {
            let Some(value) = table.get(key) else {
                continue;
            };
            *place = value.as_integer().and_then(|whole| whole.try_into().ok());
            if place.is_none() {
                warnings.push(format!("history.{key} is no whole number from 0: {value}"));
            }
        }
        self.retention = self.retention.as_site_says(&bounds);
    }

    /// The file's text, with the keys of other versions in it.
    fn to_text(&self) -> String {
        let mut table = self.rest.clone();
        let mut set = |key: &str, value: Value| table.insert(key.to_owned(), value);
        set("theme", self.theme.word().into());
        set("sidebar", self.sidebar.into());
        set("compare_unified", self.compare_unified.into());
        set("run_on_save", self.run_on_save.into());
        set("tests_on_save", self.tests_on_save.into());
        set("zoom", rounded(self.zoom));
        set("sidebar_width", rounded(self.sidebar_width));
        set("list_share", rounded(self.list_share));
        set("drawer_height", rounded(self.drawer_height));
        if !self.order.is_empty() {
            set("order", self.order.as_str().into());
        }
        match &self.editor {
            Some(command) => drop(set("editor", command.as_str().into())),
            None => drop(table.remove("editor")),
        }
        let mut set = |key: &str, value: Value| table.insert(key.to_owned(), value);
        let columns = columns::to_words(&self.columns);
        set(
            "columns",
            columns
                .into_iter()
                .map(Value::from)
                .collect::<Vec<_>>()
                .into(),
        );
        set(
            "recent",
            self.recent
                .iter()
                .map(RecentFolder::to_value)
                .collect::<Vec<_>>()
                .into(),
        );
        table.to_string()
    }

    /// Writes the file whole or not at all. One that could not be read is kept under another name, which is returned.
    ///
    /// # Errors
    /// The folder or the file could not be written; the old file is still there.
    pub fn write(&mut self, file: &Path) -> Result<Option<PathBuf>, WriteError> {
        let failed = |source| WriteError {
            path: file.to_owned(),
            source,
        };
        let aside = if self.unreadable {
            move_aside(file).map_err(failed)?
        } else {
            None
        };
        self.unreadable = false;
        write_whole(file, self.to_text().as_bytes()).map_err(failed)?;
        Ok(aside)
    }

    /// Shows a column, or shows it no more; one column always stays.
    pub fn toggle_column(&mut self, kind: ColumnKind) {
        match self.columns.iter().position(|column| column.kind == kind) {
            Some(_) if self.columns.len() == 1 => {}
            Some(place) => {
                self.columns.remove(place);
            }
            None => self.columns.push(kind.usual()),
        }
    }

    /// Widens the list so that all columns can be seen, as far as the details can spare it; the window has this width in points.
    pub fn make_room_for_columns(&mut self, window: f32) {
        let beside = if self.sidebar {
            self.sidebar_width
        } else {
            0.0
        };
        let needed: f32 = self.columns.iter().map(|column| column.width).sum();
        let share = (needed + ROOM_BESIDE_COLUMNS) / (window - beside).max(1.0);
        self.list_share = self.list_share.max(share.min(MOST_FOR_COLUMNS));
    }

    /// Makes a column so many points wide.
    pub fn set_column_width(&mut self, kind: &ColumnKind, points: f32) {
        let column = self.columns.iter_mut().find(|column| column.kind == *kind);
        if let Some(column) = column {
            column.width = points.clamp(*columns::WIDTHS.start(), *columns::WIDTHS.end());
        }
    }

    /// The values of records that columns show.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        let kinds = self.columns.iter().map(|column| &column.kind);
        kinds
            .filter_map(|kind| match kind {
                ColumnKind::Cell(cell) => Some(cell.clone()),
                _ => None,
            })
            .collect()
    }

    /// Puts a folder first among the recent ones.
    pub fn remember(&mut self, path: &Path, opened: Timestamp) {
        self.forget(path);
        self.recent.insert(
            0,
            RecentFolder {
                path: path.to_owned(),
                opened,
            },
        );
        self.recent.truncate(RECENT_FOLDERS);
    }

    /// Takes a folder out of the recent ones.
    pub fn forget(&mut self, path: &Path) {
        self.recent.retain(|folder| folder.path != path);
    }
}

impl RecentFolder {
    fn from_value(value: &Value) -> Option<Self> {
        let millis = value.get("opened")?.as_integer()?;
        let path = match value.get("path")? {
            Value::String(path) => PathBuf::from(path),
            Value::Array(bytes) => {
                let byte = |value: &Value| u8::try_from(value.as_integer()?).ok();
                let bytes = bytes.iter().map(byte).collect::<Option<Vec<u8>>>()?;
                PathBuf::from(OsString::from_vec(bytes))
            }
            _ => return None,
        };
        Some(Self {
            path,
            opened: Timestamp::from_unix_millis(millis),
        })
    }

    /// A path that is not UTF-8 is written as the list of its bytes.
    fn to_value(&self) -> Value {
        let path = match self.path.to_str() {
            Some(path) => Value::from(path),
            None => self
                .path
                .as_os_str()
                .as_bytes()
                .iter()
                .map(|&byte| Value::from(i64::from(byte)))
                .collect::<Vec<_>>()
                .into(),
        };
        let mut table = Table::new();
        table.insert("path".to_owned(), path);
        table.insert("opened".to_owned(), self.opened.unix_millis().into());
        Value::Table(table)
    }
}

/// Three decimals are finer than a pixel, and do not show how binary fractions are stored.
fn rounded(number: f32) -> Value {
    Value::Float((f64::from(number) * 1000.0).round() / 1000.0)
}

/// The number of the line that this byte is in, from one.
fn line_at(text: &str, byte: usize) -> usize {
    let before = text.bytes().take(byte);
    1 + before.filter(|&byte| byte == b'\n').count()
}

/// Whoever made a slip in the file can mend it there and move it back.
fn move_aside(file: &Path) -> io::Result<Option<PathBuf>> {
    let aside = file.with_extension("toml.broken");
    match fs::rename(file, &aside) {
        Ok(()) => Ok(Some(aside)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Nothing waits for the disk, for a frame may be waiting for this: a power cut may cost the last change.
/// Whoever keeps the file elsewhere and has a link here keeps the link.
fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let manner = Manner {
        synced: false,
        ..Manner::USUAL
    };
    whole_file::write(file, bytes, manner)
}

/// Where the preferences of this user are: `XDG_CONFIG_HOME` or `~/.config`.
#[must_use]
pub fn preferences_file() -> Option<PathBuf> {
    Some(base_folder("XDG_CONFIG_HOME", ".config")?.join("cgi-studio/preferences.toml"))
}

/// Where unpacked examples and the window's place are kept: `XDG_DATA_HOME` or `~/.local/share`.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    Some(base_folder("XDG_DATA_HOME", ".local/share")?.join("cgi-studio"))
}

/// Where unfinished work of this user is kept.
#[must_use]
pub fn state_folder() -> Option<PathBuf> {
    Some(state_home()?.join("cgi-studio"))
}

/// The user's folder for the state of programs: `XDG_STATE_HOME` or `~/.local/state`.
#[must_use]
pub fn state_home() -> Option<PathBuf> {
    base_folder("XDG_STATE_HOME", ".local/state")
}

/// A relative path in such a variable is to be ignored (XDG Base Directory Specification).
fn base_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    named.or_else(|| Some(std::env::home_dir()?.join(below_home)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_warning(text: &str, warning: &str) {
        let (preferences, warnings) = Preferences::parse(text);
        assert_eq!(warnings, [warning]);
        assert_eq!(
            Preferences {
                rest: Table::new(),
                ..preferences
            },
            Preferences::default()
        );
    }

    #[test]
    fn a_column_that_is_added_widens_the_list_so_that_it_is_seen() {
        let mut preferences = Preferences::default();
        let usual = preferences.list_share;
        preferences.make_room_for_columns(1440.0);
        assert_eq!(preferences.list_share, usual);
        let added = ColumnKind::named("env.PATH_INFO").unwrap();
        preferences.toggle_column(added);
        preferences.make_room_for_columns(1440.0);
        let room = (1440.0 - preferences.sidebar_width) * preferences.list_share;
        let columns: f32 = preferences.columns.iter().map(|column| column.width).sum();
        assert!(room >= columns && preferences.list_share <= MOST_FOR_COLUMNS);
    }

    #[test]
    fn what_cannot_be_used_is_named_and_its_default_taken() {
        check_warning("theme = 3", "theme is not system, dark or light: 3");
        check_warning("zoom = 40", "zoom is not between 0.5 and 3: 40");
        check_warning("zoom = nan", "zoom is not between 0.5 and 3: nan");
        check_warning(
            "sidebar = 'no'",
            "sidebar is neither true nor false: \"no\"",
        );
        check_warning("history = 7", "history is no table: 7");
        check_warning(
            "[history]\ndays = -1",
            "history.days is no whole number from 0: -1",
        );
        check_warning("recent = [7]", "a recent folder is not understood: 7");
    }

    #[test]
    fn a_file_that_is_no_toml_is_all_defaults_and_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("preferences.toml");
        let text = "zoom = 2\ntheme = = dark\n";
        fs::write(&file, text).unwrap();
        let (mut preferences, warnings) = Preferences::read(&file);
        assert_eq!(preferences.zoom, Preferences::default().zoom);
        assert!(warnings[0].ends_with("in line 2"), "{warnings:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        let aside = preferences.write(&file).unwrap().unwrap();
        assert_eq!(aside, folder.path().join("preferences.toml.broken"));
        assert_eq!(preferences.write(&file).unwrap(), None);
        assert_eq!(fs::read_to_string(&aside).unwrap(), text);
        assert_eq!(Preferences::read(&file).1, [""; 0]);
    }

    #[test]
    fn what_is_written_is_read_again_and_unknown_keys_survive() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/preferences.toml");
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(&file, "future = { a = 1 }\ntheme = \"light\"\n").unwrap();
        let (mut preferences, warnings) = Preferences::read(&file);
        assert_eq!((preferences.theme, warnings.len()), (ThemeChoice::Light, 0));
        preferences.zoom = 1.1;
        let odd = PathBuf::from(OsString::from_vec(b"/tmp/S\xe3o".to_vec()));
        preferences.remember(Path::new("/srv/留言簿"), Timestamp::from_unix_millis(1));
        preferences.remember(&odd, Timestamp::from_unix_millis(2));
        preferences.write(&file).unwrap();
        let (again, warnings) = Preferences::read(&file);
        assert_eq!((again.zoom, warnings.len()), (1.1, 0));
        assert_eq!(again.recent, preferences.recent);
        assert!(fs::read_to_string(&file).unwrap().contains("[future]"));
        assert_eq!(fs::read_dir(folder.path().join("deep")).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_opened_again_moves_to_the_front() {
        let mut preferences = Preferences::default();
        for (millis, name) in [(1, "/a"), (2, "/b"), (3, "/a")] {
            preferences.remember(Path::new(name), Timestamp::from_unix_millis(millis));
        }
        let names: Vec<&Path> = preferences
            .recent
            .iter()
            .map(|folder| folder.path.as_path())
            .collect();
        assert_eq!(names, [Path::new("/a"), Path::new("/b")]);
        for number in 0..40 {
            preferences.remember(
                Path::new(&format!("/{number}")),
                Timestamp::from_unix_millis(4),
            );
        }
        assert_eq!(preferences.recent.len(), RECENT_FOLDERS);
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config"), "").unwrap();
        let file = folder.path().join("config/preferences.toml");
        let error = Preferences::default().write(&file).unwrap_err();
        assert_eq!(error.path, file);
    }
}
