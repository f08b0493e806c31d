//! The byte at which a JSON pointer leads, because the contract locates a rejection by a byte
//! offset and a record is read by names. The payload has been parsed, so it is valid JSON; on
//! anything else the scan still ends.

/// Byte offset of the value at `pointer`. Of a pointer to a missing member, that of the innermost
/// object or list that is there.
pub fn of(payload: &[u8], pointer: &str) -> Option<u32> {
    let mut scan = Scan { payload, at: 0 };
    scan.space();
    let mut start = scan.at;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if !scan.enter(&token) {
            break;
        }
        start = scan.at;
    }
    u32::try_from(start).ok()
}

struct Scan<'a> {
    payload: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.payload.get(self.at).copied()
    }
    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }
    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        self.space();
        found
    }
    /// Steps into a member or element of the value here.
    fn enter(&mut self, token: &str) -> bool {
        match self.peek() {
            Some(b'{') => self.member(token),
            Some(b'[') => self.element(token),
            _ => false,
        }
    }
    fn member(&mut self, token: &str) -> bool {
        self.eat(b'{');
        while self.peek() == Some(b'"') {
            let key = self.at;
            self.value();
            let key = self.payload.get(key..self.at);
            let key = key.and_then(|key| serde_json::from_slice::<String>(key).ok());
            self.eat(b':');
            if key.as_deref() == Some(token) {
                return true;
            }
            self.value();
            if !self.eat(b',') {
                break;
            }
        }
        false
    }
    fn element(&mut self, token: &str) -> bool {
        self.eat(b'[');
        let Ok(index) = token.parse::<usize>() else {
            return false;
        };
        for _ in 0..index {
            self.value();
            if !self.eat(b',') {
                return false;
            }
        }
        true
    }
    /// Steps over the value here. A text ends at its quote, everything else where its brackets
    /// are closed or, outside of any, where a separator stands.
    fn value(&mut self) {
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.text(),
                b'{' | b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                b'}' | b']' if depth > 0 => (depth, self.at) = (depth - 1, self.at + 1),
                b',' | b':' | b'}' | b']' if depth == 0 => break,
                _ => self.at += 1,
            }
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                break;
            }
        }
        self.space();
    }
    fn text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::string_slice)]
mod tests {
    use super::of;

    #[test]
    fn a_pointer_leads_to_its_byte() {
        let json = r#" {"a\"b": [1, {"x/y": "},]"}, [true]], "z": null} "#;
        let found = |pointer: &str| &json[of(json.as_bytes(), pointer).unwrap() as usize..];
        assert!(found("").starts_with("{\"a"));
        assert!(found("/a\"b/1/x~1y").starts_with("\"},]\""));
        assert!(found("/a\"b/2/0").starts_with("true"));
        assert!(found("/z").starts_with("null"));
        assert!(found("/z/none").starts_with("null"));
        assert!(found("/a\"b/1/none/more").starts_with("{\"x/y"));
        assert!(found("/a\"b/7").starts_with("[1,"));
    }

    #[test]
    fn rubbish_has_an_offset_or_none_and_ends() {
        for rubbish in ["", "{", "[", "{\"a", "{\"a\"", "\\", "[[[[", "\"\\"] {
            let _ = of(rubbish.as_bytes(), "/a/0/b");
        }
    }
}
