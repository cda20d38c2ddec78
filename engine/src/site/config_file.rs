//! `cgi-studio.toml` on disk: a regular file of UTF-8 text, within bounds.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::config::{ConfigProblem, SiteConfig};
use super::config_reader::{parse, unread};
use super::config_scopes::may_hold_rules;

/// A larger file is no configuration.
const LARGEST_FILE_BYTES: u64 = 1 << 20;

/// Why a file gives no text.
struct Unread {
    reason: String,
    /// Whether it may hold rules of access.
    may_restrict: bool,
}

/// Reads `file`; see [`SiteConfig::read`].
pub(super) fn read(file: &Path) -> (SiteConfig, Vec<ConfigProblem>) {
    match text_of(file) {
        Ok(Some(text)) => parse(file, &text),
        Ok(None) => (SiteConfig::default(), Vec::new()),
        Err(Unread {
            reason,
            may_restrict,
        }) => unread(file, &reason, may_restrict),
    }
}

fn text_of(file: &Path) -> Result<Option<String>, Unread> {
    let unread = |reason: String, may_restrict: bool| Unread {
        reason,
        may_restrict,
    };
    let cannot_read = |error| unread(format!("cannot read the configuration: {error}"), true);
    let metadata = match file.metadata() {
        Ok(metadata) => metadata,
        // A link that leads nowhere is a configuration that cannot be read, and not none.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.is_symlink() => {
            return Ok(None);
        }
        Err(error) => return Err(cannot_read(error)),
    };
    // A pipe of this name would hold up the start for ever.
    if !metadata.is_file() {
        let reason = "the configuration is not a regular file".to_owned();
        return Err(unread(reason, false));
    }
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|opened| opened.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(cannot_read)?;
    let may_restrict = may_hold_rules(&bytes);
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        // What was not read may hold rules, whatever was.
        let reason = "the configuration is larger than 1 MiB".to_owned();
        return Err(unread(reason, true));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let reason = format!("the configuration is not UTF-8 from byte {at}");
        unread(reason, may_restrict)
    })?;
    Ok(Some(
        text.strip_prefix('\u{feff}')
            .map(str::to_owned)
            .unwrap_or(text),
    ))
}
