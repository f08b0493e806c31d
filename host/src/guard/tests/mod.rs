//! What no single file of the guards can show: that the whole of it says what was decided, and
//! that a mistake in it is noticed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod check;
mod documented;
mod explained;
mod forgotten;
mod mistakes;
mod points;
mod random;
mod schema;
mod table;
mod traps;

use super::error::GuardFile;
use super::scenario::{Scenario, embedded};
use super::set::Guards;
use crate::model::{Approvals, Request};

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

/// The request of the row whose name begins so.
fn request(row: &str) -> Request {
    let table: Vec<Scenario> = embedded().unwrap();
    let found = table.into_iter().find(|it| it.name.starts_with(row));
    found.unwrap_or_else(|| panic!("no row {row}")).request
}

/// So many people, with every role, one of them a lead who broke the glass.
fn everybody() -> Approvals {
    Approvals {
        count: 5,
        roles: crate::model::Role::ALL.iter().copied().collect(),
        people: ["erp-duty".into()].into(),
        emergency: true,
    }
}
