//! How a purge is told to stop.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Stops a purge after the batch it is in; its clones are one and the same.
///
/// ```
/// use soft_delete_core::CancelToken;
///
/// let token = CancelToken::new();
/// let of_the_signal_handler = token.clone();
/// of_the_signal_handler.cancel();
/// assert!(token.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the purge to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// True once it was asked.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
