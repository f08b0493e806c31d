//! Guards and scenarios of a workspace, as files.

use super::context::Context;
use super::failure::Failure;
use super::input;
use crate::config::{Config, HOST_FILE, NamedText, Presence, Surroundings, render_all};
use crate::guard::{GUARD_FILE_BYTES_MAX, GuardFile};
use crate::model::TenantId;
use std::path::PathBuf;

/// One tenant's files. Without a tenant it is the baseline alone.
#[derive(Debug, Default)]
pub struct TenantGuards {
    /// Whose.
    pub tenant: Option<TenantId>,
    /// `guards/*.cedar`.
    pub guards: Vec<GuardFile>,
    /// `scenarios/*.toml`.
    pub scenarios: Vec<GuardFile>,
}

/// Those of `--tenant`, else of every tenant; of nobody where there is no workspace.
///
/// # Errors
/// `CS-cli-15`: the workspace is wrong. `CS-cli-13`: it has no such tenant.
pub fn all(ctx: &Context) -> Result<Vec<TenantGuards>, Failure> {
    if !ctx.dir.join(HOST_FILE).exists() {
        return match &ctx.tenant {
            None => Ok(vec![TenantGuards::default()]),
            Some(_) => Err(no_workspace(ctx)),
        };
    }
    let surroundings = Surroundings {
        credentials: None,
        secrets: Presence::Elsewhere,
    };
    let config = Config::load(&ctx.dir, &surroundings).map_err(|errors| {
        Failure::usage("CS-cli-15", "the workspace is not well formed")
            .why(render_all(&errors, false))
            .help("see: countersign check")
    })?;
    let file = |it: NamedText| GuardFile::new(it.file.path(), it.file.text());
    let tenants = config.tenants.into_values();
    let tenants = tenants.filter(|it| ctx.tenant.as_ref().is_none_or(|id| *id == it.id));
    let all: Vec<TenantGuards> = tenants
        .map(|it| TenantGuards {
            tenant: Some(it.id),
            guards: it.guards.into_iter().map(file).collect(),
            scenarios: it.scenarios.into_iter().map(file).collect(),
        })
        .collect();
    match &ctx.tenant {
        Some(tenant) if all.is_empty() => {
            let message = format!("{} has no tenant {tenant}", ctx.dir.display());
            Err(Failure::usage("CS-cli-13", message))
        }
        _ => Ok(all),
    }
}

/// Those of the one tenant that is meant.
///
/// # Errors
/// As [`all`], and `CS-cli-13` where there are several.
pub fn one(ctx: &Context) -> Result<TenantGuards, Failure> {
    let mut found = all(ctx)?;
    let last = found.pop().unwrap_or_default();
    if found.is_empty() {
        return Ok(last);
    }
    let names = found
        .iter()
        .chain([&last])
        .filter_map(|it| it.tenant.as_ref());
    let names: Vec<&str> = names.map(TenantId::as_str).collect();
    Err(
        Failure::usage("CS-cli-13", "it is not clear which tenant is meant")
            .help(format!("say it with --tenant: {}", names.join(", "))),
    )
}

/// Files that a person named.
///
/// # Errors
/// `CS-cli-15`: one cannot be read.
pub fn read(paths: &[PathBuf]) -> Result<Vec<GuardFile>, Failure> {
    let files = paths.iter().map(|path| {
        let text = input::text(path, GUARD_FILE_BYTES_MAX as u64)?;
        Ok(GuardFile::new(path.display().to_string(), text))
    });
    files.collect()
}

fn no_workspace(ctx: &Context) -> Failure {
    let message = format!("there is no workspace in {}", ctx.dir.display());
    Failure::usage("CS-cli-15", message).help("say where it is with --dir")
}
