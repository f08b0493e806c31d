//! A table of a config file, read key by key.
//!
//! A derive would stop at the first error and would not know what a key is for. Here each table
//! has a shape: the closed list of its keys, with what each means. Opening a table refuses every
//! key outside its shape, so an unknown key cannot slip through; a debug assertion fails when a
//! key of the shape was never read, so no key is accepted and ignored; and the reference in
//! `host/docs/configuration.md` is generated from the same list.

use super::error::{Code, ConfigError};
use super::nearest::nearest;
use super::place::{Place, Placed, SourceFile};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use toml_spanner::{Array, Item, Span, Table, Value};

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds, for people: `text`, `number`, `table`, ...
    pub kind: &'static str,
    /// What holds where it is not set; `required` where it must be.
    pub default: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// The keys of a table.
#[derive(Debug)]
pub struct Shape {
    /// Where it stands, as in the file: `tenant.toml [approval]`.
    pub title: &'static str,
    /// Its keys, in the order of the reference. Empty: any key (plugins say which).
    pub keys: &'static [Key],
}

/// What is wrong with one value; the section adds where.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) code: Code,
    /// Follows the key: "is not a time zone".
    pub(super) says: String,
    pub(super) label: String,
    pub(super) help: String,
}

impl Wrong {
    pub(super) fn new(code: Code, says: impl Into<String>) -> Self {
        Self {
            code,
            says: says.into(),
            label: String::new(),
            help: String::new(),
        }
    }
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// All that was found wrong so far.
pub(super) type Problems = RefCell<Vec<ConfigError>>;

/// One table being read.
pub(super) struct Section<'a, 'de> {
    file: &'a Arc<SourceFile>,
    table: &'a Table<'de>,
    shape: &'static Shape,
    /// Where it stands in the file: empty at the top, else `connector[1].credentials`.
    path: String,
    asked: RefCell<BTreeSet<&'static str>>,
    problems: &'a Problems,
}

impl<'a, 'de> Section<'a, 'de> {
    /// Opens a table and refuses the keys outside its shape.
    pub(super) fn open(
        file: &'a Arc<SourceFile>,
        table: &'a Table<'de>,
        shape: &'static Shape,
        path: String,
        problems: &'a Problems,
    ) -> Self {
        let section = Self {
            file,
            table,
            shape,
            path,
            asked: RefCell::default(),
            problems,
        };
        section.refuse_unknown();
        section
    }

    fn refuse_unknown(&self) {
        if self.shape.keys.is_empty() {
            return;
        }
        let known = || self.shape.keys.iter().map(|it| it.name);
        for (key, item) in self.table.entries() {
            if known().any(|it| it == key.name) {
                continue;
            }
            if super::settings::looks_secret(key.name) && item.as_str().is_some() {
                // Whatever this was meant to be, it is not repeated on a screen or in a CI log.
                self.file.hide(item.span().range());
            }
            let place = self.place(key.span);
            let error = ConfigError::new(
                Code::UnknownKey,
                format!("unknown key `{}`", self.dotted(key.name)),
                place,
            );
            let error = match nearest(key.name, known()) {
                Some(meant) => error.label(format!("did you mean `{meant}`?")),
                None => error.label("nobody reads it"),
            };
            let all: Vec<&str> = known().collect();
            self.report(error.help(format!("known here: {}", all.join(", "))));
        }
    }

    /// Reads a key that may be absent.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Item<'de>) -> Result<T, Wrong>,
    ) -> Option<Placed<T>> {
        let item = self.ask(key)?;
        let place = self.place_of(item);
        match read(item) {
            Ok(value) => Some(Placed { value, place }),
            Err(wrong) => {
                self.wrong(&self.dotted(key), place, wrong);
                None
            }
        }
    }

