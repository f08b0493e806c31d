//! How large and how deep a guard file may be, before Cedar's parser sees it.
//!
//! Parser, validator and our own reading of a policy recurse, and a stack that overflows takes
//! the whole host down, for every tenant. A guard that a person can review is far from these.

use super::error::{GuardError, GuardFile};

/// LIMIT: what a person could still review.
pub const GUARD_FILE_BYTES_MAX: usize = 256 * 1024;
/// LIMIT: of one policy, without its comments; the longest of the baseline has about 800.
const POLICY_BYTES_MAX: usize = 4096;
/// LIMIT: brackets within brackets; the deepest of the baseline has 4.
const NESTING_MAX: usize = 32;

/// Checks the size, the longest policy and the deepest nesting.
///
/// # Errors
/// `CS-guard-01`, at the first place that goes beyond.
pub(super) fn check(file: &GuardFile) -> Result<(), GuardError> {
    if file.text.len() > GUARD_FILE_BYTES_MAX {
        let why = format!("the file is larger than {GUARD_FILE_BYTES_MAX} bytes");
        return Err(GuardError::whole("CS-guard-01", &file.name, why));
    }
    let mut scan = Scan::default();
    let bytes = file.text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied();
        scan.step(*byte, next);
        let why = if scan.length > POLICY_BYTES_MAX {
            format!("a guard is longer than {POLICY_BYTES_MAX} bytes")
        } else if scan.depth > NESTING_MAX {
            format!("brackets are nested more than {NESTING_MAX} deep")
        } else {
            continue;
        };
        return Err(GuardError::at("CS-guard-01", file, at..at + 1, why));
    }
    Ok(())
}

#[derive(Default)]
struct Scan {
    within: Within,
    depth: usize,
    length: usize,
}

/// Where the scan stands: brackets in text and comments do not count.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Code,
    Text,
    /// After a backslash in a text.
    Escape,
    Comment,
}

impl Scan {
    fn step(&mut self, byte: u8, next: Option<u8>) {
        if self.within != Within::Comment {
            self.length += 1;
        }
        self.within = match (self.within, byte) {
            (Within::Code, b'"') => Within::Text,
            (Within::Code, b'/') if next == Some(b'/') => Within::Comment,
            (Within::Text, b'\\') => Within::Escape,
            (Within::Text, b'"') => Within::Code,
            (Within::Escape, _) => Within::Text,
            (Within::Comment, b'\n') => Within::Code,
            (within, _) => within,
        };
        if self.within != Within::Code {
            return;
        }
        match byte {
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b';' => self.length = 0,
            _ => {}
        }
    }
}
