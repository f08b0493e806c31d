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
    let missing = missing_tools();
    command.env("COUNTERSIGN_TESTS_WITHOUT", missing.join(","));
    steps.run("tests", command.args(filters))
}

/// What some tests need beside Rust: its word, how to see that it is there, how to get it.
const TOOLS: &[(&str, &[&str], &str)] = &[
    (
        "browser",
        &["chromedriver", "--version"],
        "apt-get install chromium chromium-driver fonts-roboto; tests/e2e/axe.sh",
    ),
    (
        "mail-server",
        &["aiosmtpd", "--version"],
        "apt-get install python3-aiosmtpd",
    ),
];

/// The tools that are not here. Their tests are left out, and that is said; in CI nothing is.
fn missing_tools() -> Vec<&'static str> {
    if std::env::var_os("CI").is_some() {
        return Vec::new();
    }
    let here = |probe: &[&str]| {
        let Some((program, args)) = probe.split_first() else {
            return false;
        };
        let mut asked = std::process::Command::new(program);
        let asked = asked.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        asked.status().is_ok_and(|it| it.success())
    };
    let missing: Vec<_> = TOOLS.iter().filter(|(_, probe, _)| !here(probe)).collect();
    for (tool, _, how) in &missing {
        eprintln!("xtask: no {tool} here, its tests are left out; to run them: {how}");
    }
    missing.iter().map(|(tool, ..)| *tool).collect()
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
