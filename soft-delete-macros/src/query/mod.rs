//! `soft_query!`: tokens to a call, the call to requests, the verdicts to an expansion.

mod binds;
mod call;
mod compact;
mod expand;
mod head;
mod limits;
mod parse;
mod rules;
mod sql;
#[cfg(test)]
mod tests;
mod typecheck;
mod verdict;

use proc_macro2::TokenStream;

use crate::{environment::Environment, fault::Faults, schema, track};

/// The expansion of one call.
pub(crate) fn expand(tokens: TokenStream, environment: &Environment) -> TokenStream {
    let mut faults = Faults::default();
    let call = parse::parse(tokens, &environment.manifest_dir, &mut faults);
    rules::check(&call, &mut faults);
    let schema = match schema::load(environment) {
        Ok(schema) => schema,
        Err(unreadable) => {
            return expand::without_schema(&call, &faults, &unreadable, environment);
        }
    };
    let tracked = track::once(environment, &schema);
    let verdict = verdict::judge(&schema, &call, &mut faults);
    match verdict {
        Some(verdict) if faults.is_empty() => expand::query(&schema, &call, &verdict, &tracked),
        _ => expand::faults(&call, &faults, &tracked),
    }
}
