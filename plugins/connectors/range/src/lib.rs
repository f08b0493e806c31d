//! Acts in the range, as a connector to a real EDR, firewall or directory would.
//!
//! What the range offers is state that can be set and read (class B): each action is a resource
//! and the word that it shall be, `execute` posts the word, `status` reads it, and giving back is
//! the other word on the same resource. The three actions that leave no state behind are known to
//! the range by the order's key (class A).
//!
//! `status` says what is true and never what is likely: what it could not read is `unknown`.

use countersign_sdk::connector::*;
use serde_json::Value;

mod asked;
#[cfg(test)]
mod cases;
mod url;

use asked::{Asked, Kept};

countersign_sdk::connector!(execute, status, manifest: "../plugin.json");

/// Milliseconds until what is pending may be asked for again.
const ASK_AGAIN_MS: u32 = 1000;

fn execute(order: &Order) -> Result<Receipt, Fault> {
    let asked = Asked::by(order)?;
    let url = at(&asked.resource)?;
    let answer = send(order, "POST", url, &asked.body(order), "api")?;
    let answer = Answer::parse(&answer).map_err(Fault::unclear)?;
    if answer.state == "pending" {
        return Ok(answer.receipt(Outcome::Pending, &asked));
    }
    if answer.state != asked.wanted {
        return Err(differs(&answer, &asked));
    }
    // It was so before. On a later attempt that may be our own doing, and an effect that nobody
    // owns is never given back: only the first attempt can say that it was somebody else's.
    let theirs = !answer.changed && order.attempt <= 1;
    let outcome = if theirs {
        Outcome::Already
    } else {
        Outcome::Done
    };
    Ok(answer.receipt(outcome, &asked))
}

fn status(order: &Order) -> Result<Receipt, Fault> {
    let asked = Asked::by(order)?;
    let path = match asked.kept {
        Kept::AsState => asked.resource.clone(),
        Kept::ByKey => format!("/edr/jobs/{}", order.idempotency_key),
    };
    let answer = match exchange(order, "GET", at(&path)?, "", "api") {
        Ok(http::Response { status: 404, .. }) => {
            return Ok(Receipt::new(
                Outcome::Absent,
                "the range knows nothing of it",
            ));
        }
        Ok(response) => accepted(response),
        Err(fault) => Err(fault),
    };
    match answer.map(|answer| Answer::parse(&answer)) {
        Ok(Ok(answer)) => {
            let outcome = match answer.state.as_str() {
                "pending" => Outcome::Pending,
                state if state == asked.wanted => Outcome::Done,
                _ => Outcome::Absent,
            };
            Ok(answer.receipt(outcome, &asked))
        }
        Ok(Err(text)) => Ok(unread(text)),
        // Before anything was sent a refusal is worth hearing: the order cannot succeed.
        Err(fault @ Fault::Definite(_)) if order.attempt == 0 => Err(fault),
        Err(Fault::Definite(why) | Fault::NotDone(why) | Fault::Unknown(why)) => {
            Ok(unread(why.message))
        }
    }
}

/// A question without an answer. It is not a fault: whatever happened to the question says
/// nothing of the order.
fn unread(why: String) -> Receipt {
    Receipt::new(Outcome::Unknown, format!("could not be read: {why}")).retry_after_ms(ASK_AGAIN_MS)
}

/// Carried out, and it is not as it was wanted.
fn differs(answer: &Answer, asked: &Asked) -> Fault {
    if answer.fact("stopped_by").as_deref() == Some("policy") {
        return Fault::unsupported(
            "it was started and ended at once by the policy of the product; allow the software first",
        );
    }
    Fault::unclear(format!("it is {}, not {}", answer.state, asked.wanted))
}

fn at(resource: &str) -> Result<String, Fault> {
    let host: String = setting("host").map_err(Fault::Definite)?;
    let port: u16 = setting("port").map_err(Fault::Definite)?;
    Ok(format!("http://{host}:{port}{resource}"))
}

/// What the range says of a resource.
struct Answer {
    state: String,
    changed: bool,
    whole: Value,
}

impl Answer {
    /// Only an answer with a state is one. The error is in words.
    fn parse(body: &[u8]) -> Result<Self, String> {
        let whole: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let Some(state) = whole.get("state").and_then(Value::as_str) else {
            return Err("the answer has no state".into());
        };
        Ok(Self {
            state: state.to_owned(),
            changed: whole.get("changed").and_then(Value::as_bool) == Some(true),
            whole,
        })
    }

    fn fact(&self, name: &str) -> Option<String> {
        match self.whole.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A receipt with what was observed, and with what giving it back will need.
    fn receipt(&self, outcome: Outcome, asked: &Asked) -> Receipt {
        let detail = self.fact("detail");
        let detail = detail.unwrap_or_else(|| format!("it is {}", self.state));
        let receipt = Receipt::new(outcome, detail)
            .reference(self.fact("job"))
            .with("countersign.state", Some(&self.state))
            .with("countersign.state_before", self.fact("before"))
            .with("process.pid", self.fact("pid"))
            .with("process.created_time", self.fact("started"))
            .with("countersign.reach", asked.reach.as_ref())
            .with("device.uid", asked.place.as_ref());
        match outcome {
            Outcome::Pending => receipt.retry_after_ms(ASK_AGAIN_MS),
            _ => receipt,
        }
    }
}
