//! `asset`: what the tenant has, and how it changes.
//!
//! An import shows first what it would change, and then changes it. What loosens protection is
//! not changed by it: it waits for another lead, and that is said loudly.

use super::args::{
    AssetArgs, AssetCommand, AssetImport, AssetList, AssetResolve, AssetShow, ImportFormat,
};
use super::ask::{Answer, confirm};
use super::client::{Call, Client};
use super::context::Context;
use super::diff::{Imported, Shown};
use super::failure::{Failure, Outcome};
use super::input;
use super::listing::listing;
use super::render;
use super::words::{self, Page, text};
use crate::model::{Asset, Group, GroupId, Resolution};
use clap::ValueEnum as _;
use http::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

/// LIMIT: a file to import; the largest batch that a host takes.
pub const IMPORT_BYTES_MAX: u64 = 16 << 20;

/// Imports, lists, shows or resolves.
pub async fn run(args: AssetArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        AssetCommand::Import(args) => import(args, ctx).await,
        AssetCommand::List(args) => list(args, ctx).await,
        AssetCommand::Show(args) => show(args, ctx).await,
        AssetCommand::Resolve(args) => resolve(args, ctx).await,
    };
    ctx.end(outcome)
}

/// The content type of a file to import: as said, else by its ending.
///
/// # Errors
/// `CS-cli-21`: neither says it.
pub fn content_type(path: &Path, format: Option<ImportFormat>) -> Result<&'static str, Failure> {
    let ending = path.extension().and_then(|it| it.to_str());
    let by_ending = ending.and_then(|it| ImportFormat::from_str(it, true).ok());
    match format.or(by_ending) {
        Some(ImportFormat::Csv) => Ok("text/csv"),
        Some(ImportFormat::Json) => Ok(super::client::JSON),
        None => {
            let message = format!("it is not clear what {} is", path.display());
            Err(Failure::usage("CS-cli-21", message).help("say --format csv or --format json"))
        }
    }
}

async fn import(args: AssetImport, ctx: &Context) -> Outcome {
    let content_type = content_type(&args.file, args.format)?;
    let body = Bytes::from(input::read(&args.file, IMPORT_BYTES_MAX)?);
    let client = Client::of(ctx)?;
    let send = async |dry_run: bool| {
        let query = [("dry_run", dry_run.to_string())];
        let path = ["assets:import"];
        let call = Call::send(Method::POST, &path, &query, body.clone(), content_type);
        client.call(call).await
    };
    let answer = send(true).await?;
    let shown: Shown = client.read(answer.get("diff").unwrap_or(&Value::Null))?;
    if args.dry_run || shown.is_empty() {
        ctx.show(&shown.to_text(), &answer);
        return Ok(ExitCode::SUCCESS);
    }
    if !ctx.json {
        render::print(&shown.to_text());
    }
    let question = format!("\n{}", shown.question());
    confirm(
        ctx,
        Answer::of(args.yes),
        &question,
        "look with --dry-run, then give --yes",
    )?;
    let answer = send(false).await?;
    let imported: Imported = client.read(answer.get("imported").unwrap_or(&Value::Null))?;
    ctx.show(&imported.to_text(), &answer);
    Ok(ExitCode::SUCCESS)
}

async fn list(args: AssetList, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let mut answer = listing(&client, &["assets"], &[], "assets", None).await?;
    let mut assets: Vec<Asset> = client.list(&answer, "assets")?;
    let before = assets.len();
    if let Some(group) = args.group {
        let groups = listing(&client, &["groups"], &[], "groups", None).await?;
        let groups: Vec<Group> = client.list(&groups, "groups")?;
        let wanted = below(&GroupId::new(group), &groups);
        assets.retain(|it| !it.groups.is_disjoint(&wanted));
    }
    if args.unreviewed {
        assets.retain(|it| !it.reviewed);
    }
    if let Some(kind) = args.kind.and_then(|it| it.to_possible_value()) {
        assets.retain(|it| it.kind.is_some_and(|it| it.as_str() == kind.get_name()));
    }
    assets.truncate(args.most.limit.map_or(usize::MAX, |it| it as usize));
    if let Some(fields) = answer.as_object_mut().filter(|_| assets.len() < before) {
        fields.insert("assets".to_owned(), json!(assets));
    }
    ctx.show(&table(&assets, ctx), &answer);
    Ok(ExitCode::SUCCESS)
}

