#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::stand_in::{Asked, StandIn};
use super::*;

fn diff(loosens: Value) -> Value {
    json!({
        "lines": [
            {"subject": "asset erp-01", "field": "", "before": null, "after": "{\"id\":\"erp-01\"}"},
            {"subject": "group erp", "field": "mode", "before": "\"hold\"", "after": "\"enforce\""},
            {"subject": "group erp", "field": "owners", "before": "[\"a\"]", "after": null},
        ],
        "unchanged": 7, "loosens": loosens,
    })
}

async fn imported(line: &[&str], diff: Value, held: Value) -> (ExitCode, Vec<Asked>) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("assets.csv");
    std::fs::write(&file, "name\nerp-01\n").unwrap();
    let host = StandIn::start(move |asked: &Asked| {
        if asked.what.contains("dry_run=true") {
            return (200, json!({ "diff": diff }));
        }
        let imported = json!({ "applied": 2, "held": held, "loosens": [] });
        (200, json!({ "diff": diff, "imported": imported }))
    })
    .await;
    let file = file.display().to_string();
    let mut words = vec!["asset", "import", file.as_str()];
    words.extend(line);
    let code = host.run(home.path(), &words).await;
    (code, host.asked())
}

#[tokio::test]
async fn an_import_is_shown_before_it_is_made_and_made_only_when_somebody_says_so() {
    let (code, asked) = imported(&[], diff(json!([])), Value::Null).await;
    assert_eq!(
        (code, asked.len()),
        (ExitCode::from(2), 1),
        "nobody could be asked"
    );
    let (code, asked) = imported(&["--dry-run"], diff(json!([])), Value::Null).await;
    assert_eq!((code, asked.len()), (ExitCode::SUCCESS, 1));
    let (code, asked) = imported(&["--yes"], diff(json!([])), Value::Null).await;
    assert_eq!((code, asked.len()), (ExitCode::SUCCESS, 2));
    assert_eq!(
        asked[0].what,
        "POST /v1/tenants/acme/assets:import?dry_run=true"
    );
    assert_eq!(
        asked[1].what,
        "POST /v1/tenants/acme/assets:import?dry_run=false"
    );
    assert_eq!(asked[1].content_type, "text/csv");
    assert_eq!(&asked[1].body[..], b"name\nerp-01\n");
    let nothing = json!({ "lines": [], "unchanged": 9, "loosens": [] });
    let (code, asked) = imported(&[], nothing, Value::Null).await;
    assert_eq!(
        (code, asked.len()),
        (ExitCode::SUCCESS, 1),
        "nothing to ask about"
    );
}

#[test]
fn a_diff_reads_a_thing_at_a_time_and_says_what_it_loosens() {
    let loosens = json!([{ "subject": "group erp", "weaker": "mode", "before": "hold", "after": "enforce" }, "as a line"]);
    let shown: Shown = serde_json::from_value(diff(loosens)).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", shown.to_text(), shown.question()));
    let held: Imported =
        serde_json::from_value(json!({ "applied": 0, "held": "change-1" })).unwrap();
    assert!(held.to_text().starts_with("NOT CHANGED YET"));
}

#[test]
fn the_format_is_said_or_seen_and_never_guessed() {
    let of =
        |path: &str, said| content_type(Path::new(path), said).map_err(|it| it.code().to_owned());
    assert_eq!(of("a.csv", None), Ok("text/csv"));
    assert_eq!(of("a.JSON", None), Ok("application/json"));
    assert_eq!(
        of("a.csv", Some(ImportFormat::Json)),
        Ok("application/json")
    );
    assert_eq!(of("-", None), Err("CS-cli-21".to_owned()));
}

#[test]
fn a_group_has_the_members_of_the_groups_below_it() {
    let group = |id: &str, parents: &[&str]| -> Group {
        serde_json::from_value(
            json!({ "id": id, "kind": "asset-group", "name": id, "parents": parents }),
        )
        .unwrap()
    };
    // a circle ends too
    let groups = [
        group("a", &["c"]),
        group("b", &["a"]),
        group("c", &["b"]),
        group("d", &[]),
    ];
    let found: Vec<String> = below(&"a".into(), &groups)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, ["a", "b", "c"]);
}
