//! What a command prints.
//!
//! Much of it was written by an attacker: process names, command lines, file names, a plugin's
//! log. On a terminal such text could move the cursor, set the title, hide a line or turn an
//! approval question around (control and bidi characters). So every cell goes through `inert`,
//! and JSON escapes the same characters.

use comfy_table::{ContentArrangement, Table, presets};
use std::io::Write as _;

/// LIMIT: a cell longer than this is cut; the whole text is in `--json`.
const CELL_CHARS_MAX: usize = 400;

/// Text from outside, shown and not obeyed: every character that could act on a terminal or
/// change how its neighbours read is shown as its code point, and the text is cut at
/// `chars_max`.
pub fn inert(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (count, char) in text.chars().enumerate() {
        if count >= chars_max {
            out.push('…');
            break;
        }
        match char {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            it if acts(it) => out.push_str(&format!("\\u{{{:x}}}", u32::from(it))),
            it => out.push(it),
        }
    }
    out
}

/// Whether a character acts instead of being read: controls, bidi marks and overrides, joiners
/// and other invisible ones, line separators, tags, variation selectors.
fn acts(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

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
pub fn table(headers: &[&str], rows: &[Vec<String>], width: Width) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(match width {
        Width::Unbounded => ContentArrangement::Disabled,
        Width::Terminal | Width::Columns(_) => ContentArrangement::Dynamic,
    });
    if let Width::Columns(columns) = width {
        table.set_width(columns);
    }
    table.set_header(headers.iter().map(|it| it.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|it| inert(it, CELL_CHARS_MAX)));
    }
    let text = table.to_string();
    let trimmed: Vec<&str> = text.lines().map(str::trim_end).collect();
    trimmed.join("\n")
}

/// JSON as text, indented, with every character that could act on a terminal escaped.
pub fn json(value: &serde_json::Value) -> String {
    let plain = serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".to_owned());
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
    fn text_from_outside_is_shown_and_not_obeyed() {
        let evil = "a\u{1b}[2J\u{202e}exe.fdp\u{200b}\nallow\u{9b}1m\u{e0041}";
        let shown = inert(evil, 100);
        assert_eq!(
            shown,
            "a\\u{1b}[2J\\u{202e}exe.fdp\\u{200b}\\nallow\\u{9b}1m\\u{e0041}"
        );
        assert!(!shown.chars().any(acts));
        assert_eq!(inert("C:\\Müller\\ü.exe", 100), "C:\\Müller\\ü.exe");
        assert_eq!(inert("abcdef", 3), "abc…");
    }

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
}
