//! A host with two tenants and somebody of every standing in each, asked without a socket.

use crate::api::router;
use crate::config::{Config, Surroundings};
use crate::inventory::import::Format;
use crate::journal::entry::{ChangeHeld, EffectBegan, Entry, OverreachFound, PageDue};
use crate::model::{Digest, EffectId, Millis, Origin, PluginRef, SystemClock, Target, Verb};
use crate::pipeline::Host;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt as _;

pub const TENANTS: [&str; 2] = ["acme", "other"];
/// Persons with one standing each, by the word for it.
pub const STANDINGS: [&str; 5] = ["viewer", "analyst", "lead", "owner", "operator"];

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        let told = (self.status >= 400).then(|| self.body["code"].as_str());
        told.flatten().unwrap_or_default()
    }
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
    }
}

/// Everything that a test acts on.
pub struct Site {
    pub host: Arc<Host>,
    router: Router,
    /// Credentials by tenant and name.
    credentials: BTreeMap<(String, String), String>,
    _folder: tempfile::TempDir,
}

impl Site {
    pub async fn start() -> Self {
        Self::with("[api]\naddress_requests_per_s = 9999\naddress_requests_burst = 99999\n").await
    }
    /// With lines of `countersign.toml`.
    pub async fn with(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("countersign.toml"), toml).unwrap();
        TENANTS.iter().for_each(|it| write(folder.path(), it));
        let config = Config::load(folder.path(), &Surroundings::default()).unwrap();
        let reactor = tokio::runtime::Handle::current();
        let host = Host::start(config, Arc::new(SystemClock), reactor).unwrap();
        let mut site = Self {
            router: router(&host),
            host,
            credentials: BTreeMap::new(),
            _folder: folder,
        };
        for tenant in TENANTS {
            site.people(tenant).await;
        }
        site
    }

    async fn people(&mut self, tenant: &str) {
        let code = format!("CODE-{tenant}");
        let digest = Digest::of(code.as_bytes());
        let first = self.host.first_person(&tenant.into(), digest).await;
        first.unwrap().unwrap();
        self.sign_in(tenant, "first", &code).await;
        for standing in STANDINGS {
            self.add(tenant, standing, &[standing]).await;
        }
        let name = json!({ "name": "collector" });
        let made = self.post(tenant, "first", "tokens", &name);
        let token = made.await.ok()["token"].as_str().unwrap().to_owned();
        self.keep(tenant, "machine", &token);
    }
    fn keep(&mut self, tenant: &str, name: &str, secret: &str) {
        let key = (tenant.to_owned(), name.to_owned());
        self.credentials.insert(key, secret.to_owned());
    }
    /// Adds somebody and signs them in.
    pub async fn add(&mut self, tenant: &str, name: &str, roles: &[&str]) {
        let code = self.change(tenant, "first", name, roles).await;
        self.sign_in(tenant, name, &code).await;
    }
    /// Adds or changes somebody, confirmed by another where it takes one; answers their code.
    pub async fn change(&self, tenant: &str, by: &str, name: &str, roles: &[&str]) -> String {
        let id = format!("{name}@{tenant}.example");
        let person = json!({ "id": id, "roles": roles });
        let added = self.post(tenant, by, "people", &person).await.ok();
        if added["waits"] == true {
            let other = if name == "analyst" { "lead" } else { "analyst" };
            let path = format!("people/{id}/confirm");
            self.post(tenant, other, &path, &Value::Null).await.ok();
        }
        added["code"].as_str().unwrap().to_owned()
    }
    pub async fn sign_in(&mut self, tenant: &str, name: &str, code: &str) {
        let body = json!({ "code": code }).to_string();
        let login = self.raw("POST", "/v1/login", None, "application/json", body.into());
        let token = login.await.ok()["token"].as_str().unwrap().to_owned();
        self.keep(tenant, name, &token);
    }
    /// Somebody's credential; `nobody` has none.
    pub fn credential(&self, tenant: &str, name: &str) -> Option<&str> {
        let key = (tenant.to_owned(), name.to_owned());
        self.credentials.get(&key).map(String::as_str)
    }

    pub async fn get(&self, tenant: &str, who: &str, path: &str) -> Answer {
        self.ask("GET", tenant, who, path, Vec::new()).await
    }
    pub async fn post(&self, tenant: &str, who: &str, path: &str, body: &Value) -> Answer {
        self.ask("POST", tenant, who, path, body.to_string().into())
            .await
    }
    /// Below the tenant, as somebody of the same tenant.
    pub async fn ask(
        &self,
        method: &str,
        tenant: &str,
        who: &str,
        path: &str,
        body: Vec<u8>,
    ) -> Answer {
        let path = format!("/v1/tenants/{tenant}/{path}");
        let secret = self.credential(tenant, who);
        self.raw(method, &path, secret, "application/json", body)
            .await
    }
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        secret: Option<&str>,
        content_type: &str,
        body: Vec<u8>,
    ) -> Answer {
        let response = self.stream(method, path, secret, content_type, body).await;
        let (head, body) = response.into_parts();
        // a stream has no end of its own
        let endless = head
            .headers
            .get("content-type")
            .is_some_and(|it| it == "text/event-stream");
        let bytes = match endless {
            true => Default::default(),
            false => body.collect().await.unwrap().to_bytes(),
        };
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }
    /// The answer before its body was read.
    pub async fn stream(
        &self,
        method: &str,
        path: &str,
        secret: Option<&str>,
        content_type: &str,
        body: Vec<u8>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("content-type", content_type);
        if let Some(secret) = secret {
            request = request.header("authorization", format!("Bearer {secret}"));
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// One of everything in a tenant; its ids by the word before `/{id}` in paths.
    pub async fn seed(&self, tenant: &str) -> BTreeMap<&'static str, String> {
        let assets = json!({ "groups": [{ "group": "ours", "mode": "hold" }], "assets": [
            { "name": format!("ws-{tenant}"), "kind": "workstation", "reviewed": true, "groups": ["ours"] }] });
        self.post(tenant, "lead", "assets:import", &assets)
            .await
            .ok();
        let taken = self
            .post(tenant, "analyst", "detections", &alert("seed"))
            .await
            .ok();
        let case = taken["cases"][0].as_str().unwrap().to_owned();
        let proposal = self.by_hand(tenant, "analyst", &case).await;
        let assets = self.get(tenant, "analyst", "assets").await.ok();
        let asset = assets["assets"][0]["id"].as_str().unwrap().to_owned();
        let tokens = self.get(tenant, "analyst", "tokens").await.ok();
        let token = tokens["tokens"][0]["id"].as_str().unwrap().to_owned();
        let cause = proposal["cause"].as_str().unwrap().to_owned();
        let id = proposal["id"].as_str().unwrap().to_owned();
        self.record(tenant, &case, &id).await;
        BTreeMap::from([
            ("cases", case),
            ("proposals", id),
            ("causes", cause),
            ("assets", asset),
            ("tokens", token),
            ("effects", format!("effect-{tenant}")),
            ("overreaches", format!("overreach-{tenant}")),
            ("pages", format!("page-{tenant}")),
            ("changes", format!("change-{tenant}")),
            ("plugins", format!("{tenant}.plugin")),
            ("people", format!("viewer@{tenant}.example")),
        ])
    }
    /// Contains the device by hand; answers the proposal.
    pub async fn by_hand(&self, tenant: &str, who: &str, case: &str) -> Value {
        let wish = json!({ "case": case, "action": "contain-device", "reason": "looks bad",
            "target": { "device": { "id": "", "name": format!("ws-{tenant}") } } });
        self.post(tenant, who, "proposals", &wish).await.ok()
    }

    /// What takes a product or a plugin to come about.
    async fn record(&self, tenant: &str, case: &str, proposal: &str) {
        let desk = self.host.desk(&tenant.into()).unwrap();
        let (tenant, case, proposal) = (tenant.to_owned(), case.into(), proposal.into());
        let step = desk.ask(move |tx| {
            let judged = tx.state.proposals[&proposal].clone();
            let request = judged.judged.unwrap().request;
            let target = Target::Domain(format!("{tenant}.example"));
            let effect = EffectId::new(format!("effect-{tenant}"));
            let began = EffectBegan {
                id: effect.clone(),
                case,
                cause: judged.cause.clone(),
                action: Verb::BlockDomain,
                target: target.clone(),
                canonical: format!("domain:{tenant}.example"),
                assets: Vec::new(),
                origin: Origin::Ours,
                order: None,
                product: None,
                inverse: Some(Verb::UnblockDomain),
                lease_until: None,
                at: Millis(1),
            };
            let overreach = OverreachFound {
                id: format!("overreach-{tenant}").as_str().into(),
                case: began.case.clone(),
                cause: judged.cause,
                product: "acme/edr".into(),
                action: Verb::BlockDomain,
                target,
                effect,
                at: None,
                stood_against: ["protection".to_owned()].into(),
                finding: crate::model::Finding::Refuse,
                against: Vec::new(),
                request,
                guards: Digest::of(b"guards"),
            };
            let page = PageDue {
                id: format!("page-{tenant}").as_str().into(),
                about: "plugin".into(),
                key: format!("seed:{tenant}"),
                case: None,
                subject: "look".into(),
                text: String::new(),
                repeat_s: 900,
                to: Default::default(),
                deadline: None,
            };
            tx.record(Entry::EffectBegan(Box::new(began)));
            tx.record(Entry::OverreachFound(Box::new(overreach)));
            tx.record(Entry::PageDue(Box::new(page)));
            tx.record(Entry::ChangeHeld(Box::new(ChangeHeld {
                id: format!("change-{tenant}"),
                list: "{}".into(),
                format: Format::Json,
                owners: Default::default(),
                changes: Vec::new(),
                loosens: Vec::new(),
                by: format!("first@{tenant}.example").as_str().into(),
            })));
            tx.record(Entry::PluginEnrolled {
                plugin: PluginRef {
                    id: format!("{tenant}.plugin").as_str().into(),
                    version: "1.0.0".into(),
                    digest: Digest::of(b"plugin"),
                },
                kind: "playbook".into(),
                stage: crate::model::Stage::Shadow,
                by: "first@acme.example".into(),
                manifest: json!({}),
            });
        });
        step.await.unwrap();
    }
}

fn write(folder: &Path, tenant: &str) {
    let dir = folder.join("tenants").join(tenant);
    std::fs::create_dir_all(&dir).unwrap();
    let text = format!(
        "name = \"{tenant}\"\nzone = \"UTC\"\ndefault_owner = \"first@{tenant}.example\"\nmode = \"hold\"\n"
    );
    std::fs::write(dir.join("tenant.toml"), text).unwrap();
}

/// An id as part of a path.
pub fn escaped(id: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~:@".contains(&it);
    let each = id.bytes().map(|it| match plain(it) {
        true => char::from(it).to_string(),
        false => format!("%{it:02X}"),
    });
    each.collect()
}

/// A good alert.
pub fn alert(id: &str) -> Value {
    let now = crate::model::Clock::now(&SystemClock).0;
    json!({
        "class_uid": 2004, "category_uid": 2, "type_uid": 200_401, "activity_id": 1,
        "severity_id": 4, "time": now - 1_000,
        "metadata": { "version": "1.8.0", "product": { "vendor_name": "acme", "name": "edr" } },
        "finding_info": { "uid": id, "title": "a good alert" },
        "device": { "uid": format!("device-{id}"), "hostname": format!("ws-{id}"), "type_id": 2 },
    })
}
