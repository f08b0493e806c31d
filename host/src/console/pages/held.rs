//! Held: what waits, for whom, and for how long. The first page, and the one that is open at
//! night. Its order is what went wrong, what waits for this person, what waits for others, what
//! nobody will do by itself, and what was done without a person.

use super::ROWS_MAX;
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::look::{Look, span};
use crate::console::outside::{self, Outside};
use crate::console::parts::chart::{deadline, gauge, is_late};
use crate::console::parts::decide::short;
use crate::console::parts::icon::pips;
use crate::console::parts::title::Titled;
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::console::waiting::{self, Mine, Stand};
use crate::console::words;
use crate::journal::entry::{OrderState, ProposalState};
use crate::journal::state::{ProposalRecord, State as Tenant};
use crate::model::{
    AssetKind, CaseId, CauseId, Millis, OverreachId, PersonId, ProposalId, Threshold, Verb,
};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// How far back what was done without a person is shown.
const DONE_MS: u64 = 12 * Millis::HOUR;

/// One held decision.
pub struct Row {
    id: ProposalId,
    titled: Titled,
    since: Millis,
    expires: Option<Millis>,
    impact: Option<(i64, Threshold)>,
    stand: Stand,
    why: Vec<String>,
    history: Option<String>,
    newer: bool,
    /// How many more like it there are.
    alike: usize,
}

/// The decisions of one cause.
pub struct Cause {
    id: CauseId,
    acted: usize,
    held: usize,
    rows: Vec<Row>,
}

struct Overreach {
    id: OverreachId,
    titled: Titled,
    product: String,
    at: Millis,
    seen: bool,
    repair: Option<Row>,
    against: Vec<String>,
}

struct Done {
    at: Millis,
    titled: Titled,
    case: CaseId,
    server: bool,
    /// What of it nobody has looked at yet.
    looks: Vec<ProposalId>,
}

struct ByHand {
    proposal: ProposalId,
    titled: Titled,
    since: Millis,
    reason: String,
    look: bool,
}

/// All of the page.
pub struct View {
    overreaches: Vec<Overreach>,
    mine: Vec<Cause>,
    others: Vec<Cause>,
    by_hand: Vec<ByHand>,
    done: Vec<Done>,
    last_alert: Option<Millis>,
    effects: usize,
}

/// `GET /`.
pub async fn show(visitor: Visitor) -> Response {
    let default_owner = visitor.desk().book().default_owner.clone();
    let (shell, view) =
        visitor.read(|tenant| gather(tenant, &visitor.look, default_owner.as_ref()));
    let title = format!("Held ({})", shell.held);
    page(
        axum::http::StatusCode::OK,
        shell.page_at(Nav::Held, &title, body(&view, &shell)),
    )
}

/// Reads what waits.
pub fn gather(tenant: &Tenant, look: &Look, default_owner: Option<&PersonId>) -> View {
    let (mut mine, mut others) = (BTreeMap::new(), BTreeMap::new());
    let open: Vec<_> = tenant
        .overreaches
        .values()
        .filter(|it| it.repaired.is_none() || it.acknowledged.is_none())
        .collect();
    let repairs = |it: &ProposalRecord| {
        !it.proposal.action.takes_away()
            && open
                .iter()
                .any(|over| over.case == it.case && over.repaired.is_none())
    };
    for record in waiting::held(tenant).filter(|it| !repairs(it)) {
        let stand = waiting::stand(tenant, record, &look.me, default_owner);
        let side = if stand.mine == Mine::Helps {
            &mut mine
        } else {
            &mut others
        };
        let group: &mut Vec<(&ProposalRecord, Stand)> =
            side.entry(record.cause.clone()).or_default();
        group.push((record, stand));
    }
    let mut overreaches: Vec<Overreach> = Vec::new();
    let mut cases: Vec<&CaseId> = Vec::new();
    for it in &open {
        // what a product took in one case is one line, however many things it did
        if let Some(at) = cases.iter().position(|case| **case == it.case) {
            if let Some(known) = overreaches.get_mut(at) {
                known.titled.verbs.push(it.action);
                known.seen &= it.acknowledged.is_some();
            }
            continue;
        }
        cases.push(&it.case);
        let repairs = |record: &&ProposalRecord| {
            record.case == it.case && !record.proposal.action.takes_away()
        };
        let repair = waiting::held(tenant).find(repairs);
        overreaches.push(Overreach {
            id: it.id.clone(),
            titled: Titled::one(tenant, tenant.cases.get(&it.case), it.action, &it.target),
            product: it.product.clone(),
            at: it.at.unwrap_or(it.found),
            seen: it.acknowledged.is_some(),
            repair: repair.map(|it| {
                row(
                    tenant,
                    it,
                    waiting::stand(tenant, it, &look.me, default_owner),
                )
            }),
            against: it.stood_against.iter().cloned().collect(),
        });
    }
    View {
        overreaches,
        mine: causes(tenant, mine),
        others: causes(tenant, others),
        by_hand: by_hand(tenant),
        done: done(tenant, look.now),
        last_alert: tenant.cases.values().map(|it| it.updated).max(),
        effects: tenant
            .effects
            .values()
            .filter(|it| it.ended.is_none())
            .count(),
    }
}

