//! What the suites share. Never shipped.

pub mod guests;
