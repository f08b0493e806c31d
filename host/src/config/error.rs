//! What is wrong with the configuration, said so that the operator can mend it at once.
//!
//! All errors are reported together, each with file, line, column, a caret and what to do: an
//! operator who mends one error per attempt gives up on strictness. Codes are stable and each
//! has a section in `host/docs/errors/config.md` (tested below).

use super::place::Place;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// Stable codes of configuration errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];
            /// The code as people search for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

codes! {
    /// A file or folder that must be there is not.
    Missing = "CS-config-01",
    /// A file that cannot be read: no right to, too large, not UTF-8.
    Unreadable = "CS-config-02",
    /// Not TOML.
    Syntax = "CS-config-03",
    /// A key that nobody reads.
    UnknownKey = "CS-config-04",
    /// A key that must be there is not.
    MissingKey = "CS-config-05",
    /// A value of another type.
    WrongType = "CS-config-06",
    /// A value out of its range, or a text that is not well formed.
    BadValue = "CS-config-07",
    /// A word outside a closed list.
    UnknownWord = "CS-config-08",
    /// Not a time zone.
    BadZone = "CS-config-09",
    /// A time, or a span of time, that cannot be.
    BadTime = "CS-config-10",
    /// A name used twice.
    Twice = "CS-config-11",
    /// A name that names nothing.
    Dangling = "CS-config-12",
    /// A secret written into the file.
    InlineSecret = "CS-config-13",
    /// A secret that is not there, or not this tenant's.
    BadSecret = "CS-config-14",
    /// Something looser than the default that nobody signed.
    Unsigned = "CS-config-15",
    /// A file or folder that nobody reads.
    UnknownFile = "CS-config-16",
    /// A limit that the engine refuses.
    BadLimit = "CS-config-17",
    /// An address that an operator cannot grant.
    BadAddress = "CS-config-18",
    /// `init` into a folder that holds something.
    NotEmpty = "CS-config-19",
    /// `init` could not write.
    Unwritable = "CS-config-20",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing wrong with the configuration.
#[derive(Clone, Debug)]
pub struct ConfigError {
    /// Its stable code.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Why, beside the caret; may be empty.
    pub label: String,
    /// What to do; may be empty.
    pub help: String,
}

impl ConfigError {
    /// An error at a place. Add `label` and `help` where there is more to say.
    pub fn new(code: Code, message: impl Into<String>, place: Place) -> Self {
        Self {
            code,
            message: message.into(),
            place,
            label: String::new(),
            help: String::new(),
        }
    }
    /// Says why, beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
    /// The error with its line of the file and a caret; `styled` adds colour.
    pub fn render(&self, styled: bool) -> String {
        let renderer = if styled {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let title = Level::ERROR
            .primary_title(inert(&self.message))
            .id(self.code.as_str());
        let text = self.place.file.shown();
        let mut group = match &self.place.span {
            Some(span) => {
                let mut caret = AnnotationKind::Primary.span(span.clone());
                if !self.label.is_empty() {
                    caret = caret.label(inert(&self.label));
                }
                let path = inert(self.place.file.path());
                title.element(Snippet::source(text).path(path).annotation(caret))
            }
            None => Group::with_title(title).element(Origin::path(inert(self.place.file.path()))),
        };
        if self.place.span.is_none() && !self.label.is_empty() {
            group = group.element(Level::NOTE.message(inert(&self.label)));
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(inert(&self.help)));
        }
        renderer.render(&[group])
    }
    /// The error for machines: code, message, file, line, column, label, help.
    pub fn to_json(&self) -> serde_json::Value {
        let (line, column) = self.place.line_column().unzip();
        serde_json::json!({
            "code": self.code.as_str(),
            "message": self.message,
            "file": self.place.file.path(),
            "line": line,
            "column": column,
            "label": self.label,
            "help": self.help,
        })
    }
}

/// Names in messages come from files; a control or bidi character in one must not act.
fn inert(text: &str) -> String {
    // LIMIT: a message of this length is read by nobody to its end.
    crate::model::inert(text, 2000)
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.code, self.message)?;
        if !self.label.is_empty() {
            write!(f, ": {}", self.label)?;
        }
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// All errors, one below the other, and how many there were.
pub fn render_all(errors: &[ConfigError], styled: bool) -> String {
    let mut out = String::new();
    for error in errors {
        out.push_str(&error.render(styled));
        out.push_str("\n\n");
    }
    let files: std::collections::BTreeSet<&str> =
        errors.iter().map(|it| it.place.file.path()).collect();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    out.push_str(&format!(
        "{} error{} in {} file{}",
        errors.len(),
        plural(errors.len()),
        files.len(),
        plural(files.len()),
    ));
    out
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
    use crate::config::place::SourceFile;

    #[test]
    fn every_code_has_its_page_and_every_page_its_code() {
        let page = include_str!("../../docs/errors/config.md");
        let documented: Vec<&str> = page
            .lines()
            .filter_map(|it| it.strip_prefix("## "))
            .collect();
        let known: Vec<&str> = Code::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(documented, known);
    }

    #[test]
    fn a_control_character_of_a_file_never_reaches_the_terminal() {
        let file = SourceFile::new("a\u{1b}[2J.toml", "k\u{1b}]0;x\u{7} = \u{202e}1\u{9b}\n");
        let error = ConfigError::new(
            Code::UnknownKey,
            "unknown key `k\u{1b}[31m`",
            Place::of_span(&file, 0..1),
        )
        .label("\u{202e}")
        .help("\u{9b}");
        let shown = error.render(false);
        assert!(
            !shown
                .chars()
                .any(|it| it != '\n' && it.is_control() || it == '\u{202e}'),
            "{shown:?}"
        );
    }
}
