//! The command line.
//!
//! Each command is one file with `pub async fn run(args, ctx) -> ExitCode`; what all of them
//! know is in `context`, what they print goes through `render`. Commands that talk to a host are
//! clients of its API like any other: there is no way around it from here.

pub mod args;
mod check;
mod completions;
mod context;
mod init;
mod serve;
pub mod render;
mod workspace;

pub use args::{Cli, Command, Global};
pub use context::{Context, FAILED, INVALID};

use clap::Parser as _;
use std::process::ExitCode;

/// The whole program: reads the command line, runs the command, answers with its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers (0), everything else is usage (2).
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(INVALID));
        }
    };
    let ctx = Context::new(&cli.global);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command, &ctx)),
        Err(reason) => ctx.fail(
            "CS-cli-01",
            &format!("no threads to run on: {reason}"),
            "raise the limit of processes of this user",
        ),
    }
}

/// Runs one command.
pub async fn run(command: Command, ctx: &Context) -> ExitCode {
    match command {
        Command::Init(args) => init::run(args, ctx).await,
        Command::Serve(args) => serve::run(args, ctx).await,
        Command::Check(args) => check::run(args, ctx).await,
        Command::Completions(args) => completions::run(args, ctx).await,
        // The arms of the other commands come with their files.
        _ => ctx.invalid(
            "CS-cli-02",
            "this build does not have the command",
            "use a complete build",
        ),
    }
}
