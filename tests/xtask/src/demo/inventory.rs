//! What each tenant knows of itself before the first alert: assets as an export would list them,
//! one group that somebody signed for, and what an application inventory has seen.
//!
//! The server of the incident stands in the list with its name and its product's id and nothing
//! else. That is the point: nobody said that it matters.

use crate::Stop;
use crate::tell::now_ms;
use crate::world;
use serde_json::{Value, json};

const DAY_MS: u64 = 86_400_000;
const PRODUCTS: [&str; 2] = ["sentinelone/singularity", "countersign/range"];

/// The list of a tenant.
///
/// # Errors
/// A time cannot be written.
pub fn assets(tenant: &str) -> Result<Value, Stop> {
    Ok(match tenant {
        "acme" => acme()?,
        "globex" => json!({ "assets": [asset("SRV-ERP-02", world::SERVER_GLOBEX)] }),
        _ => json!({ "assets": [asset("BENCH-01", world::BENCH)] }),
    })
}

fn acme() -> Result<Value, Stop> {
    let owner = "owner@acme.example";
    let mut controller = asset("DC-01", world::CONTROLLER);
    add(
        &mut controller,
        json!({ "kind": "server", "reviewed": true, "protection": "never", "owners": [owner] }),
    );
    let mut assets = vec![asset("SRV-APP-07", world::SERVER), controller];
    assets.extend(world::WORKSTATIONS.map(|n| {
        let mut one = asset(&world::workstation_name(n), &world::workstation(n));
        add(
            &mut one,
            json!({ "kind": "workstation", "reviewed": true, "groups": ["workstations"] }),
        );
        one
    }));
    let until = rfc3339(now_ms() + 90 * DAY_MS)?;
    let group = json!({
        "group": "workstations", "name": "Workstations", "owners": [owner],
        "mode": "enforce", "alone": 40, "one_person": 70, "accepted_by": owner, "until": until,
    });
    Ok(json!({ "groups": [group], "assets": assets }))
}

/// Name and ids, as the product's own export has them.
fn asset(name: &str, id: &str) -> Value {
    let ids: serde_json::Map<String, Value> = PRODUCTS
        .map(|it| (it.to_owned(), json!(id)))
        .into_iter()
        .collect();
    json!({ "name": name, "ids": ids, "managed_by": PRODUCTS })
}

fn add(asset: &mut Value, more: Value) {
    if let (Some(asset), Value::Object(more)) = (asset.as_object_mut(), more) {
        asset.extend(more);
    }
}

/// What an application inventory has seen, weekly for 90 days, last yesterday. It looks at every
/// machine, so that it can be told what is new; the automation software was another version when
/// it was seen last.
///
/// # Errors
/// A time cannot be written.
pub fn sightings(tenant: &str) -> Result<Value, Stop> {
    let mut all = Vec::new();
    let mut see = |device: &str,
                   path: &str,
                   signer: Option<&str>,
                   hash: &str|
     -> Result<(), Stop> {
        let name = path.rsplit('\\').next().unwrap_or(path);
        all.push(json!({
            "device": device, "name": name, "path": path, "signer": signer, "sha256": world::sha256(hash),
            "first_seen": rfc3339(now_ms() - 90 * DAY_MS)?, "last_seen": rfc3339(now_ms() - DAY_MS)?,
        }));
        Ok(())
    };
    let agent = r"C:\Program Files\Inventory\agent.exe";
    match tenant {
        "acme" => {
            see(
                "SRV-APP-07",
                world::AUTOM8,
                Some(world::AUTOM8_SIGNER),
                "autom8 of last week",
            )?;
            see("DC-01", world::SYNC, None, world::SYNC)?;
            see("SRV-APP-07", agent, Some("Inventory Ltd."), agent)?;
            see("DC-01", agent, Some("Inventory Ltd."), agent)?;
            for n in world::WORKSTATIONS {
                see(
                    &world::workstation_name(n),
                    agent,
                    Some("Inventory Ltd."),
                    agent,
                )?;
            }
        }
        "globex" => {
            see(
                "SRV-ERP-02",
                world::AUTOM8,
                Some(world::AUTOM8_SIGNER),
                "autom8 of last week",
            )?;
        }
        _ => see("BENCH-01", agent, Some("Inventory Ltd."), agent)?,
    }
    Ok(json!({ "sightings": all }))
}

fn rfc3339(at_ms: u64) -> Result<String, Stop> {
    let at = i64::try_from(at_ms)
        .ok()
        .and_then(|it| jiff::Timestamp::from_millisecond(it).ok());
    at.map(|it| it.to_string())
        .ok_or_else(|| format!("{at_ms} is no time"))
}
