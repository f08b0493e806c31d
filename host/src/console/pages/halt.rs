//! Halt: click one is the bar, click two is here, with a reason. "Do not halt" is as large. It
//! says what stops, what cannot be called back, what goes on, and who may lift it.

use super::{refused, refused_page, status, typed};
use crate::console::answer::{page, see};
use crate::console::frame::Shell;
use crate::console::outside;
use crate::console::parts::icon;
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::console::words;
use crate::journal::entry::OrderState;
use crate::journal::state::{OrderRecord, State as Tenant};
use crate::model::{Millis, Role};
use crate::pipeline::Refusal;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

const REASONS: &[&str] = &[
    "Too many actions at once",
    "A product's rating looks wrong",
    "I do not understand what it is doing",
    "Planned maintenance",
];

struct View {
    waiting: usize,
    under_way: Vec<OrderRecord>,
    effects: usize,
}

fn gather(tenant: &Tenant) -> View {
    let orders = || tenant.orders.values();
    View {
        waiting: orders()
            .filter(|it| it.state == OrderState::Intent && it.action.takes_away())
            .count(),
        under_way: orders()
            .filter(|it| it.state.is_in_flight())
            .take(20)
            .cloned()
            .collect(),
        effects: tenant
            .effects
            .values()
            .filter(|it| it.ended.is_none())
            .count(),
    }
}

/// `GET halt`.
pub async fn show(visitor: Visitor) -> Response {
    answer(&visitor, StatusCode::OK, html! {}, "")
}

fn answer(visitor: &Visitor, status: StatusCode, note: Markup, reason: &str) -> Response {
    let (shell, view) = visitor.read(gather);
    let off = visitor.desk().book().dispatch_off;
    page(
        status,
        shell.page("Halt", body(&view, &shell, off, note, reason)),
    )
}

fn body(view: &View, shell: &Shell, dispatch_off: bool, note: Markup, reason: &str) -> Markup {
    let look = &shell.look;
    html! {
        div.narrow {
            (note)
            @if dispatch_off { (restored(shell)) }
            @match &shell.halt {
                Some(halt) => (lift(shell, halt.at, reason)),
                None => (stop(view, shell, reason)),
            }
            @if !view.under_way.is_empty() {
                section.block.gap aria-labelledby="way" {
                    h2 id="way" { "On their way now: " (count(view.under_way.len(), "order", "orders")) }
                    ol.ruled { @for it in &view.under_way { li {
                        span.r { (words::title(it.action)) ": " (outside::Outside(&outside::thing(&it.target))) span.id { "since " (look.time(it.since)) ", " (outside::plain(&it.connector)) } }
                        span.is-this { "cannot be called back" }
                    } } }
                }
            }
        }
    }
}

fn stop(view: &View, shell: &Shell, reason: &str) -> Markup {
    let look = &shell.look;
    let tenant = &look.tenant;
    html! {
        header.head { p.where { a href=(look.href(&[])) { "Back to Held" } } h1 { "Halt automation in " (tenant) } p.why { "Step 2 of 2. Nothing has happened yet. Use it when automation does harm, or when you do not know what it is doing." } }
        section.halting aria-labelledby="hh" {
            div.in {
                h2 id="hh" { "What it does at once" }
                ul.ticks {
                    li { (icon::cross()) span { "No order runs without a person, in this tenant." } }
                    li { (icon::cross()) span { "Nothing is taken away, even where people have approved it: " b { (count(view.waiting, "order", "orders")) } " stop before they are sent." } }
                    li { (icon::cross()) span { b { (count(view.under_way.len(), "order", "orders")) } " on their way cannot be called back." } }
                }
            }
            div.in {
                form method="post" action=(look.href(&["halt"])) {
                    button disabled hidden {}
                    input type="hidden" name="on" value="true";
                    div.field { label for="reason" { "Reason" } span.hint id="reason-hint" { "required; a few words are enough" } input type="text" id="reason" name="reason" required maxlength="500" list="reasons" aria-describedby="reason-hint" autocomplete="off" value=(reason); datalist id="reasons" { @for it in REASONS { option value=(it) {} } } }
                    div.two.gap { button.btn.red { (icon::halt()) "Halt " (tenant) } a.btn href=(look.href(&[])) { "Do not halt" } }
                }
            }
            div.in {
                h2 { "What goes on" }
                ul.ticks {
                    li { (icon::tick()) span { "Alerts are received, judged and shown. Pages go out." } }
                    li { (icon::tick()) span { "People may still give back, with the approvals it needs." } }
                    li { (icon::tick()) span { "The " (count(view.effects, "effect", "effects")) " in force stay as they are. Leases that end still ask." } }
                }
            }
            div.in { p { "It does not stop any other product from acting on its own." } p { "Any analyst, lead or owner may halt. Only a lead may turn it off again." } }
        }
    }
}

fn lift(shell: &Shell, since: Millis, reason: &str) -> Markup {
    let look = &shell.look;
    html! {
        header.head { p.where { a href=(look.href(&[])) { "Back to Held" } } h1 { "Automation in " (look.tenant) " is halted" } p.why { "Since " (look.time(since)) ". Turning it off lets waiting orders go on, judged again." } }
        section.halting aria-label="Turn the halt off" {
            div.in {
                @if shell.roles.contains(&Role::Lead) {
                    form method="post" action=(look.href(&["halt"])) {
                        button disabled hidden {}
                        input type="hidden" name="on" value="false";
                        div.field { label for="reason" { "Reason" } span.hint { "required" } input type="text" id="reason" name="reason" required maxlength="500" autocomplete="off" value=(reason); }
                        div.two.gap { button.btn { "Turn the halt off" } a.btn href=(look.href(&[])) { "Leave it on" } }
                    }
                } @else { p { "Turning it off takes a lead." } }
            }
        }
    }
}

fn restored(shell: &Shell) -> Markup {
    let look = &shell.look;
    notice(
        Tone::Red,
        html! {
            p { b { "This is not the database that ran here last." } " Nothing is sent until a lead confirms that it may act." }
            @if shell.roles.contains(&Role::Lead) { form.gap method="post" action=(look.href(&["confirm"])) { button.btn { "This database may act" } } }
        },
    )
}

/// On or off, and why.
#[derive(Debug, Deserialize)]
pub struct Halt {
    on: bool,
    #[serde(default)]
    reason: String,
}

/// `POST halt`.
pub async fn set(visitor: Visitor, Form(sent): Form<Halt>) -> Response {
    let (me, reason) = (visitor.me(), typed(&sent.reason));
    let said = reason.clone();
    let step = visitor.desk().ask(move |tx| {
        // the same click twice is one
        if tx.state.halted() == sent.on {
            return Ok(());
        }
        tx.halt(sent.on, &me, &said)
    });
    match step.await.and_then(|it| it) {
        Ok(()) => see(&visitor.look.href(&["halt"])),
        Err(refusal) => answer(&visitor, status(&refusal), refused(&refusal), &reason),
    }
}

/// `POST confirm`: this database may act, though it is not the one that ran here last.
pub async fn confirm(visitor: Visitor) -> Response {
    let me = visitor.me();
    let step = visitor.desk().ask(move |tx| tx.confirm_dispatch(&me)).await;
    let done: Result<(), Refusal> = step
        .and_then(|it| it)
        .and_then(|()| visitor.host.confirm_dispatch(&visitor.look.tenant));
    match done {
        Ok(()) => see(&visitor.look.href(&["halt"])),
        Err(refusal) => refused_page(
            &visitor.shell(),
            &refusal,
            &visitor.look.href(&["halt"]),
            "",
        ),
    }
}
