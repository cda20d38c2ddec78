//! One walk over the syntax tree that notes everything worth knowing.

use super::names::Names;
use super::{
    Argument, Assignment, Call, Import, Interpolation, Layout, Lines, PythonFacts, Subscript, Use,
    bytes, text,
};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_interpolated_string_element, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, InterpolatedStringElement, ModModule, Stmt};
use ruff_text_size::Ranged as _;
use std::ops::Range;

pub(super) fn walk(module: &ModModule, source: &str) -> PythonFacts {
    let mut walker = Walker {
        facts: PythonFacts::default(),
        names: Names::default(),
        lines: Lines::new(source),
        statement: None,
        tries: 0,
        scopes: 0,
        blocks: 0,
    };
    walker.visit_body(&module.body);
    walker.facts.layout = layout(&module.body);
    // What is called comes after its arguments in a walk by evaluation.
    walker.facts.calls.sort_by_key(|call| call.range.start);
    walker.facts
}

struct Walker {
    facts: PythonFacts,
    names: Names,
    lines: Lines,
    /// The expression that is a whole statement, and that statement.
    statement: Option<(Range<usize>, Range<usize>)>,
    tries: usize,
    /// Functions and classes around.
    scopes: usize,
    /// Loops, conditions, functions and classes around.
    blocks: usize,
}

impl<'a> Visitor<'a> for Walker {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    // `import xml.dom` brings in the name `xml`.
                    let (local, full) = match &alias.asname {
                        Some(name) => (name.as_str(), module),
                        None => {
                            let root = module.split('.').next().unwrap_or(module);
                            (root, root)
                        }
                    };
                    self.names.bind(local, full.to_owned());
                    self.note_import(module, None, local, bytes(statement.range()));
                }
            }
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(import.level as usize);
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                let module = format!("{dots}{module}");
                for alias in &import.names {
                    let name = alias.name.as_str();
                    let local = alias.asname.as_ref().map_or(name, |name| name.as_str());
                    self.names.bind(local, format!("{module}.{name}"));
                    self.note_import(&module, Some(name), local, bytes(statement.range()));
                }
            }
            Stmt::Assign(assignment) => {
                for target in &assignment.targets {
                    self.note_assignment(target, &assignment.value, bytes(statement.range()));
                }
            }
            Stmt::Expr(whole) => {
                self.statement = Some((bytes(whole.value.range()), bytes(whole.range())));
            }
            _ => {}
        }
        let scope = matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_));
        let block = scope
            || matches!(
                statement,
                Stmt::For(_) | Stmt::While(_) | Stmt::If(_) | Stmt::Match(_)
            );
        let guard = matches!(statement, Stmt::Try(_));
        self.scopes += usize::from(scope);
        self.blocks += usize::from(block);
        self.tries += usize::from(guard);
        walk_stmt(self, statement);
        self.scopes -= usize::from(scope);
        self.blocks -= usize::from(block);
        self.tries -= usize::from(guard);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) => {
                let range = bytes(expression.range());
                let positional = call.arguments.args.iter().map(|value| (None, value));
                let named = call.arguments.keywords.iter().map(|keyword| {
                    let name = keyword.arg.as_ref().map(|name| name.as_str().to_owned());
                    (name, &keyword.value)
                });
                let arguments = positional
                    .chain(named)
                    .map(|(keyword, value)| Argument {
                        keyword,
                        range: bytes(value.range()),
                        text: text::of(value),
                        name: self.names.of(value),
                    })
                    .collect();
                let statement = self
                    .statement
                    .take()
                    .filter(|(value, _)| *value == range)
                    .map(|(_, statement)| statement);
                self.facts.calls.push(Call {
                    name: self.names.of(&call.func).unwrap_or_default(),
                    line: self.lines.line_of(range.start),
                    range,
                    callee: bytes(call.func.range()),
                    arguments,
                    statement,
                    top_level: self.blocks == 0,
                });
            }
            Expr::Name(name) => self.facts.uses.push(Use {
                name: name.id.to_string(),
                range: bytes(expression.range()),
            }),
            Expr::Subscript(subscript) => {
                let range = bytes(expression.range());
                let key = text::of(&subscript.slice).filter(|text| text.whole);
                self.facts.subscripts.push(Subscript {
                    name: self.names.of(&subscript.value).unwrap_or_default(),
                    key: key.map(|text| text.value),
                    line: self.lines.line_of(range.start),
                    range,
                    value: bytes(subscript.value.range()),
                    key_range: bytes(subscript.slice.range()),
                    read: subscript.ctx == ExprContext::Load,
                });
            }
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_interpolated_string_element(&mut self, element: &'a InterpolatedStringElement) {
        if let InterpolatedStringElement::Interpolation(interpolation) = element {
            let range = bytes(interpolation.expression.range());
            self.facts.interpolations.push(Interpolation {
                name: self.names.of(&interpolation.expression),
                line: self.lines.line_of(range.start),
                range,
            });
        }
        walk_interpolated_string_element(self, element);
    }
}

fn layout(body: &[Stmt]) -> Layout {
    let documents = |statement: &Stmt| matches!(statement, Stmt::Expr(whole) if whole.value.is_string_literal_expr());
    let from_future = |statement: &Stmt| {
        matches!(statement, Stmt::ImportFrom(import)
            if import.module.as_ref().is_some_and(|name| name.as_str() == "__future__"))
    };
    let rest = body
        .iter()
        .skip_while(|statement| documents(statement) || from_future(statement));
    let imports = rest
        .clone()
        .take_while(|statement| matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_)));
    Layout {
        first: rest
            .clone()
            .next()
            .map(|statement| bytes(statement.range()).start),
        imports_end: imports.last().map(|statement| bytes(statement.range()).end),
    }
}

impl Walker {
    fn note_assignment(&mut self, target: &Expr, value: &Expr, statement: Range<usize>) {
        let Some(target) = self.names.of(target) else {
            return;
        };
        let source = match value {
            Expr::Call(call) => self.names.of(&call.func),
            Expr::Subscript(subscript) => self.names.of(&subscript.value),
            value => self.names.of(value),
        };
        self.facts.assignments.push(Assignment {
            target,
            source,
            value: bytes(value.range()),
            line: self.lines.line_of(statement.start),
            statement,
        });
    }

    fn note_import(
        &mut self,
        module: &str,
        name: Option<&str>,
        local: &str,
        statement: Range<usize>,
    ) {
        self.facts.imports.push(Import {
            module: module.to_owned(),
            name: name.map(str::to_owned),
            local: local.to_owned(),
            line: self.lines.line_of(statement.start),
            statement,
            guarded: self.tries > 0,
            top_level: self.scopes == 0,
        });
    }
}
