//! Assets: what nobody has said comes first. Search, coverage, drift, and one asset with what it
//! belongs to.

use super::ROWS_MAX;
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside::{self, Outside, thousands};
use crate::console::parts::{count, scroll};
use crate::console::visitor::Visitor;
use crate::inventory::Coverage;
use crate::journal::state::{DriftRecord, State as Tenant};
use crate::model::{Asset, AssetId, AssetKind, Group, GroupId, Millis, Protection};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// What the list is narrowed by.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    show: String,
}

struct Row {
    asset: Asset,
    groups: Vec<Group>,
    looked: Option<u64>,
    drift: bool,
}

struct View {
    coverage: Coverage,
    unreviewed_servers: usize,
    short_history: usize,
    drifts: Vec<(DriftRecord, Option<String>)>,
    rows: Vec<Row>,
    found: usize,
}

const SHOW: &[(&str, &str)] = &[
    ("", "all"),
    ("unreviewed", "not reviewed"),
    ("drift", "drift"),
    ("never", "never"),
    ("stale", "stale"),
];

/// `GET assets`.
pub async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Response {
    let stale = visitor.desk().book().stale_after_ms;
    let (shell, view) = visitor.read(|tenant| gather(tenant, &filter, visitor.look.now, stale));
    page(
        StatusCode::OK,
        shell.page_at(Nav::Assets, "Assets", body(&view, &filter, &shell)),
    )
}

fn days_looked(tenant: &Tenant, id: &AssetId) -> Option<u64> {
    let it = tenant.sightings.looked(id)?;
    Some(it.until.since(it.since) / Millis::DAY)
}

fn is_server(asset: &Asset) -> bool {
    asset.kind != Some(AssetKind::Workstation)
}

fn gather(tenant: &Tenant, filter: &Filter, now: Millis, stale_after_ms: u64) -> View {
    let inventory = &tenant.inventory;
    let drifts = |id: &AssetId| {
        tenant
            .drifts
            .values()
            .any(|it| it.asset.as_ref() == Some(id))
    };
    let word = filter.q.trim().to_lowercase();
    let fits = |it: &&Asset| {
        let kind = match filter.kind.as_str() {
            "server" => is_server(it),
            "workstation" => !is_server(it),
            _ => true,
        };
        let show = match filter.show.as_str() {
            "unreviewed" => !it.reviewed,
            "drift" => drifts(&it.id),
            "never" => protection(tenant, it) == Some(Protection::Never),
            "stale" => now.since(it.confirmed) > stale_after_ms,
            _ => true,
        };
        kind && show && matches(it, &word)
    };
    let mut found: Vec<&Asset> = inventory.assets().filter(fits).collect();
    found.sort_by_key(|it| (it.reviewed, !is_server(it), it.name.to_lowercase()));
    let total = found.len();
    let rows = found.into_iter().take(ROWS_MAX).map(|it| Row {
        groups: inventory
            .groups_of(&it.id)
            .iter()
            .filter_map(|id| inventory.group(id).cloned())
            .collect(),
        looked: days_looked(tenant, &it.id),
        drift: drifts(&it.id),
        asset: it.clone(),
    });
    let rows: Vec<Row> = rows.collect();
    let named = |it: &DriftRecord| {
        it.asset
            .as_ref()
            .and_then(|id| inventory.asset(id))
            .map(|it| it.name.clone())
    };
    View {
        coverage: inventory.coverage(now, stale_after_ms),
        unreviewed_servers: inventory
            .assets()
            .filter(|it| !it.reviewed && is_server(it))
            .count(),
        short_history: inventory
            .assets()
            .filter(|it| days_looked(tenant, &it.id).is_none_or(|days| days < 30))
            .count(),
        drifts: tenant
            .drifts
            .values()
            .take(ROWS_MAX)
            .map(|it| (it.clone(), named(it)))
            .collect(),
        rows,
        found: total,
    }
}

/// The strongest protection that an asset has by itself or by a group.
fn protection(tenant: &Tenant, asset: &Asset) -> Option<Protection> {
    let groups = tenant.inventory.groups_of(&asset.id);
    let of_groups = groups
        .iter()
        .filter_map(|id| tenant.inventory.group(id)?.protection);
    of_groups.chain(asset.protection).max()
}

fn matches(asset: &Asset, word: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(word);
    word.is_empty()
        || has(&asset.name)
        || has(asset.id.as_str())
        || asset.fqdn.as_deref().is_some_and(has)
        || asset.aliases.iter().any(|it| has(it))
        || asset.addresses.iter().any(|it| has(it))
        || asset.vendor_ids.values().any(|it| has(it))
        || asset.groups.iter().any(|it| has(it.as_str()))
}

