//! The words that were given, by what they were given about.

use super::Answer;
use crate::diagnosis::python_word::PythonWord;
use std::collections::{HashMap, HashSet};
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

/// What is remembered of a question.
#[derive(Clone, Debug)]
pub(crate) enum Remembered {
    /// The answer.
    Word(Arc<PythonWord>),
    /// It was asked and gave none that makes sense.
    Silence,
    /// It could not be asked.
    Unasked,
}

/// The answers so far.
#[derive(Debug, Default)]
pub(crate) struct Words(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    answers: HashMap<Question, Remembered>,
    /// They took too long once: a folder of scripts for one of them would take that time for each script.
    slow: HashSet<PathBuf>,
}

impl Words {
    /// What came of it; none: nobody has asked. An interpreter that took too long is not asked again.
    pub(crate) fn get(&self, question: &Question) -> Option<Remembered> {
        let known = self.known();
        let answer = known.answers.get(question).cloned();
        let is_slow = || known.slow.contains(&question.interpreter);
        answer.or_else(|| is_slow().then_some(Remembered::Silence))
    }

    /// Keeps what was said, and forgets what was said of the script's earlier content.
    pub(crate) fn take(&self, question: Question, answer: Answer) {
        let mut known = self.known();
        let answer = match answer {
            Answer::Word(word) => Remembered::Word(Arc::new(word)),
            Answer::Nonsense => Remembered::Silence,
            Answer::Unasked => Remembered::Unasked,
            Answer::TimedOut => {
                known.slow.insert(question.interpreter.clone());
                Remembered::Silence
            }
        };
        if known.answers.len() >= MOST {
            known.answers.clear();
        }
        let answers = &mut known.answers;
        answers.retain(|other, _| other.script != question.script);
        answers.insert(question, answer);
    }

    /// Forgets everything: modules may have been installed, or removed.
    pub(crate) fn forget(&self) {
        *self.known() = Known::default();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
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