type Grouped<'a> = BTreeMap<CauseId, Vec<(&'a ProposalRecord, Stand)>>;

/// Nearest deadline first; what is beyond the limit is counted and not shown.
fn causes(tenant: &Tenant, grouped: Grouped<'_>) -> Vec<Cause> {
    let nearest = |it: &[(&ProposalRecord, Stand)]| {
        let each = it
            .iter()
            .map(|(record, _)| (record.expires.unwrap_or(Millis(u64::MAX)), record.made));
        each.min().unwrap_or_default()
    };
    // counted once for all: a list of ten thousand is one walk, not one for each cause
    let mut acted: BTreeMap<CauseId, usize> = BTreeMap::new();
    let done = tenant
        .orders
        .values()
        .filter(|it| it.state == OrderState::Done);
    for case in done.filter_map(|it| tenant.cases.get(&it.case)) {
        *acted.entry(case.cause.clone()).or_default() += 1;
    }
    let mut all: Vec<_> = grouped.into_iter().collect();
    all.sort_by_key(|(_, held)| nearest(held));
    let shown = all.into_iter().take(ROWS_MAX);
    let causes = shown.map(|(id, mut held)| {
        held.sort_by_key(|(record, _)| (record.expires.unwrap_or(Millis(u64::MAX)), record.made));
        let total = held.len();
        let rows = if total > waiting::ALIKE_MAX {
            members(tenant, held)
        } else {
            held.into_iter()
                .map(|(it, stand)| row(tenant, it, stand))
                .collect()
        };
        Cause {
            acted: if total > 1 {
                acted.get(&id).copied().unwrap_or(0)
            } else {
                0
            },
            held: total,
            id,
            rows,
        }
    });
    causes.collect()
}

/// Of many alike, the first of each action, with how many there are; protected ones each by
/// themselves.
fn members(tenant: &Tenant, held: Vec<(&ProposalRecord, Stand)>) -> Vec<Row> {
    let (apart, alike): (Vec<_>, Vec<_>) =
        held.into_iter().partition(|(it, _)| waiting::is_apart(it));
    let one = |(it, stand): (&ProposalRecord, Stand)| row(tenant, it, stand);
    let mut rows: Vec<Row> = Vec::new();
    for next in alike.into_iter().map(one) {
        match rows
            .iter_mut()
            .find(|it| it.titled.verbs == next.titled.verbs)
        {
            Some(known) => known.alike += 1,
            None => rows.push(next),
        }
    }
    rows.extend(apart.into_iter().take(8).map(one));
    rows
}

