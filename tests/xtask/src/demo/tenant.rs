//! One tenant's people, plugins and inventory, all made through the API as people would.
//!
//! Four people with one thing each: the owner, a lead, an analyst, and an operator who enrols the
//! plugins and therefore never approves what they propose.

use crate::Stop;
use crate::api::Api;
use crate::inventory;
use serde_json::{Value, json};
use std::path::Path;

/// A tenant, as each of its people and its machine see it.
#[derive(Clone)]
pub struct Tenant {
    /// Its id.
    pub id: &'static str,
    /// Owns what has no owner.
    pub owner: Api,
    /// A lead.
    pub lead: Api,
    /// An analyst.
    pub analyst: Api,
    /// Manages people and plugins.
    pub operator: Api,
    /// What delivers alerts.
    pub machine: Api,
}

impl Tenant {
    /// Signs the first person in with the code that `serve` printed, and adds the others.
    ///
    /// # Errors
    /// The host refuses something of it.
    pub async fn people(id: &'static str, host: &Api, code: &str) -> Result<Self, Stop> {
        let path = format!("/v1/tenants/{id}");
        let owner = sign_in(host, &path, code).await?;
        let mut others = Vec::new();
        for (name, roles, operator) in [
            ("lead", json!(["lead"]), false),
            ("analyst", json!(["analyst"]), false),
            ("operator", json!([]), true),
        ] {
            let person = json!({ "id": format!("{name}@{id}.example"), "name": name, "roles": roles, "operator": operator });
            let added = owner.post("/people", &person).await?;
            others.push(sign_in(host, &path, text(&added, "code")).await?);
            let waits = added.get("waits").and_then(Value::as_bool) == Some(true);
            if let (true, Some(lead)) = (waits, others.first()) {
                // whoever gets to decide something is confirmed by another who does
                let confirm = format!("/people/{name}@{id}.example/confirm");
                lead.post(&confirm, &json!({})).await?;
            }
        }
        let made = owner.post("/tokens", &json!({ "name": "alerts" })).await?;
        let machine = host.below(&path, text(&made, "token"));
        let [lead, analyst, operator] =
            <[Api; 3]>::try_from(others).map_err(|_| "three people were added".to_owned())?;
        Ok(Self {
            id,
            owner,
            lead,
            analyst,
            operator,
            machine,
        })
    }

    /// Enrols every plugin of a folder.
    ///
    /// # Errors
    /// The folder cannot be read, or the host refuses one.
    pub async fn enrol_all(&self, plugins: &Path) -> Result<usize, Stop> {
        let failed = |error: std::io::Error| format!("{}: {error}", plugins.display());
        let mut files: Vec<_> = std::fs::read_dir(plugins)
            .map_err(failed)?
            .filter_map(Result::ok)
            .map(|it| it.path())
            .collect();
        files.retain(|it| it.extension().is_some_and(|it| it == "wasm"));
        files.sort();
        for file in &files {
            self.enrol(file).await?;
        }
        Ok(files.len())
    }

    /// Enrols one plugin as active.
    ///
    /// # Errors
    /// It cannot be read, or the host refuses it.
    pub async fn enrol(&self, file: &Path) -> Result<Value, Stop> {
        let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        self.operator
            .post_bytes("/plugins?stage=active", "application/wasm", bytes)
            .await
    }

    /// The lead imports what the tenant has. What loosens (a group that is signed for `enforce`)
    /// waits until another lead, here the owner, lets it through.
    ///
    /// # Errors
    /// The host refuses something of it.
    pub async fn take_stock(&self) -> Result<(), Stop> {
        let imported = self
            .lead
            .post("/assets:import", &inventory::assets(self.id)?)
            .await?;
        if let Some(change) = imported.pointer("/imported/held").and_then(Value::as_str) {
            let comment = json!({ "comment": "workstations are rebuilt within the hour" });
            self.owner
                .post(&format!("/changes/{change}/approve"), &comment)
                .await?;
        }
        let seen = self
            .lead
            .post("/sightings", &inventory::sightings(self.id)?)
            .await?;
        match seen.get("unplaced").and_then(Value::as_array) {
            Some(none) if none.is_empty() => Ok(()),
            _ => Err(format!("sightings at {}: {seen}", self.id)),
        }
    }

    /// Delivers a vendor's alert and answers the case it opened.
    ///
    /// # Errors
    /// It is not taken, or opens no case.
    pub async fn deliver(&self, source: &str, alert: &Value) -> Result<String, Stop> {
        let path = if source == "ocsf" {
            "/detections".to_owned()
        } else {
            format!("/sources/{source}")
        };
        let received = self.machine.post(&path, alert).await?;
        let case = received.pointer("/cases/0").and_then(Value::as_str);
        case.map(str::to_owned)
            .ok_or_else(|| format!("no case was opened: {received}"))
    }
}

async fn sign_in(host: &Api, path: &str, code: &str) -> Result<Api, Stop> {
    let signed_in = host.post("/v1/login", &json!({ "code": code })).await?;
    Ok(host.below(path, text(&signed_in, "token")))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
