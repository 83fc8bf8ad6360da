//! The kinds of operations, as types.

use crate::hook::Kind;

mod seal {
    pub trait Sealed {}
}

/// A kind of operation.
pub trait Kinds: seal::Sealed {
    /// It, as a value.
    const KIND: Kind;
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $Name:ident,)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub enum $Name {}

        impl seal::Sealed for $Name {}

        impl Kinds for $Name {
            const KIND: Kind = Kind::$Name;
        }
    )*};
}

kinds! {
    /// Rows become deleted.
    SoftDelete,
    /// Rows become live.
    Restore,
    /// Deleted rows are removed.
    Purge,
    /// Rows are removed whatever their state.
    Erase,
}
