//! The people of a search: approvals that nobody has given yet.
//!
//! They differ from `model::Approvals` in one thing: a person here is named as guards name
//! people, with the tenant in front. So a guard that wants somebody of another tenant can never
//! be met, instead of being met by a namesake.

use super::naming::within;
use crate::model::{Approvals, PersonId, Role, TenantId};
use std::collections::BTreeSet;

/// LIMIT: the search starts from so many people. A guard that asks for more could be met by
/// hardly any tenant, least of all at night, so it does not load.
pub const APPROVERS_MAX: i64 = 5;

/// A person as guards name one: `tenant/person`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Named(String);

impl Named {
    pub(super) fn new(id: &str) -> Self {
        Self(id.to_owned())
    }
    /// Within the tenant; `None` for a person of another tenant.
    pub(super) fn of(&self, tenant: &TenantId) -> Option<PersonId> {
        within(tenant, &self.0).map(PersonId::new)
    }
}

/// A demand, or somebody who might meet one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct People {
    pub(super) count: i64,
    pub(super) roles: BTreeSet<Role>,
    pub(super) named: BTreeSet<Named>,
    pub(super) emergency: bool,
}

impl People {
    /// The least people that meet both demands.
    pub(super) fn join(&mut self, other: &Self) {
        self.roles.extend(&other.roles);
        self.named.extend(other.named.iter().cloned());
        let named = i64::try_from(self.named.len()).unwrap_or(i64::MAX);
        self.count = self.count.max(other.count).max(named);
    }

    /// As approvals on a target of this tenant.
    pub(super) fn approvals(&self, tenant: &TenantId) -> Approvals {
        Approvals {
            count: self.count,
            roles: self.roles.clone(),
            people: self.named.iter().filter_map(|it| it.of(tenant)).collect(),
            emergency: self.emergency,
        }
    }
}
