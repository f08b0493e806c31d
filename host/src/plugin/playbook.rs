//! One evaluation of a playbook: a pure function of the case, the settings and the look-ups.
//!
//! It runs where it is called, on an evaluator thread: nothing in it waits. The result holds all
//! that is needed to run it again, and a plan in it has passed every rule.

use super::bindings::playbook::PlaybookPre;
use super::call::{run, seed};
use super::convert::outward;
use super::load::Core;
use super::logs::LogLine;
use super::lookups::{Lookups, RecordedLookup};
use super::manifest::Manifest;
use super::rules;
use super::settings::SettingsView;
use super::state::{Asking, State};
use crate::engine::Ended;
use crate::model::{Failure, Plan, PluginRef, Subject};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an evaluation gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// A plan that has passed every rule, or why there is none.
    pub result: Result<Plan, Failure>,
    /// How the call ended where it ended without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// Every question that it asked and the answer, in order.
    pub lookups: Vec<RecordedLookup>,
    /// Fuel that it used, in units.
    pub fuel: u64,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// Whether the same call would give the same again: false where a clock or the machine ended
    /// it. The pipeline tries those again.
    pub replayable: bool,
    /// The most memory that it held, in bytes.
    pub peak_memory_bytes: u64,
}

/// A playbook that is ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Playbook {
    core: Arc<Core>,
    pre: PlaybookPre<State>,
}

impl std::fmt::Debug for Playbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Playbook({})", self.core.plugin)
    }
}

impl Playbook {
    pub(super) fn new(core: Arc<Core>, pre: PlaybookPre<State>) -> Self {
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

    /// Evaluates a case in a fresh instance. Blocks until it ended, at most `wall_ms` and a tick:
    /// call it on an evaluator thread.
    pub fn evaluate(
        &self,
        subject: &Subject,
        lookups: Arc<dyn Lookups>,
        settings: &SettingsView,
    ) -> Evaluation {
        let core = &self.core;
        let seed = seed(b"case", subject.id.as_str().as_bytes());
        let mut state = State::new(&core.limits, settings, subject.now.0, seed);
        state.asking = Some(Asking {
            answers: lookups,
            granted: core.manifest.lookups.clone(),
            recorded: Vec::new(),
        });
        let case = outward::case(subject);
        let done = run(core, state, 0, |store| {
            let playbook = self.pre.instantiate(&mut *store)?;
            let evaluator = playbook.countersign_plugin_evaluator();
            evaluator.call_evaluate(store, &case)
        });
        let done = match done {
            Ok(done) => done,
            Err(ended) => return Evaluation::without_call(ended),
        };
        let (result, ended) = match done.answer {
            Ok(Ok(plan)) => (rules::plan(&core.manifest, subject, plan), None),
            Ok(Err(failure)) => (Err(rules::failure(failure)), None),
            Err(ended) => (
                Err(done.failure.unwrap_or_else(|| ended.failure(&[]))),
                Some(ended),
            ),
        };
        Evaluation {
            result,
            replayable: ended.as_ref().is_none_or(Ended::replayable),
            ended,
            lookups: done.state.asking.map(|it| it.recorded).unwrap_or_default(),
            fuel: done.fuel,
            logs: done.logs,
            peak_memory_bytes: done.memory_bytes_peak,
        }
    }
}

impl Evaluation {
    fn without_call(ended: Ended) -> Self {
        Self {
            result: Err(ended.failure(&[])),
            replayable: ended.replayable(),
            ended: Some(ended),
            lookups: Vec::new(),
            fuel: 0,
            logs: Vec::new(),
            peak_memory_bytes: 0,
        }
    }
}
