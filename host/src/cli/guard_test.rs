//! `guard test`: scenarios, run as the host runs them before it takes a set of guards.

use super::FAILED;
use super::args::GuardTest;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::guard::refused;
use super::guard_files::{self, TenantGuards};
use super::words::text;
use crate::guard::{Column, GuardError, Guards, ScenarioReport, run_embedded, run_scenarios};
use crate::model::TenantId;
use serde_json::json;
use std::process::ExitCode;

/// Whose scenarios are where no workspace says it: the tenant of the built-in world.
const EXAMPLE_TENANT: &str = "acme";

/// Runs scenarios; 1 if one fails, 2 if one cannot be read.
///
/// # Errors
/// The workspace or a file cannot be read, or nothing was asked.
pub fn run(args: &GuardTest, ctx: &Context) -> Outcome {
    let tenants = guard_files::all(ctx)?;
    let reports = if args.files.is_empty() {
        of_tenants(&tenants)
    } else {
        let files = guard_files::read(&args.files)?;
        let mut tenant = guard_files::one(ctx)?;
        tenant.scenarios = files;
        of(&tenant)
    };
    let mut reports = match reports {
        Ok(reports) => reports,
        Err(errors) => return Ok(refused(&errors, ctx)),
    };
    if let Some(only) = &args.only {
        narrow(&mut reports, only);
    }
    let asked: usize = reports.iter().map(|it| it.rows.len()).sum();
    let failed: usize = reports.iter().map(|it| it.failed).sum();
    if asked == 0 {
        // nothing asked proves nothing
        return Err(Failure::new("CS-cli-25", "no scenario was run")
            .help("look at --only, and at the names in the file"));
    }
    let value =
        json!({ "ok": failed == 0, "scenarios": asked, "failed": failed, "reports": reports });
    ctx.show(&said(&reports, asked, failed), &value);
    Ok(ExitCode::from(if failed == 0 { 0 } else { FAILED }))
}

/// The built-in scenarios under the baseline, then each tenant's under all of its guards.
fn of_tenants(tenants: &[TenantGuards]) -> Result<Vec<ScenarioReport>, Vec<GuardError>> {
    let baseline = Guards::baseline().map_err(|it| vec![it])?;
    let mut reports = run_embedded(&baseline, Column::Expect)?;
    for tenant in tenants {
        reports.extend(of(tenant)?);
    }
    Ok(reports)
}

fn of(tenant: &TenantGuards) -> Result<Vec<ScenarioReport>, Vec<GuardError>> {
    let guards = Guards::load(&tenant.guards)?;
    let example = TenantId::from(EXAMPLE_TENANT);
    let whose = tenant.tenant.as_ref().unwrap_or(&example);
    let (mut reports, mut errors) = (Vec::new(), Vec::new());
    for file in &tenant.scenarios {
        match run_scenarios(&guards, whose, file) {
            Ok(report) => reports.push(report),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() {
        Ok(reports)
    } else {
        Err(errors)
    }
}

fn narrow(reports: &mut Vec<ScenarioReport>, only: &str) {
    for report in reports.iter_mut() {
        report.rows.retain(|it| it.name.contains(only));
        report.failed = report
            .rows
            .iter()
            .filter(|it| !it.problems.is_empty())
            .count();
    }
    reports.retain(|it| !it.rows.is_empty());
}

fn said(reports: &[ScenarioReport], asked: usize, failed: usize) -> String {
    let mut lines = Vec::new();
    for report in reports {
        for row in report.rows.iter().filter(|it| !it.problems.is_empty()) {
            lines.push(format!("{}:{}: {}", report.file, row.line, text(&row.name)));
            lines.extend(row.problems.iter().map(|it| format!("  {}", text(it))));
        }
        let ok = report.rows.len() - report.failed;
        lines.push(format!(
            "{}: {ok} of {} hold",
            report.file,
            report.rows.len()
        ));
    }
    lines.push(match failed {
        0 => format!("ok: {asked} scenarios hold"),
        _ => format!("{failed} of {asked} scenarios do not hold"),
    });
    lines.join("\n")
}
