//! Between the contract's generated types and the model's.
//!
//! Two directions, and nothing but shape: what a value means is checked in `rules`, so that
//! nothing can be believed because it was converted.

pub(super) mod inward;
pub(super) mod outward;
