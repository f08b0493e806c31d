//! `change`: what somebody asked to loosen, and another lead's answer.

use super::args::{ChangeArgs, ChangeCommand, ChangeDecision, Most};
use super::ask::{Answer, confirm};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::listing::listing;
use super::render;
use super::words::{self, Page, text};
use crate::model::Millis;
use serde::Deserialize;
use serde_json::{Value, json};
use std::process::ExitCode;

/// A change that waits, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Change {
    id: String,
    by: String,
    made: Millis,
    changes: Vec<Value>,
    loosens: Vec<Value>,
    #[serde(default)]
    needs: Option<String>,
}

/// Lists or decides changes.
pub async fn run(args: ChangeArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        ChangeCommand::List(most) => list(most, ctx).await,
        ChangeCommand::Approve(args) => approve(args, ctx).await,
        ChangeCommand::Deny(args) => decide(&args, "deny", ctx).await,
    };
    ctx.end(outcome)
}

async fn waiting(client: &Client, most: Option<u32>) -> Result<(Vec<Change>, Value), Failure> {
    let answer = listing(client, &["changes"], &[], "changes", most).await?;
    Ok((client.list(&answer, "changes")?, answer))
}

async fn list(most: Most, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let (changes, answer) = waiting(&client, most.limit).await?;
    let pages: Vec<String> = changes.iter().map(|it| page(it, ctx)).collect();
    let text = if pages.is_empty() {
        "none".to_owned()
    } else {
        pages.join("\n\n")
    };
    ctx.show(&text, &answer);
    Ok(ExitCode::SUCCESS)
}

fn page(change: &Change, ctx: &Context) -> String {
    let mut page = Page::default();
    page.line(format!(
        "{}  asked by {} {}, {} change(s)",
        change.id,
        text(&change.by),
        words::time(change.made, &ctx.zone),
        change.changes.len()
    ));
    for it in &change.loosens {
        page.line(format!("  loosens {}", super::diff::loosened(it)));
    }
    if let Some(needs) = &change.needs {
        page.line(format!("  needs {}", text(needs)));
    }
    page.end()
}

async fn approve(args: ChangeDecision, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    if !args.yes {
        let (changes, _) = waiting(&client, None).await?;
        let change = changes
            .iter()
            .find(|it| it.id == args.change)
            .ok_or_else(|| {
                Failure::new(
                    "CS-cli-19",
                    format!("change {} waits for nobody", args.change),
                )
                .help("what waits: countersign change list")
            })?;
        render::complain(&page(change, ctx));
    }
    let question = "\nlet it loosen?";
    confirm(
        ctx,
        Answer::of(args.yes),
        question,
        "look with countersign change list, then give --yes",
    )?;
    decide(&args, "approve", ctx).await
}

async fn decide(args: &ChangeDecision, how: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let body = json!({ "comment": args.comment.clone().unwrap_or_default() });
    let answer = client.post(&["changes", &args.change, how], &body).await?;
    let needs = answer.get("needs").and_then(Value::as_str);
    let said = match (how, needs) {
        ("approve", Some(needs)) => format!("approved; it still needs {}", text(needs)),
        ("approve", None) => "approved, and made".to_owned(),
        _ => "denied".to_owned(),
    };
    ctx.show(&format!("{}: {said}", args.change), &answer);
    Ok(ExitCode::SUCCESS)
}
