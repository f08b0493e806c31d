//! The command line as types: one struct a command, so that each command is one file beside
//! this folder with `pub async fn run(args, ctx) -> ExitCode`.

mod amount;
mod inventory;
mod operate;
mod people;
mod plugins;
mod work;

pub use amount::{Amount, Most};
pub use inventory::{
    AssetArgs, AssetCommand, AssetImport, AssetList, AssetResolve, AssetShow, ImportFormat,
    KindWord, PersonAdd, PersonArgs, PersonCommand, RoleWord, SightingArgs, SightingCommand,
    SightingImport,
};
pub use operate::{
    CheckArgs, CompletionsArgs, ConfirmArgs, DoctorArgs, HaltArgs, HaltCommand, HaltReason,
    InitArgs, JournalArgs, JournalBackup, JournalCommand, JournalExport, JournalVerify, LoginArgs,
    ServeArgs, TokenArgs, TokenCommand, TokenCreate, TokenRevoke,
};
pub use people::{
    ChangeArgs, ChangeCommand, ChangeDecision, DriftArgs, DriftCommand, PageAcknowledge, PageArgs,
    PageCommand, PageList,
};
pub use plugins::{
    GuardArgs, GuardCheck, GuardCommand, GuardExplain, GuardShow, GuardTest, PluginArgs,
    PluginCommand, PluginEnrol, PluginInspect, PluginsDir, SourceArgs, SourceCommand, SourceTest,
    StageWord,
};
pub use work::{
    Approve, CaseArgs, CaseCommand, CaseList, CaseShow, CaseState, Conclude, Deny, EffectArgs,
    EffectCommand, EffectEnd, EffectList, EffectRenew, IngestArgs, Look, OverreachAcknowledge,
    OverreachArgs, OverreachCommand, OverreachList, ProposalArgs, ProposalCommand, ProposalCreate,
    ProposalList, ProposalShow, ProposalState, Subject,
};

use crate::model::TenantId;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Response playbooks propose. Policy and people countersign. Then, and only then, it runs.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "\
Examples:
  countersign init demo              write a workspace
  countersign check demo             tell everything that is wrong with it
  countersign --dir demo serve       start the host
  countersign proposal list --state held
                                     what waits for people

Exit codes: 0 done, 1 failed, 2 usage or invalid configuration.
Environment: COUNTERSIGN_DIR, COUNTERSIGN_URL, COUNTERSIGN_TENANT, COUNTERSIGN_TOKEN_FILE, \
COUNTERSIGN_TOKEN, COUNTERSIGN_LOG, NO_COLOR."
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The workspace folder, with countersign.toml in it
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = ".",
        env = "COUNTERSIGN_DIR",
        hide_env = true,
        help_heading = "Global"
    )]
    pub dir: PathBuf,
    /// Print JSON
    #[arg(long, global = true, help_heading = "Global")]
    pub json: bool,
    /// The host to talk to; by default the one of the workspace
    #[arg(long, global = true, value_name = "URL", env = "COUNTERSIGN_URL", hide_env = true, value_parser = server, help_heading = "Global")]
    pub url: Option<url::Url>,
    /// The file that holds the credential; by default the one that `login` wrote
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "COUNTERSIGN_TOKEN_FILE",
        hide_env = true,
        help_heading = "Global"
    )]
    pub token_file: Option<PathBuf>,
    /// The tenant; may be left out where there is one
    #[arg(long, global = true, value_name = "TENANT", env = "COUNTERSIGN_TENANT", hide_env = true, value_parser = tenant, help_heading = "Global")]
    pub tenant: Option<TenantId>,
    /// No colour, as with NO_COLOR
    #[arg(long, global = true, help_heading = "Global")]
    pub no_color: bool,
}

/// Every command, in the order in which a newcomer needs them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a workspace that `serve` starts as it is
    Init(InitArgs),
    /// Start the host
    Serve(ServeArgs),
    /// Read the whole workspace and tell everything that is wrong with it
    Check(CheckArgs),
    /// Look at this machine, the workspace and the store, and tell what stands in the way
    Doctor(DoctorArgs),
    /// Trade a one-time code for a person's short-lived credential
    Login(LoginArgs),
    /// Credentials of machines: they deliver and read, and never approve
    Token(TokenArgs),
    /// Deliver detections
    Ingest(IngestArgs),
    /// Try a source without a host
    Source(SourceArgs),
    /// What was detected, and what became of it
    Case(CaseArgs),
    /// What playbooks and people propose, and your answer
    Proposal(ProposalArgs),
    /// What is in force now
    Effect(EffectArgs),
    /// What a product did that the guards would not have allowed
    Overreach(OverreachArgs),
    /// Where a product's policy is stricter than ours
    Drift(DriftArgs),
    /// What people were told and have not acted on
    Page(PageArgs),
    /// What the tenant has
    Asset(AssetArgs),
    /// Changes that loosen protection, and your answer
    Change(ChangeArgs),
    /// Which software was seen where
    Sighting(SightingArgs),
    /// Who can sign in
    Person(PersonArgs),
    /// The policy over proposals
    Guard(GuardArgs),
    /// What may run in the sandbox
    Plugin(PluginArgs),
    /// Stop every unattended order
    Halt(HaltArgs),
    /// Say that a restored database may act: until then nothing is sent
    Confirm(ConfirmArgs),
    /// The record of everything
    Journal(JournalArgs),
    /// Completions for a shell
    Completions(CompletionsArgs),
}

