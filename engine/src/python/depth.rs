//! How deep a syntax tree could become, guessed from the tokens, before one is built.
//!
//! A tree is freed and walked by recursion, so a text such as a million minus signs would end the program.
//! What deepens a tree is at most one token between two separators at each level of brackets that is open.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// CPython gives up at a few thousand as well (its stack limit and the 200 brackets of its tokenizer).
const MOST: usize = 3000;

pub(super) fn is_too_deep(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::Module);
    // Tokens since the last separator, for each bracket that is open; and their sum.
    let mut levels = vec![0_usize];
    let mut sum = 0;
    loop {
        let token = lexer.next_token();
        match token {
            TokenKind::EndOfFile => return false,
            TokenKind::Newline | TokenKind::Semi => {
                levels.clear();
                levels.push(0);
                sum = 0;
            }
            TokenKind::Comma => sum -= levels.last_mut().map_or(0, std::mem::take),
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => levels.push(0),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if levels.len() > 1 => {
                sum -= levels.pop().unwrap_or(0);
            }
            _ => {}
        }
        if let Some(level) = levels.last_mut() {
            *level += 1;
            sum += 1;
        }
        if sum > MOST {
            return true;
        }
    }
}
