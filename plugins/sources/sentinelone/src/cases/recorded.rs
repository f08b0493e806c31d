//! Recorded alerts of the vendor, where the shared data lies beside the repository. They are not
//! ours to ship, so without them these tests say loudly that they were left out.
use super::*;
use std::path::{Path, PathBuf};

fn shared() -> Option<PathBuf> {
    if let Ok(path) = std::env::var("COUNTERSIGN_SHARED") {
        return Some(PathBuf::from(path));
    }
    let up = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = up.map(|it| it.join("shared/data")).find(|it| it.is_dir());
    found.and_then(|it| it.parent().map(Path::to_owned))
}

/// Every line of every file of raw records.
fn lines() -> Vec<(String, String)> {
    let Some(shared) = shared() else {
        eprintln!("LEFT OUT: no shared/data beside the repository; set COUNTERSIGN_SHARED");
        return Vec::new();
    };
    let mut found = Vec::new();
    for origin in std::fs::read_dir(shared.join("data/detections")).unwrap() {
        for file in std::fs::read_dir(origin.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".alerts.ndjson") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(text.lines().map(|line| (name.clone(), line.to_owned())));
            }
        }
    }
    found
}

#[test]
fn every_recorded_alert_of_any_vendor_has_one_answer_and_ours_are_read() {
    let (mut read, mut refused) = (0, 0);
    for (name, line) in lines() {
        let ours = name.contains("sentinelone") || name.contains("sentinel_one");
        match bytes(line.as_bytes()) {
            Ok(found) if ours => {
                assert_eq!(found.len(), 1, "{name}");
                read += 1;
            }
            Ok(_) => panic!("{name}: another vendor's record was read as SentinelOne's"),
            Err(it) => {
                assert!(
                    it.offset.is_some() && it.message.contains("(at /"),
                    "{name}: {}",
                    it.message
                );
                let known = ["not-a-detection", "unsupported", "malformed"];
                assert!(known.contains(&it.code.as_str()), "{name}: {}", it.code);
                if ours {
                    assert_eq!(it.code, "not-a-detection", "{name}: {}", it.message);
                }
                refused += 1;
            }
        }
    }
    eprintln!("{read} read, {refused} refused");
}
