//! A proposal as the page that a person decides by: what will happen, to whom, who is needed,
//! what stands against it, why today, what it may cost, and what could be done instead.
//!
//! Claims and words of a plugin are marked as such; the host's own facts stand without a mark.

use super::words::{self, Page, text};
use crate::journal::entry::ProposalState;
use crate::journal::state::{JudgedRecord, LineageRecord, ProposalRecord};
use crate::model::{Ancestor, Facts, Reason, Verb};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// What `GET proposals/{id}` answers.
#[derive(Debug, Deserialize)]
pub struct ProposalShown {
    /// The proposal itself.
    #[serde(flatten)]
    pub record: ProposalRecord,
    /// What is decided together with it, in order; itself among them.
    #[serde(default)]
    pub unit: Vec<ProposalRecord>,
    /// What people said of the software before.
    #[serde(default)]
    pub software: Option<LineageRecord>,
}

/// The page.
pub fn page(shown: &ProposalShown, zone: &TimeZone) -> String {
    let (mut page, record) = (Page::default(), &shown.record);
    page.line(format!("{}  {}", record.id, state(record, zone)));
    page.line(format!(
        "case {}, cause {}",
        record.case,
        text(record.cause.as_str())
    ));
    page.section("what will happen", what(shown));
    page.section(
        &format!("why, says {}", text(&record.principal.label())),
        why(record),
    );
    let Some(judged) = &record.judged else {
        page.section("judgement", ["it is still to be judged"]);
        return page.end();
    };
    page.section("the product claims", claims(&judged.request.facts));
    page.section("to what", to_what(judged));
    page.section("who is needed", who(record, judged, zone));
    page.section("against it", judged.against.iter().map(reason));
    page.section(
        "in its favour",
        judged
            .by
            .iter()
            .map(|it| format!("{}: {}", it.id, it.reason)),
    );
    page.section("guards that could not be evaluated", &judged.errors);
    page.section("in the way", judged.obstacles.iter().map(|it| text(it)));
    page.section(
        "changed since it was last seen here",
        judged.changed.iter().map(|it| text(it)),
    );
    page.section(
        "history",
        history(&judged.request.facts, shown.software.as_ref()),
    );
    page.section(&impact_heading(judged), impact(judged));
    page.section(
        "instead",
        judged
            .alternatives
            .iter()
            .map(|(verb, finding)| format!("{verb}: {}", words::finding(finding))),
    );
    page.section("digest of all this", [judged.digest.as_str()]);
    page.end()
}

fn state(record: &ProposalRecord, zone: &TimeZone) -> String {
    let word = record.state.as_str();
    let held = record.state == ProposalState::Held;
    if let Some(at) = record.expires.filter(|_| held) {
        return format!("{word} until {}, then refused", words::time(at, zone));
    }
    if record.reason.is_empty() {
        return word.to_owned();
    }
    format!("{word}: {}", text(&record.reason))
}

fn what(shown: &ProposalShown) -> Vec<String> {
    let record = &shown.record;
    if shown.unit.len() < 2 {
        return one(record);
    }
    let mut lines = vec!["together, in this order, stopped at the first failure:".to_owned()];
    for (n, part) in shown.unit.iter().enumerate() {
        let own = if part.id == record.id {
            "  (this one)"
        } else {
            ""
        };
        let mut each = one(part).into_iter();
        let first = each.next().unwrap_or_default();
        lines.push(format!("{}. {first}{own}", n + 1));
        lines.extend(each.map(|line| format!("   {line}")));
    }
    lines
}

fn one(record: &ProposalRecord) -> Vec<String> {
    let wish = &record.proposal;
    let mut lines = vec![format!(
        "{} on {}",
        wish.action,
        words::target(&wish.target)
    )];
    let arguments = wish.arguments.iter();
    lines.extend(arguments.map(|it| format!("with {} {}", text(&it.name), text(&it.value))));
    lines.push(given_back(wish.action));
    if let Some(seconds) = wish.lease_s {
        lines.push(format!("lease {}", lease(seconds)));
    }
    lines
}

fn given_back(action: Verb) -> String {
    let row = action.row();
    match row.inverse {
        Some(inverse) if row.loses_state => {
            format!("given back by {inverse}, but something is lost for good")
        }
        Some(inverse) => format!("given back by {inverse}"),
        None if row.loses_state => "cannot be given back".to_owned(),
        None => "nothing to give back".to_owned(),
    }
}

fn lease(seconds: u32) -> String {
    if seconds.is_multiple_of(3600) {
        format!("{} h", seconds / 3600)
    } else {
        format!("{} min", seconds.div_ceil(60))
    }
}

fn why(record: &ProposalRecord) -> Vec<String> {
    let mut lines = vec![text(&record.proposal.rationale)];
    let evidence = record.proposal.evidence.iter();
    lines.extend(evidence.map(|it| format!("{}: {}", text(&it.source), text(&it.finding))));
    lines.retain(|it| !it.is_empty());
    lines
}

fn claims(facts: &Facts) -> [String; 1] {
    let signed = if facts.signed { "signed" } else { "not signed" };
    [format!(
        "rating {}, severity {}, {signed}",
        facts.rating, facts.severity
    )]
}

