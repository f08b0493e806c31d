//! What is wrong with a document, where, and what to do: all of it at once.

use serde::{Deserialize, Serialize};

/// Where something stands in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The document as a whole.
    Document,
    /// A line of CSV, from 1, and the column's name.
    Line {
        /// The line.
        line: u64,
        /// The column; empty for the whole line.
        column: String,
    },
    /// A place in JSON (RFC 6901).
    Pointer(String),
}

impl Place {
    /// A field of the record that stands here.
    pub(in crate::inventory) fn field(&self, name: &str) -> Self {
        match self {
            Self::Document => Self::Document,
            Self::Line { line, .. } => Self::Line {
                line: *line,
                column: name.to_owned(),
            },
            Self::Pointer(to) => Self::Pointer(format!(
                "{to}/{}",
                name.replace('~', "~0").replace('/', "~1")
            )),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document => f.write_str("the document"),
            Self::Line { line, column } if column.is_empty() => write!(f, "line {line}"),
            Self::Line { line, column } => write!(f, "line {line}, column {column}"),
            Self::Pointer(to) if to.is_empty() => f.write_str("the document"),
            Self::Pointer(to) => f.write_str(to),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code} {place}: {what}{}", help.as_deref().map(|it| format!("; {it}")).unwrap_or_default())]
pub struct ImportError {
    /// Stable code, `CS-asset-nn` or the `CS-target-nn` of an identifier.
    pub code: String,
    /// Where.
    pub place: Place,
    /// What. Text of the document is escaped and cut.
    pub what: String,
    /// What to do.
    pub help: Option<String>,
}

impl ImportError {
    pub(in crate::inventory) fn new(code: &str, place: Place, what: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            place,
            what: what.into(),
            help: None,
        }
    }
    pub(in crate::inventory) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Text of a document in a message: escaped, at most 60 characters.
pub(in crate::inventory) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    format!("{cut:?}")
}

/// The word of a list that is nearest to a text, if any is near.
pub(in crate::inventory) fn nearest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text = text.to_lowercase();
    let near = words.iter().map(|word| (distance(&text, word), *word));
    let (steps, word) = near.min()?;
    (steps <= 1 + word.len() / 4).then_some(word)
}

/// Levenshtein distance by bytes; the words are short.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut left = i + 1;
        let mut above_left = i;
        let mut next = vec![left];
        for (above, b) in row.iter().skip(1).zip(other.bytes()) {
            left = (above + 1)
                .min(left + 1)
                .min(above_left + usize::from(a != b));
            above_left = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
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
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        assert_eq!(nearest("servr", &["server", "workstation"]), Some("server"));
        assert_eq!(
            nearest("Protecton", &["protection", "owners"]),
            Some("protection")
        );
        assert_eq!(nearest("colour", &["protection", "owners"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
