//! Alerts come in: duplicates are counted, known alerts become revisions, new ones open a case.
//!
//! Nothing is acknowledged that is not in the journal, and nothing is dropped: what is no
//! detection is kept with the reason.

use super::tx::{Command, Tx};
use crate::intake::{is_partial, revise};
use crate::inventory::{Seen, cause, enrol_from_detection, software_of};
use crate::journal::entry::{About, CaseOpened, Entry, Rejected};
use crate::journal::state::PayloadRecord;
use crate::model::{CaseId, Detection, Device, Digest, Rejection, Resolution, SourceId};
use serde::Serialize;
use std::sync::Arc;

/// One alert of a delivery: its bytes, and what they say.
#[derive(Clone, Debug)]
pub struct Item {
    /// As it arrived.
    pub raw: Vec<u8>,
    /// What it says.
    pub read: Result<Detection, Rejection>,
}

/// What became of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Received {
    /// New alerts and new revisions.
    pub accepted: u32,
    /// Known already.
    pub duplicates: u32,
    /// No detections.
    pub rejected: Vec<Rejected>,
    /// The cases that they opened or revised.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseId>,
}

/// What a source plugin made of a payload.
#[derive(Clone, Debug)]
pub struct Normalised {
    /// Each part that the payload was split into.
    pub parts: Vec<Result<Vec<Detection>, Rejection>>,
    /// CPU used.
    pub fuel: u64,
    /// Whether the same bytes give the same again.
    pub replayable: bool,
}

/// LIMIT: two evaluations for revisions of one alert are at least this far apart.
const REVISION_PAUSE_MS: u64 = 10_000;

