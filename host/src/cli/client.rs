//! The command line as a client of the API: where the host is, who asks, and what came back.
//!
//! There is no other way in from here: what a command can do, a script with a token can do too,
//! and what the API refuses no command gets around. An answer is read whole within a bound, a
//! redirect is not followed (a credential goes where it was meant for, or nowhere), and what is
//! no answer of a Countersign host is said to be none instead of being shown.

use super::context::Context;
use super::credentials::{Bearer, Credentials};
use super::failure::Failure;
use super::place;
use super::wire::Wire;
use crate::model::{Millis, SystemClock, TenantId};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::body::Incoming;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// LIMIT: an answer that is read whole; an export is streamed and has none.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// LIMIT: until the head of an answer is there. A source reads a batch before it is answered.
const ANSWER_WAIT: Duration = Duration::from_secs(120);

/// JSON as a body.
pub const JSON: &str = "application/json";

/// A tenant of a host, and who asks.
pub struct Client {
    base: Url,
    tenant: TenantId,
    bearer: Option<Bearer>,
    wire: Wire,
}

/// One request below the tenant.
pub struct Call<'a> {
    /// How.
    pub method: Method,
    /// The parts of the path below the tenant; each is escaped.
    pub path: &'a [&'a str],
    /// The query; each value is escaped.
    pub query: &'a [(&'a str, String)],
    /// What is sent.
    pub body: Bytes,
    /// What it is.
    pub content_type: &'a str,
}

impl<'a> Call<'a> {
    /// A question.
    pub fn get(path: &'a [&'a str], query: &'a [(&'a str, String)]) -> Self {
        Self::send(Method::GET, path, query, Bytes::new(), "")
    }
    /// Something sent.
    pub fn send(
        method: Method,
        path: &'a [&'a str],
        query: &'a [(&'a str, String)],
        body: Bytes,
        content_type: &'a str,
    ) -> Self {
        Self {
            method,
            path,
            query,
            body,
            content_type,
        }
    }
}

impl Client {
    /// A client that can ask: host, tenant and credential are known.
    ///
    /// # Errors
    /// `CS-cli-12` without a credential, `CS-cli-13` where it is not clear which tenant is meant.
    pub fn of(ctx: &Context) -> Result<Self, Failure> {
        let url = place::host(ctx)?;
        let kept = kept(ctx)?;
        let found = kept.find(&url, ctx.tenant.as_ref());
        let said = place::token(ctx)?;
        let (tenant, bearer) = match (said, found) {
            (Some(bearer), Ok(found)) => {
                let known = ctx.tenant.clone();
                let known = known.or_else(|| place::only_tenant(&ctx.dir));
                let known = known.or_else(|| found.map(|it| it.tenant.clone()));
                (known.ok_or_else(|| which_tenant(&[]))?, bearer)
            }
            (Some(bearer), Err(several)) => {
                let known = ctx.tenant.clone().or_else(|| place::only_tenant(&ctx.dir));
                (known.ok_or_else(|| which_tenant(&several))?, bearer)
            }
            (None, Ok(Some(kept))) if kept.until <= now() => {
                let message = format!("the sign-in of {} has ended", kept.person);
                return Err(no_credential(message, &url));
            }
            (None, Ok(Some(kept))) => (kept.tenant.clone(), kept.token.clone()),
            (None, Err(several)) => return Err(which_tenant(&several)),
            (None, Ok(None)) => {
                let whose = ctx.tenant.as_ref().map(|it| format!(" to {it}"));
                let message = format!("not signed in{}", whose.unwrap_or_default());
                return Err(no_credential(message, &url));
            }
        };
        Self::new(url, tenant, Some(bearer))
    }

    /// A client that asks what needs no credential.
    ///
    /// # Errors
    /// No host can be named.
    pub fn stranger(ctx: &Context) -> Result<Self, Failure> {
        let tenant = ctx.tenant.clone();
        Self::new(
            place::host(ctx)?,
            tenant.unwrap_or_else(|| TenantId::from("")),
            None,
        )
    }

    fn new(base: Url, tenant: TenantId, bearer: Option<Bearer>) -> Result<Self, Failure> {
        let wire = Wire::to(&base)?;
        Ok(Self {
            base,
            tenant,
            bearer,
            wire,
        })
    }

    /// The tenant that is asked about.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
    /// The host that is asked.
    pub fn url(&self) -> &Url {
        &self.base
    }

