//! `case`: what was detected, and what became of it.

use super::args::{CaseArgs, CaseCommand, CaseList};
use super::case_page::{CaseShown, page};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::listing::listing;
use super::render;
use super::words::{self, text};
use crate::model::{Device, Millis, Rating, Severity};
use clap::ValueEnum as _;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::process::ExitCode;

/// One line of the list.
#[derive(Debug, Deserialize)]
struct Brief {
    id: String,
    state: String,
    title: String,
    product: String,
    rating: Rating,
    severity: Severity,
    device: Option<Device>,
    updated: Millis,
    #[serde(default)]
    overreach: Vec<String>,
    open: usize,
    #[serde(default)]
    marks: Vec<serde_json::Value>,
}

/// Lists or shows cases.
pub async fn run(args: CaseArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        CaseCommand::List(args) => list(args, ctx).await,
        CaseCommand::Show(args) => show(&args.case, ctx).await,
    };
    ctx.end(outcome)
}

async fn list(args: CaseList, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let mut query = Vec::new();
    if let Some(state) = args.state.and_then(|it| it.to_possible_value()) {
        query.push(("state", state.get_name().to_owned()));
    }
    query.extend(args.cause.map(|it| ("cause", it)));
    let answer = listing(&client, &["cases"], &query, "cases", args.amount.most()).await?;
    let cases: Vec<Brief> = client.list(&answer, "cases")?;
    ctx.show(&table(&cases, ctx), &answer);
    Ok(ExitCode::SUCCESS)
}

fn table(cases: &[Brief], ctx: &Context) -> String {
    let headers = [
        "case", "state", "updated", "what", "on", "rating", "open", "note",
    ];
    let rows: Vec<Vec<String>> = cases.iter().map(|it| row(it, &ctx.zone)).collect();
    render::table(&headers, &rows, ctx.width)
}

fn row(case: &Brief, zone: &TimeZone) -> Vec<String> {
    let mut notes = Vec::new();
    if !case.overreach.is_empty() {
        notes.push("overreach".to_owned());
    }
    if !case.marks.is_empty() {
        notes.push("marked".to_owned());
    }
    vec![
        case.id.clone(),
        case.state.clone(),
        words::time(case.updated, zone),
        format!("{}: {}", case.product, case.title),
        case.device.as_ref().map(device).unwrap_or_default(),
        format!("{}, {}", case.rating, case.severity),
        case.open.to_string(),
        notes.join(", "),
    ]
}

/// A device as people call it.
pub fn device(device: &Device) -> String {
    text(if device.name.is_empty() {
        &device.id
    } else {
        &device.name
    })
}

async fn show(id: &str, ctx: &Context) -> Result<ExitCode, Failure> {
    let client = Client::of(ctx)?;
    let answer = client.get(&["cases", id], &[]).await?;
    let shown: CaseShown = client.read(&answer)?;
    ctx.show(&page(&shown, ctx), &answer);
    Ok(ExitCode::SUCCESS)
}
