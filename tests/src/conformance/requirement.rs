//! The checklist B1 to B68: what RFC 3875 asks of a server, in a line each.

use super::case::{Level, Suite, SuiteError};
use serde::Deserialize;
use std::fs;

/// One line of the checklist.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// 1 to 68.
    pub number: u8,
    /// Section of RFC 3875.
    pub section: String,
    /// How much is asked, where it is not a matter of the server's nature.
    pub level: Level,
    /// What is asked.
    pub text: String,
    /// How it is held where nothing of it can be seen from outside.
    pub held: Option<String>,
}

#[derive(Deserialize)]
struct List {
    requirement: Vec<Requirement>,
}

impl Requirement {
    /// The whole checklist, in its order.
    ///
    /// # Errors
    /// The list beside the cases cannot be read.
    pub fn all() -> Result<Vec<Self>, SuiteError> {
        let path = Suite::folder().join("requirements/list.toml");
        let text = fs::read_to_string(&path).map_err(|source| SuiteError::Read {
            source,
            path: path.clone(),
        })?;
        let list: Result<List, _> = toml::from_str(&text);
        list.map(|list| list.requirement)
            .map_err(|error| SuiteError::Case {
                reason: error.to_string(),
                path,
            })
    }
}
