//! Asking a person before something happens.
//!
//! The question goes to standard error and the answer must be said: an empty line, the end of
//! input and anything but yes are a no. Where nobody can be asked (a pipe, `--json`) the command
//! line itself has to say it, so that a script never approves by accident.

use super::context::Context;
use super::failure::Failure;
use super::render;
use std::io::{BufRead, Write};

/// Whether the command line has answered already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has not.
    Open,
    /// `--yes`, or what was seen by its digest.
    Yes,
}

impl Answer {
    /// From a flag.
    pub fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::Open }
    }
}

/// Asks, unless it was answered. `instead` says how the command line can answer.
///
/// # Errors
/// `CS-cli-16`: nobody can be asked. `CS-cli-17`: the answer was no.
pub fn confirm(
    ctx: &Context,
    answer: Answer,
    question: &str,
    instead: &str,
) -> Result<(), Failure> {
    if answer == Answer::Yes {
        return Ok(());
    }
    if !ctx.asks {
        let message = "this needs an answer, and there is nobody to ask";
        return Err(Failure::usage("CS-cli-16", message).help(instead));
    }
    let said = ask(
        question,
        &mut std::io::stdin().lock(),
        &mut std::io::stderr(),
    );
    if said {
        return Ok(());
    }
    Err(Failure::new("CS-cli-17", "nothing was changed"))
}

fn ask(question: &str, input: &mut impl BufRead, out: &mut impl Write) -> bool {
    // a question that cannot be shown gets no answer that counts
    if write!(out, "{question} [y/N] ")
        .and_then(|()| out.flush())
        .is_err()
    {
        return false;
    }
    matches!(
        line(input).unwrap_or_default().to_lowercase().as_str(),
        "y" | "yes"
    )
}

/// Asks for a text that does not belong on a command line.
///
/// # Errors
/// `CS-cli-16`: nobody can be asked.
pub fn text(ctx: &Context, question: &str, instead: &str) -> Result<String, Failure> {
    if ctx.asks {
        render::complain(question);
    }
    let said = line(&mut std::io::stdin().lock());
    said.filter(|it| !it.is_empty())
        .ok_or_else(|| Failure::usage("CS-cli-16", "nothing was said").help(instead))
}

fn line(input: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    // LIMIT: an answer; more than this is not one
    std::io::Read::take(input, 1024).read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
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

    #[test]
    fn only_a_yes_is_a_yes() {
        for (said, yes) in [
            ("y\n", true),
            (" YES \n", true),
            ("", false),
            ("\n", false),
            ("n\ny\n", false),
            ("yes please\n", false),
            ("ye", false),
        ] {
            let mut out = Vec::new();
            assert_eq!(
                ask("approve?", &mut said.as_bytes(), &mut out),
                yes,
                "{said:?}"
            );
            assert_eq!(String::from_utf8(out).unwrap(), "approve? [y/N] ");
        }
    }
}
