//! The workspace folder: which files there are, and nothing that looks like one and is not read.
//!
//! A folder called `guard` instead of `guards` would switch a tenant's guards off without a
//! word. So a tenant's folder is closed like a table: what is in it is known, or refused.

use super::error::{Code, ConfigError};
use super::nearest::nearest;
use super::place::{Place, SourceFile};
use super::section::{Problems, Section, Shape};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// LIMIT: nobody writes a config file of this size by hand.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// LIMIT: files of one folder; a thousand guards are a mistake of a script.
const ENTRIES_MAX: usize = 1000;

/// Whether a file must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// Reads one file; reports what is wrong with it.
pub(super) fn read(path: &Path, need: Need, problems: &Problems) -> Option<Arc<SourceFile>> {
    let refuse = |code, message: &str, label: String, help: &str| {
        let place = Place::of_path(shown(path));
        let error = ConfigError::new(code, message, place)
            .label(label)
            .help(help);
        problems.borrow_mut().push(error);
        None
    };
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => {
            return match need {
                Need::Optional => None,
                Need::Required => refuse(
                    Code::Missing,
                    "a file is missing",
                    String::new(),
                    "`countersign init DIR` writes a workspace that has everything",
                ),
            };
        }
        Err(reason) => {
            return refuse(
                Code::Unreadable,
                "a file cannot be read",
                reason.to_string(),
                "",
            );
        }
    };
    if !meta.is_file() {
        return refuse(
            Code::Unreadable,
            "a file cannot be read",
            "it is not a file".to_owned(),
            "",
        );
    }
    if meta.len() > FILE_BYTES_MAX {
        let label = format!("it has {} bytes, the most is {FILE_BYTES_MAX}", meta.len());
        return refuse(Code::Unreadable, "a file cannot be read", label, "");
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(reason) => {
            return refuse(
                Code::Unreadable,
                "a file cannot be read",
                reason.to_string(),
                "",
            );
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(SourceFile::new(shown(path), text)),
        Err(reason) => {
            let at = reason.utf8_error().valid_up_to();
            let label = format!("it is not UTF-8 from byte {at} on");
            refuse(
                Code::Unreadable,
                "a file cannot be read",
                label,
                "save it as UTF-8",
            )
        }
    }
}

/// Parses a file and hands its top table to `read`. A file with syntax errors is still read as
/// far as it goes, without asking for what may be missing only because of them.
pub(super) fn decode<T>(
    file: &Arc<SourceFile>,
    shape: &'static Shape,
    problems: &Problems,
    read: impl FnOnce(&Section<'_, '_>) -> T,
) -> T {
    let arena = toml_spanner::Arena::new();
    let document = toml_spanner::parse_recoverable(file.text(), &arena);
    let before = problems.borrow().len();
    let value = {
        let section = Section::open(file, document.table(), shape, String::new(), problems);
        read(&section)
    };
    if document.has_errors() {
        let found = problems.borrow_mut().split_off(before);
        let mut kept: Vec<ConfigError> = document
            .errors()
            .iter()
            .map(|it| syntax(file, it))
            .collect();
        // After a broken header the keys below it landed in the table before: what is found
        // there is no error of the operator's.
        let header = kept.iter().any(|it| on_header(file, it));
        let real = |it: &ConfigError| !matches!(it.code, Code::MissingKey | Code::Dangling);
        if !header {
            kept.extend(found.into_iter().filter(real));
        }
        problems.borrow_mut().extend(kept);
    }
    value
}

