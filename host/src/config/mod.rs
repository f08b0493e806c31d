//! Files become typed configuration, once.
//!
//! Behaviour is files and data is the store: what is in this folder is made for git, decoded
//! once into types that cannot be wrong, and replaced as a whole or not at all. Every unknown
//! key, file and word is refused, and all errors are told together, because configuration that
//! is accepted and ignored is how a limit or a guard comes to look set and is not.
//!
//! Of the stages only the engine's table of limits is known here, so that a limit is refused with
//! everything else. Settings and guards are handed on with their places, and the stage that
//! understands them reports against the same lines.

mod api;
mod bounds;
mod connectors;
mod error;
mod files;
mod host;
mod hours;
mod limits;
mod nearest;
mod place;
mod playbooks;
mod reference;
mod secret;
mod section;
mod settings;
mod sources;
mod tenant;
#[cfg(test)]
mod tests;
mod value;

pub use api::{ApiBounds, Rate};
pub use bounds::{ApprovalTimes, SurgeConfig};
pub use connectors::ConnectorConfig;
pub use error::{Code, ConfigError, render_all};
pub use host::{HostConfig, IntakeBounds, LogConfig, LogFormat};
pub use hours::{Window, WorkingHours};
pub use place::{Place, Placed, SourceFile};
pub use playbooks::PlaybookConfig;
pub use reference::reference;
pub use secret::{Presence, Secret, SecretRef};
pub use settings::Settings;
pub use sources::{NATIVE_SOURCE, SourceConfig, Webhook};
pub use tenant::{NamedText, TenantConfig};
pub use value::{is_name, is_person, is_zone};

use crate::model::TenantId;
use files::Need;
use secret::Vault;
use section::Problems;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of the host's own file: a folder that has it is a workspace.
pub const HOST_FILE: &str = "countersign.toml";
/// The folder below the workspace that has one folder for each tenant.
pub const TENANTS_DIR: &str = "tenants";
/// What a tenant's folder may hold. `import` is for the operator's own files: nothing reads it.
const TENANT_FILES: &[&str] = &[
    "tenant.toml",
    "sources.toml",
    "playbooks.toml",
    "connectors.toml",
    "guards",
    "scenarios",
    "secrets",
    "import",
];

/// Everything that the files of a workspace say.
#[derive(Clone, Debug)]
pub struct Config {
    /// The workspace folder.
    pub dir: PathBuf,
    /// `countersign.toml`.
    pub host: HostConfig,
    /// `tenants/*`, at least one.
    pub tenants: BTreeMap<TenantId, TenantConfig>,
}

/// What loading needs to know beside the files.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Where the service manager puts credentials (`$CREDENTIALS_DIRECTORY`).
    pub credentials: Option<PathBuf>,
    /// Whether the secrets must be there.
    pub secrets: Presence,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self {
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            secrets: Presence::Required,
        }
    }
}

impl HostConfig {
    /// Reads `countersign.toml` of the workspace in `dir` alone: what a command needs that only
    /// talks to the host. Errors: all that are in that file.
    pub fn load(dir: &Path) -> Result<Self, Vec<ConfigError>> {
        let problems = Problems::default();
        let host = files::read(&dir.join(HOST_FILE), Need::Required, &problems)
            .map(|it| files::decode(&it, &host::HOST, &problems, |top| Self::read(top, dir)));
        match (host, problems.into_inner()) {
            (Some(host), errors) if errors.is_empty() => Ok(host),
            (_, errors) => Err(errors),
        }
    }
}

impl Config {
    /// Reads the workspace in `dir`: all of it, or every error that is in it, in the order of
    /// files and lines.
    pub fn load(dir: &Path, surroundings: &Surroundings) -> Result<Self, Vec<ConfigError>> {
        let problems = Problems::default();
        let host = files::read(&dir.join(HOST_FILE), Need::Required, &problems).map(|it| {
            files::decode(&it, &host::HOST, &problems, |top| {
                HostConfig::read(top, dir)
            })
        });
        let tenants = if host.is_some() {
            read_tenants(&dir.join(TENANTS_DIR), surroundings, &problems)
        } else {
            // Not a workspace: one error says more than one for each file it lacks.
            BTreeMap::new()
        };
        let mut errors = problems.into_inner();
        match host {
            Some(host) if errors.is_empty() => Ok(Self {
                dir: dir.to_owned(),
                host,
                tenants,
            }),
            _ => {
                errors.sort_by_key(|it| {
                    let start = it.place.span.as_ref().map_or(0, |it| it.start);
                    (it.place.file.path().to_owned(), start)
                });
                Err(errors)
            }
        }
    }
}

