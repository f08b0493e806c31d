//! `person`: who can sign in. A one-time code is shown once, to be given to that person.

use super::args::{PersonAdd, PersonArgs, PersonCommand};
use super::client::{Call, Client};
use super::context::Context;
use super::failure::Outcome;
use super::render;
use super::words;
use crate::model::{Person, Role};
use hyper::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// A person that was just added.
#[derive(Debug, Deserialize)]
struct Added {
    person: Person,
    code: String,
    #[serde(default)]
    waits: bool,
}

/// A person, and what somebody asked for them.
#[derive(Debug, Deserialize)]
struct Shown {
    #[serde(flatten)]
    person: Person,
    asked: Option<Asked>,
}

#[derive(Debug, Deserialize)]
struct Asked {
    roles: BTreeSet<Role>,
    operator: bool,
    by: String,
}

/// Adds or lists people.
pub async fn run(args: PersonArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        PersonCommand::Add(args) => add(args, ctx).await,
        PersonCommand::List => list(ctx).await,
        PersonCommand::Confirm(args) => settle(&args.id, "confirm", "confirmed", ctx).await,
        PersonCommand::Decline(args) => settle(&args.id, "decline", "declined", ctx).await,
        PersonCommand::Remove(args) => remove(&args.id, ctx).await,
    };
    ctx.end(outcome)
}

async fn add(args: PersonAdd, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let roles: BTreeSet<Role> = args.role.into_iter().map(Role::from).collect();
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

async fn list(ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.get(&["people"], &[]).await?;
    let people: Vec<Shown> = client.list(&answer, "people")?;
    let rows = people.iter().map(|it| {
        let mut roles = may(&it.person.roles, it.person.operator);
        if let Some(asked) = &it.asked {
            let more = may(&asked.roles, asked.operator);
            let by = words::text(&asked.by);
            roles.push_str(&format!(" (asked by {by}: {more})"));
        }
        let contact = it.person.contact.clone().unwrap_or_default();
        vec![
            it.person.id.to_string(),
            it.person.name.clone(),
            roles,
            contact,
        ]
    });
    let headers = ["person", "name", "roles", "contact"];
    ctx.show(
        &render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width),
        &answer,
    );
    Ok(ExitCode::SUCCESS)
}

fn may(roles: &BTreeSet<Role>, operator: bool) -> String {
    let mut all: Vec<String> = roles.iter().map(ToString::to_string).collect();
    all.extend(operator.then(|| "operator".to_owned()));
    if all.is_empty() {
        "viewer".to_owned()
    } else {
        all.join(", ")
    }
}
