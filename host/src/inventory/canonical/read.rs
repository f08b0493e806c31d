//! From a target as an alert names it to its canonical form: one function a kind.
//!
//! What stands on a device is told by its asset where the inventory knows it, so that two
//! products with two ids for one machine mean the same target; else by the product's own id.

use super::text::{part, unreadable};
use super::{
    Canonical, Malformed, account_keys, address, domain, domain_of, host, is_exact, path, sha256,
    unfit_reference, url,
};
use crate::inventory::{Inventory, Resolved, signer_name};
use crate::model::{
    Device, File, Millis, NetworkRange, OtherTarget, Process, Resolution, Service, Software,
    Target, UserAccount,
};

/// What canonicalising needs beside the target.
struct Reader<'a> {
    inventory: &'a Inventory,
    product: &'a str,
    now: Millis,
    stale_after_ms: u64,
}

impl Inventory {
    /// The canonical form of a target that `product` (`vendor/product`) named.
    ///
    /// # Errors
    /// [`Malformed`] for what is not one well-formed thing; see its codes.
    pub fn canonical(
        &self,
        target: &Target,
        product: &str,
        now: Millis,
        stale_after_ms: u64,
    ) -> Result<Canonical, Malformed> {
        let reader = Reader {
            inventory: self,
            product,
            now,
            stale_after_ms,
        };
        match target {
            Target::Device(it) => reader.device(it),
            Target::Process(it) => reader.process(it),
            Target::File(it) => reader.file(it),
            Target::Service(it) => reader.service(it),
            Target::Account(it) => reader.account(it),
            Target::Software(it) => reader.software(it),
            Target::Address(it) => reader.address(it),
            Target::Domain(it) => reader.domain(it),
            Target::Url(it) => reader.url(it),
            Target::Message(it) => {
                let id = reference("message id", &it.id)?;
                let mailbox = it.mailbox.trim().to_lowercase();
                let id = format!("message|{}|{}", part(&id), part(&mailbox));
                Ok(free(id, target.clone(), Resolution::Exact))
            }
            Target::Other(it) => other(it),
        }
    }
}

/// A target that stands on no asset.
fn free(id: String, target: Target, resolution: Resolution) -> Canonical {
    Canonical {
        id,
        kind: target.kind(),
        target,
        resolved: Resolved::without_asset(resolution),
        covered: 0,
        ranges: Vec::new(),
    }
}

fn reference(field: &'static str, text: &str) -> Result<String, Malformed> {
    match unfit_reference(text) {
        None => Ok(text.to_owned()),
        Some(why) => Err(Malformed::new("CS-target-12", field, text, why)),
    }
}

fn other(it: &OtherTarget) -> Result<Canonical, Malformed> {
    let id = reference("id", &it.id)?;
    let kind = reference("kind", &it.kind)?;
    let text = format!("other|{}|{}", part(&kind), part(&id));
    Ok(free(
        text,
        Target::Other(it.clone()),
        Resolution::Unresolved,
    ))
}