fn row(tenant: &Tenant, record: &ProposalRecord, stand: Stand) -> Row {
    let judged = record.judged.as_ref();
    let facts = judged.map(|it| &it.request.facts);
    let case = tenant.cases.get(&record.case);
    let first = stand.given.iter().map(|it| it.at).min();
    let why = judged.iter().flat_map(|it| {
        it.obstacles
            .iter()
            .cloned()
            .chain(it.against.iter().map(|it| it.reason.clone()))
    });
    Row {
        id: record.id.clone(),
        titled: Titled::of(tenant, record),
        since: record.since,
        expires: record.expires,
        impact: facts
            .filter(|_| record.proposal.action.takes_away())
            .map(|it| (it.impact, it.threshold)),
        stand,
        why: why.take(2).collect(),
        history: facts.map(|it| {
            let flip = if it.history.rating_flip {
                ", newly called malicious"
            } else {
                ""
            };
            format!(
                "Software {} here, {} in the fleet{flip}.",
                it.history.tenure, it.history.fleet_tenure
            )
        }),
        newer: first.is_some_and(|at| case.is_some_and(|it| it.updated > at)),
        alike: 0,
    }
}

fn by_hand(tenant: &Tenant) -> Vec<ByHand> {
    let told: Vec<_> = tenant
        .pages
        .values()
        .filter(|it| it.closed.is_none() && it.about == "refused")
        .collect();
    let waits = |it: &&ProposalRecord| match it.state {
        ProposalState::NeedsPerson => true,
        ProposalState::Refused => {
            it.proposal.action.takes_away()
                && told.iter().any(|page| page.case.as_ref() == Some(&it.case))
        }
        _ => false,
    };
    let found = tenant.proposals.values().filter(waits);
    let mut rows: Vec<ByHand> = Vec::new();
    let mut cases: Vec<(&CaseId, ProposalState)> = Vec::new();
    for it in found {
        // what was refused together is handled together
        let same = cases
            .iter()
            .position(|(case, state)| **case == it.case && *state == it.state);
        if let Some(known) = same.and_then(|at| rows.get_mut(at)) {
            known.titled.verbs.push(it.proposal.action);
            continue;
        }
        cases.push((&it.case, it.state));
        let case = tenant.cases.get(&it.case);
        rows.push(ByHand {
            proposal: it.id.clone(),
            titled: Titled::one(tenant, case, it.proposal.action, &it.proposal.target),
            since: it.since,
            reason: it.reason.clone(),
            look: it.state == ProposalState::NeedsPerson,
        });
    }
    rows.sort_by_key(|it| (!it.look, std::cmp::Reverse(it.since)));
    rows.truncate(ROWS_MAX);
    rows
}

fn done(tenant: &Tenant, now: Millis) -> Vec<Done> {
    let alone = tenant.orders.values().filter(|it| {
        it.unattended && it.state == OrderState::Done && now.since(it.since) < DONE_MS
    });
    let mut rows: Vec<Done> = Vec::new();
    for it in alone {
        if let Some(known) = rows.iter_mut().find(|known| known.case == it.case) {
            known.titled.verbs.push(it.action);
            known.at = known.at.max(it.since);
            continue;
        }
        let case = tenant.cases.get(&it.case);
        let asset = case.and_then(|it| tenant.inventory.asset(it.assets.first()?));
        rows.push(Done {
            at: it.since,
            titled: Titled::one(tenant, case, it.action, &it.target),
            case: it.case.clone(),
            server: asset.is_some_and(|it| it.kind != Some(AssetKind::Workstation)),
            looks: tenant
                .looks()
                .filter(|look| look.case == it.case)
                .map(|look| look.id.clone())
                .collect(),
        });
    }
    rows.sort_by_key(|it| std::cmp::Reverse(it.at));
    rows.truncate(ROWS_MAX);
    rows
}

