//! How well a few typed letters fit a title: the order of what the palette offers.

/// The better `query` fits `title`, the higher; `None` when its letters are not in it in order.
///
/// Letters at the start of a word count most, then letters next to each other; spaces in the
/// query only part it. Case does not matter.
pub fn score(query: &str, title: &str) -> Option<i32> {
    let title: Vec<char> = title.chars().flat_map(char::to_lowercase).collect();
    let letters = query.chars().flat_map(char::to_lowercase);
    // For each place in the title the best way to have the letters so far end there.
    let mut ends: Option<Vec<Option<i32>>> = None;
    for letter in letters.filter(|letter| !letter.is_whitespace()) {
        ends = Some(extended(&title, letter, ends.as_deref()));
    }
    let best = ends.map_or(Some(0), |ends| ends.into_iter().flatten().max())?;
    // Of two that fit alike the shorter is meant.
    Some(best - i32::try_from(title.len() / 8).unwrap_or(i32::MAX))
}

/// The best ways with one more letter; `before` is `None` for the first.
fn extended(title: &[char], letter: char, before: Option<&[Option<i32>]>) -> Vec<Option<i32>> {
    const BESIDE: i32 = 5;
    let mut apart = None;
    let mut beside = None;
    let mut ends = Vec::with_capacity(title.len());
    for (index, &found) in title.iter().enumerate() {
        let way = before.map_or(Some(0), |_| apart.max(beside.map(|score| score + BESIDE)));
        ends.push(
            way.filter(|_| found == letter)
                .map(|way| way + worth(title, index)),
        );
        apart = apart.max(beside);
        beside = before.and_then(|before| before.get(index).copied().flatten());
    }
    ends
}

fn worth(title: &[char], index: usize) -> i32 {
    let start = if starts_word(title, index) { 8 } else { 0 };
    let first = if index == 0 { 4 } else { 0 };
    1 + start + first
}

fn starts_word(title: &[char], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| title.get(before));
    before.is_none_or(|letter| !letter.is_alphanumeric())
}

/// The places of the titles that fit, best first; all in their order when nothing is typed.
pub fn ranked<'a>(query: &str, titles: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let fits = |(index, title)| score(query, title).map(|score| (score, index));
    let mut found: Vec<(i32, usize)> = titles.enumerate().filter_map(fits).collect();
    if !query.trim().is_empty() {
        found.sort_by_key(|&(score, index)| (-score, index));
    }
    found.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: [&str; 6] = [
        "Open a folder…",
        "Replay",
        "Edit and resend",
        "Export as HAR",
        "Allow other computers…",
        "Reveal script in sidebar",
    ];

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let found = ranked(query, TITLES.into_iter());
        let found: Vec<&str> = found.into_iter().map(|index| TITLES[index]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn nothing_typed_offers_all_in_their_order() {
        check("", &TITLES);
        check("  ", &TITLES);
    }

    #[test]
    fn starts_of_words_count_most() {
        let fit = [
            "Replay",
            "Reveal script in sidebar",
            "Edit and resend",
            "Allow other computers…",
        ];
        check("re", &fit);
        check("of", &["Open a folder…"]);
        check("aoc", &["Allow other computers…"]);
    }

    #[test]
    fn case_and_spaces_do_not_matter() {
        check("EXP har", &["Export as HAR"]);
    }

    #[test]
    fn a_later_start_of_a_word_does_not_hide_an_earlier_fit() {
        assert!(score("red", "are doing r").is_some());
    }

    #[test]
    fn letters_out_of_order_do_not_fit() {
        check("yalper", &[]);
        check("ß", &[]);
    }
}
