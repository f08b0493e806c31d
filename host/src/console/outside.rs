//! Text from outside, on a page: the one function through which all of it goes.
//!
//! The attacker under investigation writes file names, command lines and alert titles, and an
//! analyst decides beside them. Escaping makes such text harmless to the browser; it does not
//! make it harmless to the reader, for whom a direction mark, an invisible letter or a letter of
//! another script turns one word into another. So every character that acts is shown as a mark
//! with its code point, look-alike letters too, piles of combining marks are cut down, and what is
//! long is cut with its length. [`Outside`] has no other way onto a page; `gate` looks once more
//! at the whole page for what was spliced without it.

use crate::model::{Target, acts};
use maud::{Markup, Render, html};
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// LIMIT: characters of a text in a line; a name that is longer is no name.
const LINE_CHARS_MAX: usize = 120;
/// LIMIT: characters of a text in a block; the journal has the rest.
const BLOCK_CHARS_MAX: usize = 400;
/// LIMIT: combining marks on one letter; living languages need two.
const COMBINING_MAX: usize = 2;
/// LIMIT: marks in one text. A mark is wider than what it stands for: a text of nothing else would
/// fill the page. After so many the text is cut, with its length.
const MARKS_MAX: usize = 24;

/// Text that a detection, a product or a plugin supplied.
#[derive(Clone, Copy, Debug)]
pub struct Outside<'a>(pub &'a str);

impl Render for Outside<'_> {
    fn render(&self) -> Markup {
        html! { bdi.x { (marked(self.0, LINE_CHARS_MAX)) } }
    }
}

/// The same where a block already says that it is from outside: a definition, a cell.
pub fn block(text: &str) -> Markup {
    html! { bdi { (marked(text, BLOCK_CHARS_MAX)) } }
}

/// A name of the inventory. It may have come from an alert that nobody has reviewed, so it is
/// marked as any other text; what it names is a fact all the same.
pub fn asset(name: &str) -> Markup {
    html! { bdi.a { (marked(name, LINE_CHARS_MAX)) } }
}

/// What a person wrote here.
pub fn quoted(text: &str) -> Markup {
    html! { q { bdi { (marked(text, BLOCK_CHARS_MAX)) } } }
}

/// A text of ours that may carry a word from outside: no dashes, and no mark is missing.
pub fn plain(text: &str) -> Markup {
    html! { bdi { (marked(text, BLOCK_CHARS_MAX)) } }
}

/// What a target is called in a title: the file or process without its path and machine.
pub fn thing(target: &Target) -> String {
    match target {
        Target::File(it) => base(&it.path).to_owned(),
        Target::Process(it) => it.name.clone(),
        Target::Service(it) => it.name.clone(),
        Target::Software(it) if it.name.is_empty() => {
            let path = it.path.as_deref().map(base);
            path.or(it.sha256.as_deref()).unwrap_or_default().to_owned()
        }
        Target::Device(it) if it.name.is_empty() => it.id.clone(),
        other => other.label(),
    }
}

fn base(path: &str) -> &str {
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    if name.is_empty() { path } else { name }
}

/// The text, with a mark for every character that acts or looks like another, and cut.
fn marked(text: &str, chars_max: usize) -> Markup {
    let whole = text.chars().count();
    let long: String = text.chars().take(chars_max).collect();
    let (pieces, shown) = pieces(&long);
    html! {
        @for piece in &pieces {
            @match piece {
                Piece::Plain(text) => (text),
                Piece::Acts(char, times) => span.cc title=(name(*char)) { (short(*char)) @if *times > 1 { " x " (times) } },
                Piece::LooksLike(char) => {
                    span.cc title=(format!("{} is not the letter it looks like", code_point(*char))) {
                        (char.to_string()) " " (code_point(*char))
                    }
                },
                Piece::Piled(count) => span.cc title="marks that would pile up on one letter" { "+" (count) " marks" },
            }
        }
        @if whole > shown {
            span.cut { " first " (thousands(shown)) " of " (thousands(whole)) " characters" }
        }
        @if text.is_empty() { span.cut { "empty" } }
    }
}

enum Piece {
    Plain(String),
    Acts(char, usize),
    LooksLike(char),
    Piled(usize),
}

/// The pieces of a text, and how many of its characters they stand for.
fn pieces(text: &str) -> (Vec<Piece>, usize) {
    let mut pieces = Vec::new();
    let mut shown = 0_usize;
    for word in words(text) {
        let disguised = is_disguised(word);
        let mut piled = 0_usize;
        for char in word.chars() {
            let mark = if is_combining_mark(char) && !acts(char) {
                piled += 1;
                (piled > COMBINING_MAX).then_some(Piece::Piled(1))
            } else {
                piled = 0;
                let like = disguised && looks_like_ascii(char);
                acts(char)
                    .then_some(Piece::Acts(char, 1))
                    .or(like.then_some(Piece::LooksLike(char)))
            };
            match mark {
                None => plain_char(&mut pieces, char),
                Some(mark) => {
                    if !joins(&mut pieces, &mark) {
                        let marks = pieces.iter().filter(|it| !matches!(it, Piece::Plain(_)));
                        if marks.count() >= MARKS_MAX {
                            return (pieces, shown);
                        }
                        pieces.push(mark);
                    }
                }
            }
            shown += 1;
        }
    }
    (pieces, shown)
}

