//! Who is told of what happened: the metrics count every entry, live listeners read a line.

use super::events::{Events, Happened};
use crate::journal::entry::{Answered, Entry, OrderState};
use crate::model::{CaseId, Finding, Millis, TenantId};
use crate::telemetry::{
    FailureReason, Metrics, OrderState as OrderLabel, PageState, PluginLabel, VerdictLabel,
};
use std::sync::Arc;

/// Metrics and listeners.
#[derive(Clone)]
pub struct Told {
    /// Live listeners.
    pub events: Events,
    /// Counters.
    pub metrics: Arc<Metrics>,
}

impl Told {
    /// The line for listeners, if there are any.
    pub fn line(
        &self,
        tenant: &TenantId,
        at: Millis,
        case: Option<&CaseId>,
        entry: &Entry,
    ) -> Option<Happened> {
        self.events
            .is_heard()
            .then(|| Happened::new(tenant, at, entry.kind(), case, &entry.describe()))
    }

    /// Counts an entry that is durable.
    pub fn count(&self, entry: &Entry) {
        let metrics = &self.metrics;
        match entry {
            Entry::Judged(judged) => {
                metrics.verdict(match judged.finding {
                    Finding::Execute => VerdictLabel::Execute,
                    Finding::Hold(_) => VerdictLabel::Hold,
                    Finding::Refuse => VerdictLabel::Refuse,
                });
                judged.errors.iter().for_each(|_| metrics.guard_error());
            }
            Entry::OrderDispatched { .. } => metrics.order(OrderLabel::Claimed),
            Entry::OrderEnded { state, .. } => match state {
                OrderState::Done => metrics.order(OrderLabel::Done),
                OrderState::Failed => metrics.order(OrderLabel::Failed),
                OrderState::Cancelled => metrics.order(OrderLabel::Cancelled),
                OrderState::NeedsPerson => metrics.order(OrderLabel::NeedsPerson),
                OrderState::Intent | OrderState::Dispatched | OrderState::Confirming => {}
            },
            Entry::OverreachFound(_) => metrics.overreach(),
            Entry::PageSent {
                delivered: true, ..
            } => metrics.page(PageState::Sent),
            Entry::PageSent { .. } => metrics.page(PageState::Failed),
            Entry::OverreachAcknowledged { .. } | Entry::PageAcknowledged { .. } => {
                metrics.page(PageState::Acknowledged)
            }
            Entry::Evaluated(it) => {
                if let Err(failure) = &it.result {
                    metrics.plugin_failure(PluginLabel::Playbook, reason(&failure.code));
                }
            }
            Entry::PayloadRead { rejected, .. } => rejected
                .iter()
                .map(|it| it.rejection.code.as_str())
                .filter(|code| code.starts_with("CS-run-"))
                .for_each(|code| metrics.plugin_failure(PluginLabel::Source, reason(code))),
            Entry::OrderAnswered {
                answer: Answered::Fault(fault),
                ..
            } if fault.failure().code.starts_with("CS-run-") => {
                metrics.plugin_failure(PluginLabel::Connector, reason(&fault.failure().code));
            }
            _ => {}
        }
    }
}

/// The reason behind a code of the sandbox (`docs/errors/run.md`).
fn reason(code: &str) -> FailureReason {
    match code {
        "CS-run-40" => FailureReason::Fuel,
        "CS-run-41" => FailureReason::Wall,
        "CS-run-42" => FailureReason::Memory,
        "CS-run-43" => FailureReason::Tables,
        "CS-run-44" => FailureReason::Stack,
        "CS-run-45" => FailureReason::HostcallBytes,
        "CS-run-46" | "CS-run-52" | "CS-run-53" => FailureReason::Hostcalls,
        "CS-run-47" => FailureReason::Handles,
        code if code.starts_with("CS-run-0")
            || code.starts_with("CS-run-1")
            || code == "CS-run-20" =>
        {
            FailureReason::Refused
        }
        code if code.starts_with("CS-run-4") || code.starts_with("CS-run-5") => FailureReason::Trap,
        _ => FailureReason::Failed,
    }
}
