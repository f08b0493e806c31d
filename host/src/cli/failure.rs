//! Why a command did not do what it was asked: what happened, why, and what to do.
//!
//! There are two origins. The command itself (a file that is not there, no host that answers) has
//! a code of its own area, `CS-cli-nn`. The host says no with a problem document (RFC 9457); its
//! code and words are passed on as they are, because they are what its journal and its
//! documentation say too, and only the way out is put into words of the command line.

use super::context::{FAILED, INVALID};
use super::render;
use serde_json::{Value, json};
use std::process::ExitCode;

/// How a command ended: its exit code, or why it failed.
pub type Outcome = Result<ExitCode, Failure>;

/// LIMIT: characters shown of one text of a problem; with `--json` it is whole.
const TEXT_CHARS_MAX: usize = 2000;
/// LIMIT: lines shown of one text of a problem: an import tells every line that does not fit.
const LINES_MAX: usize = 60;

/// Why a command failed. Its texts may hold words from outside: they are made inert when shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    exit: u8,
    code: String,
    message: String,
    why: String,
    help: String,
    /// The host's own document, boxed because most failures have none.
    problem: Option<Box<Value>>,
}

impl Failure {
    /// The command failed: ends with 1.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            exit: FAILED,
            code: code.to_owned(),
            message: message.into(),
            why: String::new(),
            help: String::new(),
            problem: None,
        }
    }
    /// The command line, a file or the configuration is wrong: ends with 2.
    pub fn usage(code: &str, message: impl Into<String>) -> Self {
        Self {
            exit: INVALID,
            ..Self::new(code, message)
        }
    }
    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }
    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
    /// What a problem document says. `None` if it is none: then something else answered.
    ///
    /// The title is the status in words, which helps nobody; the detail says what happened, and
    /// mostly what to do. Its first line is the message, the others (one for each finding) are why.
    pub fn of_problem(status: u16, problem: Value) -> Option<Self> {
        let text = |name: &str| {
            problem
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (code, title, detail) = (text("code"), text("title"), text("detail"));
        if code.is_empty() || title.is_empty() {
            return None;
        }
        let (message, why) = match detail.split_once('\n') {
            Some(_) => (several(status), detail.to_owned()),
            None if detail.is_empty() => (title, String::new()),
            None => (detail, String::new()),
        };
        let at = Some(text("at")).filter(|it| !it.is_empty() && !detail.contains(it));
        let why = match at {
            Some(at) => format!("{why}\nat {at}"),
            None => why,
        };
        // a detail with a second half says what to do by itself
        let help = if detail.contains("; ") {
            ""
        } else {
            way_out(status)
        };
        let failure = Self::new(code, message).why(why.trim()).help(help);
        let problem = Some(Box::new(problem));
        Some(Self { problem, ..failure })
    }
    /// Says what it is about, in front.
    #[must_use]
    pub fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
    /// Whether the host asks to try again later.
    pub fn is_busy(&self) -> bool {
        let status = self.problem.as_ref().and_then(|it| it.get("status"));
        matches!(status.and_then(Value::as_u64), Some(429 | 503))
    }

    /// What happened and why, in one line with its code; and what to do.
    pub fn parts(&self) -> (String, &str) {
        let why = if self.why.is_empty() {
            String::new()
        } else {
            format!(": {}", self.why)
        };
        (format!("{}: {}{why}", self.code, self.message), &self.help)
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.code
    }
    /// As an exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }
    /// For programs.
    pub fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code, "message": self.message, "why": self.why, "help": self.help,
        });
        if let (Some(fields), Some(problem)) = (error.as_object_mut(), &self.problem) {
            fields.insert("problem".to_owned(), (**problem).clone());
        }
        json!({ "error": error })
    }
    /// For people: what, why, what to do.
    pub fn to_text(&self, styled: bool) -> String {
        let word = if styled {
            "\u{1b}[1;31merror\u{1b}[0m"
        } else {
            "error"
        };
        let mut out = format!("{word}[{}]: {}", self.code, shown(&self.message));
        for (label, text) in [("why", &self.why), ("help", &self.help)] {
            if !text.is_empty() && *text != self.message {
                out.push_str(&format!("\n  {label}: {}", shown(text)));
            }
        }
        out
    }
}

