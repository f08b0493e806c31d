//! Group: what is held for one cause, decided once. Protected members come first, without a tick
//! box, each with a page of its own; the rest are enumerated, all of them. Who changes the ticks is
//! shown the new list and its digest before anything is counted.

use super::{refused_page, typed};
use crate::approval::Emergency;
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside::{self, Outside};
use crate::console::pages::held::cause_name;
use crate::console::parts::decide::{self, left};
use crate::console::parts::icon;
use crate::console::parts::title::Titled;
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::console::waiting::{self, Mine};
use crate::console::words;
use crate::journal::state::{ProposalRecord, State as Tenant};
use crate::model::{CauseId, Digest, Millis, PersonId, ProposalId, Protection};
use crate::pipeline::Refusal;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// LIMIT: members of one group decision; more are decided in parts.
const MEMBERS_MAX: usize = 200;

/// One held decision of the cause.
#[derive(Clone)]
pub struct Member {
    id: ProposalId,
    digest: Digest,
    titled: Titled,
    impact: i64,
    needs: String,
    protections: BTreeSet<Protection>,
    expires: Option<Millis>,
    tenure: &'static str,
    mine: bool,
}

/// What is held of one cause.
pub struct View {
    cause: CauseId,
    title: String,
    apart: Vec<Member>,
    members: Vec<Member>,
    more: usize,
    others: Vec<(ProposalId, Titled, &'static str)>,
    cases: usize,
    surge: Option<(i64, i64)>,
}

/// `GET causes/{id}`.
pub async fn show(visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    answer(
        &visitor,
        &CauseId::new(id),
        StatusCode::OK,
        html! {},
        None,
        "",
    )
}

fn answer(
    visitor: &Visitor,
    cause: &CauseId,
    status: StatusCode,
    note: Markup,
    chosen: Option<&BTreeSet<String>>,
    comment: &str,
) -> Response {
    let default_owner = visitor.desk().book().default_owner.clone();
    let (shell, view) =
        visitor.read(|tenant| gather(tenant, cause, &visitor.look.me, default_owner.as_ref()));
    let Some(view) = view else {
        return visitor.nothing_here();
    };
    page(
        status,
        shell.page_at(
            Nav::Held,
            "Cause",
            body(&view, &shell, note, chosen, comment),
        ),
    )
}

fn gather(
    tenant: &Tenant,
    cause: &CauseId,
    me: &PersonId,
    default_owner: Option<&PersonId>,
) -> Option<View> {
    let cases: Vec<_> = tenant
        .cases
        .values()
        .filter(|it| it.cause == *cause)
        .collect();
    let title = cases
        .iter()
        .max_by_key(|it| it.updated)?
        .detection
        .title
        .clone();
    let mut held: Vec<&ProposalRecord> = waiting::held(tenant)
        .filter(|it| it.cause == *cause)
        .collect();
    held.sort_by_key(|it| (it.expires.unwrap_or(Millis(u64::MAX)), it.made));
    let surge = held
        .iter()
        .filter_map(|it| it.judged.as_ref())
        .map(|it| {
            (
                it.request.facts.surge.cause_devices,
                it.request.facts.surge.limit,
            )
        })
        .max();
    let all = held
        .iter()
        .filter_map(|it| member(tenant, it, me, default_owner));
    let (apart, mut members): (Vec<_>, Vec<_>) = all.partition(|it| it.0);
    let more = members.len().saturating_sub(MEMBERS_MAX);
    members.truncate(MEMBERS_MAX);
    let over = tenant
        .proposals
        .values()
        .filter(|it| it.cause == *cause && it.state != crate::journal::entry::ProposalState::Held);
    let others = over.take(MEMBERS_MAX).map(|it| {
        (
            it.id.clone(),
            Titled::one(
                tenant,
                tenant.cases.get(&it.case),
                it.proposal.action,
                &it.proposal.target,
            ),
            it.state.as_str(),
        )
    });
    Some(View {
        cause: cause.clone(),
        title,
        apart: apart.into_iter().map(|it| it.1).collect(),
        members: members.into_iter().map(|it| it.1).collect(),
        more,
        others: others.collect(),
        cases: cases.len(),
        surge,
    })
}

/// A member, and whether it stands apart.
fn member(
    tenant: &Tenant,
    record: &ProposalRecord,
    me: &PersonId,
    default_owner: Option<&PersonId>,
) -> Option<(bool, Member)> {
    let judged = record.judged.as_ref()?;
    let facts = &judged.request.facts;
    let protections = judged.request.resource.protections();
    let stand = waiting::stand(tenant, record, me, default_owner);
    let member = Member {
        id: record.id.clone(),
        digest: judged.digest.clone(),
        titled: Titled::of(tenant, record),
        impact: facts.impact,
        needs: words::needs(&stand.missing),
        expires: record.expires,
        tenure: facts.history.tenure.as_str(),
        mine: stand.mine != Mine::No(crate::approval::Ineligible::NoRole) && stand.can(),
        protections,
    };
    Some((waiting::is_apart(record), member))
}

/// The digest of a list: which decisions, in order, each by its own.
fn digest_of(members: &[Member]) -> Digest {
    let parts = members
        .iter()
        .flat_map(|it| [it.id.as_str().as_bytes(), it.digest.as_str().as_bytes()]);
    Digest::of_parts(
        [b"countersign/group/v1".as_slice()]
            .into_iter()
            .chain(parts),
    )
}

fn body(
    view: &View,
    shell: &Shell,
    note: Markup,
    chosen: Option<&BTreeSet<String>>,
    comment: &str,
) -> Markup {
    let look = &shell.look;
    let picked = |it: &&Member| chosen.is_none_or(|chosen| chosen.contains(it.id.as_str()));
    let members: Vec<Member> = view.members.iter().filter(picked).cloned().collect();
    html! {
        div.case2.r3 {
            header.head {
                p.where { a href=(look.href(&[])) { "Held" } " / cause " (cause_name(&view.cause)) }
                h1 { @match members.first() { Some(first) => { @if members.len() > 1 { (count(members.len(), "decision", "decisions")) " on " (Outside(&outside::thing(&first.titled.target))) } @else { (first.titled.markup()) } }, None => (Outside(&view.title)) } }
                p.why { (count(view.cases, "case", "cases")) " of one cause. " (count(view.members.len() + view.more, "decision", "decisions")) " can be taken together, " (view.apart.len()) " stand apart." }
                @if let Some((devices, limit)) = view.surge.filter(|it| it.0 > 1) {
                    dl.reasons { div { dt { "Ask first" } dd { "Is it an outbreak or a rollout? " (devices) " devices within the hour, held above " (limit) ": a bad update is as likely." } } }
                }
                (note)
            }
            (panel(view, &members, shell, chosen.is_some(), comment))
            @if !view.apart.is_empty() { (apart(view, look)) }
            div.rest {
                (ticks(view, look, chosen))
                @if !view.others.is_empty() {
                    section.block aria-labelledby="over" {
                        h2 id="over" { "Decided, or under way: " (view.others.len()) }
                        ul.mem { @for (id, titled, state) in &view.others { li { a href=(look.href(&["proposals", id.as_str()])) { (titled.markup()) } " " span.hint { (state) } } } }
                        p.hint { a href=(look.href(&["effects"])) { "Effects in force" } }
                    }
                }
                section.outside aria-labelledby="said" { h2 id="said" { "What others say" } p.by { "The latest alert's title, as received." } dl { dt { "Title" } dd { (outside::block(&view.title)) } } }
            }
        }
    }
}

fn panel(view: &View, members: &[Member], shell: &Shell, chosen: bool, comment: &str) -> Markup {
    let look = &shell.look;
    let nearest = members.iter().filter_map(|it| it.expires).min();
    let mine = members.iter().any(|it| it.mine);
    let digest = digest_of(members);
    html! {
        section.decide id="decide" aria-labelledby="dh" tabindex="-1" {
            header { h2 id="dh" { "Decide together" } (left(look, nearest)) }
            @if members.is_empty() { div.in { p { "Nothing of this cause can be decided together now." } } } @else {
                div.in {
                    p.say { "If approved, " b { (count(members.len(), "listed decision", "listed decisions")) } ": one order each, as soon as each has whom it needs." }
                    dl {
                        div { dt { "To whom" } dd { "Each is named below" @if chosen { ", as you chose" } "." } }
                        div { dt { "Needs" } dd { (needs(members)) } }
                        div { dt { "No decision" } dd { @match nearest { Some(at) => { "Refused at " (look.time(at)) " and after. Nothing is taken." }, None => "They wait." } } }
                    }
                }
                div.in {
                    @if mine { (form(view, members, &digest, look, comment)) } @else { p { b { "You cannot decide these." } " It takes an analyst, a lead or the owner, and not whoever proposed or enrolled it." } }
                    div.digest { details {
                        summary { "Digest " code { (decide::short(digest.as_str())) } }
                        p { "The members in order, each with the digest of its own action, target, protection, owners and route. Another choice of members is another digest." }
                        p { code { "sha256:" (digest) } }
                    } }
                }
            }
        }
    }
}

fn needs(members: &[Member]) -> String {
    let different: BTreeSet<&str> = members.iter().map(|it| it.needs.as_str()).collect();
    let words: Vec<&str> = different.into_iter().collect();
    format!("{}, each", words.join("; or "))
}

fn form(view: &View, members: &[Member], digest: &Digest, look: &Look, comment: &str) -> Markup {
    html! {
        form method="post" action=(look.href(&["causes", view.cause.as_str(), "decide"])) id="decision" {
            button disabled hidden {}
            input type="hidden" name="digest" value=(digest.as_str());
            @for it in members { input type="hidden" name="member" value=(format!("{}.{}", it.id, it.digest)); }
            div.field {
                p.both { label for="comment" { "Comment" } " " span.hint id="comment-hint" { "required, kept in the journal" } }
                textarea id="comment" name="comment" required maxlength="2000" aria-describedby="comment-hint" autocomplete="off" { (comment) }
            }
            div.two {
                button.btn name="decision" value="approve" { (icon::tick()) "Approve " (members.len()) }
                button.btn name="decision" value="deny" { (icon::cross()) "Deny " (members.len()) }
            }
            p.after { "Approving counts once for each of the " (members.len()) " and runs those that need nobody else. Denying ends all of them. To choose, change the list below." }
        }
    }
}

fn apart(view: &View, look: &Look) -> Markup {
    html! {
        section.block.first id="apart" aria-labelledby="ap" {
            h2 id="ap" { "Apart: " (count(view.apart.len(), "protected member", "protected members")) }
            p.sub { "Not in this decision, whatever you choose. Each is opened by itself." }
            ol.whom.ruled.alts { @for it in &view.apart { li {
                span.r { b { (it.titled.on()) } @for protection in &it.protections { " " span.tag { (protection) } } @if it.protections.is_empty() { " " span.tag.amber { "not reviewed" } } span.id { "impact " (it.impact) } }
                span.is-this { (it.needs) }
                span.go { a.btn.small href=(look.href(&["proposals", it.id.as_str()])) { "Open" span.vh { " " (it.titled.markup()) } } }
            } } }
        }
    }
}

fn ticks(view: &View, look: &Look, chosen: Option<&BTreeSet<String>>) -> Markup {
    if view.members.is_empty() {
        return html! {};
    }
    let on = |it: &Member| chosen.is_none_or(|chosen| chosen.contains(it.id.as_str()));
    let ticked = view.members.iter().filter(|it| on(it)).count();
    html! {
        section.block aria-labelledby="mb" {
            h2 id="mb" { "In this decision: " span data-members-count { (ticked) } " of " (view.members.len()) }
            p.sub { "Untick what you want to leave out; it stays held by itself. After a change you are shown the new list and digest before anything is counted." }
            form method="post" action=(look.href(&["causes", view.cause.as_str(), "choose"])) {
                fieldset data-members {
                    legend.vh { "Members of the group decision" }
                    ul.mem { @for it in &view.members { li { label {
                        input type="checkbox" name="member" value=(it.id.as_str()) checked[on(it)];
                        span { b { (it.titled.place()) } span.hint { (it.titled.doing()) } } span.hint { "impact " (it.impact) ", " (it.tenure) }
                    } } } }
                }
                p.gap { button.btn.small { "Show the decision for these" } }
            }
            @if view.more > 0 { p.amber-t { (count(view.more, "more is", "more are")) " held; they are listed once these are decided." } }
        }
    }
}

/// `a=b&a=c`, which is what tick boxes send.
fn values(body: &[u8], name: &str) -> Vec<String> {
    let all = url::form_urlencoded::parse(body);
    all.filter(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// `POST causes/{id}/choose`: another choice is another page, and decides nothing.
pub async fn choose(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    body: axum::body::Bytes,
) -> Response {
    let chosen: BTreeSet<String> = values(&body, "member").into_iter().collect();
    let note = notice(
        Tone::Plain,
        html! { p { b { "This is the decision for your choice." } " Nothing has been counted." } },
    );
    answer(
        &visitor,
        &CauseId::new(id),
        StatusCode::OK,
        note,
        Some(&chosen),
        "",
    )
}

/// `POST causes/{id}/decide`.
pub async fn decide(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    body: axum::body::Bytes,
) -> Response {
    let cause = CauseId::new(id);
    let one = |name: &str| values(&body, name).into_iter().next().unwrap_or_default();
    let (comment, how) = (typed(&one("comment")), one("decision"));
    let parse = |it: &String| {
        let (id, digest) = it.rsplit_once('.')?;
        Some((ProposalId::new(id), Digest::parse(digest)?))
    };
    let members: Vec<(ProposalId, Digest)> = values(&body, "member")
        .iter()
        .filter_map(parse)
        .take(MEMBERS_MAX)
        .collect();
    let chosen: BTreeSet<String> = members.iter().map(|it| it.0.to_string()).collect();
    if comment.is_empty() || members.is_empty() || !["approve", "deny"].contains(&how.as_str()) {
        let note = notice(
            Tone::Amber,
            html! { p { b { "Nothing was counted: a comment and at least one member are required." } } },
        );
        return answer(
            &visitor,
            &cause,
            StatusCode::UNPROCESSABLE_ENTITY,
            note,
            Some(&chosen),
            &comment,
        );
    }
    let (of, me, said) = (cause.clone(), visitor.me(), comment.clone());
    let step = visitor.desk().ask(move |tx| {
        let held = tx.held_of_cause(&of);
        let each = members.into_iter().map(|(id, digest)| {
            let done = match (held.contains(&id), how.as_str()) {
                (false, _) => Err(Refusal::conflict(
                    "CS-approval-01",
                    "it is not held any more",
                )),
                (true, "approve") => tx.approve(&id, &me, &digest, &said, Emergency::No),
                (true, _) => tx.deny(&id, &me, &digest, &said),
            };
            (id, done.map(|it| it.state.as_str()))
        });
        each.collect::<Vec<_>>()
    });
    let outcome = match step.await {
        Ok(outcome) => outcome,
        Err(refusal) => {
            return refused_page(
                &visitor.shell(),
                &refusal,
                &visitor.look.href(&["causes", cause.as_str()]),
                &comment,
            );
        }
    };
    if outcome.iter().all(|(_, done)| done.is_ok()) {
        return see(&visitor.look.href(&["causes", cause.as_str()]));
    }
    let (fine, not): (Vec<_>, Vec<_>) = outcome.into_iter().partition(|(_, done)| done.is_ok());
    let note = notice(
        Tone::Amber,
        html! {
            p { b { (count(fine.len(), "decision was counted", "decisions were counted")) ", " (not.len()) " not:" } }
            ul { @for (id, done) in not.iter().take(20) { li { (id) ": " @if let Err(why) = done { (outside::plain(&why.message)) } } } }
        },
    );
    answer(&visitor, &cause, StatusCode::CONFLICT, note, None, &comment)
}
