//! The fleet that is attacked, and every alert about it.
//!
//! The world is made from the alerts, so that each names a file (and mostly a process) of its
//! own: what is done to one target is then the doing of one alert, and a second time shows. The
//! fleet has places of every kind that the guards treat differently, because an order that runs
//! where nobody allowed it is what a crash must not bring about.

use crate::dice::Dice;
use e2e::now_ms;
use range::alerts::Alert;
use range::state::{Device, File, Process, Rating, World};
use serde_json::{Value, json};

/// Workstations on which automation acts alone.
const ENFORCE: usize = 240;
/// Workstations on which people act.
const HOLD: usize = 30;
/// Workstations from which nothing is ever taken away.
const NEVER: usize = 15;
/// Servers that nobody has said anything of.
const SERVERS: usize = 8;
/// Devices that the one widespread hash hits; a tenth of the group may be acted upon alone.
const SURGE_DEVICES: usize = 60;
/// What the guards let automation do alone under one hash: a tenth of the group.
pub const SURGE_LIMIT: usize = ENFORCE / 10;

/// What may happen to a device without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Whatever the guards permit.
    Enforce,
    /// Nothing.
    Hold,
    /// Nothing, and nobody can open it.
    Never,
    /// Nothing: an untagged server.
    Server,
}

/// What is sent in one request.
pub struct Item {
    /// Below the tenant's URL.
    pub path: &'static str,
    /// As declared.
    pub content_type: &'static str,
    /// The bytes: the same each time it is sent.
    pub body: Vec<u8>,
    /// The products' ids of the alerts in it; none where it is no alert.
    pub alerts: Vec<String>,
    /// How often it is sent, having been acknowledged.
    pub times: u32,
}

/// Devices, and what is said of them.
pub struct Fleet {
    /// What the range has.
    pub world: World,
    /// In the order in which they are sent.
    pub items: Vec<Item>,
    /// The hash that hits many.
    pub surge_hash: String,
    /// Alerts that the product does not call malicious, by the reference that their target has.
    pub only_suspicious: Vec<String>,
}

/// Where a device stands, by its id.
pub fn place(device: &str) -> Option<Place> {
    let n: usize = device.strip_prefix("7000")?.parse().ok()?;
    Some(match n {
        n if n < ENFORCE => Place::Enforce,
        n if n < ENFORCE + HOLD => Place::Hold,
        n if n < ENFORCE + HOLD + NEVER => Place::Never,
        _ => Place::Server,
    })
}

fn device(n: usize) -> Device {
    let id = format!("7000{n}");
    let server = place(&id) == Some(Place::Server);
    Device {
        name: format!("{}-{n:04}", if server { "SRV" } else { "WS" }),
        os: "windows".into(),
        kind: if server { "server" } else { "desktop" }.into(),
        ip: format!("10.7.{}.{}", n / 250, n % 250 + 1),
        id,
        ..Device::default()
    }
}

impl Fleet {
    /// A fleet with so many alerts about it.
    pub fn new(alerts: usize, seed: u64) -> Self {
        let devices = (0..ENFORCE + HOLD + NEVER + SERVERS).map(device);
        let mut fleet = Self {
            world: World {
                forgets_keys: true,
                devices: devices.collect(),
                ..World::default()
            },
            items: Vec::new(),
            surge_hash: hash("surge", 0),
            only_suspicious: Vec::new(),
        };
        fleet.fill(alerts, &mut Dice::new(seed, 1));
        fleet
    }

    fn fill(&mut self, alerts: usize, dice: &mut Dice) {
        let mut natives: Vec<(String, Value)> = Vec::new();
        let mut surge = 0;
        for n in 0..alerts {
            let widespread = surge < SURGE_DEVICES && n % 9 == 4;
            let at = match dice.below(100) {
                _ if widespread => surge * ENFORCE / SURGE_DEVICES,
                kind @ 0..8 => ENFORCE + (kind as usize * 4 + n) % HOLD,
                kind @ 8..12 => ENFORCE + HOLD + (kind as usize + n) % NEVER,
                kind @ 12..16 => ENFORCE + HOLD + NEVER + (kind as usize + n) % SERVERS,
                _ => n % ENFORCE,
            };
            surge += usize::from(widespread);
            let alert = self.alert(n, at, widespread, dice);
            let id = alert.id.clone();
            if dice.percent(15) {
                natives.push((id, alert.ocsf()));
            } else {
                self.send(
                    vec![id],
                    "sources/sentinelone",
                    alert.sentinelone().to_string(),
                    dice,
                );
                if dice.percent(3) {
                    // the same alert again, and something about it is different
                    let later = Alert {
                        classification: "Ransomware".into(),
                        updated_ms: alert.at_ms + 9_000,
                        ..alert
                    };
                    self.send(
                        vec![later.id.clone()],
                        "sources/sentinelone",
                        later.sentinelone().to_string(),
                        dice,
                    );
                }
            }
            if natives.len() == 3 || (n + 1 == alerts && !natives.is_empty()) {
                let lines: Vec<String> =
                    natives.iter().map(|(_, event)| event.to_string()).collect();
                let ids = natives.drain(..).map(|(id, _)| id).collect();
                self.send(ids, "detections", lines.join("\n"), dice);
            }
            if dice.percent(3) {
                let broken = format!("{{\"threatInfo\": {{\"threatId\": \"{n}\", ");
                self.send(vec![], "sources/sentinelone", broken, dice);
            }
            if dice.percent(2) {
                let no_alert = json!({ "class_uid": 2004, "made_up": n }).to_string();
                self.send(vec![], "detections", no_alert, dice);
            }
        }
    }

