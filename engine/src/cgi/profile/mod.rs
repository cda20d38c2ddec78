//! What other hosts do where RFC 3875 leaves room, or where they break it: each host is a table of data.
//!
//! A profile makes of the facts of a request the environment, command line and working directory that the host
//! would give to the script, and of the script's output the answer that the host would give to the client.
//! Beside both stand the differences to the specification. The tables are measured, and a test asks each live
//! host again.
mod answer;
mod block;
mod conclusion;
mod difference;
mod environment;
mod hosts;
mod output_rules;
mod reader;
mod refusal;
mod rules;
mod sniffing;
mod spelling;
mod unread;
mod values;

pub use answer::{Deviation, HostAnswer, HostBody, Overrun};
pub use difference::{Difference, heading};
pub use reader::{HostReader, HostVerdict};
pub use refusal::HostRefusal;
pub use rules::DirectoryRule;

use super::header_block::HeaderBlock;
use super::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable};
use super::request::{CgiRequest, RequestFacts};
use refusal::Asked;
use rules::{CommandLineRule, OwnName, Rules};
use std::fmt;
use values::Sources;

/// A host that requests can be run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostProfile {
    /// Apache httpd with `mod_cgid` or `mod_cgi`.
    Apache,
    /// lighttpd with `mod_cgi`.
    Lighttpd,
    /// nginx, which knows no CGI, with fcgiwrap behind it.
    NginxFcgiwrap,
    /// Python's own `http.server --cgi`.
    Cpython,
    /// A program around Go's `net/http/cgi`.
    Go,
    /// The `httpd` of busybox.
    Busybox,
}

/// What stands around a request beside its facts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// The environment of the server itself, which some hosts let through.
    pub inherited: &'a [(Vec<u8>, Vec<u8>)],
    /// The variables of the request before a local redirect; none without one.
    pub before: &'a [MetaVariable],
}

/// A request as a host gives it to the script.
#[derive(Debug, Clone)]
pub struct ProfiledRequest {
    /// The environment and the command line.
    pub request: CgiRequest,
    /// The host answers itself and starts nothing.
    pub refused: Option<HostRefusal>,
    /// The zeroth word of the command line, where the script is a program of its own.
    pub own_name: Vec<u8>,
    /// Where the script starts.
    pub directory: DirectoryRule,
    /// What differs from the specification, without the refusal.
    pub differences: Vec<Difference>,
}

impl HostProfile {
    /// Every host.
    pub const ALL: [Self; 6] = [
        Self::Apache,
        Self::Lighttpd,
        Self::NginxFcgiwrap,
        Self::Cpython,
        Self::Go,
        Self::Busybox,
    ];

