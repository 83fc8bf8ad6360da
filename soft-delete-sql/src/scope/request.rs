//! Which scope each reference is asked to have.

use super::{
    Request, Scope, Verb,
    prove::proof,
    resolution::{RefId, Resolution, Role},
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic, nearest},
};

/// The scope of one reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Grant {
    /// Requested for it, or proven by the statement.
    pub(super) scope: Option<Scope>,
    /// The statement as written proves it.
    pub(super) proven: bool,
    /// Said by the caller, not only found in the statement.
    pub(super) said: bool,
}

/// Shares out the scopes of a request; what stays open is a fault.
pub(super) fn grant(
    request: &Request<'_>,
    resolution: &Resolution<'_>,
    errors: &mut Vec<Diagnostic>,
) -> Vec<Grant> {
    let mut grants = vec![Grant::default(); resolution.references.len()];
    named(request, resolution, &mut grants, errors);
    if let Some(verb) = request.verb {
        for (id, reference) in resolution.references.iter().enumerate() {
            let is_target = match verb {
                Verb::Restore => {
                    reference.role == Role::UpdateTarget && super::restore::is_top(resolution, id)
                }
                _ => reference.role == Role::DeleteTarget,
            };
            if is_target && reference.soft.is_some() {
                grants[id] = Grant {
                    scope: Some(verb_scope(verb)),
                    said: true,
                    proven: false,
                };
            }
        }
    }
    for (id, grant) in grants.iter_mut().enumerate() {
        if let Some(scope) = grant.scope {
            grant.proven = proof(resolution, id, scope);
        } else {
            let own = [Scope::Active, Scope::Deleted]
                .into_iter()
                .find(|&scope| proof(resolution, id, scope));
            *grant = Grant {
                scope: own,
                proven: own.is_some(),
                said: false,
            };
        }
    }
    head(request, resolution, &mut grants, errors);
    grants
}

fn verb_scope(verb: Verb) -> Scope {
    match verb {
        Verb::SoftDelete => Scope::Active,
        Verb::Purge | Verb::Restore => Scope::Deleted,
        Verb::Erase => Scope::WithDeleted,
    }
}

/// References that take a scope: soft-deletable, or leaky views.
fn candidates(resolution: &Resolution<'_>) -> Vec<RefId> {
    resolution
        .references
        .iter()
        .enumerate()
        .filter(|(_, reference)| {
            (reference.soft.is_some() || reference.leaky.is_some())
                && !matches!(reference.role, Role::InsertTarget | Role::Wholesale)
        })
        .map(|(id, _)| id)
        .collect()
}

/// `alias: scope`.
fn named(
    request: &Request<'_>,
    resolution: &Resolution<'_>,
    grants: &mut [Grant],
    errors: &mut Vec<Diagnostic>,
) {
    for (name, scope) in &request.scopes {
        let found = called(resolution, name);
        let soft: Vec<RefId> = found
            .iter()
            .copied()
            .filter(|&id| {
                let reference = &resolution.references[id];
                reference.soft.is_some() || reference.leaky.is_some()
            })
            .collect();
        match (found.as_slice(), soft.as_slice()) {
            ([], _) => errors.push(unknown_alias(resolution, name, *scope)),
            ([id, ..], []) => {
                let reference = &resolution.references[*id];
                errors.push(
                    Diagnostic::new(
                        Code::MeaninglessScope,
                        format!(
                            "`{name}` is not soft-deletable, so `{name}: {scope}` means nothing"
                        ),
                    )
                    .at(resolution.span(reference), "all its rows are seen")
                    .help(format!("take out `{name}: {scope}`")),
                );
            }
            (_, [id, ..]) if is_unread(resolution, *id, *scope) => {
                errors.push(
                    Diagnostic::new(
                        Code::MeaninglessScope,
                        format!("`{name}` is not read here, so `{name}: {scope}` means nothing"),
                    )
                    .at(
                        resolution.span(&resolution.references[*id]),
                        "none of its rows is seen",
                    )
                    .help(format!("take out `{name}: {scope}`")),
                );
            }
            (_, [id]) => {
                grants[*id] = Grant {
                    scope: Some(*scope),
                    said: true,
                    proven: false,
                }
            }
            (_, several) if *scope == Scope::Active => {
                for &id in several {
                    grants[id] = Grant {
                        scope: Some(*scope),
                        said: true,
                        proven: false,
                    };
                }
            }
            (_, several) => {
                let second = &resolution.references[several[1]];
                errors.push(
                    Diagnostic::new(
                        Code::UnknownAlias,
                        format!("`{name}: {scope}` could mean {} references", several.len()),
                    )
                    .at(resolution.span(second), "one of them")
                    .why("a scope that shows deleted rows is for one reference only")
                    .help("give each reference an alias of its own and name that"),
                );
                // Said, though not for which: no second fault about the same references.
                for &id in several {
                    grants[id] = Grant {
                        scope: Some(Scope::WithDeleted),
                        said: true,
                        proven: false,
                    };
                }
            }
        }
    }
}

