//! Proposal: the page that somebody decides by.
//!
//! Reading order: what, why it waits, the decision, the evidence, and last what others say.

use super::dossier::{self, Dossier};
use super::{evidence, refused_page};
use crate::approval::Ineligible;
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside;
use crate::console::parts::decide::{self, Form as Decide, approvals, jump, left, person};
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::console::waiting::Mine;
use crate::console::words;
use crate::journal::entry::{Entry, OrderState, ProposalState};
use crate::journal::state::ProposalRecord;
use crate::model::{Finding, Millis, ProposalId, Verb};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

/// LIMIT: entries of a case that are looked through for what is new.
const ENTRIES_MAX: usize = 2000;

/// Something that was learnt after the first approval.
pub struct News {
    at: Millis,
    what: String,
}

/// `GET proposals/{id}`.
pub async fn show(visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    answer(&visitor, &ProposalId::new(id), StatusCode::OK, html! {}, "").await
}

/// The page as of now, with a note on what became of a click and the comment that was typed.
pub async fn answer(
    visitor: &Visitor,
    id: &ProposalId,
    status: StatusCode,
    note: Markup,
    comment: &str,
) -> Response {
    let (asked, me) = (id.clone(), visitor.me());
    let gathered = visitor
        .desk()
        .ask(move |tx| Dossier::gather(tx, &asked, &me))
        .await;
    let dossier = match gathered {
        Ok(Some(dossier)) => dossier,
        Ok(None) => return visitor.nothing_here(),
        Err(refusal) => {
            return refused_page(&visitor.shell(), &refusal, &visitor.look.href(&[]), comment);
        }
    };
    let news = news(visitor, &dossier).await;
    let shell = visitor.shell();
    let markup = body(&dossier, &shell, &news, note, comment);
    page(status, shell.page_at(Nav::Held, "Proposal", markup))
}

/// What the case learnt since the first approval, from its journal.
async fn news(visitor: &Visitor, dossier: &Dossier) -> Vec<News> {
    let Some(since) = dossier.stand.given.iter().map(|it| it.at).min() else {
        return Vec::new();
    };
    let (store, tenant) = (visitor.host.store().clone(), visitor.look.tenant.clone());
    let case = dossier.record.case.clone();
    let read = tokio::task::spawn_blocking(move || {
        store.reader()?.case_entries(&tenant, &case, 0, ENTRIES_MAX)
    });
    let Ok(Ok(entries)) = read.await else {
        return Vec::new();
    };
    let later = entries.into_iter().filter(|it| it.at > since);
    let told = later.filter(|it| {
        ["case-revised", "case-marked", "overreach-found", "proposed"].contains(&it.kind.as_str())
    });
    let read = told.filter_map(|it| {
        let entry: Entry = serde_json::from_slice(it.body.as_deref()?).ok()?;
        Some(News {
            at: it.at,
            what: entry.describe(),
        })
    });
    read.collect()
}

/// The page without its frame.
pub fn body(
    dossier: &Dossier,
    shell: &Shell,
    news: &[News],
    note: Markup,
    comment: &str,
) -> Markup {
    let look = &shell.look;
    html! {
        div.case2.r3 {
            (heading(dossier, look, news, note))
            (panel(dossier, shell, comment))
            (evidence::changed(changed_lines(dossier)))
            div.rest {
                (evidence::history(dossier, look))
                @if let Some(judgement) = &dossier.judgement {
                    (evidence::impact(judgement))
                    (evidence::guards(judgement))
                    (evidence::ways(dossier, look))
                }
                (orders(dossier, look))
                (told(dossier, look))
                (evidence::said(dossier))
            }
        }
        @if dossier.is_held() { (jump(look, dossier.record.expires, &dossier.stand)) }
    }
}

fn changed_lines(dossier: &Dossier) -> &[String] {
    dossier
        .case
        .as_ref()
        .map(|it| it.changed.as_slice())
        .unwrap_or_default()
}

