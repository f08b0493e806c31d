//! Words that pages share: what an action does, who is needed, how long. One way to say a thing.

use crate::model::{Approvals, Effect, Finding, Role, Verb};

/// An action as responders say it: `Stop process`.
pub fn title(verb: Verb) -> String {
    let word = verb.as_str().replace('-', " ");
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The same in a sentence: `stop process`.
pub fn lower(verb: Verb) -> String {
    verb.as_str().replace('-', " ")
}

/// What happens if it runs.
pub fn happens(verb: Verb) -> &'static str {
    match verb {
        Verb::SuspendProcess => "the process is suspended; it can be resumed without loss",
        Verb::StopProcess => "the process is stopped; what it had in memory is lost",
        Verb::QuarantineFile => "the file is moved to quarantine",
        Verb::DeleteFile => "the file is deleted for good",
        Verb::ContainDevice => "the device is cut off from the network; its agent stays reachable",
        Verb::BlockAddress => "the address is blocked",
        Verb::BlockDomain => "the domain is blocked",
        Verb::DisableAccount => "the account is disabled",
        Verb::RevokeSessions => "the account is signed out everywhere",
        Verb::StopService => "the service is stopped",
        Verb::AllowSoftware => "the software is allowed; without this the product takes it again",
        Verb::UnallowSoftware => "the allowance is taken back",
        Verb::RestoreFile => "the file is given back from quarantine",
        Verb::StartProcess => "the process is started again",
        Verb::ResumeProcess => "the process is resumed",
        Verb::ReleaseDevice => "the device is connected again",
        Verb::UnblockAddress => "the address is unblocked",
        Verb::UnblockDomain => "the domain is unblocked",
        Verb::EnableAccount => "the account is enabled",
        Verb::StartService => "the service is started again",
        Verb::ScanDevice => "the device is scanned; nothing is taken",
        Verb::CollectEvidence => "evidence is collected; nothing is taken",
        Verb::Notify => "people are told",
        Verb::OpenTicket => "a ticket is opened",
    }
}

/// What is so once it is in force: `Process stopped`.
pub fn in_force(verb: Verb) -> &'static str {
    match verb {
        Verb::SuspendProcess => "Process suspended",
        Verb::StopProcess => "Process stopped",
        Verb::QuarantineFile => "File quarantined",
        Verb::DeleteFile => "File deleted",
        Verb::ContainDevice => "Device contained",
        Verb::BlockAddress => "Address blocked",
        Verb::BlockDomain => "Domain blocked",
        Verb::DisableAccount => "Account disabled",
        Verb::StopService => "Service stopped",
        Verb::AllowSoftware => "Software allowed",
        _ => "In force",
    }
}

/// The same of several: `Process stopped, file quarantined`.
pub fn all_in_force(verbs: &[Verb]) -> String {
    let mut said = String::new();
    for verb in verbs {
        let word = in_force(*verb);
        if said.is_empty() {
            said.push_str(word);
        } else {
            said.push_str(", ");
            said.push_str(&word.to_lowercase());
        }
    }
    said
}

/// How it is given back, in words of the action.
pub fn given_back(verb: Verb) -> String {
    let row = verb.row();
    match row.inverse {
        Some(inverse) if row.loses_state => {
            format!("{}, but what it had in memory is lost.", title(inverse))
        }
        Some(inverse) => format!("{}.", title(inverse)),
        None if row.loses_state => "It cannot be given back.".to_owned(),
        None => "Nothing to give back.".to_owned(),
    }
}

/// What it interrupts, as far as the action alone says.
pub fn interrupts_nothing(verb: Verb) -> bool {
    !matches!(verb.row().effect, Effect::TakesAway)
}

/// A role with its article.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Analyst => "an analyst",
        Role::Lead => "a lead",
        Role::Owner => "the owner",
    }
}

/// `2 people: a lead and the owner`.
pub fn needs(people: &Approvals) -> String {
    let count = match people.count {
        1 => "1 person".to_owned(),
        n => format!("{n} people"),
    };
    match who(people) {
        Some(who) => format!("{count}: {who}"),
        None => count,
    }
}

/// `a lead and the owner`, `the owner and one more`; none where anybody will do.
pub fn who(people: &Approvals) -> Option<String> {
    let mut words: Vec<String> = people.roles.iter().map(|it| role(*it).to_owned()).collect();
    words.extend(people.people.iter().map(ToString::to_string));
    let named = i64::try_from(words.len()).unwrap_or(i64::MAX);
    if words.is_empty() && !people.emergency {
        return None;
    }
    if words.is_empty() {
        words.push("a lead".to_owned());
    } else if people.count > named {
        let more = people.count - named;
        words.push(if more == 1 {
            "one more".to_owned()
        } else {
            format!("{more} more")
        });
    }
    let glass = if people.emergency {
        ", who breaks the glass"
    } else {
        ""
    };
    Some(format!("{}{glass}", and(&words)))
}

/// `one`, `one and two`, `one, two and three`.
pub fn and<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}

/// What the guards say, and whom it takes.
pub fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Execute => "nobody".to_owned(),
        Finding::Hold(people) => needs(people),
        Finding::Refuse => "refused, whoever approves".to_owned(),
    }
}

/// A lease.
pub fn lease(seconds: u32) -> String {
    super::look::span(u64::from(seconds).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn needs_are_said_with_count_and_roles() {
        let two = Approvals {
            count: 2,
            roles: BTreeSet::from([Role::Lead, Role::Owner]),
            ..Approvals::default()
        };
        assert_eq!(needs(&two), "2 people: a lead and the owner");
        let owner = Approvals {
            roles: BTreeSet::from([Role::Owner]),
            ..two
        };
        assert_eq!(needs(&owner), "2 people: the owner and one more");
        let one = Approvals {
            count: 1,
            ..Approvals::default()
        };
        assert_eq!(needs(&one), "1 person");
    }

    #[test]
    fn every_action_has_its_words() {
        for row in Verb::TABLE {
            assert!(title(row.verb).starts_with(|it: char| it.is_ascii_uppercase()));
            assert!(!happens(row.verb).is_empty());
            if row.verb.leaves_effect() {
                assert_ne!(in_force(row.verb), "In force", "{}", row.verb);
            }
        }
    }
}
