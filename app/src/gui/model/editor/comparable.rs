//! Whether two texts can be compared line by line while somebody waits for it.

use std::collections::HashMap;

/// So many lines are held against each other, at most.
const STEPS: usize = 1 << 21;

/// Whether a comparison of these texts is soon done. It takes the lines of both times those that differ, which for a
/// file of 1 MB that was indented anew are billions of steps.
#[must_use]
pub(super) fn are_comparable(old: &str, new: &str) -> bool {
    let mut numbers = HashMap::new();
    let mut numbered = |text| -> Vec<usize> {
        let lines = str::split_inclusive(text, '\n');
        let known = lines.map(|line| {
            let next = numbers.len();
            *numbers.entry(line).or_insert(next)
        });
        known.collect()
    };
    let (old, new) = (numbered(old), numbered(new));
    let same = |(a, b): &(&usize, &usize)| a == b;
    let before = old.iter().zip(&new).take_while(same).count();
    let old = old.get(before..).unwrap_or_default();
    let new = new.get(before..).unwrap_or_default();
    let after = old.iter().rev().zip(new.iter().rev());
    let after = after.take_while(same).count();
    let old = old.get(..old.len() - after).unwrap_or_default();
    let new = new.get(..new.len() - after).unwrap_or_default();
    is_near(old, new, STEPS)
}

/// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), section 4, given up after so many steps: how far
/// along `old` each diagonal comes with one more change each round.
fn is_near(old: &[usize], new: &[usize], mut steps: usize) -> bool {
    if old.is_empty() || new.is_empty() {
        return true;
    }
    // A diagonal is `x + new.len() + 1 - y`, so that none is negative.
    let middle = new.len() + 1;
    let mut reached = vec![0_usize; old.len() + new.len() + 3];
    for changes in 0..=old.len() + new.len() {
        let lowest = middle - limited(changes, new.len());
        let highest = middle + limited(changes, old.len());
        for diagonal in (lowest..=highest).step_by(2) {
            let at = |place: usize| reached.get(place).copied().unwrap_or_default();
            let (left, right) = (at(diagonal - 1), at(diagonal + 1));
            let is_lowest = diagonal + changes == middle;
            let is_highest = diagonal == middle + changes;
            let mut x = match changes {
                0 => 0,
                _ if is_lowest || !is_highest && left < right => right,
                _ => left + 1,
            };
            let mut y = (x + middle).saturating_sub(diagonal);
            while let (Some(a), Some(b)) = (old.get(x), new.get(y))
                && a == b
            {
                (x, y) = (x + 1, y + 1);
                steps = steps.saturating_sub(1);
            }
            if let Some(place) = reached.get_mut(diagonal) {
                *place = x;
            }
            if x >= old.len() && y >= new.len() {
                return true;
            }
            steps = steps.saturating_sub(1);
        }
        if steps == 0 {
            return false;
        }
    }
    true
}

/// The outermost diagonal of a round that still lies within the texts; every second one is in it.
fn limited(changes: usize, length: usize) -> usize {
    if changes <= length {
        changes
    } else {
        length - (changes - length) % 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, indent: &str) -> String {
        let line = |at: usize| format!("{indent}{at}\n");
        (0..count).map(line).collect()
    }

    #[track_caller]
    fn check(old: &str, new: &str, expected: bool) {
        assert_eq!(are_comparable(old, new), expected);
        assert_eq!(are_comparable(new, old), expected);
    }

    #[test]
    fn texts_that_are_alike_or_short_are_compared() {
        check("", "", true);
        check("a\n", "", true);
        check("a\nb\n", "c\n", true);
        check(&lines(400, ""), &lines(400, " "), true);
        let long = lines(100_000, "");
        check(&long, &long, true);
        check(&long, &format!("first\n{long}last\n"), true);
        check(&long, &long.replace("50000\n", ""), true);
        check(&long, &format!("{long}{}", lines(100_000, " ")), true);
    }

    #[test]
    fn long_texts_that_have_little_in_common_are_not() {
        check(&lines(60_000, ""), &lines(60_000, "  "), false);
        let turned: Vec<String> = (0..60_000).rev().map(|at| format!("{at}\n")).collect();
        check(&lines(60_000, ""), &turned.concat(), false);
    }
}