fn body(view: &View, filter: &Filter, shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        header.head { h1 { "Assets" } p.why { "What automation may touch, and what nobody has said yet. A server that nobody has reviewed counts as critical." } }
        dl.stat {
            div { dt { "Known" } dd { b { (thousands(view.coverage.assets)) } span.hint { (view.coverage.reviewed) " reviewed" } } }
            div { dt { "Servers not reviewed" } dd { b.amber-t[view.unreviewed_servers > 0] { (view.unreviewed_servers) } span.hint { "count as critical" } } }
            div { dt { "Drift" } dd { b.amber-t[!view.drifts.is_empty()] { (view.drifts.len()) } span.hint { "product stricter than we are" } } }
            div { dt { "History under 30 days" } dd { b { (view.short_history) } span.hint { "unknown, so servers hold" } } }
        }
        section.block aria-label="Find" {
            (search(filter))
            p.hint { (view.rows.len()) " of " (count(view.found, "asset", "assets")) " shown, what nobody has said first. " a href=(look.href(&["import"])) { "Import a list" } " \u{a0} " a href=(look.href(&["changes"])) { "Changes that wait" } }
            (scroll("Assets found", table(&view.rows, look)))
        }
        (drift(&view.drifts, look))
    }
}

fn search(filter: &Filter) -> Markup {
    html! {
        form.filter method="get" role="search" {
            div.field.grow { label for="q" { "Name, id, address, group" } input type="search" id="q" name="q" value=(crate::model::inert(&filter.q, 200)); }
            div.field { label for="kind" { "Kind" } select id="kind" name="kind" { @for it in ["", "server", "workstation"] { option value=(it) selected[it == filter.kind] { (if it.is_empty() { "all" } else { it }) } } } }
            div.field { label for="show" { "Show" } select id="show" name="show" { @for (value, text) in SHOW { option value=(value) selected[*value == filter.show] { (text) } } } }
            button.btn { "Find" }
        }
    }
}

fn table(rows: &[Row], look: &Look) -> Markup {
    html! {
        table.grid-t {
            thead { tr { th scope="col" { "Asset" } th scope="col" { "Kind" } th scope="col" { "Protected as" } th scope="col" { "Group, mode, threshold" } th scope="col" { "Owner" } th scope="col" { "Days covered" } } }
            tbody { @for row in rows { (line(row, look)) } }
        }
    }
}

fn line(row: &Row, look: &Look) -> Markup {
    let it = &row.asset;
    html! {
        tr {
            th scope="row" { a href=(look.href(&["assets", it.id.as_str()])) { (outside::asset(&it.name)) } span.hint { "first seen " (look.day(it.first_seen)) } }
            td { (kind(it)) @if row.drift { " " span.tag.amber { "drift" } } }
            td { (protected(it, &row.groups)) }
            td { @for group in &row.groups { (outside::plain(&group.name)) span.hint { (risk(group)) } } @if row.groups.is_empty() { span.hint { "in no group" } } }
            td { (owners(it, &row.groups)) }
            td { span.num { (row.looked.map_or_else(|| "none".to_owned(), |days| format!("{days} d"))) } (covered(row.looked)) }
        }
    }
}

fn kind(asset: &Asset) -> &'static str {
    asset.kind.map_or("not said: a server", |it| it.as_str())
}

fn protected(asset: &Asset, groups: &[Group]) -> Markup {
    let strongest = groups
        .iter()
        .filter_map(|it| it.protection)
        .chain(asset.protection)
        .max();
    html! {
        @match strongest { Some(Protection::Never) => span.tag.never { "never" }, Some(it) => span.tag { (it) }, None => {} }
        @if !asset.reviewed { " " span.tag.amber { "not reviewed" } @if is_server(asset) { span.hint { "counts as critical" } } }
        @if strongest.is_none() && asset.reviewed { span.hint { "not protected" } }
    }
}

fn risk(group: &Group) -> String {
    let mode = group.mode.map_or("the tenant's mode", |it| it.as_str());
    match group.threshold {
        Some(it) => format!("{mode}, alone {}, one person {}", it.alone, it.one_person),
        None => format!("{mode}, default threshold"),
    }
}

fn owners(asset: &Asset, groups: &[Group]) -> Markup {
    let of_groups = groups.iter().flat_map(|it| it.owners.iter());
    let all: std::collections::BTreeSet<&str> = asset
        .owners
        .iter()
        .chain(of_groups)
        .map(|it| it.as_str())
        .collect();
    html! {
        @for (n, it) in all.iter().take(3).enumerate() { @if n > 0 { ", " } (outside::plain(it)) }
        @if all.is_empty() { span.hint { "the default owner" } }
    }
}

