//! A configuration as the text of `cgi-studio.toml`: only what differs from the defaults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::config::{
    AliasMatch, HistoryConfig, LimitsConfig, OptionsConfig, ScriptsConfig, ServerConfig,
    SiteConfig, Strictness, WatchConfig,
};
use super::scope::{AcceptPathInfo, ErrorDocument, FileNames, Place, ScopeConfig, ScriptsRule};

/// A key and its value; `None` is not written.
type Entry = (&'static str, Option<Value>);

impl SiteConfig {
    /// The text of a `cgi-studio.toml` with what differs from the defaults, which
    /// [`SiteConfig::read`] reads as an equal value.
    ///
    /// Not equal are what no file can say: bytes of paths that are not UTF-8, relative paths of
    /// interpreters, which start at the site's folder, and values that are refused when read, such
    /// as texts with NUL. A scope that is closed is written as `require = "all denied"`.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.to_toml_with_comments(|_| None)
    }

    /// The same with comments. `comment` gives the one that is to stand above a section, named
    /// `scripts` or `scopes[0]`, or above a key, named `scripts.aliases` or `scopes[0].require`.
    #[must_use]
    pub fn to_toml_with_comments(&self, comment: impl Fn(&str) -> Option<String>) -> String {
        let mut writer = Writer {
            text: String::new(),
            comment: &comment,
        };
        writer.section("server", server(&self.server));
        writer.section("scripts", scripts(&self.scripts));
        let environment = self.environment.iter();
        let variables = environment.map(|(name, value)| (name.as_str(), Some(text(value))));
        writer.section("environment", variables);
        writer.section("limits", limits(&self.limits));
        writer.section("options", options(&self.options));
        writer.section("watch", watch(&self.watch));
        writer.section("history", history(&self.history));
        for (index, config) in self.scopes.iter().enumerate() {
            writer.scope(index, config);
        }
        writer.text
    }
}

struct Writer<'c> {
    text: String,
    comment: &'c dyn Fn(&str) -> Option<String>,
}

impl Writer<'_> {
    fn section<'e>(
        &mut self,
        name: &str,
        entries: impl IntoIterator<Item = (&'e str, Option<Value>)>,
    ) {
        let mut entries = entries.into_iter().filter(|(_, value)| value.is_some());
        if let Some(first) = entries.next() {
            self.header(name, &format!("[{name}]"));
            self.entries(name, std::iter::once(first).chain(entries));
        }
    }

    fn scope(&mut self, index: usize, config: &ScopeConfig) {
        let name = format!("scopes[{index}]");
        self.header(&name, "[[scopes]]");
        self.entries(&name, scope(config));
    }

    fn header(&mut self, name: &str, header: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.comment(name);
        self.text.push_str(header);
        self.text.push('\n');
    }

    fn entries<'e>(
        &mut self,
        section: &str,
        entries: impl IntoIterator<Item = (&'e str, Option<Value>)>,
    ) {
        for (key, value) in entries {
            let Some(value) = value else {
                continue;
            };
            self.comment(&format!("{section}.{key}"));
            self.text
                .push_str(&format!("{} = {value}\n", quoted_key(key)));
        }
    }

    /// Control characters, which no comment may hold, are left out.
    fn comment(&mut self, name: &str) {
        let comment = (self.comment)(name).unwrap_or_default();
        for line in comment.lines() {
            let allowed = line.chars().filter(|&c| c == '\t' || !c.is_control());
            self.text.push_str("# ");
            self.text.extend(allowed);
            self.text.push('\n');
        }
    }
}

/// Bare where it may be, otherwise in quotes.
fn quoted_key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        return key.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in key.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn server(config: &ServerConfig) -> Vec<Entry> {
    let default = ServerConfig::default();
    let listen = config.listen.map(|address| text(&address.to_string()));
    vec![
        ("listen", listen),
        (
            "hosts",
            differs(&config.hosts, &default.hosts, |it| texts(it)),
        ),
        (
            "document_root",
            differs(&config.document_root, &default.document_root, |it| path(it)),
        ),
    ]
}