fn to_what(judged: &JudgedRecord) -> Vec<String> {
    let (on, facts) = (&judged.request.resource, &judged.request.facts);
    let reviewed = if facts.reviewed {
        "reviewed"
    } else {
        "unreviewed"
    };
    let mut lines = vec![
        format!("{} {}", on.kind, text(&on.id)),
        format!(
            "known: {}; {}, {reviewed}; mode {}; {} asset(s) in reach",
            facts.resolution, facts.asset_kind, facts.mode, facts.assets_covered
        ),
    ];
    let protections = on.protections();
    if !protections.is_empty() {
        lines.push(format!("protected: {}", words::list(protections)));
    }
    let groups = on.ancestors.iter().filter_map(|it| match it {
        Ancestor::AssetGroup(id) => Some(format!("group {id}")),
        Ancestor::BusinessProcess(id) => Some(format!("business process {id}")),
        Ancestor::AccountGroup(id) => Some(format!("account group {id}")),
        Ancestor::Network(id) => Some(format!("network {id}")),
        Ancestor::Software(lineage) => Some(format!("software {lineage}")),
        Ancestor::Device(_) | Ancestor::Protection(_) => None,
    });
    let groups: Vec<String> = groups.collect();
    if !groups.is_empty() {
        lines.push(format!("part of {}", words::list(groups)));
    }
    lines
}

fn who(record: &ProposalRecord, judged: &JudgedRecord, zone: &TimeZone) -> Vec<String> {
    let mut lines = vec![words::finding(&judged.finding)];
    if let Some(people) = &judged.emergency {
        lines.push(format!(
            "in an emergency, that a lead answers for: {}",
            words::needs(people)
        ));
    }
    for it in &record.approvals {
        let void = if it.digest == judged.digest {
            ""
        } else {
            " (void: it has changed since)"
        };
        let roles = words::list(&it.roles);
        let at = words::time(it.at, zone);
        lines.push(format!(
            "approved by {} as {roles} {at}{void} {}",
            it.person,
            text(&it.comment)
        ));
    }
    if let Some(it) = &record.denied {
        let at = words::time(it.at, zone);
        lines.push(format!(
            "denied by {} {at} {}",
            it.person,
            text(&it.comment)
        ));
    }
    lines
}

fn reason(it: &Reason) -> String {
    let floor = if it.floor {
        " (no approval opens it)"
    } else {
        ""
    };
    let advice = it.advice.as_ref().map(|it| format!("\n  {it}"));
    format!(
        "{}: {}{floor}{}",
        it.id,
        it.reason,
        advice.unwrap_or_default()
    )
}

fn history(facts: &Facts, said: Option<&LineageRecord>) -> Vec<String> {
    let history = &facts.history;
    let mut lines = vec![format!(
        "this software is {} here, {} in the fleet",
        history.tenure, history.fleet_tenure
    )];
    if history.rating_flip {
        lines.push("it is established, and newly called malicious".to_owned());
    }
    if history.released {
        lines.push("people denied, released or gave it back before".to_owned());
    }
    if let Some(it) = said {
        lines.push(format!(
            "{}: approved {}, denied {}, released {}, reported {}",
            text(&it.lineage),
            it.approved,
            it.denied,
            it.released,
            it.detections
        ));
    }
    lines.push(when(facts));
    let surge = &facts.surge;
    lines.push(format!(
        "the same cause on {} device(s) within the hour, held above {}",
        surge.cause_devices, surge.limit
    ));
    lines
}

fn when(facts: &Facts) -> String {
    let age = if facts.fresh {
        "within the last hour"
    } else {
        "more than an hour ago: never unattended"
    };
    let time = &facts.time;
    let mut words = vec![if time.working_hours {
        "within working hours"
    } else {
        "outside working hours"
    }];
    words.extend(time.change_window.then_some("in a change window"));
    words.extend(time.freeze.then_some("during a freeze"));
    format!("seen {age}; it is {}", words.join(", "))
}

fn impact_heading(judged: &JudgedRecord) -> String {
    let threshold = judged.request.facts.threshold;
    format!(
        "impact {} of 100 (alone up to {}, one person up to {})",
        judged.impact.total, threshold.alone, threshold.one_person
    )
}

fn impact(judged: &JudgedRecord) -> Vec<String> {
    let lines = judged.impact.lines.iter();
    lines
        .map(|it| format!("{:>4}  {}", it.points, text(&it.what)))
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
    use super::*;

    fn shown(name: &str) -> ProposalShown {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/fixtures");
        serde_json::from_slice(&std::fs::read(dir.join(name)).unwrap()).unwrap()
    }

    #[test]
    fn a_proposal_reads_as_the_page_that_a_person_decides_by() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let page = page(&shown("proposal.json"), &zone);
        insta::assert_snapshot!(page);
        assert!(!page.chars().any(|it| it != '\n' && crate::model::acts(it)));
    }

    #[test]
    fn a_bundle_is_shown_whole_and_in_order() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        insta::assert_snapshot!(page(&shown("bundle.json"), &zone));
    }
}
