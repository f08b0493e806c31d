//! More approvals may only ever help.
//!
//! The search for the least people starts from everybody and leaves one demand out at a time.
//! It is right only if no approval more ever turns a permission into a refusal, guard by guard.
//! For the baseline that is also proved by a solver; a tenant's guards are loaded where no
//! solver runs, so here it is read off their form: approvals may open a guard (`unless`), in
//! comparisons that only grow. What is not understood is refused, not believed.

use cedar_policy::{Effect, Policy};
use serde_json::Value;

/// Whether the policy gets no stricter with more approvals. An `Err` is one that Cedar cannot
/// write down as JSON, which no policy read from text is.
pub(super) fn approvals_only_help(policy: &Policy) -> Result<bool, String> {
    let json = policy.to_json().map_err(|e| e.to_string())?;
    let opens_when = policy.effect() == Effect::Permit;
    let conditions = json.get("conditions").and_then(Value::as_array);
    Ok(conditions.into_iter().flatten().all(|condition| {
        let when = condition.get("kind").and_then(Value::as_str) == Some("when");
        let body = condition.get("body").unwrap_or(&Value::Null);
        // with more approvals a permit must rather apply, a forbid rather not
        let wanted = if when == opens_when {
            Turns::True
        } else {
            Turns::False
        };
        only(body, wanted)
    }))
}

/// Whether approvals are read at all: a forbid that does not read them is a floor.
pub(super) fn reads_approvals(policy: &Policy) -> bool {
    // what cannot be read counts as not reading them: then nobody can open it
    policy.to_json().is_ok_and(|json| reads(&json))
}

/// The most people that a policy asks for by number.
pub(super) fn most_people(policy: &Policy) -> i64 {
    policy.to_json().map_or(0, |json| most(&json))
}

/// What more approvals may do to an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turns {
    True,
    False,
}

impl Turns {
    fn other(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
        }
    }
}

fn only(e: &Value, wanted: Turns) -> bool {
    if !reads(e) {
        return true;
    }
    if is_fact(e, "emergency") {
        return wanted == Turns::True;
    }
    let Some((op, x)) = e.as_object().and_then(|it| it.iter().next()) else {
        return false;
    };
    let part = |name: &str| x.get(name).unwrap_or(&Value::Null);
    let (left, right) = (part("left"), part("right"));
    match op.as_str() {
        "&&" | "||" => only(left, wanted) && only(right, wanted),
        "!" => only(part("arg"), wanted.other()),
        "if-then-else" => {
            !reads(part("if")) && only(part("then"), wanted) && only(part("else"), wanted)
        }
        ">=" | ">" => grows(left, "count", right, wanted) || shrinks(left, right, wanted),
        "<=" | "<" => grows(right, "count", left, wanted) || shrinks(right, left, wanted),
        "contains" | "containsAll" | "containsAny" => {
            grows(left, "roles", right, wanted)
                || grows(left, "people", right, wanted)
                || op == "containsAny"
                    && (grows(right, "roles", left, wanted) || grows(right, "people", left, wanted))
        }
        "isEmpty" => {
            let set = part("arg");
            wanted == Turns::False && (is_fact(set, "roles") || is_fact(set, "people"))
        }
        _ => false,
    }
}

/// `left` is that fact of the approvals, the other side does not read them.
fn grows(left: &Value, fact: &str, other: &Value, wanted: Turns) -> bool {
    wanted == Turns::True && is_fact(left, fact) && !reads(other)
}

/// `other >= count`: true turns into false as the count grows.
fn shrinks(other: &Value, count: &Value, wanted: Turns) -> bool {
    wanted == Turns::False && is_fact(count, "count") && !reads(other)
}

fn is_fact(e: &Value, fact: &str) -> bool {
    attribute(e).is_some_and(|(of, name)| {
        name == fact
            && attribute(of).is_some_and(|(of, name)| name == "approvals" && is_context(of))
    })
}