fn heading(dossier: &Dossier, look: &Look, news: &[News], note: Markup) -> Markup {
    let record = &dossier.record;
    html! {
        header.head {
            p.where {
                a href=(look.href(&[])) { "Held" } " / "
                a href=(look.href(&["cases", record.case.as_str()])) { "case" } " / "
                a href=(look.href(&["causes", record.cause.as_str()])) { "cause" @if dossier.same_cause > 0 { " (" (dossier.same_cause) " more held)" } }
                " / proposal " span.mono { (record.id) }
            }
            h1 { (dossier.titled.markup()) }
            p.why { (state(dossier, look)) }
            dl.reasons {
                @if let Some(judgement) = dossier.judgement.as_ref().filter(|_| dossier.is_held()) {
                    div { dt { "Why it waits" } dd { (evidence::why(judgement)) } }
                }
                @if let Some(why) = why_today(dossier) { div { dt { "Why today" } dd { (why) } } }
            }
            (note)
            (became(dossier, look))
            @if !news.is_empty() { (since_then(news, look)) }
            @for it in dossier.overreaches.iter().filter(|it| it.repaired.is_none()) {
                (notice(Tone::Red, html! { p { "A product took something here against our guards. " a href=(look.href(&["overreaches", it.id.as_str()])) { "Look at the overreach" } } }))
            }
        }
    }
}

fn state(dossier: &Dossier, look: &Look) -> Markup {
    let record = &dossier.record;
    match record.state {
        ProposalState::Held => html! {
            "Held since " (look.time(record.since)) " for " (words::needs(&dossier.stand.missing)) ". Nothing has been done."
        },
        other => html! {
            (capital(other.as_str())) " since " (look.time(record.since))
            @if !record.reason.is_empty() { ": " (outside::plain(&record.reason)) } @else { "." }
        },
    }
}

