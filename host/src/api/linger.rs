//! What a sender still sends when its answer is already known.
//!
//! A body that is too large, or whose sender may not post, is answered before it was read. If the
//! connection were closed then, the sender's next write would be answered by a reset, which takes
//! the answer away with it: the sender reads "broken pipe" and not "too large". So what is left of
//! a body is read for a while after the answer, and forgotten.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// LIMIT: four batches. Who sends more than that is no mistaken client.
const LINGER_BYTES_MAX: usize = 64 << 20;
/// LIMIT: a while.
const LINGER_WALL_MAX: Duration = Duration::from_secs(10);

/// Lingers over a request's body; for `map_request`.
pub async fn linger(request: Request) -> Request {
    request.map(|body| Body::new(Lingering(Some(body))))
}

struct Lingering(Option<Body>);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }
    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }
    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        let (Some(rest), Ok(runtime)) = (rest, tokio::runtime::Handle::try_current()) else {
            return;
        };
        drop(runtime.spawn(tokio::time::timeout(LINGER_WALL_MAX, forget(rest))));
    }
}

async fn forget(mut body: Body) {
    let mut left = LINGER_BYTES_MAX;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use futures_util::stream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A body of so many MiB, and how many of them were read.
    fn body(mib: usize) -> (Body, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = read.clone();
        let chunks = (0..mib).map(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(vec![0_u8; 1 << 20])
        });
        (Body::from_stream(stream::iter(chunks)), read)
    }

    async fn settled(read: &AtomicUsize) -> usize {
        let mut last = usize::MAX;
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = read.load(Ordering::SeqCst);
            if now == last {
                return now;
            }
            last = now;
        }
    }

    #[tokio::test]
    async fn what_was_not_read_is_read_afterwards_up_to_a_bound() {
        for (sent, read_after) in [(5, 5), (1_000, (LINGER_BYTES_MAX >> 20) + 1)] {
            let (body, read) = body(sent);
            drop(linger(Request::new(body)).await);
            assert_eq!(settled(&read).await, read_after);
        }
    }

    #[tokio::test]
    async fn what_is_read_arrives_as_it_was_sent() {
        let (body, _) = body(3);
        let body = linger(Request::new(body)).await.into_body();
        let whole = body.collect().await.unwrap().to_bytes();
        assert_eq!(whole.len(), 3 << 20);
    }
}
