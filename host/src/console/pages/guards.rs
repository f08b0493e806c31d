//! Guards: what they are, in their own text; whether their scenarios hold; and why they say what
//! they say of a proposal, as of now.

use super::refused_page;
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::outside;
use crate::console::parts::decide::short;
use crate::console::parts::reasons::{self, Way};
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::console::words;
use crate::guard::{
    Asked, Column, Effect, Explanation, GuardFile, PolicyInfo, ScenarioReport, explain,
    run_embedded, run_scenarios,
};
use crate::model::{Facts, ProposalId};
use crate::pipeline::Refusal;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// Whether the scenarios are run.
#[derive(Debug, Default, Deserialize)]
pub struct How {
    #[serde(default)]
    scenarios: bool,
}

/// `GET guards`.
pub async fn list(visitor: Visitor, Query(how): Query<How>) -> Response {
    let book = visitor.desk().book();
    let policies: Vec<PolicyInfo> = book.guards.policies().cloned().collect();
    let digest = book.guards.digest().clone();
    let reports = if how.scenarios {
        Some(run(&visitor).await)
    } else {
        None
    };
    let shell = visitor.shell();
    page(
        StatusCode::OK,
        shell.page_at(
            Nav::Guards,
            "Guards",
            body(&policies, digest.as_str(), reports.as_ref(), &shell),
        ),
    )
}

/// Every scenario, of the baseline and of the tenant; takes a second, so not on the reactor.
async fn run(visitor: &Visitor) -> Result<Vec<ScenarioReport>, String> {
    let guards = visitor.desk().book().guards.clone();
    let tenant = visitor.look.tenant.clone();
    let files = visitor.host.config().tenants.get(&tenant);
    let files: Vec<GuardFile> = files
        .iter()
        .flat_map(|it| it.scenarios.iter())
        .map(|it| GuardFile::new(it.file.path(), it.file.text()))
        .collect();
    let ran = tokio::task::spawn_blocking(move || {
        let baseline = crate::guard::Guards::baseline().map_err(|it| it.to_string())?;
        let mut reports =
            run_embedded(&baseline, Column::Expect).map_err(|it| crate::pipeline::render(&it))?;
        for file in &files {
            reports.push(
                run_scenarios(&guards, &tenant, file).map_err(|it| crate::pipeline::render(&it))?,
            );
        }
        Ok(reports)
    });
    ran.await
        .unwrap_or_else(|_| Err("the run ended unexpectedly".to_owned()))
}

fn body(
    policies: &[PolicyInfo],
    digest: &str,
    reports: Option<&Result<Vec<ScenarioReport>, String>>,
    shell: &Shell,
) -> Markup {
    let look = &shell.look;
    let (forbids, permits): (Vec<_>, Vec<_>) =
        policies.iter().partition(|it| it.effect == Effect::Forbid);
    html! {
        header.head { h1 { "Guards" } p.why { (count(forbids.len(), "guard stands", "guards stand")) " against, " (count(permits.len(), "grant", "grants")) ". Set " code { (short(digest)) } ". The baseline binds every tenant; a tenant can only forbid more." } }
        section.block aria-labelledby="why" {
            h2 id="why" { "Why does it wait?" }
            form.filter method="get" action=(look.href(&["guards", "explain"])) { div.field.grow { label for="proposal" { "Proposal" } input type="text" id="proposal" name="proposal" required autocomplete="off" spellcheck="false"; } button.btn { "Explain" } }
        }
        section.block aria-labelledby="sc" {
            h2 id="sc" { "Scenarios" }
            @match reports {
                None => p { "Every load runs them; a set for which one fails is not used. " a href="?scenarios=true" { "Run them now" } },
                Some(Err(why)) => (notice(Tone::Red, html! { p { (outside::plain(why)) } })),
                Some(Ok(reports)) => @for it in reports { (report(it)) },
            }
        }
        @for (title, list) in [("Stand against", &forbids), ("Grant", &permits)] {
            section.block aria-label=(title) {
                h2 { (title) }
                ol.ruled { @for it in list { li {
                    span.r { (outside::plain(&it.reason)) span.id { code { (outside::plain(&it.id)) } @if it.floor { " no approval opens it" } } details { summary { "Text, " (outside::plain(below_tenants(&it.file))) " line " (it.line) } pre tabindex="0" { code { (lines(&it.text)) } } } }
                    span.is-this { @if let Some(advice) = &it.advice { (outside::plain(advice)) } }
                } } }
            }
        }
    }
}

