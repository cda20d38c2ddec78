//! What the client sent, packed.

use super::RecordError;
use super::captured::PackedStream;
use super::content::{BlobSink, BlobSource};
use super::packed::{Octets, Text, flat, packed, range, ranges};
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request::ConnectionFacts;
use crate::cgi::request_head::{HeadField, RequestHead};
use crate::exchange::{BodyEnd, Refusal, RequestRecord};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::ops::Range;
use std::sync::Arc;

packed! {
    /// The two ends of a connection.
    PackedConnection<'a> {
        "l" local: Address<'a>,
        "p" peer: Address<'a>,
        "h" https: bool,
        "s" synthetic: bool,
    }
}

packed! {
    /// One end: four or sixteen bytes and a port.
    Address<'a> {
        "a" address: Octets<'a>,
        "p" port: u16,
        "f" flow: u32,
        "s" scope: u32,
    }
}

impl PackedConnection<'static> {
    pub(super) fn of(connection: &ConnectionFacts) -> Self {
        let ConnectionFacts {
            local,
            peer,
            https,
            synthetic,
        } = *connection;
        Self {
            local: Address::of(local),
            peer: Address::of(peer),
            https,
            synthetic,
        }
    }
}

impl PackedConnection<'_> {
    pub(super) fn restore(self) -> Result<ConnectionFacts, RecordError> {
        Ok(ConnectionFacts {
            local: self.local.restore()?,
            peer: self.peer.restore()?,
            https: self.https,
            synthetic: self.synthetic,
        })
    }
}

impl Address<'static> {
    fn of(address: SocketAddr) -> Self {
        let (bytes, flow, scope) = match address {
            SocketAddr::V4(address) => (address.ip().octets().to_vec(), 0, 0),
            SocketAddr::V6(address) => (
                address.ip().octets().to_vec(),
                address.flowinfo(),
                address.scope_id(),
            ),
        };
        Self {
            address: Octets(bytes.into()),
            port: address.port(),
            flow,
            scope,
        }
    }
}

impl Address<'_> {
    fn restore(&self) -> Result<SocketAddr, RecordError> {
        let bytes: &[u8] = &self.address.0;
        if bytes.is_empty() {
            return Ok((Ipv4Addr::UNSPECIFIED, self.port).into());
        }
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            return Ok((IpAddr::V4(four.into()), self.port).into());
        }
        let sixteen = <[u8; 16]>::try_from(bytes).map_err(|_| {
            RecordError::impossible("address", format!("{} bytes long", bytes.len()))
        })?;
        let address = Ipv6Addr::from(sixteen);
        Ok(SocketAddrV6::new(address, self.port, self.flow, self.scope).into())
    }
}

packed! {
    /// What the client sent.
    PackedRequest<'a> {
        "r" raw_head: Octets<'a>,
        "h" head: Option<PackedHead<'a>>,
        "l" login: Option<Text<'a>>,
        "x" refusal: Option<PackedRefusal<'a>>,
        "b" body: PackedStream<'a>,
        "e" body_end: Option<PackedBodyEnd<'a>>,
    }
}

