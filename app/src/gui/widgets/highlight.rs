//! The colours of source text: parsed line by line, and after a change only as far as it reaches.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::str::FromStr as _;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use eframe::egui::Color32;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::gui::theme::Theme;

/// What a piece of source text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// None of the others.
    #[default]
    Plain,
    /// A comment.
    Comment,
    /// A string.
    Text,
    /// A number or a constant.
    Number,
    /// A keyword, or a tag.
    Keyword,
    /// A function, or an attribute.
    Name,
    /// A type or a class.
    Type,
}

impl Role {
    /// Its colour.
    #[must_use]
    pub fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Plain => theme.text,
            Self::Comment => theme.code_comment,
            Self::Text => theme.code_string,
            Self::Number => theme.code_number,
            Self::Keyword => theme.code_keyword,
            Self::Name => theme.code_name,
            Self::Type => theme.code_type,
        }
    }
}

/// So many bytes of one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many bytes.
    pub length: usize,
    /// What they are.
    pub role: Role,
}

/// A longer line stays without colours: patterns take long on it.
const LONGEST_LINE: usize = 4_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Reads the grammars; takes a moment, and so is done by a worker before they are needed.
pub fn warm_up() {
    let _ = SYNTAXES.syntaxes().len();
}

/// Which scopes are what, the first that fits; scopes of brackets and quotes are not here, so that what is around
/// them counts.
static ROLES: LazyLock<Vec<(Scope, Role)>> = LazyLock::new(|| {
    let table = [
        ("comment", Role::Comment),
        ("constant.character.escape", Role::Number),
        ("meta.interpolation", Role::Plain),
        ("meta.function-call.arguments", Role::Plain),
        ("support.type.property-name", Role::Name),
        ("meta.mapping.key", Role::Name),
        ("string.unquoted", Role::Plain),
        ("string", Role::Text),
        ("constant", Role::Number),
        ("keyword.operator.logical", Role::Keyword),
        ("keyword.operator.word", Role::Keyword),
        ("keyword.operator", Role::Plain),
        ("keyword", Role::Keyword),
        ("storage", Role::Keyword),
        ("entity.name.tag", Role::Keyword),
        ("entity.other.attribute-name", Role::Name),
        ("entity.name.class", Role::Type),
        ("entity.name.type", Role::Type),
        ("entity.other.inherited-class", Role::Type),
        ("support.class", Role::Type),
        ("support.type", Role::Type),
        ("entity.name.function", Role::Name),
        ("support.function", Role::Name),
        ("variable.function", Role::Name),
        ("variable.other.table", Role::Type),
        ("entity.name.table", Role::Type),
        ("markup.heading", Role::Keyword),
        ("markup.raw", Role::Text),
        ("meta.tag", Role::Plain),
    ];
    let read = |(name, role): (&str, Role)| Some((Scope::from_str(name).ok()?, role));
    table.into_iter().filter_map(read).collect()
});

fn role_of(stack: &ScopeStack) -> Role {
    let inner_first = stack.as_slice().iter().rev();
    let mut roles = inner_first.filter_map(|scope| {
        let fits = |(known, _): &&(Scope, Role)| known.is_prefix_of(*scope);
        ROLES.iter().find(fits).map(|(_, role)| *role)
    });
    roles.next().unwrap_or_default()
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    parser: ParseState,
    scopes: ScopeStack,
}

#[derive(Clone, Debug)]
struct Line {
    hash: u64,
    length: usize,
    /// What was known at its beginning, and its pieces; none until it is parsed.
    parsed: Option<(State, Vec<Span>)>,
}

/// The colours of one text, from change to change.
#[derive(Debug, Default)]
pub struct Highlighter {
    syntax: Option<&'static SyntaxReference>,
    token: String,
    lines: Vec<Line>,
    /// Lines before this one are parsed and true.
    known: usize,
    /// What is known at its beginning.
    state: Option<State>,
    version: u64,
}

