//! Who and what takes part in a finding.
//!
//! Two kinds of evidence. One that we wrote holds one entity and says under `data.countersign`
//! which object it is, in which role, and by which reference the product acts on it. Another
//! producer's holds whatever belongs together; there the place decides: `actor` did it, a process
//! or user beside an actor is what it was done to.
//!
//! What a malware finding names is what the product rated (`affected`). In any other finding a
//! process did something (`actor`), its image is merely `related` and a file `observed`: a rule that
//! matches what a system program does must not lead to that program being quarantined, nor count
//! as one cause all that ever ran it.

use super::attributes::attribute;
use super::cursor::At;
use super::entity::{self, SIDES};
use crate::model::{Attribute, Device, Entity, Rejection, Target};
use std::net::IpAddr;

/// LIMIT: as in the contract.
const ENTITIES_MAX: usize = 64;

/// Every entity of an event; `affected` first.
///
/// # Errors
/// `malformed` where a field that selects has the wrong type.
pub(super) fn entities(event: &At<'_>) -> Result<Vec<Entity>, Rejection> {
    let mut found = Found::default();
    if let Some(device) = event.get("device").object()? {
        found.device = entity::device(&device)?;
        found.extend(entity::device_entity(&device, "affected")?);
    }
    let evidences = event.get("evidences").list()?;
    for it in &evidences {
        if found.device_is_unknown() && !is_ours(it) && it.get("device").is_object() {
            let device = it.get("device");
            found.device = entity::device(&device)?;
            found.extend(entity::device_entity(&device, "affected")?);
        }
    }
    for it in event.get("resources").list()? {
        found.extend(entity::resource(&it, "affected")?);
    }
    found.is_malware = !event.get("malware").list()?.is_empty();
    found.actor(&event.get("actor"))?;
    for it in &evidences {
        if is_ours(it) {
            let one = ours(it, &found.device)?;
            found.list.extend(one);
        } else {
            found.evidence(it)?;
        }
    }
    for malware in event.get("malware").list()? {
        for file in malware.get("files").list()? {
            found.extend(entity::file(&file, "affected", &found.device.clone())?);
        }
    }
    if found.list.len() > ENTITIES_MAX {
        return Err(event.get("evidences").refuse(
            "unsupported",
            format!("{} entities, the limit is {ENTITIES_MAX}", found.list.len()),
        ));
    }
    Ok(found.list)
}

#[derive(Default)]
struct Found {
    list: Vec<Entity>,
    device: Device,
    is_malware: bool,
}