/// The page without its frame.
pub fn body(view: &View, shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        div.head {
            h1 { @if shell.held == 0 { "Nothing waits for you" } @else { (count(shell.held, "decision waits for you", "decisions wait for you")) } }
            p.why { "Nothing below happens unless people approve it. What nobody decides is refused at its deadline; giving back does not expire." }
        }
        @if shell.held == 0 { (empty(view, look)) }
        @if shell.lost > 0 {
            (notice(Tone::Red, html! { p { b { (count(shell.lost, "order has an outcome that nobody knows.", "orders have an outcome that nobody knows.")) } " A person must look: see below." } }))
        }
        @if !view.overreaches.is_empty() {
            section.sec aria-labelledby="s1" {
                header { h2 id="s1" { "Taken by another product, against our guards" } p.hint { "paged until somebody acknowledges" } }
                ul.rows { @for it in &view.overreaches { (overreach(it, look)) } }
            }
        }
        (section("s2", "Waiting for you", &view.mine, look))
        (section("s3", "Waiting for others", &view.others, look))
        (hand(&view.by_hand, look))
        (alone(&view.done, look))
    }
}

fn empty(view: &View, look: &Look) -> Markup {
    let since = view.last_alert.map(|it| look.now.since(it));
    let tone = if since.is_none_or(|it| it > Millis::HOUR) {
        Tone::Amber
    } else {
        Tone::Plain
    };
    notice(
        tone,
        html! {
            p { @match view.last_alert {
                Some(at) => { "The last alert came " b { (look.ago(at)) } ". " },
                None => { b { "No alert has ever arrived." } " Silence is not peace: " a href=(look.href(&["health"])) { "Health" } ". " },
            } (count(view.effects, "effect is in force", "effects are in force")) "." }
        },
    )
}

fn section(id: &str, title: &str, causes: &[Cause], look: &Look) -> Markup {
    if causes.is_empty() {
        return html! {};
    }
    html! {
        section.sec aria-labelledby=(id) {
            header { h2 id=(id) { (title) } p.hint { "nearest deadline first" } }
            div.cols aria-hidden="true" { span { "Time left" br; "marks: 1/4, 1/2, 3/4" } span { "Proposed" } span { "Impact" br; "marks: alone, one person" } span { "Needs" } }
            ul.rows { @for cause in causes { (of_cause(cause, look)) } }
        }
    }
}

fn of_cause(cause: &Cause, look: &Look) -> Markup {
    let [only] = cause.rows.as_slice() else {
        return html! {
            li.cause {
                div.causeline {
                    span { "One cause: " (cause_name(&cause.id)) }
                    span { b { (count(cause.held, "held", "held")) } }
                    @if cause.acted > 0 { span { (count(cause.acted, "order done", "orders done")) } }
                    a href=(look.href(&["causes", cause.id.as_str()])) { "all of this cause" }
                }
                ul { @for row in &cause.rows { (decision(row, cause, look)) } }
            }
        };
    };
    decision(only, cause, look)
}

/// A cause as people read it: the hash shortened, a rule as what it is, text from outside.
pub fn cause_name(cause: &CauseId) -> Markup {
    match cause.as_str().split_once(':') {
        Some(("hash", hash)) => html! { "hash " code { (short(hash)) } },
        Some((kind, rest)) => html! { (outside::plain(kind)) " " (Outside(rest)) },
        None => html! { (Outside(cause.as_str())) },
    }
}

fn decision(row: &Row, cause: &Cause, look: &Look) -> Markup {
    let late = row
        .expires
        .is_some_and(|at| is_late(row.since, at, look.now));
    let link = match row.alike {
        0 => look.href(&["proposals", row.id.as_str()]),
        _ => look.href(&["causes", cause.id.as_str()]),
    };
    html! {
        li.row.soon[late] {
            (time_left(row, look, late))
            div.what {
                h3 { a href=(link) { @if row.alike > 0 { (row.titled.many(row.alike + 1)) } @else { (row.titled.markup()) } } }
                p { @for why in &row.why { (outside::plain(why)) " " } }
                @if let Some(history) = &row.history { p { (history) } }
                @if row.newer { p { span.tag.amber { "new evidence since the first approval" } } }
            }
            div.impact { @if let Some((total, threshold)) = row.impact { (gauge(total, threshold)) } @else { span.hint { "gives back, or looks: not weighed" } } }
            (needs(&row.stand))
        }
    }
}

