//! f. Three plugins that misbehave, each in one way, and a host that goes on: the calls are ended,
//! people are told, and a case of another customer is judged meanwhile.

use crate::Stop;
use crate::api::until;
use crate::facts::{acts, at, list, number, text};
use crate::scene::Played;
use crate::stage::Stage;
use crate::tell::Timeline;
use crate::workspace::HOSTILE;
use crate::world::{BENCH, STEALER, critical_finding, workstation};
use serde_json::{Value, json};

/// Short name and title.
pub const TITLE: (&str, &str) = (
    "hostile",
    "plugins that loop, eat memory and overstep: contained and reported, while another case is judged",
);

/// What each is ended with (`host/docs/errors/run.md`).
const EXPECTED: [(&str, &str); 3] = [
    ("guests.loops-forever", "CS-run-40"),
    ("guests.eats-memory", "CS-run-42"),
    ("guests.strays-from-its-manifest", "CS-run-04"),
];

/// Plays it.
///
/// # Errors
/// Something did not come in time.
pub async fn play(stage: &Stage, timeline: &mut Timeline<'_>) -> Result<Played, Stop> {
    let (lab, acme, range) = (&stage.lab, &stage.acme, &stage.range);
    for (id, package) in HOSTILE {
        let file = stage
            .guests
            .join(format!("{}.wasm", package.replace('-', "_")));
        lab.enrol(&file).await?;
        timeline.say(format!("{id} is enrolled in the lab"));
    }
    let hostile = lab
        .deliver("ocsf", &critical_finding(&stage.world, BENCH, STEALER)?)
        .await?;
    let other = acme
        .deliver(
            "ocsf",
            &critical_finding(&stage.world, &workstation(2), STEALER)?,
        )
        .await?;
    let judged = until("the other customer's case to be judged", async || {
        timeline.follow(&lab.analyst, &hostile).await?;
        let shown = acme.analyst.get(&format!("/cases/{other}")).await?;
        Ok((!list(&shown, "/proposals").is_empty()).then_some(shown))
    });
    let judged = judged.await?;
    timeline.say(format!(
        "meanwhile, at acme: {} proposals judged for WS-002",
        list(&judged, "/proposals").len()
    ));
    let marked = until("every plugin that misbehaves to be reported", async || {
        let shown = timeline.follow(&lab.analyst, &hostile).await?;
        let reported = |(id, _): &(&str, &str)| {
            list(&shown, "/marks")
                .iter()
                .any(|it| text(it, "/text").contains(id))
        };
        Ok(HOSTILE.iter().all(reported).then_some(shown))
    });
    let marked = marked.await?;
    let pages = lab.analyst.get("/pages?all=true&limit=1000").await?;
    let told = |id: &str| {
        list(&pages, "/pages")
            .iter()
            .any(|it| text(it, "/about") == "plugin" && text(it, "/text").contains(id))
    };
    let reports = HOSTILE.map(|(id, _)| {
        let mark = list(&marked, "/marks")
            .iter()
            .find(|it| text(it, "/text").contains(id));
        let (code, why) = mark.map_or(("", ""), |it| (text(it, "/code"), text(it, "/text")));
        let of_it = |it: &&Value| text(it, "/plugin/id") == id;
        let proposals = list(&marked, "/proposals").iter().filter(of_it).count();
        (
            id.to_owned(),
            json!({ "code": code, "text": why, "page": told(id), "proposals": proposals }),
        )
    });
    let facts = json!({
        "plugins": Value::Object(reports.into_iter().collect()),
        "acts_in_the_lab": acts(range, BENCH).await?.len(),
        "well_behaved_in_the_same_case": list(&marked, "/proposals").iter().filter(|it| text(it, "/plugin/id") == "countersign.contain-malware").count(),
        "hostile_case_opened": number(&marked, "/opened"),
        "hostile_last_reported": list(&marked, "/marks").iter().map(|it| number(it, "/at")).max(),
        "other_case": { "opened": number(&judged, "/opened"), "judged": number(&judged, "/proposals/0/judged/at"), "proposals": list(&judged, "/proposals").len() },
        "host": stage.health().await?,
    });
    Ok(check(Played::new(facts)))
}

fn check(played: Played) -> Played {
    played
        .check("each was ended for what it did", |it| {
            EXPECTED
                .iter()
                .all(|(id, code)| at(it, &format!("/plugins/{id}/code")) == *code)
        })
        .check("people were told of each", |it| {
            EXPECTED
                .iter()
                .all(|(id, _)| at(it, &format!("/plugins/{id}/page")) == true)
        })
        .check(
            "none of them proposed anything, and nothing was done for them",
            |it| {
                EXPECTED
                    .iter()
                    .all(|(id, _)| at(it, &format!("/plugins/{id}/proposals")) == 0)
                    && *at(it, "/acts_in_the_lab") == 0
            },
        )
        .check(
            "the playbook beside them was heard in the same case",
            |it| number(it, "/well_behaved_in_the_same_case") > 0,
        )
        .check("another case was judged meanwhile", |it| {
            number(it, "/other_case/proposals") > 0
                && number(it, "/other_case/judged") >= number(it, "/hostile_case_opened")
                && number(it, "/other_case/judged")
                    <= number(it, "/hostile_last_reported").saturating_add(2_000)
        })
        .check("the host is well", |it| *at(it, "/host") == 200)
}
