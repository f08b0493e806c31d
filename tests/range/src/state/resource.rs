//! What a request is about, read from path and query.
//!
//! One resource is one thing with one state, and reading and setting it have the same URL. That
//! is what lets a connector ask `status` with the very address it acted on, and what lets the log
//! be searched by target.

use super::Refusal;
use percent_encoding::percent_decode_str;

/// One thing with one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `/edr/devices/{id}/containment`: `on`, `off`.
    Containment {
        /// The device.
        device: String,
    },
    /// `/edr/devices/{id}/processes?..`: `running`, `suspended`, `stopped`, `mixed`.
    Processes {
        /// The device.
        device: String,
        /// Which.
        select: Select,
        /// Whether new executions count.
        how: How,
    },
    /// `/edr/devices/{id}/files?..`: `present`, `quarantined`, `deleted`.
    File {
        /// The device.
        device: String,
        /// Which.
        select: Select,
    },
    /// `/edr/devices/{id}/services/{name}`: `running`, `stopped`.
    Service {
        /// The device.
        device: String,
        /// Which.
        name: String,
    },
    /// `/edr/devices/{id}/scans`: no state; known by its key.
    Scans {
        /// The device.
        device: String,
    },
    /// `/edr/devices/{id}/collections`: no state; known by its key.
    Collections {
        /// The device.
        device: String,
    },
    /// `/edr/allowances?..`: `allowed`, `none`.
    Allowance(SoftwareSelect),
    /// `/firewall/addresses/{cidr}`: `blocked`, `free`.
    Address(String),
    /// `/firewall/domains/{name}`: `blocked`, `free`.
    Domain(String),
    /// `/directory/accounts/{id}`: `enabled`, `disabled`.
    Account {
        /// Object id.
        id: String,
    },
    /// `/directory/accounts/{id}/sessions`: `open`, `revoked`.
    Sessions {
        /// Object id.
        id: String,
    },
}

/// Which process or file of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// Process id.
    pub pid: Option<u32>,
    /// When it started, in milliseconds since 1970.
    pub started: Option<u64>,
    /// SHA-256.
    pub sha256: Option<String>,
    /// The EDR's id of a threat.
    pub reference: Option<String>,
    /// Full path.
    pub path: Option<String>,
}

/// What a wanted `running` means for a process, and which executions a reading counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// These executions themselves: let them go on.
    #[default]
    Same,
    /// A new execution in their place (`how=start`).
    Start,
}

/// Where an allowance holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// On one device.
    Device(String),
    /// In the group of a device.
    Group(String),
    /// Everywhere.
    Tenant,
}

/// Which software, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftwareSelect {
    /// SHA-256.
    pub sha256: Option<String>,
    /// Subject of a valid signature.
    pub signer: Option<String>,
    /// Product or file name.
    pub name: String,
    /// The EDR's id of a threat.
    pub reference: Option<String>,
    /// Where.
    pub reach: Reach,
}

impl Resource {
    /// Reads path and query.
    ///
    /// # Errors
    /// [`Refusal::Missing`] for a path that leads nowhere, [`Refusal::Wrong`] for a query that
    /// says too little or what the range does not know.
    pub fn parse(path: &str, query: &str) -> Result<Self, Refusal> {
        let parts: Vec<String> = path
            .trim_start_matches('/')
            .split('/')
            .map(decode)
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let query = Query::parse(query)?;
        let resource = match parts.as_slice() {
            ["edr", "devices", device, "processes"] => return query.processes(device),
            ["edr", "devices", device, "files"] => return query.file(device),
            ["edr", "allowances"] => return query.allowance(),
            ["edr", "devices", device, "services", name] => Self::Service {
                device: (*device).to_owned(),
                name: (*name).to_owned(),
            },
            ["edr", "devices", device, "containment"] => Self::Containment {
                device: (*device).to_owned(),
            },
            ["edr", "devices", device, "scans"] => Self::Scans {
                device: (*device).to_owned(),
            },
            ["edr", "devices", device, "collections"] => Self::Collections {
                device: (*device).to_owned(),
            },
            // A prefix has a slash of its own.
            ["firewall", "addresses", address @ ..] if !address.is_empty() => {
                Self::Address(address.join("/"))
            }
            ["firewall", "domains", domain] => Self::Domain((*domain).to_owned()),
            ["directory", "accounts", id] => Self::Account {
                id: (*id).to_owned(),
            },
            ["directory", "accounts", id, "sessions"] => Self::Sessions {
                id: (*id).to_owned(),
            },
            _ => return Err(Refusal::Missing(format!("no resource {path}"))),
        };
        match query.first() {
            Some(name) => Err(Refusal::Wrong(format!("query: {name} is not asked here"))),
            None => Ok(resource),
        }
    }
}

