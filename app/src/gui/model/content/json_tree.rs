//! A JSON document as a list of values with their places: in order, numbers and texts as they were written.
//!
//! Read without recursion, so that no depth of nesting can hurt; what stands before a mistake is kept.

use std::ops::Range;

/// More values than this are not listed; such a document is read as text.
const MOST_NODES: usize = 2_000_000;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `{…}`.
    Object,
    /// `[…]`.
    Array,
    /// A text in quotation marks.
    Text,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: ValueKind,
    /// How many objects and arrays it is in.
    pub depth: u32,
    /// The name it has in its object, with the quotation marks, in bytes of the document.
    pub key: Option<Range<u32>>,
    /// All of it, in bytes of the document.
    pub value: Range<u32>,
    /// The number of the node after it and all that is in it.
    pub end: u32,
    /// How many values are right in it.
    pub children: u32,
    /// Its place in its array.
    pub index: u32,
}

/// Where a document stops to be JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The byte.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

/// A document.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct JsonTree {
    /// The values, each before what is in it.
    pub nodes: Vec<Node>,
    /// Where it stops to be JSON, if it does.
    pub broken: Option<Broken>,
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The objects and arrays that are open.
    open: Vec<u32>,
}

impl JsonTree {
    /// Reads a document; several on end, as logs have them, stand beside each other.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        if u32::try_from(text.len()).is_err() {
            return Self {
                nodes: Vec::new(),
                broken: Some(Broken {
                    at: 0,
                    expected: "less than four gigabytes",
                }),
            };
        }
        let mut parser = Parser {
            text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
            at: 0,
            nodes: Vec::new(),
            open: Vec::new(),
        };
        let skipped = text.len() - parser.text.len();
        parser.text = text;
        parser.at = skipped;
        let broken = parser.read().err();
        while let Some(open) = parser.open.pop() {
            parser.close(open);
        }
        Self {
            nodes: parser.nodes,
            broken,
        }
    }
}

