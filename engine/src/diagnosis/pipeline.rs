//! The pipeline strip: a name, a figure and a mark for each stage of an exchange.

use super::finding::Stage;

/// One box of the strip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageView {
    /// Which stage.
    pub stage: Stage,
    /// Its one figure, in words.
    pub figure: String,
    /// How it went.
    pub mark: StageMark,
}

/// How a stage went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageMark {
    /// Well.
    Ok,
    /// It worked and is wrong.
    Warning,
    /// It broke here.
    Failed,
    /// It goes on.
    Running,
    /// Not reached, or not needed.
    NotReached,
}
