//! a. The incident as it was: the product has killed and quarantined the automation software on a
//! server that nobody tagged. It is seen, people are told, and two of them give it back.

use crate::Stop;
use crate::api::until;
use crate::facts::{
    acts, approve, at, case_in, device, judgement, list, number, pages, proposed, state_of, text,
    texts,
};
use crate::scene::Played;
use crate::stage::Stage;
use crate::tell::Timeline;
use crate::world::{AUTOM8, SERVER, threat};
use range::alerts::Taken;
use serde_json::{Value, json};

/// Short name and title.
pub const TITLE: (&str, &str) = (
    "overreach",
    "a product took business software on an untagged server; two people give it back",
);

/// Plays it.
///
/// # Errors
/// Something did not come in time.
pub async fn play(stage: &Stage, timeline: &mut Timeline<'_>) -> Result<Played, Stop> {
    let (acme, range) = (&stage.acme, &stage.range);
    let before = device(range, SERVER).await?;
    let alert = threat(&stage.world, SERVER, AUTOM8, Taken::KilledAndQuarantined)?;
    timeline
        .say("SentinelOne reports autom8.exe on SRV-APP-07: killed and quarantined under Protect");
    let case = acme.deliver("sentinelone", &alert).await?;
    let held = case_in(timeline, &acme.analyst, &case, &["waiting"]).await?;
    let page = until("the page of the overreach", async || {
        let of_case =
            |it: &Value| text(it, "/case") == case && text(it, "/subject").contains("stop-process");
        Ok(pages(range, of_case).await?.into_iter().next())
    });
    let page = page.await?;
    timeline.say(format!("page: {}", text(&page, "/subject")));

    let untouched = acts(range, SERVER).await?.len();
    let bundle = proposed(&held, "allow-software")
        .cloned()
        .unwrap_or_default();
    let id = text(&bundle, "/id").to_owned();
    let first = approve(&acme.lead, &id, "known tool, runs the night batch").await?;
    timeline.follow(&acme.analyst, &case).await?;
    let still = acts(range, SERVER).await?.len();
    let second = approve(&acme.owner, &id, "business needs it tonight").await?;
    let ended = case_in(timeline, &acme.analyst, &case, &["ended"]).await?;
    for it in list(&ended, "/overreaches") {
        let seen = json!({ "comment": "policy of the group is being set to Detect" });
        acme.lead
            .post(
                &format!("/overreaches/{}/acknowledge", text(it, "/id")),
                &seen,
            )
            .await?;
    }
    let after = device(range, SERVER).await?;
    timeline.say(format!(
        "in the range: file {}, process {}",
        state_of(&after, "/files", AUTOM8),
        state_of(&after, "/processes", AUTOM8)
    ));

    let overreaches = acme.analyst.get("/overreaches?all=true&limit=1000").await?;
    let drifts = acme.analyst.get("/drifts").await?;
    let of_case: Vec<&Value> = list(&overreaches, "/overreaches")
        .iter()
        .filter(|it| text(it, "/case") == case)
        .collect();
    let acts = acts(range, SERVER).await?;
    let approved_ms = list(&ended, "/proposals/0/approvals")
        .iter()
        .map(|it| number(it, "/at"))
        .max()
        .unwrap_or(u64::MAX);
    let facts = json!({
        "case": case,
        "server": server(stage).await?,
        "overreaches": of_case.iter().map(|it| json!({
            "action": it.get("action"), "stood_against": it.get("stood_against"), "against": texts(list(it, "/against"), "/id"),
            "tenure": it.pointer("/request/facts/history/tenure"), "acknowledged": it.pointer("/acknowledged/person"),
            "repaired": it.get("repaired").is_some_and(|it| !it.is_null()),
        })).collect::<Vec<_>>(),
        "drift": list(&drifts, "/drifts").iter().map(|it| json!({ "product_mode": it.get("product_mode"), "our_mode": it.get("our_mode") })).collect::<Vec<_>>(),
        "page": { "subject": text(&page, "/subject"), "text": text(&page, "/text") },
        "bundle": list(&held, "/proposals").iter().map(judgement).collect::<Vec<_>>(),
        "needs": bundle.pointer("/judged/finding/hold"),
        "after_the_lead": { "state": first.get("state"), "needs": first.get("needs"), "acts": still },
        "after_the_owner": { "state": second.get("state") },
        "approved_by": texts(list(&ended, "/proposals/0/approvals"), "/person"),
        "acts_before_approval": untouched,
        "acts_before_the_second_approval": acts.iter().filter(|it| it.at_ms < approved_ms).count(),
        "acts": acts.iter().map(crate::facts::Act::short).collect::<Vec<_>>(),
        "before": { "file": state_of(&before, "/files", AUTOM8), "process": state_of(&before, "/processes", AUTOM8) },
        "after": { "file": state_of(&after, "/files", AUTOM8), "process": state_of(&after, "/processes", AUTOM8) },
        "allowances": list(&range.get("/range/state").await?, "/allowances").len(),
    });
    Ok(check(Played::new(facts)))
}

/// What the inventory knows of the server: nobody ever said what it is.
async fn server(stage: &Stage) -> Result<Value, Stop> {
    let shown = stage
        .acme
        .analyst
        .get("/assets:resolve?name=SRV-APP-07")
        .await?;
    let asset = shown.pointer("/assets/0").cloned().unwrap_or_default();
    let bare = asset.get("groups").is_none_or(|it| list(it, "").is_empty())
        && asset.get("protection").is_none_or(Value::is_null);
    Ok(json!({ "reviewed": asset.get("reviewed"), "untagged": bare }))
}

fn check(played: Played) -> Played {
    played
        .check("nobody had tagged the server", |it| *at(it, "/server/untagged") == true && *at(it, "/server/reviewed") == false)
        .check("what the product took is an overreach, against protection and established software", |it| {
            let of = list(it, "/overreaches");
            let both = |it: &Value| ["established", "protection"].iter().all(|word| list(it, "/stood_against").iter().any(|it| it == word));
            of.len() == 2 && of.iter().all(both)
        })
        .check("the drift is shown: Protect there, hold here", |it| {
            list(it, "/drift").iter().any(|it| *at(it, "/product_mode") == "protect" && *at(it, "/our_mode") == "hold")
        })
        .check("a signed page went out", |it| text(it, "/page/subject").contains("stop-process"))
        .check("the bundle was held for two people, the owner among them", |it| {
            number(it, "/needs/count") == 2 && list(it, "/needs/roles").iter().any(|it| it == "owner")
        })
        .check("nothing was done before both approved", |it| {
            *at(it, "/acts_before_approval") == 0 && *at(it, "/acts_before_the_second_approval") == 0 && *at(it, "/after_the_lead/state") == "held"
        })
        .check("lead and owner approved", |it| *at(it, "/approved_by") == json!(["lead@acme.example", "owner@acme.example"]))
        .check("allowed first, then the file, then the process, each once", |it| {
            let acts: Vec<&str> = list(it, "/acts").iter().filter_map(Value::as_str).collect();
            matches!(acts.as_slice(), [a, b, c] if a.starts_with("allowances") && b.contains("/files -> present") && c.contains("/processes -> running"))
        })
        .check("the software is allowed, the file is back, the process runs", |it| {
            *at(it, "/after") == json!({ "file": "present", "process": "running" }) && *at(it, "/allowances") == 1
        })
        .check("both overreaches are repaired and acknowledged", |it| {
            list(it, "/overreaches").iter().all(|it| *at(it, "/repaired") == true && *at(it, "/acknowledged") == "lead@acme.example")
        })
}
