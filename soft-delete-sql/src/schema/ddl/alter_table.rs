//! ALTER TABLE.

use super::{
    alter_column,
    column::{self, Definition},
    constraint, index, key, rename,
};
use crate::{
    Dialect,
    schema::{
        Location, ObjectName, Table,
        catalog::Catalog,
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Actions that change nothing we hold.
const IRRELEVANT: [&str; 10] = [
    "owner", "set", "reset", "cluster", "enable", "disable", "force", "validate", "replica",
    "without",
];
/// More of them, of MySQL's: table options and partition maintenance.
const IRRELEVANT_MYSQL: [&str; 44] = [
    "algorithm",
    "analyze",
    "auto_increment",
    "autoextend_size",
    "avg_row_length",
    "character",
    "charset",
    "check",
    "checksum",
    "coalesce",
    "collate",
    "comment",
    "compression",
    "connection",
    "convert",
    "data",
    "default",
    "delay_key_write",
    "discard",
    "encryption",
    "engine",
    "exchange",
    "import",
    "insert_method",
    "key_block_size",
    "lock",
    "max_rows",
    "min_rows",
    "nowait",
    "optimize",
    "order",
    "pack_keys",
    "page_checksum",
    "partition",
    "rebuild",
    "remove",
    "reorganize",
    "repair",
    "row_format",
    "stats_auto_recalc",
    "stats_persistent",
    "stats_sample_pages",
    "tablespace",
    "wait",
];

/// Reads what stands behind `ALTER TABLE`.
pub(super) fn alter_table(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    location: &Location,
) -> Result<(), Fault> {
    let if_exists = cursor.if_exists();
    if cursor.take(&["all", "in", "tablespace"]) {
        return Ok(());
    }
    cursor.take(&["only"]);
    let parts = if cursor.kind() == Some(TokenKind::LParen) {
        cursor.group()?.dotted()?
    } else {
        cursor.dotted()?
    };
    cursor.take_op("*");
    if catalog.dialect == Dialect::Mysql {
        while cursor.take_any(&["wait", "nowait"]) {
            if cursor.kind() == Some(TokenKind::Number) {
                cursor.next();
            }
        }
    }
    if catalog.is_temporary(&parts) {
        return Ok(());
    }
    let Some(table) = catalog.find_table(&parts) else {
        return unknown(catalog, cursor, &parts, if_exists, location);
    };
    let name = catalog.tables[table].table.name.clone();
    let mut alter = Alter {
        catalog,
        table: name,
        location,
    };
    for mut action in cursor.list() {
        alter.action(&mut action)?;
    }
    Ok(())
}

/// `ENABLE | DISABLE | [NO] FORCE ROW LEVEL SECURITY`: whether it is about the owner, and what it
/// becomes.
fn row_security(cursor: &mut Cursor<'_>) -> Option<(bool, bool)> {
    const WORDS: [&str; 3] = ["row", "level", "security"];
    let said: [(&[&str], _); 4] = [
        (&["enable"], (false, true)),
        (&["disable"], (false, false)),
        (&["no", "force"], (true, false)),
        (&["force"], (true, true)),
    ];
    said.into_iter().find_map(|(words, what)| {
        let all: Vec<&str> = words.iter().copied().chain(WORDS).collect();
        cursor.take(&all).then_some(what)
    })
}

/// The table is in no migration: an error where a column might hide, else the statement is about
/// a view, an index or a sequence, which PostgreSQL lets ALTER TABLE name.
fn unknown(
    catalog: &mut Catalog,
    cursor: &Cursor<'_>,
    parts: &[String],
    if_exists: bool,
    location: &Location,
) -> Result<(), Fault> {
    let at = cursor.byte();
    if let Some(view) = catalog.find_view(parts) {
        return rename::alter_view(catalog, view, cursor, location);
    }
    for mut action in cursor.list() {
        if action.is_any(&["rename"]) && action.ahead_is(1, "to") {
            action.at += 2;
            rename::index(catalog, parts, &action.name()?);
        }
        let columns = action.is_any(&["add", "drop", "modify", "change"])
            && !constraint::is_table_constraint(&action)
            || action.are(&["rename", "column"]);
        if columns && !if_exists {
            return Err(Fault {
                reason: format!("no migration creates `{}`", parts.join(".")),
                at,
            });
        }
    }
    Ok(())
}

struct Alter<'a> {
    catalog: &'a mut Catalog,
    /// Its name now: an action may rename it.
    table: ObjectName,
    location: &'a Location,
}

impl Alter<'_> {
    fn index(&self, cursor: &Cursor<'_>) -> Result<usize, Fault> {
        let position = self.catalog.position(&self.table);
        position.ok_or_else(|| cursor.fault("a table"))
    }

    fn action(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let mysql = cursor.dialect == Dialect::Mysql;
        if cursor.take(&["add"]) {
            self.add(cursor)
        } else if cursor.take(&["drop"]) {
            self.drop(cursor)
        } else if cursor.take(&["alter"]) {
            if cursor.take_any(&["constraint", "index", "check"]) {
                return Ok(());
            }
            cursor.take(&["column"]);
            cursor.if_exists();
            let table = self.index(cursor)?;
            alter_column::alter(self.catalog, table, cursor)
        } else if cursor.take(&["rename"]) {
            self.rename(cursor)
        } else if mysql && cursor.take(&["modify"]) {
            cursor.take(&["column"]);
            cursor.if_exists();
            let name = cursor.name()?;
            self.redefine(&name, &name, cursor)
        } else if mysql && cursor.take(&["change"]) {
            cursor.take(&["column"]);
            cursor.if_exists();
            let old = cursor.name()?;
            let new = cursor.name()?;
            self.redefine(&old, &new, cursor)
        } else if cursor.take(&["set", "schema"]) {
            let schema = cursor.name()?;
            let new = ObjectName {
                schema: self.catalog.schema(&schema),
                name: self.table.name.clone(),
            };
            self.move_to(new);
            Ok(())
        } else if cursor.take(&["attach", "partition"]) {
            let parts = cursor.dotted()?;
            if let Some(at) = self.catalog.find_table(&parts) {
                let parent = self.table.clone();
                let draft = &mut self.catalog.tables[at];
                draft.is_partition = true;
                draft.table.parents.push(parent);
            }
            Ok(())
        } else if cursor.take(&["detach", "partition"]) {
            let parts = cursor.dotted()?;
            if let Some(at) = self.catalog.find_table(&parts) {
                self.detach(at);
            }
            Ok(())
        } else if cursor.take(&["inherit"]) {
            let parts = cursor.dotted()?;
            let parent = self.catalog.referenced(&parts);
            let at = self.index(cursor)?;
            self.catalog.tables[at].table.parents.push(parent);
            Ok(())
        } else if cursor.take(&["no", "inherit"]) {
            let parts = cursor.dotted()?;
            let parent = self.catalog.referenced(&parts);
            let at = self.index(cursor)?;
            self.catalog.tables[at]
                .table
                .parents
                .retain(|name| *name != parent);
            Ok(())
        } else if let Some((forced, to)) = row_security(cursor) {
            let at = self.index(cursor)?;
            let own = &mut self.catalog.tables[at].table.row_security;
            if forced {
                own.forced = to;
            } else {
                own.enabled = to;
            }
            Ok(())
        } else if cursor.take(&["no", "force"])
            || cursor.take(&["not", "of"])
            || cursor.is_any(&IRRELEVANT)
            || mysql && (cursor.is_any(&IRRELEVANT_MYSQL) || mysql_option(cursor))
            || mysql && (cursor.is_end() || cursor.are(&["truncate", "partition"]))
        {
            Ok(())
        } else {
            Err(cursor.fault("an action of ALTER TABLE"))
        }
    }

    /// A partition that leaves keeps the keys it shared.
    fn detach(&mut self, child: usize) {
        let parent = self.table.clone();
        if let Some(at) = self.catalog.position(&parent) {
            super::inherit_keys(self.catalog, at, child);
        }
        let draft = &mut self.catalog.tables[child];
        draft.is_partition = false;
        draft.table.parents.retain(|name| *name != parent);
    }

    fn add(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        if cursor.dialect == Dialect::Mysql
            && (cursor.take(&["partition"]) || cursor.take(&["system", "versioning"]))
        {
            return Ok(());
        }
        if let Some(constraint) = constraint::table_constraint(cursor)? {
            let at = self.index(cursor)?;
            let mut draft = self.catalog.tables[at].clone();
            constraint::add(self.catalog, &mut draft, constraint, self.location);
            self.catalog.tables[at] = draft;
            return Ok(());
        }
        cursor.take(&["column"]);
        let if_not_exists = cursor.if_not_exists();
        if cursor.kind() == Some(TokenKind::LParen) {
            // MySQL: ADD (a int, b int)
            for mut element in cursor.group()?.list() {
                self.add_column(&mut element, if_not_exists)?;
            }
            return Ok(());
        }
        self.add_column(cursor, if_not_exists)
    }

    fn add_column(&mut self, cursor: &mut Cursor<'_>, if_not_exists: bool) -> Result<(), Fault> {
        let place = place(cursor);
        let definition = column::definition(cursor)?;
        let at = self.index(cursor)?;
        let name = &definition.column.name;
        if if_not_exists && self.catalog.tables[at].column(name).is_some() {
            return Ok(());
        }
        for member in self.catalog.family(at) {
            let mut definition = definition.clone();
            if member != at {
                // A child takes the column; the keys stay the parent's, or come with it.
                definition.constraints.clear();
            }
            self.put(member, definition, &place);
        }
        Ok(())
    }

    /// Adds a column or takes its new definition.
    fn put(&mut self, at: usize, definition: Definition, place: &Place) {
        let mut draft = self.catalog.tables[at].clone();
        let Definition {
            column,
            constraints,
        } = definition;
        let known = draft
            .table
            .columns
            .iter()
            .position(|known| known.name == column.name);
        if let Some(known) = known {
            draft.table.columns.remove(known);
        }
        let columns = &mut draft.table.columns;
        let index = match place {
            Place::Same => known.unwrap_or(columns.len()),
            Place::First => 0,
            Place::After(name) => columns
                .iter()
                .position(|column| column.name == *name)
                .map_or(columns.len(), |at| at + 1),
        };
        columns.insert(index, column);
        for constraint in constraints {
            constraint::add(self.catalog, &mut draft, constraint, self.location);
        }
        self.catalog.tables[at] = draft;
    }

    /// MySQL's MODIFY and CHANGE: a whole new definition.
    fn redefine(&mut self, old: &str, new: &str, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let place = place(cursor);
        let at = self.index(cursor)?;
        let mut definition = column::body(cursor, new.to_owned())?;
        rename::column(self.catalog, at, old, new);
        let table = &self.catalog.tables[at].table;
        if table.primary_key.iter().any(|name| name == new) {
            definition.column.nullable = false;
        }
        self.put(at, definition, &place);
        Ok(())
    }

    fn drop(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let mysql = cursor.dialect == Dialect::Mysql;
        if mysql
            && (cursor.take(&["partition"])
                || cursor.take(&["check"])
                || cursor.take(&["system", "versioning"])
                || cursor.take(&["period", "for"]))
        {
            return Ok(());
        }
        let at = self.index(cursor)?;
        if cursor.take(&["primary", "key"]) {
            drop_primary_key(&mut self.catalog.tables[at].table);
            return Ok(());
        }
        let index = mysql && cursor.take_any(&["index", "key"]);
        let foreign = !index && mysql && cursor.take(&["foreign", "key"]);
        if foreign || !index && cursor.take(&["constraint"]) {
            cursor.if_exists();
            let name = cursor.name()?;
            self.drop_constraint(at, &name, cursor.is("cascade"));
            return Ok(());
        }
        if index {
            cursor.if_exists();
            let name = cursor.name()?;
            index::drop_from(&mut self.catalog.tables[at], &name);
            return Ok(());
        }
        cursor.take(&["column"]);
        cursor.if_exists();
        let name = cursor.name()?;
        for member in self.catalog.family(at) {
            alter_column::drop(self.catalog, member, &name);
        }
        Ok(())
    }

    fn drop_constraint(&mut self, at: usize, name: &str, cascade: bool) {
        let is = |known: &Option<String>| known.as_deref() == Some(name);
        let table = &mut self.catalog.tables[at].table;
        let primary = is(&table.primary_key_name);
        let mut dropped: Vec<Vec<String>> = table
            .uniques
            .iter()
            .filter(|unique| is(&unique.name))
            .map(|unique| key::column_names(&unique.key))
            .collect();
        table.uniques.retain(|unique| !is(&unique.name));
        table.foreign_keys.retain(|key| !is(&key.name));
        if primary {
            dropped.push(table.primary_key.clone());
            // A foreign key that names no columns means the primary key.
            dropped.push(Vec::new());
            drop_primary_key(table);
        }
        if cascade {
            for other in &mut self.catalog.tables {
                other.table.foreign_keys.retain(|key| {
                    key.references != self.table || !dropped.contains(&key.referenced_columns)
                });
            }
        }
    }

    fn rename(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let mysql = cursor.dialect == Dialect::Mysql;
        let at = self.index(cursor)?;
        if cursor.take(&["constraint"]) || mysql && cursor.take_any(&["index", "key"]) {
            let old = cursor.name()?;
            cursor.expect("to")?;
            let new = cursor.name()?;
            rename::constraint(&mut self.catalog.tables[at].table, &old, &new);
            return Ok(());
        }
        if cursor.take_any(&["to", "as"]) || mysql && cursor.tokens.len() == cursor.at + 1 {
            let parts = cursor.dotted()?;
            let schema = match parts.as_slice() {
                [.., schema, _] => self.catalog.schema(schema),
                _ => self.table.schema.clone(),
            };
            let name = parts.last().cloned().unwrap_or_default();
            self.move_to(ObjectName { schema, name });
            return Ok(());
        }
        cursor.take(&["column"]);
        cursor.if_exists();
        let old = cursor.name()?;
        cursor.expect("to")?;
        let new = cursor.name()?;
        for member in self.catalog.family(at) {
            rename::column(self.catalog, member, &old, &new);
        }
        Ok(())
    }

    fn move_to(&mut self, new: ObjectName) {
        rename::table(self.catalog, &self.table, &new, self.location);
        self.table = new;
    }
}

fn drop_primary_key(table: &mut Table) {
    table.primary_key.clear();
    table.primary_key_name = None;
}

/// `WORD = value`: a table option of an engine.
fn mysql_option(cursor: &Cursor<'_>) -> bool {
    cursor.kind() == Some(TokenKind::Word)
        && cursor
            .ahead(1)
            .is_some_and(|token| token.kind == TokenKind::Op && token.text(cursor.sql) == "=")
}

/// MySQL's FIRST and AFTER.
enum Place {
    Same,
    First,
    After(String),
}

/// Takes FIRST or AFTER off the end.
fn place(cursor: &mut Cursor<'_>) -> Place {
    if cursor.dialect != Dialect::Mysql {
        return Place::Same;
    }
    let count = cursor.tokens.len();
    let is = |back: usize, word: &str| {
        count >= cursor.at + back && cursor.tokens[count - back].is(cursor.sql, word)
    };
    if is(1, "first") {
        cursor.tokens = &cursor.tokens[..count - 1];
        return Place::First;
    }
    if is(2, "after") {
        let name = cursor.tokens[count - 1].name(cursor.dialect, cursor.sql);
        cursor.tokens = &cursor.tokens[..count - 2];
        return Place::After(name);
    }
    Place::Same
}
