//! `playbooks.toml`: which playbooks a tenant has, and their settings. Which version of one
//! serves which cases, at which stage, is data and not here: it changes without a deployment.

use super::place::Placed;
use super::section::{Key, Section, Shape};
use super::settings::{SETTINGS, Settings};
use super::value::plugin;
use crate::model::PluginId;

pub(super) const PLAYBOOKS: Shape = Shape {
    title: "playbooks.toml",
    keys: &[Key {
        name: "playbook",
        kind: "list of tables",
        default: "none",
        doc: "a playbook of the tenant",
    }],
};

pub(super) const PLAYBOOK: Shape = Shape {
    title: "playbooks.toml [[playbook]]",
    keys: &[
        Key {
            name: "plugin",
            kind: "plugin id",
            default: "required",
            doc: "which playbook; its version and stage are data (`plugin enrol`)",
        },
        Key {
            name: "settings",
            kind: "table",
            default: "none",
            doc: "the plugin's settings",
        },
    ],
};

/// One playbook of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaybookConfig {
    /// Which one.
    pub plugin: Placed<PluginId>,
    /// Its settings.
    pub settings: Settings,
}

impl PlaybookConfig {
    pub(super) fn read_all(section: &Section<'_, '_>) -> Vec<Self> {
        let each = section.sections("playbook", &PLAYBOOK).into_iter();
        each.filter_map(|it| Self::read(&it)).collect()
    }

    fn read(section: &Section<'_, '_>) -> Option<Self> {
        let plugin = section.required("plugin", plugin);
        let settings = Settings::read(section.section("settings", &SETTINGS));
        Some(Self {
            plugin: plugin?,
            settings,
        })
    }
}
