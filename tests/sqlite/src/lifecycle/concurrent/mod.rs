//! Two sessions at once: what one has not committed yet, the other waits for, and then sees.

mod children;
mod restores;
mod rows;
pub(crate) mod sessions;
