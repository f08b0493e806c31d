//! A workspace for a suite: what `init` writes, with what the suite wants to be otherwise.
//!
//! Time of day is set here and not waited for: a tenant that is always at work, or never.

use crate::child::{binary, tail};
use crate::stack::Stack;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tenant of every suite.
pub const TENANT: &str = "acme";
/// What the connector shows to the range.
pub const RANGE_TOKEN: &str = "range-token";
/// What pages are signed with.
pub const PAGE_SECRET: &str = "page-secret";

/// When people are at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hours {
    /// Now, whenever that is.
    #[default]
    Always,
    /// Not now: it is night.
    Never,
}

/// What a stack is to be like. Begins as a tenant whose mode is `hold`, always at work, with all
/// shipped plugins active, a connector to the range and pages that go there.
#[derive(Clone, Debug)]
pub struct Setup {
    mode: String,
    hours: Hours,
    host: String,
    host_tables: String,
    tenant: String,
    tenant_tables: String,
    page_repeat_s: u32,
    channels: Vec<String>,
    plugins: Vec<(String, String)>,
    playbooks: Vec<String>,
    connectors: String,
}

/// The shipped plugins by the names of their components.
const SHIPPED: [&str; 6] = [
    "sentinelone",
    "contain-malware",
    "restore-overreach",
    "block-indicator",
    "connector-range",
    "connector-webhook",
];

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// The beginning.
    pub fn new() -> Self {
        let shipped = SHIPPED.map(|it| (it.to_owned(), "active".to_owned()));
        Self {
            mode: "hold".into(),
            hours: Hours::Always,
            host: String::new(),
            host_tables: String::new(),
            tenant: String::new(),
            tenant_tables: String::new(),
            page_repeat_s: 900,
            channels: vec!["pager".into()],
            plugins: shipped.to_vec(),
            playbooks: Vec::new(),
            connectors: String::new(),
        }
    }
    /// The tenant's own mode, for what is in no group: `observe`, `hold` or `enforce` (signed by
    /// the owner).
    pub fn mode(mut self, mode: &str) -> Self {
        self.mode = mode.to_owned();
        self
    }
    /// When people are at work.
    pub fn hours(mut self, hours: Hours) -> Self {
        self.hours = hours;
        self
    }
    /// Lines at the top of `countersign.toml`: `evaluator_threads = 1`.
    pub fn host(mut self, lines: &str) -> Self {
        let _ = writeln!(self.host, "{lines}");
        self
    }
    /// Tables of `countersign.toml`: `[limits.playbook]` with what is in it.
    pub fn limits(mut self, tables: &str) -> Self {
        let _ = writeln!(self.host_tables, "{tables}");
        self
    }
    /// Lines at the top of `tenant.toml`: `stale_after_days = 3`.
    pub fn tenant(mut self, lines: &str) -> Self {
        let _ = writeln!(self.tenant, "{lines}");
        self
    }
    /// Tables of `tenant.toml`: `[approval]`, `[surge]`.
    pub fn tenant_tables(mut self, tables: &str) -> Self {
        let _ = writeln!(self.tenant_tables, "{tables}");
        self
    }
    /// Where pages go, instead of to the pager.
    pub fn channels(mut self, names: &[&str]) -> Self {
        self.channels = names.iter().map(|it| (*it).to_owned()).collect();
        self
    }
    /// Seconds until a page is sent again.
    pub fn page_repeat_s(mut self, seconds: u32) -> Self {
        self.page_repeat_s = seconds;
        self
    }
    /// More tables of `connectors.toml`.
    pub fn connectors(mut self, tables: &str) -> Self {
        let _ = writeln!(self.connectors, "{tables}");
        self
    }
    /// Enrols one more component of `plugins` or `tests/guests`, by the name of its folder;
    /// `stage` is `active` or `shadow`. A playbook of it has to be named as well.
    pub fn plugin(mut self, component: &str, stage: &str) -> Self {
        self.plugins.push((component.to_owned(), stage.to_owned()));
        self
    }
    /// Adds a plugin id to `playbooks.toml`: `countersign.contain-malware` and its like are there.
    pub fn playbook(mut self, id: &str) -> Self {
        self.playbooks.push(id.to_owned());
        self
    }
    /// Enrols none of the shipped plugins but these.
    pub fn only_plugins(mut self, components: &[&str]) -> Self {
        self.plugins
            .retain(|(it, _)| components.contains(&it.as_str()));
        self
    }
    /// Starts it all.
    ///
    /// # Panics
    /// Something is missing; says what.
    pub fn start(self) -> Stack {
        Stack::start(self)
    }

    pub(crate) fn to_enrol(&self) -> &[(String, String)] {
        &self.plugins
    }

    /// Writes the workspace into an empty folder.
    pub(crate) fn write(&self, workspace: &Path, range: SocketAddr) {
        let init = Command::new(binary())
            .arg("--json")
            .args(["--tenant", TENANT, "init"])
            .arg(workspace)
            .args(["--owner", crate::people::OWNER, "--zone", "Europe/Berlin"])
            .output()
            .expect("the binary runs");
        assert!(
            init.status.success(),
            "countersign init: {}{}",
            String::from_utf8_lossy(&init.stdout),
            String::from_utf8_lossy(&init.stderr)
        );
        let tenant = workspace.join("tenants").join(TENANT);
        let put = |path: PathBuf, text: String| fs::write(&path, text).expect("it can be written");
        put(workspace.join("countersign.toml"), self.host_toml());
        put(tenant.join("tenant.toml"), self.tenant_toml());
        put(tenant.join("connectors.toml"), self.connectors_toml(range));
        let playbooks = tenant.join("playbooks.toml");
        let mut text = fs::read_to_string(&playbooks).expect("init wrote it");
        for id in &self.playbooks {
            let _ = write!(text, "\n[[playbook]]\nplugin = \"{id}\"\n");
        }
        put(playbooks, text);
        secret(&tenant.join("secrets/api"), RANGE_TOKEN.as_bytes());
        secret(&tenant.join("secrets/pages"), PAGE_SECRET.as_bytes());
        share_compiled(&workspace.join("data"));
    }

    fn host_toml(&self) -> String {
        format!(
            "page_repeat_s = {}\n{}\n[log]\nfilter = \"info\"\n\n{}",
            self.page_repeat_s, self.host, self.host_tables
        )
    }

    fn tenant_toml(&self) -> String {
        let mut text = format!(
            "name = \"Acme\"\nzone = \"Europe/Berlin\"\ndefault_owner = \"{}\"\nmode = \"{}\"\n\
             page_channels = {:?}\n{}\n",
            crate::people::OWNER,
            self.mode,
            self.channels,
            self.tenant
        );
        if self.mode == "enforce" {
            let _ = write!(
                text,
                "[acceptance]\naccepted_by = \"{}\"\nuntil = 2099-12-31\n",
                crate::people::OWNER
            );
        }
        if self.hours == Hours::Always {
            text.push_str("[working_hours]\n");
            for day in ["mon", "tues", "wednes", "thurs", "fri", "satur", "sun"] {
                let _ = writeln!(text, "{day}day = \"00:00-24:00\"");
            }
        }
        text.push_str(&self.tenant_tables);
        text
    }

    fn connectors_toml(&self, range: SocketAddr) -> String {
        let (host, port) = (range.ip(), range.port());
        format!(
            r#"[[connector]]
name = "range"
plugin = "countersign.range"
settings = {{ host = "{host}", port = {port} }}
credentials = {{ api = {{ file = "secrets/api" }} }}
allow_private = ["{host}"]

[[connector]]
name = "pager"
plugin = "countersign.webhook"
settings = {{ host = "{host}", port = {port}, path = "/range/pages", scheme = "http" }}
credentials = {{ signature = {{ file = "secrets/pages" }} }}
allow_private = ["{host}"]

{}"#,
            self.connectors
        )
    }
}

