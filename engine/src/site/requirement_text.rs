//! A requirement as text, and back.

use std::fmt;
use std::iter::Peekable;
use std::net::{IpAddr, Ipv4Addr};
use std::vec::IntoIter;

use super::near_name::nearest;
use super::requirement::{Network, Requirement};

/// Parentheses and `not` deeper than this are nobody's access rule.
const DEEPEST: usize = 64;
/// The words that can begin a requirement.
const KINDS: [&str; 8] = [
    "all",
    "ip",
    "host",
    "local",
    "user",
    "valid-user",
    "method",
    "env",
];

/// Why a text is no requirement; the words of its message continue a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// There is nothing where a requirement should stand.
    #[error("ends where a requirement should stand, such as \"all granted\" or \"ip 10.0.0.0/8\"")]
    Missing,
    /// A word that begins no requirement.
    #[error("has no requirement called {word:?}; {}", advice(*.nearest))]
    Unknown {
        /// The word.
        word: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// A requirement without the words it needs.
    #[error("says `{kind}` without {wanted}")]
    Incomplete {
        /// The word that begins the requirement.
        kind: &'static str,
        /// What should follow it.
        wanted: &'static str,
    },
    /// A word too many.
    #[error("has {word:?} where `and`, `or` or the end should stand")]
    Unexpected {
        /// The word.
        word: String,
    },
    /// Neither an address, nor a network, nor the beginning of an address.
    #[error("has no address such as 10.0.0.0/8, 192.168 or ::1: {word:?}")]
    NoAddress {
        /// The word.
        word: String,
    },
    /// A parenthesis or a quote that nothing closes.
    #[error("never closes a {mark}")]
    Unclosed {
        /// What was opened.
        mark: char,
    },
    /// More than 64 parentheses or `not` within one another.
    #[error("nests more than 64 deep")]
    TooDeep,
}

fn advice(nearest: Option<&str>) -> String {
    match nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", KINDS.join(", ")),
    }
}

impl Requirement {
    /// Reads a requirement. `not` binds tighter than `and`, `and` tighter than `or`; parentheses
    /// group. The kinds are `all granted`, `all denied`, `ip ADDRESS…`, `host NAME…`, `local`,
    /// `user NAME…`, `valid-user`, `method NAME…` and `env NAME…`; of several names one suffices.
    ///
    /// An address may be a whole one, a network as `10.1.0.0/16` or `10.1.0.0/255.255.0.0`, or
    /// the beginning of an IPv4 address, as `10.1`. A name with spaces, quotes or parentheses, and
    /// one that is `and`, `or` or `not`, stands in double quotes, where `\` takes the next
    /// character as it is.
    pub fn parse(text: &str) -> Result<Self, RequirementError> {
        let mut parser = Parser {
            tokens: tokens(text)?.into_iter().peekable(),
        };
        let requirement = parser.any(0)?;
        match parser.tokens.next() {
            None => Ok(requirement),
            Some(token) => Err(RequirementError::Unexpected { word: token.word() }),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Quoted(String),
}

impl Token {
    fn word(self) -> String {
        match self {
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::Word(word) | Self::Quoted(word) => word,
        }
    }

    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn is_name(&self) -> bool {
        match self {
            Self::Open | Self::Close => false,
            Self::Word(word) => !is_keyword(word),
            Self::Quoted(_) => true,
        }
    }
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}

fn ends_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')' | '"')
}

fn tokens(text: &str) -> Result<Vec<Token>, RequirementError> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '(' => Token::Open,
            ')' => Token::Close,
            '"' => Token::Quoted(quoted(&mut characters)?),
            space if space.is_whitespace() => continue,
            first => {
                let mut word = String::from(first);
                while let Some(next) = characters.next_if(|&next| !ends_word(next)) {
                    word.push(next);
                }
                Token::Word(word)
            }
        });
    }
    Ok(tokens)
}

