//! What a developer would ask of a statement that somebody else wrote.

use std::collections::BTreeSet;

use soft_delete_sql::{Checked, Code, Reference, Request, Schema, Scope, Verb, check, scope::Edit};

/// What was asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nothing: it touches no soft-deletable table and runs as it is written.
    Plain,
    /// A scope or a verb.
    Scoped(Scoped),
    /// Whatever is asked, it does not compile.
    Refused { code: String, message: String },
}

/// A statement that may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scoped {
    /// The words of the request, as a call would hold them; empty when the SQL proves itself.
    pub(crate) words: String,
    /// The verb, when it is an operation.
    pub(crate) verb: Option<Verb>,
    /// The table that the verb writes.
    pub(crate) target: Option<String>,
    /// Its text.
    pub(crate) sql: String,
    /// What was edited.
    pub(crate) edits: Vec<Edit>,
    /// Every reference with its scope.
    pub(crate) references: Vec<Reference>,
}

/// Asks for the least: nothing, then `active`, then a verb for a DELETE; what contradicts
/// `active` is asked for by its name.
pub(crate) fn ask(schema: &Schema, sql: &str) -> Asked {
    let bare = Request {
        sql,
        ..Request::default()
    };
    let plain = check(schema, &bare);
    let is_soft = |reference: &Reference| reference.soft_deletable;
    if !plain.references.iter().any(is_soft) {
        return match plain.scoped {
            Some(_) => Asked::Plain,
            None => refused(&plain),
        };
    }
    if plain.scoped.is_some() {
        return scoped(&bare, plain);
    }
    let active = Request {
        scope: Some(Scope::Active),
        ..bare.clone()
    };
    let checked = check(schema, &active);
    if checked.scoped.is_some() {
        return scoped(&active, checked);
    }
    if has(&checked, Code::DeleteNeedsVerb) {
        return soft_delete(schema, &bare, &checked);
    }
    if has(&checked, Code::Contradiction) {
        return contradicting(schema, &active, checked);
    }
    refused(&checked)
}

/// A DELETE becomes a soft delete; what it reads besides is active.
fn soft_delete(schema: &Schema, bare: &Request<'_>, checked: &Checked) -> Asked {
    let others = names(checked)
        .into_iter()
        .filter(|(_, target)| !target)
        .map(|(name, _)| (name, Scope::Active))
        .collect();
    let request = Request {
        verb: Some(Verb::SoftDelete),
        scopes: others,
        ..bare.clone()
    };
    let checked = check(schema, &request);
    if checked.scoped.is_some() {
        scoped(&request, checked)
    } else {
        refused(&checked)
    }
}

/// The names of soft-deletable references, and whether a name is the target of the DELETE.
fn names(checked: &Checked) -> BTreeSet<(String, bool)> {
    let fault = |code| {
        checked
            .errors
            .iter()
            .filter(move |error| error.code == code)
    };
    checked
        .references
        .iter()
        .filter(|reference| reference.soft_deletable && !reference.insert_target)
        .map(|reference| {
            let name = reference.alias.clone().unwrap_or(reference.table.clone());
            let target = fault(Code::DeleteNeedsVerb)
                .any(|fault| fault.span.as_ref() == Some(&reference.span));
            (name, target)
        })
        .collect()
}

/// The references whose own tests contradict `active` are asked to be what they test for.
fn contradicting(schema: &Schema, active: &Request<'_>, mut checked: Checked) -> Asked {
    let mut request = active.clone();
    for (name, _) in names(&checked) {
        for scope in [Scope::Deleted, Scope::WithDeleted] {
            let mut tried = request.clone();
            tried.scopes.push((name.clone(), scope));
            let now = check(schema, &tried);
            if contradictions(&now) < contradictions(&checked)
                && now.errors.len() < checked.errors.len()
            {
                request = tried;
                checked = now;
                break;
            }
        }
        if checked.scoped.is_some() {
            return scoped(&request, checked);
        }
    }
    // With every reference named, `active` means nothing more.
    request.scope = None;
    let bare = check(schema, &request);
    if bare.scoped.is_some() {
        return scoped(&request, bare);
    }
    refused(&checked)
}