    fn send(&mut self, alerts: Vec<String>, path: &'static str, body: String, dice: &mut Dice) {
        let content_type = if alerts.len() > 1 {
            "application/x-ndjson"
        } else {
            "application/json"
        };
        let times = if dice.percent(8) { 2 } else { 1 };
        self.items.push(Item {
            path,
            content_type,
            body: body.into_bytes(),
            alerts,
            times,
        });
    }

    /// An alert about a file of its own, and mostly about a process of its own.
    fn alert(&mut self, n: usize, at: usize, widespread: bool, dice: &mut Dice) -> Alert {
        let now = now_ms();
        let reference = (1_000_000_000_000_000_000_u64 + n as u64).to_string();
        let sha256 = match widespread {
            true => self.surge_hash.clone(),
            // three machines have the same
            false => hash("malware", n / 3),
        };
        let path = format!("C:\\Users\\Public\\{n:05}\\update-{:04}.exe", n / 3);
        let device = &mut self.world.devices[at];
        let file = File {
            path: path.clone(),
            sha256: Some(sha256.clone()),
            sha1: Some(sha256[..40].to_owned()),
            size: 40_000 + n as u64,
            reference: Some(reference.clone()),
            ..File::default()
        };
        device.files.push(file.clone());
        if dice.percent(85) {
            device.processes.push(Process {
                pid: 1000 + n as u32,
                started: now - 60_000,
                name: path.rsplit('\\').next().unwrap().to_owned(),
                sha256: Some(sha256.clone()),
                path,
                cmd_line: format!("update-{:04}.exe /quiet", n / 3),
                reference: Some(reference.clone()),
                ..Process::default()
            });
        }
        self.world.ratings.insert(sha256, Rating::Malicious);
        let mut alert = Alert::about(device, &file, now - 20_000);
        // what the range's alert shows of the device is the device alone
        alert.device.files.clear();
        alert.device.processes.clear();
        alert.severity_id = if dice.percent(50) { 5 } else { 4 };
        if !widespread && dice.percent(3) {
            alert.rating = Rating::Suspicious;
            self.only_suspicious.push(reference);
        }
        alert
    }

    /// The inventory: groups with their modes, and every workstation in one.
    pub fn assets(&self, owner: &str) -> Value {
        let group = |id: &str, mode: &str| {
            json!({ "group": id, "kind": "asset-group", "mode": mode, "alone": 100, "one_person": 100,
                    "owners": [owner], "accepted_by": owner, "until": "2099-01-01T00:00:00Z" })
        };
        let known = self
            .world
            .devices
            .iter()
            .filter(|it| place(&it.id) != Some(Place::Server));
        let assets: Vec<Value> = known
            .map(|it| {
                let ids = json!({ "sentinelone/singularity": it.id, "countersign/range": it.id });
                let mut asset = json!({ "name": it.name, "kind": "workstation", "reviewed": true, "ids": ids,
                    "managed_by": ["sentinelone/singularity", "countersign/range"] });
                let (group, protection) = match place(&it.id) {
                    Some(Place::Hold) => ("held", None),
                    Some(Place::Never) => ("untouchable", Some("never")),
                    _ => ("workstations", None),
                };
                asset["groups"] = json!([group]);
                if let Some(protection) = protection {
                    asset["protection"] = json!(protection);
                }
                asset
            })
            .collect();
        let groups = [
            group("workstations", "enforce"),
            group("held", "hold"),
            group("untouchable", "enforce"),
        ];
        let accounts = json!([{ "account": "corp\\svc-backup", "aliases": ["svc-backup"], "privileged": true }]);
        json!({ "groups": groups, "assets": assets, "accounts": accounts })
    }

    /// The workstations by name: those that somebody has been looking at.
    pub fn known_devices(&self) -> Vec<&str> {
        let known = self.world.devices.iter();
        let known = known.filter(|it| place(&it.id) != Some(Place::Server));
        known.map(|it| it.name.as_str()).collect()
    }
}

/// Sixty-four digits that belong to a text and a number.
fn hash(text: &str, n: usize) -> String {
    range::log::body_digest(format!("{text} {n}").as_bytes())
}
