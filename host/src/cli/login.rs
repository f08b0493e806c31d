//! `login`: a one-time code is traded for a person's short-lived credential.
//!
//! The credential is kept in a file of that person and never printed. `--token-file` puts it
//! elsewhere, for two people at one machine or a test.

use super::args::LoginArgs;
use super::ask;
use super::client::Client;
use super::context::Context;
use super::credentials::{self, Bearer, Credentials, Kept};
use super::failure::{Failure, Outcome};
use super::words;
use crate::model::{Millis, TenantId};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::process::ExitCode;

/// What the host answers.
#[derive(Debug, Deserialize)]
struct SignedIn {
    tenant: TenantId,
    person: String,
    token: String,
    until: Millis,
}

/// Signs in.
pub async fn run(args: LoginArgs, ctx: &Context) -> ExitCode {
    ctx.end(login(args, ctx).await)
}

async fn login(args: LoginArgs, ctx: &Context) -> Outcome {
    let client = Client::stranger(ctx)?;
    let code = match args.code {
        Some(code) => code,
        None => ask::text(ctx, "the one-time code:", "countersign login CODE")?,
    };
    let body = json!({ "code": code.trim() });
    let answer = client
        .above(Method::POST, &["v1", "login"], Some(&body))
        .await?;
    let answer = client.json(answer).await?;
    let got: SignedIn = client.read(&answer)?;
    if let Some(asked) = ctx.tenant.as_ref().filter(|it| **it != got.tenant) {
        // the code is spent; keeping it is better than losing it, saying so better than silence
        super::render::complain(&format!(
            "note: the code is one of {}, not of {asked}",
            got.tenant
        ));
    }
    let place = keep(&client, &got, ctx)?;
    let until = words::time(got.until, &ctx.zone);
    let text = format!(
        "signed in to {} as {} until {until}; kept in {place}",
        got.tenant,
        words::text(&got.person)
    );
    let shown = json!({
        "tenant": got.tenant, "person": got.person, "until": got.until, "kept_in": place,
    });
    ctx.show(&text, &shown);
    Ok(ExitCode::SUCCESS)
}

/// Keeps the credential; where.
fn keep(client: &Client, got: &SignedIn, ctx: &Context) -> Result<String, Failure> {
    if let Some(file) = &ctx.token_file {
        credentials::write_private(file, got.token.as_bytes()).map_err(|why| {
            let message = format!("cannot write the credential to {}", file.display());
            Failure::new("CS-cli-14", message)
                .why(why.to_string())
                .help("the code is used up: ask an operator for a new one (countersign person add)")
        })?;
        return Ok(file.display().to_string());
    }
    let Some(path) = &ctx.credentials else {
        return Err(
            Failure::new("CS-cli-14", "there is no home to keep the credential in")
                .help("give --token-file FILE; the code is used up, ask for a new one"),
        );
    };
    let kept = Kept {
        url: credentials::key(client.url()),
        tenant: got.tenant.clone(),
        person: got.person.clone(),
        token: Bearer::new(&got.token),
        until: got.until,
    };
    Credentials::load(path)?.keep(kept, path)?;
    Ok(path.display().to_string())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::stand_in::{StandIn, context, run};
    use super::*;

    #[tokio::test]
    async fn the_credential_is_kept_and_used_and_never_printed() {
        let home = tempfile::tempdir().unwrap();
        let answer = json!({
            "tenant": "acme", "person": "ana@acme.example", "token": "csp_s3cret", "until": 4_000_000_000_000_u64,
            "cases": [],
        });
        let host = StandIn::always(200, answer).await;
        let mut ctx = context(home.path());
        ctx.url = Some(host.url.clone());
        assert_eq!(
            run(&["login", " ABCD-1234 "], &ctx).await,
            ExitCode::SUCCESS
        );
        assert_eq!(run(&["case", "list"], &ctx).await, ExitCode::SUCCESS);
        let asked = host.asked();
        assert_eq!(asked[0].what, "POST /v1/login");
        assert_eq!(asked[0].json(), json!({ "code": "ABCD-1234" }));
        assert_eq!(asked[0].credential, "");
        assert_eq!(asked[1].what, "GET /v1/tenants/acme/cases?limit=50");
        assert_eq!(asked[1].credential, "Bearer csp_s3cret");
    }

    #[tokio::test]
    async fn a_token_file_takes_the_credential_of_a_second_person() {
        let home = tempfile::tempdir().unwrap();
        let answer = json!({ "tenant": "acme", "person": "lee", "token": "csp_lee", "until": 1 });
        let host = StandIn::always(200, answer).await;
        let mut ctx = context(home.path());
        ctx.url = Some(host.url.clone());
        ctx.token_file = Some(home.path().join("lee.token"));
        assert_eq!(run(&["login", "C"], &ctx).await, ExitCode::SUCCESS);
        assert_eq!(
            std::fs::read_to_string(home.path().join("lee.token")).unwrap(),
            "csp_lee"
        );
        assert!(!home.path().join("credentials.json").exists());
    }

    #[tokio::test]
    async fn without_a_code_and_nobody_to_ask_it_is_usage() {
        let home = tempfile::tempdir().unwrap();
        let host = StandIn::always(200, json!({})).await;
        let mut ctx = context(home.path());
        ctx.url = Some(host.url.clone());
        // nextest gives every test an empty standard input
        assert_eq!(run(&["login"], &ctx).await, ExitCode::from(2));
        assert!(host.lines().is_empty());
    }
}
