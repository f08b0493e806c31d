//! The console in a real browser over the real binary: what people see, what their clicks do, and
//! what an attacker's text, page or timing cannot do.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends, and says where"
)]

mod decide;
mod hostile;
mod look;
mod origin;
mod scene;
mod scene_all;
mod texts;
mod work;
