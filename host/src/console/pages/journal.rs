//! Journal: every state change in its order, found by case, kind and time, and verified.

use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::outside::{self, thousands};
use crate::console::parts::decide::short;
use crate::console::parts::told::told;
use crate::console::parts::{Tone, count, notice, scroll};
use crate::console::visitor::Visitor;
use crate::journal::entry::Entry;
use crate::journal::{Report, StoredEntry, verify_store};
use crate::model::{CaseId, Digest, Millis};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// LIMIT: entries that are shown at once.
const SHOWN_MAX: usize = 200;
/// LIMIT: entries that one search looks at; it says where it ended.
const LOOKED_MAX: usize = 20_000;

/// What is searched for.
#[derive(Debug, Default, Deserialize)]
pub struct Search {
    #[serde(default)]
    case: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    after: Option<u64>,
    #[serde(default)]
    verify: bool,
}

struct Row {
    n: u64,
    at: Millis,
    kind: String,
    case: Option<CaseId>,
    entry: Option<Entry>,
    hash: Digest,
}

struct Found {
    rows: Vec<Row>,
    total: u64,
    next: Option<u64>,
    report: Option<Result<Report, String>>,
}

/// `GET journal`.
pub async fn show(visitor: Visitor, Query(search): Query<Search>) -> Response {
    let (store, tenant) = (visitor.host.store().clone(), visitor.look.tenant.clone());
    let verify = search.verify;
    let (case, kind) = (search.case.trim().to_owned(), search.kind.trim().to_owned());
    let since = since(&search.since, &visitor);
    let after = search.after;
    let read = tokio::task::spawn_blocking(move || {
        let reader = store.reader()?;
        let total = reader.count(&tenant)?;
        let narrow = !kind.is_empty() || since.is_some();
        // without a search the end is what people want to see
        let from = after.unwrap_or(if narrow || !case.is_empty() {
            0
        } else {
            total.saturating_sub(100)
        });
        let entries = if case.is_empty() {
            reader.entries(&tenant, from, if narrow { LOOKED_MAX } else { SHOWN_MAX })?
        } else {
            reader.case_entries(&tenant, &CaseId::new(case), from, SHOWN_MAX)?
        };
        let last = entries.last().map(|it| it.n);
        let fits = |it: &StoredEntry| {
            (kind.is_empty() || it.kind == kind) && since.is_none_or(|at| it.at >= at)
        };
        let rows: Vec<Row> = entries
            .into_iter()
            .filter(fits)
            .take(SHOWN_MAX)
            .map(row)
            .collect();
        let shown_to = if rows.len() >= SHOWN_MAX {
            rows.last().map(|it| it.n)
        } else {
            last
        };
        let report = verify.then(|| {
            let reports = verify_store(&reader).map_err(|it| it.to_string())?;
            reports
                .into_iter()
                .find(|it| it.tenant == tenant)
                .ok_or_else(|| "this tenant has no chain yet".to_owned())
        });
        Ok::<_, crate::journal::StoreError>(Found {
            next: shown_to.filter(|it| *it < total),
            rows,
            total,
            report,
        })
    });
    let shell = visitor.shell();
    match read.await {
        Ok(Ok(found)) => page(
            StatusCode::OK,
            shell.page_at(Nav::Journal, "Journal", body(&found, &search, &shell)),
        ),
        _ => {
            let text = notice(
                Tone::Red,
                html! { p { b { "The journal could not be read." } " Load the page again." } },
            );
            page(
                StatusCode::SERVICE_UNAVAILABLE,
                shell.page_at(Nav::Journal, "Journal", text),
            )
        }
    }
}

/// `2026-11-24T20:00`, as a browser sends it, in the viewer's zone.
fn since(text: &str, visitor: &Visitor) -> Option<Millis> {
    let there: jiff::civil::DateTime = text.trim().parse().ok()?;
    let at = there.to_zoned_datetime(visitor.look.zone.clone()).ok()?;
    u64::try_from(at.timestamp().as_millisecond())
        .ok()
        .map(Millis)
}

fn row(it: StoredEntry) -> Row {
    let entry = it
        .body
        .as_deref()
        .and_then(|body| serde_json::from_slice::<Entry>(body).ok());
    Row {
        n: it.n,
        at: it.at,
        kind: it.kind,
        case: it.case,
        entry,
        hash: it.hash,
    }
}

fn body(found: &Found, search: &Search, shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        header.head { h1 { "Journal" } p.why { (thousands(usize::try_from(found.total).unwrap_or(0))) " entries, each chained to the one before by its hash." } }
        (verified(found))
        section.block aria-label="Entries" {
            form.filter method="get" role="search" {
                div.field.grow { label for="case" { "Case" } input type="search" id="case" name="case" value=(crate::model::inert(&search.case, 80)); }
                div.field { label for="kind" { "Kind" } input type="search" id="kind" name="kind" value=(crate::model::inert(&search.kind, 40)) list="kinds"; datalist id="kinds" { @for it in KINDS { option value=(it) {} } } }
                div.field { label for="since" { "Since" } input type="datetime-local" id="since" name="since" value=(crate::model::inert(&search.since, 20)); }
                button.btn { "Find" }
            }
            p.hint { (count(found.rows.len(), "entry", "entries")) " shown. " @if let Some(next) = found.next { a href=(more(search, next)) { "Further on" } } }
            (scroll("Entries found", html! {
                table.grid-t {
                    thead { tr { th scope="col" { "n" } th scope="col" { "When" } th scope="col" { "Kind" } th scope="col" { "What" } th scope="col" { "Hash" } } }
                    tbody { @for it in &found.rows { tr {
                        td.num { (it.n) } td.nowrap { (look.exact(it.at)) } td.nowrap { (outside::plain(&it.kind)) }
                        td.wrap { (told(&it.entry)) @if let Some(case) = &it.case { span.hint { a href=(look.href(&["cases", case.as_str()])) { "the case" } } } }
                        td.nowrap { code { (short(it.hash.as_str())) } }
                    } } }
                }
            }))
        }
    }
}

const KINDS: &[&str] = &[
    "case-opened",
    "judged",
    "approved",
    "denied",
    "order-dispatched",
    "effect-began",
    "effect-ended",
    "overreach-found",
    "page-due",
    "inventory-changed",
    "plugin-enrolled",
    "logged-in",
    "halt-set",
];

fn more(search: &Search, after: u64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("case", &search.case)
        .append_pair("kind", &search.kind)
        .append_pair("since", &search.since);
    format!(
        "?{}",
        query.append_pair("after", &after.to_string()).finish()
    )
}

fn verified(found: &Found) -> Markup {
    match &found.report {
        None => html! { p.gap { a href="?verify=true" { "Verify the whole chain now" } } },
        Some(Err(why)) => notice(
            Tone::Red,
            html! { p { b { "It could not be verified: " } (outside::plain(why)) } },
        ),
        Some(Ok(report)) if report.is_whole() => notice(
            Tone::Plain,
            html! {
                p { b { "The chain is whole." } " " (report.entries) " entries read, the last is " (report.last_n) "." }
                p.hint { "Its hash is " code { (report.head) } ". Compare it with one that was kept elsewhere." }
            },
        ),
        Some(Ok(report)) => notice(
            Tone::Red,
            html! {
                p { b { "The chain is broken." } }
                ul { @for it in report.findings.iter().take(50) { li { (outside::plain(&it.to_string())) } } }
            },
        ),
    }
}
