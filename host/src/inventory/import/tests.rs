#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! Documents in, changes out: twice is once, and every mistake has its place.

use super::*;
use crate::inventory::canonical::tests::asset;
use crate::inventory::{
    Change, Inventory, Sightings, confirm_from_sightings, place_sightings, read_sightings,
};
use crate::model::{AssetId, Millis, Mode, Software, Tenure};
use proptest::prelude::*;

const NOW: Millis = Millis(1_800_000_000_000);

const GROUPS: &str = "\
group,name,kind,mode,alone,one_person,protection,parents,owners,deputies,accepted_by,until
order-to-cash,Order to cash,business-process,,,,critical,,olga,dan,,
erp-servers,ERP,,hold,,,,order-to-cash,,,,
workstations,,,enforce,40,70,,,,,olga,2027-06-30
";

const ASSETS: &str = "\
name,fqdn,aliases,addresses,kind,reviewed,groups,protection,owners,managed_by,zone,id:acme/edr
ERP-01,erp-01.corp.example,erp;sap,10.0.0.5;10.0.1.0/24,server,yes,erp-servers,,,acme/edr,Europe/Berlin,a1
WS-17,,,,workstation,yes,workstations,,,,,a2
";

fn bring(all: &mut Inventory, text: &str, format: Format) -> Diff {
    let document = read(text.as_bytes(), format).unwrap_or_else(|it| panic!("{it:?}"));
    let diff = diff(all, &document, NOW).unwrap_or_else(|it| panic!("{it:?}"));
    for change in &diff.changes {
        all.apply(change);
    }
    diff
}

fn filled() -> Inventory {
    let mut all = Inventory::default();
    bring(&mut all, GROUPS, Format::Csv);
    bring(&mut all, ASSETS, Format::Csv);
    all
}

fn errors(text: &str, format: Format) -> Vec<String> {
    let all = filled();
    let found = match read(text.as_bytes(), format) {
        Err(errors) => errors,
        Ok(document) => match diff(&all, &document, NOW) {
            Err(errors) => errors,
            Ok(_) => Vec::new(),
        },
    };
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_table_becomes_assets_and_the_second_time_nothing() {
    let mut all = filled();
    let erp = all.asset(&"erp-01.corp.example".into()).unwrap().clone();
    assert_eq!(erp.name, "ERP-01");
    assert_eq!(erp.aliases, ["erp".to_owned(), "sap".to_owned()].into());
    assert!(erp.reviewed);
    for (text, records) in [(GROUPS, 3), (ASSETS, 2)] {
        let again = bring(&mut all, text, Format::Csv);
        assert_eq!(
            (again.changes.len(), again.lines.len(), again.unchanged),
            (0, 0, records)
        );
        assert_eq!(again.confirm, None);
        assert!(again.loosens.is_empty());
    }
    let later = NOW.plus(2 * Millis::DAY);
    let again = diff(&all, &read(ASSETS.as_bytes(), Format::Csv).unwrap(), later).unwrap();
    assert!(again.changes.is_empty());
    assert!(matches!(again.confirm, Some(Change::Confirm { ref assets, .. }) if assets.len() == 2));
}

#[test]
fn a_column_that_is_absent_changes_nothing_and_an_empty_cell_clears() {
    let mut all = filled();
    let diff = bring(
        &mut all,
        "name,zone,aliases\nerp-01,Europe/Madrid,\n",
        Format::Csv,
    );
    let fields: Vec<&str> = diff.lines.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["aliases", "name", "zone"]);
    let erp = all.asset(&"erp-01.corp.example".into()).unwrap();
    assert!(erp.aliases.is_empty());
    assert_eq!(erp.groups.len(), 1);
    assert_eq!(erp.vendor_ids.len(), 1);
}

