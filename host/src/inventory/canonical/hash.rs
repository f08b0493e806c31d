//! SHA-256 digests: 64 lower-case hex digits, and never one that stands for many files.

use super::Malformed;

/// Digest of nothing: it matches every empty file of the fleet.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The canonical digest.
///
/// # Errors
/// `CS-target-04` for what is no SHA-256, and for the digest of the empty file.
pub fn sha256(text: &str) -> Result<String, Malformed> {
    let bad = |why: &str| Malformed::new("CS-target-04", "sha256", text, why);
    let lower = text.to_ascii_lowercase();
    if lower.len() != 64 || !lower.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(bad("a SHA-256 has 64 hex digits"));
    }
    if lower == OF_NOTHING || lower.bytes().all(|b| b == b'0') {
        return Err(bad("it stands for every empty file"));
    }
    Ok(lower)
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
    fn case_does_not_matter_and_the_empty_file_is_no_target() {
        assert_eq!(sha256(&"AB".repeat(32)).unwrap(), "ab".repeat(32));
        for bad in ["", "abc", &"g".repeat(64), &"0".repeat(64), OF_NOTHING] {
            assert!(sha256(bad).is_err(), "{bad}");
        }
        assert!(sha256(&OF_NOTHING.to_uppercase()).is_err());
    }
}
