//! What a click on the page of a proposal comes to. A decision names the digest of what was shown,
//! so a page that is older than what it shows decides nothing; it is shown anew, with the comment
//! that was typed. A second click, the back button and somebody who was faster are told apart.

use super::proposal::answer;
use super::{refused, status, typed};
use crate::approval::Emergency;
use crate::console::answer::see;
use crate::console::parts::{Tone, decide, notice};
use crate::console::visitor::Visitor;
use crate::model::{Digest, ProposalId};
use crate::pipeline::Refusal;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

/// A decision, by the digest that the person saw.
#[derive(Debug, Deserialize)]
pub struct Decision {
    digest: String,
    decision: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    emergency: bool,
}

/// `POST proposals/{id}/decide`.
pub async fn post(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Decision>,
) -> Response {
    let (id, me, comment) = (ProposalId::new(id), visitor.me(), typed(&sent.comment));
    if comment.is_empty() {
        let note = notice(
            Tone::Amber,
            html! { p { b { "Nothing was counted: a comment is required." } " Say in a few words why." } },
        );
        return answer(&visitor, &id, StatusCode::UNPROCESSABLE_ENTITY, note, "").await;
    }
    let Some(digest) = Digest::parse(&sent.digest) else {
        let note = notice(
            Tone::Amber,
            html! { p { b { "Nothing was counted: the form was not whole." } } },
        );
        return answer(
            &visitor,
            &id,
            StatusCode::UNPROCESSABLE_ENTITY,
            note,
            &comment,
        )
        .await;
    };
    let emergency = if sent.emergency {
        Emergency::BreakGlass
    } else {
        Emergency::No
    };
    let (of, said, seen) = (id.clone(), comment.clone(), digest.clone());
    let step = match sent.decision.as_str() {
        "approve" => {
            visitor
                .desk()
                .ask(move |tx| tx.approve(&of, &me, &seen, &said, emergency))
                .await
        }
        "deny" => {
            visitor
                .desk()
                .ask(move |tx| tx.deny(&of, &me, &seen, &said))
                .await
        }
        _ => Ok(Err(Refusal::invalid(
            "CS-api-02",
            "a decision is to approve or to deny",
        ))),
    };
    match step.and_then(|it| it) {
        Ok(_) => see(&visitor.look.href(&["proposals", id.as_str()])),
        Err(refusal) => not_counted(&visitor, &id, &digest, &refusal, &comment).await,
    }
}

/// What happened to the click, what is true now, and what to do: with the comment.
async fn not_counted(
    visitor: &Visitor,
    id: &ProposalId,
    seen: &Digest,
    refusal: &Refusal,
    comment: &str,
) -> Response {
    let me = visitor.me();
    let (_, known) = visitor.read(|tenant| {
        let record = tenant.proposals.get(id)?;
        let mine = record
            .approvals
            .iter()
            .find(|it| it.person == me && it.digest == *seen)
            .map(|it| it.at);
        Some((record.state, mine))
    });
    let Some((state, mine)) = known else {
        return visitor.nothing_here();
    };
    let look = &visitor.look;
    if let Some(at) = mine {
        // a second click, or the back button: the first one counted, and this one did nothing
        let note = notice(
            Tone::Plain,
            html! { p { b { "You had already approved this at " (look.time(at)) "." } " It was counted once." } },
        );
        return answer(visitor, id, StatusCode::CONFLICT, note, "").await;
    }
    let note = match refusal.code {
        "CS-approval-01" => notice(
            Tone::Plain,
            html! { p { b { "Somebody was faster: it is " (state.as_str()) " already." } " Your decision was not counted." } p { a href=(look.href(&[])) { "Next in Held" } } },
        ),
        "CS-approval-02" => notice(
            Tone::Amber,
            html! {
                p { b { "Your decision was not counted: what it would do has changed." } }
                p { "You saw digest " code { (decide::short(seen.as_str())) } ". This page is as of now. Your comment is kept: read it again and decide." }
            },
        ),
        _ => refused(refusal),
    };
    answer(visitor, id, status(refusal), note, comment).await
}

/// What a person found when they looked.
#[derive(Debug, Deserialize)]
pub struct Conclusion {
    in_force: bool,
    #[serde(default)]
    comment: String,
}

/// `POST proposals/{id}/conclude`.
pub async fn conclude(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Conclusion>,
) -> Response {
    let (id, me, comment) = (ProposalId::new(id), visitor.me(), typed(&sent.comment));
    let (of, said) = (id.clone(), comment.clone());
    let step = visitor
        .desk()
        .ask(move |tx| tx.conclude(&of, &me, sent.in_force, &said))
        .await;
    match step.and_then(|it| it) {
        Ok(()) => see(&visitor.look.href(&["proposals", id.as_str()])),
        Err(refusal) => answer(&visitor, &id, status(&refusal), refused(&refusal), &comment).await,
    }
}

/// What a person says in a line.
#[derive(Debug, Deserialize)]
pub struct Seen {
    #[serde(default)]
    comment: String,
}

/// `POST proposals/{id}/look`: they looked at what was done without a person.
pub async fn look(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Seen>,
) -> Response {
    let (id, me, comment) = (ProposalId::new(id), visitor.me(), typed(&sent.comment));
    let (of, said) = (id.clone(), comment.clone());
    let step = visitor.desk().ask(move |tx| tx.look(&of, &me, &said)).await;
    match step.and_then(|it| it) {
        Ok(()) => see(&visitor.look.href(&[])),
        Err(refusal) => answer(&visitor, &id, status(&refusal), refused(&refusal), &comment).await,
    }
}
