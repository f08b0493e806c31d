//! Memory and tables of one call, summed over the store.
//!
//! wasmtime's own `StoreLimits` bounds each memory by itself: a component with two memories gets
//! twice what the operator allowed. Here it is the sum that counts. Growth above it ends the call
//! at once instead of answering -1, because the toolchains turn a refused growth into a bare
//! `unreachable`, and then nobody learns why the call ended.

use wasmtime::ResourceLimiter;

/// LIMIT: as many as the load rules let a component have (L007), a JavaScript component has 2.
pub(crate) const MEMORIES_MAX: usize = 2;
/// LIMIT: as many as the load rules let a component have (L007).
pub(crate) const TABLES_MAX: usize = 4;
/// LIMIT: Rust and C have 3 core instances, JavaScript 8, Python 14.
pub(crate) const INSTANCES_MAX: usize = 16;

/// The memory limit was reached.
#[derive(Debug, thiserror::Error)]
#[error("wants {wanted} bytes of memory")]
pub(super) struct MemoryFull {
    wanted: usize,
}

/// The table limit was reached.
#[derive(Debug, thiserror::Error)]
#[error("wants {wanted} table elements")]
pub(super) struct TableFull {
    wanted: usize,
}

/// What one store may hold, and holds.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    memory_bytes: usize,
    memory_bytes_max: usize,
    memory_bytes_peak: usize,
    table_elements: usize,
    table_elements_max: usize,
}

impl Quota {
    /// An empty store's quota.
    pub(super) fn set(&mut self, memory_bytes_max: usize, table_elements_max: usize) {
        *self = Self {
            memory_bytes_max,
            table_elements_max,
            ..Self::default()
        };
    }
    /// The most memory that the store held.
    pub(crate) fn memory_bytes_peak(&self) -> u64 {
        self.memory_bytes_peak as u64
    }
}

impl ResourceLimiter for Quota {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self
            .memory_bytes
            .saturating_sub(current)
            .saturating_add(desired);
        if wanted > self.memory_bytes_max {
            return Err(MemoryFull { wanted }.into());
        }
        self.memory_bytes = wanted;
        self.memory_bytes_peak = self.memory_bytes_peak.max(wanted);
        Ok(true)
    }
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self
            .table_elements
            .saturating_sub(current)
            .saturating_add(desired);
        if wanted > self.table_elements_max {
            return Err(TableFull { wanted }.into());
        }
        self.table_elements = wanted;
        Ok(true)
    }
    fn instances(&self) -> usize {
        INSTANCES_MAX
    }
    fn memories(&self) -> usize {
        MEMORIES_MAX
    }
    fn tables(&self) -> usize {
        TABLES_MAX
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn two_memories_share_one_limit() {
        let mut quota = Quota::default();
        quota.set(100, 10);
        assert!(quota.memory_growing(0, 60, None).unwrap());
        assert!(quota.memory_growing(0, 40, None).unwrap());
        let error = quota.memory_growing(40, 41, None).unwrap_err();
        assert!(error.is::<MemoryFull>());
        assert_eq!(quota.memory_bytes_peak(), 100);
    }
}
