//! From what the guards say to what may be sent.
//!
//! There is one door to the outside: an [`Authorization`]. It is made here and nowhere else, by
//! asking the guards themselves, for one attempt of one order, and it is used up by sending. So
//! a path around the guards is not a mistake that a reviewer has to find; it does not compile:
//!
//! ```compile_fail,E0451
//! use countersign::{model::*, verdict::Authorization};
//! let forged = Authorization {
//!     order: OrderId::from("order-1"),
//!     attempt: 1,
//!     guards: Digest::of(b""),
//!     approvals: Approvals::default(),
//! };
//! ```
//! ```compile_fail,E0599
//! fn twice(authorization: countersign::verdict::Authorization) {
//!     let copy = authorization.clone();
//! }
//! ```

mod authorization;
mod digest;

pub use authorization::{Authorization, Claim, NotAuthorized, authorize};
pub use digest::{AssetFacts, Part, digest};
