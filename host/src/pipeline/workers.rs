//! The hands of the pipeline: threads that run sandboxed sources and playbooks, and tasks that
//! call connectors. They decide nothing; what they bring back is a step of the tenant.
//!
//! Evaluators are threads of their own, as many as configured, because a guest computes and
//! never waits: a runaway guest occupies an evaluator and never the reactor that takes in alerts.

use super::desk::Desk;
use super::evaluate::Answer;
use super::lookups::TenantLookups;
use super::queue::{Queue, Taker};
use super::receive::{Normalised, Received};
use super::runtime::Runtimes;
use super::tx::Command;
use crate::engine::Ended;
use crate::execute::{Dispatch, PageSend, Probe};
use crate::intake::split_for_source;
use crate::journal::entry::{Answered, Call};
use crate::journal::{Reader, Store};
use crate::model::{
    Digest, Failure, Fault, Order, PageId, PluginRef, Rejection, SourceId, Stage, Subject, TenantId,
};
use crate::plugin::Normalization;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// LIMIT: a slot is free again after a call's wall clock, which is a minute at most.
const BUSY_TRIES_MAX: u32 = 1_200;
const BUSY_PAUSE: Duration = Duration::from_millis(50);

enum Work {
    Normalise {
        desk: Desk,
        payload: Digest,
        source: SourceId,
        content_type: String,
        bytes: Arc<[u8]>,
    },
    Evaluate {
        desk: Desk,
        subject: Box<Subject>,
        playbook: PluginRef,
        stage: Stage,
    },
}

type Waiting = Arc<Mutex<HashMap<(TenantId, Digest), Vec<oneshot::Sender<Received>>>>>;

/// The hands. Cheap to clone.
#[derive(Clone)]
pub struct Workers {
    queue: Arc<Queue<Work>>,
    runtimes: Runtimes,
    reactor: tokio::runtime::Handle,
    waiting: Waiting,
}

impl Workers {
    /// Starts the evaluator threads.
    ///
    /// # Errors
    /// The machine has no thread left.
    pub fn start(
        threads: usize,
        store: &Store,
        runtimes: Runtimes,
        reactor: tokio::runtime::Handle,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new());
        let waiting = Waiting::default();
        for n in 0..threads.max(1) {
            let bench = Bench {
                runtimes: runtimes.clone(),
                waiting: waiting.clone(),
                store: store.clone(),
                reactor: reactor.clone(),
            };
            let jobs = queue.taker();
            std::thread::Builder::new()
                .name(format!("evaluator-{n}"))
                .spawn(move || bench.run(&jobs))?;
        }
        Ok(Self {
            queue,
            runtimes,
            reactor,
            waiting,
        })
    }

    /// Does what a step asked for. Called on the writer's thread: it only hands on.
    pub fn take(&self, desk: &Desk, command: Command) {
        match command {
            Command::Normalise {
                payload,
                source,
                content_type,
                bytes,
            } => {
                let work = Work::Normalise {
                    desk: desk.clone(),
                    payload,
                    source,
                    content_type,
                    bytes,
                };
                // somebody waits for the answer, and nobody knows yet how urgent it is
                self.queue.push(desk.tenant(), u8::MAX, work);
            }
            Command::Evaluate {
                subject,
                playbook,
                stage,
            } => {
                let urgency = subject.detection.urgency();
                let work = Work::Evaluate {
                    desk: desk.clone(),
                    subject,
                    playbook,
                    stage,
                };
                self.queue.push(desk.tenant(), urgency, work);
            }
            Command::Send(dispatch) => self.send(desk.clone(), *dispatch),
            Command::Ask(probe) => self.ask(desk.clone(), *probe),
            Command::Page(page, send) => self.page(desk.clone(), page, *send),
        }
    }

    /// Answers when a payload that is being read has been read.
    pub fn when_read(&self, tenant: &TenantId, payload: &Digest) -> oneshot::Receiver<Received> {
        let (told, tell) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .entry((tenant.clone(), payload.clone()))
            .or_default()
            .push(told);
        tell
    }

    fn send(&self, desk: Desk, dispatch: Dispatch) {
        let runtimes = self.runtimes.clone();
        self.reactor.spawn(async move {
            let order = dispatch.order().clone();
            let answer = call(
                &runtimes,
                &desk,
                dispatch.connector(),
                Call::Execute,
                &order,
            )
            .await;
            desk.tell(move |tx| tx.answered(&order.id, Call::Execute, order.attempt, answer));
        });
    }

    fn ask(&self, desk: Desk, probe: Probe) {
        let runtimes = self.runtimes.clone();
        self.reactor.spawn(async move {
            let order = probe.order().clone();
            let answer = call(&runtimes, &desk, probe.connector(), Call::Status, &order).await;
            desk.tell(move |tx| tx.answered(&order.id, Call::Status, order.attempt, answer));
        });
    }

    fn page(&self, desk: Desk, page: PageId, send: PageSend) {
        let runtimes = self.runtimes.clone();
        self.reactor.spawn(async move {
            let channel = send.connector().to_owned();
            let answer = call(&runtimes, &desk, &channel, Call::Execute, send.order()).await;
            let (delivered, detail) = match &answer {
                Answered::Receipt(receipt) => (true, receipt.detail.clone()),
                Answered::Fault(fault) => (false, fault.failure().message.clone()),
            };
            desk.tell(move |tx| tx.paged(&page, &channel, delivered, &detail));
        });
    }
}

