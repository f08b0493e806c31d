#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! What a target belongs to, who owns it, and how much risk is accepted there.

use super::*;
use crate::inventory::canonical::tests::asset;
use crate::inventory::{Change, ResolvedBy};
use crate::model::{
    Acceptance, AssetKind, Device, File, Group, Lineage, LineageKind, Millis, Mode, Person,
    PersonId, Process, Resolution, Role, Service, Threshold, UserAccount,
};
use proptest::prelude::*;

const NOW: Millis = Millis(1_800_000_000_000);
const STALE: u64 = 30 * Millis::DAY;

fn group(id: &str, kind: GroupKind) -> Group {
    Group {
        id: id.into(),
        kind,
        name: id.into(),
        mode: None,
        threshold: None,
        protection: None,
        parents: BTreeSet::new(),
        owners: BTreeSet::new(),
        deputies: BTreeSet::new(),
        acceptance: None,
        consent: None,
    }
}

fn edge(node: Node, protection: Option<Protection>) -> Edge {
    Edge {
        node,
        groups: BTreeSet::new(),
        protection,
        internal: false,
        privileged: false,
    }
}

fn device(name: &str) -> Device {
    Device {
        id: String::new(),
        name: name.into(),
    }
}

/// erp-01 in erp-servers in order-to-cash (critical); ws-17 in workstations; two named `twin`.
fn inventory() -> Inventory {
    let mut all = Inventory::default();
    let mut otc = group("order-to-cash", GroupKind::BusinessProcess);
    otc.protection = Some(Protection::Critical);
    otc.owners = ["olga".into()].into();
    otc.deputies = ["dan".into()].into();
    let mut erp = group("erp-servers", GroupKind::AssetGroup);
    erp.parents = ["order-to-cash".into()].into();
    let never = {
        let mut it = group("plant", GroupKind::BusinessProcess);
        it.protection = Some(Protection::Never);
        it
    };
    for it in [
        otc,
        erp,
        never,
        group("workstations", GroupKind::AssetGroup),
    ] {
        all.apply(&Change::PutGroup(it));
    }
    let mut erp = asset("erp-01");
    erp.groups = ["erp-servers".into()].into();
    erp.addresses = ["10.0.0.5".into()].into();
    let mut ws = asset("ws-17");
    ws.groups = ["workstations".into()].into();
    ws.kind = Some(AssetKind::Workstation);
    let mut twin = asset("twin");
    twin.groups = ["workstations".into()].into();
    twin.kind = Some(AssetKind::Workstation);
    let mut other = asset("twin-plant");
    other.name = "twin".into();
    other.fqdn = Some("twin.plant.example".into());
    other.groups = ["plant".into()].into();
    for it in [erp, ws, twin, other] {
        all.apply(&Change::PutAsset(it));
    }
    for (id, roles) in [
        ("olga", vec![]),
        ("dan", vec![Role::Analyst]),
        ("lea", vec![Role::Lead]),
        ("def", vec![Role::Owner]),
    ] {
        all.apply(&Change::PutPerson(Person {
            id: id.into(),
            name: id.into(),
            roles: roles.into_iter().collect(),
            operator: false,
            contact: None,
            zone: None,
        }));
    }
    all
}

fn reach_of(all: &Inventory, target: Target, software: Option<&Software>) -> (Canonical, Reach) {
    let canonical = all.canonical(&target, "acme/edr", NOW, STALE).unwrap();
    let reach = all.reach(&"acme".into(), &canonical, software);
    (canonical, reach)
}

fn process_on(name: &str, image: &str, hash: &str) -> Target {
    Target::Process(Process {
        device: device(name),
        id: None,
        pid: None,
        started: None,
        name: image.into(),
        sha256: Some(hash.repeat(32)),
        reference: None,
    })
}

fn file_on(name: &str, path: &str) -> Target {
    let sha256 = Some("cd".repeat(32));
    Target::File(File {
        device: device(name),
        path: path.into(),
        sha256,
        reference: None,
    })
}

fn at(path: &str) -> Software {
    Software {
        path: Some(path.into()),
        ..Software::default()
    }
}

fn signed(signer: &str, name: &str) -> Software {
    Software {
        signer: Some(signer.into()),
        name: name.into(),
        ..Software::default()
    }
}

