//! Constraints of tables and columns.

use super::key;
use crate::{
    Dialect,
    schema::{
        Action, ForeignKey, Index, KeyPart, Location, Unique,
        catalog::{Catalog, Draft, postgres_name},
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// A constraint, or what MySQL lists among them.
#[derive(Debug, Clone)]
pub(in crate::schema) struct Constraint {
    pub(super) name: Option<String>,
    pub(super) kind: Kind,
}

/// Kinds of [`Constraint`].
#[derive(Debug, Clone)]
pub(super) enum Kind {
    PrimaryKey {
        columns: Vec<String>,
        conflict: bool,
        /// SQLite: a single INTEGER column is the row's number.
        row_number: bool,
    },
    Unique {
        key: Vec<KeyPart>,
        written: String,
        predicate: Option<String>,
        nulls_not_distinct: bool,
        conflict: bool,
        include: Vec<KeyPart>,
    },
    /// `UNIQUE USING INDEX i`, `PRIMARY KEY USING INDEX i`.
    UsingIndex {
        index: String,
        primary: bool,
    },
    ForeignKey {
        columns: Vec<String>,
        target: Target,
    },
    Index {
        key: Vec<KeyPart>,
    },
    /// CHECK and what else says nothing about keys.
    Other,
}

/// What REFERENCES says.
#[derive(Debug, Clone)]
pub(super) struct Target {
    table: Vec<String>,
    columns: Vec<String>,
    on_delete: Action,
}

/// Reads a table constraint; `None` when a column definition stands here.
pub(super) fn table_constraint(cursor: &mut Cursor<'_>) -> Result<Option<Constraint>, Fault> {
    let mut name = None;
    if cursor.take(&["constraint"]) {
        // MySQL allows `CONSTRAINT PRIMARY KEY`.
        let unnamed = cursor.is_any(&["primary", "unique", "foreign", "check"]);
        if !(unnamed && cursor.dialect == Dialect::Mysql) {
            name = Some(cursor.name()?);
        }
    } else if !starts_constraint(cursor) {
        return Ok(None);
    }
    let (own_name, kind) = kind(cursor)?;
    let name = name.or(own_name);
    Ok(Some(Constraint { name, kind }))
}

fn starts_constraint(cursor: &Cursor<'_>) -> bool {
    let group_next = |by| {
        cursor
            .ahead(by)
            .is_some_and(|token| token.kind == TokenKind::LParen)
    };
    if cursor.are(&["primary", "key"])
        || cursor.are(&["foreign", "key"])
        || cursor.is_any(&["unique", "check"])
    {
        return true;
    }
    match cursor.dialect {
        Dialect::Postgres => cursor.is("exclude") && (cursor.ahead_is(1, "using") || group_next(1)),
        Dialect::Mysql => {
            cursor.is_any(&["key", "index", "fulltext", "spatial"])
                || cursor.are(&["period", "for"])
        }
        Dialect::Sqlite => false,
    }
}

/// The constraint itself, and the name MySQL writes behind the keyword.
fn kind(cursor: &mut Cursor<'_>) -> Result<(Option<String>, Kind), Fault> {
    if cursor.take(&["primary", "key"]) {
        if cursor.take(&["using", "index"]) {
            let index = cursor.name()?;
            return Ok((
                None,
                Kind::UsingIndex {
                    index,
                    primary: true,
                },
            ));
        }
        let name = index_name(cursor)?;
        let columns = key::columns(cursor)?;
        let conflict = key::conflict_clause(cursor);
        let kind = Kind::PrimaryKey {
            columns,
            conflict,
            row_number: true,
        };
        return Ok((name, kind));
    }
    if cursor.take(&["unique"]) {
        cursor.take_any(&["key", "index"]);
        if cursor.take(&["using", "index"]) {
            let index = cursor.name()?;
            return Ok((
                None,
                Kind::UsingIndex {
                    index,
                    primary: false,
                },
            ));
        }
        let name = index_name(cursor)?;
        let nulls_not_distinct = key::nulls_not_distinct(cursor);
        let start = cursor.at;
        let key = key::key(cursor)?;
        let include = key::include(cursor)?;
        let written = cursor.text(start, cursor.at).to_owned();
        let conflict = key::conflict_clause(cursor);
        return Ok((
            name,
            Kind::Unique {
                key,
                written,
                predicate: None,
                nulls_not_distinct,
                conflict,
                include,
            },
        ));
    }
    if cursor.take(&["foreign", "key"]) {
        cursor.if_not_exists();
        let name = index_name(cursor)?;
        let columns = cursor.names()?;
        cursor.expect("references")?;
        let target = target(cursor)?;
        return Ok((name, Kind::ForeignKey { columns, target }));
    }
    if cursor.take(&["exclude"]) {
        return Ok((None, exclude(cursor)?));
    }
    if cursor.is_any(&["key", "index", "fulltext", "spatial"]) && cursor.dialect == Dialect::Mysql {
        cursor.next();
        cursor.take_any(&["key", "index"]);
        cursor.if_not_exists();
        let name = index_name(cursor)?;
        let key = key::key(cursor)?;
        return Ok((name, Kind::Index { key }));
    }
    // CHECK (…), PERIOD FOR …
    cursor.skip();
    if cursor.kind() == Some(TokenKind::LParen) {
        cursor.skip();
    }
    Ok((None, Kind::Other))
}

/// MySQL's `KEY [name] [USING BTREE] (…)`.
fn index_name(cursor: &mut Cursor<'_>) -> Result<Option<String>, Fault> {
    let mut name = None;
    if cursor.dialect == Dialect::Mysql {
        if cursor.at_name() && !cursor.is("using") {
            name = Some(cursor.name()?);
        }
        if cursor.take(&["using"]) {
            cursor.name()?;
        }
    }
    Ok(name)
}

/// `EXCLUDE [USING gist] (a WITH =, …) [WHERE (…)]`: a unique key of expressions.
fn exclude(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    let start = cursor.at - 1;
    if cursor.take(&["using"]) {
        cursor.name()?;
    }
    let items = cursor.group()?.list();
    let key = items
        .into_iter()
        .map(|item| KeyPart::Expression(item.rest().to_owned()))
        .collect();
    let written = cursor.text(start, cursor.at).to_owned();
    let mut predicate = None;
    while !cursor.is_end() {
        if cursor.take(&["where"]) {
            let group = cursor.group()?;
            predicate = Some(key::without_parens(group).rest().to_owned());
        } else {
            cursor.skip();
        }
    }
    Ok(Kind::Unique {
        key,
        written,
        predicate,
        nulls_not_distinct: false,
        conflict: false,
        include: Vec::new(),
    })
}

/// What stands behind REFERENCES.
pub(super) fn target(cursor: &mut Cursor<'_>) -> Result<Target, Fault> {
    let table = cursor.dotted()?;
    let mut columns = Vec::new();
    if cursor.kind() == Some(TokenKind::LParen) {
        columns = cursor.names()?;
    }
    let mut on_delete = Action::NoAction;
    loop {
        if cursor.take(&["on", "delete"]) {
            on_delete = action(cursor)?;
        } else if cursor.take(&["on", "update"]) {
            action(cursor)?;
        } else if cursor.take(&["match"]) {
            cursor.name()?;
        } else {
            break;
        }
    }
    Ok(Target {
        table,
        columns,
        on_delete,
    })
}

fn action(cursor: &mut Cursor<'_>) -> Result<Action, Fault> {
    let found = if cursor.take(&["no", "action"]) {
        Action::NoAction
    } else if cursor.take(&["restrict"]) {
        Action::Restrict
    } else if cursor.take(&["cascade"]) {
        Action::Cascade
    } else if cursor.take(&["set", "null"]) {
        Action::SetNull
    } else if cursor.take(&["set", "default"]) {
        Action::SetDefault
    } else {
        return Err(cursor.fault("a referential action"));
    };
    // PostgreSQL 15: ON DELETE SET NULL (column, …)
    if cursor.kind() == Some(TokenKind::LParen) {
        cursor.skip();
    }
    Ok(found)
}

/// Adds a constraint to a table.
pub(super) fn add(
    catalog: &Catalog,
    draft: &mut Draft,
    constraint: Constraint,
    location: &Location,
) {
    let Constraint { name, kind } = constraint;
    match kind {
        Kind::PrimaryKey {
            columns,
            conflict,
            row_number,
        } => {
            primary_key(catalog, draft, columns, name, row_number);
            if conflict {
                draft.conflict_clause = Some(location.clone());
            }
        }
        Kind::Unique {
            key,
            written,
            predicate,
            nulls_not_distinct,
            conflict,
            include,
        } => {
            let suffix = if key
                .iter()
                .any(|part| matches!(part, KeyPart::Expression(_)))
            {
                "excl"
            } else {
                "key"
            };
            let all = [key.as_slice(), &include].concat();
            let name = name.or_else(|| catalog.unique_name(&draft.table, &all, suffix));
            if conflict {
                draft.conflict_clause = Some(location.clone());
            }
            draft.table.uniques.push(Unique {
                name,
                key,
                written,
                // An exclusion constraint can be partial; a unique one never is.
                constraint: predicate.is_none(),
                predicate,
                nulls_not_distinct,
                location: location.clone(),
            });
        }
        Kind::UsingIndex { index, primary } => using_index(draft, &index, primary, name),
        Kind::ForeignKey { columns, target } => {
            let references = if target.table.last() == Some(&draft.table.name.name)
                && catalog.new_name(&target.table) == draft.table.name
            {
                draft.table.name.clone()
            } else {
                catalog.referenced(&target.table)
            };
            let mut key = ForeignKey {
                name,
                columns,
                references,
                referenced_columns: target.columns,
                on_delete: target.on_delete,
                location: location.clone(),
            };
            if key.name.is_none() {
                key.name = key.made_up_name(catalog.dialect, &draft.table);
            }
            draft.table.foreign_keys.push(key);
        }
        Kind::Index { key } => {
            let name = name.or_else(|| catalog.unique_name(&draft.table, &key, "idx"));
            draft.table.indexes.push(Index {
                name,
                key,
                predicate: None,
            });
        }
        Kind::Other => {}
    }
}

/// Adds the constraints of columns that are declared one by one: `primary key` behind several of
/// them is one key, and a unique key that is known stays one.
pub(in crate::schema) fn add_of_columns(
    catalog: &Catalog,
    draft: &mut Draft,
    constraints: Vec<Constraint>,
    location: &Location,
) {
    let mut primary = Vec::new();
    for constraint in constraints {
        match &constraint.kind {
            Kind::PrimaryKey { columns, .. } => primary.extend(columns.clone()),
            Kind::Unique { key, .. }
                if draft.table.uniques.iter().any(|known| known.key == *key) => {}
            _ => add(catalog, draft, constraint, location),
        }
    }
    if !primary.is_empty() {
        primary_key(catalog, draft, primary, None, true);
    }
}

fn primary_key(
    catalog: &Catalog,
    draft: &mut Draft,
    columns: Vec<String>,
    name: Option<String>,
    row_number: bool,
) {
    let made_up = match catalog.dialect {
        Dialect::Postgres => Some(postgres_name(&draft.table.name.name, "", "pkey")),
        Dialect::Mysql => Some("primary".to_owned()),
        Dialect::Sqlite => None,
    };
    draft.table.primary_key_name = match catalog.dialect {
        Dialect::Mysql => made_up,
        _ => name.or(made_up),
    };
    draft.table.primary_key = columns;
    key_columns_are_filled(catalog.dialect, draft, row_number);
}

/// The columns of a primary key are NOT NULL, save for an old slip of SQLite's; its single INTEGER
/// column is the row's number.
fn key_columns_are_filled(dialect: Dialect, draft: &mut Draft, row_number: bool) {
    let key = draft.table.primary_key.clone();
    let row_number = row_number && key.len() == 1;
    for name in &key {
        let Some(column) = draft.column(name) else {
            continue;
        };
        if dialect != Dialect::Sqlite {
            column.nullable = false;
        } else if row_number && column.sql_type == "integer" {
            column.nullable = false;
            column.generated = true;
        }
    }
}

fn using_index(draft: &mut Draft, index: &str, primary: bool, name: Option<String>) {
    let uniques = &mut draft.table.uniques;
    let Some(at) = uniques
        .iter()
        .position(|unique| unique.name.as_deref() == Some(index))
    else {
        return;
    };
    let name = name.or_else(|| Some(index.to_owned()));
    if !primary {
        uniques[at].name = name;
        uniques[at].constraint = true;
        return;
    }
    let unique = uniques.remove(at);
    draft.table.primary_key_name = name;
    draft.table.primary_key = key::column_names(&unique.key);
    key_columns_are_filled(Dialect::Postgres, draft, false);
}

/// True when a table constraint, and no column, stands behind the keyword at the cursor.
pub(super) fn is_table_constraint(action: &Cursor<'_>) -> bool {
    let mut behind = *action;
    behind.next();
    behind.is("constraint") || starts_constraint(&behind)
}
