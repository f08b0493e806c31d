//! The command line.
//!
//! Each command is one file with `pub async fn run(args, ctx) -> ExitCode`; what all of them
//! know is in `context`, what they print goes through `render`. Commands that talk to a host are
//! clients of its API like any other: there is no way around it from here.

pub mod args;
mod ask;
mod asset;
mod case;
mod case_page;
mod change;
mod check;
mod client;
mod completions;
mod context;
mod credentials;
mod decide;
mod diff;
mod doctor;
mod effect;
mod failure;
mod guard;
mod guard_files;
mod guard_test;
mod halt;
mod ingest;
mod init;
mod input;
mod inspection;
mod journal;
mod listing;
mod login;
mod overreach;
mod page;
mod parts;
mod person;
mod place;
mod plugin;
mod plugin_file;
mod proposal;
mod proposal_page;
pub mod render;
mod serve;
mod sighting;
mod source;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod stand_in;
mod symptoms;
mod token;
mod wire;
mod words;
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
        Command::Login(args) => login::run(args, ctx).await,
        Command::Token(args) => token::run(args, ctx).await,
        Command::Ingest(args) => ingest::run(args, ctx).await,
        Command::Source(args) => source::run(args, ctx).await,
        Command::Case(args) => case::run(args, ctx).await,
        Command::Proposal(args) => proposal::run(args, ctx).await,
        Command::Effect(args) => effect::run(args, ctx).await,
        Command::Overreach(args) => overreach::run(args, ctx).await,
        Command::Drift(args) => page::drift(args, ctx).await,
        Command::Page(args) => page::run(args, ctx).await,
        Command::Asset(args) => asset::run(args, ctx).await,
        Command::Change(args) => change::run(args, ctx).await,
        Command::Sighting(args) => sighting::run(args, ctx).await,
        Command::Person(args) => person::run(args, ctx).await,
        Command::Guard(args) => guard::run(args, ctx).await,
        Command::Plugin(args) => plugin::run(args, ctx).await,
        Command::Halt(args) => halt::run(args, ctx).await,
        Command::Confirm(args) => halt::confirm(args, ctx).await,
        Command::Journal(args) => journal::run(args, ctx).await,
        Command::Doctor(args) => doctor::run(args, ctx).await,
    }
}
