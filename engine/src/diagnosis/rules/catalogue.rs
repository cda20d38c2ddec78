//! The rows 1 to 78 of the catalogue of what goes wrong with CGI scripts.

use super::{LeftOut, Rule, When, code};
use crate::diagnosis::finding::Blame::{Client, Script, Server, Site};
use crate::diagnosis::finding::Severity::{Error, Note, Warning};
use crate::diagnosis::finding::Stage::{Environment, Output, Process, Request, Response};
use crate::diagnosis::finding::{Blame, RuleCode, Severity, Stage};
use When::{After, Before, Both};

pub(super) const LEFT_OUT: [LeftOut; 1] = [(
    18,
    "The store's stand-in for Python, which prints an advertisement and exits with 9009, exists on Windows only; the studio runs on Linux.",
)];

#[allow(clippy::too_many_arguments, reason = "one row of the table below")]
pub(super) const fn row(
    number: u16,
    severity: Severity,
    blame: Blame,
    stage: Stage,
    when: When,
    lesson: &'static str,
    title: &'static str,
    authority: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule {
        code: RuleCode(number),
        severity,
        blame,
        stage,
        when,
        title,
        authority,
        remedy,
        lesson,
    }
}

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The script never starts.
    row(code::NOT_EXECUTABLE, Error, Script, Process, Both, "starting", "The script is not executable", "execve(2) EACCES, RFC 3875 §3.4", "Run chmod 755 on it."),
    row(code::CLOSED_FOLDER, Error, Site, Process, Both, "starting", "The script, or a folder that leads to it, is closed to this user", "open(2) EACCES", "Run chmod +r on the script and chmod +x on the folders that lead to it."),
    row(code::NO_SHEBANG, Error, Script, Process, Both, "shebang", "Nothing says which program runs this script", "execve(2) ENOEXEC", "Begin the first line with #! and the program that runs it."),
    row(code::SHEBANG_TOO_LOW, Error, Script, Process, Both, "shebang", "The #! line is not the first line", "execve(2) ENOEXEC, PEP 263", "Move the #! line to the top; a coding line may be the second."),
    row(code::BLANK_BEFORE_SHEBANG, Error, Script, Process, Both, "shebang", "Something invisible comes before #!", "execve(2) ENOEXEC", "Delete everything before #!"),
    row(code::BYTE_ORDER_MARK, Error, Script, Process, Both, "shebang", "Three invisible bytes come before #!", "execve(2) ENOEXEC", "Save the file as UTF-8 without BOM."),
    row(code::WINDOWS_LINE_END, Error, Script, Process, Both, "shebang", "The first line ends as on Windows", "execve(2) ENOENT", "Save the file with UNIX line ends (LF)."),
    row(code::INTERPRETER_MISSING, Error, Script, Process, Both, "shebang", "The interpreter does not exist", "execve(2) ENOENT", "Name a program in the #! line that is there."),
    row(code::ENV_FINDS_NOTHING, Error, Script, Process, Both, "shebang", "env finds no such program", "env(1) exit status 127", "Write #!/usr/bin/env python3, or extend PATH under [environment] in cgi-studio.toml."),
    row(code::ENV_WITH_WORDS, Error, Script, Process, Both, "shebang", "env is given more than one word", "execve(2), env(1) -S", "Write #!/usr/bin/env -S, or leave the options out."),
    row(code::SHEBANG_TOO_LONG, Error, Script, Process, Both, "shebang", "The #! line is too long for the system", "execve(2) ENOEXEC", "Use a shorter path, or env."),
    row(code::NOT_A_PROGRAM, Error, Script, Process, Both, "shebang", "What should run the script, or the script itself, is no program", "execve(2) EACCES", "Name a program in the #! line that this user may start."),
    row(code::NOEXEC, Error, Site, Process, Both, "starting", "Programs on this file system may not be started", "execve(2) EACCES, mount(8) noexec", "Move the site to another disk, or name an interpreter for the suffix in cgi-studio.toml."),
    row(code::FORBIDDEN_BY_SYSTEM, Error, Site, Process, After, "starting", "The system forbids to start the script, though its rights are fine", "execve(2) EACCES", "Look for SELinux or AppArmor in the system's log; for Apache the label is httpd_sys_script_exec_t."),
    row(code::BEING_WRITTEN, Error, Site, Process, After, "starting", "The script was being written while it should start", "execve(2) ETXTBSY", "Send the request again when it is saved."),
    row(code::RUN_BY_SHELL, Error, Script, Process, After, "shebang", "The Python script was run by the shell", "execve(2) ENOEXEC", "Make #!/usr/bin/env python3 the first line, or correct the suffix's interpreter in cgi-studio.toml."),
    row(code::FOREIGN_PROGRAM, Error, Script, Process, Both, "starting", "The system cannot run this program", "execve(2) ENOEXEC", "Build the program for this system."),
    row(code::SENT_AS_FILE, Warning, Site, Response, After, "places", "A script's source was sent instead of its page", "RFC 3875 §3.3", "Move it into cgi-bin, or add its suffix under [scripts] suffixes in cgi-studio.toml."),
    row(code::NEAR_NAME, Warning, Client, Request, After, "places", "There is nothing of this name, but of one that is nearly the same", "RFC 9110 §15.5.5", "Ask for the name that exists; letter case counts."),
    row(code::SUEXEC, Note, Site, Process, Before, "deployment", "Others than the owner may change the script", "Apache HTTP Server, suexec", "Run chmod go-w on it."),
    // The header block.
    row(code::NOTHING_PRINTED, Error, Script, Output, After, "headers", "The script ended without printing anything", "RFC 3875 §6.1", "Mend what standard error complains about."),
    row(23, Error, Script, Output, After, "headers", "There is no empty line after the headers", "RFC 3875 §6.2", "Print an empty line after the last header: print()"),
    row(24, Error, Script, Output, After, "headers", "The script printed the page before its headers", "RFC 3875 §6.2", "Print a Content-Type line and an empty line first."),
    row(25, Error, Script, Output, After, "headers", "The script printed text before its headers", "RFC 3875 §6.3", "Send such messages to standard error instead: print(…, file=sys.stderr)"),
    row(26, Error, Script, Output, After, "headers", "An exception was printed where the headers should be", "RFC 3875 §6.3", "Leave sys.stderr as it is, so that tracebacks go to standard error."),
    row(code::OVERTAKEN, Error, Script, Output, After, "buffering", "The output of a command overtook the headers", "RFC 3875 §6.2", "Print the headers with flush=True before the command is started, or take its output with capture_output=True."),
    row(code::BYTES_OVERTOOK, Error, Script, Output, After, "buffering", "Bytes overtook the headers that were printed before them", "RFC 3875 §6.2", "Call sys.stdout.flush() after the headers, before sys.stdout.buffer.write."),
    row(code::BLANK_LINE_IN_PAGE, Warning, Script, Output, After, "headers", "The page begins with an empty line", "RFC 3875 §6.2", "End the last header with one empty line only: print adds a line end by itself."),
    row(code::HEADERS_IN_PAGE, Warning, Script, Output, After, "headers", "Header lines stand in the page", "RFC 3875 §6.2", "Print all headers first and the empty line after the last of them."),
    row(31, Error, Script, Output, After, "headers", "The headers name no Content-Type", "RFC 3875 §6.3.1", "Print Content-Type: text/html; charset=utf-8 among the headers."),
    row(code::MISSPELT_HEADER, Error, Script, Output, After, "headers", "A header is misspelt", "RFC 3875 §6.3", "Write Content-Type: text/html, with hyphen, colon and slash."),
    row(code::NO_CHARSET, Warning, Script, Output, After, "encoding", "Nothing says how the letters of the page are encoded", "RFC 3875 §6.3.1", "Add the charset: Content-Type: text/html; charset=utf-8"),
    row(code::WRONG_CHARSET, Warning, Script, Output, After, "encoding", "The page is not in the charset that it declares", "RFC 3875 §6.3.1", "Encode the page as the header says, or declare the encoding that it has."),
    row(code::ENCODING, Error, Script, Process, After, "encoding", "The encoding of standard output lacks a character", "RFC 3875 §6.3.1", "Call sys.stdout.reconfigure(encoding=\"utf-8\") first, and name charset=utf-8 in Content-Type."),
    row(code::TEXT_MODE, Warning, Script, Output, After, "encoding", "Binary data was changed on its way out, as if it were text", "RFC 3875 §6.4", "Write it to sys.stdout.buffer, after sys.stdout.flush(); open files with \"rb\"."),
    row(code::BYTES_PRINTED, Warning, Script, Output, After, "encoding", "Python's way to write bytes down was printed instead of the bytes", "RFC 3875 §6.4", "Write them with sys.stdout.buffer.write, after sys.stdout.flush(), or decode them first."),
    row(38, Warning, Script, Output, After, "length", "Content-Length is not the number of bytes in the page", "RFC 3875 §6.3.4", "Leave Content-Length out, or count the bytes after encoding: len(page.encode())"),
    row(39, Error, Script, Output, After, "status", "The script printed an HTTP status line", "RFC 3875 §6.3", "Print Status: 404 Not Found instead, or let the file's name begin with nph-."),
    row(40, Error, Script, Output, After, "status", "Status must begin with a three-digit number", "RFC 3875 §6.3.3", "Print for instance Status: 404 Not Found"),
    row(code::LOCATION_IN_PAGE, Warning, Script, Output, After, "redirects", "Location was printed after the headers, so nobody is redirected", "RFC 3875 §6.3.2", "Print Location before the empty line that ends the headers."),
    row(code::HOST_IGNORES_FIELD, Warning, Server, Response, After, "deployment", "The host of this run passes Status and Location over", "RFC 3875 §6.3.2, §6.3.3", "That server cannot do it; run the script by another one."),
    row(code::REDIRECT_LOOP, Error, Script, Output, After, "redirects", "The redirects go round in a circle", "RFC 3875 §6.2.2", "Let one of them answer instead of naming the next in Location."),
    row(code::COOKIE_NOT_STORED, Warning, Script, Output, After, "cookies", "The browser will not keep the cookie", "RFC 6265 §5.3", "Correct the attribute that is marked."),
    row(45, Warning, Script, Output, After, "length", "The script set a field that only the server can set", "RFC 3875 §6.3.4", "Leave it out; print the page as it is."),
    row(code::HEADERS_TWICE, Warning, Script, Output, After, "headers", "The headers were printed twice", "RFC 3875 §6.2", "Print them once; a library that you use may print them too."),
    row(code::HEADER_INJECTION, Warning, Script, Output, After, "security", "Whoever asks can add headers of their own", "RFC 3875 §9.1, CWE-113", "Refuse or remove line ends in whatever is copied from a request into a header."),
    // While it runs.
    row(code::PYTHON_2, Error, Script, Process, Both, "python-versions", "The script is Python 2 and is run by Python 3", "PEP 3105", "Write print(...) with parentheses; 2to3 and similar tools convert a whole file."),
    row(code::MODULE_REMOVED, Error, Script, Process, Both, "python-versions", "The modules cgi and cgitb are gone from Python 3.13", "PEP 594", "Read form fields with urllib.parse and uploads with email.message, or install legacy-cgi, which has the same names."),
    row(code::NAME_REMOVED, Error, Script, Process, Both, "python-versions", "The script uses a name that an earlier Python had", "PEP 3108", "Use today's name."),
    row(code::MODULE_NOT_FOUND, Error, Script, Process, After, "modules", "This Python does not have a module that the script wants", "", "Install it for the interpreter that runs the script."),
    row(code::MODULE_SHADOWED, Error, Script, Process, Both, "modules", "A file is called like a module of the standard library", "", "Rename the file, and remove __pycache__."),
    row(code::FILE_NOT_FOUND, Error, Script, Process, After, "files", "The script did not find a file", "RFC 3875 §7.2", "Check the name, and build it from Path(__file__).parent."),
    row(code::PERMISSION, Error, Script, Process, After, "files", "The script may not touch a file", "RFC 3875 §7.2", "Give this user the right, or keep data in a folder that it owns."),
    row(code::SHELL_VARIABLE, Error, Script, Process, After, "environment", "The script counts on a login's environment", "RFC 3875 §4.1", "Do not count on it, or set it under [environment] in cgi-studio.toml."),
    row(code::ABSENT_VARIABLE, Error, Script, Process, After, "environment", "This request does not have the variable that the script asks for", "RFC 3875 §4.1", "Ask with os.environ.get."),
    row(code::EMPTY_NUMBER, Error, Script, Process, After, "environment", "An empty text is not a number", "RFC 3875 §4.1.2", "Write int(value or 0), or check that there is a value first."),
    row(code::READS_TO_END, Note, Script, Process, Before, "request-body", "The script reads its input to the end, which not every host shows", "RFC 3875 §4.2", "Read CONTENT_LENGTH bytes: sys.stdin.buffer.read(int(os.environ.get(\"CONTENT_LENGTH\") or 0))"),
    row(code::INPUT_AT_END, Error, Script, Process, Both, "request-body", "Nobody sits at a keyboard: input() has nothing to read", "RFC 3875 §4.2", "Read form fields with urllib.parse from QUERY_STRING or from CONTENT_LENGTH bytes of sys.stdin.buffer."),
    row(code::BODY_READ_TWICE, Warning, Script, Process, Before, "request-body", "The request body can be read once only", "RFC 3875 §4.2", "Read it once, keep it, and take everything from there."),
    row(code::COUNTS_CHARACTERS, Warning, Script, Process, Both, "request-body", "sys.stdin.read counts characters, CONTENT_LENGTH counts bytes", "RFC 3875 §4.1.2", "Write sys.stdin.buffer.read(length), and decode what comes."),
    row(code::FORM_WITHOUT_ENCTYPE, Warning, Script, Response, After, "forms", "The form cannot send its file", "HTML §4.10.21.8", "Write <form method=\"post\" enctype=\"multipart/form-data\">."),
    row(code::NO_FORM_BODY, Error, Script, Process, After, "forms", "The body is no form, but was read as one", "RFC 3875 §4.2", "Read JSON with json.load(sys.stdin.buffer)."),
    row(code::REPEATED_FIELD, Error, Script, Process, After, "forms", "A field that came more than once is a list", "HTML §4.10.21", "Ask with getfirst for one value, or with getlist for all."),
    row(code::FIELD_MISSING, Error, Script, Process, After, "forms", "The request does not have the field that the script asks for", "HTML §4.10.21", "Ask with .get or getfirst, or keep empty fields with keep_blank_values=True."),
    row(code::TIME_LIMIT, Error, Script, Process, After, "time", "The script was stopped at a time limit", "RFC 3875 §6.1", "Find out what it waits for or computes; the limit is set under [limits] in cgi-studio.toml."),
    row(code::OUTPUT_HELD, Error, Script, Process, After, "time", "A program that the script started still holds its output", "RFC 3875 §6.4", "Redirect what you start in the background: stdout=subprocess.DEVNULL, or >/dev/null 2>&1 & in a shell."),
    row(code::FULL_PIPE, Note, Script, Process, After, "deployment", "Other hosts might have hung here", "pipe(7)", "Read the whole body, and write long reports to a file."),
    row(code::CUT_OFF, Error, Script, Process, After, "exceptions", "The script failed after its headers were out", "RFC 3875 §6.4", "Mend that line; build the page first and print it when it is whole."),
    row(code::KILLED, Error, Script, Process, After, "exceptions", "The script was killed by a signal", "signal(7)", "Run it again and look at standard error; faulthandler.enable() makes Python tell where it was."),
    row(code::BUFFERED, Note, Script, Output, After, "buffering", "All output came at the very end of a long run", "PEP 3116", "Print with flush=True, or let the first line say python3 -u."),
    row(code::DEPRECATION, Note, Script, Process, After, "python-versions", "The script uses something deprecated", "PEP 565", "The script works today; a newer version of the language will no longer have this."),
    // The web around it.
    row(code::AUTHORIZATION_WITHHELD, Note, Site, Environment, After, "environment", "A login is withheld from the script", "RFC 3875 §9.2", "Set pass_authorization = true in cgi-studio.toml if the script checks logins itself."),
    row(code::PHP_REFUSES, Error, Site, Output, After, "environment", "php-cgi refuses to be called directly", "PHP manual, cgi.force_redirect", "Run PHP files by [scripts] interpreters = { \".php\" = \"php-cgi\" }, which sets REDIRECT_STATUS."),
    row(code::PROXY_DROPPED, Note, Client, Environment, After, "security", "The client's Proxy field was dropped", "CVE-2016-5385, RFC 3875 §4.1.18", "Nothing is to be done here; other hosts may pass it on."),
    row(code::PREFLIGHT_REFUSED, Warning, Script, Response, After, "cross-origin", "The browser will not let the other site's page have this answer", "Fetch §3.2", "Answer with Access-Control-Allow-Origin, and OPTIONS also with Access-Control-Allow-Methods and -Headers."),
    row(code::MAY_BE_OLD, Note, Script, Response, After, "caching", "A browser may show an old copy of this page", "RFC 9111 §4", "Print Cache-Control: no-store while you develop."),
    row(code::LOST_UPDATE, Note, Script, Process, Before, "files", "Two visitors at once can lose each other's change", "flock(2)", "Lock the file with fcntl.flock from reading to writing, or use SQLite."),
];
