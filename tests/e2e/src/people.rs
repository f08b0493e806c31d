//! The people of the suites, each with a short-lived credential, in the order in which a tenant
//! gets them: the first signs in with the code that `serve` prints and adds the others.

use crate::api::Api;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Default owner, lead and operator: the first person.
pub const OWNER: &str = "owner@acme.example";
/// A lead.
pub const LEAD: &str = "lead@acme.example";
/// Another lead.
pub const LEAD2: &str = "lead2@acme.example";
/// An analyst.
pub const ANALYST: &str = "analyst@acme.example";
/// An operator without any role that approves; enrols the plugins, so that everybody else may
/// approve what they propose.
pub const OPERATOR: &str = "operator@acme.example";

/// Signs in.
pub(crate) fn sign_in(api: &Api, code: &str) -> Api {
    let answer = api.post("/v1/login", &json!({ "code": code })).ok();
    api.with_token(answer["token"].as_str().expect("a credential"))
}

/// Adds a person and signs them in.
pub(crate) fn add(by: &Api, id: &str, roles: &[&str], operator: bool) -> Api {
    let person = json!({ "id": id, "roles": roles, "operator": operator });
    let added = by.post("people", &person).ok();
    sign_in(by, added["code"].as_str().expect("a one-time code"))
}

/// Adds a person whom somebody else confirms, as it takes for whoever decides something.
pub(crate) fn add_confirmed(
    by: &Api,
    other: &Api,
    id: &str,
    roles: &[&str],
    operator: bool,
) -> Api {
    let added = add(by, id, roles, operator);
    other.post(&format!("people/{id}/confirm"), &json!({})).ok();
    added
}

/// Everybody, from the host's first line.
pub(crate) fn everybody(api: &Api, first: &Value) -> BTreeMap<String, Api> {
    let code = first["codes"][0]["code"].as_str().expect("a first person");
    let owner = sign_in(api, code);
    let lead = add(&owner, LEAD, &["lead"], false);
    let others: [(&str, &[&str], bool); 3] = [
        (LEAD2, &["lead"], false),
        (ANALYST, &["analyst"], false),
        (OPERATOR, &[], true),
    ];
    let mut all: BTreeMap<String, Api> = others
        .into_iter()
        .map(|(id, roles, operator)| {
            let added = add_confirmed(&owner, &lead, id, roles, operator);
            (id.to_owned(), added)
        })
        .collect();
    all.insert(LEAD.to_owned(), lead);
    all.insert(OWNER.to_owned(), owner);
    all
}
