//! The live timeline: one line for each thing that matters, as it happens.
//!
//! Cases speak for themselves: a line is what the host's journal says of a case, with the
//! journal's own time. What is only machinery (that a playbook is asked, that an order was sent)
//! is left out, so that forty devices in a minute stay readable.

use crate::Stop;
use crate::api::Api;
use crate::scene::{Line, Scene};
use crate::stage::Stage;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

/// Kinds of journal entries that are told; the others are machinery.
const TOLD: &[&str] = &[
    "case-opened",
    "case-marked",
    "overreach-found",
    "overreach-repaired",
    "drift-seen",
    "proposed",
    "judged",
    "approved",
    "denied",
    "effect-began",
    "effect-ended",
];
/// LIMIT: what fits on a line of a wide terminal; the case has the rest.
const LINE_CHARS_MAX: usize = 220;

/// Where lines go, and whether in colour.
pub struct Teller {
    json: bool,
    colour: bool,
}

impl Teller {
    /// With `json` the timeline goes to standard error: standard output is for the document.
    pub fn new(json: bool) -> Self {
        let terminal = if json {
            std::io::stderr().is_terminal()
        } else {
            std::io::stdout().is_terminal()
        };
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        Self {
            json,
            colour: terminal && !forbidden,
        }
    }
    /// One line as it is. A reader that went away is no reason to stop.
    pub fn line(&self, text: &str) {
        let _ = if self.json {
            writeln!(std::io::stderr(), "{text}")
        } else {
            writeln!(std::io::stdout(), "{text}")
        };
    }
    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
    /// A scene begins.
    pub fn scene(&self, id: &str, title: &str) -> Timeline<'_> {
        self.line("");
        self.line(&self.paint("1", &format!("{id}: {title}")));
        Timeline {
            tell: self,
            began_ms: now_ms(),
            lines: Vec::new(),
            seen: BTreeMap::new(),
        }
    }
    /// A scene has ended.
    pub fn ended(&self, scene: &Scene) {
        for why in &scene.failed {
            self.line(&self.paint("1;31", &format!("  not as it should be: {why}")));
        }
    }
    /// All scenes have ended.
    pub fn summary(&self, scenes: &[Scene]) {
        self.line("");
        for it in scenes {
            let (code, word) = if it.ok {
                ("32", "ok    ")
            } else {
                ("1;31", "failed")
            };
            self.line(&format!(
                "{} {}: {}",
                self.paint(code, word),
                it.id,
                it.title
            ));
        }
    }
    /// What to try now that the host is up.
    pub fn next(&self, stage: &Stage) {
        self.line("");
        self.line(&self.paint("1", "The host is still up. Try, in another terminal:"));
        for line in stage.suggestions() {
            self.line(&line);
        }
        self.line("");
        self.line(&self.paint("2", "Ctrl-C ends host and range."));
    }
    fn told(&self, line: &Line) {
        let seconds = format!("{:>3}.{:03} s", line.at_ms / 1000, line.at_ms % 1000);
        let what: String = line
            .what
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(LINE_CHARS_MAX)
            .collect();
        let what = colour_of(&what).map_or_else(|| what.clone(), |code| self.paint(code, &what));
        self.line(&format!("{}  {what}", self.paint("2", &seconds)));
    }
}

/// What the journal says, without the ids that nobody reads on the way past.
fn in_a_line(kind: &str, what: &str) -> String {
    match kind {
        "judged" => format!("guards: {what}"),
        "effect-ended" => what.split(": by order").next().unwrap_or(what).to_owned(),
        _ => what.to_owned(),
    }
}

/// Red is what is refused or was taken, yellow what waits, green what is done.
fn colour_of(what: &str) -> Option<&'static str> {
    let begins = |words: &[&str]| words.iter().any(|it| what.contains(it));
    if begins(&["overreach:", "drift:", ": refuse", "CS-"]) {
        Some("31")
    } else if begins(&[": hold", "page:"]) {
        Some("33")
    } else if begins(&[
        ": execute",
        "in force",
        "given back",
        "repaired",
        "approved",
    ]) {
        Some("32")
    } else {
        None
    }
}

/// The timeline of one scene.
pub struct Timeline<'a> {
    tell: &'a Teller,
    began_ms: u64,
    lines: Vec<Line>,
    /// How far each case was told.
    seen: BTreeMap<String, u64>,
}

impl Timeline<'_> {
    /// When the scene began, in milliseconds since 1970.
    pub fn began_ms(&self) -> u64 {
        self.began_ms
    }
    /// What we do, or saw where no case says it.
    pub fn say(&mut self, what: impl Into<String>) {
        self.at(now_ms(), what.into());
    }
    /// Tells what is new in a case, and answers the case.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn follow(&mut self, api: &Api, case: &str) -> Result<Value, Stop> {
        let shown = api.get(&format!("/cases/{case}")).await?;
        let empty = Vec::new();
        for entry in shown
            .get("timeline")
            .and_then(Value::as_array)
            .unwrap_or(&empty)
        {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
            let number = |name: &str| entry.get(name).and_then(Value::as_u64).unwrap_or_default();
            let n = number("n");
            if self.seen.get(case).is_some_and(|seen| n <= *seen) {
                continue;
            }
            self.seen.insert(case.to_owned(), n);
            let kind = text("kind");
            if TOLD.contains(&kind) {
                self.at(number("at"), in_a_line(kind, text("what")));
            }
        }
        Ok(shown)
    }
    fn at(&mut self, at_ms: u64, what: String) {
        let line = Line {
            at_ms: at_ms.saturating_sub(self.began_ms),
            what,
        };
        self.tell.told(&line);
        self.lines.push(line);
    }
    /// Everything that was told.
    pub fn finish(self) -> Vec<Line> {
        self.lines
    }
}

/// Now, in milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
