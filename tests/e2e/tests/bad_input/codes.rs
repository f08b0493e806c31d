//! Every code that can be read has a section that says what happened and what to do.

use e2e::guests::root;
use std::collections::BTreeSet;
use std::path::Path;

fn files(dir: &Path, ending: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn all(dir: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    files(&root().join(dir), ending, &mut found);
    assert!(!found.is_empty(), "{dir}");
    found
}

/// `CS-<area>-<nn>`, wherever it stands.
fn codes(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("CS-").filter_map(|(at, _)| {
        let rest = &text[at + 3..];
        let area = rest.split(|it: char| !it.is_ascii_lowercase()).next()?;
        let number = rest[area.len()..].strip_prefix('-')?;
        let digits = number.split(|it: char| !it.is_ascii_digit()).next()?;
        // shorter ones are beginnings, for comparing
        (!area.is_empty() && digits.len() >= 2).then(|| format!("CS-{area}-{digits}"))
    })
}

/// Numbers that are made into codes of an area: the first argument of `function`.
fn made(text: &str, function: &str, area: &str) -> Vec<String> {
    let calls = text
        .match_indices(function)
        .map(|(at, it)| text[at + it.len()..].trim_start());
    let numbers = calls.filter_map(|rest| {
        rest.split(|it: char| !it.is_ascii_digit())
            .next()?
            .parse::<u8>()
            .ok()
    });
    numbers.map(|it| format!("CS-{area}-{it:02}")).collect()
}

#[test]
fn codes_are_documented() {
    let sections: BTreeSet<String> = all("host/docs/errors", "md")
        .iter()
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| line.strip_prefix("## ").map(str::to_owned))
        .collect();
    let mut used = BTreeSet::new();
    for text in all("host/src", "rs") {
        used.extend(codes(&text));
        used.extend(made(&text, "LoadError::new(", "load"));
    }
    for text in all("host/src/plugin/rules", "rs") {
        used.extend(made(&text, "refused(", "run"));
    }
    assert!(used.len() > 150, "{}", used.len());
    let missing: Vec<&String> = used.difference(&sections).collect();
    assert!(
        missing.is_empty(),
        "without a section in host/docs/errors: {missing:?}"
    );
}

#[test]
fn every_section_says_what_to_do() {
    for text in all("host/docs/errors", "md") {
        for section in text.split("\n## ").skip(1) {
            let (name, body) = section.split_once('\n').unwrap();
            assert!(body.trim().len() > 40, "{name} says nothing: {body:?}");
        }
    }
}