impl Highlighter {
    /// Rises with every new colour.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether every line has its colours.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.syntax.is_none() || self.known >= self.lines.len()
    }

    /// Takes the text as it is now; `token` names the language as files end: `py`. Works for so long at most and goes
    /// on when asked again.
    pub fn update(&mut self, token: &str, text: &str, budget: Duration) {
        if token != self.token {
            *self = Self {
                token: token.to_owned(),
                syntax: SYNTAXES.find_syntax_by_token(token),
                version: self.version + 1,
                ..Self::default()
            };
        }
        if self.syntax.is_some() {
            self.take(text);
            self.parse(text, budget);
        }
    }

    /// Keeps the lines at both ends that are the same.
    fn take(&mut self, text: &str) {
        let new: Vec<(u64, usize)> = text.split_inclusive('\n').map(print_of).collect();
        let same = |(line, new): &(&Line, &(u64, usize))| (line.hash, line.length) == **new;
        let before = self.lines.iter().zip(&new).take_while(same).count();
        if before == new.len() && before == self.lines.len() {
            return;
        }
        let most = self.lines.len().min(new.len()) - before;
        let backwards = self.lines.iter().rev().zip(new.iter().rev());
        let after = backwards.take(most).take_while(same).count();
        let made = new.get(before..new.len() - after).unwrap_or_default();
        let made = made.iter().map(|(hash, length)| Line {
            hash: *hash,
            length: *length,
            parsed: None,
        });
        let end = self.lines.len() - after;
        let made: Vec<Line> = made.collect();
        let is_gap = made.is_empty();
        self.lines.splice(before..end, made);
        if let Some(line) = self.lines.get_mut(before).filter(|_| is_gap) {
            // It stands below another line now.
            line.parsed = None;
        }
        if before < self.known {
            self.known = before;
            // The parser stood there before it parsed what was there; that is known of the lines before.
            self.state = None;
        }
        self.version += 1;
    }

    fn parse(&mut self, text: &str, budget: Duration) {
        let Some(syntax) = self.syntax.filter(|_| self.known < self.lines.len()) else {
            return;
        };
        let begun = Instant::now();
        let mut from = self.known;
        // The nearest line before of which the beginning is known.
        let mut state = match self.state.take() {
            Some(state) => state,
            None => loop {
                let known = self.lines.get(from).and_then(|line| line.parsed.as_ref());
                match known {
                    Some((state, _)) if from < self.known => break state.clone(),
                    _ if from == 0 => break State::new(syntax),
                    _ => from -= 1,
                }
            },
        };
        let lengths = |lines: &[Line]| lines.iter().map(|line| line.length).sum::<usize>();
        let mut at = lengths(self.lines.get(..from).unwrap_or_default());
        while from < self.lines.len() {
            if from >= self.known && self.is_known(from, &state) {
                // From here on nothing is different, up to the next line that is not parsed.
                let rest = self.lines.get(from..).unwrap_or_default();
                let Some(hole) = rest.iter().position(|line| line.parsed.is_none()) else {
                    from = self.lines.len();
                    break;
                };
                let last = hole.saturating_sub(1);
                at += lengths(rest.get(..last).unwrap_or_default());
                if let Some(Some((begin, _))) = rest.get(last).map(|line| &line.parsed) {
                    state = begin.clone();
                }
                self.known = from + hole;
                from += last;
            }
            let is_late = from >= self.known && begun.elapsed() > budget;
            let Some(line) = self.lines.get_mut(from) else {
                break;
            };
            if is_late {
                // What it was parsed to before does not follow from the line above.
                line.parsed = None;
                self.state = Some(state);
                break;
            }
            let begin = state.clone();
            let end = at + line.length;
            line.parsed = Some((begin, state.pass(text.get(at..end).unwrap_or_default())));
            at = end;
            from += 1;
        }
        self.known = self.known.max(from);
        self.version += 1;
    }

    fn is_known(&self, line: usize, state: &State) -> bool {
        let parsed = self.lines.get(line).and_then(|line| line.parsed.as_ref());
        parsed.is_some_and(|(begin, _)| begin == state)
    }

    /// The pieces of the whole text, in order; what is not parsed yet is plain.
    pub fn spans(&self) -> impl Iterator<Item = Span> + '_ {
        self.lines.iter().flat_map(|line| {
            let plain = Span {
                length: line.length,
                role: Role::Plain,
            };
            let parsed = line.parsed.as_ref().map(|(_, spans)| spans.as_slice());
            let plain = parsed.is_none().then_some(plain);
            plain
                .into_iter()
                .chain(parsed.unwrap_or_default().iter().copied())
        })
    }
}

fn print_of(line: &str) -> (u64, usize) {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    (hasher.finish(), line.len())
}

impl State {
    fn new(syntax: &SyntaxReference) -> Self {
        Self {
            parser: ParseState::new(syntax),
            scopes: ScopeStack::new(),
        }
    }

    /// Parses a line and stands at the next one.
    fn pass(&mut self, line: &str) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut push = |length: usize, role: Role| match spans.last_mut() {
            _ if length == 0 => {}
            Some(last) if last.role == role => last.length += length,
            _ => spans.push(Span { length, role }),
        };
        let operations = if line.len() > LONGEST_LINE {
            Vec::new()
        } else {
            // A grammar that fails on a line colours it no further.
            let parsed = self.parser.parse_line(line, &SYNTAXES);
            parsed.unwrap_or_default()
        };
        let mut at = 0;
        for (place, operation) in operations {
            push(place - at, role_of(&self.scopes));
            at = place;
            if self.scopes.apply(&operation).is_err() {
                break;
            }
        }
        push(line.len() - at, role_of(&self.scopes));
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn colored(highlighter: &Highlighter, text: &str) -> Vec<(Role, String)> {
        let mut at = 0;
        let mut pieces: Vec<(Role, String)> = Vec::new();
        for span in highlighter.spans() {
            let piece = &text[at..at + span.length];
            at += span.length;
            match pieces.last_mut() {
                Some((role, last)) if *role == span.role => last.push_str(piece),
                _ => pieces.push((span.role, piece.to_owned())),
            }
        }
        assert_eq!(at, text.len());
        pieces
    }