/// No row of it is seen, so that a scope means nothing; for the target of a plain INSERT `active`
/// may be said.
fn is_unread(resolution: &Resolution<'_>, id: RefId, scope: Scope) -> bool {
    match resolution.references[id].role {
        Role::InsertTarget => scope != Scope::Active,
        Role::Wholesale => true,
        _ => false,
    }
}

/// The references of this alias, else of this table name; those that are read, if any is.
fn called(resolution: &Resolution<'_>, name: &str) -> Vec<RefId> {
    let dialect: Dialect = resolution.parsed.dialect;
    let is = |own: &str| own == name || own == dialect.fold(name);
    let all = || {
        resolution
            .references
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.is_cte)
    };
    let mut found: Vec<RefId> = all()
        .filter(|(_, r)| is(&resolution.called(r)))
        .map(|(id, _)| id)
        .collect();
    if found.is_empty() {
        found = all()
            .filter(|(_, r)| is(&r.name) || is(r.name.rsplit('.').next().unwrap_or_default()))
            .map(|(id, _)| id)
            .collect();
    }
    let is_read = |id: &RefId| resolution.references[*id].role != Role::InsertTarget;
    if found.iter().any(is_read) {
        found.retain(is_read);
    }
    found
}

fn unknown_alias(resolution: &Resolution<'_>, name: &str, scope: Scope) -> Diagnostic {
    let names: Vec<String> = resolution
        .references
        .iter()
        .filter(|reference| !reference.is_cte)
        .map(|reference| resolution.called(reference))
        .collect();
    let fault = Diagnostic::new(
        Code::UnknownAlias,
        format!("`{name}` names no table reference of this query"),
    );
    let near = nearest(name, names.iter().map(String::as_str));
    match near {
        Some(near) => fault.help(format!("write `{near}: {scope}`")),
        None if names.is_empty() => fault.help("the query reads no table"),
        None => fault.help(format!("its references are: {}", list(&names))),
    }
}

/// The word or row type at the head of the call.
fn head(
    request: &Request<'_>,
    resolution: &Resolution<'_>,
    grants: &mut [Grant],
    errors: &mut Vec<Diagnostic>,
) {
    let candidates = candidates(resolution);
    let open: Vec<RefId> = candidates
        .iter()
        .copied()
        .filter(|&id| grants[id].scope.is_none())
        .collect();
    match request.scope {
        None => unscoped(request, resolution, &open, errors),
        Some(scope) if candidates.is_empty() => {
            let written = resolution
                .references
                .iter()
                .any(|reference| reference.over_soft && reference.role == Role::InsertTarget);
            if !(written && scope == Scope::Active) {
                errors.push(meaningless(resolution, scope));
            }
        }
        Some(Scope::Active) => {
            for id in candidates {
                let grant = &mut grants[id];
                // Where the statement filters the other way, that is the fault to show.
                if !grant.said {
                    *grant = Grant {
                        scope: Some(Scope::Active),
                        said: true,
                        proven: grant.scope == Some(Scope::Active),
                    };
                }
            }
        }
        Some(scope) => single(scope, resolution, grants, &candidates, &open, errors),
    }
}

