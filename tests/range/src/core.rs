//! The range itself: one request after the other, each decided, carried out and logged as one
//! step under one lock.
//!
//! It has no clock and no sockets, so that everything it promises can be tested directly. The
//! order is that of a real service: who is asking, does a fault hit, has this key been used, what
//! is asked, is it possible. The log is written before the answer exists: an answer that could
//! not be logged is not given.

use crate::faults::{Faults, Mode, Rule};
use crate::keys::{Keys, Known};
use crate::log::{Entry, Log, body_digest, shown};
use crate::pages::{self, Page};
use crate::reply::{Asked, Delivery, Reply};
use crate::state::{Refusal, Resource, Wanted, World};
use serde_json::{Value, json};
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

/// Taken on, and not done yet.
#[derive(Clone, Debug)]
struct Pending {
    resource: Resource,
    wanted: Wanted,
    asked: Asked,
    job: String,
    due_ms: u64,
    asks_left: Option<u32>,
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

    /// Takes a setting on, to be done later.
    fn take_on(
        &mut self,
        resource: Resource,
        wanted: Wanted,
        asked: &Asked,
        job: String,
        fault: &Rule,
        now_ms: u64,
    ) -> Outcome {
        let pending = Pending {
            resource,
            wanted,
            asked: asked.clone(),
            job: job.clone(),
            // With neither a time nor a number of questions it happens at the first question.
            due_ms: match (fault.delay_ms, fault.asks) {
                (0, _) => u64::MAX,
                (delay_ms, _) => now_ms.saturating_add(delay_ms),
            },
            asks_left: fault.asks.or((fault.delay_ms == 0).then_some(1)),
        };
        let body = waiting(&pending);
        if let Some(key) = &asked.key {
            self.keys.remember(key, &identity(asked), 202, body.clone());
        }
        self.pending.push(pending);
        Outcome {
            job: Some(job),
            ..Outcome::nothing(Reply::json(202, &body), "pending")
        }
    }

    /// Counts a question about what is pending; the last one brings the effect.
    fn asked_once(&mut self, about: impl Fn(&Pending) -> bool, now_ms: u64) {
        for pending in self.pending.iter_mut().filter(|it| about(it)) {
            pending.asks_left = pending.asks_left.map(|left| left.saturating_sub(1));
        }
        self.settle_due(now_ms);
    }

    /// Lets happen what is due.
    fn settle_due(&mut self, now_ms: u64) {
        let due = |it: &Pending| it.due_ms <= now_ms || it.asks_left == Some(0);
        let (ready, waiting) = std::mem::take(&mut self.pending).into_iter().partition(due);
        self.pending = waiting;
        for pending in ready {
            self.settle(&pending, now_ms);
        }
    }

    fn settle(&mut self, pending: &Pending, now_ms: u64) {
        let outcome = match self.world.set(&pending.resource, &pending.wanted, now_ms) {
            Ok(change) => {
                let body = answer(&change, &pending.wanted, &pending.job);
                Outcome {
                    reply: Reply::json(200, &body),
                    applied: true,
                    changed: change.changed,
                    why: change.detail,
                    job: Some(pending.job.clone()),
                }
            }
            Err(refusal) => refused(&refusal),
        };
        if let Some(key) = &pending.asked.key {
            let body = serde_json::from_slice(&outcome.reply.body).unwrap_or(Value::Null);
            self.keys.settle(key, outcome.reply.status, body);
        }
        let asked = Asked {
            method: "SETTLE".into(),
            ..pending.asked.clone()
        };
        // A log that cannot be written shows at the next request, which is then not answered.
        let _ = self.note(&asked, &outcome, Some(Mode::Pending), now_ms);
    }

    /// Believes a page, or not.
    fn page(&mut self, asked: &Asked, now_ms: u64) -> Outcome {
        let signature = asked.signature.as_deref();
        if let Err(why) = pages::verify(&self.page_secret, signature, &asked.body, now_ms / 1000) {
            return Outcome::refused(401, &why);
        }
        let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else {
            return Outcome::refused(400, "the page is not JSON");
        };
        if let Some(key) = &asked.key {
            match self.keys.look_up(key, &identity(asked)) {
                Known::No => {}
                Known::Other => {
                    return Outcome::refused(422, "this idempotency-key was used for another page");
                }
                Known::Same(used) => {
                    let reply = Reply::json(used.status, &used.body);
                    return Outcome::nothing(reply, "answered from memory");
                }
            }
        }
        let page = Page {
            at_ms: now_ms,
            key: asked.key.clone(),
            body,
        };
        self.pages.push(page);
        let reference = format!("page-{}", self.pages.len());
        let body = json!({ "reference": reference });
        if let Some(key) = &asked.key {
            self.keys.remember(key, &identity(asked), 200, body.clone());
        }
        Outcome {
            reply: Reply::json(200, &body),
            applied: true,
            changed: true,
            why: "page received".into(),
            job: Some(reference),
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

/// The answer while it is on its way.
fn waiting(pending: &Pending) -> Value {
    json!({ "state": "pending", "wanted": pending.wanted.state, "job": pending.job })
}

mod control;

#[cfg(test)]
mod tests;
