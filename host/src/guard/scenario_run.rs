//! `guard test`: every row of a table asked, both ways of searching, and what differed.
//!
//! Scenarios are run on every load. A set of guards for which one fails is not used: the host
//! keeps the set it has, and says which row, in which line.

use super::error::{GuardError, GuardFile};
use super::finding::{Answer, Finding};
use super::impact::action_points;
use super::question::Question;
use super::scenario::{self, Scenario};
use super::schema::{edges_file, scenarios_file};
use super::set::Guards;
use super::store::Check;
use crate::model::{Approvals, Principal, TenantId};
use serde::Serialize;
use std::ops::Range;

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioRow {
    /// Its name.
    pub name: String,
    /// Its line in the file, from 1.
    pub line: u32,
    /// What must come out.
    pub wanted: String,
    /// What came out.
    pub got: String,
    /// Ids of the guards that stand against it with nobody approving.
    pub against: Vec<String>,
    /// What differs, in words; empty where the row holds.
    pub problems: Vec<String>,
    #[serde(skip)]
    span: Range<usize>,
}

/// What became of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioReport {
    /// The file.
    pub file: String,
    /// Every row, in the order of the file.
    pub rows: Vec<ScenarioRow>,
    /// How many rows failed.
    pub failed: usize,
    /// How often policies were evaluated by the fast search.
    pub evaluations: u32,
    #[serde(skip)]
    source: GuardFile,
}

/// Which column of the table says what must come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `expect`, with `against`, `emergency` and `instead` where they are said.
    Expect,
    /// `acme` where it is said, else `expect`: the table under the example tenant's guards
    /// (`host/docs/examples/acme.cedar`).
    Acme,
}

