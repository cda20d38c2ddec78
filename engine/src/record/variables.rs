//! The meta-variables of a run, those that it did not get, and its arguments, packed.

use super::RecordError;
use super::packed::{List, Octets, Text, flat, packed, ranges};
use crate::cgi::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable, Provenance};
use crate::cgi::request::CgiRequest;
use std::borrow::Cow;

packed! {
    /// What a script is started with.
    PackedCgiRequest<'a> {
        "v" variables: List<Variable<'a>>,
        "x" absent: List<Absent<'a>>,
        "a" arguments: Vec<Octets<'a>>,
        "n" arguments_note: Option<Text<'a>>,
        "o" overridden: List<Variable<'a>>,
    }
}

packed! {
    /// A variable; `about` is the field that it was made from.
    Variable<'a> {
        "n" name: Text<'a>,
        "v" value: Octets<'a>,
        "p" provenance: u8,
        "f" about: Text<'a>,
        "s" sources: Vec<u64>,
    }
}

packed! {
    /// A variable that is not there; `about` is what its reason speaks of.
    Absent<'a> {
        "n" name: Text<'a>,
        "r" reason: u8,
        "f" about: Text<'a>,
        "s" sources: Vec<u64>,
    }
}

const WHAT: &str = "place that a variable was made from";

impl<'a> PackedCgiRequest<'a> {
    pub(super) fn of(request: &'a CgiRequest) -> Self {
        let CgiRequest {
            variables,
            absent,
            arguments,
            arguments_note,
            overridden,
        } = request;
        Self {
            variables: variables.iter().map(Variable::of).collect(),
            absent: absent.iter().map(Absent::of).collect(),
            arguments: arguments.iter().map(|word| Octets::of(word)).collect(),
            arguments_note: arguments_note.as_deref().map(Text::from),
            overridden: overridden.iter().map(Variable::of).collect(),
        }
    }

    pub(super) fn restore(self) -> Result<CgiRequest, RecordError> {
        let variables = |list: List<Variable<'a>>| {
            let restored = list.into_iter().map(Variable::restore);
            restored.collect::<Result<Vec<_>, _>>()
        };
        let absent = self.absent.into_iter().map(Absent::restore);
        Ok(CgiRequest {
            variables: variables(self.variables)?,
            absent: absent.collect::<Result<_, _>>()?,
            arguments: self.arguments.into_iter().map(Octets::into_vec).collect(),
            arguments_note: self
                .arguments_note
                .map(|note| Cow::Owned(note.into_owned())),
            overridden: variables(self.overridden)?,
        })
    }
}

impl<'a> Variable<'a> {
    fn of(variable: &'a MetaVariable) -> Self {
        let MetaVariable {
            name,
            value,
            provenance,
            sources,
        } = variable;
        let (provenance, about) = provenance_code(provenance);
        Self {
            name: name.into(),
            value: Octets::of(value),
            provenance,
            about: about.into(),
            sources: flat(sources),
        }
    }

    fn restore(self) -> Result<MetaVariable, RecordError> {
        Ok(MetaVariable {
            name: self.name.into_owned(),
            value: self.value.into_vec(),
            provenance: provenance(self.provenance, self.about.into_owned())?,
            sources: ranges(&self.sources, WHAT)?,
        })
    }
}

impl<'a> Absent<'a> {
    fn of(absent: &'a AbsentVariable) -> Self {
        let AbsentVariable {
            name,
            reason,
            sources,
        } = absent;
        let (reason, about) = reason_code(reason);
        Self {
            name: name.into(),
            reason,
            about: about.into(),
            sources: flat(sources),
        }
    }

    fn restore(self) -> Result<AbsentVariable, RecordError> {
        Ok(AbsentVariable {
            name: self.name.into_owned(),
            reason: reason(self.reason, self.about.into_owned())?,
            sources: ranges(&self.sources, WHAT)?,
        })
    }
}

/// The number of a provenance and the field that it names.
fn provenance_code(provenance: &Provenance) -> (u8, &str) {
    match provenance {
        Provenance::Server => (0, ""),
        Provenance::Header { name } => (1, name),
        Provenance::RequestLine => (2, ""),
        Provenance::ScriptPath => (3, ""),
        Provenance::ExtraPath => (4, ""),
        Provenance::Query => (5, ""),
        Provenance::Trailer { name } => (6, name),
        Provenance::Connection => (7, ""),
        Provenance::Body => (8, ""),
        Provenance::Site => (9, ""),
        Provenance::Authentication => (10, ""),
        Provenance::Redirect => (11, ""),
    }
}

fn provenance(code: u8, name: String) -> Result<Provenance, RecordError> {
    Ok(match code {
        0 => Provenance::Server,
        1 => Provenance::Header { name },
        2 => Provenance::RequestLine,
        3 => Provenance::ScriptPath,
        4 => Provenance::ExtraPath,
        5 => Provenance::Query,
        6 => Provenance::Trailer { name },
        7 => Provenance::Connection,
        8 => Provenance::Body,
        9 => Provenance::Site,
        10 => Provenance::Authentication,
        11 => Provenance::Redirect,
        _ => {
            return Err(RecordError::impossible(
                "provenance of a variable",
                format!("number {code}"),
            ));
        }
    })
}

/// The number of a reason and what it speaks of.
fn reason_code(reason: &AbsenceReason) -> (u8, &str) {
    match reason {
        AbsenceReason::NoExtraPath => (0, ""),
        AbsenceReason::NoBody => (1, ""),
        AbsenceReason::NoContentType => (2, ""),
        AbsenceReason::NoAuthentication => (3, ""),
        AbsenceReason::NeverLookedUp => (4, ""),
        AbsenceReason::WithheldAuthorization => (5, ""),
        AbsenceReason::Httpoxy => (6, ""),
        AbsenceReason::AmbiguousName { header } => (7, header),
        AbsenceReason::CoveredBy { variable } => (8, variable),
        AbsenceReason::HopByHop => (9, ""),
        AbsenceReason::UnannouncedTrailer => (10, ""),
        AbsenceReason::TrailerBesideHeader => (11, ""),
        AbsenceReason::TakenAwayBySite => (12, ""),
        AbsenceReason::LeftByRedirect => (13, ""),
        AbsenceReason::NotSetBy { host } => (14, host),
        AbsenceReason::NotRepresentable => (15, ""),
    }
}

fn reason(code: u8, about: String) -> Result<AbsenceReason, RecordError> {
    Ok(match code {
        0 => AbsenceReason::NoExtraPath,
        1 => AbsenceReason::NoBody,
        2 => AbsenceReason::NoContentType,
        3 => AbsenceReason::NoAuthentication,
        4 => AbsenceReason::NeverLookedUp,
        5 => AbsenceReason::WithheldAuthorization,
        6 => AbsenceReason::Httpoxy,
        7 => AbsenceReason::AmbiguousName { header: about },
        8 => AbsenceReason::CoveredBy {
            variable: about.into(),
        },
        9 => AbsenceReason::HopByHop,
        10 => AbsenceReason::UnannouncedTrailer,
        11 => AbsenceReason::TrailerBesideHeader,
        12 => AbsenceReason::TakenAwayBySite,
        13 => AbsenceReason::LeftByRedirect,
        14 => AbsenceReason::NotSetBy { host: about.into() },
        15 => AbsenceReason::NotRepresentable,
        _ => {
            return Err(RecordError::impossible(
                "reason why a variable is absent",
                format!("number {code}"),
            ));
        }
    })
}
