//! What is wrong with a guard or scenario file, and where.
//!
//! Guards are edited by people at a customer: an error that names no line costs them an hour.
//! So everything that can be wrong with a file becomes this one type, all errors of a load are
//! reported at once, and they are rendered in one place, with the line and a caret.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// A file that was read: a guard (`*.cedar`) or a table of scenarios (`*.toml`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardFile {
    /// Its name, as people should see it in messages.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
}

impl GuardFile {
    /// A file that was read.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let (name, text) = (name.into(), text.into());
        Self { name, text }
    }
}

/// Whether it stops the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The file is not loaded.
    Error,
    /// It is loaded; a person should look.
    Warning,
}

/// With or without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// For files, pipes and tests.
    Plain,
    /// For a terminal.
    Coloured,
}

/// Something wrong with a file; `host/docs/errors/guard.md` has a section for each code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuardError {
    /// `CS-guard-nn`.
    pub code: &'static str,
    /// Whether it stops the load.
    pub weight: Weight,
    /// The file.
    pub file: Box<str>,
    /// From 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// In characters, from 1; 0 where the file as a whole is meant.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<Box<str>>,
    /// The bytes that are meant.
    #[serde(skip)]
    pub span: Range<usize>,
    #[serde(skip)]
    source: Arc<str>,
}

impl GuardError {
    /// An error about a part of a file.
    pub(super) fn at(
        code: &'static str,
        file: &GuardFile,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        let (line, column) = place(&file.text, span.start);
        Self {
            code,
            weight: Weight::Error,
            file: file.name.as_str().into(),
            line,
            column,
            message: message.into(),
            help: None,
            span,
            source: file.text.clone(),
        }
    }

    /// An error about a file as a whole.
    pub(super) fn whole(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            weight: Weight::Error,
            file: file.into(),
            line: 0,
            column: 0,
            message: message.into(),
            help: None,
            span: 0..0,
            source: Arc::from(""),
        }
    }

    /// Says what to do.
    pub(super) fn help(mut self, help: impl Into<Box<str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Makes it a warning.
    pub(super) fn warning(mut self) -> Self {
        self.weight = Weight::Warning;
        self
    }

    /// The message with the lines it is about and a caret.
    pub fn render(&self, paint: Paint) -> String {
        let level = match self.weight {
            Weight::Error => Level::ERROR,
            Weight::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str()).id(self.code);
        let mut group = if self.line == 0 {
            title.element(annotate_snippets::Origin::path(&*self.file))
        } else {
            let caret = AnnotationKind::Primary.span(first_line(&self.source, &self.span));
            title.element(
                Snippet::source(&*self.source)
                    .path(&*self.file)
                    .annotation(caret),
            )
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(&**help));
        }
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Coloured => Renderer::styled(),
        };
        renderer.render(&[group])
    }
}

impl std::fmt::Display for GuardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}: {}", self.code, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, " ({help})"))
    }
}

impl std::error::Error for GuardError {}

/// Line and column, from 1, of a byte offset; the end of the text for one that is outside.
fn place(text: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |it| it.chars().count());
    let from_one = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
    (from_one(line), from_one(column))
}

/// The part of the span on its first line: a caret under thirty lines helps nobody.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let length = text
        .get(start..end)
        .and_then(|it| it.find('\n'))
        .unwrap_or(end - start);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_file_line_and_caret() {
        let file = GuardFile::new("a.cedar", "one\ntwo ä three\nfour\n");
        let error = GuardError::at("CS-guard-07", &file, 11..20, "no such fact").help("look it up");
        assert_eq!(
            error.to_string(),
            "a.cedar:2:7: CS-guard-07: no such fact (look it up)"
        );
        let shown = error.render(Paint::Plain);
        assert!(
            shown.contains("error[CS-guard-07]: no such fact"),
            "{shown}"
        );
        assert!(shown.contains("a.cedar:2:7"), "{shown}");
        assert!(shown.contains("^^^^^"), "{shown}");
        assert!(!shown.contains("four"), "{shown}");
    }

    #[test]
    fn an_error_of_a_whole_file_names_the_file() {
        let shown = GuardError::whole("CS-guard-01", "b.cedar", "too large").render(Paint::Plain);
        assert!(shown.contains("b.cedar"), "{shown}");
    }
}
