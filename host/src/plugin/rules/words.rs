//! Forms of keys, names and texts (R001, R002).

use super::refused;
use crate::model::{Attribute, Failure};
use crate::plugin::bindings::types;

/// LIMIT: of one attribute's name, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// LIMIT: of one attribute's value, in bytes.
const VALUE_BYTES_MAX: usize = 8192;
/// LIMIT: of one list.
const ATTRIBUTES_MAX: usize = 256;

/// 1 to 64 bytes of `a-z 0-9 - . _ :`.
pub(super) fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_' | b':')
        })
}

/// 1 to 64 bytes of `a-z 0-9 - _ .`: a word of the contract or a vendor's own.
pub(super) fn is_word(text: &str) -> bool {
    is_key(text) && !text.contains(':')
}

fn is_attribute_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_')
        })
}

/// What is wrong with a list of attributes.
pub(super) fn misfit_attributes(list: &[Attribute]) -> Option<String> {
    if list.len() > ATTRIBUTES_MAX {
        return Some(format!(
            "has {} attributes, the limit is {ATTRIBUTES_MAX}",
            list.len()
        ));
    }
    list.iter().find_map(|it| {
        if !is_attribute_name(&it.name) {
            return Some(format!(
                "attribute {:?} is not 1-{NAME_BYTES_MAX} bytes of a-z 0-9 _ . -",
                it.name
            ));
        }
        let long = it.value.len() > VALUE_BYTES_MAX;
        long.then(|| {
            format!(
                "attribute {} is {} bytes, the limit is {VALUE_BYTES_MAX}",
                it.name,
                it.value.len()
            )
        })
    })
}

/// A text within bounds, else R001. `whose` is where it stands.
pub(super) fn bounded(
    whose: &str,
    field: &str,
    text: &str,
    least: usize,
    most: usize,
) -> Result<(), Failure> {
    let n = text.len();
    if (least..=most).contains(&n) {
        return Ok(());
    }
    Err(refused(
        1,
        format!("{whose}: {field} is {n} bytes, it must be {least} to {most}"),
    ))
}

/// A count within bounds, else R001.
pub(super) fn counted(whose: &str, what: &str, n: usize, most: usize) -> Result<(), Failure> {
    if n <= most {
        return Ok(());
    }
    Err(refused(
        1,
        format!("{whose}: has {n} {what}, the limit is {most}"),
    ))
}

/// A plugin's own failure: another word than the contract's counts as `internal`, and a long
/// message is cut. A failure is never refused, it is what it is.
pub(in crate::plugin) fn failure(it: types::Failure) -> Failure {
    const KNOWN: &[&str] = &[
        "invalid-input",
        "invalid-settings",
        "unsupported",
        "internal",
    ];
    let code = if KNOWN.contains(&it.code.as_str()) || is_word(&it.code) {
        it.code
    } else {
        "internal".to_owned()
    };
    Failure {
        code,
        message: shortened(it.message, 1024),
    }
}

/// At most `most` bytes, cut at a character.
pub(super) fn shortened(mut text: String, most: usize) -> String {
    text.truncate(text.floor_char_boundary(most));
    text
}