fn covered(days: Option<u64>) -> Markup {
    let days = days.unwrap_or(0).min(30);
    let class = if days < 30 { "g-over" } else { "g-bar" };
    html! { svg width="100%" height="6" viewBox="0 0 30 6" preserveAspectRatio="none" aria-hidden="true" { rect.g-track x="0" y="0" width="30" height="6" {} rect class=(class) x="0" y="0" width=(days) height="6" {} } }
}

fn drift(drifts: &[(DriftRecord, Option<String>)], look: &Look) -> Markup {
    if drifts.is_empty() {
        return html! {};
    }
    html! {
        section.block id="drift" aria-labelledby="dr" {
            h2 id="dr" { "Drift: " (drifts.len()) }
            p.sub { "A product acts by itself where people decide here. It ends when its policy is set to detect." }
            ol.ruled { @for (it, name) in drifts { li {
                span.r { @match name { Some(name) => (outside::asset(name)), None => "an asset that is not known" } ": " (Outside(&it.product)) " is on " (Outside(&it.product_mode)) span.id { (it.cases) " cases, first " (look.time(it.first)) ", last " (look.time(it.last)) } }
                span.is-this { (outside::plain(&it.our_mode)) " here" }
            } } }
        }
    }
}

/// `GET assets/{id}`.
pub async fn show(visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    let id = AssetId::new(id);
    let (shell, found) = visitor.read(|tenant| {
        let asset = tenant.inventory.asset(&id)?.clone();
        let groups: Vec<GroupId> = tenant.inventory.groups_of(&id).into_iter().collect();
        let groups: Vec<Group> = groups
            .iter()
            .filter_map(|id| tenant.inventory.group(id).cloned())
            .collect();
        let cases = tenant.cases.values().filter(|it| it.assets.contains(&id));
        let cases: Vec<_> = cases
            .rev()
            .take(20)
            .map(|it| (it.id.clone(), it.detection.title.clone(), it.opened))
            .collect();
        let effects = tenant
            .effects
            .values()
            .filter(|it| it.ended.is_none() && it.assets.contains(&id))
            .count();
        Some((asset, groups, cases, effects, days_looked(tenant, &id)))
    });
    let Some((asset, groups, cases, effects, looked)) = found else {
        return visitor.nothing_here();
    };
    let look = &shell.look;
    let text = |words: Vec<String>| {
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    };
    let markup = html! {
        header.head {
            p.where { a href=(look.href(&["assets"])) { "Assets" } " / " span.mono { (outside::plain(asset.id.as_str())) } }
            h1 { (outside::asset(&asset.name)) }
            p.why { (kind(&asset)) ". " (protected(&asset, &groups)) }
        }
        section.block aria-labelledby="is" {
            h2 id="is" { "What is known of it" }
            dl.facts {
                dt { "Names" } dd { (outside::plain(&text(asset.fqdn.iter().chain(asset.aliases.iter()).cloned().collect()))) }
                dt { "Addresses" } dd { (outside::plain(&text(asset.addresses.iter().cloned().collect()))) }
                dt { "Known to products" } dd { (outside::plain(&text(asset.vendor_ids.iter().map(|(product, id)| format!("{product} {id}")).collect()))) }
                dt { "Managed by" } dd { (outside::plain(&text(asset.managed_by.iter().cloned().collect()))) }
                dt { "Owner" } dd { (owners(&asset, &groups)) }
                dt { "Confirmed" } dd { (look.time(asset.confirmed)) }
                dt { "Software history" } dd { @match looked { Some(days) => { (days) " days looked at" }, None => "nobody was looking: unknown" } }
                dt { "In force on it" } dd { a href=(look.href(&["effects"])) { (count(effects, "effect", "effects")) } }
            }
        }
        section.block aria-labelledby="gr" {
            h2 id="gr" { "Groups" }
            ol.ruled { @for it in &groups { li { span.r { b { (outside::plain(&it.name)) } span.id { (risk(it)) } } span.is-this { @match it.protection { Some(protection) => (protection), None => "not protected" } } } } }
            @if groups.is_empty() { p.hint { "It is in no group: the tenant's own mode counts." } }
        }
        section.block aria-labelledby="ca" {
            h2 id="ca" { "Latest cases" }
            ul.plain { @for (id, title, at) in &cases { li { (look.time(*at)) " " a href=(look.href(&["cases", id.as_str()])) { (Outside(title)) } } } }
            @if cases.is_empty() { p.hint { "None." } }
        }
    };
    page(StatusCode::OK, shell.page_at(Nav::Assets, "Asset", markup))
}
