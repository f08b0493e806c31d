//! Cases: every alert with what became of it, newest first.

use super::ROWS_MAX;
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::outside::{self, Outside};
use crate::console::parts::title::called;
use crate::console::parts::{count, scroll};
use crate::console::visitor::Visitor;
use crate::journal::state::{CaseRecord, State as Tenant};
use crate::model::{CaseId, Millis, Rating};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// What the list is narrowed by.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    state: String,
    #[serde(default)]
    q: String,
}

struct Row {
    id: CaseId,
    state: &'static str,
    title: String,
    product: String,
    rating: Rating,
    asset: Option<String>,
    device: String,
    opened: Millis,
    open: usize,
    marks: usize,
    overreach: bool,
}

/// `GET cases`.
pub async fn show(visitor: Visitor, Query(filter): Query<Filter>) -> Response {
    let (shell, (rows, total)) = visitor.read(|tenant| gather(tenant, &filter));
    page(
        StatusCode::OK,
        shell.page_at(Nav::Cases, "Cases", body(&rows, total, &filter, &shell)),
    )
}

fn gather(tenant: &Tenant, filter: &Filter) -> (Vec<Row>, usize) {
    let word = filter.q.trim().to_lowercase();
    let mut found: Vec<(&CaseRecord, &'static str)> = tenant
        .cases
        .values()
        .map(|it| (it, tenant.case_state(it)))
        .collect();
    found.retain(|(it, state)| {
        (filter.state.is_empty() || *state == filter.state) && matches(tenant, it, &word)
    });
    found.sort_by_key(|(it, _)| std::cmp::Reverse((it.opened, it.id.clone())));
    let total = found.len();
    let rows = found
        .into_iter()
        .take(ROWS_MAX)
        .map(|(it, state)| row(tenant, it, state));
    (rows.collect(), total)
}

fn asset(tenant: &Tenant, case: &CaseRecord) -> Option<String> {
    let asset = tenant.inventory.asset(case.assets.first()?)?;
    Some(asset.name.clone())
}

fn matches(tenant: &Tenant, case: &CaseRecord, word: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(word);
    word.is_empty()
        || has(case.id.as_str())
        || has(&case.detection.title)
        || has(case.cause.as_str())
        || asset(tenant, case).is_some_and(|it| has(&it))
        || case.device.as_ref().is_some_and(|it| has(called(it)))
}

fn row(tenant: &Tenant, it: &CaseRecord, state: &'static str) -> Row {
    Row {
        id: it.id.clone(),
        state,
        title: it.detection.title.clone(),
        product: it.detection.product.clone(),
        rating: it.detection.rating,
        asset: asset(tenant, it),
        device: it
            .device
            .as_ref()
            .map(|it| called(it).to_owned())
            .unwrap_or_default(),
        opened: it.opened,
        open: tenant
            .proposals_of(it)
            .filter(|it| it.state.is_open())
            .count(),
        marks: it.marks.len(),
        overreach: !it.overreach.is_empty(),
    }
}

fn body(rows: &[Row], total: usize, filter: &Filter, shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        header.head { h1 { "Cases" } p.why { "One alert and its later revisions, all that was proposed for it, and what became of it." } }
        section.block aria-label="Cases" {
            form.filter method="get" role="search" {
                div.field.grow { label for="q" { "Title, asset, cause, id" } input type="search" id="q" name="q" value=(filter.q); }
                div.field { label for="state" { "State" } select id="state" name="state" {
                    @for it in ["", "waiting", "acting", "evaluating", "ended"] { option value=(it) selected[*it == filter.state] { (if it.is_empty() { "all" } else { it }) } }
                } }
                button.btn { "Find" }
            }
            p.hint { (rows.len()) " of " (count(total, "case", "cases")) " shown, newest first." }
            (scroll("Cases found", html! {
                table.grid-t {
                    thead { tr { th scope="col" { "Case" } th scope="col" { "On" } th scope="col" { "State" } th scope="col" { "Claimed" } th scope="col" { "Opened" } } }
                    tbody {
                        @for it in rows {
                            tr {
                                th scope="row" { a href=(look.href(&["cases", it.id.as_str()])) { (Outside(&it.title)) } @if it.overreach { " " span.tag.red { "overreach" } } @if it.marks > 0 { " " span.tag.amber { (count(it.marks, "mark", "marks")) } } }
                                td { @match &it.asset { Some(name) => (outside::asset(name)), None => { @if it.device.is_empty() { "no device" } @else { (Outside(&it.device)) } } } }
                                td { (it.state) @if it.open > 0 { span.hint { (count(it.open, "open proposal", "open proposals")) } } }
                                td { (it.rating) span.hint { (Outside(&it.product)) } }
                                td.nowrap { (look.time(it.opened)) }
                            }
                        }
                    }
                }
            }))
        }
    }
}