fn attribute(e: &Value) -> Option<(&Value, &str)> {
    let access = e.get(".")?;
    Some((access.get("left")?, access.get("attr")?.as_str()?))
}

fn is_context(e: &Value) -> bool {
    e.get("Var").and_then(Value::as_str) == Some("context")
}

/// Whether the approvals, or the whole context with them in it, are used in there.
fn reads(e: &Value) -> bool {
    if let Some((_, name)) = attribute(e).filter(|(of, _)| is_context(of)) {
        return name == "approvals";
    }
    match e {
        _ if is_context(e) => true,
        Value::Object(fields) => fields.values().any(reads),
        Value::Array(items) => items.iter().any(reads),
        _ => false,
    }
}

fn most(e: &Value) -> i64 {
    let compared = |op: &str, count: &str, number: &str, more: i64| {
        let x = e.get(op)?;
        let number = x.get(number)?.get("Value")?.as_i64()?;
        is_fact(x.get(count)?, "count").then(|| number.saturating_add(more))
    };
    let here = [
        compared(">=", "left", "right", 0),
        compared(">", "left", "right", 1),
        compared("<=", "right", "left", 0),
        compared("<", "right", "left", 1),
        compared("==", "left", "right", 0),
        compared("==", "right", "left", 0),
    ];
    let below = match e {
        Value::Object(fields) => fields.values().map(most).max(),
        Value::Array(items) => items.iter().map(most).max(),
        _ => None,
    };
    here.into_iter().flatten().chain(below).max().unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn policy(conditions: &str) -> Policy {
        format!("forbid (principal, action, resource) {conditions};")
            .parse()
            .unwrap()
    }

    #[test]
    fn a_guard_that_more_approvals_would_close_is_told_from_one_that_they_open() {
        for (helps, conditions) in [
            (true, "when { context.impact > 3 }"),
            (true, "unless { context.approvals.count >= 2 }"),
            (
                true,
                "unless { 2 <= context.approvals.count && context.consent }",
            ),
            (true, "when { context.approvals.count < 2 }"),
            (
                true,
                "when { !(context.approvals.roles.contains(Role::\"lead\")) }",
            ),
            (true, "unless { !context.approvals.roles.isEmpty() }"),
            (
                true,
                "unless { context.approvals.emergency || context.approvals.people.contains(Person::\"a/b\") }",
            ),
            (
                true,
                "unless { if context.fresh then context.approvals.count > 0 else context.approvals.count > 1 }",
            ),
            (false, "unless { context.approvals.count == 2 }"),
            (false, "unless { context.approvals.count <= 2 }"),
            (
                false,
                "unless { context.approvals.count >= 1 && context.approvals.count <= 0 }",
            ),
            (false, "when { context.approvals.emergency }"),
            (false, "unless { !context.approvals.emergency }"),
            (
                false,
                "when { context.approvals.roles.contains(Role::\"lead\") }",
            ),
            (
                false,
                "unless { if context.approvals.count > 1 then context.fresh else true }",
            ),
            (false, "unless { [context.approvals.count].contains(2) }"),
            (false, "when { [context].contains(context) }"),
        ] {
            let got = approvals_only_help(&policy(conditions)).unwrap();
            assert_eq!(got, helps, "{conditions}");
        }
    }

    #[test]
    fn the_most_people_of_a_guard_are_counted_whichever_way_it_compares() {
        for (people, conditions) in [
            (0, "when { context.impact >= 90 }"),
            (2, "unless { context.approvals.count >= 2 }"),
            (6, "unless { context.approvals.count > 5 }"),
            (
                7,
                "unless { context.consent || 6 < context.approvals.count }",
            ),
        ] {
            assert_eq!(most_people(&policy(conditions)), people, "{conditions}");
        }
    }

    #[test]
    fn a_forbid_that_never_mentions_approvals_is_a_floor() {
        assert!(!reads_approvals(&policy("when { context.time.freeze }")));
        assert!(reads_approvals(&policy(
            "unless { context.approvals.count >= 1 }"
        )));
    }
}
