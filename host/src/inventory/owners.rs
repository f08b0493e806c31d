//! Who owns a target, who stands in for them, and which roles a person holds on it.
//!
//! `analyst` and `lead` hold everywhere in a tenant. `owner` holds on what one owns: the owners
//! of the asset and of all its groups, with deputies. What nobody owns is owned by the tenant's
//! default owner, so that there is always somebody to ask.

use super::{Inventory, Reach};
use crate::model::{Ancestor, GroupId, GroupKind, PersonId, Role};
use std::collections::BTreeSet;

impl Inventory {
    /// The owners of a target. `default_owner` is the tenant's configured one; people with the
    /// role `owner` are default owners too.
    pub fn owners(&self, reach: &Reach, default_owner: Option<&PersonId>) -> BTreeSet<PersonId> {
        let groups = reach.groups.iter().filter_map(|it| self.group(it));
        let mut owners: BTreeSet<PersonId> = groups.flat_map(|it| it.owners.clone()).collect();
        let assets = reach.assets.iter().filter_map(|it| self.asset(it));
        owners.extend(assets.flat_map(|it| it.owners.clone()));
        if owners.is_empty() {
            owners = self.default_owners(default_owner);
        }
        owners
    }

    /// Who stands in for the owners of a target.
    pub fn deputies(&self, reach: &Reach) -> BTreeSet<PersonId> {
        let groups = reach.groups.iter().filter_map(|it| self.group(it));
        groups.flat_map(|it| it.deputies.clone()).collect()
    }

    /// Who owns what nobody else owns.
    pub fn default_owners(&self, configured: Option<&PersonId>) -> BTreeSet<PersonId> {
        let by_role = self.people().filter(|it| it.roles.contains(&Role::Owner));
        let by_role = by_role.map(|it| it.id.clone());
        by_role.chain(configured.cloned()).collect()
    }

    /// The roles that a person holds on a target. Somebody who is not known holds none.
    pub fn roles_of(
        &self,
        person: &PersonId,
        reach: &Reach,
        default_owner: Option<&PersonId>,
    ) -> BTreeSet<Role> {
        let Some(known) = self.person(person) else {
            return BTreeSet::new();
        };
        let everywhere = known.roles.iter().filter(|it| **it != Role::Owner);
        let mut roles: BTreeSet<Role> = everywhere.copied().collect();
        let owns = self.owners(reach, default_owner).contains(person)
            || self.deputies(reach).contains(person);
        if owns {
            roles.insert(Role::Owner);
        }
        roles
    }

    /// How many business processes stop when the target stops.
    pub fn processes_that_stop(&self, reach: &Reach) -> usize {
        let process = |it: &&GroupId| {
            self.group(it)
                .is_some_and(|group| group.kind == GroupKind::BusinessProcess)
        };
        reach.groups.iter().filter(process).count()
    }

    /// The smallest asset group of a target and how many assets it has: what a surge's share is
    /// taken of. The smallest, because a share of it is reached first.
    pub fn smallest_group(&self, reach: &Reach) -> Option<(GroupId, usize)> {
        let groups = reach.resource.ancestors.iter().filter_map(|it| match it {
            Ancestor::AssetGroup(id) => Some((id.clone(), self.group_members(id).len())),
            _ => None,
        });
        groups
            .filter(|(_, size)| *size > 0)
            .min_by_key(|(_, size)| *size)
    }
}
