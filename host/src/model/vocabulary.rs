//! Closed vocabularies. The members are spelt the same here, in Cedar, in JSON and on the page.

use serde::{Deserialize, Serialize};

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident { $($(#[$mdoc:meta])* $member:ident = $word:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$mdoc])* #[serde(rename = $word)] $member),* }

        impl $name {
            /// Every member, in order.
            pub const ALL: &[Self] = &[$(Self::$member),*];
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),* }
            }
            /// Reads the word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$member),)* _ => None }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        // not derived: a word that comes through a macro is not seen by the derivation
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let words = Self::ALL.iter().map(|it| it.as_str());
                let words = utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some(words));
                words.into()
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
        }
    )* };
}

vocabulary! {
    /// What the detecting product claims (a claim: it opens nothing by itself).
    Rating {
        /// Withdrawn, or said to be harmless.
        Benign = "benign",
        /// The product does not say.
        Unknown = "unknown",
        /// Suspicious.
        Suspicious = "suspicious",
        /// Malicious.
        Malicious = "malicious",
    }
    /// How bad the product says it is (OCSF `severity_id`), in order.
    Severity {
        /// 0, 99 or unmapped.
        Unknown = "unknown",
        /// 1
        Informational = "informational",
        /// 2
        Low = "low",
        /// 3
        Medium = "medium",
        /// 4
        High = "high",
        /// 5
        Critical = "critical",
        /// 6
        Fatal = "fatal",
    }
    /// What may happen in a group, strictest first.
    Mode {
        /// Automation does nothing.
        Observe = "observe",
        /// People act.
        Hold = "hold",
        /// What the guards permit acts alone.
        Enforce = "enforce",
    }
    /// How strongly something is protected, weakest first. Not ordered in Cedar.
    Protection {
        /// Shown, and holds what loses state.
        Important = "important",
        /// Two people, the owner among them.
        Critical = "critical",
        /// Nothing is taken away, whoever approves.
        Never = "never",
    }
    /// What a person may approve as.
    Role {
        /// A SOC analyst.
        Analyst = "analyst",
        /// A lead.
        Lead = "lead",
        /// The owner of the target.
        Owner = "owner",
    }
    /// How far a playbook version has been rolled out.
    Stage {
        /// Proposes, never acts.
        Shadow = "shadow",
        /// Acts on a share of devices, with a budget.
        Canary = "canary",
        /// Acts.
        Active = "active",
    }
    /// How exactly the inventory knows a name.
    Resolution {
        /// One asset.
        Exact = "exact",
        /// None.
        Unresolved = "unresolved",
        /// More than one.
        Ambiguous = "ambiguous",
        /// One, but not confirmed lately.
        Stale = "stale",
    }
    /// How long software has been known.
    Tenure {
        /// Seen for less than 30 days, where sightings cover 30 days.
        New = "new",
        /// Nobody knows.
        Unknown = "unknown",
        /// Seen for 30 days or more.
        Established = "established",
    }
    /// What a target stands on. Whatever is not known to be a workstation is a server.
    AssetKind {
        /// A workstation.
        Workstation = "workstation",
        /// A server, and everything that nobody knows.
        Server = "server",
        /// No asset of ours: accounts, addresses, domains, software.
        None = "none",
    }
    /// Who caused an effect.
    Origin {
        /// Countersign.
        Ours = "ours",
        /// Another product.
        Product = "product",
        /// A person, by hand.
        Person = "person",
        /// Nobody knows.
        Unknown = "unknown",
    }
}