fn time_left(row: &Row, look: &Look, late: bool) -> Markup {
    html! {
        div.left {
            @match row.expires {
                Some(at) => {
                    b.amber-t[late] { (span(at.since(look.now))) }
                    span.hint { "until " (look.time(at)) }
                    (deadline(row.since, at, look.now))
                },
                None => { b { "No deadline" } span.hint { "since " (look.time(row.since)) } },
            }
        }
    }
}

fn needs(stand: &Stand) -> Markup {
    let missing = usize::try_from(stand.missing.count).unwrap_or(0);
    html! {
        div.needs {
            b { (pips(stand.given.len(), stand.total())) " \u{a0}" (count(missing, if stand.given.is_empty() { "person" } else { "more person" }, if stand.given.is_empty() { "people" } else { "more people" })) }
            (words::who(&stand.missing).unwrap_or_else(|| "an analyst, a lead or the owner".to_owned()))
            @match stand.mine { Mine::Helps => " (you can)", Mine::Counts => " (not you)", Mine::No(crate::approval::Ineligible::Already) => " (you have approved)", Mine::No(_) => "" }
        }
    }
}

fn overreach(it: &Overreach, look: &Look) -> Markup {
    html! {
        li.row.taken {
            div.left { b.red-t { (look.ago(it.at)) } span.hint { (look.time(it.at)) ", no deadline" } }
            div.what {
                h3 { a href=(look.href(&["overreaches", it.id.as_str()])) { (Outside(&it.product)) " took " (it.titled.on()) } }
                p { "It did this by its own policy: " (did(&it.titled.verbs)) ". What stood against it: " (outside::plain(&it.against.join(", "))) ". " @if it.seen { "Acknowledged." } @else { "Nobody has acknowledged this yet." } }
                @match &it.repair { Some(row) => p { "Proposed: " (row.titled.markup()) }, None => p { "No repair is held." } }
            }
            div.impact { @if let Some((total, threshold)) = it.repair.as_ref().and_then(|it| it.impact) { (gauge(total, threshold)) } }
            @if let Some(row) = &it.repair { (needs(&row.stand)) } @else { div.needs { @if it.seen { "seen" } @else { b { "to be acknowledged" } } } }
        }
    }
}

/// `stop process and quarantine file`.
fn did(verbs: &[Verb]) -> String {
    let words: Vec<String> = verbs.iter().map(|it| words::lower(*it)).collect();
    words::and(&words)
}

fn hand(rows: &[ByHand], look: &Look) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    html! {
        section.sec aria-labelledby="s4" {
            header { h2 id="s4" { "To be handled by hand" } }
            ul.rows {
                @for it in rows {
                    li.row.taken[it.look] {
                        div.left { b { (look.ago(it.since)) } span.hint { (look.time(it.since)) } }
                        div.what {
                            h3 { a href=(look.href(&["proposals", it.proposal.as_str()])) { (it.titled.markup()) } }
                            p { (outside::plain(&it.reason)) }
                        }
                        div.impact { @if it.look { span.tag.red { "outcome unknown, or nobody can do it" } } @else { span.hint { "refused: nothing was done" } } }
                        div.needs { b { "A person" } @if it.look { "who looks, and says what is so" } @else { "who does it by hand, or lets it be" } }
                    }
                }
            }
        }
    }
}

fn alone(rows: &[Done], look: &Look) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    html! {
        section.sec aria-labelledby="s5" {
            header { h2 id="s5" { "Done without a person, in the last 12 hours" } }
            ul.quiet {
                @for it in rows {
                    li {
                        span { (look.time(it.at)) } b { (it.titled.on()) } span { (words::all_in_force(&it.titled.verbs)) "." @if it.server { " " span.amber-t { "On a server: a person looks at it." } } }
                        a.end href=(look.href(&["cases", it.case.as_str()])) { "Look at it" }
                        @for proposal in &it.looks {
                            form.inrow method="post" action=(look.href(&["proposals", proposal.as_str(), "look"])) { button.btn.small { "I have looked" span.vh { " at " (it.titled.on()) } } }
                        }
                    }
                }
            }
        }
    }
}
