//! The small inventory that scenarios are told about: who asks and on what, by name.
//!
//! A scenario says `Process::SRV-9/autom8`; this says that it stands on a device in no group.
//! Rows become the same `Principal` and `Resource` that the host makes of its own inventory, so
//! a scenario runs through the code that judges, from its first line on.

use super::document::Row;
use super::error::{GuardError, GuardFile};
use super::naming::within;
use crate::model::{Ancestor, Principal, Protection, Resource, Stage, TargetKind, TenantId};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The inventory of a table of scenarios.
#[derive(Clone, Debug)]
pub(super) struct World {
    tenant: TenantId,
    things: BTreeMap<String, Thing>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Thing {
    /// Whose it is, if not the tenant's.
    tenant: Option<String>,
    #[serde(rename = "in")]
    inside: Vec<String>,
    version: Option<String>,
    stage: Option<Stage>,
    privileged: bool,
    internal: bool,
}

impl World {
    pub(super) fn new(tenant: &TenantId) -> Self {
        let tenant = tenant.clone();
        Self {
            tenant,
            things: BTreeMap::new(),
        }
    }

    /// Adds rows, or replaces those of the same name.
    ///
    /// # Errors
    /// `CS-guard-10` for each row that is none.
    pub(super) fn lay(&mut self, file: &GuardFile, rows: Vec<Row>) -> Result<(), Vec<GuardError>> {
        let mut errors = vec![];
        for row in rows {
            match serde_json::from_value(row.value) {
                Ok(thing) => {
                    self.things.insert(row.name, thing);
                }
                Err(e) => errors.push(GuardError::at(
                    "CS-guard-10",
                    file,
                    row.span,
                    format!("{}: {e}", row.name),
                )),
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn thing<'a>(
        &'a self,
        name: &'a str,
    ) -> Result<(&'a str, &'a str, TenantId, &'a Thing), String> {
        let (kind, id) = name
            .split_once("::")
            .ok_or_else(|| format!("{name} has no type"))?;
        let thing = self
            .things
            .get(name)
            .ok_or_else(|| format!("{name} is not in the world"))?;
        let tenant = thing
            .tenant
            .as_ref()
            .map_or_else(|| self.tenant.clone(), TenantId::new);
        Ok((kind, id, tenant, thing))
    }

    /// Who asks.
    pub(super) fn principal(&self, name: &str) -> Result<Principal, String> {
        let (kind, id, tenant, thing) = self.thing(name)?;
        let local = within(&tenant, id).unwrap_or(id).to_owned();
        match kind {
            "Playbook" => {
                let (plugin, version) = local.split_once('@').unwrap_or((&local, "0"));
                Ok(Principal::Playbook {
                    plugin: self.published(plugin, &thing.inside, '.').as_str().into(),
                    version: thing.version.clone().unwrap_or_else(|| version.to_owned()),
                    stage: thing.stage.ok_or_else(|| format!("{name} has no stage"))?,
                    tenant,
                })
            }
            "Product" => Ok(Principal::Product {
                product: self.published(&local, &thing.inside, '/'),
                tenant,
            }),
            "Person" => Ok(Principal::Person {
                person: local.as_str().into(),
                tenant,
            }),
            "Host" => Ok(Principal::Host { tenant }),
            _ => Err(format!("{name} is nobody who asks")),
        }
    }

    /// With the publisher in front, as the host names plugins and products.
    fn published(&self, id: &str, inside: &[String], between: char) -> String {
        let up = self.closed(inside);
        let publisher = up.iter().find_map(|it| it.strip_prefix("Publisher::"));
        match publisher {
            Some(it) if !id.starts_with(&format!("{it}{between}")) => format!("{it}{between}{id}"),
            _ => id.to_owned(),
        }
    }

    /// On what.
    pub(super) fn resource(&self, name: &str) -> Result<Resource, String> {
        let (kind, id, tenant, thing) = self.thing(name)?;
        let kind = match kind {
            "Device" => TargetKind::Device,
            "Process" => TargetKind::Process,
            "File" => TargetKind::File,
            "Account" => TargetKind::Account,
            "Service" => TargetKind::Service,
            "Software" => TargetKind::Software,
            "Address" => TargetKind::Address,
            "Domain" => TargetKind::Domain,
            _ => return Err(format!("{name} is no target")),
        };
        let up = self.closed(&thing.inside);
        let ancestors = up.iter().map(|it| self.ancestor(it, &tenant));
        Ok(Resource {
            kind,
            id: within(&tenant, id).unwrap_or(id).to_owned(),
            ancestors: ancestors.collect::<Result<_, _>>()?,
            privileged: thing.privileged,
            internal: thing.internal,
            tenant,
        })
    }

    /// Everything above, whatever its number of steps.
    fn closed(&self, inside: &[String]) -> BTreeSet<String> {
        let (mut todo, mut all) = (inside.to_vec(), BTreeSet::new());
        while let Some(next) = todo.pop() {
            if let Some(thing) = self.things.get(&next) {
                todo.extend(thing.inside.iter().filter(|it| !all.contains(*it)).cloned());
            }
            all.insert(next);
        }
        all
    }

    fn ancestor(&self, name: &str, tenant: &TenantId) -> Result<Ancestor, String> {
        let (kind, id) = name
            .split_once("::")
            .ok_or_else(|| format!("{name} has no type"))?;
        if kind == "Protection" {
            let known =
                Protection::parse(id).ok_or_else(|| format!("{name}: no such protection"))?;
            return Ok(Ancestor::Protection(known));
        }
        if !self.things.contains_key(name) {
            return Err(format!("{name} is not in the world"));
        }
        let id = within(tenant, id).unwrap_or(id);
        match kind {
            "AssetGroup" => Ok(Ancestor::AssetGroup(id.into())),
            "BusinessProcess" => Ok(Ancestor::BusinessProcess(id.into())),
            "AccountGroup" => Ok(Ancestor::AccountGroup(id.into())),
            "Network" => Ok(Ancestor::Network(id.into())),
            "Device" => Ok(Ancestor::Device(id.to_owned())),
            "Software" => Ok(Ancestor::Software(id.to_owned())),
            _ => Err(format!("{name}: a target cannot be in it")),
        }
    }
}
