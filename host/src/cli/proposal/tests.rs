#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::stand_in::StandIn;
use super::*;

#[tokio::test]
async fn a_proposal_by_hand_is_sent_as_the_api_takes_it() {
    let home = tempfile::tempdir().unwrap();
    let record: Value = serde_json::from_str(include_str!("../fixtures/proposal.json")).unwrap();
    let host = StandIn::always(201, record).await;
    let target = "{\"device\": {\"id\": \"\", \"name\": \"WS-17\"}}";
    let mut line = vec![
        "proposal",
        "create",
        "--case",
        "c",
        "--action",
        "contain-device",
    ];
    line.extend([
        "--reason",
        "r",
        "--lease-hours",
        "2",
        "--argument",
        "a=b=c",
        "--target",
    ]);
    line.push(target);
    assert_eq!(host.run(home.path(), &line).await, ExitCode::SUCCESS);
    let body = json!({
        "case": "c", "action": "contain-device", "target": {"device": {"id": "", "name": "WS-17"}},
        "arguments": [{"name": "a", "value": "b=c"}], "reason": "r", "lease_s": 7200,
    });
    assert_eq!(host.asked()[0].json(), body);
    for (flag, value) in [
        ("--target", "{\"devise\": {}}"),
        ("--target", "{"),
        ("--argument", "a"),
    ] {
        let mut line = vec![
            "proposal",
            "create",
            "--case",
            "c",
            "--action",
            "scan-device",
            "--reason",
            "r",
        ];
        if flag == "--argument" {
            line.extend(["--target", target]);
        }
        line.extend([flag, value]);
        assert_eq!(
            host.run(home.path(), &line).await,
            ExitCode::from(2),
            "{value}"
        );
    }
    assert_eq!(host.lines().len(), 1, "what makes no sense is not sent");
}

#[tokio::test]
async fn lists_are_narrowed_by_the_host() {
    let home = tempfile::tempdir().unwrap();
    let host = StandIn::always(200, json!({ "proposals": [], "cases": [] })).await;
    let line = [
        "proposal",
        "list",
        "--state",
        "needs-person",
        "--case",
        "c",
        "--cause",
        "k",
    ];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::SUCCESS);
    let line = [
        "case", "list", "--state", "waiting", "--limit", "3", "--json",
    ];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::SUCCESS);
    assert_eq!(
        host.lines(),
        [
            "GET /v1/tenants/acme/proposals?limit=50&state=needs-person&case=c&cause=k",
            "GET /v1/tenants/acme/cases?limit=3&state=waiting",
        ]
    );
}

#[test]
fn the_words_of_the_command_line_are_those_of_the_host() {
    use crate::cli::args::ProposalState as Word;
    for word in Word::value_variants() {
        let name = word.to_possible_value().unwrap().get_name().to_owned();
        let known = serde_json::from_value::<crate::journal::entry::ProposalState>(json!(name));
        assert!(known.is_ok(), "{name}");
    }
    assert_eq!(Word::value_variants().len(), 12);
}

#[test]
fn a_list_shows_who_is_needed_and_stays_one_line_a_proposal() {
    let home = tempfile::tempdir().unwrap();
    let ctx = super::super::stand_in::context(home.path());
    let bundle: ProposalShown =
        serde_json::from_str(include_str!("../fixtures/bundle.json")).unwrap();
    insta::assert_snapshot!(table(&bundle.unit, &ctx));
}
