//! A request's whole body, within its bounds in bytes and in time.
//!
//! The length that a client declares is only believed when it is too large: then nothing is read
//! at all. Time is bounded for the whole body and not for each part of it, because a sender of
//! one byte a second is never late with a part.

use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::problem::Problem;

/// Reads the body of `request`, at most `bytes_max` bytes, within `wall`.
///
/// # Errors
/// CS-api-05 (413) beyond `bytes_max`, CS-api-11 (408) when it does not arrive in time,
/// CS-api-01 (400) when the connection ends in the middle of it.
pub async fn whole(request: Request, bytes_max: usize, wall: Duration) -> Result<Vec<u8>, Problem> {
    let declared = request.headers().get(CONTENT_LENGTH);
    let declared: Option<u64> = declared.and_then(|it| it.to_str().ok()?.parse().ok());
    if declared.is_some_and(|bytes| usize::try_from(bytes).map_or(true, |it| it > bytes_max)) {
        return Err(Problem::too_large(bytes_max));
    }
    let body = Limited::new(request.into_body(), bytes_max);
    match tokio::time::timeout(wall, body.collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::too_large(bytes_max)),
        Ok(Err(_)) => {
            let detail = "the connection ended before the body did; send it again";
            Err(Problem::new(StatusCode::BAD_REQUEST, "CS-api-01", detail))
        }
        Err(_) => {
            let detail = format!("the body did not arrive within {} s", wall.as_secs());
            Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "CS-api-11",
                &detail,
            ))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::body::Body;
    use futures_util::stream;

    const SOON: Duration = Duration::from_secs(60);

    fn request(body: Body, declared: Option<&str>) -> Request {
        let mut request = Request::new(body);
        if let Some(bytes) = declared {
            request
                .headers_mut()
                .insert(CONTENT_LENGTH, bytes.parse().unwrap());
        }
        request
    }

    fn chunks(n: usize) -> Body {
        let chunks = (0..n).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 10]));
        Body::from_stream(stream::iter(chunks))
    }

    #[tokio::test]
    async fn a_body_up_to_the_bound_is_read_and_one_byte_more_is_not() {
        assert_eq!(
            whole(request(chunks(2), None), 20, SOON)
                .await
                .unwrap()
                .len(),
            20
        );
        for (body, declared) in [
            (chunks(3), None),
            (chunks(3), Some("5")),
            (chunks(0), Some("21")),
            (chunks(0), Some("18446744073709551615")),
        ] {
            let problem = whole(request(body, declared), 20, SOON).await.unwrap_err();
            assert_eq!(
                (problem.status().as_u16(), problem.code()),
                (413, "CS-api-05")
            );
        }
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_given_up() {
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, std::io::Error>(vec![b'x']), ()))
        });
        let body = Body::from_stream(trickle);
        let wall = Duration::from_millis(100);
        let problem = whole(request(body, None), 1 << 20, wall).await.unwrap_err();
        assert_eq!(
            (problem.status().as_u16(), problem.code()),
            (408, "CS-api-11")
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_told() {
        let broken = stream::iter([Ok(vec![b'x']), Err(std::io::Error::other("gone"))]);
        let problem = whole(request(Body::from_stream(broken), None), 20, SOON)
            .await
            .unwrap_err();
        assert_eq!(
            (problem.status().as_u16(), problem.code()),
            (400, "CS-api-01")
        );
    }
}
