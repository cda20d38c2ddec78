//! The name somebody probably meant: letter case first, then few edits.

/// Names longer than this are not compared: nobody mistypes one of these by a letter or two.
const LONGEST_COMPARED: usize = 64;

/// The candidate closest to `wanted`: equal but for letter case, or equal but for a missing
/// suffix, or a third of its letters away at most (swapped neighbours count as one edit).
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted_chars = folded(wanted)?;
    let allowed = (wanted_chars.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance_to(&wanted_chars, candidate, allowed)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> Option<Vec<char>> {
    let chars: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    (1..=LONGEST_COMPARED)
        .contains(&chars.len())
        .then_some(chars)
}

fn distance_to(wanted: &[char], candidate: &str, allowed: usize) -> Option<usize> {
    let chars = folded(candidate)?;
    // `/hello` for `hello.py` is common enough to count as one slip.
    let without_suffix = chars.iter().rposition(|&c| c == '.').filter(|&dot| dot > 0);
    if without_suffix.is_some_and(|dot| chars.get(..dot) == Some(wanted)) {
        return Some(1);
    }
    let distance = edit_distance(wanted, &chars);
    // Replacing every letter is no likeness.
    (distance <= allowed && distance < wanted.len()).then_some(distance)
}

/// Insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut a_previous = None;
    for (row, &a_char) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut b_previous = None;
        for (column, &b_char) in b.iter().enumerate() {
            let cell = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (cell(&last, column) + usize::from(a_char != b_char))
                .min(cell(&last, column + 1) + 1)
                .min(cell(&current, column) + 1);
            if column > 0 && a_previous == Some(b_char) && b_previous == Some(a_char) {
                best = best.min(cell(&before_last, column - 1) + 1);
            }
            current.push(best);
            b_previous = Some(b_char);
        }
        before_last = std::mem::replace(&mut last, current);
        a_previous = Some(a_char);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wanted: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(wanted, candidates.iter().copied()), expected);
    }

    #[test]
    fn letter_case_beats_an_edit() {
        check("hello.py", &["hallo.py", "Hello.PY"], Some("Hello.PY"));
    }

    #[test]
    fn a_missing_suffix_is_one_slip() {
        check("hello", &["world.py", "hello.py"], Some("hello.py"));
    }

    #[test]
    fn swapped_neighbours_are_one_edit() {
        check("form", &["from"], Some("from"));
        check(
            "time_secnods",
            &["total_seconds", "time_seconds"],
            Some("time_seconds"),
        );
    }

    #[test]
    fn strangers_are_not_suggested() {
        check("index.py", &["upload.cgi"], None);
        check("a", &["b"], None);
        check("", &["b"], None);
        check(&"x".repeat(100_000), &[&"x".repeat(100_001)], None);
    }
}
