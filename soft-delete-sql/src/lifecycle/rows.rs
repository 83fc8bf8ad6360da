//! A table as the generated statements speak of it.

use super::{record, text::Param};
use crate::{
    Dialect, Schema, Scope,
    schema::{Column, MarkerKind, Table},
    scope,
};

/// A table and the dialect to write its names in.
#[derive(Clone, Copy)]
pub(super) struct Rows<'s> {
    pub(super) dialect: Dialect,
    pub(super) table: &'s Table,
}

impl<'s> Rows<'s> {
    pub(super) fn new(schema: &'s Schema, table: usize) -> Self {
        Self {
            dialect: schema.dialect,
            table: &schema.tables[table],
        }
    }

    /// The table's name.
    pub(super) fn name(self) -> String {
        let name = &self.table.name;
        let parts = name.schema.iter().chain(Some(&name.name));
        let quoted: Vec<String> = parts.map(|part| self.dialect.quote(part)).collect();
        quoted.join(".")
    }

    /// `t AS alias`
    pub(super) fn named(self, alias: &str) -> String {
        format!("{} AS {alias}", self.name())
    }

    /// `alias.column`, and only the column without an alias.
    pub(super) fn column(self, alias: &str, name: &str) -> String {
        let name = self.dialect.quote(name);
        if alias.is_empty() {
            name
        } else {
            format!("{alias}.{name}")
        }
    }

    /// The rows of a scope; without a marker every row is live.
    pub(super) fn scoped(self, scope: Scope, alias: &str) -> String {
        scope::condition_of(self.dialect, self.table, scope, alias).unwrap_or_else(|| match scope {
            Scope::Active | Scope::WithDeleted => "1 = 1".to_owned(),
            Scope::Deleted => "1 = 0".to_owned(),
        })
    }

    pub(super) fn active(self, alias: &str) -> String {
        self.scoped(Scope::Active, alias)
    }

    pub(super) fn deleted(self, alias: &str) -> String {
        self.scoped(Scope::Deleted, alias)
    }

    /// An erasure has left the row.
    pub(super) fn erased(self, alias: &str) -> Option<String> {
        let column = self.column(alias, record::ERASED);
        super::personal::is_kept(self.table).then(|| format!("{column} IS NOT NULL"))
    }

    /// The deleted rows that a restore may make live.
    pub(super) fn restorable(self, alias: &str) -> String {
        let deleted = self.deleted(alias);
        match self.erased(alias) {
            Some(erased) => format!("{deleted} AND NOT ({erased})"),
            None => deleted,
        }
    }

    /// The condition of rows on hold.
    pub(super) fn held(self, alias: &str) -> Option<String> {
        let hold = self.table.settings.hold.as_deref()?;
        Some(scope::qualified(self.dialect, hold, self.table, alias))
    }

    pub(super) fn operation(self) -> Option<&'s Column> {
        record::column(self.table, record::OPERATION)
    }

    /// The operation id as a value of the column `deleted_operation`.
    pub(super) fn operation_id(self) -> String {
        self.operation_id_of(Param::Operation)
    }

    /// The id of an operation as a value of that column.
    pub(super) fn operation_id_of(self, id: Param) -> String {
        let hole = id.hole();
        self.operation().map_or(hole.clone(), |column| {
            record::operation_id(self.dialect, column, &hole)
        })
    }

    /// `alias.deleted_operation = the operation`
    pub(super) fn of_operation(self, alias: &str) -> String {
        let column = self.column(alias, record::OPERATION);
        format!("{column} = {}", self.operation_id())
    }

    /// `alias.key = the key`
    pub(super) fn of_key(self, alias: &str) -> String {
        let key = self.table.primary_key.iter().enumerate();
        let tests: Vec<String> = key
            .map(|(at, column)| {
                let column = self.column(alias, column);
                format!("{column} = {}", Param::Key(at).hole())
            })
            .collect();
        tests.join(" AND ")
    }

    /// What a soft delete assigns; `marker` is the value of the marker.
    pub(super) fn stamp(self, marker: &str) -> Vec<(String, String)> {
        let own = self.table.marker.as_ref();
        let mut set: Vec<(String, String)> = own
            .map(|own| (own.column.clone(), marker.to_owned()))
            .into_iter()
            .collect();
        for (name, value) in [
            (record::ACTOR, Param::Actor.hole()),
            (record::REASON, Param::Reason.hole()),
            (record::OPERATION, self.operation_id()),
        ] {
            if record::column(self.table, name).is_some() {
                set.push((name.to_owned(), value));
            }
        }
        set
    }

    /// What a restore assigns. The operation stays where other rows are still found by it.
    pub(super) fn clear(self, operation_too: bool) -> Vec<(String, String)> {
        let kind = |kind: MarkerKind| record::unmarked(kind).to_owned();
        let own = self.table.marker.as_ref();
        let mut set: Vec<(String, String)> = own
            .map(|own| (own.column.clone(), kind(own.kind)))
            .into_iter()
            .collect();
        for name in [record::ACTOR, record::REASON, record::OPERATION] {
            let kept = name == record::OPERATION && !operation_too;
            if !kept && record::column(self.table, name).is_some() {
                set.push((name.to_owned(), "NULL".to_owned()));
            }
        }
        set
    }

    /// The moment that a cascade writes here: the parent's own where both are written alike, so that all
    /// rows of an operation have one; else the present one.
    pub(super) fn moment(self, parent: Self, parent_alias: &str) -> Option<String> {
        let (mine, its) = (self.marker_column()?, parent.marker_column()?);
        let own = record::marked(self.dialect, self.table)?;
        let alike = mine.sql_type == its.sql_type
            && Some(&own) == record::marked(parent.dialect, parent.table).as_ref();
        if alike && self.table.marker.as_ref()?.kind == MarkerKind::Timestamp {
            return Some(parent.column(parent_alias, &its.name));
        }
        Some(own)
    }

    fn marker_column(self) -> Option<&'s Column> {
        record::column(self.table, &self.table.marker.as_ref()?.column)
    }

    /// The key as a text, for people and logs: the columns, separated by commas.
    pub(super) fn key_text(self, alias: &str) -> String {
        let columns: Vec<String> = self
            .table
            .primary_key
            .iter()
            .map(|name| {
                let column = self.column(alias, name);
                let kind = record::column(self.table, name).map_or("", |column| &column.sql_type);
                text_of(self.dialect, &column, kind)
            })
            .collect();
        match (self.dialect, columns.as_slice()) {
            (_, [only]) => only.clone(),
            (Dialect::Mysql, _) => format!("CONCAT_WS(',', {})", columns.join(", ")),
            _ => columns.join(" || ',' || "),
        }
    }
}

