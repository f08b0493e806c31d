//! Where in the operator's files a value stands.
//!
//! A value that is checked later than it is read (a limit against the engine's ceiling, a
//! setting against a plugin's schema) must still be able to point at its line. So whatever has a
//! second check keeps its place, and the place keeps the text it points into: rendering an error
//! never reads a file a second time, which could have changed meanwhile.

use std::ops::Range;
use std::sync::{Arc, Mutex};

/// One file of the workspace, as it was read.
pub struct SourceFile {
    /// Path as people see it: the workspace folder as given, then the path below it.
    path: String,
    /// Its text; empty where the file could not be read.
    text: String,
    /// Byte ranges that hold a secret somebody wrote inline. Rendering stars them out.
    hidden: Mutex<Vec<Range<usize>>>,
}

impl SourceFile {
    /// A file with its text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
            hidden: Mutex::default(),
        })
    }
    /// The path as people see it.
    pub fn path(&self) -> &str {
        &self.path
    }
    /// The text as read. May hold a secret that somebody wrote inline: show `shown` instead.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Never show these bytes.
    pub(super) fn hide(&self, range: Range<usize>) {
        // A poisoned lock means a panic elsewhere; the list itself is still whole.
        let mut hidden = self
            .hidden
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        hidden.push(range);
    }
    /// The text with inline secrets starred out and C1 controls dotted out (the renderer takes
    /// care of the other controls), byte for byte, so that positions still fit.
    pub(super) fn shown(&self) -> String {
        let hidden = self
            .hidden
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut out = String::with_capacity(self.text.len());
        for (at, char) in self.text.char_indices() {
            if char != '\n' && hidden.iter().any(|range| range.contains(&at)) {
                out.extend(std::iter::repeat_n('*', char.len_utf8()));
            } else if ('\u{80}'..='\u{9f}').contains(&char) {
                out.push('·');
            } else {
                out.push(char);
            }
        }
        out
    }
}

/// Only the path: the text may hold a secret that somebody wrote inline, and errors are logged.
impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SourceFile").field(&self.path).finish()
    }
}

/// A place in a file, or the file as a whole.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Bytes of its text; `None` means the file as a whole.
    pub span: Option<Range<usize>>,
}

impl Place {
    /// The file as a whole, for what is missing from it.
    pub fn of_file(file: &Arc<SourceFile>) -> Self {
        Self {
            file: Arc::clone(file),
            span: None,
        }
    }
    /// Bytes of a file.
    pub fn of_span(file: &Arc<SourceFile>, span: Range<usize>) -> Self {
        Self {
            file: Arc::clone(file),
            span: Some(span),
        }
    }
    /// A path that has no text of its own: a folder, or a file that is not there.
    pub fn of_path(path: impl Into<String>) -> Self {
        Self {
            file: SourceFile::new(path, ""),
            span: None,
        }
    }
    /// Line and column, both from 1, the column in characters.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let before = self.file.text.get(..self.span.as_ref()?.start)?;
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..)?.chars().count() + 1;
        Some((line, column))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line_column() {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.file.path),
            None => f.write_str(&self.file.path),
        }
    }
}

/// A value and where it was written. Compares by value alone.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T: PartialEq> PartialEq for Placed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
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
    fn lines_and_columns_count_from_one_and_in_characters() {
        let file = SourceFile::new("a.toml", "a = 1\nü = \"x\"\n");
        let at = file.text().find("\"x\"").unwrap();
        let place = Place::of_span(&file, at..at + 3);
        assert_eq!(place.line_column(), Some((2, 5)));
        assert_eq!(place.to_string(), "a.toml:2:5");
    }

    #[test]
    fn a_hidden_range_is_starred_out_and_moves_nothing() {
        let file = SourceFile::new("a.toml", "api = \"hünter2\"\nb = 1\n");
        file.hide(6..16);
        let shown = file.shown();
        assert_eq!(shown.len(), file.text().len());
        assert!(!shown.contains("nter2"), "{shown}");
        assert!(shown.ends_with("\nb = 1\n"));
    }
}
