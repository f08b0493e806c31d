//! What every command knows: the global flags, the environment and the terminal, read once.
//!
//! Nothing else in the command line reads the environment, so that a test can hand in a person's
//! machine and a command behaves the same in a pipe, in CI and on a terminal.

use super::args::Global;
use super::credentials::Bearer;
use super::failure::{Failure, Outcome};
use super::render;
use crate::model::TenantId;
use jiff::tz::TimeZone;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// The command failed.
pub const FAILED: u8 = 1;
/// The command line or the configuration is wrong.
pub const INVALID: u8 = 2;

/// The global flags, and what the terminal can do.
#[derive(Clone, Debug)]
pub struct Context {
    /// The workspace folder.
    pub dir: PathBuf,
    /// Print JSON instead of text.
    pub json: bool,
    /// The host to talk to, if it was said.
    pub url: Option<url::Url>,
    /// The file that holds the credential, if it was said.
    pub token_file: Option<PathBuf>,
    /// The credential of `COUNTERSIGN_TOKEN`, if it was said.
    pub token: Option<Bearer>,
    /// Where `login` keeps credentials; `None` on a machine without a home.
    pub credentials: Option<PathBuf>,
    /// The tenant, if it was said.
    pub tenant: Option<TenantId>,
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// There is somebody to ask.
    pub asks: bool,
    /// Standard output takes colour.
    pub styled_out: bool,
    /// Standard error takes colour.
    pub styled_err: bool,
    /// How wide a table may be.
    pub width: render::Width,
}

impl Context {
    /// Reads the global flags, `NO_COLOR` and the terminal.
    pub fn new(global: &Global) -> Self {
        let forbidden =
            global.no_color || std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        let (out, err) = (
            std::io::stdout().is_terminal(),
            std::io::stderr().is_terminal(),
        );
        Self {
            dir: global.dir.clone(),
            json: global.json,
            url: global.url.clone(),
            token_file: global.token_file.clone(),
            token: said("COUNTERSIGN_TOKEN").map(Bearer::new),
            credentials: credentials_file(),
            tenant: global.tenant.clone(),
            zone: TimeZone::system(),
            asks: err && std::io::stdin().is_terminal() && !global.json,
            styled_out: out && !forbidden,
            styled_err: err && !forbidden,
            width: if out {
                render::Width::Terminal
            } else {
                render::Width::Unbounded
            },
        }
    }

    /// Prints what a command found: `text` for people, `value` with `--json`.
    pub fn show(&self, text: &str, value: &serde_json::Value) {
        if self.json {
            render::print(&render::json(value));
        } else {
            render::print(text);
        }
    }

    /// Ends a command: says why it failed and what to do, if it did. With `--json` the same goes
    /// to standard output as `{"error": {code, message, why, help}}`, with the host's own
    /// `problem` where it was the host that said no.
    pub fn end(&self, outcome: Outcome) -> ExitCode {
        match outcome {
            Ok(code) => code,
            Err(failure) => {
                if self.json {
                    render::print(&render::json(&failure.to_json()));
                } else {
                    render::complain(&failure.to_text(self.styled_err));
                }
                failure.exit_code()
            }
        }
    }

    /// Says why a command failed and what to do, with its stable code, and ends it with 1.
    pub fn fail(&self, code: &str, message: &str, help: &str) -> ExitCode {
        self.end(Err(Failure::new(code, message).help(help)))
    }

    /// The same for what is wrong with the command line or the configuration: ends with 2.
    pub fn invalid(&self, code: &str, message: &str, help: &str) -> ExitCode {
        self.end(Err(Failure::usage(code, message).help(help)))
    }
}

fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// `~/.config/countersign/credentials.json`, or where this platform keeps such files.
fn credentials_file() -> Option<PathBuf> {
    let home = || said("HOME").map(|it| PathBuf::from(it).join(".config"));
    let dir = said("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home);
    let dir = dir.or_else(|| said("APPDATA").map(PathBuf::from))?;
    Some(dir.join("countersign").join("credentials.json"))
}
