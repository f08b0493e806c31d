//! One tenant with something on every page: what the pictures and the measurements are taken of.

use e2e::alerts::Incident;
use e2e::{ANALYST, Hours, LEAD, Review, Setup, Sight, Stack, asset, group};
use serde_json::{Value, json};

/// A tenant, and what is to be looked at in it.
pub struct Scene {
    /// Host, range and people.
    pub stack: Stack,
    /// The case of the overreach.
    pub overreach: String,
    /// A held proposal that needs two people, one of whom has approved.
    pub half: Value,
    /// A cause with many held.
    pub cause: String,
    /// The case of a workstation where automation acted alone.
    pub done: String,
}

const DEVICES: usize = 12;

fn sight(incident: &Incident) -> Sight<'_> {
    Sight {
        device: &incident.device,
        path: &incident.path,
        signer: incident.signer.as_deref(),
        sha256: &incident.sha256,
        first_days: 176,
        last_days: 1,
    }
}

/// Sets the scene.
pub fn all() -> Scene {
    let taken = Incident::on_server("APP-SRV-07")
        .signed("Halvorsen Automation AS")
        .taken();
    let critical = Incident::on_server("FS-BER-02")
        .signed("Halvorsen Automation AS")
        .hash(&"cd".repeat(32));
    let alone = Incident::on_workstation("WS-2231").hash(&"d1".repeat(32));
    let never = Incident::on_workstation("PLC-GW-02").hash(&"ef".repeat(32));
    let surge: Vec<Incident> = (0..DEVICES)
        .map(|n| Incident::on_workstation(&format!("WS-31{n:02}")).hash(&"0b".repeat(32)))
        .collect();
    let stack = Setup::new().hours(Hours::Never).start();
    let mut assets = vec![
        asset(&taken, &["servers"], Review::Unreviewed),
        asset(&critical, &["erp"], Review::Reviewed),
        asset(&alone, &["clients"], Review::Reviewed),
        asset(&never, &["plant"], Review::Reviewed),
    ];
    assets[1]["protection"] = json!("critical");
    assets[3]["protection"] = json!("never");
    assets.extend(
        surge
            .iter()
            .map(|it| asset(it, &["clients"], Review::Reviewed)),
    );
    stack.import(&json!({
        "groups": [group("servers", "enforce"), group("erp", "hold"), group("clients", "enforce"), group("plant", "enforce")],
        "assets": assets,
    }));
    stack.sight(&[sight(&taken), sight(&critical)]);
    let clients: Vec<&str> = surge
        .iter()
        .chain([&alone])
        .map(|it| it.device.as_str())
        .collect();
    stack.covered(&clients);
    let mut world = vec![
        taken.clone(),
        critical.clone(),
        alone.clone(),
        never.clone(),
    ];
    world.extend(surge.iter().cloned());
    stack.load(&world);

    let done = stack.deliver_ocsf(&alone.finding(5)).swap_remove(0);
    stack.proposal_in(&done, "quarantine-file", &["done", "held"]);
    let overreach = stack.deliver(&taken.alert()).swap_remove(0);
    stack.proposal_in(&overreach, "restore-file", &["held"]);
    let two = stack.deliver(&critical.alert()).swap_remove(0);
    let half = stack.proposal_in(&two, "quarantine-file", &["held"]);
    stack.approve(LEAD, &half).ok();
    let refused = stack.deliver(&never.alert()).swap_remove(0);
    stack.proposal_in(&refused, "quarantine-file", &["refused"]);
    let mut cause = String::new();
    for it in &surge {
        let case = stack.deliver(&it.alert()).swap_remove(0);
        cause = stack.judged_case(&case)["cause"]
            .as_str()
            .unwrap()
            .to_owned();
    }
    // a person proposes by hand, and a change that loosens waits
    let wish = json!({ "case": two, "action": "contain-device", "reason": "cut it off until we know",
        "target": { "device": { "id": critical.device_id, "name": critical.device } } });
    stack.api(ANALYST).post("proposals", &wish).ok();
    let mut weaker = asset(&critical, &["erp"], Review::Reviewed);
    weaker["protection"] = json!("important");
    stack.import_held(&json!({ "assets": [weaker] }));
    Scene {
        stack,
        overreach,
        half,
        cause,
        done,
    }
}

impl Scene {
    /// Every page, with a name for its picture.
    pub fn pages(&self) -> Vec<(&'static str, String)> {
        let api = self.stack.api(LEAD);
        let overreach = api.get("overreaches").ok()["overreaches"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let asset = api.get("assets:resolve?name=APP-SRV-07").ok()["assets"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let half = self.half["id"].as_str().unwrap();
        vec![
            ("held", String::new()),
            ("cases", "cases".into()),
            ("case", format!("cases/{}", self.overreach)),
            ("case-done", format!("cases/{}", self.done)),
            (
                "by-hand",
                format!(
                    "cases/{}/propose?what=contain-device.0",
                    self.half["case"].as_str().unwrap()
                ),
            ),
            ("proposal", format!("proposals/{half}")),
            ("group", format!("causes/{}", self.cause)),
            ("overreaches", "overreaches".into()),
            ("overreach", format!("overreaches/{overreach}")),
            ("effects", "effects".into()),
            ("assets", "assets".into()),
            ("asset", format!("assets/{asset}")),
            ("import", "import".into()),
            ("guards", "guards".into()),
            ("explain", format!("guards/explain?proposal={half}")),
            ("plugins", "plugins".into()),
            ("plugin", "plugins/countersign.contain-malware".into()),
            ("journal", "journal?verify=true".into()),
            ("health", "health".into()),
            ("pages", "pages".into()),
            ("changes", "changes".into()),
            ("halt", "halt".into()),
            ("not-found", "proposals/none".into()),
        ]
    }
}
