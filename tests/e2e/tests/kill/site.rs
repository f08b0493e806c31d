//! One workspace, and the host that is started on it again and again.
//!
//! Who talks to the host does so through [`Site`], which knows whether it is up, counts what is
//! on its way, and tells one life of the host from the next.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// Seconds that one answer may take while the host is up.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Seconds from start to listening.
const START_WITHIN: Duration = Duration::from_secs(60);

/// A life of the host.
#[derive(Clone, Debug)]
pub struct Life {
    /// Which, from 0.
    pub n: usize,
    url: String,
}

/// What is counted in one life.
#[derive(Default)]
pub struct Counts {
    /// Detections acknowledged.
    pub acknowledged: AtomicU64,
    /// Posts that are sent and not answered.
    pub flying: AtomicU64,
    /// Posts that were sent and never answered.
    pub cut: AtomicU64,
}

/// Status and body of an answer.
pub type Answer = (u16, Value);

/// The workspace, and what is known of the host on it.
pub struct Site {
    dir: PathBuf,
    client: Client<HttpConnector, Full<Bytes>>,
    life: watch::Sender<Option<Life>>,
    counts: Vec<Counts>,
    /// Told whenever something was counted.
    pub counted: Notify,
}

impl Site {
    /// A workspace on which nothing runs yet, for so many lives.
    pub fn new(dir: &Path, lives: usize) -> Self {
        Self {
            dir: dir.to_owned(),
            client: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .build_http(),
            life: watch::Sender::new(None),
            counts: (0..lives).map(|_| Counts::default()).collect(),
            counted: Notify::new(),
        }
    }
    /// What was counted in a life.
    pub fn counts(&self, life: usize) -> &Counts {
        &self.counts[life]
    }
    /// All lives.
    pub fn lives(&self) -> &[Counts] {
        &self.counts
    }

    /// Starts the host; nobody is told yet. `None` if it was killed before it listened.
    pub fn spawn(&self) -> Process {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.dir.join("host.log"))
            .unwrap();
        let child = Command::new(binary())
            .arg("--dir")
            .arg(&self.dir)
            .args(["--json", "serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        Process { child }
    }

    /// Tells everybody that the host listens, in life `n`.
    pub fn up(&self, n: usize, first: &Value) {
        let url = format!("http://{}", first["listening"].as_str().unwrap());
        self.life.send_replace(Some(Life { n, url }));
    }
    /// Tells everybody that it is gone.
    pub fn down(&self) {
        self.life.send_replace(None);
    }
    /// The life that is going on, once there is one.
    pub async fn life(&self) -> Life {
        let mut watched = self.life.subscribe();
        let life = watched.wait_for(Option::is_some).await.unwrap();
        life.clone().unwrap()
    }
    /// Waits until a life is over; `false` if it just goes on.
    pub async fn ended(&self, life: &Life) -> bool {
        let mut watched = self.life.subscribe();
        let other = watched.wait_for(|it| it.as_ref().is_none_or(|it| it.n != life.n));
        tokio::time::timeout(ANSWER_WITHIN, other).await.is_ok()
    }

    /// One request in one life. An error is a connection that broke.
    pub async fn ask(
        &self,
        life: &Life,
        method: &str,
        path: &str,
        how: Ask<'_>,
    ) -> Result<Answer, String> {
        let request = hyper::Request::builder()
            .method(method)
            .uri(format!("{}{path}", life.url))
            .header("content-type", how.content_type)
            .header("authorization", format!("Bearer {}", how.token))
            .body(Full::new(Bytes::copy_from_slice(how.body)))
            .unwrap();
        let exchange = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|it| format!("{it}: {:?}", std::error::Error::source(&it)))?;
            let status = response.status().as_u16();
            let body = response
                .into_body()
                .collect()
                .await
                .map_err(|it| it.to_string())?
                .to_bytes();
            let value = serde_json::from_slice(&body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
            Ok((status, value))
        };
        match tokio::time::timeout(ANSWER_WITHIN, exchange).await {
            Ok(answer) => answer,
            Err(_) => panic!(
                "{method} {path}: no answer within {ANSWER_WITHIN:?} in life {}",
                life.n
            ),
        }
    }

