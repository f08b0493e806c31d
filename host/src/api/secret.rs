//! Secrets that the host makes: 256 random bits, shown once, kept only as a digest.

use super::problem::Problem;
use crate::pipeline::Refusal;
use base64::Engine as _;

/// A bearer secret with a prefix that tells what it is (and lets scanners find a leaked one).
pub fn token(prefix: &str) -> Result<String, Problem> {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes)?;
    Ok(format!(
        "{prefix}_{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    ))
}

/// A one-time code that a person can read out: 100 bits in groups of four.
pub fn code() -> Result<String, Problem> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0_u8; 20];
    fill(&mut bytes)?;
    let letters: Vec<char> = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|it| char::from(*it))
        .collect();
    Ok(letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-"))
}

fn fill(bytes: &mut [u8]) -> Result<(), Problem> {
    getrandom::fill(bytes)
        .map_err(|_| Refusal::unavailable("the machine gives no random numbers").into())
}