impl Found {
    fn device_is_unknown(&self) -> bool {
        entity::is_nobody(&self.device)
    }
    /// Each thing once: producers repeat the process in actor, process and malware.
    fn extend(&mut self, it: impl IntoIterator<Item = Entity>) {
        for it in it {
            if self.list.iter().all(|known| known.target != it.target) {
                self.list.push(it);
            }
        }
    }
    fn actor(&mut self, actor: &At<'_>) -> Result<bool, Rejection> {
        let Some(actor) = actor.object()? else {
            return Ok(false);
        };
        let before = self.list.len();
        if let Some(process) = actor.get("process").object()? {
            self.process(&process, "actor", &self.device.clone())?;
        }
        self.extend(entity::account(&actor.get("user"), "actor")?);
        Ok(self.list.len() > before)
    }
    /// A process, and its image where the path is known.
    fn process(&mut self, at: &At<'_>, role: &str, device: &Device) -> Result<(), Rejection> {
        self.extend(entity::process(at, role, device)?);
        let image = at.get("file");
        if image.get("path").text()?.is_some() {
            self.extend(entity::file(&image, self.rated_or("related"), device)?);
        }
        Ok(())
    }
    fn rated_or(&self, role: &'static str) -> &'static str {
        if self.is_malware { "affected" } else { role }
    }
    fn evidence(&mut self, at: &At<'_>) -> Result<(), Rejection> {
        let mut device = self.device.clone();
        if let Some(own) = at.get("device").object()? {
            device = entity::device(&own)?;
            self.extend(entity::device_entity(&own, "related")?);
        }
        let has_actor = self.actor(&at.get("actor"))?;
        if let Some(process) = at.get("process").object()? {
            let role = self.rated_or(if has_actor { "observed" } else { "actor" });
            self.process(&process, role, &device)?;
        }
        if let Some(file) = at.get("file").object()? {
            self.extend(entity::file(&file, self.rated_or("observed"), &device)?);
        }
        if let Some(user) = at.get("user").object()? {
            self.extend(entity::account(&user, "observed")?);
        }
        for it in at.get("resources").list()? {
            self.extend(entity::resource(&it, "affected")?);
        }
        self.network(at)
    }
    fn network(&mut self, at: &At<'_>) -> Result<(), Rejection> {
        for side in SIDES {
            let end = at.get(side);
            let role = if self.is_own(&end)? {
                "related"
            } else {
                "observed"
            };
            self.extend(entity::endpoint(&end, side, role)?);
        }
        let name = at.at("query.hostname").text()?;
        let host = at.at("url.hostname").text()?;
        let names = [name, host].into_iter().flatten();
        let names = names
            .filter_map(|it| entity::domain(&it))
            .collect::<Vec<_>>();
        self.extend(
            names
                .into_iter()
                .map(|it| bare("observed", Target::Domain(it))),
        );
        let url = at.at("url.url_string").text()?;
        self.extend(url.map(|it| bare("observed", Target::Url(it))));
        Ok(())
    }
    /// Whether this end of a connection is the device itself, by an address it is known to have.
    fn is_own(&self, end: &At<'_>) -> Result<bool, Rejection> {
        let Some(ip) = end
            .get("ip")
            .text()?
            .and_then(|it| it.trim().parse::<IpAddr>().ok())
        else {
            return Ok(false);
        };
        let device = self
            .list
            .iter()
            .find(|it| matches!(it.target, Target::Device(_)));
        let own = device.into_iter().flat_map(|it| &it.attributes);
        let own = own.filter(|it| it.name == "ip" || it.name == "network_interfaces.ip");
        Ok(own
            .filter_map(|it| it.value.parse().ok())
            .any(|it: IpAddr| it == ip))
    }
}

fn is_ours(at: &At<'_>) -> bool {
    at.at("data.countersign.kind").value.is_string()
}

fn bare(role: &str, target: Target) -> Entity {
    Entity {
        role: role.to_owned(),
        target,
        attributes: Vec::new(),
    }
}

/// One entity that we wrote.
fn ours(at: &At<'_>, device: &Device) -> Result<Option<Entity>, Rejection> {
    let own = at.at("data.countersign");
    let role = own.get("role").required()?;
    let device = match at.get("device").object()? {
        Some(it) => entity::device(&it)?,
        None if own.get("device").value == "none" => Device::default(),
        None => device.clone(),
    };
    let kind = own.get("kind").required()?;
    let side = own.get("side").text()?.unwrap_or_default();
    let found = match kind.as_str() {
        "device" => entity::device_entity(&at.get("device"), &role)?,
        "process" => entity::process(&at.get("process"), &role, &device)?,
        "file" => entity::file(&at.get("file"), &role, &device)?,
        "account" => entity::account(&at.get("user"), &role)?,
        "address" => entity::endpoint(&at.get(&side), &side, &role)?,
        "domain" => at
            .at("query.hostname")
            .text()?
            .map(|it| bare(&role, Target::Domain(it))),
        "url" => at
            .at("url.url_string")
            .text()?
            .map(|it| bare(&role, Target::Url(it))),
        "target" => {
            let target = serde_json::from_value(own.get("target").value.clone());
            let target: Target =
                target.map_err(|error| own.get("target").refuse("malformed", error.to_string()))?;
            Some(bare(&role, target))
        }
        _ => {
            return Err(own
                .get("kind")
                .refuse("unsupported", format!("no kind {kind}")));
        }
    };
    let Some(mut it) = found else {
        return Err(at.malformed(&format!("says {kind} and holds none")));
    };
    complete(&mut it, &own)?;
    Ok(Some(it))
}

/// Adds what OCSF has no name for.
fn complete(it: &mut Entity, own: &At<'_>) -> Result<(), Rejection> {
    if let Some(reference) = own.get("reference").text()? {
        match &mut it.target {
            Target::Process(process) => process.reference = Some(reference),
            Target::File(file) => file.reference = Some(reference),
            _ => {}
        }
    }
    for pair in own.get("attributes").list()? {
        let (name, value) = (pair.get("name").required()?, pair.get("value").required()?);
        it.attributes.extend(attribute(&name, value));
    }
    let mut seen: Vec<Attribute> = Vec::new();
    let side = |it: &Attribute| it.name == "countersign.side";
    it.attributes.retain(|attribute| {
        let again = side(attribute) && seen.iter().any(side);
        seen.push(attribute.clone());
        !again
    });
    Ok(())
}