/// One call of a connector. Nothing that goes wrong here is lost: it is an answer.
async fn call(
    runtimes: &Runtimes,
    desk: &Desk,
    connector: &str,
    call: Call,
    order: &Order,
) -> Answered {
    let Some(instance) = runtimes
        .of(desk.tenant())
        .and_then(|it| it.connector(connector))
    else {
        let message =
            format!("connector {connector} is not configured or its plugin is not enrolled");
        return Answered::Fault(Fault::NotDone(Failure {
            code: "CS-exec-01".to_owned(),
            message,
        }));
    };
    instance.call(call, order).await
}

/// One evaluator thread.
struct Bench {
    runtimes: Runtimes,
    waiting: Waiting,
    store: Store,
    reactor: tokio::runtime::Handle,
}

impl Bench {
    fn run(self, jobs: &Taker<Work>) {
        let mut reader: Option<Reader> = None;
        while let Some(job) = jobs.take() {
            match job {
                Work::Normalise {
                    desk,
                    payload,
                    source,
                    content_type,
                    bytes,
                } => {
                    self.normalise(desk, payload, source, &content_type, &bytes);
                }
                Work::Evaluate {
                    desk,
                    subject,
                    playbook,
                    stage,
                } => {
                    if reader.is_none() {
                        reader = self.store.reader().ok();
                    }
                    let raw = reader
                        .as_ref()
                        .and_then(|reader| raw_alert(reader, &desk, &subject));
                    evaluate(&self.runtimes, &desk, *subject, playbook, stage, raw);
                }
            }
        }
    }

    fn normalise(
        &self,
        desk: Desk,
        payload: Digest,
        source: SourceId,
        content_type: &str,
        bytes: &[u8],
    ) {
        let normalised = match self
            .runtimes
            .of(desk.tenant())
            .and_then(|it| it.source(&source))
        {
            Some(plugin) => read_all(&plugin, bytes, content_type, &desk),
            None => {
                let message = format!(
                    "source {source} has no enrolled plugin; see: countersign plugin enrol"
                );
                let rejection = Rejection {
                    code: "CS-source-01".to_owned(),
                    message,
                    at: None,
                };
                Normalised {
                    parts: vec![Err(rejection)],
                    fuel: 0,
                    replayable: true,
                }
            }
        };
        let waiting = self.waiting.clone();
        self.reactor.spawn(async move {
            let key = (desk.tenant().clone(), payload.clone());
            let received = desk
                .ask(move |tx| tx.normalised(&payload, &source, normalised))
                .await;
            let told = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&key)
                .unwrap_or_default();
            if let Ok(received) = received {
                told.into_iter().for_each(|it| {
                    // whoever asked may have hung up meanwhile
                    let _ = it.send(received.clone());
                });
            }
        });
    }
}

