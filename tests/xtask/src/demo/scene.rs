//! A scene that was played: what was seen, what was read back, and whether that is as it should be.

use crate::Stop;
use serde_json::{Map, Value, json};

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Milliseconds since the scene began, by the clock of what is told.
    pub at_ms: u64,
    /// What happened.
    pub what: String,
}

/// What was read back, and what must hold of it. A check sees the facts and nothing else, so that
/// it cannot agree with the script by accident.
#[derive(Debug, Default)]
pub struct Played {
    facts: Map<String, Value>,
    checks: Vec<(&'static str, bool)>,
}

impl Played {
    /// Facts, as an object.
    pub fn new(facts: Value) -> Self {
        let facts = match facts {
            Value::Object(facts) => facts,
            other => Map::from_iter([("fact".to_owned(), other)]),
        };
        Self {
            facts,
            checks: Vec::new(),
        }
    }
    /// What must hold, and whether it does.
    pub fn check(mut self, what: &'static str, holds: impl FnOnce(&Value) -> bool) -> Self {
        let facts = Value::Object(std::mem::take(&mut self.facts));
        self.checks.push((what, holds(&facts)));
        if let Value::Object(facts) = facts {
            self.facts = facts;
        }
        self
    }
}

/// A scene for the report.
#[derive(Debug)]
pub struct Scene {
    /// Its short name.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// Whether every check holds, and there is one.
    pub ok: bool,
    /// What must hold and does not, or why it was not played to its end.
    pub failed: Vec<String>,
    timeline: Vec<Line>,
    facts: Map<String, Value>,
}

impl Scene {
    /// What became of it.
    pub fn of(
        id: &'static str,
        title: &'static str,
        timeline: Vec<Line>,
        outcome: Result<Played, Stop>,
    ) -> Self {
        let played = match outcome {
            Ok(played) => played,
            Err(why) => {
                let facts = Map::from_iter([("stopped".to_owned(), json!(why))]);
                return Self {
                    id,
                    title,
                    ok: false,
                    failed: vec![why],
                    timeline,
                    facts,
                };
            }
        };
        let failed: Vec<String> = played
            .checks
            .iter()
            .filter(|it| !it.1)
            .map(|it| it.0.to_owned())
            .collect();
        let checks: Map<String, Value> = played
            .checks
            .iter()
            .map(|it| (it.0.to_owned(), json!(it.1)))
            .collect();
        let mut facts = played.facts;
        facts.insert("checks".to_owned(), Value::Object(checks));
        let ok = failed.is_empty() && !played.checks.is_empty();
        Self {
            id,
            title,
            ok,
            failed,
            timeline,
            facts,
        }
    }
    /// As the report has it.
    pub fn to_json(&self) -> Value {
        let timeline: Vec<Value> = self
            .timeline
            .iter()
            .map(|it| json!({ "at_ms": it.at_ms, "what": it.what }))
            .collect();
        json!({ "id": self.id, "title": self.title, "ok": self.ok, "timeline": timeline, "facts": self.facts })
    }
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    reason = "JSON answers null where nothing is"
)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_is_ok_only_if_it_was_checked_and_every_check_holds() {
        let played = || Played::new(json!({ "n": 2 }));
        let scene = |it| Scene::of("x", "X", Vec::new(), it);
        assert!(!scene(Ok(played())).ok);
        let good = scene(Ok(played().check("two", |it| it["n"] == 2)));
        assert!(good.ok && good.failed.is_empty());
        let bad = scene(Ok(played()
            .check("two", |it| it["n"] == 2)
            .check("three", |it| it["n"] == 3)));
        assert_eq!(
            (bad.ok, bad.failed.as_slice()),
            (false, ["three".to_owned()].as_slice())
        );
        assert_eq!(bad.to_json()["facts"]["checks"]["three"], false);
        let stopped = scene(Err("no answer".into()));
        assert_eq!(
            (stopped.ok, &stopped.to_json()["facts"]["stopped"]),
            (false, &json!("no answer"))
        );
    }
}
