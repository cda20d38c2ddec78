//! Whether there is a display to open a window on, found out before an event loop is made:
//! a process can make only one, and one that failed cannot be tried again.

use std::env;
use std::ffi::OsString;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// A display on another computer may take so long to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// X displays on TCP have the ports from here on (X(7), "display names").
const FIRST_PORT: u16 = 6000;

/// What the environment says about displays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Displays {
    x11: Option<OsString>,
    wayland: Option<OsString>,
    wayland_socket: Option<OsString>,
    runtime_folder: Option<OsString>,
}

/// How to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Plan {
    /// Open the window.
    Window,
    /// Wayland does not answer and X11 does.
    WindowOnX11,
    /// Nothing to open a window on; why, in words.
    Headless(String),
}

impl Displays {
    pub(crate) fn of_process() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            x11: set("DISPLAY"),
            wayland: set("WAYLAND_DISPLAY"),
            wayland_socket: set("WAYLAND_SOCKET"),
            runtime_folder: set("XDG_RUNTIME_DIR"),
        }
    }

    /// Both are there, and Wayland would be taken first.
    pub(crate) fn can_fall_back_to_x11(&self) -> bool {
        self.prefers_wayland() && self.x11.is_some()
    }

    pub(crate) fn plan(&self) -> Plan {
        // Elsewhere a window needs no display that is named in the environment.
        if cfg!(any(target_os = "macos", windows)) {
            return Plan::Window;
        }
        self.decide(|| self.wayland_answers(), || self.x11_answers())
    }

    fn prefers_wayland(&self) -> bool {
        self.wayland.is_some() || self.wayland_socket.is_some()
    }

    fn decide(
        &self,
        wayland_answers: impl FnOnce() -> bool,
        x11_answers: impl FnOnce() -> bool,
    ) -> Plan {
        let named = |name: &Option<OsString>| {
            name.as_deref()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        if self.prefers_wayland() {
            if wayland_answers() {
                return Plan::Window;
            }
            if self.x11.is_some() && x11_answers() {
                return Plan::WindowOnX11;
            }
            return Plan::Headless(format!(
                "the display {} does not answer",
                named(&self.wayland)
            ));
        }
        match &self.x11 {
            None => Plan::Headless(
                "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)".to_owned(),
            ),
            Some(_) if x11_answers() => Plan::Window,
            Some(_) => Plan::Headless(format!("the display {} does not answer", named(&self.x11))),
        }
    }

    /// wl_display_connect(3): an open socket, an absolute path, or a name in the runtime folder.
    fn wayland_answers(&self) -> bool {
        if self.wayland_socket.is_some() {
            return true;
        }
        let name = PathBuf::from(self.wayland.clone().unwrap_or_default());
        let socket = match &self.runtime_folder {
            Some(folder) => PathBuf::from(folder).join(name),
            None => name,
        };
        socket.is_absolute() && UnixStream::connect(socket).is_ok()
    }

    fn x11_answers(&self) -> bool {
        let name = self.x11.clone().unwrap_or_default();
        match XAddress::parse(&name.to_string_lossy()) {
            Some(XAddress::Local(number)) => local_x11_answers(number),
            Some(XAddress::Remote(host, number)) => remote_x11_answers(&host, number),
            // A form that we do not know: let the window system try it.
            None => true,
        }
    }
}

/// `[HOST]:NUMBER[.SCREEN]`, X(7).
#[derive(PartialEq, Eq, Debug)]
enum XAddress {
    Local(u16),
    Remote(String, u16),
}

impl XAddress {
    fn parse(name: &str) -> Option<Self> {
        let (host, number) = name.rsplit_once(':')?;
        let number = number
            .split_once('.')
            .map_or(number, |(number, _)| number)
            .parse()
            .ok()?;
        match host {
            "" | "unix" => Some(Self::Local(number)),
            host if host.contains('/') => None,
            host => Some(Self::Remote(host.to_owned(), number)),
        }
    }
}

fn local_x11_answers(number: u16) -> bool {
    let path = format!("/tmp/.X11-unix/X{number}");
    UnixStream::connect(&path).is_ok() || abstract_socket_answers(&path)
}

#[cfg(target_os = "linux")]
fn abstract_socket_answers(name: &str) -> bool {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::SocketAddr;
    SocketAddr::from_abstract_name(name)
        .and_then(|address| UnixStream::connect_addr(&address))
        .is_ok()
}

#[cfg(not(target_os = "linux"))]
fn abstract_socket_answers(_name: &str) -> bool {
    false
}

fn remote_x11_answers(host: &str, number: u16) -> bool {
    let Some(port) = FIRST_PORT.checked_add(number) else {
        return false;
    };
    let addresses = (host, port).to_socket_addrs();
    addresses
        .into_iter()
        .flatten()
        .any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn displays(x11: Option<&str>, wayland: Option<&str>) -> Displays {
        Displays {
            x11: x11.map(Into::into),
            wayland: wayland.map(Into::into),
            ..Displays::default()
        }
    }

    #[track_caller]
    fn check(x11: Option<(&str, bool)>, wayland: Option<(&str, bool)>, expected: &Plan) {
        let displays = displays(
            x11.map(|display| display.0),
            wayland.map(|display| display.0),
        );
        let answers = |display: Option<(&str, bool)>| display.is_some_and(|display| display.1);
        assert_eq!(
            &displays.decide(|| answers(wayland), || answers(x11)),
            expected
        );
    }

    #[test]
    fn a_window_opens_only_on_a_display_that_answers() {
        let headless = |reason: &str| Plan::Headless(reason.to_owned());
        check(
            None,
            None,
            &headless("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"),
        );
        check(Some((":0", true)), None, &Plan::Window);
        check(
            Some((":9", false)),
            None,
            &headless("the display :9 does not answer"),
        );
        check(None, Some(("wayland-0", true)), &Plan::Window);
        check(
            None,
            Some(("wayland-0", false)),
            &headless("the display wayland-0 does not answer"),
        );
        check(
            Some((":0", true)),
            Some(("wayland-0", false)),
            &Plan::WindowOnX11,
        );
        check(
            Some((":0", false)),
            Some(("wayland-0", false)),
            &headless("the display wayland-0 does not answer"),
        );
        check(
            Some((":0", false)),
            Some(("wayland-0", true)),
            &Plan::Window,
        );
    }

    #[test]
    fn x11_names_are_taken_apart() {
        assert_eq!(XAddress::parse(":0"), Some(XAddress::Local(0)));
        assert_eq!(XAddress::parse("unix:1.2"), Some(XAddress::Local(1)));
        assert_eq!(
            XAddress::parse("localhost:10.0"),
            Some(XAddress::Remote("localhost".to_owned(), 10))
        );
        for strange in ["", "0", ":", ":x", "/private/tmp/x:0", ":99999"] {
            assert_eq!(XAddress::parse(strange), None, "{strange}");
        }
    }

    #[test]
    fn a_wayland_socket_answers_while_somebody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let mut displays = displays(None, Some("wayland-7"));
        displays.runtime_folder = Some(folder.path().into());
        assert!(!displays.wayland_answers());
        let listener = UnixListener::bind(folder.path().join("wayland-7")).unwrap();
        assert!(displays.wayland_answers());
        drop(listener);
        assert!(!displays.wayland_answers());
    }
}