packed! {
    /// A head that was understood; its bytes are those of the request unless it has its own.
    PackedHead<'a> {
        "r" raw: Option<Octets<'a>>,
        "m" method: Vec<u64>,
        "t" target: Vec<u64>,
        "v" version: (u8, u8),
        // Of each field its name, its value and its line.
        "f" fields: Vec<u64>,
        "b" framing: PackedFraming,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedFraming {
    #[default]
    #[serde(rename = "n")]
    None,
    #[serde(rename = "l")]
    Length(u64),
    #[serde(rename = "c")]
    Chunked,
}

packed! {
    /// A request that the studio refused.
    PackedRefusal<'a> {
        "s" status: u16,
        "r" reason: Text<'a>,
        "y" authority: Text<'a>,
        "a" at: Option<u64>,
        "e" excerpt: Octets<'a>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub(super) enum PackedBodyEnd<'a> {
    #[serde(rename = "c")]
    Complete,
    #[serde(rename = "s")]
    Short(u64, Option<u64>),
    #[serde(rename = "l")]
    TooLong(u64),
    #[serde(rename = "m")]
    Malformed(Text<'a>),
}

impl<'a> PackedRequest<'a> {
    pub(super) fn of(request: &'a RequestRecord, blobs: &mut dyn BlobSink) -> Self {
        let RequestRecord {
            raw_head,
            head,
            login,
            refusal,
            body,
            body_end,
        } = request;
        Self {
            raw_head: Octets::of(raw_head),
            head: head.as_deref().map(|head| PackedHead::of(head, raw_head)),
            login: login.as_deref().map(Text::from),
            refusal: refusal.as_ref().map(PackedRefusal::of),
            body: PackedStream::of(body, blobs),
            body_end: body_end.as_ref().map(PackedBodyEnd::of),
        }
    }

    pub(super) fn restore(self, blobs: &dyn BlobSource) -> Result<RequestRecord, RecordError> {
        let raw_head = Bytes::from(self.raw_head.into_vec());
        let head = self.head.map(|head| head.restore(&raw_head)).transpose()?;
        Ok(RequestRecord {
            head: head.map(Arc::new),
            raw_head,
            login: self.login.map(Text::into_owned),
            refusal: self.refusal.map(PackedRefusal::restore),
            body: self.body.restore("request body", blobs)?,
            body_end: self.body_end.map(PackedBodyEnd::restore),
        })
    }
}

impl<'a> PackedHead<'a> {
    fn of(head: &'a RequestHead, beside: &Bytes) -> Self {
        let RequestHead {
            raw,
            method,
            target,
            version,
            fields,
            framing,
        } = head;
        let places = fields
            .iter()
            .flat_map(|field| [field.name.clone(), field.value.clone(), field.line.clone()]);
        Self {
            raw: (raw != beside).then(|| Octets::of(raw)),
            method: flat(std::slice::from_ref(method)),
            target: flat(std::slice::from_ref(target)),
            version: *version,
            fields: flat(&places.collect::<Vec<_>>()),
            framing: match *framing {
                BodyFraming::None => PackedFraming::None,
                BodyFraming::Length(length) => PackedFraming::Length(length),
                BodyFraming::Chunked => PackedFraming::Chunked,
            },
        }
    }

    fn restore(self, beside: &Bytes) -> Result<RequestHead, RecordError> {
        const WHAT: &str = "place in the request head";
        let raw = match self.raw {
            Some(raw) => raw.into_vec().into(),
            None => beside.clone(),
        };
        let inside = |range: &Range<usize>| match range.end <= raw.len() {
            true => Ok(range.clone()),
            false => Err(RecordError::impossible(WHAT, format!("{range:?}"))),
        };
        let (fields, rest) = {
            let places = ranges(&self.fields, WHAT)?;
            let (fields, rest) = places.as_chunks::<3>();
            (fields.to_vec(), rest.len())
        };
        if rest != 0 {
            return Err(RecordError::impossible(WHAT, "a part of a field"));
        }
        let field = |[name, value, line]: &[Range<usize>; 3]| {
            Ok(HeadField {
                name: inside(name)?,
                value: inside(value)?,
                line: inside(line)?,
            })
        };
        Ok(RequestHead {
            method: inside(&range(&self.method, WHAT)?)?,
            target: inside(&range(&self.target, WHAT)?)?,
            version: self.version,
            fields: fields.iter().map(field).collect::<Result<_, _>>()?,
            framing: match self.framing {
                PackedFraming::None => BodyFraming::None,
                PackedFraming::Length(length) => BodyFraming::Length(length),
                PackedFraming::Chunked => BodyFraming::Chunked,
            },
            raw,
        })
    }
}

impl<'a> PackedRefusal<'a> {
    fn of(refusal: &'a Refusal) -> Self {
        let Refusal {
            status,
            reason,
            authority,
            at,
            excerpt,
        } = refusal;
        Self {
            status: *status,
            reason: reason.into(),
            authority: authority.into(),
            at: at.map(|at| at as u64),
            excerpt: Octets::of(excerpt),
        }
    }

    fn restore(self) -> Refusal {
        Refusal {
            status: self.status,
            reason: self.reason.into_owned(),
            authority: self.authority.into_owned(),
            at: self.at.and_then(|at| usize::try_from(at).ok()),
            excerpt: self.excerpt.into_vec(),
        }
    }
}

impl<'a> PackedBodyEnd<'a> {
    fn of(end: &'a BodyEnd) -> Self {
        match end {
            BodyEnd::Complete => Self::Complete,
            BodyEnd::Short {
                received,
                announced,
            } => Self::Short(*received, *announced),
            BodyEnd::TooLong { limit } => Self::TooLong(*limit),
            BodyEnd::Malformed(words) => Self::Malformed(words.into()),
        }
    }

    fn restore(self) -> BodyEnd {
        match self {
            Self::Complete => BodyEnd::Complete,
            Self::Short(received, announced) => BodyEnd::Short {
                received,
                announced,
            },
            Self::TooLong(limit) => BodyEnd::TooLong { limit },
            Self::Malformed(words) => BodyEnd::Malformed(words.into_owned()),
        }
    }
}
