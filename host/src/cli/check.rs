//! `check`: reads everything the host would read, and tells everything that is wrong with it.

use super::args::CheckArgs;
use super::{Context, INVALID, render};
use crate::config::{Config, ConfigError, Presence, Surroundings, render_all};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// Prints `ok`, or all errors with 2.
pub async fn run(args: CheckArgs, ctx: &Context) -> ExitCode {
    let dir = args.workspace.unwrap_or_else(|| ctx.dir.clone());
    let mut surroundings = Surroundings::of_process();
    if args.without_secrets {
        surroundings.secrets = Presence::Elsewhere;
    }
    match Config::load(&dir, &surroundings) {
        Ok(config) => {
            ctx.show(&summary(&config), &report(&dir, Ok(&config)));
            ExitCode::SUCCESS
        }
        Err(errors) => {
            if ctx.json {
                render::print(&render::json(&report(&dir, Err(&errors))));
            } else {
                render::complain(&render_all(&errors, ctx.styled_err));
            }
            ExitCode::from(INVALID)
        }
    }
}

/// What was loaded, one line a tenant: an operator sees here that a file was found at all.
fn summary(config: &Config) -> String {
    let mut out = format!("ok: {} tenant(s)", config.tenants.len());
    for tenant in config.tenants.values() {
        out.push_str(&format!(
            "\n  {}: mode {}, {} source(s) beside ocsf, {} playbook(s), {} connector(s), {} guard file(s), {} scenario file(s)",
            tenant.id,
            tenant.mode,
            tenant.sources.len(),
            tenant.playbooks.len(),
            tenant.connectors.len(),
            tenant.guards.len(),
            tenant.scenarios.len(),
        ));
    }
    out
}

fn report(dir: &Path, loaded: Result<&Config, &[ConfigError]>) -> serde_json::Value {
    match loaded {
        Ok(config) => {
            let tenants: Vec<&str> = config.tenants.keys().map(|it| it.as_str()).collect();
            json!({ "ok": true, "workspace": dir, "tenants": tenants, "errors": [] })
        }
        Err(errors) => {
            let errors: Vec<_> = errors.iter().map(ConfigError::to_json).collect();
            json!({ "ok": false, "workspace": dir, "errors": errors })
        }
    }
}
