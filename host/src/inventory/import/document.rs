//! A document as rows: what it says of each thing, and nothing about what was there before.

use super::error::{ImportError, Place};
use super::record::{Fields, Record};
use crate::inventory::Malformed;
use crate::inventory::canonical::{account_key, address, domain, host, sha256, unfit_reference};
use crate::model::{
    AssetKind, GroupId, GroupKind, Lineage, LineageKind, Millis, Mode, Node, PersonId, Protection,
};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a document says, in its order.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(super) assets: Vec<AssetRow>,
    pub(super) groups: Vec<GroupRow>,
    pub(super) edges: Vec<EdgeRow>,
    pub(super) accounts: Vec<AccountRow>,
    pub(super) remove: Vec<(Place, Removal)>,
}

impl Document {
    /// How many records it has.
    pub fn records(&self) -> usize {
        self.assets.len() + self.groups.len() + self.edges.len() + self.remove.len()
    }
}

/// `None` leaves a field as it is, `Some(None)` clears it.
type Patch<T> = Option<Option<T>>;

#[derive(Clone, Debug)]
pub(super) struct AssetRow {
    pub(super) place: Place,
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) fqdn: Patch<String>,
    pub(super) aliases: Option<BTreeSet<String>>,
    pub(super) addresses: Option<BTreeSet<String>>,
    pub(super) kind: Patch<AssetKind>,
    pub(super) reviewed: Option<bool>,
    pub(super) groups: Option<BTreeSet<GroupId>>,
    pub(super) protection: Patch<Protection>,
    pub(super) owners: Option<BTreeSet<PersonId>>,
    pub(super) managed_by: Option<BTreeSet<String>>,
    pub(super) zone: Patch<String>,
    pub(super) vendor_ids: BTreeMap<String, Option<String>>,
}

#[derive(Clone, Debug)]
pub(super) struct GroupRow {
    pub(super) place: Place,
    pub(super) id: GroupId,
    pub(super) name: Patch<String>,
    pub(super) kind: Patch<GroupKind>,
    pub(super) mode: Patch<Mode>,
    pub(super) alone: Patch<i64>,
    pub(super) one_person: Patch<i64>,
    pub(super) protection: Patch<Protection>,
    pub(super) parents: Option<BTreeSet<GroupId>>,
    pub(super) owners: Option<BTreeSet<PersonId>>,
    pub(super) deputies: Option<BTreeSet<PersonId>>,
    pub(super) accepted_by: Patch<PersonId>,
    pub(super) until: Patch<Millis>,
    pub(super) consent_by: Patch<PersonId>,
    pub(super) consent_until: Patch<Millis>,
}

#[derive(Clone, Debug)]
pub(super) struct EdgeRow {
    pub(super) place: Place,
    pub(super) node: Node,
    pub(super) groups: Option<BTreeSet<GroupId>>,
    pub(super) protection: Patch<Protection>,
    pub(super) internal: Option<bool>,
    pub(super) privileged: Option<bool>,
}

#[derive(Clone, Debug)]
pub(super) struct AccountRow {
    pub(super) id: String,
    pub(super) aliases: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug)]
pub(super) enum Removal {
    Asset(String),
    Group(GroupId),
    Edge(Node),
}

pub(super) const ASSET: &[&str] = &[
    "id",
    "name",
    "fqdn",
    "aliases",
    "addresses",
    "kind",
    "reviewed",
    "groups",
    "protection",
    "owners",
    "managed_by",
    "zone",
    "ids",
    "id:",
];
pub(super) const GROUP: &[&str] = &[
    "group",
    "name",
    "kind",
    "mode",
    "alone",
    "one_person",
    "protection",
    "parents",
    "owners",
    "deputies",
    "accepted_by",
    "until",
    "consent_by",
    "consent_until",
];
const SOFTWARE: &[&str] = &[
    "signer",
    "product",
    "path",
    "sha256",
    "groups",
    "protection",
];
const ACCOUNT: &[&str] = &["account", "aliases", "groups", "protection", "privileged"];
const ADDRESS: &[&str] = &["address", "groups", "protection", "internal"];
const DOMAIN: &[&str] = &["domain", "groups", "protection", "internal"];
const REMOVE: &[&str] = &["assets", "groups", "accounts", "addresses", "domains"];

const PROTECTIONS: &[(&str, Protection)] = &[
    ("important", Protection::Important),
    ("critical", Protection::Critical),
    ("never", Protection::Never),
];

