//! What may stand in an identifier at all.
//!
//! An identifier that a person would misread is worth an attack: a Cyrillic letter in a host
//! name, a joiner that nobody sees, a space that is none. ASCII passes; beyond it only letters
//! that Unicode allows in identifiers (UTS 39), and only of one script.

use unicode_security::{GeneralSecurityProfile, MixedScript};

/// Says why a text is no identifier, if it is none. Spaces within are allowed.
pub(super) fn unreadable(text: &str, bytes_max: usize) -> Option<&'static str> {
    if text.is_empty() {
        return Some("it is empty");
    }
    if text.len() > bytes_max {
        return Some("it is too long");
    }
    if text.chars().any(char::is_control) {
        return Some("it has control characters");
    }
    let odd = |it: char| !it.is_ascii() && !it.identifier_allowed();
    if text.chars().any(odd) {
        return Some("it has characters that are invisible or look like others");
    }
    if !text.is_ascii() && !text.is_single_script() {
        return Some("it mixes scripts, so that letters look like others");
    }
    None
}

/// Says why a text is no id of another system, if it is none: printable ASCII without what
/// lists, patterns, paths and queries are made of, so that it stays one id wherever it is put.
pub(in crate::inventory) fn unfit_reference(text: &str) -> Option<&'static str> {
    // LIMIT: 512 bytes; the longest vendor ids (cloud resource names) stay below it.
    if text.is_empty() || text.len() > 512 {
        return Some("it is empty or longer than 512 bytes");
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Some("it has spaces, control characters or letters beyond ASCII");
    }
    if text.contains([
        ',', ';', '*', '?', '"', '\'', '<', '>', '\\', '`', '#', '%', '&',
    ]) {
        return Some("it has characters of lists, patterns or queries");
    }
    if text.split('/').any(|part| part == "..") {
        return Some("it climbs out of a path");
    }
    None
}

/// A part of a canonical id: the separator cannot be smuggled in.
pub(super) fn part(text: &str) -> String {
    text.replace('%', "%25").replace('|', "%7C")
}
