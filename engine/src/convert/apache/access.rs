//! Who may: `Require` with its containers (mod_authz_core), and together with what [`Compat`] says.

use crate::site::requirement::Requirement;

use super::compat::Compat;
use super::notes::Notes;
use super::tree::Directive;

/// What the sections that apply to a place say, the two families apart, because each replaces only
/// its own when sections are laid over one another.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Access {
    /// What `Require` says; `None` where nothing is said.
    pub(super) require: Option<Requirement>,
    pub(super) compat: Option<Compat>,
}

/// How the requirements of a section join those above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Merging {
    #[default]
    Replace,
    And,
    Or,
}

/// The methods for which a directive stands: `<Limit>` and `<LimitExcept>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MethodLimit {
    pub(super) methods: Vec<String>,
    /// `<LimitExcept>`: for all other methods.
    pub(super) except: bool,
}

impl MethodLimit {
    /// Whether this is one of the methods that the limit is about.
    pub(super) fn requirement(&self) -> Requirement {
        let methods = Requirement::Methods(self.methods.clone());
        if self.except {
            negated(methods)
        } else {
            methods
        }
    }
}

impl Access {
    /// Lays what one section says over what was said above it.
    pub(super) fn lay(&mut self, section: &Self, merging: Merging) {
        if let Some(compat) = &section.compat {
            self.compat = Some(compat.clone());
        }
        let Some(ours) = section.require.clone() else {
            return;
        };
        self.require = Some(match (merging, self.require.take()) {
            (Merging::And, Some(above)) => all(vec![above, ours]),
            (Merging::Or, Some(above)) => any(vec![above, ours]),
            (Merging::Replace, _) | (_, None) => ours,
        });
    }

    /// Both families together: by default both must agree, with `Satisfy Any` one suffices.
    pub(super) fn requirement(&self) -> Requirement {
        let by_compat = self.compat.as_ref().map(Compat::requirement);
        match (by_compat, self.require.clone()) {
            (None, None) => Requirement::Granted,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(compat), Some(require)) if self.satisfies_any() => any(vec![compat, require]),
            (Some(compat), Some(require)) => all(vec![compat, require]),
        }
    }

    fn satisfies_any(&self) -> bool {
        self.compat
            .as_ref()
            .is_some_and(|compat| compat.satisfy_any)
    }
}

/// An address, a network or the beginning of an address.
pub(super) fn address(word: &str) -> Option<Requirement> {
    let is_plain = |byte: u8| byte.is_ascii_hexdigit() || b".:/".contains(&byte);
    if !word.bytes().all(is_plain) {
        return None;
    }
    Requirement::parse(&format!("ip {word}")).ok()
}

pub(super) fn name_of_host(word: &str) -> Option<Requirement> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (!word.is_empty() && word.bytes().all(is_name)).then(|| Requirement::Host(word.to_owned()))
}

/// One `Require`; `None` when it cannot be had, which is noted.
pub(super) fn require(directive: &Directive, notes: &mut Notes) -> Option<Requirement> {
    let mut words = directive.words.as_slice();
    let negation = words
        .first()
        .is_some_and(|word| word.eq_ignore_ascii_case("not"));
    if negation {
        words = words.get(1..).unwrap_or_default();
    }
    let (kind, values) = words.split_first()?;
    match kind_of_require(&kind.to_ascii_lowercase(), values) {
        Ok(requirement) => {
            notes.taken(directive, "");
            Some(if negation {
                negated(requirement)
            } else {
                requirement
            })
        }
        Err(reason) => {
            notes.not_taken(directive, reason);
            None
        }
    }
}

fn kind_of_require(kind: &str, values: &[String]) -> Result<Requirement, String> {
    let each = |make: fn(&str) -> Option<Requirement>| {
        let made: Option<Vec<_>> = values.iter().map(|value| make(value)).collect();
        let made = made.filter(|made| !made.is_empty());
        made.map(any).ok_or_else(|| {
            format!("`Require {kind}` cannot be read; Apache does not start with it")
        })
    };
    match kind {
        "all" => match values.first().map(|value| value.to_ascii_lowercase()) {
            Some(value) if value == "granted" => Ok(Requirement::Granted),
            Some(value) if value == "denied" => Ok(Requirement::Denied),
            _ => Err("this is neither granted nor denied; Apache does not start with it".into()),
        },
        "ip" => each(address),
        "host" | "forward-dns" => each(name_of_host),
        "local" => Ok(Requirement::Local),
        "valid-user" => Ok(Requirement::ValidUser),
        "user" if !values.is_empty() => Ok(Requirement::Users(values.to_vec())),
        "method" if !values.is_empty() => Ok(Requirement::Methods(values.to_vec())),
        "env" => each(|name| Some(match name.strip_prefix('!') {
            Some(name) => negated(Requirement::Variable(name.to_owned())),
            None => Requirement::Variable(name.to_owned()),
        })),
        "group" | "file-group" | "dbm-group" => Err(
            "groups are not read here, so nobody counts as a member; name the users with `Require user`"
                .into(),
        ),
        "expr" => Err("expressions are not read here, so it counts as not fulfilled".into()),
        _ => Err(format!(
            "`Require {kind}` asks a module that is not read here, so it counts as not fulfilled"
        )),
    }
}

