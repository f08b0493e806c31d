//! What a command prints.
//!
//! Much of it was written by an attacker: process names, command lines, file names, a plugin's
//! log. On a terminal such text could move the cursor, set the title, hide a line or turn an
//! approval question around (control and bidi characters). So every cell goes through `inert`,
//! and JSON escapes the same characters.

use crate::model::acts;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use std::io::Write as _;

/// LIMIT: a cell longer than this is cut; the whole text is in `--json`.
const CELL_CHARS_MAX: usize = 400;

/// LIMIT: a column narrower than this breaks every word.
const CELL_COLUMNS_MIN: usize = 11;

pub use crate::model::inert;

/// How wide a table may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// As wide as the terminal; cells are wrapped.
    Terminal,
    /// So many columns; cells are wrapped.
    Columns(u16),
    /// As wide as its content: one line a row, for pipes.
    Unbounded,
}

/// A table for people: headers, and rows of texts, each made inert. Without rows it says so.
///
/// The first column is what people copy into the next command, so it is never broken. Where the
/// others would get too narrow beside it, each row becomes two lines instead.
pub fn table(headers: &[&str], rows: &[Vec<String>], width: Width) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Width::Columns(columns) = width {
        table.set_width(columns);
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|it| inert(it, CELL_CHARS_MAX)).collect())
        .collect();
    let columns = table.width().filter(|_| width != Width::Unbounded);
    if columns.is_some_and(|columns| is_narrow(headers, &cells, columns)) {
        return two_lines(headers, &cells);
    }
    table.set_content_arrangement(match width {
        Width::Unbounded => ContentArrangement::Disabled,
        Width::Terminal | Width::Columns(_) => ContentArrangement::Dynamic,
    });
    table.set_header(headers.iter().map(|it| it.to_uppercase()));
    for row in cells {
        table.add_row(row);
    }
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    let text = table.to_string();
    let trimmed: Vec<&str> = text.lines().map(str::trim_end).collect();
    trimmed.join("\n")
}

/// Whether the columns beside the first would have too little room to be read.
fn is_narrow(headers: &[&str], cells: &[Vec<String>], columns: u16) -> bool {
    let firsts = cells.iter().filter_map(|row| row.first());
    let first = firsts.map(|it| it.chars().count()).max().unwrap_or(0);
    let others = headers.len().saturating_sub(1).max(1);
    usize::from(columns).saturating_sub(first) / others < CELL_COLUMNS_MIN
}

fn two_lines(headers: &[&str], cells: &[Vec<String>]) -> String {
    let mut lines = Vec::new();
    for row in cells {
        let mut named = headers.iter().zip(row);
        lines.extend(named.next().map(|(_, first)| first.clone()));
        let rest = named.filter(|(_, text)| !text.is_empty());
        let rest: Vec<String> = rest.map(|(name, text)| format!("{name}: {text}")).collect();
        lines.push(format!("  {}", rest.join(", ")));
    }
    lines.join("\n")
}

/// JSON as text, indented, with every character that could act on a terminal escaped.
pub fn json(value: &serde_json::Value) -> String {
    safe_json(&serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".to_owned()))
}

/// JSON that was written already, with every character that could act on a terminal escaped.
pub fn safe_json(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for char in plain.chars() {
        // Line breaks of the indentation are the only controls outside of texts, and inside
        // of texts there are none left.
        if char == '\n' || !acts(char) {
            out.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Prints to standard output. A reader that closed the pipe (`| head`) is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
}

/// Prints to standard error.
pub fn complain(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{text}");
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
    fn json_escapes_what_acts_and_still_reads_back() {
        let value = serde_json::json!({"k\u{202e}": ["\u{1b}\u{7f}\u{9b}\u{e0041}", "ü"]});
        let text = json(&value);
        assert!(!text.chars().any(|it| it != '\n' && acts(it)), "{text:?}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn a_table_has_a_line_for_each_row_and_fits() {
        let rows = vec![
            vec!["case-1".to_owned(), "held\u{1b}[31m".to_owned()],
            vec!["case-2".to_owned(), "x".repeat(200)],
        ];
        let wide = table(&["id", "state"], &rows, Width::Unbounded);
        assert_eq!(wide.lines().count(), 3, "{wide}");
        assert!(wide.contains("\\u{1b}[31m"));
        let narrow = table(&["id", "state"], &rows, Width::Columns(60));
        assert!(
            narrow.lines().all(|it| it.chars().count() <= 60),
            "{narrow}"
        );
        assert_eq!(table(&["id"], &[], Width::Unbounded), "none");
    }

    #[test]
    fn what_people_copy_is_never_broken_however_narrow_it_gets() {
        let id = "proposal-01a20f80-3dee-72a9-8caf-0b00bb0fa601";
        let row = [
            id,
            "held",
            "suspend-process on runner.exe on WS-2",
            "",
            "needs two people",
        ];
        let rows = vec![row.map(str::to_owned).to_vec()];
        let headers = ["proposal", "state", "what", "why", "who is needed"];
        for columns in [1, 60, 90, 120, 200] {
            let text = table(&headers, &rows, Width::Columns(columns));
            assert!(text.contains(id), "{columns}: {text}");
        }
        let narrow = table(&headers, &rows, Width::Columns(80));
        let wanted = "  state: held, what: suspend-process on runner.exe on WS-2, who is needed: needs two people";
        assert_eq!(narrow, format!("{id}\n{wanted}"));
    }
}
