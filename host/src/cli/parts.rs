//! A file of alerts as parts that a host takes: none too large, and each record in one of them.
//!
//! Nothing is read or dropped here: what is malformed is the host's to reject, so that it is on
//! record. A file is only cut where its records end, and a record of one part keeps its place in
//! the file.

use hyper::body::Bytes;
use serde_json::value::RawValue;

/// LIMIT: a part. Half of the largest batch that a host takes, which an operator may have
/// lowered; a source reads a part within its limits of one call.
pub const PART_BYTES_MAX: usize = 4 << 20;
/// LIMIT: records of a part; a host takes 65,536.
const PART_ITEMS_MAX: usize = 10_000;

/// Something to deliver.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The place in the file of its first record.
    pub first: usize,
    /// The bytes.
    pub body: Bytes,
    /// What they are.
    pub content_type: &'static str,
}

const LINES: &str = "application/x-ndjson";

/// Cuts a file. `name` tells lines from a document by its ending, as `source test` does.
pub fn parts(file: Vec<u8>, name: &str) -> Vec<Part> {
    parts_of(file, name, PART_BYTES_MAX)
}

fn parts_of(file: Vec<u8>, name: &str, bytes_max: usize) -> Vec<Part> {
    let by_name = [".ndjson", ".jsonl", ".log"]
        .iter()
        .any(|it| name.ends_with(it));
    if by_name || several_values(&file) {
        return grouped(lines(&file), bytes_max);
    }
    let whole = || Part {
        first: 0,
        body: Bytes::from(file.clone()),
        content_type: super::client::JSON,
    };
    if file.len() <= bytes_max {
        return vec![whole()];
    }
    match serde_json::from_slice::<Vec<&RawValue>>(&file) {
        Ok(list) => {
            let items = list.iter().map(|it| one_line(it.get())).collect::<Vec<_>>();
            grouped(items.iter().map(Vec::as_slice).collect(), bytes_max)
        }
        // one large record, or no JSON: the host says what is wrong with it
        Err(_) => vec![whole()],
    }
}

/// Whether the first line is a whole value and more follows.
fn several_values(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let Some(end) = bytes.iter().position(|it| *it == b'\n') else {
        return false;
    };
    let first = bytes.get(..end).unwrap_or_default();
    !first.starts_with(b"[") && serde_json::from_slice::<&RawValue>(first).is_ok()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let lines = bytes.split(|it| *it == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|it| !it.is_empty()).collect()
}

/// A value of a list on one line: in JSON a line break can only stand between tokens.
fn one_line(value: &str) -> Vec<u8> {
    let bytes = value.bytes();
    bytes
        .map(|it| if it == b'\n' || it == b'\r' { b' ' } else { it })
        .collect()
}

fn grouped(items: Vec<&[u8]>, bytes_max: usize) -> Vec<Part> {
    let (mut parts, mut body, mut first, mut count) = (Vec::new(), Vec::new(), 0, 0);
    for (index, item) in items.into_iter().enumerate() {
        let full = count == PART_ITEMS_MAX || body.len() + item.len() >= bytes_max;
        if full && count > 0 {
            parts.push(lines_part(first, std::mem::take(&mut body)));
            (first, count) = (index, 0);
        }
        body.extend_from_slice(item);
        body.push(b'\n');
        count += 1;
    }
    if count > 0 || parts.is_empty() {
        parts.push(lines_part(first, body));
    }
    parts
}

fn lines_part(first: usize, body: Vec<u8>) -> Part {
    Part {
        first,
        body: Bytes::from(body),
        content_type: LINES,
    }
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

    fn cut(file: &str, name: &str, bytes_max: usize) -> Vec<(usize, String)> {
        let parts = parts_of(file.as_bytes().to_vec(), name, bytes_max).into_iter();
        let text = |it: &Bytes| String::from_utf8(it.to_vec()).unwrap();
        parts.map(|it| (it.first, text(&it.body))).collect()
    }

    #[test]
    fn a_file_that_fits_goes_as_it_is() {
        for file in ["[{},\n {}]", "{\n \"a\": 1\n}", "not json", ""] {
            assert_eq!(cut(file, "a.json", 100), [(0, file.to_owned())]);
        }
    }

    #[test]
    fn lines_are_cut_between_records_and_keep_their_place() {
        let file = "{\"a\":1}\n\nbroken\r\n{\"b\":2}\n{\"c\":3}";
        let parts = [
            (0, "{\"a\":1}\nbroken\n".to_owned()),
            (2, "{\"b\":2}\n{\"c\":3}\n".to_owned()),
        ];
        assert_eq!(cut(file, "a.json", 16), parts, "by the first line");
        assert_eq!(cut(file, "a.ndjson", 16), parts, "by the name");
        let parts = cut(
            &"{}\n".repeat(PART_ITEMS_MAX + 1),
            "a.ndjson",
            PART_BYTES_MAX,
        );
        let firsts: Vec<usize> = parts.iter().map(|it| it.0).collect();
        assert_eq!(firsts, [0, PART_ITEMS_MAX]);
    }

    #[test]
    fn a_long_list_becomes_lines_and_a_line_break_in_it_does_not_cut_a_record() {
        let file = "[{\"a\":\n1}, {\"b\": \"x\\ny\"},\n{\"c\":3}]";
        let parts = cut(file, "a.json", 20);
        assert_eq!(
            parts,
            [
                (0, "{\"a\": 1}\n".to_owned()),
                (1, "{\"b\": \"x\\ny\"}\n".to_owned()),
                (2, "{\"c\":3}\n".to_owned()),
            ]
        );
    }
}