impl Parser<'_> {
    fn read(&mut self) -> Result<(), Broken> {
        self.skip_space();
        if self.at >= self.text.len() {
            return Err(self.broken("a value"));
        }
        loop {
            self.value(None)?;
            while let Some(&open) = self.open.last() {
                self.next_in(open)?;
            }
            self.skip_space();
            if self.at >= self.text.len() {
                return Ok(());
            }
        }
    }

    fn broken(&self, expected: &'static str) -> Broken {
        Broken {
            at: self.at,
            expected,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The next value of an open object or array, or its end.
    fn next_in(&mut self, open: u32) -> Result<(), Broken> {
        let Some((kind, children)) = self
            .nodes
            .get(open as usize)
            .map(|node| (node.kind, node.children))
        else {
            return Ok(());
        };
        let end = if kind == ValueKind::Object {
            b'}'
        } else {
            b']'
        };
        self.skip_space();
        if self.peek() == Some(end) {
            self.at += 1;
            self.open.pop();
            self.close(open);
            return Ok(());
        }
        if children > 0 {
            if self.peek() != Some(b',') {
                return Err(self.broken("a comma, or the end of the list"));
            }
            self.at += 1;
            self.skip_space();
        }
        if kind == ValueKind::Array {
            return self.value(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.broken("a name in quotation marks"));
        }
        let key = self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.broken("a colon"));
        }
        self.at += 1;
        self.value(Some(key))
    }

    /// One value; of an object or array only its beginning.
    fn value(&mut self, key: Option<Range<u32>>) -> Result<(), Broken> {
        self.skip_space();
        if self.nodes.len() >= MOST_NODES {
            return Err(self.broken("no more than two million values"));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => ValueKind::Object,
            Some(b'[') => ValueKind::Array,
            Some(b'"') => ValueKind::Text,
            Some(b'-' | b'0'..=b'9') => ValueKind::Number,
            Some(b't' | b'f' | b'n') => ValueKind::Word,
            _ => return Err(self.broken("a value")),
        };
        match kind {
            ValueKind::Object | ValueKind::Array => self.at += 1,
            ValueKind::Text => {
                self.string()?;
            }
            ValueKind::Number => self.number()?,
            ValueKind::Word => self.word()?,
        }
        let number = self.nodes.len() as u32;
        let parent = self.open.last().copied();
        let mut index = 0;
        if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent as usize)) {
            index = parent.children;
            parent.children += 1;
        }
        self.nodes.push(Node {
            kind,
            depth: self.open.len() as u32,
            key,
            value: start as u32..self.at as u32,
            end: number + 1,
            children: 0,
            index,
        });
        if matches!(kind, ValueKind::Object | ValueKind::Array) {
            self.open.push(number);
        }
        Ok(())
    }

    fn close(&mut self, number: u32) {
        let (end, at) = (self.nodes.len() as u32, self.at as u32);
        if let Some(node) = self.nodes.get_mut(number as usize) {
            node.end = end;
            node.value.end = at;
        }
    }

    fn string(&mut self) -> Result<Range<u32>, Broken> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(start as u32..self.at as u32);
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => return Err(self.broken("no control character in a text")),
                Some(_) => self.at += 1,
                None => return Err(self.broken("the end of a text")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Broken> {
        self.at += 1;
        match self.peek() {
            Some(b'u') => {
                let digits = self.text.get(self.at + 1..self.at + 5);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return Err(self.broken("four hexadecimal digits"));
                }
                self.at += 5;
                Ok(())
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.broken("a letter that may follow a backslash")),
        }
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.broken("a digit"));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Broken> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        // A zero stands alone before the point.
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn word(&mut self) -> Result<(), Broken> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = [&b"true"[..], b"false", b"null"]
            .into_iter()
            .find(|word| rest.starts_with(word));
        match word {
            Some(word) => {
                self.at += word.len();
                Ok(())
            }
            None => Err(self.broken("true, false or null")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(u32, &str, &str)]) {
        let tree = JsonTree::parse(text.as_bytes());
        assert_eq!(tree.broken, None, "{text}");
        let part = |range: &Range<u32>| &text[range.start as usize..range.end as usize];
        let found: Vec<(u32, &str, &str)> = tree
            .nodes
            .iter()
            .map(|node| {
                (
                    node.depth,
                    node.key.as_ref().map_or("", part),
                    part(&node.value),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn values_stand_in_order_with_their_places() {
        check(
            r#" {"b": [1, 2.5e3], "a": "x\n", "b": null} "#,
            &[
                (0, "", r#"{"b": [1, 2.5e3], "a": "x\n", "b": null}"#),
                (1, r#""b""#, "[1, 2.5e3]"),
                (2, "", "1"),
                (2, "", "2.5e3"),
                (1, r#""a""#, r#""x\n""#),
                (1, r#""b""#, "null"),
            ],
        );
        check("{}", &[(0, "", "{}")]);
        check("1\n2\n", &[(0, "", "1"), (0, "", "2")]);
    }

    #[test]
    fn what_is_in_a_value_ends_where_the_next_begins() {
        let tree = JsonTree::parse(b"[[1,[2]],3]");
        let ends: Vec<u32> = tree.nodes.iter().map(|node| node.end).collect();
        assert_eq!(ends, [6, 5, 3, 5, 5, 6]);
        let children: Vec<u32> = tree.nodes.iter().map(|node| node.children).collect();
        assert_eq!(children, [2, 2, 0, 1, 0, 0]);
    }

    #[track_caller]
    fn check_broken(text: &[u8], at: usize, nodes: usize) {
        let tree = JsonTree::parse(text);
        let broken = tree.broken.as_ref().map(|broken| broken.at);
        assert_eq!((broken, tree.nodes.len()), (Some(at), nodes), "{text:?}");
        assert!(serde_json::from_slice::<serde_json::Value>(text).is_err());
    }

    #[test]
    fn what_stands_before_a_mistake_is_kept() {
        check_broken(b"", 0, 0);
        check_broken(b"[1,", 3, 2);
        check_broken(b"[1 2]", 3, 2);
        check_broken(b"[1,]", 3, 2);
        check_broken(b"{\"a\" 1}", 5, 1);
        check_broken(b"{'a': 1}", 1, 1);
        check_broken(b"[01]", 2, 2);
        check_broken(b"[nul]", 1, 1);
        check_broken(b"\"\\x\"", 2, 0);
        check_broken(b"\"\n\"", 1, 0);
        check_broken(b"[1.]", 3, 1);
        check_broken(b"\xff", 0, 0);
    }

    #[test]
    fn depth_without_end_costs_no_stack() {
        let deep = vec![b'['; 300_000];
        let tree = JsonTree::parse(&deep);
        assert_eq!(tree.nodes.len(), 300_000);
        assert!(tree.broken.is_some());
        assert_eq!(tree.nodes[0].end, 300_000);
    }
}
