//! `plugin`: what a plugin wants, pinning a version, and what is pinned.
//!
//! A version is pinned by a person who saw what it wants. So `enrol` shows that first, beside
//! what it cannot do whatever its code tries and what differs from the version before, and sends
//! the digest of exactly the bytes that were shown.

use super::args::{Most, PluginArgs, PluginCommand, PluginEnrol, PluginInspect};
use super::ask::{Answer, confirm};
use super::client::{Call, Client};
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::inspection;
use super::listing::listing;
use super::plugin_file::{PluginFile, find};
use super::render;
use super::words;
use crate::journal::state::PluginRecord;
use crate::model::{PluginId, Stage};
use crate::plugin::{LoadError, inspect as read, read_manifest};
use http::Method;
use hyper::body::Bytes;
use serde_json::Value;
use std::process::ExitCode;

/// Inspects, enrols or lists plugins.
pub async fn run(args: PluginArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        PluginCommand::Inspect(args) => inspect(&args, ctx),
        PluginCommand::Enrol(args) => enrol(args, ctx).await,
        PluginCommand::List(most) => list(most, ctx).await,
    };
    ctx.end(outcome)
}

/// A plugin that does not load, with all that is wrong with it.
pub fn refused(errors: &[LoadError]) -> Failure {
    let code = errors.first().map_or("CS-load-01", |it| it.code.as_str());
    let lines = errors
        .iter()
        .map(|it| format!("{}: {}", it.code, it.message));
    Failure::new(code, "this plugin does not load")
        .why(lines.collect::<Vec<_>>().join("\n"))
        .help("docs/errors/load.md has a section for each code")
}

fn inspect(args: &PluginInspect, ctx: &Context) -> Outcome {
    let file = find(&args.plugin, args.plugins.plugins.as_deref(), ctx)?;
    let found = read(&file.bytes).map_err(|it| refused(&it))?;
    let value = serde_json::to_value(&found).unwrap_or_default();
    let text = format!("{}\n\nfound in {}", inspection::page(&found), shown(&file));
    ctx.show(&text, &value);
    Ok(ExitCode::SUCCESS)
}

fn shown(file: &PluginFile) -> String {
    words::text(&file.path.display().to_string())
}

async fn enrol(args: PluginEnrol, ctx: &Context) -> Outcome {
    let file = find(&args.plugin, args.plugins.plugins.as_deref(), ctx)?;
    let found = read(&file.bytes).map_err(|it| refused(&it))?;
    let manifest = read_manifest(&file.bytes).map_err(|it| refused(&it))?;
    let manifest = serde_json::to_value(&manifest).unwrap_or_default();
    let client = Client::of(ctx)?;
    let before = before(&client, &found.id).await?;
    if !ctx.json {
        render::print(&format!("{}\n", shown(&file)));
        render::print(&inspection::page(&found));
        render::print(&inspection::differences(before.as_ref(), &manifest));
    }
    let stage = Stage::from(args.stage);
    let question = format!(
        "\nenrol {} as {stage} for {}?",
        found.plugin(),
        client.tenant()
    );
    let instead = "look with countersign plugin inspect, then give --yes";
    confirm(ctx, Answer::of(args.yes), &question, instead)?;
    let query = [
        ("stage", stage.to_string()),
        ("digest", found.digest.to_string()),
    ];
    let (path, body) = (["plugins"], Bytes::from(file.bytes));
    let call = Call::send(Method::POST, &path, &query, body, "application/wasm");
    let answer = client.call(call).await?;
    let record: PluginRecord = client.read(&answer)?;
    let text = format!("{} is enrolled as {}", record.plugin, record.stage);
    ctx.show(&text, &answer);
    Ok(ExitCode::SUCCESS)
}

/// The version enrolled last.
async fn before(client: &Client, id: &PluginId) -> Result<Option<PluginRecord>, Failure> {
    let answer = listing(client, &["plugins"], &[], "plugins", None).await?;
    let all: Vec<PluginRecord> = client.list(&answer, "plugins")?;
    let versions = all.into_iter().filter(|it| it.plugin.id == *id);
    Ok(versions.max_by_key(|it| it.enrolled))
}

async fn list(most: Most, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = listing(&client, &["plugins"], &[], "plugins", most.limit).await?;
    let all: Vec<PluginRecord> = client.list(&answer, "plugins")?;
    let rows = all.iter().map(|it| {
        let title = it.manifest.get("title").and_then(Value::as_str);
        vec![
            it.plugin.id.to_string(),
            it.plugin.version.clone(),
            it.kind.clone(),
            it.stage.to_string(),
            it.plugin.digest.short().to_owned(),
            words::time(it.enrolled, &ctx.zone),
            it.by.to_string(),
            title.unwrap_or_default().to_owned(),
        ]
    });
    let headers = [
        "plugin", "version", "kind", "stage", "sha256", "enrolled", "by", "title",
    ];
    let table = render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width);
    ctx.show(&table, &answer);
    Ok(ExitCode::SUCCESS)
}
