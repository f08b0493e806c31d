//! What the host reads without a plugin: OCSF Detection Findings, one, many, or a line each.

use super::ocsf;
use super::strict::{parse, parts};
use crate::model::{Detection, Rejection};

/// One alert of a body: its bytes as they came, and what they say.
pub type Read = (Vec<u8>, Result<Detection, Rejection>);

/// Reads every alert of a body. One that is too large, malformed or no detection is an answer of
/// its own, with its bytes; the others are read.
pub fn read_native(body: &[u8], content_type: &str, detection_bytes_max: usize) -> Vec<Read> {
    match parts(body, content_type) {
        Ok(parts) => parts
            .into_iter()
            .map(|raw| read_one(raw, detection_bytes_max))
            .collect(),
        Err(rejection) => vec![(head(body).to_vec(), Err(rejection))],
    }
}

fn read_one(raw: &[u8], detection_bytes_max: usize) -> Read {
    if raw.len() > detection_bytes_max {
        let message = format!(
            "is {} bytes, the limit is {detection_bytes_max} (intake.detection_bytes_max)",
            raw.len()
        );
        let rejection = Rejection {
            code: "CS-intake-04".to_owned(),
            message,
            at: None,
        };
        return (head(raw).to_vec(), Err(rejection));
    }
    (
        raw.to_vec(),
        parse(raw).and_then(|event| ocsf::read(&event)),
    )
}

/// LIMIT: what is too large to be read is not kept whole; its beginning tells people what it was.
fn head(raw: &[u8]) -> &[u8] {
    raw.get(..raw.len().min(65_536)).unwrap_or(raw)
}

/// The parts that a rejected payload can be split into, for a source to try each.
pub fn split_for_source<'a>(body: &'a [u8], content_type: &str) -> Vec<&'a [u8]> {
    parts(body, content_type).unwrap_or_default()
}
