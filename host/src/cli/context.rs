//! What every command knows: the global flags, read once.

use super::args::Global;
use super::render;
use crate::model::TenantId;
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
    /// The tenant, if it was said.
    pub tenant: Option<TenantId>,
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
            tenant: global.tenant.clone(),
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

    /// Says why a command failed and what to do, with its stable code, and ends it with 1. With
    /// `--json` the same goes to standard output as `{"error": {code, message, help}}`.
    pub fn fail(&self, code: &str, message: &str, help: &str) -> ExitCode {
        self.refuse(FAILED, code, message, help)
    }

    /// The same for what is wrong with the command line or the configuration: ends with 2.
    pub fn invalid(&self, code: &str, message: &str, help: &str) -> ExitCode {
        self.refuse(INVALID, code, message, help)
    }

    fn refuse(&self, exit: u8, code: &str, message: &str, help: &str) -> ExitCode {
        if self.json {
            let error = serde_json::json!({ "code": code, "message": message, "help": help });
            render::print(&render::json(&serde_json::json!({ "error": error })));
        } else {
            let word = if self.styled_err {
                "\u{1b}[1;31merror\u{1b}[0m"
            } else {
                "error"
            };
            render::complain(&format!("{word}[{code}]: {}", render::inert(message, 2000)));
            if !help.is_empty() {
                render::complain(&format!("  help: {}", render::inert(help, 2000)));
            }
        }
        ExitCode::from(exit)
    }
}
