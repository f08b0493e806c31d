//! Signing in and out. A one-time code is traded for a session; passkeys and single sign-on have
//! their place on the same page.
//!
//! The page says nothing about a tenant, a case or a person that the link did not already hold.
//! Where somebody was going is kept in the address and believed only if it is a page of a tenant
//! of this host: anything else would make this page a way to somewhere else.

use super::answer::{page, see};
use super::frame::{alone, bare};
use super::outside;
use super::parts::icon;
use super::visitor::Visitor;
use crate::api::{cookie, secret};
use crate::model::Digest;
use crate::pipeline::Host;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What the address of the page may say.
#[derive(Debug, Default, Deserialize)]
pub struct Going {
    #[serde(default)]
    to: String,
    /// A one-time code, filled in and not used until somebody presses the button: a link that is
    /// only looked at signs nobody in.
    #[serde(default)]
    code: String,
}

/// The code, and where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    code: String,
    #[serde(default)]
    to: String,
}

/// The address of the page for somebody who was going to `path`.
pub fn sign_in_path(path: &str) -> String {
    match own_path(path) {
        Some(path) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            format!("/sign-in?{}", query.append_pair("to", path).finish())
        }
        None => "/sign-in".to_owned(),
    }
}

/// The path if it is a page of a tenant here. `//other.example`, `/\other`, a scheme, a control
/// character or a way up are none.
fn own_path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/t/")?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\<>\"`{}|^".contains(&byte);
    let fine = path.len() <= 2048
        && path.bytes().all(plain)
        && !rest.starts_with('/')
        && !path.split(['/', '?', '#']).any(is_way_up);
    fine.then_some(path)
}

fn is_way_up(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase().replace("%2e", ".");
    segment == ".." || segment == "."
}

/// `GET /sign-in`.
pub async fn show(Query(going): Query<Going>) -> Response {
    let page_of = form(own_path(&going.to), &going.code, None);
    page(StatusCode::OK, alone("Sign in", page_of))
}

/// `POST /sign-in`: the code is used up, and the browser gets a session.
pub async fn sign_in(State(host): State<Arc<Host>>, Form(sent): Form<SignIn>) -> Response {
    let to = own_path(&sent.to);
    match trade(&host, sent.code.trim()).await {
        Ok((tenant, secret, ms)) => {
            let home = format!("/t/{tenant}/");
            let to = to.filter(|it| it.starts_with(&home)).unwrap_or(&home);
            let mut response = see(to);
            let (name, value) = cookie::give(&secret, ms);
            response.headers_mut().insert(name, value);
            response
        }
        Err(why) => {
            let markup = form(to, "", Some(&why));
            page(StatusCode::FORBIDDEN, alone("Sign in", markup))
        }
    }
}

/// The tenant, a secret for the browser, and for how many milliseconds it holds.
async fn trade(host: &Host, code: &str) -> Result<(String, String, u64), String> {
    const WRONG: &str = "The code is wrong, used or too old. Ask an operator for a new one.";
    const FULL: &str = "The host cannot do this now. Nothing was changed; try again.";
    let code = Digest::of(code.as_bytes());
    let now = host.now();
    let mut desks = host.desks();
    let desk = desks.find(|desk| {
        desk.read(|tenant| {
            let mut people = tenant.people.values();
            people.any(|it| it.code.as_ref() == Some(&code) && it.code_until > now)
        })
    });
    let desk = desk.ok_or(WRONG)?;
    let secret = secret::token("csp").map_err(|_| FULL)?;
    let credential = Digest::of(secret.as_bytes());
    let step = desk.ask(move |tx| tx.log_in(&code, credential)).await;
    let (_, until) = step.map_err(|_| FULL)?.map_err(|_| WRONG)?;
    Ok((desk.tenant().to_string(), secret, until.since(now)))
}

fn form(to: Option<&str>, code: &str, wrong: Option<&str>) -> Markup {
    html! {
        div.sign {
            p.brand { (icon::brand()) "Countersign" }
            h1 { "Sign in" }
            @if let Some(to) = to {
                p.hint { "You were going to " b { (outside::plain(to)) } ". You will be taken there." }
            }
            @if let Some(why) = wrong {
                div.notice.amber role="alert" { p { b { (why) } } }
            }
            form method="post" action="/sign-in" {
                input type="hidden" name="to" value=(to.unwrap_or_default());
                div.field {
                    label for="code" { "One-time code" }
                    span.hint id="code-hint" { "from an operator, or from the host's own first line; it works once, for 24 hours" }
                    input type="text" id="code" name="code" required autocomplete="off" spellcheck="false" autocapitalize="characters" aria-describedby="code-hint" value=(clean(code));
                }
                button.btn.gap { "Sign in" }
            }
            p.hint { "Nobody can decide from a message: a link only opens a page." }
            p.hint { "To halt from a terminal: " code.line { "countersign halt on" } }
        }
    }
}

/// A code has letters, digits and dashes; whatever else a link put there is not shown.
fn clean(code: &str) -> String {
    let fits = |it: &char| it.is_ascii_alphanumeric() || *it == '-';
    code.chars().filter(fits).take(64).collect()
}

/// `POST /t/{tenant}/sign-out`.
pub async fn sign_out(visitor: Visitor) -> Response {
    let (me, credential) = (visitor.me(), visitor.caller.credential.clone());
    let ended = visitor
        .desk()
        .ask(move |tx| tx.log_out(&me, &credential))
        .await;
    if ended.is_err() {
        let text = html! { h1 { "You are still signed in" } p.why { "The host could not store it. Try again." } };
        return page(StatusCode::SERVICE_UNAVAILABLE, bare("Sign out", text));
    }
    let mut response = see("/sign-in").into_response();
    let (name, value) = cookie::take();
    response.headers_mut().insert(name, value);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_a_tenant_is_somewhere_to_go_to() {
        for path in [
            "/t/acme/",
            "/t/acme/proposals/prop-1",
            "/t/acme/causes/hash%3Aab?x=1",
        ] {
            assert_eq!(own_path(path), Some(path));
        }
        let others = [
            "",
            "/",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/t//evil.example",
            "/t/../v1/login",
            "/t/acme/%2e%2E/x",
            "/t/acme/\r\nset-cookie: a",
            "/t/a\u{e9}",
            "/v1/login",
            "javascript:alert(1)",
            "/t/acme/\"onmouseover=",
        ];
        for path in others {
            assert_eq!(own_path(path), None, "{path:?}");
        }
        assert_eq!(
            sign_in_path("/t/acme/cases/1"),
            "/sign-in?to=%2Ft%2Facme%2Fcases%2F1"
        );
    }
}
