//! The stack: range, workspace, host, people, plugins. One for each test, because a test that
//! shares a tenant with another proves less than it says.

use crate::alerts::Incident;
use crate::api::Api;
use crate::child::HostProcess;
use crate::people::{self, OPERATOR};
use crate::setup::{PAGE_SECRET, RANGE_TOKEN, Setup, host_log};
use crate::wait::until;
use hyper::Method;
use range::log::Entry;
use range::{Config, Range, RangeHandle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Everything that a suite acts on.
#[derive(Debug)]
pub struct Stack {
    host: Option<HostProcess>,
    /// The simulated world, and the witness of what was done to it.
    pub range: RangeHandle,
    nobody: Api,
    people: BTreeMap<String, Api>,
    workspace: PathBuf,
    // dropped last: the range runs in it, and the host in the folder
    runtime: Runtime,
    _folder: TempDir,
}

impl Stack {
    pub(crate) fn start(setup: Setup) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.expect("the machine has a thread left");
        let range = runtime.block_on(Range::start(Config::loopback(RANGE_TOKEN, PAGE_SECRET)));
        let range = range.expect("the machine has a port left");
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let workspace = folder.path().join("workspace");
        setup.write(&workspace, range.addr);
        let host = HostProcess::start(&workspace);
        let nobody = Api::new(runtime.handle().clone(), host.addr);
        let people = people::everybody(&nobody, &host.first);
        let host = Some(host);
        let stack = Self {
            host,
            range,
            nobody,
            people,
            workspace,
            runtime,
            _folder: folder,
        };
        for (component, stage) in setup.to_enrol() {
            stack.enrol(component, stage);
        }
        stack
    }

    /// The API as this person sees it.
    ///
    /// # Panics
    /// Nobody is called so.
    pub fn api(&self, person: &str) -> &Api {
        self.people
            .get(person)
            .unwrap_or_else(|| panic!("nobody is {person}"))
    }
    /// The API without a credential.
    pub fn nobody(&self) -> &Api {
        &self.nobody
    }
    /// The API as a machine sees it, with a new token.
    pub fn machine(&self, name: &str) -> Api {
        let made = self
            .api(OPERATOR)
            .post("tokens", &json!({ "name": name }))
            .ok();
        self.nobody
            .with_token(made["token"].as_str().expect("a token"))
    }
    /// One person more; ask for them with [`Self::api`].
    pub fn add_person(&mut self, id: &str, roles: &[&str]) {
        let by = self.api(OPERATOR);
        let added = if roles.is_empty() {
            people::add(by, id, roles, false)
        } else {
            people::add_confirmed(by, self.api(people::LEAD), id, roles, false)
        };
        self.people.insert(id.to_owned(), added);
    }
    /// A new one-time code for somebody who is there already.
    ///
    /// # Panics
    /// Nobody is called so.
    pub fn code(&self, person: &str) -> String {
        let known = self.api(OPERATOR).get("people").ok();
        let all = known["people"].as_array().cloned().unwrap_or_default();
        let it = all.into_iter().find(|it| it["id"] == person);
        let it = it.expect("somebody is called so");
        // nobody changes what they may do themselves, and somebody else confirms it
        let other = |not: &str| {
            let mut all = [people::OWNER, people::LEAD, people::LEAD2].into_iter();
            all.find(|it| *it != person && *it != not)
                .expect("three leads")
        };
        let by = if person == OPERATOR {
            people::OWNER
        } else {
            OPERATOR
        };
        let again = json!({ "id": person, "roles": it["roles"], "operator": it["operator"] });
        let again = self.api(by).post("people", &again).ok();
        let confirm = format!("people/{person}/confirm");
        if again["waits"] == true {
            self.api(other(by)).post(&confirm, &json!({})).ok();
        }
        again["code"].as_str().expect("a one-time code").to_owned()
    }
    /// Enrols a component; see [`crate::guests::component`].
    pub fn enrol(&self, component: &str, stage: &str) -> Value {
        self.enrol_by(OPERATOR, component, stage)
    }
    /// The same by somebody else, who then never approves what it proposes.
    pub fn enrol_by(&self, person: &str, component: &str, stage: &str) -> Value {
        let bytes = crate::guests::component(component);
        let path = format!("plugins?stage={stage}");
        let api = self.api(person);
        api.send(Method::POST, &path, "application/wasm", bytes)
            .ok()
    }

    /// The folder with the files of the host.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }
    /// The runtime of range and client, for suites that do things at once.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }
    /// The running host.
    ///
    /// # Panics
    /// It was killed.
    pub fn host(&self) -> &HostProcess {
        self.host.as_ref().expect("the host runs")
    }
    /// The end of the host's log.
    pub fn log(&self) -> String {
        host_log(&self.workspace)
    }
    /// Waits until everything that was shown so far is on disk: what a `GET` shows may still be on
    /// its way there, the answer to a `POST` comes afterwards.
    pub fn settle(&self) {
        self.import_held(&json!({ "assets": [] }));
    }
    /// SIGKILL. The range, the workspace and everybody's credentials stay.
    pub fn kill(&mut self) {
        if let Some(host) = self.host.take() {
            host.kill();
        }
    }
    /// Starts the host again on the same workspace, after killing it if it runs.
    pub fn restart(&mut self) {
        self.kill();
        let host = HostProcess::start(&self.workspace);
        self.nobody.moved(host.addr);
        self.host = Some(host);
    }

    /// Delivers a vendor's alert as a person would; answers the ids of the cases.
    ///
    /// # Panics
    /// It is not taken as one detection at least.
    pub fn deliver(&self, alert: &Value) -> Vec<String> {
        self.deliver_to("sources/sentinelone", alert)
    }
    /// The same for OCSF, which the host reads itself.
    ///
    /// # Panics
    /// It is not taken as one detection at least.
    pub fn deliver_ocsf(&self, finding: &Value) -> Vec<String> {
        self.deliver_to("detections", finding)
    }
    fn deliver_to(&self, path: &str, alert: &Value) -> Vec<String> {
        let received = self.api(OPERATOR).post(path, alert).ok();
        let cases: Option<Vec<String>> = received["cases"].as_array().map(|all| {
            all.iter()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect()
        });
        let cases = cases.unwrap_or_default();
        assert!(!cases.is_empty(), "no case came of it: {received}");
        cases
    }
    /// Puts incidents into the range.
    pub fn load(&self, incidents: &[Incident]) {
        self.range.load(Incident::world(incidents));
    }
    /// Puts one incident into the range, delivers its alert, and answers the case.
    pub fn play(&self, incident: &Incident) -> String {
        self.load(std::slice::from_ref(incident));
        self.deliver(&incident.alert()).swap_remove(0)
    }

    /// A case with everything that became of it.
    pub fn case(&self, id: &str) -> Value {
        self.api(OPERATOR).get(&format!("cases/{id}")).ok()
    }
    /// The case, once nothing is left to be evaluated and something was proposed.
    pub fn judged_case(&self, id: &str) -> Value {
        until(&format!("{id} is judged"), || {
            let case = self.case(id);
            let due = case["due"].as_object().is_none_or(|it| !it.is_empty());
            let proposals = case["proposals"]
                .as_array()
                .is_some_and(|it| !it.is_empty());
            (!due && proposals).then_some(case)
        })
    }
    /// The case, once nothing is left to be evaluated, whatever came of it.
    pub fn judged_or_not(&self, id: &str) -> Value {
        until(&format!("{id} is evaluated"), || {
            let case = self.case(id);
            case["due"]
                .as_object()
                .is_some_and(serde_json::Map::is_empty)
                .then_some(case)
        })
    }
    /// The case, once its state is this one.
    pub fn case_in(&self, id: &str, state: &str) -> Value {
        let mut last = Value::Null;
        until(&format!("{id} is {state}"), || {
            last = self.case(id);
            (last["state"] == state).then(|| last.clone())
        })
    }
    /// The proposal for an action in a case.
    pub fn proposal(&self, case: &str, action: &str) -> Option<Value> {
        let case = self.case(case);
        let all = case["proposals"].as_array()?;
        all.iter()
            .find(|it| it["proposal"]["action"] == action)
            .cloned()
    }
    /// The same, once it is there in one of these states.
    pub fn proposal_in(&self, case: &str, action: &str, states: &[&str]) -> Value {
        until(&format!("{action} of {case} is {states:?}"), || {
            let it = self.proposal(case, action)?;
            states.contains(&it["state"].as_str()?).then_some(it)
        })
    }
    /// The same for every one of these actions.
    pub fn all_in(&self, case: &str, actions: &[&str], state: &str) {
        for action in actions {
            self.proposal_in(case, action, &[state]);
        }
    }
    /// What is in force, by action: only what is not over.
    pub fn effects(&self) -> BTreeMap<String, Value> {
        let all = self.api(OPERATOR).whole("effects", "effects");
        let by_action = |it: Value| Some((it["action"].as_str()?.to_owned(), it));
        all.into_iter().filter_map(by_action).collect()
    }
    /// Approves a proposal as it stands.
    pub fn approve(&self, person: &str, proposal: &Value) -> crate::Answer {
        self.decide(person, proposal, "approve")
    }
    /// Denies a proposal as it stands.
    pub fn deny(&self, person: &str, proposal: &Value) -> crate::Answer {
        self.decide(person, proposal, "deny")
    }
    fn decide(&self, person: &str, proposal: &Value, how: &str) -> crate::Answer {
        let id = proposal["id"].as_str().expect("a proposal has an id");
        let decision = json!({ "digest": proposal["judged"]["digest"], "comment": "looked at it" });
        self.api(person)
            .post(&format!("proposals/{id}/{how}"), &decision)
    }

    /// An order of a case, by action.
    pub fn order(&self, case: &str, action: &str) -> Option<Value> {
        let case = self.case(case);
        let all = case["orders"].as_array()?;
        all.iter().rev().find(|it| it["action"] == action).cloned()
    }
    /// What the range carried out again though it was so already: by its own log, whatever keys
    /// were used. Empty where nothing happened twice.
    pub fn repeated(&self) -> Vec<Entry> {
        let mut last: BTreeMap<String, Option<String>> = BTreeMap::new();
        let again =
            |it: &Entry| last.insert(it.path.clone(), it.wanted.clone()) == Some(it.wanted.clone());
        self.applied().into_iter().filter(again).collect()
    }

    /// What the range carried out, in its order: without reads, and without pages.
    pub fn applied(&self) -> Vec<Entry> {
        let acts = |it: &Entry| it.applied && !it.path.starts_with("/range/");
        self.range.log().into_iter().filter(acts).collect()
    }
}
