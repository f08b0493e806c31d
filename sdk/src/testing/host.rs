//! The host, as a test sees it: it answers look-ups, settings and requests, calls the plugin, and
//! holds its answer against the rules that the real host would.

use super::{answers, rules};
use crate::bounds;
use crate::host::http::{Error, Request, Response};
use crate::host::lookup::{Asset, Earlier, Resolution, Sightings};
use crate::prelude::*;
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Stands in for the host. Made from the plugin's manifest, so that its defaults, its look-ups
/// and its actions are the ones that will be granted.
///
/// ```
/// use countersign_sdk::{playbook::*, testing::*};
/// # const MANIFEST: &str = r#"{"kind":"playbook","proposes":[{"action":"contain-device","targets":["device"]}]}"#;
/// fn evaluate(case: &Case) -> Result<Plan> {
///     let mut plan = Plan::empty("");
///     plan.propose(contain_device(case.affected_device()?).because("It spreads."));
///     Ok(plan)
/// }
/// // in a plugin: Host::new(include_str!("../plugin.json"))
/// let host = Host::new(MANIFEST);
/// let plan = host.evaluate(evaluate, &CaseBuilder::new().build()).unwrap();
/// assert_eq!(plan.propose[0].action, "contain-device");
/// ```
pub struct Host {
    told: Rc<Told>,
}

type AnswersSightings = Box<dyn Fn(&Software, Option<&Device>) -> Sightings>;
type AnswersEarlier = Box<dyn Fn(&Target) -> Vec<Earlier>>;
type AnswersHttp = Box<dyn Fn(&Request) -> Result<Response, Error>>;

/// All that a test has told the host.
pub(super) struct Told {
    manifest: Value,
    settings: Map<String, Value>,
    pub(super) asset: Box<dyn Fn(&Device) -> Asset>,
    pub(super) sightings: AnswersSightings,
    pub(super) earlier: AnswersEarlier,
    pub(super) raw_alert: Vec<u8>,
    pub(super) http: AnswersHttp,
    look_ups: Cell<u32>,
    pub(super) log: RefCell<Vec<(Level, String)>>,
    pub(super) requests: RefCell<Vec<Request>>,
}

impl Host {
    /// A host that knows nothing: the asset is unresolved, the software never seen, no earlier
    /// case, no way out. The settings are the manifest's defaults. Panics if the manifest is no
    /// JSON.
    #[must_use]
    pub fn new(manifest: &str) -> Self {
        let manifest: Value = match serde_json::from_str(manifest) {
            Ok(manifest) => manifest,
            Err(error) => panic!("plugin.json: {error}"),
        };
        let mut settings = Map::new();
        for (name, schema) in manifest["settings"]["properties"]
            .as_object()
            .into_iter()
            .flatten()
        {
            settings.extend(schema.get("default").map(|it| (name.clone(), it.clone())));
        }
        let told = Told {
            manifest,
            settings,
            asset: Box::new(|device| super::asset(Resolution::Unresolved, device)),
            sightings: Box::new(|_, _| super::sightings("unknown", 0)),
            earlier: Box::new(|_| Vec::new()),
            raw_alert: Vec::new(),
            http: Box::new(|request| Err(Error::Denied(format!("no answer for {}", request.url)))),
            look_ups: Cell::default(),
            log: RefCell::default(),
            requests: RefCell::default(),
        };
        Self {
            told: Rc::new(told),
        }
    }
    /// What the tenant set. Panics if the manifest has no such setting.
    #[must_use]
    pub fn setting(self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.tell(|told| {
            let known = !told.manifest["settings"]["properties"][name].is_null();
            assert!(known, "plugin.json has no setting {name}");
            told.settings.insert(name.to_owned(), value);
        })
    }
    /// How `lookup.asset-of` answers.
    #[must_use]
    pub fn asset(self, answer: impl Fn(&Device) -> Asset + 'static) -> Self {
        self.tell(|told| told.asset = Box::new(answer))
    }
    /// How `lookup.sightings-of` answers.
    #[must_use]
    pub fn sightings(
        self,
        answer: impl Fn(&Software, Option<&Device>) -> Sightings + 'static,
    ) -> Self {
        self.tell(|told| told.sightings = Box::new(answer))
    }
    /// How `lookup.earlier-cases` answers.
    #[must_use]
    pub fn earlier(self, answer: impl Fn(&Target) -> Vec<Earlier> + 'static) -> Self {
        self.tell(|told| told.earlier = Box::new(answer))
    }
    /// What `lookup.raw-alert` reads.
    #[must_use]
    pub fn raw_alert(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.tell(|told| told.raw_alert = bytes.into())
    }
    /// How the far side answers a request.
    #[must_use]
    pub fn http(self, answer: impl Fn(&Request) -> Result<Response, Error> + 'static) -> Self {
        self.tell(|told| told.http = Box::new(answer))
    }
    fn tell(mut self, change: impl FnOnce(&mut Told)) -> Self {
        match Rc::get_mut(&mut self.told) {
            Some(told) => change(told),
            None => panic!("tell the host before it calls the plugin"),
        }
        self
    }

