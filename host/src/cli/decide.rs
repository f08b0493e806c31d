//! `proposal approve` and `proposal deny`: a person's answer to what they saw.
//!
//! An approval is for a digest. So what is approved is fetched and shown first, and exactly its
//! digest is sent: if it changed between the page and the answer, the host refuses. `--digest`
//! is for people who looked elsewhere (a page, a chat, the console) and for two steps in a
//! script; it is compared before anything is sent, and never replaced by a newer one.
//!
//! A cause is decided as the members that were listed, each by its own digest. What joins it a
//! moment later was not seen and is not in it.

use super::args::{Approve, Deny, Subject};
use super::ask::{Answer, confirm};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::listing::listing;
use super::proposal::{fetch, table};
use super::proposal_page::page;
use super::render;
use super::words;
use crate::journal::entry::ProposalState;
use crate::journal::state::ProposalRecord;
use crate::model::{Approvals, Digest};
use serde::Deserialize;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What the host says after a decision.
#[derive(Debug, Deserialize)]
struct Decided {
    state: ProposalState,
    needs: Option<Approvals>,
    #[serde(default)]
    reason: String,
}

/// Approves a proposal, or all that are held for a cause.
///
/// # Errors
/// It is not held, it is not what was seen, the answer was no, or the host refused.
pub async fn approve(args: Approve, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = Answer::of(args.yes);
    let Subject { proposal, cause } = args.subject;
    if let Some(cause) = cause {
        let comment = args.comment.unwrap_or_default();
        let group = Group::held(&client, &cause).await?;
        return group
            .decide("approve", answer, args.digest, &comment, ctx)
            .await;
    }
    let id = proposal.unwrap_or_default();
    let (shown, _) = fetch(&client, &id).await?;
    let digest = held(&shown.record)?;
    let seen = same(args.digest.as_deref(), &digest)?;
    if seen == Answer::Open {
        render_first(&page(&shown, &ctx.zone), ctx);
        let question = match &args.emergency {
            Some(_) => "\nbreak the glass for this, and page its owner?",
            None => "\napprove this?",
        };
        let instead = "look first with: countersign proposal show; then give --digest, or --yes";
        confirm(ctx, answer, question, instead)?;
    }
    let comment = [args.emergency.clone(), args.comment];
    let comment: Vec<String> = comment.into_iter().flatten().collect();
    let body = json!({
        "digest": digest, "comment": comment.join("; "), "emergency": args.emergency.is_some(),
    });
    send(&client, &id, "approve", &body, ctx).await
}

/// Denies a proposal, or all that are held for a cause.
///
/// # Errors
/// As [`approve`].
pub async fn deny(args: Deny, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let comment = args.comment.unwrap_or_default();
    let Subject { proposal, cause } = args.subject;
    if let Some(cause) = cause {
        let group = Group::held(&client, &cause).await?;
        return group
            .decide("deny", Answer::Yes, args.digest, &comment, ctx)
            .await;
    }
    let id = proposal.unwrap_or_default();
    let (shown, _) = fetch(&client, &id).await?;
    let digest = held(&shown.record)?;
    same(args.digest.as_deref(), &digest)?;
    let body = json!({ "digest": digest, "comment": comment });
    send(&client, &id, "deny", &body, ctx).await
}

/// The digest of what waits for an answer.
fn held(record: &ProposalRecord) -> Result<Digest, Failure> {
    let judged = record.judged.as_ref();
    match judged.filter(|_| record.state == ProposalState::Held) {
        Some(judged) => Ok(judged.digest.clone()),
        None => {
            let message = format!("proposal {} waits for nobody", record.id);
            Err(Failure::new("CS-cli-19", message)
                .why(format!("it is {} {}", record.state.as_str(), record.reason).trim())
                .help("what waits for people: countersign proposal list --state held"))
        }
    }
}

/// Whether what was seen is what is there.
fn same(seen: Option<&str>, now: &Digest) -> Result<Answer, Failure> {
    let Some(text) = seen else {
        return Ok(Answer::Open);
    };
    match Digest::parse(text) {
        Some(seen) if seen == *now => Ok(Answer::Yes),
        Some(_) => Err(Failure::new("CS-cli-18", "it is no longer what you saw")
            .why(format!("its digest is {now} now"))
            .help("look at it again, and decide on what is there now")),
        None => Err(Failure::usage("CS-cli-21", "--digest is no digest")
            .help("the 64 digits that countersign proposal show prints, all of them")),
    }
}

