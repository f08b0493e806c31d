//! A policy and the place where it was written.
//!
//! Cedar keeps no place with a policy that it read; but it keeps the text, so the place is found
//! again by it. Everything that is said about a guard later on says where it stands.

use super::bounds;
use super::error::{GuardError, GuardFile};
use cedar_policy::ffi::DetailedError;
use cedar_policy::{Policy, PolicyId, PolicySet};
use std::ops::Range;

/// A policy and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) policy: Policy,
    pub(super) file: GuardFile,
    pub(super) span: Range<usize>,
}

impl Written {
    pub(super) fn error(&self, code: &'static str, message: impl Into<String>) -> GuardError {
        GuardError::at(code, &self.file, self.span.clone(), message)
    }
    pub(super) fn id(&self) -> &str {
        self.policy.annotation("id").unwrap_or_default()
    }
    /// As it was written.
    pub(super) fn text(&self) -> &str {
        self.file.text.get(self.span.clone()).unwrap_or_default()
    }
    /// Where a part of it stands; all of it where it is written otherwise.
    pub(super) fn span_of(&self, part: &str) -> Range<usize> {
        match self.text().find(part) {
            Some(at) => self.span.start + at..self.span.start + at + part.len(),
            None => self.span.clone(),
        }
    }
    /// Where it adds or multiplies, if it does.
    pub(super) fn arithmetic(&self) -> Option<Range<usize>> {
        let json = self.policy.to_json().ok()?.to_string();
        let found = [r#"{"+":"#, r#"{"-":"#, r#"{"*":"#, r#"{"neg":"#];
        found
            .iter()
            .any(|it| json.contains(it))
            .then(|| self.span.clone())
    }
}

/// Each policy takes its `@id` as its id.
pub(super) fn parse(file: &GuardFile) -> Result<Vec<Written>, Vec<GuardError>> {
    bounds::check(file).map_err(|e| vec![e])?;
    let set: PolicySet = file
        .text
        .parse()
        .map_err(|errors: cedar_policy::ParseErrors| {
            let one = |e| located("CS-guard-01", file, &DetailedError::from(e));
            errors.iter().map(one).collect::<Vec<_>>()
        })?;
    let mut errors: Vec<GuardError> = set
        .templates()
        .map(|it| {
            let span = find(file, 0, &it.to_string());
            GuardError::at(
                "CS-guard-08",
                file,
                span,
                "a template: it would apply to nothing",
            )
            .help("name the principal and the resource instead of ?principal and ?resource")
        })
        .collect();
    let mut policies: Vec<Policy> = set.policies().cloned().collect();
    // read from a text they are called policy0..n: that is their order
    policies.sort_by_key(|it| {
        let number: Option<usize> = it
            .id()
            .to_string()
            .strip_prefix("policy")
            .and_then(|n| n.parse().ok());
        number.unwrap_or(usize::MAX)
    });
    let (mut written, mut from) = (vec![], 0);
    for policy in policies {
        let span = find(file, from, &policy.to_string());
        from = span.end;
        match policy.annotation("id").filter(|id| !id.is_empty()) {
            Some(id) => written.push(Written {
                policy: policy.new_id(PolicyId::new(id)),
                file: file.clone(),
                span,
            }),
            None => errors.push(
                GuardError::at("CS-guard-02", file, span, "a guard without @id")
                    .help("put @id(\"tenant-what-it-does\") in front of it: reasons name it"),
            ),
        }
    }
    if errors.is_empty() {
        Ok(written)
    } else {
        Err(errors)
    }
}

/// A policy's text is kept as it was written, so it can be found again.
fn find(file: &GuardFile, from: usize, text: &str) -> Range<usize> {
    let rest = file.text.get(from..).unwrap_or_default();
    let start = rest.find(text).map_or(from, |at| from + at);
    start..(start + text.len()).min(file.text.len())
}

/// An error of the parser or the validator, with the place that it names itself.
pub(super) fn located(code: &'static str, file: &GuardFile, e: &DetailedError) -> GuardError {
    let span = e
        .source_locations
        .first()
        .map_or(0..0, |it| it.loc.start..it.loc.end);
    let error = GuardError::at(code, file, span, e.message.clone());
    match &e.help {
        Some(help) => error.help(help.clone()),
        None => error,
    }
}
