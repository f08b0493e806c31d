//! What an import would change, and what became of it, as people read it.

use super::words::{Page, text};
use serde::Deserialize;
use serde_json::Value;

/// LIMIT: lines shown; `--json` has all.
const LINES_MAX: usize = 400;

/// One field that would change, as the API tells it.
#[derive(Debug, Deserialize)]
struct Line {
    subject: String,
    field: String,
    before: Option<String>,
    after: Option<String>,
}

/// What would change.
#[derive(Debug, Deserialize)]
pub struct Shown {
    lines: Vec<Line>,
    unchanged: usize,
    #[serde(default)]
    loosens: Vec<Value>,
}

impl Shown {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The question that goes with it.
    pub fn question(&self) -> String {
        if self.loosens.is_empty() {
            "make these changes?".to_owned()
        } else {
            "ask another lead for these changes? they loosen something, so all of them wait"
                .to_owned()
        }
    }

    /// The diff, a thing at a time.
    pub fn to_text(&self) -> String {
        let (mut page, mut subject) = (Page::default(), "");
        for line in self.lines.iter().take(LINES_MAX) {
            if line.subject != subject {
                subject = &line.subject;
                page.line(text(subject));
            }
            page.line(format!("  {}", line.to_text()));
        }
        if let Some(more) = self.lines.len().checked_sub(LINES_MAX).filter(|it| *it > 0) {
            page.line(format!("and {more} more lines; --json shows all"));
        }
        if self.is_empty() {
            page.line("nothing would change");
        }
        page.line(format!("{} unchanged", self.unchanged));
        page.section("this loosens", self.loosens.iter().map(loosened));
        page.end()
    }
}

impl Line {
    fn to_text(&self) -> String {
        let field = if self.field.is_empty() {
            String::new()
        } else {
            format!("{}: ", text(&self.field))
        };
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("~ {field}{} -> {}", text(before), text(after)),
            (None, Some(after)) => format!("+ {field}{}", text(after)),
            (Some(before), None) => format!("- {field}{}", text(before)),
            (None, None) => format!("? {field}"),
        }
    }
}

/// One thing that becomes weaker: a line, or `{subject, weaker, before, after}`.
pub fn loosened(it: &Value) -> String {
    let part = |name: &str| it.get(name).and_then(Value::as_str).map(text);
    match (it.as_str(), part("subject"), part("weaker")) {
        (Some(line), _, _) => text(line),
        (_, Some(subject), Some(weaker)) => {
            let (before, after) = (part("before"), part("after"));
            let said = |it: Option<String>| it.filter(|it| !it.is_empty());
            let (before, after) = (said(before), said(after));
            let none = || "none".to_owned();
            let (before, after) = (before.unwrap_or_else(none), after.unwrap_or_else(none));
            format!("{subject}: {weaker}, {before} -> {after}")
        }
        _ => text(&it.to_string()),
    }
}

/// What became of an import.
#[derive(Debug, Deserialize)]
pub struct Imported {
    applied: usize,
    held: Option<String>,
}

impl Imported {
    /// What it says.
    pub fn to_text(&self) -> String {
        match &self.held {
            None => format!("{} change(s) made", self.applied),
            Some(change) => format!(
                "NOT CHANGED YET: {} waits for a lead other than you\n\
                 who then says: countersign change approve {}",
                text(change),
                text(change)
            ),
        }
    }
}
