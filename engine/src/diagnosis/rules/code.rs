//! Numbers by name, for the rules of this module; violations bring theirs along.

/// No executable bit for this user.
pub(crate) const NOT_EXECUTABLE: u16 = 1;
/// A folder on the way, or the file itself, is closed to this user.
pub(crate) const CLOSED_FOLDER: u16 = 2;
/// No `#!` line at all.
pub(crate) const NO_SHEBANG: u16 = 3;
/// `#!` further down.
pub(crate) const SHEBANG_TOO_LOW: u16 = 4;
/// White space or an empty line before `#!`.
pub(crate) const BLANK_BEFORE_SHEBANG: u16 = 5;
/// A byte order mark before `#!`.
pub(crate) const BYTE_ORDER_MARK: u16 = 6;
/// A carriage return at the end of the `#!` line.
pub(crate) const WINDOWS_LINE_END: u16 = 7;
/// The interpreter does not exist.
pub(crate) const INTERPRETER_MISSING: u16 = 8;
/// `env` finds no such program.
pub(crate) const ENV_FINDS_NOTHING: u16 = 9;
/// More than one word after `env`.
pub(crate) const ENV_WITH_WORDS: u16 = 10;
/// The `#!` line passes the kernel's buffer.
pub(crate) const SHEBANG_TOO_LONG: u16 = 11;
/// The interpreter, or the script, is a folder or may not be started.
pub(crate) const NOT_A_PROGRAM: u16 = 12;
/// The file system is mounted noexec.
pub(crate) const NOEXEC: u16 = 13;
/// The system forbids it though all bits are right (SELinux, AppArmor).
pub(crate) const FORBIDDEN_BY_SYSTEM: u16 = 14;
/// ETXTBSY.
pub(crate) const BEING_WRITTEN: u16 = 15;
/// Python text run by a shell.
pub(crate) const RUN_BY_SHELL: u16 = 16;
/// A program for another system.
pub(crate) const FOREIGN_PROGRAM: u16 = 17;
/// A file that looks like a script was sent as it is.
pub(crate) const SENT_AS_FILE: u16 = 19;
/// Nothing is there, but something with nearly the same name is.
pub(crate) const NEAR_NAME: u16 = 20;
/// suexec would refuse the file.
pub(crate) const SUEXEC: u16 = 21;
/// It ended before it printed anything.
pub(crate) const NOTHING_PRINTED: u16 = 22;
/// A command's output came before the headers that were printed earlier.
pub(crate) const OVERTAKEN: u16 = 27;
/// Bytes that were written past the text layer overtook the headers.
pub(crate) const BYTES_OVERTOOK: u16 = 28;
/// The page begins with a line end too many.
pub(crate) const BLANK_LINE_IN_PAGE: u16 = 29;
/// Header lines stand in the page.
pub(crate) const HEADERS_IN_PAGE: u16 = 30;
/// A header is misspelt.
pub(crate) const MISSPELT_HEADER: u16 = 32;
/// Text beyond ASCII without a charset.
pub(crate) const NO_CHARSET: u16 = 33;
/// The bytes are not in the declared charset.
pub(crate) const WRONG_CHARSET: u16 = 34;
/// The output's encoding lacks a character.
pub(crate) const ENCODING: u16 = 35;
/// Binary data went through a text layer.
pub(crate) const TEXT_MODE: u16 = 36;
/// The way Python writes bytes down was printed.
pub(crate) const BYTES_PRINTED: u16 = 37;
/// Location came after the headers.
pub(crate) const LOCATION_IN_PAGE: u16 = 41;
/// The host of the run passes over Status or Location.
pub(crate) const HOST_IGNORES_FIELD: u16 = 42;
/// Local redirects without end.
pub(crate) const REDIRECT_LOOP: u16 = 43;
/// A browser will not keep the cookie.
pub(crate) const COOKIE_NOT_STORED: u16 = 44;
/// Headers were printed twice.
pub(crate) const HEADERS_TWICE: u16 = 46;
/// A line end of the request became a header.
pub(crate) const HEADER_INJECTION: u16 = 47;
/// Python 2 text run by Python 3.
pub(crate) const PYTHON_2: u16 = 48;
/// `cgi` or `cgitb`, removed from Python 3.13.
pub(crate) const MODULE_REMOVED: u16 = 49;
/// A name that an earlier Python had.
pub(crate) const NAME_REMOVED: u16 = 50;
/// A module that this interpreter does not find.
pub(crate) const MODULE_NOT_FOUND: u16 = 51;
/// A file beside the script shadows a module of the standard library.
pub(crate) const MODULE_SHADOWED: u16 = 52;
/// A file name relative to another folder.
pub(crate) const FILE_NOT_FOUND: u16 = 53;
/// A file that this user may not touch.
pub(crate) const PERMISSION: u16 = 54;
/// A variable, or a command on the PATH, of a login that a CGI script does not get.
pub(crate) const SHELL_VARIABLE: u16 = 55;
/// A meta-variable that this request does not have.
pub(crate) const ABSENT_VARIABLE: u16 = 56;
/// `int("")`, as of a CONTENT_LENGTH that is empty.
pub(crate) const EMPTY_NUMBER: u16 = 57;
/// Standard input is read to its end instead of CONTENT_LENGTH bytes.
pub(crate) const READS_TO_END: u16 = 58;
/// `input()` in a CGI script.
pub(crate) const INPUT_AT_END: u16 = 59;
/// The body is read a second time.
pub(crate) const BODY_READ_TWICE: u16 = 60;
/// Characters are counted where CONTENT_LENGTH counts bytes.
pub(crate) const COUNTS_CHARACTERS: u16 = 61;
/// A form with a file and without the encoding for one.
pub(crate) const FORM_WITHOUT_ENCTYPE: u16 = 62;
/// A body that is no form was read as one.
pub(crate) const NO_FORM_BODY: u16 = 63;
/// A repeated field is a list.
pub(crate) const REPEATED_FIELD: u16 = 64;
/// A form field that is empty or was not sent.
pub(crate) const FIELD_MISSING: u16 = 65;
/// A time limit.
pub(crate) const TIME_LIMIT: u16 = 66;
/// A process that the script left behind holds standard output.
pub(crate) const OUTPUT_HELD: u16 = 67;
/// So much on standard error, or so much unread input, that other hosts would hang.
pub(crate) const FULL_PIPE: u16 = 68;
/// An exception after the headers.
pub(crate) const CUT_OFF: u16 = 69;
/// A signal.
pub(crate) const KILLED: u16 = 70;
/// All output came at the end of a long run.
pub(crate) const BUFFERED: u16 = 71;
/// A deprecation warning on standard error.
pub(crate) const DEPRECATION: u16 = 72;
/// Authorization is withheld.
pub(crate) const AUTHORIZATION_WITHHELD: u16 = 73;
/// php-cgi refuses to be called without REDIRECT_STATUS.
pub(crate) const PHP_REFUSES: u16 = 74;
/// Proxy is dropped.
pub(crate) const PROXY_DROPPED: u16 = 75;
/// A request of another site was not allowed by the answer.
pub(crate) const PREFLIGHT_REFUSED: u16 = 76;
/// A browser may show an old page.
pub(crate) const MAY_BE_OLD: u16 = 77;
/// A file is read, changed and written without a lock.
pub(crate) const LOST_UPDATE: u16 = 78;
/// The page was sent, but the exit code says failure.
pub(crate) const EXIT_CODE: u16 = 100;
/// An NPH script printed no status line (RFC 3875 §5.2); no header block, so not in the table.
pub(crate) const NPH_STATUS_LINE: u16 = 150;
/// No process could be started, and the script's file does not say why.
pub(crate) const NOT_STARTED: u16 = 201;
/// The request itself was refused.
pub(crate) const REQUEST_REFUSED: u16 = 202;
/// The request body is short, too long or broken.
pub(crate) const REQUEST_BODY: u16 = 203;
/// The client hung up.
pub(crate) const CLIENT_GONE: u16 = 204;
/// Somebody stopped the run, or the studio closed.
pub(crate) const STOPPED: u16 = 205;
/// The studio itself failed.
pub(crate) const STUDIO_FAILED: u16 = 206;
/// The site's settings replace or take away what the server would set.
pub(crate) const VARIABLE_OVERRIDDEN: u16 = 207;
/// An encoded slash in the extra path.
pub(crate) const ENCODED_SLASH: u16 = 208;
/// An HTTP/1.0 request with a method that has a body, and no length.
pub(crate) const NO_LENGTH: u16 = 209;
/// The interpreter cannot read the script.
pub(crate) const SYNTAX: u16 = 210;
/// Text of the request stands in the page as markup.
pub(crate) const REFLECTED: u16 = 211;
/// The name of an uploaded file leads into another folder.
pub(crate) const PATH_IN_UPLOAD: u16 = 212;
/// Text is handed to a shell.
pub(crate) const SHELL_INJECTION: u16 = 213;
/// The interpreter did not answer when it was asked about the script.
pub(crate) const SILENT_INTERPRETER: u16 = 214;
