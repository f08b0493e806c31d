//! Policy text into policies, or into every error at once.
//!
//! Cedar skips a policy that errors, even a forbid, so nothing that could be wrong may pass this
//! file: every policy has its own `@id`, `@reason` and (forbids) `@advice`, validates strictly
//! with warnings as errors, reads nothing deeper than attributes of the principal and the target
//! (level 1), asks for at most `APPROVERS_MAX` people, and gets no stricter with more of them. A
//! tenant's guards only forbid: a tenant tightens the baseline, never loosens it.

use super::error::{GuardError, GuardFile};
use super::monotone::{approvals_only_help, most_people};
use super::people::APPROVERS_MAX;
use super::schema::Rules;
use super::written::{Written, located, parse};
use cedar_policy::ffi::DetailedError;
use cedar_policy::{Effect, PolicySet, ValidationMode, Validator};
use std::collections::BTreeMap;

/// LIMIT: a decision costs about a microsecond a guard, and each is asked twice or more.
pub const TENANT_GUARDS_MAX: usize = 256;

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// The product's: it also grants.
    Baseline,
    /// A tenant's: it only forbids.
    Tenant,
}

/// Reads and checks files of one author.
///
/// # Errors
/// All of them, in the order of files and lines.
pub(super) fn read(
    rules: &Rules,
    files: &[GuardFile],
    author: Author,
    taken: &[Written],
) -> Result<Vec<Written>, Vec<GuardError>> {
    let (mut written, mut errors) = (vec![], vec![]);
    for file in files {
        match parse(file) {
            Ok(found) => written.extend(found),
            Err(found) => errors.extend(found),
        }
    }
    errors.extend(written.iter().flat_map(|it| check(it, author)));
    errors.extend(ids(&written, taken));
    if author == Author::Tenant && written.len() > TENANT_GUARDS_MAX {
        let why = format!(
            "{} guards, and {TENANT_GUARDS_MAX} is the most",
            written.len()
        );
        errors.extend(written.last().map(|it| it.error("CS-guard-01", why)));
    }
    errors.extend(validate(rules, &written));
    if errors.is_empty() {
        Ok(written)
    } else {
        let order: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        errors.sort_by_key(|e| (order.iter().position(|it| **it == *e.file), e.span.start));
        errors.dedup();
        Err(errors)
    }
}

/// Text that fits the schema and is no set of guards: the claims.
///
/// # Errors
/// All of them, in the order of lines.
pub(super) fn parse_and_validate(
    rules: &Rules,
    file: &GuardFile,
) -> Result<Vec<Written>, Vec<GuardError>> {
    let written = parse(file)?;
    let mut errors = ids(&written, &[]);
    errors.extend(validate(rules, &written));
    if errors.is_empty() {
        Ok(written)
    } else {
        Err(errors)
    }
}

fn check(it: &Written, author: Author) -> Vec<GuardError> {
    let (id, mut errors) = (it.id(), vec![]);
    let forbids = it.policy.effect() == Effect::Forbid;
    if author == Author::Tenant && !forbids {
        errors.push(
            it.error(
                "CS-guard-05",
                format!("{id}: a tenant's guard may only forbid"),
            )
            .help("what a tenant accepts is data: mode and threshold of a group"),
        );
    }
    for wanted in if forbids {
        &["reason", "advice"][..]
    } else {
        &["reason"][..]
    } {
        if it
            .policy
            .annotation(wanted)
            .is_none_or(|text| text.trim().is_empty())
        {
            errors.push(
                it.error("CS-guard-04", format!("{id}: no @{wanted}"))
                    .help("people who wait for an approval read it"),
            );
        }
    }
    if let Some(tag) = it
        .policy
        .annotation("overreach")
        .filter(|tag| !OVERREACH.contains(tag))
    {
        errors.push(
            it.error("CS-guard-12", format!("{id}: no such @overreach: {tag}"))
                .help(format!("one of {}", OVERREACH.join(", "))),
        );
    }
    let most = most_people(&it.policy);
    if most > APPROVERS_MAX {
        let why = format!("{id}: asks for {most} people, and {APPROVERS_MAX} is the most");
        errors.push(
            it.error("CS-guard-06", why)
                .help("ask for roles or named people instead"),
        );
    }
    match approvals_only_help(&it.policy) {
        Ok(true) => {}
        Ok(false) => errors.push(
            it.error(
                "CS-guard-09",
                format!("{id}: an approval more could make it stricter"),
            )
            .help("read approvals in unless { ... }, with >=, contains and emergency only"),
        ),
        Err(why) => errors.push(it.error("CS-guard-09", format!("{id}: {why}"))),
    }
    errors
}

/// What a guard may say it shields from another product.
pub(super) const OVERREACH: [&str; 4] = ["protection", "established", "surge", "released"];

/// Every id is there once, in this author's files and in those read before.
fn ids(written: &[Written], taken: &[Written]) -> Vec<GuardError> {
    let mut seen: BTreeMap<&str, &Written> = taken.iter().map(|it| (it.id(), it)).collect();
    let mut errors = vec![];
    for it in written {
        if let Some(first) = seen.insert(it.id(), it) {
            let why = format!(
                "{}: a guard of {} has this @id already",
                it.id(),
                first.file.name
            );
            errors.push(
                it.error("CS-guard-03", why)
                    .help("prefix it with the tenant's name"),
            );
        }
    }
    errors
}

/// Strict, level 1, and warnings are errors.
fn validate(rules: &Rules, written: &[Written]) -> Vec<GuardError> {
    let mut by_id: BTreeMap<&str, &Written> = BTreeMap::new();
    for it in written {
        by_id.entry(it.id()).or_insert(it);
    }
    let policies = by_id.values().map(|it| it.policy.clone());
    let set = match PolicySet::from_policies(policies) {
        Ok(set) => set,
        Err(e) => return vec![GuardError::whole("CS-guard-07", "guards", e.to_string())],
    };
    let found =
        Validator::new(rules.schema.clone()).validate_with_level(&set, ValidationMode::Strict, 1);
    let errors = found
        .validation_errors()
        .map(|e| (e.policy_id(), DetailedError::from(e)));
    let warnings = found
        .validation_warnings()
        .map(|w| (w.policy_id(), DetailedError::from(w)));
    let mut found: Vec<GuardError> = errors
        .chain(warnings)
        .map(|(id, e)| match by_id.get(id.to_string().as_str()) {
            Some(it) => {
                let mut error = located("CS-guard-07", &it.file, &e);
                if e.source_locations.is_empty() {
                    error = it.error("CS-guard-07", e.message.clone());
                }
                error
            }
            None => GuardError::whole("CS-guard-07", id.as_ref(), e.message),
        })
        .collect();
    // one mistake under a broad scope is found for every action: say it once
    let key = |it: &GuardError| it.message.split("Action::").next().map(str::to_owned);
    found.sort_by_key(|it| {
        (
            it.file.clone(),
            it.span.start,
            it.span.end,
            it.message.clone(),
        )
    });
    found.dedup_by(|a, b| a.file == b.file && a.span == b.span && key(a) == key(b));
    found
}
