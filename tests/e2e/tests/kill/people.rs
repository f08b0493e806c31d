//! Two people who decide while the host dies under them: they approve and deny what is held, and
//! end effects.
//!
//! What they asked for is written down before it is sent: only that may ever run without being
//! allowed to automation. What was answered must be there afterwards.

use crate::dice::Dice;
use crate::site::{Ask, Site};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Milliseconds between two decisions.
const PAUSE: Duration = Duration::from_millis(120);

/// What they did.
#[derive(Default)]
pub struct Decisions {
    /// Proposals whose approval was sent.
    pub approving: BTreeSet<String>,
    /// Effects whose end was asked for.
    pub ending: BTreeSet<String>,
    /// What was answered with success: proposal, and the kind of entry.
    pub answered: BTreeMap<String, &'static str>,
    /// Effects whose end was answered.
    pub ended: u64,
    /// Requests that broke.
    pub cut: u64,
}

/// The people.
pub struct People<'a> {
    /// Where.
    pub site: &'a Site,
    /// The token of the lead who decides.
    pub decides: String,
    /// The token of the lead who ends effects: who asks for something never approves it.
    pub ends: String,
    /// What they did.
    pub decisions: Mutex<Decisions>,
    /// Whether they may go home.
    pub done: AtomicBool,
}

impl People<'_> {
    /// Decides now and then until it is over.
    pub async fn work(&self, mut dice: Dice) {
        while !self.done.load(Ordering::SeqCst) {
            tokio::time::sleep(PAUSE).await;
            let done = if dice.percent(15) {
                self.end_one(&mut dice).await
            } else {
                self.decide_one(&mut dice).await
            };
            if done.is_err() {
                self.decisions.lock().unwrap().cut += 1;
            }
        }
    }

    async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Value), String> {
        let life = self.site.life().await;
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let path = format!("/v1/tenants/acme{path}");
        self.site
            .ask(&life, method, &path, Ask::json(token, &body))
            .await
    }

    async fn one_of(
        &self,
        path: &str,
        name: &str,
        dice: &mut Dice,
    ) -> Result<Option<Value>, String> {
        let (status, body) = self.ask(&self.decides, "GET", path, &Value::Null).await?;
        assert_eq!(status, 200, "GET {path}: {body}");
        let all = body[name].as_array().unwrap();
        Ok(all.get(dice.below(all.len() as u64) as usize).cloned())
    }

    async fn decide_one(&self, dice: &mut Dice) -> Result<(), String> {
        let Some(held) = self
            .one_of("/proposals?state=held&limit=40", "proposals", dice)
            .await?
        else {
            return Ok(());
        };
        let (id, digest) = (
            held["id"].as_str().unwrap().to_owned(),
            &held["judged"]["digest"],
        );
        let (word, kind) = if dice.percent(70) {
            ("approve", "approved")
        } else {
            ("deny", "denied")
        };
        if word == "approve" {
            self.decisions.lock().unwrap().approving.insert(id.clone());
        }
        let body = json!({ "digest": digest, "comment": "looked at it" });
        let (status, answer) = self
            .ask(
                &self.decides,
                "POST",
                &format!("/proposals/{id}/{word}"),
                &body,
            )
            .await?;
        match status {
            200 => drop(self.decisions.lock().unwrap().answered.insert(id, kind)),
            // decided by an attempt that was cut, expired, or no longer what was seen
            403 | 404 | 409 => {}
            _ => panic!("{word} {id}: {status} {answer}"),
        }
        Ok(())
    }

    async fn end_one(&self, dice: &mut Dice) -> Result<(), String> {
        let Some(effect) = self.one_of("/effects", "effects", dice).await? else {
            return Ok(());
        };
        let id = effect["id"].as_str().unwrap().to_owned();
        self.decisions.lock().unwrap().ending.insert(id.clone());
        let (status, answer) = self
            .ask(
                &self.ends,
                "POST",
                &format!("/effects/{id}/end"),
                &json!({ "comment": "needed" }),
            )
            .await?;
        match status {
            200 | 201 => self.decisions.lock().unwrap().ended += 1,
            403 | 404 | 409 => {}
            _ => panic!("end {id}: {status} {answer}"),
        }
        Ok(())
    }
}
