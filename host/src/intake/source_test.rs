//! What became of each record of a file: the library behind `countersign source test`.
//!
//! Each record has exactly one answer, and the answer is a line. It is one of three: detections;
//! `unmapped`, a well-formed record that this source does not read as a detection; or rejected,
//! a record that is broken. The last two say where and why in the same place, so that nobody has
//! to guess whether a line was lost.

use super::{ocsf, strict};
use crate::model::{Detection, Rejection};
use serde::Serialize;
use serde_json::Value;

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Its place in the file, from 0.
    pub index: usize,
    /// OCSF 1.8 Detection Findings.
    pub detections: Vec<Value>,
    /// Why there is none, and where.
    pub rejected: Option<Refused>,
    /// The record is well formed, and no detection that this source reads: telemetry, inventory,
    /// another class or vendor. It is not an error of the sender.
    pub unmapped: bool,
}

/// Why a record gave no detection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// `malformed`, `unsupported`, `not-a-detection`, or a code of the host.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// JSON pointer or byte offset; `/` is the record itself.
    pub at: String,
}

/// What turns one record into detections: a source plugin, or `native`.
pub type Normalize<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<Detection>, Rejection>;

/// Reads one record as an OCSF Detection Finding, without any source.
///
/// # Errors
/// As `strict::parse` and `ocsf::read`.
pub fn native(raw: &[u8]) -> Result<Vec<Detection>, Rejection> {
    Ok(vec![ocsf::read(&strict::parse(raw)?)?])
}

/// Answers for each record of a file. `name` decides between lines and a document by its ending.
/// A record that is no strict JSON is rejected before `normalize` sees it.
pub fn answers(file: &[u8], name: &str, normalize: Normalize<'_>) -> Vec<Answer> {
    let lines = [".ndjson", ".jsonl", ".log"]
        .iter()
        .any(|it| name.ends_with(it));
    let kind = if lines {
        "application/x-ndjson"
    } else {
        "application/json"
    };
    let items = strict::split(file, kind).into_iter().enumerate();
    items
        .map(|(index, item)| answer(index, item.and_then(|item| normalize(&item.raw))))
        .collect()
}

fn answer(index: usize, read: Result<Vec<Detection>, Rejection>) -> Answer {
    match read {
        Ok(detections) => Answer {
            index,
            detections: detections.iter().map(ocsf::write).collect(),
            rejected: None,
            unmapped: false,
        },
        Err(rejection) => Answer {
            index,
            detections: Vec::new(),
            unmapped: matches!(rejection.code.as_str(), "not-a-detection" | "unsupported"),
            rejected: Some(Refused {
                code: rejection.code,
                message: rejection.message,
                at: rejection
                    .at
                    .filter(|at| !at.is_empty())
                    .unwrap_or_else(|| "/".into()),
            }),
        },
    }
}

/// One line a record, for programs.
pub fn json_lines(answers: &[Answer]) -> String {
    let lines = answers
        .iter()
        .filter_map(|it| serde_json::to_string(it).ok());
    lines.map(|line| line + "\n").collect()
}

/// One line a record, for people, and a sum. Text from outside is shown escaped.
pub fn text_lines(answers: &[Answer]) -> String {
    let mut out = String::new();
    let (mut found, mut unmapped, mut rejected) = (0, 0, 0);
    for it in answers {
        let line = match (&it.rejected, it.unmapped) {
            (None, _) => {
                found += it.detections.len();
                let titles = it
                    .detections
                    .iter()
                    .map(|it| it.pointer("/finding_info/title").and_then(Value::as_str));
                let titles: Vec<String> = titles
                    .flatten()
                    .map(|it| it.escape_debug().to_string())
                    .collect();
                format!("{}  {}", it.detections.len(), titles.join("; "))
            }
            (Some(why), true) => {
                unmapped += 1;
                format!(
                    "-  {} at {}: {}",
                    why.code,
                    why.at.escape_debug(),
                    why.message.escape_debug()
                )
            }
            (Some(why), false) => {
                rejected += 1;
                format!(
                    "!  {} at {}: {}",
                    why.code,
                    why.at.escape_debug(),
                    why.message.escape_debug()
                )
            }
        };
        out.push_str(&format!("{:>5}  {line}\n", it.index));
    }
    out.push_str(&format!(
        "{} records: {found} detections, {unmapped} unmapped, {rejected} rejected\n",
        answers.len()
    ));
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    const FILE: &str = concat!(
        r#"{"class_uid":2004,"time":1773254656158,"severity_id":4,"metadata":{"version":"1.1.0","product":{"name":"EDR"}},"#,
        r#""finding_info":{"uid":"f-1","title":"a\u001b[31mb"}}"#,
        "\n{\"class_uid\":4001}\n{\"a\":1,\"a\":2}\n{\"eventName\":\"x\"}\n"
    );

    #[test]
    fn each_record_has_one_line_of_exactly_four_members() {
        let answers = answers(FILE.as_bytes(), "alerts.ndjson", &native);
        let lines: Vec<Value> = json_lines(&answers)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for (index, line) in lines.iter().enumerate() {
            let members: Vec<&String> = line.as_object().unwrap().keys().collect();
            assert_eq!(members.len(), 4);
            assert_eq!(line["index"], index);
        }
        assert_eq!(lines[0]["detections"][0]["metadata"]["version"], "1.8.0");
        assert_eq!(lines[0]["rejected"], Value::Null);
        let why = |index: usize| {
            (
                &lines[index]["rejected"]["code"],
                &lines[index]["rejected"]["at"],
                &lines[index]["unmapped"],
            )
        };
        assert_eq!(
            why(1),
            (
                &"not-a-detection".into(),
                &"/class_uid".into(),
                &true.into()
            )
        );
        assert_eq!(why(2), (&"malformed".into(), &"/a".into(), &false.into()));
        assert_eq!(
            why(3),
            (&"unsupported".into(), &"/class_uid".into(), &true.into())
        );
    }

    #[test]
    fn a_source_sees_each_record_as_it_came_and_only_strict_json() {
        let seen = std::cell::RefCell::new(Vec::new());
        let source = |raw: &[u8]| {
            seen.borrow_mut().push(raw.to_vec());
            Err(Rejection {
                code: "unsupported".into(),
                message: "no".into(),
                at: None,
            })
        };
        let answers = answers(b"[{\"a\": 1 }, {\"a\":1,\"a\":2}]", "alerts.json", &source);
        assert_eq!(seen.into_inner(), [b"{\"a\": 1 }".to_vec()]);
        assert_eq!(
            answers[0].rejected.as_ref().unwrap().at,
            "/",
            "the record itself"
        );
        assert_eq!(answers[1].rejected.as_ref().unwrap().code, "malformed");
    }

    #[test]
    fn text_from_outside_is_shown_escaped() {
        let text = text_lines(&answers(FILE.as_bytes(), "alerts.ndjson", &native));
        assert!(
            !text.contains('\u{1b}') && text.contains("\\u{1b}[31m"),
            "{text}"
        );
        assert!(
            text.ends_with("4 records: 1 detections, 2 unmapped, 1 rejected\n"),
            "{text}"
        );
    }
}