/// The same mark again is counted and not drawn.
fn joins(pieces: &mut [Piece], mark: &Piece) -> bool {
    match (pieces.last_mut(), mark) {
        (Some(Piece::Acts(last, times)), Piece::Acts(char, _)) if last == char => *times += 1,
        (Some(Piece::Piled(count)), Piece::Piled(_)) => *count += 1,
        _ => return false,
    }
    true
}

fn plain_char(pieces: &mut Vec<Piece>, char: char) {
    match pieces.last_mut() {
        Some(Piece::Plain(text)) => text.push(char),
        _ => pieces.push(Piece::Plain(char.to_string())),
    }
}

/// Runs of letters and digits, and everything between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut from, mut in_word) = (0, false);
    for (at, char) in text.char_indices() {
        let letter = char.is_alphanumeric() || is_combining_mark(char);
        if letter != in_word && at > from {
            words.extend(text.get(from..at));
            from = at;
        }
        in_word = letter;
    }
    words.extend(text.get(from..).filter(|it| !it.is_empty()));
    words
}

/// A word that reads as plain letters and is not: `раураl`, `аррӏе`, `ｅｘｅ`. A word of another
/// script that only shares some shapes is a word.
fn is_disguised(word: &str) -> bool {
    let like = |char: char| char.is_ascii() || looks_like_ascii(char);
    !word.is_ascii() && word.chars().any(looks_like_ascii) && {
        let mixed = word.chars().any(|it| it.is_ascii_alphabetic());
        mixed || word.chars().all(like)
    }
}

fn looks_like_ascii(char: char) -> bool {
    let mut buffer = [0_u8; 4];
    !char.is_ascii()
        && char.is_alphanumeric()
        && skeleton(char.encode_utf8(&mut buffer)).all(|it| it.is_ascii())
}

fn code_point(char: char) -> String {
    format!("U+{:04X}", u32::from(char))
}

fn short(char: char) -> String {
    let known = match char {
        '\n' => "LF",
        '\r' => "CR",
        '\t' => "TAB",
        '\u{0}' => "NUL",
        '\u{7}' => "BEL",
        '\u{8}' => "BS",
        '\u{1b}' => "ESC",
        _ => return code_point(char),
    };
    known.to_owned()
}

fn name(char: char) -> String {
    let what = match char {
        '\n' => "line feed",
        '\r' => "carriage return",
        '\t' => "tab",
        '\u{1b}' => "escape",
        '\u{200b}' => "zero width space",
        '\u{200c}' | '\u{200d}' => "zero width joiner",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "direction mark",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{202a}'..='\u{202c}' | '\u{2066}'..='\u{2069}' => "direction embedding",
        '\u{2028}' | '\u{2029}' => "line separator",
        '\u{feff}' => "byte order mark",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        it if it.is_control() => "control character",
        _ => "invisible character",
    };
    format!("{} {what}", code_point(char))
}

/// `10,240`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Outside(text).render().into_string()
    }

    #[test]
    fn what_acts_is_shown_as_a_mark_and_markup_is_text() {
        assert_eq!(
            shown("a\u{202e}<b>"),
            "<bdi class=\"x\">a<span class=\"cc\" title=\"U+202E right-to-left override\">U+202E</span>&lt;b&gt;</bdi>"
        );
        assert!(shown("\u{1b}[2J").contains(">ESC</span>[2J"));
        assert!(!shown("x\u{200b}y\u{feff}\u{e0041}\r\n").chars().any(acts));
    }

    #[test]
    fn a_letter_of_another_script_is_marked_where_it_disguises_a_word() {
        assert!(shown("sv\u{441}host.exe").contains("U+0441"));
        assert!(shown("\u{430}\u{440}\u{440}\u{4cf}\u{435}").contains("U+0430"));
        assert!(shown("\u{ff45}\u{ff58}\u{ff45}").contains("U+FF45"));
        for word in [
            "\u{41c}\u{43e}\u{441}\u{43a}\u{432}\u{430}",
            "M\u{fc}ller",
            "na\u{ef}ve",
        ] {
            assert!(!shown(word).contains("U+"), "{}", shown(word));
        }
    }

    #[test]
    fn long_text_is_cut_with_its_length_and_piles_are_counted() {
        let long = shown(&"A".repeat(10_240));
        assert!(long.contains("first 120 of 10,240 characters"), "{long}");
        let piled = shown(&format!("Z{}", "\u{301}".repeat(100)));
        assert!(piled.contains("+98 marks") && piled.matches('\u{301}').count() == 2);
        let marks = shown(&"a\u{200b}".repeat(50));
        assert!(
            marks.matches("class=\"cc\"").count() == MARKS_MAX
                && marks.contains("of 100 characters")
        );
        assert!(shown(&"\u{202e}".repeat(90)).contains("U+202E x 90"));
        assert_eq!(
            (thousands(7), thousands(1_234_567)),
            ("7".into(), "1,234,567".into())
        );
    }

    #[test]
    fn a_title_names_the_file_and_not_its_path() {
        let target = Target::File(crate::model::File {
            device: crate::model::Device::default(),
            path: "C:\\a\\b.exe".into(),
            sha256: None,
            reference: None,
        });
        assert_eq!(thing(&target), "b.exe");
    }
}