/// A file that only its owner reads.
fn secret(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    let mut open = fs::File::options();
    let made = open.write(true).create_new(true).mode(0o600).open(path);
    made.and_then(|mut it| it.write_all(bytes))
        .expect("it can be written");
}

/// Compiling the plugins takes longer than most tests, so the stacks of one build share what was
/// compiled. The host keeps it in `data/compiled`, under a key: both are the build's own.
fn share_compiled(data: &Path) {
    let binary = binary();
    let shared = binary
        .parent()
        .expect("it lies in a folder")
        .join("e2e-compiled");
    fs::create_dir_all(&shared).expect("the build's folder can be written");
    let key = shared.join("key");
    if !key.exists() {
        // Written whole before it gets its name, because stacks start side by side.
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).expect("the system has random bytes");
        let part = shared.join(format!("key.{}.part", std::process::id()));
        let _ = fs::remove_file(&part);
        secret(&part, &bytes);
        let _ = fs::hard_link(&part, &key);
        let _ = fs::remove_file(&part);
    }
    fs::create_dir_all(data).expect("the workspace can be written");
    symlink(&shared, data.join("compiled")).expect("the workspace can be written");
}

/// The end of a workspace's log, for messages.
pub(crate) fn host_log(workspace: &Path) -> String {
    tail(&workspace.join("host.log"))
}
