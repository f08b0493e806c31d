//! Why a component is not loaded: one finding, its stable code and its text.
//!
//! The rules and their words are those of the contract (`host/docs/errors/load.md`). Findings of
//! one step are reported together, because an author who gets them one by one builds ten times.

use serde::Serialize;

/// One finding at load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct LoadError {
    /// `CS-load-nn`.
    pub code: String,
    /// What is wrong, and where it is known what to do.
    pub message: String,
}

impl LoadError {
    /// A finding of rule `rule` (12 is `CS-load-12`).
    pub(crate) fn new(rule: u8, message: impl Into<String>) -> Self {
        Self {
            code: format!("CS-load-{rule:02}"),
            message: message.into(),
        }
    }
    /// With whose finding it is: `plugin <id or file> <version>: ...`.
    #[must_use]
    pub(crate) fn of(mut self, whose: &str) -> Self {
        self.message = format!("plugin {whose}: {}", self.message);
        self
    }
}

/// The known word nearest to a mistyped one, if one is near.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known
        .iter()
        .map(|it| (distance(word, it), *it))
        .min_by_key(|(far, _)| *far)?;
    // LIMIT: a third of the word may be wrong; beyond that a suggestion misleads.
    (near.0 <= 1 + word.chars().count() / 3).then_some(near.1)
}

/// Edits (insert, delete, replace, and swaps of neighbours as two) between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = row.get(j).copied().unwrap_or(usize::MAX - 1) + usize::from(x != *y);
            let dropped = row.get(j + 1).copied().unwrap_or(usize::MAX - 1) + 1;
            let added = next.last().copied().unwrap_or(usize::MAX - 1) + 1;
            next.push(replaced.min(dropped).min(added));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_its_neighbour_and_a_foreign_one_finds_none() {
        let known = ["contain-device", "block-domain", "egress"];
        assert_eq!(nearest("contain-devcie", &known), Some("contain-device"));
        assert_eq!(nearest("egres", &known), Some("egress"));
        assert_eq!(nearest("frobnicate-x", &known), None);
    }
}
