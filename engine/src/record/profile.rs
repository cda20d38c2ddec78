//! A run that was made as another host would make it, packed.

use super::RecordError;
use super::code::{Coded as _, decoded};
use super::packed::{List, Octets, Text, packed};
use crate::cgi::profile::{Deviation, Difference, HostAnswer, HostBody, HostVerdict};
use crate::exchange::AsHost;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

packed! {
    /// The host and what was different.
    PackedAsHost<'a> {
        "p" profile: u8,
        "d" differences: List<PackedDifference<'a>>,
        "v" verdict: Option<PackedVerdict<'a>>,
    }
}

packed! {
    /// One difference of the request.
    PackedDifference<'a> {
        "n" name: Text<'a>,
        "h" here: Option<Octets<'a>>,
        "t" there: Option<Octets<'a>>,
        "w" why: Text<'a>,
        "r" row: u8,
        "b" breaks: Option<Text<'a>>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub(super) enum PackedVerdict<'a> {
    #[serde(rename = "a")]
    Answer(PackedHostAnswer<'a>),
    #[serde(rename = "l")]
    LocalRedirect(Octets<'a>, Vec<Octets<'a>>, List<PackedDeviation<'a>>),
    #[serde(rename = "s")]
    Silence(List<PackedDeviation<'a>>),
}

packed! {
    /// What the host answers.
    PackedHostAnswer<'a> {
        "s" status: u16,
        "l" status_line: Octets<'a>,
        "f" fields: Vec<(Octets<'a>, Octets<'a>)>,
        "p" as_printed: bool,
        "t" taken: u64,
        "b" body: PackedHostBody,
        "d" deviations: List<PackedDeviation<'a>>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedHostBody {
    #[default]
    #[serde(rename = "d")]
    Dropped,
    #[serde(rename = "p")]
    OwnPage,
    #[serde(rename = "o")]
    Output(Option<(u64, u8)>, bool),
}

packed! {
    /// Something the host does in its own way.
    PackedDeviation<'a> {
        "w" what: Text<'a>,
        "d" does: Text<'a>,
        "r" row: u8,
        "b" breaks: Option<Text<'a>>,
    }
}

fn kept(text: Text<'_>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

impl<'a> PackedAsHost<'a> {
    pub(super) fn of(as_host: &'a AsHost) -> Self {
        let AsHost {
            profile,
            differences,
            verdict,
        } = as_host;
        Self {
            profile: profile.code(),
            differences: differences.iter().map(PackedDifference::of).collect(),
            verdict: verdict.as_ref().map(PackedVerdict::of),
        }
    }

    pub(super) fn restore(self) -> Result<AsHost, RecordError> {
        let differences = self.differences.into_iter();
        Ok(AsHost {
            profile: decoded(self.profile)?,
            differences: differences.map(PackedDifference::restore).collect(),
            verdict: self.verdict.map(PackedVerdict::restore).transpose()?,
        })
    }
}

impl<'a> PackedDifference<'a> {
    fn of(difference: &'a Difference) -> Self {
        let Difference {
            name,
            here,
            there,
            why,
            row,
            breaks,
        } = difference;
        Self {
            name: name.into(),
            here: here.as_deref().map(Octets::of),
            there: there.as_deref().map(Octets::of),
            why: Text::Borrowed(why),
            row: *row,
            breaks: breaks.as_deref().map(Text::from),
        }
    }

    fn restore(self) -> Difference {
        Difference {
            name: self.name.into_owned(),
            here: self.here.map(Octets::into_vec),
            there: self.there.map(Octets::into_vec),
            why: kept(self.why),
            row: self.row,
            breaks: self.breaks.map(kept),
        }
    }
}

impl<'a> PackedVerdict<'a> {
    fn of(verdict: &'a HostVerdict) -> Self {
        match verdict {
            HostVerdict::Answer(answer) => Self::Answer(PackedHostAnswer::of(answer)),
            HostVerdict::LocalRedirect {
                location,
                cookies,
                deviations,
            } => Self::LocalRedirect(
                Octets::of(location),
                cookies.iter().map(|cookie| Octets::of(cookie)).collect(),
                deviations.iter().map(PackedDeviation::of).collect(),
            ),
            HostVerdict::Silence { deviations } => {
                Self::Silence(deviations.iter().map(PackedDeviation::of).collect())
            }
        }
    }

    fn restore(self) -> Result<HostVerdict, RecordError> {
        Ok(match self {
            Self::Answer(answer) => HostVerdict::Answer(answer.restore()?),
            Self::LocalRedirect(location, cookies, deviations) => HostVerdict::LocalRedirect {
                location: location.into_vec(),
                cookies: cookies.into_iter().map(Octets::into_vec).collect(),
                deviations: restored(deviations),
            },
            Self::Silence(deviations) => HostVerdict::Silence {
                deviations: restored(deviations),
            },
        })
    }
}

impl<'a> PackedHostAnswer<'a> {
    fn of(answer: &'a HostAnswer) -> Self {
        let HostAnswer {
            status,
            status_line,
            fields,
            as_printed,
            taken,
            body,
            deviations,
        } = answer;
        let fields = fields
            .iter()
            .map(|(name, value)| (Octets::of(name), Octets::of(value)));
        Self {
            status: *status,
            status_line: Octets::of(status_line),
            fields: fields.collect(),
            as_printed: *as_printed,
            taken: *taken as u64,
            body: match body {
                HostBody::Dropped => PackedHostBody::Dropped,
                HostBody::OwnPage => PackedHostBody::OwnPage,
                HostBody::Output { limit, chunked } => PackedHostBody::Output(
                    limit.map(|(bytes, overrun)| (bytes, overrun.code())),
                    *chunked,
                ),
            },
            deviations: deviations.iter().map(PackedDeviation::of).collect(),
        }
    }

    fn restore(self) -> Result<HostAnswer, RecordError> {
        let fields = self
            .fields
            .into_iter()
            .map(|(name, value)| (name.into_vec(), value.into_vec()));
        Ok(HostAnswer {
            status: self.status,
            status_line: self.status_line.into_vec(),
            fields: fields.collect(),
            as_printed: self.as_printed,
            taken: usize::try_from(self.taken).unwrap_or(usize::MAX),
            body: match self.body {
                PackedHostBody::Dropped => HostBody::Dropped,
                PackedHostBody::OwnPage => HostBody::OwnPage,
                PackedHostBody::Output(limit, chunked) => HostBody::Output {
                    limit: limit
                        .map(|(bytes, overrun)| Ok((bytes, decoded(overrun)?)))
                        .transpose()?,
                    chunked,
                },
            },
            deviations: restored(self.deviations),
        })
    }
}

impl<'a> PackedDeviation<'a> {
    fn of(deviation: &'a Deviation) -> Self {
        let Deviation {
            what,
            does,
            row,
            breaks,
        } = deviation;
        Self {
            what: Text::Borrowed(what),
            does: does.into(),
            row: *row,
            breaks: breaks.as_deref().map(Text::from),
        }
    }
}

fn restored(deviations: List<PackedDeviation<'_>>) -> Vec<Deviation> {
    let deviation = |packed: PackedDeviation<'_>| Deviation {
        what: kept(packed.what),
        does: packed.does.into_owned(),
        row: packed.row,
        breaks: packed.breaks.map(kept),
    };
    deviations.into_iter().map(deviation).collect()
}
