//! What a tenant knows: assets, groups and protection as a list, and what was seen where.

use crate::alerts::{Incident, OCSF_PRODUCT, PRODUCT};
use crate::api::Api;
use crate::people::{LEAD, OWNER};
use crate::stack::Stack;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, as the host's clock has them.
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970");
    u64::try_from(since.as_millis()).expect("it is earlier than the year 500 million")
}

/// Milliseconds since 1970 as RFC 3339.
pub fn rfc3339(at_ms: u64) -> String {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(at_ms).expect("a time"));
    at.expect("a time").to_string()
}

const DAY_MS: u64 = 86_400_000;

/// Software that somebody saw on a device.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    /// The device, by name.
    pub device: &'a str,
    /// Full path.
    pub path: &'a str,
    /// Subject of its signature.
    pub signer: Option<&'a str>,
    /// SHA-256.
    pub sha256: &'a str,
    /// How many days ago it was first seen.
    pub first_days: u64,
    /// How many days ago it was last seen.
    pub last_days: u64,
}

impl Sight<'_> {
    fn row(&self) -> Value {
        let now = now_ms();
        let mut row = json!({
            "device": self.device,
            "name": self.path.rsplit(['\\', '/']).next(),
            "path": self.path,
            "sha256": self.sha256,
            "first_seen": rfc3339(now - self.first_days * DAY_MS),
            "last_seen": rfc3339(now - self.last_days * DAY_MS),
        });
        if let Some(signer) = self.signer {
            row["signer"] = json!(signer);
        }
        row
    }
}

/// A group of this mode in which automation may do what it likes, as far as the threshold goes:
/// what still holds it back is a guard. Signed by the owner.
pub fn group(id: &str, mode: &str) -> Value {
    json!({
        "group": id, "mode": mode, "alone": 100, "one_person": 100,
        "accepted_by": OWNER, "until": "2099-12-31",
    })
}

/// What somebody said about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// What it is.
    Reviewed,
    /// Nothing yet: it stands in a list, and nobody looked.
    Unreviewed,
}

/// The assets of incidents, reviewed, in one group that is set to `enforce`.
pub fn enforced(incidents: &[Incident]) -> Value {
    let assets = incidents.iter();
    let assets = assets.map(|it| asset(it, &["enforced"], Review::Reviewed));
    json!({ "groups": [group("enforced", "enforce")], "assets": assets.collect::<Vec<_>>() })
}

/// The device of an incident, as an asset of these groups.
pub fn asset(incident: &Incident, groups: &[&str], review: Review) -> Value {
    let kind = if incident.kind == "server" {
        "server"
    } else {
        "workstation"
    };
    json!({
        "name": incident.device, "kind": kind, "groups": groups,
        "reviewed": review == Review::Reviewed,
        "managed_by": [PRODUCT],
        "ids": { PRODUCT: incident.device_id, OCSF_PRODUCT: incident.device_id },
    })
}

impl Stack {
    /// Imports a document of assets, groups and the like as one lead; what loosens is approved by
    /// the default owner, who is a lead too.
    ///
    /// # Panics
    /// It is refused.
    pub fn import(&self, document: &Value) {
        let imported = self.import_held(document);
        if let Some(change) = imported["imported"]["held"].as_str() {
            let path = format!("changes/{change}/approve");
            self.api(OWNER)
                .post(&path, &json!({ "comment": "seen" }))
                .ok();
        }
    }

    /// The same, without the other lead: `{diff, imported: {applied, held, loosens}}`.
    ///
    /// # Panics
    /// It is refused.
    pub fn import_held(&self, document: &Value) -> Value {
        self.api(LEAD).post("assets:import", document).ok()
    }

    /// Imports what was seen.
    ///
    /// # Panics
    /// A row could not be placed.
    pub fn sight(&self, seen: &[Sight<'_>]) {
        let rows: Vec<Value> = seen.iter().map(Sight::row).collect();
        let answer = sightings(self.api(LEAD), &json!({ "sightings": rows }));
        assert_eq!(answer["unplaced"], json!([]), "a sighting has no asset");
    }

    /// Says that somebody has been looking at devices for 90 days, by software that is always
    /// there: only then is what was never seen called new.
    ///
    /// # Panics
    /// A device is not known.
    pub fn covered(&self, devices: &[&str]) {
        let sight = |device| Sight {
            device,
            path: "C:\\Windows\\System32\\notepad.exe",
            signer: Some("Example Operating Systems"),
            sha256: "0000000000000000000000000000000000000000000000000000000000000001",
            first_days: 90,
            last_days: 1,
        };
        let all: Vec<Sight<'_>> = devices.iter().map(|it| sight(it)).collect();
        self.sight(&all);
    }
}

fn sightings(api: &Api, rows: &Value) -> Value {
    api.post("sightings", rows).ok()
}
