//! One delivery through a source: bytes in, detections out, or a rejection that says why.

use super::bindings::source::SourcePre;
use super::call::{run, seed};
use super::load::Core;
use super::logs::LogLine;
use super::manifest::Manifest;
use super::rules;
use super::settings::SettingsView;
use super::state::State;
use crate::engine::Ended;
use crate::model::{Detection, Failure, Millis, PluginRef, Rejection};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a source made of a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Normalization {
    /// Detections that have passed every rule, or why there are none. The code is the source's
    /// own word, or a code of the host (`CS-run-nn`).
    pub result: Result<Vec<Detection>, Rejection>,
    /// How the call ended where it ended without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// Fuel that it used, in units.
    pub fuel: u64,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// Whether the same call would give the same again.
    pub replayable: bool,
    /// The most memory that it held, in bytes.
    pub peak_memory_bytes: u64,
}

/// A source that is ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    core: Arc<Core>,
    pre: SourcePre<State>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({})", self.core.plugin)
    }
}

impl Source {
    pub(super) fn new(core: Arc<Core>, pre: SourcePre<State>) -> Self {
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

    /// Normalises a payload in a fresh instance. Blocks until it ended: call it on an evaluator
    /// thread.
    ///
    /// `content_type`: as the sender declared it, may be empty. `received`: where the clocks stand.
    pub fn normalize(
        &self,
        payload: &[u8],
        content_type: &str,
        received: Millis,
        settings: &SettingsView,
    ) -> Normalization {
        let core = &self.core;
        let state = State::new(
            &core.limits,
            settings,
            received.0,
            seed(b"payload", payload),
        );
        let content_type = content_type.to_ascii_lowercase();
        let done = run(core, state, payload.len(), |store| {
            let source = self.pre.instantiate(&mut *store)?;
            let reader = source.countersign_plugin_reader();
            reader.call_normalize(store, payload, &content_type)
        });
        let done = match done {
            Ok(done) => done,
            Err(ended) => return Normalization::without_call(ended),
        };
        let (result, ended) = match done.answer {
            Ok(Ok(list)) => (
                rules::detections(&core.manifest, list).map_err(rejected),
                None,
            ),
            Ok(Err(it)) => {
                let at = it.offset.map(|offset| format!("byte {offset}"));
                let failure = rules::failure(super::bindings::types::Failure {
                    code: it.code,
                    message: it.message,
                });
                let rejection = Rejection {
                    at,
                    ..rejected(failure)
                };
                (Err(rejection), None)
            }
            Err(ended) => {
                let failure = done.failure.unwrap_or_else(|| ended.failure(&[]));
                (Err(rejected(failure)), Some(ended))
            }
        };
        Normalization {
            result,
            replayable: ended.as_ref().is_none_or(Ended::replayable),
            ended,
            fuel: done.fuel,
            logs: done.logs,
            peak_memory_bytes: done.memory_bytes_peak,
        }
    }
}

fn rejected(failure: Failure) -> Rejection {
    Rejection {
        code: failure.code,
        message: failure.message,
        at: None,
    }
}

impl Normalization {
    fn without_call(ended: Ended) -> Self {
        Self {
            result: Err(rejected(ended.failure(&[]))),
            replayable: ended.replayable(),
            ended: Some(ended),
            fuel: 0,
            logs: Vec::new(),
            peak_memory_bytes: 0,
        }
    }
}
