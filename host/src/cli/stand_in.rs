//! A host that answers what a test says and keeps what it was asked: real HTTP, no pipeline.

use super::args::Cli;
use super::context::Context;
use super::credentials::Bearer;
use super::render::Width;
use clap::Parser as _;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /v1/tenants/acme/cases?limit=1`
    pub what: String,
    /// The `Authorization` header.
    pub credential: String,
    /// The `Content-Type` header.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

impl Asked {
    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

type Reply = Box<dyn Fn(&Asked) -> (u16, Value) + Send + Sync>;

/// A host on a port of its own, as long as it is held.
pub struct StandIn {
    pub url: url::Url,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl StandIn {
    /// Starts it. Answers from 400 on go out as problem documents.
    pub async fn start(reply: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, reply): (_, Arc<Reply>) = (asked.clone(), Arc::new(Box::new(reply)));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, reply) = (kept.clone(), reply.clone());
                let service =
                    service_fn(move |request| answer(request, kept.clone(), reply.clone()));
                let served = hyper::server::conn::http1::Builder::new();
                tokio::spawn(served.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self {
            url: url.parse().unwrap(),
            asked,
            task,
        }
    }

    /// Starts one that answers the same to everything.
    pub async fn always(status: u16, body: Value) -> Self {
        Self::start(move |_| (status, body.clone())).await
    }

    /// What it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What it was asked, without bodies.
    pub fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|it| it.what).collect()
    }

    /// A machine on which somebody has a token for `acme` of this host.
    pub fn context(&self, home: &Path) -> Context {
        let mut ctx = context(home);
        ctx.url = Some(self.url.clone());
        ctx.token = Some(Bearer::new("csp_test"));
        ctx.tenant = Some("acme".into());
        ctx
    }

    /// Runs a command line against this host as that somebody; its exit code.
    pub async fn run(&self, home: &Path, line: &[&str]) -> std::process::ExitCode {
        run(line, &self.context(home)).await
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    kept: Arc<Mutex<Vec<Asked>>>,
    reply: Arc<Reply>,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let header = |name: http::HeaderName| {
        let value = request.headers().get(name).map(|it| it.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    let what = format!("{} {}", request.method(), request.uri());
    let (credential, content_type) = (
        header(http::header::AUTHORIZATION),
        header(http::header::CONTENT_TYPE),
    );
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let asked = Asked {
        what,
        credential,
        content_type,
        body,
    };
    let (status, body) = reply(&asked);
    kept.lock().unwrap().push(asked);
    let body = match body {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let response = Response::builder().status(status);
    Ok(response.body(Full::new(Bytes::from(body))).unwrap())
}

/// A machine on which nothing was said.
pub fn context(home: &Path) -> Context {
    Context {
        dir: home.to_owned(),
        json: false,
        url: None,
        token_file: None,
        token: None,
        credentials: Some(home.join("credentials.json")),
        tenant: None,
        zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(),
        asks: false,
        styled_out: false,
        styled_err: false,
        width: Width::Unbounded,
    }
}

/// Runs a command line, without the program's name, on a machine; its exit code.
pub async fn run(line: &[&str], ctx: &Context) -> std::process::ExitCode {
    let words = std::iter::once("countersign").chain(line.iter().copied());
    let cli = Cli::try_parse_from(words).unwrap();
    let ctx = Context {
        json: cli.global.json || ctx.json,
        ..ctx.clone()
    };
    super::run(cli.command, &ctx).await
}
