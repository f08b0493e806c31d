//! `source test`: what a source makes of a file, without a host.
//!
//! The plugin runs in the same sandbox under the same limits as in the host, one call a record,
//! so that what is seen here is what will be seen there.

use super::args::{SourceArgs, SourceCommand, SourceTest};
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::input;
use super::plugin_file::{find, host};
use super::render;
use crate::config::{Config, NATIVE_SOURCE, Presence, SourceConfig, Surroundings};
use crate::engine::{Engine, Limits};
use crate::intake::source_test::{Answer, answers, json_lines, native, text_lines};
use crate::model::{Clock as _, Millis, SystemClock};
use crate::plugin::{Loaded, Registry, SettingsView, Source};
use std::process::ExitCode;
use std::sync::Arc;

/// LIMIT: a file of alerts; the largest batch that a host takes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Tries a source.
pub async fn run(args: SourceArgs, ctx: &Context) -> ExitCode {
    let SourceCommand::Test(args) = args.command;
    ctx.end(test(args, ctx).await)
}

async fn test(args: SourceTest, ctx: &Context) -> Outcome {
    let file = input::read(&args.file, FILE_BYTES_MAX)?;
    let name = args.file.display().to_string();
    let source = match args.source.as_deref() {
        None | Some(NATIVE_SOURCE) => None,
        Some(source) => Some(Ready::load(source, &args, ctx)?),
    };
    // compiling and calling block: not on a thread that others wait for
    let read = tokio::task::spawn_blocking(move || match source {
        None => Ok(answers(&file, &name, &native)),
        Some(source) => source.answers(&file, &name),
    });
    let read = read.await.map_err(|why| {
        Failure::new("CS-cli-23", "reading ended unexpectedly").why(why.to_string())
    })?;
    let answers = read?;
    let out = if ctx.json {
        render::safe_json(&json_lines(&answers))
    } else {
        text_lines(&answers)
    };
    render::print(out.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// A source that was found, and what it is given.
struct Ready {
    bytes: Vec<u8>,
    limits: Limits,
    settings: serde_json::Value,
}

impl Ready {
    fn load(source: &str, args: &SourceTest, ctx: &Context) -> Result<Self, Failure> {
        let configured = configured(source, ctx);
        let plugin = configured
            .as_ref()
            .map_or(source, |it| it.plugin.value.as_str());
        let file = find(plugin, args.plugins.plugins.as_deref(), ctx);
        // `sources.toml` names the id; a file may have its last part only
        let last = plugin.rsplit('.').next().unwrap_or(plugin);
        let file = file.or_else(|failure| {
            find(last, args.plugins.plugins.as_deref(), ctx).map_err(|_| failure)
        })?;
        Ok(Self {
            bytes: file.bytes,
            limits: host(ctx).map(|it| it.limits).unwrap_or_default(),
            settings: configured
                .map(|it| it.settings.to_json())
                .unwrap_or_default(),
        })
    }

    fn answers(self, file: &[u8], name: &str) -> Result<Vec<Answer>, Failure> {
        let cannot = |code: &str, why: String| {
            Failure::new(code, "plugins cannot run on this machine").why(why)
        };
        let engine = Engine::start(&self.limits.engine);
        let engine = engine.map_err(|it| cannot(it.code(), it.to_string()))?;
        let registry = Registry::new(engine, self.limits, None);
        let registry = registry.map_err(|it| cannot(it.code(), it.to_string()))?;
        let loaded = registry
            .load(&self.bytes)
            .map_err(|it| super::plugin::refused(&it))?;
        let (source, settings) = ready(&loaded, &self.settings)?;
        let received: Millis = SystemClock.now();
        let normalize = |record: &[u8]| {
            source
                .normalize(record, super::client::JSON, received, &settings)
                .result
        };
        Ok(answers(file, name, &normalize))
    }
}

fn ready(
    loaded: &Arc<Loaded>,
    values: &serde_json::Value,
) -> Result<(Source, SettingsView), Failure> {
    let source = loaded.source().cloned().ok_or_else(|| {
        let message = format!("{} is a {}", loaded.plugin(), loaded.manifest().kind);
        Failure::usage("CS-cli-23", message).help("give the name of a source")
    })?;
    let empty = serde_json::Map::new();
    let values = values.as_object().unwrap_or(&empty);
    let settings = loaded.manifest().settings.view(values).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::usage("CS-cli-23", "its settings do not fit")
            .why(lines.join("\n"))
            .help("mend them in sources.toml, see: countersign plugin inspect")
    })?;
    Ok((source, settings))
}

/// The entry of `sources.toml` with that name: of the tenant, else of the first that has one.
fn configured(source: &str, ctx: &Context) -> Option<SourceConfig> {
    let surroundings = Surroundings {
        credentials: None,
        secrets: Presence::Elsewhere,
    };
    let config = Config::load(&ctx.dir, &surroundings).ok()?;
    let tenants = config.tenants.into_values();
    let mut tenants = tenants.filter(|it| ctx.tenant.as_ref().is_none_or(|id| *id == it.id));
    tenants.find_map(|it| {
        it.sources
            .into_iter()
            .find(|it| it.name.value.as_str() == source)
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::stand_in::{context, run};
    use std::process::ExitCode;

    #[tokio::test]
    async fn a_file_is_read_without_a_host_and_what_is_broken_in_it_is_an_answer() {
        let home = tempfile::tempdir().unwrap();
        let ctx = context(home.path());
        let file = home.path().join("a.ndjson");
        std::fs::write(&file, "{\"class_uid\": 1001}\n{broken\n").unwrap();
        let file = file.display().to_string();
        for line in [
            vec!["source", "test", &file],
            vec!["source", "test", &file, "--json"],
        ] {
            assert_eq!(run(&line, &ctx).await, ExitCode::SUCCESS);
        }
        let line = [
            "source",
            "test",
            &file,
            "--source",
            "nobodys",
            "--plugins",
            ".",
        ];
        assert_eq!(run(&line, &ctx).await, ExitCode::from(2));
    }
}