fn capital(word: &str) -> String {
    let word = word.replace('-', " ");
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn why_today(dossier: &Dossier) -> Option<String> {
    let case = dossier.case.as_ref()?;
    let names: Vec<&str> = case
        .changed
        .iter()
        .filter_map(|it| it.split_once(':').map(|it| it.0))
        .collect();
    let flip = dossier
        .judgement
        .as_ref()
        .is_some_and(|it| it.facts.history.rating_flip);
    match (names.as_slice(), flip) {
        ([], false) => None,
        ([], true) => Some(
            "Established software, newly called malicious. Nothing else is known to have changed."
                .to_owned(),
        ),
        (names, _) => Some(format!(
            "Changed since it was last seen here: {}.",
            words::and(names)
        )),
    }
}

/// What became of it, and what this person did: true however often the page is loaded.
fn became(dossier: &Dossier, look: &Look) -> Markup {
    let (record, names) = (&dossier.record, &dossier.names);
    let mine = dossier.stand.given.iter().find(|it| it.person == look.me);
    if let Some(it) = &record.denied {
        return notice(
            Tone::Plain,
            html! {
                p { b { (person(names, &it.person)) " denied this " (look.ago(it.at)) "." } " Nothing was done." }
                @if !it.comment.is_empty() { p { (outside::quoted(&it.comment)) } }
            },
        );
    }
    match record.state {
        ProposalState::Held => match mine {
            Some(it) => notice(
                Tone::Plain,
                html! {
                    p { b { "You approved at " (look.time(it.at)) ": " (dossier.stand.given.len()) " of " (dossier.stand.total()) "." } " Nothing has happened yet. Still needed: " (words::needs(&dossier.stand.missing)) "." }
                    p.hint { "It was counted once. A denial ends it, by anybody who may decide." }
                },
            ),
            None => html! {},
        },
        ProposalState::Ordered => notice(
            Tone::Plain,
            html! {
                p { b { "Approved. Sent; the connector has not confirmed it." } }
                p { "An effect is shown when status has confirmed it, not before." }
            },
        ),
        ProposalState::Done => notice(
            Tone::Plain,
            html! { p { b { "Confirmed in force " (look.time(record.since)) "." } " " a href=(look.href(&["effects"])) { "Effects in force" } } },
        ),
        ProposalState::NeedsPerson => conclude_form(dossier, look),
        _ => html! {},
    }
}

fn conclude_form(dossier: &Dossier, look: &Look) -> Markup {
    let record = &dossier.record;
    let to = look.href(&["proposals", record.id.as_str(), "conclude"]);
    html! {
        div.notice.red role="alert" {
            p { b { "A person must look." } " " (outside::plain(&record.reason)) }
            p { "It may or may not be in force. It is not sent again. Look at the system itself, then say what is so." }
            form.gap method="post" action=(to) {
                button disabled hidden {}
                div.field { label for="found" { "What you found" } textarea id="found" name="comment" required maxlength="2000" autocomplete="off" {} }
                div.two.gap {
                    button.btn name="in_force" value="true" { "It is in force" }
                    button.btn name="in_force" value="false" { "It is not" }
                }
            }
        }
    }
}

fn since_then(news: &[News], look: &Look) -> Markup {
    notice(
        Tone::Amber,
        html! {
            p { b { (count(news.len(), "new piece of evidence", "new pieces of evidence")) " since the first approval" } " " span.tag.amber { "new" } }
            ul { @for it in news.iter().take(10) { li { (look.time(it.at)) ": " (outside::plain(&it.what)) } } }
            p.hint { "The digest is the same and the approvals stand; a denial ends it." }
        },
    )
}

/// The frame of the decision.
pub fn panel(dossier: &Dossier, shell: &Shell, comment: &str) -> Markup {
    let look = &shell.look;
    if !dossier.is_held() {
        return html! {
            section.decide.plain id="decide" aria-labelledby="dh" tabindex="-1" {
                header { h2 id="dh" { "Decided" } p.left { b { (capital(dossier.record.state.as_str())) } } }
                (what(dossier, look))
                (past(dossier, look))
            }
        };
    }
    html! {
        section.decide id="decide" aria-labelledby="dh" tabindex="-1" {
            header { h2 id="dh" { "Decide" } (left(look, dossier.record.expires)) }
            (what(dossier, look))
            (approvals(look, &dossier.stand, &dossier.names, &dossier.owners))
            @if dossier.stand.mine == Mine::No(Ineligible::NoRole) || !dossier.stand.can() { (who_can(dossier)) }
            (form(dossier, shell, comment))
        }
    }
}

fn what(dossier: &Dossier, look: &Look) -> Markup {
    let needs =
        usize::try_from(dossier.stand.missing.count).unwrap_or(1) + dossier.stand.given.len();
    let many = dossier.members.len() > 1;
    html! {
        div.in {
            @if dossier.is_held() {
                p.say { "If " (count(needs, "person approves", "people approve")) ", " @if many { "in this order:" } @else { @for it in &dossier.members { (words::happens(it.proposal.action)) "." } } }
            }
            @if many {
                ol.steps {
                    @for it in &dossier.members { li { span { b { (words::title(it.proposal.action)) } ": " (words::happens(it.proposal.action)) "." } } }
                }
                p.hint { "A step that fails stops the rest." }
            } @else if !dossier.is_held() { @for it in &dossier.members { p.say { (words::title(it.proposal.action)) ": " (words::happens(it.proposal.action)) "." } } }
            dl {
                div { dt { "What" } dd { (dossier.titled.on()) } }
                div { dt { "To whom" } dd { (evidence::to_whom(dossier)) } }
                div { dt { "Interrupts" } dd { (interrupts(dossier, look)) } }
                div { dt { "Give back" } dd { (give_back(dossier)) } }
                @if dossier.is_held() { div { dt { "No decision" } dd { (silence(dossier, look)) } } }
            }
            @if dossier.parts.is_empty() && dossier.is_held() {
                p.amber-t { "The target can no longer be named. It cannot be approved." }
            }
        }
    }
}

fn interrupts(dossier: &Dossier, look: &Look) -> Markup {
    let verbs = || dossier.members.iter().map(|it| it.proposal.action);
    if verbs().all(words::interrupts_nothing) {
        return html! { "Nothing. " @if verbs().any(Verb::gives_back) { "It gives back what was taken." } };
    }
    let known = dossier
        .known
        .here
        .map(|(first, _)| crate::console::look::span(look.now.since(first)));
    html! {
        @if dossier.processes.is_empty() { "No business process is recorded." }
        @else { "Business process: " b { (outside::plain(&dossier.processes.join(", "))) } "." }
        @if let Some(known) = known { " The software has run here for " (known) ": expect that something depends on it." }
        @else { " How long the software has run here is not known." }
    }
}

fn give_back(dossier: &Dossier) -> Markup {
    let taken = |it: &&ProposalRecord| {
        let row = it.proposal.action.row();
        row.inverse.is_some() || row.loses_state
    };
    let taken: Vec<&ProposalRecord> = dossier.members.iter().filter(taken).collect();
    html! {
        @if taken.is_empty() { "Nothing to give back." }
        @for (n, it) in taken.iter().enumerate() {
            @if n > 0 { " " }
            (words::given_back(it.proposal.action))
            @if let Some(seconds) = it.proposal.lease_s { " Lease " (words::lease(seconds)) ", then it asks." }
        }
    }
}

fn silence(dossier: &Dossier, look: &Look) -> Markup {
    match dossier.record.expires {
        Some(at) => {
            html! { "Refused at " (look.time(at)) ". Nothing is taken, the case stays open." }
        }
        None => html! { "It waits. Giving back does not expire." },
    }
}

fn who_can(dossier: &Dossier) -> Markup {
    html! {
        div.in { p.hint {
            @if dossier.others.is_empty() { "Nobody in this tenant can decide this now." }
            @else { "Who can: " @for (n, it) in dossier.others.iter().take(6).enumerate() { @if n > 0 { ", " } (person(&dossier.names, it)) } "." }
        } }
    }
}

fn form(dossier: &Dossier, shell: &Shell, comment: &str) -> Markup {
    let look = &shell.look;
    let gives = dossier
        .members
        .iter()
        .all(|it| !it.proposal.action.takes_away());
    let orders = count(dossier.members.len(), "order", "orders");
    let does = match dossier.judgement.as_ref().map(|it| it.obstacles.is_empty()) {
        Some(false) => {
            "Approving makes it a task for a person: nothing here can carry it out.".to_owned()
        }
        _ => format!("Approving runs {orders} now."),
    };
    let decide = Decide {
        to: look.href(&["proposals", dossier.record.id.as_str(), "decide"]),
        digest: &dossier.digest,
        stand: &dossier.stand,
        comment,
        does: &does,
        denied: if gives {
            "Denying leaves it as it is."
        } else {
            "Denying ends this proposal now."
        },
        covers: evidence::covers(dossier),
        more: html! {},
        glass: dossier::may_break_glass(dossier),
    };
    decide.markup()
}

fn past(dossier: &Dossier, look: &Look) -> Markup {
    html! {
        div.in {
            h3 { "Approvals" }
            @if dossier.record.approvals.is_empty() { p.hint { "Nobody's." } }
            ul.people {
                @for it in &dossier.record.approvals {
                    li { (decide_icon()) span { b { (person(&dossier.names, &it.person)) } ", " (look.time(it.at)) @if !it.comment.is_empty() { span.hint { (outside::quoted(&it.comment)) } } } }
                }
            }
            @if let Some(judgement) = &dossier.judgement {
                p.hint { "It took " (match &judgement.finding { Finding::Execute => "nobody".to_owned(), other => words::finding(other) }) ". Digest " code { (decide::short(dossier.digest.as_str())) } "." }
            }
        }
    }
}

fn decide_icon() -> Markup {
    crate::console::parts::icon::seat(crate::console::parts::icon::Seat::Given)
}

fn orders(dossier: &Dossier, look: &Look) -> Markup {
    if dossier.orders.is_empty() {
        return html! {};
    }
    html! {
        section.block aria-labelledby="orders" {
            h2 id="orders" { "Orders" }
            ol.ruled {
                @for it in &dossier.orders {
                    li {
                        span.r { b { (words::title(it.action)) } " by " (outside::plain(&it.connector)) span.id { "sent " (it.attempt) " times, asked " (it.asked) " times, since " (look.time(it.since)) } @if !it.why.is_empty() { span.id { (outside::plain(&it.why)) } } }
                        span.is-this { @if it.state == OrderState::NeedsPerson { span.tag.red { "outcome unknown" } } @else { (it.state.as_str()) } }
                    }
                }
            }
        }
    }
}

fn told(dossier: &Dossier, look: &Look) -> Markup {
    if dossier.pages.is_empty() {
        return html! {};
    }
    html! {
        section.block aria-labelledby="told" {
            h2 id="told" { "Who was told" }
            ol.ruled {
                @for it in &dossier.pages {
                    li {
                        span.r { (outside::plain(&it.subject)) span.id { "since " (look.time(it.made)) ", " (count(usize::try_from(it.sent).unwrap_or(0), "time delivered", "times delivered")) } }
                        span.is-this {
                            @if it.undelivered > 0 { span.amber-t { (it.undelivered) " not delivered" } br; }
                            @match &it.closed { Some(why) => (outside::plain(why)), None => "nobody has acted yet" }
                        }
                    }
                }
            }
            p.hint { a href=(look.href(&["pages"])) { "All pages" } }
        }
    }
}
