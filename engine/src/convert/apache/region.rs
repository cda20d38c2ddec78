//! Where a section applies, and how such places lie to one another.

use std::path::{Path, PathBuf};

use crate::site::{FileNames, Place};

/// A place, and within it all files or those with certain names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Region {
    pub(super) place: Place,
    pub(super) files: Option<FileNames>,
}

/// URL prefixes with the folders they stand for, to compare places of both kinds; the first that
/// fits counts.
#[derive(Debug, Default)]
pub(super) struct UrlMap {
    pub(super) prefixes: Vec<(String, PathBuf)>,
}

impl UrlMap {
    /// The folder that a URL path stands for, when it lies in one of the prefixes.
    fn folder(&self, url: &str) -> Option<PathBuf> {
        self.prefixes.iter().find_map(|(prefix, folder)| {
            let rest = below(url, prefix)?;
            Some(joined(folder, rest))
        })
    }

    /// The URL under which a folder below `url` is found.
    fn url_within(&self, url: &str, folder: &Path) -> Option<String> {
        let top = self.folder(url)?;
        let rest = folder.strip_prefix(top).ok()?.to_str()?;
        let url = url.trim_end_matches('/');
        Some(match rest {
            "" => format!("{url}/"),
            rest => format!("{url}/{rest}"),
        })
    }
}

fn joined(folder: &Path, rest: &str) -> PathBuf {
    match rest {
        "" => folder.to_owned(),
        rest => folder.join(rest),
    }
}

/// What follows `prefix` in `url` when it matches on the border of a component.
pub(super) fn below<'u>(url: &'u str, prefix: &str) -> Option<&'u str> {
    let rest = url.strip_prefix(prefix.trim_end_matches('/'))?;
    if rest.is_empty() || rest.starts_with('/') {
        Some(rest.trim_matches('/'))
    } else {
        None
    }
}

impl Region {
    /// All files of a place.
    pub(super) fn of(place: Place) -> Self {
        Self { place, files: None }
    }

    /// Whether everything in `other` surely lies in this region, too.
    pub(super) fn contains(&self, other: &Self, urls: &UrlMap) -> bool {
        let all_names = self.files.is_none() || self.files == other.files;
        all_names && place_contains(&self.place, &other.place, urls)
    }

    /// What lies in both, when neither contains the other and it can be said in one scope.
    pub(super) fn both(&self, other: &Self, urls: &UrlMap) -> Option<Self> {
        let place = if place_contains(&self.place, &other.place, urls) {
            other.place.clone()
        } else if place_contains(&other.place, &self.place, urls) {
            self.place.clone()
        } else {
            both_places(&self.place, &other.place, urls)
                .or_else(|| both_places(&other.place, &self.place, urls))?
        };
        let files = match (&self.files, &other.files) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Some(Self { place, files })
    }
}

fn place_contains(outer: &Place, inner: &Place, urls: &UrlMap) -> bool {
    match (outer, inner) {
        (Place::Site, _) => true,
        (Place::Folder(outer), Place::Folder(inner)) => inner.starts_with(outer),
        (Place::Folder(outer), Place::Url(url)) => urls
            .folder(url)
            .is_some_and(|folder| folder.starts_with(outer)),
        (Place::Url(outer), Place::Url(inner)) => below(inner, outer).is_some(),
        (outer, inner) => outer == inner,
    }
}

/// A folder beneath the one that a URL stands for.
fn both_places(url: &Place, folder: &Place, urls: &UrlMap) -> Option<Place> {
    let (Place::Url(url), Place::Folder(folder)) = (url, folder) else {
        return None;
    };
    urls.url_within(url, folder).map(Place::Url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::pattern::Wildcard;

    fn urls() -> UrlMap {
        let prefix = |url: &str, folder: &str| (url.to_owned(), folder.into());
        UrlMap {
            prefixes: vec![prefix("/cgi-bin/", "/srv/cgi"), prefix("/", "/srv/www")],
        }
    }

    fn folder(path: &str) -> Region {
        Region::of(Place::Folder(path.into()))
    }

    fn url(path: &str) -> Region {
        Region::of(Place::Url(path.to_owned()))
    }

    fn named(region: Region, wildcard: &str) -> Region {
        let files = FileNames::Like(Wildcard::parse(wildcard).unwrap());
        Region {
            files: Some(files),
            ..region
        }
    }

    #[track_caller]
    fn check(outer: &Region, inner: &Region, expected: bool) {
        assert_eq!(outer.contains(inner, &urls()), expected);
    }

    #[track_caller]
    fn check_both(one: &Region, other: &Region, expected: Option<&Region>) {
        assert_eq!(one.both(other, &urls()).as_ref(), expected);
        assert_eq!(other.both(one, &urls()).as_ref(), expected);
    }

    #[test]
    fn folders_hold_what_is_beneath_and_the_urls_that_lead_there() {
        check(&Region::default(), &named(url("/x"), "*"), true);
        check(&folder("/srv"), &folder("/srv/www/a"), true);
        check(&folder("/srv/w"), &folder("/srv/www"), false);
        check(&folder("/srv/www"), &url("/a/b"), true);
        check(&folder("/srv/www"), &url("/cgi-bin/x"), false);
        check(&url("/a"), &url("/a/b"), true);
        check(&url("/a"), &url("/ab"), false);
        check(&url("/a"), &folder("/srv/www/a"), false);
    }

    #[test]
    fn names_narrow_a_region() {
        check(&folder("/srv"), &named(folder("/srv"), "*.cgi"), true);
        check(&named(folder("/srv"), "*.cgi"), &folder("/srv"), false);
        check(
            &named(Region::default(), "a"),
            &named(Region::default(), "b"),
            false,
        );
    }

    #[test]
    fn what_is_common_to_two_regions_is_one() {
        let cgi = named(Region::default(), "*.cgi");
        check_both(
            &cgi,
            &folder("/srv/www"),
            Some(&named(folder("/srv/www"), "*.cgi")),
        );
        check_both(&url("/a"), &folder("/srv/www/a/b"), Some(&url("/a/b")));
        check_both(&url("/a"), &folder("/srv/cgi"), None);
        check_both(&folder("/a"), &folder("/b"), None);
        check_both(&cgi, &named(folder("/srv"), "*.py"), None);
    }
}
