//! What the host reads without a plugin: OCSF Detection Findings, one, many, or a line each.

use super::ocsf;
use super::strict::{parse, split};
use crate::model::{Detection, Rejection};

/// One alert of a body: its bytes as they came, and what they say.
pub type Read = (Vec<u8>, Result<Detection, Rejection>);

/// Reads every alert of a body. One that is too large, malformed or no detection is an answer of
/// its own; the others are read.
pub fn read_native(body: &[u8], content_type: &str, detection_bytes_max: usize) -> Vec<Read> {
    let each = split(body, content_type).into_iter().map(|item| match item {
        Ok(item) if item.raw.len() > detection_bytes_max => {
            let message = format!("is {} bytes, the limit is {detection_bytes_max} (intake.detection_bytes_max)", item.raw.len());
            let rejection = Rejection { code: "CS-intake-04".to_owned(), message, at: None };
            // what is too large is not kept whole: its beginning tells people what it was
            let head = item.raw.get(..detection_bytes_max.min(4096)).unwrap_or(&item.raw);
            (head.to_vec(), Err(rejection))
        }
        Ok(item) => {
            let read = parse(&item.raw).and_then(|event| ocsf::read(&event));
            (item.raw.to_vec(), read)
        }
        Err(rejection) => (body.get(..body.len().min(65_536)).unwrap_or(body).to_vec(), Err(rejection)),
    });
    each.collect()
}

/// The parts that a rejected payload can be split into, for a source to try each.
pub fn split_for_source(body: &[u8], content_type: &str) -> Vec<Vec<u8>> {
    split(body, content_type).into_iter().filter_map(Result::ok).map(|item| item.raw.to_vec()).collect()
}
