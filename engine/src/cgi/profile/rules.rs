//! The language in which a host is described: what it sets, refuses and makes of a script's output.
use super::output_rules::OutputRules;

/// One host.
pub(super) struct Rules {
    /// As the command line names it.
    pub name: &'static str,
    /// With the version that was measured.
    pub label: &'static str,
    /// Name alone, for sentences.
    pub short: &'static str,
    /// What it calls itself in its answers; nothing where it does not.
    pub software: &'static str,
    /// What it sets from the request and from itself.
    pub variables: &'static [(&'static str, Value)],
    /// How header fields become variables.
    pub fields: FieldRules,
    /// What it puts on the command line.
    pub command_line: CommandLineRule,
    /// What the script is called in its own command line.
    pub own_name: OwnName,
    /// Where the script starts.
    pub directory: DirectoryRule,
    /// What it answers itself.
    pub refusals: &'static [Refusal],
    /// Its own environment reaches the script.
    pub inherits: bool,
    /// The path is taken as it comes: neither slashes are merged nor dots resolved.
    pub verbatim_path: bool,
    /// The body comes without an end of file (row 56).
    pub endless_input: bool,
    /// Why it differs, by name; the first that fits counts.
    pub reasons: &'static [Reason],
    /// What it makes of the output.
    pub output: OutputRules,
}

/// How the value of a variable comes about.
pub(super) enum Value {
    /// Always the same.
    Fixed(&'static str),
    /// The address of the client.
    RemoteAddress,
    /// The client's port.
    RemotePort,
    /// The address that received the request.
    ServerAddress,
    /// `http` or `https`.
    Scheme,
    /// `on` where the connection is encrypted.
    Https,
    /// The method, in upper case where the host reads it without regard to case.
    Method {
        /// GET and POST are recognised in any case.
        upper: bool,
    },
    /// The query, empty if there is none.
    Query,
    /// The query with its escapes rewritten.
    NormalizedQuery,
    /// Path and query as sent, after a rewriting of escapes that changed something; else not set.
    RewrittenUri,
    /// The target as the client wrote it; the host of an absolute one is kept where that is said.
    RequestUri {
        /// `http://host` in front stays.
        absolute: bool,
    },
    /// The whole decoded path.
    DecodedPath,
    /// The decoded path with the query as sent.
    DecodedUri,
    /// The leading part of the path.
    ScriptName,
    /// The script's file.
    ScriptFilename,
    /// The folder that `/` maps to.
    DocumentRoot,
    /// The URL of the script's folder, with a slash at its end.
    ScriptFolderUrl,
    /// The script's folder, with a slash at its end.
    ScriptFolder,
    /// The part of the path after the script.
    PathInfo {
        /// Set to nothing where there is none.
        always: bool,
        /// Decoded a second time, and made valid UTF-8.
        twice: bool,
    },
    /// The document root with the extra path behind it.
    PathTranslated {
        /// Set to the document root where there is none.
        always: bool,
        /// As with PATH_INFO.
        twice: bool,
    },
    /// The length of the body.
    ContentLength(LengthRule),
    /// The Content-Type field; else this, or nothing set where it is absent.
    ContentType(Option<&'static str>),
    /// The host that was asked for, by this rule.
    ServerName(NameRule),
    /// The port written in the Host field, or the scheme's usual one.
    HostPort,
    /// The port that received the request.
    RealPort,
    /// The version of the request.
    Protocol,
    /// The value of PATH that the site gives to scripts.
    Path,
    /// The scheme of a login that was checked.
    CheckedScheme,
    /// The user of a login that was checked.
    CheckedUser,
    /// The scheme that the client claims, unchecked.
    ClaimedScheme,
    /// The user that the client claims by Basic; else nothing, set where that is said.
    ClaimedUser {
        /// Set to nothing where the client claims none.
        always: bool,
    },
    /// Status, path and query before a local redirect, with copies of the variables of that request.
    Redirected,
    /// The field, made text from ISO-8859-1; nothing if it is absent. Several are joined with this.
    Field {
        /// In lower case.
        field: &'static str,
        /// Between two values.
        separator: &'static str,
    },
}

/// When CONTENT_LENGTH is set, and to what.
#[derive(Clone, Copy)]
pub(super) enum LengthRule {
    /// The digits of the field as sent.
    AsSent,
    /// The digits of the field, the count of a chunked body, else nothing.
    AsSentOrCounted,
    /// The digits of the field, else nothing.
    AsSentOrEmpty,
    /// The number, zero where there is no body.
    Always,
    /// The number where it is above zero.
    Positive,
    /// The number where it is above zero, with the method POST only.
    PositiveOfPost,
}

/// What stands in SERVER_NAME.
#[derive(Clone, Copy)]
pub(super) enum NameRule {
    /// The host without its port in lower case; the server's own name without one.
    LowerOrOwn,
    /// The host without its port in lower case; nothing without one.
    LowerOrEmpty,
    /// What the Host field says, port and all.
    WithPort,
    /// The server's own name.
    Own,
}

/// How header fields become `HTTP_` variables.
pub(super) struct FieldRules {
    /// None: only those that the table of variables names.
    pub passed: bool,
    /// What becomes of letters that a variable should not have.
    pub letters: Letters,
    /// Fields that are not passed on, in lower case.
    pub dropped: &'static [&'static str],
    /// Dropped unless the site asks for passwords.
    pub withheld: &'static [&'static str],
    /// Dropped where the scheme is Basic.
    pub basic_dropped: bool,
    /// With POST the length is not passed a second time.
    pub length_dropped_with_post: bool,
    /// What becomes of several fields of one name.
    pub repeated: Repeated,
    /// A field without a value is left out.
    pub empty_dropped: bool,
    /// Which white space around the value is taken off.
    pub trimmed: Trimmed,
    /// What HTTP_HOST holds.
    pub host: HostRule,
}

