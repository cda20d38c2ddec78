//! What was probably meant by a URL that leads nowhere.

use std::path::Path;

use super::near_name::nearest;
use super::url_path::Component;
use super::{Site, is_hidden, percent_encoded_path};

/// A folder with more names than this is not searched for a near name.
const MOST_NAMES_COMPARED: usize = 2_000;

/// The URL path, percent-encoded, of a neighbour in `folder` with a name like that of the component
/// at `missing`, or of the same or a similar name behind another prefix.
pub(super) fn near_url(
    site: &Site,
    folder: &Path,
    components: &[Component<'_>],
    missing: usize,
) -> Option<String> {
    let component = components.get(missing)?;
    let wanted = std::str::from_utf8(component.name).ok()?;
    let mut url = Vec::new();
    for before in components.iter().take(missing) {
        url.push(b'/');
        url.extend_from_slice(before.name);
    }
    url.push(b'/');
    match near_file(folder, wanted) {
        Some(name) => Some(percent_encoded_path(&[&url, name.as_bytes()].concat())),
        None => elsewhere(site, component).or_else(|| elsewhere(site, components.last()?)),
    }
}

/// The URL of a file with the same or a similar name, directly behind any prefix.
pub(super) fn elsewhere(site: &Site, component: &Component<'_>) -> Option<String> {
    let wanted = std::str::from_utf8(component.name).ok()?;
    site.mappings.iter().find_map(|mapping| {
        let folder = mapping.folder.canonicalize().ok()?;
        let name = site
            .may_serve(&folder)
            .then(|| near_file(&folder, wanted))
            .flatten()?;
        Some(percent_encoded_path(&mapping.url_of(name.as_bytes())))
    })
}

fn near_file(folder: &Path, wanted: &str) -> Option<String> {
    let entries = folder.read_dir().ok()?.flatten().take(MOST_NAMES_COMPARED);
    let servable = entries
        .map(|entry| entry.file_name())
        .filter(|name| !is_hidden(name));
    let names: Vec<String> = servable
        .filter_map(|name| name.into_string().ok())
        .collect();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
