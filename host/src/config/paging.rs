//! Who is told of what waits, and when. Before silence refuses, more and more people are asked.

use super::error::Code;
use super::section::{Key, Section, Shape, Wrong};
use super::value::{number, word};

/// The channel that is the host's own.
pub const MAIL_CHANNEL: &str = "mail";

pub(super) const PAGE_STEP: Shape = Shape {
    title: "tenant.toml [[page_step]]",
    keys: &[
        Key {
            name: "at_percent",
            kind: "number",
            default: "required",
            doc: "share of the time that people have; without a deadline each repetition is a quarter",
        },
        Key {
            name: "to",
            kind: "list of words",
            default: "required",
            doc: "whom this step adds: `on-duty` (those it takes who are at work now), `needed` (everybody it takes), `deputies`, `leads`; left out altogether: 0 on-duty, 25 needed, 50 deputies, 75 leads",
        },
    ],
};

/// Whom a step adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// Those whom it takes and who are at work now; all of them where nobody is.
    OnDuty,
    /// Everybody whom it takes.
    Needed,
    /// Who stands in for the owners.
    Deputies,
    /// Every lead.
    Leads,
}

/// From which share of the time on somebody is told, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageStep {
    /// 0 to 99.
    pub at_percent: u64,
    /// Whom it adds.
    pub to: Vec<Whom>,
}

impl PageStep {
    /// Design section 7: at a quarter the role, at a half deputies, at three quarters leads.
    pub fn defaults() -> Vec<Self> {
        let steps = [
            (0, Whom::OnDuty),
            (25, Whom::Needed),
            (50, Whom::Deputies),
            (75, Whom::Leads),
        ];
        let step = |(at_percent, whom)| Self {
            at_percent,
            to: vec![whom],
        };
        steps.map(step).into()
    }

    pub(super) fn read_all(section: &Section<'_, '_>) -> Vec<Self> {
        const WORDS: &[(&str, Whom)] = &[
            ("on-duty", Whom::OnDuty),
            ("needed", Whom::Needed),
            ("deputies", Whom::Deputies),
            ("leads", Whom::Leads),
        ];
        let tables = section.sections("page_step", &PAGE_STEP);
        if tables.is_empty() {
            return Self::defaults();
        }
        let mut steps: Vec<Self> = Vec::new();
        let mut first = None;
        for table in &tables {
            let at = table.required("at_percent", number(0..=99));
            let to = table.list("to", word(WORDS));
            let (Some(at), false) = (at, to.is_empty()) else {
                continue;
            };
            first.get_or_insert(at.place);
            steps.push(Self {
                at_percent: at.value,
                to: to.into_iter().map(|it| it.value).collect(),
            });
        }
        steps.sort_by_key(|it| it.at_percent);
        let late = steps.first().is_some_and(|it| it.at_percent > 0);
        if let (true, Some(table), Some(place)) = (late, tables.first(), first) {
            let wrong = Wrong::new(Code::BadValue, "leaves out the beginning")
                .label("nobody would be told until then")
                .help("add a step with at_percent = 0");
            table.wrong(&table.dotted("at_percent"), place, wrong);
        }
        steps
    }
}
