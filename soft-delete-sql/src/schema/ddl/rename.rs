//! Renames, and what follows them.

use crate::{
    Dialect,
    schema::{
        KeyPart, Location, ObjectName, Table,
        catalog::Catalog,
        catalog::text_mentions,
        cursor::{Cursor, Fault},
    },
    syntax::{Token, TokenKind, lexer::lex},
};

/// Renames a table, or moves it to another schema.
pub(super) fn table(
    catalog: &mut Catalog,
    old: &ObjectName,
    new: &ObjectName,
    location: &Location,
) {
    if old == new {
        return;
    }
    // The database would refuse a name that is taken: what holds it here is gone there.
    catalog.tables.retain(|draft| draft.table.name != *new);
    let follow = |name: &mut ObjectName| {
        if name == old {
            name.clone_from(new);
        }
    };
    let legacy = catalog.legacy_rename;
    for draft in &mut catalog.tables {
        follow(&mut draft.table.name);
        draft.table.parents.iter_mut().for_each(follow);
        if !legacy {
            for key in &mut draft.table.foreign_keys {
                follow(&mut key.references);
            }
        }
    }
    views_follow(catalog, old, location);
}

/// PostgreSQL and SQLite rewrite the views over a renamed relation; their text here does not.
fn views_follow(catalog: &mut Catalog, old: &ObjectName, location: &Location) {
    if catalog.dialect == Dialect::Mysql || catalog.legacy_rename {
        return;
    }
    for view in &catalog.views {
        let known = catalog
            .stale_views
            .iter()
            .any(|(name, _)| *name == view.name);
        if !known && text_mentions(catalog.dialect, &view.body, &old.name) {
            catalog
                .stale_views
                .push((view.name.clone(), location.clone()));
        }
    }
}

/// Renames a column in one table, in its keys, and in the keys of others that reference it.
pub(super) fn column(catalog: &mut Catalog, table: usize, old: &str, new: &str) {
    if old == new {
        return;
    }
    let dialect = catalog.dialect;
    let draft = &mut catalog.tables[table];
    let own = draft.table.name.clone();
    let follow = |name: &mut String| {
        if name == old {
            new.clone_into(name);
        }
    };
    for column in &mut draft.table.columns {
        follow(&mut column.name);
        if let Some(text) = &mut column.computed {
            *text = replaced(dialect, text, old, new);
        }
    }
    for unique in &mut draft.table.uniques {
        unique.written = replaced(dialect, &unique.written, old, new);
    }
    let keys = draft
        .table
        .uniques
        .iter_mut()
        .map(|unique| (&mut unique.key, &mut unique.predicate));
    let indexes = draft
        .table
        .indexes
        .iter_mut()
        .map(|index| (&mut index.key, &mut index.predicate));
    for (key, predicate) in keys.chain(indexes) {
        for part in key {
            match part {
                KeyPart::Column(name) => follow(name),
                KeyPart::Expression(text) => *text = replaced(dialect, text, old, new),
            }
        }
        if let Some(text) = predicate {
            *text = replaced(dialect, text, old, new);
        }
    }
    draft.table.primary_key.iter_mut().for_each(follow);
    for key in &mut draft.table.foreign_keys {
        key.columns.iter_mut().for_each(follow);
    }
    for other in &mut catalog.tables {
        for key in &mut other.table.foreign_keys {
            if key.references == own {
                key.referenced_columns.iter_mut().for_each(follow);
            }
        }
    }
}

/// The text of an expression with a column renamed in it.
fn replaced(dialect: Dialect, text: &str, old: &str, new: &str) -> String {
    let Ok(tokens) = lex(dialect, text) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (at, token) in tokens.iter().enumerate() {
        let call = tokens
            .get(at + 1)
            .is_some_and(|next: &Token| next.kind == TokenKind::LParen);
        let names = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        if names && !call && token.name(dialect, text) == old {
            out.push_str(&text[end..token.start]);
            out.push_str(&dialect.quote(new));
            end = token.end;
        }
    }
    out.push_str(&text[end..]);
    out
}

/// `RENAME CONSTRAINT old TO new`; MySQL's `RENAME INDEX`.
pub(super) fn constraint(table: &mut Table, old: &str, new: &str) {
    let uniques = table.uniques.iter_mut().map(|unique| &mut unique.name);
    let indexes = table.indexes.iter_mut().map(|index| &mut index.name);
    let keys = table.foreign_keys.iter_mut().map(|key| &mut key.name);
    let primary = std::iter::once(&mut table.primary_key_name);
    for name in uniques.chain(indexes).chain(keys).chain(primary) {
        if name.as_deref() == Some(old) {
            *name = Some(new.to_owned());
        }
    }
}

/// `ALTER SCHEMA old RENAME TO new`
pub(super) fn schema(catalog: &mut Catalog, old: &str, new: &str) {
    catalog.schemas.remove(old);
    catalog.schemas.insert(new.to_owned());
    let (old, new) = (catalog.schema(old), catalog.schema(new));
    let follow = |name: &mut ObjectName| {
        if name.schema == old {
            name.schema.clone_from(&new);
        }
    };
    for draft in &mut catalog.tables {
        follow(&mut draft.table.name);
        draft.table.parents.iter_mut().for_each(follow);
        for key in &mut draft.table.foreign_keys {
            follow(&mut key.references);
        }
    }
    for view in &mut catalog.views {
        follow(&mut view.name);
    }
    for routine in &mut catalog.routines {
        follow(&mut routine.function.name);
    }
}

/// `ALTER INDEX old RENAME TO new`, which PostgreSQL lets name a table.
pub(super) fn index_or_table(
    catalog: &mut Catalog,
    old: &[String],
    new: &str,
    location: &Location,
) {
    if let Some(at) = catalog.find_table(old) {
        let old = catalog.tables[at].table.name.clone();
        let new = ObjectName {
            schema: old.schema.clone(),
            name: new.to_owned(),
        };
        table(catalog, &old, &new, location);
    } else {
        index(catalog, old, new);
    }
}

/// Renames an index.
pub(super) fn index(catalog: &mut Catalog, old: &[String], new: &str) {
    let Some(old) = old.last() else {
        return;
    };
    for draft in &mut catalog.tables {
        constraint(&mut draft.table, old, new);
    }
}

/// ALTER VIEW, and ALTER TABLE that names a view: only its name can change.
pub(super) fn alter_view(
    catalog: &mut Catalog,
    view: usize,
    cursor: &Cursor<'_>,
    location: &Location,
) -> Result<(), Fault> {
    let mut cursor = *cursor;
    let old = catalog.views[view].name.clone();
    let mut new = old.clone();
    if cursor.take(&["rename", "to"]) {
        new.name = cursor.name()?;
    } else if cursor.take(&["set", "schema"]) {
        let schema = cursor.name()?;
        new.schema = catalog.schema(&schema);
    } else if cursor.take(&["rename"]) {
        cursor.take(&["column"]);
        let from = cursor.name()?;
        cursor.expect("to")?;
        let to = cursor.name()?;
        let columns = &mut catalog.views[view].columns;
        match columns.iter_mut().find(|name| **name == from) {
            Some(name) => *name = to,
            None => catalog.stale_views.push((old, location.clone())),
        }
        return Ok(());
    }
    if new != old {
        catalog.views.retain(|known| known.name != new);
        for known in &mut catalog.views {
            if known.name == old {
                known.name.clone_from(&new);
            }
        }
        for (name, _) in &mut catalog.stale_views {
            if *name == old {
                name.clone_from(&new);
            }
        }
        views_follow(catalog, &old, location);
    }
    Ok(())
}
