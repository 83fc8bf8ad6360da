//! A statement under everything that can be asked of it. What passes is the original with edits,
//! is a proof of its own, and is left as it is when it is asked for again.

use soft_delete_sql::{Reference, Request, Schema, Scope, Verb, check};

use super::{Outcome, application, input, oracle};

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, sql)) = input::text(data) else {
        return Outcome::Refused;
    };
    everything(application::schema(dialect), sql)
}

/// Every scope, verb and model, and each reference with a scope of its own.
pub(super) fn everything(schema: &Schema, sql: &str) -> Outcome {
    let plain = Request {
        sql,
        ..Request::default()
    };
    let scopes = [
        None,
        Some(Scope::Active),
        Some(Scope::Deleted),
        Some(Scope::WithDeleted),
    ];
    let verbs = [Verb::SoftDelete, Verb::Purge, Verb::Erase].map(Some);
    let mut requests: Vec<Request<'_>> = Vec::new();
    for scope in scopes {
        requests.push(Request {
            scope,
            ..plain.clone()
        });
        requests.push(Request {
            scope,
            model: true,
            ..plain.clone()
        });
    }
    requests.extend(verbs.map(|verb| Request {
        verb,
        ..plain.clone()
    }));
    for scope in [Scope::Deleted, Scope::WithDeleted] {
        let references = check(schema, &plain).references;
        let own = references
            .iter()
            .filter(|reference| reference.soft_deletable);
        requests.extend(own.map(|reference| Request {
            scope: Some(Scope::Active),
            scopes: vec![(name(reference), scope)],
            ..plain.clone()
        }));
    }
    let mut accepted = false;
    for request in &requests {
        accepted |= oracle::judge(schema, request);
    }
    Outcome::accepted_if(accepted)
}

fn name(reference: &Reference) -> String {
    reference
        .alias
        .clone()
        .unwrap_or_else(|| reference.table.clone())
}
