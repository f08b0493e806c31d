//! `completions`: made from the same definitions that parse the command line.

use super::args::{Cli, CompletionsArgs};
use super::{Context, render};
use clap::CommandFactory as _;
use std::process::ExitCode;

/// Prints completions for a shell.
pub async fn run(args: CompletionsArgs, _ctx: &Context) -> ExitCode {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "countersign", &mut out);
    render::print(String::from_utf8_lossy(&out).trim_end());
    ExitCode::SUCCESS
}
