//! The API as a person or a machine sees it: one credential, blocking calls, whole answers.
//!
//! Calls may be made from any thread, and survive a restart of the host: they go to wherever it
//! listens now.

use crate::setup::TENANT;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;

/// LIMIT: an answer that takes longer never comes.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// An API with one credential, or none.
#[derive(Clone, Debug)]
pub struct Api {
    reactor: Handle,
    client: Client<HttpConnector, Full<Bytes>>,
    addr: Arc<Mutex<SocketAddr>>,
    tenant: String,
    token: Option<String>,
}

/// An answer, whatever it is.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as JSON; null where it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// What was asked, for messages.
    asked: String,
}

impl Api {
    pub(crate) fn new(reactor: Handle, addr: SocketAddr) -> Self {
        Self {
            reactor,
            client: Client::builder(TokioExecutor::new()).build_http(),
            addr: Arc::new(Mutex::new(addr)),
            tenant: TENANT.to_owned(),
            token: None,
        }
    }
    /// The same host, for this credential.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }
    /// The same host and credential, in another tenant.
    pub fn in_tenant(&self, tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            ..self.clone()
        }
    }
    /// The credential, if it has one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
    pub(crate) fn moved(&self, addr: SocketAddr) {
        *self
            .addr
            .lock()
            .expect("no thread panics while it holds this") = addr;
    }
    /// `http://ADDRESS:PORT` of now.
    pub fn base(&self) -> String {
        let addr = *self
            .addr
            .lock()
            .expect("no thread panics while it holds this");
        format!("http://{addr}")
    }

    /// `GET`. A path is below the tenant (`cases?state=held`), or absolute (`/readyz`).
    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "application/json", Vec::new())
    }
    /// A whole list, part by part.
    ///
    /// # Panics
    /// It is not one.
    pub fn whole(&self, path: &str, name: &str) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        let more = if path.contains('?') { '&' } else { '?' };
        loop {
            let part = self.get(&format!("{path}{more}limit=1000{cursor}")).ok();
            all.extend(part[name].as_array().expect("a list").iter().cloned());
            match part["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
    /// `POST` of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let bytes = serde_json::to_vec(body).expect("a value is JSON");
        self.send(Method::POST, path, "application/json", bytes)
    }
    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "application/json", Vec::new())
    }
    /// Anything.
    ///
    /// # Panics
    /// The host does not answer.
    pub fn send(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let asked = format!("{method} {path}");
        let answer = self.try_send(method, path, content_type, body);
        answer.unwrap_or_else(|error| panic!("{asked}: {error}"))
    }
    /// Anything, from a host that may go down meanwhile.
    ///
    /// # Errors
    /// No answer, or not a whole one: whether it happened is not known.
    pub fn try_send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        self.reactor
            .block_on(self.send_async(method, path, content_type, body))
    }
    /// The same, inside a runtime.
    ///
    /// # Errors
    /// No answer, or not a whole one.
    pub async fn send_async(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let asked = format!("{method} {path}");
        let uri = match path.starts_with('/') {
            true => format!("{}{path}", self.base()),
            false => format!("{}/v1/tenants/{}/{path}", self.base(), self.tenant),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", content_type);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|it| it.to_string())?;
        let call = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|it| format!("{it:?}"))?;
            let status = response.status().as_u16();
            let body = response
                .into_body()
                .collect()
                .await
                .map_err(|it| it.to_string())?;
            Ok::<_, String>((status, body.to_bytes().to_vec()))
        };
        let answered = tokio::time::timeout(ANSWER_MAX, call).await;
        let (status, bytes) = answered.map_err(|_| format!("no answer in {ANSWER_MAX:?}"))??;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer {
            status,
            body,
            bytes,
            asked,
        })
    }
}

impl Answer {
    /// The body of an answer that says yes.
    ///
    /// # Panics
    /// It says no; shows why.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.asked,
            self.status,
            String::from_utf8_lossy(&self.bytes)
        );
        self.body
    }
    /// The text of an answer that says no, with this status and code.
    ///
    /// # Panics
    /// It says anything else.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> String {
        let said = (self.status, self.body["code"].as_str().unwrap_or_default());
        assert_eq!(
            said,
            (status, code),
            "{}: {}",
            self.asked,
            String::from_utf8_lossy(&self.bytes)
        );
        self.body["detail"].as_str().unwrap_or_default().to_owned()
    }
}