    fn fresh(token: &str, text: &str) -> Vec<(Role, String)> {
        let mut highlighter = Highlighter::default();
        highlighter.update(token, text, LONG);
        assert!(highlighter.is_complete());
        colored(&highlighter, text)
    }

    #[track_caller]
    fn check(token: &str, text: &str, role: Role, piece: &str) {
        let pieces = fresh(token, text);
        let has = |(found, words): &(Role, String)| *found == role && words.contains(piece);
        assert!(pieces.iter().any(has), "{role:?} {piece:?} in {pieces:?}");
    }

    #[test]
    fn every_language_of_the_editor_has_colours() {
        check(
            "py",
            "def f():\n    return 'a'  # b\n",
            Role::Keyword,
            "def",
        );
        check("py", "def f():\n    return 'a'  # b\n", Role::Text, "'a'");
        check(
            "py",
            "def f():\n    return 'a'  # b\n",
            Role::Comment,
            "# b",
        );
        check("py", "def f(): pass\n", Role::Name, "f");
        check("html", "<p class=\"a\">x</p>\n", Role::Keyword, "p");
        check("html", "<!-- a -->\n", Role::Comment, "a");
        check(
            "sh",
            "if true; then echo \"a\"; fi # b\n",
            Role::Keyword,
            "if",
        );
        check("sh", "echo \"a\"\n", Role::Text, "\"a\"");
        check("pl", "my $a = 'b'; # c\n", Role::Comment, "# c");
        check("pl", "my $a = 'b';\n", Role::Text, "'b'");
        check("php", "<?php echo 'a'; // b\n", Role::Comment, "// b");
        check("js", "const a = 1; // b\n", Role::Keyword, "const");
        check("css", "p { color: red; } /* a */\n", Role::Comment, "a");
        check("json", "{\"a\": [1, true]}\n", Role::Number, "1");
        check("toml", "a = \"b\" # c\n", Role::Text, "\"b\"");
    }

    #[test]
    fn a_change_gives_the_colours_of_the_whole_text_parsed_anew() {
        let mut highlighter = Highlighter::default();
        let texts = [
            "a = 1\nb = 2\nc = 3\n",
            "a = 1\n\"\"\"\nb = 2\nc = 3\n",
            "a = 1\n\"\"\"\nb = 2\n\"\"\"\nc = 3\n",
            "a = 1\nb = 2\n\"\"\"\nc = 3\n",
            "a = 1\nb = 2\nc = 3\n",
            "",
            "c = 3",
            "x\nc = 3",
        ];
        for text in texts {
            highlighter.update("py", text, LONG);
            assert!(highlighter.is_complete());
            assert_eq!(colored(&highlighter, text), fresh("py", text), "{text:?}");
        }
    }

    #[test]
    fn work_without_time_goes_on_later_and_changes_meanwhile_are_taken() {
        let mut text = "def f(): pass\n".repeat(300);
        let mut highlighter = Highlighter::default();
        highlighter.update("py", &text, Duration::ZERO);
        assert!(!highlighter.is_complete());
        text.insert_str(0, "'''\n");
        let mut rounds = 0;
        while !highlighter.is_complete() {
            highlighter.update("py", &text, Duration::from_micros(200));
            rounds += 1;
            assert!(rounds < 100_000);
        }
        assert_eq!(colored(&highlighter, &text), fresh("py", &text));
    }

    #[test]
    fn changes_in_any_order_and_without_time_give_the_colours_of_the_whole_text() {
        let mut lines: Vec<String> = (0..40).map(|line| format!("a{line} = 'b'\n")).collect();
        let mut highlighter = Highlighter::default();
        let mut random = 12_345_u32;
        let mut next = |below: usize| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 16) as usize % below
        };
        for round in 0..300 {
            let place = next(lines.len());
            match next(4) {
                0 if lines.len() > 5 => drop(lines.remove(place)),
                1 => lines.insert(place, "\"\"\"\n".to_owned()),
                2 => lines[place] = "# '''\n".to_owned(),
                _ => lines.insert(place, "'''\n".to_owned()),
            }
            let text = lines.concat();
            let budget = if next(3) == 0 { LONG } else { Duration::ZERO };
            highlighter.update("py", &text, budget);
            if round % 10 == 0 {
                while !highlighter.is_complete() {
                    highlighter.update("py", &text, LONG);
                }
                assert_eq!(colored(&highlighter, &text), fresh("py", &text), "{round}");
            }
        }
    }

    #[test]
    fn a_line_of_any_length_costs_little() {
        let text = format!("a = '{}'\nb = 'c'\n", "x".repeat(1 << 20));
        let pieces = fresh("py", &text);
        assert_eq!(pieces.last().unwrap().1, "\n");
        assert!(pieces.contains(&(Role::Text, "'c'".to_owned())));
    }
}
