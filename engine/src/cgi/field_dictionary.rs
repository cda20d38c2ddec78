//! What each field of a request or a response means: one sentence each, with the place that defines it.

/// The entry for one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDescription {
    /// The name, as it is usually written.
    pub name: &'static str,
    /// What the field says.
    pub meaning: &'static str,
    /// Where it is defined.
    pub authority: &'static str,
}

/// The entry for a field of HTTP, whatever the case of its name; `None` for a name that no standard knows.
#[must_use]
pub fn describe_field(name: &[u8]) -> Option<FieldDescription> {
    find(&FIELDS, name)
}

/// The entry for a field that a script prints: the ones with a meaning of their own in CGI, then those of HTTP.
#[must_use]
pub fn describe_script_field(name: &[u8]) -> Option<FieldDescription> {
    find(&SCRIPT_FIELDS, name).or_else(|| describe_field(name))
}

fn find(
    fields: &[(&'static str, &'static str, &'static str)],
    name: &[u8],
) -> Option<FieldDescription> {
    fields
        .iter()
        .find(|(known, ..)| known.as_bytes().eq_ignore_ascii_case(name))
        .map(|&(name, authority, meaning)| FieldDescription {
            name,
            meaning,
            authority,
        })
}

/// What a script says to its server.
#[rustfmt::skip]
static SCRIPT_FIELDS: [(&str, &str, &str); 3] = [
    ("Content-Type", "RFC 3875 §6.3.1", "The media type of what follows the empty line; a script that prints a body has to name it."),
    ("Location", "RFC 3875 §6.3.2", "A path sends the server to another resource of this site, a whole URL sends the client there."),
    ("Status", "RFC 3875 §6.3.3", "The status of the answer, as a number and a few words; the server makes the status line of it and sends no such field."),
];

#[rustfmt::skip]
static FIELDS: [(&str, &str, &str); 118] = [
    ("A-IM", "RFC 3229 §10.5.3", "The kinds of change sets that the client could apply to the copy it has."),
    ("Accept", "RFC 9110 §12.5.1", "The media types that the client can show, with weights for what it likes best."),
    ("Accept-CH", "RFC 8942 §3.1", "The hints about itself that the server wants the client to send from now on."),
    ("Accept-Charset", "RFC 9110 §12.5.2", "The character sets that the client takes; out of use, since everybody takes UTF-8."),
    ("Accept-Encoding", "RFC 9110 §12.5.3", "The compressions that the client can undo."),
    ("Accept-Language", "RFC 9110 §12.5.4", "The languages that the user reads, with weights for the order."),
    ("Accept-Patch", "RFC 5789 §3.1", "The formats of change that this resource takes with PATCH."),
    ("Accept-Post", "W3C LDP §7.1", "The media types that this resource takes with POST."),
    ("Accept-Ranges", "RFC 9110 §14.3", "Whether parts of the document can be asked for, and in which unit."),
    ("Access-Control-Allow-Credentials", "Fetch §3.3.3", "Scripts of another site may read the answer to a request that carried cookies."),
    ("Access-Control-Allow-Headers", "Fetch §3.3.3", "The fields that scripts of another site may add to their requests."),
    ("Access-Control-Allow-Methods", "Fetch §3.3.3", "The methods that scripts of another site may use."),
    ("Access-Control-Allow-Origin", "Fetch §3.3.3", "The site whose scripts may read this answer; a star is any site, without cookies."),
    ("Access-Control-Expose-Headers", "Fetch §3.3.3", "The fields of this answer that scripts of another site may read."),
    ("Access-Control-Max-Age", "Fetch §3.3.3", "How many seconds the browser may remember what it was permitted."),
    ("Access-Control-Request-Headers", "Fetch §3.3.2", "The fields that a script wants to send to another site; the browser asks before it does."),
    ("Access-Control-Request-Method", "Fetch §3.3.2", "The method that a script wants to use on another site; the browser asks before it does."),
    ("Age", "RFC 9111 §5.1", "How many seconds ago a cache got this answer from its origin or checked it there."),
    ("Allow", "RFC 9110 §10.2.1", "The methods that this resource takes; an answer with status 405 has to name them."),
    ("ALPN", "RFC 7639 §2", "The protocols that the client means to speak through the tunnel that it asks for."),
    ("Alt-Svc", "RFC 7838 §3", "Another host, port or protocol where the same site can be had."),
    ("Alt-Used", "RFC 7838 §5", "The other place of the site that the client has chosen."),
    ("Authentication-Info", "RFC 9110 §11.6.3", "More about a login that went well, such as the number to be used next."),
    ("Authorization", "RFC 9110 §11.6.2", "The proof of a login; with Basic it is the name and the password, hardly hidden."),
    ("Cache-Control", "RFC 9111 §5.2", "What caches on the way and in the browser may keep, and for how long."),
    ("Cache-Status", "RFC 9211 §2", "How each cache on the way dealt with the request."),
    ("CDN-Cache-Control", "RFC 9213 §2", "The same as Cache-Control, for the caches of a delivery network only."),
    ("CDN-Loop", "RFC 8586 §2", "The delivery networks that the request has passed, so that it cannot go round in circles."),
    ("Clear-Site-Data", "W3C Clear Site Data §3", "What the browser shall forget of this site: cookies, storage, cache."),
    ("Close", "RFC 9110 §7.6.1", "No field but a reserved word of Connection, which must not be used as a name."),
    ("Connection", "RFC 9110 §7.6.1", "What holds for this one connection only, such as whether it stays open."),
    ("Content-Digest", "RFC 9530 §2", "A checksum of exactly the bytes in this body."),
    ("Content-Disposition", "RFC 6266 §4", "Whether to show the document or to save it, and under which file name."),
    ("Content-DPR", "Client Hints", "How many pixels of the picture make one pixel of the page."),
    ("Content-Encoding", "RFC 9110 §8.4", "How the document was compressed; the client has to undo it."),
    ("Content-Language", "RFC 9110 §8.5", "The language of the people that the document is for."),
    ("Content-Length", "RFC 9110 §8.6", "How many bytes of body follow the empty line."),
    ("Content-Location", "RFC 9110 §8.7", "The URL of exactly the variant that this is."),
    ("Content-Range", "RFC 9110 §14.4", "Which part of the whole document this body is."),
    ("Content-Security-Policy", "W3C CSP §3.1", "From where the page may load scripts, pictures and the rest; the browser refuses everything else."),
    ("Content-Security-Policy-Report-Only", "W3C CSP §3.2", "The same as Content-Security-Policy, but breaches are reported and not stopped."),
    ("Content-Type", "RFC 9110 §8.3", "The media type of the body, and for text its character set."),
    ("Cookie", "RFC 6265 §4.2", "The small values that this site asked the browser to keep, sent back."),
    ("Critical-CH", "Client Hints", "Hints without which the answer would be another one; the client asks again with them."),
    ("Cross-Origin-Embedder-Policy", "HTML §7.1.4", "Whether the page loads from other sites only what permits it."),
    ("Cross-Origin-Opener-Policy", "HTML §7.1.3", "Whether windows of other sites can reach the window of this page."),
    ("Cross-Origin-Resource-Policy", "Fetch §3.7", "Which sites may embed this document."),
    ("Date", "RFC 9110 §6.6.1", "When the message was made, in universal time."),
    ("Depth", "RFC 4918 §10.2", "How far below a folder a WebDAV request reaches."),
    ("Destination", "RFC 4918 §10.3", "Where to a WebDAV request copies or moves."),
    ("DNT", "W3C Tracking Preference §5", "The user would rather not be tracked; given up by most browsers."),
    ("Early-Data", "RFC 8470 §5.1", "The request came before the encryption was complete, and somebody may have repeated it."),
    ("ETag", "RFC 9110 §8.8.3", "A tag for this version of the document, by which a client asks later whether it has changed."),
    ("Expect", "RFC 9110 §10.1.1", "The client waits with its body until the server says 100 Continue."),
    ("Expires", "RFC 9111 §5.3", "The time after which a kept copy is stale; Cache-Control wins where both stand."),
    ("Forwarded", "RFC 7239 §4", "What proxies on the way hid: the client's address, the host, the scheme."),
    ("From", "RFC 9110 §10.1.2", "The mail address of whoever runs a robot."),
    ("Host", "RFC 9110 §7.2", "The host and the port in the address that the client used; every request of HTTP/1.1 has to have one."),
    ("HTTP2-Settings", "RFC 7540 §3.2.1", "Settings for a change to HTTP/2 in the same connection; out of use."),
    ("If", "RFC 4918 §10.4", "The locks and tags that a WebDAV request depends on."),
    ("If-Match", "RFC 9110 §13.1.1", "Do it only when the document still has one of these tags, so that no change of others is lost."),
    ("If-Modified-Since", "RFC 9110 §13.1.3", "Send the document only when it is newer than the copy of that time; else answer 304."),
    ("If-None-Match", "RFC 9110 §13.1.2", "Send the document only when it has none of these tags; else answer 304."),
    ("If-Range", "RFC 9110 §13.1.5", "Send the part only when the document is still the same; else send all of it."),
    ("If-Unmodified-Since", "RFC 9110 §13.1.4", "Do it only when the document has not changed since that time."),
    ("Keep-Alive", "RFC 2068 §19.7.1", "How long an open connection is kept and for how many requests; only hints."),
    ("Last-Modified", "RFC 9110 §8.8.2", "When the document was changed last, as far as the server knows."),
    ("Link", "RFC 8288 §3", "Another resource and how it is related to this one, such as the next page or a style sheet."),
    ("Location", "RFC 9110 §10.2.2", "Where to go instead, or what was made; the status says which."),
    ("Lock-Token", "RFC 4918 §10.5", "The lock that a WebDAV request is about."),
    ("Max-Forwards", "RFC 9110 §7.6.2", "How many proxies may still pass a TRACE or OPTIONS on."),
    ("NEL", "W3C Network Error Logging §4", "To where the browser reports when the site could not be reached."),
    ("Origin", "RFC 6454 §7", "The site whose page made the browser send this request."),
    ("Origin-Agent-Cluster", "HTML §7.1.2", "The page would like to be kept apart from other pages of the same domain."),
    ("Permissions-Policy", "W3C Permissions Policy §5", "Which abilities of the browser the page may use, such as the camera."),
    ("Pragma", "RFC 9111 §5.4", "The older way to say no-cache; Cache-Control has taken its place."),
    ("Prefer", "RFC 7240 §2", "What the client would like but can do without, such as a shorter answer."),
    ("Preference-Applied", "RFC 7240 §3", "Which wishes of Prefer were granted."),
    ("Priority", "RFC 9218 §5", "How urgent this answer is beside others of the same connection."),
    ("Proxy-Authenticate", "RFC 9110 §11.7.1", "A proxy on the way asks for a login, in one of these ways."),
    ("Proxy-Authorization", "RFC 9110 §11.7.2", "The proof of a login at a proxy; it is not meant for the site."),
    ("Proxy-Connection", "no standard", "A mistaken form of Connection that some old clients send to proxies."),
    ("Proxy-Status", "RFC 9209 §2", "What went wrong at a proxy on the way."),
    ("Range", "RFC 9110 §14.2", "The part of the document that the client wants, usually in bytes."),
    ("Referer", "RFC 9110 §10.1.3", "The page that the user came from, as far as the browser tells; the misspelling is the standard's."),
    ("Referrer-Policy", "W3C Referrer Policy §4", "How much of this page's address the browser tells to the next one."),
    ("Refresh", "HTML §3.1.6", "Load this or another page after so many seconds."),
    ("Report-To", "W3C Reporting", "Where the browser sends its reports; the older form of Reporting-Endpoints."),
    ("Reporting-Endpoints", "W3C Reporting §3.2", "Where the browser sends its reports."),
    ("Repr-Digest", "RFC 9530 §3", "A checksum of the whole document, even when only a part of it is sent."),
    ("Retry-After", "RFC 9110 §10.2.3", "How long to wait before the next attempt, in seconds or as a date."),
    ("Sec-CH-UA", "Client Hints UA §3", "The names and versions that the browser gives itself."),
    ("Sec-CH-UA-Mobile", "Client Hints UA §3", "Whether the browser runs on a small device."),
    ("Sec-CH-UA-Platform", "Client Hints UA §3", "The operating system that the browser says it runs on."),
    ("Sec-Fetch-Dest", "W3C Fetch Metadata §2.1", "What the answer will be used as: a page, a picture, a script."),
    ("Sec-Fetch-Mode", "W3C Fetch Metadata §2.2", "How the request was made: by going to a page, or by a script under which rules."),
    ("Sec-Fetch-Site", "W3C Fetch Metadata §2.3", "Whether the request came from the same site, from another one, or from the address bar."),
    ("Sec-Fetch-User", "W3C Fetch Metadata §2.4", "The user did it, by a click or by typing an address."),
    ("Sec-GPC", "Global Privacy Control", "The user does not want data about them to be sold or shared."),
    ("Sec-Purpose", "Fetch §3.8", "The page is loaded in advance and may never be looked at."),
    ("Sec-WebSocket-Key", "RFC 6455 §11.3.1", "A number that the server has to answer to open a WebSocket; a CGI script cannot."),
    ("Server", "RFC 9110 §10.2.4", "The name and the version of the server."),
    ("Server-Timing", "W3C Server Timing §3", "How long parts of the work took; browsers show it among their own times."),
    ("Set-Cookie", "RFC 6265 §4.1", "A small value for the browser to keep and to send back, with how long and to whom."),
    ("SourceMap", "Source Map §9", "Where the source is of which this script was made."),
    ("Strict-Transport-Security", "RFC 6797 §6.1", "The browser shall use https for this host from now on, for so many seconds."),
    ("TE", "RFC 9110 §10.1.4", "Which ways of cutting up the body the client takes, and whether it takes trailers."),
    ("Timing-Allow-Origin", "W3C Resource Timing §4.5", "Which sites may learn how long this took to load."),
    ("Trailer", "RFC 9110 §6.6.2", "The fields that will come after the body."),
    ("Transfer-Encoding", "RFC 9112 §6.1", "How the body is cut up on its way; chunked, where nobody knew its length before."),
    ("Upgrade", "RFC 9110 §7.8", "Another protocol that this side would speak in the same connection."),
    ("Upgrade-Insecure-Requests", "W3C Upgrade Insecure Requests §3.2", "The browser would rather be sent to the https page."),
    ("User-Agent", "RFC 9110 §10.1.5", "What the client says it is."),
    ("Vary", "RFC 9110 §12.5.5", "The fields of the request that made the answer this one; caches keep the variants apart by them."),
    ("Via", "RFC 9110 §7.6.3", "The proxies that the message has passed."),
    ("Want-Content-Digest", "RFC 9530 §4", "The checksums that this side would like to have."),
    ("WWW-Authenticate", "RFC 9110 §11.6.1", "A login is wanted, in one of these ways; an answer with status 401 has to say so."),
    ("X-Content-Type-Options", "Fetch §3.6", "With nosniff the browser believes the Content-Type and does not guess."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_one_sentence_and_stands_in_its_place() {
        for fields in [&SCRIPT_FIELDS[..], &FIELDS[..]] {
            assert!(
                fields.is_sorted_by_key(|(name, ..)| name.to_ascii_lowercase()),
                "in the order of the alphabet"
            );
            for (name, authority, meaning) in fields {
                assert!(
                    meaning.ends_with('.') && !meaning.contains(". "),
                    "{name}: {meaning}"
                );
                assert!(!authority.is_empty(), "{name}");
            }
        }
    }

    #[track_caller]
    fn check(name: &str, authority: Option<&str>) {
        let found = describe_field(name.as_bytes());
        assert_eq!(found.map(|entry| entry.authority), authority, "{name}");
    }

    #[test]
    fn the_case_of_a_name_does_not_matter_and_unknown_ones_have_no_entry() {
        check("content-TYPE", Some("RFC 9110 §8.3"));
        check("Cookie", Some("RFC 6265 §4.2"));
        check("X-Mine", None);
        check("", None);
        check("Content-Typ\u{e9}", None);
    }

    #[test]
    fn what_a_script_prints_has_the_meaning_that_cgi_gives_it() {
        let authority = |name: &[u8]| describe_script_field(name).map(|entry| entry.authority);
        assert_eq!(authority(b"status"), Some("RFC 3875 §6.3.3"));
        assert_eq!(authority(b"Set-Cookie"), Some("RFC 6265 §4.1"));
        assert_eq!(describe_field(b"Status"), None);
    }
}
