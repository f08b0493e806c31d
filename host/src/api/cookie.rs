//! The browser's credential: a cookie that only this host can set, that no script reads, and that
//! other sites' requests do not carry.
//!
//! A cookie is sent by the browser and not by whoever wrote the request, so it is not enough to
//! change something: `SameSite` looks at sites, and a page on another port of this machine is the
//! same site. A request that changes something and is authenticated by a cookie must say, in
//! headers that a page cannot forge, that it comes from this very origin.

use super::problem::Problem;
use crate::pipeline::Refusal;
use axum::http::header::{COOKIE, HOST, HeaderMap, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use cookie::{Cookie, SameSite, time::Duration};

/// `__Host-`: set over a secure channel, for this host alone, for every path.
const NAME: &str = "__Host-countersign";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The secret in the cookie of a request, if it may be used for this request.
///
/// # Errors
/// 403: the request changes something, and does not come from a page of this host.
pub fn secret(parts: &Parts) -> Result<Option<String>, Problem> {
    let Some(secret) = named(&parts.headers) else {
        return Ok(None);
    };
    if !parts.method.is_safe() && !same_origin(&parts.headers) {
        let text = "this was not sent by a page of this host; nothing was done";
        return Err(Refusal::forbidden(text).into());
    }
    Ok(Some(secret))
}

fn named(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(COOKIE).iter();
    let mut all = all.filter_map(|it| it.to_str().ok());
    let found = all.find_map(|line| {
        let mut each = Cookie::split_parse(line).filter_map(Result::ok);
        each.find(|it| it.name() == NAME)
    });
    found.map(|it| it.value().to_owned())
}

/// Whether the browser says that a page of this origin sent it. Silence is not yes.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|it| it.to_str().ok());
    if let Some(site) = text(&SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let authority = |origin: &str| origin.split_once("://").map(|it| it.1.to_owned());
    let from = text(&ORIGIN).and_then(authority);
    from.is_some() && from.as_deref() == text(&HOST)
}

/// The header that gives the browser a secret for so many milliseconds.
pub fn give(secret: &str, ms: u64) -> (HeaderName, HeaderValue) {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    header(secret, Duration::seconds(seconds))
}

/// The header that takes it away again.
pub fn take() -> (HeaderName, HeaderValue) {
    header("", Duration::ZERO)
}

fn header(secret: &str, age: Duration) -> (HeaderName, HeaderValue) {
    let cookie = Cookie::build((NAME, secret))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(age);
    // INVARIANT: a secret is base64url, so the header is plain ASCII.
    let value = HeaderValue::from_str(&cookie.to_string());
    (SET_COOKIE, value.unwrap_or(HeaderValue::from_static("")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn asked(method: &str, headers: &[(&str, &str)]) -> Result<Option<String>, Problem> {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        secret(&request.body(()).unwrap().into_parts().0)
    }

    const SESSION: (&str, &str) = ("cookie", "a=b; __Host-countersign=s3cret; c=d");
    const HERE: (&str, &str) = ("host", "127.0.0.1:7401");

    #[test]
    fn a_cookie_reads_from_anywhere_and_changes_only_from_a_page_of_this_host() {
        assert_eq!(asked("GET", &[SESSION]).unwrap().as_deref(), Some("s3cret"));
        assert_eq!(asked("POST", &[HERE]).unwrap(), None);
        let same = [
            vec![SESSION, HERE, ("sec-fetch-site", "same-origin")],
            vec![SESSION, HERE, ("origin", "http://127.0.0.1:7401")],
        ];
        for headers in same {
            assert!(asked("POST", &headers).unwrap().is_some(), "{headers:?}");
        }
        let other = [
            vec![SESSION, HERE],
            vec![SESSION, HERE, ("origin", "null")],
            vec![SESSION, HERE, ("origin", "http://127.0.0.1:7402")],
            vec![SESSION, HERE, ("sec-fetch-site", "same-site")],
            vec![SESSION, HERE, ("sec-fetch-site", "cross-site")],
            vec![SESSION, HERE, ("sec-fetch-site", "none")],
            vec![
                SESSION,
                ("sec-fetch-site", "same-site"),
                ("origin", "http://127.0.0.1:7401"),
                HERE,
            ],
        ];
        for headers in other {
            assert_eq!(
                asked("POST", &headers).unwrap_err().status(),
                403,
                "{headers:?}"
            );
            assert_eq!(asked("DELETE", &headers).unwrap_err().status(), 403);
        }
    }

    #[test]
    fn what_the_browser_is_given_is_for_this_host_alone() {
        let (_, value) = give("s3cret", 60_000);
        let text = value.to_str().unwrap();
        for part in [
            "__Host-countersign=s3cret",
            "HttpOnly",
            "Secure",
            "SameSite=Strict",
            "Path=/",
            "Max-Age=60",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("Domain"));
        assert!(take().1.to_str().unwrap().contains("Max-Age=0"));
    }
}
