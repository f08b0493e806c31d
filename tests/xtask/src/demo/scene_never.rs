//! e. A machine that nothing may be taken from: automation is refused, people are refused, the
//! broken glass is refused. What the product took from it is given back all the same, by its
//! owner and one more.

use crate::Stop;
use crate::facts::{
    acts, approve, at, case_in, device, judgement, list, number, proposed, state_of, text, texts,
};
use crate::scene::Played;
use crate::stage::Stage;
use crate::tell::Timeline;
use crate::world::{CONTROLLER, DUMPER, SYNC, threat};
use range::alerts::Taken;
use serde_json::{Value, json};

/// Short name and title.
pub const TITLE: (&str, &str) = (
    "never",
    "on a never-touch asset nothing is taken away, whoever approves; giving back remains possible",
);

/// Plays it.
///
/// # Errors
/// Something did not come in time.
pub async fn play(stage: &Stage, timeline: &mut Timeline<'_>) -> Result<Played, Stop> {
    let (acme, range) = (&stage.acme, &stage.range);
    timeline.say("lsadump.exe on DC-01, which is protected as never-touch; nothing done yet");
    let alert = threat(&stage.world, CONTROLLER, DUMPER, Taken::Nothing)?;
    let case = acme.deliver("sentinelone", &alert).await?;
    let refused = case_in(timeline, &acme.analyst, &case, &["ended", "waiting"]).await?;
    let target = proposed(&refused, "suspend-process")
        .and_then(|it| it.pointer("/proposal/target"))
        .cloned();
    let wish = json!({ "case": case, "action": "stop-process", "target": target, "reason": "it is malware" });
    let by_hand = acme.lead.post("/proposals", &wish).await?;
    timeline.follow(&acme.analyst, &case).await?;
    let emergency = emergency(stage, &by_hand).await?;
    timeline.say(format!(
        "the lead proposes to stop it: {}; breaking the glass: {}",
        text(&by_hand, "/state"),
        text(&emergency, "/code")
    ));
    let taken = acts(range, CONTROLLER).await?.len();

    timeline.say("dirsync.exe on DC-01 was taken by the product under Protect");
    let alert = threat(&stage.world, CONTROLLER, SYNC, Taken::KilledAndQuarantined)?;
    let other = acme.deliver("sentinelone", &alert).await?;
    let held = case_in(timeline, &acme.analyst, &other, &["waiting"]).await?;
    let bundle = proposed(&held, "restore-file").cloned().unwrap_or_default();
    let id = text(&bundle, "/id").to_owned();
    approve(&acme.lead, &id, "the directory does not synchronise").await?;
    approve(&acme.owner, &id, "give it back").await?;
    case_in(timeline, &acme.analyst, &other, &["ended"]).await?;
    let after = device(range, CONTROLLER).await?;
    let facts = json!({
        "taking_away": list(&refused, "/proposals").iter().map(judgement).collect::<Vec<_>>(),
        "by_hand": judgement(&by_hand),
        "in_an_emergency": emergency,
        "acts_of_taking_away": taken,
        "malware": { "file": state_of(&after, "/files", DUMPER), "process": state_of(&after, "/processes", DUMPER) },
        "pages": pages_of(stage, &case).await?,
        "giving_back": { "needs": bundle.pointer("/judged/finding/hold"), "against": texts(list(&bundle, "/judged/against"), "/id") },
        "acts": acts(range, CONTROLLER).await?.iter().map(crate::facts::Act::short).collect::<Vec<_>>(),
        "given_back": { "file": state_of(&after, "/files", SYNC), "process": state_of(&after, "/processes", SYNC) },
    });
    Ok(check(Played::new(facts)))
}

/// The lead and the owner try all the same, the lead with a broken glass.
async fn emergency(stage: &Stage, proposal: &Value) -> Result<Value, Stop> {
    let path = format!("/proposals/{}/approve", text(proposal, "/id"));
    let digest = text(proposal, "/judged/digest");
    let glass = json!({ "digest": digest, "comment": "it must go", "emergency": true });
    let lead = stage.acme.lead.ask(&path, &glass).await?;
    let owner = stage
        .acme
        .owner
        .ask(&path, &json!({ "digest": digest, "comment": "it must go" }))
        .await?;
    Ok(json!({ "lead": lead.status, "owner": owner.status, "code": lead.code() }))
}

/// How often people were told of a case: forbidding an action never silences the detection.
async fn pages_of(stage: &Stage, case: &str) -> Result<usize, Stop> {
    let shown = stage.acme.analyst.get("/pages?all=true&limit=1000").await?;
    Ok(list(&shown, "/pages")
        .iter()
        .filter(|it| text(it, "/case") == case)
        .count())
}

fn check(played: Played) -> Played {
    let never = |it: &Value| {
        *at(it, "/state") == "refused" && list(it, "/against").iter().any(|it| it == "floor-never")
    };
    played
        .check("everything that automation proposes is refused", |it| {
            let all = list(it, "/taking_away");
            !all.is_empty() && all.iter().all(never)
        })
        .check("what a person proposes is refused", |it| {
            never(at(it, "/by_hand"))
        })
        .check("no approval opens it, not in an emergency either", |it| {
            number(it, "/in_an_emergency/lead") == 409
                && number(it, "/in_an_emergency/owner") == 409
        })
        .check("nothing was taken away", |it| {
            *at(it, "/acts_of_taking_away") == 0
                && *at(it, "/malware") == json!({ "file": "present", "process": "running" })
        })
        .check(
            "giving back was held for two people, the owner among them",
            |it| {
                number(it, "/giving_back/needs/count") == 2
                    && list(it, "/giving_back/needs/roles")
                        .iter()
                        .any(|it| it == "owner")
            },
        )
        .check("what the product took is back", |it| {
            *at(it, "/given_back") == json!({ "file": "present", "process": "running" })
        })
        .check("the range did nothing here but give back", |it| {
            let acts: Vec<&str> = list(it, "/acts").iter().filter_map(Value::as_str).collect();
            !acts.is_empty()
                && acts.iter().all(|it| {
                    ["-> allowed", "-> present", "-> running"]
                        .iter()
                        .any(|end| it.ends_with(end))
                })
        })
}