#[test]
fn json_says_the_same_as_csv() {
    let mut by_csv = filled();
    let mut by_json = Inventory::default();
    let text = r#"{"groups": [
        {"group": "order-to-cash", "name": "Order to cash", "kind": "business-process", "protection": "critical", "owners": ["olga"], "deputies": ["dan"]},
        {"group": "erp-servers", "name": "ERP", "mode": "hold", "parents": ["order-to-cash"]},
        {"group": "workstations", "mode": "enforce", "alone": 40, "one_person": 70, "accepted_by": "olga", "until": "2027-06-30"}],
      "assets": [
        {"name": "ERP-01", "fqdn": "erp-01.corp.example", "aliases": ["erp", "sap"], "addresses": ["10.0.0.5", "10.0.1.0/24"],
         "kind": "server", "reviewed": true, "groups": ["erp-servers"], "managed_by": ["acme/edr"], "zone": "Europe/Berlin", "ids": {"acme/edr": "a1"}},
        {"name": "WS-17", "kind": "workstation", "reviewed": true, "groups": ["workstations"], "managed_by": [], "ids": {"acme/edr": "a2"}}]}"#;
    bring(&mut by_json, text, Format::Json);
    // The table cleared what products manage the workstation; so did the list.
    bring(
        &mut by_csv,
        "name,managed_by\nws-17,\nWS-17,\n"
            .lines()
            .take(2)
            .collect::<Vec<_>>()
            .join("\n")
            .as_str(),
        Format::Csv,
    );
    bring(&mut by_csv, "name\nWS-17\n", Format::Csv);
    assert!(by_csv.assets().eq(by_json.assets()));
    assert!(by_csv.groups().eq(by_json.groups()));
}

#[test]
fn edges_accounts_and_removals_come_in_json() {
    let mut all = filled();
    let text = r#"{"software": [{"signer": "CN=Jobs Inc", "product": "JobRunner", "groups": ["order-to-cash"]},
                                {"path": "C:\\Apps\\Bridge\\", "protection": "important"}],
      "accounts": [{"account": "S-1-5-21-1-2-3-1104", "aliases": ["CORP\\ceo"], "protection": "never", "privileged": true}],
      "addresses": [{"address": "198.51.100.7/24", "protection": "critical"}],
      "domains": [{"domain": "Shop.Example", "internal": true}]}"#;
    let diff = bring(&mut all, text, Format::Json);
    assert_eq!(diff.changes.len(), 6);
    assert_eq!(bring(&mut all, text, Format::Json).changes.len(), 0);
    assert!(
        all.edges()
            .any(|it| it.node == crate::model::Node::Address("198.51.100.0/24".into()))
    );
    let text = r#"{"remove": {"assets": ["ws-17", "nobody"], "addresses": ["198.51.100.0/24"], "groups": ["workstations"]}}"#;
    let diff = bring(&mut all, text, Format::Json);
    assert_eq!(
        (diff.changes.len(), diff.unchanged, diff.loosens.len()),
        (3, 1, 3)
    );
    assert_eq!(bring(&mut all, text, Format::Json).changes.len(), 0);
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let text = "name,kind,groups,addresses,reviewed\nok,server,,,yes\n,server,,,\nbad,servr,,10.0.0.1-10.0.0.9,maybe\n";
    assert_eq!(
        errors(text, Format::Csv),
        [
            "CS-asset-03 line 3, column name: name is missing",
            "CS-target-06 line 4, column addresses: address \"10.0.0.1-10.0.0.9\": write one address or one prefix such as 10.0.0.0/8, in decimal, without a zone",
            "CS-asset-04 line 4, column kind: \"servr\" is not one of workstation, server; did you mean server?",
            "CS-asset-04 line 4, column reviewed: \"maybe\" is not one of true, false, yes, no",
        ]
    );
    for (text, format, expected) in [
        (
            "name,protecton\na,never\n",
            Format::Csv,
            "CS-asset-02 line 1, column protecton: \"protecton\" is not a known column; did you mean protection?",
        ),
        (
            "name;kind\na;server\n",
            Format::Csv,
            "CS-asset-02 line 1, column name;kind: \"name;kind\" is not a known column; separate columns with commas, and items with semicolons",
        ),
        (
            "name,name\na,b\n",
            Format::Csv,
            "CS-asset-02 line 1, column name: the column is there twice",
        ),
        (
            "name,id:edr\na,b\n",
            Format::Csv,
            "CS-asset-02 line 1, column id:edr",
        ),
        (
            "name,kind\na\n",
            Format::Csv,
            "CS-asset-01 line 2: it has 1 columns, the header has 2",
        ),
        (
            "name,groups\na,erp-serverz\n",
            Format::Csv,
            "CS-asset-05 line 2, column groups: there is no group \"erp-serverz\"; did you mean erp-servers?",
        ),
        (
            "name,kind\nerp-01,server\nERP-01.corp.example,server\n",
            Format::Csv,
            "CS-asset-06 line 3: \"erp-01.corp.example\" stands there twice",
        ),
        (
            "group,mode\nx,enforce\n",
            Format::Csv,
            "CS-asset-10 line 2: mode enforce",
        ),
        (
            "group,alone,one_person\nx,50,20\n",
            Format::Csv,
            "CS-asset-09 line 2, column alone: alone (50) is above one_person (20)",
        ),
        (
            "group,alone\nx,101\n",
            Format::Csv,
            "CS-asset-09 line 2, column alone: an impact is 0 to 100",
        ),
        (
            "group,accepted_by\nx,olga\n",
            Format::Csv,
            "CS-asset-10 line 2: a signature has both",
        ),
        (
            "group,parents\norder-to-cash,erp-servers\n",
            Format::Csv,
            "CS-asset-12 line 2, column parents: group order-to-cash would contain itself",
        ),
        (
            "group,until\nx,soon\n",
            Format::Csv,
            "CS-asset-08 line 2, column until: \"soon\" is no time",
        ),
        (
            "name,zone\na,Mars/Base\n",
            Format::Csv,
            "CS-asset-08 line 2, column zone",
        ),
        (
            "name,id:acme/edr\na,\"x,y\"\n",
            Format::Csv,
            "CS-target-12 line 2, column id:acme/edr",
        ),
        (
            "name\nd\u{441}01\n",
            Format::Csv,
            "CS-target-01 line 2, column name",
        ),
        (
            "{",
            Format::Json,
            "CS-asset-01 line 1, column 1: it cannot be read as JSON",
        ),
        (
            "[]",
            Format::Json,
            "CS-asset-01 the document: it is not a JSON object",
        ),
        (
            "{\"asets\": []}",
            Format::Json,
            "CS-asset-02 /asets: \"asets\" is not a known list; did you mean assets?",
        ),
        (
            "{\"assets\": [{\"name\": \"a\", \"name\": \"b\"}]}",
            Format::Json,
            "CS-asset-01 line 1, column 38: it cannot be read as JSON: a key stands there twice",
        ),
        (
            "{\"assets\": [{\"name\": \"a\", \"kind\": \"servr\"}]}",
            Format::Json,
            "CS-asset-04 /assets/0/kind",
        ),
        (
            "{\"assets\": [{\"name\": \"a\", \"role\": \"x\"}]}",
            Format::Json,
            "CS-asset-02 /assets/0/role",
        ),
        (
            "{\"assets\": [{\"name\": \"a\", \"groups\": [[]]}]}",
            Format::Json,
            "CS-asset-04 /assets/0/groups",
        ),
        (
            "{\"software\": [{\"signer\": \"a\", \"path\": \"C:\\\\x\"}]}",
            Format::Json,
            "CS-asset-03 /software/0: it needs exactly one",
        ),
        (
            "{\"domains\": [{\"domain\": \"co.uk\"}]}",
            Format::Json,
            "CS-target-13 /domains/0/domain",
        ),
    ] {
        let found = errors(text, format);
        assert!(
            found.iter().any(|it| it.starts_with(expected)),
            "{text}\n{found:#?}"
        );
    }
    assert!(read(b"name\n\xff\n", Format::Csv).is_err());
}