fn quoted(characters: &mut impl Iterator<Item = char>) -> Result<String, RequirementError> {
    let mut word = String::new();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Ok(word),
            '\\' => word.extend(characters.next()),
            other => word.push(other),
        }
    }
    Err(RequirementError::Unclosed { mark: '"' })
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
}

impl Parser {
    fn takes(&mut self, keyword: &str) -> bool {
        self.tokens.next_if(|token| token.is(keyword)).is_some()
    }

    fn any(&mut self, depth: usize) -> Result<Requirement, RequirementError> {
        let mut parts = vec![self.every(depth)?];
        while self.takes("or") {
            parts.push(self.every(depth)?);
        }
        Ok(Requirement::any(parts))
    }

    fn every(&mut self, depth: usize) -> Result<Requirement, RequirementError> {
        let mut parts = vec![self.one(depth)?];
        while self.takes("and") {
            parts.push(self.one(depth)?);
        }
        Ok(Requirement::all(parts))
    }

    fn one(&mut self, depth: usize) -> Result<Requirement, RequirementError> {
        if depth > DEEPEST {
            return Err(RequirementError::TooDeep);
        }
        match self.tokens.next() {
            None => Err(RequirementError::Missing),
            Some(Token::Open) => {
                let inner = self.any(depth + 1)?;
                match self.tokens.next() {
                    Some(Token::Close) => Ok(inner),
                    None => Err(RequirementError::Unclosed { mark: '(' }),
                    Some(token) => Err(RequirementError::Unexpected { word: token.word() }),
                }
            }
            Some(token) if token.is("not") => Ok(Requirement::Not(Box::new(self.one(depth + 1)?))),
            Some(token) => self.kind(&token.word()),
        }
    }

    fn kind(&mut self, kind: &str) -> Result<Requirement, RequirementError> {
        let each = |names: Vec<String>, make: fn(String) -> Requirement| {
            Requirement::any(names.into_iter().map(make).collect())
        };
        match kind.to_ascii_lowercase().as_str() {
            "all" if self.takes("granted") => Ok(Requirement::Granted),
            "all" if self.takes("denied") => Ok(Requirement::Denied),
            "all" => Err(RequirementError::Incomplete {
                kind: "all",
                wanted: "`granted` or `denied`",
            }),
            "ip" => {
                let networks: Result<Vec<Requirement>, RequirementError> = self
                    .names("ip", "an address")?
                    .iter()
                    .map(|word| network(word).map(Requirement::Address))
                    .collect();
                networks.map(Requirement::any)
            }
            "host" => Ok(each(self.names("host", "a name")?, Requirement::Host)),
            "local" => Ok(Requirement::Local),
            "user" => self.names("user", "a name").map(Requirement::Users),
            "valid-user" => Ok(Requirement::ValidUser),
            "method" => self.names("method", "a method").map(Requirement::Methods),
            "env" => Ok(each(self.names("env", "a name")?, Requirement::Variable)),
            _ => Err(RequirementError::Unknown {
                word: kind.to_owned(),
                nearest: nearest(kind, KINDS),
            }),
        }
    }

    fn names(
        &mut self,
        kind: &'static str,
        wanted: &'static str,
    ) -> Result<Vec<String>, RequirementError> {
        let mut names = Vec::new();
        while let Some(token) = self.tokens.next_if(Token::is_name) {
            names.push(token.word());
        }
        if names.is_empty() {
            return Err(RequirementError::Incomplete { kind, wanted });
        }
        Ok(names)
    }
}

/// A network in any of the forms that [`Requirement::parse`] takes, without the bits beyond its
/// prefix.
fn network(word: &str) -> Result<Network, RequirementError> {
    let found = match word.split_once('/') {
        None => word
            .parse()
            .map(|address: IpAddr| Network::from(address.to_canonical()))
            .ok()
            .or_else(|| beginning_of_address(word)),
        Some((address, mask)) => match mask.parse::<Ipv4Addr>() {
            Ok(mask) => address
                .parse()
                .ok()
                .and_then(|address| Network::with_netmask(address, mask.into()).ok()),
            Err(_) => word.parse().ok(),
        },
    };
    found
        .map(|network| of_ipv4(network.trunc()))
        .ok_or_else(|| RequirementError::NoAddress {
            word: word.to_owned(),
        })
}

