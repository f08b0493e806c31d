//! What a test is about: cases, orders and what the host knows, each with the least to say.

use crate::host::http::Response;
use crate::host::lookup::{Asset, Earlier, Resolution, Sightings};
use crate::prelude::*;

/// A time that tests agree on: 2026-03-02T22:10:00Z, a Monday evening.
pub const NOW: u64 = 1_772_489_400_000;

/// A case in the making. Without a word from the test it is a malicious alert of high severity
/// by `acme/edr`, just opened, on one device (`device()`), with nothing done yet.
#[derive(Clone, Debug)]
pub struct CaseBuilder {
    case: Case,
}

/// The device of `CaseBuilder`: id `dev-1`, name `ws-01`.
#[must_use]
pub fn device() -> Device {
    Device::new("dev-1", "ws-01")
}

impl Default for CaseBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl CaseBuilder {
    /// See the type.
    #[must_use]
    pub fn new() -> Self {
        let detection = Detection {
            id: "alert-1".into(),
            product: "acme/edr".into(),
            time: NOW - 60_000,
            title: "Malware".into(),
            severity: Severity::High,
            rating: Rating::Malicious,
            techniques: Vec::new(),
            entities: vec![Entity::new("affected", device())],
            taken: Vec::new(),
            attributes: Vec::new(),
        };
        let case = Case {
            id: "case-1".into(),
            revision: 1,
            evaluation: 1,
            trigger: "opened".into(),
            now: NOW,
            detection,
            steps: Vec::new(),
            attributes: Vec::new(),
        };
        Self { case }
    }
    /// What the product claims it is.
    #[must_use]
    pub fn rating(mut self, rating: Rating) -> Self {
        self.case.detection.rating = rating;
        self
    }
    /// How bad the product says it is.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.case.detection.severity = severity;
        self
    }
    /// One more entity.
    #[must_use]
    pub fn entity(mut self, entity: Entity) -> Self {
        self.case.detection.entities.push(entity);
        self
    }
    /// No device: the alert names none.
    #[must_use]
    pub fn without_device(mut self) -> Self {
        let device = |it: &Entity| matches!(it.target, Target::Device(_));
        self.case.detection.entities.retain(|it| !device(it));
        self
    }
    /// What the product did: `action` is a verb, `state` `done`, `failed`, ..., `initiative`
    /// `policy`, `person` or `unknown`.
    #[must_use]
    pub fn taken(
        mut self,
        action: &str,
        target: impl Into<Target>,
        state: &str,
        initiative: &str,
    ) -> Self {
        self.case.detection.taken.push(Taken {
            action: action.into(),
            target: target.into(),
            state: state.into(),
            initiative: initiative.into(),
            at: Some(self.case.detection.time),
            attributes: Vec::new(),
        });
        self
    }
    /// What became of an earlier proposal: `held`, `done`, `denied`, ...
    #[must_use]
    pub fn step(mut self, proposal: &Proposal, state: &str) -> Self {
        self.case.steps.push(Step {
            key: proposal.key.clone(),
            action: proposal.action.clone(),
            target: proposal.target.clone(),
            state: state.into(),
            since: NOW - 1000,
            reason: String::new(),
            attributes: Vec::new(),
        });
        self.case.evaluation = 2;
        self.case.trigger = "decided".into();
        self
    }
    /// The same for every proposal of a plan.
    #[must_use]
    pub fn after(self, plan: &Plan, state: &str) -> Self {
        let proposals = plan.propose.iter();
        proposals.fold(self, |case, proposal| case.step(proposal, state))
    }
    /// The host calls what the product did an overreach, because this stood against it:
    /// `protection`, `established`, `surge`, `released`.
    #[must_use]
    pub fn overreach(mut self, stood_against: &str) -> Self {
        self.case = self.case.with("countersign.overreach", Some(stood_against));
        self
    }
    /// The case, with whatever else the test changes.
    #[must_use]
    pub fn build(self) -> Case {
        self.case
    }
}

/// An order for `action` on `target`, on its first attempt; its fields are there to be changed.
#[must_use]
pub fn order(action: &str, target: impl Into<Target>) -> Order {
    Order {
        id: "order-1".into(),
        idempotency_key: "0123456789abcdef".repeat(4),
        attempt: 1,
        action: action.into(),
        target: target.into(),
        arguments: Vec::new(),
        lease_until: None,
        now: NOW,
        undoes: None,
        attributes: Vec::new(),
    }
}

/// What has been seen of software, with this tenure, on so many devices.
#[must_use]
pub fn sightings(tenure: &str, devices: u32) -> Sightings {
    Sightings {
        tenure: tenure.into(),
        devices,
        first_seen: None,
        last_seen: None,
        detections: 0,
        approved: 0,
        denied: 0,
        released: 0,
        attributes: Vec::new(),
    }
}

/// The asset behind a device: a reviewed workstation without protection if it is known.
#[must_use]
pub fn asset(resolution: Resolution, device: &Device) -> Asset {
    let exact = resolution == Resolution::Exact;
    Asset {
        resolution,
        id: if exact {
            format!("asset-{}", device.id)
        } else {
            String::new()
        },
        name: device.label().to_owned(),
        kind: if exact {
            "workstation".into()
        } else {
            String::new()
        },
        reviewed: exact,
        protection: if exact { "none" } else { "critical" }.into(),
        groups: Vec::new(),
        processes: Vec::new(),
        attributes: Vec::new(),
    }
}

/// An earlier case, opened so many hours before `NOW`.
#[must_use]
pub fn earlier(id: &str, hours_ago: u64) -> Earlier {
    Earlier {
        id: id.into(),
        opened: NOW - hours_ago * 3_600_000,
        title: "Malware".into(),
        state: "open".into(),
        attributes: Vec::new(),
    }
}

/// A response with this status and body.
#[must_use]
pub fn response(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}