/// The alert as it arrived last, for a playbook that asks for it.
fn raw_alert(reader: &Reader, desk: &Desk, subject: &Subject) -> Option<Vec<u8>> {
    let payload = desk.read(|state| {
        state
            .cases
            .get(&subject.id)
            .and_then(|it| it.payloads.last().cloned())
    })?;
    reader.payload(desk.tenant(), &payload).ok().flatten()
}

/// The whole payload first; if it is rejected, each of its parts where the format has parts.
fn read_all(
    plugin: &super::runtime::SourceInstance,
    bytes: &[u8],
    content_type: &str,
    desk: &Desk,
) -> Normalised {
    let whole = read_once(plugin, bytes, content_type, desk);
    let (mut fuel, mut replayable) = (whole.fuel, whole.replayable);
    let Err(rejection) = whole.result else {
        return Normalised {
            parts: vec![whole.result],
            fuel,
            replayable,
        };
    };
    let parts = split_for_source(bytes, content_type);
    if parts.len() < 2 {
        return Normalised {
            parts: vec![Err(rejection)],
            fuel,
            replayable,
        };
    }
    let each = parts.into_iter().map(|part| {
        let one = read_once(plugin, part, content_type, desk);
        fuel = fuel.saturating_add(one.fuel);
        replayable &= one.replayable;
        one.result
    });
    Normalised {
        parts: each.collect(),
        fuel,
        replayable,
    }
}

/// One call of a source; made again while every slot for a call is taken, because that says
/// nothing about the payload, and what is rejected is not read a second time.
fn read_once(
    plugin: &super::runtime::SourceInstance,
    bytes: &[u8],
    content_type: &str,
    desk: &Desk,
) -> Normalization {
    let mut tries = 0;
    loop {
        let read = plugin.normalize(bytes, content_type, desk.now());
        if read.ended != Some(Ended::Busy) || tries == BUSY_TRIES_MAX {
            return read;
        }
        tries += 1;
        std::thread::sleep(BUSY_PAUSE);
    }
}

fn evaluate(
    runtimes: &Runtimes,
    desk: &Desk,
    subject: Subject,
    playbook: PluginRef,
    stage: Stage,
    raw: Option<Vec<u8>>,
) {
    let answer = match runtimes
        .of(desk.tenant())
        .and_then(|it| it.playbook(&playbook))
    {
        Some(instance) => {
            let product = subject.detection.product.clone();
            let lookups =
                TenantLookups::new(desk.clone(), subject.id.clone(), product, subject.now, raw);
            let evaluation = instance.evaluate(&subject, Arc::new(lookups));
            Answer {
                subject,
                playbook,
                stage,
                result: evaluation.result,
                lookups: evaluation
                    .lookups
                    .iter()
                    .filter_map(|it| serde_json::to_value(it).ok())
                    .collect(),
                fuel: evaluation.fuel,
                replayable: evaluation.replayable,
                logs: evaluation.logs.iter().map(ToString::to_string).collect(),
            }
        }
        None => {
            let message = format!("{playbook} is not loaded");
            let result = Err(Failure {
                code: "CS-run-31".to_owned(),
                message,
            });
            Answer {
                subject,
                playbook,
                stage,
                result,
                lookups: Vec::new(),
                fuel: 0,
                replayable: true,
                logs: Vec::new(),
            }
        }
    };
    desk.tell(move |tx| tx.evaluated(answer));
}
