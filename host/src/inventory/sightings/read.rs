//! Lists of sightings: what an inventory or telemetry has seen, where, since when.
//!
//! `first_seen` is when somebody looked and it was there; an install date out of a registry is
//! not, and would make a machine count as looked at when nobody did.

use super::super::canonical::sha256;
use super::super::import::{
    Fields, Format, ImportError, Place, Record, shown, table_records, tree_lists, unknown_list,
};
use super::super::{Change, Inventory};
use super::Seen;
use crate::model::{Device, Millis, Software};

const FIELDS: &[&str] = &[
    "device",
    "id:",
    "ids",
    "name",
    "path",
    "sha256",
    "signer",
    "first_seen",
    "last_seen",
];

/// One line of such a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SightingRow {
    /// Where it stands in the list.
    pub place: Place,
    /// The machine by name; may be empty where a product's id is given.
    pub device: String,
    /// The machine by products' ids: `vendor/product` and id.
    pub vendor_ids: Vec<(String, String)>,
    /// What was seen.
    pub software: Software,
    /// Since when.
    pub first: Millis,
    /// When last.
    pub last: Millis,
}

/// Reads a list of sightings: a table, or an object `{"sightings": [...]}`.
///
/// # Errors
/// Everything that is wrong, each at its place.
pub fn read(bytes: &[u8], format: Format) -> Result<Vec<SightingRow>, Vec<ImportError>> {
    let mut errors = Vec::new();
    let records = match format {
        Format::Csv => table_records(bytes, |_| FIELDS)?,
        Format::Json => {
            let mut all = Vec::new();
            for (name, records) in tree_lists(bytes)? {
                match name.as_str() {
                    "sightings" => all.extend(records),
                    _ => errors.push(unknown_list(&name, &["sightings"])),
                }
            }
            all
        }
    };
    let rows: Vec<SightingRow> = records
        .iter()
        .filter_map(|it| row(it, &mut errors))
        .collect();
    if errors.is_empty() {
        Ok(rows)
    } else {
        Err(errors)
    }
}

fn row(record: &Record, errors: &mut Vec<ImportError>) -> Option<SightingRow> {
    let mut it = Fields::of(record, FIELDS, errors);
    let ids = it
        .products()
        .into_iter()
        .filter_map(|(product, id)| Some((product, id?)));
    let vendor_ids: Vec<(String, String)> = ids.collect();
    let device = match vendor_ids.is_empty() {
        true => it.required("device")?,
        false => it.text("device").flatten().unwrap_or_default(),
    };
    let hash = it.text("sha256").flatten();
    let software = Software {
        sha256: hash.and_then(|text| it.identifier("sha256", &text, sha256)),
        signer: it.text("signer").flatten(),
        name: it.text("name").flatten().unwrap_or_default(),
        path: it.text("path").flatten(),
        reference: None,
    };
    let first = it.time("first_seen").flatten();
    let last = it.time("last_seen").flatten().or(first);
    if super::lineages(&software).is_empty() {
        let what = "it needs a sha256, an absolute path, or a signer with a name";
        it.fail(ImportError::new("CS-asset-03", record.place.clone(), what));
        return None;
    }
    let (Some(first), Some(last)) = (first, last) else {
        it.required("first_seen");
        return None;
    };
    if last < first {
        let place = record.place.field("last_seen");
        it.fail(ImportError::new(
            "CS-asset-08",
            place,
            "it is before first_seen",
        ));
        return None;
    }
    Some(SightingRow {
        place: record.place.clone(),
        device,
        vendor_ids,
        software,
        first,
        last,
    })
}

/// Finds the assets behind rows. A row whose machine is not exactly one asset is an error and no
/// sighting; the others stand. A time after `now` counts as now.
pub fn place(
    inventory: &Inventory,
    rows: &[SightingRow],
    now: Millis,
) -> (Vec<Seen>, Vec<ImportError>) {
    let (mut seen, mut errors) = (Vec::new(), Vec::new());
    for row in rows {
        // Staleness does not matter: a sighting is what shows that a machine is there.
        let by_id = row.vendor_ids.iter().map(|(product, id)| {
            let device = Device {
                id: id.clone(),
                name: row.device.clone(),
            };
            inventory.resolve(&device, product, Millis(0), u64::MAX)
        });
        let named = || inventory.resolve_name(&row.device, Millis(0), u64::MAX);
        let found = by_id.into_iter().next().unwrap_or_else(named);
        match found.sole_asset() {
            Some(asset) => {
                let (first, last) = (row.first.min(now), row.last.min(now));
                seen.extend(Seen::of(&row.software, asset, first, last, true));
            }
            None => {
                let what = format!("{} is {}", shown(&row.device), found.resolution);
                let error = ImportError::new("CS-asset-07", row.place.clone(), what);
                errors.push(error.help("import the asset first, or give its product's id"));
            }
        }
    }
    (seen, errors)
}

/// That the assets of these sightings are alive, where nothing has said so for a day. Telemetry
/// that names a machine keeps it from being stale.
pub fn confirms(inventory: &Inventory, seen: &[Seen]) -> Option<Change> {
    let news = |it: &&Seen| {
        let asset = inventory.asset(&it.asset);
        it.covered && asset.is_some_and(|asset| it.last.since(asset.confirmed) >= Millis::DAY)
    };
    let named: Vec<&Seen> = seen.iter().filter(news).collect();
    // One time for all of them: the earliest, which is true of each.
    let at = named.iter().map(|it| it.last).min()?;
    let assets = named.iter().map(|it| it.asset.clone()).collect();
    Some(Change::Confirm { assets, at })
}
