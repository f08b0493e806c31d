//! Random facts on the rows of the table: the fast search agrees with the definition, the least
//! people are least, and every guard gets to decide.

use super::super::finding::Finding;
use super::super::scenario::embedded;
use super::super::scenario_run::same;
use super::acme;
use crate::model::{
    Approvals, AssetKind, Facts, Mode, Origin, Rating, Resolution, Restore, Tenure,
};
use std::collections::BTreeMap;

/// A generator that gives the same cases everywhere, so that a failure can be run again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
    fn number(&mut self, n: u64) -> i64 {
        i64::try_from(self.below(n)).unwrap()
    }
    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

fn change(dice: &mut Dice, facts: &mut Facts) {
    match dice.below(14) {
        0 => facts.rating = dice.pick(Rating::ALL),
        1 => facts.fresh = dice.coin(),
        2 => facts.impact = dice.number(101),
        3 => facts.mode = dice.pick(Mode::ALL),
        4 => facts.consent = dice.coin(),
        5 => facts.resolution = dice.pick(Resolution::ALL),
        6 => facts.asset_kind = dice.pick(&[AssetKind::Workstation, AssetKind::Server]),
        7 => facts.reviewed = dice.coin(),
        8 => facts.unreviewed_accepted = dice.coin(),
        9 => facts.history.tenure = dice.pick(Tenure::ALL),
        10 => facts.history.fleet_tenure = dice.pick(Tenure::ALL),
        11 => facts.history.released = dice.coin(),
        12 => facts.surge.cause_devices = dice.number(8),
        _ => {
            facts.restore = Restore {
                origin: dice.pick(Origin::ALL),
                single: dice.coin(),
                owner_agreed: dice.coin(),
            }
        }
    }
}

/// One person fewer, or one role, or one name.
fn fewer(people: &Approvals) -> Vec<Approvals> {
    let mut all = vec![];
    if people.count > 1 {
        all.push(Approvals {
            count: people.count - 1,
            ..people.clone()
        });
    }
    for role in &people.roles {
        let mut less = people.clone();
        less.roles.remove(role);
        all.push(less);
    }
    for person in &people.people {
        let mut less = people.clone();
        less.people.remove(person);
        all.push(less);
    }
    all
}

/// Of each of the four tests: 20,000 together, on as many cores as there are.
const CASES: usize = 5_000;

#[test]
fn the_fast_search_is_the_definition_and_the_least_people_are_least_1() {
    search(0x9E37_79B9_7F4A_7C15);
}

#[test]
fn the_fast_search_is_the_definition_and_the_least_people_are_least_2() {
    search(0xD1B5_4A32_D192_ED03);
}

#[test]
fn the_fast_search_is_the_definition_and_the_least_people_are_least_3() {
    search(0x8CB9_2BA7_2F3D_8DD7);
}

#[test]
fn the_fast_search_is_the_definition_and_the_least_people_are_least_4() {
    search(0xAAAA_5555_0F0F_3C3C);
}

fn search(seed: u64) {
    let guards = acme();
    let table = embedded().unwrap();
    let mut dice = Dice(seed);
    let (mut executed, mut held) = (0, 0);
    let mut decided: BTreeMap<String, usize> = BTreeMap::new();
    for case in 0..CASES {
        let row = &table[usize::try_from(dice.below(table.len() as u64)).unwrap()];
        let mut request = row.request.clone();
        for _ in 0..dice.below(5) {
            change(&mut dice, &mut request.facts);
        }
        let all = [request];
        let (quick, plain) = (guards.answer(&all), guards.by_definition(&all));
        assert!(
            same(&quick, &plain),
            "case {case}, {}: {quick:?} {plain:?}",
            row.name
        );
        assert!(
            plain.errors.is_empty(),
            "case {case}, {}: {plain:?}",
            row.name
        );
        if let Finding::Hold(people) = &plain.finding {
            held += 1;
            for less in fewer(people) {
                let permit = guards.permits(&all, &less);
                assert!(
                    !permit.allowed,
                    "case {case}, {}: {less} is enough",
                    row.name
                );
            }
        }
        executed += usize::from(plain.finding == Finding::Execute);
        for it in plain.against.iter().chain(&plain.by) {
            *decided.entry(it.id.clone()).or_default() += 1;
        }
    }
    // a run in which nothing happens proves nothing
    assert!(executed * 10 >= CASES, "{executed} of {CASES} execute");
    assert!(held * 10 >= CASES, "{held} of {CASES} hold");
    for policy in guards.policies() {
        let times = decided.get(&policy.id).copied().unwrap_or(0);
        assert!(times * 500 >= CASES, "{} decided {times} times", policy.id);
    }
}