/// What is to be decided goes where the question goes, so that a pipe gets only the outcome.
fn render_first(text: &str, ctx: &Context) {
    if ctx.asks {
        render::complain(text);
    }
}

async fn send(client: &Client, id: &str, how: &str, body: &Value, ctx: &Context) -> Outcome {
    let answer = client.post(&["proposals", id, how], body).await?;
    let decided: Decided = client.read(&answer)?;
    ctx.show(&format!("{id}: {}", said(&decided)), &answer);
    Ok(ExitCode::SUCCESS)
}

fn said(decided: &Decided) -> String {
    match (&decided.needs, decided.reason.is_empty()) {
        (Some(needs), _) => format!("approved, and still needs {}", words::needs(needs)),
        (None, true) => decided.state.as_str().to_owned(),
        (None, false) => format!(
            "{}: {}",
            decided.state.as_str(),
            words::text(&decided.reason)
        ),
    }
}

/// What is held for one cause, one proposal for each that is decided together.
struct Group<'a> {
    client: &'a Client,
    cause: String,
    members: Vec<(ProposalRecord, Digest)>,
}

impl<'a> Group<'a> {
    async fn held(client: &'a Client, cause: &str) -> Result<Self, Failure> {
        let query = [("state", "held".to_owned()), ("cause", cause.to_owned())];
        let answer = listing(client, &["proposals"], &query, "proposals", None).await?;
        let found: Vec<ProposalRecord> = client.list(&answer, "proposals")?;
        let members = found.into_iter().filter_map(|record| {
            let judged = record.judged.as_ref()?;
            let first = judged.unit.first().is_none_or(|it| *it == record.id);
            let digest = judged.digest.clone();
            first.then_some((record, digest))
        });
        let mut members: Vec<_> = members.collect();
        members.sort_by(|one, other| one.0.id.cmp(&other.0.id));
        if members.is_empty() {
            let message = format!("nothing is held for the cause {cause}");
            return Err(Failure::new("CS-cli-19", message)
                .help("causes are shown by: countersign proposal list --state held"));
        }
        Ok(Self {
            client,
            cause: cause.to_owned(),
            members,
        })
    }

    /// One digest for all that is listed.
    fn digest(&self) -> Digest {
        let parts = self.members.iter();
        let parts = parts.flat_map(|(record, digest)| [record.id.as_str(), digest.as_str()]);
        Digest::of_parts(parts.map(str::as_bytes))
    }

    async fn decide(
        &self,
        how: &str,
        answer: Answer,
        seen: Option<String>,
        comment: &str,
        ctx: &Context,
    ) -> Outcome {
        let digest = self.digest();
        let records: Vec<ProposalRecord> = self.members.iter().map(|it| it.0.clone()).collect();
        if same(seen.as_deref(), &digest)? == Answer::Open {
            render_first(&table(&records, ctx), ctx);
            render_first(&format!("digest of these {}: {digest}", records.len()), ctx);
            let question = format!("\n{how} these {} proposals?", records.len());
            let instead = format!("give --yes, or what you saw: --digest {digest}");
            confirm(ctx, answer, &question, &instead)?;
        }
        let members = self.members.iter();
        let members = members.map(|(record, digest)| json!({ "id": record.id, "digest": digest }));
        let body = json!({ "proposals": members.collect::<Vec<_>>(), "comment": comment });
        let path = ["causes", self.cause.as_str(), how];
        let answer = self.client.post(&path, &body).await?;
        let each: Vec<MemberDecided> = self.client.list(&answer, "proposals")?;
        let lines: Vec<String> = each.iter().map(MemberDecided::line).collect();
        ctx.show(&lines.join("\n"), &answer);
        let all = each.iter().all(|it| it.refused.is_none());
        Ok(ExitCode::from(if all { 0 } else { super::FAILED }))
    }
}

/// What became of one member.
#[derive(Debug, Deserialize)]
struct MemberDecided {
    id: String,
    decided: Option<Decided>,
    refused: Option<Refused>,
}

#[derive(Debug, Deserialize)]
struct Refused {
    code: String,
    message: String,
}

impl MemberDecided {
    fn line(&self) -> String {
        match (&self.decided, &self.refused) {
            (Some(decided), _) => format!("{}: {}", self.id, said(decided)),
            (None, Some(no)) => {
                format!(
                    "{}: not decided, {}: {}",
                    self.id,
                    no.code,
                    words::text(&no.message)
                )
            }
            (None, None) => format!("{}: nothing", self.id),
        }
    }
}

#[cfg(test)]
mod tests;
