//! Import: what a list would change is shown before anything is stored. What tightens applies at
//! once; what loosens waits for a lead. What was shown is what is stored: the list is sent again
//! with its digest, and compared with the inventory as it is then.

use super::{refused, status};
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::outside::{self, Outside};
use crate::console::parts::{Tone, count, notice, scroll};
use crate::console::visitor::Visitor;
use crate::inventory::import::{self, Diff, Format, ImportError};
use crate::model::Digest;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// LIMIT: lines of a difference that are shown.
const LINES_MAX: usize = 200;

/// A list, and whether it was looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Sent {
    #[serde(default)]
    list: String,
    #[serde(default)]
    seen: String,
}

/// `GET import`.
pub async fn show(visitor: Visitor) -> Response {
    let shell = visitor.shell();
    page(
        StatusCode::OK,
        shell.page_at(Nav::Assets, "Import", body(&shell, "", html! {})),
    )
}

/// `POST import`: shows what it would change; with the digest of what was shown, stores it.
pub async fn send(visitor: Visitor, Form(sent): Form<Sent>) -> Response {
    let list = sent.list.trim().to_owned();
    let format = if list.starts_with('{') {
        Format::Json
    } else {
        Format::Csv
    };
    let now = visitor.desk().now();
    let read = import::read(list.as_bytes(), format);
    let compared = read.and_then(|document| {
        let diff = visitor
            .desk()
            .read(|tenant| import::diff(&tenant.inventory, &document, now))?;
        Ok(diff)
    });
    let diff = match compared {
        Ok(diff) => diff,
        Err(errors) => return unreadable(&visitor, &list, &errors),
    };
    let digest = digest_of(&list, &diff);
    if sent.seen.is_empty() {
        let shell = visitor.shell();
        let shown = difference(&diff, &list, &digest, &shell);
        return page(
            StatusCode::OK,
            shell.page_at(Nav::Assets, "Import", body(&shell, &list, shown)),
        );
    }
    if sent.seen != digest.as_str() {
        let shell = visitor.shell();
        let note = notice(
            Tone::Amber,
            html! { p { b { "Nothing was stored: the inventory is different now." } " This is what it would change as of now." } },
        );
        let shown = html! { (note) (difference(&diff, &list, &digest, &shell)) };
        return page(
            StatusCode::CONFLICT,
            shell.page_at(Nav::Assets, "Import", body(&shell, &list, shown)),
        );
    }
    let (me, again) = (visitor.me(), list.clone());
    // compared again in the step: somebody else may have changed the inventory meanwhile
    let step = visitor
        .desk()
        .ask(move |tx| tx.import_assets(again, format, &me));
    match step.await.and_then(|it| it) {
        Ok(done) if done.held.is_some() => see(&visitor.look.href(&["changes"])),
        Ok(_) => see(&visitor.look.href(&["assets"])),
        Err(refusal) => {
            let shell = visitor.shell();
            page(
                status(&refusal),
                shell.page_at(
                    Nav::Assets,
                    "Import",
                    body(&shell, &list, refused(&refusal)),
                ),
            )
        }
    }
}

/// What was shown: the list, and the difference that it made.
fn digest_of(list: &str, diff: &Diff) -> Digest {
    let lines = serde_json::to_vec(&(&diff.lines, &diff.loosens)).unwrap_or_default();
    Digest::of_parts([list.as_bytes(), &lines])
}

fn unreadable(visitor: &Visitor, list: &str, errors: &[ImportError]) -> Response {
    let shell = visitor.shell();
    let shown = html! {
        div.notice.amber role="alert" {
            p { b { "Nothing was stored: " (count(errors.len(), "place", "places")) " could not be read." } }
            ul { @for it in errors.iter().take(LINES_MAX) { li { (outside::plain(&it.to_string())) } } }
        }
    };
    page(
        StatusCode::UNPROCESSABLE_ENTITY,
        shell.page_at(Nav::Assets, "Import", body(&shell, list, shown)),
    )
}

