//! `cargo xtask test`: everything that can be tested without anything but Rust.
//!
//! nextest runs the tests where it is there, because it runs each in a process of its own; it
//! leaves doc tests out, so they are run by themselves: one of them proves that a way around the
//! guards does not compile.

use crate::steps::{Done, Failed, Steps, cargo, root};
use crate::{dist, guests};
use std::process::Stdio;

/// `cargo xtask test [-- FILTER...]`. With filters only the tests whose names contain one are
/// run, of the host's workspace.
///
/// # Errors
/// Wrong usage, something does not build, or a test fails.
pub fn command(args: &[String]) -> Done {
    let filters = filters(args, "cargo xtask test [-- FILTER...]")?;
    let mut steps = Steps::default();
    guests::build(&mut steps)?;
    dist::host(&mut steps, dist::Profile::Dev)?;
    tests(&mut steps, filters)?;
    if !filters.is_empty() {
        return Ok(());
    }
    let doc = ["test", "--doc", "--package", "countersign"];
    steps.run("doc tests", &mut cargo(&root(), &doc))?;
    let plugins = ["test", "--workspace", "--target-dir", "target"];
    steps.run("plugins", &mut cargo(&root().join("plugins"), &plugins))
}

fn tests(steps: &mut Steps, filters: &[String]) -> Done {
    let mut command = if has_nextest() {
        cargo(
            &root(),
            &["nextest", "run", "--workspace", "--no-fail-fast"],
        )
    } else {
        eprintln!("xtask: cargo-nextest is not here; cargo test runs the tests");
        cargo(
            &root(),
            &[
                "test",
                "--workspace",
                "--no-fail-fast",
                "--lib",
                "--bins",
                "--tests",
                "--",
            ],
        )
    };
    steps.run("tests", command.args(filters))
}

/// Whether cargo knows nextest.
pub fn has_nextest() -> bool {
    let mut asked = cargo(&root(), &["nextest", "--version"]);
    let asked = asked.stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|it| it.success())
}

/// What stands after `--`, and nothing before it.
///
/// # Errors
/// Something stands before it.
pub fn filters<'a>(args: &'a [String], usage: &str) -> Result<&'a [String], Failed> {
    match args.split_first() {
        None => Ok(&[]),
        Some((dashes, filters)) if dashes == "--" => Ok(filters),
        Some(_) => Err(Failed::usage(format!("usage: {usage}"))),
    }
}
