//! The host as a process: the binary that ships, started, listened to, killed.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The binary `countersign` of this build: it lies two folders above the test's own executable.
///
/// # Panics
/// It was not built; says how to.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test has an executable");
    // debug/deps/test-0123 -> debug/countersign; a plain binary (xtask) lies beside it
    let folders = test.ancestors().skip(1).take(2);
    let found = folders
        .map(|it| it.join("countersign"))
        .find(|it| it.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "no countersign near {}; build it: cargo build --workspace --all-targets",
            test.display()
        )
    })
}

/// A running host.
#[derive(Debug)]
pub struct HostProcess {
    child: Child,
    /// Kept open: a host whose output nobody reads must not die of it.
    _out: BufReader<ChildStdout>,
    /// Where it listens.
    pub addr: SocketAddr,
    /// Its first line: `{"listening", "codes": [{"tenant", "person", "code"}]}`.
    pub first: Value,
}

impl HostProcess {
    /// Starts `countersign --json serve` on a workspace, on a free port, and waits for its first
    /// line. Its log goes to `host.log` of the workspace.
    ///
    /// # Panics
    /// It ended instead; shows the end of its log.
    pub fn start(workspace: &Path) -> Self {
        let log = workspace.join("host.log");
        let err = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log);
        let mut child = Command::new(binary())
            .arg("--dir")
            .arg(workspace)
            .args(["--json", "serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(err.expect("the workspace can be written"))
            .spawn()
            .expect("the host can be started");
        let mut out = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut line = String::new();
        let _ = out.read_line(&mut line);
        let Ok(first) = serde_json::from_str::<Value>(&line) else {
            let _ = child.kill();
            let ended = child.wait();
            panic!("the host did not start ({ended:?}): {line}\n{}", tail(&log));
        };
        let addr = first["listening"].as_str().and_then(|it| it.parse().ok());
        Self {
            child,
            _out: out,
            addr: addr.expect("it says where it listens"),
            first,
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing of it runs afterwards, and it was told of nothing.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and waits until it ended. Whether it said that all went well.
    pub fn stop(mut self) -> bool {
        let _ = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status();
        self.child.wait().is_ok_and(|it| it.success())
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
