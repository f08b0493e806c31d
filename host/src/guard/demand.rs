//! What one hold asks for, read off its text where that is plain.
//!
//! Most holds end in `unless { context.approvals.count >= n && ...roles.contains(...) }`, or in
//! that with the three words for the owner (owner, consent, emergency and lead). Once it is
//! known whether there is a consent, the demand is known without asking Cedar. A hold that says
//! more (another fact inside) has no plain demand; the descent finds it.

use super::people::{Named, People};
use crate::model::Role;
use cedar_policy::Policy;
use serde_json::{Value, json};

/// For a hold that spoke with nobody approving. No emergency: that is asked for on its own.
pub(super) fn plain_demand(policy: &Policy, consent: bool) -> Option<People> {
    let json = policy.to_json().ok()?;
    let conditions = json.get("conditions")?.as_array()?;
    let kind = |c: &Value, kind: &str| c.get("kind").and_then(Value::as_str) == Some(kind);
    let reads = |c: &Value| c.to_string().contains(r#""attr":"approvals""#);
    if conditions.iter().any(|c| kind(c, "when") && reads(c)) {
        return None;
    }
    // an "unless" without approvals did not help with nobody, so it never will
    let mut unless = conditions.iter().filter(|c| kind(c, "unless") && reads(c));
    let (only, None) = (unless.next()?, unless.next()) else {
        return None;
    };
    match read(only.get("body")?, consent)? {
        Demand::Met(people) => Some(people),
        Demand::OutOfReach => None,
    }
}

/// What an expression asks for, where it is plain.
enum Demand {
    /// These people.
    Met(People),
    /// Nobody can meet it (without an emergency, a consent).
    OutOfReach,
}

fn approvals(fact: &str) -> Value {
    let approvals = json!({".": {"left": {"Var": "context"}, "attr": "approvals"}});
    json!({".": {"left": approvals, "attr": fact}})
}

fn read(e: &Value, consent: bool) -> Option<Demand> {
    if *e == json!({".": {"left": {"Var": "context"}, "attr": "consent"}}) {
        return Some(if consent {
            Demand::Met(People::default())
        } else {
            Demand::OutOfReach
        });
    }
    if *e == approvals("emergency") {
        return Some(Demand::OutOfReach);
    }
    let (op, x) = e.as_object()?.iter().next()?;
    let (left, right) = (x.get("left")?, x.get("right")?);
    match op.as_str() {
        "&&" => Some(both(read(left, consent)?, read(right, consent)?)),
        "||" => either(read(left, consent)?, read(right, consent)?),
        ">=" if *left == approvals("count") => {
            let count = right.get("Value")?.as_i64()?;
            Some(Demand::Met(People {
                count,
                ..People::default()
            }))
        }
        "contains" if *left == approvals("roles") => role(right),
        "contains" if *left == approvals("people") => person(right),
        _ => None,
    }
}

fn both(a: Demand, b: Demand) -> Demand {
    match (a, b) {
        (Demand::Met(mut a), Demand::Met(b)) => {
            a.join(&b);
            Demand::Met(a)
        }
        _ => Demand::OutOfReach,
    }
}

/// One side free, or one side out of reach: else it is a choice, and not plain.
fn either(a: Demand, b: Demand) -> Option<Demand> {
    match (a, b) {
        (Demand::Met(a), _) if a == People::default() => Some(Demand::Met(a)),
        (_, Demand::Met(b)) if b == People::default() => Some(Demand::Met(b)),
        (Demand::Met(a), Demand::OutOfReach) | (Demand::OutOfReach, Demand::Met(a)) => {
            Some(Demand::Met(a))
        }
        (Demand::OutOfReach, Demand::OutOfReach) => Some(Demand::OutOfReach),
        (Demand::Met(_), Demand::Met(_)) => None,
    }
}

fn literal<'a>(e: &'a Value, kind: &str) -> Option<&'a str> {
    let entity = e.get("Value")?.get("__entity")?;
    (entity.get("type")?.as_str()? == kind).then(|| entity.get("id")?.as_str())?
}

fn role(e: &Value) -> Option<Demand> {
    let roles = [Role::parse(literal(e, "Role")?)?].into();
    Some(Demand::Met(People {
        count: 1,
        roles,
        ..People::default()
    }))
}

fn person(e: &Value) -> Option<Demand> {
    let named = [Named::new(literal(e, "Person")?)].into();
    Some(Demand::Met(People {
        count: 1,
        named,
        ..People::default()
    }))
}
