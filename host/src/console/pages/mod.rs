//! The pages, one file each: what a page gathers while it reads the state, how that is shown, and
//! the forms that come from it. What is gathered is owned, so that the judging step never waits
//! for a page to be written.

pub mod assets;
pub mod by_hand;
pub mod case;
pub mod cases;
pub mod changes;
pub mod decision;
pub mod dossier;
pub mod effects;
pub mod evidence;
pub mod group;
pub mod guards;
pub mod halt;
pub mod health;
pub mod held;
pub mod import;
pub mod journal;
pub mod overreach;
pub mod page_list;
pub mod plugins;
pub mod proposal;

use super::answer::page;
use super::frame::Shell;
use super::outside;
use super::parts::{Tone, notice};
use crate::api::problem::Problem;
use crate::pipeline::{Kind, Refusal};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// LIMIT: rows of a list that are shown at once; the rest is counted.
const ROWS_MAX: usize = 100;

/// A comment alone.
#[derive(Debug, Deserialize)]
pub struct Comment {
    #[serde(default)]
    comment: String,
}

/// LIMIT: what people type, without the carriage returns of a form.
fn typed(text: &str) -> String {
    const CHARS_MAX: usize = 2000;
    let text = text.replace("\r\n", "\n").replace(['\r', '\t'], " ");
    text.trim().chars().take(CHARS_MAX).collect()
}

/// The status of a refusal, as the API has it.
fn status(refusal: &Refusal) -> StatusCode {
    Problem::from(refusal.clone()).status()
}

/// What a refusal says: what happened to the click, and what is true now.
fn refused(refusal: &Refusal) -> Markup {
    let lead = match refusal.kind {
        Kind::Conflict => "It was not done: something is different now.",
        Kind::Forbidden => "It was not done: you may not.",
        Kind::Invalid => "It was not done: something is missing or wrong.",
        Kind::NotFound => "There is no such thing.",
        Kind::Unavailable => "It was not stored. Nothing was done.",
    };
    let tone = if refusal.kind == Kind::Unavailable {
        Tone::Red
    } else {
        Tone::Amber
    };
    notice(
        tone,
        html! { p { b { (lead) } } p { (outside::plain(&refusal.message)) " (" code { (refusal.code) } ")" } },
    )
}

/// A page of its own for a refusal, with a way back. What was typed is on it.
fn refused_page(shell: &Shell, refusal: &Refusal, back: &str, comment: &str) -> Response {
    let markup = html! {
        h1 { "Not done" }
        (refused(refusal))
        @if !comment.is_empty() { p.hint { "You wrote: " (outside::quoted(comment)) } }
        p.gap { a.btn href=(back) { "Go back" } }
    };
    page(status(refusal), shell.page("Not done", markup))
}
