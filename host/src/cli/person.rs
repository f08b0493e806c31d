//! `person`: who can sign in. A one-time code is shown once, to be given to that person.

use super::args::{PersonAdd, PersonArgs, PersonCommand};
use super::client::Client;
use super::context::Context;
use super::failure::Outcome;
use super::render;
use super::words;
use crate::model::{Person, Role};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// A person that was just added.
#[derive(Debug, Deserialize)]
struct Added {
    person: Person,
    code: String,
}

/// Adds or lists people.
pub async fn run(args: PersonArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        PersonCommand::Add(args) => add(args, ctx).await,
        PersonCommand::List => list(ctx).await,
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
    Ok(ExitCode::SUCCESS)
}

async fn list(ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.get(&["people"], &[]).await?;
    let people: Vec<Person> = client.list(&answer, "people")?;
    let rows = people.iter().map(|it| {
        let mut roles: Vec<String> = it.roles.iter().map(ToString::to_string).collect();
        roles.extend(it.operator.then(|| "operator".to_owned()));
        let roles = if roles.is_empty() {
            "viewer".to_owned()
        } else {
            roles.join(", ")
        };
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
