//! What a name in a script stands for, as far as its imports tell.

use ruff_python_ast::Expr;
use std::collections::HashMap;

/// Names that came in by imports, and the dotted names that they stand for.
#[derive(Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    pub(super) fn bind(&mut self, local: &str, full: String) {
        self.0.insert(local.to_owned(), full);
    }

    /// The dotted name of an expression: `environ.get` as `os.environ.get`. What is not a name at its root is left
    /// out, as in `.read` for `open(x).read`; none for what has no name at its end either.
    pub(super) fn of(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) => {
                let local = name.id.as_str();
                let full = self.0.get(local).map_or(local, String::as_str);
                Some(full.to_owned())
            }
            Expr::Attribute(attribute) => {
                let root = self.of(&attribute.value).unwrap_or_default();
                Some(format!("{root}.{}", attribute.attr.as_str()))
            }
            _ => None,
        }
    }
}
