//! Idempotency keys: one key, one effect (class A).
//!
//! A key that was answered with success is answered from memory; the same key with another
//! request is refused. What was refused is not remembered, so that it may be tried again, as the
//! products that document it do.

use crate::log::digest;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a key was used for.
#[derive(Clone, Debug)]
pub struct Used {
    request: String,
    /// The answer's status.
    pub status: u16,
    /// The answer.
    pub body: Value,
}

/// The keys that were used.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<String, Used>);

/// What is known of a key.
pub enum Known<'a> {
    /// Nothing.
    No,
    /// It was used for this very request.
    Same(&'a Used),
    /// It was used for another one.
    Other,
}

impl Keys {
    /// What is known of a key, given the request that carries it now.
    pub fn look_up(&self, key: &str, request: &[&[u8]]) -> Known<'_> {
        match self.0.get(key) {
            None => Known::No,
            Some(used) if used.request == digest(request) => Known::Same(used),
            Some(_) => Known::Other,
        }
    }
    /// Remembers an answer.
    pub fn remember(&mut self, key: &str, request: &[&[u8]], status: u16, body: Value) {
        let request = digest(request);
        let used = Used {
            request,
            status,
            body,
        };
        self.0.insert(key.to_owned(), used);
    }
    /// Replaces the answer of a key that is remembered: what was pending has happened.
    pub fn settle(&mut self, key: &str, status: u16, body: Value) {
        if let Some(used) = self.0.get_mut(key) {
            used.status = status;
            used.body = body;
        }
    }
    /// The last answer of a key.
    pub fn answer(&self, key: &str) -> Option<&Value> {
        self.0.get(key).map(|used| &used.body)
    }
}