/// Takes the escapes out of one segment of a path.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A query, name by name. What is left over at the end is refused.
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        for (at, (name, _)) in pairs.iter().enumerate() {
            if pairs.iter().skip(at + 1).any(|(other, _)| other == name) {
                return Err(Refusal::Wrong(format!("query: {name} twice")));
            }
        }
        Ok(Self(pairs))
    }
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1).filter(|value| !value.is_empty())
    }
    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, Refusal> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Refusal::Wrong(format!("query: {name} is not a number"))),
        }
    }
    fn first(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| name.as_str())
    }
    fn end(self) -> Result<(), Refusal> {
        match self.first() {
            Some(name) => Err(Refusal::Wrong(format!("query: unknown name {name}"))),
            None => Ok(()),
        }
    }

    fn select(&mut self) -> Result<Select, Refusal> {
        Ok(Select {
            pid: self.number("pid")?,
            started: self.number("started")?,
            sha256: self.take("sha256").map(|it| it.to_ascii_lowercase()),
            reference: self.take("reference"),
            path: self.take("path"),
        })
    }

    fn processes(mut self, device: &str) -> Result<Resource, Refusal> {
        let how = match self.take("how").as_deref() {
            None => How::Same,
            Some("start") => How::Start,
            Some(other) => return Err(Refusal::Wrong(format!("query: unknown how {other}"))),
        };
        let select = self.select()?;
        self.end()?;
        let exact = select.pid.is_some() && select.started.is_some();
        if !exact && select.sha256.is_none() && select.reference.is_none() {
            return Err(Refusal::Wrong(
                "query: a process needs pid with started, sha256 or reference".into(),
            ));
        }
        Ok(Resource::Processes {
            device: device.to_owned(),
            select,
            how,
        })
    }

    fn file(mut self, device: &str) -> Result<Resource, Refusal> {
        let select = self.select()?;
        self.end()?;
        if select.path.is_none() || (select.sha256.is_none() && select.reference.is_none()) {
            return Err(Refusal::Wrong(
                "query: a file needs path, and sha256 or reference".into(),
            ));
        }
        Ok(Resource::File {
            device: device.to_owned(),
            select,
        })
    }

    fn allowance(mut self) -> Result<Resource, Refusal> {
        let place = self.take("device");
        let reach = match (self.take("reach").as_deref(), place) {
            (Some("tenant"), _) => Reach::Tenant,
            (Some("device"), Some(device)) => Reach::Device(device),
            (Some("group"), Some(device)) => Reach::Group(device),
            (reach, _) => {
                let reach = reach.unwrap_or("nothing");
                return Err(Refusal::Wrong(format!(
                    "query: reach is {reach}; it is tenant, or device or group with device"
                )));
            }
        };
        let select = SoftwareSelect {
            sha256: self.take("sha256").map(|it| it.to_ascii_lowercase()),
            signer: self.take("signer"),
            name: self.take("name").unwrap_or_default(),
            reference: self.take("reference"),
            reach,
        };
        self.end()?;
        let signed = select.signer.is_some() && !select.name.is_empty();
        if select.sha256.is_none() && !signed && select.reference.is_none() {
            return Err(Refusal::Wrong(
                "query: software needs sha256, signer with name, or reference".into(),
            ));
        }
        Ok(Resource::Allowance(select))
    }
}
