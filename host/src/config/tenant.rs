//! `tenant.toml`: who a tenant is and how it wants to be treated.
//!
//! What is stricter than the default is simply set. What is looser is an acceptance: it names the
//! person who signed and the day it ends, and after that day it is as if it were not there.

use super::bounds::{APPROVAL, ApprovalTimes, SURGE, SurgeConfig};
use super::connectors::ConnectorConfig;
use super::error::{Code, ConfigError};
use super::hours::{HOURS, WINDOW, Window, WorkingHours};
use super::mail::{MAIL, MailConfig};
use super::nearest::nearest;
use super::paging::{MAIL_CHANNEL, PageStep};
use super::place::Placed;
use super::playbooks::PlaybookConfig;
use super::secret::Vault;
use super::section::{Key, Problems, Section, Shape, Wrong};
use super::sources::SourceConfig;
use super::value::{Edge, moment, name, number, person, text, word, zone};
use crate::model::{Acceptance, ConnectorId, Millis, Mode, PersonId, TenantId};
use jiff::tz::TimeZone;
use std::time::Duration;

pub(super) const TENANT: Shape = Shape {
    title: "tenant.toml",
    keys: &[
        Key {
            name: "name",
            kind: "text",
            default: "required",
            doc: "the tenant's name, for people",
        },
        Key {
            name: "zone",
            kind: "time zone",
            default: "required",
            doc: "IANA name; holds for assets without one of their own",
        },
        Key {
            name: "mode",
            kind: "word",
            default: "`\"observe\"`",
            doc: "what holds for what is in no group, and in groups that say nothing: `observe`, `hold`, `enforce`; `enforce` needs `[acceptance]`",
        },
        Key {
            name: "default_owner",
            kind: "person",
            default: "required",
            doc: "owns what has no owner, unreviewed servers among it",
        },
        Key {
            name: "page_channels",
            kind: "list of connectors",
            default: "none",
            doc: "the connectors that pages go through, all of them; `\"mail\"` is the host's own, by `[mail]`",
        },
        Key {
            name: "mail",
            kind: "table",
            default: "",
            doc: "the server that mail goes through",
        },
        Key {
            name: "page_step",
            kind: "tables",
            default: "",
            doc: "who is told, and at which share of the time that people have",
        },
        Key {
            name: "stale_after_days",
            kind: "number",
            default: "30",
            doc: "days after which an asset that nothing confirmed is stale, and not touched without a lead",
        },
        Key {
            name: "acceptance",
            kind: "table",
            default: "none",
            doc: "signs `mode = \"enforce\"`",
        },
        Key {
            name: "unreviewed_workstations",
            kind: "table",
            default: "none",
            doc: "accepts reversible actions alone on workstations that nobody reviewed",
        },
        Key {
            name: "working_hours",
            kind: "table",
            default: "none",
            doc: "when people are at work; without it acting always counts as outside",
        },
        Key {
            name: "approval",
            kind: "table",
            default: "",
            doc: "how long people have",
        },
        Key {
            name: "surge",
            kind: "table",
            default: "",
            doc: "how many devices one cause may reach before people are asked",
        },
        Key {
            name: "freeze",
            kind: "list of tables",
            default: "none",
            doc: "when nothing should change",
        },
        Key {
            name: "change_window",
            kind: "list of tables",
            default: "none",
            doc: "when change is expected",
        },
    ],
};

pub(super) const ACCEPTANCE: Shape = Shape {
    title: "tenant.toml [acceptance] and [unreviewed_workstations]",
    keys: &[
        Key {
            name: "accepted_by",
            kind: "person",
            default: "required",
            doc: "who signed",
        },
        Key {
            name: "until",
            kind: "date",
            default: "required",
            doc: "the last day it holds; then the stricter default is back",
        },
    ],
};

/// A file of the tenant whose content another stage reads: guards and their scenarios.
#[derive(Clone, Debug)]
pub struct NamedText {
    /// The file's name without its ending.
    pub name: String,
    /// The file with its path and text, for errors that point into it.
    pub file: std::sync::Arc<super::SourceFile>,
}

