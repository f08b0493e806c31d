//! Files that a person names: read whole, within a bound, `-` from standard input.

use super::failure::Failure;
use std::io::Read as _;
use std::path::Path;

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// `CS-cli-15`: it cannot be read, or has more than `bytes_max`.
pub fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let unreadable = |why: String| {
        Failure::usage("CS-cli-15", format!("cannot read {}", path.display())).why(why)
    };
    let mut bytes = Vec::new();
    let read = if is_stdin(path) {
        let input = std::io::stdin().lock();
        input.take(bytes_max + 1).read_to_end(&mut bytes)
    } else {
        let file = std::fs::File::open(path);
        file.and_then(|it| it.take(bytes_max + 1).read_to_end(&mut bytes))
    };
    read.map_err(|it| unreadable(it.to_string()))?;
    if bytes.len() as u64 > bytes_max {
        return Err(unreadable(format!("it is larger than {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// Reads a text.
///
/// # Errors
/// As [`read`], and where it is not UTF-8.
pub fn text(path: &Path, bytes_max: u64) -> Result<String, Failure> {
    String::from_utf8(read(path, bytes_max)?).map_err(|why| {
        let message = format!("{} is not text", path.display());
        Failure::usage("CS-cli-15", message).why(why.to_string())
    })
}

/// Whether standard input is meant.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_or_not_there_is_said_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.json");
        std::fs::write(&file, "123").unwrap();
        assert_eq!(read(&file, 3).unwrap(), b"123");
        assert!(
            read(&file, 2)
                .unwrap_err()
                .to_text(false)
                .contains("larger than 2 bytes")
        );
        let failure = read(&dir.path().join("b"), 1).unwrap_err().to_text(false);
        assert!(failure.contains("/b") && failure.starts_with("error[CS-cli-15]"));
        assert!(read(dir.path(), 1).is_err());
    }
}