fn scripts(config: &ScriptsConfig) -> Vec<Entry> {
    let default = ScriptsConfig::default();
    let refused: Vec<String> = config
        .refuse_extra_path
        .iter()
        .map(|it| lossy(it))
        .collect();
    vec![
        ("script_aliases", config.script_aliases.as_ref().map(paths)),
        ("aliases", differs(&config.aliases, &default.aliases, paths)),
        (
            "script_alias_matches",
            some_matches(&config.script_alias_matches),
        ),
        ("alias_matches", some_matches(&config.alias_matches)),
        (
            "suffixes",
            differs(&config.suffixes, &default.suffixes, |it| texts(it)),
        ),
        (
            "interpreters",
            differs(&config.interpreters, &default.interpreters, paths),
        ),
        (
            "index",
            differs(&config.index, &default.index, |it| texts(it)),
        ),
        ("refuse_extra_path", some_texts(&refused)),
    ]
}

fn limits(config: &LimitsConfig) -> Vec<Entry> {
    let default = LimitsConfig::default();
    let seconds = |given: f64, default: f64| differs(&given, &default, |&it| Value::Float(it));
    vec![
        (
            "time_seconds",
            seconds(config.time_seconds, default.time_seconds),
        ),
        (
            "total_seconds",
            seconds(config.total_seconds, default.total_seconds),
        ),
        (
            "request_body_bytes",
            differs(
                &config.request_body_bytes,
                &default.request_body_bytes,
                whole,
            ),
        ),
        (
            "capture_bytes",
            differs(&config.capture_bytes, &default.capture_bytes, bytes_or_all),
        ),
        (
            "grace_seconds",
            seconds(config.grace_seconds, default.grace_seconds),
        ),
        (
            "cpu_seconds",
            differs(&config.cpu_seconds, &default.cpu_seconds, whole),
        ),
        (
            "memory_bytes",
            differs(&config.memory_bytes, &default.memory_bytes, whole),
        ),
        (
            "processes",
            differs(&config.processes, &default.processes, whole),
        ),
    ]
}

fn options(config: &OptionsConfig) -> Vec<Entry> {
    let default = OptionsConfig::default();
    let switch = |given: bool, default: bool| differs(&given, &default, |&it| Value::Boolean(it));
    vec![
        (
            "strictness",
            differs(&config.strictness, &default.strictness, strictness),
        ),
        (
            "pass_authorization",
            switch(config.pass_authorization, default.pass_authorization),
        ),
        (
            "allow_outside_root",
            switch(config.allow_outside_root, default.allow_outside_root),
        ),
        (
            "directory_listing",
            switch(config.directory_listing, default.directory_listing),
        ),
        (
            "encoded_slashes",
            switch(config.encoded_slashes, default.encoded_slashes),
        ),
        (
            "run_in_script_folder",
            switch(config.run_in_script_folder, default.run_in_script_folder),
        ),
        (
            "cut_off_crashed",
            switch(config.cut_off_crashed, default.cut_off_crashed),
        ),
        (
            "record_locals",
            switch(config.record_locals, default.record_locals),
        ),
        ("host_profile", config.host_profile.as_deref().map(text)),
    ]
}

fn watch(config: &WatchConfig) -> Vec<Entry> {
    let default = WatchConfig::default();
    vec![
        (
            "quiet_milliseconds",
            differs(
                &config.quiet_milliseconds,
                &default.quiet_milliseconds,
                whole,
            ),
        ),
        ("ignore", some_texts(&config.ignore)),
    ]
}

fn history(config: &HistoryConfig) -> Vec<Entry> {
    vec![
        ("runs", config.runs.as_ref().map(whole)),
        ("days", config.days.as_ref().map(whole)),
        ("disk_bytes", config.disk_bytes.as_ref().map(whole)),
    ]
}

