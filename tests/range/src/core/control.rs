//! The tests' own door: load a world, tell it to fail, read what happened.
//!
//! It takes no token: the range listens on loopback and holds nothing.

use super::{Core, Outcome};
use crate::faults::{Faults, Rule};
use crate::reply::{Asked, Reply};
use crate::state::World;
use serde_json::{Value, json};

impl Core {
    /// `/range/*`
    pub(super) fn control(&mut self, asked: &Asked) -> Outcome {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/range/state") => shown(&json!(self.world)),
            ("GET", "/range/pages") => shown(&json!(self.pages)),
            ("GET", "/range/faults") => shown(&json!(self.faults.0)),
            ("GET", "/range/log") => self.lines(&asked.query),
            ("POST", "/range/world") => match serde_json::from_slice::<World>(&asked.body) {
                Ok(world) => {
                    self.load(world);
                    told("world loaded")
                }
                Err(error) => Outcome::refused(422, &format!("world: {error}")),
            },
            ("POST", "/range/faults") => match serde_json::from_slice::<Vec<Rule>>(&asked.body) {
                Ok(rules) => {
                    self.faults = Faults(rules);
                    told("faults set")
                }
                Err(error) => Outcome::refused(422, &format!("faults: {error}")),
            },
            ("DELETE", "/range/faults") => {
                self.faults = Faults::default();
                told("faults cleared")
            }
            _ => Outcome::refused(404, "no such door"),
        }
    }

    /// Replaces the world. What is pending in the old one will not happen; keys and log stay.
    pub fn load(&mut self, mut world: World) {
        world.lower_hashes();
        self.world = world;
        self.pending.clear();
    }

    /// The log, one entry a line, from `since=N` on.
    fn lines(&self, query: &str) -> Outcome {
        let since = query.strip_prefix("since=").and_then(|it| it.parse().ok());
        let mut lines = Vec::new();
        for entry in self.log.entries(since.unwrap_or(0)) {
            match serde_json::to_vec(entry) {
                Ok(line) => lines.extend(line),
                Err(error) => return Outcome::refused(500, &format!("log: {error}")),
            }
            lines.push(b'\n');
        }
        Outcome::nothing(Reply::raw(200, "application/x-ndjson", lines), "read")
    }
}

fn shown(value: &Value) -> Outcome {
    Outcome::nothing(Reply::json(200, value), "read")
}

fn told(why: &str) -> Outcome {
    Outcome::nothing(Reply::json(200, &json!({ "ok": why })), why)
}
