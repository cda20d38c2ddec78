//! The directives of httpd that people use: which class of AllowOverride each belongs to, and for
//! those that are not taken what that means.

use super::notes::Notes;
use super::options::OverrideClass;
use super::tree::Directive;
use crate::site::near_name::nearest;
use OverrideClass::{Always, AuthConfig, FileInfo, Indexes, Limit, Options, ServerOnly};

/// What becomes of a directive.
#[derive(Clone, Copy)]
enum Fate {
    /// Some part of the conversion reads it.
    Read,
    /// Leaving it out changes nothing for the site; why.
    Harmless(&'static str),
    /// Leaving it out changes what the site does; how.
    Matters(&'static str),
}

use Fate::{Harmless, Matters, Read};

struct Known {
    name: &'static str,
    class: OverrideClass,
    fate: Fate,
}

const fn row(name: &'static str, class: OverrideClass, fate: Fate) -> Known {
    Known { name, class, fate }
}

const LOGGING: Fate = Harmless("logging; this studio records every request by itself");
const TLS: Fate =
    Matters("TLS; this studio speaks plain HTTP only, so scripts do not see HTTPS=on");
const WORKERS: Fate = Harmless("how Apache shares its work among processes; scripts do not notice");
const KEEP_ALIVE: Fate =
    Harmless("how long idle connections are kept; this studio decides by itself");
const PROCESS: Fate = Harmless("how Apache's own process is run; this studio runs as you");
const LISTING: Fate = Harmless("the looks of folder listings; this studio has its own");
const REWRITE: Fate = Matters(
    "URLs are not rewritten here: requests that rely on it get 404 or another file; ScriptAliasMatch or Action often do the same",
);
const REDIRECT: Fate =
    Matters("these URLs are not redirected here; they are looked up as they are");
const MEDIA_TYPES: Fate =
    Harmless("media types of plain files; this studio tells them by the suffix");
const LANGUAGES: Fate =
    Matters("no content negotiation here: a URL has to name the file as it is on disk");
const FILTERS: Fate =
    Matters("responses pass no filters here: nothing is compressed or changed on its way");
const CACHING: Fate =
    Matters("these response fields are not added here; a script can send them itself");
const PROXY: Fate = Matters("this studio forwards to no other server; such URLs get 404");
const FOREIGN_LOGIN: Fate =
    Matters("this studio checks Basic logins against a file from htpasswd only");
const LIMITS_OF_SCRIPTS: Fate = Matters("scripts run without this limit of the system here");
const SUEXEC: Fate =
    Matters("scripts run as the user who started this studio, not as another one through suexec");

/// In the order of their names' topics; names as the manual of httpd writes them.
const DIRECTIVES: &[Known] = &[
    // Sections.
    row("Directory", ServerOnly, Read),
    row("DirectoryMatch", ServerOnly, Read),
    row("Location", ServerOnly, Read),
    row("LocationMatch", ServerOnly, Read),
    row("Files", Always, Read),
    row("FilesMatch", Always, Read),
    row("VirtualHost", ServerOnly, Read),
    row("Limit", Always, Read),
    row("LimitExcept", Always, Read),
    row("IfModule", Always, Read),
    row("IfDefine", Always, Read),
    row("IfVersion", Always, Read),
    row("IfFile", Always, Read),
    row("IfDirective", Always, Read),
    row(
        "If",
        Always,
        Matters(
            "whether it holds is decided anew for each request, which is not done here: nothing in it was taken",
        ),
    ),
    row(
        "ElseIf",
        Always,
        Matters(
            "whether it holds is decided anew for each request, which is not done here: nothing in it was taken",
        ),
    ),
    row(
        "Else",
        Always,
        Matters(
            "whether it holds is decided anew for each request, which is not done here: nothing in it was taken",
        ),
    ),
    row("Proxy", ServerOnly, PROXY),
    row("ProxyMatch", ServerOnly, PROXY),
    row(
        "Macro",
        ServerOnly,
        Matters("macros are not read: write out what it stands for"),
    ),
    row(
        "Use",
        ServerOnly,
        Matters("macros are not read: write out what it stands for"),
    ),
    row("UndefMacro", ServerOnly, Harmless("macros are not read")),
    // Reading the configuration.
    row("Include", ServerOnly, Read),
    row("IncludeOptional", ServerOnly, Read),
    row("Define", ServerOnly, Read),
    row("UnDefine", ServerOnly, Read),
    row(
        "LoadModule",
        ServerOnly,
        Harmless("this studio has no modules to load; the name only serves to judge <IfModule>"),
    ),
    row(
        "LoadFile",
        ServerOnly,
        Harmless("this studio has no modules to load"),
    ),
    row("ServerRoot", ServerOnly, Read),
    row(
        "Error",
        Always,
        Matters("Apache does not start with this line; it says why itself"),
    ),
    row(
        "Warning",
        Always,
        Harmless("a word to whoever starts Apache"),
    ),
    // The server and its hosts.
    row("Listen", ServerOnly, Read),
    row("ServerName", ServerOnly, Read),
    row("ServerAlias", ServerOnly, Read),
    row(
        "ServerPath",
        ServerOnly,
        Matters("hosts are told by their names only"),
    ),
    row(
        "NameVirtualHost",
        ServerOnly,
        Harmless("Apache 2.4 ignores it, too"),
    ),
    row(
        "UseCanonicalName",
        Options,
        Matters("scripts get the name that the client asked for as SERVER_NAME"),
    ),
    row(
        "UseCanonicalPhysicalPort",
        Options,
        Matters("scripts get the port of the connection as SERVER_PORT"),
    ),
    row(
        "ServerAdmin",
        ServerOnly,
        Harmless(
            "the address of an administrator; only SERVER_ADMIN would tell scripts of it, which is not set here",
        ),
    ),
    row(
        "ServerSignature",
        Always,
        Harmless("a line under error pages; this studio has pages of its own"),
    ),
    row(
        "ServerTokens",
        ServerOnly,
        Harmless("how much Apache tells of itself; here SERVER_SOFTWARE is CGI-Studio"),
    ),
    row(
        "TraceEnable",
        ServerOnly,
        Harmless("TRACE is answered by this studio in its own way"),
    ),
    row(
        "HostnameLookups",
        ServerOnly,
        Harmless("REMOTE_HOST is the client's address here, whatever this says"),
    ),
    row(
        "ContentDigest",
        Options,
        Harmless("a field that nobody reads any more"),
    ),
    row(
        "HttpProtocolOptions",
        ServerOnly,
        Harmless("this studio is strict about requests by itself"),
    ),
    row(
        "Protocols",
        ServerOnly,
        Harmless("this studio speaks HTTP/1.1 and 1.0; scripts see no difference"),
    ),
    row(
        "ProtocolsHonorOrder",
        ServerOnly,
        Harmless("this studio speaks HTTP/1.1 and 1.0"),
    ),
    row(
        "MergeSlashes",
        ServerOnly,
        Harmless("runs of slashes count as one here, too"),
    ),
    row(
        "AllowEncodedSlashes",
        ServerOnly,
        Matters("a %2F in a path is a slash or a 404 here; with NoDecode Apache leaves it encoded"),
    ),
    row(
        "UserDir",
        ServerOnly,
        Matters("/~name/ stands for no home folder here; an Alias does"),
    ),
    row(
        "VirtualDocumentRoot",
        ServerOnly,
        Matters("folders by the host's name are not known here; the document root is one folder"),
    ),
    row(
        "VirtualScriptAlias",
        ServerOnly,
        Matters("folders by the host's name are not known here; a ScriptAlias names one folder"),
    ),
    row("DocumentRoot", ServerOnly, Read),
    row("Alias", ServerOnly, Read),
    row("AliasMatch", ServerOnly, Read),
    row("ScriptAlias", ServerOnly, Read),
    row("ScriptAliasMatch", ServerOnly, Read),
    row(
        "AliasPreservePath",
        ServerOnly,
        Harmless("only changes Alias with one argument, which is read as the default has it"),
    ),
    row("Redirect", FileInfo, REDIRECT),
    row("RedirectMatch", FileInfo, REDIRECT),
    row("RedirectPermanent", FileInfo, REDIRECT),
    row("RedirectTemp", FileInfo, REDIRECT),
    row("RewriteEngine", FileInfo, Read),
    row("RewriteRule", FileInfo, REWRITE),
    row(
        "RewriteCond",
        FileInfo,
        Harmless("a condition of the RewriteRule after it, which is told of there"),
    ),
    row(
        "RewriteBase",
        FileInfo,
        Harmless("it belongs to RewriteRule lines, which are told of where they stand"),
    ),
    row(
        "RewriteOptions",
        FileInfo,
        Harmless("it belongs to RewriteRule lines, which are told of where they stand"),
    ),
    row(
        "RewriteMap",
        ServerOnly,
        Harmless("it belongs to RewriteRule lines, which are told of where they stand"),
    ),
    row(
        "CheckSpelling",
        Options,
        Matters(
            "misspelt URLs are not mended here; the page for 404 names what was probably meant",
        ),
    ),
    // Folders and files.
    row("AllowOverride", ServerOnly, Read),
    row("AllowOverrideList", ServerOnly, Read),
    row("AccessFileName", ServerOnly, Read),
    row("Options", Options, Read),
    row("DirectoryIndex", Indexes, Read),
    row(
        "DirectorySlash",
        Indexes,
        Matters("a folder's URL without a slash at its end is always redirected here"),
    ),
    row(
        "DirectoryIndexRedirect",
        Indexes,
        Matters("index files answer at the folder's own URL here"),
    ),
    row(
        "DirectoryCheckHandler",
        Indexes,
        Harmless("handlers of other modules are not known here"),
    ),
    row(
        "FallbackResource",
        Indexes,
        Matters("a URL without a file is 404 here; nothing else answers for it"),
    ),
    row("AcceptPathInfo", FileInfo, Read),
    row("ErrorDocument", FileInfo, Read),
    row("LimitRequestBody", Always, Read),
    row(
        "FileETag",
        FileInfo,
        Harmless("the ETag of plain files; this studio makes its own"),
    ),
    row("EnableMMAP", FileInfo, WORKERS),
    row("EnableSendfile", FileInfo, WORKERS),
    row(
        "LimitRequestFields",
        ServerOnly,
        Harmless("this studio has its own limits for request heads"),
    ),
    row(
        "LimitRequestFieldSize",
        ServerOnly,
        Harmless("this studio has its own limits for request heads"),
    ),
    row(
        "LimitRequestLine",
        ServerOnly,
        Harmless("this studio has its own limits for request heads"),
    ),
    row(
        "LimitInternalRecursion",
        ServerOnly,
        Harmless("this studio follows ten local redirects at most"),
    ),
    row(
        "LimitXMLRequestBody",
        Always,
        Harmless("only matters to WebDAV"),
    ),
    row("RLimitCPU", Always, LIMITS_OF_SCRIPTS),
    row("RLimitMEM", Always, LIMITS_OF_SCRIPTS),
    row("RLimitNPROC", Always, LIMITS_OF_SCRIPTS),
    row(
        "AllowMethods",
        ServerOnly,
        Matters("every method reaches the scripts here; `Require method …` would limit them"),
    ),
    // Scripts.
    row("AddHandler", FileInfo, Read),
    row("SetHandler", FileInfo, Read),
    row("RemoveHandler", FileInfo, Read),
    row("Action", FileInfo, Read),
    row("Script", ServerOnly, Read),
    row("SetEnv", FileInfo, Read),
    row("PassEnv", FileInfo, Read),
    row("UnsetEnv", FileInfo, Read),
    row("SetEnvIf", FileInfo, Read),
    row("SetEnvIfNoCase", FileInfo, Read),
    row(
        "SetEnvIfExpr",
        FileInfo,
        Matters("expressions are not read here; the variable is never set"),
    ),
    row(
        "BrowserMatch",
        FileInfo,
        Harmless("variables for old browsers; only a script that reads them would notice"),
    ),
    row(
        "BrowserMatchNoCase",
        FileInfo,
        Harmless("variables for old browsers; only a script that reads them would notice"),
    ),
    row("CGIPassAuth", AuthConfig, Read),
    row("CGIVar", FileInfo, Read),
    row("CGIScriptTimeout", ServerOnly, Read),
    row("CGIDScriptTimeout", ServerOnly, Read),
    row("ScriptLog", ServerOnly, LOGGING),
    row("ScriptLogLength", ServerOnly, LOGGING),
    row("ScriptLogBuffer", ServerOnly, LOGGING),
    row("ScriptSock", ServerOnly, WORKERS),
    row(
        "ScriptInterpreterSource",
        FileInfo,
        Matters("only Windows asks its registry for interpreters; here the #! line counts"),
    ),
    row("SuexecUserGroup", ServerOnly, SUEXEC),
    row("Suexec", ServerOnly, SUEXEC),
    row("AssignUserID", ServerOnly, SUEXEC),
    row(
        "XBitHack",
        Options,
        Matters("no server-side includes here: such files are sent as they are"),
    ),
    row(
        "SSIErrorMsg",
        Always,
        Harmless("no server-side includes here"),
    ),
    row(
        "php_value",
        Options,
        Matters("a setting for PHP inside of Apache; php-cgi reads php.ini and .user.ini instead"),
    ),
    row(
        "php_flag",
        Options,
        Matters("a setting for PHP inside of Apache; php-cgi reads php.ini and .user.ini instead"),
    ),
    row(
        "php_admin_value",
        ServerOnly,
        Matters("a setting for PHP inside of Apache; php-cgi reads php.ini instead"),
    ),
    row(
        "php_admin_flag",
        ServerOnly,
        Matters("a setting for PHP inside of Apache; php-cgi reads php.ini instead"),
    ),
    row(
        "WSGIScriptAlias",
        ServerOnly,
        Matters("WSGI programs run here through wsgiref.handlers.CGIHandler, as CGI scripts"),
    ),
    row(
        "WSGIDaemonProcess",
        ServerOnly,
        Matters("WSGI programs run here through wsgiref.handlers.CGIHandler, as CGI scripts"),
    ),
    row(
        "PerlHandler",
        FileInfo,
        Matters("mod_perl is not known here; its scripts may run as plain CGI"),
    ),
    row(
        "PerlResponseHandler",
        FileInfo,
        Matters("mod_perl is not known here; its scripts may run as plain CGI"),
    ),
    // Access.
    row("Require", AuthConfig, Read),
    row("RequireAll", AuthConfig, Read),
    row("RequireAny", AuthConfig, Read),
    row("RequireNone", AuthConfig, Read),
    row("AuthMerging", AuthConfig, Read),
    row("Satisfy", AuthConfig, Read),
    row("Order", Limit, Read),
    row("Allow", Limit, Read),
    row("Deny", Limit, Read),
    row("AuthType", AuthConfig, Read),
    row("AuthName", AuthConfig, Read),
    row("AuthUserFile", AuthConfig, Read),
    row("AuthBasicProvider", AuthConfig, Read),
    row(
        "AuthBasicAuthoritative",
        AuthConfig,
        Harmless("there is one provider of logins here"),
    ),
    row(
        "AuthGroupFile",
        AuthConfig,
        Harmless("groups are not read here; `Require group` is told of where it stands"),
    ),
    row(
        "AuthzSendForbiddenOnFailure",
        AuthConfig,
        Harmless("which of 401 and 403 a refused login gets"),
    ),
    row("AuthDigestProvider", AuthConfig, FOREIGN_LOGIN),
    row("AuthDigestDomain", AuthConfig, FOREIGN_LOGIN),
    row("AuthLDAPURL", AuthConfig, FOREIGN_LOGIN),
    row("AuthDBMUserFile", AuthConfig, FOREIGN_LOGIN),
    row("AuthFormProvider", AuthConfig, FOREIGN_LOGIN),
    row(
        "RemoteIPHeader",
        ServerOnly,
        Matters("REMOTE_ADDR is the address of the connection here, also behind a proxy"),
    ),
    row(
        "RemoteIPInternalProxy",
        ServerOnly,
        Harmless("it belongs to RemoteIPHeader"),
    ),
    row(
        "RemoteIPTrustedProxy",
        ServerOnly,
        Harmless("it belongs to RemoteIPHeader"),
    ),
    // Types, languages, listings.
    row("AddType", FileInfo, Read),
    row(
        "ForceType",
        FileInfo,
        Matters("plain files get the media type of their suffix here"),
    ),
    row(
        "DefaultType",
        FileInfo,
        Harmless("Apache 2.4 ignores it, too"),
    ),
    row("RemoveType", FileInfo, MEDIA_TYPES),
    row("TypesConfig", ServerOnly, MEDIA_TYPES),
    row("MimeMagicFile", ServerOnly, MEDIA_TYPES),
    row("AddCharset", FileInfo, MEDIA_TYPES),
    row(
        "AddDefaultCharset",
        FileInfo,
        Matters("no charset is added to a script's Content-Type here; let the script say it"),
    ),
    row("AddEncoding", FileInfo, MEDIA_TYPES),
    row("AddLanguage", FileInfo, MEDIA_TYPES),
    row("DefaultLanguage", FileInfo, MEDIA_TYPES),
    row("RemoveCharset", FileInfo, MEDIA_TYPES),
    row("RemoveEncoding", FileInfo, MEDIA_TYPES),
    row("RemoveLanguage", FileInfo, MEDIA_TYPES),
    row(
        "LanguagePriority",
        FileInfo,
        Harmless("it belongs to MultiViews, which are told of where they are switched on"),
    ),
    row(
        "ForceLanguagePriority",
        FileInfo,
        Harmless("it belongs to MultiViews, which are told of where they are switched on"),
    ),
    row(
        "CacheNegotiatedDocs",
        ServerOnly,
        Harmless("no content negotiation here"),
    ),
    row("MultiviewsMatch", FileInfo, LANGUAGES),
    row(
        "ModMimeUsePathInfo",
        ServerOnly,
        Matters("a script is known by its file's name here, never by what follows it in the URL"),
    ),
    row("IndexOptions", Indexes, LISTING),
    row("IndexOrderDefault", Indexes, LISTING),
    row(
        "IndexIgnore",
        Indexes,
        Harmless("files that Apache leaves out of listings are listed here, but for dot-files"),
    ),
    row("IndexIgnoreReset", Indexes, LISTING),
    row("IndexHeadInsert", Indexes, LISTING),
    row("IndexStyleSheet", Indexes, LISTING),
    row("AddIcon", Indexes, LISTING),
    row("AddIconByEncoding", Indexes, LISTING),
    row("AddIconByType", Indexes, LISTING),
    row("AddAlt", Indexes, LISTING),
    row("AddAltByEncoding", Indexes, LISTING),
    row("AddAltByType", Indexes, LISTING),
    row("AddDescription", Indexes, LISTING),
    row("DefaultIcon", Indexes, LISTING),
    row("HeaderName", Indexes, LISTING),
    row("ReadmeName", Indexes, LISTING),
    // Response fields and filters.
    row("Header", FileInfo, CACHING),
    row(
        "RequestHeader",
        FileInfo,
        Matters("request fields reach scripts as the client sent them"),
    ),
    row("ExpiresActive", Indexes, CACHING),
    row("ExpiresByType", Indexes, CACHING),
    row("ExpiresDefault", Indexes, CACHING),
    row("AddOutputFilter", FileInfo, Read),
    row("AddOutputFilterByType", FileInfo, Read),
    row("SetOutputFilter", FileInfo, Read),
    row("RemoveOutputFilter", FileInfo, Harmless("no filters here")),
    row("AddInputFilter", FileInfo, FILTERS),
    row("SetInputFilter", FileInfo, FILTERS),
    row("RemoveInputFilter", FileInfo, Harmless("no filters here")),
    row("FilterDeclare", Options, FILTERS),
    row("FilterProvider", Options, FILTERS),
    row("FilterChain", Options, FILTERS),
    row(
        "DeflateCompressionLevel",
        ServerOnly,
        Harmless("nothing is compressed here"),
    ),
    row(
        "DeflateFilterNote",
        ServerOnly,
        Harmless("nothing is compressed here"),
    ),
    row("Substitute", FileInfo, FILTERS),
    row(
        "CacheEnable",
        ServerOnly,
        Matters("nothing is answered from a cache here: every request runs the script"),
    ),
    row(
        "CacheRoot",
        ServerOnly,
        Harmless("nothing is answered from a cache here"),
    ),
    // Connections and workers.
    row("Timeout", ServerOnly, Read),
    row("KeepAlive", ServerOnly, KEEP_ALIVE),
    row("KeepAliveTimeout", ServerOnly, KEEP_ALIVE),
    row("MaxKeepAliveRequests", ServerOnly, KEEP_ALIVE),
    row(
        "RequestReadTimeout",
        ServerOnly,
        Harmless("slow clients are met by this studio's own limits"),
    ),
    row("ListenBacklog", ServerOnly, WORKERS),
    row("SendBufferSize", ServerOnly, WORKERS),
    row("ReceiveBufferSize", ServerOnly, WORKERS),
    row("AcceptFilter", ServerOnly, WORKERS),
    row("StartServers", ServerOnly, WORKERS),
    row("ServerLimit", ServerOnly, WORKERS),
    row("ThreadLimit", ServerOnly, WORKERS),
    row("ThreadsPerChild", ServerOnly, WORKERS),
    row("ThreadStackSize", ServerOnly, WORKERS),
    row("MinSpareServers", ServerOnly, WORKERS),
    row("MaxSpareServers", ServerOnly, WORKERS),
    row("MinSpareThreads", ServerOnly, WORKERS),
    row("MaxSpareThreads", ServerOnly, WORKERS),
    row("MaxClients", ServerOnly, WORKERS),
    row("MaxRequestWorkers", ServerOnly, WORKERS),
    row("MaxRequestsPerChild", ServerOnly, WORKERS),
    row("MaxConnectionsPerChild", ServerOnly, WORKERS),
    row("AsyncRequestWorkerFactor", ServerOnly, WORKERS),
    row("MaxMemFree", ServerOnly, WORKERS),
    row("Mutex", ServerOnly, WORKERS),
    row("ScoreBoardFile", ServerOnly, WORKERS),
    row(
        "User",
        ServerOnly,
        Harmless(
            "scripts run as the user who started this studio; make sure that this user may read the files",
        ),
    ),
    row(
        "Group",
        ServerOnly,
        Harmless(
            "scripts run as the user who started this studio; make sure that this user may read the files",
        ),
    ),
    row("PidFile", ServerOnly, PROCESS),
    row("DefaultRuntimeDir", ServerOnly, PROCESS),
    row("CoreDumpDirectory", ServerOnly, PROCESS),
    row(
        "ChrootDir",
        ServerOnly,
        Matters("scripts see the whole file system here, and paths are taken as they are written"),
    ),
    row("GracefulShutdownTimeout", ServerOnly, PROCESS),
    row(
        "ExtendedStatus",
        ServerOnly,
        Harmless("the status page of Apache; here the window shows every request"),
    ),
    row(
        "SeeRequestTail",
        ServerOnly,
        Harmless("the status page of Apache; here the window shows every request"),
    ),
    row(
        "ProxyStatus",
        ServerOnly,
        Harmless("the status page of Apache"),
    ),
    // Logs.
    row(
        "ErrorLog",
        ServerOnly,
        Harmless("logging; what scripts write to stderr is recorded with each request here"),
    ),
    row("ErrorLogFormat", ServerOnly, LOGGING),
    row("LogLevel", Always, LOGGING),
    row("LogFormat", ServerOnly, LOGGING),
    row("LogIOTrackTTFB", ServerOnly, LOGGING),
    row("CustomLog", ServerOnly, LOGGING),
    row("GlobalLog", ServerOnly, LOGGING),
    row("TransferLog", ServerOnly, LOGGING),
    row("ForensicLog", ServerOnly, LOGGING),
    row(
        "CookieTracking",
        FileInfo,
        Matters("no cookies are made up here"),
    ),
    // TLS, proxies, other programs.
    row("SSLEngine", ServerOnly, TLS),
    row("SSLCertificateFile", ServerOnly, TLS),
    row("SSLCertificateKeyFile", ServerOnly, TLS),
    row("SSLCertificateChainFile", ServerOnly, TLS),
    row("SSLCACertificateFile", ServerOnly, TLS),
    row("SSLProtocol", ServerOnly, TLS),
    row("SSLCipherSuite", AuthConfig, TLS),
    row("SSLHonorCipherOrder", ServerOnly, TLS),
    row("SSLOptions", Options, TLS),
    row("SSLVerifyClient", AuthConfig, TLS),
    row(
        "SSLRequireSSL",
        AuthConfig,
        Matters(
            "this studio speaks plain HTTP only; Apache refuses that here, this studio does not",
        ),
    ),
    row(
        "SSLRequire",
        AuthConfig,
        Matters("this studio speaks plain HTTP only; Apache may refuse what this studio serves"),
    ),
    row("SSLSessionCache", ServerOnly, TLS),
    row("SSLSessionCacheTimeout", ServerOnly, TLS),
    row("SSLRandomSeed", ServerOnly, TLS),
    row("SSLSessionTickets", ServerOnly, TLS),
    row("SSLUseStapling", ServerOnly, TLS),
    row("SSLStaplingCache", ServerOnly, TLS),
    row("SSLPassPhraseDialog", ServerOnly, TLS),
    row("ProxyPass", ServerOnly, PROXY),
    row("ProxyPassMatch", ServerOnly, PROXY),
    row("ProxyPassReverse", ServerOnly, PROXY),
    row("ProxyPreserveHost", ServerOnly, PROXY),
    row("ProxyRequests", ServerOnly, PROXY),
    row("ProxyVia", ServerOnly, PROXY),
    row(
        "Dav",
        ServerOnly,
        Matters("no WebDAV here: its methods reach scripts or get 405"),
    ),
    row("DavLockDB", ServerOnly, Harmless("no WebDAV here")),
    row(
        "AddModuleInfo",
        ServerOnly,
        Harmless("this studio has no modules"),
    ),
    row(
        "SecRuleEngine",
        FileInfo,
        Matters("no rules of mod_security here: every request reaches the scripts"),
    ),
    row(
        "SecRule",
        FileInfo,
        Matters("no rules of mod_security here: every request reaches the scripts"),
    ),
];

fn find(key: &str) -> Option<&'static Known> {
    DIRECTIVES
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(key))
}

