//! As what a caller comes: the words in which the document of the API says who may do what.
//!
//! A person's standing is made of the roles that hold everywhere, of being an operator, and of
//! owning something. Who has none of these reads: that is a viewer, not a role that is given.

use crate::model::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// As what a person comes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Reads, and nothing else: who has no other standing.
    Viewer,
    /// A SOC analyst.
    Analyst,
    /// A lead.
    Lead,
    /// Owns something, or what nobody owns.
    Owner,
    /// Manages people, plugins and tokens; approves nothing by that.
    Operator,
}

impl Standing {
    /// Every one, in order.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Analyst,
        Self::Lead,
        Self::Owner,
        Self::Operator,
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Lead => "lead",
            Self::Owner => "owner",
            Self::Operator => "operator",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
    /// What somebody with these roles comes as.
    pub fn of(roles: &BTreeSet<Role>, operator: bool) -> BTreeSet<Self> {
        let each = roles.iter().map(|role| match role {
            Role::Analyst => Self::Analyst,
            Role::Lead => Self::Lead,
            Role::Owner => Self::Owner,
        });
        let mut all: BTreeSet<Self> = each.collect();
        if operator {
            all.insert(Self::Operator);
        }
        if all.is_empty() {
            all.insert(Self::Viewer);
        }
        all
    }
}

/// `analyst, lead or owner`.
pub fn one_of(wanted: &BTreeSet<Standing>) -> String {
    let words: Vec<&str> = wanted.iter().map(|it| it.as_str()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nobody".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_nothing_else_is_a_viewer() {
        let none = BTreeSet::new();
        assert_eq!(
            Standing::of(&none, false),
            BTreeSet::from([Standing::Viewer])
        );
        assert_eq!(
            Standing::of(&none, true),
            BTreeSet::from([Standing::Operator])
        );
        let lead = BTreeSet::from([Role::Lead]);
        assert_eq!(Standing::of(&lead, false), BTreeSet::from([Standing::Lead]));
    }

    #[test]
    fn every_word_is_read_back() {
        for it in Standing::ALL {
            assert_eq!(Standing::parse(it.as_str()), Some(it));
        }
        assert_eq!(
            one_of(&BTreeSet::from(Standing::ALL)),
            "viewer, analyst, lead, owner or operator"
        );
    }
}
