//! Why a target has no canonical form: what was refused, in which field, and what to do.

/// A target that is not one well-formed thing. Nothing is ever done to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {shown}: {why}")]
pub struct Malformed {
    /// Stable code, `CS-target-nn`.
    pub code: &'static str,
    /// Which field of the target.
    pub field: &'static str,
    /// What stood there, escaped and cut: text from outside.
    pub shown: String,
    /// Why it is refused, and what is expected.
    pub why: String,
}

impl Malformed {
    pub(super) fn new(
        code: &'static str,
        field: &'static str,
        text: &str,
        why: impl Into<String>,
    ) -> Self {
        // LIMIT: 80 characters are enough to find it, and too few to paint a page with.
        let cut: String = text.chars().take(80).collect();
        Self {
            code,
            field,
            shown: format!("{cut:?}"),
            why: why.into(),
        }
    }
}
