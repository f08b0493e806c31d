//! The range.
fn main() {}