/// The requirements directly in a section, or in a container of it.
pub(super) struct Requires {
    parts: Vec<Requirement>,
    /// Methods that no limited requirement covers are free unless something else was required.
    limits: Vec<Requirement>,
    unlimited: bool,
    mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    All,
    Any,
    None,
}

impl Requires {
    /// What stands directly in a section: one of them suffices.
    pub(super) fn of_section() -> Self {
        Self::new(Mode::Any)
    }

    fn new(mode: Mode) -> Self {
        Self {
            parts: Vec::new(),
            limits: Vec::new(),
            unlimited: false,
            mode,
        }
    }

    /// Takes a `Require` or a container; what cannot be had counts as not fulfilled, so that
    /// nothing is open here that Apache keeps closed.
    pub(super) fn take(
        &mut self,
        directive: &Directive,
        limit: Option<&MethodLimit>,
        notes: &mut Notes,
    ) {
        let mode = match directive.key.as_str() {
            "requireall" => Some(Mode::All),
            "requireany" => Some(Mode::Any),
            "requirenone" => Some(Mode::None),
            _ => None,
        };
        let requirement = match mode {
            None => require(directive, notes).unwrap_or(match self.mode {
                Mode::None => Requirement::Granted,
                Mode::All | Mode::Any => Requirement::Denied,
            }),
            Some(mode) => {
                let mut inner = Self::new(mode);
                for child in directive.children() {
                    if is_require(&child.key) {
                        inner.take(child, None, notes);
                    } else {
                        notes.not_taken(
                            child,
                            "only Require may stand here; Apache does not start with it",
                        );
                    }
                }
                notes.taken(directive, "");
                inner.requirement().unwrap_or(Requirement::Denied)
            }
        };
        match limit {
            Some(limit) => {
                self.limits.push(limit.requirement());
                self.parts.push(all(vec![limit.requirement(), requirement]));
            }
            None => {
                self.unlimited = true;
                self.parts.push(requirement);
            }
        }
    }

    /// All of them together; `None` when there was none.
    pub(super) fn requirement(mut self) -> Option<Requirement> {
        if self.parts.is_empty() {
            return None;
        }
        if !self.unlimited {
            self.parts.push(negated(any(self.limits)));
        }
        Some(match self.mode {
            Mode::All => all(self.parts),
            Mode::Any => any(self.parts),
            Mode::None => negated(any(self.parts)),
        })
    }
}

/// Whether the name, in lower case, is `Require` or one of its containers.
pub(super) fn is_require(key: &str) -> bool {
    matches!(key, "require" | "requireall" | "requireany" | "requirenone")
}

/// All of them, without those that say nothing.
pub(super) fn all(parts: Vec<Requirement>) -> Requirement {
    if parts.contains(&Requirement::Denied) || holds_opposites(&parts) {
        return Requirement::Denied;
    }
    Requirement::all(distinct(parts, &Requirement::Granted))
}

/// One of them, without those that say nothing.
pub(super) fn any(parts: Vec<Requirement>) -> Requirement {
    if parts.contains(&Requirement::Granted) || holds_opposites(&parts) {
        return Requirement::Granted;
    }
    Requirement::any(distinct(parts, &Requirement::Denied))
}

/// Methods alone: what is unknown of hosts and logins is no opposite of itself.
fn holds_opposites(parts: &[Requirement]) -> bool {
    parts.iter().any(|part| {
        matches!(part, Requirement::Methods(_)) && parts.contains(&negated(part.clone()))
    })
}

fn distinct(parts: Vec<Requirement>, idle: &Requirement) -> Vec<Requirement> {
    let mut kept: Vec<Requirement> = Vec::new();
    for part in parts {
        if part != *idle && !kept.contains(&part) {
            kept.push(part);
        }
    }
    kept
}

pub(super) fn negated(requirement: Requirement) -> Requirement {
    match requirement {
        Requirement::Granted => Requirement::Denied,
        Requirement::Denied => Requirement::Granted,
        Requirement::Not(inner) => *inner,
        other => Requirement::Not(Box::new(other)),
    }
}