/// A group and every group that belongs to it.
fn below(group: &GroupId, groups: &[Group]) -> BTreeSet<GroupId> {
    let mut found = BTreeSet::from([group.clone()]);
    loop {
        let more = groups.iter().filter(|it| !it.parents.is_disjoint(&found));
        let more: Vec<GroupId> = more.map(|it| it.id.clone()).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

fn table(assets: &[Asset], ctx: &Context) -> String {
    let rows = assets.iter().map(|it| {
        vec![
            it.id.to_string(),
            it.name.clone(),
            kind(it),
            it.protection.map(|it| it.to_string()).unwrap_or_default(),
            words::list(&it.groups),
            words::list(&it.managed_by),
            words::time(it.confirmed, &ctx.zone),
        ]
    });
    let headers = [
        "asset",
        "name",
        "kind",
        "protection",
        "groups",
        "managed by",
        "confirmed",
    ];
    render::table(&headers, &rows.collect::<Vec<_>>(), ctx.width)
}

fn kind(asset: &Asset) -> String {
    let kind = asset
        .kind
        .as_ref()
        .map_or("unknown, counts as server", |it| it.as_str());
    if asset.reviewed {
        kind.to_owned()
    } else {
        format!("{kind}, unreviewed")
    }
}

/// One asset as the API shows it.
#[derive(Debug, Deserialize)]
struct One {
    asset: Asset,
    groups: Vec<GroupId>,
}

async fn show(args: AssetShow, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.get(&["assets", &args.asset], &[]).await?;
    let one: One = client.read(&answer)?;
    ctx.show(&page(&one, ctx), &answer);
    Ok(ExitCode::SUCCESS)
}

fn page(one: &One, ctx: &Context) -> String {
    let (mut page, it) = (Page::default(), &one.asset);
    page.line(format!("{}  {}, {}", it.id, text(&it.name), kind(it)));
    let protection = it
        .protection
        .map_or("none of its own".to_owned(), |it| it.to_string());
    page.line(format!("protection: {protection}"));
    page.line(format!("groups: {}", words::list(&one.groups)));
    page.line(format!("owners of its own: {}", words::list(&it.owners)));
    page.line(format!("managed by: {}", words::list(&it.managed_by)));
    let names = it.fqdn.iter().chain(&it.aliases);
    page.line(format!("also called: {}", words::list(names)));
    page.line(format!("addresses: {}", words::list(&it.addresses)));
    let ids = it
        .vendor_ids
        .iter()
        .map(|(product, id)| format!("{product} {id}"));
    page.line(format!("vendor ids: {}", words::list(ids)));
    page.line(format!(
        "first seen {}, confirmed {}",
        words::time(it.first_seen, &ctx.zone),
        words::time(it.confirmed, &ctx.zone)
    ));
    page.end()
}

/// What a name leads to.
#[derive(Debug, Deserialize)]
struct Resolved {
    resolution: Resolution,
    by: Value,
    assets: Vec<Asset>,
}

async fn resolve(args: AssetResolve, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client
        .get(&["assets:resolve"], &[("name", args.name)])
        .await?;
    let found: Resolved = client.read(&answer)?;
    let by = found.by.as_str().map(|it| format!(", by {}", text(it)));
    let mut shown = format!("{}{}", found.resolution, by.unwrap_or_default());
    if !found.assets.is_empty() {
        shown.push_str(&format!("\n{}", table(&found.assets, ctx)));
    }
    ctx.show(&shown, &answer);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
