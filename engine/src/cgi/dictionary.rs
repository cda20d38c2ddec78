//! What each variable means and where people stumble over it, one sentence each.

/// The variables that RFC 3875 defines by name, in its order (§4.1.1 to §4.1.17).
pub const STANDARD: [&str; 17] = [
    "AUTH_TYPE",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "GATEWAY_INTERFACE",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_IDENT",
    "REMOTE_USER",
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
];

/// The entry for one variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// What the variable says.
    pub meaning: &'static str,
    /// What is easily got wrong with it.
    pub trap: &'static str,
    /// Where it is defined.
    pub section: &'static str,
    /// RFC 3875 defines it by name; otherwise it is an extension or a request header.
    pub standard: bool,
}

const fn standard(section: &'static str, meaning: &'static str, trap: &'static str) -> Description {
    Description {
        meaning,
        trap,
        section,
        standard: true,
    }
}

const fn extension(meaning: &'static str, trap: &'static str) -> Description {
    Description {
        meaning,
        trap,
        section: "extension",
        standard: false,
    }
}

const fn header(section: &'static str, meaning: &'static str, trap: &'static str) -> Description {
    Description {
        meaning,
        trap,
        section,
        standard: false,
    }
}

/// The entry for a variable, or `None` if it is one that only the site knows.
#[must_use]
pub fn describe(name: &str) -> Option<Description> {
    describe_standard(name)
        .or_else(|| describe_extension(name))
        .or_else(|| describe_header(name))
}

#[rustfmt::skip]
fn describe_standard(name: &str) -> Option<Description> {
    Some(match name {
        "AUTH_TYPE" => standard("§4.1.1", "How the user logged in, Basic for instance.", "Set only after the server itself has checked the login; a header alone is no login."),
        "CONTENT_LENGTH" => standard("§4.1.2", "How many bytes of request body wait on standard input.", "It is absent without a body, and it counts bytes, not characters: read exactly that many."),
        "CONTENT_TYPE" => standard("§4.1.3", "The media type of the request body.", "For an upload it carries the boundary; look at it before you parse the body."),
        "GATEWAY_INTERFACE" => standard("§4.1.4", "The version of the contract between server and script: CGI/1.1.", "Whether it is there tells a program if it runs as a CGI script at all."),
        "PATH_INFO" => standard("§4.1.5", "What follows the script's name in the URL path, already decoded.", "It is absent when nothing follows, and an encoded slash can no longer be told from a real one."),
        "PATH_TRANSLATED" => standard("§4.1.6", "PATH_INFO as a file name below the document root.", "Nobody has looked whether there is such a file."),
        "QUERY_STRING" => standard("§4.1.7", "What follows the question mark in the URL, still encoded.", "It is always set but may be empty; decode it with urllib.parse.parse_qs and not by hand."),
        "REMOTE_ADDR" => standard("§4.1.8", "The network address that the request came from.", "Behind a proxy it is the address of the proxy."),
        "REMOTE_HOST" => standard("§4.1.9", "The client's host name, or its address when no name was looked up.", "Here it always equals REMOTE_ADDR, and on other servers it may be absent."),
        "REMOTE_IDENT" => standard("§4.1.10", "What the client's machine says about who is logged in there.", "The protocol behind it is obsolete; expect it to be absent."),
        "REMOTE_USER" => standard("§4.1.11", "The name of the user who logged in.", "Absent where no login was required, so os.environ['REMOTE_USER'] raises a KeyError there."),
        "REQUEST_METHOD" => standard("§4.1.12", "The HTTP method exactly as it was sent: GET, POST and so on.", "Case matters, and HEAD wants the same headers as GET but no body."),
        "SCRIPT_NAME" => standard("§4.1.13", "The URL path that leads to this script.", "Use it for links back to the script; it is no file name."),
        "SERVER_NAME" => standard("§4.1.14", "The host name that the client asked for.", "It may come from the Host header, which the client can set to anything: do not base trust on it."),
        "SERVER_PORT" => standard("§4.1.15", "The port that the request came in on.", "It is text, and behind a proxy it is not the port in the user's address bar."),
        "SERVER_PROTOCOL" => standard("§4.1.16", "The name and version of the protocol of the request.", "It speaks of the request; the server alone decides about the version of the response."),
        "SERVER_SOFTWARE" => standard("§4.1.17", "The name and version of the server.", "It is for information only; do not let a script depend on it."),
        _ => return None,
    })
}

