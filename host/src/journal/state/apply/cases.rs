//! Payloads, cases and evaluations.

use super::proposals::surge_device;
use crate::inventory::{lineage, software_of};
use crate::journal::entry::{CaseOpened, Entry, Evaluated};
use crate::journal::state::{CaseRecord, Due, LineageRecord, Mark, PayloadRecord, State};
use crate::model::{CaseId, Detection, Digest, Millis, Rating, Verb};
use std::collections::{BTreeMap, BTreeSet};

/// LIMIT: marks kept a case; above it the oldest stay, because the first failure explains most.
const MARKS_MAX: usize = 64;

impl State {
    pub(super) fn apply_case(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::PayloadReceived {
                payload,
                source,
                content_type,
                bytes,
            } => {
                let record = PayloadRecord {
                    payload: payload.clone(),
                    source: source.clone(),
                    content_type: content_type.clone(),
                    bytes: *bytes,
                    received: at,
                    read: false,
                    detections: 0,
                    rejected: Vec::new(),
                    by: None,
                };
                self.payloads.insert(payload.clone(), record);
                self.touch("payload", payload);
            }
            Entry::PayloadRead {
                payload,
                rejected,
                detections,
                duplicates,
                by,
                ..
            } => {
                if let Some(record) = self.payloads.get_mut(payload) {
                    record.read = true;
                    record.detections = detections.saturating_add(*duplicates);
                    record.rejected.clone_from(rejected);
                    record.by.clone_from(by);
                }
                self.touch("payload", payload);
            }
            Entry::CaseOpened(opened) => self.open_case(at, opened),
            Entry::CaseRevised {
                case,
                payload,
                digest,
                detection,
                changed,
                about,
            } => {
                self.revise_case(at, case, payload, digest, detection);
                self.with_case(at, case, |record| {
                    record.changed.clone_from(changed);
                    record.cause = about.cause.clone();
                    record.device.clone_from(&about.device);
                    record.resolution = about.resolution;
                    record.assets.clone_from(&about.assets);
                });
                self.count_taken(at, case);
            }
            Entry::CaseMarked { case, code, text } => self.with_case(at, case, |record| {
                if record.marks.len() < MARKS_MAX {
                    record.marks.push(Mark {
                        at,
                        code: code.clone(),
                        text: text.clone(),
                    });
                }
            }),
            Entry::EvaluationDue {
                case,
                playbook,
                stage,
                trigger,
                not_before,
            } => self.with_case(at, case, |record| {
                record.dues = record.dues.saturating_add(1);
                let due = Due {
                    n: record.dues,
                    playbook: playbook.clone(),
                    stage: *stage,
                    trigger: trigger.clone(),
                    not_before: *not_before,
                };
                record.due.insert(playbook.to_string(), due);
            }),
            Entry::Evaluated(evaluated) => self.evaluated(at, evaluated),
            _ => {}
        }
    }

    /// Changes a case, if it is there.
    pub(super) fn with_case(
        &mut self,
        at: Millis,
        case: &CaseId,
        change: impl FnOnce(&mut CaseRecord),
    ) {
        if let Some(record) = self.cases.get_mut(case) {
            record.updated = at;
            change(record);
            self.touch("case", case);
        }
    }

    fn open_case(&mut self, at: Millis, opened: &CaseOpened) {
        let record = CaseRecord {
            id: opened.case.clone(),
            source: opened.source.clone(),
            cause: opened.about.cause.clone(),
            device: opened.about.device.clone(),
            resolution: opened.about.resolution,
            assets: opened.about.assets.clone(),
            opened: at,
            updated: at,
            revision: 1,
            detection: opened.detection.clone(),
            seen: BTreeSet::from([opened.digest.clone()]),
            latest: opened.digest.clone(),
            payloads: vec![opened.payload.clone()],
            evaluations: BTreeMap::new(),
            due: BTreeMap::new(),
            dues: 0,
            last_evaluated: None,
            marks: Vec::new(),
            proposals: Vec::new(),
            changed: opened.changed.clone(),
            overreach: BTreeSet::new(),
        };
        self.index_alert(&record);
        self.cases.insert(opened.case.clone(), record);
        self.touch("case", &opened.case);
        self.count_taken(at, &opened.case);
        self.learn(at, &opened.detection);
    }

    fn revise_case(
        &mut self,
        at: Millis,
        case: &CaseId,
        payload: &Digest,
        digest: &Digest,
        detection: &Detection,
    ) {
        self.with_case(at, case, |record| {
            record.revision = record.revision.saturating_add(1);
            record.seen.insert(digest.clone());
            record.latest = digest.clone();
            if !record.payloads.contains(payload) {
                record.payloads.push(payload.clone());
            }
            record.detection = detection.clone();
        });
        self.learn(at, detection);
    }

    pub(in crate::journal::state) fn index_alert(&mut self, record: &CaseRecord) {
        let alert = (
            record.detection.product.clone(),
            record.detection.id.clone(),
        );
        self.alerts.insert(alert, record.id.clone());
    }

    fn evaluated(&mut self, at: Millis, evaluated: &Evaluated) {
        self.with_case(at, &evaluated.case, |record| {
            let version = evaluated.playbook.to_string();
            record.due.remove(&version);
            record.last_evaluated = Some(at);
            // a vendor's revision does not use up the case's evaluations
            if evaluated.trigger != "revised" {
                let count = record.evaluations.entry(version).or_default();
                *count = count.saturating_add(1);
            }
        });
    }

    /// What a product took by itself is an attempt of the cause, too.
    fn count_taken(&mut self, at: Millis, case: &CaseId) {
        let Some(record) = self.cases.get(case) else {
            return;
        };
        let (cause, devices) = (record.cause.clone(), taken_devices(&record.detection));
        for device in devices {
            self.surge
                .attempt(&cause, &device, at, self.surge_window_ms);
        }
    }

    /// Remembers what the product last said of each software, so that a change can be named.
    fn learn(&mut self, at: Millis, detection: &Detection) {
        let mut known = BTreeSet::new();
        for software in detection
            .entities
            .iter()
            .filter(|it| it.role != "related")
            .filter_map(software_of)
        {
            let Some(lineage) = lineage(&software).map(|it| it.to_string()) else {
                continue;
            };
            if !known.insert(lineage.clone()) {
                continue;
            }
            let record = self
                .lineages
                .entry(lineage.clone())
                .or_insert_with(|| LineageRecord::new(&lineage));
            record.detections = record.detections.saturating_add(1);
            record.rating = Some(detection.rating);
            if detection.rating == Rating::Malicious {
                record.malicious_since.get_or_insert(at);
            }
            record.rule = detection
                .attribute("finding_info.analytic.name")
                .map(str::to_owned);
            record.agent = detection
                .attribute("device.agent.version")
                .map(str::to_owned);
            record.content = detection
                .attribute("finding_info.analytic.version")
                .map(str::to_owned);
            self.touch("lineage", &lineage);
        }
    }
}

/// The devices from which a product took something by itself.
pub fn taken_devices(detection: &Detection) -> BTreeSet<String> {
    let taken = detection
        .taken
        .iter()
        .filter(|it| it.initiative != "person" && it.state != "failed");
    taken
        .filter(|it| Verb::parse(&it.action).is_some_and(Verb::takes_away))
        .map(|it| surge_device(&it.target))
        .collect()
}

impl LineageRecord {
    /// A lineage of which nobody said anything.
    pub fn new(lineage: &str) -> Self {
        Self {
            lineage: lineage.to_owned(),
            approved: 0,
            denied: 0,
            released: 0,
            detections: 0,
            malicious_since: None,
            rating: None,
            rule: None,
            agent: None,
            content: None,
        }
    }
}