    /// Evaluates a case. Panics where the host would refuse the plan, with the rule's text
    /// (R002 to R008, R012), and where the playbook calls a look-up that the manifest does not
    /// ask for (R020).
    ///
    /// # Errors
    /// What the playbook answers.
    pub fn evaluate(
        &self,
        playbook: impl FnOnce(&Case) -> Result<Plan>,
        case: &Case,
    ) -> Result<Plan> {
        self.told.look_ups.set(0);
        let plan = answers::with(&self.told, || playbook(case)).map(bounds::plan)?;
        if let Err(broken) = rules::plan(&self.told.manifest, case, &plan) {
            panic!("the host would refuse this plan: {broken}");
        }
        Ok(plan)
    }
    /// Reads a delivery. Panics where the host would refuse a detection (R011).
    ///
    /// # Errors
    /// What the source answers.
    pub fn normalize(
        &self,
        source: impl FnOnce(&[u8], &str) -> Result<Vec<Detection>, Rejection>,
        payload: &[u8],
        content_type: &str,
    ) -> Result<Vec<Detection>, Rejection> {
        let answer = answers::with(&self.told, || source(payload, content_type))?;
        let detections = bounds::detections(answer);
        if let Err(broken) = rules::detections(&self.told.manifest, &detections) {
            panic!("the host would refuse this detection: {broken}");
        }
        Ok(detections)
    }
    /// Calls `execute` or `status` of a connector.
    ///
    /// # Errors
    /// What the connector answers.
    pub fn call(
        &self,
        connector: impl FnOnce(&Order) -> Result<Receipt, Fault>,
        order: &Order,
    ) -> Result<Receipt, Fault> {
        answers::with(&self.told, || connector(order)).map(bounds::receipt)
    }
    /// What the plugin logged.
    pub fn log(&self) -> Vec<(Level, String)> {
        self.told.log.borrow().clone()
    }
    /// What the connector sent, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.told.requests.borrow().clone()
    }
}