    const fn rules(self) -> &'static Rules {
        match self {
            Self::Apache => &hosts::APACHE,
            Self::Lighttpd => &hosts::LIGHTTPD,
            Self::NginxFcgiwrap => &hosts::NGINX_FCGIWRAP,
            Self::Cpython => &hosts::CPYTHON,
            Self::Go => &hosts::GO,
            Self::Busybox => &hosts::BUSYBOX,
        }
    }

    /// As the configuration and the command line name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.rules().name
    }

    /// For people, with the version that was measured.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.rules().label
    }

    /// For people, without a version.
    #[must_use]
    pub const fn short(self) -> &'static str {
        self.rules().short
    }

    /// The host of that name, in any case; `nginx` alone is nginx with fcgiwrap, as it runs no scripts itself.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("nginx") {
            return Some(Self::NginxFcgiwrap);
        }
        let named = |profile: &Self| profile.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(named)
    }

    /// The names of all hosts, for messages.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The host lets its own environment through to the script.
    #[must_use]
    pub const fn inherits(self) -> bool {
        self.rules().inherits
    }

    /// The host knows scripts whose output is the whole response, by the name `nph-` (RFC 3875 §5).
    #[must_use]
    pub const fn knows_nph(self) -> bool {
        matches!(self, Self::Apache)
    }

    /// What the host answers instead of starting the script, if it does.
    #[must_use]
    pub fn refusal(self, facts: &RequestFacts<'_>) -> Option<HostRefusal> {
        let asked = Asked {
            head: facts.head,
            target: facts.target,
            path: facts.path,
            script_name: facts.script_name(),
            path_info: facts.path_info(),
            method: facts.method(),
            redirected: values::body_is_left(facts),
        };
        refusal::refusal(self.rules(), &asked)
    }

    /// What the host passes over of these headers, where it does not read them.
    #[must_use]
    pub fn unread(self, block: &HeaderBlock, head_request: bool) -> Vec<Deviation> {
        unread::unread(self.rules(), block, head_request)
    }

    /// The request as the host gives it to the script, with what differs from the specification.
    #[must_use]
    pub fn request(
        self,
        facts: &RequestFacts<'_>,
        surroundings: &Surroundings<'_>,
    ) -> ProfiledRequest {
        let rules = self.rules();
        let here = CgiRequest::build(facts);
        let sources = Sources {
            facts,
            verbatim: rules.verbatim_path,
            before: surroundings.before,
        };
        let variables =
            environment::environment(rules, &sources, surroundings.inherited, &here.variables);
        let arguments = command_line(rules.command_line, facts);
        let directory = rules.directory;
        let differences = self.differences(facts, surroundings, &here, &variables, &arguments);
        let own_name = match rules.own_name {
            OwnName::Path => facts.script_filename,
            OwnName::Name => file_name(facts.script_filename),
        };
        ProfiledRequest {
            refused: self.refusal(facts),
            own_name: own_name.to_vec(),
            directory,
            differences,
            request: CgiRequest {
                absent: absent(&here, &variables, rules.short),
                variables,
                arguments,
                arguments_note: None,
                overridden: here.overridden,
            },
        }
    }

    fn differences(
        self,
        facts: &RequestFacts<'_>,
        surroundings: &Surroundings<'_>,
        here: &CgiRequest,
        variables: &[MetaVariable],
        arguments: &[Vec<u8>],
    ) -> Vec<Difference> {
        let rules = self.rules();
        // PATH is set here as well, so what comes through there is told as its value.
        let inherited = |variable: &&MetaVariable| {
            let pair = (variable.name.as_bytes(), variable.value.as_slice());
            let mut pairs = surroundings.inherited.iter();
            pair.0 != b"PATH"
                && pairs.any(|(name, value)| (name.as_slice(), value.as_slice()) == pair)
                && !rules.variables.iter().any(|(set, _)| *set == variable.name)
        };
        let (through, made): (Vec<_>, Vec<_>) = variables.iter().partition(inherited);
        let made: Vec<MetaVariable> = made.into_iter().cloned().collect();
        let mut differences = difference::of_variables(rules, &here.variables, &made);
        if rules.inherits {
            let count = match through.len() {
                // Nothing is known of them: the differences are told of an old run.
                0 => "whatever the server was started with".to_owned(),
                count => format!("{count} variables of the server"),
            };
            // With them comes a PATH.
            differences.retain(|one| one.name != "PATH" || one.there.is_some());
            differences.push(difference::constant(
                "inherited environment",
                b"none",
                count.as_bytes(),
                (
                    "the environment that the server was started with reaches the script",
                    49,
                ),
            ));
        }
        differences.extend(difference::of_command_line(
            rules,
            here,
            arguments,
            facts.script_filename,
        ));
        differences.extend(surroundings_of(rules, facts));
        differences
    }
}

/// What differs around the script whatever the request.
fn surroundings_of(rules: &Rules, facts: &RequestFacts<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    if rules.directory == DirectoryRule::ServerFolder {
        let folder = spelling::folder(facts.script_filename);
        differences.push(difference::constant(
            "working directory",
            folder.strip_suffix(b"/").unwrap_or(folder),
            facts.document_root,
            (
                "a script starts where the server was started, not beside its own files (§7.2)",
                112,
            ),
        ));
    }
    if rules.endless_input {
        differences.push(difference::constant(
            "standard input",
            b"ends after the body",
            b"does not end",
            (
                "it is the client's connection: who reads on after CONTENT_LENGTH waits for ever",
                56,
            ),
        ));
    }
    differences
}

impl fmt::Display for HostProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

fn command_line(rule: CommandLineRule, facts: &RequestFacts<'_>) -> Vec<Vec<u8>> {
    let query = facts.target.query().unwrap_or_default();
    match rule {
        CommandLineRule::Never => Vec::new(),
        CommandLineRule::Words => spelling::words(query),
        CommandLineRule::OneWord if query.contains(&b'=') => Vec::new(),
        CommandLineRule::OneWord => {
            let spaced = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
            vec![query.iter().map(spaced).collect()]
        }
    }
}

/// What is absent here for a reason stays so; what is set here and not there has that for a reason.
fn absent(
    here: &CgiRequest,
    variables: &[MetaVariable],
    host: &'static str,
) -> Vec<AbsentVariable> {
    let set = |name: &str| variables.iter().any(|variable| variable.name == name);
    let kept = here.absent.iter().filter(|absent| !set(&absent.name));
    let missing = here
        .variables
        .iter()
        .filter(|variable| !set(&variable.name));
    let missing = missing.map(|variable| AbsentVariable {
        name: variable.name.clone(),
        reason: AbsenceReason::NotSetBy { host: host.into() },
        sources: variable.sources.clone(),
    });
    missing.chain(kept.cloned()).collect()
}

fn file_name(path: &[u8]) -> &[u8] {
    let start = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
    path.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
