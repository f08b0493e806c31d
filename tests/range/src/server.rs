//! Real HTTP on a real port, with the ways in which connections break.
//!
//! It stands on hyper and not on a framework, because a framework always answers: here a
//! connection must be closed in the middle of an answer, or instead of one.

use crate::core::Core;
use crate::faults::{Faults, Rule};
use crate::log::{Entry, Log};
use crate::pages::{Page, SIGNATURE};
use crate::reply::{Asked, Delivery, Reply};
use crate::state::World;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Bytes of a request body. LIMIT: a world of ten thousand devices fits.
const BODY_BYTES_MAX: usize = 64 << 20;

/// How to start a range.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The token that a connector must show.
    pub token: String,
    /// The secret that pages are signed with.
    pub page_secret: Vec<u8>,
    /// Where to append the log.
    pub log: Option<PathBuf>,
    /// A world to begin with, where the file exists; the world is left there when it is stopped.
    pub state: Option<PathBuf>,
}

impl Config {
    /// On any free port of loopback, with this token and this secret for pages.
    pub fn loopback(token: &str, page_secret: &str) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: token.to_owned(),
            page_secret: page_secret.as_bytes().to_vec(),
            log: None,
            state: None,
        }
    }
}

/// The range.
pub struct Range;

/// A range that runs. Dropping it stops it without leaving its state.
#[derive(Debug)]
pub struct RangeHandle {
    /// Where it listens.
    pub addr: SocketAddr,
    core: Arc<Mutex<Core>>,
    state: Option<PathBuf>,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Range {
    /// Starts a range inside a tokio runtime.
    ///
    /// # Errors
    /// Where the port, the log or the state cannot be opened, or the state is not a world.
    pub async fn start(config: Config) -> io::Result<RangeHandle> {
        let log = Log::open(config.log.as_deref())?;
        let mut core = Core::new(config.token, config.page_secret, log);
        if let Some(path) = config.state.as_ref().filter(|path| path.exists()) {
            core.load(serde_json::from_slice::<World>(&std::fs::read(path)?)?);
        }
        let core = Arc::new(Mutex::new(core));
        let listener = TcpListener::bind(config.listen).await?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&core), stopped));
        Ok(RangeHandle {
            addr,
            core,
            state: config.state,
            stop,
            accepting,
        })
    }
}

impl RangeHandle {
    /// Stops it: no new connection, the open ones are closed. Leaves the world in its file.
    ///
    /// # Errors
    /// Where the world cannot be written.
    pub async fn stop(mut self) -> io::Result<()> {
        let _ = self.stop.send(true);
        let _ = (&mut self.accepting).await;
        match &self.state {
            Some(path) => std::fs::write(path, serde_json::to_vec_pretty(&self.world())?),
            None => Ok(()),
        }
    }
    /// The base of its URLs, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
    /// Replaces the world.
    pub fn load(&self, world: World) {
        lock(&self.core).load(world);
    }
    /// The world as it is now.
    pub fn world(&self) -> World {
        lock(&self.core).world.clone()
    }
    /// The log so far.
    pub fn log(&self) -> Vec<Entry> {
        lock(&self.core).log.entries(0).cloned().collect()
    }
    /// The pages that were believed.
    pub fn pages(&self) -> Vec<Page> {
        lock(&self.core).pages.clone()
    }
    /// Replaces the faults.
    pub fn set_faults(&self, rules: Vec<Rule>) {
        lock(&self.core).faults = Faults(rules);
    }
}

impl Drop for RangeHandle {
    fn drop(&mut self) {
        self.accepting.abort();
        let _ = self.stop.send(true);
    }
}

/// A panic elsewhere must not hide what happened: the state under the lock is whole after each
/// step.
fn lock(core: &Mutex<Core>) -> MutexGuard<'_, Core> {
    core.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, core: Arc<Mutex<Core>>, mut stopped: watch::Receiver<bool>) {
    loop {
        let connection = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        match connection {
            Ok((connection, _)) => {
                tokio::spawn(serve(connection, Arc::clone(&core), stopped.clone()));
            }
            // Out of descriptors, mostly: wait, and go on.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn serve(connection: TcpStream, core: Arc<Mutex<Core>>, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(|request| answer(request, Arc::clone(&core)));
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(connection), service);
    // An error here is a connection that ended in the middle: on demand, or by the caller.
    tokio::select! {
        _ = serving => {}
        _ = stopped.changed() => {}
    }
}

type Body = BoxBody<Bytes, io::Error>;

/// One request. An error closes the connection without an answer.
async fn answer(request: Request<Incoming>, core: Arc<Mutex<Core>>) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let reply = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => {
            let header = |name: &str| {
                let value = head.headers.get(name)?.to_str().ok()?;
                Some(value.to_owned())
            };
            let asked = Asked {
                method: head.method.as_str().to_owned(),
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                key: header("idempotency-key"),
                authorization: header("authorization"),
                signature: header(SIGNATURE),
                body: body.to_bytes().to_vec(),
            };
            lock(&core).handle(&asked, now_ms())
        }
        Err(error) => Reply::error(413, &error.to_string()),
    };
    deliver(reply).await
}

/// Lets an answer leave as it should.
async fn deliver(reply: Reply) -> io::Result<Response<Body>> {
    if let Delivery::Late(delay_ms) = reply.delivery {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    let length = reply.body.len();
    let whole = Bytes::from(reply.body);
    let body = match reply.delivery {
        Delivery::Never => return Err(io::Error::other("closed on demand")),
        Delivery::Half => half(whole),
        _ => Full::new(whole).map_err(|never| match never {}).boxed(),
    };
    let mut response = Response::builder()
        .status(reply.status)
        .header("content-type", reply.content_type)
        .header("content-length", length);
    if let Some(seconds) = reply.retry_after_s {
        response = response.header("retry-after", seconds);
    }
    response.body(body).map_err(io::Error::other)
}

/// The first half of a body, and then an error where the rest should be. The pause lets the half
/// leave: what is still in a buffer when the connection ends would never be seen.
fn half(whole: Bytes) -> Body {
    let first = whole.slice(..whole.len() / 2);
    let rest = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::other("closed on demand"))
    };
    let parts = stream::iter([Ok(Frame::data(first))]).chain(stream::once(rest));
    BodyExt::boxed(StreamBody::new(parts))
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}
