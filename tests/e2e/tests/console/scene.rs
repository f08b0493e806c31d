//! Scenes that the tests look at.

use e2e::alerts::Incident;
use e2e::{Browser, Driver, Hours, Review, Setup, Sight, Stack, asset, group};
use serde_json::{Value, json};

pub const SERVER: &str = "SRV-9";
pub const SIGNER: &str = "Autom8 GmbH";

/// A workstation that somebody reviewed, where people act, and malware on it.
pub fn held() -> (Stack, Incident, String) {
    let incident = Incident::on_workstation("WS-17");
    let stack = Setup::new().start();
    stack.import(&json!({
        "groups": [group("ours", "hold")],
        "assets": [asset(&incident, &["ours"], Review::Reviewed)],
    }));
    let case = stack.play(&incident);
    stack.proposal_in(&case, "quarantine-file", &["held"]);
    (stack, incident, case)
}

/// The incident: established software on a server that nobody reviewed, taken by the product's
/// policy at night.
pub fn overreach() -> (Stack, Incident, String) {
    let incident = Incident::on_server(SERVER).signed(SIGNER).taken();
    let stack = Setup::new().hours(Hours::Never).start();
    stack.import(&json!({
        "groups": [group("production", "enforce")],
        "assets": [asset(&incident, &["production"], Review::Unreviewed)],
    }));
    stack.sight(&[Sight {
        device: &incident.device,
        path: &incident.path,
        signer: incident.signer.as_deref(),
        sha256: &incident.sha256,
        first_days: 90,
        last_days: 1,
    }]);
    let case = stack.play(&incident);
    stack.proposal_in(&case, "restore-file", &["held"]);
    (stack, incident, case)
}

/// Somebody signed in.
pub fn browser(stack: &Stack, driver: &Driver, person: &str) -> Browser {
    let browser = Browser::open(stack, driver);
    browser.carry(stack.api(person).token().unwrap());
    browser
}

/// The page of a proposal.
pub fn page_of(proposal: &Value) -> String {
    format!("proposals/{}", proposal["id"].as_str().unwrap())
}
