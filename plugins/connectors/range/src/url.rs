//! URLs of the range.
//!
//! Everything that comes from an alert is put into the URL escaped, and a name that could leave
//! its segment is refused: the path decides what is acted on.

use countersign_sdk::connector::*;

/// A path and its query in the making.
pub struct Url {
    path: String,
    query: String,
}

impl Url {
    /// Begins with a path of ours.
    pub fn new(path: &str) -> Self {
        let (path, query) = (path.to_owned(), String::new());
        Self { path, query }
    }
    /// The product acts by its own id; by a name it would have to guess.
    ///
    /// # Errors
    /// `definite` where there is no id.
    pub fn of_device(device: &Device) -> Result<Self, Fault> {
        Self::new("/edr/devices").name(&device.id)
    }
    /// A segment of ours.
    pub fn part(mut self, part: &str) -> Self {
        self.path.push('/');
        self.path.push_str(part);
        self
    }
    /// A segment from outside.
    ///
    /// # Errors
    /// `definite` for a name that is empty or would leave its segment.
    pub fn name(self, name: &str) -> Result<Self, Fault> {
        if matches!(name, "" | "." | "..") {
            return Err(Fault::unsupported(format!(
                "{name:?} is no id of this product"
            )));
        }
        Ok(self.part(&escaped(name)))
    }
    /// A part of the query, if there is a value.
    pub fn ask(mut self, name: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| value.to_string());
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.query
                .push(if self.query.is_empty() { '?' } else { '&' });
            self.query.push_str(&format!("{name}={}", escaped(&value)));
        }
        self
    }
    /// Path and query.
    pub fn end(self) -> String {
        self.path + &self.query
    }
}

/// RFC 3986: everything but the unreserved characters as `%XX`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