/// Whether the directive is one that we know of.
pub(super) fn is_known(key: &str) -> bool {
    find(key).is_some()
}

/// Whether nothing changes when the directive is left out.
pub(super) fn is_harmless(key: &str) -> bool {
    find(key).is_some_and(|known| matches!(known.fate, Harmless(_)))
}

/// The class of AllowOverride that a directive belongs to; an unknown one is nowhere allowed.
pub(super) fn override_class(key: &str) -> OverrideClass {
    find(key).map_or(ServerOnly, |known| known.class)
}

/// Tells what it means that a directive is left out, and all that a section encloses.
pub(super) fn note(directive: &Directive, notes: &mut Notes) {
    match find(&directive.key).map(|known| known.fate) {
        Some(Harmless(why)) => notes.harmless(directive, why),
        Some(Matters(how)) => notes.not_taken(directive, how),
        Some(Read) => notes.not_taken(
            directive,
            "it may not stand in this place; Apache does not start with it",
        ),
        None => notes.not_taken(directive, unknown(directive)),
    }
}

fn unknown(directive: &Directive) -> String {
    let names = DIRECTIVES.iter().map(|known| known.name);
    match nearest(&directive.name, names) {
        Some(near) => format!("no directive that we know; was {near} meant?"),
        None => "no directive that we know, so we cannot tell what is missing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_directive_stands_once_in_the_table() {
        let names: BTreeSet<_> = DIRECTIVES
            .iter()
            .map(|known| known.name.to_ascii_lowercase())
            .collect();
        assert_eq!(names.len(), DIRECTIVES.len());
        assert!(DIRECTIVES.len() > 80);
    }

    #[test]
    fn meanings_are_sentences_for_a_list() {
        for known in DIRECTIVES {
            let (Harmless(text) | Matters(text)) = known.fate else {
                continue;
            };
            assert!(!text.is_empty() && !text.ends_with('.'), "{}", known.name);
        }
    }
}
