//! The text that an expression is, or begins with.

use super::{Text, bytes};
use ruff_python_ast::{Expr, FStringPart, InterpolatedStringElement, Operator, StringFlags as _};
use ruff_text_size::Ranged as _;

/// The text; none where the expression does not begin with a text that is written out.
pub(super) fn of(expression: &Expr) -> Option<Text> {
    match expression {
        Expr::StringLiteral(literal) => {
            let parts = literal.value.as_slice();
            let range = match parts {
                [part] => Some(inner(
                    bytes(part.range),
                    part.flags.opener_len().to_usize(),
                    part.flags.closer_len().to_usize(),
                )),
                _ => None,
            };
            Some(Text {
                value: literal.value.to_str().to_owned(),
                whole: true,
                range,
            })
        }
        Expr::FString(literal) => match literal.value.as_slice().first()? {
            FStringPart::Literal(part) => Some(Text {
                value: part.value.to_string(),
                whole: false,
                range: None,
            }),
            FStringPart::FString(part) => match part.elements.first()? {
                InterpolatedStringElement::Literal(first) => Some(Text {
                    value: first.value.to_string(),
                    whole: part.elements.len() == 1 && literal.value.as_slice().len() == 1,
                    range: Some(bytes(first.range())),
                }),
                InterpolatedStringElement::Interpolation(_) => None,
            },
        },
        // `"Name: %s" % value`, `"Name: " + value`
        Expr::BinOp(operation)
            if matches!(operation.op, Operator::Add | Operator::Mod | Operator::Mult) =>
        {
            of(&operation.left).map(beginning)
        }
        // `"Name: {}".format(value)`
        Expr::Call(call) => match &*call.func {
            Expr::Attribute(method) => of(&method.value).map(beginning),
            _ => None,
        },
        _ => None,
    }
}

fn beginning(text: Text) -> Text {
    Text {
        whole: false,
        ..text
    }
}

fn inner(range: std::ops::Range<usize>, opener: usize, closer: usize) -> std::ops::Range<usize> {
    let start = (range.start + opener).min(range.end);
    start..range.end.saturating_sub(closer).max(start)
}
