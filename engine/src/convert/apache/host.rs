//! Which virtual host is meant.

use super::ReadError;
use super::notes::Notes;
use super::tree::Directive;

/// The directives of the main server and those of the chosen virtual host.
pub(super) struct Chosen<'t> {
    pub(super) main: Vec<&'t Directive>,
    pub(super) host: Vec<&'t Directive>,
}

/// Takes the host called `wanted`, or the first one, which httpd takes for requests that name
/// none; the others are noted.
pub(super) fn choose<'t>(
    tree: &'t [Directive],
    wanted: Option<&str>,
    notes: &mut Notes,
) -> Result<Chosen<'t>, ReadError> {
    let (hosts, main): (Vec<_>, Vec<_>) = tree
        .iter()
        .partition(|directive| directive.key == "virtualhost");
    let chosen = match wanted {
        None => hosts.first().copied(),
        Some(wanted) => {
            let found = hosts.iter().copied().find(|host| is_called(host, wanted));
            if found.is_none() {
                return Err(ReadError::NoSuchHost {
                    host: wanted.to_owned(),
                    known: known(&hosts),
                });
            }
            found
        }
    };
    for host in hosts {
        if chosen.is_some_and(|chosen| std::ptr::eq(chosen, host)) {
            notes.taken(host, "this is the host that was taken");
        } else {
            let name = names(host).next().unwrap_or("NAME");
            notes.not_taken(
                host,
                format!("one site is one host: with --host {name} this one is taken instead"),
            );
        }
    }
    Ok(Chosen {
        main,
        host: chosen.map_or(Vec::new(), |host| host.children().iter().collect()),
    })
}

/// Its ServerName, its aliases, and the addresses it is for.
fn names(host: &Directive) -> impl Iterator<Item = &str> {
    let named = host
        .children()
        .iter()
        .filter(|child| matches!(child.key.as_str(), "servername" | "serveralias"));
    let named = named.flat_map(|child| &child.words);
    named.chain(&host.words).map(String::as_str)
}

fn is_called(host: &Directive, wanted: &str) -> bool {
    names(host).any(|name| {
        let without_port = name.rsplit_once(':').map_or(name, |(name, _)| name);
        name.eq_ignore_ascii_case(wanted) || without_port.eq_ignore_ascii_case(wanted)
    })
}

fn known(hosts: &[&Directive]) -> String {
    let names: Vec<&str> = hosts.iter().filter_map(|host| names(host).next()).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
