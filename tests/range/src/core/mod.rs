//! The range itself: one request after the other, each decided, carried out and logged as one
//! step under one lock.
//!
//! It has no clock and no sockets, so that everything it promises can be tested directly. The
//! order is that of a real service: who is asking, does a fault hit, has this key been used, what
//! is asked, is it possible. The log is written before the answer exists: an answer that could
//! not be logged is not given.

mod control;
mod page;
mod pending;

use crate::faults::{Faults, Mode, Rule};
use crate::keys::{Keys, Known};
use crate::log::{Entry, Log, body_digest, shown};
use crate::pages::Page;
use crate::reply::{Asked, Delivery, Reply};
use crate::state::{Refusal, Resource, Wanted, World};
use pending::{Pending, waiting};
use serde_json::Value;
use subtle::ConstantTimeEq;

/// Everything that the range knows.
#[derive(Debug, Default)]
pub struct Core {
    pub token: String,
    pub page_secret: Vec<u8>,
    pub world: World,
    pub faults: Faults,
    pub log: Log,
    pub pages: Vec<Page>,
    keys: Keys,
    pending: Vec<Pending>,
    jobs: u64,
}

/// What a request came to: the answer, and what the log says of it.
pub(crate) struct Outcome {
    pub reply: Reply,
    pub applied: bool,
    pub changed: bool,
    pub why: String,
    pub job: Option<String>,
}

impl Outcome {
    /// Nothing happened.
    pub fn nothing(reply: Reply, why: impl Into<String>) -> Self {
        Self {
            reply,
            applied: false,
            changed: false,
            why: why.into(),
            job: None,
        }
    }
    /// Nothing happened, and the caller is told why.
    pub fn refused(status: u16, why: &str) -> Self {
        Self::nothing(Reply::error(status, why), why)
    }
}

impl Core {
    /// A range without a world yet.
    pub fn new(token: String, page_secret: Vec<u8>, log: Log) -> Self {
        Self {
            token,
            page_secret,
            log,
            ..Self::default()
        }
    }

    /// Answers one request.
    pub fn handle(&mut self, asked: &Asked, now_ms: u64) -> Reply {
        self.settle_due(now_ms);
        let fault = self.faults.take(&asked.method, &asked.path);
        let mut outcome = match &fault {
            Some(fault) if prevents(fault) => Outcome::nothing(
                Reply::json(200, &Value::Null).broken(fault),
                "prevented by a fault",
            ),
            _ => self.answer(asked, fault.as_ref(), now_ms),
        };
        if let Some(fault) = fault.as_ref().filter(|fault| !prevents(fault)) {
            outcome.reply = outcome.reply.broken(fault);
        }
        if asked.method == "GET" && asked.path.starts_with("/range/") {
            return outcome.reply;
        }
        match self.note(asked, &outcome, fault.map(|it| it.mode), now_ms) {
            Ok(()) => outcome.reply,
            Err(error) => Reply {
                delivery: Delivery::Never,
                ..Reply::error(500, &format!("log: {error}"))
            },
        }
    }

