//! What was probably meant by a URL that leads nowhere; never a name that is kept from whoever asks.

use std::path::Path;

use super::near_name::nearest;
use super::settings::Settings;
use super::url_path::Component;
use super::{Site, is_hidden, percent_encoded_path};

/// A folder with more names than this is not searched for a near name.
const MOST_NAMES_COMPARED: usize = 2_000;

/// The URL path, percent-encoded, of a neighbour in `folder` with a name like that of the component
/// at `missing`, or of the same or a similar name behind another prefix. `here` holds for what is
/// missing.
pub(super) fn near_url(
    site: &Site,
    here: &Settings,
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
    let in_url = |name: &str| [&url, name.as_bytes()].concat();
    near_file(site, here, folder, wanted, in_url)
        .or_else(|| elsewhere(site, here, component))
        .or_else(|| elsewhere(site, here, components.last()?))
}

/// The URL of a file with the same or a similar name, directly behind any prefix.
pub(super) fn elsewhere(site: &Site, here: &Settings, component: &Component<'_>) -> Option<String> {
    let wanted = std::str::from_utf8(component.name).ok()?;
    site.mappings.iter().find_map(|mapping| {
        let folder = mapping.folder.canonicalize().ok()?;
        let in_url = |name: &str| mapping.url_of(name.as_bytes());
        site.may_serve(&folder)
            .then(|| near_file(site, here, &folder, wanted, in_url))
            .flatten()
    })
}

fn near_file(
    site: &Site,
    here: &Settings,
    folder: &Path,
    wanted: &str,
    in_url: impl Fn(&str) -> Vec<u8>,
) -> Option<String> {
    let entries = folder.read_dir().ok()?.flatten().take(MOST_NAMES_COMPARED);
    let servable = entries
        .map(|entry| entry.file_name())
        .filter(|name| !is_hidden(name));
    let names: Vec<String> = servable
        .filter_map(|name| name.into_string().ok())
        .collect();
    let name = nearest(wanted, names.iter().map(String::as_str))?;
    let (url, file) = (in_url(name), folder.join(name));
    let told =
        site.settings(&url, &file).are_as_open_as(here) && !site.scopes.is_user_file(&file, &file);
    told.then(|| percent_encoded_path(&url))
}