impl Reader<'_> {
    /// The device in canonical form, the text that stands for it, and its asset.
    fn stand(&self, device: &Device) -> Result<(Device, String, Resolved), Malformed> {
        let id = match device.id.trim_matches(' ') {
            "" => String::new(),
            id => reference("device id", id)?,
        };
        // An id is what the connector acts by, so a name that cannot be read does no harm
        // beside one; alone it would be a guess.
        let name = match host(&device.name) {
            Ok(name) => name,
            Err(_) if device.name.is_empty() && !id.is_empty() => String::new(),
            Err(_) if !id.is_empty() => device.name.clone(),
            Err(_) if device.name.parse::<std::net::IpAddr>().is_ok() => {
                address(&device.name)?.text
            }
            Err(malformed) => return Err(malformed),
        };
        let resolved = self
            .inventory
            .resolve(device, self.product, self.now, self.stale_after_ms);
        let text = match (resolved.sole_asset(), id.as_str()) {
            (Some(asset), _) => format!("asset:{}", part(asset.as_str())),
            (None, "") => format!("name:{}", part(&name)),
            (None, id) => format!("id:{}/{}", part(self.product), part(id)),
        };
        Ok((Device { id, name }, text, resolved))
    }

    fn on_device(&self, id: String, target: Target, resolved: Resolved) -> Canonical {
        Canonical {
            id,
            kind: target.kind(),
            target,
            // Of an ambiguous one, every candidate may be hit.
            covered: resolved.assets.len().max(1),
            resolved,
            ranges: Vec::new(),
        }
    }

    fn device(&self, it: &Device) -> Result<Canonical, Malformed> {
        let (device, stand, resolved) = self.stand(it)?;
        Ok(self.on_device(format!("device|{stand}"), Target::Device(device), resolved))
    }

    /// By pid with start time, else the image hash, else the product's own reference: two
    /// processes of one image are two, and giving one back does not give back the other.
    fn process(&self, it: &Process) -> Result<Canonical, Malformed> {
        let (device, stand, resolved) = self.stand(&it.device)?;
        let hash = it.sha256.as_deref().map(sha256).transpose()?;
        let vendor = self.own("process reference", it.reference.as_deref())?;
        let which = match (it.pid.zip(it.started), &hash, &vendor) {
            (Some((pid, started)), ..) => format!("pid:{pid}@{}", started.0),
            (None, Some(hash), _) => format!("sha256:{hash}"),
            (None, None, Some(vendor)) => format!("ref:{vendor}"),
            (None, None, None) => {
                let why =
                    "it needs an image hash, a pid with start time, or the product's reference";
                return Err(Malformed::new("CS-target-02", "process", &it.name, why));
            }
        };
        let process = Process {
            device,
            sha256: hash,
            ..it.clone()
        };
        let id = format!("process|{stand}|{which}");
        Ok(self.on_device(id, Target::Process(process), resolved))
    }

    fn file(&self, it: &File) -> Result<Canonical, Malformed> {
        let (device, stand, resolved) = self.stand(&it.device)?;
        let place = path(&it.path)?;
        let hash = it.sha256.as_deref().map(sha256).transpose()?;
        let vendor = self.own("file reference", it.reference.as_deref())?;
        let which = match (&hash, &vendor) {
            (Some(hash), _) => format!("sha256:{hash}"),
            (None, Some(vendor)) => format!("ref:{vendor}"),
            (None, None) => {
                let why = "it needs a hash or the product's reference beside its path";
                return Err(Malformed::new("CS-target-03", "file", &it.path, why));
            }
        };
        let id = format!("file|{stand}|{}|{which}", part(&place.text));
        let file = File {
            device,
            path: place.text,
            sha256: hash,
            reference: it.reference.clone(),
        };
        Ok(self.on_device(id, Target::File(file), resolved))
    }

    fn service(&self, it: &Service) -> Result<Canonical, Malformed> {
        let (device, stand, resolved) = self.stand(&it.device)?;
        let name = it.name.trim_matches(' ').to_lowercase();
        if let Some(why) = unreadable(&name, 256) {
            return Err(Malformed::new(
                "CS-target-09",
                "service name",
                &it.name,
                why,
            ));
        }
        if name.contains(['*', '?', '/', '\\', ',', ';']) {
            let why = "it has characters that no service name has";
            return Err(Malformed::new(
                "CS-target-09",
                "service name",
                &it.name,
                why,
            ));
        }
        let id = format!("service|{stand}|{}", part(&name));
        Ok(self.on_device(id, Target::Service(Service { device, name }), resolved))
    }

    fn account(&self, it: &UserAccount) -> Result<Canonical, Malformed> {
        let keys = account_keys(it)?;
        let known = self.inventory.account_of(&keys);
        let first = keys.first().cloned().unwrap_or_default();
        let resolution = match (known.len(), is_exact(it, &first)) {
            (0, true) | (1, _) => Resolution::Exact,
            (0, false) => Resolution::Unresolved,
            _ => Resolution::Ambiguous,
        };
        let id = match known.iter().next() {
            Some(id) if known.len() == 1 => id.clone(),
            _ => first,
        };
        let lower = |text: &str| text.trim_matches(' ').to_lowercase();
        let account = UserAccount {
            id: it.id.trim_matches(' ').to_owned(),
            name: lower(&it.name),
            domain: lower(&it.domain),
        };
        let id = format!("account|{}", part(&id));
        Ok(free(id, Target::Account(account), resolution))
    }

    /// By hash, else by signer and name: what an allowance can be bound to.
    fn software(&self, it: &Software) -> Result<Canonical, Malformed> {
        let hash = it.sha256.as_deref().map(sha256).transpose()?;
        let signer = it.signer.as_deref().map(signer_name);
        let name = it.name.trim().to_lowercase();
        let which = match (&hash, &signer) {
            (Some(hash), _) => format!("sha256:{hash}"),
            (None, Some(signer)) if !signer.is_empty() && !name.is_empty() => {
                format!("signer:{}|{}", part(signer), part(&name))
            }
            _ => {
                let why = "it needs a hash, or a valid signer with the product's name";
                return Err(Malformed::new("CS-target-11", "software", &it.name, why));
            }
        };
        let software = Software {
            sha256: hash,
            ..it.clone()
        };
        let id = format!("software|{which}");
        Ok(free(id, Target::Software(software), Resolution::Exact))
    }

    fn address(&self, it: &str) -> Result<Canonical, Malformed> {
        let read = address(it)?;
        let id = format!("address|{}", read.text);
        Ok(self.covering(id, Target::Address(read.text), read.ranges))
    }

    fn domain(&self, it: &str) -> Result<Canonical, Malformed> {
        let name = domain(it)?;
        let assets = self.inventory.assets_below(&name);
        let mut found = free(
            format!("domain|{name}"),
            Target::Domain(name),
            Resolution::Exact,
        );
        found.covered = assets.len();
        found.resolved.assets = assets.into_iter().collect();
        Ok(found)
    }

    fn url(&self, it: &str) -> Result<Canonical, Malformed> {
        let link = url::url(it)?;
        let id = format!("url|{}", part(&link.text));
        let mut found = self.covering(id, Target::Url(link.text.clone()), link.ranges);
        if let Some(name) = domain_of(&link.text) {
            found.resolved.assets = self.inventory.assets_below(&name).into_iter().collect();
            found.covered = found.resolved.assets.len();
        }
        Ok(found)
    }

    fn covering(&self, id: String, target: Target, ranges: Vec<NetworkRange>) -> Canonical {
        let assets = self.inventory.assets_overlapping(&ranges);
        let mut found = free(id, target, Resolution::Exact);
        found.covered = assets.len();
        found.resolved.assets = assets.into_iter().collect();
        found.ranges = ranges;
        found
    }

    /// A product's own reference, with the product, because ids of two products may be equal.
    fn own(&self, field: &'static str, text: Option<&str>) -> Result<Option<String>, Malformed> {
        let text = text.filter(|it| !it.is_empty());
        let read = text.map(|it| reference(field, it)).transpose()?;
        Ok(read.map(|it| format!("{}/{}", part(self.product), part(&it))))
    }
}
