//! Saved requests on the disk, for workers: written, opened, renamed, taken away and brought back.

use std::path::{Path, PathBuf};

use cgi_engine::saved_request::folder::{self, Before, ChangeError};
use cgi_engine::saved_request::{RequestFile, SavedRequest, parse, write};

use super::drafts;
use super::model::compose::draft::Draft;
use super::model::compose::kept::Kept;
use super::model::compose::saving::{self, draft_of};
use super::model::compose::{SavedOrigin, Work};
use super::model::saved::{Removed, SavedRow, expectations};

/// A draft on its way to the disk.
#[derive(Clone, Debug)]
pub(super) struct SaveJob {
    /// The site's folder.
    pub site: PathBuf,
    /// What is saved.
    pub work: Work,
    /// A new name; none for the place that it came from.
    pub name: Option<String>,
    /// Write over whatever is there: the user was asked.
    pub anyway: bool,
}

/// Why a draft was not saved.
#[derive(Clone, Debug)]
pub(super) struct NotSaved {
    /// In words.
    pub words: String,
    /// It can be done all the same.
    pub can_replace: bool,
}

impl From<ChangeError> for NotSaved {
    fn from(error: ChangeError) -> Self {
        let can_replace = matches!(
            error,
            ChangeError::Changed { .. } | ChangeError::Exists { .. }
        );
        Self {
            words: error.to_string(),
            can_replace,
        }
    }
}

impl From<String> for NotSaved {
    fn from(words: String) -> Self {
        Self {
            words,
            can_replace: false,
        }
    }
}

/// Writes the draft to its file, with the files that it needs beside it.
pub(super) fn save(job: &SaveJob) -> Result<SavedOrigin, NotSaved> {
    let expected = expectations(&job.work.expectations)
        .map_err(|(at, why)| format!("expectation {}: {why}", at + 1))?;
    let old = job.work.saved.as_ref().filter(|_| job.name.is_none());
    let (path, name, index) = match (&job.name, old) {
        (Some(name), _) => (folder::path_of(&job.site, name)?, name.clone(), 0),
        (None, Some(old)) => (old.path.clone(), old.name.clone(), old.index),
        (None, None) => return Err("a name is wanted".to_owned().into()),
    };
    let home = std::env::home_dir();
    let own_stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // A second request of a file has its own files beside it.
    let stem = match index {
        0 => own_stem.into_owned(),
        more => format!("{own_stem}-request-{}", more + 1),
    };
    let place = saving::Place {
        folder: path.parent().unwrap_or(&job.site),
        stem: &stem,
        home: home.as_deref(),
    };
    let saving = saving::request_of(&job.work.draft, place, &drafts::read_file)
        .map_err(|error| error.to_string())?;
    let mut file = match old {
        Some(old) => parse(old.content.bytes()).map_err(|error| error.to_string())?,
        None => RequestFile {
            requests: vec![SavedRequest::new(saving.request.clone())],
            end: Vec::new(),
        },
    };
    let request = file
        .requests
        .get_mut(index)
        .ok_or_else(|| "it is not in its file any more".to_owned())?;
    request.set_request(saving.request);
    request.set_expectations(expected);
    let content = write(&file);
    for (beside, bytes) in &saving.beside {
        let beside = place.folder.join(beside);
        put_beside(&beside, bytes, job.anyway || old.is_some())?;
    }
    let before = match old {
        _ if job.anyway => Before::Anything,
        Some(old) => Before::Is(old.content.bytes()),
        None => Before::Absent,
    };
    folder::put(&path, &content, before)?;
    Ok(SavedOrigin {
        name,
        path,
        index,
        draft: job.work.draft.clone(),
        expectations: job.work.expectations.clone(),
        content: Kept::new(&content),
    })
}

/// A file of that name is written over only where it is this request's own, or has the same bytes.
fn put_beside(path: &Path, bytes: &[u8], may_replace: bool) -> Result<(), NotSaved> {
    let is_same = folder::read(path).is_ok_and(|there| there == bytes);
    let before = if may_replace {
        Before::Anything
    } else {
        Before::Absent
    };
    match is_same {
        true => Ok(()),
        false => Ok(folder::put(path, bytes, before)?),
    }
}