/// Reads one list of a document into it.
pub(super) fn read_list(
    name: &str,
    records: &[Record],
    into: &mut Document,
    errors: &mut Vec<ImportError>,
) {
    for record in records {
        match name {
            "assets" => into.assets.extend(asset(record, errors)),
            "groups" => into.groups.extend(group(record, errors)),
            "software" => into.edges.extend(software(record, errors)),
            "accounts" => account(record, into, errors),
            "addresses" => {
                let read = |it: &str| address(it).map(|it| Node::Address(it.text));
                into.edges
                    .extend(edge(record, ADDRESS, "address", read, errors));
            }
            "domains" => {
                let read = |it: &str| domain(it).map(Node::Domain);
                into.edges
                    .extend(edge(record, DOMAIN, "domain", read, errors));
            }
            _ => remove(record, into, errors),
        }
    }
}

fn groups(fields: &mut Fields<'_>, name: &str) -> Option<BTreeSet<GroupId>> {
    let all = fields.list(name)?;
    Some(all.into_iter().map(GroupId).collect())
}

fn people(fields: &mut Fields<'_>, name: &str) -> Option<BTreeSet<PersonId>> {
    let all = fields.list(name)?;
    Some(all.into_iter().map(PersonId).collect())
}

fn asset(record: &Record, errors: &mut Vec<ImportError>) -> Option<AssetRow> {
    let mut it = Fields::of(record, ASSET, errors);
    let name = it.required("name");
    let readable = name
        .as_ref()
        .and_then(|name| it.identifier("name", name, host));
    let fqdn = it
        .text("fqdn")
        .map(|text| text.and_then(|text| it.identifier("fqdn", &text, host)));
    let kinds = [
        ("workstation", AssetKind::Workstation),
        ("server", AssetKind::Server),
    ];
    let row = AssetRow {
        place: record.place.clone(),
        id: it.text("id").flatten(),
        name: name?,
        fqdn,
        aliases: it.list_of("aliases", host),
        addresses: it.list_of("addresses", |text| address(text).map(|it| it.text)),
        kind: it.word("kind", &kinds),
        reviewed: it.flag("reviewed"),
        groups: groups(&mut it, "groups"),
        protection: it.word("protection", PROTECTIONS),
        owners: people(&mut it, "owners"),
        managed_by: it.list("managed_by").map(lower),
        zone: zone(&mut it),
        vendor_ids: it.products(),
    };
    for (product, id) in &row.vendor_ids {
        let why = id.as_deref().and_then(unfit_reference);
        if let Some(why) = why {
            let place = record.place.field(&format!("id:{product}"));
            it.fail(ImportError::new(
                "CS-target-12",
                place,
                format!("the id cannot be used: {why}"),
            ));
        }
    }
    readable.map(|_| row)
}

fn lower(all: BTreeSet<String>) -> BTreeSet<String> {
    all.into_iter().map(|it| it.to_lowercase()).collect()
}

fn zone(it: &mut Fields<'_>) -> Patch<String> {
    let zone = it.text("zone")?;
    if let Some(name) = &zone
        && jiff::tz::TimeZone::get(name).is_err()
    {
        let place = it.place("zone");
        let what = format!("{} is no time zone", super::error::shown(name));
        it.fail(
            ImportError::new("CS-asset-08", place, what)
                .help("write an IANA name such as Europe/Berlin"),
        );
    }
    Some(zone)
}

fn group(record: &Record, errors: &mut Vec<ImportError>) -> Option<GroupRow> {
    let mut it = Fields::of(record, GROUP, errors);
    let kinds = [
        ("asset-group", GroupKind::AssetGroup),
        ("business-process", GroupKind::BusinessProcess),
        ("account-group", GroupKind::AccountGroup),
        ("network", GroupKind::Network),
    ];
    let modes = [
        ("observe", Mode::Observe),
        ("hold", Mode::Hold),
        ("enforce", Mode::Enforce),
    ];
    let id = it.required("group");
    let row = GroupRow {
        place: record.place.clone(),
        name: it.text("name"),
        kind: it.word("kind", &kinds),
        mode: it.word("mode", &modes),
        alone: percent(&mut it, "alone"),
        one_person: percent(&mut it, "one_person"),
        protection: it.word("protection", PROTECTIONS),
        parents: groups(&mut it, "parents"),
        owners: people(&mut it, "owners"),
        deputies: people(&mut it, "deputies"),
        accepted_by: it.text("accepted_by").map(|it| it.map(PersonId)),
        until: it.time("until"),
        consent_by: it.text("consent_by").map(|it| it.map(PersonId)),
        consent_until: it.time("consent_until"),
        id: GroupId(id?),
    };
    Some(row)
}

