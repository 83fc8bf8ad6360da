//! Files that the compiler is to watch.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::{Mutex, PoisonError},
};

use proc_macro2::TokenStream;
use quote::quote;
use soft_delete_sql::Schema;

use crate::environment::Environment;

/// The files of the schema, for the first expansion of a crate in this process; nothing for the
/// others, as tracking per call would cost seconds. Every run of rustc is a process of its own
/// and expands every call again, so that the first one always carries them.
pub(crate) fn once(environment: &Environment, schema: &Schema) -> TokenStream {
    static DONE: Mutex<BTreeSet<(String, u64)>> = Mutex::new(BTreeSet::new());
    let mut hasher = DefaultHasher::new();
    environment.manifest_dir.hash(&mut hasher);
    schema.files.hash(&mut hasher);
    let key = (environment.crate_name.clone(), hasher.finish());
    if !DONE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key)
    {
        return TokenStream::new();
    }
    let files = schema.files.iter().map(|path| file(path));
    quote! {
        const _: ::core::option::Option<&::core::primitive::str> =
            ::core::option_env!("SOFT_DELETE_CONFIG");
        #(#files)*
    }
}

/// Bytes, not text: a dump may be in another encoding.
pub(crate) fn file(path: &Path) -> TokenStream {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // A path that is not UTF-8 cannot be spelled.
    path.to_str().map_or_else(TokenStream::new, |path| {
        quote!(
            const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        )
    })
}
