//! What is mutated: the prover, or the statements of operations.

use clap::ValueEnum;

/// A part of the analyser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Area {
    /// Resolve, prove, rewrite.
    Scope,
    /// The statements of soft delete, restore, purge, erase.
    Lifecycle,
}

impl Area {
    /// Where it stands in the package of the analyser.
    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Scope => "src/scope/",
            Self::Lifecycle => "src/lifecycle/",
        }
    }

    /// The unit tests that are about it.
    pub(crate) const fn tests(self) -> &'static str {
        match self {
            Self::Scope => "scope::",
            Self::Lifecycle => "lifecycle::",
        }
    }
}
