//! The output tab: what the script printed, byte by byte, with the end of its headers drawn in.

use cgi_engine::cgi::header_block::{BlockEnd, HeaderBlock};
use cgi_engine::diagnosis::StreamName;
use cgi_engine::diagnosis::finding::EvidenceSource;
use cgi_engine::exchange::{ExchangeId, Invocation};
use eframe::egui::{Align, Layout, Ui};

use super::inspector::Tabbed;
use super::meaning_table::{self, Names};
use super::output_text::{self, OutputText, Show, Stream};
use super::{bytes_view, output_fields, padded, words};
use crate::gui::command::Command;
use crate::gui::theme::Theme;
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::hex_view::{self, HexViewState};
use crate::gui::widgets::text_view::{Border, Gutter, Highlight, LineTag, TextView, TextViewState};
use crate::gui::widgets::{chip, empty};

/// What the tab remembers.
#[derive(Default)]
pub(super) struct State {
    show: Show,
    hex: bool,
    /// The header block as a table, instead of the streams.
    headers: bool,
    fields: meaning_table::State,
    view: TextViewState,
    digits: HexViewState,
    joined: bytes_view::Joined,
    text: OutputText,
    made_for: Option<(ExchangeId, Option<usize>, u64, Show, bool)>,
    /// Calls of libraries in tracebacks are shown as well.
    unfolded: bool,
    library_calls: Option<(u64, bool)>,
    /// Changes when the bytes are not the old ones grown.
    revision: u64,
    revealed: bool,
    /// Bytes of a stream that shall come into sight.
    wanted: Option<(Stream, u64, u64)>,
}

impl State {
    /// Whether stderr has calls of libraries; looked for once for so many bytes of it.
    fn has_library_calls(&mut self, run: &Invocation) -> bool {
        let length = run.stderr.len();
        match self.library_calls {
            Some((looked_at, has)) if looked_at == length => has,
            _ => {
                let has = !output_text::folded(&run.stderr.bytes()).is_empty();
                self.library_calls = Some((length, has));
                has
            }
        }
    }

    /// Brings bytes of a stream into sight, and selects them.
    pub(super) fn reveal(&mut self, stream: Stream, offset: u64, bytes: u64) {
        (self.hex, self.headers) = (false, false);
        let is_shown = matches!(
            (self.show, stream),
            (Show::Both, _) | (Show::Out, Stream::Out) | (Show::Err, Stream::Err)
        );
        if !is_shown {
            self.show = Show::Both;
        }
        self.wanted = Some((stream, offset, bytes));
    }
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let Some(run) = tabbed.detail.run(tabbed.run) else {
        let (title, why) = if tabbed.detail.exchange.end.is_some() {
            (
                "No script was started",
                "So nothing was printed; the overview says what answered instead",
            )
        } else {
            ("Nothing was printed yet", "The script has not been started")
        };
        empty::ui(ui, title, why, &[]);
        return;
    };
    padded(ui, 16, 10, |ui| tools_ui(ui, run, state));
    if let Some(block) = run.header_block.as_deref().filter(|_| state.headers) {
        let rows = output_fields::rows(block);
        let names = Names {
            table: "Header block",
            name: "Name",
            tag: "Where",
        };
        return meaning_table::ui(ui, names, &rows, &mut state.fields, commands);
    }
    make_text(tabbed, run, state);
    if state.text.is_empty() {
        nothing_ui(ui, tabbed, state.show);
        return;
    }
    if state.hex {
        hex_ui(ui, tabbed, run, state);
    } else {
        text_ui(ui, tabbed, run, state);
    }
}

