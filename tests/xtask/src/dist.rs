//! `cargo xtask build`: one folder that runs as it is. The host looks for its plugins beside
//! itself, so the folder can be copied anywhere.

use crate::guests;
use crate::steps::{Done, Failed, Steps, cargo, root, target};
use std::path::{Path, PathBuf};

/// Which of cargo's profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// That of the tests: nothing is compiled twice.
    Dev,
    /// Smaller and faster, and minutes to build.
    Release,
}

/// `cargo xtask build [--out DIR] [--release]`.
///
/// # Errors
/// Wrong usage, or something does not build.
pub fn command(args: &[String]) -> Done {
    let (mut out, mut profile) = (PathBuf::from("dist"), Profile::Dev);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.as_slice().first()) {
            ("--release", _) => profile = Profile::Release,
            ("--out", Some(folder)) => {
                out = folder.into();
                args.next();
            }
            _ => {
                return Err(Failed::usage(
                    "usage: cargo xtask build [--out DIR] [--release]",
                ));
            }
        }
    }
    let mut steps = Steps::default();
    guests::build(&mut steps)?;
    host(&mut steps, profile)?;
    assemble(&out, profile)?;
    println!("{}", out.display());
    Ok(())
}

/// Builds every binary of the workspace. The whole workspace is selected here and in the tests,
/// because cargo chooses the features of a dependency by what is selected: with less of it, half
/// of the dependencies would be compiled again.
///
/// # Errors
/// It does not compile.
pub fn host(steps: &mut Steps, profile: Profile) -> Done {
    let mut args = vec!["build", "--workspace", "--bins"];
    if profile == Profile::Release {
        args.push("--release");
    }
    steps.run("host", &mut cargo(&root(), &args))
}

/// Puts host, range and plugins into one folder. What was there under these names is replaced,
/// and plugins that we no longer ship go.
///
/// # Errors
/// A file cannot be written.
pub fn assemble(out: &Path, profile: Profile) -> Done {
    let mut built = target()?;
    if profile == Profile::Release {
        built = built.with_file_name("release");
    }
    let plugins = out.join("plugins");
    if plugins.is_dir() {
        std::fs::remove_dir_all(&plugins).map_err(|error| at(&plugins, &error))?;
    }
    std::fs::create_dir_all(&plugins).map_err(|error| at(&plugins, &error))?;
    for binary in ["countersign", "range"] {
        put(&built.join(binary), &out.join(binary))?;
    }
    for it in guests::shipped()? {
        put(&it.component, &plugins.join(format!("{}.wasm", it.id)))?;
    }
    Ok(())
}

/// A copy, and not a link: the next build must not change what runs. What is there is removed
/// first, because a binary that runs cannot be written to, but can be replaced.
fn put(from: &Path, to: &Path) -> Done {
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(to, &error)),
        _ => {}
    }
    std::fs::copy(from, to).map_err(|error| at(from, &error))?;
    Ok(())
}

fn at(path: &Path, error: &std::io::Error) -> Failed {
    Failed::new(format!("{}: {error}", path.display()))
}