/// Everything that the files of one tenant say.
#[derive(Clone, Debug)]
pub struct TenantConfig {
    /// The name of its folder.
    pub id: TenantId,
    /// For people.
    pub name: String,
    /// Where it is.
    pub zone: TimeZone,
    /// As written; ask `mode_at`.
    pub mode: Mode,
    /// Who signed for `enforce`, and until when.
    pub acceptance: Option<Acceptance>,
    /// Owns what has no owner.
    pub default_owner: PersonId,
    /// Connectors that pages go through.
    pub page_channels: Vec<ConnectorId>,
    /// The server that mail goes through.
    pub mail: Option<MailConfig>,
    /// Who is told when.
    pub page_steps: Vec<PageStep>,
    /// Age from which an unconfirmed asset is stale.
    pub stale_after: Duration,
    /// Who accepted reversible actions on unreviewed workstations, and until when.
    pub unreviewed_workstations: Option<Acceptance>,
    /// When people are at work.
    pub working_hours: WorkingHours,
    /// When nothing should change.
    pub freezes: Vec<Window>,
    /// When change is expected.
    pub change_windows: Vec<Window>,
    /// How long people have.
    pub approval: ApprovalTimes,
    /// How far one cause may reach.
    pub surge: SurgeConfig,
    /// Its sources beside the built-in one.
    pub sources: Vec<SourceConfig>,
    /// Its playbooks.
    pub playbooks: Vec<PlaybookConfig>,
    /// Its connector instances.
    pub connectors: Vec<ConnectorConfig>,
    /// `guards/*.cedar`, by name.
    pub guards: Vec<NamedText>,
    /// `scenarios/*.toml`, by name.
    pub scenarios: Vec<NamedText>,
}

impl TenantConfig {
    /// The mode that holds at `now`: `enforce` falls back to `hold` when its signature ends.
    pub fn mode_at(&self, now: Millis) -> Mode {
        match (self.mode, &self.acceptance) {
            (Mode::Enforce, Some(it)) if now < it.until => Mode::Enforce,
            (Mode::Enforce, _) => Mode::Hold,
            (mode, _) => mode,
        }
    }

    /// Whether reversible actions on unreviewed workstations are accepted at `now`.
    pub fn unreviewed_accepted_at(&self, now: Millis) -> bool {
        let signed = self.unreviewed_workstations.as_ref();
        signed.is_some_and(|it| now < it.until)
    }
}

/// `tenant.toml` alone, before the tenant's other files are read.
pub(super) struct TenantFile {
    pub(super) name: String,
    pub(super) zone: TimeZone,
    pub(super) mode: Mode,
    pub(super) acceptance: Option<Acceptance>,
    pub(super) default_owner: PersonId,
    pub(super) mail: Option<MailConfig>,
    pub(super) page_steps: Vec<PageStep>,
    pub(super) stale_after: Duration,
    pub(super) unreviewed_workstations: Option<Acceptance>,
    pub(super) working_hours: WorkingHours,
    pub(super) freezes: Vec<Window>,
    pub(super) change_windows: Vec<Window>,
    pub(super) approval: ApprovalTimes,
    pub(super) surge: SurgeConfig,
}

impl TenantFile {
    /// The channels beside the rest: they are checked against the connectors even where the rest
    /// is wrong, so that all errors are told at once.
    pub(super) fn read(section: &Section<'_, '_>, vault: Vault<'_>) -> (Channels, Option<Self>) {
        (Channels::read(section), Self::read_rest(section, vault))
    }

