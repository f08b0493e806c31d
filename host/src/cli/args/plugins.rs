//! Commands about what runs in the sandbox, and about the policy over it.

use super::Most;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where the plugins are.
#[derive(Args, Clone, Debug)]
pub struct PluginsDir {
    /// The folder with the plugins; by default `plugins_dir` of countersign.toml, else `plugins` beside the binary
    #[arg(long = "plugins", value_name = "DIR")]
    pub plugins: Option<PathBuf>,
}

/// `source`
#[derive(Args, Debug)]
pub struct SourceArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SourceCommand,
}

/// What to do with a source.
#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Read a file of alerts and print what became of each; needs no running host
    Test(SourceTest),
}

/// `source test`
#[derive(Args, Debug)]
#[command(after_help = "\
With --json one line a record:
  {\"index\": 0, \"detections\": [...], \"rejected\": null, \"unmapped\": false}

Examples:
  countersign source test threats.json --source sentinelone
  countersign source test findings.ndjson --json | head -1")]
pub struct SourceTest {
    /// A JSON object, a JSON array, or one JSON object a line
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The source, by its name in sources.toml or the last part of its plugin's id; without it the built-in `ocsf`
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Where the plugins are
    #[command(flatten)]
    pub plugins: PluginsDir,
}

/// `guard`
#[derive(Args, Debug)]
pub struct GuardArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: GuardCommand,
}

/// What to do with guards.
#[derive(Debug, Subcommand)]
pub enum GuardCommand {
    /// Print the guards that hold: the baseline and the tenant's own
    Show(GuardShow),
    /// Check guards against the schema and the rules for tenants; needs no running host
    Check(GuardCheck),
    /// Run scenarios; needs no running host
    Test(GuardTest),
    /// Why a proposal is executed, held or refused, and what it would take
    Explain(GuardExplain),
}

/// `guard show`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign guard show
  countersign guard show server-unreviewed-holds
  countersign guard show --running")]
pub struct GuardShow {
    /// One guard, by its id, with its text
    #[arg(value_name = "GUARD")]
    pub guard: Option<String>,
    /// Those that the running host judges with, instead of those of the files
    #[arg(long)]
    pub running: bool,
}

/// `guard check`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign guard check
  countersign guard check new.cedar")]
pub struct GuardCheck {
    /// Files with guards; by default those of the tenant, of all tenants without `--tenant`
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `guard test`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign guard test
  countersign guard test tenants/acme/scenarios/night.toml --only server")]
pub struct GuardTest {
    /// Files with scenarios; by default the built-in ones and those of the tenant
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Only scenarios whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
}

/// `guard explain`
#[derive(Args, Debug)]
#[group(id = "explained", required = true, multiple = false)]
#[command(after_help = "\
Examples:
  countersign guard explain prop-019...             a stored proposal
  countersign guard explain --request what-if.json  a hypothetical one; `-` reads standard input")]
pub struct GuardExplain {
    /// A stored proposal
    #[arg(value_name = "PROPOSAL", group = "explained")]
    pub proposal: Option<String>,
    /// A hypothetical one on a case, as JSON: case, action, target, arguments
    #[arg(long, value_name = "FILE", group = "explained")]
    pub request: Option<PathBuf>,
}

/// `plugin`
#[derive(Args, Debug)]
pub struct PluginArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PluginCommand,
}

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Print a plugin's manifest and imports, and whether it would load; runs none of its code, needs no running host
    Inspect(PluginInspect),
    /// Pin a version by its digest, after you saw its manifest
    Enrol(PluginEnrol),
    /// List enrolled versions and their stages
    List(Most),
}

/// `plugin inspect`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign plugin inspect contain-malware.wasm
  countersign plugin inspect contain-malware")]
pub struct PluginInspect {
    /// The component: a file, or the name of one in the plugins folder
    #[arg(value_name = "FILE|NAME")]
    pub plugin: String,
    /// Where the plugins are
    #[command(flatten)]
    pub plugins: PluginsDir,
}

/// `plugin enrol`
#[derive(Args, Debug)]
#[command(after_help = "\
What it wants, what it cannot do, and what differs from the version before is shown first, and
asked. Who enrols a version never approves its proposals.

Examples:
  countersign plugin enrol contain-malware.wasm
  countersign plugin enrol contain-malware --stage active --yes")]
pub struct PluginEnrol {
    /// The component: a file, or the name of one in the plugins folder
    #[arg(value_name = "FILE|NAME")]
    pub plugin: String,
    /// Where the plugins are
    #[command(flatten)]
    pub plugins: PluginsDir,
    /// How far this version is rolled out at once
    #[arg(long, value_name = "STAGE", default_value = "shadow")]
    pub stage: StageWord,
    /// Do not ask: the manifest was seen
    #[arg(long)]
    pub yes: bool,
}

/// How far a version is rolled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StageWord {
    /// Proposes, and nothing executes
    Shadow,
    /// Acts
    Active,
}

impl From<StageWord> for crate::model::Stage {
    fn from(word: StageWord) -> Self {
        match word {
            StageWord::Shadow => Self::Shadow,
            StageWord::Active => Self::Active,
        }
    }
}
