//! The stage: a fresh folder, the range, the host, three tenants with their people.

use crate::Stop;
use crate::api::Api;
use crate::process::Child;
use crate::tell::Teller;
use crate::tenant::Tenant;
use crate::workspace::{self, Secrets, TENANTS};
use crate::world;
use range::state::World;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Everything that scenes are played on.
pub struct Stage {
    /// The customer of the incident.
    pub acme: Tenant,
    /// Another customer, whose product only detects.
    pub globex: Tenant,
    /// Where plugins of strangers are tried.
    pub lab: Tenant,
    /// The range, by its own door.
    pub range: Api,
    /// What is in the range at the beginning.
    pub world: World,
    /// The folder with the components of the hostile guests.
    pub guests: PathBuf,
    /// The binary.
    pub countersign: PathBuf,
    folder: PathBuf,
    host: Api,
    children: [Child; 2],
}

impl Stage {
    /// Sets it.
    ///
    /// # Errors
    /// Something does not start, or the host refuses what people ask of it.
    pub async fn set(dist: &Path, guests: &Path, tell: &Teller) -> Result<Self, Stop> {
        let folder = fresh_folder()?;
        // `init` makes it, and refuses one that holds something
        let dir = folder.join("workspace");
        tell.line(&format!("workspace {}", dir.display()));
        let countersign = dist.join("countersign");
        let secrets = Secrets {
            edr: secret()?,
            pager: secret()?,
        };
        let (range, range_at) = start_range(dist, &folder, &secrets).await?;
        workspace::write(&dir, &countersign, range_at, &secrets).await?;
        let (host, said) = start_host(&countersign, &folder).await?;
        let at = said
            .get("listening")
            .and_then(Value::as_str)
            .ok_or("the host did not say where it listens")?;
        let api = Api::new(format!("http://{at}"));
        tell.line(&format!(
            "range on http://{range_at}, host on {}",
            api.base()
        ));

        let range_api = Api::new(format!("http://{range_at}"));
        let world = world::world();
        range_api.post("/range/world", &json!(world)).await?;
        let mut tenants = Vec::new();
        for id in TENANTS {
            let code = code_of(&said, id)?;
            let tenant = Tenant::people(id, &api, &code).await?;
            let plugins = tenant.enrol_all(&dist.join("plugins")).await?;
            tenant.take_stock().await?;
            tell.line(&format!(
                "{id}: four people, {plugins} plugins enrolled, inventory and sightings imported"
            ));
            tenants.push(tenant);
        }
        let [acme, globex, lab] =
            <[Tenant; 3]>::try_from(tenants).map_err(|_| "three tenants were made".to_owned())?;
        let (guests, children) = (guests.to_path_buf(), [host, range]);
        Ok(Self {
            acme,
            globex,
            lab,
            range: range_api,
            world,
            guests,
            countersign,
            folder,
            host: api,
            children,
        })
    }