fn tools_ui(ui: &mut Ui, run: &Invocation, state: &mut State) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let shows = [
            (Show::Both, "Interleaved".to_owned(), "In the order in which the studio read them; writes to the two pipes within moments of each other may be the other way round"),
            (Show::Out, format!("stdout {}", words::size(run.stdout.len())), "Standard output: headers and page"),
            (Show::Err, format!("stderr {}", words::size(run.stderr.len())), "Standard error: for the server's log, not for the client"),
        ];
        for (show, text, hint) in shows {
            if chip::ui_with_state(ui, !state.headers && state.show == show, &text, None).on_hover_text(hint).clicked() {
                state.headers = false;
                state.show = show;
            }
        }
        headers_chip_ui(ui, run, state);
        fold_chip_ui(ui, run, state);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !state.headers && chip::ui_with_state(ui, state.hex, "Hex", None).on_hover_text("Show the bytes as hexadecimal digits").clicked() {
                state.hex = !state.hex;
            }
            if let Some(block) = whole_headers(run) {
                let fields = words::counted(block.fields.len() as u64, "header", "headers");
                ui.label(Theme::of(ui).weak(format!("{fields}, {} bytes", words::count(block.length as u64))));
            }
        });
    });
}

/// The switch to the header block as a table.
fn headers_chip_ui(ui: &mut Ui, run: &Invocation, state: &mut State) {
    let Some(block) = run.header_block.as_deref().filter(|_| !run.nph) else {
        state.headers = false;
        return;
    };
    let count = block.fields.len() as u64;
    let hint = "The lines before the empty line, each with its meaning and what is wrong with it";
    if chip::ui_with_state(ui, state.headers, "Headers", Some(count))
        .on_hover_text(hint)
        .clicked()
    {
        state.headers = !state.headers;
    }
}

/// The switch to the calls of libraries, where a traceback has some.
fn fold_chip_ui(ui: &mut Ui, run: &Invocation, state: &mut State) {
    let is_text = !state.headers && !state.hex && state.show != Show::Out;
    let end = run.exit.is_some() && !run.stderr.is_empty();
    if !is_text || !end || !state.has_library_calls(run) {
        return;
    }
    let hint = "Show the calls in libraries of the traceback as well as your own";
    if chip::ui_with_state(ui, state.unfolded, "Library calls", None)
        .on_hover_text(hint)
        .clicked()
    {
        state.unfolded = !state.unfolded;
    }
}

/// The text is made anew only when there is more of it, or it is another one.
fn make_text(tabbed: &Tabbed<'_>, run: &Invocation, state: &mut State) {
    let length = run.stdout.len() + run.stderr.len();
    let wanted = (
        tabbed.detail.exchange.id,
        tabbed.run,
        length,
        state.show,
        state.unfolded,
    );
    if state.made_for == Some(wanted) {
        return;
    }
    state.made_for = Some(wanted);
    let text = OutputText::of(&run.stdout, &run.stderr, state.show, !state.unfolded);
    if !text.has_grown_from(&state.text) {
        state.revision += 1;
        state.revealed = false;
    }
    state.text = text;
}

fn nothing_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, show: Show) {
    let running = tabbed.detail.exchange.end.is_none();
    let (title, sentence) = match (show, running) {
        (Show::Err, _) => (
            "Nothing on stderr",
            "A script writes there what is for the server's log",
        ),
        (_, true) => (
            "Nothing was printed yet",
            "Python keeps output back until its buffer is full or it ends",
        ),
        (_, false) => (
            "Nothing was printed",
            "A CGI script has to print at least one header and an empty line",
        ),
    };
    empty::ui(ui, title, sentence, &[]);
}

