//! `cargo xtask soak`: the long runs, which nobody waits for at every commit.
//!
//! They are ordinary tests marked `#[ignore]`, so that they compile with everything else and
//! cannot rot. They read `COUNTERSIGN_SOAK` (set here) and `COUNTERSIGN_SOAK_N` (rounds: kills of
//! the host, requests to the guards; each has its own default).

use crate::steps::{Done, Steps, cargo, root};
use crate::test::{filters, has_nextest};
use crate::{dist, guests};

/// `cargo xtask soak [-- FILTER...]`.
///
/// # Errors
/// Wrong usage, something does not build, or a run fails.
pub fn command(args: &[String]) -> Done {
    let filters = filters(args, "cargo xtask soak [-- FILTER...]")?;
    let mut steps = Steps::default();
    guests::build(&mut steps)?;
    dist::host(&mut steps, dist::Profile::Dev)?;
    let mut command = if has_nextest() {
        cargo(
            &root(),
            &[
                "nextest",
                "run",
                "--workspace",
                "--run-ignored",
                "only",
                "--no-capture",
            ],
        )
    } else {
        cargo(
            &root(),
            &[
                "test",
                "--workspace",
                "--lib",
                "--bins",
                "--tests",
                "--",
                "--ignored",
                "--nocapture",
            ],
        )
    };
    steps.run("soak", command.args(filters).env("COUNTERSIGN_SOAK", "1"))
}
