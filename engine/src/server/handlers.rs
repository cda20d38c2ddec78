//! Scripts that the site names to answer for what is no script: for a kind of file, or for a method.

use super::gateway::Visit;
use super::hop::Hop;
use super::own_answer::OwnAnswer;
use super::reply;
use crate::site::{Resolution, Target};
use std::path::PathBuf;

impl Visit {
    /// The script that the site names for this method, where no script answers by itself (Apache's `Script`).
    pub(super) fn method_script(
        &self,
        resolution: &Resolution,
        hop: &Hop,
        user: Option<&str>,
    ) -> Option<Box<Hop>> {
        let method = std::str::from_utf8(hop.method(&self.head)).ok()?;
        let handler = resolution.settings.method_scripts.get(method)?;
        let answers_itself = matches!(
            resolution.target,
            Target::Script { .. } | Target::Action { .. }
        );
        let is_plain_get = method == "GET" && hop.target.query().is_none();
        // A script that writes what it is told must not be led to the site's own rules.
        if answers_itself || is_plain_get || hop.from.is_some() || resolution.is_withheld() {
            return None;
        }
        self.note_step(format!("{handler} answers every {method} here"));
        let translated = self.site.translate(&hop.path.bytes);
        self.hand_to(handler, &hop.path.bytes, translated, hop, user)
            .ok()
    }

    /// It is the same request, so whoever has logged in for it has logged in for the handler (RFC 3875 §4.1.11).
    pub(super) fn hand_to(
        &self,
        handler: &str,
        path_info: &[u8],
        path_translated: PathBuf,
        hop: &Hop,
        user: Option<&str>,
    ) -> Result<Box<Hop>, OwnAnswer> {
        match hop.to_handler(handler, path_info, path_translated) {
            Ok(next) => Ok(Box::new(Hop {
                user: user.map(str::to_owned),
                ..next
            })),
            Err(error) => Err(reply::bad_location(self, handler.as_bytes(), &error)),
        }
    }
}
