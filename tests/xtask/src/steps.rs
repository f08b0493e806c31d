//! One cargo run after the other: said before, timed after, and the first that fails is the end.
//!
//! How long each took is printed even when one fails: in CI that is the question right after
//! "which one".

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Why a command ended, and with which exit code: 1 failed, 2 wrong usage.
#[derive(Debug)]
pub struct Failed {
    /// For people.
    pub why: String,
    /// For the shell.
    pub code: u8,
}

impl Failed {
    /// It did not work.
    pub fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            code: 1,
        }
    }
    /// It was asked for in the wrong way.
    pub fn usage(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            code: 2,
        }
    }
}

/// What every command answers.
pub type Done = Result<(), Failed>;

/// The steps of one command and what each took.
#[derive(Debug, Default)]
pub struct Steps(Vec<(String, Duration)>);

impl Steps {
    /// Runs one, with its output where ours goes.
    ///
    /// # Errors
    /// It could not be started, or ended with anything but 0.
    pub fn run(&mut self, name: &str, command: &mut Command) -> Done {
        eprintln!("== {name}");
        let began = Instant::now();
        let status = command.status();
        self.0.push((name.to_owned(), began.elapsed()));
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failed::new(format!("{name}: {status}"))),
            Err(error) => {
                let program = command.get_program().to_string_lossy().into_owned();
                Err(Failed::new(format!("{name}: {program}: {error}")))
            }
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        for (name, took) in &self.0 {
            eprintln!("{:>6.1} min  {name}", took.as_secs_f64() / 60.0);
        }
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    // cargo says it at run time too, so that a clone that was moved is still found
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let manifest = manifest.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).into());
    manifest
        .ancestors()
        .nth(2)
        .unwrap_or(&manifest)
        .to_path_buf()
}

/// The folder that our own binary is in: cargo puts the host beside it.
///
/// # Errors
/// The system does not say where we are.
pub fn target() -> Result<PathBuf, Failed> {
    let own = std::env::current_exe().map_err(|error| Failed::new(error.to_string()))?;
    let folder = own.parent().map(Path::to_path_buf);
    folder.ok_or_else(|| Failed::new("this program has no folder"))
}

/// Cargo, in a folder of the repository, without what the cargo that started us told us about
/// this very package.
pub fn cargo(folder: &Path, args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|it| {
        let it = it.to_string_lossy();
        it.starts_with("CARGO_PKG_") || it.starts_with("CARGO_MANIFEST_") || it == "CARGO_BIN_NAME"
    }) {
        command.env_remove(name);
    }
    command.current_dir(folder).args(args);
    command
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_that_fails_is_an_error_that_names_it() {
        let mut steps = Steps::default();
        assert!(steps.run("works", &mut Command::new("true")).is_ok());
        let failed = steps.run("breaks", &mut Command::new("false")).unwrap_err();
        assert!(failed.why.starts_with("breaks: "), "{}", failed.why);
        assert_eq!((failed.code, steps.0.len()), (1, 2));
        let missing = steps.run("is not there", &mut Command::new("/nowhere/at-all"));
        assert!(missing.unwrap_err().why.contains("/nowhere/at-all"));
    }

    #[test]
    fn the_index_of_decisions_lists_every_decision() {
        let folder = root().join("host/docs/decisions");
        let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let names = std::fs::read_dir(&folder)
            .unwrap()
            .map(|it| it.unwrap().file_name());
        for name in names
            .map(|it| it.into_string().unwrap())
            .filter(|it| it != "README.md")
        {
            assert!(index.contains(&format!("({name})")), "{name} is not listed");
        }
    }

    #[test]
    fn the_root_is_where_the_doors_are() {
        for door in ["wit", "host", "sdk", "plugins", "tests", "Cargo.toml"] {
            assert!(root().join(door).exists(), "{door}");
        }
    }
}
