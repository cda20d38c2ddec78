//! How each peer is told what to serve.

use super::program::command;
use super::{PeerError, PeerKind, go_host};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a peer stands: what its configuration needs to name.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where it is to listen.
    pub address: SocketAddr,
    /// A folder for logs, sockets and temporary files, gone with the peer.
    pub state: PathBuf,
    /// The folder that is served.
    pub folder: PathBuf,
}

impl Place {
    /// The socket of fcgiwrap, for nginx.
    pub fn fcgiwrap_socket(&self) -> PathBuf {
        self.state.join("fcgiwrap.sock")
    }
}

/// A folder of scripts that only known users may run, by Basic authentication.
#[derive(Debug, Clone)]
pub struct Protected {
    /// URL prefix without a slash at its end.
    pub url: String,
    /// The only user.
    pub user: String,
    /// The user's password, in clear.
    pub password: String,
    /// The same as a file of `user:hash` lines.
    pub user_file: PathBuf,
}

/// What a peer is told.
pub enum Configuration<'a> {
    /// Scripts in `cgi-bin/` and what the host does by itself.
    Shipped,
    /// The same with every switch that brings the host nearer to RFC 3875, and with a protected folder.
    Best(Option<Protected>),
    /// The site's part of a configuration. Around it stand the address, the modules and the logs;
    /// for nginx it is the inside of a `server` block.
    Site(&'a dyn Fn(&Place) -> String),
    /// The whole configuration file.
    Whole(&'a dyn Fn(&Place) -> String),
}

/// The programs of the peer with the commands that start them, in the order of their start.
pub(super) fn commands(
    kind: PeerKind,
    place: &Place,
    configuration: &Configuration<'_>,
) -> Result<Vec<(&'static str, Command)>, PeerError> {
    let system = |source| PeerError::System { kind, source };
    let text = match configuration {
        Configuration::Whole(text) => text(place),
        Configuration::Site(text) => frame(kind, place, &text(place)),
        Configuration::Shipped => frame(kind, place, &shipped(kind, place)),
        Configuration::Best(protected) => {
            frame(kind, place, &best(kind, place, protected.as_ref()))
        }
    };
    let own_words = matches!(
        configuration,
        Configuration::Site(_) | Configuration::Whole(_)
    );
    if own_words && matches!(kind, PeerKind::Cpython | PeerKind::Go) {
        return Err(PeerError::NotConfigurable { kind });
    }
    let file = place.state.join("host.conf");
    fs::write(&file, text).map_err(system)?;
    let mut commands = Vec::new();
    if kind == PeerKind::NginxFcgiwrap {
        commands.push(("fcgiwrap", fcgiwrap(place)));
    }
    let redirects = matches!(configuration, Configuration::Best(_));
    let server = match kind {
        PeerKind::Go => go(place, redirects).map_err(system)?,
        _ => server(kind, place, &file),
    };
    commands.push((kind.programs()[0], server));
    Ok(commands)
}

fn server(kind: PeerKind, place: &Place, file: &Path) -> Command {
    let address = place.address;
    let mut server = command(kind.programs()[0]);
    server.current_dir(&place.folder);
    match kind {
        PeerKind::Apache => server.arg("-f").arg(file).arg("-DFOREGROUND"),
        PeerKind::Lighttpd => server.arg("-D").arg("-f").arg(file),
        PeerKind::NginxFcgiwrap => {
            let log = place.state.join("nginx-start.log");
            server.arg("-c").arg(file).arg("-e").arg(log)
        }
        PeerKind::Cpython => server
            .args(["-m", "http.server", "--cgi", "--bind"])
            .args([address.ip().to_string(), address.port().to_string()]),
        PeerKind::Busybox => server
            .args(["httpd", "-f", "-p", &address.to_string(), "-c"])
            .arg(file)
            .arg("-h")
            .arg(&place.folder),
        // Its program is built, not found.
        PeerKind::Go => &mut server,
    };
    server
}

fn go(place: &Place, redirects: bool) -> io::Result<Command> {
    let mut server = Command::new(go_host::program()?);
    server
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .current_dir(&place.folder)
        .arg(place.address.to_string())
        .arg(&place.folder)
        .args(redirects.then_some("redirects"));
    Ok(server)
}

fn fcgiwrap(place: &Place) -> Command {
    let mut fcgiwrap = command("fcgiwrap");
    let socket = format!("unix:{}", place.fcgiwrap_socket().display());
    fcgiwrap.args(["-c", "8", "-s", &socket]);
    fcgiwrap
}

/// A site's part within what every configuration of that host needs here.
pub fn frame(kind: PeerKind, place: &Place, site: &str) -> String {
    match kind {
        PeerKind::Apache => apache_frame(place, site),
        PeerKind::Lighttpd => lighttpd_frame(place, site),
        PeerKind::NginxFcgiwrap => nginx_frame(place, site),
        PeerKind::Busybox => site.to_owned(),
        PeerKind::Cpython | PeerKind::Go => String::new(),
    }
}

/// The modules that Debian enables, and those that a site with scripts asks for.
const APACHE_MODULES: [&str; 17] = [
    "access_compat",
    "actions",
    "alias",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "cgid",
    "dir",
    "env",
    "mime",
    "mpm_event",
    "rewrite",
    "setenvif",
];

fn apache_frame(place: &Place, site: &str) -> String {
    let Place {
        address,
        state,
        folder,
    } = place;
    let (state, folder) = (state.display(), folder.display());
    let mut text = format!(
        "ServerRoot {state}\nDefaultRuntimeDir {state}\nPidFile {state}/apache.pid\nListen {address}\nServerName localhost\n"
    );
    for module in APACHE_MODULES {
        let path = format!("/usr/lib/apache2/modules/mod_{module}.so");
        let _ = writeln!(text, "LoadModule {module}_module {path}");
    }
    // It will not serve as root; by another user it cannot change.
    if rustix::process::geteuid().is_root() {
        text.push_str("User nobody\nGroup nogroup\n");
    }
    let types = "/etc/mime.types";
    let types = if Path::new(types).is_file() {
        types
    } else {
        "/dev/null"
    };
    let _ = write!(
        text,
        "ScriptSock {state}/cgid.sock\nTypesConfig {types}\nErrorLog {state}/apache2-error.log\nDocumentRoot {folder}\n{site}"
    );
    text
}

fn lighttpd_frame(place: &Place, site: &str) -> String {
    let Place {
        address,
        state,
        folder,
    } = place;
    let (state, folder) = (state.display(), folder.display());
    format!(
        r#"server.bind = "{ip}"
server.port = {port}
server.document-root = "{folder}"
server.errorlog = "{state}/lighttpd-error.log"
server.upload-dirs = ("{state}")
server.modules = ("mod_alias", "mod_auth", "mod_authn_file", "mod_setenv", "mod_cgi")
{site}"#,
        ip = address.ip(),
        port = address.port()
    )
}

fn nginx_frame(place: &Place, site: &str) -> String {
    let Place {
        address,
        state,
        folder,
    } = place;
    let (state, folder) = (state.display(), folder.display());
    // The workers have to reach the socket of fcgiwrap, which is ours.
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    format!(
        r"{user} worker_processes 1; daemon off; pid {state}/nginx.pid; error_log {state}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {state}/client; proxy_temp_path {state}/proxy; fastcgi_temp_path {state}/fastcgi;
  uwsgi_temp_path {state}/uwsgi; scgi_temp_path {state}/scgi;
  server {{
    listen {address};
    root {folder};
{site}
  }}
}}
"
    )
}