/// A network of IPv4 that is written in IPv6 (`::ffff:10.0.0.0/104`), as clients' addresses are compared: in IPv4.
fn of_ipv4(network: Network) -> Network {
    let IpAddr::V4(address) = network.addr().to_canonical() else {
        return network;
    };
    match network.prefix_len().checked_sub(96) {
        Some(bits) if network.addr().is_ipv6() => {
            Network::new(address.into(), bits).unwrap_or(network)
        }
        _ => network,
    }
}

/// `10.1` is every address that starts with it, as `10.1.` is.
fn beginning_of_address(word: &str) -> Option<Network> {
    let mut octets = [0; 4];
    let mut given = 0;
    for (octet, text) in octets
        .iter_mut()
        .zip(word.strip_suffix('.').unwrap_or(word).split('.'))
    {
        *octet = text.parse().ok()?;
        given += 1;
    }
    let dots = word.strip_suffix('.').unwrap_or(word).matches('.').count();
    (dots + 1 == usize::from(given) && given < 4)
        .then(|| Network::new(Ipv4Addr::from(octets).into(), given * 8).ok())
        .flatten()
}

impl fmt::Display for Requirement {
    /// The text that [`Requirement::parse`] reads as the same requirement. Values that no text
    /// gives, such as an `All` of one part, are written as what they mean.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted => f.write_str("all granted"),
            Self::Denied => f.write_str("all denied"),
            Self::Address(network) if network.prefix_len() == network.max_prefix_len() => {
                write!(f, "ip {}", network.addr())
            }
            Self::Address(network) => write!(f, "ip {network}"),
            Self::Host(name) => write!(f, "host {}", Name(name)),
            Self::Local => f.write_str("local"),
            Self::Users(names) | Self::Methods(names) if names.is_empty() => {
                f.write_str("all denied")
            }
            Self::Users(names) => write_names(f, "user", names),
            Self::ValidUser => f.write_str("valid-user"),
            Self::Methods(names) => write_names(f, "method", names),
            Self::Variable(name) => write!(f, "env {}", Name(name)),
            Self::Not(inner) => {
                f.write_str("not ")?;
                write_part(f, inner)
            }
            Self::All(parts) => write_parts(f, parts, " and ", &Self::Granted),
            Self::Any(parts) => write_parts(f, parts, " or ", &Self::Denied),
        }
    }
}

fn write_names(f: &mut fmt::Formatter<'_>, kind: &str, names: &[String]) -> fmt::Result {
    f.write_str(kind)?;
    names
        .iter()
        .try_for_each(|name| write!(f, " {}", Name(name)))
}

fn write_parts(
    f: &mut fmt::Formatter<'_>,
    parts: &[Requirement],
    between: &str,
    none: &Requirement,
) -> fmt::Result {
    match parts {
        [] => write!(f, "{none}"),
        [part] => write!(f, "{part}"),
        [first, rest @ ..] => {
            write_part(f, first)?;
            rest.iter().try_for_each(|part| {
                f.write_str(between)?;
                write_part(f, part)
            })
        }
    }
}

/// With parentheses around whatever holds an `and` or `or` of its own.
fn write_part(f: &mut fmt::Formatter<'_>, part: &Requirement) -> fmt::Result {
    match part {
        Requirement::All(parts) | Requirement::Any(parts) => match parts.as_slice() {
            [] => write!(f, "{part}"),
            [only] => write_part(f, only),
            _ => write!(f, "({part})"),
        },
        _ => write!(f, "{part}"),
    }
}

/// A name, in quotes where it needs them.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() && !self.0.contains(ends_word) && !is_keyword(self.0) {
            return f.write_str(self.0);
        }
        let escaped = self.0.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{escaped}\"")
    }
}
