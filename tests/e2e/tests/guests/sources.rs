//! Sources that misbehave.

use crate::support::*;
use countersign::engine::LimitKind;
use countersign::plugin::{Normalization, SettingsView};

fn normalize(guest: &str, payload: &[u8], fuel_millions_per_mib: u64) -> Normalization {
    let limits = limits(&[
        (LimitKind::Source, "fuel_millions", 1),
        (
            LimitKind::Source,
            "fuel_millions_per_mib",
            fuel_millions_per_mib,
        ),
    ]);
    let loaded = load_with(guest, limits);
    let source = loaded.source().unwrap();
    source.normalize(payload, "application/json", NOW, &SettingsView::default())
}

guest!(invents_a_product, it => {
    let rejection = normalize(&it, b"{}", 2000).result.unwrap_err();
    assert_eq!(rejection.code, "CS-run-11");
    assert_eq!(
        rejection.message,
        "detection 0: product: \"other/edr\" is not in accepts of the manifest"
    );
});

guest!(reads_slowly, it => {
    let payload = vec![b'x'; 64 << 10];
    assert_eq!(normalize(&it, &payload, 2000).result, Ok(vec![]));
    let rejection = normalize(&it, &payload, 100).result.unwrap_err();
    assert_eq!(rejection.code, "CS-run-40");
});

guest!(misreads_as_told, it => {
    let loaded = load(&it);
    let told = |misdeed: &str| {
        let source = loaded.source().unwrap();
        let settings = SettingsView::default();
        source.normalize(misdeed.as_bytes(), "", NOW, &settings).result
    };
    for (misdeed, code) in MISDEEDS {
        assert_eq!(told(misdeed).unwrap_err().code, code, "{misdeed}");
    }
    assert_eq!(told("floods-the-log"), Ok(vec![]));
});
