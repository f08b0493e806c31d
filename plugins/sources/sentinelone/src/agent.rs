//! The device of an alert. Each shape names its parts differently; what they mean is the same,
//! and one place decides which of them may select the device: the agent's id, else its UUID.
//! Addresses never do: the external one is shared by everybody behind the same router.
use crate::node::{Node, Read};
use crate::words::{self, OWN, put};
use countersign_sdk::source::*;

/// What a record says of the agent, before it becomes an entity.
#[derive(Clone, Debug, Default)]
pub struct Agent {
    /// The console's id of the agent.
    pub id: Option<String>,
    /// The id the agent gave itself.
    pub uuid: Option<String>,
    /// Host name as the agent reports it.
    pub name: Option<String>,
    /// Directory domain or workgroup.
    pub domain: Option<String>,
    /// `Windows 10 Pro`.
    pub os_name: Option<String>,
    /// `windows`.
    pub os_type: Option<String>,
    /// `19044`.
    pub os_version: Option<String>,
    /// `server`, `laptop`.
    pub machine: Option<String>,
    /// Version of the agent.
    pub version: Option<String>,
    /// Address under which the console sees it.
    pub external: Option<String>,
    /// Addresses of its interfaces.
    pub addresses: Vec<String>,
    /// Hardware addresses of its interfaces.
    pub macs: Vec<String>,
    /// Account, site and group, each id and name.
    pub scope: Scope,
}

/// Where in the tenant's tree the agent stands.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Account.
    pub account: (Option<String>, Option<String>),
    /// Site.
    pub site: (Option<String>, Option<String>),
    /// Group.
    pub group: (Option<String>, Option<String>),
}

impl Scope {
    /// `accountId`, `accountName`, `siteId`, ... in one object.
    pub fn flat(node: &Node<'_>) -> Self {
        let pair = |kind: &str| {
            let id = node.get(&format!("{kind}Id")).text();
            (id, node.get(&format!("{kind}Name")).text())
        };
        Self {
            account: pair("account"),
            site: pair("site"),
            group: pair("group"),
        }
    }
    /// `{account: {id, name}, site: .., group: ..}`.
    pub fn nested(node: &Node<'_>) -> Self {
        let pair = |kind: &str| {
            let part = node.get(kind);
            (part.get("id").text(), part.get("name").text())
        };
        Self {
            account: pair("account"),
            site: pair("site"),
            group: pair("group"),
        }
    }
    /// Fills what is missing from another reading.
    pub fn or(self, other: Self) -> Self {
        let pair = |a: (Option<String>, Option<String>), b: (Option<String>, Option<String>)| {
            (a.0.or(b.0), a.1.or(b.1))
        };
        Self {
            account: pair(self.account, other.account),
            site: pair(self.site, other.site),
            group: pair(self.group, other.group),
        }
    }
}

impl Agent {
    /// The two halves of a threat: the agent as it was, and as it is. What identifies it and its
    /// name are only in the second; what it ran is taken from the first.
    pub fn of_threat(then: &Node<'_>, now: &Node<'_>) -> Read<Self> {
        let either = |name: &str| then.get(name).text().or_else(|| now.get(name).text());
        let mut agent = Self {
            id: now.get("agentId").exact()?,
            uuid: now
                .get("agentUuid")
                .exact()?
                .or(then.get("agentUuid").exact()?),
            name: now.get("agentComputerName").exact()?,
            domain: either("agentDomain"),
            os_name: either("agentOsName"),
            os_type: now.get("agentOsType").text(),
            os_version: either("agentOsRevision"),
            machine: now.get("agentMachineType").text(),
            version: either("agentVersion"),
            external: then.get("externalIp").text(),
            scope: Scope::flat(now).or(Scope::flat(then)),
            ..Self::default()
        };
        for name in ["agentIpV4", "agentIpV6"] {
            agent.addresses.extend(words::addresses(&then.get(name)));
        }
        agent.interfaces(&now.get("networkInterfaces"));
        Ok(agent)
    }
    /// Adds the addresses of a list of interfaces.
    pub fn interfaces(&mut self, list: &Node<'_>) {
        for interface in list.list() {
            for name in ["inet", "inet6"] {
                self.addresses
                    .extend(words::addresses(&interface.get(name)));
            }
            self.macs
                .extend(interface.get("physical").text().filter(|text| is_mac(text)));
        }
    }
    /// What selects the device.
    pub fn device(&self) -> Device {
        let id = self.id.clone().or_else(|| self.uuid.clone());
        Device {
            id: id.unwrap_or_default(),
            name: self.name.clone().unwrap_or_default(),
        }
    }
    /// The affected device with all that is known of it; `None` if nothing names it.
    pub fn entity(&self) -> Option<Entity> {
        let device = self.device();
        if device.id.is_empty() && device.name.is_empty() {
            return None;
        }
        let other = self.uuid.clone().filter(|uuid| *uuid != device.id);
        let external = self.external.as_deref().and_then(words::address);
        let mut it = words::entity("affected", Target::Device(device));
        it = put(it, "uid_alt", other);
        it = put(it, "domain", self.domain.clone());
        it = put(it, "os.name", self.os_name.clone());
        it = put(it, "os.type", self.os_type.clone());
        it = put(it, "os.version", self.os_version.clone());
        it = put(it, "type", self.machine.clone());
        it = put(it, "ip", external);
        for address in words::distinct(self.addresses.clone()) {
            it = put(it, "network_interfaces.ip", Some(address));
        }
        for mac in words::distinct(self.macs.clone()) {
            it = put(it, "network_interfaces.mac", Some(mac));
        }
        it = put(it, "groups.uid", self.scope.group.0.clone());
        it = put(it, "groups.name", self.scope.group.1.clone());
        it = put(it, "org.uid", self.scope.account.0.clone());
        it = put(it, "org.name", self.scope.account.1.clone());
        it = put(it, "org.ou_uid", self.scope.site.0.clone());
        Some(put(it, "org.ou_name", self.scope.site.1.clone()))
    }
    /// What belongs to the alert as a whole: tenant and version of the agent.
    pub fn on(&self, detection: Detection) -> Detection {
        let detection = put(
            detection,
            "metadata.tenant_uid",
            self.scope.account.0.clone(),
        );
        let detection = put(detection, "device.agent.version", self.version.clone());
        put(
            detection,
            &format!("{OWN}site_uid"),
            self.scope.site.0.clone(),
        )
    }
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6
        && parts
            .iter()
            .all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}
