//! Commands of the daily work: what came in, what is proposed, what is in force.

use super::{Amount, Most};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `ingest`
#[derive(Args, Debug)]
#[command(after_help = "\
Exits with 1 if nothing of it was an alert.

Examples:
  countersign ingest findings.json --tenant acme
  countersign ingest threats.json activities.ndjson --source sentinelone")]
pub struct IngestArgs {
    /// JSON objects, JSON arrays, or one JSON object a line; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Whose bytes these are, by the source's name; without it OCSF
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
}

/// `case`
#[derive(Args, Debug)]
pub struct CaseArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CaseCommand,
}

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// List cases
    List(CaseList),
    /// Print a case with its timeline
    Show(CaseShow),
}

/// `case list`
#[derive(Args, Debug)]
pub struct CaseList {
    /// Only in this state
    #[arg(long, value_name = "STATE")]
    pub state: Option<CaseState>,
    /// Only of this cause
    #[arg(long, value_name = "CAUSE")]
    pub cause: Option<String>,
    /// How much, the newest first.
    #[command(flatten)]
    pub amount: Amount,
}

/// The state of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CaseState {
    /// A playbook is being asked
    Evaluating,
    /// Something was ordered and has not ended
    Acting,
    /// People are needed
    Waiting,
    /// Nothing is left to do
    Ended,
}

/// `case show`
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  countersign case show case-019...")]
pub struct CaseShow {
    /// The case
    #[arg(value_name = "CASE")]
    pub case: String,
}

/// `proposal`
#[derive(Args, Debug)]
pub struct ProposalArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ProposalCommand,
}

/// What to do with proposals.
#[derive(Debug, Subcommand)]
pub enum ProposalCommand {
    /// List proposals, those whose time ends first at the top
    List(ProposalList),
    /// What would happen, to whom, what it interrupts, who has to approve, and why
    Show(ProposalShow),
    /// Propose an action by hand; your wish is not an approval
    Create(ProposalCreate),
    /// Approve what you saw
    Approve(Approve),
    /// Refuse it; that ends it
    Deny(Deny),
    /// Say what you found where nobody could tell, or did by hand
    Conclude(Conclude),
    /// Say that you looked at what was done without a person
    Look(Look),
}

/// `proposal list`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign proposal list --state held     what waits for people
  countersign proposal list --cause hash:9f2c...")]
pub struct ProposalList {
    /// Only in this state
    #[arg(long, value_name = "STATE")]
    pub state: Option<ProposalState>,
    /// Only of this case
    #[arg(long, value_name = "CASE")]
    pub case: Option<String>,
    /// Only of this cause
    #[arg(long, value_name = "CAUSE")]
    pub cause: Option<String>,
    /// How much.
    #[command(flatten)]
    pub amount: Amount,
}

/// The state of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProposalState {
    /// Waits for people
    Held,
    /// Refused by the guards
    Refused,
    /// Denied by a person
    Denied,
    /// Nobody answered in time
    Expired,
    /// Given up by its playbook
    Withdrawn,
    /// Replaced by another
    Superseded,
    /// Ordered, on its way
    Ordered,
    /// Carried out
    Done,
    /// It did not work
    Failed,
    /// Ordered, and never sent
    Cancelled,
    /// Nobody can tell, or nothing here can do it
    NeedsPerson,
    /// Its effect is over
    Ended,
}

/// `proposal show`
#[derive(Args, Debug)]
pub struct ProposalShow {
    /// The proposal
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,
}

/// `proposal create`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign proposal create --case case-019... --action release-device \\
      --target '{\"device\": {\"name\": \"WS-17\"}}' --reason \"cleaned, owner informed\"")]
pub struct ProposalCreate {
    /// The case it belongs to
    #[arg(long, value_name = "CASE")]
    pub case: String,
    /// The action
    #[arg(long, value_name = "ACTION")]
    pub action: String,
    /// The target, as JSON
    #[arg(long, value_name = "JSON")]
    pub target: String,
    /// An argument of the action; may be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    pub argument: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Hours until it asks to be given back
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=720))]
    pub lease_hours: Option<u32>,
}

/// One proposal, or all that are held for one cause.
#[derive(Args, Debug)]
#[group(id = "subject", required = true, multiple = false)]
pub struct Subject {
    /// The proposal
    #[arg(value_name = "PROPOSAL", group = "subject")]
    pub proposal: Option<String>,
    /// All that are held for this cause
    #[arg(long, value_name = "CAUSE", group = "subject")]
    pub cause: Option<String>,
}

