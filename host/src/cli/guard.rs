//! `guard`: what the policy over proposals is, whether it is well formed, and what it says.
//!
//! Files are read, checked and tried here by the code that the host judges with, so that a guard
//! is right before a host ever sees it. Only `explain`, and `show --running`, ask the host: the
//! facts of a stored proposal are there.

use super::args::{GuardArgs, GuardCheck, GuardCommand, GuardExplain, GuardShow};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::guard_files::{self, TenantGuards};
use super::input;
use super::render;
use super::words::{Page, text};
use super::{INVALID, guard_test};
use crate::guard::{Effect, GuardError, Guards, Paint, PolicyInfo};
use serde_json::{Value, json};
use std::process::ExitCode;

/// LIMIT: a question to the guards.
const REQUEST_BYTES_MAX: u64 = 1 << 20;

/// Shows, checks, tests or explains.
pub async fn run(args: GuardArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        GuardCommand::Show(args) => show(args, ctx).await,
        GuardCommand::Check(args) => check(&args, ctx),
        GuardCommand::Test(args) => guard_test::run(&args, ctx),
        GuardCommand::Explain(args) => explain(args, ctx).await,
    };
    ctx.end(outcome)
}

/// Guards that are not well formed: all errors, with 2.
pub fn refused(errors: &[GuardError], ctx: &Context) -> ExitCode {
    if ctx.json {
        render::print(&render::json(&json!({ "ok": false, "errors": errors })));
    } else {
        render::complain(&rendered(errors, ctx));
    }
    ExitCode::from(INVALID)
}

/// Every error with file, line and caret.
pub fn rendered(errors: &[GuardError], ctx: &Context) -> String {
    let paint = if ctx.styled_err {
        Paint::Coloured
    } else {
        Paint::Plain
    };
    let each: Vec<String> = errors.iter().map(|it| it.render(paint)).collect();
    each.join("\n\n")
}

async fn show(args: GuardShow, ctx: &Context) -> Outcome {
    let (answer, policies) = if args.running {
        let client = Client::of(ctx)?;
        let answer = client.get(&["guards"], &[]).await?;
        let policies: Vec<PolicyInfo> = client.list(&answer, "policies")?;
        (answer, policies)
    } else {
        let files = guard_files::one(ctx)?;
        match Guards::load(&files.guards) {
            Ok(guards) => {
                let policies: Vec<PolicyInfo> = guards.policies().cloned().collect();
                (
                    json!({ "digest": guards.digest(), "policies": policies }),
                    policies,
                )
            }
            Err(errors) => return Ok(refused(&errors, ctx)),
        }
    };
    let Some(id) = args.guard else {
        ctx.show(&table(&policies, ctx), &answer);
        return Ok(ExitCode::SUCCESS);
    };
    let found = policies.iter().find(|it| it.id == id).ok_or_else(|| {
        let message = format!("there is no guard {id}");
        Failure::new("CS-cli-24", message).help("their ids are shown by: countersign guard show")
    })?;
    ctx.show(&page(found), &json!(found));
    Ok(ExitCode::SUCCESS)
}

fn table(policies: &[PolicyInfo], ctx: &Context) -> String {
    let rows = policies.iter().map(|it| {
        let what = match (it.effect, it.floor) {
            (Effect::Permit, _) => "permits",
            (Effect::Forbid, true) => "forbids, whoever approves",
            (Effect::Forbid, false) => "holds",
        };
        let place = format!("{}:{}", it.file, it.line);
        vec![it.id.clone(), what.to_owned(), it.reason.clone(), place]
    });
    render::table(
        &["guard", "what", "reason", "where"],
        &rows.collect::<Vec<_>>(),
        ctx.width,
    )
}

fn page(it: &PolicyInfo) -> String {
    let mut page = Page::default();
    page.line(format!("{}  {}:{}", it.id, it.file, it.line));
    page.line(text(&it.reason));
    page.section("what to do", it.advice.iter().map(|it| text(it)));
    page.section("a product that does it reaches over", it.overreach.iter());
    let lines = it.text.lines().map(|it| render::inert(it, 400));
    page.section("text", lines);
    page.end()
}

fn check(args: &GuardCheck, ctx: &Context) -> Outcome {
    let all = if args.files.is_empty() {
        guard_files::all(ctx)?
    } else {
        vec![TenantGuards {
            guards: guard_files::read(&args.files)?,
            ..TenantGuards::default()
        }]
    };
    let mut errors = Vec::new();
    let mut count = 0;
    for tenant in &all {
        count += tenant.guards.len();
        errors.extend(Guards::load(&tenant.guards).err().unwrap_or_default());
    }
    if !errors.is_empty() {
        return Ok(refused(&errors, ctx));
    }
    let text = format!("ok: {count} file(s) beside the baseline");
    ctx.show(&text, &json!({ "ok": true, "files": count, "errors": [] }));
    Ok(ExitCode::SUCCESS)
}

async fn explain(args: GuardExplain, ctx: &Context) -> Outcome {
    let question = match (&args.proposal, &args.request) {
        (Some(id), _) => json!({ "proposal": id }),
        (None, Some(file)) => {
            let text = input::text(file, REQUEST_BYTES_MAX)?;
            serde_json::from_str(&text).map_err(|why| {
                let message = format!("{} is no question to the guards", file.display());
                Failure::usage("CS-cli-21", message).why(why.to_string())
            })?
        }
        (None, None) => Value::Null,
    };
    let client = Client::of(ctx)?;
    let answer = client.post(&["guards", "explain"], &question).await?;
    let said = answer
        .get("text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let lines: Vec<String> = said.lines().map(|it| render::inert(it, 1000)).collect();
    ctx.show(&lines.join("\n"), &answer);
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
    use super::super::stand_in::{context, run};
    use std::process::ExitCode;

    #[tokio::test]
    async fn guards_are_shown_checked_and_tried_without_a_host() {
        let home = tempfile::tempdir().unwrap();
        let ctx = context(home.path());
        // no workspace: the baseline stands for itself
        for line in ["guard show", "guard show --json", "guard check"] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(run(&words, &ctx).await, ExitCode::SUCCESS, "{line}");
        }
        assert_eq!(
            run(&["guard", "show", "no-such-guard"], &ctx).await,
            ExitCode::from(1)
        );
        let file = home.path().join("own.cedar");
        std::fs::write(&file, "permit (principal, action, resource);").unwrap();
        let file = file.display().to_string();
        for line in [
            vec!["guard", "check", &file],
            vec!["guard", "check", &file, "--json"],
        ] {
            assert_eq!(run(&line, &ctx).await, ExitCode::from(2));
        }
    }

    #[tokio::test]
    async fn a_scenario_that_fails_fails_the_command() {
        let home = tempfile::tempdir().unwrap();
        let (ctx, file) = (context(home.path()), home.path().join("own.toml"));
        let row = "do = \"block-address\", on = \"Address::203.0.113.9\", facts = [\"none\"]";
        for (expect, code) in [("execute", 0), ("refuse", 1), ("perhaps", 1)] {
            let text = format!("[scenarios]\n\"one\" = {{ {row}, expect = \"{expect}\" }}\n");
            std::fs::write(&file, text).unwrap();
            let line = ["guard", "test", &file.display().to_string()];
            assert_eq!(run(&line, &ctx).await, ExitCode::from(code), "{expect}");
        }
        std::fs::write(&file, "[scenarios").unwrap();
        let line = ["guard", "test", &file.display().to_string()];
        assert_eq!(run(&line, &ctx).await, ExitCode::from(2));
    }
}