fn contradictions(checked: &Checked) -> usize {
    let is = |error: &&soft_delete_sql::Diagnostic| error.code == Code::Contradiction;
    checked.errors.iter().filter(is).count()
}

fn has(checked: &Checked, code: Code) -> bool {
    checked.errors.iter().any(|error| error.code == code)
}

fn scoped(request: &Request<'_>, checked: Checked) -> Asked {
    let Some(scoped) = checked.scoped else {
        return refused(&checked);
    };
    let head = request.scope.map(Scope::word).into_iter();
    let words: Vec<String> = head
        .chain(request.verb.map(Verb::word))
        .map(str::to_owned)
        .chain(
            request
                .scopes
                .iter()
                .map(|(name, scope)| format!("{name}: {scope}")),
        )
        .collect();
    Asked::Scoped(Scoped {
        words: words.join(", "),
        verb: request.verb,
        target: scoped.operation.map(|operation| operation.table),
        sql: scoped.sql,
        edits: scoped.edits,
        references: checked.references,
    })
}

fn refused(checked: &Checked) -> Asked {
    let (code, message) = checked.errors.first().map_or_else(
        || {
            (
                "PANIC".to_owned(),
                "neither a verdict nor a fault".to_owned(),
            )
        },
        |fault| (fault.code.as_str().to_owned(), fault.message.clone()),
    );
    Asked::Refused { code, message }
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Dialect, Scope, Verb,
        schema::{Config, from_sql},
    };

    use super::{Asked, Scoped, ask};

    fn asked(sql: &str) -> Asked {
        let ddl = "CREATE TABLE users (id int PRIMARY KEY, deleted_at timestamptz);
                   CREATE TABLE notes (id int PRIMARY KEY, user_id int, deleted_at timestamptz);
                   CREATE TABLE logs (id int PRIMARY KEY, user_id int);";
        let schema = from_sql(Dialect::Postgres, ddl, &Config::default()).expect("a schema");
        ask(&schema, sql)
    }

    fn scoped(sql: &str) -> Scoped {
        match asked(sql) {
            Asked::Scoped(scoped) => scoped,
            other => panic!("{sql}: {other:?}"),
        }
    }

    #[test]
    fn nothing_is_asked_where_nothing_is_soft_deletable() {
        assert_eq!(asked("SELECT * FROM logs"), Asked::Plain);
        assert_eq!(asked("DELETE FROM logs WHERE id = 1"), Asked::Plain);
    }

    #[test]
    fn a_statement_that_proves_itself_is_asked_for_nothing_more() {
        let own = scoped("SELECT id FROM users WHERE deleted_at IS NOT NULL");
        assert_eq!(own.words, "");
        assert_eq!(own.edits, []);
        assert_eq!(own.references[0].scope, Some(Scope::Deleted));
    }

    #[test]
    fn what_says_nothing_is_active() {
        let active = scoped("SELECT u.id FROM users u JOIN notes n ON n.user_id = u.id");
        assert_eq!(active.words, "active");
        assert!(
            active
                .sql
                .ends_with("WHERE u.deleted_at IS NULL AND n.deleted_at IS NULL")
        );
    }

    #[test]
    fn a_delete_is_a_soft_delete_and_what_it_reads_is_active() {
        let deleted = scoped("DELETE FROM notes USING users u WHERE notes.user_id = u.id");
        assert_eq!(deleted.verb, Some(Verb::SoftDelete));
        assert_eq!(deleted.words, "soft_delete, u: active");
    }

    #[test]
    fn a_contradicting_reference_is_asked_for_by_its_name() {
        let sql = "SELECT n.id FROM notes n LEFT JOIN users u ON u.id = n.user_id \
                   WHERE u.deleted_at IS NOT NULL";
        let mixed = scoped(sql);
        assert_eq!(mixed.references[0].scope, Some(Scope::Active));
        assert_ne!(mixed.references[1].scope, Some(Scope::Active));
    }

    #[test]
    fn what_no_request_lets_through_is_refused_with_its_code() {
        let Asked::Refused { code, .. } = asked("UPDATE users SET deleted_at = now()") else {
            panic!("accepted");
        };
        assert_eq!(code, "SD015");
    }
}
