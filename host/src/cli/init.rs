//! `init`: a workspace to begin with. It never overwrites anything.

use super::args::InitArgs;
use super::workspace::{Answers, NewFile, files};
use super::{Context, INVALID, render};
use crate::config::{Code, Config, ConfigError, Place, Presence, Surroundings, render_all};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// The tenant of a workspace, where none was named.
const FIRST_TENANT: &str = "acme";

/// Writes a workspace, reads it back, and says what to do next.
pub async fn run(args: InitArgs, ctx: &Context) -> ExitCode {
    let tenant = ctx.tenant.as_ref().map_or(FIRST_TENANT, |it| it.as_str());
    let name = args.name.as_deref().unwrap_or(tenant);
    let answers = Answers {
        tenant,
        name,
        owner: &args.owner,
        zone: &args.zone,
    };
    let files = files(&answers);
    let written = write(&args.target, tenant, &files)
        .map_err(|it| vec![it])
        .and_then(|()| {
            // What was written is read back: a name that no config file can hold shows here.
            let surroundings = Surroundings {
                credentials: None,
                secrets: Presence::Required,
            };
            Config::load(&args.target, &surroundings)
        });
    match written {
        Ok(_) => {
            ctx.show(
                &next(&args.target, tenant),
                &report(&args.target, tenant, &files),
            );
            ExitCode::SUCCESS
        }
        Err(errors) => refuse(&args.target, &errors, ctx),
    }
}

fn refuse(target: &Path, errors: &[ConfigError], ctx: &Context) -> ExitCode {
    if ctx.json {
        let errors: Vec<_> = errors.iter().map(ConfigError::to_json).collect();
        let report = json!({ "ok": false, "workspace": target, "errors": errors });
        render::print(&render::json(&report));
    } else {
        render::complain(&render_all(errors, ctx.styled_err));
    }
    ExitCode::from(INVALID)
}

fn next(target: &Path, tenant: &str) -> String {
    let shown = render::inert(&target.display().to_string(), 1000);
    format!(
        "wrote a workspace to {shown}\n\n\
         next:\n  \
         countersign --dir {shown} serve           start it; prints a code for the first sign-in\n  \
         $EDITOR {shown}/tenants/{tenant}/tenant.toml\n  \
         countersign check {shown}                 after every change"
    )
}

fn report(target: &Path, tenant: &str, files: &[NewFile]) -> serde_json::Value {
    let paths: Vec<&str> = files.iter().map(|it| it.path.as_str()).collect();
    json!({ "ok": true, "workspace": target, "tenant": tenant, "files": paths, "errors": [] })
}

fn write(target: &Path, tenant: &str, files: &[NewFile]) -> Result<(), ConfigError> {
    refuse_filled(target)?;
    let cannot = |path: &Path, reason: std::io::Error| {
        let place = Place::of_path(path.display().to_string());
        ConfigError::new(Code::Unwritable, "cannot write here", place)
            .label(reason.to_string())
            .help("choose a folder that this user may write to")
    };
    for file in files {
        let path = target.join(&file.path);
        let folder = path.parent().unwrap_or(target);
        std::fs::create_dir_all(folder).map_err(|it| cannot(folder, it))?;
        let made = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path);
        made.and_then(|mut it| it.write_all(file.text.as_bytes()))
            .map_err(|it| cannot(&path, it))?;
    }
    let secrets = target.join("tenants").join(tenant).join("secrets");
    private_folder(&secrets).map_err(|it| cannot(&secrets, it))
}

fn refuse_filled(target: &Path) -> Result<(), ConfigError> {
    let place = || Place::of_path(target.display().to_string());
    match std::fs::read_dir(target).map(|mut it| it.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => Err(
            ConfigError::new(Code::NotEmpty, "the folder is not empty", place())
                .help("choose a new folder: `init` never overwrites anything"),
        ),
        Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(reason) => Err(
            ConfigError::new(Code::Unwritable, "cannot write here", place())
                .label(reason.to_string())
                .help("choose a folder that this user may write to"),
        ),
    }
}

/// A folder that only its owner can look into.
fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    fn answers<'a>(tenant: &'a str, name: &'a str) -> Answers<'a> {
        Answers {
            tenant,
            name,
            owner: "ops@globex.example",
            zone: "America/Chicago",
        }
    }

    #[test]
    fn what_init_writes_loads_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("new");
        let name = "Globex \"North\" @TENANT@\\";
        write(&target, "globex", &files(&answers("globex", name))).unwrap();
        let config = Config::load(&target, &Surroundings::default())
            .map_err(|it| render_all(&it, false))
            .unwrap();
        let tenant = config.tenants.values().next().unwrap();
        assert_eq!((tenant.id.as_str(), tenant.name.as_str()), ("globex", name));
        assert_eq!(tenant.default_owner.as_str(), "ops@globex.example");
        assert_eq!((tenant.sources.len(), tenant.playbooks.len()), (1, 3));
        assert_eq!((tenant.guards.len(), tenant.scenarios.len()), (1, 1));
        assert!(!tenant.guards[0].file.text().contains("@TENANT@"));
    }

    #[test]
    fn every_comment_of_a_new_workspace_can_be_taken_in_as_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let mut files = files(&answers("acme", "Acme"));
        for file in files.iter_mut().filter(|it| it.path.ends_with("toml")) {
            file.text = uncommented(&file.text);
        }
        write(dir.path(), "acme", &files).unwrap();
        let loaded = Config::load(
            dir.path(),
            &Surroundings {
                credentials: None,
                secrets: Presence::Elsewhere,
            },
        );
        let config = loaded.map_err(|it| render_all(&it, false)).unwrap();
        let tenant = config.tenants.values().next().unwrap();
        assert_eq!(tenant.connectors.len(), 2);
        assert_eq!((tenant.freezes.len(), tenant.change_windows.len()), (1, 1));
    }

    /// Takes `# key = value` and `# [table]` in, and leaves prose as it is.
    fn uncommented(text: &str) -> String {
        let is_key = |it: &str| {
            let key = it.split(" = ").next().unwrap_or_default();
            it.contains(" = ") && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        let lines = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if is_key(rest) || rest.starts_with('[') => rest,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn init_never_writes_into_a_folder_that_holds_something() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        let error = write(dir.path(), "acme", &files(&answers("acme", "Acme"))).unwrap_err();
        assert_eq!(error.code, Code::NotEmpty);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