fn protections(all: &Inventory, target: Target, software: Option<&Software>) -> Vec<Protection> {
    reach_of(all, target, software)
        .1
        .resource
        .protections()
        .into_iter()
        .collect()
}

#[test]
fn ancestors_are_closed_over_groups_of_groups() {
    let all = inventory();
    let (_, reach) = reach_of(&all, process_on("erp-01", "x.exe", "ab"), None);
    let ancestors = &reach.resource.ancestors;
    for it in [
        Ancestor::Device("erp-01".into()),
        Ancestor::AssetGroup("erp-servers".into()),
        Ancestor::BusinessProcess("order-to-cash".into()),
        Ancestor::Protection(Protection::Critical),
        Ancestor::Software(format!("hash:{}", "ab".repeat(32))),
    ] {
        assert!(ancestors.contains(&it), "{it:?} in {ancestors:?}");
    }
    assert_eq!(all.processes_that_stop(&reach), 1);
    assert_eq!(
        all.group_members(&"order-to-cash".into()),
        ["erp-01".into()].into()
    );
    assert_eq!(all.smallest_group(&reach), Some(("erp-servers".into(), 1)));
}

#[test]
fn a_circle_of_groups_ends() {
    let mut all = inventory();
    let mut otc = group("order-to-cash", GroupKind::BusinessProcess);
    otc.parents = ["erp-servers".into()].into();
    all.apply(&Change::PutGroup(otc));
    assert_eq!(all.groups_of(&"erp-01".into()).len(), 2);
}

#[test]
fn an_ambiguous_name_is_protected_by_every_candidate() {
    let all = inventory();
    let (canonical, reach) = reach_of(&all, Target::Device(device("twin")), None);
    assert_eq!(canonical.resolved.resolution, Resolution::Ambiguous);
    assert!(reach.resource.protections().contains(&Protection::Never));
    assert_eq!(all.asset_kind(&canonical), AssetKind::Server);
    assert!(!all.reviewed(&canonical));
    assert_eq!(reach.assets.len(), 2);
}