#[test]
fn a_row_that_could_be_two_assets_is_never_guessed() {
    let mut all = filled();
    for id in ["twin-a", "twin-b"] {
        let mut it = asset(id);
        it.name = "twin".into();
        it.fqdn = None;
        it.vendor_ids = [("acme/edr".to_owned(), format!("t-{id}"))].into();
        all.apply(&Change::PutAsset(it));
    }
    let document = read(b"name,zone\ntwin,Europe/Berlin\n", Format::Csv).unwrap();
    let found = diff(&all, &document, NOW).unwrap_err();
    assert_eq!(
        found[0].to_string(),
        "CS-asset-07 line 2: it may be any of twin-a, twin-b; say which in a field id"
    );
    let document = read(
        b"name,id:acme/edr,zone\ntwin,t-twin-b,Europe/Berlin\n",
        Format::Csv,
    )
    .unwrap();
    let diff = diff(&all, &document, NOW).unwrap();
    assert_eq!(diff.lines[0].subject, "asset twin-b");
}

#[test]
fn the_same_name_in_another_domain_is_another_asset() {
    let mut all = filled();
    let diff = bring(
        &mut all,
        "name,fqdn\nerp-01,erp-01.lab.example\n",
        Format::Csv,
    );
    assert_eq!(diff.lines[0].subject, "asset erp-01.lab.example");
    assert_eq!(all.assets_count(), 3);
}

