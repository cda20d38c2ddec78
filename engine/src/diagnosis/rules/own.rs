//! Breaches of RFC 3875 that no row of the catalogue names, and the studio's own rules.

use super::catalogue::row;
use super::{Rule, When, code};
use crate::diagnosis::finding::Blame::{Client, Script, Server, Site};
use crate::diagnosis::finding::Severity::{Error, Note, Warning};
use crate::diagnosis::finding::Stage::{Environment, Output, Process, Request, Response};
use When::{After, Before, Both};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    row(code::EXIT_CODE, Warning, Script, Process, After, "exceptions", "The page was sent, but the script's exit code says failure", "", "Look at its standard error; end with code 0 when all is well."),
    row(101, Error, Script, Output, After, "headers", "A line among the headers has no colon", "RFC 3875 §6.3", "Print an empty line after the last header, and messages to standard error."),
    row(102, Error, Script, Output, After, "headers", "A header name is not made of letters, digits and hyphens", "RFC 3875 §6.3", "Check the name; send messages to standard error."),
    row(103, Error, Script, Output, After, "headers", "A header value holds a control character", "RFC 3875 §6.3", "Remove control characters from the value."),
    row(104, Error, Script, Output, After, "headers", "The output starts with an empty line, so it has no headers", "RFC 3875 §6.2", "Remove what prints the empty line, or print the headers before it."),
    row(105, Error, Script, Output, After, "headers", "There is white space between a header name and its colon", "RFC 3875 §6.3", "Remove it."),
    row(106, Error, Script, Output, After, "headers", "A header goes on in the next line", "RFC 3875 §6.3", "Print the header in one line."),
    row(107, Error, Script, Output, After, "headers", "The first header line starts with white space", "RFC 3875 §6.3", "Remove the white space, for instance with textwrap.dedent."),
    row(108, Error, Script, Output, After, "headers", "The line that should be empty holds white space", "RFC 3875 §6.2", "Print a line with nothing in it: print()"),
    row(109, Error, Script, Output, After, "headers", "A line ends with a carriage return only", "RFC 3875 §7.2", "End lines with \\n."),
    row(110, Error, Script, Output, After, "headers", "An invisible byte order mark stands before the first header", "RFC 3875 §6.3", "Write with encoding utf-8, not utf-8-sig; save the script without BOM."),
    row(111, Error, Script, Output, After, "headers", "A header line is longer than this server accepts", "RFC 3875 §9.6", "Print a Content-Type line and an empty line first."),
    row(112, Error, Script, Output, After, "headers", "The headers are larger than this server accepts", "RFC 3875 §9.6", "Print an empty line after the last header: print()"),
    row(113, Error, Script, Output, After, "headers", "There are more headers than this server accepts", "RFC 3875 §9.6", "Print an empty line after the last header: print()"),
    row(114, Warning, Script, Output, After, "headers", "Content-Type, Location or Status was given more than once", "RFC 3875 §6.3", "Print it once; a library that you use may print it too."),
    row(115, Error, Script, Output, After, "status", "A Status from 100 to 199 is no final answer", "RFC 3875 §6.3.3", "Use 200 or a higher number."),
    row(116, Warning, Script, Output, After, "length", "The Content-Length is not one decimal number", "RFC 3875 §6.3.4", "Leave Content-Length out."),
    row(117, Note, Script, Output, After, "headers", "Date and Server are the server's to send", "RFC 3875 §6.3.4", "Leave them out."),
    row(118, Note, Script, Output, After, "headers", "An X-CGI- field is for the server", "RFC 3875 §6.3.5", "Give the field another name."),
    row(119, Warning, Script, Output, After, "redirects", "A local redirect may have no other header", "RFC 3875 §6.2.2", "Print Location alone, then an empty line."),
    row(120, Warning, Script, Output, After, "redirects", "A Location that starts with two slashes names another host", "RFC 3875 §6.3.2", "Begin with one slash for a path of this server."),
    row(121, Warning, Script, Output, After, "redirects", "The Location is neither a full URL nor a path that starts with a slash", "RFC 3875 §6.3.2", "Print a path from the root, such as /cgi-bin/next.py, or a full URL."),
    row(122, Warning, Script, Output, After, "redirects", "A local Location cannot have a fragment", "RFC 3875 §6.3.2", "Leave the fragment out, or print a full URL."),
    row(123, Warning, Script, Output, After, "redirects", "The Location holds a character that must be percent-encoded", "RFC 3875 §6.3.2", "Build it with urllib.parse.quote."),
    row(124, Warning, Script, Output, After, "redirects", "A redirect with a page needs a Status", "RFC 3875 §6.2.4", "Print Status: 302 Found too, or leave the page out."),
    row(125, Warning, Script, Output, After, "redirects", "A redirect without a page may have no other header", "RFC 3875 §6.2.3", "Add Status: 302 Found."),
    row(126, Warning, Script, Output, After, "redirects", "The Status beside the Location redirects nobody", "RFC 3875 §6.2.4", "Print Status: 303 See Other, or leave one of the two out."),
    row(127, Warning, Script, Output, After, "status", "A response with this status has no page", "RFC 3875 §6.4", "Print nothing after the empty line."),
    row(128, Note, Script, Output, After, "status", "The answer to HEAD has no page", "RFC 3875 §4.3.3", "A script that makes costly pages can leave when REQUEST_METHOD is HEAD."),
    row(code::NPH_STATUS_LINE, Error, Script, Output, After, "status", "The NPH script printed no status line", "RFC 3875 §5.2", "Print a line like HTTP/1.1 200 OK first, or take nph- out of the name."),
    row(code::NOT_STARTED, Error, Server, Process, After, "starting", "The script could not be started", "execve(2)", "Look at the reason; the script's file shows no fault."),
    row(code::REQUEST_REFUSED, Error, Client, Request, After, "requests", "The request was refused", "RFC 9112", "Mend the request; the script is not involved."),
    row(code::REQUEST_BODY, Warning, Client, Request, After, "requests", "The request body is short, too long or broken", "RFC 9112 §6.3, RFC 3875 §4.2", "Send as many bytes as Content-Length says."),
    row(code::CLIENT_GONE, Note, Client, Response, After, "requests", "The client hung up before the answer was complete", "RFC 3875 §3.4", "Nothing is wrong when a visitor presses Stop or leaves; a page that many leave may be too slow."),
    row(code::STOPPED, Note, Server, Response, After, "time", "The run was stopped", "", "Send the request again."),
    row(code::STUDIO_FAILED, Error, Server, Response, After, "requests", "The studio could not answer", "", "Send the request again; if it happens again, report it."),
    row(code::VARIABLE_OVERRIDDEN, Note, Site, Environment, After, "environment", "The site's settings override a variable", "RFC 3875 §4.1", "Choose another name in cgi-studio.toml, unless this is meant."),
    row(code::ENCODED_SLASH, Warning, Client, Environment, After, "environment", "An encoded slash in the path has lost its difference from a real one", "RFC 3875 §4.1.5", "Put such a value into the query, or read REQUEST_URI, which is not decoded."),
    row(code::NO_LENGTH, Note, Client, Request, After, "requests", "A request that should have a body names no length", "RFC 1945 §7.2.2, RFC 3875 §4.1.2", "Send Content-Length."),
    row(code::SYNTAX, Error, Script, Process, After, "exceptions", "The interpreter cannot read the script", "", "Mend that line, or the one above it, where a bracket or quote may be open."),
    row(code::REFLECTED, Note, Script, Response, After, "security", "Text of the request stands in the page as it came", "CWE-79", "Pass it through html.escape before it is printed."),
    row(code::PATH_IN_UPLOAD, Note, Client, Request, After, "security", "The name of an uploaded file leads into another folder", "RFC 7578 §4.2, CWE-22", "Keep the last part only, or choose the name yourself."),
    row(code::SHELL_INJECTION, Note, Script, Process, Both, "security", "Text that is put together is run by a shell", "CWE-78", "Pass a list of words: subprocess.run([\"ls\", folder])"),
    row(code::SILENT_INTERPRETER, Note, Site, Process, Before, "python-versions", "The interpreter gave no answer when it was asked about the script", "", "Start it in a terminal with -c 'print(1)'; if it hangs there too, let the first line name another."),
];