fn tenant(text: &str) -> Result<TenantId, String> {
    if crate::config::is_name(text) {
        Ok(TenantId::new(text))
    } else {
        Err("expected 1 to 64 of a-z 0-9 -, beginning with a letter".to_owned())
    }
}

fn server(text: &str) -> Result<url::Url, String> {
    let url: url::Url = text.parse().map_err(|it: url::ParseError| it.to_string())?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err("expected http://HOST:PORT or https://HOST".to_owned()),
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definitions_agree_with_themselves() {
        Cli::command().debug_assert();
    }

    /// The help of every command, at a fixed width.
    #[test]
    fn help_reads_as_it_was_written() {
        let mut all = String::new();
        let mut command = Cli::command().term_width(100);
        command.build();
        collect(&mut command, "", &mut all);
        insta::assert_snapshot!(all);
    }

    fn collect(command: &mut clap::Command, above: &str, out: &mut String) {
        let name = format!("{above}{}", command.get_name());
        // The global flags are shown once, at the top.
        let mut shown = command.clone().term_width(100);
        if !above.is_empty() {
            shown = shown.mut_args(|it| {
                if it.is_global_set() {
                    it.hide(true)
                } else {
                    it
                }
            });
        }
        out.push_str(&format!("=== {name}\n{}\n", shown.render_help()));
        let children: Vec<String> = command
            .get_subcommands()
            .map(|it| it.get_name().to_owned())
            .collect();
        for child in children {
            if let Some(child) = command.find_subcommand_mut(&child) {
                collect(child, &format!("{name} "), out);
            }
        }
    }

    #[test]
    fn what_the_design_lists_parses() {
        for line in [
            "init demo --tenant globex --zone UTC",
            "serve --listen 127.0.0.1:0 --plugins p",
            "check demo --json",
            "doctor",
            "login ABCD",
            "token create a",
            "token list",
            "token revoke t",
            "ingest a.json b.json --tenant acme --source sentinelone",
            "source test a.json --source s1 --json",
            "case list --state waiting --cause c",
            "case show c",
            "proposal list --state needs-person --cause c",
            "proposal show p",
            "proposal create --case c --action release-device --target {} --reason r",
            "proposal approve p --digest d",
            "proposal approve p --emergency fire --yes",
            "proposal approve --cause c --digest d",
            "proposal deny p --comment no",
            "effect list --all",
            "effect renew e --hours 4",
            "effect end e f",
            "effect end --case c",
            "overreach list",
            "overreach acknowledge o",
            "asset import a.csv --yes",
            "asset import a.csv --dry-run --format json",
            "change list",
            "change approve c --comment ok --yes",
            "change deny c",
            "page list --all",
            "page acknowledge p --comment seen",
            "proposal conclude p --in-force --comment seen",
            "proposal conclude p --not-in-force --comment seen",
            "proposal look p --comment seen",
            "person confirm a@x",
            "person decline a@x",
            "person remove a@x",
            "drift list",
            "confirm --yes",
            "asset list --unreviewed --kind server",
            "asset show a",
            "asset resolve SRV-9",
            "sighting import s.json",
            "person add ana@acme.example --name Ana --role analyst --role lead",
            "person add lee@acme.example --operator",
            "person list",
            "guard show hold-critical --running",
            "guard check",
            "guard test --only s01",
            "guard explain p",
            "guard explain --request -",
            "plugin inspect a.wasm",
            "plugin inspect contain-malware --plugins dist",
            "plugin enrol a.wasm --stage active --yes",
            "plugin list",
            "halt on --reason r",
            "halt off --reason r",
            "journal verify a.journal",
            "journal export --out a.journal",
            "journal backup b.db",
            "completions bash",
            "--dir d --url http://127.0.0.1:1 --token-file t --no-color check",
        ] {
            let words = std::iter::once("countersign").chain(line.split(' '));
            Cli::try_parse_from(words).unwrap_or_else(|it| panic!("{line}: {it}"));
        }
    }

    #[test]
    fn what_makes_no_sense_is_usage() {
        for line in [
            "",
            "proposal approve",
            "proposal approve p --cause c",
            "effect end",
            "effect end e --case c",
            "guard explain",
            "token create",
            "token create a --scope approve",
            "proposal approve --cause c --emergency fire",
            "proposal list --state open",
            "proposal conclude p --comment seen",
            "proposal conclude p --in-force --not-in-force --comment seen",
            "proposal conclude p --in-force",
            "case list --limit 0",
            "ingest",
            "asset import a.csv --yes --dry-run",
            "plugin enrol a.wasm --stage canary",
            "effect renew e --hours 0",
            "journal backup",
            "change approve",
            "--url mailto:x case list",
            "halt on",
            "check --tenant Acme!",
            "check --url ftp://x",
            "init d --zone Mars/Olympus",
            "init d --owner the-owner\u{a0}x",
            "person add a --name b --role boss",
        ] {
            let words =
                std::iter::once("countersign").chain(line.split(' ').filter(|it| !it.is_empty()));
            let error = Cli::try_parse_from(words).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
