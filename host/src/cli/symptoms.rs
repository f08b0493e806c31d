//! What a tenant's health says, as findings with what to do about each.

use super::context::Context;
use super::failure::Failure;
use super::words::{self, text};
use crate::api::Health;
use crate::model::Mode;
use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// As it should be.
    Fine,
    /// Somebody should know.
    Note,
    /// Something does not work.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    what: String,
    weight: Weight,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    help: String,
}

impl Finding {
    fn new(what: &str, weight: Weight, text: String, help: &str) -> Self {
        Self {
            what: what.to_owned(),
            weight,
            text,
            help: help.to_owned(),
        }
    }
    /// As it should be.
    pub fn fine(what: &str, text: String) -> Self {
        Self::new(what, Weight::Fine, text, "")
    }
    /// Somebody should know.
    pub fn note(what: &str, text: String, help: &str) -> Self {
        Self::new(what, Weight::Note, text, help)
    }
    /// Something does not work.
    pub fn wrong(what: &str, text: String, help: &str) -> Self {
        Self::new(what, Weight::Wrong, text, help)
    }
    /// A question that failed.
    pub fn of_failure(what: &str, failure: &Failure) -> Self {
        let (text, help) = failure.parts();
        Self::new(what, Weight::Wrong, text, help)
    }
    /// Whether something does not work.
    pub fn is_wrong(&self) -> bool {
        self.weight == Weight::Wrong
    }
    /// One line, and what to do below it.
    pub fn to_text(&self) -> String {
        let sign = match self.weight {
            Weight::Fine => "ok    ",
            Weight::Note => "note  ",
            Weight::Wrong => "WRONG ",
        };
        let line = format!("{sign} {}: {}", text(&self.what), text(&self.text));
        if self.help.is_empty() {
            return line;
        }
        format!("{line}\n        -> {}", text(&self.help))
    }
}

/// What a tenant's health says.
pub fn of_health(health: &Health, ctx: &Context) -> Vec<Finding> {
    let mut found = Vec::new();
    for problem in &health.problems {
        // each says by itself what to do
        found.push(Finding::wrong("configured", problem.clone(), ""));
    }
    found.push(acts(health, ctx));
    found.extend(people(health));
    found.extend(pages(health));
    let guards = &health.guards;
    let digest = guards.digest.short();
    found.push(Finding::fine(
        "guards in force",
        format!("{}, digest {digest}", guards.policies),
    ));
    if let Some(why) = &health.engine.fallback {
        let text = format!("the host runs plugins without the pool, and slower: {why}");
        found.push(Finding::note(
            "sandbox of the host",
            text,
            "raise its limit of address space",
        ));
    }
    found.push(coverage(health));
    if health.drifts > 0 {
        let text = format!(
            "a product is stricter than we are in {} place(s)",
            health.drifts
        );
        found.push(Finding::note("drift", text, "countersign drift list"));
    }
    let entries = format!(
        "{} entries, {} cases",
        health.journal_entries, health.work.cases
    );
    found.push(Finding::fine("journal", entries));
    found
}

fn acts(health: &Health, ctx: &Context) -> Finding {
    if let Some(halt) = health.halt.as_ref().filter(|it| it.on) {
        let at = words::time(halt.at, &ctx.zone);
        let text = format!("halted by {} {at}: {}", halt.person, halt.reason);
        return Finding::wrong(
            "automation",
            text,
            "countersign halt off --reason WHY, as a lead",
        );
    }
    if health.dispatch_off {
        let text = "nothing is sent: the database is not the one that ran here last".to_owned();
        return Finding::wrong(
            "automation",
            text,
            "look at the systems, then: countersign confirm",
        );
    }
    match health.mode {
        Mode::Observe => Finding::note(
            "automation",
            "the tenant is in observe: nothing acts by itself".to_owned(),
            "mode in tenant.toml, and of groups, when you trust what you see",
        ),
        mode => Finding::fine("automation", format!("mode {mode}, not halted")),
    }
}

fn people(health: &Health) -> Vec<Finding> {
    let work = &health.work;
    let counted = [
        (
            work.held,
            "proposal(s) wait for people",
            "countersign proposal list --state held",
        ),
        (
            work.needs_person,
            "action(s) that only a person can take further",
            "countersign proposal list --state needs-person",
        ),
        (
            work.overreaches_unseen,
            "overreach(es) that nobody has acknowledged",
            "countersign overreach list",
        ),
        (
            work.overreaches_unrepaired,
            "overreach(es) not repaired",
            "countersign overreach list",
        ),
        (
            work.leases_ended,
            "lease(s) have ended: renew them or give back",
            "countersign effect list",
        ),
        (work.marked, "case(s) with a mark", "countersign case list"),
    ];
    let open = counted.into_iter().filter(|it| it.0 > 0);
    open.map(|(n, what, help)| Finding::note("waiting", format!("{n} {what}"), help))
        .collect()
}

fn pages(health: &Health) -> Vec<Finding> {
    let pages = &health.pages;
    let mut found = Vec::new();
    if pages.channels == 0 {
        found.push(Finding::wrong(
            "pages",
            "nobody can be told: no page channel is configured".to_owned(),
            "page_channels in tenant.toml, with a connector such as webhook",
        ));
    }
    if pages.undelivered > 0 {
        let text = format!("{} could not be delivered", pages.undelivered);
        found.push(Finding::wrong(
            "pages",
            text,
            "countersign page list says why",
        ));
    }
    if pages.open > 0 {
        let text = format!("{} that nobody has acted on", pages.open);
        found.push(Finding::note("pages", text, "countersign page list"));
    }
    found
}

fn coverage(health: &Health) -> Finding {
    let it = &health.coverage;
    let text = format!(
        "{} of {} assets reviewed, {} with an owner, {} managed, {} stale",
        it.reviewed, it.assets, it.owned, it.managed, it.stale
    );
    if it.assets == 0 {
        let text = "no asset is known: everything counts as critical and waits".to_owned();
        return Finding::note("inventory", text, "countersign asset import FILE");
    }
    if it.reviewed < it.assets || it.stale > 0 {
        return Finding::note("inventory", text, "countersign asset list --unreviewed");
    }
    Finding::fine("inventory", text)
}
