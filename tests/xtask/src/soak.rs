//! `cargo xtask soak`: the long runs, which nobody waits for at every commit.
//!
//! Two kinds, both ordinary tests, so that they compile with everything else and cannot rot. Those
//! marked `#[ignore]` run only here and read `COUNTERSIGN_SOAK_N` (rounds, such as kills of the
//! host; each has its own default). Property tests run everywhere and here with many more cases:
//! a million questions to the guards is `cargo xtask soak --n 1000000 -- guard`.

use crate::steps::{Done, Failed, Steps, cargo, root};
use crate::test::{filters, has_nextest};
use crate::{dist, guests};
use std::process::Command;

const USAGE: &str = "cargo xtask soak [--n N] [-- FILTER...]";
/// Cases of a property test where nobody says how many; the tests' own default is 256.
const CASES: u64 = 10_000;

#[derive(Clone, Copy)]
enum Which {
    Ignored,
    All,
}

/// `cargo xtask soak [--n N] [-- FILTER...]`.
///
/// # Errors
/// Wrong usage, something does not build, or a run fails.
pub fn command(args: &[String]) -> Done {
    let (n, args) = rounds(args)?;
    let filters = filters(args, USAGE)?;
    let mut steps = Steps::default();
    guests::build(&mut steps)?;
    dist::host(&mut steps, dist::Profile::Dev)?;

    let mut ignored = run(Which::Ignored);
    ignored.args(filters).env("COUNTERSIGN_SOAK", "1");
    if let Some(n) = n {
        ignored.env("COUNTERSIGN_SOAK_N", n.to_string());
    }
    steps.run("ignored tests", &mut ignored)?;
    let mut cases = run(Which::All);
    cases
        .args(filters)
        .env("PROPTEST_CASES", n.unwrap_or(CASES).to_string());
    steps.run("property tests", &mut cases)
}

fn rounds(args: &[String]) -> Result<(Option<u64>, &[String]), Failed> {
    match args {
        [name, n, rest @ ..] if name == "--n" => match n.parse() {
            Ok(n) if n > 0 => Ok((Some(n), rest)),
            _ => Err(Failed::usage(format!(
                "{n} is no number of rounds; usage: {USAGE}"
            ))),
        },
        _ => Ok((None, args)),
    }
}

/// With a filter that fits none of the ignored tests there is nothing to run, which is no failure.
fn run(which: Which) -> Command {
    let nextest = ["nextest", "run", "--workspace", "--no-tests", "pass"];
    let plain = ["test", "--workspace", "--lib", "--bins", "--tests", "--"];
    match (has_nextest(), which) {
        (true, Which::Ignored) => {
            let mut command = cargo(&root(), &nextest);
            command.args(["--run-ignored", "only", "--no-capture"]);
            command
        }
        (true, Which::All) => cargo(&root(), &nextest),
        (false, Which::Ignored) => {
            let mut command = cargo(&root(), &plain);
            command.args(["--ignored", "--nocapture"]);
            command
        }
        (false, Which::All) => cargo(&root(), &plain),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_a_number_before_the_filters() {
        let of = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let args = of("--n 60 -- kill");
        let (n, rest) = rounds(&args).unwrap();
        assert_eq!(
            (n, filters(rest, USAGE).unwrap()),
            (Some(60), &of("kill")[..])
        );
        assert_eq!(rounds(&of("--n many")).unwrap_err().code, 2);
        assert_eq!(rounds(&of("--n 0")).unwrap_err().code, 2);
        let args = of("kill");
        let (n, rest) = rounds(&args).unwrap();
        assert_eq!((n, filters(rest, USAGE).unwrap_err().code), (None, 2));
    }
}
