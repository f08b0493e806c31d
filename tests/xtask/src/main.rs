//! `cargo xtask`: what cargo alone cannot do here.
//!
//! The plugins live in a workspace of their own and are built for another target, so somebody has
//! to build them before a test or a demo can load them. That is this program, and little more:
//! each command is a few cargo runs, one after the other, each timed, the first failure the end.
//! It never runs inside a cargo that still holds the target folder: `cargo run` lets go of it
//! before it starts us.

mod demo;
mod dist;
mod guests;
mod soak;
mod steps;
mod test;

use std::process::ExitCode;
use steps::Failed;

const HELP: &str = "\
cargo xtask build [--out DIR] [--release]   host, range and plugins in one folder that runs as it is
cargo xtask test [-- FILTER...]             build guests and host, run every test
cargo xtask demo [--exit] [--json]          the incident: prevented, repaired, explained
cargo xtask soak [--n N] [-- FILTER...]     the long runs, N rounds each";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[] as &[String]),
    };
    let done = match command {
        "build" => dist::command(rest),
        "test" => test::command(rest),
        "demo" => demo::command(rest),
        "soak" => soak::command(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(Failed::usage(format!(
            "there is no command {other}\n{HELP}"
        ))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("xtask: {}", failed.why);
            ExitCode::from(failed.code)
        }
    }
}
