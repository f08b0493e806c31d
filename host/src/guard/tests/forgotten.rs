//! A fact that is missing makes a finding equal or stricter.

use super::super::finding::Finding;
use super::super::scenario::embedded;
use super::super::unknown::{Fact, forget};
use super::acme;
use crate::model::AssetKind;

/// Whoever opens the new hold would have opened the old one. By design one thing is not so: a
/// tenure that is not known holds on servers, not on workstations.
#[test]
fn a_forgotten_fact_never_makes_a_finding_looser() {
    let guards = acme();
    let (mut checks, mut stricter, mut looser) = (0, 0, vec![]);
    for it in embedded().unwrap() {
        let before = std::slice::from_ref(&it.request);
        let old = guards.answer(before).finding;
        for fact in Fact::ALL {
            let tenure = matches!(fact, Fact::Tenure | Fact::FleetTenure);
            if tenure && it.request.facts.asset_kind != AssetKind::Server {
                continue;
            }
            let mut without = it.request.clone();
            forget(*fact, without.action, &mut without.facts);
            let new = guards.answer(&[without]).finding;
            checks += 1;
            let holds = match &new {
                Finding::Execute => old == Finding::Execute,
                Finding::Hold(people) => guards.permits(before, people).allowed,
                Finding::Refuse => true,
            };
            stricter += usize::from(holds && new != old);
            if !holds {
                looser.push(format!("{} without {fact:?}: {old} -> {new}", it.name));
            }
        }
    }
    assert_eq!(looser, Vec::<String>::new());
    assert_eq!(checks, 2706);
    // else nothing was forgotten
    assert!(stricter > 700, "{stricter}");
}
