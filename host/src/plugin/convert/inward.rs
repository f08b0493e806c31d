//! What a guest said, in the model's words, unchecked.

use crate::model;
use crate::plugin::bindings::{http, types};
use crate::plugin::egress::HttpRequest;

pub(in crate::plugin) fn attributes(list: Vec<types::Attribute>) -> Vec<model::Attribute> {
    let list = list.into_iter();
    list.map(|it| model::Attribute {
        name: it.name,
        value: it.value,
    })
    .collect()
}

pub(in crate::plugin) fn device(it: types::Device) -> model::Device {
    model::Device {
        id: it.id,
        name: it.name,
    }
}

pub(in crate::plugin) fn software(it: types::Software) -> model::Software {
    model::Software {
        sha256: it.sha256,
        signer: it.signer,
        name: it.name,
        path: it.path,
        reference: it.reference,
    }
}

pub(in crate::plugin) fn target(it: types::Target) -> model::Target {
    use types::Target as T;
    match it {
        T::Device(it) => model::Target::Device(device(it)),
        T::Process(it) => model::Target::Process(model::Process {
            device: device(it.device),
            id: it.id,
            pid: it.pid,
            started: it.started.map(model::Millis),
            name: it.name,
            sha256: it.sha256,
            reference: it.reference,
        }),
        T::File(it) => model::Target::File(model::File {
            device: device(it.device),
            path: it.path,
            sha256: it.sha256,
            reference: it.reference,
        }),
        T::Account(it) => model::Target::Account(model::UserAccount {
            id: it.id,
            name: it.name,
            domain: it.domain,
        }),
        T::Service(it) => model::Target::Service(model::Service {
            device: device(it.device),
            name: it.name,
        }),
        T::Message(it) => model::Target::Message(model::Message {
            id: it.id,
            mailbox: it.mailbox,
        }),
        T::Software(it) => model::Target::Software(software(it)),
        T::Address(it) => model::Target::Address(it),
        T::Domain(it) => model::Target::Domain(it),
        T::Url(it) => model::Target::Url(it),
        T::Other(it) => model::Target::Other(model::OtherTarget {
            kind: it.kind,
            id: it.id,
            attributes: attributes(it.attributes),
        }),
    }
}

pub(in crate::plugin) fn severity(it: types::Severity) -> model::Severity {
    use types::Severity as S;
    match it {
        S::Unknown => model::Severity::Unknown,
        S::Informational => model::Severity::Informational,
        S::Low => model::Severity::Low,
        S::Medium => model::Severity::Medium,
        S::High => model::Severity::High,
        S::Critical => model::Severity::Critical,
        S::Fatal => model::Severity::Fatal,
    }
}

pub(in crate::plugin) fn rating(it: types::Rating) -> model::Rating {
    match it {
        types::Rating::Unknown => model::Rating::Unknown,
        types::Rating::Benign => model::Rating::Benign,
        types::Rating::Suspicious => model::Rating::Suspicious,
        types::Rating::Malicious => model::Rating::Malicious,
    }
}

pub(in crate::plugin) fn outcome(it: types::Outcome) -> model::Outcome {
    match it {
        types::Outcome::Done => model::Outcome::Done,
        types::Outcome::Already => model::Outcome::Already,
        types::Outcome::Pending => model::Outcome::Pending,
        types::Outcome::Absent => model::Outcome::Absent,
        types::Outcome::Unknown => model::Outcome::Unknown,
    }
}

pub(in crate::plugin) fn request(it: http::Request) -> HttpRequest {
    HttpRequest {
        method: it.method,
        url: it.url,
        headers: it
            .headers
            .into_iter()
            .map(|it| (it.name, it.value))
            .collect(),
        body: it.body,
        auth: it.auth,
        timeout_ms: it.timeout,
    }
}
