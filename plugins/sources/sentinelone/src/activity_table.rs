//! What the types of the activity stream say about a threat.
//!
//! The console knows some hundred types; `GET /activities/types` lists them. Those here say
//! something about a threat. A type that is not here is read as a bare revision if its record
//! names a threat, and is no detection if it does not: a number that the vendor adds next year
//! must neither hide a threat nor make one up.

/// What an activity says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A threat was found, or its status, verdict or confidence changed.
    Threat,
    /// A threat was found or marked, and the type itself is the claim.
    Rated(Claim),
    /// Something was done to it: the vendor's word, the state, whose wish.
    Took(&'static str, &'static str, Wish),
    /// A custom rule raised an alert.
    RuleAlert,
    /// It names a threat, and says nothing about it: notes, tickets, files that were fetched.
    Bookkeeping(&'static str),
    /// Not in the table.
    Other,
}

/// A rating that stands in the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Marked or found malicious.
    Malicious,
    /// Marked or found suspicious.
    Suspicious,
    /// Withdrawn.
    Benign,
}

/// Whose wish an action was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The type says that it was the policy's.
    Policy,
    /// A person ordered it in the console. Said only where the record names one.
    Person,
    /// A report of success or failure: whoever ordered it.
    Unsaid,
}

/// What this type says.
pub fn says(activity_type: u64) -> Says {
    use Claim::{Benign, Malicious, Suspicious};
    use Says::{Bookkeeping, Rated, RuleAlert, Threat, Took};
    use Wish::{Person, Policy, Unsaid};
    match activity_type {
        18 => Took("mitigate", "done", Unsaid),
        20 => Took("prevent", "done", Unsaid),
        19 | 4001 | 4009 | 2016 | 4100 | 4104 | 4106 | 4108 | 4110 | 4111 => Rated(Malicious),
        4003 | 4101 | 4105 | 4107 | 4109 | 4112 | 4113 => Rated(Suspicious),
        22 | 4007 => Rated(Benign),
        2 | 21 | 28 | 29 | 34 | 221 | 2028 | 2030 | 2036 | 2037 | 4002 | 4008 | 4011 => Threat,
        2001 => Took("kill", "done", Unsaid),
        2002 => Took("remediate", "done", Unsaid),
        2003 => Took("rollback", "done", Unsaid),
        2004 => Took("quarantine", "done", Unsaid),
        2026 => Took("unquarantine", "done", Unsaid),
        2006 => Took("kill", "failed", Unsaid),
        2007 => Took("remediate", "failed", Unsaid),
        2008 => Took("rollback", "failed", Unsaid),
        2009 => Took("quarantine", "failed", Unsaid),
        2010 => Took("network-quarantine", "failed", Unsaid),
        2027 => Took("unquarantine", "failed", Unsaid),
        2011 => Took("kill", "pending", Person),
        2012 => Took("remediate", "pending", Person),
        2013 => Took("rollback", "pending", Person),
        2014 => Took("quarantine", "pending", Person),
        2015 => Took("unquarantine", "pending", Person),
        2021 => Took("kill", "done", Policy),
        2022 => Took("remediate", "done", Policy),
        2023 => Took("rollback", "done", Policy),
        2024 => Took("quarantine", "done", Policy),
        2025 => Took("network-quarantine", "done", Policy),
        2031 => Took("kill", "pending", Unsaid),
        2032 => Took("remediate", "pending", Unsaid),
        2033 => Took("rollback", "pending", Unsaid),
        2034 => Took("quarantine", "pending", Unsaid),
        2035 => Took("unquarantine", "pending", Unsaid),
        3608 => RuleAlert,
        80 | 81 | 85 | 86 => Bookkeeping("a file was fetched"),
        2029 => Bookkeeping("a ticket number changed"),
        4020..=4022 => Bookkeeping("a note was written"),
        4102 | 4103 => Bookkeeping("marking an event failed"),
        _ => Says::Other,
    }
}