/// Inert text that keeps its lines, each below the first.
fn shown(text: &str) -> String {
    let mut lines = text.lines().map(|it| render::inert(it, TEXT_CHARS_MAX));
    let mut shown: Vec<String> = lines.by_ref().take(LINES_MAX).collect();
    let more = lines.count();
    if more > 0 {
        shown.push(format!("and {more} more; --json shows all"));
    }
    shown.join("\n       ")
}

/// What happened, where a detail has several findings.
fn several(status: u16) -> &'static str {
    match status {
        400 | 422 => "the host does not take this",
        _ => "the host refuses this",
    }
}

/// What to do about a status, where the host did not say it itself.
fn way_out(status: u16) -> &'static str {
    match status {
        401 => "sign in: countersign login",
        403 => "ask somebody who may, see: countersign person list",
        404 => "look at the list of what there is, and at --tenant",
        409 => "look at it again: it has changed meanwhile",
        413 => "send it in smaller parts",
        429 | 503 => "nothing was lost; try again in a while, see: countersign doctor",
        500 => "look into the host's log, see: countersign doctor",
        _ => "",
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
    use super::*;

    fn problem(status: u16, detail: &str, at: Option<&str>) -> Value {
        json!({
            "type": "urn:countersign:error:CS-api-02", "title": "Unprocessable Entity",
            "status": status, "code": "CS-api-02", "detail": detail, "at": at,
        })
    }

    #[test]
    fn a_problem_is_shown_as_what_why_and_what_to_do() {
        let said = problem(409, "no longer what you saw", Some("/digest\u{1b}[2J"));
        let failure = Failure::of_problem(409, said.clone()).unwrap();
        assert_eq!(
            failure.to_text(false),
            "error[CS-api-02]: no longer what you saw\n  why: at /digest\\u{1b}[2J\n  \
             help: look at it again: it has changed meanwhile"
        );
        assert_eq!(failure.to_json()["error"]["problem"], said);
        assert_eq!(failure.exit_code(), ExitCode::from(1));
    }

    #[test]
    fn a_detail_that_says_what_to_do_is_left_alone_and_each_finding_has_its_line() {
        let failure = Failure::of_problem(404, problem(404, "gone; look elsewhere", None)).unwrap();
        assert_eq!(
            failure.to_text(false),
            "error[CS-api-02]: gone; look elsewhere"
        );
        let failure = Failure::of_problem(422, problem(422, "line 1: a\nline 2: b", None)).unwrap();
        assert_eq!(
            failure.to_text(false),
            "error[CS-api-02]: the host does not take this\n  why: line 1: a\n       line 2: b"
        );
        let many = vec!["x"; 70].join("\n");
        let failure = Failure::of_problem(422, problem(422, &many, None)).unwrap();
        assert!(
            failure
                .to_text(false)
                .ends_with("and 10 more; --json shows all")
        );
    }

    #[test]
    fn what_is_no_problem_document_is_not_taken_for_one() {
        assert_eq!(Failure::of_problem(404, json!({"error": "nope"})), None);
        assert_eq!(Failure::of_problem(502, json!("Bad Gateway")), None);
    }

    /// Every code that a command can show has its section, and every section its code.
    #[test]
    fn every_code_is_documented() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(root.join("docs/errors/cli.md")).unwrap();
        let documented: std::collections::BTreeSet<&str> = page
            .lines()
            .filter_map(|it| it.strip_prefix("## "))
            .collect();
        let mut used = std::collections::BTreeSet::new();
        for file in std::fs::read_dir(root.join("src/cli")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|it| it != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let codes = text
                .match_indices("\"CS-cli-")
                .map(|(at, _)| &text[at + 1..at + 10]);
            let codes = codes.filter(|it| it.ends_with(|end: char| end.is_ascii_digit()));
            used.extend(codes.map(str::to_owned));
        }
        let used: std::collections::BTreeSet<&str> = used.iter().map(String::as_str).collect();
        assert_eq!(used, documented);
    }
}