fn shipped(kind: PeerKind, place: &Place) -> String {
    match kind {
        PeerKind::Apache => apache_site(place),
        PeerKind::Lighttpd => {
            "$HTTP[\"url\"] =~ \"^/cgi-bin/\" { cgi.assign = (\"\" => \"\") }\n".to_owned()
        }
        PeerKind::NginxFcgiwrap => nginx_site(place, "include /etc/nginx/fastcgi_params;"),
        PeerKind::Cpython | PeerKind::Busybox | PeerKind::Go => String::new(),
    }
}

fn apache_site(place: &Place) -> String {
    let folder = place.folder.display();
    format!(
        "ScriptAlias /cgi-bin/ {folder}/cgi-bin/\n<Directory {folder}>\nRequire all granted\n</Directory>\n"
    )
}

/// As fcgiwrap's own documentation has it. Of two parameters of one name scripts see the first, so that what
/// differs from the included file stands before it.
fn nginx_site(place: &Place, parameters: &str) -> String {
    nginx_location(place, "/cgi-bin", parameters)
}

fn nginx_location(place: &Place, url: &str, parameters: &str) -> String {
    let (folder, socket) = (place.folder.display(), place.fcgiwrap_socket());
    format!(
        r"location {url}/ {{
      gzip off;
      fastcgi_split_path_info ^({url}/[^/]+)(/.*)$;
      fastcgi_param SCRIPT_FILENAME {folder}$fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      {parameters}
      fastcgi_pass unix:{socket};
    }}