    /// Reads a key that must be there.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Item<'de>) -> Result<T, Wrong>,
    ) -> Option<Placed<T>> {
        if self.table.get(key).is_none() {
            self.missing(key);
        }
        self.optional(key, read)
    }

    /// Reads a key, or takes the default where it is absent (or wrong, which is reported).
    pub(super) fn or<T>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&Item<'de>) -> Result<T, Wrong>,
    ) -> T {
        self.optional(key, read).map_or(default, |it| it.value)
    }

    /// Reads a list; each element that is wrong is reported by itself.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Item<'de>) -> Result<T, Wrong>,
    ) -> Vec<Placed<T>> {
        let Some(array) = self.array(key, "a list") else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let place = self.place_of(item);
            match read(item) {
                Ok(value) => out.push(Placed { value, place }),
                Err(wrong) => self.wrong(&format!("{}[{index}]", self.dotted(key)), place, wrong),
            }
        }
        out
    }

    /// Opens a table below this one, if it is there.
    pub(super) fn section(
        &self,
        key: &'static str,
        shape: &'static Shape,
    ) -> Option<Section<'a, 'de>> {
        let item = self.ask(key)?;
        let Some(table) = item.as_table() else {
            let wrong = wrong_type(item, "a table");
            self.wrong(&self.dotted(key), self.place_of(item), wrong);
            return None;
        };
        let path = self.dotted(key);
        Some(Section::open(self.file, table, shape, path, self.problems))
    }

    /// Opens a table that was found some other way.
    pub(super) fn below<'t>(
        &self,
        table: &'t Table<'de>,
        shape: &'static Shape,
        path: String,
    ) -> Section<'t, 'de>
    where
        'a: 't,
    {
        Section::open(self.file, table, shape, path, self.problems)
    }

    /// Opens each table of a list of tables (`[[source]]`).
    pub(super) fn sections(
        &self,
        key: &'static str,
        shape: &'static Shape,
    ) -> Vec<Section<'a, 'de>> {
        let Some(array) = self.array(key, "a list of tables") else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let path = format!("{}[{index}]", self.dotted(key));
            match item.as_table() {
                Some(table) => {
                    let section = Section::open(self.file, table, shape, path, self.problems);
                    out.push(section);
                }
                None => self.wrong(&path, self.place_of(item), wrong_type(item, "a table")),
            }
        }
        out
    }

    /// Every key with its value, for a table whose keys are not ours to list.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'de str, &'a Item<'de>)> {
        let entries = self.table.entries().iter();
        entries.map(|(key, item)| (key.name, item))
    }

    /// Where a key stands, for what is wrong with the key and not with its value.
    pub(super) fn place_of_key(&self, name: &str) -> Place {
        let entry = self.table.get_key_value(name);
        entry.map_or_else(|| self.here(), |(key, _)| self.place(key.span))
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Where this table begins: its header, or the file as a whole.
    pub(super) fn here(&self) -> Place {
        if self.path.is_empty() {
            return Place::of_file(self.file);
        }
        self.place(self.table.span())
    }

    /// Where a value stands.
    pub(super) fn place_of(&self, item: &Item<'_>) -> Place {
        self.place(item.span())
    }

    /// The path of a key, as people write it.
    pub(super) fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The file this table is in.
    pub(super) fn file(&self) -> &'a Arc<SourceFile> {
        self.file
    }

    /// Reports what is wrong with a value.
    pub(super) fn wrong(&self, path: &str, place: Place, wrong: Wrong) {
        let message = format!("`{path}` {}", wrong.says);
        let error = ConfigError::new(wrong.code, message, place);
        self.report(error.label(wrong.label).help(wrong.help));
    }

    /// Reports any error.
    pub(super) fn report(&self, error: ConfigError) {
        self.problems.borrow_mut().push(error);
    }

    fn missing(&self, key: &'static str) {
        let doc = self.shape.keys.iter().find(|it| it.name == key);
        let help = doc.map_or(String::new(), |it| format!("`{key}`: {}", it.doc));
        let message = format!("`{}` is missing", self.dotted(key));
        self.report(ConfigError::new(Code::MissingKey, message, self.here()).help(help));
    }

    fn array(&self, key: &'static str, what: &str) -> Option<&'a Array<'de>> {
        let item = self.ask(key)?;
        let array = item.as_array();
        if array.is_none() {
            self.wrong(
                &self.dotted(key),
                self.place_of(item),
                wrong_type(item, what),
            );
        }
        array
    }

    /// A key's value; marks it as read.
    pub(super) fn ask(&self, key: &'static str) -> Option<&'a Item<'de>> {
        debug_assert!(
            self.shape.keys.is_empty() || self.shape.keys.iter().any(|it| it.name == key),
            "{} has no key {key}",
            self.shape.title
        );
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// A span as a place. A table's span runs to its last value: only its first line is shown.
    fn place(&self, span: Span) -> Place {
        let range = span.range();
        let text = self.file.text().get(range.clone()).unwrap_or_default();
        let first = text.find(['\n', '\r']).unwrap_or(text.len());
        Place::of_span(self.file, range.start..range.start + first)
    }
}

impl Drop for Section<'_, '_> {
    fn drop(&mut self) {
        // INVARIANT: what a shape lists is read. A key that is accepted and ignored looks set
        // and is not; so this fails in every test run, whatever the file at hand contains.
        if cfg!(debug_assertions) && !std::thread::panicking() {
            let asked = self.asked.borrow();
            for key in self.shape.keys {
                assert!(
                    asked.contains(key.name),
                    "{}: nobody read `{}`",
                    self.shape.title,
                    key.name
                );
            }
        }
    }
}

/// The value is of another type than wanted.
pub(super) fn wrong_type(item: &Item<'_>, wanted: &str) -> Wrong {
    let found = match item.value() {
        Value::String(_) => "a text",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::DateTime(_) => "a date or time",
        Value::Table(_) => "a table",
        Value::Array(_) => "a list",
    };
    Wrong::new(Code::WrongType, format!("is {found}, not {wanted}"))
        .label(format!("expected {wanted}"))
}
