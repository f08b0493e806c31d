//! Orders: intent before anything is sent, one key for life, and `unknown` as a state.
//!
//! What goes out goes through [`claim`], which takes an [`Authorization`](crate::verdict::Authorization)
//! and uses it up. There is no other way to make a [`Dispatch`]:
//!
//! ```compile_fail,E0451
//! use countersign::execute::Dispatch;
//! fn around(order: countersign::model::Order) -> Dispatch {
//!     Dispatch { order, connector: "edr".to_owned() }
//! }
//! ```
//! ```compile_fail,E0061
//! fn without(order: countersign::model::Order) {
//!     countersign::execute::claim(order, "edr");
//! }
//! ```

mod dispatch;
mod settle;

pub use dispatch::{Dispatch, PageSend, Probe, claim};
pub use settle::{Class, Far, Limits, Next, settle};
