//! Pages: whom the host told of what, what could not be delivered, and who has seen it.

use super::{Comment, ROWS_MAX, refused_page, typed};
use crate::console::answer::{page, see};
use crate::console::frame::Shell;
use crate::console::look::Look;
use crate::console::outside;
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::journal::state::PageRecord;
use crate::model::PageId;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

/// `GET pages`.
pub async fn show(visitor: Visitor) -> Response {
    let channels = visitor.desk().book().channels.len();
    let (shell, pages) = visitor.read(|tenant| {
        let mut all: Vec<PageRecord> = tenant.pages.values().cloned().collect();
        all.sort_by_key(|it| {
            (
                it.closed.is_some(),
                it.undelivered == 0,
                std::cmp::Reverse(it.made),
            )
        });
        all.truncate(ROWS_MAX);
        all
    });
    page(
        StatusCode::OK,
        shell.page("Pages", body(&pages, channels, &shell)),
    )
}

fn body(pages: &[PageRecord], channels: usize, shell: &Shell) -> Markup {
    let look = &shell.look;
    let open = pages.iter().filter(|it| it.closed.is_none()).count();
    html! {
        header.head { h1 { @if open == 0 { "Nobody has to be told anything" } @else { (count(open, "page is open", "pages are open")) } } p.why { "What the host told people, once a cause, and again until somebody has acted." } }
        @if channels == 0 { (notice(Tone::Amber, html! { p { b { "No channel is configured." } " Pages are shown here only. Name one in tenant.toml: page_channels." } })) }
        @if shell.undelivered > 0 { (notice(Tone::Red, html! { p { b { (count(shell.undelivered, "page was", "pages were")) " not delivered." } " It is tried again, and shown here until somebody has acted." } })) }
        ul.rows { @for it in pages { (row(it, look)) } }
    }
}

fn row(it: &PageRecord, look: &Look) -> Markup {
    let failed = it.closed.is_none() && it.undelivered > 0;
    html! {
        li.row.taken[failed] id=(it.id.as_str()) {
            div.left { b { (look.ago(it.made)) } span.hint { (look.time(it.made)) } }
            div.what {
                h2 { (outside::plain(&it.subject)) }
                p { (outside::plain(&it.text)) }
                @if let Some(case) = &it.case { p { a.inrow href=(look.href(&["cases", case.as_str()])) { "the case" } } }
            }
            div.impact {
                span.hint { (count(usize::try_from(it.sent).unwrap_or(0), "time delivered", "times delivered")) }
                @if it.undelivered > 0 { br; span.amber-t { (it.undelivered) " not delivered" } @if let Some(why) = &it.last { span.hint { (outside::plain(why)) } } }
                @if let Some(at) = it.next.filter(|_| it.closed.is_none()) { br; span.hint { "again " (look.time(at)) } }
            }
            div.needs { @match &it.closed {
                Some(why) => span.hint { (outside::plain(why)) },
                None => (ends(it, look)),
            } }
        }
    }
}

/// How a page ends: by being seen, or by what it asks for.
fn ends(it: &PageRecord, look: &Look) -> Markup {
    let elsewhere = match it.about.as_str() {
        "overreach" => Some((look.href(&["overreaches"]), "Acknowledge the overreach")),
        "needs-person" => it
            .key
            .strip_prefix("needs-person:")
            .map(|id| (look.href(&["proposals", id]), "Say what you found")),
        "lease" => Some((look.href(&["effects"]), "Renew it, or give it back")),
        "people" => Some((look.href(&["changes"]), "Confirm, or decline")),
        "change" => Some((look.href(&["changes"]), "Decide the change")),
        _ => None,
    };
    html! {
        @match elsewhere {
            Some((path, text)) => a.btn.small.inrow href=(path) { (text) },
            None => form.inrow method="post" action=(look.href(&["pages", it.id.as_str(), "acknowledge"])) { button.btn.small { "I have seen it" span.vh { ": " (outside::plain(&it.subject)) } } },
        }
    }
}

/// `POST pages/{id}/acknowledge`.
pub async fn acknowledge(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Comment>,
) -> Response {
    let (id, me, comment) = (PageId::new(id), visitor.me(), typed(&sent.comment));
    let (back, said) = (visitor.look.href(&["pages"]), comment.clone());
    let step = visitor
        .desk()
        .ask(move |tx| tx.acknowledge_page(&id, &me, &said))
        .await;
    match step.and_then(|it| it) {
        Ok(()) => see(&back),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &comment),
    }
}
