//! The conformance suite: what RFC 3875 asks of a server, asked of any host over the wire.
//!
//! Cases are files in `tests/cases/`, named by the requirement they hold a host to (B1 to B68 of the checklist in
//! `assets/guide/conformance.md`). [`Suite::load`] reads them, [`InstalledSite`] writes the folder of scripts that
//! a host has to serve, [`run`] asks one host, [`Table`] sets the outcomes beside each other.

mod answer;
mod case;
mod host;
mod judge;
mod mutation;
mod requirement;
mod run;
mod seen;
mod site;
mod table;
mod text;
mod wire;

pub use answer::{Answer, bare_line_feeds, faults};
pub use case::{Case, Expect, Level, Suite, SuiteError, Value};
pub use host::{Host, HostError, Ours};
pub use judge::{Mismatch, judge};
pub use mutation::mutations;
pub use requirement::Requirement;
pub use run::{Asking, Outcome, Run, Verdict, run};
pub use site::{InstalledSite, MEMBERS, PASSWORD, USER};
pub use table::Table;
pub use text::Words;
pub use wire::{Observed, observe};
