//! A case as a page of text: what was claimed, what the product did, what is proposed and in
//! force, and the timeline, which is the journal's own words.

use super::case::device;
use super::context::Context;
use super::render;
use super::words::{self, Page, text};
use crate::journal::state::{EffectRecord, Mark, OrderRecord, OverreachRecord, ProposalRecord};
use crate::model::{CauseId, Detection, Device, Millis, Resolution, Taken};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// What `GET cases/{id}` answers, as far as it is shown.
#[derive(Debug, Deserialize)]
pub struct CaseShown {
    id: String,
    state: String,
    cause: CauseId,
    device: Option<Device>,
    resolution: Resolution,
    opened: Millis,
    updated: Millis,
    revision: u32,
    detection: Detection,
    #[serde(default)]
    marks: Vec<Mark>,
    #[serde(default)]
    changed: Vec<String>,
    #[serde(default)]
    overreach: Vec<String>,
    proposals: Vec<ProposalRecord>,
    #[serde(default)]
    orders: Vec<OrderRecord>,
    #[serde(default)]
    effects: Vec<EffectRecord>,
    #[serde(default)]
    overreaches: Vec<OverreachRecord>,
    timeline: Vec<Happened>,
}

/// One line of the timeline.
#[derive(Debug, Deserialize)]
struct Happened {
    at: Millis,
    kind: String,
    what: String,
}

/// Entries that say how the host works and nothing that happened; `--json` has them.
const QUIET: &[&str] = &["evaluation-due", "payload-received", "payload-read"];

/// The page.
pub fn page(case: &CaseShown, ctx: &Context) -> String {
    let (mut page, zone) = (Page::default(), &ctx.zone);
    let alert = &case.detection;
    page.line(format!("{}  {}", case.id, case.state));
    page.line(format!("{}: {}", text(&alert.product), text(&alert.title)));
    page.line(format!(
        "rating {}, severity {}, {}, revision {}",
        alert.rating,
        alert.severity,
        on(case),
        case.revision
    ));
    page.line(format!(
        "opened {}, updated {} ({}), cause {}",
        words::time(case.opened, zone),
        words::time(case.updated, zone),
        words::zone(zone),
        text(case.cause.as_str())
    ));
    page.section("changed since it was last seen here", texts(&case.changed));
    page.section("the product did", alert.taken.iter().map(taken));
    page.section("overreach", overreaches(case, zone));
    page.section("marks", marks(&case.marks));
    page.section("proposals", table(&proposals(case), PROPOSALS, ctx));
    page.section("orders", table(&orders(case, zone), ORDERS, ctx));
    page.section("in force", case.effects.iter().map(|it| effect(it, zone)));
    page.section("timeline", timeline(case, zone));
    page.end()
}

fn on(case: &CaseShown) -> String {
    case.device.as_ref().map_or_else(
        || "on no device".to_owned(),
        |it| format!("on {} ({})", device(it), case.resolution),
    )
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|it| text(it)).collect()
}

fn taken(it: &Taken) -> String {
    format!(
        "{} on {}: {}, by {}",
        text(&it.action),
        words::target(&it.target),
        text(&it.state),
        text(&it.initiative)
    )
}

/// Marks, the same one once.
fn marks(marks: &[Mark]) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for mark in marks {
        let line = format!("{}: {}", mark.code, text(&mark.text));
        match lines.iter_mut().find(|it| it.0 == line) {
            Some(known) => known.1 += 1,
            None => lines.push((line, 1)),
        }
    }
    let lines = lines.into_iter().map(|(line, times)| match times {
        1 => line,
        _ => format!("{line} ({times} times)"),
    });
    lines.collect()
}

fn overreaches(case: &CaseShown, zone: &TimeZone) -> Vec<String> {
    if case.overreaches.is_empty() && !case.overreach.is_empty() {
        return vec![format!("against {}", words::list(&case.overreach))];
    }
    let lines = case.overreaches.iter().map(|it| {
        let seen = it.acknowledged.as_ref();
        let seen = seen.map_or("nobody has acknowledged it".to_owned(), |it| {
            format!("{} has seen it", it.person)
        });
        let repaired = it
            .repaired
            .map(|at| format!(", repaired {}", words::time(at, zone)));
        format!(
            "{}: {} took {} on {}, against {}; {seen}{}",
            it.id,
            text(&it.product),
            it.action,
            words::target(&it.target),
            words::list(&it.stood_against),
            repaired.unwrap_or_default()
        )
    });
    lines.collect()
}

const PROPOSALS: &[&str] = &["proposal", "state", "what", "who is needed", "why"];

fn proposals(case: &CaseShown) -> Vec<Vec<String>> {
    let rows = case.proposals.iter().map(|it| {
        let target = it.proposal.target.label();
        vec![
            it.id.to_string(),
            it.state.as_str().to_owned(),
            format!("{} on {target}", it.proposal.action),
            words::waits_for(it),
            it.reason.clone(),
        ]
    });
    rows.collect()
}

const ORDERS: &[&str] = &["order", "state", "what", "by", "since", "why"];

fn orders(case: &CaseShown, zone: &TimeZone) -> Vec<Vec<String>> {
    let rows = case.orders.iter().map(|it| {
        vec![
            it.id.to_string(),
            it.state.as_str().to_owned(),
            format!("{} on {}", it.action, it.target.label()),
            it.connector.clone(),
            words::time(it.since, zone),
            it.why.clone(),
        ]
    });
    rows.collect()
}

fn table(rows: &[Vec<String>], headers: &[&str], ctx: &Context) -> Option<String> {
    (!rows.is_empty()).then(|| render::table(headers, rows, ctx.width))
}

/// An effect in one line.
fn effect(it: &EffectRecord, zone: &TimeZone) -> String {
    let mut line = format!(
        "{}: {} on {} ({}), since {}",
        it.id,
        it.action,
        words::target(&it.target),
        it.origin,
        words::time(it.since, zone)
    );
    if let Some(at) = it.ended {
        line.push_str(&format!(", ended {}", words::time(at, zone)));
    } else if let Some(at) = it.lease_until {
        line.push_str(&format!(", lease until {}", words::time(at, zone)));
    }
    line
}

fn timeline(case: &CaseShown, zone: &TimeZone) -> Vec<String> {
    let loud = case.timeline.iter();
    let loud = loud.filter(|it| !QUIET.contains(&it.kind.as_str()));
    loud.map(|it| format!("{}  {}", words::time(it.at, zone), text(&it.what)))
        .collect()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::stand_in::context;
    use super::*;

    #[test]
    fn a_case_reads_as_a_page_and_what_an_attacker_wrote_is_inert() {
        let home = tempfile::tempdir().unwrap();
        let case: CaseShown = serde_json::from_str(include_str!("fixtures/case.json")).unwrap();
        let page = page(&case, &context(home.path()));
        insta::assert_snapshot!(page);
        assert!(!page.chars().any(|it| it != '\n' && crate::model::acts(it)));
    }
}