    /// The rules that are not about faults.
    fn answer(&mut self, asked: &Asked, fault: Option<&Rule>, now_ms: u64) -> Outcome {
        if asked.path == "/range/pages" && asked.method == "POST" {
            return self.page(asked, now_ms);
        }
        if asked.path.starts_with("/range/") {
            return self.control(asked);
        }
        let expected = format!("Bearer {}", self.token);
        let given = asked.authorization.as_deref().unwrap_or_default();
        if !bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
            return Outcome::refused(401, "no valid bearer token");
        }
        if let Some(key) = asked.path.strip_prefix("/edr/jobs/") {
            return self.job(key, asked, now_ms);
        }
        let resource = match Resource::parse(&asked.path, &asked.query) {
            Ok(resource) => resource,
            Err(refusal) => return refused(&refusal),
        };
        match asked.method.as_str() {
            "GET" => self.read(&resource, now_ms),
            "POST" => self.set(resource, asked, fault, now_ms),
            _ => Outcome::refused(405, "GET or POST"),
        }
    }

    /// The state of a resource; `pending` while something is on its way to it.
    fn read(&mut self, resource: &Resource, now_ms: u64) -> Outcome {
        if let Some(pending) = self.pending.iter().find(|it| it.resource == *resource) {
            let body = waiting(pending);
            self.asked_once(|it| it.resource == *resource, now_ms);
            return Outcome::nothing(Reply::json(200, &body), "pending");
        }
        match self.world.read(resource) {
            Ok(reading) => {
                let mut body = reading.facts;
                body.insert("state".into(), reading.state.into());
                Outcome::nothing(Reply::json(200, &Value::Object(body)), "read")
            }
            Err(refusal) => refused(&refusal),
        }
    }

    /// What a key was answered with last.
    fn job(&mut self, key: &str, asked: &Asked, now_ms: u64) -> Outcome {
        if asked.method != "GET" {
            return Outcome::refused(405, "GET");
        }
        let Some(body) = self.keys.answer(key).cloned() else {
            return Outcome::refused(404, "no job with this key");
        };
        self.asked_once(|it| it.asked.key.as_deref() == Some(key), now_ms);
        Outcome::nothing(Reply::json(200, &body), "read")
    }

    /// Carries a setting out, once for each key.
    fn set(
        &mut self,
        resource: Resource,
        asked: &Asked,
        fault: Option<&Rule>,
        now_ms: u64,
    ) -> Outcome {
        let Some(key) = asked.key.as_deref().filter(|key| !key.is_empty()) else {
            return Outcome::refused(400, "no idempotency-key");
        };
        if !self.world.forgets_keys {
            match self.keys.look_up(key, &identity(asked)) {
                Known::No => {}
                Known::Other => {
                    return Outcome::refused(
                        422,
                        "this idempotency-key was used for another request",
                    );
                }
                Known::Same(used) => {
                    let reply = Reply::json(used.status, &used.body);
                    return Outcome::nothing(reply, "answered from memory");
                }
            }
        }
        let wanted = match Wanted::parse(&asked.body) {
            Ok(wanted) => wanted,
            Err(refusal) => return refused(&refusal),
        };
        let job = format!("job-{}", self.jobs + 1);
        if let Some(fault) = fault.filter(|fault| fault.mode == Mode::Pending) {
            // What cannot be done is refused now, not taken on.
            if let Err(refusal) = self.world.clone().set(&resource, &wanted, now_ms) {
                return refused(&refusal);
            }
            self.jobs += 1;
            return self.take_on(resource, wanted, asked, job, fault, now_ms);
        }
        match self.world.set(&resource, &wanted, now_ms) {
            Ok(change) => {
                self.jobs += 1;
                let body = answer(&change, &wanted, &job);
                let reply = Reply::json(200, &body);
                self.keys.remember(key, &identity(asked), 200, body);
                Outcome {
                    reply,
                    applied: true,
                    changed: change.changed,
                    why: change.detail,
                    job: Some(job),
                }
            }
            Err(refusal) => refused(&refusal),
        }
    }

    /// Writes what happened to a request.
    fn note(
        &mut self,
        asked: &Asked,
        outcome: &Outcome,
        fault: Option<Mode>,
        now_ms: u64,
    ) -> std::io::Result<()> {
        let body = shown(&asked.body);
        // A world is long, and is to be seen with GET /range/state.
        let whole = !asked.path.starts_with("/range/world");
        self.log.append(Entry {
            n: 0,
            at_ms: now_ms,
            method: asked.method.clone(),
            path: asked.target(),
            wanted: body
                .get("wanted")
                .and_then(Value::as_str)
                .map(str::to_owned),
            key: asked.key.clone(),
            digest: body_digest(&asked.body),
            body: if whole { body } else { Value::Null },
            status: outcome.reply.seen().filter(|_| asked.method != "SETTLE"),
            applied: outcome.applied,
            changed: outcome.changed,
            why: outcome.why.clone(),
            fault: fault.map(|mode| mode.as_str().to_owned()),
            job: outcome.job.clone(),
        })
    }
}

/// Whether a fault keeps the request from being looked at.
fn prevents(fault: &Rule) -> bool {
    match fault.mode {
        Mode::Fail4xx | Mode::Refuse429 | Mode::DropBefore => true,
        Mode::Fail5xx => !fault.applies,
        _ => false,
    }
}

/// What makes two requests with one key the same.
fn identity(asked: &Asked) -> [&[u8]; 4] {
    let Asked {
        method,
        path,
        query,
        body,
        ..
    } = asked;
    [method.as_bytes(), path.as_bytes(), query.as_bytes(), body]
}

fn refused(refusal: &Refusal) -> Outcome {
    let (status, why) = refusal.parts();
    Outcome::refused(status, why)
}

/// The answer to what was carried out.
fn answer(change: &crate::state::Change, wanted: &Wanted, job: &str) -> Value {
    let mut body = change.after.facts.clone();
    body.insert("state".into(), change.after.state.clone().into());
    body.insert("before".into(), change.before.clone().into());
    body.insert("wanted".into(), wanted.state.clone().into());
    body.insert("changed".into(), change.changed.into());
    body.insert("detail".into(), change.detail.clone().into());
    body.insert("job".into(), job.into());
    Value::Object(body)
}

#[cfg(test)]
mod tests;