fn read_tenants(
    folder: &Path,
    surroundings: &Surroundings,
    problems: &Problems,
) -> BTreeMap<TenantId, TenantConfig> {
    let mut tenants = BTreeMap::new();
    let mut folders = 0;
    for path in files::list(folder, Need::Required, problems) {
        let Some(name) = path.file_name().map(|it| it.to_string_lossy().into_owned()) else {
            continue;
        };
        if name.starts_with('.') || !path.is_dir() {
            continue;
        }
        folders += 1;
        if !value::is_name(&name) {
            let place = Place::of_path(files::shown(&path));
            let error = ConfigError::new(
                Code::BadValue,
                format!("{name:?} cannot name a tenant"),
                place,
            );
            let label = "expected 1 to 64 of a-z 0-9 -, beginning with a letter";
            problems.borrow_mut().push(error.label(label));
            continue;
        }
        let id = TenantId(name);
        tenants.extend(read_tenant(&id, &path, surroundings, problems).map(|it| (id, it)));
    }
    if folders == 0 && folder.is_dir() {
        let place = Place::of_path(files::shown(folder));
        let error = ConfigError::new(Code::Missing, "there is no tenant", place);
        problems
            .borrow_mut()
            .push(error.help("make a folder with a tenant.toml in it"));
    }
    tenants
}

fn read_tenant(
    id: &TenantId,
    folder: &Path,
    surroundings: &Surroundings,
    problems: &Problems,
) -> Option<TenantConfig> {
    files::refuse_others(folder, TENANT_FILES, problems);
    let vault = Vault {
        tenant: id,
        folder,
        credentials: surroundings.credentials.as_deref(),
        presence: surroundings.secrets,
    };
    let before = problems.borrow().len();
    let connectors = files::read(&folder.join("connectors.toml"), Need::Optional, problems)
        .map(|it| {
            files::decode(&it, &connectors::CONNECTORS, problems, |top| {
                ConnectorConfig::read_all(top, vault)
            })
        })
        .unwrap_or_default();
    let connectors_whole = problems.borrow().len() == before;
    let sources = files::read(&folder.join("sources.toml"), Need::Optional, problems)
        .map(|it| {
            files::decode(&it, &sources::SOURCES, problems, |top| {
                SourceConfig::read_all(top, vault)
            })
        })
        .unwrap_or_default();
    let playbooks = files::read(&folder.join("playbooks.toml"), Need::Optional, problems)
        .map(|it| {
            files::decode(
                &it,
                &playbooks::PLAYBOOKS,
                problems,
                PlaybookConfig::read_all,
            )
        })
        .unwrap_or_default();
    refuse_twice(
        "connector",
        connectors
            .iter()
            .map(|it| (it.name.value.as_str(), &it.name.place)),
        problems,
    );
    refuse_twice(
        "source",
        sources
            .iter()
            .map(|it| (it.name.value.as_str(), &it.name.place)),
        problems,
    );
    refuse_twice(
        "playbook",
        playbooks
            .iter()
            .map(|it| (it.plugin.value.as_str(), &it.plugin.place)),
        problems,
    );
    let guards = texts(folder, "guards", "cedar", problems);
    let scenarios = texts(folder, "scenarios", "toml", problems);
    let tenant = files::read(&folder.join("tenant.toml"), Need::Required, problems)?;
    let (channels, tenant) =
        files::decode(&tenant, &tenant::TENANT, problems, tenant::TenantFile::read);
    if connectors_whole {
        channels.check(&connectors, problems);
    }
    let tenant = tenant?;
    Some(TenantConfig {
        id: id.clone(),
        name: tenant.name,
        zone: tenant.zone,
        mode: tenant.mode,
        acceptance: tenant.acceptance,
        default_owner: tenant.default_owner,
        page_channels: channels.into_ids(),
        stale_after: tenant.stale_after,
        unreviewed_workstations: tenant.unreviewed_workstations,
        working_hours: tenant.working_hours,
        freezes: tenant.freezes,
        change_windows: tenant.change_windows,
        approval: tenant.approval,
        surge: tenant.surge,
        sources,
        playbooks,
        connectors,
        guards,
        scenarios,
    })
}

fn texts(folder: &Path, below: &str, ending: &str, problems: &Problems) -> Vec<NamedText> {
    let found = files::named(&folder.join(below), ending, problems).into_iter();
    found.map(|(name, file)| NamedText { name, file }).collect()
}

/// Two of one name would leave it to chance which one is meant.
fn refuse_twice<'a>(
    what: &str,
    named: impl Iterator<Item = (&'a str, &'a Place)>,
    problems: &Problems,
) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for (name, place) in named {
        let Some(first) = seen.get(name) else {
            seen.insert(name, place);
            continue;
        };
        let message = format!("two {what}s are called {name:?}");
        let error = ConfigError::new(Code::Twice, message, place.clone());
        let error = error
            .label("the second")
            .help(format!("the first is at {first}"));
        problems.borrow_mut().push(error);
    }
}
