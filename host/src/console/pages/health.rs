//! Health: everything that keeps this tenant from being protected, in one page. The same answer
//! as the API's.

use crate::api::{Health, health_of};
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::outside::{self, thousands};
use crate::console::parts::decide::short;
use crate::console::parts::{Tone, notice};
use crate::console::visitor::Visitor;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

/// `GET health`.
pub async fn show(visitor: Visitor) -> Response {
    let shell = visitor.shell();
    let host = visitor.host.clone();
    match health_of(visitor.caller, State(host)).await {
        Ok(health) => page(
            StatusCode::OK,
            shell.page_at(Nav::Health, "Health", body(&health.0, &shell)),
        ),
        Err(_) => {
            let text = notice(
                Tone::Red,
                html! { p { b { "The host cannot say how it is." } " Its log says why." } },
            );
            page(
                StatusCode::SERVICE_UNAVAILABLE,
                shell.page_at(Nav::Health, "Health", text),
            )
        }
    }
}

fn body(it: &Health, shell: &Shell) -> Markup {
    let look = &shell.look;
    let fine = it.in_the_way.is_empty()
        && it.problems.is_empty()
        && it.halt.as_ref().is_none_or(|it| !it.on)
        && it.pages.undelivered == 0;
    html! {
        header.head { h1 { @if fine { "Nothing is in the way" } @else { "Something is in the way" } } p.why { "What keeps the host from seeing, judging or acting here." } }
        @for text in &it.in_the_way { (notice(Tone::Red, html! { p { (outside::plain(text)) } p { a href=(look.href(&["halt"])) { "Confirm a restored database" } } })) }
        @for text in &it.problems { (notice(Tone::Amber, html! { p { (outside::plain(text)) } })) }
        @if it.pages.channels == 0 { (notice(Tone::Amber, html! { p { b { "Pages reach nobody: " } "no channel is configured." } })) }
        dl.stat {
            div { dt { "Cases" } dd { b { (thousands(it.work.cases)) } span.hint { (it.work.evaluating) " to be evaluated" } } }
            div { dt { "Marked" } dd { b.amber-t[it.work.marked > 0] { (it.work.marked) } span.hint { "something could not be read" } } }
            div { dt { "Held" } dd { b { (it.work.held) } span.hint { "wait for people" } } }
            div { dt { "On their way" } dd { b { (it.work.in_flight) } span.hint { "orders" } } }
            div { dt { "A person must look" } dd { b.red-t[it.work.needs_person > 0] { (it.work.needs_person) } } }
            div { dt { "Overreaches" } dd { b.red-t[it.work.overreaches_unrepaired > 0] { (it.work.overreaches_unrepaired) } span.hint { (it.work.overreaches_unseen) " not acknowledged" } } }
            div { dt { "Leases that ended" } dd { b.amber-t[it.work.leases_ended > 0] { (it.work.leases_ended) } span.hint { a href=(look.href(&["effects"])) { "effects" } } } }
            div { dt { "Pages" } dd { b { (it.pages.open) } span.hint { a href=(look.href(&["pages"])) { (it.pages.undelivered) " not delivered" } } } }
        }
        section.block aria-labelledby="runs" {
            h2 id="runs" { "How it runs" }
            dl.facts {
                dt { "Mode" } dd { (it.mode) " where no group says otherwise" }
                dt { "Halt" } dd { @match it.halt.as_ref().filter(|it| it.on) { Some(halt) => { "on since " (look.time(halt.at)) }, None => "off" } }
                dt { "Guards" } dd { (it.guards.policies) " policies, set " code { (short(it.guards.digest.as_str())) } " " a href=(look.href(&["guards"])) { "read them" } }
                dt { "Plugins" } dd { (outside::plain(&it.engine.allocation)) @if let Some(why) = &it.engine.fallback { ": " (outside::plain(why)) } " " a href=(look.href(&["plugins"])) { "enrolled" } }
                dt { "Journal" } dd { (thousands(usize::try_from(it.journal_entries).unwrap_or(0))) " entries " a href=(look.href(&["journal"])) { "read it" } }
                dt { "Channels for pages" } dd { (it.pages.channels) }
                dt { "Drift" } dd { (it.drifts) " " a href=(look.href(&["assets"])) { "assets" } }
            }
        }
        section.block aria-labelledby="cov" {
            h2 id="cov" { "Coverage of the inventory" }
            dl.facts { @for (name, number) in [("Assets", it.coverage.assets), ("Reviewed", it.coverage.reviewed), ("In a group", it.coverage.grouped), ("Owned", it.coverage.owned), ("Managed by a product", it.coverage.managed), ("Not confirmed lately", it.coverage.stale)] { dt { (name) } dd { (number) " of " (it.coverage.assets) } } }
        }
    }
}
