//! What the site's settings and plain safety say about a request before anything runs.

use crate::cgi::request_head::RequestHead;
use crate::cgi::violation::Strictness;
use crate::exchange::Refusal;
use crate::site::Settings;
use crate::site::config::{self, SiteConfig};
use crate::site::script::{InterpreterState, ScriptFacts};
use std::net::{IpAddr, SocketAddr};

/// Refuses a request that a browser makes on behalf of a strange page.
///
/// A page on the web can point its own name at this computer (DNS rebinding) and would then read every answer.
/// So what a browser asks for must name this computer, or a host that the site allows (`server.hosts`).
/// Other clients are served whatever their Host, so that virtual hosts can be tried with curl.
pub(super) fn may_be_asked(
    head: &RequestHead,
    local: SocketAddr,
    config: &SiteConfig,
) -> Result<(), Refusal> {
    let Some(host) = head.first("host").filter(|_| is_from_browser(head)) else {
        return Ok(());
    };
    let name = host_name(host);
    let allowed = config
        .server
        .hosts
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(&name));
    if allowed || names_this_computer(&name, local) {
        return Ok(());
    }
    Err(Refusal {
        status: 421,
        reason: format!(
            "a browser asks for the host \"{name}\", which is neither a name of this computer nor in server.hosts"
        ),
        authority: "RFC 9110 §15.5.20".to_owned(),
        at: None,
        excerpt: host.to_vec(),
    })
}

/// The fields that browsers add do not suffice: to a plain http:// name that is not this computer's they send
/// neither Sec-Fetch-* nor, for a simple GET of the same origin, Origin. All of them call themselves Mozilla.
fn is_from_browser(head: &RequestHead) -> bool {
    let calls_itself_mozilla = head
        .first("user-agent")
        .is_some_and(|agent| agent.starts_with(b"Mozilla/"));
    calls_itself_mozilla || head.first("origin").is_some() || head.first("sec-fetch-site").is_some()
}

fn host_name(host: &[u8]) -> String {
    let host = String::from_utf8_lossy(host).to_ascii_lowercase();
    if let Some(end) = host.find(']') {
        return host[..=end].to_owned();
    }
    host.split(':').next().unwrap_or_default().to_owned()
}

fn names_this_computer(name: &str, local: SocketAddr) -> bool {
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || address == local.ip().to_canonical(),
        Err(_) => false,
    }
}

/// The site's choice, in the parser's terms.
pub(super) fn strictness(settings: &Settings) -> Strictness {
    match settings.strictness {
        config::Strictness::Strict => Strictness::Strict,
        config::Strictness::Default => Strictness::Default,
        config::Strictness::Lenient => Strictness::Lenient,
    }
}

/// php-cgi refuses to run without REDIRECT_STATUS (its guard against being called directly).
pub(super) fn runs_php(facts: &ScriptFacts) -> bool {
    let path = match &facts.interpreter {
        InterpreterState::Mapped { path, .. } | InterpreterState::Shebang { path, .. } => path,
        _ => return false,
    };
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("php"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_computer_pass_and_no_others() {
        let local: SocketAddr = "127.0.0.1:8000".parse().unwrap();
        for (host, passes) in [
            ("localhost:8000", true),
            ("127.0.0.1:8000", true),
            ("127.8.9.1", true),
            ("[::1]:8000", true),
            ("my.localhost", true),
            ("evil.example:8000", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(
                names_this_computer(&host_name(host.as_bytes()), local),
                passes,
                "{host}"
            );
        }
    }
}
