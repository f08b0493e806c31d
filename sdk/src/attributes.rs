//! OCSF paths under typed names, so that no plugin spells one and a mistyped path does not
//! compile. A plugin reads `entity.cmd_line()` and writes `entity.with_cmd_line(..)`; what has no
//! name here is reached by `text`, `number`, `flag` and `with`.

use crate::bounds;
use crate::host::lookup::{Asset, Earlier, Sightings};
use crate::prelude::*;

/// The mode of a product's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It reports and does nothing.
    Detect,
    /// It acts by itself.
    Protect,
    /// The product does not say.
    Unknown,
}

/// Whatever carries attributes.
pub trait Attributes: Sized {
    #[doc(hidden)]
    fn list(&self) -> &Vec<Attribute>;
    #[doc(hidden)]
    fn list_mut(&mut self) -> &mut Vec<Attribute>;
    /// Every value of a name, in order.
    fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.list()
            .iter()
            .filter(move |it| it.name == name)
            .map(|it| it.value.as_str())
    }
    /// The first value of a name.
    fn text(&self, name: &str) -> Option<&str> {
        self.list()
            .iter()
            .find(|it| it.name == name)
            .map(|it| it.value.as_str())
    }
    /// The first value, as an integer.
    fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }
    /// The first value, as a truth.
    fn flag(&self, name: &str) -> Option<bool> {
        self.text(name)?.parse().ok()
    }
    /// Adds a value, if there is one and it is not empty. At most 8192 bytes; the rest is cut.
    #[must_use]
    fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| value.to_string());
        self.list_mut()
            .extend(value.filter(|it| !it.is_empty()).map(|it| Attribute {
                name: name.into(),
                value: bounds::cut(&it, bounds::VALUE_BYTES_MAX),
            }));
        self
    }
}

macro_rules! paths {
    ($($record:ident { $($(#[$doc:meta])* $get:ident, $with:ident: $as:ident $type:ty = $path:literal;)* })*) => { $(
        impl Attributes for $record {
            fn list(&self) -> &Vec<Attribute> { &self.attributes }
            fn list_mut(&mut self) -> &mut Vec<Attribute> { &mut self.attributes }
        }
        impl $record { $(
            #[doc = concat!("`", $path, "`")]
            $(#[$doc])*
            pub fn $get(&self) -> Option<$type> { self.$as($path) }
            #[doc = concat!("Sets `", $path, "`.")]
            pub fn $with(self, value: Option<impl ToString>) -> Self { self.with($path, value) }
        )* }
    )* };
}

paths! {
    Detection {
        /// What the product claims, 0-100.
        confidence_score, with_confidence_score: number u64 = "confidence_score";
        analytic, with_analytic: text &str = "finding_info.analytic.name";
        analytic_version, with_analytic_version: text &str = "finding_info.analytic.version";
        description, with_description: text &str = "finding_info.desc";
        agent_version, with_agent_version: text &str = "device.agent.version";
    }
    Entity {
        cmd_line, with_cmd_line: text &str = "cmd_line";
        image_path, with_image_path: text &str = "file.path";
        user, with_user: text &str = "user.name";
        sha1, with_sha1: text &str = "hashes.sha1";
        product, with_product: text &str = "product.name";
        /// The file's own name for itself.
        original_name, with_original_name: text &str = "internal_name";
        signer, with_signer: text &str = "signature.certificate.subject";
        /// 1 is valid.
        signature_state, with_signature_state: number u64 = "signature.state_id";
        os_name, with_os_name: text &str = "os.name";
        device_type, with_device_type: text &str = "type";
    }
    Taken {
        count, with_count: number u64 = "countersign.count";
        count_done, with_count_done: number u64 = "countersign.count_done";
        user, with_user: text &str = "user.name";
    }
    Sightings {
        lineage, with_lineage: text &str = "countersign.lineage";
        rating_flip, with_rating_flip: flag bool = "countersign.rating_flip";
    }
    Case {}
    Step {}
    Asset {}
    Earlier {}
    Order {}
    Receipt {}
}

const AT_DETECTION: &str = "countersign.control.mode_at_detection";
const NOW: &str = "countersign.control.mode_now";

impl Detection {
    /// The mode of the product's policy when it detected this.
    pub fn mode_at_detection(&self) -> Mode {
        Mode::read(self.text(AT_DETECTION))
    }
    /// The mode now.
    pub fn mode_now(&self) -> Mode {
        Mode::read(self.text(NOW))
    }
    /// Sets both.
    pub fn with_modes(self, at_detection: Mode, now: Mode) -> Self {
        self.with(AT_DETECTION, Some(at_detection.word()))
            .with(NOW, Some(now.word()))
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl Mode {
    /// Reads a word of a vendor or of the contract.
    pub fn read(word: Option<&str>) -> Self {
        match word {
            Some(word) if word.eq_ignore_ascii_case("detect") => Self::Detect,
            Some(word) if word.eq_ignore_ascii_case("protect") => Self::Protect,
            _ => Self::Unknown,
        }
    }
    fn word(self) -> &'static str {
        match self {
            Self::Detect => "detect",
            Self::Protect => "protect",
            Self::Unknown => "unknown",
        }
    }
}
