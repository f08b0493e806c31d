//! Text from outside, shown and not obeyed.
//!
//! Process names, command lines, file names and plugin logs are written by the attacker under
//! investigation. On a terminal, in a page or in a log such text could move the cursor, hide a
//! line, or turn an approval question around (control and bidi characters). Whoever shows it
//! passes it through here; what is stored stays as it came.

/// The text with every character that could act on a terminal, or change how its neighbours
/// read, shown as its code point, and cut after `chars_max` characters.
pub fn inert(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max));
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
pub fn acts(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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
}
