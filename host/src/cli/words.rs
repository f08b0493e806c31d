//! Words that several commands show in the same way: times, targets, who is needed, sections.
//!
//! Everything a detection or a plugin supplied goes through `inert` here, once, so that no
//! command has to think of it.

use super::render::inert;
use crate::journal::state::{JudgedRecord, ProposalRecord};
use crate::model::{Approvals, Finding, Millis, Target};
use jiff::tz::TimeZone;

/// LIMIT: characters of one text of a page of text; the whole is in `--json`.
pub const TEXT_CHARS_MAX: usize = 1000;

/// A moment in a zone, to the second.
pub fn time(at: Millis, zone: &TimeZone) -> String {
    let ms = i64::try_from(at.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| at.0.to_string(),
        |it| {
            it.to_zoned_datetime(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        },
    )
}

/// The name of a zone.
pub fn zone(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("local time").to_owned()
}

/// A text from outside, on one line.
pub fn text(text: &str) -> String {
    inert(text, TEXT_CHARS_MAX)
}

/// A target in one line.
pub fn target(target: &Target) -> String {
    text(&target.label())
}

/// A list in one line; `none` where it is empty.
pub fn list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = items.into_iter().map(|it| text(&it.to_string())).collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
    }
}

/// What a finding asks for.
pub fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Execute => "nobody is needed".to_owned(),
        Finding::Hold(people) => format!("needs {}", needs(people)),
        Finding::Refuse => "refused, whoever approves".to_owned(),
    }
}

/// Who has to approve.
pub fn needs(people: &Approvals) -> String {
    text(&people.to_string())
}

/// Who has approved what is there now; an approval of anything else is void.
pub fn approved(record: &ProposalRecord) -> Vec<String> {
    let digest = record.judged.as_ref().map(|it| &it.digest);
    let counts = record.approvals.iter();
    let counts = counts.filter(|it| Some(&it.digest) == digest);
    counts.map(|it| it.person.to_string()).collect()
}

/// Who is needed for a proposal, in a cell; empty where nobody is waited for.
pub fn waits_for(record: &ProposalRecord) -> String {
    use crate::journal::entry::ProposalState;
    if record.state != ProposalState::Held {
        return String::new();
    }
    let asked = record.judged.as_ref().map(|it| finding(&it.finding));
    let asked = asked.unwrap_or_else(|| "to be judged".to_owned());
    let approved = approved(record);
    if approved.is_empty() {
        return asked;
    }
    format!("{asked} (approved: {})", list(approved))
}

/// What keeps it from being sent, beside the guards.
pub fn obstacles(judged: Option<&JudgedRecord>) -> String {
    judged.map(|it| it.obstacles.join("; ")).unwrap_or_default()
}

/// A page of text: headings with lines below them. Empty sections are left out.
#[derive(Default)]
pub struct Page(String);

impl Page {
    /// A line.
    pub fn line(&mut self, line: impl AsRef<str>) -> &mut Self {
        self.0.push_str(line.as_ref().trim_end());
        self.0.push('\n');
        self
    }
    /// A heading and its lines, each indented; nothing without lines.
    pub fn section<T: AsRef<str>>(
        &mut self,
        heading: &str,
        lines: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return self;
        }
        self.line("").line(heading);
        for line in lines {
            for line in line.as_ref().lines() {
                self.line(format!("  {line}"));
            }
        }
        self
    }
    /// The whole.
    pub fn end(self) -> String {
        self.0.trim_end().to_owned()
    }
}
