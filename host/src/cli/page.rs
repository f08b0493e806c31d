//! `page` and `drift`: what people were told, and where a product is stricter than we are.

use super::args::{
    DriftArgs, DriftCommand, Most, PageAcknowledge, PageArgs, PageCommand, PageList,
};
use super::client::Client;
use super::context::Context;
use super::failure::Outcome;
use super::listing::listing;
use super::render;
use super::words;
use crate::journal::state::{DriftRecord, PageRecord};
use serde_json::json;
use std::process::ExitCode;

/// Lists or acknowledges pages.
pub async fn run(args: PageArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        PageCommand::List(args) => pages(args, ctx).await,
        PageCommand::Acknowledge(args) => acknowledge(args, ctx).await,
    };
    ctx.end(outcome)
}

async fn acknowledge(args: PageAcknowledge, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let body = json!({ "comment": args.comment.unwrap_or_default() });
    let path = ["pages", &args.page, "acknowledge"];
    let answer = client.post(&path, &body).await?;
    let record: PageRecord = client.read(&answer)?;
    ctx.show(&format!("{}: seen, it is not repeated", record.id), &answer);
    Ok(ExitCode::SUCCESS)
}

async fn pages(args: PageList, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let (query, most) = ([("all", args.all.to_string())], args.most.limit);
    let answer = listing(&client, &["pages"], &query, "pages", most).await?;
    let pages: Vec<PageRecord> = client.list(&answer, "pages")?;
    let rows: Vec<Vec<String>> = pages.iter().map(|it| row(it, ctx)).collect();
    let headers = ["page", "about", "what", "case", "made", "told"];
    ctx.show(&render::table(&headers, &rows, ctx.width), &answer);
    Ok(ExitCode::SUCCESS)
}

fn row(it: &PageRecord, ctx: &Context) -> Vec<String> {
    let told = match (&it.closed, it.sent, it.undelivered) {
        (Some(why), _, _) => format!("closed: {why}"),
        (None, 0, 0) => "not yet".to_owned(),
        (None, sent, 0) => format!("{sent} times"),
        (None, sent, failed) => {
            let why = it.last.clone().unwrap_or_default();
            format!("{sent} times, {failed} could not be delivered: {why}")
        }
    };
    vec![
        it.id.to_string(),
        it.about.clone(),
        it.subject.clone(),
        it.case
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        words::time(it.made, &ctx.zone),
        told,
    ]
}

/// Lists drifts.
pub async fn drift(args: DriftArgs, ctx: &Context) -> ExitCode {
    let DriftCommand::List(most) = args.command;
    ctx.end(drifts(most, ctx).await)
}

async fn drifts(most: Most, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = listing(&client, &["drifts"], &[], "drifts", most.limit).await?;
    let drifts: Vec<DriftRecord> = client.list(&answer, "drifts")?;
    let rows = drifts.iter().map(|it| {
        vec![
            it.asset
                .as_ref()
                .map_or("not known".to_owned(), ToString::to_string),
            it.product.clone(),
            it.product_mode.clone(),
            it.our_mode.clone(),
            it.cases.to_string(),
            words::time(it.first, &ctx.zone),
            words::time(it.last, &ctx.zone),
        ]
    });
    let headers = [
        "asset", "product", "its mode", "ours", "cases", "first", "last",
    ];
    let mut text = render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width);
    if !drifts.is_empty() {
        text.push_str("\n\nset these to a mode that only detects, and let Countersign act");
    }
    ctx.show(&text, &answer);
    Ok(ExitCode::SUCCESS)
}
