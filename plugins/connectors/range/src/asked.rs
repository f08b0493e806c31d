//! What an order asks of the range: a resource, and the word that it shall be.
//!
//! A target that says less than the range needs is refused here, before anything is sent.

use crate::url::Url;
use countersign_sdk::connector::*;
use serde_json::{Map, Value};

/// Where the outcome can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The resource has a state (class B).
    AsState,
    /// The range knows it by the order's key (class A).
    ByKey,
}

/// An order in the range's own words.
pub struct Asked {
    /// Path and query.
    pub resource: String,
    /// The state that is wanted.
    pub wanted: &'static str,
    /// Where the outcome can be read.
    pub kept: Kept,
    /// How far an allowance reaches.
    pub reach: Option<String>,
    /// The device that an allowance is for.
    pub place: Option<String>,
}

impl Asked {
    /// Reads an order.
    ///
    /// # Errors
    /// `definite` for what this connector does not do, or not on such a target.
    pub fn by(order: &Order) -> Result<Self, Fault> {
        let action = order.action.as_str();
        let (resource, wanted) = match (&order.target, action) {
            (Target::Software(it), _) => return software(order, it),
            (Target::Process(it), _) => process(it, action)?,
            (Target::File(it), _) => file(it, action)?,
            (Target::Device(it), _) => return device(it, action),
            (Target::Service(it), _) => service(it, action)?,
            (Target::Account(it), _) => return account(it, action),
            (Target::Address(it), "block-address") => (address(it)?, "blocked"),
            (Target::Address(it), "unblock-address") => (address(it)?, "free"),
            (Target::Domain(it), "block-domain") => (domain(it)?, "blocked"),
            (Target::Domain(it), "unblock-domain") => (domain(it)?, "free"),
            _ => return Err(Fault::unsupported(format!("{action} on this target"))),
        };
        Ok(Self::state(resource, wanted))
    }

    fn state(resource: String, wanted: &'static str) -> Self {
        Self {
            resource,
            wanted,
            kept: Kept::AsState,
            reach: None,
            place: None,
        }
    }
    fn by_key(resource: String, wanted: &'static str) -> Self {
        Self {
            kept: Kept::ByKey,
            ..Self::state(resource, wanted)
        }
    }

    /// The body that asks for it.
    pub fn body(&self, order: &Order) -> String {
        let mut body = Map::new();
        let mut say = |name: &str, value: Option<Value>| {
            body.extend(value.map(|value| (name.to_owned(), value)));
        };
        say("wanted", Some(self.wanted.into()));
        let undoes = order.undoes.as_ref();
        say(
            "after",
            undoes.and_then(|it| it.reference.clone()).map(Value::from),
        );
        if matches!(self.wanted, "blocked" | "allowed") {
            say("until_ms", order.lease_until.map(Value::from));
        }
        if order.action == "start-process" {
            say("path", order.text("process.file.path").map(Value::from));
            say("cmd_line", order.text("process.cmd_line").map(Value::from));
        }
        Value::Object(body).to_string()
    }
}

fn process(process: &Process, action: &str) -> Result<(String, &'static str), Fault> {
    let (wanted, how) = match action {
        "suspend-process" => ("suspended", None),
        "resume-process" => ("running", None),
        "stop-process" => ("stopped", None),
        "start-process" => ("running", Some("start")),
        other => return Err(Fault::unsupported(format!("{other} on a process"))),
    };
    let exact = process.pid.zip(process.started);
    let resource = Url::of_device(&process.device)?
        .part("processes")
        .ask("how", how)
        .ask("pid", exact.map(|(pid, _)| pid))
        .ask("started", exact.map(|(_, started)| started))
        .ask("sha256", process.sha256.as_ref())
        .ask("reference", process.reference.as_ref());
    Ok((resource.end(), wanted))
}

fn file(file: &File, action: &str) -> Result<(String, &'static str), Fault> {
    let wanted = match action {
        "quarantine-file" => "quarantined",
        "restore-file" => "present",
        "delete-file" => "deleted",
        other => return Err(Fault::unsupported(format!("{other} on a file"))),
    };
    let resource = Url::of_device(&file.device)?
        .part("files")
        .ask("path", Some(&file.path))
        .ask("sha256", file.sha256.as_ref())
        .ask("reference", file.reference.as_ref());
    Ok((resource.end(), wanted))
}

fn service(service: &Service, action: &str) -> Result<(String, &'static str), Fault> {
    let wanted = match action {
        "stop-service" => "stopped",
        "start-service" => "running",
        other => return Err(Fault::unsupported(format!("{other} on a service"))),
    };
    let resource = Url::of_device(&service.device)?.part("services");
    Ok((resource.name(&service.name)?.end(), wanted))
}

fn device(device: &Device, action: &str) -> Result<Asked, Fault> {
    let url = Url::of_device(device)?;
    Ok(match action {
        "contain-device" => Asked::state(url.part("containment").end(), "on"),
        "release-device" => Asked::state(url.part("containment").end(), "off"),
        "scan-device" => Asked::by_key(url.part("scans").end(), "finished"),
        "collect-evidence" => Asked::by_key(url.part("collections").end(), "finished"),
        other => return Err(Fault::unsupported(format!("{other} on a device"))),
    })
}

fn account(account: &Account, action: &str) -> Result<Asked, Fault> {
    let url = Url::new("/directory/accounts").name(&account.id)?;
    Ok(match action {
        "disable-account" => Asked::state(url.end(), "disabled"),
        "enable-account" => Asked::state(url.end(), "enabled"),
        "revoke-sessions" => Asked::by_key(url.part("sessions").end(), "revoked"),
        other => return Err(Fault::unsupported(format!("{other} on an account"))),
    })
}

/// An allowance stands where it was made: what takes it back gets the place from its receipt.
fn software(order: &Order, software: &Software) -> Result<Asked, Fault> {
    let wanted = match order.action.as_str() {
        "allow-software" => "allowed",
        "unallow-software" => "none",
        other => return Err(Fault::unsupported(format!("{other} on software"))),
    };
    let made = order.undoes.as_ref().map_or(&[][..], |it| &it.attributes);
    let of = |list: &[Attribute], name: &str| {
        let found = list.iter().find(|it| it.name == name);
        found.map(|it| it.value.clone())
    };
    let device = of(made, "device.uid").or_else(|| of(&order.attributes, "device.uid"));
    let reach = of(made, "countersign.reach")
        .or_else(|| of(&order.arguments, "reach"))
        .unwrap_or_else(|| "device".into());
    let place = device.filter(|_| reach != "tenant");
    if place.is_none() && reach != "tenant" {
        return Err(Fault::unsupported(format!(
            "reach is {reach}, and the order names no device"
        )));
    }
    let resource = Url::new("/edr/allowances")
        .ask("sha256", software.sha256.as_ref())
        .ask("signer", software.signer.as_ref())
        .ask("name", Some(&software.name))
        .ask("reference", software.reference.as_ref())
        .ask("reach", Some(&reach))
        .ask("device", place.as_ref());
    Ok(Asked {
        reach: Some(reach),
        place,
        ..Asked::state(resource.end(), wanted)
    })
}

/// A prefix has a slash of its own, so that its two parts are checked one by one.
fn address(address: &str) -> Result<String, Fault> {
    let mut url = Url::new("/firewall/addresses");
    for part in address.splitn(2, '/') {
        url = url.name(part)?;
    }
    Ok(url.end())
}

fn domain(domain: &str) -> Result<String, Fault> {
    Ok(Url::new("/firewall/domains").name(domain)?.end())
}
