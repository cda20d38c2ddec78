//! A reply as the client sees it, reduced to what a profile promises.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// A reply, its framing taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Status and phrase; empty where nothing came.
    pub(crate) status: String,
    /// Names in lower case and values, sorted, without those that frame the message or tell the time.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Fields about the connection, the time and the server itself, which are no matter of the script's.
const NOT_COMPARED: [&str; 5] = [
    "date",
    "server",
    "connection",
    "transfer-encoding",
    "accept-ranges",
];

impl Reply {
    /// Reads all the bytes of a connection. A Content-Length counts where it is not that of the body;
    /// in the answer to HEAD it is that of a body which nobody sees.
    pub(crate) fn read(bytes: &[u8], to_head: bool) -> Self {
        let mut rest = bytes;
        while rest.starts_with(b"HTTP/1.1 100 Continue\r\n\r\n") {
            rest = &rest[25..];
        }
        let (head, body) = split(rest);
        let mut lines = head.split(|byte| *byte == b'\n').map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            String::from_utf8_lossy(line).into_owned()
        });
        let first = lines.next().unwrap_or_default();
        let status = first
            .split_once(' ')
            .map_or("", |(_, status)| status.trim());
        let all: Vec<(String, String)> = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((&line, ""));
                (name.to_ascii_lowercase(), value.trim().to_owned())
            })
            .collect();
        let chunked = all
            .iter()
            .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = chunked.then(|| unchunked(body)).flatten();
        let body = body.unwrap_or_else(|| split(rest).1.to_vec());
        let framed = body.len().to_string();
        let counts = |(name, value): &(String, String)| match name.as_str() {
            "content-length" => !to_head && *value != framed,
            name => !NOT_COMPARED.contains(&name),
        };
        let mut fields: Vec<_> = all.into_iter().filter(counts).collect();
        fields.sort();
        Self {
            status: status.to_owned(),
            fields,
            body,
        }
    }

    /// The number alone.
    pub(crate) fn code(&self) -> &str {
        self.status.split(' ').next().unwrap_or_default()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|field| field.0 == name);
        found.map(|field| field.1.as_str())
    }

    /// What the probe told of itself, if this is from it.
    pub(crate) fn told(&self, address: SocketAddr) -> Option<Told> {
        let text = str::from_utf8(&self.body).ok()?;
        text.starts_with("arg ").then(|| Told::read(text, address))
    }
}

/// The head without its empty line, and the body.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = bytes[start..].iter().position(|byte| *byte == b'\n') {
        let line = &bytes[start..start + length];
        if line.is_empty() || line == b"\r" {
            return (
                &bytes[..start.saturating_sub(1)],
                &bytes[start + length + 1..],
            );
        }
        start += length + 1;
    }
    (bytes, b"")
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
        let size = str::from_utf8(&bytes[..end]).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}

/// What the probe was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) arguments: Vec<String>,
    pub(crate) directory: String,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) stdin: Option<String>,
}

impl Told {
    fn read(text: &str, address: SocketAddr) -> Self {
        let mut told = Self {
            arguments: Vec::new(),
            directory: String::new(),
            variables: BTreeMap::new(),
            stdin: None,
        };
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap();
            match word {
                "arg" => told.arguments.push(rest.to_owned()),
                "cwd" => told.directory = rest.to_owned(),
                "stdin" => told.stdin = Some(rest.to_owned()),
                "env" => {
                    let (name, value) = rest.split_once('=').unwrap();
                    let value = settled(name, value, address);
                    told.variables.entry(name.to_owned()).or_insert(value);
                }
                _ => panic!("the probe does not say {word}"),
            }
        }
        told
    }

    /// Of a host that lets its own environment through, only what speaks of the request is compared.
    pub(crate) fn forget_inherited(&mut self) {
        const KEPT: [&str; 14] = [
            "AUTH_",
            "CONTENT_",
            "CONTEXT_",
            "DOCUMENT_",
            "FCGI_",
            "GATEWAY_",
            "HTTP_",
            "PATH_",
            "QUERY_",
            "REDIRECT_",
            "REMOTE_",
            "REQUEST_",
            "SCRIPT_",
            "SERVER_",
        ];
        let speaks = |name: &str| KEPT.iter().any(|start| name.starts_with(start));
        self.variables.retain(|name, _| speaks(name));
    }
}

/// Ports are the system's choice, and versions those of the packages.
fn settled(name: &str, value: &str, address: SocketAddr) -> String {
    let name = name.strip_prefix("REDIRECT_").unwrap_or(name);
    let port = address.port().to_string();
    match name {
        "REMOTE_PORT" if value.bytes().all(|byte| byte.is_ascii_digit()) => "(a port)".to_owned(),
        "SERVER_PORT" if value == port => "(its port)".to_owned(),
        // That of whoever started the server; what counts is whether there is one.
        "PATH" => "(a path)".to_owned(),
        "SERVER_SOFTWARE" => value.split('/').next().unwrap_or_default().to_owned(),
        _ => value.to_owned(),
    }
}
