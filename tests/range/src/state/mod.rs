//! The world that the range simulates, and the rules by which it changes.
//!
//! Everything here is plain data and pure functions: no clock, no network. Requests are parsed
//! into a [`Resource`] and a wanted word, and one function each reads and sets them, so that what
//! `GET` shows is what `POST` changed and nothing else (a system whose state can be set and read:
//! connector class B).

mod allowances;
mod files;
mod lists;
mod processes;
mod resource;
mod services;
mod world;

pub(crate) use processes::file_name;
pub use resource::{How, Reach, Resource, Select, SoftwareSelect};
pub use world::{
    Account, Allowance, Blocked, Containment, Device, File, FileState, Identity, Mode, Process,
    ProcessState, Rating, Service, ServiceState, World,
};

use serde_json::{Map, Value, json};

/// What a resource is, now.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// One word.
    pub state: String,
    /// What else is to be seen, for people and for tests.
    pub facts: Map<String, Value>,
}

impl Reading {
    /// A word with its facts; `facts` that is no object counts as none.
    pub(crate) fn new(state: impl Into<String>, facts: Value) -> Self {
        let facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        Self {
            state: state.into(),
            facts,
        }
    }
}

/// What a setting did.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The word before.
    pub before: String,
    /// What it is now. It may differ from what was wanted: a policy can be quicker.
    pub after: Reading,
    /// Whether anything is different now.
    pub changed: bool,
    /// In words.
    pub detail: String,
}

/// Why nothing was done. The status is what the caller is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 404: there is no such thing.
    Missing(String),
    /// 422: it cannot be asked like this, or not now.
    Wrong(String),
}

impl Refusal {
    /// Status and words.
    pub fn parts(&self) -> (u16, &str) {
        match self {
            Self::Missing(text) => (404, text),
            Self::Wrong(text) => (422, text),
        }
    }
}

/// A setting: the word that is wanted, and what goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The word.
    pub state: String,
    /// Path of the image, to start a process that the range has never seen.
    pub path: Option<String>,
    /// Command line to start it with.
    pub cmd_line: Option<String>,
    /// Until when a block or an allowance is wanted, in milliseconds since 1970.
    pub until_ms: Option<u64>,
}

impl Wanted {
    /// Reads a request's body: an object with `wanted`, and nothing that the range does not know.
    ///
    /// # Errors
    /// [`Refusal::Wrong`] where it is something else.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let wrong = |why: &str| Refusal::Wrong(format!("body: {why}"));
        let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else {
            return Err(wrong("not a JSON object"));
        };
        let mut wanted = Self::default();
        for (name, value) in &body {
            let text = value.as_str().map(str::to_owned);
            match name.as_str() {
                "wanted" => wanted.state = text.ok_or_else(|| wrong("wanted is not text"))?,
                "path" => wanted.path = text,
                "cmd_line" => wanted.cmd_line = text,
                "until_ms" => wanted.until_ms = value.as_u64(),
                // A reference to the job that is given back: kept in the log, not acted on.
                "after" => {}
                other => return Err(wrong(&format!("unknown name {other}"))),
            }
        }
        if wanted.state.is_empty() {
            return Err(wrong("no wanted"));
        }
        Ok(wanted)
    }
}

impl World {
    /// What a resource is now.
    ///
    /// # Errors
    /// [`Refusal::Missing`] where there is no such thing.
    pub fn read(&self, resource: &Resource) -> Result<Reading, Refusal> {
        match resource {
            Resource::Containment { device } => {
                let device = self.device(device)?;
                Ok(Reading::new(
                    device.containment.as_str(),
                    json!({ "name": device.name }),
                ))
            }
            Resource::Processes {
                device,
                select,
                how,
            } => processes::read(self.device(device)?, select, *how),
            Resource::File { device, select } => files::read(self.device(device)?, select),
            Resource::Service { device, name } => services::read(self.device(device)?, name),
            // What was done once is known by its key; the resource itself has no state.
            Resource::Scans { device } | Resource::Collections { device } => {
                self.device(device)?;
                Ok(Reading::new("idle", Value::Null))
            }
            Resource::Allowance(select) => allowances::read(self, select),
            Resource::Address(address) => Ok(lists::read_block(&self.addresses, address)),
            Resource::Domain(domain) => Ok(lists::read_block(&self.domains, domain)),
            Resource::Account { id } => Ok(lists::read_account(self.account(id)?)),
            Resource::Sessions { id } => Ok(lists::read_sessions(self.account(id)?)),
        }
    }

    /// Sets a resource, and lets the EDR's own policy react.
    ///
    /// # Errors
    /// [`Refusal`] where nothing was changed.
    pub fn set(
        &mut self,
        resource: &Resource,
        wanted: &Wanted,
        now_ms: u64,
    ) -> Result<Change, Refusal> {
        match resource {
            Resource::Containment { device } => services::contain(self.device_mut(device)?, wanted),
            Resource::Processes {
                device,
                select,
                how,
            } => processes::set(self, device, select, *how, wanted, now_ms),
            Resource::File { device, select } => {
                files::set(self.device_mut(device)?, select, wanted)
            }
            Resource::Service { device, name } => {
                services::set(self.device_mut(device)?, name, wanted)
            }
            Resource::Scans { device } => {
                let device = self.device_mut(device)?;
                device.scans += 1;
                done_once(wanted, "scanned", device.scans)
            }
            Resource::Collections { device } => {
                let device = self.device_mut(device)?;
                device.collections += 1;
                done_once(wanted, "collected from", device.collections)
            }
            Resource::Allowance(select) => allowances::set(self, select, wanted),
            Resource::Address(it) => lists::set_block(&mut self.addresses, it, wanted),
            Resource::Domain(it) => lists::set_block(&mut self.domains, it, wanted),
            Resource::Account { id } => lists::set_account(self.account_mut(id)?, wanted),
            Resource::Sessions { id } => lists::revoke_sessions(self.account_mut(id)?, wanted),
        }
    }
}

/// An act without a state of its own: it is known by its key.
fn done_once(wanted: &Wanted, verb: &str, times: u32) -> Result<Change, Refusal> {
    wanted.one_of(&["finished"])?;
    Ok(Change {
        before: "idle".into(),
        after: Reading::new("finished", json!({ "times": times })),
        changed: true,
        detail: format!("{verb} {times} times"),
    })
}

impl Wanted {
    /// Checks the wanted word.
    pub(crate) fn one_of(&self, words: &[&str]) -> Result<(), Refusal> {
        if words.contains(&self.state.as_str()) {
            return Ok(());
        }
        Err(Refusal::Wrong(format!(
            "wanted is {}, one of these is possible: {}",
            self.state,
            words.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests;
