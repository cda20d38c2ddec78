//! The site on other hosts: what would differ there, the configuration for it, and what another host's says.

use std::path::PathBuf;

use cgi_engine::convert::deploy::Difference;
use cgi_engine::convert::{Conversion, Host};

/// What is shown of other hosts, in the place of list and details.
#[derive(Clone, Debug)]
pub enum Elsewhere {
    /// The site on this host; the report is none while a worker is at it.
    Deploy {
        /// The host.
        host: Host,
        /// What came of it.
        report: Option<Box<DeployReport>>,
    },
    /// Configuration of Apache, read for this site; the outcome is none while a worker is at it or nothing was asked.
    Import {
        /// The file that is read.
        file: Option<PathBuf>,
        /// What came of it, or why it cannot be read.
        outcome: Option<Result<Box<Import>, String>>,
        /// What became of writing it down, in words.
        written: Option<Result<String, String>>,
    },
}

/// A site on another host.
#[derive(Clone, Debug)]
pub struct DeployReport {
    /// What differs: what touches this site first.
    pub differences: Vec<Difference>,
    /// The configuration for the host, or why none can be written.
    pub configuration: Result<String, String>,
}

/// Another host's configuration in our words.
#[derive(Clone, Debug)]
pub struct Import {
    /// What was taken and what was not.
    pub conversion: Conversion,
    /// What `cgi-studio.toml` would say.
    pub text: String,
}

impl Elsewhere {
    /// A host that nothing is known of yet.
    #[must_use]
    pub fn deploy(host: Host) -> Self {
        Self::Deploy { host, report: None }
    }

    /// Takes a report, if it is of the host that is shown.
    pub fn take_report(&mut self, of: Host, new: DeployReport) {
        if let Self::Deploy { host, report } = self
            && *host == of
        {
            *report = Some(Box::new(new));
        }
    }

    /// Takes what a file came to, if it is the one that is shown.
    pub fn take_import(&mut self, of: &PathBuf, new: Result<Import, String>) {
        if let Self::Import { file, outcome, .. } = self
            && file.as_ref() == Some(of)
        {
            *outcome = Some(new.map(Box::new));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shown_takes_an_answer() {
        let report = || DeployReport {
            differences: Vec::new(),
            configuration: Ok(String::new()),
        };
        let has_report = |shown: &Elsewhere| {
            matches!(
                shown,
                Elsewhere::Deploy {
                    report: Some(_),
                    ..
                }
            )
        };
        let mut shown = Elsewhere::deploy(Host::Apache);
        shown.take_report(Host::Nginx, report());
        assert!(!has_report(&shown));
        shown.take_report(Host::Apache, report());
        assert!(has_report(&shown));
        shown.take_import(&PathBuf::from("/x"), Err("no".into()));
        assert!(has_report(&shown));
    }
}
