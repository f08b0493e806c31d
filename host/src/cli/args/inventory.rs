//! Commands about what a tenant has, what was seen on it, and who answers for it.

use super::Most;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `asset`
#[derive(Args, Debug)]
pub struct AssetArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AssetCommand,
}

/// What to do with assets.
#[derive(Debug, Subcommand)]
pub enum AssetCommand {
    /// Import assets, groups, owners and protection; shows what would change first
    Import(AssetImport),
    /// List assets
    List(AssetList),
    /// Print one asset, its groups, protection and owners
    Show(AssetShow),
    /// Which asset a name or address means, and how surely
    Resolve(AssetResolve),
}

/// `asset import`
#[derive(Args, Debug)]
#[command(after_help = "\
What would change is shown first, and asked. Importing the same file twice changes nothing. What
loosens protection waits for another lead: countersign change list.

Examples:
  countersign asset import assets.csv
  countersign asset import assets.json --yes
  countersign asset import assets.csv --dry-run")]
pub struct AssetImport {
    /// A CSV or JSON file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Its format; by default its ending
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ImportFormat>,
    /// Do not ask: make the changes
    #[arg(long)]
    pub yes: bool,
    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// The format of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// One asset a line
    Csv,
    /// Assets, groups, edges
    Json,
}

/// `asset list`
#[derive(Args, Debug)]
pub struct AssetList {
    /// Only members of this group
    #[arg(long, value_name = "GROUP")]
    pub group: Option<String>,
    /// Only those that nobody said what they are
    #[arg(long)]
    pub unreviewed: bool,
    /// Only this kind
    #[arg(long, value_name = "KIND")]
    pub kind: Option<KindWord>,
    /// How much.
    #[command(flatten)]
    pub most: Most,
}

/// What an asset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindWord {
    /// A workstation
    Workstation,
    /// A server
    Server,
}

/// `asset show`
#[derive(Args, Debug)]
pub struct AssetShow {
    /// The asset's id
    #[arg(value_name = "ASSET")]
    pub asset: String,
}

/// `asset resolve`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign asset resolve SRV-9
  countersign asset resolve 10.1.2.0/24")]
pub struct AssetResolve {
    /// A host name, alias, vendor id, address or network
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// `sighting`
#[derive(Args, Debug)]
pub struct SightingArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SightingCommand,
}

/// What to do with sightings.
#[derive(Debug, Subcommand)]
pub enum SightingCommand {
    /// Import which software was seen on which asset, from when to when
    Import(SightingImport),
}

/// `sighting import`
#[derive(Args, Debug)]
pub struct SightingImport {
    /// A CSV or JSON file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Its format; by default its ending
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ImportFormat>,
}

/// `person`
#[derive(Args, Debug)]
pub struct PersonArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PersonCommand,
}

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person, and print the one-time code for their first sign-in
    Add(PersonAdd),
    /// List people and their roles
    List(Most),
    /// Say that somebody may decide what another person asked for them
    Confirm(PersonId),
    /// Say that they may not
    Decline(PersonId),
    /// End what somebody may do, and their sign-ins, at once
    Remove(PersonId),
}

/// `person confirm`, `person decline`, `person remove`
#[derive(Args, Debug)]
pub struct PersonId {
    /// The person
    #[arg(value_name = "PERSON")]
    pub id: String,
}

/// `person add`
#[derive(Args, Debug)]
#[command(after_help = "\
The code is shown once; give it to that person, who trades it with `countersign login`. Adding
somebody who is there already changes them, and makes a new code. Once somebody else decides
things, nobody else gets to decide anything until one of them confirms it.
Owners are named on groups and processes; `--role owner` makes a default owner of the tenant.

Examples:
  countersign person add ana@acme.example --name \"Ana Lopez\" --role analyst
  countersign person add lee@acme.example --name \"Lee Park\" --role analyst --role lead")]
pub struct PersonAdd {
    /// An e-mail address or directory name
    #[arg(value_name = "PERSON")]
    pub id: String,
    /// For people; by default the id
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What this person may approve as; may be given more than once, none only reads
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<RoleWord>,
    /// May manage people, plugins, tokens and tenants; approves nothing by that
    #[arg(long)]
    pub operator: bool,
    /// Where pages go
    #[arg(long, value_name = "CONTACT")]
    pub contact: Option<String>,
}

/// What a person may approve as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleWord {
    /// Nothing: reads. The same as no role
    Viewer,
    /// Anything that takes one person
    Analyst,
    /// What takes a lead
    Lead,
    /// What takes the owner, where no other is named
    Owner,
}