/// Where a file lies below the workspace: where that lies on the machine is nobody's business here.
fn below_tenants(file: &str) -> &str {
    file.rsplit_once("/tenants/").map_or(file, |(_, rest)| rest)
}

/// A policy's text keeps its lines; each is made inert.
fn lines(text: &str) -> Markup {
    html! { @for line in text.lines().take(200) { (crate::model::inert(line, 400)) "\n" } }
}

fn report(it: &ScenarioReport) -> Markup {
    html! {
        p { b { @if it.failed == 0 { "All hold: " } @else { span.red-t { (it.failed) " failed of " } } (it.rows.len()) } " in " (outside::plain(below_tenants(&it.file))) }
        @for row in it.rows.iter().filter(|it| !it.problems.is_empty()).take(50) { p.red-t { "line " (row.line) " " (outside::plain(&row.name)) ": " (outside::plain(&row.problems.join("; "))) } }
    }
}

/// Which proposal.
#[derive(Debug, Deserialize)]
pub struct Question {
    #[serde(default)]
    proposal: String,
}

/// `GET guards/explain`.
pub async fn explain_now(visitor: Visitor, Query(question): Query<Question>) -> Response {
    let id = ProposalId::new(question.proposal.trim());
    let of = id.clone();
    let asked = visitor.desk().ask(move |tx| {
        let record = tx
            .state
            .proposals
            .get(&of)
            .ok_or_else(|| Refusal::not_found("proposal", of.as_str()))?;
        let unit = tx.unit(&tx.state.unit_of(record)).ok_or_else(|| {
            Refusal::conflict("CS-approval-02", "the target can no longer be named")
        })?;
        let asked = unit.assessed.iter().map(|it| Asked {
            request: it.request.clone(),
            impact: it.impact_input.clone(),
        });
        let asked: Vec<Asked> = asked.collect();
        let facts: Vec<Facts> = asked.iter().map(|it| it.request.facts.clone()).collect();
        Ok((explain(&tx.book.guards, &asked), facts))
    });
    let shell = visitor.shell();
    match asked.await.and_then(|it| it) {
        Ok((told, facts)) => page(
            StatusCode::OK,
            shell.page_at(
                Nav::Guards,
                "Explained",
                explained(&told, &facts, &id, &shell),
            ),
        ),
        Err(refusal) => refused_page(&shell, &refusal, &visitor.look.href(&["guards"]), ""),
    }
}

fn explained(told: &Explanation, facts: &[Facts], id: &ProposalId, shell: &Shell) -> Markup {
    let look = &shell.look;
    let ways = told.alternatives.iter().rev().map(|it| Way {
        verb: it.action,
        impact: Some(it.impact),
        finding: it.finding.clone(),
        link: None,
    });
    let ways: Vec<Way> = ways.collect();
    html! {
        header.head {
            p.where { a href=(look.href(&["guards"])) { "Guards" } " / " a href=(look.href(&["proposals", id.as_str()])) { "the proposal" } }
            h1 { "It needs " (words::finding(&told.finding)) }
            p.why { "As of now, with the facts of now." }
        }
        section.block aria-labelledby="ag" { h2 id="ag" { "What stands against it" } (reasons::list(&told.against)) @if told.against.is_empty() { p.hint { "Nothing." } } }
        section.block aria-labelledby="by" { h2 id="by" { "What carries it" } (reasons::list(&told.by)) @if told.by.is_empty() { p.hint { "No grant." } } }
        @if !ways.is_empty() { section.block aria-labelledby="wa" { h2 id="wa" { "Other ways" } (reasons::ways(&ways)) } }
        @for (n, it) in facts.iter().enumerate() {
            section.block aria-label="Facts" {
                h2 { "Facts" @if facts.len() > 1 { " of step " (n + 1) } }
                dl.facts { @for (name, value) in rows(it) { dt { (name) } dd { code { (outside::plain(&value)) } } } }
            }
        }
    }
}

/// Facts as the schema names them.
fn rows(facts: &Facts) -> Vec<(String, String)> {
    let value = serde_json::to_value(facts).unwrap_or_default();
    let mut rows = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(inner) => rows.extend(
                inner
                    .iter()
                    .map(|(key, value)| (format!("{name}.{key}"), value.to_string())),
            ),
            None => rows.push((name.clone(), value.to_string())),
        }
    }
    rows
}