impl Tx<'_> {
    /// Takes in alerts that the host reads by itself.
    pub fn deliver(&mut self, source: &SourceId, content_type: &str, items: Vec<Item>) -> Received {
        let mut received = Received::default();
        for (index, item) in (0_u32..).zip(items) {
            let payload = Digest::of(&item.raw);
            match item.read {
                Ok(detection) => {
                    let digest = digest_of(&detection);
                    if self.is_duplicate(&detection, &digest, Some(&payload)) {
                        received.duplicates = received.duplicates.saturating_add(1);
                        continue;
                    }
                    self.keep(&payload, source, content_type, item.raw);
                    self.read(&payload, source, 1, 0, Vec::new(), (0, true));
                    received
                        .cases
                        .push(self.accept(source, &payload, digest, detection));
                    received.accepted = received.accepted.saturating_add(1);
                }
                Err(_) if self.state.payloads.get(&payload).is_some_and(|it| it.read) => {
                    received.duplicates = received.duplicates.saturating_add(1);
                }
                Err(rejection) => {
                    let rejected = Rejected { index, rejection };
                    self.keep(&payload, source, content_type, item.raw);
                    self.read(
                        &payload,
                        source,
                        0,
                        0,
                        vec![Rejected {
                            index: 0,
                            ..rejected.clone()
                        }],
                        (0, true),
                    );
                    received.rejected.push(rejected);
                }
            }
        }
        received
    }

    /// Takes in bytes that a source plugin has to read; `None` while it is read.
    pub fn receive(
        &mut self,
        source: &SourceId,
        content_type: &str,
        bytes: Vec<u8>,
    ) -> Option<Received> {
        let payload = Digest::of(&bytes);
        let known = self.state.payloads.get(&payload).filter(|it| it.read);
        let serving = self.book.sources.get(source).cloned().flatten();
        // what one version could not read is read again by the next
        let unread = |it: &Rejected| it.rejection.code.starts_with("CS-run-");
        let mended = |it: &&PayloadRecord| it.by != serving && it.rejected.iter().any(unread);
        if let Some(known) = known.filter(|it| !mended(it)) {
            let again = u32::try_from(known.rejected.len()).unwrap_or(u32::MAX);
            return Some(Received {
                duplicates: known.detections.saturating_add(again),
                ..Received::default()
            });
        }
        let shared: Arc<[u8]> = bytes.as_slice().into();
        self.keep(&payload, source, content_type, bytes);
        self.command(Command::Normalise {
            payload,
            source: source.clone(),
            content_type: content_type.to_owned(),
            bytes: shared,
        });
        None
    }

    /// Takes in what a source plugin made of a payload.
    pub fn normalised(
        &mut self,
        payload: &Digest,
        source: &SourceId,
        normalised: Normalised,
    ) -> Received {
        let mut received = Received::default();
        for (index, part) in (0_u32..).zip(normalised.parts) {
            match part {
                Err(rejection) => received.rejected.push(Rejected { index, rejection }),
                Ok(detections) => detections.into_iter().for_each(|detection| {
                    let digest = digest_of(&detection);
                    if self.is_duplicate(&detection, &digest, None) {
                        received.duplicates = received.duplicates.saturating_add(1);
                    } else {
                        received
                            .cases
                            .push(self.accept(source, payload, digest, detection));
                        received.accepted = received.accepted.saturating_add(1);
                    }
                }),
            }
        }
        let rejected = received.rejected.clone();
        self.source_failed(source, &rejected);
        self.read(
            payload,
            source,
            received.accepted,
            received.duplicates,
            rejected,
            (normalised.fuel, normalised.replayable),
        );
        received
    }

    /// A source that traps or lies never hides an alert: its bytes are kept, and people are told,
    /// once for each way in which it fails. What it rejects in its own words is its answer.
    fn source_failed(&mut self, source: &SourceId, rejected: &[Rejected]) {
        let ours = |it: &&Rejected| it.rejection.code.starts_with("CS-run-");
        let Some(Rejected { rejection, .. }) = rejected.iter().find(ours) else {
            return;
        };
        self.page(
            "plugin",
            &format!("source:{source}:{}", rejection.code),
            None,
            &format!("source {source} failed; what it was given is kept and unread"),
            &format!("{}: {}", rejection.code, rejection.message),
            0,
        );
    }

    fn keep(&mut self, payload: &Digest, source: &SourceId, content_type: &str, raw: Vec<u8>) {
        if self.state.payloads.contains_key(payload) {
            return;
        }
        let bytes = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        let (source, content_type) = (source.clone(), content_type.to_owned());
        self.record_with(
            Entry::PayloadReceived {
                payload: payload.clone(),
                source,
                content_type,
                bytes,
            },
            vec![raw],
        );
    }

    fn read(
        &mut self,
        payload: &Digest,
        source: &SourceId,
        detections: u32,
        duplicates: u32,
        rejected: Vec<Rejected>,
        (fuel, replayable): (u64, bool),
    ) {
        let (payload, source) = (payload.clone(), source.clone());
        let by = self.book.sources.get(&source).cloned().flatten();
        self.record(Entry::PayloadRead {
            payload,
            source,
            detections,
            duplicates,
            rejected,
            by,
            fuel,
            replayable,
        });
    }

    fn case_of_alert(&self, detection: &Detection) -> Option<&crate::journal::state::CaseRecord> {
        let alert = (detection.product.clone(), detection.id.clone());
        self.state
            .alerts
            .get(&alert)
            .and_then(|id| self.state.cases.get(id))
    }

    /// The latest revision again, or an older one that was delivered again. A whole revision that
    /// says again what an older one said is news: the vendor changed its mind back. The very same
    /// bytes, a piece of a stream, and what is older than what is known are not.
    fn is_duplicate(
        &self,
        detection: &Detection,
        digest: &Digest,
        payload: Option<&Digest>,
    ) -> bool {
        let Some(case) = self.case_of_alert(detection) else {
            return false;
        };
        let again = is_partial(detection)
            || case.latest == *digest
            || payload.is_some_and(|it| case.payloads.contains(it))
            || detection.time < case.detection.time;
        case.seen.contains(digest) && again
    }

    /// Opens a case, or adds a revision to one; then everything that follows from the alert alone.
    fn accept(
        &mut self,
        source: &SourceId,
        payload: &Digest,
        digest: Digest,
        detection: Detection,
    ) -> CaseId {
        let known = self.case_of_alert(&detection).map(|case| {
            (
                case.id.clone(),
                case.last_evaluated,
                case.detection.clone(),
                case.changed.clone(),
            )
        });
        self.learn_asset(&detection);
        let mut changed = self.changed(&detection);
        let (case, trigger, not_before) = match known {
            Some((case, evaluated, before, known)) => {
                let detection = revise(&before, detection);
                let about = self.about(&detection);
                self.mark_other_subject(&case, &about);
                // why it was reported at all stays true when the alert is told again
                changed = known
                    .into_iter()
                    .chain(changed)
                    .fold(Vec::new(), |mut all, it| {
                        if !all.contains(&it) {
                            all.push(it);
                        }
                        all
                    });
                let entry = Entry::CaseRevised {
                    case: case.clone(),
                    payload: payload.clone(),
                    digest,
                    detection: Box::new(detection),
                    changed,
                    about: Box::new(about),
                };
                self.record(entry);
                (
                    case,
                    "revised",
                    evaluated.map_or(self.now, |at| at.plus(REVISION_PAUSE_MS).max(self.now)),
                )
            }
            None => (
                self.open(source, payload, digest, detection, changed),
                "opened",
                self.now,
            ),
        };
        self.see_software(&case);
        self.judge_taken(&case);
        self.evaluation_due(&case, trigger, not_before);
        self.tell_if_unserved(&case);
        case
    }

    fn open(
        &mut self,
        source: &SourceId,
        payload: &Digest,
        digest: Digest,
        detection: Detection,
        changed: Vec<String>,
    ) -> CaseId {
        let case = CaseId::new(format!("case-{}", uuid::Uuid::now_v7()));
        let about = self.about(&detection);
        let opened = CaseOpened {
            case: case.clone(),
            source: source.clone(),
            payload: payload.clone(),
            digest,
            about,
            detection,
            changed,
        };
        self.record(Entry::CaseOpened(Box::new(opened)));
        case
    }

    /// What an alert is about, as it is known now.
    fn about(&self, detection: &Detection) -> About {
        let device = detection.device().cloned();
        let resolved = device
            .as_ref()
            .map(|it| self.resolve(it, &detection.product));
        let (resolution, assets) = resolved.map_or((Resolution::Unresolved, Vec::new()), |it| {
            (it.resolution, it.assets)
        });
        About {
            cause: cause(detection),
            device,
            resolution,
            assets,
        }
    }

    /// An alert that is about something else by now keeps its case, and says so.
    fn mark_other_subject(&mut self, case: &CaseId, about: &About) {
        let Some(known) = self.state.cases.get(case) else {
            return;
        };
        let text = match (&known.device, &about.device) {
            (before, now) if before != now => format!(
                "the alert names another device now: {} instead of {}",
                name_of(now.as_ref()),
                name_of(before.as_ref())
            ),
            _ if known.cause != about.cause => format!(
                "the alert is about something else now: {} instead of {}",
                about.cause, known.cause
            ),
            _ => return,
        };
        self.mark(case, "CS-case-03", text);
    }

    /// An asset that nobody knew becomes an unreviewed one.
    fn learn_asset(&mut self, detection: &Detection) {
        let changes: Vec<_> = enrol_from_detection(
            detection,
            &self.state.inventory,
            self.now,
            self.book.stale_after_ms,
        )
        .into_iter()
        .collect();
        if !changes.is_empty() {
            let (by, why) = (
                detection.product.clone(),
                format!("first seen in alert {}", detection.id),
            );
            self.record(Entry::InventoryChanged { changes, by, why });
        }
    }

    /// What the alert shows of software on the asset: seen now, whatever time the alert claims.
    fn see_software(&mut self, case: &CaseId) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let Some(device) = &record.device else { return };
        let resolved = self.resolve(device, &record.detection.product);
        let ([asset], Resolution::Exact) = (resolved.assets.as_slice(), resolved.resolution) else {
            return;
        };
        let software = record
            .detection
            .entities
            .iter()
            .filter(|it| it.role != "related")
            .filter_map(software_of);
        let mut seen: Vec<Seen> = Vec::new();
        for it in
            software.flat_map(|software| Seen::of(&software, asset, self.now, self.now, false))
        {
            if seen.iter().all(|known| known.lineage != it.lineage) {
                seen.push(it);
            }
        }
        if !seen.is_empty() {
            let by = record.detection.product.clone();
            self.record(Entry::SoftwareSeen { seen, by });
        }
    }
}

fn name_of(device: Option<&Device>) -> &str {
    device.map_or(
        "none",
        |it| if it.name.is_empty() { &it.id } else { &it.name },
    )
}

/// The digest by which a revision is known again: of the normalised detection, because vendors
/// change fields that say nothing with every poll.
pub fn digest_of(detection: &Detection) -> Digest {
    Digest::of(&serde_json::to_vec(detection).unwrap_or_default())
}
