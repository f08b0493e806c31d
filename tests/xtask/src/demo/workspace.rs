//! The workspace of the demo: what `countersign init` writes, and over it three tenants.
//!
//! Three, because that is who runs Countersign: somebody who looks after several customers, each
//! with its own playbooks, settings and people. `acme` is the customer of the incident, `globex`
//! one whose product only detects and cannot suspend, `lab` is where plugins of strangers are
//! tried.

use crate::Stop;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use tokio::process::Command;

/// The tenants, the first the one that `init` makes.
pub const TENANTS: [&str; 3] = ["acme", "globex", "lab"];
/// The guests that misbehave, by plugin id and cargo package: `lab` runs them as playbooks.
pub const HOSTILE: [(&str, &str); 3] = [
    ("guests.loops-forever", "loops-forever"),
    ("guests.eats-memory", "eats-memory"),
    (
        "guests.strays-from-its-manifest",
        "strays-from-its-manifest",
    ),
];

/// What connectors prove themselves with.
pub struct Secrets {
    /// The range's token.
    pub edr: String,
    /// With which pages are signed.
    pub pager: String,
}

/// Writes it.
///
/// # Errors
/// `init` fails, or a file cannot be written.
pub async fn write(
    dir: &Path,
    countersign: &Path,
    range: SocketAddr,
    secrets: &Secrets,
) -> Result<(), Stop> {
    let [first, others @ ..] = TENANTS;
    let owner = format!("owner@{first}.example");
    let mut init = Command::new(countersign);
    init.args([
        "init", "--tenant", first, "--owner", &owner, "--zone", "UTC",
    ])
    .arg(dir);
    let made = init
        .output()
        .await
        .map_err(|error| format!("{}: {error}", countersign.display()))?;
    if !made.status.success() {
        return Err(format!(
            "countersign init: {}",
            String::from_utf8_lossy(&made.stderr)
        ));
    }
    for tenant in std::iter::once(first).chain(others) {
        let folder = dir.join("tenants").join(tenant);
        std::fs::create_dir_all(folder.join("secrets")).map_err(|error| at(&folder, &error))?;
        put(&folder.join("tenant.toml"), &tenant_toml(tenant))?;
        put(&folder.join("sources.toml"), SOURCES)?;
        put(&folder.join("playbooks.toml"), &playbooks_toml(tenant))?;
        put(&folder.join("connectors.toml"), &connectors_toml(range))?;
        put(&folder.join("secrets/edr"), &secrets.edr)?;
        put(&folder.join("secrets/pager"), &secrets.pager)?;
    }
    Ok(())
}

/// Everything that nobody signed for is `hold`: people act.
fn tenant_toml(tenant: &str) -> String {
    format!(
        "name = \"{tenant}\"\nzone = \"UTC\"\ndefault_owner = \"owner@{tenant}.example\"\n\
         mode = \"hold\"\npage_channels = [\"pager\"]\n"
    )
}

const SOURCES: &str = "[[source]]\nname = \"sentinelone\"\nplugin = \"countersign.sentinelone\"\n";

/// At acme nothing of a person's work is lost: suspend, never stop. The product of globex cannot
/// suspend, so there it is stop or nothing.
fn playbooks_toml(tenant: &str) -> String {
    let stop_when = if tenant == "globex" {
        "always"
    } else {
        "never"
    };
    let mut text = format!(
        "[[playbook]]\nplugin = \"countersign.contain-malware\"\nsettings = {{ stop-when = \"{stop_when}\" }}\n\n\
         [[playbook]]\nplugin = \"countersign.restore-overreach\"\n"
    );
    if tenant == "lab" {
        for (id, _) in HOSTILE {
            text += &format!("\n[[playbook]]\nplugin = \"{id}\"\n");
        }
    }
    text
}

fn connectors_toml(range: SocketAddr) -> String {
    let (host, port) = (range.ip(), range.port());
    format!(
        "[[connector]]\nname = \"edr\"\nplugin = \"countersign.range\"\n\
         settings = {{ host = \"{host}\", port = {port} }}\n\
         credentials = {{ api = {{ file = \"secrets/edr\" }} }}\nallow_private = [\"{host}\"]\n\n\
         [[connector]]\nname = \"pager\"\nplugin = \"countersign.webhook\"\n\
         settings = {{ host = \"{host}\", port = {port}, scheme = \"http\", path = \"/range/pages\" }}\n\
         credentials = {{ signature = {{ file = \"secrets/pager\" }} }}\nallow_private = [\"{host}\"]\n"
    )
}

/// Writes a file that only its owner reads: some of them are secrets.
///
/// # Errors
/// It cannot be written.
pub fn put(path: &Path, text: &str) -> Result<(), Stop> {
    let opened = std::fs::File::options()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &std::io::Error) -> Stop {
    format!("{}: {error}", path.display())
}
