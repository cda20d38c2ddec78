//! The words that were given, by what they were given about.

use crate::diagnosis::python_word::PythonWord;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many answers are kept; beyond that all are asked for again.
const MOST: usize = 2000;

/// Whose word about which content: another interpreter, another file or other bytes are another question.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Question {
    pub(crate) interpreter: PathBuf,
    pub(crate) script: PathBuf,
    pub(crate) hash: [u8; 32],
}

/// The answers so far.
#[derive(Debug, Default)]
pub(crate) struct Words(Mutex<HashMap<Question, Option<Arc<PythonWord>>>>);

impl Words {
    /// What was said; the outer none: nobody has asked.
    pub(crate) fn get(&self, question: &Question) -> Option<Option<Arc<PythonWord>>> {
        self.words().get(question).cloned()
    }

    /// Keeps what was said, and forgets what was said of the script's earlier content.
    pub(crate) fn take(&self, question: Question, word: Option<PythonWord>) {
        let mut words = self.words();
        if words.len() >= MOST {
            words.clear();
        }
        words.retain(|other, _| other.script != question.script);
        words.insert(question, word.map(Arc::new));
    }

    /// Forgets everything: modules may have been installed, or removed.
    pub(crate) fn forget(&self) {
        self.words().clear();
    }

    fn words(&self) -> MutexGuard<'_, HashMap<Question, Option<Arc<PythonWord>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Question {
    pub(crate) fn about(interpreter: &Path, script: &crate::site::ScriptFacts) -> Self {
        Self {
            interpreter: interpreter.to_owned(),
            script: script.path.clone(),
            hash: script.hash,
        }
    }
}
