//! Commands that set up, run and account for a host.

use super::Most;
use super::PluginsDir;
use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `init`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign init demo
  countersign init demo --tenant globex --zone America/Chicago --owner ops@globex.example")]
pub struct InitArgs {
    /// The folder to write into; made if it is not there, refused if it holds anything
    #[arg(value_name = "DIR")]
    pub target: PathBuf,
    /// The tenant's display name; its id is `--tenant`, or acme
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Who owns what has no owner
    #[arg(long, value_name = "PERSON", default_value = "owner@acme.example", value_parser = person)]
    pub owner: String,
    /// The tenant's time zone, by its IANA name
    #[arg(long, value_name = "ZONE", default_value = "Europe/Berlin", value_parser = zone)]
    pub zone: String,
}

/// `serve`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign --dir demo serve
  countersign --dir demo serve --listen 127.0.0.1:8080 --plugins dist/plugins
  COUNTERSIGN_LOG=countersign::execute=debug countersign --dir demo serve")]
pub struct ServeArgs {
    /// Where to listen, instead of `listen` of countersign.toml; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Where the plugins are
    #[command(flatten)]
    pub plugins: PluginsDir,
    /// What to log, instead of `log.filter` of countersign.toml
    #[arg(long, value_name = "FILTER", env = "COUNTERSIGN_LOG", hide_env = true)]
    pub log: Option<String>,
}

/// `check`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign check demo
  countersign check --json .            for a pipeline: {\"ok\": false, \"errors\": [...]}
  countersign check --without-secrets   in CI, where the secrets are not")]
pub struct CheckArgs {
    /// The workspace folder; by default that of --dir
    #[arg(value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Do not look for the secrets that the files refer to
    #[arg(long)]
    pub without_secrets: bool,
}

/// `doctor`
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Where the plugins are
    #[command(flatten)]
    pub plugins: PluginsDir,
}

/// `login`
#[derive(Args, Debug)]
#[command(after_help = "\
The first code is printed by `serve` where nobody can sign in yet, later ones by `person add`.
Without a code it is asked for, so that it does not stay in the history of your shell. The
credential is kept for you, or with --token-file in that file.

Examples:
  countersign login
  countersign login --url https://countersign.example 7KQ2-M9TX-44CD")]
pub struct LoginArgs {
    /// The one-time code
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `token`
#[derive(Args, Debug)]
pub struct TokenArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is shown once
    Create(TokenCreate),
    /// List tokens, without their secret part
    List(Most),
    /// End a token
    Revoke(TokenRevoke),
}

/// `token create`
#[derive(Args, Debug)]
#[command(after_help = "\
A machine delivers detections and sightings, and reads. It never approves, halts or loosens.

Example:
  countersign token create siem-forwarder")]
pub struct TokenCreate {
    /// What it is for
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// `token revoke`
#[derive(Args, Debug)]
pub struct TokenRevoke {
    /// The token's id, as `token list` shows it
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `halt`
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  countersign halt on --reason \"EDR console compromised, call 4711\"")]
pub struct HaltArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: HaltCommand,
}

/// On or off.
#[derive(Debug, Subcommand)]
pub enum HaltCommand {
    /// Nothing runs unattended, and nothing intrusive at all; people may still give back
    On(HaltReason),
    /// As before; takes a lead
    Off(HaltReason),
}

/// `halt on`, `halt off`
#[derive(Args, Debug)]
pub struct HaltReason {
    /// Why, for the journal and for everybody who wonders
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// `journal`
#[derive(Args, Debug)]
pub struct JournalArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: JournalCommand,
}

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Check the chain of an export, or of the workspace's store; needs no running host
    Verify(JournalVerify),
    /// Write the journal of a tenant to a file
    Export(JournalExport),
    /// Copy the workspace's store, also while the host runs
    Backup(JournalBackup),
}

/// `journal verify`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign journal verify acme.journal
  countersign journal verify /srv/countersign/data
  countersign --dir demo --tenant acme journal verify")]
pub struct JournalVerify {
    /// An export, a store, or a data folder; by default the store of the workspace
    #[arg(value_name = "FILE|DIR")]
    pub file: Option<PathBuf>,
}

/// `journal export`
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  countersign --tenant acme journal export --out acme.journal")]
pub struct JournalExport {
    /// Where to write it; by default to standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `journal backup`
#[derive(Args, Debug)]
#[command(after_help = "\
A host that starts on the copy sends nothing until somebody has said `countersign confirm`.

Example:
  countersign --dir demo journal backup /backup/countersign.db")]
pub struct JournalBackup {
    /// Where to write it; refused if it is there
    #[arg(value_name = "FILE")]
    pub out: PathBuf,
}

/// `confirm`
#[derive(Args, Debug)]
pub struct ConfirmArgs {
    /// Do not ask: the systems were looked at
    #[arg(long)]
    pub yes: bool,
}

/// `completions`
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

fn person(text: &str) -> Result<String, String> {
    if crate::config::is_person(text) {
        Ok(text.to_owned())
    } else {
        Err("expected an e-mail address or a directory name, without spaces".to_owned())
    }
}

fn zone(text: &str) -> Result<String, String> {
    if crate::config::is_zone(text) {
        Ok(text.to_owned())
    } else {
        Err("expected the IANA name of a zone, such as America/Chicago".to_owned())
    }
}
