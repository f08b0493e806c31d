//! Reading back: the host's API, and the range's own log and state. Nothing in here acts.

use crate::Stop;
use crate::api::{Api, until};
use crate::tell::Timeline;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The text at a JSON pointer; empty where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// What is at a JSON pointer; null where nothing is.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The list at a JSON pointer; empty where there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The number at a JSON pointer; 0 where there is none.
pub fn number(value: &Value, pointer: &str) -> u64 {
    value
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_default()
}

/// Texts at a pointer below each item of a list, each once.
pub fn texts(items: &[Value], pointer: &str) -> BTreeSet<String> {
    items
        .iter()
        .map(|it| text(it, pointer).to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

/// Follows a case until it is in one of these states, and answers it.
///
/// # Errors
/// It does not come there in time.
pub async fn case_in(
    timeline: &mut Timeline<'_>,
    api: &Api,
    case: &str,
    states: &[&str],
) -> Result<Value, Stop> {
    let what = format!("case {case} to be {}", states.join(" or "));
    until(&what, async || {
        let shown = timeline.follow(api, case).await?;
        // a case without proposals has not been judged yet, whatever state it is in
        let judged = !list(&shown, "/proposals").is_empty();
        Ok((judged && states.contains(&text(&shown, "/state"))).then_some(shown))
    })
    .await
}

/// What the guards said of a proposal, in the words that people read.
pub fn judgement(proposal: &Value) -> Value {
    json!({
        "action": proposal.pointer("/proposal/action"),
        "state": proposal.get("state"),
        "finding": proposal.pointer("/judged/finding"),
        "against": texts(list(proposal, "/judged/against"), "/id"),
        "impact": proposal.pointer("/judged/impact/total"),
        "by": proposal.get("principal"),
    })
}

/// The proposals of a case with this action.
pub fn proposed<'a>(case: &'a Value, action: &str) -> Option<&'a Value> {
    list(case, "/proposals")
        .iter()
        .find(|it| text(it, "/proposal/action") == action)
}

/// One thing that the range did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Path with query: names device and thing.
    pub path: String,
    /// The state that was wanted.
    pub wanted: String,
    /// Whether something was different afterwards.
    pub changed: bool,
}

impl Act {
    /// For the report: `processes?pid=.. -> suspended`, without what identifies this run.
    pub fn short(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} -> {}", path.trim_start_matches("/edr/"), self.wanted)
    }
}

/// Everything that the range carried out on a device, by its own log, in order.
///
/// # Errors
/// The log cannot be read.
pub async fn acts(range: &Api, device: &str) -> Result<Vec<Act>, Stop> {
    let all = all_acts(range).await?;
    Ok(all
        .into_iter()
        .filter(|it| it.path.contains(device))
        .collect())
}

/// Everything that the range carried out.
///
/// # Errors
/// The log cannot be read.
pub async fn all_acts(range: &Api) -> Result<Vec<Act>, Stop> {
    let log = range.get("/range/log").await?;
    // one line is one JSON object, several are text
    let entries: Vec<Value> = match log {
        Value::String(lines) => lines
            .lines()
            .filter_map(|it| serde_json::from_str(it).ok())
            .collect(),
        one => vec![one],
    };
    let applied = entries
        .iter()
        .filter(|it| it.get("applied") == Some(&Value::Bool(true)));
    let products = applied.filter(|it| !text(it, "/path").starts_with("/range/"));
    let act = products.map(|it| Act {
        at_ms: number(it, "/at_ms"),
        path: text(it, "/path").to_owned(),
        wanted: text(it, "/wanted").to_owned(),
        changed: it.get("changed") == Some(&Value::Bool(true)),
    });
    Ok(act.collect())
}

/// A device of the range as it is now: containment, and each file and process with its state.
///
/// # Errors
/// The state cannot be read.
pub async fn device(range: &Api, id: &str) -> Result<Value, Stop> {
    let world = range.get("/range/state").await?;
    let found = list(&world, "/devices")
        .iter()
        .find(|it| text(it, "/id") == id);
    let found = found.ok_or_else(|| format!("the range has no device {id}"))?;
    let parts = |name: &str, key: &str| -> Vec<Value> {
        let all = list(found, name).iter();
        all.map(|it| json!({ "path": text(it, "/path"), "state": text(it, "/state"), key: it.get(key) })).collect()
    };
    Ok(json!({
        "name": text(found, "/name"),
        "containment": text(found, "/containment"),
        "files": parts("/files", "sha256"),
        "processes": parts("/processes", "pid"),
    }))
}

/// The state of a file, or of the latest process, of a program on a device as `device` shows it.
pub fn state_of<'a>(device: &'a Value, kind: &str, path: &str) -> &'a str {
    let of = list(device, kind)
        .iter()
        .rfind(|it| text(it, "/path") == path);
    of.map_or("", |it| text(it, "/state"))
}

/// The signed pages that the range believed, of which this holds.
///
/// # Errors
/// They cannot be read.
pub async fn pages(range: &Api, wanted: impl Fn(&Value) -> bool) -> Result<Vec<Value>, Stop> {
    let all = range.get("/range/pages").await?;
    let bodies = list(&all, "")
        .iter()
        .filter_map(|it| it.get("body").cloned());
    Ok(bodies.filter(wanted).collect())
}

/// Approves what is decided together with a proposal, by the digest that is shown now.
///
/// # Errors
/// It cannot be read, or is not taken.
pub async fn approve(api: &Api, proposal: &str, comment: &str) -> Result<Value, Stop> {
    let shown = api.get(&format!("/proposals/{proposal}")).await?;
    let decision = json!({ "digest": text(&shown, "/judged/digest"), "comment": comment });
    api.post(&format!("/proposals/{proposal}/approve"), &decision)
        .await
}
