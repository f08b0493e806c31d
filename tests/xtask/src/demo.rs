//! `cargo xtask demo`: builds what it needs and becomes the demo (`src/demo/`), a program of its
//! own because it needs an HTTP client and we need none.

use crate::steps::{Done, Failed, Steps, root, target};
use crate::{dist, guests};
use std::process::Command;

/// `cargo xtask demo [--exit] [--json]`.
///
/// # Errors
/// Wrong usage, or something does not build; a scene that fails is the demo's own exit code.
pub fn command(args: &[String]) -> Done {
    if let Some(other) = args
        .iter()
        .find(|it| !["--exit", "--json"].contains(&it.as_str()))
    {
        return Err(Failed::usage(format!(
            "usage: cargo xtask demo [--exit] [--json], not {other}"
        )));
    }
    let folder = {
        let mut steps = Steps::default();
        guests::build(&mut steps)?;
        dist::host(&mut steps, dist::Profile::Dev)?;
        let folder = target()?.with_file_name("demo");
        dist::assemble(&folder, dist::Profile::Dev)?;
        folder
    };
    let guests = guests::component(&root().join("plugins"), "");
    let mut demo = Command::new(target()?.join("demo"));
    demo.arg("--dist")
        .arg(&folder)
        .arg("--guests")
        .arg(guests.with_file_name(""))
        .args(args);
    become_it(&mut demo)
}

/// Takes our place, so that Ctrl-C reaches the demo and nobody else, and its exit code is ours.
#[cfg(unix)]
fn become_it(demo: &mut Command) -> Done {
    use std::os::unix::process::CommandExt as _;
    Err(Failed::new(format!("demo: {}", demo.exec())))
}

#[cfg(not(unix))]
fn become_it(demo: &mut Command) -> Done {
    let status = demo
        .status()
        .map_err(|error| Failed::new(format!("demo: {error}")))?;
    std::process::exit(status.code().unwrap_or(1))
}
