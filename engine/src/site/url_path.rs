//! A decoded URL path as components.

use super::percent_encoded_path;

/// A component of the URL path and where it ends in it.
#[derive(Clone, Copy)]
pub(super) struct Component<'p> {
    pub(super) name: &'p [u8],
    pub(super) end: usize,
}

/// The components of a decoded path that name something: not the empty ones, and not `.`.
pub(super) fn components(path: &[u8]) -> Vec<Component<'_>> {
    let mut end = 0;
    let mut components = Vec::new();
    for name in path.split(|&byte| byte == b'/') {
        end += name.len();
        if !name.is_empty() && name != b"." {
            components.push(Component { name, end });
        }
        end += 1;
    }
    components
}

/// The names alone.
pub(super) fn names_in(path: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    path.split(|&byte| byte == b'/')
        .filter(|&name| !name.is_empty() && name != b".")
}

/// The URL path of a folder, percent-encoded and with a slash at its end.
///
/// Built from components, so that `//host/` can never become the start of another site's URL.
pub(super) fn url_of_folder(components: &[Component<'_>]) -> String {
    let mut url = vec![b'/'];
    for component in components {
        url.extend_from_slice(component.name);
        url.push(b'/');
    }
    percent_encoded_path(&url)
}