fn text_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, run: &Invocation, state: &mut State) {
    let text = &state.text;
    let body = whole_headers(run)
        .filter(|_| state.show != Show::Err)
        .map(|block| block.length as u64);
    let label = body.map(|body| format!("headers end here, byte {}", words::count(body)));
    let borders: Vec<Border<'_>> = body
        .and_then(|body| text.place_of(Stream::Out, body))
        .zip(label.as_deref())
        .map(|(before, label)| Border { before, label })
        .into_iter()
        .collect();
    let mut highlights: Vec<Highlight<'_>> = Vec::new();
    let marks = evidence_marks(tabbed, text);
    highlights.extend(marks.iter().map(|(range, note)| Highlight {
        range: range.clone(),
        tone: Tone::Fail,
        note: *note,
    }));
    if !state.revealed {
        state.revealed = true;
        if let Some((range, _)) = marks.first().filter(|(range, _)| range.start > 1000) {
            state.view.reveal(range.start);
        }
    }
    if let Some((stream, offset, bytes)) = state.wanted.take() {
        let last = offset + bytes.max(1) - 1;
        let places = text
            .place_of(stream, offset)
            .zip(text.place_of(stream, last));
        if let Some((first, last)) = places {
            state.view.reveal(first);
            state.view.select(first..last + 1);
        }
        state.revealed = true;
    }
    let tags = |byte: usize| {
        let (stream, at) = text.tag_at(byte);
        let (word, tone) = match stream {
            Stream::Out => ("OUT", None),
            Stream::Err => ("ERR", Some(Tone::Warn)),
            Stream::Cut => ("", None),
        };
        LineTag {
            word,
            tone,
            time: at
                .map(|at| format!("+{}", words::duration(at)))
                .unwrap_or_default(),
        }
    };
    TextView::new("Output of the script", &text.bytes)
        .revision(state.revision)
        .gutter(Gutter::Tags(&tags))
        .borders(&borders)
        .highlights(&highlights)
        .follow_end(tabbed.detail.exchange.end.is_none())
        .show(ui, &mut state.view);
}

/// The lines that findings are about, with what they say of them.
fn evidence_marks<'a>(
    tabbed: &Tabbed<'a>,
    text: &OutputText,
) -> Vec<(std::ops::Range<usize>, Option<&'a str>)> {
    let mut marks = Vec::new();
    for evidence in tabbed
        .detail
        .findings
        .iter()
        .filter_map(|finding| finding.evidence.as_ref())
    {
        let EvidenceSource::Stream(name, range) = &evidence.source else {
            continue;
        };
        let stream = match name {
            StreamName::Stdout => Stream::Out,
            StreamName::Stderr => Stream::Err,
            StreamName::RequestHead => continue,
        };
        let mut offset = range.start;
        for line in &evidence.lines {
            let place = text.place_of(stream, offset);
            if let (Some(start), Some(note)) = (place, &line.note) {
                let end = (start + line.bytes.len()).min(text.len());
                marks.push((
                    start..end,
                    Some(note.as_str()).filter(|note| !note.is_empty()),
                ));
            }
            offset += line.bytes.len() as u64;
        }
    }
    marks.sort_by_key(|(range, _)| range.start);
    marks
}

/// Where the headers ended with an empty line, as they should.
fn whole_headers(run: &Invocation) -> Option<&HeaderBlock> {
    run.header_block
        .as_deref()
        .filter(|block| block.end == BlockEnd::BlankLine && !run.nph)
}

/// Hexadecimal is of one stream at a time: offsets mean nothing in a mixture.
fn hex_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, run: &Invocation, state: &mut State) {
    let body = if state.show == Show::Err {
        &run.stderr
    } else {
        &run.stdout
    };
    if let Some(sentence) = bytes_view::cut_sentence(body) {
        bytes_view::note_ui(ui, &format!("Shown is the beginning; {sentence}"));
    }
    let name = if state.show == Show::Err {
        "Standard error"
    } else {
        "Standard output"
    };
    let id = tabbed.detail.exchange.id;
    // Two streams of each run may be asked for.
    let stream = 2 * tabbed
        .run
        .unwrap_or(tabbed.detail.exchange.invocations.len())
        + usize::from(state.show == Show::Err);
    let bytes = state.joined.get(id, stream, body.len(), || body.bytes());
    hex_view::ui(ui, name, bytes, &[], &mut state.digits);
}
