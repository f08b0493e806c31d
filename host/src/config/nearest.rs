//! The word somebody probably meant. A refusal that names the nearest known word turns a search
//! through the documentation into a glance.

/// The known word nearest to `word`, if it is near enough to be a slip of the pen: at most a
/// third of its letters differ, or one begins with the other.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    let (_, best) = known
        .into_iter()
        .map(|it| (distance(&wanted, &it.to_lowercase()), it))
        .filter(|(distance, it)| *distance <= allowed || shares_start(&wanted, it))
        .min_by_key(|(distance, _)| *distance)?;
    Some(best)
}

/// `expiry` for `expiry_minutes`: what is left out is mostly the unit.
fn shares_start(wanted: &str, known: &str) -> bool {
    wanted.len() >= 4 && (known.starts_with(wanted) || wanted.starts_with(known))
}

/// Insertions, deletions, replacements and swaps of neighbours between two words
/// (optimal string alignment). LIMIT: words are cut at 64 characters, so this is bounded.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let replace = cell(&last, j) + usize::from(left != right);
            let mut best = replace.min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            let swapped =
                i > 0 && j > 0 && a.get(i - 1) == Some(right) && b.get(j - 1) == Some(left);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_other_words_find_none() {
        let known = ["listen", "data_dir", "plugins_dir", "expiry_minutes"];
        for (slip, meant) in [
            ("lisen", Some("listen")),
            ("litsen", Some("listen")),
            ("Data_Dir", Some("data_dir")),
            ("plugin_dir", Some("plugins_dir")),
            ("expiry", Some("expiry_minutes")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(slip, known), meant, "{slip}");
        }
    }

    #[test]
    fn a_swap_of_neighbours_is_one_slip() {
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
