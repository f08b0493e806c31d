//! A registry, a case, an order and a far side for the guests.

use countersign::engine::{Engine, LimitKind, Limits};
use countersign::model::*;
use countersign::plugin::*;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// One test a guest, with the guest's own name.
macro_rules! guest {
    ($name:ident, $guest:ident => $body:block) => {
        #[test]
        fn $name() {
            let $guest = stringify!($name).replace('_', "-");
            $body
        }
    };
}
pub(crate) use guest;

pub fn registry(limits: Limits) -> Registry {
    Registry::new(engine(), limits, None).unwrap()
}

pub fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::start(&Limits::default().engine).unwrap());
    engine.clone()
}

pub fn limits(set: &[(LimitKind, &str, u64)]) -> Limits {
    let mut limits = Limits::default();
    for (kind, name, value) in set {
        limits.set(*kind, name, *value).unwrap();
    }
    limits
}

pub fn load(guest: &str) -> Arc<Loaded> {
    load_with(guest, Limits::default())
}

pub fn load_with(guest: &str, limits: Limits) -> Arc<Loaded> {
    let bytes = e2e::guests::component(guest);
    registry(limits).load(&bytes).unwrap()
}

pub fn evaluate(guest: &str) -> Evaluation {
    evaluate_with(guest, Limits::default())
}

pub fn evaluate_with(guest: &str, limits: Limits) -> Evaluation {
    let loaded = load_with(guest, limits);
    let playbook = loaded.playbook().unwrap();
    playbook.evaluate(&case(), Arc::new(Known), &SettingsView::default())
}

/// How an evaluation ended that must not have a plan: its code, and its text.
pub fn refused(evaluation: &Evaluation) -> (&str, &str) {
    let failure = evaluation.result.as_ref().unwrap_err();
    (failure.code.as_str(), failure.message.as_str())
}

/// The note of a plan.
pub fn note(evaluation: &Evaluation) -> &str {
    &evaluation.result.as_ref().unwrap().note
}

/// What guests that do as they are told can do wrong, and how each ends.
pub const MISDEEDS: [(&str, &str); 6] = [
    ("loops-forever", "CS-run-40"),
    ("eats-memory", "CS-run-42"),
    ("grows-tables", "CS-run-43"),
    ("gives-too-much", "CS-run-45"),
    ("chatters", "CS-run-46"),
    ("hoards-handles", "CS-run-47"),
];

pub const NOW: Millis = Millis(1_772_489_400_000);

pub fn device() -> Device {
    Device {
        id: "9007199254740993".into(),
        name: "ws-042.corp.example".into(),
    }
}

pub fn case() -> Subject {
    let file = File {
        device: device(),
        path: "C:\\Users\\b\\invoice.exe".into(),
        sha256: Some("aa".repeat(32)),
        reference: Some("threat-1".into()),
    };
    let entity = |role: &str, target| Entity {
        role: role.into(),
        target,
        attributes: vec![],
    };
    let detection = Detection {
        id: "alert-1".into(),
        product: "acme/edr".into(),
        time: NOW,
        title: "Malware executed".into(),
        severity: Severity::High,
        rating: Rating::Malicious,
        techniques: vec!["T1059.001".into()],
        entities: vec![
            entity("affected", Target::Device(device())),
            entity("actor", Target::File(file)),
        ],
        taken: vec![],
        attributes: vec![],
    };
    Subject {
        id: CaseId::new("case-1"),
        revision: 1,
        evaluation: 1,
        trigger: "opened".into(),
        now: NOW,
        detection,
        steps: vec![],
        attributes: vec![],
    }
}

pub fn order() -> Order {
    Order {
        id: OrderId::new("order-1"),
        idempotency_key: Digest::of(b"order-1"),
        attempt: 1,
        action: Verb::ContainDevice,
        target: Target::Device(device()),
        arguments: vec![],
        lease_until: None,
        now: NOW,
        undoes: None,
        attributes: vec![],
    }
}

/// What the host knows: one workstation, new software, no earlier case.
pub struct Known;

impl Lookups for Known {
    fn asset_of(&self, device: &Device) -> Result<AssetView, LookupFailed> {
        Ok(AssetView {
            resolution: Resolution::Exact,
            id: "asset-1".into(),
            name: device.name.clone(),
            kind: "workstation".into(),
            reviewed: true,
            protection: "none".into(),
            groups: vec![],
            processes: vec![],
            attributes: vec![],
        })
    }
    fn sightings_of(
        &self,
        _software: &Software,
        _on: Option<&Device>,
    ) -> Result<SightingsView, LookupFailed> {
        Ok(SightingsView {
            tenure: "new".into(),
            devices: 3,
            first_seen: None,
            last_seen: None,
            detections: 0,
            approved: 0,
            denied: 0,
            released: 0,
            attributes: vec![],
        })
    }
    fn earlier_cases(
        &self,
        _about: &Target,
        _limit: u32,
    ) -> Result<Vec<EarlierCase>, LookupFailed> {
        Ok(vec![])
    }
    fn raw_alert(&self, _offset: u32, _length: u32) -> Result<Vec<u8>, LookupFailed> {
        Ok(b"{}".to_vec())
    }
}

/// What a connector did against a far side that counts.
pub struct Contact {
    pub call: ConnectorCall,
    pub requests_seen: u32,
}

pub fn execute(guest: &str) -> Contact {
    connect(guest, Call::Execute, Limits::default())
}

/// The same, against a device of that name.
pub fn execute_on(loaded: &Loaded, device: &str) -> Contact {
    let mut order = order();
    if let Target::Device(it) = &mut order.target {
        it.name = device.into();
    }
    reach(loaded, Call::Execute, &order)
}

pub fn connect(guest: &str, which: Call, limits: Limits) -> Contact {
    reach(&load_with(guest, limits), which, &order())
}

fn reach(loaded: &Loaded, which: Call, order: &Order) -> Contact {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let contact = runtime.block_on(contact(loaded, which, order));
    runtime.shutdown_background();
    contact
}

async fn contact(loaded: &Loaded, which: Call, order: &Order) -> Contact {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(AtomicU32::new(0));
    tokio::spawn(far_side(listener, seen.clone()));
    let values = serde_json::json!({ "host": "127.0.0.1", "port": port });
    let settings = loaded.manifest().settings.view(values.as_object().unwrap());
    let settings = settings.unwrap();
    let own = vec!["127.0.0.0/8".parse().unwrap()];
    let secrets = Default::default();
    let egress = Egress::new(loaded.manifest(), &settings, secrets, own).unwrap();
    let connector = loaded.connector().unwrap();
    let call = connector.call(which, order, &settings, &egress).await;
    Contact {
        call,
        requests_seen: seen.load(Ordering::SeqCst),
    }
}

async fn far_side(listener: tokio::net::TcpListener, seen: Arc<AtomicU32>) {
    while let Ok((stream, _)) = listener.accept().await {
        let seen = seen.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(|request: hyper::Request<Incoming>| {
                seen.fetch_add(1, Ordering::SeqCst);
                async move {
                    if request.uri().path().ends_with("/silent") {
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, std::convert::Infallible>(
                        hyper::Response::new(Full::<Bytes>::default()),
                    )
                }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
