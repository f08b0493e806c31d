//! How much of a list a command fetches. Lists come in parts; a command follows them.

use clap::Args;

/// Of a list that can be long: so many, or all.
#[derive(Args, Clone, Copy, Debug)]
pub struct Amount {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "all")]
    pub limit: u32,
    /// All of them, however many
    #[arg(long)]
    pub all: bool,
}

impl Amount {
    /// How many at most.
    pub fn most(self) -> Option<u32> {
        (!self.all).then_some(self.limit)
    }
}

/// Of a list that is mostly short: all, or so many.
#[derive(Args, Clone, Copy, Debug)]
pub struct Most {
    /// At most so many; without it all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}
