//! A small client of the two APIs: the host's, with a credential, and the range's, without.

use crate::Stop;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long anything may take before the demo says that it did not happen. LIMIT: a laptop that
/// compiles something else meanwhile is slow, and a hang must not be waited out.
pub const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(100);

/// One server, spoken to as one caller.
#[derive(Clone)]
pub struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    token: Option<String>,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; text where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The stable code of a problem document.
    pub fn code(&self) -> &str {
        self.body
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

impl Api {
    /// A server by its base URL, without a slash at the end.
    pub fn new(base: impl Into<String>) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            client,
            base: base.into(),
            token: None,
        }
    }
    /// The same server, further down its paths and with a credential.
    pub fn below(&self, path: &str, token: &str) -> Self {
        Self {
            base: format!("{}{path}", self.base),
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }
    /// The base URL.
    pub fn base(&self) -> &str {
        &self.base
    }
    /// The credential.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// What a path shows.
    ///
    /// # Errors
    /// No answer, or one that is no success.
    pub async fn get(&self, path: &str) -> Result<Value, Stop> {
        let answer = self
            .send(Method::GET, path, "application/json", Vec::new())
            .await?;
        success(path, answer)
    }
    /// What a path shows, whatever the status.
    ///
    /// # Errors
    /// No answer.
    pub async fn ask_get(&self, path: &str) -> Result<Answer, Stop> {
        self.send(Method::GET, path, "application/json", Vec::new())
            .await
    }
    /// Sends JSON and expects success.
    ///
    /// # Errors
    /// No answer, or one that is no success.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Stop> {
        success(path, self.ask(path, body).await?)
    }
    /// Sends bytes and expects success.
    ///
    /// # Errors
    /// No answer, or one that is no success.
    pub async fn post_bytes(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Value, Stop> {
        success(
            path,
            self.send(Method::POST, path, content_type, body).await?,
        )
    }
    /// Sends JSON and takes any answer: to be refused is what some scenes want to see.
    ///
    /// # Errors
    /// No answer.
    pub async fn ask(&self, path: &str, body: &Value) -> Result<Answer, Stop> {
        self.send(
            Method::POST,
            path,
            "application/json",
            body.to_string().into_bytes(),
        )
        .await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, Stop> {
        let failed = |why: &dyn std::fmt::Display| format!("{}{path}: {why}", self.base);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", content_type);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| failed(&error))?;
        let sent = tokio::time::timeout(PATIENCE, self.client.request(request)).await;
        let response = sent
            .map_err(|_| failed(&"no answer in time"))?
            .map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| failed(&error))?
            .to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
        let body = serde_json::from_slice(&body).unwrap_or_else(|_| text());
        Ok(Answer { status, body })
    }
}

fn success(path: &str, answer: Answer) -> Result<Value, Stop> {
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    Err(format!(
        "{path} answered {}: {}",
        answer.status, answer.body
    ))
}

/// Asks again and again until there is something. Conditions, never pauses: a slow machine takes
/// longer and a fast one does not wait.
///
/// # Errors
/// Asking failed, or it did not come in time; the text says what was waited for.
pub async fn until<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>, Stop>,
) -> Result<T, Stop> {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if began.elapsed() > PATIENCE {
            return Err(format!(
                "waited {} s in vain for: {what}",
                PATIENCE.as_secs()
            ));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
