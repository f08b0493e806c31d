//! Plugins: what is enrolled, by whom, at which stage; its manifest, which is what it claims to
//! need and is held to; its limits; and whether it could be loaded and called.

use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::outside::{self, Outside};
use crate::console::parts::decide::short;
use crate::console::parts::{Tone, notice, scroll};
use crate::console::visitor::Visitor;
use crate::engine::{LimitKind, Limits};
use crate::journal::state::PluginRecord;
use crate::model::PluginId;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

struct Row {
    record: PluginRecord,
    loaded: bool,
    failures: usize,
    limits: Vec<(String, u64, &'static str)>,
}

fn gather(visitor: &Visitor, only: Option<&PluginId>) -> (Shell, Vec<Row>) {
    let registry = visitor.host.registry();
    visitor.read(|tenant| {
        let all = tenant
            .plugins
            .values()
            .filter(|it| only.is_none_or(|id| it.plugin.id == *id));
        let rows = all.map(|it| {
            let loaded = registry.get(&it.plugin);
            let name = it.plugin.to_string();
            let marked = tenant
                .cases
                .values()
                .flat_map(|case| case.marks.iter())
                .filter(|mark| mark.text.starts_with(&name));
            let kind = LimitKind::parse(&it.kind);
            let limits = loaded
                .as_ref()
                .zip(kind)
                .map(|(loaded, kind)| limits_of(loaded.limits(), kind))
                .unwrap_or_default();
            Row {
                record: it.clone(),
                loaded: loaded.is_some(),
                failures: marked.count(),
                limits,
            }
        });
        rows.collect()
    })
}

fn limits_of(
    limits: &crate::engine::CallLimits,
    kind: LimitKind,
) -> Vec<(String, u64, &'static str)> {
    Limits::rows(kind)
        .filter_map(|row| Some((row.name.to_owned(), limits.get(row.name)?, row.unit)))
        .collect()
}

/// `GET plugins`.
pub async fn list(visitor: Visitor) -> Response {
    let (shell, rows) = gather(&visitor, None);
    let problems = visitor.host.problems(&visitor.look.tenant);
    let look = &shell.look;
    let markup = html! {
        header.head { h1 { "Plugins" } p.why { "Enrolled versions: the bytes that a person pinned. Whoever enrolled a version never approves what it proposes." } }
        @for it in &problems { (notice(Tone::Amber, html! { p { (outside::plain(it)) } })) }
        section.block aria-label="Enrolled" {
            (scroll("Enrolled versions", html! {
                table.grid-t {
                    thead { tr { th scope="col" { "Plugin" } th scope="col" { "Kind" } th scope="col" { "Stage" } th scope="col" { "Digest" } th scope="col" { "Enrolled" } th scope="col" { "Health" } } }
                    tbody { @for it in &rows { tr {
                        th scope="row" { a href=(look.href(&["plugins", it.record.plugin.id.as_str()])) { (outside::plain(it.record.plugin.id.as_str())) } span.hint { (outside::plain(&it.record.plugin.version)) } }
                        td { (outside::plain(&it.record.kind)) } td { (it.record.stage) } td { code { (short(it.record.plugin.digest.as_str())) } }
                        td { (look.time(it.record.enrolled)) span.hint { (outside::plain(it.record.by.as_str())) } }
                        td { (health(it)) }
                    } } }
                }
            }))
            @if rows.is_empty() { p { "Nothing is enrolled: no alert can be read, and nothing is proposed." } }
        }
    };
    page(
        StatusCode::OK,
        shell.page_at(Nav::Plugins, "Plugins", markup),
    )
}

fn health(row: &Row) -> Markup {
    html! {
        @if row.loaded { "loaded" } @else { span.red-t { "not loaded: enrol it again" } }
        @if row.failures > 0 { span.hint.amber-t { (row.failures) " cases marked by it" } }
    }
}

/// `GET plugins/{id}`.
pub async fn show(visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    let id = PluginId::new(id);
    let (shell, rows) = gather(&visitor, Some(&id));
    if rows.is_empty() {
        return visitor.nothing_here();
    }
    let look = &shell.look;
    let markup = html! {
        header.head { p.where { a href=(look.href(&["plugins"])) { "Plugins" } } h1 { (outside::plain(id.as_str())) } }
        @for it in rows.iter().rev() {
            section.block aria-label="Version" {
                h2 { "Version " (outside::plain(&it.record.plugin.version)) " " span.tag { (it.record.stage) } }
                p.sub { "Enrolled " (look.time(it.record.enrolled)) " by " (outside::plain(it.record.by.as_str())) ". " (health(it)) }
                p { code { "sha256:" (it.record.plugin.digest) } }
                @if !it.limits.is_empty() {
                    h3.gap { "Limits of a call" }
                    dl.facts { @for (name, value, unit) in &it.limits { dt { (name) } dd { (outside::thousands(usize::try_from(*value).unwrap_or(usize::MAX))) " " (unit) } } }
                }
            }
            section.outside.gap aria-label="Manifest" {
                h2 { "Manifest of " (outside::plain(&it.record.plugin.version)) }
                p.by { "What the publisher wrote. The host grants this and nothing else." }
                dl { (manifest(&it.record.manifest)) }
            }
        }
    };
    page(
        StatusCode::OK,
        shell.page_at(Nav::Plugins, "Plugin", markup),
    )
}

fn manifest(value: &Value) -> Markup {
    let rows = value.as_object().into_iter().flatten();
    html! { @for (name, value) in rows { dt { (Outside(name)) } dd { (outside::block(&text(value))) } } }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", text(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}
