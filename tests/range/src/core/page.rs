//! The door for pages: believed only when signed, kept once for each key.

use super::{Core, Outcome, identity};
use crate::keys::Known;
use crate::pages::{self, Page};
use crate::reply::{Asked, Reply};
use serde_json::{Value, json};

impl Core {
    /// Believes a page, or not.
    pub(super) fn page(&mut self, asked: &Asked, now_ms: u64) -> Outcome {
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
}
