//! `effect`: what is in force, and how it ends.
//!
//! Ending is a proposal of the inverse in the person's name, judged like every other; so what is
//! printed is what became of that proposal, not that the effect is gone.

use super::args::{EffectArgs, EffectCommand, EffectEnd, EffectList, EffectRenew};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::listing::listing;
use super::proposal::made;
use super::render;
use super::words;
use crate::journal::state::{EffectRecord, ProposalRecord};
use crate::model::{CaseId, EffectId};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Lists, renews or ends effects.
pub async fn run(args: EffectArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        EffectCommand::List(args) => list(args, ctx).await,
        EffectCommand::Renew(args) => renew(args, ctx).await,
        EffectCommand::End(args) => end(args, ctx).await,
    };
    ctx.end(outcome)
}

async fn list(args: EffectList, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let query = [("all", args.all.to_string())];
    // a filter of ours is put on all of them
    let most = args.most.limit.filter(|_| args.case.is_none());
    let answer = listing(&client, &["effects"], &query, "effects", most).await?;
    let mut effects: Vec<EffectRecord> = client.list(&answer, "effects")?;
    let Some(case) = args.case.map(CaseId::new) else {
        ctx.show(&table(&effects, ctx), &answer);
        return Ok(ExitCode::SUCCESS);
    };
    effects.retain(|it| it.claims.contains(&case));
    effects.truncate(args.most.limit.map_or(usize::MAX, |it| it as usize));
    ctx.show(&table(&effects, ctx), &json!({ "effects": effects }));
    Ok(ExitCode::SUCCESS)
}

fn table(effects: &[EffectRecord], ctx: &Context) -> String {
    let headers = ["effect", "what", "by", "since", "state", "cases"];
    let rows: Vec<Vec<String>> = effects.iter().map(|it| row(it, &ctx.zone)).collect();
    render::table(&headers, &rows, ctx.width)
}

fn row(it: &EffectRecord, zone: &TimeZone) -> Vec<String> {
    let by = it.product.clone().unwrap_or_else(|| it.origin.to_string());
    vec![
        it.id.to_string(),
        format!("{} on {}", it.action, it.target.label()),
        by,
        words::time(it.since, zone),
        state(it, zone),
        words::list(&it.claims),
    ]
}

fn state(it: &EffectRecord, zone: &TimeZone) -> String {
    match (it.ended, it.lease_asked, it.lease_until) {
        (Some(at), _, _) => format!("ended {}: {}", words::time(at, zone), it.why),
        (_, Some(at), _) => format!("lease ended {}: renew or end it", words::time(at, zone)),
        (_, _, Some(at)) => format!("lease until {}", words::time(at, zone)),
        _ => "in force".to_owned(),
    }
}

async fn renew(args: EffectRenew, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let seconds = u64::from(args.hours) * 3600;
    let body = json!({ "seconds": seconds, "comment": args.comment.unwrap_or_default() });
    let answer = client
        .post(&["effects", &args.effect, "renew"], &body)
        .await?;
    let effect: EffectRecord = client.read(&answer)?;
    ctx.show(
        &format!("{}: {}", effect.id, state(&effect, &ctx.zone)),
        &answer,
    );
    Ok(ExitCode::SUCCESS)
}

/// Ends one after the other. What was ended stays ended if a later one is refused.
async fn end(args: EffectEnd, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let effects = match args.case {
        Some(case) => of_case(&client, &case).await?,
        None => args.effects.into_iter().map(EffectId::new).collect(),
    };
    let body = json!({ "comment": args.reason.unwrap_or_default() });
    let (mut answers, mut texts) = (Vec::new(), Vec::new());
    for effect in &effects {
        match one(&client, effect, &body).await {
            Ok((text, answer)) => {
                texts.push(text);
                answers.push(answer);
            }
            Err(failure) => {
                show(&texts, &answers, ctx);
                return Err(failure);
            }
        }
    }
    show(&texts, &answers, ctx);
    Ok(ExitCode::SUCCESS)
}

/// With `--json` the proposals that were made: `{"proposals": [...]}`.
fn show(texts: &[String], answers: &[Value], ctx: &Context) {
    if !answers.is_empty() {
        ctx.show(&texts.join("\n"), &json!({ "proposals": answers }));
    }
}

async fn of_case(client: &Client, case: &str) -> Result<Vec<EffectId>, Failure> {
    let answer = listing(client, &["effects"], &[], "effects", None).await?;
    let effects: Vec<EffectRecord> = client.list(&answer, "effects")?;
    let case = CaseId::new(case);
    let of_case = effects.into_iter().filter(|it| it.claims.contains(&case));
    // what a product took is given back by the bundle that repairs it, not by an inverse alone
    let ours = of_case.filter(|it| it.product.is_none());
    let found: Vec<EffectId> = ours.map(|it| it.id).collect();
    if found.is_empty() {
        let message = format!("nothing of ours is in force for case {case}");
        return Err(Failure::new("CS-cli-19", message).help("see: countersign effect list --all"));
    }
    Ok(found)
}

async fn one(client: &Client, id: &EffectId, body: &Value) -> Result<(String, Value), Failure> {
    let answer = client.post(&["effects", id.as_str(), "end"], body).await?;
    let record: ProposalRecord = client.read(&answer)?;
    Ok((made(&record), answer))
}
