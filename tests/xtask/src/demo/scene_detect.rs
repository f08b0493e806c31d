//! b. The same alert where the product only detects: nothing is lost yet, and nothing will be
//! before people have seen why. The explanation is the point of this scene.

use crate::Stop;
use crate::facts::{
    acts, at, case_in, device, judgement, list, number, proposed, state_of, text, texts,
};
use crate::scene::Played;
use crate::stage::Stage;
use crate::tell::Timeline;
use crate::world::{AUTOM8, SERVER_GLOBEX, threat};
use range::alerts::Taken;
use serde_json::{Value, json};

/// Short name and title.
pub const TITLE: (&str, &str) = (
    "detect",
    "the same alert with nothing done yet: stop and quarantine wait, and say why",
);

/// Plays it.
///
/// # Errors
/// Something did not come in time.
pub async fn play(stage: &Stage, timeline: &mut Timeline<'_>) -> Result<Played, Stop> {
    let (globex, range) = (&stage.globex, &stage.range);
    let alert = threat(&stage.world, SERVER_GLOBEX, AUTOM8, Taken::Nothing)?;
    timeline
        .say("the same program on SRV-ERP-02 of another customer, whose product is set to Detect");
    let case = globex.deliver("sentinelone", &alert).await?;
    let held = case_in(timeline, &globex.analyst, &case, &["waiting"]).await?;
    let stop = proposed(&held, "stop-process").cloned().unwrap_or_default();
    let question = json!({ "proposal": text(&stop, "/id") });
    let explained = globex.analyst.post("/guards/explain", &question).await?;
    timeline.say("why the process is not stopped:");
    for line in text(&explained, "/text")
        .lines()
        .filter(|it| !it.trim().is_empty())
    {
        timeline.say(format!("  {line}"));
    }
    let history = explained
        .pointer("/facts/0/history")
        .cloned()
        .unwrap_or_default();
    timeline.say(format!(
        "  tenure: {} here, {} in the fleet",
        text(&history, "/tenure"),
        text(&history, "/fleet_tenure")
    ));
    for it in list(&stop, "/judged/changed")
        .iter()
        .filter_map(Value::as_str)
    {
        timeline.say(format!("  changed since it was last seen: {it}"));
    }
    let after = device(range, SERVER_GLOBEX).await?;
    let facts = json!({
        "case": case,
        "held": list(&held, "/proposals").iter().map(judgement).collect::<Vec<_>>(),
        "tenure": history,
        "changed": stop.pointer("/judged/changed"),
        "needs": stop.pointer("/judged/finding/hold"),
        "against": texts(list(&stop, "/judged/against"), "/id"),
        "alternatives": stop.pointer("/judged/alternatives"),
        "impact": stop.pointer("/judged/impact"),
        "explanation": text(&explained, "/text"),
        "orders": list(&held, "/orders").len(),
        "acts": acts(range, SERVER_GLOBEX).await?.len(),
        "after": { "file": state_of(&after, "/files", AUTOM8), "process": state_of(&after, "/processes", AUTOM8) },
    });
    Ok(check(Played::new(facts)))
}

fn check(played: Played) -> Played {
    played
        .check("stop and quarantine are held", |it| {
            let held = |action: &str| list(it, "/held").iter().any(|it| *at(it, "/action") == action && *at(it, "/state") == "held");
            held("stop-process") && held("quarantine-file")
        })
        .check("the history says: established", |it| *at(it, "/tenure/tenure") == "established")
        .check("what changed since the last sighting is named: another hash, and never called malicious before", |it| {
            let changed = |word: &str| list(it, "/changed").iter().filter_map(Value::as_str).any(|it| it.starts_with(word));
            changed("hash:") && changed("rating:")
        })
        .check("what it would take is named: two people, the owner among them", |it| {
            number(it, "/needs/count") == 2 && list(it, "/needs/roles").iter().any(|it| it == "owner")
        })
        .check("established software and an unreviewed server stand against it", |it| {
            let against = |id: &str| list(it, "/against").iter().any(|it| it == id);
            against("hold-established") && against("hold-unreviewed-server")
        })
        .check("the impact adds up", |it| {
            let sum: u64 = list(it, "/impact/lines").iter().map(|it| number(it, "/points")).sum();
            sum.min(100) == number(it, "/impact/total") && sum > 0
        })
        .check("nothing was ordered and nothing done", |it| *at(it, "/orders") == 0 && *at(it, "/acts") == 0)
        .check("the software runs on", |it| *at(it, "/after") == json!({ "file": "present", "process": "running" }))
}