fn text_of(dialect: Dialect, column: &str, sql_type: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("CAST({column} AS text)"),
        Dialect::Sqlite if sql_type.contains("blob") => format!("hex({column})"),
        Dialect::Sqlite => format!("CAST({column} AS TEXT)"),
        Dialect::Mysql if sql_type.contains("binary") || sql_type.contains("blob") => {
            format!("HEX({column})")
        }
        Dialect::Mysql => format!("CAST({column} AS CHAR CHARACTER SET utf8mb4)"),
    }
}

/// `UPDATE child … FROM parent …`, where a row of `child` (`c`) meets one of `parent` (`p`).
pub(super) struct Joined<'s> {
    pub(super) child: Rows<'s>,
    pub(super) parent: Rows<'s>,
    /// How they meet.
    pub(super) on: String,
}

impl Joined<'_> {
    /// The UPDATE; `absent` are rows that must not be there: a table with its alias, and the
    /// condition under which it would be.
    pub(super) fn update(
        &self,
        set: &[(String, String)],
        conditions: &[String],
        absent: &[Absent],
    ) -> String {
        let (child, parent) = (self.child.named("c"), self.parent.named("p"));
        let dialect = self.child.dialect;
        if dialect == Dialect::Mysql {
            let set = assignments(dialect, set, "c.");
            let (joins, nulls) = outer(absent);
            let tests = [conditions, &nulls].concat().join(" AND ");
            return format!(
                "UPDATE {child} JOIN {parent} ON {}{joins} SET {set} WHERE {tests}",
                self.on
            );
        }
        let set = assignments(dialect, set, "");
        let tests = [conditions, &inner(absent)].concat().join(" AND ");
        format!(
            "UPDATE {child} SET {set} FROM {parent} WHERE {} AND {tests}",
            self.on
        )
    }
}

/// A row whose presence keeps another from being changed.
pub(super) struct Absent {
    /// `t AS alias`
    pub(super) named: String,
    /// When it stands in the way.
    pub(super) when: String,
    /// A column of it that is NULL only where no row was found.
    pub(super) present: String,
}

/// MySQL reads no table in a subquery that it writes, and joins it to itself.
fn outer(absent: &[Absent]) -> (String, Vec<String>) {
    let joins: Vec<String> = absent
        .iter()
        .map(|absent| format!(" LEFT JOIN {} ON {}", absent.named, absent.when))
        .collect();
    let nulls = absent
        .iter()
        .map(|absent| format!("{} IS NULL", absent.present))
        .collect();
    (joins.concat(), nulls)
}

fn inner(absent: &[Absent]) -> Vec<String> {
    absent
        .iter()
        .map(|absent| {
            format!(
                "NOT EXISTS (SELECT 1 FROM {} WHERE {})",
                absent.named, absent.when
            )
        })
        .collect()
}

pub(super) fn assignments(dialect: Dialect, set: &[(String, String)], qualifier: &str) -> String {
    let set: Vec<String> = set
        .iter()
        .map(|(column, value)| format!("{qualifier}{} = {value}", dialect.quote(column)))
        .collect();
    set.join(", ")
}

/// `UPDATE t AS c SET … WHERE …`
pub(super) fn update(
    rows: Rows<'_>,
    set: &[(String, String)],
    conditions: &[String],
    absent: &[Absent],
) -> String {
    let dialect = rows.dialect;
    if dialect == Dialect::Mysql {
        let (joins, nulls) = outer(absent);
        return format!(
            "UPDATE {}{joins} SET {} WHERE {}",
            rows.named("c"),
            assignments(dialect, set, "c."),
            [conditions, &nulls].concat().join(" AND ")
        );
    }
    format!(
        "UPDATE {} SET {} WHERE {}",
        rows.named("c"),
        assignments(dialect, set, ""),
        [conditions, &inner(absent)].concat().join(" AND ")
    )
}

/// `DELETE FROM t AS c WHERE …`
pub(super) fn delete(rows: Rows<'_>, conditions: &[String], absent: &[Absent]) -> String {
    if rows.dialect == Dialect::Mysql {
        let (joins, nulls) = outer(absent);
        return format!(
            "DELETE c FROM {}{joins} WHERE {}",
            rows.named("c"),
            [conditions, &nulls].concat().join(" AND ")
        );
    }
    format!(
        "DELETE FROM {} WHERE {}",
        rows.named("c"),
        [conditions, &inner(absent)].concat().join(" AND ")
    )
}

/// `FROM t AS c WHERE …`
pub(super) fn select(rows: Rows<'_>, conditions: &[String], absent: &[Absent]) -> String {
    format!(
        "FROM {} WHERE {}",
        rows.named("c"),
        [conditions, &inner(absent)].concat().join(" AND ")
    )
}
