//! Impact: what acting may cost the business, 0 to 100, adding up in public.
//!
//! The points are a first version, to be tuned by replay against real cases. What must stay:
//! every line is shown; nothing is negative, so one fact more never makes acting cheaper; night
//! is never cheaper than day; what is not known costs like the worse. No urgency in here:
//! rating, severity and age never make acting cheaper, they only order the queue.

use crate::model::{AssetKind, Effect, Impact, ImpactLine, Protection, Tenure, Verb};
use serde::{Deserialize, Serialize};

/// What the points are counted from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImpactInput {
    /// The action.
    pub action: Verb,
    /// What the target stands on.
    pub asset_kind: AssetKind,
    /// Whether somebody said what it is.
    pub reviewed: bool,
    /// The strongest protection edge of the target.
    pub protection: Option<Protection>,
    /// How many business processes stop with the target.
    pub processes: i64,
    /// How many assets the canonical target covers.
    pub assets_covered: i64,
    /// Of the software, on this very asset.
    pub tenure: Tenure,
    /// Of the software, in the fleet.
    pub fleet_tenure: Tenure,
    /// Within working hours at the asset's site.
    pub working_hours: bool,
    /// Within a change window.
    pub change_window: bool,
    /// During a freeze.
    pub freeze: bool,
    /// How much of the target's group is under an effect now, 0 to 100.
    pub group_under_effect_percent: i64,
}

impl ImpactInput {
    /// The same target and hour, another action.
    pub fn for_action(&self, action: Verb) -> Self {
        let mut other = self.clone();
        other.action = action;
        other
    }
}

/// Actions directed at the software rather than at the machine or account (`at-software` in
/// the schema; a test compares the two).
pub(super) fn at_software(action: Verb) -> bool {
    matches!(
        action,
        Verb::SuspendProcess
            | Verb::StopProcess
            | Verb::QuarantineFile
            | Verb::DeleteFile
            | Verb::StopService
            | Verb::UnallowSoftware
    )
}

/// The points of an action alone, wherever it is done.
pub(super) fn action_points(action: Verb) -> i64 {
    let row = action.row();
    5 * row.intrusiveness + if row.loses_state { 10 } else { 0 }
}

/// The impact with its breakdown. Giving back, looking and telling cost next to nothing here,
/// and the threshold does not read them.
pub fn impact(input: &ImpactInput) -> Impact {
    let lines: Vec<ImpactLine> = lines(input)
        .into_iter()
        .filter(|(_, points)| *points > 0)
        .map(|(what, points)| ImpactLine { what, points })
        .collect();
    let sum: i64 = lines.iter().map(|line| line.points).sum();
    // the lines stay as they are where they add up to more than a hundred
    let total = sum.min(100);
    Impact { total, lines }
}

fn lines(x: &ImpactInput) -> Vec<(String, i64)> {
    let takes = x.action.row().effect == Effect::TakesAway;
    let only = |when: bool, points: i64| if when { points } else { 0 };
    let mut lines = action_lines(x);
    lines.extend([
        (
            "a server".to_owned(),
            only(takes && x.asset_kind == AssetKind::Server, 10),
        ),
        ("not reviewed".to_owned(), only(takes && !x.reviewed, 10)),
        protection_line(x),
        (
            format!("business processes: {}", x.processes),
            10 * x.processes.clamp(0, 2),
        ),
        (
            format!("assets covered: {}", x.assets_covered),
            step(x.assets_covered, [(2, 10), (11, 25), (101, 50)]),
        ),
    ]);
    lines.extend(tenure_lines(x, takes));
    lines.extend([
        hour_line(x, takes),
        (
            "change window or freeze".to_owned(),
            only(takes && (x.change_window || x.freeze), 10),
        ),
        (
            format!(
                "share of the group under an effect: {} %",
                x.group_under_effect_percent
            ),
            step(x.group_under_effect_percent, [(5, 10), (20, 20), (50, 40)]),
        ),
    ]);
    lines
}

fn action_lines(x: &ImpactInput) -> Vec<(String, i64)> {
    let row = x.action.row();
    let weakens = row.effect == Effect::Weakens;
    vec![
        (
            format!("intrusiveness: {}", row.intrusiveness),
            5 * row.intrusiveness,
        ),
        (
            "loses state".to_owned(),
            if row.loses_state { 10 } else { 0 },
        ),
        ("weakens detection".to_owned(), if weakens { 20 } else { 0 }),
    ]
}

fn protection_line(x: &ImpactInput) -> (String, i64) {
    match x.protection {
        None => (String::new(), 0),
        Some(it) => {
            let points = match it {
                Protection::Important => 15,
                Protection::Critical => 40,
                Protection::Never => 100,
            };
            (format!("protection: {it}"), points)
        }
    }
}

/// The tenure shields the software, and what a server does; not an abused workstation.
fn tenure_lines(x: &ImpactInput, takes: bool) -> [(String, i64); 2] {
    let shielded = takes && (at_software(x.action) || x.asset_kind == AssetKind::Server);
    let points = |tenure: Tenure, unknown: i64, established: i64| match tenure {
        Tenure::New => 0,
        _ if !shielded => 0,
        Tenure::Unknown => unknown,
        Tenure::Established => established,
    };
    [
        (
            format!("tenure here: {}", x.tenure),
            points(x.tenure, 10, 20),
        ),
        (
            format!("tenure in the fleet: {}", x.fleet_tenure),
            points(x.fleet_tenure, 5, 10),
        ),
    ]
}

fn hour_line(x: &ImpactInput, takes: bool) -> (String, i64) {
    match (takes, x.working_hours) {
        (false, _) => (String::new(), 0),
        (true, true) => ("hour: working hours".to_owned(), 5),
        (true, false) => ("hour: outside working hours".to_owned(), 10),
    }
}

/// The points of the highest step that the number reaches.
fn step(number: i64, steps: [(i64, i64); 3]) -> i64 {
    let reached = steps.iter().filter(|(from, _)| number >= *from);
    reached.map(|(_, points)| *points).max().unwrap_or(0)
}