impl Guards {
    /// Loads a tenant's guards if every scenario holds: the baseline's own under the baseline,
    /// the tenant's own under all of it. What is in force stays so until this returns `Ok`.
    ///
    /// # Errors
    /// Everything wrong with a file, and each scenario that failed (`CS-guard-11`).
    pub fn load_checked(
        tenant: &TenantId,
        guards: &[GuardFile],
        scenarios: &[GuardFile],
    ) -> Result<(Self, Vec<ScenarioReport>), Vec<GuardError>> {
        let baseline = Self::baseline().map_err(|e| vec![e])?;
        let own = run_embedded(&baseline, Column::Expect)?;
        let mut errors: Vec<GuardError> = own.iter().flat_map(ScenarioReport::errors).collect();
        let loaded = Self::load(guards)?;
        let mut reports = vec![];
        for file in scenarios {
            match run_scenarios(&loaded, tenant, file) {
                Ok(report) => {
                    errors.extend(report.errors());
                    reports.push(report);
                }
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() {
            Ok((loaded, reports))
        } else {
            Err(errors)
        }
    }
}

/// Runs the embedded tables: the 172 rows, and the edges beside them.
///
/// # Errors
/// `CS-guard-10`: the binary itself is broken.
pub fn run_embedded(
    guards: &Guards,
    column: Column,
) -> Result<Vec<ScenarioReport>, Vec<GuardError>> {
    let edges = edges_file();
    let (table, beside) = (
        scenario::embedded()?,
        scenario::of_tenant(&scenario::acme(), &edges)?,
    );
    // the example tenant has no column for the edges, and a veto on some of their targets
    let mut reports = vec![run(guards, &scenarios_file(), &table, column)];
    if column == Column::Expect {
        reports.push(run(guards, &edges, &beside, column));
    }
    Ok(reports)
}

/// Runs a tenant's table. Failing rows are in the report and are no `Err`.
///
/// # Errors
/// `CS-guard-10` for each row or key that cannot be read.
pub fn run_scenarios(
    guards: &Guards,
    tenant: &TenantId,
    file: &GuardFile,
) -> Result<ScenarioReport, Vec<GuardError>> {
    let table = scenario::of_tenant(tenant, file)?;
    Ok(run(guards, file, &table, Column::Expect))
}

pub(super) fn run(
    guards: &Guards,
    file: &GuardFile,
    table: &[Scenario],
    column: Column,
) -> ScenarioReport {
    let mut evaluations: u32 = 0;
    let rows: Vec<ScenarioRow> = table
        .iter()
        .map(|it| {
            let (row, asked) = ask(guards, file, it, column);
            evaluations = evaluations.saturating_add(asked);
            row
        })
        .collect();
    ScenarioReport {
        file: file.name.clone(),
        failed: rows.iter().filter(|row| !row.problems.is_empty()).count(),
        rows,
        evaluations,
        source: file.clone(),
    }
}

fn ask(guards: &Guards, file: &GuardFile, it: &Scenario, column: Column) -> (ScenarioRow, u32) {
    let all = std::slice::from_ref(&it.request);
    let (quick, plain) = (guards.answer(all), guards.by_definition(all));
    let tenant = &it.request.resource.tenant;
    let against: Vec<String> = quick.against.iter().map(|it| it.id.clone()).collect();
    let got = told(guards, it, &quick);
    let wanted = match column {
        Column::Acme => it.wanted.acme.as_ref().unwrap_or(&it.wanted.expect),
        Column::Expect => &it.wanted.expect,
    };
    let mut problems = vec![];
    if got != *wanted {
        problems.push(format!("wanted {wanted}, got {got}, against {against:?}"));
    }
    if !same(&quick, &plain) {
        let plain = written(&plain.finding, tenant);
        problems.push(format!(
            "by the definition it is {plain}: the fast search is wrong"
        ));
    }
    problems.extend(quick.errors.iter().cloned());
    problems.extend(typed(guards, it).err());
    if column == Column::Expect {
        problems.extend(beside(guards, it, &against));
    }
    let line = GuardError::at("CS-guard-11", file, it.span.clone(), "").line;
    let row = ScenarioRow {
        name: it.name.clone(),
        line,
        wanted: wanted.clone(),
        got,
        against,
        problems,
        span: it.span.clone(),
    };
    (row, quick.evaluations)
}

/// Whether the fast search says what the definition says.
pub(super) fn same(quick: &Answer, plain: &Answer) -> bool {
    quick.finding == plain.finding
        && quick.against == plain.against
        && quick.by == plain.by
        && quick.errors == plain.errors
}

/// The row itself is checked against the schema, which a decision is not.
fn typed(guards: &Guards, it: &Scenario) -> Result<(), String> {
    let check = Check::Schema(&guards.rules.schema);
    Question::new(guards, &it.request, check)?.check()
}

/// What a row says beside the finding.
fn beside(guards: &Guards, it: &Scenario, against: &[String]) -> Vec<String> {
    let (mut problems, request) = (vec![], &it.request);
    if let Some(wanted) = it.wanted.against.as_ref().filter(|it| **it != against) {
        problems.push(format!("wanted against {wanted:?}, got {against:?}"));
    }
    if let Some(wanted) = &it.wanted.emergency {
        let answer = guards.in_emergency(std::slice::from_ref(request));
        let got = written(&answer.finding, &request.resource.tenant);
        if got != *wanted {
            problems.push(format!("in an emergency wanted {wanted}, got {got}"));
        }
    }
    if let Some(wanted) = &it.wanted.instead {
        // a row says the impact and not what it adds up from: only the action's points differ
        let other = request.facts.impact - action_points(request.action);
        let less = guards.less(request, |verb| other + action_points(verb));
        let found = less.iter().find(|it| it.finding == Finding::Execute);
        let got = found.map_or("nothing", |it| it.action.as_str());
        if got != wanted {
            problems.push(format!("without anybody wanted {wanted}, got {got}"));
        }
    }
    problems
}

/// What came out: of a product's action also whether it is an overreach or only counted.
fn told(guards: &Guards, it: &Scenario, answer: &Answer) -> String {
    let finding = written(&answer.finding, &it.request.resource.tenant);
    match (&it.request.principal, &answer.finding) {
        (Principal::Product { .. }, Finding::Hold(_) | Finding::Refuse) => {
            let overreach = !guards.overreach(answer).is_empty();
            format!(
                "{}, {finding}",
                if overreach { "overreach" } else { "counted" }
            )
        }
        _ => finding,
    }
}

/// A finding as tables write it: `hold 2 lead+owner acme/erp-duty`.
pub(super) fn written(finding: &Finding, tenant: &TenantId) -> String {
    match finding {
        Finding::Execute => "execute".to_owned(),
        Finding::Refuse => "refuse".to_owned(),
        Finding::Hold(people) => format!("hold {}", people_written(people, tenant)),
    }
}

fn people_written(people: &Approvals, tenant: &TenantId) -> String {
    let roles: Vec<&str> = people.roles.iter().map(|role| role.as_str()).collect();
    let mut parts = vec![people.count.to_string()];
    if !roles.is_empty() {
        parts.push(roles.join("+"));
    }
    parts.extend(
        people
            .people
            .iter()
            .map(|person| format!("{tenant}/{person}")),
    );
    parts.join(" ")
}

impl ScenarioReport {
    /// The rows that failed, with the place of each.
    pub fn errors(&self) -> Vec<GuardError> {
        let failed = self.rows.iter().filter(|row| !row.problems.is_empty());
        failed
            .map(|row| {
                let why = format!("{}: {}", row.name, row.problems.join("; "));
                GuardError::at("CS-guard-11", &self.source, row.span.clone(), why)
                    .help("the guards are not used: mend the guard, or the row if it is wrong")
            })
            .collect()
    }
}