/// What becomes of a field name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// Letters, digits and hyphens; other names are dropped.
    Plain,
    /// Whatever is no letter or digit becomes an underscore.
    Underscore,
    /// Only the hyphen becomes an underscore.
    Kept,
}

/// What becomes of repeated fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeated {
    /// One value with ", " between, cookies as well.
    Comma,
    /// The same, cookies with "; ".
    CommaAndCookies,
    /// Each sets the variable; a program that looks for it finds the first.
    First,
    /// The last one replaces the others.
    Last,
}

/// White space that is taken off a value.
#[derive(Clone, Copy)]
pub(super) enum Trimmed {
    /// On both sides, as RFC 9110 §5.5 has it.
    Both,
    /// Spaces on both sides, but no tabs.
    Spaces,
    /// In front only.
    Front,
}

/// What HTTP_HOST holds.
#[derive(Clone, Copy)]
pub(super) enum HostRule {
    /// The field.
    AsSent,
    /// The host of an absolute target, else the field.
    Effective,
    /// The same, and set without one, too.
    EffectiveAlways,
    /// In lower case, without the usual port.
    Normalized,
    /// The name without a port, in lower case; set without one, too.
    NameAlways,
}

/// What stands on the command line after the script's own name.
#[derive(Clone, Copy)]
pub(super) enum CommandLineRule {
    /// Nothing.
    Never,
    /// The words of a query without an equals sign, for any method; what cannot be decoded is left as it is.
    Words,
    /// The query as one word, plus signs made spaces, unless it has an equals sign.
    OneWord,
}

/// The zeroth word of the command line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnName {
    /// The absolute path.
    Path,
    /// The file's name.
    Name,
}

/// Where a script starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryRule {
    /// In its own folder (RFC 3875 §7.2).
    ScriptFolder,
    /// Where the server was started, which is the folder that it serves.
    ServerFolder,
}

/// A request that the host answers itself.
pub(super) struct Refusal {
    pub when: Condition,
    pub status: u16,
    pub why: &'static str,
    pub row: u8,
    pub breaks: Option<&'static str>,
}

/// When a request is refused.
pub(super) enum Condition {
    /// The method is none of these.
    MethodOtherThan(&'static [&'static str]),
    /// The method is one of these.
    Method(&'static [&'static str]),
    /// The method has letters that are no capitals.
    MethodNotCapital,
    /// The body comes in chunks.
    Chunked,
    /// GET or HEAD with a body.
    BodyOfGet,
    /// POST without a length.
    PostWithoutLength,
    /// A slash came as `%2F`.
    EncodedSlash,
    /// The path to the script is not spelled as it is: it has empty or dot segments.
    UncleanScriptPath,
    /// The extra path ends with a slash.
    ExtraPathEndsWithSlash,
    /// Path or query hold, decoded, control characters or bytes that are no UTF-8.
    NotText,
    /// An absolute target.
    AbsoluteTarget,
    /// An absolute target with another Host.
    OtherHost,
}

/// Why a variable differs.
pub(super) struct Reason {
    /// The name; a star at its end stands for any end.
    pub name: &'static str,
    /// Only where the host does not set it, or only where it does.
    pub absent: Option<bool>,
    pub why: &'static str,
    pub row: u8,
    pub breaks: Option<&'static str>,
}

/// A variable that the host sets its own way.
pub(super) const fn set(
    name: &'static str,
    row: u8,
    why: &'static str,
    breaks: Option<&'static str>,
) -> Reason {
    Reason {
        name,
        absent: Some(false),
        why,
        row,
        breaks,
    }
}

/// A variable that the host does not set.
pub(super) const fn unset(
    name: &'static str,
    row: u8,
    why: &'static str,
    breaks: Option<&'static str>,
) -> Reason {
    Reason {
        name,
        absent: Some(true),
        why,
        row,
        breaks,
    }
}
