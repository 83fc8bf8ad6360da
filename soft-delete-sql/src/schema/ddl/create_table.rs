//! CREATE TABLE.

use super::{
    column::{self, Definition},
    constraint, derive,
};
use crate::{
    Dialect,
    schema::{
        Column, Location, ObjectName,
        catalog::{Catalog, Draft},
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Reads what stands behind `CREATE … TABLE`.
pub(super) fn create_table(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    temporary: bool,
    location: &Location,
) -> Result<(), Fault> {
    let if_not_exists = cursor.if_not_exists();
    let parts = cursor.dotted()?;
    if temporary || catalog.is_temporary(&parts) && parts.len() > 1 {
        let name = parts.last().cloned().unwrap_or_default();
        catalog.temporary.insert(name);
        return Ok(());
    }
    let name = catalog.new_name(&parts);
    if if_not_exists && catalog.position(&name).is_some() {
        return Ok(());
    }
    let draft = table(catalog, cursor, name, location)?;
    catalog.put_table(draft);
    Ok(())
}

fn table(
    catalog: &Catalog,
    cursor: &mut Cursor<'_>,
    name: ObjectName,
    location: &Location,
) -> Result<Draft, Fault> {
    let mut draft = Draft::new(name, location.clone());
    let reader = Elements { catalog, location };
    if cursor.take(&["partition", "of"]) {
        reader.partition(&mut draft, cursor)?;
        return Ok(draft);
    }
    if cursor.take(&["of"]) {
        // A typed table: its columns are the type's.
        draft.table.columns_known = false;
        draft.hides_marker = Some(location.clone());
        return Ok(draft);
    }
    if cursor.take(&["like"]) {
        let source = cursor.dotted()?;
        reader.like(&mut draft, &source, Like::everything(), cursor)?;
        return Ok(draft);
    }
    let query = derive::query_start(cursor);
    if cursor.kind() == Some(TokenKind::LParen) && query != Some(cursor.at) {
        let elements = cursor.group()?.list();
        if query.is_some() && catalog.dialect == Dialect::Postgres {
            derive::name_columns(&mut draft, elements)?;
        } else {
            reader.elements(&mut draft, elements)?;
        }
    } else if query.is_none() {
        return Err(cursor.fault("the columns"));
    }
    if let Some(at) = query {
        cursor.at = at;
        derive::columns(catalog, &mut draft, cursor, location);
        return Ok(draft);
    }
    reader.options(&mut draft, cursor)?;
    Ok(draft)
}

/// Takes the name of an option that says whose rows the table shows: engines of MySQL and MariaDB
/// (MERGE, FEDERATED, CONNECT), and foreign tables.
fn over(cursor: &mut Cursor<'_>) -> bool {
    match cursor.dialect {
        Dialect::Postgres => cursor.take(&["options"]),
        Dialect::Mysql => {
            cursor.take_any(&["union", "connection", "tabname", "table_list", "srcdef"])
        }
        Dialect::Sqlite => false,
    }
}

/// What LIKE copies.
#[derive(Clone, Copy)]
struct Like {
    defaults: bool,
    generated: bool,
    indexes: bool,
}

impl Like {
    const fn everything() -> Self {
        Self {
            defaults: true,
            generated: true,
            indexes: true,
        }
    }
}

struct Elements<'a> {
    catalog: &'a Catalog,
    location: &'a Location,
}

impl Elements<'_> {
    fn elements(&self, draft: &mut Draft, elements: Vec<Cursor<'_>>) -> Result<(), Fault> {
        let mut constraints = Vec::new();
        for mut element in elements {
            if self.catalog.dialect != Dialect::Sqlite && element.take(&["like"]) {
                let source = element.dotted()?;
                let like = match self.catalog.dialect {
                    Dialect::Mysql => Like::everything(),
                    _ => like_options(&mut element)?,
                };
                self.like(draft, &source, like, &element)?;
            } else if let Some(constraint) = constraint::table_constraint(&mut element)? {
                constraints.push(constraint);
                // SQLite does not ask for a comma between table constraints.
                while self.catalog.dialect == Dialect::Sqlite && !element.is_end() {
                    match constraint::table_constraint(&mut element)? {
                        Some(constraint) => constraints.push(constraint),
                        None => element.skip(),
                    }
                }
            } else {
                let Definition {
                    column,
                    constraints: own,
                } = column::definition(&mut element)?;
                put_column(draft, column);
                constraints.extend(own);
            }
        }
        for constraint in constraints {
            constraint::add(self.catalog, draft, constraint, self.location);
        }
        Ok(())
    }

    /// `INHERITS (…)`, `WITHOUT ROWID`, `STRICT`, and what the table is [`over`]; every other option
    /// changes nothing we hold.
    fn options(&self, draft: &mut Draft, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        while !cursor.is_end() {
            if cursor.take(&["inherits"]) {
                let own = std::mem::take(&mut draft.table.columns);
                for mut parent in cursor.group()?.list() {
                    let parts = parent.dotted()?;
                    self.inherit(draft, &parts, &parent)?;
                }
                for column in own {
                    put_column(draft, column);
                }
            } else if cursor.take(&["without", "rowid"]) {
                draft.table.without_rowid = true;
                let key = draft.table.primary_key.clone();
                for name in key {
                    if let Some(column) = draft.column(&name) {
                        column.nullable = false;
                        column.generated = false;
                    }
                }
            } else if cursor.dialect == Dialect::Sqlite && cursor.take(&["strict"]) {
                let key = draft.table.primary_key.clone();
                for name in key {
                    if let Some(column) = draft.column(&name) {
                        column.nullable = false;
                    }
                }
            } else if over(cursor) {
                cursor.take_op("=");
                let from = cursor.at;
                cursor.skip();
                draft.table.over.push_str(cursor.text(from, cursor.at));
                draft.table.over.push('\n');
            } else {
                cursor.skip();
            }
        }
        Ok(())
    }

    fn source(&self, parts: &[String], cursor: &Cursor<'_>) -> Result<&Draft, Fault> {
        match self.catalog.find_table(parts) {
            Some(at) => Ok(&self.catalog.tables[at]),
            None => Err(Fault {
                reason: format!("no migration creates `{}`", parts.join(".")),
                at: cursor.byte(),
            }),
        }
    }

    fn inherit(
        &self,
        draft: &mut Draft,
        parts: &[String],
        cursor: &Cursor<'_>,
    ) -> Result<(), Fault> {
        let parent = self.source(parts, cursor)?;
        draft.table.columns_known &= parent.table.columns_known;
        for column in parent.table.columns.clone() {
            let inherited = Column {
                // Identity is not inherited.
                generated: column.generated && column.default.is_some(),
                ..column
            };
            put_column(draft, inherited);
        }
        draft.table.parents.push(parent.table.name.clone());
        Ok(())
    }

    fn partition(&self, draft: &mut Draft, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let parts = cursor.dotted()?;
        let parent = self.source(&parts, cursor)?;
        draft.table.columns.clone_from(&parent.table.columns);
        draft.table.columns_known = parent.table.columns_known;
        draft.table.parents.push(parent.table.name.clone());
        draft.is_partition = true;
        if cursor.kind() != Some(TokenKind::LParen) {
            return Ok(());
        }
        for mut element in cursor.group()?.list() {
            if let Some(constraint) = constraint::table_constraint(&mut element)? {
                constraint::add(self.catalog, draft, constraint, self.location);
                continue;
            }
            let name = element.name()?;
            let not_null = (0..element.tokens.len())
                .any(|by| element.ahead_is(by, "not") && element.ahead_is(by + 1, "null"));
            if let Some(column) = draft.column(&name) {
                column.nullable &= !not_null;
            }
        }
        Ok(())
    }

    fn like(
        &self,
        draft: &mut Draft,
        source: &[String],
        like: Like,
        cursor: &Cursor<'_>,
    ) -> Result<(), Fault> {
        let source = &self.source(source, cursor)?.table;
        draft.table.columns_known &= source.columns_known;
        for column in &source.columns {
            let generated = column.generated && like.generated;
            let default = column.default.clone().filter(|_| like.defaults);
            draft.table.columns.push(Column {
                default,
                generated,
                ..column.clone()
            });
        }
        if !like.indexes {
            return Ok(());
        }
        if !source.primary_key.is_empty() {
            let kind = constraint::Kind::PrimaryKey {
                columns: source.primary_key.clone(),
                conflict: false,
                row_number: false,
            };
            let constraint = constraint::Constraint { name: None, kind };
            constraint::add(self.catalog, draft, constraint, self.location);
        }
        for unique in &source.uniques {
            let suffix = if unique.constraint { "key" } else { "idx" };
            let mut unique = unique.clone();
            unique.location = self.location.clone();
            if self.catalog.dialect == Dialect::Postgres {
                unique.name = self.catalog.unique_name(&draft.table, &unique.key, suffix);
            }
            draft.table.uniques.push(unique);
        }
        for index in &source.indexes {
            let mut index = index.clone();
            if self.catalog.dialect == Dialect::Postgres {
                index.name = self.catalog.unique_name(&draft.table, &index.key, "idx");
            }
            draft.table.indexes.push(index);
        }
        Ok(())
    }
}

/// Adds a column; one of the same name, which was inherited, takes the new definition.
fn put_column(draft: &mut Draft, column: Column) {
    match draft.column(&column.name) {
        Some(known) => {
            let nullable = known.nullable && column.nullable;
            *known = Column { nullable, ..column };
        }
        None => draft.table.columns.push(column),
    }
}

/// `INCLUDING ALL EXCLUDING INDEXES …`
fn like_options(cursor: &mut Cursor<'_>) -> Result<Like, Fault> {
    let mut like = Like {
        defaults: false,
        generated: false,
        indexes: false,
    };
    while !cursor.is_end() {
        let on = cursor.take(&["including"]);
        if !on && !cursor.take(&["excluding"]) {
            return Err(cursor.fault("`INCLUDING`"));
        }
        let all = cursor.is("all");
        if all || cursor.is("defaults") {
            like.defaults = on;
        }
        if all || cursor.is_any(&["generated", "identity"]) {
            like.generated = on;
        }
        if all || cursor.is("indexes") {
            like.indexes = on;
        }
        cursor.skip();
    }
    Ok(like)
}
