//! The request's header fields as `HTTP_*` variables, and those that do not reach a script
//! (RFC 3875 §4.1.18, §9.2).
use std::collections::BTreeMap;

use super::environment::Environment;
use super::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable, Provenance};
use super::request::RequestFacts;
use super::request_head::HeadField;

impl Environment<'_> {
    /// §4.1.18: every field but those that must not, or need not, reach a script.
    pub(crate) fn set_protocol_fields(&mut self) {
        let head = self.facts.head;
        let mut fields: BTreeMap<String, Vec<&HeadField>> = BTreeMap::new();
        for field in &head.fields {
            let name = head.name(field);
            let variable = variable_name(name);
            match self.facts.reason_against(name, &variable) {
                Some(reason) => self.absent.push(AbsentVariable {
                    name: variable,
                    reason,
                    sources: vec![field.line.clone()],
                }),
                None => fields.entry(variable).or_default().push(field),
            }
        }
        for (variable, fields) in &fields {
            self.set_from_fields(variable, fields);
        }
    }

    /// The trailers, as `super::trailers` says which; repeated ones are joined as headers are.
    pub(crate) fn set_trailers(&mut self) {
        let announced = self.facts.head.first("trailer").is_some();
        for trailer in self.facts.trailers {
            let variable = variable_name(&trailer.name);
            let name = String::from_utf8_lossy(&trailer.name).into_owned();
            let provenance = Provenance::Trailer { name };
            let beside = self.variables.iter_mut().find(|set| set.name == variable);
            let reason = match (self.facts.reason_against(&trailer.name, &variable), beside) {
                (Some(reason), _) => reason,
                (None, _) if !announced => AbsenceReason::UnannouncedTrailer,
                (None, Some(set)) if matches!(set.provenance, Provenance::Trailer { .. }) => {
                    set.value.extend_from_slice(b", ");
                    set.value.extend_from_slice(&trailer.value);
                    continue;
                }
                (None, Some(_)) => AbsenceReason::TrailerBesideHeader,
                (None, None) => {
                    self.variables.push(MetaVariable {
                        name: variable,
                        value: trailer.value.clone(),
                        provenance,
                        sources: Vec::new(),
                    });
                    continue;
                }
            };
            self.leave_out(&variable, reason);
        }
    }
}

impl RequestFacts<'_> {
    fn reason_against(&self, name: &[u8], variable: &str) -> Option<AbsenceReason> {
        if name
            .iter()
            .any(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')
        {
            return Some(AbsenceReason::AmbiguousName {
                header: String::from_utf8_lossy(name).into_owned(),
            });
        }
        match variable {
            "HTTP_AUTHORIZATION" | "HTTP_PROXY_AUTHORIZATION" if !self.pass_authorization => {
                Some(AbsenceReason::WithheldAuthorization)
            }
            "HTTP_PROXY" => Some(AbsenceReason::Httpoxy),
            // Beside a redirect neither variable is set, so nothing covers them.
            "HTTP_CONTENT_LENGTH" | "HTTP_CONTENT_TYPE" if self.body_left() => {
                Some(AbsenceReason::LeftByRedirect)
            }
            "HTTP_CONTENT_LENGTH" => Some(AbsenceReason::CoveredBy {
                variable: "CONTENT_LENGTH".into(),
            }),
            "HTTP_CONTENT_TYPE" => Some(AbsenceReason::CoveredBy {
                variable: "CONTENT_TYPE".into(),
            }),
            // The codings are removed before the script reads the body (§4.2), the trailers with them.
            "HTTP_TRANSFER_ENCODING" | "HTTP_TRAILER" => Some(AbsenceReason::HopByHop),
            _ => None,
        }
    }
}

/// `HTTP_`, then the name in upper case with an underscore for all that is no letter and no digit.
fn variable_name(field: &[u8]) -> String {
    let letters = field.iter().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte.to_ascii_uppercase()),
        _ => '_',
    });
    "HTTP_".chars().chain(letters).collect()
}