",
        socket = socket.display()
    )
}

fn best(kind: PeerKind, place: &Place, protected: Option<&Protected>) -> String {
    match kind {
        PeerKind::Apache => {
            let mut text = apache_site(place);
            text.push_str("HostnameLookups On\nUseCanonicalPhysicalPort On\n");
            if let Some(Protected { url, user_file, .. }) = protected {
                let file = user_file.display();
                let _ = write!(
                    text,
                    "<Location {url}>\nAuthType Basic\nAuthName Members\nAuthUserFile {file}\nRequire valid-user\n</Location>\n"
                );
            }
            text
        }
        PeerKind::Lighttpd => lighttpd_best(protected),
        PeerKind::NginxFcgiwrap => nginx_best(place, protected),
        PeerKind::Busybox => protected.map_or_else(String::new, |protected| {
            let Protected {
                url,
                user,
                password,
                ..
            } = protected;
            format!("{url}:{user}:{password}\n")
        }),
        PeerKind::Cpython | PeerKind::Go => String::new(),
    }
}

fn lighttpd_best(protected: Option<&Protected>) -> String {
    let mut text = "server.stream-response-body = 1
server.stream-request-body = 1
server.http-parseopts = (\"method-get-body\" => \"enable\")
$HTTP[\"url\"] =~ \"^/cgi-bin/\" {
  cgi.assign = (\"\" => \"\")
  cgi.local-redir = \"enable\"
}
"
    .to_owned();
    if let Some(Protected { url, user_file, .. }) = protected {
        let file = user_file.display();
        let _ = writeln!(
            text,
            r#"auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "{file}"
auth.require = ("{url}" => ("method" => "basic", "realm" => "Members", "require" => "valid-user"))"#
        );
    }
    text
}

/// The parameters of the shipped file, better ones where there are: the name that the client asked for,
/// PATH_TRANSLATED, no user that nobody checked, and none of the fields that are passed by themselves.
const NGINX_PARAMETERS: &str = "fastcgi_buffering off; client_max_body_size 0;
      fastcgi_param SERVER_NAME $host;
      set $translated \"\";
      if ($fastcgi_path_info != \"\") { set $translated $document_root$fastcgi_path_info; }
      fastcgi_param PATH_TRANSLATED $translated if_not_empty;
      fastcgi_param REMOTE_HOST $remote_addr;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param SCRIPT_NAME $fastcgi_script_name;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param DOCUMENT_ROOT $document_root;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param REQUEST_SCHEME $scheme;
      fastcgi_param GATEWAY_INTERFACE CGI/1.1;
      fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param REMOTE_PORT $remote_port;
      fastcgi_param SERVER_ADDR $server_addr;
      fastcgi_param SERVER_PORT $server_port;
      fastcgi_param HTTP_PROXY \"\";
      fastcgi_param HTTP_AUTHORIZATION \"\";
      fastcgi_param HTTP_PROXY_AUTHORIZATION \"\";
      fastcgi_param HTTP_CONTENT_LENGTH \"\";
      fastcgi_param HTTP_CONTENT_TYPE \"\";
      fastcgi_param HTTP_TRANSFER_ENCODING \"\";";

fn nginx_best(place: &Place, protected: Option<&Protected>) -> String {
    let mut text = nginx_site(place, NGINX_PARAMETERS);
    if let Some(Protected { url, user_file, .. }) = protected {
        let file = user_file.display();
        let login = format!(
            "auth_basic Members; auth_basic_user_file {file};
      fastcgi_param AUTH_TYPE Basic; fastcgi_param REMOTE_USER $remote_user;
      {NGINX_PARAMETERS}"
        );
        text.push_str(&nginx_location(place, url, &login));
    }
    text
}
