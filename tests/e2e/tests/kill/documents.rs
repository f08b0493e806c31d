//! (d) and (e): the store as the last kill left it is whole, and what a start reads is what the
//! entries make.
//!
//! The documents are written along with the entries, so that a start need not read the journal.
//! If a crash could leave one without the other, a host would go on from something that never
//! was.

use countersign::journal::entry::Entry;
use countersign::journal::state::{KINDS, State};
use countersign::journal::{DocScope, Reader, verify_store};
use countersign::model::{Millis, TenantId};
use std::collections::BTreeMap;
use std::path::Path;

type Documents = BTreeMap<(String, String), Vec<u8>>;

/// What does not fit, and how many documents were compared.
pub fn differences(store: &Path) -> (Vec<String>, usize) {
    let reader = Reader::open(store).unwrap();
    let tenant = TenantId::from("acme");
    let reports = verify_store(&reader).unwrap();
    let mut wrong: Vec<String> = reports
        .iter()
        .flat_map(|it| &it.findings)
        .map(ToString::to_string)
        .collect();
    let stored = stored(&reader, &tenant);
    wrong.extend(compare(
        "the entries make",
        &folded(&reader, &tenant),
        &stored,
    ));
    let each = stored
        .iter()
        .map(|((kind, id), body)| (kind.as_str(), id.as_str(), body.as_slice()));
    let restored =
        State::from_documents(tenant, each, (Millis(e2e::now_ms()), Millis::HOUR)).unwrap();
    let again = stored.keys().filter_map(|(kind, id)| {
        let known = KINDS.iter().find(|it| *it == kind)?;
        Some((
            (kind.clone(), id.clone()),
            restored.document(&(*known, id.clone())).body?,
        ))
    });
    wrong.extend(compare("a start makes", &again.collect(), &stored));
    (wrong, stored.len())
}

fn stored(reader: &Reader, tenant: &TenantId) -> Documents {
    let docs = KINDS.iter().flat_map(|kind| {
        let docs = reader.docs(tenant, kind, DocScope::All).unwrap();
        docs.into_iter()
            .map(move |doc| (((*kind).to_owned(), doc.id), doc.body))
    });
    docs.collect()
}

fn folded(reader: &Reader, tenant: &TenantId) -> Documents {
    let mut state = State::new(tenant.clone());
    let mut after = 0;
    loop {
        let entries = reader.entries(tenant, after, 1000).unwrap();
        let Some(last) = entries.last() else { break };
        after = last.n;
        for it in &entries {
            let entry: Entry = serde_json::from_slice(it.body.as_deref().unwrap()).unwrap();
            state.apply(it.at, &entry);
        }
    }
    let touched = state.take_touched();
    let documents = touched.iter().map(|it| state.document(it));
    documents
        .filter_map(|it| Some(((it.kind.to_owned(), it.id), it.body?)))
        .collect()
}

fn compare(whose: &str, made: &Documents, stored: &Documents) -> Vec<String> {
    let ids: std::collections::BTreeSet<_> = made.keys().chain(stored.keys()).collect();
    let differs = ids
        .into_iter()
        .filter(|id| made.get(*id) != stored.get(*id));
    let shown = |it: Option<&Vec<u8>>| {
        it.map_or("nothing".into(), |it| {
            String::from_utf8_lossy(it).into_owned()
        })
    };
    differs
        .map(|id| {
            format!(
                "{} {}: {whose} {}, stored is {}",
                id.0,
                id.1,
                shown(made.get(id)),
                shown(stored.get(id))
            )
        })
        .collect()
}
