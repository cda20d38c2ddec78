//! The hosts that are installed, each with the configuration that is written for a site.

use cgi_engine::convert::Host;
use cgi_engine::convert::write::{Deployment, write};
use cgi_engine::site::Site;
use cgi_tests::TempSite;
use cgi_tests::peers::{Configuration, Peer, PeerKind, Place};

/// A host that runs.
pub(crate) struct LiveHost {
    pub(crate) name: &'static str,
    pub(crate) peer: Peer,
    /// Its configuration.
    pub(crate) text: String,
}

/// Caddy with its plugin is in no distribution.
const LIVE: [(Host, PeerKind); 3] = [
    (Host::Apache, PeerKind::Apache),
    (Host::Lighttpd, PeerKind::Lighttpd),
    (Host::Nginx, PeerKind::NginxFcgiwrap),
];

/// Starts each, as the configuration's own first lines say.
pub(crate) fn live_hosts(site: &TempSite) -> Vec<LiveHost> {
    let folder = site.root();
    LIVE.into_iter()
        .filter(|(_, kind)| kind.is_here())
        .map(|(host, kind)| {
            let text = |place: &Place| written(host, place);
            let whole = |place: &Place| frame(host, place, &text(place));
            let peer = Peer::start_with(kind, &folder, &Configuration::Whole(&whole));
            let place = Place {
                address: ([127, 0, 0, 1], 0).into(),
                state: "/state".into(),
                folder: folder.clone(),
            };
            LiveHost {
                name: host.name(),
                peer: peer.unwrap_or_else(|error| panic!("{error}\n{}", text(&place))),
                text: text(&place),
            }
        })
        .collect()
}

fn written(host: Host, place: &Place) -> String {
    let deployment = Deployment {
        server_name: Some("localhost".to_owned()),
        address: Some(place.address.ip()),
        port: place.address.port(),
        root: None,
        fcgiwrap_socket: place.fcgiwrap_socket(),
    };
    let site = Site::open(&place.folder).unwrap();
    write(&site, host, &deployment).unwrap().text
}

/// What a distribution's own configuration has around that of a site.
fn frame(host: Host, place: &Place, text: &str) -> String {
    let state = place.state.display();
    let root = rustix::process::geteuid().is_root();
    match host {
        Host::Apache => {
            let modules: String = MODULES
                .iter()
                .map(|module| {
                    format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n")
                })
                .collect();
            let user = if root {
                "User nobody\nGroup nogroup\n"
            } else {
                ""
            };
            format!(
                "ServerRoot {state}\nDefaultRuntimeDir {state}\nPidFile {state}/apache.pid\nErrorLog {state}/error.log\nServerName localhost\n{modules}{user}ScriptSock {state}/cgid.sock\nTypesConfig /dev/null\nAddType text/html .html\n<Directory />\nRequire all denied\n</Directory>\n{text}"
            )
        }
        Host::Lighttpd => format!(
            "{text}\nserver.errorlog = \"{state}/error.log\"\nserver.upload-dirs = (\"{state}\")\n"
        ),
        Host::Nginx => {
            let user = if root { "user root;" } else { "" };
            format!(
                "{user} worker_processes 1; daemon off; pid {state}/nginx.pid; error_log {state}/error.log;\nevents {{ worker_connections 256; }}\nhttp {{\naccess_log off; types {{ text/html html; }} client_body_temp_path {state}/client; proxy_temp_path {state}/proxy; fastcgi_temp_path {state}/fastcgi; uwsgi_temp_path {state}/uwsgi; scgi_temp_path {state}/scgi;\n{text}\n}}\n"
            )
        }
        Host::Caddy => text.to_owned(),
    }
}

/// Those that a2enmod enables in the file's own words, and what is always there.
const MODULES: [&str; 16] = [
    "mpm_event",
    "authz_core",
    "authn_core",
    "mime",
    "alias",
    "auth_basic",
    "authn_file",
    "authz_host",
    "authz_user",
    "autoindex",
    "cgid",
    "dir",
    "env",
    "actions",
    "setenvif",
    "access_compat",
];