fn body(shell: &Shell, list: &str, shown: Markup) -> Markup {
    let look = &shell.look;
    html! {
        header.head {
            p.where { a href=(look.href(&["assets"])) { "Assets" } " / import" }
            h1 { "Import a list" }
            p.why { "CSV with a head line, or JSON. You see what would change before anything is stored." }
        }
        (shown)
        section.block aria-labelledby="list" {
            h2 id="list" { "The list" }
            form method="post" action=(look.href(&["import"])) {
                button disabled hidden {}
                div.field {
                    label for="text" { "CSV or JSON" }
                    span.hint id="text-hint" { "columns: name, kind, groups, protection, owners, managed_by, reviewed, and more: see docs/inventory.md" }
                    textarea.list id="text" name="list" required rows="12" spellcheck="false" autocomplete="off" aria-describedby="text-hint" { (list.replace('\r', "")) }
                }
                p.hint data-file hidden { label { "or a file " input type="file" accept=".csv,.json" data-into="text"; } }
                p.gap { button.btn { "Show what would change" } }
            }
        }
    }
}

fn difference(diff: &Diff, list: &str, digest: &Digest, shell: &Shell) -> Markup {
    let look = &shell.look;
    let new = diff
        .lines
        .iter()
        .filter(|it| it.field.is_empty() && it.before.is_none())
        .count();
    let gone = diff
        .lines
        .iter()
        .filter(|it| it.field.is_empty() && it.after.is_none())
        .count();
    let holds = !diff.loosens.is_empty();
    html! {
        section.block aria-labelledby="diff" {
            h2 id="diff" { "What would change" }
            p.sub { (diff.unchanged) " unchanged. Nothing is stored yet." }
            ol.ruled {
                li { span.r { b { (count(new, "new thing", "new things")) } } span.is-this { @if holds { "held with the rest" } @else { "at once" } } }
                @if gone > 0 { li { span.r { b { (count(gone, "thing goes", "things go")) } } span.is-this { "held" } } }
                li { span.r { b { (count(diff.lines.len() - new - gone, "changed field", "changed fields")) } } span.is-this { @if holds { "held with the rest" } @else { "at once" } } }
                @for it in diff.loosens.iter().take(LINES_MAX) {
                    li { span.r { b { "loosened: " (it.weaker.as_str()) } " of " (outside::plain(&it.subject)) span.id { (outside::plain(&it.before)) " becomes " (outside::plain(&it.after)) } } span.is-this.amber-t { "held: a lead, and an owner of it" } }
                }
            }
            (scroll("Every changed field", html! {
                table.grid-t.short {
                    thead { tr { th scope="col" { "What" } th scope="col" { "Field" } th scope="col" { "Is" } th scope="col" { "Becomes" } } }
                    tbody { @for it in diff.lines.iter().take(LINES_MAX) { tr {
                        td { (outside::plain(&it.subject)) } td { (outside::plain(&it.field)) }
                        td { @match &it.before { Some(text) => (Outside(text)), None => span.hint { "not there" } } }
                        td { @match &it.after { Some(text) => (Outside(text)), None => span.hint { "goes" } } }
                    } } }
                }
            }))
            @if diff.lines.len() > LINES_MAX { p.hint { "and " (diff.lines.len() - LINES_MAX) " more" } }
            @if diff.changes.is_empty() { p { "Nothing would change." } } @else {
                form method="post" action=(look.href(&["import"])) {
                    button disabled hidden {}
                    textarea hidden name="list" aria-label="The list as shown" { (list.replace('\r', "")) }
                    input type="hidden" name="seen" value=(digest.as_str());
                    p.gap { button.btn { @if holds { "Ask for this change: a lead decides" } @else { "Store " (count(diff.changes.len(), "change", "changes")) } } }
                }
            }
        }
    }
}
