//! One call of a connector: `execute` or `status` of one order.
//!
//! It waits for a far side, so it runs on a blocking thread and its guest sends through `egress`
//! alone. What is known of the far side decides what comes of a call that ended without an answer:
//! after the first byte was sent it may have happened, and then nothing but `status` may follow.

use super::bindings::connector::ConnectorPre;
use super::call::{Done, run, seed};
use super::convert::outward;
use super::egress::{Egress, RecordedRequest};
use super::load::Core;
use super::logs::LogLine;
use super::manifest::Manifest;
use super::rules::{self, Asked};
use super::settings::SettingsView;
use super::state::{Sending, State};
use crate::engine::Ended;
use crate::model::{Failure, Fault, Order, PluginRef, Receipt};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is asked of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// Do it.
    Execute,
    /// Is it in force?
    Status,
}

/// What a call of a connector gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorCall {
    /// A receipt that has passed every rule, or what is known instead. A call that the sandbox
    /// ended is `not-done` only where `execute` provably sent nothing, else `unknown`.
    pub result: Result<Receipt, Fault>,
    /// How the call ended where it ended without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// Every request that it made, in order, without secrets.
    pub requests: Vec<RecordedRequest>,
    /// Fuel that it used, in units.
    pub fuel: u64,
    /// What it logged.
    pub logs: Vec<LogLine>,
}

/// A connector that is ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    core: Arc<Core>,
    pre: ConnectorPre<State>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connector({})", self.core.plugin)
    }
}

impl Connector {
    pub(super) fn new(core: Arc<Core>, pre: ConnectorPre<State>) -> Self {
        Self { core, pre }
    }
    /// Which version.
    pub fn plugin(&self) -> &PluginRef {
        &self.core.plugin
    }
    /// The most that it may do.
    pub fn manifest(&self) -> &Manifest {
        &self.core.manifest
    }

    /// Makes one call in a fresh instance. Needs a tokio runtime; ends within `wall_ms` and a
    /// tick.
    pub async fn call(
        &self,
        which: Call,
        order: &Order,
        settings: &SettingsView,
        egress: &Egress,
    ) -> ConnectorCall {
        if let Some(refused) = self.unfit(order) {
            return refused;
        }
        let runtime = tokio::runtime::Handle::current();
        let (this, order, settings) = (self.clone(), order.clone(), settings.clone());
        let egress = egress.clone();
        let call = move || this.blocking(which, &order, &settings, egress, runtime);
        match tokio::task::spawn_blocking(call).await {
            Ok(call) => call,
            // The runtime stops, or a bug of ours: what was sent is not known.
            Err(error) => ConnectorCall::without_answer(Ended::Host(error.to_string()), true),
        }
    }

    /// An order that this connector does not carry out: a fault of the route, found before
    /// anything runs.
    fn unfit(&self, order: &Order) -> Option<ConnectorCall> {
        let kind = order.target.kind();
        let performs = self.core.manifest.performs(order.action, kind);
        performs.is_none().then(|| ConnectorCall {
            result: Err(Fault::Definite(Failure {
                code: "unsupported".to_owned(),
                message: format!(
                    "{} on {kind} is not in the manifest of {}",
                    order.action, self.core.plugin
                ),
            })),
            ended: None,
            requests: Vec::new(),
            fuel: 0,
            logs: Vec::new(),
        })
    }

    fn blocking(
        &self,
        which: Call,
        order: &Order,
        settings: &SettingsView,
        egress: Egress,
        runtime: tokio::runtime::Handle,
    ) -> ConnectorCall {
        let core = &self.core;
        let seed = seed(b"order", order.idempotency_key.as_str().as_bytes());
        let mut state = State::new(&core.limits, settings, order.now.0, seed);
        state.sending = Some(Sending {
            egress,
            runtime,
            ends: Instant::now() + Duration::from_millis(core.limits.wall_ms),
            requests: Vec::new(),
        });
        let sent = outward::order(order);
        let done = run(core, state, 0, |store| {
            let connector = self.pre.instantiate(&mut *store)?;
            let actuator = connector.countersign_plugin_actuator();
            match which {
                Call::Execute => actuator.call_execute(store, &sent),
                Call::Status => actuator.call_status(store, &sent),
            }
        });
        match done {
            Ok(done) => finished(which, order, done),
            Err(ended) => ConnectorCall::without_answer(ended, which == Call::Status),
        }
    }
}

fn finished(
    which: Call,
    order: &Order,
    done: Done<Result<super::bindings::types::Receipt, super::bindings::types::Fault>>,
) -> ConnectorCall {
    let asked = match which {
        Call::Execute => Asked::Execute,
        Call::Status if order.attempt == 0 => Asked::StatusBefore,
        Call::Status => Asked::Status,
    };
    let requests = done.state.sending.map(|it| it.requests).unwrap_or_default();
    let perhaps = which == Call::Status || requests.iter().any(|it| it.sent);
    let (result, ended) = match done.answer {
        Ok(Ok(receipt)) => {
            let receipt = rules::receipt(asked, receipt);
            (receipt.map_err(|why| unanswered(why, perhaps)), None)
        }
        Ok(Err(fault)) => (Err(rules::fault(fault)), None),
        Err(ended) => {
            let why = done.failure.unwrap_or_else(|| ended.failure(&[]));
            (Err(unanswered(why, perhaps)), Some(ended))
        }
    };
    ConnectorCall {
        result,
        ended,
        requests,
        fuel: done.fuel,
        logs: done.logs,
    }
}

/// What is known where there is no answer that counts.
fn unanswered(why: Failure, perhaps: bool) -> Fault {
    if perhaps {
        Fault::Unknown(why)
    } else {
        Fault::NotDone(why)
    }
}

impl ConnectorCall {
    fn without_answer(ended: Ended, perhaps: bool) -> Self {
        Self {
            result: Err(unanswered(ended.failure(&[]), perhaps)),
            ended: Some(ended),
            requests: Vec::new(),
            fuel: 0,
            logs: Vec::new(),
        }
    }
}
