//! `proposal`: what playbooks and people propose. Listing, showing and proposing by hand; the
//! answers are in `decide`.

use super::args::{Conclude, Look, ProposalArgs, ProposalCommand, ProposalCreate, ProposalList};
use super::client::Client;
use super::context::Context;
use super::decide;
use super::failure::{Failure, Outcome};
use super::listing::listing;
use super::proposal_page::{ProposalShown, page};
use super::render;
use super::words;
use crate::journal::state::ProposalRecord;
use crate::model::{Millis, Target};
use clap::ValueEnum as _;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Lists, shows, makes, approves or denies proposals.
pub async fn run(args: ProposalArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        ProposalCommand::List(args) => list(args, ctx).await,
        ProposalCommand::Show(args) => show(&args.proposal, ctx).await,
        ProposalCommand::Create(args) => create(args, ctx).await,
        ProposalCommand::Approve(args) => decide::approve(args, ctx).await,
        ProposalCommand::Deny(args) => decide::deny(args, ctx).await,
        ProposalCommand::Conclude(args) => conclude(args, ctx).await,
        ProposalCommand::Look(args) => look(args, ctx).await,
    };
    ctx.end(outcome)
}

async fn list(args: ProposalList, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let mut query = Vec::new();
    if let Some(state) = args.state.and_then(|it| it.to_possible_value()) {
        query.push(("state", state.get_name().to_owned()));
    }
    query.extend(args.case.map(|it| ("case", it)));
    query.extend(args.cause.map(|it| ("cause", it)));
    let most = args.amount.most();
    let answer = listing(&client, &["proposals"], &query, "proposals", most).await?;
    let proposals: Vec<ProposalRecord> = client.list(&answer, "proposals")?;
    ctx.show(&table(&proposals, ctx), &answer);
    Ok(ExitCode::SUCCESS)
}

/// Proposals, one a line, with who is needed.
pub fn table(proposals: &[ProposalRecord], ctx: &Context) -> String {
    let headers = [
        "proposal",
        "state",
        "what",
        "who is needed",
        "until",
        "cause",
    ];
    let until = |at: Option<Millis>| at.map(|it| words::time(it, &ctx.zone));
    let rows = proposals.iter().map(|it| {
        vec![
            it.id.to_string(),
            it.state.as_str().to_owned(),
            format!("{} on {}", it.proposal.action, it.proposal.target.label()),
            words::waits_for(it),
            until(it.expires).unwrap_or_default(),
            it.cause.to_string(),
        ]
    });
    render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width)
}

/// Fetches a proposal: what it is, and the answer as it came.
///
/// # Errors
/// What the host refused, and what is not a proposal.
pub async fn fetch(client: &Client, id: &str) -> Result<(ProposalShown, Value), Failure> {
    let answer = client.get(&["proposals", id], &[]).await?;
    Ok((client.read(&answer)?, answer))
}

async fn conclude(args: Conclude, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let body = json!({ "in_force": args.in_force, "comment": args.comment });
    let path = ["proposals", &args.proposal, "conclude"];
    let answer = client.post(&path, &body).await?;
    let record: ProposalRecord = client.read(&answer)?;
    ctx.show(
        &format!("{}: {}", record.id, record.state.as_str()),
        &answer,
    );
    Ok(ExitCode::SUCCESS)
}

async fn look(args: Look, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let body = json!({ "comment": args.comment.unwrap_or_default() });
    let path = ["proposals", &args.proposal, "look"];
    let answer = client.post(&path, &body).await?;
    let record: ProposalRecord = client.read(&answer)?;
    ctx.show(&format!("{}: looked at", record.id), &answer);
    Ok(ExitCode::SUCCESS)
}

async fn show(id: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let (shown, answer) = fetch(&client, id).await?;
    ctx.show(&page(&shown, &ctx.zone), &answer);
    Ok(ExitCode::SUCCESS)
}

async fn create(args: ProposalCreate, ctx: &Context) -> Outcome {
    let body = wish(&args)?;
    let client = Client::of(ctx)?;
    let answer = client.post(&["proposals"], &body).await?;
    let record: ProposalRecord = client.read(&answer)?;
    ctx.show(&made(&record), &answer);
    Ok(ExitCode::SUCCESS)
}

/// What the API is asked for. The target is read here, so that a slip is told with its place.
fn wish(args: &ProposalCreate) -> Result<Value, Failure> {
    let target: Target = serde_json::from_str(&args.target).map_err(|why| {
        Failure::usage("CS-cli-21", "--target is no target")
            .why(why.to_string())
            .help("one of device, process, file, account, ...: {\"device\": {\"id\": \"\", \"name\": \"WS-17\"}}")
    })?;
    let arguments = args.argument.iter().map(|it| {
        let (name, value) = it.split_once('=').ok_or_else(|| {
            Failure::usage("CS-cli-21", format!("--argument {it:?} has no ="))
                .help("give it as NAME=VALUE")
        })?;
        Ok(json!({ "name": name, "value": value }))
    });
    let arguments = arguments.collect::<Result<Vec<Value>, Failure>>()?;
    let mut wish = json!({
        "case": args.case, "action": args.action, "target": target,
        "arguments": arguments, "reason": args.reason,
    });
    if let (Some(hours), Some(fields)) = (args.lease_hours, wish.as_object_mut()) {
        fields.insert("lease_s".to_owned(), json!(u64::from(hours) * 3600));
    }
    Ok(wish)
}

/// What became of a proposal of one's own.
pub fn made(record: &ProposalRecord) -> String {
    let what = format!(
        "{}: {} on {}",
        record.id,
        record.proposal.action,
        words::target(&record.proposal.target)
    );
    let mut line = format!("{what}\n{}", record.state.as_str());
    for more in [words::waits_for(record), words::text(&record.reason)] {
        if !more.is_empty() {
            line.push_str(&format!(": {more}"));
        }
    }
    let obstacles = words::obstacles(record.judged.as_ref());
    if !obstacles.is_empty() && !record.reason.contains(&obstacles) {
        line.push_str(&format!("\nin the way: {}", words::text(&obstacles)));
    }
    line
}

#[cfg(test)]
mod tests;
