//! Who may have something: an expression of addresses, logins, methods and variables.
//!
//! Read from and written as text, such as `ip 10.0.0.0/8 or (valid-user and not user mallory)`;
//! see [`Requirement::parse`] for the grammar.

use std::net::IpAddr;

pub use super::requirement_text::RequirementError;
/// An address with the length of its prefix; a single address has all of it.
pub use ipnet::IpNet as Network;

/// What has to be true of whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// `all granted`: everybody may.
    Granted,
    /// `all denied`: nobody may.
    Denied,
    /// `ip 10.0.0.0/8`: the client's address lies in this network.
    Address(Network),
    /// `host example.org`: the client's name is this one or lies beneath it.
    Host(String),
    /// `local`: the client is on this computer.
    Local,
    /// `user alice bob`: one of these has logged in.
    Users(Vec<String>),
    /// `valid-user`: anybody has logged in.
    ValidUser,
    /// `method GET POST`: the method is one of these; GET stands for HEAD too, and HEAD for GET.
    Methods(Vec<String>),
    /// `env NAME`: this variable is set for the request.
    Variable(String),
    /// `not …`
    Not(Box<Self>),
    /// `… and …`: every one of these; none at all is everybody.
    All(Vec<Self>),
    /// `… or …`: at least one of these; none at all is nobody.
    Any(Vec<Self>),
}

/// Who asks, as far as it is known.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The client's address; an IPv4 address may come as the IPv6 address that stands for it.
    pub address: IpAddr,
    /// The client is on this computer.
    pub local: bool,
    /// The client's name, found by its address and confirmed by a look-up the other way; `None`
    /// when nobody looked. Then a `host` can neither grant nor, behind a `not`, let pass.
    pub host: Option<&'a str>,
    /// Who has logged in with a password that was right.
    pub user: Option<&'a str>,
    /// The method of the request.
    pub method: &'a [u8],
    /// Whether a variable of that name is set for the request.
    pub variable: &'a dyn Fn(&str) -> bool,
}

/// What a requirement says of somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Yes.
    Granted,
    /// No, and no login changes that: 403.
    Denied,
    /// Not yet: a login, or another one, could still grant it: 401.
    NeedsLogin,
}

/// What is taken for true where a login decides.
#[derive(Clone, Copy)]
enum Login {
    /// What is known.
    AsIs,
    /// Somebody has logged in, whose name speaks for access.
    Best,
}

impl Requirement {
    /// Judges somebody who asks. What cannot be known speaks against access.
    #[must_use]
    pub fn judge(&self, asker: &Asker<'_>) -> Access {
        if self.holds(asker, Login::AsIs, false) {
            Access::Granted
        } else if self.holds(asker, Login::Best, false) {
            Access::NeedsLogin
        } else {
            Access::Denied
        }
    }

    /// Everything in `parts`: one part stands for itself, none is [`Requirement::Granted`].
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::Granted, Self::All)
    }

    /// At least one of `parts`: one part stands for itself, none is [`Requirement::Denied`].
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::Denied, Self::Any)
    }

    fn joined(mut parts: Vec<Self>, none: Self, join: fn(Vec<Self>) -> Self) -> Self {
        match parts.len() {
            0 => none,
            1 => parts.pop().unwrap_or(none),
            _ => join(parts),
        }
    }

    /// `inverted` says that an odd number of `not` stands before: then what is unknown must count
    /// as true for the whole to stay closed.
    fn holds(&self, asker: &Asker<'_>, login: Login, inverted: bool) -> bool {
        match self {
            Self::Granted => true,
            Self::Denied => false,
            Self::Address(network) => network.contains(&asker.address.to_canonical()),
            Self::Host(domain) => asker.is_named(domain).unwrap_or(inverted),
            Self::Local => asker.local,
            Self::Users(users) => match (login, asker.user) {
                (Login::Best, _) => !inverted && !users.is_empty(),
                (Login::AsIs, Some(user)) => users.iter().any(|listed| listed == user),
                (Login::AsIs, None) => inverted,
            },
            Self::ValidUser => match login {
                Login::Best => true,
                Login::AsIs => asker.user.is_some() || inverted,
            },
            Self::Methods(methods) => methods.iter().any(|listed| asker.uses(listed.as_bytes())),
            Self::Variable(name) => (asker.variable)(name),
            Self::Not(inner) => !inner.holds(asker, login, !inverted),
            Self::All(parts) => parts.iter().all(|part| part.holds(asker, login, inverted)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(asker, login, inverted)),
        }
    }
}

impl Asker<'_> {
    /// Whether the client's name is `domain` or lies beneath it; `None` when nobody knows.
    fn is_named(&self, domain: &str) -> Option<bool> {
        let domain = domain.strip_prefix('.').unwrap_or(domain);
        if self.address.to_canonical().is_loopback() && domain.eq_ignore_ascii_case("localhost") {
            return Some(true);
        }
        let host = self.host?.strip_suffix('.').or(self.host)?;
        let start = host.len().checked_sub(domain.len());
        Some(start.is_some_and(|start| {
            let (before, end) = host.as_bytes().split_at(start);
            end.eq_ignore_ascii_case(domain.as_bytes())
                && before.last().is_none_or(|&byte| byte == b'.')
        }))
    }

    fn uses(&self, listed: &[u8]) -> bool {
        let reads = |method: &[u8]| method == b"GET" || method == b"HEAD";
        self.method == listed || reads(self.method) && reads(listed)
    }
}

#[cfg(test)]
#[path = "requirement_tests.rs"]
mod tests;
