//! `halt` and `confirm`: whether anything may be sent at all.

use super::args::{ConfirmArgs, HaltArgs, HaltCommand};
use super::ask::{Answer, confirm as ask};
use super::client::Client;
use super::context::Context;
use super::failure::Outcome;
use super::words;
use crate::journal::state::HaltRecord;
use serde::Deserialize;
use serde_json::json;
use std::process::ExitCode;

/// Whether the host acts.
#[derive(Debug, Deserialize)]
struct Acts {
    halt: Option<HaltRecord>,
    dispatch_off: bool,
}

/// Turns the halt on or off.
pub async fn run(args: HaltArgs, ctx: &Context) -> ExitCode {
    let (on, reason) = match args.command {
        HaltCommand::On(args) => (true, args.reason),
        HaltCommand::Off(args) => (false, args.reason),
    };
    ctx.end(set(on, &reason, ctx).await)
}

async fn set(on: bool, reason: &str, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let body = json!({ "on": on, "reason": reason });
    let answer = client.post(&["halt"], &body).await?;
    let acts: Acts = client.read(&answer)?;
    ctx.show(&said(&acts, ctx), &answer);
    Ok(ExitCode::SUCCESS)
}

fn said(acts: &Acts, ctx: &Context) -> String {
    let halted = acts.halt.as_ref().filter(|it| it.on);
    let mut text = match halted {
        Some(it) => format!(
            "halted by {} {}: {}\nnothing runs unattended and nothing intrusive at all; people may give back",
            it.person,
            words::time(it.at, &ctx.zone),
            words::text(&it.reason)
        ),
        None => "not halted".to_owned(),
    };
    if acts.dispatch_off {
        text.push_str("\nnothing is sent: this database is not the one that ran here last");
    }
    text
}

/// Lets a restored database act again.
pub async fn confirm(args: ConfirmArgs, ctx: &Context) -> ExitCode {
    ctx.end(confirmed(args, ctx).await)
}

async fn confirmed(args: ConfirmArgs, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.get(&["halt"], &[]).await?;
    if !client.read::<Acts>(&answer)?.dispatch_off {
        ctx.show(
            "there is nothing to confirm: this database may act",
            &answer,
        );
        return Ok(ExitCode::SUCCESS);
    }
    let question = "what was sent after this database was saved is not in it, and could be sent again.\n\
         were the systems looked at, and may it act?";
    ask(
        ctx,
        Answer::of(args.yes),
        question,
        "look at the systems, then give --yes",
    )?;
    let answer = client.post(&["confirm"], &json!({})).await?;
    let acts: Acts = client.read(&answer)?;
    ctx.show(&format!("confirmed; {}", said(&acts, ctx)), &answer);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::stand_in::StandIn;
    use super::*;

    #[tokio::test]
    async fn a_database_is_confirmed_only_where_it_was_restored_and_somebody_says_so() {
        let home = tempfile::tempdir().unwrap();
        let fine = StandIn::always(200, json!({ "halt": null, "dispatch_off": false })).await;
        let code = fine.run(home.path(), &["confirm", "--yes"]).await;
        assert_eq!((code, fine.lines().len()), (ExitCode::SUCCESS, 1));
        let restored = StandIn::always(200, json!({ "halt": null, "dispatch_off": true })).await;
        let code = restored.run(home.path(), &["confirm"]).await;
        assert_eq!((code, restored.lines().len()), (ExitCode::from(2), 1));
        let code = restored.run(home.path(), &["confirm", "--yes"]).await;
        assert_eq!(code, ExitCode::SUCCESS);
        assert_eq!(
            restored.lines().last().unwrap(),
            "POST /v1/tenants/acme/confirm"
        );
    }

    #[tokio::test]
    async fn the_red_button_sends_its_reason() {
        let home = tempfile::tempdir().unwrap();
        let host = StandIn::always(200, json!({ "halt": null, "dispatch_off": false })).await;
        let line = ["halt", "on", "--reason", "console lost"];
        assert_eq!(host.run(home.path(), &line).await, ExitCode::SUCCESS);
        assert_eq!(
            host.asked()[0].json(),
            json!({ "on": true, "reason": "console lost" })
        );
    }
}