    /// A file with a person's credential, for the command line.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn token_file(&self, name: &str, api: &Api) -> Result<PathBuf, Stop> {
        let path = self.folder.join(format!("{name}.token"));
        workspace::put(&path, api.token())?;
        Ok(path)
    }

    /// The command line as one person of a tenant.
    ///
    /// # Errors
    /// The credential cannot be written.
    pub fn command_line(&self, tenant: &Tenant, name: &str, api: &Api) -> Result<Command, Stop> {
        let mut command = Command::new(&self.countersign);
        command
            .env("COUNTERSIGN_URL", self.host.base())
            .env("COUNTERSIGN_TENANT", tenant.id);
        command.env(
            "COUNTERSIGN_TOKEN_FILE",
            self.token_file(&format!("{name}-{}", tenant.id), api)?,
        );
        Ok(command)
    }

    /// The status of `/readyz`.
    ///
    /// # Errors
    /// No answer.
    pub async fn health(&self) -> Result<u16, Stop> {
        Ok(self.host.ask_get("/readyz").await?.status)
    }

    /// What can be tried while the host is up.
    pub fn suggestions(&self) -> Vec<String> {
        let lead = self.token_file("lead-acme", &self.acme.lead);
        let lead = lead.map_or_else(|why| why, |it| it.display().to_string());
        vec![
            format!("  export COUNTERSIGN_URL={} COUNTERSIGN_TENANT=acme COUNTERSIGN_TOKEN_FILE={lead}", self.host.base()),
            format!("  alias countersign={}", self.countersign.display()),
            "  countersign case list                        what was detected, and where it stands".to_owned(),
            "  countersign proposal list --state held       what waits for people: the surge".to_owned(),
            "  countersign proposal show PROPOSAL           what would happen, why it is held, what it takes".to_owned(),
            "  countersign proposal approve --cause CAUSE   decide the surge as one".to_owned(),
            "  countersign effect list                      what is in force, and until when".to_owned(),
            format!("  countersign --dir {} journal verify   nothing was changed afterwards", self.folder.join("workspace").display()),
        ]
    }

    /// Waits until the host or the range ends by itself, and says why: neither should.
    pub async fn ended(&mut self) -> Stop {
        let [host, range] = &mut self.children;
        tokio::select! { why = host.ended() => why, why = range.ended() => why }
    }

    /// Ends host and range; with `remove` the folder goes, too.
    ///
    /// # Errors
    /// One of them does not end.
    pub async fn strike(self, remove: bool) -> Result<(), Stop> {
        for child in self.children {
            child.stop().await?;
        }
        if remove {
            std::fs::remove_dir_all(&self.folder)
                .map_err(|error| format!("{}: {error}", self.folder.display()))?;
        }
        Ok(())
    }
}

/// For the workspace, the logs of both children, and credentials for the command line.
fn fresh_folder() -> Result<PathBuf, Stop> {
    let name = format!(
        "countersign-demo-{}-{}",
        std::process::id(),
        crate::tell::now_ms()
    );
    let folder = std::env::temp_dir().join(name);
    let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
    made.map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

async fn start_range(
    dist: &Path,
    folder: &Path,
    secrets: &Secrets,
) -> Result<(Child, SocketAddr), Stop> {
    let log = folder.join("range.log");
    let mut command = Command::new(dist.join("range"));
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--token",
        &secrets.edr,
        "--page-secret",
        &secrets.pager,
    ]);
    let (child, said) = Child::start("range", &mut command, &log).await?;
    let at = said
        .get("listening")
        .and_then(Value::as_str)
        .and_then(|it| it.parse().ok());
    Ok((child, at.ok_or("the range did not say where it listens")?))
}

async fn start_host(countersign: &Path, folder: &Path) -> Result<(Child, Value), Stop> {
    let mut command = Command::new(countersign);
    command.arg("--dir").arg(folder.join("workspace")).args([
        "--json",
        "serve",
        "--listen",
        "127.0.0.1:0",
    ]);
    Child::start("host", &mut command, &folder.join("host.log")).await
}

/// The first person's one-time code, as `serve` prints it.
fn code_of(said: &Value, tenant: &str) -> Result<String, Stop> {
    let codes = said
        .get("codes")
        .and_then(Value::as_array)
        .ok_or("the host printed no codes")?;
    let of = codes
        .iter()
        .find(|it| it.get("tenant").and_then(Value::as_str) == Some(tenant));
    let code = of.and_then(|it| it.get("code")).and_then(Value::as_str);
    code.map(str::to_owned)
        .ok_or_else(|| format!("the host printed no code for {tenant}"))
}

/// A secret for this run.
fn secret() -> Result<String, Stop> {
    use std::io::Read as _;
    let mut bytes = [0_u8; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut it| it.read_exact(&mut bytes));
    read.map_err(|error| format!("no random bytes: {error}"))?;
    Ok(bytes.iter().map(|it| format!("{it:02x}")).collect())
}
