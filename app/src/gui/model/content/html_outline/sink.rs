//! The tokens of a page, gathered into parts.

use std::cell::RefCell;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::{Field, Item, MOST_ITEMS, Part};

/// A text is cut after so many bytes.
const LONGEST_TEXT: usize = 16 * 1024;
/// A row of a table is cut after so many cells, a choice after so many.
const MOST_CELLS: usize = 64;

/// Takes the tokens.
#[derive(Default)]
pub(super) struct Sink(RefCell<Gathered>);

/// What the text that is being gathered is.
#[derive(Clone, Debug, Default)]
enum Block {
    #[default]
    Paragraph,
    Heading(u8),
    Entry,
    Preformatted,
    Title,
    /// A button or a text area: its text belongs to it.
    Control(Field),
    /// Texts that nobody reads: scripts and styles.
    Hidden,
}

#[derive(Default)]
struct Gathered {
    items: Vec<Item>,
    scripts: usize,
    block: Block,
    text: String,
    /// Links in the text, told after it: where their words begin, and where they lead.
    links: Vec<(String, String)>,
    link: Option<(usize, String)>,
    lists: usize,
    forms: usize,
    row: Option<(Vec<String>, bool)>,
    choice: Option<Field>,
    line: u64,
}

impl Sink {
    pub(super) fn is_full(&self) -> bool {
        self.0.borrow().items.len() >= MOST_ITEMS
    }

    pub(super) fn into_found(self) -> (Vec<Item>, usize) {
        let mut gathered = self.0.into_inner();
        gathered.flush();
        gathered.end_row();
        gathered.items.truncate(MOST_ITEMS);
        (gathered.items, gathered.scripts)
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut gathered = self.0.borrow_mut();
        gathered.line = line;
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => gathered.open(&tag),
            Token::TagToken(tag) => {
                gathered.close(&tag.name);
                TokenSinkResult::Continue
            }
            Token::CharacterTokens(text) => {
                gathered.write(&text);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| cut(&attribute.value).to_owned())
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST_TEXT))
        .unwrap_or(text)
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// Elements that end the text before them.
fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 33] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "head",
        "header",
        "html",
        "legend",
        "main",
        "nav",
        "p",
        "section",
        "summary",
        "tbody",
        "tfoot",
        "thead",
        "label",
        "center",
        "hgroup",
        "search",
    ];
    BLOCKS.contains(&name)
}

