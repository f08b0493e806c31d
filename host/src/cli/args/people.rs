//! Commands about what waits for people beside proposals: changes that loosen, pages, drifts.

use super::Most;
use clap::{Args, Subcommand};

/// `change`
#[derive(Args, Debug)]
pub struct ChangeArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ChangeCommand,
}

/// What to do with changes that loosen protection.
#[derive(Debug, Subcommand)]
pub enum ChangeCommand {
    /// List changes that wait for a lead, with what each would loosen
    List(Most),
    /// Let it loosen; never by the person who asked for it
    Approve(ChangeDecision),
    /// Refuse it
    Deny(ChangeDecision),
}

/// `change approve`, `change deny`
#[derive(Args, Debug)]
pub struct ChangeDecision {
    /// The change
    #[arg(value_name = "CHANGE")]
    pub change: String,
    /// For the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `page`
#[derive(Args, Debug)]
pub struct PageArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PageCommand,
}

/// What to do with pages.
#[derive(Debug, Subcommand)]
pub enum PageCommand {
    /// List pages that nobody has acted on
    List(PageList),
    /// Say that you saw it: it is not repeated
    Acknowledge(PageAcknowledge),
}

/// `page acknowledge`
#[derive(Args, Debug)]
pub struct PageAcknowledge {
    /// The page
    #[arg(value_name = "PAGE")]
    pub page: String,
    /// For the journal
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
}

/// `page list`
#[derive(Args, Debug)]
pub struct PageList {
    /// Those that are closed too
    #[arg(long)]
    pub all: bool,
    /// How much.
    #[command(flatten)]
    pub most: Most,
}

/// `drift`
#[derive(Args, Debug)]
pub struct DriftArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DriftCommand,
}

/// What to do with drifts.
#[derive(Debug, Subcommand)]
pub enum DriftCommand {
    /// List where a product's policy is stricter than ours, from the first alert that showed it
    List(Most),
}