/// Takes a request out of its file, and the file away when it was its last.
pub(super) fn remove(row: &SavedRow) -> Result<Removed, String> {
    let mut removed = Removed {
        path: row.place.path.clone(),
        before: row.content.to_vec(),
        after: None,
        name: row.name.clone(),
    };
    let file = parse(&row.content)
        .ok()
        .filter(|file| file.requests.len() > 1);
    if let Some(mut file) = file {
        if row.place.index < file.requests.len() {
            file.requests.remove(row.place.index);
        }
        let content = write(&file);
        folder::put(&row.place.path, &content, Before::Is(&row.content))
            .map_err(|error| error.to_string())?;
        removed.after = Some(content);
    } else {
        folder::remove(&row.place.path, &row.content).map_err(|error| error.to_string())?;
    }
    Ok(removed)
}

/// Puts a file back as it was.
pub(super) fn restore(removed: &Removed) -> Result<(), String> {
    let before = match &removed.after {
        Some(after) => Before::Is(after),
        None => Before::Absent,
    };
    folder::put(&removed.path, &removed.before, before).map_err(|error| error.to_string())
}

/// Gives a request another name: its file, or its own where it shares one.
pub(super) fn rename(site: &Path, row: &SavedRow, name: &str) -> Result<(), String> {
    let words = |error: ChangeError| error.to_string();
    let to = folder::path_of(site, name).map_err(words)?;
    let mut file = parse(&row.content).map_err(|error| error.to_string());
    if let Ok(file) = &mut file
        && let Some(request) = file.requests.get_mut(row.place.index)
        && request.name().is_some()
    {
        request.set_name(Some(name.to_owned()));
    }
    match file {
        Ok(mut file) if file.requests.len() > 1 => {
            if let Some(request) = file.requests.get_mut(row.place.index) {
                request.set_name(Some(name.to_owned()));
            }
            folder::put(&row.place.path, &write(&file), Before::Is(&row.content)).map_err(words)
        }
        Ok(file) => {
            let content = write(&file);
            if content != *row.content {
                folder::put(&row.place.path, &content, Before::Is(&row.content)).map_err(words)?;
            }
            if to == row.place.path {
                return Ok(());
            }
            folder::rename(&row.place.path, &to).map_err(words)
        }
        Err(_) => folder::rename(&row.place.path, &to).map_err(words),
    }
}

/// The draft of a saved request. Reads the files that it names.
pub(super) fn open(row: &SavedRow) -> Result<Work, String> {
    let request = row.request.as_ref().map_err(Clone::clone)?;
    let folder = row.place.path.parent().unwrap_or(Path::new("."));
    let draft: Draft = draft_of(&request.request, folder).map_err(|error| error.to_string())?;
    let expectations: Vec<String> = request.expectations().map(ToString::to_string).collect();
    Ok(Work {
        saved: Some(SavedOrigin {
            name: row.name.clone(),
            path: row.place.path.clone(),
            index: row.place.index,
            draft: draft.clone(),
            expectations: expectations.clone(),
            content: Kept::new(&row.content),
        }),
        expectations,
        ..Work::new(draft, None)
    })
}

#[cfg(test)]
mod tests {
    use super::super::model::saved::SavedRequests;
    use super::*;

    struct Site(tempfile::TempDir);

    impl Site {
        /// A site with these files in its `requests/`.
        fn with(files: &[(&str, &str)]) -> Self {
            let site = Self(tempfile::tempdir().unwrap());
            std::fs::create_dir(site.0.path().join(folder::FOLDER)).unwrap();
            for (name, text) in files {
                std::fs::write(site.file(name), text).unwrap();
            }
            site
        }

        fn file(&self, name: &str) -> PathBuf {
            self.0.path().join(folder::FOLDER).join(name)
        }

        fn text(&self, name: &str) -> Option<String> {
            std::fs::read_to_string(self.file(name)).ok()
        }

        fn rows(&self) -> Vec<SavedRow> {
            let mut saved = SavedRequests::default();
            saved.take(folder::list(self.0.path()).map_err(|error| error.to_string()));
            saved.rows
        }

