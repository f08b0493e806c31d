//! `connectors.toml`: the systems that orders are carried out in.
//!
//! A connector instance is the only thing that can reach out, so everything that widens its
//! reach is written here by a person: which credentials it has, which private addresses it may
//! connect to. What it may do is in its manifest; `actions` can only narrow that.

use super::error::Code;
use super::place::Placed;
use super::secret::{SecretRef, Vault};
use super::section::{Key, Section, Shape, Wrong, wrong_type};
use super::settings::{SETTINGS, Settings};
use super::value::{name, plugin, text, unknown_word};
use crate::model::{ConnectorId, PluginId, Verb};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use toml_spanner::Item;

pub(super) const CONNECTORS: Shape = Shape {
    title: "connectors.toml",
    keys: &[Key {
        name: "connector",
        kind: "list of tables",
        default: "none",
        doc: "a connector instance",
    }],
};

pub(super) const CONNECTOR: Shape = Shape {
    title: "connectors.toml [[connector]]",
    keys: &[
        Key {
            name: "name",
            kind: "name",
            default: "required",
            doc: "what the instance is called: in routes, orders and `page_channels`",
        },
        Key {
            name: "plugin",
            kind: "plugin id",
            default: "required",
            doc: "which connector plugin it runs",
        },
        Key {
            name: "version",
            kind: "text",
            default: "the version enrolled last",
            doc: "a version of the plugin, to stay on",
        },
        Key {
            name: "settings",
            kind: "table",
            default: "none",
            doc: "the plugin's settings; host and port of the system are among them",
        },
        Key {
            name: "credentials",
            kind: "table of secrets",
            default: "none",
            doc: "the credentials that the plugin's manifest names, by reference: `api = { file = \"secrets/api\" }`; the plugin never sees them",
        },
        Key {
            name: "allow_private",
            kind: "list of addresses",
            default: "none",
            doc: "loopback and private addresses or networks it may connect to; public ones need no entry, link-local ones are never allowed",
        },
        Key {
            name: "actions",
            kind: "list of actions",
            default: "all of the plugin's",
            doc: "narrows what is routed to this instance",
        },
    ],
};

pub(super) const CREDENTIALS: Shape = Shape {
    title: "connectors.toml [connector.credentials]",
    keys: &[],
};

/// One connector instance of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorConfig {
    /// Its name.
    pub name: Placed<ConnectorId>,
    /// The plugin it runs.
    pub plugin: Placed<PluginId>,
    /// The version to stay on; `None` follows the enrolled one.
    pub version: Option<Placed<String>>,
    /// The plugin's settings.
    pub settings: Settings,
    /// Its credentials by the names of the manifest.
    pub credentials: BTreeMap<String, Placed<SecretRef>>,
    /// Private addresses it may connect to.
    pub allow_private: Vec<IpNet>,
    /// The actions that may be routed to it; `None` allows all that its plugin performs.
    pub actions: Option<BTreeSet<Verb>>,
}

impl ConnectorConfig {
    pub(super) fn read_all(section: &Section<'_, '_>, vault: Vault<'_>) -> Vec<Self> {
        let each = section.sections("connector", &CONNECTOR).into_iter();
        each.filter_map(|it| Self::read(&it, vault)).collect()
    }

    /// Whether an order for `action` may be routed here.
    pub fn routes(&self, action: Verb) -> bool {
        self.actions.as_ref().is_none_or(|it| it.contains(&action))
    }

    fn read(section: &Section<'_, '_>, vault: Vault<'_>) -> Option<Self> {
        let name = section.required("name", name);
        let plugin = section.required("plugin", plugin);
        let version = section.optional("version", text);
        let settings = Settings::read(section.section("settings", &SETTINGS));
        let credentials = section.section("credentials", &CREDENTIALS);
        let credentials = credentials.map(|it| read_credentials(&it, vault));
        let allow_private = section.list("allow_private", private);
        let actions = section.list("actions", verb);
        let name = name?;
        Some(Self {
            name: Placed {
                value: ConnectorId(name.value),
                place: name.place,
            },
            plugin: plugin?,
            version,
            settings,
            credentials: credentials.unwrap_or_default(),
            allow_private: allow_private.into_iter().map(|it| it.value).collect(),
            actions: section
                .has("actions")
                .then(|| actions.into_iter().map(|it| it.value).collect()),
        })
    }
}

fn read_credentials(
    section: &Section<'_, '_>,
    vault: Vault<'_>,
) -> BTreeMap<String, Placed<SecretRef>> {
    let read = |(key, item)| {
        let secret = SecretRef::read_item(section, key, item, vault)?;
        Some((key.to_owned(), secret))
    };
    section.entries().filter_map(read).collect()
}

fn verb(item: &Item<'_>) -> Result<Verb, Wrong> {
    let word = item.as_str().ok_or_else(|| wrong_type(item, "an action"))?;
    Verb::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Verb::TABLE.iter().map(|it| it.verb.as_str()).collect();
        unknown_word(word, &known)
    })
}

/// An address or network that lies wholly within loopback, private or shared space.
///
/// Link-local is left out on purpose: 169.254.169.254 is where clouds keep the machine's own
/// credentials.
fn private(item: &Item<'_>) -> Result<IpNet, Wrong> {
    let text = text(item)?;
    let parsed = match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok(),
    };
    let net = parsed.ok_or_else(|| {
        Wrong::new(Code::BadAddress, format!("is {text:?}"))
            .label("expected an address or a network, such as 10.1.2.3 or 10.1.2.0/24")
    })?;
    if net.trunc() != net {
        return Err(Wrong::new(Code::BadAddress, format!("is {text:?}"))
            .label(format!("the network is {}", net.trunc())));
    }
    if grantable().iter().any(|it| it.contains(&net)) {
        return Ok(net);
    }
    Err(Wrong::new(Code::BadAddress, format!("is {text:?}"))
        .label("not within loopback or private space")
        .help("public addresses need no entry: the manifest's egress and the host's resolver decide; link-local ones are never allowed"))
}

fn grantable() -> [IpNet; 7] {
    let v4 = |a, b, prefix| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, 0, 0), prefix));
    let v6 = |first, prefix, last| {
        IpNet::V6(Ipv6Net::new_assert(
            Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last),
            prefix,
        ))
    };
    [
        v4(127, 0, 8),
        v4(10, 0, 8),
        v4(172, 16, 12),
        v4(192, 168, 16),
        v4(100, 64, 10),
        v6(0, 128, 1),
        v6(0xfc00, 7, 0),
    ]
}
