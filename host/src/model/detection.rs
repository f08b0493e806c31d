//! A normalised alert, in the shape of the contract (`wit/types.wit`): a small typed core, and
//! everything that will grow as attributes under OCSF paths.

use super::{Millis, Rating, Severity, Target};
use serde::{Deserialize, Serialize};

/// One fact, by OCSF attribute path.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Attribute {
    /// The path.
    pub name: String,
    /// The canonical text of the OCSF type.
    pub value: String,
}

/// The first value of a name.
pub fn attribute<'a>(list: &'a [Attribute], name: &str) -> Option<&'a str> {
    list.iter()
        .find(|it| it.name == name)
        .map(|it| it.value.as_str())
}

/// Every value of a name, in order.
pub fn attributes<'a>(list: &'a [Attribute], name: &'a str) -> impl Iterator<Item = &'a str> {
    list.iter()
        .filter(move |it| it.name == name)
        .map(|it| it.value.as_str())
}

impl Attribute {
    /// A fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// Something that takes part in a detection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entity {
    /// `affected`, `actor`, `observed` or `related`.
    pub role: String,
    /// What it is.
    pub target: Target,
    /// More about it, as paths relative to its OCSF object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// Something that the product, its policy or a person in its console has done already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Taken {
    /// A verb of the action table, else the vendor's own word.
    pub action: String,
    /// What it was done to.
    pub target: Target,
    /// `done`, `failed`, `pending`, `undone`, `unknown`.
    pub state: String,
    /// `policy`, `person`, `unknown`.
    pub initiative: String,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
    /// What the product says of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// A normalised alert (OCSF Detection Finding, class 2004).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Detection {
    /// The product's id of the alert, the same for each revision.
    pub id: String,
    /// `vendor/product`, lower case.
    pub product: String,
    /// When the activity was seen.
    pub time: Millis,
    /// A line for people. Text from outside: shown inert.
    pub title: String,
    /// A claim.
    pub severity: Severity,
    /// A claim.
    pub rating: Rating,
    /// MITRE ATT&CK technique ids.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// Who and what takes part; `affected` first.
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// What the product did already, oldest first.
    #[serde(default)]
    pub taken: Vec<Taken>,
    /// Everything else; OCSF paths from the root of the event.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

impl Detection {
    /// The device the alert is about: the first `affected` one.
    pub fn device(&self) -> Option<&super::Device> {
        self.entities.iter().find_map(|it| match &it.target {
            Target::Device(device) if it.role == "affected" => Some(device),
            _ => None,
        })
    }
    /// How soon it is to be looked at, 0 to 63. Both are claims: they order the queue and open
    /// nothing.
    pub fn urgency(&self) -> u8 {
        self.rating as u8 * 8 + self.severity as u8
    }
    /// The first value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name)
    }
}
