//! `overreach`: what a product did that the guards would not have allowed.

use super::args::{OverreachAcknowledge, OverreachArgs, OverreachCommand, OverreachList};
use super::client::Client;
use super::context::Context;
use super::failure::Outcome;
use super::listing::listing;
use super::render;
use super::words;
use crate::journal::state::OverreachRecord;
use serde_json::json;
use std::process::ExitCode;

/// Lists or acknowledges overreaches.
pub async fn run(args: OverreachArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        OverreachCommand::List(args) => list(args, ctx).await,
        OverreachCommand::Acknowledge(args) => acknowledge(args, ctx).await,
    };
    ctx.end(outcome)
}

async fn list(args: OverreachList, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let query = [("all", args.all.to_string())];
    let most = args.most.limit;
    let answer = listing(&client, &["overreaches"], &query, "overreaches", most).await?;
    let found: Vec<OverreachRecord> = client.list(&answer, "overreaches")?;
    let headers = [
        "overreach",
        "case",
        "what",
        "against",
        "found",
        "seen by",
        "repaired",
    ];
    let rows = found.iter().map(|it| row(it, ctx));
    let table = render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width);
    ctx.show(&table, &answer);
    Ok(ExitCode::SUCCESS)
}

fn row(it: &OverreachRecord, ctx: &Context) -> Vec<String> {
    let seen = it.acknowledged.as_ref().map(|it| it.person.to_string());
    let repaired = it.repaired.map(|at| words::time(at, &ctx.zone));
    vec![
        it.id.to_string(),
        it.case.to_string(),
        format!("{} took {} on {}", it.product, it.action, it.target.label()),
        words::list(&it.stood_against),
        words::time(it.found, &ctx.zone),
        seen.unwrap_or_else(|| "nobody".to_owned()),
        repaired.unwrap_or_else(|| "no".to_owned()),
    ]
}

async fn acknowledge(args: OverreachAcknowledge, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let body = json!({ "comment": args.comment.unwrap_or_default() });
    let path = ["overreaches", &args.overreach, "acknowledge"];
    let answer = client.post(&path, &body).await?;
    let record: OverreachRecord = client.read(&answer)?;
    let open = if record.repaired.is_none() {
        format!(
            "; it is not repaired, see: countersign case show {}",
            record.case
        )
    } else {
        String::new()
    };
    ctx.show(
        &format!("{}: acknowledged, it pages no more{open}", record.id),
        &answer,
    );
    Ok(ExitCode::SUCCESS)
}