        fn row(&self, name: &str) -> SavedRow {
            let rows = self.rows();
            let found = rows.iter().find(|row| row.name == name).cloned();
            found.unwrap_or_else(|| panic!("{name} is none of {rows:?}"))
        }

        fn job(&self, work: &Work, name: Option<&str>) -> SaveJob {
            SaveJob {
                site: self.0.path().to_owned(),
                work: work.clone(),
                name: name.map(str::to_owned),
                anyway: false,
            }
        }
    }

    const LOGIN: &str = "POST /cgi-bin/login.py\nHost: localhost\n\nname=Zo\n";
    const TWO: &str = "### first\nGET /a\nHost: h\n\n### second\nGET /b\nHost: h\n";

    #[test]
    fn what_was_opened_is_written_over_only_as_it_was() {
        let site = Site::with(&[("login.http", LOGIN)]);
        let mut work = open(&site.row("login")).unwrap();
        work.expectations = vec!["status 200".to_owned()];
        let saved = save(&site.job(&work, None)).unwrap();
        assert!(site.text("login.http").unwrap().contains("status 200"));
        work.saved = Some(saved);
        std::fs::write(site.file("login.http"), "GET /of-another-hand\n").unwrap();
        let refused = save(&site.job(&work, None)).unwrap_err();
        assert!(refused.can_replace, "{refused:?}");
        assert!(site.text("login.http").unwrap().contains("another-hand"));
        let job = SaveJob {
            anyway: true,
            ..site.job(&work, None)
        };
        save(&job).unwrap();
        assert!(site.text("login.http").unwrap().contains("name=Zo"));
    }

    #[test]
    fn a_new_name_never_hides_a_request_that_is_there() {
        let site = Site::with(&[("login.http", LOGIN), ("other.http", TWO)]);
        let work = open(&site.row("login")).unwrap();
        let refused = save(&site.job(&work, Some("other"))).unwrap_err();
        assert!(refused.can_replace, "{refused:?}");
        assert_eq!(site.text("other.http").as_deref(), Some(TWO));
        for name in ["../up", "", "/etc/passwd"] {
            let refused = save(&site.job(&work, Some(name))).unwrap_err();
            assert!(!refused.can_replace, "{name}: {refused:?}");
        }
        save(&site.job(&work, Some("admin/sign in"))).unwrap();
        assert!(site.text("admin/sign in.http").unwrap().contains("name=Zo"));
    }

    #[test]
    fn what_is_taken_away_can_be_brought_back() {
        let site = Site::with(&[("login.http", LOGIN), ("two.http", TWO)]);
        let removed = remove(&site.row("login")).unwrap();
        assert_eq!(site.text("login.http"), None);
        restore(&removed).unwrap();
        assert_eq!(site.text("login.http").as_deref(), Some(LOGIN));
        let first = remove(&site.row("two: first")).unwrap();
        assert!(!site.text("two.http").unwrap().contains("/a"));
        assert!(site.text("two.http").unwrap().contains("/b"));
        std::fs::write(site.file("two.http"), "GET /changed\n").unwrap();
        assert!(restore(&first).is_err(), "somebody wrote meanwhile");
        let row = site.row("login");
        std::fs::write(site.file("login.http"), "GET /changed\n").unwrap();
        assert!(remove(&row).is_err(), "it is not what was shown");
    }

    #[test]
    fn a_request_is_renamed_with_its_file_or_within_it() {
        let site = Site::with(&[("login.http", LOGIN), ("two.http", TWO)]);
        rename(site.0.path(), &site.row("login"), "sign-in").unwrap();
        assert_eq!(site.text("login.http"), None);
        assert_eq!(site.text("sign-in.http").as_deref(), Some(LOGIN));
        rename(site.0.path(), &site.row("two: second"), "last").unwrap();
        assert!(site.row("two: last").told().contains("GET /b"));
        assert!(rename(site.0.path(), &site.row("sign-in"), "two").is_err());
        assert_eq!(site.text("sign-in.http").as_deref(), Some(LOGIN));
    }
}
