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

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::args::Cli;
    use super::super::{Context, INVALID};
    use clap::Parser as _;
    use std::process::ExitCode;

    async fn ran(words: &[&str]) -> ExitCode {
        let words = std::iter::once("countersign").chain(words.iter().copied());
        let cli = Cli::try_parse_from(words).unwrap();
        super::super::run(cli.command, &Context::new(&cli.global)).await
    }

    #[tokio::test]
    async fn what_init_wrote_is_ok_and_what_somebody_broke_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("w");
        let shown = target.display().to_string();
        assert_eq!(ran(&["init", &shown, "--json"]).await, ExitCode::SUCCESS);
        assert_eq!(ran(&["init", &shown]).await, ExitCode::from(INVALID));
        assert_eq!(ran(&["check", &shown]).await, ExitCode::SUCCESS);
        assert_eq!(
            ran(&["--dir", &shown, "check", "--json"]).await,
            ExitCode::SUCCESS
        );
        std::fs::write(target.join("countersign.toml"), "lisen = 1").unwrap();
        assert_eq!(ran(&["check", &shown]).await, ExitCode::from(INVALID));
        assert_eq!(
            ran(&["check", &shown, "--json"]).await,
            ExitCode::from(INVALID)
        );
    }
}
