//! The model's words as the guest sees them.

use crate::model;
use crate::plugin::bindings::{http, lookup, types};
use crate::plugin::egress::{HttpError, HttpResponse};
use crate::plugin::lookups::{AssetView, EarlierCase, SightingsView};

pub(in crate::plugin) fn attribute(it: &model::Attribute) -> types::Attribute {
    types::Attribute {
        name: it.name.clone(),
        value: it.value.clone(),
    }
}

fn attributes(list: &[model::Attribute]) -> Vec<types::Attribute> {
    list.iter().map(attribute).collect()
}

fn device(it: &model::Device) -> types::Device {
    types::Device {
        id: it.id.clone(),
        name: it.name.clone(),
    }
}

pub(in crate::plugin) fn target(it: &model::Target) -> types::Target {
    use model::Target as T;
    match it {
        T::Device(it) => types::Target::Device(device(it)),
        T::Process(it) => types::Target::Process(types::Process {
            device: device(&it.device),
            id: it.id.clone(),
            pid: it.pid,
            started: it.started.map(|at| at.0),
            name: it.name.clone(),
            sha256: it.sha256.clone(),
            reference: it.reference.clone(),
        }),
        T::File(it) => types::Target::File(types::File {
            device: device(&it.device),
            path: it.path.clone(),
            sha256: it.sha256.clone(),
            reference: it.reference.clone(),
        }),
        T::Account(it) => types::Target::Account(types::Account {
            id: it.id.clone(),
            name: it.name.clone(),
            domain: it.domain.clone(),
        }),
        T::Service(it) => types::Target::Service(types::Service {
            device: device(&it.device),
            name: it.name.clone(),
        }),
        T::Message(it) => types::Target::Message(types::Message {
            id: it.id.clone(),
            mailbox: it.mailbox.clone(),
        }),
        T::Software(it) => types::Target::Software(types::Software {
            sha256: it.sha256.clone(),
            signer: it.signer.clone(),
            name: it.name.clone(),
            path: it.path.clone(),
            reference: it.reference.clone(),
        }),
        T::Address(it) => types::Target::Address(it.clone()),
        T::Domain(it) => types::Target::Domain(it.clone()),
        T::Url(it) => types::Target::Url(it.clone()),
        T::Other(it) => types::Target::Other(types::OtherTarget {
            kind: it.kind.clone(),
            id: it.id.clone(),
            attributes: attributes(&it.attributes),
        }),
    }
}

fn severity(it: model::Severity) -> types::Severity {
    use model::Severity as S;
    match it {
        S::Unknown => types::Severity::Unknown,
        S::Informational => types::Severity::Informational,
        S::Low => types::Severity::Low,
        S::Medium => types::Severity::Medium,
        S::High => types::Severity::High,
        S::Critical => types::Severity::Critical,
        S::Fatal => types::Severity::Fatal,
    }
}

fn rating(it: model::Rating) -> types::Rating {
    use model::Rating as R;
    match it {
        R::Benign => types::Rating::Benign,
        R::Unknown => types::Rating::Unknown,
        R::Suspicious => types::Rating::Suspicious,
        R::Malicious => types::Rating::Malicious,
    }
}

fn detection(it: &model::Detection) -> types::Detection {
    let entity = |it: &model::Entity| types::Entity {
        role: it.role.clone(),
        target: target(&it.target),
        attributes: attributes(&it.attributes),
    };
    let taken = |it: &model::Taken| types::Taken {
        action: it.action.clone(),
        target: target(&it.target),
        state: it.state.clone(),
        initiative: it.initiative.clone(),
        at: it.at.map(|at| at.0),
        attributes: attributes(&it.attributes),
    };
    types::Detection {
        id: it.id.clone(),
        product: it.product.clone(),
        time: it.time.0,
        title: it.title.clone(),
        severity: severity(it.severity),
        rating: rating(it.rating),
        techniques: it.techniques.clone(),
        entities: it.entities.iter().map(entity).collect(),
        taken: it.taken.iter().map(taken).collect(),
        attributes: attributes(&it.attributes),
    }
}

