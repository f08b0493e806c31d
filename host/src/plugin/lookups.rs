//! What a playbook may ask the host, and the record of what it was told.
//!
//! Look-ups answer from the host's own store. Each question and answer is kept with the
//! evaluation as JSON; replay hands the same answers out again, so that a plan can be computed
//! anew years later from nothing but the journal. A look-up that cannot be answered ends the
//! evaluation, to be tried again: a playbook must never decide differently because a disk was
//! slow.

use super::manifest::LookupName;
use crate::model::{Attribute, Device, Millis, Resolution, Software, Target};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};

/// The asset behind a device, as a playbook sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetView {
    /// How exactly the inventory knows it.
    pub resolution: Resolution,
    /// The host's id; empty when ambiguous or unresolved.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `server`, `workstation`; empty when nobody said.
    pub kind: String,
    /// Whether a person said what it is.
    pub reviewed: bool,
    /// `none`, `important`, `critical`, `never`: the strongest that counts for it now.
    pub protection: String,
    /// Groups it belongs to.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Business processes that stop when this stops.
    #[serde(default)]
    pub processes: Vec<String>,
    /// More about it.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// What has been seen before of one lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SightingsView {
    /// `new`, `established`, `unknown`.
    pub tenure: String,
    /// Distinct devices it was seen on.
    pub devices: u32,
    /// First time.
    pub first_seen: Option<Millis>,
    /// Last time.
    pub last_seen: Option<Millis>,
    /// Earlier detections that name it.
    pub detections: u32,
    /// Proposals about it that people approved.
    pub approved: u32,
    /// Proposals about it that people denied.
    pub denied: u32,
    /// Times a person gave it back or allowed it.
    pub released: u32,
    /// `countersign.lineage`, `countersign.rating_flip`, `countersign.changed`.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// An earlier case about the same entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierCase {
    /// Its id.
    pub id: String,
    /// When it was opened.
    pub opened: Millis,
    /// The alert's title.
    pub title: String,
    /// How it ended, or `open`.
    pub state: String,
    /// More about it.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// The host could not answer; says nothing about the plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a look-up could not be answered: {0}")]
pub struct LookupFailed(pub String);

/// The host's side of the look-ups, for one tenant and one case.
///
/// Called on an evaluator thread, while the guest waits: answer from memory or one local read.
pub trait Lookups: Send + Sync {
    /// The asset behind a device.
    ///
    /// # Errors
    /// The store did not answer; the evaluation ends and is tried again.
    fn asset_of(&self, device: &Device) -> Result<AssetView, LookupFailed>;
    /// Where software was seen: on one device, or in the fleet.
    ///
    /// # Errors
    /// The store did not answer; the evaluation ends and is tried again.
    fn sightings_of(
        &self,
        software: &Software,
        on: Option<&Device>,
    ) -> Result<SightingsView, LookupFailed>;
    /// Earlier cases that have this entity, newest first, at most `limit` (1 to 50).
    ///
    /// # Errors
    /// The store did not answer; the evaluation ends and is tried again.
    fn earlier_cases(&self, about: &Target, limit: u32) -> Result<Vec<EarlierCase>, LookupFailed>;
    /// A part of the alert as it arrived: from `offset`, at most `length` bytes (1 to 65536).
    ///
    /// # Errors
    /// The store did not answer; the evaluation ends and is tried again.
    fn raw_alert(&self, offset: u32, length: u32) -> Result<Vec<u8>, LookupFailed>;
}

/// One question and its answer, as kept with the evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedLookup {
    /// What was asked.
    pub function: LookupName,
    /// With which arguments, by name.
    pub arguments: Value,
    /// What was answered; bytes as base64.
    pub answer: Value,
}

/// Questions as they are recorded. One place for both directions, so that a replay finds what a
/// recording wrote.
pub(super) mod question {
    use super::{Device, Software, Target, Value, json};

