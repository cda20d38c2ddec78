//! The deploy check: what will behave differently on another host, for this very site.
//!
//! A difference is a row of a table of rules; a rule knows how the studio behaves, how each host
//! does, and how to tell from the site's files whether that matters here. The host is taken to be
//! configured by [`convert::write`](mod@super::write): what that configuration settles is only a note.
//! Nothing is run.

mod case;
mod rules;
mod source;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::Host;
use crate::site::Site;
use case::Case;

/// One way in which a host behaves differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row of the behaviour matrix (`host-behaviour.md`, part A); none for what lies outside of
    /// it, such as who the scripts run as.
    pub row: Option<u8>,
    /// What it is about, a few words.
    pub title: &'static str,
    /// What the studio does, as a sentence without its full stop.
    pub here: &'static str,
    /// What the host does, likewise.
    pub there: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What to do, as a sentence without its full stop.
    pub remedy: &'static str,
    /// What in the site it touches; empty for what is merely good to know.
    pub touched: Vec<Touched>,
}

/// How much a difference matters, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// What works here fails there.
    Breaks,
    /// It works, but not the same way.
    Differs,
    /// Good to know; the written configuration takes care of it, or it matters rarely.
    Note,
}

impl Severity {
    /// In a word, for lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Differs => "differs",
            Self::Note => "note",
        }
    }
}

/// A place in the site that a difference touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// The file or folder, from the site's folder on where it lies in it.
    pub path: PathBuf,
    /// Line, from 1, where the file's text shows it.
    pub line: Option<u32>,
    /// The line, or the fact in a few words.
    pub evidence: String,
}

/// The differences that touch this site, the worst first.
pub fn check(site: &Site, host: Host) -> Vec<Difference> {
    let mut found = check_all(site, host);
    found.retain(|difference| !difference.touched.is_empty());
    found
}

/// All differences of the host: those that touch this site first, then what is merely good to know.
pub fn check_all(site: &Site, host: Host) -> Vec<Difference> {
    let case = Case::read(site, host);
    let mut found: Vec<Difference> = rules::all()
        .filter_map(|rule| {
            let there = rule.there(host)?;
            let mut touched = (rule.touches)(&case);
            touched.sort();
            touched.dedup();
            Some(Difference {
                row: rule.row,
                title: rule.title,
                here: rule.here,
                there: there.behaviour,
                severity: there.severity,
                remedy: there.remedy,
                touched,
            })
        })
        .collect();
    found.sort_by_key(|difference| {
        (
            difference.touched.is_empty(),
            difference.severity,
            difference.row,
        )
    });
    found
}
