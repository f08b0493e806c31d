//! `token`: credentials of machines. A secret is shown once, when it is made.

use super::args::{Most, TokenArgs, TokenCommand};
use super::client::{Call, Client};
use super::context::Context;
use super::failure::Outcome;
use super::listing::listing;
use super::render;
use super::words;
use crate::model::Millis;
use http::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;
use std::process::ExitCode;

/// A token without its secret.
#[derive(Debug, Deserialize)]
struct Token {
    id: String,
    name: String,
    made: Millis,
    by: String,
    revoked: bool,
}

/// A token that was just made.
#[derive(Debug, Deserialize)]
struct Made {
    id: String,
    token: String,
}

/// Makes, lists or revokes tokens.
pub async fn run(args: TokenArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        TokenCommand::Create(args) => create(&args.name, ctx).await,
        TokenCommand::List(most) => list(most, ctx).await,
        TokenCommand::Revoke(args) => revoke(&args.id, ctx).await,
    };
    ctx.end(outcome)
}

async fn create(name: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.post(&["tokens"], &json!({ "name": name })).await?;
    let made: Made = client.read(&answer)?;
    // the secret alone on standard output, so that it can go straight into a file
    if !ctx.json {
        render::complain(&format!("{}: shown once, keep it now", made.id));
    }
    ctx.show(&made.token, &answer);
    Ok(ExitCode::SUCCESS)
}

async fn list(most: Most, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = listing(&client, &["tokens"], &[], "tokens", most.limit).await?;
    let tokens: Vec<Token> = client.list(&answer, "tokens")?;
    let rows = tokens.into_iter().map(|it| {
        let state = if it.revoked { "revoked" } else { "valid" };
        let made = words::time(it.made, &ctx.zone);
        vec![it.id, it.name, state.to_owned(), made, it.by]
    });
    let headers = ["token", "name", "state", "made", "by"];
    ctx.show(
        &render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width),
        &answer,
    );
    Ok(ExitCode::SUCCESS)
}

async fn revoke(id: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let path = ["tokens", id];
    let call = Call::send(Method::DELETE, &path, &[], Bytes::new(), "");
    client.call(call).await?;
    ctx.show(
        &format!("{id}: revoked"),
        &json!({ "id": id, "revoked": true }),
    );
    Ok(ExitCode::SUCCESS)
}
