//! A person with a browser: the API's caller, and what pages need beside it.
//!
//! Who is not signed in is sent to sign in, and from there back to where they were going. What
//! belongs to another tenant does not exist for them.

use super::answer::{page, see};
use super::frame::{Shell, bare};
use super::look::Look;
use super::sign_in::sign_in_path;
use crate::api::caller::{Caller, Who};
use crate::journal::state::State as Tenant;
use crate::model::PersonId;
use crate::pipeline::{Desk, Host};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use cookie::Cookie;
use jiff::tz::TimeZone;
use maud::html;
use std::sync::Arc;

/// A person who is signed in, at a tenant.
pub struct Visitor {
    /// The credential.
    pub caller: Caller,
    /// The host.
    pub host: Arc<Host>,
    /// Who looks, and when.
    pub look: Look,
}

impl Visitor {
    /// The tenant's desk.
    pub fn desk(&self) -> &Desk {
        &self.caller.desk
    }
    /// Who it is.
    pub fn me(&self) -> PersonId {
        self.look.me.clone()
    }
    /// Reads the state, and with it what the frame of every page shows.
    pub fn read<T>(&self, read: impl FnOnce(&Tenant) -> T) -> (Shell, T) {
        let default_owner = self.desk().book().default_owner.clone();
        self.desk().read(|tenant| {
            let shell = Shell::of(tenant, &self.look, default_owner.as_ref());
            (shell, read(tenant))
        })
    }
    /// The frame alone.
    pub fn shell(&self) -> Shell {
        self.read(|_| ()).0
    }
    /// There is no such thing, or it is another tenant's.
    pub fn nothing_here(&self) -> Response {
        let markup = self.shell().page("Not found", nothing_here());
        page(StatusCode::NOT_FOUND, markup)
    }
}

fn nothing_here() -> maud::Markup {
    html! {
        h1 { "There is nothing here" }
        p.why { "It may have ended, or belong to a tenant that you do not work in." }
    }
}

impl FromRequestParts<Arc<Host>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, host: &Arc<Host>) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, host).await;
        match caller {
            Ok(caller) => match caller.who.clone() {
                Who::Person { id, .. } => Ok(Self::new(caller, host, id, parts)),
                Who::Machine { .. } => Err(refused("A machine's token opens no page.")),
            },
            Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => Err(unknown(parts)),
            Err(problem) if problem.status() == StatusCode::FORBIDDEN => Err(refused(
                "This was not sent by a page of this host. Nothing was done.",
            )),
            Err(_) => Err(page(
                StatusCode::NOT_FOUND,
                bare("Not found", nothing_here()),
            )),
        }
    }
}

impl Visitor {
    fn new(caller: Caller, host: &Arc<Host>, me: PersonId, parts: &Parts) -> Self {
        let own = host.config().tenants.get(caller.desk.tenant());
        let own = own.map(|it| it.zone.clone());
        let zone = zone(parts).or(own).unwrap_or(TimeZone::UTC);
        let look = Look {
            tenant: caller.desk.tenant().clone(),
            me,
            now: caller.desk.now(),
            zone,
        };
        Self {
            caller,
            host: host.clone(),
            look,
        }
    }
}

/// The viewer's zone, which the script puts into a cookie: it chooses how times read, nothing else.
fn zone(parts: &Parts) -> Option<TimeZone> {
    let all = parts.headers.get_all(axum::http::header::COOKIE).iter();
    let mut lines = all.filter_map(|it| it.to_str().ok());
    lines.find_map(|line| {
        let mut each = Cookie::split_parse(line).filter_map(Result::ok);
        let named = each.find(|it| it.name() == "zone")?;
        let name = named.value().replace("%2F", "/");
        TimeZone::get(&name).ok()
    })
}

/// Nobody known asks: to read a page one signs in first; a form that was sent is not carried on.
fn unknown(parts: &Parts) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    if parts.method.is_safe() {
        return see(&sign_in_path(path));
    }
    let markup = html! {
        h1 { "You are not signed in any more" }
        p.why { "Nothing was done, and nothing was counted. Your comment is still in the page that you sent: go back, sign in in another window, and send it again." }
        p.gap { a.btn href="/sign-in" { "Sign in" } }
    };
    page(StatusCode::UNAUTHORIZED, bare("Sign in", markup))
}

fn refused(text: &str) -> Response {
    let markup = html! { h1 { "Refused" } p.why { (text) } };
    page(StatusCode::FORBIDDEN, bare("Refused", markup))
}
