//! `Options` and `AllowOverride`: what is switched on and off.

use super::tree::Directive;

/// What one `Options` line does, as far as it concerns us: `None` leaves a switch as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OptionsChange {
    pub(super) exec_cgi: Option<bool>,
    pub(super) indexes: Option<bool>,
    pub(super) follow_links: Option<bool>,
    pub(super) links_if_owner: Option<bool>,
    pub(super) includes: Option<bool>,
    pub(super) multi_views: Option<bool>,
    /// A word that is no option, or signs on some words only: Apache does not start.
    pub(super) is_wrong: bool,
}

impl OptionsChange {
    /// With signs, words add to and take from what holds above; without, they replace it all.
    pub(super) fn of(directive: &Directive) -> Self {
        let signed = |word: &String| word.starts_with(['+', '-']);
        let any_signed = directive.words.iter().any(signed);
        let all_signed = directive.words.iter().all(signed);
        let mut change = if any_signed {
            Self::default()
        } else {
            Self::everything(false)
        };
        change.is_wrong = directive.words.is_empty() || any_signed != all_signed;
        for word in &directive.words {
            let on = !word.starts_with('-');
            change.set(word.trim_start_matches(['+', '-']), on);
        }
        change
    }

    fn everything(on: bool) -> Self {
        Self {
            exec_cgi: Some(on),
            indexes: Some(on),
            follow_links: Some(on),
            links_if_owner: Some(false),
            includes: Some(on),
            multi_views: Some(false),
            is_wrong: false,
        }
    }

    fn set(&mut self, option: &str, on: bool) {
        match option.to_ascii_lowercase().as_str() {
            "execcgi" => self.exec_cgi = Some(on),
            "indexes" => self.indexes = Some(on),
            "followsymlinks" => self.follow_links = Some(on),
            "symlinksifownermatch" => self.links_if_owner = Some(on),
            "includes" | "includesnoexec" => self.includes = Some(on),
            "multiviews" => self.multi_views = Some(on),
            // Everything but MultiViews.
            "all" => {
                *self = Self {
                    multi_views: self.multi_views,
                    is_wrong: self.is_wrong,
                    ..Self::everything(on)
                }
            }
            "none" => {
                *self = Self {
                    is_wrong: self.is_wrong,
                    ..Self::everything(false)
                }
            }
            _ => self.is_wrong = true,
        }
    }
}

/// Which directives a `.htaccess` may hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct AllowOverride {
    pub(super) auth_config: bool,
    pub(super) file_info: bool,
    pub(super) indexes: bool,
    pub(super) limit: bool,
    pub(super) options: bool,
    /// AllowOverrideList, in lower case.
    pub(super) listed: Vec<String>,
    /// What is not allowed is passed over, where Apache would answer 500.
    pub(super) nonfatal: bool,
}

/// The classes of directives, as AllowOverride names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OverrideClass {
    AuthConfig,
    FileInfo,
    Indexes,
    Limit,
    Options,
    /// Allowed wherever a `.htaccess` is read at all.
    Always,
    /// Never allowed in a `.htaccess`.
    ServerOnly,
}

impl OverrideClass {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::AuthConfig => "AuthConfig",
            Self::FileInfo => "FileInfo",
            Self::Indexes => "Indexes",
            Self::Limit => "Limit",
            Self::Options => "Options",
            Self::Always | Self::ServerOnly => "All",
        }
    }
}

impl AllowOverride {
    /// Takes an AllowOverride line; `false` when a word of it is unknown.
    pub(super) fn take(&mut self, directive: &Directive) -> bool {
        *self = Self {
            listed: std::mem::take(&mut self.listed),
            ..Self::default()
        };
        let mut known = !directive.words.is_empty();
        for word in &directive.words {
            let word = word.to_ascii_lowercase();
            match word.split_once('=').map_or(&*word, |(name, _)| name) {
                "all" => {
                    *self = Self {
                        listed: std::mem::take(&mut self.listed),
                        ..Self::all()
                    };
                }
                "none" => {}
                "authconfig" => self.auth_config = true,
                "fileinfo" => self.file_info = true,
                "indexes" => self.indexes = true,
                "limit" => self.limit = true,
                "options" => self.options = true,
                "nonfatal" => self.nonfatal = true,
                _ => known = false,
            }
        }
        known
    }

    /// `AllowOverride All`.
    pub(super) fn all() -> Self {
        Self {
            auth_config: true,
            file_info: true,
            indexes: true,
            limit: true,
            options: true,
            listed: Vec::new(),
            nonfatal: false,
        }
    }

    /// Whether a `.htaccess` is looked for at all.
    pub(super) fn reads_any(&self) -> bool {
        self.auth_config
            || self.file_info
            || self.indexes
            || self.limit
            || self.options
            || !self.listed.is_empty()
    }

    pub(super) fn permits(&self, key: &str, class: OverrideClass) -> bool {
        let by_class = match class {
            OverrideClass::AuthConfig => self.auth_config,
            OverrideClass::FileInfo => self.file_info,
            OverrideClass::Indexes => self.indexes,
            OverrideClass::Limit => self.limit,
            OverrideClass::Options => self.options,
            OverrideClass::Always => true,
            OverrideClass::ServerOnly => return false,
        };
        by_class || self.listed.iter().any(|listed| listed == key)
    }

    /// As an AllowOverride line says it.
    pub(super) fn describe(&self) -> String {
        let classes = [
            (self.auth_config, "AuthConfig"),
            (self.file_info, "FileInfo"),
            (self.indexes, "Indexes"),
            (self.limit, "Limit"),
            (self.options, "Options"),
        ];
        if classes.iter().all(|(on, _)| *on) {
            return "All".to_owned();
        }
        let on: Vec<&str> = classes
            .iter()
            .filter_map(|&(on, name)| on.then_some(name))
            .collect();
        if on.is_empty() {
            "None".to_owned()
        } else {
            on.join(" ")
        }
    }
}
