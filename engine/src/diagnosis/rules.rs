//! The numbers of the rules. They are stable for ever: searches, tests and lessons name them.
//!
//! 1 to 78 are the rows of the catalogue of what goes wrong with CGI scripts; from 101 on a violation of RFC 3875 that
//! no row names (the table in `cgi::violation`); 100 and from 201 on the studio's own.

/// Numbers by name, for the rules of this module; violations bring theirs along.
pub(crate) mod code {
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
    /// It ended before it printed anything.
    pub(crate) const NOTHING_PRINTED: u16 = 22;
    /// A command's output came before the headers that were printed earlier.
    pub(crate) const OVERTAKEN: u16 = 27;
    /// The output's encoding lacks a character.
    pub(crate) const ENCODING: u16 = 35;
    /// Local redirects without end.
    pub(crate) const REDIRECT_LOOP: u16 = 43;
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
    /// `input()` in a CGI script.
    pub(crate) const INPUT_AT_END: u16 = 59;
    /// A time limit.
    pub(crate) const TIME_LIMIT: u16 = 66;
    /// A process that the script left behind holds standard output.
    pub(crate) const OUTPUT_HELD: u16 = 67;
    /// An exception after the headers.
    pub(crate) const CUT_OFF: u16 = 69;
    /// A signal.
    pub(crate) const KILLED: u16 = 70;
    /// A deprecation warning on standard error.
    pub(crate) const DEPRECATION: u16 = 72;
    /// Authorization is withheld.
    pub(crate) const AUTHORIZATION_WITHHELD: u16 = 73;
    /// Proxy is dropped.
    pub(crate) const PROXY_DROPPED: u16 = 75;
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
}
