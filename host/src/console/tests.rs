//! Pages of recorded proposals and cases, as they are written; and that no text of a record has a
//! way onto a page past `outside`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::answer;
use super::frame::{Nav, Shell};
use super::look::Look;
use super::pages::dossier::{Dossier, Known, then};
use super::pages::{case, effects, held, proposal};
use super::parts::title::Titled;
use super::waiting::{Stand, may, needs};
use crate::journal::state::{
    CaseRecord, EffectRecord, OverreachRecord, PersonRecord, ProposalRecord, State,
};
use crate::model::{Millis, Role};
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ME: &str = "lee@acme.example";

fn fixture(name: &str) -> Value {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/fixtures");
    serde_json::from_slice(&std::fs::read(dir.join(name)).unwrap()).unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn all<T: serde::de::DeserializeOwned>(value: &Value) -> Vec<T> {
    value.as_array().into_iter().flatten().map(read).collect()
}

/// A tenant in which this case happened.
fn tenant(case: &Value, proposals: &[ProposalRecord]) -> State {
    let mut state = State::new("acme".into());
    let record: CaseRecord = {
        let mut plain = case.clone();
        let of = |it: &Value| it["id"].clone();
        plain["proposals"] = case["proposals"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect();
        plain["latest"] = case["seen"][0].clone();
        read(&plain)
    };
    state.cases.insert(record.id.clone(), record);
    for it in proposals {
        state.proposals.insert(it.id.clone(), it.clone());
    }
    for it in all::<EffectRecord>(&case["effects"]) {
        state.effects.insert(it.id.clone(), it);
    }
    for it in all::<OverreachRecord>(&case["overreaches"]) {
        state.overreaches.insert(it.id.clone(), it);
    }
    let person = json!({ "id": ME, "name": "Lee Park", "roles": ["lead"] });
    let known: PersonRecord = read(&json!({
        "person": person, "code": null, "code_until": 0, "asked": null, "removed": null,
    }));
    state.people.insert(ME.into(), known);
    state
}

fn look() -> Look {
    Look {
        tenant: "acme".into(),
        me: ME.into(),
        now: Millis(1_767_805_600_000),
        zone: TimeZone::get("Europe/Berlin").unwrap(),
    }
}

/// A dossier of what was recorded: the guards are not asked again.
fn dossier(state: &State, record: &ProposalRecord) -> Dossier {
    let judgement = then(record);
    let judged = record.judged.as_ref().unwrap();
    let given: Vec<_> = record
        .approvals
        .iter()
        .filter(|it| it.digest == judged.digest)
        .cloned()
        .collect();
    let mine = may(
        &ME.into(),
        BTreeSet::from([Role::Lead]),
        record,
        None,
        &given,
    );
    let ids = state.unit_of(record);
    Dossier {
        record: record.clone(),
        members: ids
            .iter()
            .filter_map(|id| state.proposals.get(id).cloned())
            .collect(),
        titled: Titled::of(state, record),
        case: state.cases.get(&record.case).cloned(),
        parts: Vec::new(),
        digest: judged.digest.clone(),
        judgement,
        stand: Stand::new(&needs(&judged.finding), given, mine),
        owners: vec!["otto@acme.example".into()],
        others: vec!["otto@acme.example".into()],
        names: BTreeMap::from([("otto@acme.example".into(), "Otto Lind".to_owned())]),
        assets: BTreeMap::new(),
        processes: vec!["order-entry".to_owned()],
        known: Known {
            here: Some((Millis(1_760_029_440_000), Millis(1_767_805_000_000))),
            devices: 6,
            ..Known::default()
        },
        said: None,
        orders: Vec::new(),
        overreaches: state.overreaches.values().cloned().collect(),
        pages: Vec::new(),
        same_cause: 0,
    }
}

/// Tags on lines of their own, so that a difference can be read.
fn lines(markup: Markup) -> String {
    markup.into_string().replace("><", ">\n<")
}

/// What the browser would get: in tests a page that is not inert is a panic.
async fn sent(markup: Markup) -> String {
    let response = answer::page(StatusCode::OK, markup);
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_proposal_reads_as_the_page_that_somebody_decides_by() {
    let shown = fixture("proposal.json");
    let records = all::<ProposalRecord>(&shown["unit"]);
    let state = tenant(&fixture("case.json"), &records);
    let shell = Shell::of(&state, &look(), None);
    let dossier = dossier(&state, &records[0]);
    let page = proposal::body(&dossier, &shell, &[], html! {}, "my words");
    insta::assert_snapshot!(lines(page));
}

#[test]
fn held_reads_as_what_waits_and_for_whom() {
    let records = all::<ProposalRecord>(&fixture("bundle.json")["unit"]);
    let state = tenant(&fixture("case.json"), &records);
    let shell = Shell::of(&state, &look(), None);
    let page = held::body(&held::gather(&state, &look(), None), &shell);
    insta::assert_snapshot!(lines(page));
}

#[test]
fn the_frame_says_where_one_is_and_what_waits() {
    let state = tenant(&fixture("case.json"), &[]);
    let shell = Shell::of(&state, &look(), None);
    let page = shell.page_at(Nav::Held, "Held", html! { h1 { "Here" } });
    let page = lines(page).replace(env!("CARGO_PKG_VERSION"), "[version]");
    let hashed = regex::Regex::new("console-[0-9a-f]{12}").unwrap();
    insta::assert_snapshot!(hashed.replace_all(&page, "console-[hash]"));
}

/// Puts what acts into every free text of a record.
fn infect(value: &mut Value, key: &str) {
    const KEPT: &[&str] = &[
        "action",
        "kind",
        "state",
        "stage",
        "rating",
        "severity",
        "digest",
        "guards",
        "role",
        "tenure",
        "fleet_tenure",
        "mode",
        "resolution",
        "asset_kind",
        "origin",
        "sha256",
        "tenant",
        "call",
        "id",
        "unit",
        "version",
        "inverse",
        "case",
        "key",
        "proposal",
        "order",
        "effect",
        "restores",
        "cause",
        "plugin",
        "claims",
        "seen",
        "payloads",
        "person",
    ];
    match value {
        Value::String(text) if !KEPT.contains(&key) => {
            text.push_str("\u{202e}\u{1b}[2J<b>\u{200b}")
        }
        Value::Array(items) if key == "roles" => drop(items.len()),
        Value::Array(items) => items.iter_mut().for_each(|it| infect(it, key)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| {
            let words = ["execute", "refuse"].map(Value::from).contains(value);
            let closed = ["ancestors", "alternatives", "emergency", "principal"];
            if !words && !closed.contains(&key.as_str()) {
                infect(value, key);
            }
        }),
        _ => {}
    }
}

#[tokio::test]
async fn no_text_of_a_record_reaches_a_page_without_being_made_inert() {
    for name in ["proposal.json", "bundle.json"] {
        let (mut shown, mut case) = (fixture(name), fixture("case.json"));
        infect(&mut shown["unit"], "unit_records");
        infect(&mut case, "");
        // guards' own words come from files, and are as plain as they are
        let records = all::<ProposalRecord>(&shown["unit"]);
        let state = tenant(&case, &records);
        let shell = Shell::of(&state, &look(), None);
        let view = held::gather(&state, &look(), None);
        let of_case = case::gather(&state, state.cases.keys().next().unwrap()).unwrap();
        let (groups, total) = effects::gather(&state);
        let first = records.first().unwrap();
        let pages = [
            held::body(&view, &shell),
            proposal::body(&dossier(&state, first), &shell, &[], html! {}, ""),
            case::body(&of_case, &Some(Vec::new()), &shell),
            effects::body(&groups, total, &shell),
        ];
        for page in pages {
            let page = sent(shell.page("Test", page)).await;
            assert!(
                !page.contains("<b>\u{200b}") && page.contains("U+202E"),
                "{page}"
            );
        }
    }
}

#[test]
fn markup_is_spliced_by_type_and_nothing_is_written_around_it() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console");
    let mut todo = vec![src];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(
                    !text.contains("PreEscaped"),
                    "{} goes around escaping",
                    path.display()
                );
            }
        }
    }
}