#[test]
fn what_makes_a_protection_weaker_is_named() {
    use Weaker::*;
    let before = {
        let mut all = filled();
        bring(
            &mut all,
            "name,protection,kind,reviewed\nerp-01,never,server,yes\nnew-1,,server,no\n",
            Format::Csv,
        );
        all
    };
    for (text, expected) in [
        ("name,protection\nerp-01,critical\n", vec![Protection]),
        ("name,protection\nerp-01,\n", vec![Protection]),
        ("name,groups\nerp-01,\n", vec![Mode, Owner]),
        (
            "name,groups\nerp-01,erp-servers;workstations\n",
            vec![Threshold],
        ),
        ("name,groups\nws-17,workstations;erp-servers\n", vec![Owner]),
        ("name,groups\nnew-1,workstations\n", vec![Mode, Threshold]),
        ("name,kind\nerp-01,workstation\n", vec![Kind]),
        ("name,reviewed\nnew-1,yes\n", vec![Review]),
        ("name,owners\nws-17,eve\n", vec![Owner]),
        ("name,aliases\nerp-01,sap\n", vec![Identity]),
        ("name,id:acme/edr\nerp-01,a9\n", vec![Identity]),
        ("name,aliases\nws-17,kiosk\n", vec![]),
        ("name,zone\nerp-01,Europe/Madrid\n", vec![]),
        (
            "name,kind,groups\nfresh-1,workstation,workstations\n",
            vec![],
        ),
        ("group,protection\norder-to-cash,\n", vec![Protection]),
        ("group,protection\norder-to-cash,never\n", vec![]),
        ("group,mode\nerp-servers,observe\n", vec![]),
        (
            "group,mode,accepted_by,until\nerp-servers,enforce,olga,2027-06-30\n",
            vec![Mode, Acceptance],
        ),
        ("group,mode\nworkstations,hold\n", vec![]),
        ("group,mode\nworkstations,\n", vec![]),
        ("group,mode\nerp-servers,\n", vec![Mode]),
        ("group,alone\nworkstations,50\n", vec![Threshold]),
        ("group,alone\nworkstations,10\n", vec![]),
        ("group,until\nworkstations,2028-06-30\n", vec![Acceptance]),
        ("group,until\nworkstations,2027-01-30\n", vec![]),
        ("group,parents\nerp-servers,\n", vec![Protection, Owner]),
        ("group,owners\norder-to-cash,eve\n", vec![Owner]),
        (
            "group,mode,accepted_by,until\nnew,enforce,olga,2027-06-30\n",
            vec![Mode],
        ),
        ("group,protection\nnew,critical\n", vec![]),
    ] {
        let mut all = before.clone();
        let found: Vec<Weaker> = bring(&mut all, text, Format::Csv)
            .loosens
            .iter()
            .map(|it| it.weaker)
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn sightings_are_read_placed_and_counted() {
    let all = filled();
    let text = "device,id:acme/edr,name,path,sha256,signer,first_seen,last_seen\n\
        erp-01,,Autom8,C:\\Apps\\Autom8\\autom8.exe,,,2026-09-01,2027-01-14\n\
        ,a2,x.exe,,abababababababababababababababababababababababababababababababab,,2027-01-14T10:00:00Z,\n\
        nowhere,,x.exe,C:\\x.exe,,,2026-09-01,\n";
    let rows = read_sightings(text.as_bytes(), Format::Csv).unwrap();
    let (seen, errors) = place_sightings(&all, &rows, NOW);
    assert_eq!(errors.len(), 1);
    assert_eq!(
        errors[0].to_string(),
        "CS-asset-07 line 4: \"nowhere\" is unresolved; import the asset first, or give its product's id"
    );
    assert_eq!(
        confirm_from_sightings(&all, &seen),
        None,
        "confirmed later than seen"
    );
    let mut late = seen.clone();
    late[0].last = NOW.plus(2 * Millis::DAY);
    let confirm = confirm_from_sightings(&all, &late);
    assert!(matches!(confirm, Some(Change::Confirm { assets, .. }) if assets.len() == 1));
    let mut sightings = Sightings::default();
    seen.iter().for_each(|it| sightings.apply(it));
    let alert = Software {
        name: "autom8.exe".into(),
        path: Some(r"D:\apps\autom8\autom8.exe".into()),
        ..Software::default()
    };
    let erp = AssetId::from("erp-01.corp.example");
    assert_eq!(
        sightings.software_tenure(&alert, &erp, NOW),
        Tenure::Established
    );
    let never = Software {
        path: Some(r"C:\tmp\m.exe".into()),
        ..Software::default()
    };
    assert_eq!(sightings.software_tenure(&never, &erp, NOW), Tenure::New);
    assert_eq!(
        sightings.software_tenure(&never, &"ws-17".into(), NOW),
        Tenure::Unknown
    );
    let json =
        r#"{"sightings": [{"device": "erp-01", "path": "/opt/a", "first_seen": "2026-09-01"}]}"#;
    assert_eq!(
        read_sightings(json.as_bytes(), Format::Json).unwrap().len(),
        1
    );
}

#[test]
fn a_sighting_says_what_where_and_since_when() {
    let text = "device,name,path,sha256,first_seen,last_seen\n\
        ,x,C:\\x.exe,,2026-09-01,\n\
        a,x,,,2026-09-01,\n\
        a,x,C:\\x.exe,,,\n\
        a,x,C:\\x.exe,zz,2026-09-01,\n\
        a,x,C:\\x.exe,,2026-09-01,2026-08-01\n";
    let found = read_sightings(text.as_bytes(), Format::Csv).unwrap_err();
    let found: Vec<String> = found
        .iter()
        .map(|it| format!("{} {}", it.code, it.place))
        .collect();
    assert_eq!(
        found,
        [
            "CS-asset-03 line 2, column device",
            "CS-asset-03 line 3",
            "CS-asset-03 line 4, column first_seen",
            "CS-target-04 line 5, column sha256",
            "CS-asset-08 line 6, column last_seen",
        ]
    );
}

#[test]
fn the_examples_of_the_manual_are_read() {
    let manual = include_str!("../../../docs/inventory.md");
    let mut all = Inventory::default();
    let mut seen = 0;
    for block in manual.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "csv" | "json" => {
                let format = if language == "csv" {
                    Format::Csv
                } else {
                    Format::Json
                };
                if text.contains("first_seen") {
                    let rows = read_sightings(text.as_bytes(), format).unwrap();
                    let (_, errors) = place_sightings(&all, &rows, NOW);
                    assert!(errors.is_empty(), "{errors:?}");
                } else {
                    bring(&mut all, text, format);
                }
                seen += 1;
            }
            _ => {}
        }
    }
    assert!(seen >= 4, "{seen} examples");
    assert!(all.groups().any(|it| it.mode == Some(Mode::Enforce)));
}

