//! Two people who go on working while the host dies under them: one decides what is held, the
//! other has effects ended.
//!
//! What they ask for is written down before it is sent: only that may ever run without being
//! allowed to automation. What was answered must be there afterwards.

use crate::dice::Dice;
use crate::site::Site;
use e2e::{Answer, Api};
use hyper::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Between two things that they do. It is their pace, and nothing waits for it.
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
    /// The lead who decides.
    pub decides: Api,
    /// The lead who ends effects: who asks for something never approves it.
    pub ends: Api,
    /// What they did.
    pub did: Decisions,
}

impl People<'_> {
    /// Works until it is over.
    pub fn work(mut self, mut dice: Dice, over: &AtomicBool) -> Decisions {
        while !over.load(Ordering::SeqCst) {
            std::thread::sleep(PAUSE);
            self.site.life();
            let done = match dice.percent(15) {
                true => self.end_one(&mut dice),
                false => self.decide_one(&mut dice),
            };
            self.did.cut += u64::from(done.is_err());
        }
        self.did
    }

    fn decide_one(&mut self, dice: &mut Dice) -> Result<(), String> {
        let held = one_of(
            &self.decides,
            "proposals?state=held&limit=40",
            "proposals",
            dice,
        )?;
        let Some(held) = held else { return Ok(()) };
        let (id, digest) = (held["id"].as_str().unwrap(), &held["judged"]["digest"]);
        let (word, kind) = match dice.percent(70) {
            true => ("approve", "approved"),
            false => ("deny", "denied"),
        };
        if word == "approve" {
            self.did.approving.insert(id.to_owned());
        }
        let body = json!({ "digest": digest, "comment": "looked at it" });
        if took(&post(
            &self.decides,
            &format!("proposals/{id}/{word}"),
            &body,
        )?) {
            self.did.answered.insert(id.to_owned(), kind);
        }
        Ok(())
    }

    fn end_one(&mut self, dice: &mut Dice) -> Result<(), String> {
        let Some(effect) = one_of(&self.ends, "effects", "effects", dice)? else {
            return Ok(());
        };
        let id = effect["id"].as_str().unwrap();
        self.did.ending.insert(id.to_owned());
        let body = json!({ "comment": "needed" });
        if took(&post(&self.ends, &format!("effects/{id}/end"), &body)?) {
            self.did.ended += 1;
        }
        Ok(())
    }
}

fn one_of(api: &Api, path: &str, name: &str, dice: &mut Dice) -> Result<Option<Value>, String> {
    let body = api
        .try_send(Method::GET, path, "application/json", vec![])?
        .ok();
    let all = body[name].as_array().unwrap();
    Ok(all.get(dice.below(all.len() as u64) as usize).cloned())
}

fn post(api: &Api, path: &str, body: &Value) -> Result<Answer, String> {
    api.try_send(
        Method::POST,
        path,
        "application/json",
        body.to_string().into_bytes(),
    )
}

/// Whether it was taken. It may be decided already by an attempt that was cut, or be no longer
/// what was seen, and then it is refused.
fn took(answer: &Answer) -> bool {
    match answer.status {
        200 => true,
        403 | 404 | 409 => false,
        status => panic!("{status} {}", answer.body),
    }
}
