//! `doctor`: what stands in the way, of this machine, of the workspace and of the running host,
//! and what to do about each.
//!
//! It looks at everything before it speaks: who mends one thing and finds the next goes to bed
//! late. What cannot be looked at is said too, because silence would read as health.

use super::FAILED;
use super::args::DoctorArgs;
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::plugin_file::folder;
use super::symptoms::{Finding, of_health};
use crate::api::Health;
use crate::config::{Config, HOST_FILE, Surroundings};
use crate::engine::Engine;
use http::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Looks at everything; 1 if something is wrong.
pub async fn run(args: DoctorArgs, ctx: &Context) -> ExitCode {
    ctx.end(examine(args, ctx).await)
}

async fn examine(args: DoctorArgs, ctx: &Context) -> Outcome {
    let mut findings = Vec::new();
    let plugins = args.plugins.plugins.as_deref();
    if ctx.dir.join(HOST_FILE).exists() {
        workspace(plugins, ctx, &mut findings);
    } else {
        let text = format!("there is no workspace in {}", ctx.dir.display());
        findings.push(Finding::note(
            "workspace",
            text,
            "say where it is with --dir",
        ));
    }
    let health = host(ctx, &mut findings).await;
    let ok = findings.iter().all(|it| !it.is_wrong());
    let lines: Vec<String> = findings.iter().map(Finding::to_text).collect();
    ctx.show(
        &lines.join("\n"),
        &json!({ "ok": ok, "findings": findings, "health": health }),
    );
    Ok(ExitCode::from(if ok { 0 } else { FAILED }))
}

fn workspace(plugins: Option<&Path>, ctx: &Context, findings: &mut Vec<Finding>) {
    let config = match Config::load(&ctx.dir, &Surroundings::of_process()) {
        Ok(config) => config,
        Err(errors) => {
            let text = format!("{} error(s) in {}", errors.len(), ctx.dir.display());
            findings.push(Finding::wrong("workspace", text, "countersign check"));
            return;
        }
    };
    let text = format!(
        "{} tenant(s) in {}",
        config.tenants.len(),
        ctx.dir.display()
    );
    findings.push(Finding::fine("workspace", text));
    for tenant in config.tenants.values() {
        let what = format!("guards of {}", tenant.id);
        findings.push(match crate::pipeline::tenant_guards(tenant) {
            Ok(guards) => {
                Finding::fine(&what, format!("{} guards hold", guards.policies().count()))
            }
            Err(errors) => {
                let text = format!("{} error(s): they would not be taken", errors.len());
                Finding::wrong(
                    &what,
                    text,
                    "countersign guard check; countersign guard test",
                )
            }
        });
    }
    findings.push(plugin_files(&folder(plugins, ctx)));
    findings.push(match Engine::start(&config.host.limits.engine) {
        Ok(engine) => match engine.fallback() {
            None => Finding::fine("sandbox", "plugins run from a pool".to_owned()),
            Some(why) => Finding::note(
                "sandbox",
                format!("plugins run without the pool, and slower: {why}"),
                "raise the limit of address space (ulimit -v), or lower [limits.engine]",
            ),
        },
        Err(why) => Finding::wrong("sandbox", format!("plugins cannot run: {why}"), ""),
    });
}

fn plugin_files(folder: &Path) -> Finding {
    let files = std::fs::read_dir(folder).map(|it| {
        let names = it.filter_map(Result::ok).map(|it| it.path());
        names
            .filter(|it| it.extension().is_some_and(|it| it == "wasm"))
            .count()
    });
    let shown = folder.display();
    match files {
        Ok(0) => Finding::note(
            "plugins",
            format!("{shown} has none"),
            "say where they are with --plugins",
        ),
        Ok(count) => Finding::fine("plugins", format!("{count} in {shown}")),
        Err(why) => Finding::note(
            "plugins",
            format!("{shown} cannot be looked into: {why}"),
            "say where they are with --plugins",
        ),
    }
}

/// Asks the host, as far as it answers. The tenant's health as it came.
async fn host(ctx: &Context, findings: &mut Vec<Finding>) -> Value {
    let asked = async {
        let client = Client::stranger(ctx)?;
        client.above(Method::GET, &["healthz"], None).await?;
        Ok::<_, Failure>(client)
    };
    let client = match asked.await {
        Ok(client) => client,
        Err(failure) => {
            findings.push(Finding::of_failure("host", &failure));
            return Value::Null;
        }
    };
    findings.push(Finding::fine(
        "host",
        format!("answers at {}", client.url()),
    ));
    match client.above(Method::GET, &["readyz"], None).await {
        Ok(_) => findings.push(Finding::fine(
            "readiness",
            "it takes and sends work".to_owned(),
        )),
        Err(failure) => findings.push(Finding::of_failure("readiness", &failure)),
    }
    match tenant(ctx).await {
        Ok((health, answer)) => {
            findings.extend(of_health(&health, ctx));
            answer
        }
        // without a sign-in the rest is not known, which is not the same as wrong
        Err(failure) if failure.code() == "CS-cli-12" => {
            findings.push(Finding::note(
                "tenant",
                "not looked at: nobody is signed in".to_owned(),
                "countersign login",
            ));
            Value::Null
        }
        Err(failure) => {
            findings.push(Finding::of_failure("tenant", &failure));
            Value::Null
        }
    }
}

async fn tenant(ctx: &Context) -> Result<(Health, Value), Failure> {
    let client = Client::of(ctx)?;
    let answer = client.get(&["health"], &[]).await?;
    Ok((client.read(&answer)?, answer))
}

#[cfg(test)]
mod tests;