    fn read_rest(section: &Section<'_, '_>, vault: Vault<'_>) -> Option<Self> {
        let name = section.required("name", text);
        let zone = section.required("zone", zone);
        // Without a zone the windows are still read, in UTC, so that their errors are told now.
        let local = zone.as_ref().map_or(TimeZone::UTC, |it| it.value.clone());
        let default_owner = section.required("default_owner", person);
        let days = section.or("stale_after_days", 30, number(1..=365));
        let (mode, acceptance) = read_mode(section, &local);
        let unreviewed = section.section("unreviewed_workstations", &ACCEPTANCE);
        let windows = |key| {
            let each = section.sections(key, &WINDOW).into_iter();
            each.filter_map(|it| Window::read(&it, &local)).collect()
        };
        let (freezes, change_windows) = (windows("freeze"), windows("change_window"));
        let read = Self {
            acceptance,
            mode,
            mail: section
                .section("mail", &MAIL)
                .and_then(|it| MailConfig::read(&it, vault)),
            page_steps: PageStep::read_all(section),
            stale_after: Duration::from_secs(days * 24 * 60 * 60),
            unreviewed_workstations: unreviewed.and_then(|it| read_acceptance(&it, &local)),
            working_hours: section
                .section("working_hours", &HOURS)
                .map(|it| WorkingHours::read(&it))
                .unwrap_or_default(),
            freezes,
            change_windows,
            approval: ApprovalTimes::read(section.section("approval", &APPROVAL)),
            surge: SurgeConfig::read(section.section("surge", &SURGE)),
            name: name?.value,
            zone: zone?.value,
            default_owner: default_owner?.value,
        };
        Some(read)
    }
}

/// The connectors that pages go through, by name.
pub(super) struct Channels {
    named: Vec<Placed<ConnectorId>>,
    mail: bool,
}

impl Channels {
    fn read(section: &Section<'_, '_>) -> Self {
        let named = section.list("page_channels", name).into_iter();
        let typed = named.map(|it| Placed {
            value: ConnectorId(it.value),
            place: it.place,
        });
        Self {
            named: typed.collect(),
            mail: section.has("mail"),
        }
    }

    /// A page that goes through a connector nobody has would go nowhere, in silence.
    pub(super) fn check(&self, connectors: &[ConnectorConfig], problems: &Problems) {
        let known = || connectors.iter().map(|it| it.name.value.as_str());
        for channel in &self.named {
            let wanted = channel.value.as_str();
            if wanted == MAIL_CHANNEL && self.mail || known().any(|it| it == wanted) {
                continue;
            }
            let label = nearest(wanted, known()).map_or_else(
                || "no connector has this name".to_owned(),
                |it| format!("did you mean {it:?}?"),
            );
            let message = format!("`page_channels` names {wanted:?}");
            let error = ConfigError::new(Code::Dangling, message, channel.place.clone());
            let help = match wanted {
                MAIL_CHANNEL => "mail takes a [mail] table in tenant.toml",
                _ => "pages go through a connector of connectors.toml, by its `name`",
            };
            problems.borrow_mut().push(error.label(label).help(help));
        }
    }

    /// The names alone.
    pub(super) fn into_ids(self) -> Vec<ConnectorId> {
        self.named.into_iter().map(|it| it.value).collect()
    }
}

fn read_mode(section: &Section<'_, '_>, local: &TimeZone) -> (Mode, Option<Acceptance>) {
    const MODES: &[(&str, Mode)] = &[
        ("observe", Mode::Observe),
        ("hold", Mode::Hold),
        ("enforce", Mode::Enforce),
    ];
    let mode = section.optional("mode", word(MODES));
    let acceptance = section.section("acceptance", &ACCEPTANCE);
    let acceptance = acceptance.and_then(|it| read_acceptance(&it, local));
    if let Some(Placed {
        value: Mode::Enforce,
        place,
    }) = &mode
        && !section.has("acceptance")
    {
        let wrong = Wrong::new(Code::Unsigned, "is \"enforce\", which nobody signed")
            .label("a mode above hold is a risk that a person accepts")
            .help("add [acceptance] with accepted_by and until, or set the mode of single groups");
        section.wrong("mode", place.clone(), wrong);
    }
    (mode.map_or(Mode::Observe, |it| it.value), acceptance)
}

fn read_acceptance(section: &Section<'_, '_>, local: &TimeZone) -> Option<Acceptance> {
    let accepted_by = section.required("accepted_by", person);
    let until = section.required("until", moment(local, Edge::End));
    Some(Acceptance {
        accepted_by: accepted_by?.value,
        until: until?.value,
    })
}
