//! The range as a process of its own: it outlives the host that is killed beside it.
//!
//! Its first line on standard output says where it listens, as JSON, so that whoever started it
//! can wait for that line instead of trying ports.

use clap::Parser;
use range::{Config, Range};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A simulated EDR, firewall and directory.
#[derive(Parser)]
#[command(name = "range", version)]
struct Options {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The bearer token that a connector must show; made up and printed where none is given
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The secret that pages are signed with; without it, the token
    #[arg(long, value_name = "SECRET")]
    page_secret: Option<String>,
    /// Append the log of every request to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Begin with the world in this file, if it exists, and leave it there when interrupted
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("range: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> std::io::Result<()> {
    let made_up = options.token.is_none();
    let token = match options.token {
        Some(token) => token,
        None => random()?,
    };
    let page_secret = options.page_secret.unwrap_or_else(|| token.clone());
    let range = Range::start(Config {
        listen: options.listen,
        token: token.clone(),
        page_secret: page_secret.into_bytes(),
        log: options.log,
        state: options.state,
    })
    .await?;

    let mut line = serde_json::json!({ "listening": range.addr.to_string() });
    if let Some(line) = line.as_object_mut().filter(|_| made_up) {
        line.insert("token".into(), token.into());
    }
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    out.flush()?;

    interrupted().await?;
    range.stop().await
}

/// Ends at SIGINT or SIGTERM.
async fn interrupted() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

fn random() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(hex::encode(bytes))
}
