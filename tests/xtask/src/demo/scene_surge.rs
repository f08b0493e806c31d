//! d. The same hash on forty devices in a minute: an outbreak, or a bad signature. The first few
//! act; then it stops and asks once, for the cause and not forty times.

use crate::Stop;
use crate::api::until;
use crate::facts::{all_acts, at, list, number, pages, text, texts};
use crate::scene::Played;
use crate::stage::Stage;
use crate::tell::Timeline;
use crate::world::{WORM, sha256, threat, workstation};
use range::alerts::Taken;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Short name and title.
pub const TITLE: (&str, &str) = (
    "surge",
    "the same hash on 40 devices in a minute: the first few act, the rest waits as one cause",
);

/// The devices: the first two of the group are kept for other scenes.
const DEVICES: std::ops::RangeInclusive<u64> = 3..=42;

/// Plays it.
///
/// # Errors
/// Something did not come in time.
pub async fn play(stage: &Stage, timeline: &mut Timeline<'_>) -> Result<Played, Stop> {
    let (acme, range) = (&stage.acme, &stage.range);
    timeline.say("svchosts.exe is reported on 40 workstations, one alert each");
    let mut cases = Vec::new();
    for n in DEVICES {
        let alert = threat(&stage.world, &workstation(n), WORM, Taken::Nothing)?;
        cases.push(acme.deliver("sentinelone", &alert).await?);
    }
    let delivered_ms = crate::tell::now_ms().saturating_sub(timeline.began_ms());
    timeline.say(format!("delivered within {delivered_ms} ms"));
    let cause = format!("hash:{}", sha256(WORM));
    let mut told = (0, 0);
    let settled = until("all forty cases to act or wait", async || {
        let shown = acme
            .analyst
            .get(&format!("/cases?cause={cause}&limit=1000"))
            .await?;
        let count = |state: &str| {
            list(&shown, "/cases")
                .iter()
                .filter(|it| text(it, "/state") == state && number(it, "/proposals") > 0)
                .count()
        };
        let (ended, waiting) = (count("ended"), count("waiting"));
        if (ended, waiting) != told {
            timeline.say(format!("{ended} devices done, {waiting} held"));
            told = (ended, waiting);
        }
        Ok((ended + waiting == cases.len()).then_some(shown))
    });
    let settled = settled.await?;
    let proposals = acme
        .analyst
        .get(&format!("/proposals?cause={cause}&limit=1000"))
        .await?;
    let held: Vec<&Value> = list(&proposals, "/proposals")
        .iter()
        .filter(|it| text(it, "/state") == "held")
        .collect();
    let key = format!("held:{cause}");
    let page = until("the page of the cause", async || {
        let shown = acme.analyst.get("/pages?all=true&limit=1000").await?;
        let mut of_cause = list(&shown, "/pages")
            .iter()
            .filter(|it| text(it, "/key") == key);
        Ok(of_cause.find(|it| number(it, "/sent") > 0).cloned())
    });
    let page = page.await?;
    timeline.say(format!("page: {}", text(&page, "/subject")));
    let received = pages(range, |it| text(it, "/page") == text(&page, "/id")).await?;
    let all_pages = acme.analyst.get("/pages?all=true&limit=1000").await?;
    let ids: BTreeSet<String> = DEVICES.map(workstation).collect();
    let acts = all_acts(range).await?;
    let acted: BTreeSet<&String> = ids
        .iter()
        .filter(|id| {
            acts.iter()
                .any(|it| it.at_ms >= timeline.began_ms() && it.path.contains(*id))
        })
        .collect();
    let facts = json!({
        "devices": ids.len(),
        "delivered_ms": delivered_ms,
        "cases": list(&settled, "/cases").len(),
        "causes": texts(list(&settled, "/cases"), "/cause"),
        "devices_acted_on": acted.len(),
        "devices_held": held.iter().map(|it| text(it, "/case")).collect::<BTreeSet<_>>().len(),
        "held_proposals": held.len(),
        "held_by_surge": held.iter().filter(|it| texts(list(it, "/judged/against"), "/id").contains("hold-surge")).count(),
        "limit": held.first().and_then(|it| it.pointer("/judged/request/facts/surge/limit")),
        "needs": held.first().and_then(|it| it.pointer("/judged/finding/hold")),
        "pages_of_the_cause": list(&all_pages, "/pages").iter().filter(|it| text(it, "/key") == key).count(),
        "pages_received": received.len(),
        "page": text(&page, "/subject"),
    });
    Ok(check(Played::new(facts)))
}

fn check(played: Played) -> Played {
    played
        .check("forty cases of one cause", |it| {
            *at(it, "/cases") == 40 && list(it, "/causes").len() == 1
        })
        .check("within a minute", |it| number(it, "/delivered_ms") < 60_000)
        .check("the first few acted, as many as the limit says", |it| {
            number(it, "/limit") > 0 && *at(it, "/devices_acted_on") == *at(it, "/limit")
        })
        .check("the rest is held", |it| {
            number(it, "/devices_acted_on") + number(it, "/devices_held") == 40
        })
        .check("because of the surge, all of it", |it| {
            number(it, "/held_proposals") > 0
                && *at(it, "/held_by_surge") == *at(it, "/held_proposals")
        })
        .check("it takes a lead", |it| {
            list(it, "/needs/roles").iter().any(|it| it == "lead")
        })
        .check("people were told once", |it| {
            *at(it, "/pages_of_the_cause") == 1 && *at(it, "/pages_received") == 1
        })
}