    /// The same, for what has to succeed while nobody kills the host.
    pub async fn must(&self, method: &str, path: &str, how: Ask<'_>) -> Value {
        let life = self.life().await;
        let (status, body) = self.ask(&life, method, path, how).await.unwrap();
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {body}"
        );
        body
    }

    /// Counts a post as sent, until what it returns is answered or given up.
    pub fn flying(&self, life: &Life) -> Flying<'_> {
        let counts = self.counts(life.n);
        counts.flying.fetch_add(1, Ordering::SeqCst);
        self.counted.notify_waiters();
        Flying { site: self, counts }
    }
}

/// A post on its way.
pub struct Flying<'a> {
    site: &'a Site,
    counts: &'a Counts,
}

impl Flying<'_> {
    /// It was answered, and so many detections with it.
    pub fn acknowledged(self, detections: u64) {
        self.counts
            .acknowledged
            .fetch_add(detections, Ordering::SeqCst);
        self.counts.flying.fetch_sub(1, Ordering::SeqCst);
        self.site.counted.notify_waiters();
    }
    /// It was never answered. It stays on its way: that is what the killer left.
    pub fn cut(self) {
        self.counts.cut.fetch_add(1, Ordering::SeqCst);
    }
}

/// What goes with a request.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Who asks.
    pub token: &'a str,
    /// What the body is.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Ask<'a> {
    /// A JSON body, or none.
    pub fn json(token: &'a str, body: &'a [u8]) -> Self {
        Self {
            token,
            content_type: "application/json",
            body,
        }
    }
    /// A question without a body.
    pub fn get(token: &'a str) -> Self {
        Self::json(token, b"")
    }
}

/// A started host.
pub struct Process {
    child: Child,
}

impl Process {
    /// Its first line, once it listens.
    ///
    /// # Panics
    /// It ended, or does not listen in time; the log says why.
    pub async fn listening(&mut self) -> (Value, Duration) {
        let from = Instant::now();
        let out = self.child.stdout.take().unwrap();
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line).unwrap();
            line
        });
        let line = tokio::time::timeout(START_WITHIN, line)
            .await
            .expect("the host does not listen")
            .unwrap();
        let first = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the host does not start: {error}: {line:?}"));
        (first, from.elapsed())
    }
    /// SIGKILL, and until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The host as it is shipped: built beside this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("countersign");
    assert!(
        path.exists(),
        "{}: build it first: cargo build --workspace",
        path.display()
    );
    path
}

/// Writes a workspace for one tenant that acts in a range.
pub fn workspace(dir: &Path, range: std::net::SocketAddr) {
    let done = Command::new(binary())
        .arg("init")
        .arg(dir)
        .args(["--tenant", "acme"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success());
    let tenant = dir.join("tenants/acme");
    let secrets = tenant.join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    for (name, secret) in [("api", "rangetoken"), ("sig", "pagesecret")] {
        std::fs::write(secrets.join(name), secret).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(secrets.join(name), std::fs::Permissions::from_mode(0o600))
            .unwrap();
    }
    let file = tenant.join("tenant.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text
        .replace("mode = \"observe\"", "mode = \"hold\"")
        .replace("page_channels = []", "page_channels = [\"pager\"]");
    std::fs::write(file, text).unwrap();
    let port = range.port();
    let connectors = format!(
        r#"
[[connector]]
name = "range"
plugin = "countersign.range"
settings = {{ host = "127.0.0.1", port = {port} }}
credentials = {{ api = {{ file = "secrets/api" }} }}
allow_private = ["127.0.0.1"]

[[connector]]
name = "pager"
plugin = "countersign.webhook"
settings = {{ host = "127.0.0.1", port = {port}, path = "/range/pages", scheme = "http" }}
credentials = {{ signature = {{ file = "secrets/sig" }} }}
allow_private = ["127.0.0.1"]
"#
    );
    std::fs::write(tenant.join("connectors.toml"), connectors).unwrap();
}