#[rustfmt::skip]
fn describe_extension(name: &str) -> Option<Description> {
    Some(match name {
        "DOCUMENT_ROOT" => extension("The folder that the URL / maps to.", "Another server may not set it; a script finds its own files beside __file__."),
        "HTTPS" => extension("The text on when the connection is encrypted.", "It is absent for plain HTTP, and behind a proxy that ends the encryption."),
        "PATH" => extension("The folders in which programs are looked for.", "It is shorter than in your shell, so a command that works there may not be found here."),
        "REDIRECT_QUERY_STRING" => extension("The query of the request before a local redirect.", "QUERY_STRING is that of the new path."),
        "REDIRECT_REQUEST_METHOD" => extension("The method of the request that failed.", "An error document is always asked for by GET."),
        "REDIRECT_STATUS" => extension("The status of the step before a local redirect.", "php-cgi refuses to run when it is not set."),
        "REDIRECT_URL" => extension("The path that was asked for before a local redirect.", "It is there only after a redirect inside the server."),
        "REMOTE_PORT" => extension("The port at the client's end of the connection.", "It changes with every connection and identifies nobody."),
        "REQUEST_SCHEME" => extension("http or https.", "Behind a proxy it is the scheme that the proxy used."),
        "REQUEST_URI" => extension("Path and query as the client sent them, still encoded.", "Unlike SCRIPT_NAME and PATH_INFO it is not decoded, and some servers do not set it."),
        "SCRIPT_FILENAME" => extension("The script's file, as an absolute path.", "It is a file name and does not belong into a link."),
        "SERVER_ADDR" => extension("The address that the request came in on.", "A server with several addresses shows the one that was used."),
        "LANG" | "LC_ALL" | "LC_CTYPE" => extension("The language and the character set that programs use.", "Without it the C locale counts, in which older Pythons cannot print beyond ASCII."),
        "TZ" => extension("The time zone that programs show times in.", "Without it the zone of the machine counts, which may differ on the real host."),
        "HOME" => extension("The home folder of a user.", "A CGI script usually has none: programs that look for their settings there fail."),
        "LD_LIBRARY_PATH" => extension("More folders in which shared libraries are looked for.", "It changes which libraries every program loads that the script starts."),
        "PYTHONPATH" => extension("More folders from which Python imports modules.", "Set in your shell only, it makes an import work there and fail here."),
        "PYTHONUNBUFFERED" => extension("Python writes its output at once.", "It hides mistakes in the order of output, which come back on a server without it."),
        "PYTHONIOENCODING" => extension("The character set of Python's input and output.", "It hides encoding mistakes, which come back on a server without it."),
        _ => return None,
    })
}