fn percent(it: &mut Fields<'_>, name: &str) -> Patch<i64> {
    let read = it.number(name)?;
    if read.is_some_and(|it| !(0..=100).contains(&it)) {
        let place = it.place(name);
        it.fail(ImportError::new(
            "CS-asset-09",
            place,
            "an impact is 0 to 100",
        ));
        return None;
    }
    Some(read)
}

fn edge(
    record: &Record,
    known: &[&str],
    key: &str,
    read: impl Fn(&str) -> Result<Node, Malformed>,
    errors: &mut Vec<ImportError>,
) -> Option<EdgeRow> {
    let mut it = Fields::of(record, known, errors);
    let text = it.required(key);
    let node = text.and_then(|text| it.identifier(key, &text, read));
    rest_of_edge(record, node, it)
}

fn rest_of_edge(record: &Record, node: Option<Node>, mut it: Fields<'_>) -> Option<EdgeRow> {
    let row = EdgeRow {
        place: record.place.clone(),
        groups: groups(&mut it, "groups"),
        protection: it.word("protection", PROTECTIONS),
        internal: it.flag("internal"),
        privileged: it.flag("privileged"),
        node: node?,
    };
    Some(row)
}

/// By signer (with its product or without), else by place, else by hash: exactly one of them.
fn software(record: &Record, errors: &mut Vec<ImportError>) -> Option<EdgeRow> {
    let mut it = Fields::of(record, SOFTWARE, errors);
    let of = |it: &mut Fields<'_>, name: &str| it.text(name).flatten();
    let product = of(&mut it, "product");
    let (signer, place, hash) = (
        of(&mut it, "signer"),
        of(&mut it, "path"),
        of(&mut it, "sha256"),
    );
    let with = |text: String| match &product {
        Some(product) => format!("{text}|{product}"),
        None => text,
    };
    let lineage = match (signer, place, hash) {
        (Some(signer), None, None) => Some((LineageKind::Signer, with(signer))),
        (None, Some(place), None) => Some((LineageKind::Path, with(place))),
        (None, None, Some(hash)) => it
            .identifier("sha256", &hash, sha256)
            .map(|it| (LineageKind::Hash, it)),
        _ => {
            let what = "it needs exactly one of signer, path and sha256";
            it.fail(ImportError::new("CS-asset-03", record.place.clone(), what));
            None
        }
    };
    let node = lineage.map(|(kind, text)| Node::Software(Lineage { kind, text }));
    rest_of_edge(record, node, it)
}

fn account(record: &Record, into: &mut Document, errors: &mut Vec<ImportError>) {
    let read = |text: &str| account_key("account", text);
    let row = edge(
        record,
        ACCOUNT,
        "account",
        |it| read(it).map(Node::Account),
        errors,
    );
    let Some(row) = row else { return };
    // The names are read again, without repeating what was said of other fields.
    let mut it = Fields::of(record, ACCOUNT, errors);
    let aliases = it.list_of("aliases", read);
    if let Node::Account(id) = &row.node {
        into.accounts.push(AccountRow {
            id: id.clone(),
            aliases,
        });
    }
    into.edges.push(row);
}

fn remove(record: &Record, into: &mut Document, errors: &mut Vec<ImportError>) {
    let mut it = Fields::of(record, REMOVE, errors);
    let mut all: Vec<(Place, Removal)> = Vec::new();
    for name in it.list("assets").unwrap_or_default() {
        all.push((it.place("assets"), Removal::Asset(name)));
    }
    for name in it.list("groups").unwrap_or_default() {
        all.push((it.place("groups"), Removal::Group(GroupId(name))));
    }
    let accounts = it.list_of("accounts", |text| {
        account_key("account", text).map(Node::Account)
    });
    let addresses = it.list_of("addresses", |text| {
        address(text).map(|it| Node::Address(it.text))
    });
    let domains = it.list_of("domains", |text| domain(text).map(Node::Domain));
    for node in [accounts, addresses, domains]
        .into_iter()
        .flatten()
        .flatten()
    {
        all.push((record.place.clone(), Removal::Edge(node)));
    }
    into.remove.extend(all);
}