    /// `GET` below the tenant.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn get(&self, path: &[&str], query: &[(&str, String)]) -> Result<Value, Failure> {
        self.call(Call::get(path, query)).await
    }

    /// `POST` of JSON below the tenant.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        let body = Bytes::from(body.to_string());
        self.call(Call::send(Method::POST, path, &[], body, JSON))
            .await
    }

    /// Asks below the tenant and reads the answer; `null` where it has none.
    ///
    /// # Errors
    /// What the host refused, or `CS-cli-10`, `CS-cli-11`, `CS-cli-22`.
    pub async fn call(&self, call: Call<'_>) -> Result<Value, Failure> {
        let answer = self.ask(call).await?;
        self.json(answer).await
    }

    /// Asks below the tenant and gives the answer before its body was read.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn ask(&self, call: Call<'_>) -> Result<Response<Incoming>, Failure> {
        let mut path = vec!["v1", "tenants", self.tenant.as_str()];
        path.extend(call.path);
        let url = self.at(&path, call.query)?;
        let request = self.request(call.method, &url, call.body, call.content_type)?;
        self.answer(request).await
    }

    /// Asks above the tenants: `login`, `healthz`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn above(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Response<Incoming>, Failure> {
        let url = self.at(path, &[])?;
        let body = body.map(ToString::to_string).unwrap_or_default();
        let request = self.request(method, &url, Bytes::from(body), JSON)?;
        self.answer(request).await
    }

    /// Reads an answer as JSON.
    ///
    /// # Errors
    /// `CS-cli-11`, `CS-cli-22`.
    pub async fn json(&self, answer: Response<Incoming>) -> Result<Value, Failure> {
        let body = self.whole(answer).await?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|why| self.foreign(&why.to_string()))
    }

    /// The address of a path. A part that means another place is refused, not resolved.
    fn at(&self, path: &[&str], query: &[(&str, String)]) -> Result<Url, Failure> {
        if let Some(part) = path.iter().find(|it| matches!(**it, "" | "." | "..")) {
            let message = format!("{part:?} is not a name that can be asked for");
            return Err(Failure::usage("CS-cli-21", message));
        }
        let mut url = self.base.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            let pairs = query.iter().map(|(name, value)| (*name, value.as_str()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Ok(url)
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        body: Bytes,
        content_type: &str,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::builder().method(method).uri(url.as_str());
        if let Some(headers) = request.headers_mut() {
            if let Some(bearer) = &self.bearer {
                let value = bearer.header().filter(|_| !bearer.is_empty());
                let value = value.ok_or_else(|| {
                    let message = "the credential is empty, or no text that can be sent";
                    no_credential(message.to_owned(), &self.base)
                })?;
                headers.insert(header::AUTHORIZATION, value);
            }
            if let Ok(value) = HeaderValue::from_str(content_type)
                && !value.is_empty()
            {
                headers.insert(header::CONTENT_TYPE, value);
            }
        }
        let request = request.body(Full::new(body));
        request.map_err(|why| self.unreachable(&why.to_string()))
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failure> {
        let answer = tokio::time::timeout(ANSWER_WAIT, self.wire.send(request)).await;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => return Err(self.unreachable(&why)),
            Err(_) => {
                let why = format!("nothing came back within {} s", ANSWER_WAIT.as_secs());
                return Err(self.unreachable(&why));
            }
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(self.refused(answer).await)
    }

    async fn refused(&self, answer: Response<Incoming>) -> Failure {
        let status = answer.status();
        let body = match self.whole(answer).await {
            Ok(body) => body,
            Err(failure) => return failure,
        };
        let problem = serde_json::from_slice(&body).ok();
        let failure = problem.and_then(|it| Failure::of_problem(status.as_u16(), it));
        failure.unwrap_or_else(|| self.foreign(&format!("it answered {}", said(status))))
    }

    async fn whole(&self, answer: Response<Incoming>) -> Result<Bytes, Failure> {
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
        let Ok(body) = tokio::time::timeout(ANSWER_WAIT, body.collect()).await else {
            return Err(self.unreachable("the answer stopped in the middle"));
        };
        match body {
            Ok(body) => Ok(body.to_bytes()),
            Err(why) if why.is::<http_body_util::LengthLimitError>() => {
                let message = format!("the answer is larger than {ANSWER_BYTES_MAX} bytes");
                Err(Failure::new("CS-cli-22", message).help("ask for less: --limit"))
            }
            Err(why) => Err(self.unreachable(&format!("the answer broke off: {why}"))),
        }
    }

    /// Nothing answered.
    pub fn unreachable(&self, why: &str) -> Failure {
        let message = format!("no host answers at {}", self.base);
        Failure::new("CS-cli-10", message).why(why).help(
            "start it with: countersign serve; if it is elsewhere, say where with --url or --dir",
        )
    }

    /// Something answered that is no host of ours, or of another version.
    pub fn foreign(&self, why: &str) -> Failure {
        let message = format!("what answers at {} is no answer of Countersign", self.base);
        Failure::new("CS-cli-11", message)
            .why(why)
            .help("look at --url, at what stands between, and at the version of both sides")
    }

    /// Takes an answer apart into what a command shows.
    ///
    /// # Errors
    /// `CS-cli-11`: a field is missing or of another kind; host and command are of different
    /// versions.
    pub fn read<T: DeserializeOwned>(&self, value: &Value) -> Result<T, Failure> {
        T::deserialize(value).map_err(|why| self.foreign(&why.to_string()))
    }

    /// The same for the list of that name in an answer.
    ///
    /// # Errors
    /// As [`Client::read`].
    pub fn list<T: DeserializeOwned>(&self, value: &Value, name: &str) -> Result<Vec<T>, Failure> {
        let list = value.get(name).unwrap_or(&Value::Null);
        Vec::<T>::deserialize(list).map_err(|why| self.foreign(&format!("{name}: {why}")))
    }
}

fn said(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    format!("{} {reason}", status.as_u16())
}

fn kept(ctx: &Context) -> Result<Credentials, Failure> {
    let path = ctx.credentials.as_deref();
    path.map_or_else(|| Ok(Credentials::default()), Credentials::load)
}

fn now() -> Millis {
    crate::model::Clock::now(&SystemClock)
}

fn no_credential(message: String, url: &Url) -> Failure {
    Failure::new("CS-cli-12", message).help(format!(
        "countersign --url {} login; machines give --token-file or COUNTERSIGN_TOKEN",
        super::credentials::key(url)
    ))
}

fn which_tenant(several: &[String]) -> Failure {
    let failure = Failure::usage("CS-cli-13", "it is not clear which tenant is meant");
    if several.is_empty() {
        return failure.help("say it with --tenant");
    }
    failure.help(format!("say it with --tenant: {}", several.join(", ")))
}

#[cfg(test)]
mod tests;
