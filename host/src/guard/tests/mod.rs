//! What no single file of the guards can show: that the whole of it says what was decided, and
//! that a mistake in it is noticed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod table;

use super::error::GuardFile;
use super::set::Guards;

/// The example tenant of the documentation.
fn acme_file() -> GuardFile {
    GuardFile::new(
        "acme.cedar",
        include_str!("../../../docs/examples/acme.cedar"),
    )
}

fn baseline() -> Guards {
    Guards::baseline().unwrap()
}

fn acme() -> Guards {
    Guards::load(&[acme_file()]).unwrap()
}
