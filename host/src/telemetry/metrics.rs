//! Counters and histograms, as types.
//!
//! Every label is a closed enum of the host's own words. A label that took its value from a
//! detection, a plugin or a tenant would let whoever writes those make as many time series as
//! they like, which is how a monitoring system is taken down from outside.

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::fmt::Write as _;

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$mdoc:meta])* $member:ident = $word:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$mdoc])* $member),* }

        impl $name {
            /// Every member, in order.
            pub const ALL: &[Self] = &[$(Self::$member),*];
            /// The label's value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),* }
            }
        }
        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
                encoder.write_str(self.as_str())
            }
        }
    )* };
}

labels! {
    /// What became of a detection at intake.
    IntakeResult {
        /// New, and durable.
        Accepted = "accepted",
        /// Known already.
        Duplicate = "duplicate",
        /// Not a detection; its bytes are kept.
        Rejected = "rejected",
    }
    /// What the guards said.
    VerdictLabel {
        /// Runs without people.
        Execute = "execute",
        /// Waits for people.
        Hold = "hold",
        /// Never.
        Refuse = "refuse",
    }
    /// What an order came to.
    OrderState {
        /// Durable, about to be sent.
        Claimed = "claimed",
        /// Confirmed.
        Done = "done",
        /// Not carried out, and nothing changed.
        Failed = "failed",
        /// Withdrawn before anything was sent.
        Cancelled = "cancelled",
        /// Nobody knows; a person has to look.
        NeedsPerson = "needs-person",
    }
    /// What became of a page.
    PageState {
        /// Taken by the channel.
        Sent = "sent",
        /// Not taken by the channel; tried again.
        Failed = "failed",
        /// A person acted on it.
        Acknowledged = "acknowledged",
    }
    /// What kind of plugin.
    PluginLabel {
        /// A source.
        Source = "source",
        /// A playbook.
        Playbook = "playbook",
        /// A connector.
        Connector = "connector",
    }
    /// Why a plugin's call ended without an answer that counts.
    FailureReason {
        /// Out of CPU as the engine counts it.
        Fuel = "fuel",
        /// Out of wall clock.
        Wall = "wall",
        /// Out of memory.
        Memory = "memory",
        /// Out of table elements.
        Tables = "tables",
        /// Out of stack.
        Stack = "stack",
        /// More bytes than a host call or an answer may have.
        HostcallBytes = "hostcall-bytes",
        /// Too many host calls.
        Hostcalls = "hostcalls",
        /// Too many handles.
        Handles = "handles",
        /// Too much log.
        Log = "log",
        /// Trapped for a reason of its own.
        Trap = "trap",
        /// Answered that it failed.
        Failed = "failed",
        /// Answered something the contract or its manifest does not allow.
        Refused = "refused",
        /// Could not be loaded.
        Load = "load",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Intake {
    result: IntakeResult,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    verdict: VerdictLabel,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Order {
    state: OrderState,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Page {
    state: PageState,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Failure {
    kind: PluginLabel,
    reason: FailureReason,
}

/// All metrics of the host. One value for the process, shared by reference.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    detections: Family<Intake, Counter>,
    evaluate_seconds: Histogram,
    verdicts: Family<Verdict, Counter>,
    orders: Family<Order, Counter>,
    pages: Family<Page, Counter>,
    overreaches: Counter,
    open_cases: Gauge,
    held: Gauge,
    journal_commit_seconds: Histogram,
    journal_batch_entries: Histogram,
    plugin_failures: Family<Failure, Counter>,
    guard_errors: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics at nothing. Every series exists from the start, so that a rate over the first
    /// refusal is not a gap.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("countersign"),
            detections: Family::default(),
            // LIMIT: half a millisecond to a minute: from one guard to a call at its wall clock.
            evaluate_seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 18)),
            verdicts: Family::default(),
            orders: Family::default(),
            pages: Family::default(),
            overreaches: Counter::default(),
            open_cases: Gauge::default(),
            held: Gauge::default(),
            journal_commit_seconds: Histogram::new(exponential_buckets(0.0001, 2.0, 16)),
            journal_batch_entries: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            plugin_failures: Family::default(),
            guard_errors: Counter::default(),
        };
        metrics.register();
        metrics.start_at_nothing();
        metrics
    }

    // Counters get their `_total` from the encoder; a name that has it already panics.
    fn register(&mut self) {
        let it = &mut self.registry;
        it.register(
            "detections",
            "Detections by what became of them at intake",
            self.detections.clone(),
        );
        it.register(
            "evaluate_seconds",
            "Time of one evaluation of a case by a playbook",
            self.evaluate_seconds.clone(),
        );
        it.register("verdicts", "Verdicts of the guards", self.verdicts.clone());
        it.register("orders", "Orders by what they came to", self.orders.clone());
        it.register("pages", "Pages to people", self.pages.clone());
        it.register(
            "overreaches",
            "Effects of products that the guards would not have allowed",
            self.overreaches.clone(),
        );
        it.register("open_cases", "Cases that are open", self.open_cases.clone());
        it.register("held", "Proposals that wait for people", self.held.clone());
        it.register(
            "journal_commit_seconds",
            "Time of one commit of the journal",
            self.journal_commit_seconds.clone(),
        );
        it.register(
            "journal_batch_entries",
            "Entries that share one commit",
            self.journal_batch_entries.clone(),
        );
        it.register(
            "plugin_failures",
            "Calls of plugins that ended without an answer that counts",
            self.plugin_failures.clone(),
        );
        it.register(
            "guard_errors",
            "Guards that could not be evaluated; each is a refusal",
            self.guard_errors.clone(),
        );
    }

    fn start_at_nothing(&self) {
        for result in IntakeResult::ALL {
            self.detections
                .get_or_create_owned(&Intake { result: *result });
        }
        for verdict in VerdictLabel::ALL {
            self.verdicts
                .get_or_create_owned(&Verdict { verdict: *verdict });
        }
        for state in OrderState::ALL {
            self.orders.get_or_create_owned(&Order { state: *state });
        }
        for state in PageState::ALL {
            self.pages.get_or_create_owned(&Page { state: *state });
        }
    }

    /// A detection came in.
    pub fn detection(&self, result: IntakeResult) {
        self.detections.get_or_create(&Intake { result }).inc();
    }
    /// A playbook evaluated a case in so many seconds.
    pub fn evaluated(&self, seconds: f64) {
        self.evaluate_seconds.observe(seconds);
    }
    /// The guards said something.
    pub fn verdict(&self, verdict: VerdictLabel) {
        self.verdicts.get_or_create(&Verdict { verdict }).inc();
    }
    /// An order reached a state.
    pub fn order(&self, state: OrderState) {
        self.orders.get_or_create(&Order { state }).inc();
    }
    /// A page reached a state.
    pub fn page(&self, state: PageState) {
        self.pages.get_or_create(&Page { state }).inc();
    }
    /// A product did what the guards would not have allowed.
    pub fn overreach(&self) {
        self.overreaches.inc();
    }
    /// So many cases are open.
    pub fn open_cases(&self, count: u64) {
        self.open_cases
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    /// So many proposals wait for people.
    pub fn held(&self, count: u64) {
        self.held.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    /// The journal committed so many entries in so many seconds.
    pub fn committed(&self, entries: usize, seconds: f64) {
        self.journal_commit_seconds.observe(seconds);
        self.journal_batch_entries
            .observe(u32::try_from(entries).map_or(f64::MAX, f64::from));
    }
    /// A plugin's call ended without an answer that counts.
    pub fn plugin_failure(&self, kind: PluginLabel, reason: FailureReason) {
        let failure = Failure { kind, reason };
        self.plugin_failures.get_or_create(&failure).inc();
    }
    /// A guard could not be evaluated.
    pub fn guard_error(&self) {
        self.guard_errors.inc();
    }

    /// Everything, in the OpenMetrics text format
    /// (`application/openmetrics-text; version=1.0.0; charset=utf-8`).
    pub fn render(&self) -> String {
        let mut out = String::new();
        match encode(&mut out, &self.registry) {
            Ok(()) => out,
            // Writing to a string does not fail; were it to, half a page would be a lie.
            Err(_) => "# EOF\n".to_owned(),
        }
    }
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

    #[test]
    fn metrics_have_the_names_that_dashboards_use() {
        let metrics = Metrics::new();
        metrics.detection(IntakeResult::Accepted);
        metrics.order(OrderState::NeedsPerson);
        metrics.plugin_failure(PluginLabel::Connector, FailureReason::HostcallBytes);
        metrics.committed(7, 0.002);
        metrics.open_cases(3);
        metrics.held(2);
        metrics.overreach();
        metrics.guard_error();
        metrics.evaluated(0.01);
        metrics.verdict(VerdictLabel::Hold);
        metrics.page(PageState::Sent);
        let page = metrics.render();
        for line in [
            "countersign_detections_total{result=\"accepted\"} 1",
            "countersign_detections_total{result=\"duplicate\"} 0",
            "countersign_evaluate_seconds_count 1",
            "countersign_verdicts_total{verdict=\"hold\"} 1",
            "countersign_verdicts_total{verdict=\"refuse\"} 0",
            "countersign_orders_total{state=\"needs-person\"} 1",
            "countersign_pages_total{state=\"sent\"} 1",
            "countersign_overreaches_total 1",
            "countersign_open_cases 3",
            "countersign_held 2",
            "countersign_journal_commit_seconds_count 1",
            "countersign_journal_batch_entries_sum 7.0",
            "countersign_plugin_failures_total{kind=\"connector\",reason=\"hostcall-bytes\"} 1",
            "countersign_guard_errors_total 1",
        ] {
            assert!(
                page.lines().any(|it| it == line),
                "{line} is not in\n{page}"
            );
        }
        assert!(page.ends_with("# EOF\n"));
    }
}