impl Told {
    /// A setting as the contract gives it: text as it is, anything else as JSON.
    pub(super) fn setting(&self, name: &str) -> Option<String> {
        Some(match self.settings.get(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
    pub(super) fn settings_document(&self) -> String {
        Value::Object(self.settings.clone()).to_string()
    }
    /// A look-up is granted by the manifest, 64 of them a call; `http` belongs to connectors.
    pub(super) fn require(&self, function: &str) {
        let listed = |all: &Vec<Value>| all.iter().any(|it| it == function);
        let asked = match function {
            "http" => self.manifest["kind"] == "connector",
            _ => self.manifest["lookups"].as_array().is_some_and(listed),
        };
        assert!(
            asked,
            "R020: called {function}, which the manifest does not ask for"
        );
        self.look_ups.set(self.look_ups.get() + 1);
        let count = self.look_ups.get();
        assert!(
            function == "http" || count <= 64,
            "the host ends an evaluation at 64 look-ups"
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test's failure is a panic")]

    use super::*;
    use crate::connector::send;
    use crate::playbook::lookup;
    use crate::testing::{CaseBuilder, device, order, response};

    const PLAYBOOK: &str = r#"{ "kind": "playbook", "proposes": [], "lookups": ["asset-of"],
        "settings": { "properties": { "hours": { "default": 4 }, "name": { "default": "a" } } } }"#;
    const CONNECTOR: &str = r#"{ "kind": "connector" }"#;

    fn execute(order: &Order) -> Result<Receipt, Fault> {
        let url = "https://edr.example/contain".to_owned();
        let body = send(order, "POST", url, "{}", "api")?;
        Ok(Receipt::new(Outcome::Done, String::from_utf8_lossy(&body)))
    }

    #[test]
    fn settings_are_the_manifests_defaults_until_the_test_sets_them() {
        let read = |host: &Host| {
            let plan = |_: &Case| {
                Ok(Plan::empty(format!(
                    "{} {}",
                    setting::<u32>("hours")?,
                    settings_document()
                )))
            };
            host.evaluate(plan, &CaseBuilder::new().build())
                .unwrap()
                .note
        };
        assert_eq!(read(&Host::new(PLAYBOOK)), r#"4 {"hours":4,"name":"a"}"#);
        assert_eq!(
            read(&Host::new(PLAYBOOK).setting("hours", 9)),
            r#"9 {"hours":9,"name":"a"}"#
        );
    }

    #[test]
    fn what_the_plugin_logs_and_sends_is_kept() {
        let host = Host::new(CONNECTOR).http(|_| Ok(response(200, "contained")));
        let receipt = host
            .call(execute, &order("contain-device", device()))
            .unwrap();
        assert_eq!(receipt.detail, "contained");
        let sent = host.requests();
        assert_eq!(sent.len(), 1);
        let key = sent
            .iter()
            .flat_map(|it| &it.headers)
            .find(|it| it.name == "idempotency-key");
        assert_eq!(key.unwrap().value.len(), 64);

        let host = Host::new(PLAYBOOK);
        let logs = |_: &Case| {
            log(Level::Warn, "é".repeat(2000));
            Ok(Plan::empty(""))
        };
        host.evaluate(logs, &CaseBuilder::new().build()).unwrap();
        assert!(
            host.log()
                .iter()
                .all(|(level, line)| *level == Level::Warn && line.len() <= 2048)
        );
        assert_eq!(host.log().len(), 1);
    }

    #[test]
    fn a_far_side_that_nobody_answers_for_is_denied_and_not_done() {
        let answer = Host::new(CONNECTOR).call(execute, &order("contain-device", device()));
        assert!(matches!(answer, Err(Fault::NotDone(_))));
    }

    #[test]
    #[should_panic(expected = "R020: called sightings-of")]
    fn a_look_up_that_the_manifest_does_not_ask_for_fails_the_test() {
        let asks = |case: &Case| {
            let software = Entity::new("actor", File::on(case.affected_device()?, "/a")).software();
            software.map(|it| lookup::sightings_of(&it, None));
            Ok(Plan::empty(""))
        };
        let _ = Host::new(PLAYBOOK).evaluate(asks, &CaseBuilder::new().build());
    }

    #[test]
    #[should_panic(expected = "64 look-ups")]
    fn more_look_ups_than_the_host_answers_fail_the_test() {
        let asks = |case: &Case| {
            (0..65).try_for_each(|_| case.affected_device().map(lookup::asset_of).map(drop))?;
            Ok(Plan::empty(""))
        };
        let _ = Host::new(PLAYBOOK).evaluate(asks, &CaseBuilder::new().build());
    }
}
