//! A deep stack for what recurses by the length of a policy.
//!
//! Cedar's parser overflows on a long chain, and takes the host down for every tenant. Worse, its
//! type checker gives up quietly near the end of a stack, and then `get_valid_request_envs`
//! says that the policy applies to nothing: a forbid that is in no slice stands against nobody.
//! So reading and slicing happen on a stack that is deep enough for whatever `bounds` lets
//! through, and `set` refuses a policy that is in no slice all the same.

use super::error::GuardError;

/// LIMIT: enough for the longest guard that `bounds` lets through; a test reads such guards.
/// Memory is only taken as far as it is used.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Runs it there, and waits for it.
///
/// # Errors
/// Its own, or `CS-guard-22` where there is no thread to be had, or it panicked.
pub(super) fn stack<T: Send>(
    work: impl FnOnce() -> Result<T, Vec<GuardError>> + Send,
) -> Result<T, Vec<GuardError>> {
    let failed = |why: String| vec![GuardError::whole("CS-guard-22", "guards", why)];
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("guards".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|e| failed(format!("no thread to read them: {e}")))?
            .join()
            .unwrap_or_else(|_| Err(failed("reading them ended in a panic".to_owned())))
    })
}