    pub(in crate::plugin) fn asset_of(device: &Device) -> Value {
        json!({ "device": device })
    }
    pub(in crate::plugin) fn sightings_of(software: &Software, on: Option<&Device>) -> Value {
        json!({ "software": software, "on": on })
    }
    pub(in crate::plugin) fn earlier_cases(about: &Target, limit: u32) -> Value {
        json!({ "about": about, "limit": limit })
    }
    pub(in crate::plugin) fn raw_alert(offset: u32, length: u32) -> Value {
        json!({ "offset": offset, "length": length })
    }
}

/// Bytes as they are recorded.
pub(super) fn recorded_bytes(bytes: &[u8]) -> Value {
    Value::from(STANDARD.encode(bytes))
}

/// The answers of a recording, to the same questions.
///
/// A question that was not asked then has no answer now: the evaluation ends with the host's
/// failure, which says so, and the report of a replay counts it as not comparable.
#[derive(Debug)]
pub struct Replayed {
    recorded: Vec<RecordedLookup>,
    used: Mutex<Vec<bool>>,
}

impl Replayed {
    /// Answers from what an evaluation recorded.
    pub fn new(recorded: Vec<RecordedLookup>) -> Self {
        let used = Mutex::new(vec![false; recorded.len()]);
        Self { recorded, used }
    }

    /// The answer to a question: the first that was not handed out yet, because the store may
    /// have changed between two equal questions; else the last one.
    fn answer<T: DeserializeOwned>(
        &self,
        function: LookupName,
        arguments: &Value,
    ) -> Result<T, LookupFailed> {
        let answer = self.find(function, arguments).ok_or_else(|| {
            LookupFailed(format!(
                "the recording has no answer of {} to {arguments}",
                function.as_str()
            ))
        })?;
        T::deserialize(answer).map_err(|error| LookupFailed(format!("the recording: {error}")))
    }

    fn find(&self, function: LookupName, arguments: &Value) -> Option<&Value> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = None;
        for (it, used) in self.recorded.iter().zip(used.iter_mut()) {
            if it.function != function || it.arguments != *arguments {
                continue;
            }
            if !*used {
                *used = true;
                return Some(&it.answer);
            }
            last = Some(&it.answer);
        }
        last
    }
}

impl Lookups for Replayed {
    fn asset_of(&self, device: &Device) -> Result<AssetView, LookupFailed> {
        self.answer(LookupName::AssetOf, &question::asset_of(device))
    }
    fn sightings_of(
        &self,
        software: &Software,
        on: Option<&Device>,
    ) -> Result<SightingsView, LookupFailed> {
        let asked = question::sightings_of(software, on);
        self.answer(LookupName::SightingsOf, &asked)
    }
    fn earlier_cases(&self, about: &Target, limit: u32) -> Result<Vec<EarlierCase>, LookupFailed> {
        let asked = question::earlier_cases(about, limit);
        self.answer(LookupName::EarlierCases, &asked)
    }
    fn raw_alert(&self, offset: u32, length: u32) -> Result<Vec<u8>, LookupFailed> {
        let asked = question::raw_alert(offset, length);
        let text: String = self.answer(LookupName::RawAlert, &asked)?;
        STANDARD
            .decode(text)
            .map_err(|error| LookupFailed(format!("the recording: {error}")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_answers_what_was_asked_in_its_order_and_nothing_else() {
        let recorded = |bytes: &[u8]| RecordedLookup {
            function: LookupName::RawAlert,
            arguments: question::raw_alert(0, 4),
            answer: recorded_bytes(bytes),
        };
        let replayed = Replayed::new(vec![recorded(b"abcd"), recorded(b"efgh")]);
        assert_eq!(replayed.raw_alert(0, 4).unwrap(), b"abcd");
        assert_eq!(replayed.raw_alert(0, 4).unwrap(), b"efgh");
        assert_eq!(replayed.raw_alert(0, 4).unwrap(), b"efgh");
        let error = replayed.raw_alert(1, 4).unwrap_err();
        assert!(error.to_string().contains("no answer of raw-alert to"));
    }
}
