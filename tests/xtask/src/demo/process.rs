//! Range and host as children: each says on its first line of standard output where it listens.

use crate::Stop;
use crate::api::PATIENCE;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

/// LIMIT: a child that said something else than where it listens has mostly ended already.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(5);

/// A child that runs. Dropping it kills it, so that no end of ours leaves one behind.
#[derive(Debug)]
pub struct Child {
    name: &'static str,
    child: tokio::process::Child,
    log: PathBuf,
}

impl Child {
    /// Starts it and waits for its first line, which is JSON. What it complains of goes to `log`.
    ///
    /// # Errors
    /// It does not start, or ends before it says where it listens; the text has its complaint.
    pub async fn start(
        name: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> Result<(Self, Value), Stop> {
        let failed = |why: &dyn std::fmt::Display| format!("{name}: {why}");
        let errors = File::create(log).map_err(|error| failed(&error))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn();
        let mut child = child.map_err(|error| failed(&error))?;
        let out = child
            .stdout
            .take()
            .ok_or_else(|| failed(&"no standard output"))?;
        let mut out = BufReader::new(out);
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, out.read_line(&mut line)).await;
        let it = Self {
            name,
            child,
            log: log.to_path_buf(),
        };
        let said: Option<Value> = read
            .ok()
            .and_then(Result::ok)
            .and_then(|_| serde_json::from_str(&line).ok());
        let Some(said) = said.filter(|it| it.get("listening").is_some()) else {
            // why it did not start, which with --json it says here
            let _ = tokio::time::timeout(LAST_WORDS, out.read_to_string(&mut line)).await;
            return Err(it.complaint(&format!("did not start\n{line}")));
        };
        // read on, or it would stop at a full pipe
        tokio::spawn(async move { while out.read(&mut [0; 4096]).await.is_ok_and(|n| n > 0) {} });
        Ok((it, said))
    }

    fn complaint(&self, why: &str) -> Stop {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines
            .get(lines.len().saturating_sub(20)..)
            .unwrap_or_default()
            .join("\n");
        format!("{} {why}; its log ends with:\n{last}", self.name)
    }

    /// Waits until it ends by itself, which it never should.
    pub async fn ended(&mut self) -> Stop {
        let status = self.child.wait().await;
        self.complaint(&status.map_or_else(
            |error| error.to_string(),
            |status| format!("ended ({status})"),
        ))
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Errors
    /// It does not end in time; then it is killed.
    pub async fn stop(mut self) -> Result<(), Stop> {
        if let Some(pid) = self.child.id() {
            let asked = Command::new("kill")
                .arg("-TERM")
                .arg(pid.to_string())
                .status()
                .await;
            asked.map_err(|error| format!("kill: {error}"))?;
        }
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(self.complaint("did not end when it was told to")),
        }
    }
}