/// A case.
pub(in crate::plugin) fn case(it: &model::Subject) -> types::Case {
    let step = |it: &model::Step| types::Step {
        key: it.key.0.clone(),
        action: it.action.to_string(),
        target: target(&it.target),
        state: it.state.clone(),
        since: it.since.0,
        reason: it.reason.clone(),
        attributes: Vec::new(),
    };
    types::Case {
        id: it.id.0.clone(),
        revision: it.revision,
        evaluation: it.evaluation,
        trigger: it.trigger.clone(),
        now: it.now.0,
        detection: detection(&it.detection),
        steps: it.steps.iter().map(step).collect(),
        attributes: attributes(&it.attributes),
    }
}

/// An order.
pub(in crate::plugin) fn order(it: &model::Order) -> types::Order {
    let undone = |it: &model::Undone| types::Undone {
        order: it.order.0.clone(),
        reference: it.reference.clone(),
        attributes: attributes(&it.attributes),
    };
    types::Order {
        id: it.id.0.clone(),
        idempotency_key: it.idempotency_key.as_str().to_owned(),
        attempt: it.attempt,
        action: it.action.to_string(),
        target: target(&it.target),
        arguments: attributes(&it.arguments),
        lease_until: it.lease_until.map(|at| at.0),
        now: it.now.0,
        undoes: it.undoes.as_ref().map(undone),
        attributes: attributes(&it.attributes),
    }
}

/// The asset behind a device.
pub(in crate::plugin) fn asset(it: AssetView) -> lookup::Asset {
    lookup::Asset {
        resolution: match it.resolution {
            model::Resolution::Exact => lookup::Resolution::Exact,
            model::Resolution::Ambiguous => lookup::Resolution::Ambiguous,
            model::Resolution::Unresolved => lookup::Resolution::Unresolved,
            model::Resolution::Stale => lookup::Resolution::Stale,
        },
        id: it.id,
        name: it.name,
        kind: it.kind,
        reviewed: it.reviewed,
        protection: it.protection,
        groups: it.groups,
        processes: it.processes,
        attributes: attributes(&it.attributes),
    }
}

/// What has been seen before.
pub(in crate::plugin) fn sightings(it: SightingsView) -> lookup::Sightings {
    lookup::Sightings {
        tenure: it.tenure,
        devices: it.devices,
        first_seen: it.first_seen.map(|at| at.0),
        last_seen: it.last_seen.map(|at| at.0),
        detections: it.detections,
        approved: it.approved,
        denied: it.denied,
        released: it.released,
        attributes: attributes(&it.attributes),
    }
}

/// An earlier case.
pub(in crate::plugin) fn earlier(it: EarlierCase) -> lookup::Earlier {
    lookup::Earlier {
        id: it.id,
        opened: it.opened.0,
        title: it.title,
        state: it.state,
        attributes: attributes(&it.attributes),
    }
}

/// A response.
pub(in crate::plugin) fn response(it: HttpResponse) -> http::Response {
    let headers = it.headers.into_iter();
    http::Response {
        status: it.status,
        headers: headers
            .map(|(name, value)| http::Header { name, value })
            .collect(),
        body: it.body,
    }
}

/// Why there is no response.
pub(in crate::plugin) fn http_error(it: HttpError) -> http::Error {
    match it {
        HttpError::Denied(why) => http::Error::Denied(why),
        HttpError::Invalid(why) => http::Error::Invalid(why),
        HttpError::Connection(why) => http::Error::Connection(why),
        HttpError::Interrupted(why) => http::Error::Interrupted(why),
        HttpError::Timeout => http::Error::Timeout,
        HttpError::TooLarge(bytes_max) => http::Error::TooLarge(bytes_max),
    }
}