#[test]
fn every_code_has_a_page() {
    let asset = include_str!("../../../docs/errors/asset.md");
    let target = include_str!("../../../docs/errors/target.md");
    for n in 1..=12 {
        assert!(asset.contains(&format!("## CS-asset-{n:02}\n")), "{n}");
    }
    for n in 1..=13 {
        assert!(target.contains(&format!("## CS-target-{n:02}\n")), "{n}");
    }
}

proptest! {
    #[test]
    fn whatever_is_read_is_the_same_the_second_time(
        names in proptest::collection::btree_set("[a-z]{1,6}[0-9]{0,2}(\\.corp\\.example)?", 1..12),
        kinds in proptest::collection::vec(0usize..3, 12),
        aliases in proptest::collection::vec("[a-z]{3}", 12),
    ) {
        let mut text = String::from("name,kind,aliases,addresses\n");
        for (at, name) in names.iter().enumerate() {
            let kind = ["server", "workstation", ""][kinds[at]];
            text.push_str(&format!("{name},{kind},al-{};al-{at},10.0.0.{at}\n", aliases[at]));
        }
        let mut all = filled();
        if let Ok(first) = read(text.as_bytes(), Format::Csv)
            && let Ok(first) = diff(&all, &first, NOW)
        {
            first.changes.iter().for_each(|it| all.apply(it));
            // A name may have become ambiguous by an alias; then it is an error, never a change.
            if let Ok(again) = diff(&all, &read(text.as_bytes(), Format::Csv).unwrap(), NOW) {
                prop_assert_eq!(again.changes, vec![]);
            }
        }
    }
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, Format::Csv);
        let _ = read(&bytes, Format::Json);
        let _ = read_sightings(&bytes, Format::Csv);
    }
}