fn on_header(file: &SourceFile, error: &ConfigError) -> bool {
    let start = error.place.span.as_ref().map_or(0, |it| it.start);
    let before = file.text().get(..start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let text = file.text().get(line..).unwrap_or_default();
    text.trim_start().starts_with('[')
}

fn syntax(file: &Arc<SourceFile>, error: &toml_spanner::Error) -> ConfigError {
    let text = file.text();
    // An error at the end of the file may point behind it.
    let clamp = |at: usize| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let range = error.span().range();
    let (start, end) = (clamp(range.start), clamp(range.end.max(range.start)));
    let message = format!("not TOML: {}", error.message(text));
    let place = Place::of_span(file, start..end.max(start));
    let label = error.primary_label().map(|(_, it)| it).unwrap_or_default();
    let help = error.secondary_label().map(|(span, label)| {
        let place = Place::of_span(file, span.range());
        let line = place.line_column().map_or(0, |(line, _)| line);
        format!("{label}: line {line}")
    });
    ConfigError::new(Code::Syntax, message, place)
        .label(label)
        .help(help.unwrap_or_default())
}

/// The files of a folder with one ending, by name without it. Other files are refused, hidden
/// ones and `README` left alone. A folder that is not there is empty.
pub(super) fn named(
    folder: &Path,
    ending: &str,
    problems: &Problems,
) -> Vec<(String, Arc<SourceFile>)> {
    let mut out = Vec::new();
    for path in list(folder, Need::Optional, problems) {
        if path.extension() == Some(OsStr::new(ending)) {
            let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned());
            let file = read(&path, Need::Required, problems);
            out.extend(stem.zip(file));
        } else if !left_alone(&path) {
            let label = format!("only files that end in .{ending} are read here");
            refuse_unknown(&path, label, problems);
        }
    }
    out
}

/// Refuses what a folder holds beside `known`. Of files only those that end like one of ours are
/// refused: an operator may keep notes and exports beside them.
pub(super) fn refuse_others(folder: &Path, known: &[&str], problems: &Problems) {
    for path in list(folder, Need::Required, problems) {
        let Some(name) = path.file_name().map(|it| it.to_string_lossy().into_owned()) else {
            continue;
        };
        let ours = ["toml", "cedar"]
            .iter()
            .any(|it| path.extension() == Some(OsStr::new(it)));
        if known.contains(&name.as_str()) || left_alone(&path) || !(ours || path.is_dir()) {
            continue;
        }
        let label = nearest(&name, known.iter().copied()).map_or_else(
            || "nobody reads it".to_owned(),
            |it| format!("did you mean {it}?"),
        );
        refuse_unknown(&path, label, problems);
    }
}

/// What a folder holds, by name.
pub(super) fn list(folder: &Path, need: Need, problems: &Problems) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(reason) => {
            let absent = reason.kind() == std::io::ErrorKind::NotFound;
            if !(absent && need == Need::Optional) {
                let (code, message) = if absent {
                    (Code::Missing, "a folder is missing")
                } else {
                    (Code::Unreadable, "a folder cannot be read")
                };
                let error = ConfigError::new(code, message, Place::of_path(shown(folder)));
                problems.borrow_mut().push(
                    error.help("`countersign init DIR` writes a workspace that has everything"),
                );
            }
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|it| it.path()).collect();
    paths.sort();
    if paths.len() > ENTRIES_MAX {
        let label = format!(
            "it holds {} entries, the most is {ENTRIES_MAX}",
            paths.len()
        );
        let place = Place::of_path(shown(folder));
        let error = ConfigError::new(Code::Unreadable, "a folder cannot be read", place);
        problems.borrow_mut().push(error.label(label));
        return Vec::new();
    }
    paths
}

fn left_alone(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(OsStr::to_string_lossy)
        .unwrap_or_default();
    name.starts_with('.') || name.starts_with("README")
}

fn refuse_unknown(path: &Path, label: String, problems: &Problems) {
    let place = Place::of_path(shown(path));
    let error = ConfigError::new(
        Code::UnknownFile,
        "a file or folder that nobody reads",
        place,
    );
    let help =
        "rename it, or keep it elsewhere: what looks like configuration must be configuration";
    problems.borrow_mut().push(error.label(label).help(help));
}

/// A path as people wrote it, without the leading `./`.
pub(super) fn shown(path: &Path) -> String {
    let short = path.strip_prefix(".").unwrap_or(path);
    short.display().to_string()
}
