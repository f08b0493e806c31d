//! `ingest`: files of alerts, delivered in parts, each part answered before the next is sent.
//!
//! Delivering again is harmless (the host knows what it has), so a host that is busy is waited
//! for and asked again. A rejected record is an answer: it is told with its file and place, the
//! rest goes on, and the command succeeded. It failed only where something got no answer.

use super::args::IngestArgs;
use super::client::{Call, Client};
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::input;
use super::parts::{Part, parts};
use super::words::text;
use http::Method;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// LIMIT: a file; it is read whole.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// LIMIT: rejected records shown; `--json` has all.
const REJECTED_SHOWN_MAX: usize = 100;
/// How long a busy host is waited for, each time longer; about a minute in all.
const PATIENCE: [u64; 6] = [1, 2, 4, 8, 16, 30];

/// What the host answers.
#[derive(Debug, Deserialize)]
struct Received {
    accepted: u64,
    duplicates: u64,
    #[serde(default)]
    rejected: Vec<Refused>,
    #[serde(default)]
    cases: Vec<String>,
}

/// A record that is no detection.
#[derive(Debug, Deserialize)]
struct Refused {
    index: usize,
    #[serde(rename = "error")]
    rejection: Value,
}

/// The same with its file.
#[derive(Debug, Serialize)]
struct Rejected {
    file: String,
    index: usize,
    #[serde(rename = "error")]
    rejection: Value,
}

/// Everything that was delivered.
#[derive(Debug, Default, Serialize)]
struct Sum {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<Rejected>,
    cases: Vec<String>,
}

/// Delivers files.
pub async fn run(args: IngestArgs, ctx: &Context) -> ExitCode {
    ctx.end(ingest(args, ctx).await)
}

async fn ingest(args: IngestArgs, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let bar = bar(ctx);
    let mut sum = Sum::default();
    for file in &args.files {
        let delivered = deliver(&client, file, args.source.as_deref(), &bar, &mut sum).await;
        if let Err(failure) = delivered {
            bar.finish_and_clear();
            // what was taken is taken: it is told before the reason why it went no further
            if !ctx.json && sum.accepted + sum.duplicates > 0 {
                super::render::print(&sum.to_text());
            }
            return Err(failure);
        }
    }
    bar.finish_and_clear();
    ctx.show(&sum.to_text(), &json!(sum));
    // a record among others that is no alert is an answer; a delivery without any is a mistake
    let nothing = sum.accepted + sum.duplicates == 0 && !sum.rejected.is_empty();
    Ok(if nothing {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// A bar on a terminal, and nothing anywhere else.
fn bar(ctx: &Context) -> ProgressBar {
    if !ctx.asks {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = "{msg} {bar:30} {binary_bytes}/{binary_total_bytes} {eta}";
    bar.with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

async fn deliver(
    client: &Client,
    file: &Path,
    source: Option<&str>,
    bar: &ProgressBar,
    sum: &mut Sum,
) -> Result<(), Failure> {
    let shown = text(&file.display().to_string());
    let bytes = input::read(file, FILE_BYTES_MAX)?;
    bar.set_message(shown.clone());
    bar.inc_length(bytes.len() as u64);
    for part in parts(bytes, &shown) {
        let received = send(client, &part, source)
            .await
            .map_err(|it| it.about(&shown))?;
        bar.inc(part.body.len() as u64);
        sum.add(received, &shown, part.first);
    }
    Ok(())
}

async fn send(client: &Client, part: &Part, source: Option<&str>) -> Result<Received, Failure> {
    let path = match source {
        Some(source) => vec!["sources", source],
        None => vec!["detections"],
    };
    let mut waits = PATIENCE.iter();
    loop {
        let call = Call::send(
            Method::POST,
            &path,
            &[],
            part.body.clone(),
            part.content_type,
        );
        match client.call(call).await {
            Ok(answer) => return client.read(&answer),
            Err(failure) if failure.is_busy() => match waits.next() {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(*seconds)).await,
                None => return Err(failure),
            },
            Err(failure) => return Err(failure),
        }
    }
}

impl Sum {
    fn add(&mut self, received: Received, file: &str, first: usize) {
        self.accepted += received.accepted;
        self.duplicates += received.duplicates;
        self.cases.extend(received.cases);
        let rejected = received.rejected.into_iter().map(|it| Rejected {
            file: file.to_owned(),
            index: first + it.index,
            rejection: it.rejection,
        });
        self.rejected.extend(rejected);
    }

    fn to_text(&self) -> String {
        let mut out = format!(
            "{} accepted, {} duplicates, {} rejected",
            self.accepted,
            self.duplicates,
            self.rejected.len()
        );
        for it in self.rejected.iter().take(REJECTED_SHOWN_MAX) {
            out.push_str(&format!(
                "\n  rejected {}[{}]: {}",
                it.file,
                it.index,
                why(&it.rejection)
            ));
        }
        if self.rejected.len() > REJECTED_SHOWN_MAX {
            out.push_str("\n  ... --json shows all");
        }
        out
    }
}

fn why(rejection: &Value) -> String {
    let part = |name: &str| rejection.get(name).and_then(Value::as_str);
    match (part("code"), part("message")) {
        (Some(code), Some(message)) => {
            let at = part("at").map(|it| format!(" at {it}")).unwrap_or_default();
            text(&format!("{code}{at}: {message}"))
        }
        _ => text(&rejection.to_string()),
    }
}

#[cfg(test)]
mod tests;
