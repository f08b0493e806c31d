//! `sighting import`: which software was seen where, so that there is a history to judge by.

use super::args::{SightingArgs, SightingCommand, SightingImport};
use super::asset::{IMPORT_BYTES_MAX, content_type};
use super::client::{Call, Client};
use super::context::Context;
use super::failure::Outcome;
use super::input;
use super::words::text;
use http::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::process::ExitCode;

/// LIMIT: rows shown that have no asset; `--json` has all.
const UNPLACED_MAX: usize = 20;

/// What became of an import.
#[derive(Debug, Deserialize)]
struct Imported {
    imported: u64,
    #[serde(default)]
    unplaced: Vec<Value>,
}

/// Imports sightings.
pub async fn run(args: SightingArgs, ctx: &Context) -> ExitCode {
    let SightingCommand::Import(args) = args.command;
    ctx.end(import(args, ctx).await)
}

async fn import(args: SightingImport, ctx: &Context) -> Outcome {
    let content_type = content_type(&args.file, args.format)?;
    let body = Bytes::from(input::read(&args.file, IMPORT_BYTES_MAX)?);
    let client = Client::of(ctx)?;
    let path = ["sightings"];
    let answer = client
        .call(Call::send(Method::POST, &path, &[], body, content_type))
        .await?;
    let imported: Imported = client.read(&answer)?;
    ctx.show(&said(&imported), &answer);
    Ok(ExitCode::SUCCESS)
}

fn said(it: &Imported) -> String {
    let mut out = format!("{} sighting(s) imported", it.imported);
    if it.unplaced.is_empty() {
        return out;
    }
    out.push_str(&format!(
        "\n{} not imported, because they name no asset exactly (import the assets first):",
        it.unplaced.len()
    ));
    for row in it.unplaced.iter().take(UNPLACED_MAX) {
        let line = row.as_str().map_or_else(|| row.to_string(), str::to_owned);
        out.push_str(&format!("\n  {}", text(&line)));
    }
    if it.unplaced.len() > UNPLACED_MAX {
        out.push_str("\n  ... --json shows all");
    }
    out
}