/// `deleted` and `with_deleted` stand for the one reference that has no scope of its own.
fn single(
    scope: Scope,
    resolution: &Resolution<'_>,
    grants: &mut [Grant],
    candidates: &[RefId],
    open: &[RefId],
    errors: &mut Vec<Diagnostic>,
) {
    match open {
        [id] => {
            grants[*id] = Grant {
                scope: Some(scope),
                said: true,
                proven: false,
            }
        }
        [] => {
            let unsaid: Vec<RefId> = candidates
                .iter()
                .copied()
                .filter(|&id| !grants[id].said)
                .collect();
            let fits = unsaid
                .iter()
                .any(|&id| scope == Scope::WithDeleted || grants[id].scope == Some(scope));
            match unsaid.as_slice() {
                _ if fits => {}
                // The only one it can mean is filtered the other way: that is the fault to show.
                [id] => {
                    grants[*id] = Grant {
                        scope: Some(scope),
                        said: true,
                        proven: false,
                    }
                }
                _ => errors.push(meaningless(resolution, scope)),
            }
        }
        [first, rest @ ..] => {
            let names: Vec<String> = open
                .iter()
                .map(|&id| format!("`{}`", resolution.called(&resolution.references[id])))
                .collect();
            let other = &resolution.references[rest[0]];
            let name = resolution.called(other);
            let first = resolution.called(&resolution.references[*first]);
            errors.push(
                Diagnostic::new(
                    Code::ScopeLeftOver,
                    format!(
                        "`{scope}` stands for one reference, and {} have no scope",
                        names.join(" and ")
                    ),
                )
                .at(resolution.span(other), "soft-deletable as well")
                .why("one word that opened every table would show deleted rows nobody asked for")
                .help(format!(
                    "say the scope of the others in front of the SQL: `{name}: active`\n\
                     or name the one that is meant: `active`, `{first}: {scope}`"
                )),
            );
        }
    }
}

fn meaningless(resolution: &Resolution<'_>, scope: Scope) -> Diagnostic {
    let mut names: Vec<String> = resolution
        .references
        .iter()
        .filter(|reference| !reference.is_cte)
        .map(|reference| format!("`{}`", reference.name))
        .collect();
    names.dedup();
    let fault = if names.is_empty() {
        Diagnostic::new(
            Code::MeaninglessScope,
            format!("`{scope}` means nothing here: the query reads no table"),
        )
    } else {
        let last = resolution
            .references
            .iter()
            .find(|reference| !reference.is_cte);
        let message = format!(
            "`{scope}` means nothing here: {} {}",
            list_quoted(&names),
            if names.len() == 1 {
                "takes no scope"
            } else {
                "take no scope"
            },
        );
        let fault = Diagnostic::new(Code::MeaninglessScope, message);
        match last {
            Some(reference) => fault.at(
                resolution.span(reference),
                "not soft-deletable, or written only",
            ),
            None => fault,
        }
    };
    fault.help(format!(
        "take out `{scope}`, or use sqlx's own query macros"
    ))
}

/// Nobody said anything: every reference must prove itself.
fn unscoped(
    request: &Request<'_>,
    resolution: &Resolution<'_>,
    open: &[RefId],
    errors: &mut Vec<Diagnostic>,
) {
    for &id in open {
        let reference = &resolution.references[id];
        if reference.leaky.is_some() {
            continue;
        }
        // Judged by the rules of writing, and told there.
        if reference.role == Role::DeleteTarget {
            continue;
        }
        let name = resolution.called(reference);
        let marker = reference
            .soft
            .as_ref()
            .map_or("", |soft| soft.marker.column.as_str());
        let label = match reference.role {
            Role::UpdateTarget | Role::MergeTarget | Role::UpsertTarget => {
                format!("rows with `{marker}` set would be changed")
            }
            _ => format!("rows with `{marker}` set would be returned"),
        };
        let misplaced = super::warn::misplaced(resolution, id);
        let fault = Diagnostic::new(
            Code::Unscoped,
            format!(
                "`{name}` is soft-deletable and this query does not say which of its rows it may see"
            ),
        )
        .at(resolution.span(reference), label);
        let fault = match misplaced {
            Some(_) => fault.why(format!(
                "the test of `{name}.{marker}` in WHERE also drops rows without a `{name}`: \
                 behind the outer join it proves nothing"
            )),
            None => fault,
        };
        errors.push(fault.help(match (request.verb, misplaced) {
            (Some(_), _) => format!("say it in front of the SQL: `{name}: active`"),
            (None, Some(_)) => {
                format!("move the test to ON, or say it and take the test out: `{name}: active`")
            }
            (None, None) => format!(
                "say it with the row type: `Active<T>`, `Deleted<T>` or `WithDeleted<T>`, \
                 with a word: `active`,\nor for this reference alone: `{name}: active`"
            ),
        }));
    }
}

fn list(names: &[String]) -> String {
    let mut quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.dedup();
    list_quoted(&quoted)
}

fn list_quoted(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