#[rustfmt::skip]
fn describe_header(name: &str) -> Option<Description> {
    Some(match name {
        "HTTP_ACCEPT" => header("RFC 9110 §12.5.1", "The media types that the client would like, best ones weighted by q.", "Browsers send */* along, so its presence proves little."),
        "HTTP_ACCEPT_ENCODING" => header("RFC 9110 §12.5.3", "The compressions that the client understands.", "A script that compresses its output has to say so in Content-Encoding."),
        "HTTP_ACCEPT_LANGUAGE" => header("RFC 9110 §12.5.4", "The languages that the user prefers, in order of their weights.", "It is a list with weights and not one language."),
        "HTTP_AUTHORIZATION" => header("§9.2", "The login data that the client sent.", "Servers withhold it from scripts unless they are told otherwise, because it holds a password."),
        "HTTP_PROXY_AUTHORIZATION" => header("§9.2", "Login data meant for a proxy.", "It holds a password and is withheld from scripts."),
        "HTTP_PROXY" => header("CVE-2016-5385", "A request header named Proxy.", "It is never passed on: libraries would take it for the address of their own proxy (httpoxy)."),
        "HTTP_CACHE_CONTROL" => header("RFC 9111 §5.2", "What the client asks of caches on the way; a forced reload sends no-cache.", "What the browser keeps is decided by the Cache-Control of your response."),
        "HTTP_CONNECTION" => header("RFC 9110 §7.6.1", "What the client wants to happen to its connection.", "The connection is the server's business; a script need not look at it."),
        "HTTP_COOKIE" => header("RFC 6265 §4.2", "All cookies for this URL, joined by semicolons.", "Absent on a first visit; parse it with http.cookies and trust none of it."),
        "HTTP_EXPECT" => header("RFC 9110 §10.1.1", "The client waits for a 100 Continue before it sends its body.", "The server has answered it already when the script runs."),
        "HTTP_HOST" => header("RFC 9110 §7.2", "The host and the port in the address that the client used.", "The client can write anything there; SERVER_NAME is the same without the port."),
        "HTTP_IF_MODIFIED_SINCE" => header("RFC 9110 §13.1.3", "The client has a copy from that time and asks for a newer one only.", "No server answers it for a script: compare and print Status: 304 yourself."),
        "HTTP_IF_NONE_MATCH" => header("RFC 9110 §13.1.2", "The tags of the copies that the client has.", "It is a list, and the tags keep their quotation marks."),
        "HTTP_ORIGIN" => header("RFC 6454 §7", "The site whose page sent this request.", "Before some requests the browser sends OPTIONS and waits for a permission."),
        "HTTP_RANGE" => header("RFC 9110 §14.2", "The part of the document that the client wants.", "A script may ignore it and send everything with status 200."),
        "HTTP_REFERER" => header("RFC 9110 §10.1.3", "The page that the user came from.", "It is often absent or cut short, and easily forged; the misspelling is the standard's."),
        "HTTP_SEC_FETCH_SITE" => header("W3C Fetch Metadata", "Whether the request came from the same site, another one, or the address bar.", "Only browsers send it."),
        "HTTP_TRANSFER_ENCODING" => header("§4.2", "How the body was cut up on its way to the server.", "The server has put the body together again, so a script never sees it."),
        "HTTP_CONTENT_LENGTH" => header("§4.1.18", "The Content-Length field.", "It is in CONTENT_LENGTH, without HTTP_ before it."),
        "HTTP_CONTENT_TYPE" => header("§4.1.18", "The Content-Type field.", "It is in CONTENT_TYPE, without HTTP_ before it."),
        "HTTP_UPGRADE_INSECURE_REQUESTS" => header("W3C Upgrade Insecure Requests", "The browser would rather be sent to the https:// page.", "It comes with every page that a browser loads and can be ignored."),
        "HTTP_USER_AGENT" => header("RFC 9110 §10.1.5", "What the client says it is.", "Anybody can send anything there; do not choose features by it."),
        "HTTP_X_FORWARDED_FOR" => header("no standard", "The client's address as a proxy saw it, with those of further proxies.", "Anybody can send it: trust it only from your own proxy."),
        "HTTP_X_FORWARDED_PROTO" => header("no standard", "The scheme that the client used to reach a proxy.", "Anybody can send it: trust it only from your own proxy."),
        "HTTP_FORWARDED" => header("RFC 7239", "What proxies on the way changed: addresses, host and scheme.", "Anybody can send it: trust it only from your own proxy."),
        "HTTP_X_REQUESTED_WITH" => header("no standard", "Some JavaScript libraries mark their requests with it.", "fetch() does not send it, so its absence proves nothing."),
        name if name.starts_with("HTTP_") => header("§4.1.18", "A request header: its name in upper case, with underscores for hyphens.", "The client chose the value, and repeated headers are joined into one."),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, standard: bool) {
        let description = describe(name).unwrap_or_else(|| panic!("{name} has no entry"));
        assert_eq!(description.standard, standard, "{name}");
        for sentence in [description.meaning, description.trap] {
            assert!(
                sentence.ends_with('.') && !sentence.contains(". "),
                "{name}: {sentence}"
            );
        }
    }

    #[test]
    fn every_variable_that_a_request_can_have_is_described() {
        for name in STANDARD {
            check(name, true);
        }
        for name in [
            "DOCUMENT_ROOT",
            "HTTPS",
            "PATH",
            "REDIRECT_QUERY_STRING",
            "REDIRECT_REQUEST_METHOD",
            "REDIRECT_STATUS",
            "REDIRECT_URL",
            "REMOTE_PORT",
            "REQUEST_SCHEME",
            "REQUEST_URI",
            "SCRIPT_FILENAME",
            "SERVER_ADDR",
            "HTTP_HOST",
            "HTTP_COOKIE",
            "HTTP_USER_AGENT",
            "HTTP_ACCEPT",
            "HTTP_REFERER",
            "HTTP_X_SOMETHING",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn a_variable_of_the_site_has_no_entry() {
        assert_eq!(describe("MY_DATABASE"), None);
        assert_eq!(describe(""), None);
    }
}