fn scope(config: &ScopeConfig) -> Vec<Entry> {
    let mut entries = vec![place(&config.place)];
    entries.extend(config.files.as_ref().map(|files| match files {
        FileNames::Like(wildcard) => ("files", Some(text(wildcard.as_str()))),
        FileNames::Match(pattern) => ("files_match", Some(text(pattern.as_str()))),
    }));
    let require = match &config.closed_because {
        Some(_) => Some(text("all denied")),
        None => config.require.as_ref().map(|it| text(&it.to_string())),
    };
    let authentication = config.authentication.as_ref().map(|login| {
        table([
            ("realm", text(&login.realm)),
            ("user_file", path(&login.user_file)),
        ])
    });
    entries.extend([
        ("scripts", config.scripts.as_ref().map(scripts_rule)),
        ("suffixes", config.suffixes.as_deref().map(texts)),
        ("index", config.index.as_deref().map(texts)),
        (
            "accept_path_info",
            config.accept_path_info.as_ref().map(accept_path_info),
        ),
        (
            "directory_listing",
            config.directory_listing.map(Value::Boolean),
        ),
        (
            "pass_authorization",
            config.pass_authorization.map(Value::Boolean),
        ),
        ("strictness", config.strictness.as_ref().map(strictness)),
        ("require", require),
        ("authentication", authentication),
        ("error_documents", error_documents(&config.error_documents)),
        ("actions", some_pairs(&config.actions)),
        ("method_scripts", some_pairs(&config.method_scripts)),
        ("set_environment", some_pairs(&config.set_environment)),
        ("pass_environment", some_texts(&config.pass_environment)),
        ("unset_environment", some_texts(&config.unset_environment)),
    ]);
    entries
}

fn place(place: &Place) -> Entry {
    match place {
        Place::Site => ("folder", None),
        Place::Folder(folder) => ("folder", Some(path(folder))),
        Place::FolderMatch(pattern) => ("folder_match", Some(text(pattern.as_str()))),
        Place::Url(url) => ("url", Some(text(url))),
        Place::UrlMatch(pattern) => ("url_match", Some(text(pattern.as_str()))),
    }
}

fn differs<T: PartialEq>(given: &T, default: &T, write: impl FnOnce(&T) -> Value) -> Option<Value> {
    (given != default).then(|| write(given))
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn texts(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(|it| text(it)).collect())
}

fn some_texts(given: &[String]) -> Option<Value> {
    (!given.is_empty()).then(|| texts(given))
}

fn some_pairs(pairs: &BTreeMap<String, String>) -> Option<Value> {
    let written = pairs
        .iter()
        .map(|(name, value)| (name.clone(), text(value)));
    (!pairs.is_empty()).then(|| Value::Table(written.collect()))
}

fn table<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    let pairs = pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    Value::Table(pairs.collect::<Table>())
}

fn lossy(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn path(path: &Path) -> Value {
    Value::String(lossy(path))
}

fn paths(paths: &BTreeMap<String, PathBuf>) -> Value {
    let pairs = paths.iter().map(|(name, it)| (name.clone(), path(it)));
    Value::Table(pairs.collect())
}

fn some_matches(matches: &[AliasMatch]) -> Option<Value> {
    let pair =
        |alias: &AliasMatch| table([("url", text(alias.url.as_str())), ("to", text(&alias.to))]);
    (!matches.is_empty()).then(|| Value::Array(matches.iter().map(pair).collect()))
}

fn bytes_or_all(bytes: &u64) -> Value {
    match *bytes {
        u64::MAX => text("all"),
        _ => whole(bytes),
    }
}

/// The largest number that TOML knows stands for larger ones.
fn whole(number: &u64) -> Value {
    Value::Integer(i64::try_from(*number).unwrap_or(i64::MAX))
}

fn error_documents(documents: &BTreeMap<u16, ErrorDocument>) -> Option<Value> {
    let written = documents.iter().map(|(status, document)| {
        let document = match document {
            ErrorDocument::Path(path) => text(path),
            ErrorDocument::Text(plain) => text(&format!("text:{plain}")),
            ErrorDocument::Url(url) => text(url),
        };
        (status.to_string(), document)
    });
    (!documents.is_empty()).then(|| Value::Table(written.collect()))
}

fn strictness(strictness: &Strictness) -> Value {
    text(match strictness {
        Strictness::Strict => "strict",
        Strictness::Default => "default",
        Strictness::Lenient => "lenient",
    })
}

fn scripts_rule(rule: &ScriptsRule) -> Value {
    text(match rule {
        ScriptsRule::ByName => "by-name",
        ScriptsRule::All => "all",
        ScriptsRule::None => "none",
    })
}

fn accept_path_info(accept: &AcceptPathInfo) -> Value {
    text(match accept {
        AcceptPathInfo::Default => "default",
        AcceptPathInfo::On => "on",
        AcceptPathInfo::Off => "off",
    })
}

#[cfg(test)]
#[path = "config_text_tests.rs"]
mod tests;
