//! The accept loop, instead of `axum::serve`.
//!
//! `axum::serve` sets no timer, which switches hyper's header timeout off: half a request line
//! keeps a connection for as long as its sender likes, and a few thousand of those are the end of
//! a host (slowloris). Here a head has ten seconds, idle connections included; connections are
//! counted, and the next one waits in the kernel's queue; and the end is orderly: no new
//! connections, what is under way finishes within its grace, what has no end by itself (event
//! streams) is cut.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// What one client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Open connections; more wait to be accepted.
    pub connections_max: usize,
    /// For a request's head, and between two requests.
    pub head_wall_max: Duration,
    /// Header fields in a request; more are answered with 431.
    pub headers_max: usize,
    /// Bytes of a request's head; more are answered with 431.
    pub head_bytes_max: usize,
    /// For what is under way at the end.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            head_wall_max: Duration::from_secs(10),
            headers_max: 100,
            head_bytes_max: 64 * 1024,
            grace: Duration::from_secs(10),
        }
    }
}

/// How long to wait after the system refused a connection (out of descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` until `end` is done, then ends in order. Requests carry the caller's address
/// as [`ConnectInfo`]`<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    end: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(bounds.connections_max));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut end => break,
            // Collected as they end, so that the set holds the open ones only.
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &slots) => accepted,
        };
        match accepted {
            Ok((stream, peer, slot)) => {
                let (router, watcher) = (router.clone(), graceful.watcher());
                connections.spawn(connection(stream, peer, router, bounds, watcher, slot));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(bounds.grace, graceful.shutdown())
        .await
        .is_err()
    {
        let cut = connections.len();
        tracing::info!(
            cut,
            "connections that did not end within the grace were cut"
        );
    }
    connections.shutdown().await;
}

type Accepted = (TcpStream, SocketAddr, OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> io::Result<Accepted> {
    let slot = slots
        .clone()
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, slot))
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    bounds: Bounds,
    watcher: Watcher,
    slot: OwnedSemaphorePermit,
) {
    // Small answers to a person's click would wait for an acknowledgement otherwise.
    let _ = stream.set_nodelay(true);
    let router = router.layer(axum::Extension(ConnectInfo(peer)));
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_wall_max)
        .max_headers(bounds.headers_max)
        .max_header_size(bounds.head_bytes_max)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes away or is cut off is no event of ours.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
    drop(slot);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    struct Running {
        at: SocketAddr,
        end: Option<oneshot::Sender<()>>,
        task: JoinHandle<()>,
    }

    async fn start(router: Router, bounds: Bounds) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(serve(listener, router, bounds, async {
            let _ = ended.await;
        }));
        let end = Some(end);
        Running { at, end, task }
    }

    fn quick() -> Bounds {
        let head_wall_max = Duration::from_millis(200);
        let grace = Duration::from_millis(500);
        Bounds {
            head_wall_max,
            grace,
            headers_max: 20,
            ..Bounds::default()
        }
    }

    /// Sends `bytes` and reads until the server closes.
    async fn exchange(at: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = String::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer))
            .await
            .expect("the server left the connection open");
        answer
    }

    fn hello() -> Router {
        Router::new().route(
            "/",
            get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()),
        )
    }

    const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_request_is_answered_and_knows_who_called() {
        let running = start(hello(), quick()).await;
        let answer = exchange(running.at, WHOLE).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn half_a_head_and_an_idle_connection_are_closed() {
        let running = start(hello(), quick()).await;
        for sent in [&b"GET / HT"[..], b"", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"] {
            let started = Instant::now();
            exchange(running.at, sent).await;
            assert!(
                started.elapsed() >= Duration::from_millis(150),
                "{sent:?} closed at once"
            );
        }
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_answered_with_431() {
        let running = start(hello(), quick()).await;
        let many = "x: 1\r\n".repeat(20);
        let large = format!("x: {}\r\n", "y".repeat(70_000));
        for fields in [many, large] {
            let head = format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
            let answer = exchange(running.at, head.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_connection_beyond_the_bound_waits_until_one_ends() {
        let bounds = Bounds {
            connections_max: 1,
            ..quick()
        };
        let running = start(hello(), bounds).await;
        let idle = TcpStream::connect(running.at).await.unwrap();
        let started = Instant::now();
        let answer = exchange(running.at, WHOLE).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(
            started.elapsed() >= Duration::from_millis(150),
            "it did not wait"
        );
        drop(idle);
    }

    #[tokio::test]
    async fn what_is_under_way_at_the_end_is_finished() {
        let slow = Router::new().route(
            "/",
            get(async || {
                tokio::time::sleep(Duration::from_millis(200)).await;
                "finished"
            }),
        );
        let mut running = start(slow, quick()).await;
        let asked = tokio::spawn(exchange(running.at, WHOLE));
        tokio::time::sleep(Duration::from_millis(50)).await;
        running.end.take().unwrap().send(()).unwrap();
        assert!(asked.await.unwrap().ends_with("finished"));
        running.task.await.unwrap();
        assert!(
            TcpStream::connect(running.at).await.is_err(),
            "it still listens"
        );
    }

    #[tokio::test]
    async fn a_stream_without_end_is_cut_after_the_grace() {
        use axum::response::sse::{Event, Sse};
        let endless = Router::new().route(
            "/",
            get(async || {
                Sse::new(futures_util::stream::unfold((), async |()| {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Some((
                        Ok::<_, std::convert::Infallible>(Event::default().data("x")),
                        (),
                    ))
                }))
            }),
        );
        let mut running = start(endless, quick()).await;
        let listening = tokio::spawn(exchange(running.at, WHOLE));
        tokio::time::sleep(Duration::from_millis(100)).await;
        running.end.take().unwrap().send(()).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(3), running.task).await;
        ended.expect("it did not end").unwrap();
        assert!(listening.await.unwrap().contains("data: x"));
    }
}