/// `proposal approve`
#[derive(Args, Debug)]
#[command(after_help = "\
An approval is for what will happen to what: the digest that `proposal show` prints. It is shown
once more, and asked. --digest says what was seen before: then nobody is asked, and if it has
changed meanwhile nothing is approved.

Examples:
  countersign proposal approve prop-019...
  countersign proposal approve prop-019... --digest 4be1... --comment \"known dropper\"
  countersign proposal approve --cause hash:9f2c...    all that are held for it, listed first")]
pub struct Approve {
    /// What to approve
    #[command(flatten)]
    pub subject: Subject,
    /// The digest of what you saw
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// For the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Break the glass, as a lead, with this reason: replaces the owner, who is paged
    #[arg(long, value_name = "REASON", conflicts_with = "cause")]
    pub emergency: Option<String>,
    /// Do not ask: what is there now is meant, whatever it is
    #[arg(long)]
    pub yes: bool,
}

/// `proposal deny`
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  countersign proposal deny prop-019... --comment \"that is our own deployment tool\"")]
pub struct Deny {
    /// What to deny
    #[command(flatten)]
    pub subject: Subject,
    /// The digest of what you saw; by default what it is now
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// Why, for whoever asks again
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
}

/// `proposal conclude`
#[derive(Args, Debug)]
#[command(after_help = "\
For proposals that need a person: the outcome of their order is unknown, or nothing here can carry
them out. Look at the system itself first; what you say is recorded as what is so.

Example:
  countersign proposal conclude proposal-0193 --in-force --comment \"the console shows it isolated\"")]
#[command(group = clap::ArgGroup::new("found").args(["in_force", "not_in_force"]).required(true))]
pub struct Conclude {
    /// The proposal
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,
    /// It is in force
    #[arg(long)]
    pub in_force: bool,
    /// It is not
    #[arg(long)]
    pub not_in_force: bool,
    /// What you looked at, for the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: String,
}

/// `proposal look`
#[derive(Args, Debug)]
#[command(after_help = "\
What was done without a person on a server, or on something protected, is looked at within half an
hour, or it pages. To give it back instead: countersign effect end.

Example:
  countersign proposal look proposal-0193 --comment \"it was malware\"")]
pub struct Look {
    /// The proposal
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,
    /// For the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
}

/// `effect`
#[derive(Args, Debug)]
pub struct EffectArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: EffectCommand,
}

/// What to do with effects.
#[derive(Debug, Subcommand)]
pub enum EffectCommand {
    /// List what is in force
    List(EffectList),
    /// Prolong a lease
    Renew(EffectRenew),
    /// Give back what was taken
    End(EffectEnd),
}

/// `effect list`
#[derive(Args, Debug)]
pub struct EffectList {
    /// Those that ended too
    #[arg(long)]
    pub all: bool,
    /// How much.
    #[command(flatten)]
    pub most: Most,
    /// Only of this case
    #[arg(long, value_name = "CASE")]
    pub case: Option<String>,
}

/// `effect renew`
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  countersign effect renew effect-019... --hours 8 --comment \"still investigating\"")]
pub struct EffectRenew {
    /// The effect
    #[arg(value_name = "EFFECT")]
    pub effect: String,
    /// For how many hours from now
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    pub hours: u32,
    /// For the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
}

/// `effect end`
#[derive(Args, Debug)]
#[command(after_help = "\
It is proposed in your name and judged like everything else.

Example:
  countersign effect end effect-019... --reason \"owner confirmed the tool\"")]
pub struct EffectEnd {
    /// The effects
    #[arg(value_name = "EFFECT", required_unless_present = "case")]
    pub effects: Vec<String>,
    /// All of this case
    #[arg(long, value_name = "CASE", conflicts_with = "effects")]
    pub case: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `overreach`
#[derive(Args, Debug)]
pub struct OverreachArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OverreachCommand,
}

/// What to do with overreaches.
#[derive(Debug, Subcommand)]
pub enum OverreachCommand {
    /// List overreaches
    List(OverreachList),
    /// Say that you saw it: it pages no more
    Acknowledge(OverreachAcknowledge),
}

/// `overreach list`
#[derive(Args, Debug)]
pub struct OverreachList {
    /// Those that are acknowledged and repaired too
    #[arg(long)]
    pub all: bool,
    /// How much.
    #[command(flatten)]
    pub most: Most,
}

/// `overreach acknowledge`
#[derive(Args, Debug)]
pub struct OverreachAcknowledge {
    /// The overreach
    #[arg(value_name = "OVERREACH")]
    pub overreach: String,
    /// For the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
}
