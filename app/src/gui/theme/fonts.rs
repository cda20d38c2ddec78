//! The two bundled typefaces, and the names by which the window asks for their weights.

use std::sync::Arc;

use eframe::egui::{
    FontData, FontDefinitions, FontFamily, FontTweak, epaint::text::VariationCoords,
};

const INTER: &[u8] = include_bytes!("../../../../assets/fonts/Inter-roman.var.ttf");
const JETBRAINS_MONO: &[u8] = include_bytes!("../../../../assets/fonts/JetBrainsMono-Regular.ttf");

/// Names the family of Inter at weight 500.
const MEDIUM: &str = "medium";
/// Names the family of Inter at weight 600.
const SEMIBOLD: &str = "semibold";

/// Inter at weight 500, for the text of buttons that must stand out.
pub fn medium() -> FontFamily {
    FontFamily::Name(MEDIUM.into())
}

/// Inter at weight 600, for headings and statuses.
pub fn semibold() -> FontFamily {
    FontFamily::Name(SEMIBOLD.into())
}

/// The bundled faces in front of egui's own, which serve as fallback for rare symbols.
pub(super) fn definitions() -> FontDefinitions {
    let mut definitions = FontDefinitions::default();
    let inter = Arc::new(inter_with_tabular_figures());
    for (name, weight) in [("inter", 400.0), (MEDIUM, 500.0), (SEMIBOLD, 600.0)] {
        let face = FontData::from_blob(inter.clone(), 0).tweak(FontTweak {
            coords: VariationCoords::new([(b"wght", weight)]),
            ..FontTweak::default()
        });
        definitions.font_data.insert(name.to_owned(), face.into());
    }
    // Its hints are made for thicker rasters: with them the small letters grow a whole pixel.
    let unhinted = FontTweak {
        hinting: Some(false),
        ..FontTweak::default()
    };
    let mono = FontData::from_owned(mono_without_ligatures()).tweak(unhinted);
    definitions.font_data.insert("mono".to_owned(), mono.into());
    let fallback = fallback_of(&definitions, &FontFamily::Proportional);
    for (family, face) in [
        (FontFamily::Proportional, "inter"),
        (medium(), MEDIUM),
        (semibold(), SEMIBOLD),
    ] {
        let faces = [face, "mono"].map(str::to_owned).into_iter();
        definitions
            .families
            .insert(family, faces.chain(fallback.iter().cloned()).collect());
    }
    let fallback = fallback_of(&definitions, &FontFamily::Monospace);
    let faces = ["mono", "inter"].map(str::to_owned).into_iter();
    definitions
        .families
        .insert(FontFamily::Monospace, faces.chain(fallback).collect());
    definitions
}

fn fallback_of(definitions: &FontDefinitions, family: &FontFamily) -> Vec<String> {
    definitions
        .families
        .get(family)
        .cloned()
        .unwrap_or_default()
}

/// Inter with figures of one width, so that columns of numbers stand under each other.
///
/// egui cannot ask for an OpenType feature; the shaper applies `calt` by itself, so the feature
/// for tabular figures takes over that name. The former `calt`, which turns "->" into an arrow,
/// goes: a tool that shows bytes must not redraw them.
fn inter_with_tabular_figures() -> Vec<u8> {
    let mut font = INTER.to_vec();
    rename_substitution(&mut font, *b"calt", *b"ca__");
    rename_substitution(&mut font, *b"tnum", *b"calt");
    font
}

/// JetBrains Mono without its ligatures: `!=` stays two characters, as it is in the script.
fn mono_without_ligatures() -> Vec<u8> {
    let mut font = JETBRAINS_MONO.to_vec();
    rename_substitution(&mut font, *b"calt", *b"ca__");
    font
}

/// Renames a feature of the font's glyph substitution table ("OpenType", chapter 2 and GSUB).
///
/// A font that does not have the table or the feature stays as it is.
fn rename_substitution(font: &mut [u8], from: [u8; 4], to: [u8; 4]) {
    for at in substitution_records(font).unwrap_or_default() {
        if let Some(tag) = font.get_mut(at..at + 4)
            && tag == from
        {
            tag.copy_from_slice(&to);
        }
    }
}

/// The offsets of the feature records in GSUB.
fn substitution_records(font: &[u8]) -> Option<Vec<usize>> {
    let tables = usize::from(u16_at(font, 4)?);
    let directory = (0..tables).map(|index| 12 + 16 * index);
    let gsub = directory
        .filter(|&at| font.get(at..at + 4) == Some(b"GSUB"))
        .find_map(|at| u32_at(font, at + 8))?;
    let gsub = usize::try_from(gsub).ok()?;
    let list = gsub + usize::from(u16_at(font, gsub + 6)?);
    let count = usize::from(u16_at(font, list)?);
    Some((0..count).map(|index| list + 2 + 6 * index).collect())
}

fn u16_at(font: &[u8], at: usize) -> Option<u16> {
    let bytes = font.get(at..at + 2)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

fn u32_at(font: &[u8], at: usize) -> Option<u32> {
    let bytes = font.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use eframe::egui::{
        Color32, FontId,
        epaint::text::{Fonts, TextOptions},
    };

    use super::*;

    fn width(family: &FontFamily, text: &str) -> f32 {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let font = FontId::new(13.0, family.clone());
        let mut view = fonts.with_pixels_per_point(1.0);
        view.layout_no_wrap(text.to_owned(), font, Color32::WHITE)
            .size()
            .x
    }

    #[test]
    fn figures_have_one_width_in_every_weight() {
        for family in [FontFamily::Proportional, medium(), semibold()] {
            assert_eq!(
                width(&family, "1111111"),
                width(&family, "0000000"),
                "{family}"
            );
        }
    }

    #[test]
    fn a_heavier_weight_is_wider() {
        let text = "The script printed text before its headers";
        assert!(width(&semibold(), text) > width(&medium(), text));
        assert!(width(&medium(), text) > width(&FontFamily::Proportional, text));
    }

    #[test]
    fn an_arrow_of_two_characters_stays_two_characters() {
        let pair = width(&FontFamily::Proportional, "-") + width(&FontFamily::Proportional, ">");
        assert!((width(&FontFamily::Proportional, "->") - pair).abs() < 2.0);
    }

    #[test]
    fn every_symbol_the_window_uses_has_a_glyph() {
        let symbols = "✓✕!…○→←↓↑●·—−+▾•␍␊␉␀␛§~“”’↵";
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        for family in [
            FontFamily::Proportional,
            medium(),
            semibold(),
            FontFamily::Monospace,
        ] {
            let font = FontId::new(13.0, family);
            for symbol in symbols.chars() {
                assert!(fonts.has_glyph(&font, symbol), "{symbol} in {font:?}");
            }
        }
    }

    #[test]
    fn a_font_without_the_table_stays_as_it_is() {
        for font in [&b""[..], &[0; 11], &[0xff; 64]] {
            let mut renamed = font.to_vec();
            rename_substitution(&mut renamed, *b"calt", *b"ca__");
            assert_eq!(renamed, font);
        }
    }
}