impl Gathered {
    fn push(&mut self, part: Part) {
        if self.items.len() < MOST_ITEMS {
            let (line, depth) = (self.line, self.lists + self.forms);
            self.items.push(Item { part, line, depth });
        }
    }

    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if let Some(level) = heading_level(name) {
            self.flush();
            self.block = Block::Heading(level);
            return TokenSinkResult::Continue;
        }
        match name {
            "script" | "style" | "noframes" | "noembed" | "xmp" | "iframe" | "title"
            | "textarea" | "plaintext" => return self.open_raw(name, tag),
            "ul" | "ol" | "menu" => {
                self.flush();
                self.lists += 1;
            }
            "li" => self.begin(Block::Entry),
            "pre" | "listing" => self.begin(Block::Preformatted),
            "a" => self.open_link(tag),
            "img" => self.open_image(tag),
            "form" => self.open_form(tag),
            "input" => self.open_input(tag),
            "button" => self.open_button(tag),
            "select" => self.open_choice(tag),
            "option" => self.open_option(tag),
            "table" => self.flush(),
            "tr" => self.open_row(),
            "td" | "th" => self.open_cell(name == "th"),
            "hr" => {
                self.flush();
                self.push(Part::Rule);
            }
            "br" if matches!(self.block, Block::Preformatted) => self.write("\n"),
            name if is_block(name) => self.begin(Block::Paragraph),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    /// Elements in which no tags are read.
    fn open_raw(&mut self, name: &str, tag: &Tag) -> TokenSinkResult<()> {
        self.flush();
        match name {
            "title" => {
                self.block = Block::Title;
                TokenSinkResult::RawData(RawKind::Rcdata)
            }
            "textarea" => {
                self.block = Block::Control(field(tag, "textarea"));
                TokenSinkResult::RawData(RawKind::Rcdata)
            }
            "script" => {
                self.scripts += 1;
                self.block = Block::Hidden;
                TokenSinkResult::RawData(RawKind::ScriptData)
            }
            "plaintext" => {
                self.block = Block::Preformatted;
                TokenSinkResult::Plaintext
            }
            "xmp" => {
                self.block = Block::Preformatted;
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            _ => {
                if name == "iframe" {
                    self.push(Part::Frame(attribute(tag, "src").unwrap_or_default()));
                }
                self.block = Block::Hidden;
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
        }
    }

    fn begin(&mut self, block: Block) {
        // Lines within an entry or a cell belong to it.
        let within = matches!(self.block, Block::Entry | Block::Control(_)) || self.row.is_some();
        if within && matches!(block, Block::Paragraph) {
            self.write(" ");
            return;
        }
        self.flush();
        self.block = block;
    }

    fn open_link(&mut self, tag: &Tag) {
        self.close_link();
        if let Some(target) = attribute(tag, "href") {
            self.link = Some((self.text.len(), target));
        }
    }

    fn close_link(&mut self) {
        if let Some((start, target)) = self.link.take()
            && self.links.len() < MOST_CELLS
        {
            let text = self.text.get(start..).unwrap_or_default().trim().to_owned();
            self.links.push((text, target));
        }
    }

    fn open_image(&mut self, tag: &Tag) {
        let alt = attribute(tag, "alt");
        let source = attribute(tag, "src").unwrap_or_default();
        if self.link.is_some() || self.row.is_some() {
            let word = alt.as_deref().filter(|alt| !alt.is_empty());
            let words = format!("[{}]", word.unwrap_or("picture"));
            return self.write(&words);
        }
        self.flush();
        self.push(Part::Image { alt, source });
    }

    fn open_form(&mut self, tag: &Tag) {
        self.flush();
        let method = attribute(tag, "method").unwrap_or_default();
        let method = match method.to_ascii_uppercase().as_str() {
            "POST" => "POST",
            "DIALOG" => "dialog",
            _ => "GET",
        };
        self.push(Part::Form {
            method: method.to_owned(),
            action: attribute(tag, "action").unwrap_or_default(),
        });
        // Forms do not stand in forms; who forgets to end one does not go ever deeper.
        self.forms = 1;
    }

    fn open_input(&mut self, tag: &Tag) {
        let kind = attribute(tag, "type").unwrap_or_else(|| "text".to_owned());
        let field = field(tag, &kind.to_ascii_lowercase());
        self.flush();
        self.push(Part::Field(field));
    }

    fn open_button(&mut self, tag: &Tag) {
        self.flush();
        self.block = Block::Control(field(tag, "button"));
    }

    fn open_choice(&mut self, tag: &Tag) {
        self.flush();
        self.choice = Some(field(tag, "select"));
        self.block = Block::Hidden;
    }

    fn open_option(&mut self, tag: &Tag) {
        let value = attribute(tag, "value").unwrap_or_default();
        let is_chosen = tag
            .attrs
            .iter()
            .any(|attribute| &*attribute.name.local == "selected");
        let Some(choice) = &mut self.choice else {
            return;
        };
        if choice.text.len() < LONGEST_TEXT {
            if !choice.text.is_empty() {
                choice.text.push_str(", ");
            }
            choice.text.push_str(&value);
        }
        if is_chosen || choice.value.is_empty() {
            choice.value = value;
        }
    }

    fn open_row(&mut self) {
        self.flush();
        self.end_row();
        self.row = Some((Vec::new(), true));
    }

    fn open_cell(&mut self, is_heading: bool) {
        self.end_cell();
        let (cells, all) = self.row.get_or_insert_with(|| (Vec::new(), true));
        *all &= is_heading;
        if cells.len() < MOST_CELLS {
            cells.push(String::new());
        }
        self.block = Block::Paragraph;
    }

    /// The text belongs to the last cell.
    fn end_cell(&mut self) {
        self.close_link();
        let text = self.taken();
        if let Some((cells, _)) = &mut self.row
            && let Some(cell) = cells.last_mut()
        {
            cell.push_str(text.trim());
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if let Some((cells, is_heading)) = self.row.take()
            && cells.iter().any(|cell| !cell.is_empty())
        {
            self.push(Part::Row { cells, is_heading });
        }
        self.tell_links();
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.close_link(),
            "ul" | "ol" | "menu" => {
                self.flush();
                self.lists = self.lists.saturating_sub(1);
                self.block = Block::Paragraph;
            }
            "form" => {
                self.flush();
                self.forms = 0;
            }
            "select" => {
                self.text.clear();
                self.block = Block::Paragraph;
                if let Some(choice) = self.choice.take() {
                    self.push(Part::Field(choice));
                }
            }
            "td" | "th" => self.end_cell(),
            "tr" | "table" => self.end_row(),
            "script" | "style" | "noframes" | "noembed" | "iframe" => {
                self.text.clear();
                self.block = Block::Paragraph;
            }
            "li" | "pre" | "listing" | "xmp" | "title" | "textarea" | "button" => {
                self.flush();
                self.block = Block::Paragraph;
            }
            name if heading_level(name).is_some() => {
                self.flush();
                self.block = Block::Paragraph;
            }
            name if is_block(name) => self.begin(Block::Paragraph),
            _ => {}
        }
    }

    /// Spaces are one space, apart from texts in which they count.
    fn write(&mut self, text: &str) {
        if matches!(self.block, Block::Hidden) || self.text.len() >= LONGEST_TEXT {
            return;
        }
        if matches!(self.block, Block::Preformatted | Block::Control(_)) {
            self.text.push_str(cut(text));
            return;
        }
        for letter in cut(text).chars() {
            if !letter.is_ascii_whitespace() {
                self.text.push(letter);
            } else if !self.text.is_empty() && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        }
    }

    fn taken(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// The text is a part of its own.
    fn flush(&mut self) {
        if self.row.is_some() {
            return self.write(" ");
        }
        self.close_link();
        let text = self.taken();
        let trimmed = text.trim().to_owned();
        let block = std::mem::take(&mut self.block);
        let is_only_link = matches!(&*self.links, [(words, _)] if *words == trimmed);
        match block {
            Block::Control(mut field) => {
                if field.kind == "textarea" {
                    field.value = text;
                } else {
                    field.text = trimmed;
                }
                self.push(Part::Field(field));
            }
            Block::Hidden => {}
            _ if trimmed.is_empty() => {}
            // A link alone need not be told twice.
            Block::Paragraph if is_only_link => {}
            Block::Paragraph => self.push(Part::Paragraph(trimmed)),
            Block::Heading(level) => self.push(Part::Heading(level, trimmed)),
            Block::Entry => self.push(Part::Entry(trimmed)),
            Block::Title => self.push(Part::Title(trimmed)),
            Block::Preformatted => {
                let text = text.trim_end().trim_start_matches('\n').to_owned();
                self.push(Part::Preformatted(text));
            }
        }
        self.tell_links();
    }

    fn tell_links(&mut self) {
        for (text, target) in std::mem::take(&mut self.links) {
            self.push(Part::Link { text, target });
        }
    }
}

fn field(tag: &Tag, kind: &str) -> Field {
    let has = |name: &str| {
        tag.attrs
            .iter()
            .any(|attribute| &*attribute.name.local == name)
    };
    let flags = ["checked", "required", "disabled", "readonly", "multiple"];
    Field {
        kind: kind.to_owned(),
        name: attribute(tag, "name").unwrap_or_default(),
        value: attribute(tag, "value").unwrap_or_default(),
        text: attribute(tag, "placeholder").unwrap_or_default(),
        flags: flags.into_iter().filter(|flag| has(flag)).collect(),
    }
}
