//! `person`: who can sign in. A one-time code is shown once, to be given to that person.

use super::args::{Most, PersonAdd, PersonArgs, PersonCommand};
use super::client::{Call, Client};
use super::context::Context;
use super::failure::Outcome;
use super::listing::listing;
use super::render;
use super::words;
use crate::api::{PersonShown, Standing};
use clap::ValueEnum;
use hyper::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// A person that was just added.
#[derive(Debug, Deserialize)]
struct Added {
    person: PersonShown,
    code: String,
    #[serde(default)]
    waits: bool,
}

/// Adds or lists people.
pub async fn run(args: PersonArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        PersonCommand::Add(args) => add(args, ctx).await,
        PersonCommand::List(most) => list(most, ctx).await,
        PersonCommand::Confirm(args) => settle(&args.id, "confirm", "confirmed", ctx).await,
        PersonCommand::Decline(args) => settle(&args.id, "decline", "declined", ctx).await,
        PersonCommand::Remove(args) => remove(&args.id, ctx).await,
    };
    ctx.end(outcome)
}

async fn add(args: PersonAdd, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let roles = args.role.iter().filter_map(ValueEnum::to_possible_value);
    let roles: Vec<String> = roles.map(|it| it.get_name().to_owned()).collect();
    let body = json!({
        "id": args.id, "name": args.name, "roles": roles,
        "operator": args.operator, "contact": args.contact,
    });
    let answer = client.post(&["people"], &body).await?;
    let added: Added = client.read(&answer)?;
    if !ctx.json {
        let who = words::text(added.person.id.as_str());
        render::complain(&format!(
            "{who} signs in with: countersign --url {} login, and this code, shown once:",
            super::credentials::key(client.url())
        ));
    }
    ctx.show(&added.code, &answer);
    if added.waits && !ctx.json {
        let who = words::text(added.person.id.as_str());
        render::complain(&format!(
            "what they may decide waits for another person: countersign person confirm {who}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn settle(id: &str, how: &str, done: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.post(&["people", id, how], &json!({})).await?;
    ctx.show(&format!("{}: {done}", words::text(id)), &answer);
    Ok(ExitCode::SUCCESS)
}

async fn remove(id: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let path = ["people", id];
    let call = Call::send(Method::DELETE, &path, &[], Bytes::new(), "");
    client.call(call).await?;
    let shown = json!({ "id": id, "removed": true });
    ctx.show(&format!("{}: removed", words::text(id)), &shown);
    Ok(ExitCode::SUCCESS)
}

async fn list(most: Most, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = listing(&client, &["people"], &[], "people", most.limit).await?;
    let people: Vec<PersonShown> = client.list(&answer, "people")?;
    let rows = people.iter().map(|it| {
        let mut roles = may(&it.roles, it.operator);
        if let Some(asked) = &it.asked {
            let more = may(&asked.roles, asked.operator);
            let by = words::text(asked.by.as_str());
            roles.push_str(&format!(" (asked by {by}: {more})"));
        }
        let contact = it.contact.clone().unwrap_or_default();
        vec![it.id.to_string(), it.name.clone(), roles, contact]
    });
    let headers = ["person", "name", "roles", "contact"];
    ctx.show(
        &render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width),
        &answer,
    );
    Ok(ExitCode::SUCCESS)
}

fn may(roles: &BTreeSet<Standing>, operator: bool) -> String {
    let mut all: Vec<&str> = roles.iter().map(|it| it.as_str()).collect();
    all.extend(operator.then_some("operator"));
    all.join(", ")
}
