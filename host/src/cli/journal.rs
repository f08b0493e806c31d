//! `journal`: the record of everything, verified, exported and copied.
//!
//! Verifying needs nothing but the bytes: an auditor has no host. The head that it prints is what
//! to keep elsewhere, because a journal that was rewritten from its beginning is whole too.

use super::FAILED;
use super::args::{JournalArgs, JournalBackup, JournalCommand, JournalExport, JournalVerify};
use super::client::{Call, Client};
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::plugin_file::host;
use super::render;
use super::words::text;
use crate::journal::{Reader, Report, StoreError, backup, verify_export, verify_store};
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The store's file in a data folder.
const STORE_FILE: &str = "journal.db";
/// How every SQLite file begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Verifies, exports or copies.
pub async fn run(args: JournalArgs, ctx: &Context) -> ExitCode {
    let outcome = match args.command {
        JournalCommand::Verify(args) => verify(&args, ctx),
        JournalCommand::Export(args) => export(args, ctx).await,
        JournalCommand::Backup(args) => copy(&args, ctx),
    };
    ctx.end(outcome)
}

/// The store of the workspace.
fn store(ctx: &Context) -> Result<PathBuf, Failure> {
    let host = host(ctx).ok_or_else(|| {
        let message = format!("there is no workspace in {}", ctx.dir.display());
        Failure::usage("CS-cli-15", message).help("say where it is with --dir, or give the file")
    })?;
    Ok(host.data_dir.join(STORE_FILE))
}

fn verify(args: &JournalVerify, ctx: &Context) -> Outcome {
    let path = match &args.file {
        Some(path) if path.is_dir() => path.join(STORE_FILE),
        Some(path) => path.clone(),
        None => store(ctx)?,
    };
    let mut reports = reports(&path)?;
    if let Some(tenant) = &ctx.tenant {
        reports.retain(|it| it.tenant == *tenant);
    }
    if reports.is_empty() {
        let message = format!("{} holds no journal of that tenant", path.display());
        return Err(Failure::new("CS-cli-25", message));
    }
    let whole = reports.iter().all(Report::is_whole);
    let lines: Vec<String> = reports.iter().map(said).collect();
    ctx.show(
        &lines.join("\n"),
        &json!({ "whole": whole, "reports": reports }),
    );
    Ok(ExitCode::from(if whole { 0 } else { FAILED }))
}

fn reports(path: &Path) -> Result<Vec<Report>, Failure> {
    let unreadable = |why: std::io::Error| {
        let message = format!("cannot read {}", path.display());
        Failure::usage("CS-cli-15", message).why(why.to_string())
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut head = Vec::new();
    let beginning = Read::take(&mut file, SQLITE.len() as u64).read_to_end(&mut head);
    beginning.map_err(unreadable)?;
    if head == SQLITE {
        let reader = Reader::open(path).map_err(|it| broken(&it))?;
        return verify_store(&reader).map_err(|it| broken(&it));
    }
    let file = File::open(path).map_err(unreadable)?;
    let report = verify_export(BufReader::new(file)).map_err(|it| broken(&it))?;
    Ok(vec![report])
}

fn said(report: &Report) -> String {
    let tenant = text(report.tenant.as_str());
    let mut line = format!(
        "{tenant}: {} entries, {} payloads erased, head {}",
        report.entries, report.erased, report.head
    );
    if report.is_whole() {
        return format!("whole    {line}");
    }
    for finding in &report.findings {
        line.push_str(&format!("\n  {}", text(&finding.to_string())));
    }
    if report.findings_omitted > 0 {
        line.push_str(&format!("\n  and {} more", report.findings_omitted));
    }
    format!("DAMAGED  {line}")
}

/// The store's own words, which begin with their code.
fn broken(error: &StoreError) -> Failure {
    let words = error.to_string();
    match words.split_once(": ") {
        Some((code, message)) if code.starts_with("CS-") => Failure::new(code, message),
        _ => Failure::new("CS-journal-05", words),
    }
}

async fn export(args: JournalExport, ctx: &Context) -> Outcome {
    let client = Client::of(ctx)?;
    let answer = client.ask(Call::get(&["journal", "export"], &[])).await?;
    let Some(path) = &args.out else {
        let poured = pour(&client, answer, &mut std::io::stdout().lock()).await?;
        return match poured {
            // a reader that has seen enough (`| head`) is no error
            Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(unwritable(&why)),
            _ => Ok(ExitCode::SUCCESS),
        };
    };
    let mut file = new_file(path)?;
    let poured = pour(&client, answer, &mut file).await?;
    poured
        .and_then(|()| file.sync_all())
        .map_err(|why| unwritable(&why))?;
    // read back as an auditor would: a file that was cut off on the way is found now, not then
    let reports = reports(path)?;
    let whole = reports.iter().all(Report::is_whole);
    let lines: Vec<String> = reports.iter().map(said).collect();
    let text = format!(
        "{}\nkeep the head elsewhere: a later export must contain it",
        lines.join("\n")
    );
    ctx.show(
        &text,
        &json!({ "file": path, "whole": whole, "reports": reports }),
    );
    Ok(ExitCode::from(if whole { 0 } else { FAILED }))
}

/// Writes an answer's body as it comes.
async fn pour(
    client: &Client,
    answer: Response<Incoming>,
    out: &mut impl Write,
) -> Result<std::io::Result<()>, Failure> {
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        let broke_off =
            |why: hyper::Error| client.unreachable(&format!("the answer broke off: {why}"));
        let data = frame.map_err(broke_off)?.into_data().unwrap_or_default();
        if let Err(why) = out.write_all(&data) {
            return Ok(Err(why));
        }
    }
    Ok(out.flush())
}

fn unwritable(why: &std::io::Error) -> Failure {
    Failure::new("CS-cli-26", "the export cannot be written").why(why.to_string())
}

/// A file that was not there: an export never replaces an older one.
fn new_file(path: &Path) -> Result<File, Failure> {
    File::create_new(path).map_err(|why| {
        let message = format!("cannot write {}", path.display());
        Failure::usage("CS-cli-26", message)
            .why(why.to_string())
            .help("give a file that is not there yet")
    })
}

fn copy(args: &JournalBackup, ctx: &Context) -> Outcome {
    let from = store(ctx)?;
    if !from.exists() {
        let message = format!("there is no store in {}", from.display());
        return Err(Failure::new("CS-cli-15", message).help("it is made by: countersign serve"));
    }
    backup(&from, &args.out).map_err(|it| broken(&it))?;
    let shown = text(&args.out.display().to_string());
    let said = format!(
        "{shown}: a copy of {}; a host that starts on it sends nothing until: countersign confirm",
        text(&from.display().to_string())
    );
    ctx.show(&said, &json!({ "file": args.out, "of": from }));
    render::complain("keep it as safe as the store itself: it holds everything");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
