//! The tenant as it is before anything happens: people, plugins, inventory, history.

use crate::fleet::Fleet;
use crate::site::{Ask, Site};
use serde_json::{Value, json};

/// Plugins that this needs.
const PLUGINS: &[&str] = &[
    "sentinelone",
    "contain-malware",
    "connector-range",
    "connector-webhook",
];

/// Who may do what.
pub struct Tokens {
    /// The tenant's default owner.
    pub owner: String,
    /// A lead.
    pub lead: String,
    /// Another one.
    pub second_lead: String,
    /// A machine that posts.
    pub machine: String,
}

/// Sets the tenant up through the API.
pub async fn set_up(site: &Site, first: &Value, fleet: &Fleet) -> Tokens {
    let owner_id = first["codes"][0]["person"].as_str().unwrap();
    let owner = log_in(site, &first["codes"][0]["code"]).await;
    let mut tokens = Vec::new();
    for (name, roles, operator) in [
        ("lead", vec!["lead"], false),
        ("second", vec!["lead"], false),
        ("operator", vec![], true),
    ] {
        let person =
            json!({ "id": format!("{name}@acme.example"), "roles": roles, "operator": operator });
        let added = post(site, &owner, "/people", &person).await;
        tokens.push(log_in(site, &added["code"]).await);
    }
    let [lead, second_lead, operator] = tokens.try_into().unwrap();
    for name in PLUGINS {
        let bytes = e2e::guests::component(name);
        let how = Ask {
            token: &operator,
            content_type: "application/wasm",
            body: &bytes,
        };
        site.must("POST", "/v1/tenants/acme/plugins?stage=active", how)
            .await;
    }
    post(site, &owner, "/assets:import", &fleet.assets(owner_id)).await;
    let changes = site
        .must("GET", "/v1/tenants/acme/changes", Ask::get(&owner))
        .await;
    for change in changes["changes"].as_array().unwrap() {
        let path = format!("/changes/{}/approve", change["id"].as_str().unwrap());
        post(site, &lead, &path, &json!({ "comment": "agreed" })).await;
    }
    let seen = post(site, &owner, "/sightings", &fleet.sightings()).await;
    assert_eq!(seen["unplaced"], json!([]), "{seen}");
    let token = post(site, &owner, "/tokens", &json!({ "name": "collector" })).await;
    let machine = token["token"]
        .as_str()
        .unwrap_or_else(|| panic!("{token}"))
        .to_owned();
    Tokens {
        owner,
        lead,
        second_lead,
        machine,
    }
}

async fn post(site: &Site, token: &str, path: &str, body: &Value) -> Value {
    let (path, body) = (format!("/v1/tenants/acme{path}"), body.to_string());
    site.must("POST", &path, Ask::json(token, body.as_bytes()))
        .await
}

async fn log_in(site: &Site, code: &Value) -> String {
    let body = json!({ "code": code }).to_string();
    let answer = site
        .must("POST", "/v1/login", Ask::json("", body.as_bytes()))
        .await;
    answer["token"].as_str().unwrap().to_owned()
}
