//! What a request carries for its script, taken apart: form fields, uploaded files, cookies.
//!
//! A script gets these as bytes and decodes them itself; the decoders here only show what is in them.
//! So nothing is refused: whatever can be read is read, in order, with its place in the source, and
//! what is wrong stands beside it as a [`Problem`].
pub mod problem;

pub mod content_type;
pub mod cookies;
pub mod multipart;
pub mod parameters;
pub mod part;
pub mod urlencoded;

use content_type::ContentType;
use multipart::Multipart;
use urlencoded::Urlencoded;

pub use problem::{Problem, ProblemKind, Problems};

/// How much of a form is taken apart; what is beyond is left as it is, and a [`Problem`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLimits {
    /// Names and values of one form or one `Cookie` field.
    pub pairs: usize,
    /// Parts of all multipart bodies within each other.
    pub parts: usize,
    /// The header fields of one part, in bytes.
    pub part_header_bytes: usize,
    /// Multipart bodies within each other.
    pub depth: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self {
            pairs: 10_000,
            parts: 10_000,
            part_header_bytes: 16 * 1024,
            depth: 4,
        }
    }
}

/// A request body by what its Content-Type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyForm {
    /// `application/x-www-form-urlencoded`.
    Urlencoded(Urlencoded),
    /// `multipart/form-data`, or another kind of multipart.
    Multipart(Multipart),
    /// No form.
    Other,
}

impl BodyForm {
    /// Takes a body apart; ranges count in `body`. A value of Content-Type that is empty makes no form.
    #[must_use]
    pub fn read(content_type: &[u8], body: &[u8], limits: &FormLimits) -> Self {
        let content_type = ContentType::parse(content_type);
        if content_type.is("application/x-www-form-urlencoded") {
            Self::Urlencoded(Urlencoded::parse(body, limits))
        } else if content_type.is_multipart() {
            Self::Multipart(Multipart::parse(&content_type, body, limits))
        } else {
            Self::Other
        }
    }

    /// What is wrong with the form.
    #[must_use]
    pub fn problems(&self) -> Option<&Problems> {
        match self {
            Self::Urlencoded(form) => Some(&form.problems),
            Self::Multipart(form) => Some(&form.problems),
            Self::Other => None,
        }
    }
}