#[test]
fn a_rule_on_software_protects_it_wherever_it_runs() {
    let mut all = inventory();
    let software = |kind, text: &str| {
        Node::Software(Lineage {
            kind,
            text: text.into(),
        })
    };
    let mut job = edge(
        software(LineageKind::Signer, "CN=Jobs Inc, C=US|JobRunner"),
        None,
    );
    job.groups = ["order-to-cash".into()].into();
    for it in [
        job,
        edge(
            software(LineageKind::Path, r"C:\Apps\Bridge\"),
            Some(Protection::Important),
        ),
        edge(
            software(LineageKind::Hash, &"EF".repeat(32)),
            Some(Protection::Never),
        ),
        edge(
            software(LineageKind::Path, "Ledger.exe"),
            Some(Protection::Critical),
        ),
    ] {
        all.apply(&Change::PutEdge(it));
    }
    let on = |target, software: Option<&Software>| protections(&all, target, software);
    let ws = |image: &str, hash: &str| process_on("ws-17", image, hash);
    use Protection::{Critical, Important, Never};
    assert_eq!(
        on(ws("j.exe", "ab"), Some(&signed("Jobs Inc", "jobrunner"))),
        [Critical]
    );
    assert_eq!(
        on(ws("j.exe", "ab"), Some(&signed("Jobs Inc", "other"))),
        []
    );
    assert_eq!(
        on(ws("b.exe", "ab"), Some(&at(r"D:\apps\bridge\b.exe"))),
        [Important]
    );
    assert_eq!(
        on(
            file_on("ws-17", r"\Device\HarddiskVolume2\APPS\Bridge\x\b.dll"),
            None
        ),
        [Important]
    );
    assert_eq!(on(file_on("ws-17", r"C:\Apps\Other\b.exe"), None), []);
    assert_eq!(on(ws("x.exe", "ef"), None), [Never]);
    assert_eq!(on(ws("LEDGER.EXE", "ab"), None), [Critical]);
    assert_eq!(on(file_on("ws-17", r"C:\tmp\ledger.exe"), None), [Critical]);
    let allowed = Target::Software(signed("Jobs Inc", "JobRunner"));
    assert_eq!(on(allowed, None), [Critical]);
}

#[test]
fn what_ships_is_protected_before_anybody_listed_anything() {
    use Protection::{Critical, Never};
    let all = inventory();
    let ws = |image: &str| process_on("ws-17", image, "ab");
    let service = |name: &str| {
        Target::Service(Service {
            device: device("ws-17"),
            name: name.into(),
        })
    };
    let account = |id: &str, name: &str| {
        Target::Account(UserAccount {
            id: id.into(),
            name: name.into(),
            domain: String::new(),
        })
    };
    let rows: Vec<(Target, Option<Software>, Vec<Protection>)> = vec![
        (ws("lsass.exe"), None, vec![Never]),
        (
            ws("LSASS.EXE"),
            Some(at(r"C:\Windows\System32\lsass.exe")),
            vec![Never],
        ),
        (ws("lsass.exe"), Some(at(r"C:\Users\x\lsass.exe")), vec![]),
        (
            ws("dropper.exe"),
            Some(at(r"C:\Users\x\dropper.exe")),
            vec![],
        ),
        (
            ws("agent"),
            Some(signed("SentinelOne, Inc.", "Agent")),
            vec![Never],
        ),
        (
            ws("agent"),
            Some(at(r"C:\PROGRA~1\SENTIN~1\agent.exe")),
            vec![Never],
        ),
        (
            ws("v.exe"),
            Some(at(r"E:\Program Files\Veeam\Backup\v.exe")),
            vec![Critical],
        ),
        (
            ws("systemd"),
            Some(at("/usr/lib/systemd/systemd")),
            vec![Never],
        ),
        (
            ws("rundll32.exe"),
            Some(at(r"C:\Windows\System32\rundll32.exe")),
            vec![],
        ),
        (
            file_on("ws-17", r"C:\Windows\System32\rundll32.exe"),
            None,
            vec![Critical],
        ),
        (
            file_on("ws-17", r"C:\Windows\explorer.exe"),
            None,
            vec![Never],
        ),
        (service("NTDS"), None, vec![Never]),
        (service("sshd.service"), None, vec![Never]),
        (service("spooler"), None, vec![]),
        (account("", "krbtgt"), None, vec![Never]),
        (account("", "jdoe"), None, vec![]),
        (Target::Address("8.8.8.8".into()), None, vec![Never]),
        (Target::Address("::ffff:8.8.8.8".into()), None, vec![Never]),
        (
            Target::Address("64:ff9b::808:808".into()),
            None,
            vec![Never],
        ),
        (
            Target::Address("0.0.0.0/0".into()),
            None,
            vec![Critical, Never],
        ),
        (Target::Address("128.0.0.0/1".into()), None, vec![Never]),
        (Target::Address("::/0".into()), None, vec![Critical, Never]),
        (Target::Address("203.0.113.9".into()), None, vec![]),
        (
            Target::Domain("login.microsoftonline.com".into()),
            None,
            vec![Never],
        ),
        (Target::Domain("windows.net".into()), None, vec![Never]),
        (
            Target::Domain("evil.blob.core.windows.net".into()),
            None,
            vec![],
        ),
        (Target::Domain("evil.example".into()), None, vec![]),
        (Target::Url("https://8.8.8.8/dns".into()), None, vec![Never]),
    ];
    for (target, software, expected) in rows {
        let label = format!("{target:?} {software:?}");
        assert_eq!(
            protections(&all, target, software.as_ref()),
            expected,
            "{label}"
        );
    }
}

#[test]
fn a_machine_that_nobody_reviewed_is_what_its_name_says() {
    let mut all = inventory();
    let mut dc = asset("fra-dc-1");
    dc.reviewed = false;
    all.apply(&Change::PutAsset(dc.clone()));
    let target = || Target::Device(device("fra-dc-1"));
    assert_eq!(protections(&all, target(), None), [Protection::Never]);
    assert_eq!(
        protections(&all, Target::Device(device("dc7")), None),
        [Protection::Never],
        "unresolved"
    );
    dc.reviewed = true;
    all.apply(&Change::PutAsset(dc.clone()));
    assert_eq!(protections(&all, target(), None), []);
    dc.groups = ["countersign:domain-controllers".into()].into();
    all.apply(&Change::PutAsset(dc));
    assert_eq!(protections(&all, target(), None), [Protection::Never]);
    // A group of the same id adds owners; it cannot take the protection away.
    let mut own = group("countersign:domain-controllers", GroupKind::AssetGroup);
    own.owners = ["olga".into()].into();
    all.apply(&Change::PutGroup(own));
    let (_, reach) = reach_of(&all, target(), None);
    assert_eq!(reach.resource.protections(), [Protection::Never].into());
    assert_eq!(all.owners(&reach, None), ["olga".into()].into());
}

#[test]
fn addresses_are_protected_by_overlap_and_domains_in_both_directions() {
    let mut all = inventory();
    let mut partners = edge(
        Node::Address("198.51.100.0/24".into()),
        Some(Protection::Critical),
    );
    partners.groups = ["partners".into()].into();
    all.apply(&Change::PutGroup(group("partners", GroupKind::Network)));
    all.apply(&Change::PutEdge(partners));
    let mut shop = edge(
        Node::Domain("Shop.Example.".into()),
        Some(Protection::Critical),
    );
    shop.internal = true;
    all.apply(&Change::PutEdge(shop));
    for (target, hit) in [
        (Target::Address("198.51.100.7".into()), true),
        (Target::Address("198.51.0.0/16".into()), true),
        (Target::Address("2002:c633:6407::1".into()), true),
        (Target::Address("198.51.101.7".into()), false),
        (Target::Domain("cdn.shop.example".into()), true),
        (Target::Domain("otherpshop.example".into()), false),
    ] {
        let label = format!("{target:?}");
        assert_eq!(
            protections(&all, target, None).contains(&Protection::Critical),
            hit,
            "{label}"
        );
    }
    let (_, reach) = reach_of(&all, Target::Address("198.51.100.7".into()), None);
    assert!(
        reach
            .resource
            .ancestors
            .contains(&Ancestor::Network("partners".into()))
    );
    let internal = |target| reach_of(&all, target, None).1.resource.internal;
    assert!(internal(Target::Address("192.168.4.4".into())));
    assert!(internal(Target::Address("0.0.0.0/0".into())));
    assert!(
        internal(Target::Domain("corp.example".into())),
        "assets have names below it"
    );
    assert!(internal(Target::Domain("shop.example".into())));
    assert!(internal(Target::Domain("x.corp".into())));
    assert!(!internal(Target::Domain("evil.example".into())));
    assert!(!internal(Target::Address("203.0.113.9".into())));
}

#[test]
fn an_address_takes_part_in_what_its_assets_belong_to_and_a_domain_has_no_place_for_groups() {
    let all = inventory();
    let (canonical, reach) = reach_of(&all, Target::Address("10.0.0.0/24".into()), None);
    assert!(
        reach
            .resource
            .ancestors
            .contains(&Ancestor::Device("erp-01".into()))
    );
    assert!(reach.resource.protections().contains(&Protection::Critical));
    assert_eq!(all.asset_kind(&canonical), AssetKind::Server);
    let (canonical, reach) = reach_of(&all, Target::Domain("erp-01.corp.example".into()), None);
    assert!(reach.resource.protections().contains(&Protection::Critical));
    assert!(
        !reach
            .resource
            .ancestors
            .iter()
            .any(|it| matches!(it, Ancestor::AssetGroup(_) | Ancestor::Device(_)))
    );
    assert!(reach.groups.contains(&GroupId::from("erp-servers")));
    assert_eq!(canonical.covered, 1);
    let (canonical, _) = reach_of(&all, Target::Domain("evil.example".into()), None);
    assert_eq!(all.asset_kind(&canonical), AssetKind::None);
    assert!(all.reviewed(&canonical));
}

#[test]
fn kind_and_review_of_what_stands_on_a_device() {
    let mut all = inventory();
    let mut unreviewed = asset("new-1");
    unreviewed.reviewed = false;
    all.apply(&Change::PutAsset(unreviewed));
    for (name, kind, reviewed) in [
        ("ws-17", AssetKind::Workstation, true),
        ("erp-01", AssetKind::Server, true),
        ("new-1", AssetKind::Server, false),
        ("nowhere", AssetKind::Server, false),
    ] {
        let (canonical, _) = reach_of(&all, process_on(name, "x", "ab"), None);
        assert_eq!(
            (all.asset_kind(&canonical), all.reviewed(&canonical)),
            (kind, reviewed),
            "{name}"
        );
    }
}

#[test]
fn what_is_not_known_counts_as_critical_and_never_stays_never() {
    let mut all = inventory();
    let mut unreviewed = asset("new-1");
    unreviewed.reviewed = false;
    all.apply(&Change::PutAsset(unreviewed));
    for (name, expected) in [
        ("ws-17", None),
        ("erp-01", Some(Protection::Critical)),
        ("new-1", Some(Protection::Critical)),
        ("nowhere", Some(Protection::Critical)),
        ("twin", Some(Protection::Never)),
    ] {
        let (canonical, reach) = reach_of(&all, Target::Device(device(name)), None);
        let found = all.protection_to_assume(&canonical, &reach);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn accounts_are_protected_under_every_name_and_admins_are_privileged() {
    let mut all = inventory();
    all.apply(&Change::PutAccount(crate::model::Account {
        id: "S-1-5-21-1-2-3-1104".into(),
        aliases: [r"CORP\ceo".into()].into(),
    }));
    all.apply(&Change::PutEdge(edge(
        Node::Account(r"corp\CEO".into()),
        Some(Protection::Never),
    )));
    let account = |id: &str, name: &str| {
        Target::Account(UserAccount {
            id: id.into(),
            name: name.into(),
            domain: String::new(),
        })
    };
    assert_eq!(
        protections(&all, account("s-1-5-21-1-2-3-1104", ""), None),
        [Protection::Never]
    );
    assert_eq!(
        protections(&all, account("", "ceo@corp.example"), None),
        [Protection::Never]
    );
    let of = |target| reach_of(&all, target, None);
    assert!(of(account("S-1-5-21-9-9-9-500", "")).1.resource.privileged);
    assert!(of(account("", "root")).1.resource.privileged);
    assert!(!of(account("", "jdoe@corp.example")).1.resource.privileged);
    assert!(all.reviewed(&of(account("", r"corp\ceo")).0));
    assert!(!all.reviewed(&of(account("", r"corp\jdoe")).0));
}

#[test]
fn the_most_restrictive_mode_and_the_lowest_numbers_win_and_signatures_end() {
    let mut all = inventory();
    let until = NOW.plus(1);
    let signed = Some(Acceptance {
        accepted_by: "olga".into(),
        until,
    });
    let mut ws = group("workstations", GroupKind::AssetGroup);
    ws.mode = Some(Mode::Enforce);
    ws.threshold = Some(Threshold {
        alone: 50,
        one_person: 55,
    });
    ws.acceptance = signed.clone();
    all.apply(&Change::PutGroup(ws.clone()));
    let of = |all: &Inventory, now| {
        let (_, reach) = reach_of(all, Target::Device(device("ws-17")), None);
        let it = all.threshold(&reach, now);
        (
            all.mode(&reach, Mode::Observe, now),
            it.alone,
            it.one_person,
        )
    };
    assert_eq!(of(&all, NOW), (Mode::Enforce, 50, 55));
    assert_eq!(
        of(&all, until),
        (Mode::Hold, 30, 55),
        "the signature has run out"
    );
    ws.acceptance = None;
    all.apply(&Change::PutGroup(ws.clone()));
    assert_eq!(of(&all, NOW), (Mode::Hold, 30, 55), "nobody signed");
    ws.acceptance = signed;
    ws.parents = ["site".into()].into();
    let mut site = group("site", GroupKind::AssetGroup);
    site.threshold = Some(Threshold {
        alone: 10,
        one_person: 60,
    });
    all.apply(&Change::PutGroup(ws));
    all.apply(&Change::PutGroup(site.clone()));
    assert_eq!(
        of(&all, NOW),
        (Mode::Enforce, 10, 55),
        "a group without a mode says nothing"
    );
    site.mode = Some(Mode::Hold);
    all.apply(&Change::PutGroup(site));
    assert_eq!(of(&all, NOW), (Mode::Hold, 10, 55));
    let (_, reach) = reach_of(&all, Target::Device(device("erp-01")), None);
    assert_eq!(all.mode(&reach, Mode::Observe, NOW), Mode::Observe);
    assert_eq!(all.threshold(&reach, NOW), Threshold::DEFAULT);
}

#[test]
fn owners_deputies_and_roles() {
    let all = inventory();
    let (_, erp) = reach_of(&all, process_on("erp-01", "x", "ab"), None);
    let (_, ws) = reach_of(&all, process_on("ws-17", "x", "ab"), None);
    let set = |names: &[&str]| {
        names
            .iter()
            .map(|it| PersonId::from(*it))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(all.owners(&erp, None), set(&["olga"]));
    assert_eq!(all.deputies(&erp), set(&["dan"]));
    let configured = PersonId::from("boss");
    assert_eq!(all.owners(&ws, Some(&configured)), set(&["boss", "def"]));
    let roles = |who: &str, reach: &Reach| all.roles_of(&who.into(), reach, None);
    assert_eq!(roles("olga", &erp), [Role::Owner].into());
    assert_eq!(roles("dan", &erp), [Role::Analyst, Role::Owner].into());
    assert_eq!(roles("dan", &ws), [Role::Analyst].into());
    assert_eq!(roles("lea", &erp), [Role::Lead].into());
    assert_eq!(roles("def", &ws), [Role::Owner].into());
    assert_eq!(roles("def", &erp), [].into(), "somebody owns it");
    assert_eq!(roles("stranger", &erp), [].into());
}

#[test]
fn the_host_protects_itself_and_no_change_takes_that_away() {
    let own = crate::inventory::shipped::edges_of_itself(&crate::inventory::shipped::Itself {
        program: Some("/opt/countersign/countersign".into()),
        sha256: None,
        peers: vec!["10.9.9.9".into(), "edr.vendor.example".into()],
    });
    let mut all = Inventory::protecting(own);
    all.apply(&Change::RemoveEdge(Node::Address("10.9.9.9".into())));
    let mut weaker = edge(Node::Domain("edr.vendor.example".into()), None);
    weaker.internal = true;
    all.apply(&Change::PutEdge(weaker));
    all.apply(&Change::RemoveEdge(Node::Domain(
        "edr.vendor.example".into(),
    )));
    for target in [
        Target::Address("10.9.9.0/24".into()),
        Target::Domain("vendor.example".into()),
        process_on("any", "countersign", "ab"),
    ] {
        let label = format!("{target:?}");
        assert_eq!(
            protections(&all, target, None),
            [Protection::Never],
            "{label}"
        );
    }
}

#[test]
fn changes_and_reach_survive_the_journal() {
    let all = inventory();
    let (canonical, reach) = reach_of(&all, process_on("erp-01", "x.exe", "ab"), None);
    let text = serde_json::to_string(&(&canonical, &reach)).unwrap();
    let back: (Canonical, Reach) = serde_json::from_str(&text).unwrap();
    assert_eq!(back, (canonical, reach));
    assert_eq!(back.0.resolved.by, ResolvedBy::Name);
    let change = Change::PutEdge(edge(Node::Domain("a.example".into()), None));
    let text = serde_json::to_string(&change).unwrap();
    assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
}

proptest! {
    /// Whoever else is a candidate, what protects one of them protects the name.
    #[test]
    fn more_candidates_never_protect_less(extra in 0usize..4) {
        let mut all = inventory();
        for n in 0..extra {
            let mut it = asset(&format!("more-{n}"));
            it.name = "twin".into();
            it.fqdn = Some(format!("twin.site{n}.example"));
            all.apply(&Change::PutAsset(it));
        }
        let found = protections(&all, Target::Device(device("twin")), None);
        prop_assert!(found.contains(&Protection::Never));
    }
    /// The last change of a thing counts, whatever came before it.
    #[test]
    fn the_indexes_follow_the_data(order in proptest::collection::vec(0usize..3, 0..12)) {
        let mut all = Inventory::default();
        for it in &order {
            let mut one = asset("a");
            one.aliases = [format!("alias-{it}")].into();
            one.addresses = [format!("10.0.0.{it}")].into();
            all.apply(&Change::PutAsset(one));
        }
        for n in 0..3usize {
            let expected = order.last() == Some(&n);
            let found = all.resolve_name(&format!("alias-{n}"), NOW, STALE).sole_asset().is_some();
            prop_assert_eq!(found, expected);
            let found = all.resolve_name(&format!("10.0.0.{n}"), NOW, STALE).sole_asset().is_some();
            prop_assert_eq!(found, expected);
        }
    }
}
