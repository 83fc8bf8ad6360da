//! A personal column can be overwritten, and its new value says nothing of the old one.

use super::listing::entry;
use crate::{
    Code, Diagnostic, Dialect, Schema,
    diagnostic::nearest,
    lifecycle::{graph::Edge, record},
    schema::{Column, KeyPart, Table, Unique, malformed, quoted},
    scope,
    syntax::{TokenKind, lexer::lex},
};

/// What is wrong with the personal columns of a table.
pub(super) fn faults(schema: &Schema, edges: &[Edge], at: usize, place: &str) -> Vec<Diagnostic> {
    let table = &schema.tables[at];
    let judge = Judge {
        schema,
        edges,
        at,
        table,
    };
    let personal = table.settings.personal.iter().flatten();
    personal
        .filter_map(|(name, value)| {
            let (what, why, help) = judge.fault(name, value)?;
            let message = format!(
                "{place}an erasure cannot overwrite `{}.{name}`: {what}",
                table.name
            );
            let fault = Diagnostic::new(Code::PersonalColumn, message);
            Some(fault.why(why).help(help))
        })
        .collect()
}

/// What is wrong, why it matters, what to write.
type Fault = (String, String, String);

fn leave_out(what: &str, why: &str) -> Fault {
    let help = "leave it out of `personal`".to_owned();
    (what.to_owned(), why.to_owned(), help)
}

struct Judge<'s> {
    schema: &'s Schema,
    edges: &'s [Edge],
    at: usize,
    table: &'s Table,
}

impl Judge<'_> {
    fn fault(&self, name: &str, value: &str) -> Option<Fault> {
        let Some(column) = record::column(self.table, name) else {
            return Some(self.unknown(name));
        };
        self.fixed(column).or_else(|| self.value(column, value))
    }

    fn unknown(&self, name: &str) -> Fault {
        let columns = || self.table.columns.iter().map(|column| column.name.as_str());
        let help = match nearest(name, columns()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its columns: {}", columns().collect::<Vec<_>>().join(", ")),
        };
        let why = "what an erasure does not find stays as it is".to_owned();
        (
            format!("`{}` has no such column", self.table.name),
            why,
            help,
        )
    }

    /// A column that an erasure must leave as it is.
    fn fixed(&self, column: &Column) -> Option<Fault> {
        let name = &column.name;
        if self.table.primary_key.contains(name) {
            let (what, why, _) = leave_out(
                "it is part of the primary key",
                "other rows and the audit table name the row by it",
            );
            let help = "leave it out of `personal`; a key that is itself personal can only go with its row: \
                        `erase = \"remove\"`";
            return Some((what, why, help.to_owned()));
        }
        if self
            .table
            .foreign_keys
            .iter()
            .any(|key| key.columns.contains(name))
        {
            return Some(leave_out(
                "it is part of a foreign key",
                "a reference is no text; the policy of the foreign key says what becomes of it",
            ));
        }
        let referenced = |edge: &Edge| edge.parent == self.at && edge.parent_columns.contains(name);
        if let Some(edge) = self.edges.iter().find(|edge| referenced(edge)) {
            let child = &self.schema.tables[edge.child].name;
            let (what, why, _) = leave_out(
                &format!("`{child}` references it"),
                "a foreign key holds on to the value",
            );
            return Some((
                what,
                why,
                "let the foreign key reference the primary key".to_owned(),
            ));
        }
        let marker = self.table.marker.as_ref();
        let is_marker = marker.is_some_and(|marker| marker.column == *name);
        let own = [record::OPERATION, record::ERASED].contains(&name.as_str());
        if is_marker || own || name.starts_with("detached_") {
            return Some(leave_out(
                "it says what became of the row",
                "the erasure itself writes it",
            ));
        }
        (column.generated || column.computed.is_some()).then(|| {
            leave_out(
                "the database fills it",
                "it follows from other columns: overwrite those",
            )
        })
    }

    fn value(&self, column: &Column, value: &str) -> Option<Fault> {
        let dialect = self.schema.dialect;
        if let Some((what, help)) = malformed(dialect, self.table, value) {
            let why = "the value is written into a statement as it stands".to_owned();
            return Some((format!("`{value}`: {what}"), why, help));
        }
        let tokens = lex(dialect, value).unwrap_or_default();
        if tokens.iter().any(|token| token.kind == TokenKind::Dot) {
            let what = format!("a column of `{value}` stands behind a dot");
            let why = "the statement gives the table an alias".to_owned();
            return Some((what, why, "write the columns alone".to_owned()));
        }
        let mentioned = scope::mentioned(dialect, value, self.table);
        let is_key = |name: &&String| self.table.primary_key.contains(name);
        if let Some(other) = mentioned.iter().find(|name| !is_key(name)) {
            let what = format!("its new value is made of `{other}`");
            let why = "what it held would live on in it".to_owned();
            let help = "use constants, and columns of the primary key";
            return Some((what, why, help.to_owned()));
        }
        let unique = unique(dialect, self.table, &column.name);
        let is_null = value.trim().eq_ignore_ascii_case("null");
        if is_null {
            if !column.nullable {
                let why = "every erasure would fail".to_owned();
                let help = self.write(column, unique.is_some());
                return Some(("it is NOT NULL".to_owned(), why, help));
            }
            let counts = unique.filter(|unique| unique.nulls_not_distinct)?;
            return Some(self.collides(column, counts));
        }
        let unique = unique?;
        let differs = self.table.primary_key.iter();
        let differs = !self.table.primary_key.is_empty()
            && differs.clone().all(|name| mentioned.contains(name));
        (!differs).then(|| self.collides(column, unique))
    }

    fn collides(&self, column: &Column, unique: &Unique) -> Fault {
        let named = unique.name.as_ref();
        let key = named.map_or_else(|| "a unique key".to_owned(), |name| format!("`{name}`"));
        let what = format!("{key} is unique, and the new value is the same in every row");
        let why = "the second erasure would fail".to_owned();
        (what, why, self.write(column, true))
    }

    /// The line to write.
    fn write(&self, column: &Column, unique: bool) -> String {
        let value = value_for(self.schema.dialect, self.table, column, unique);
        format!(
            "write in `personal` of [tables.{}]:\n{}",
            quoted(&self.table.name.to_string()),
            entry(&column.name, &value)
        )
    }
}

/// A value for a column that fits its unique keys, as SQL.
pub(super) fn suggestion(schema: &Schema, table: &Table, column: &Column) -> String {
    let unique = unique(schema.dialect, table, &column.name);
    value_for(schema.dialect, table, column, unique.is_some())
}

/// A unique key of the table that the column is a part of.
fn unique<'t>(dialect: Dialect, table: &'t Table, name: &str) -> Option<&'t Unique> {
    let holds = |text: &str| {
        let mentioned = scope::mentioned(dialect, text, table);
        mentioned.iter().any(|own| own == name)
    };
    table.uniques.iter().find(|unique| {
        unique.key.iter().any(|part| match part {
            KeyPart::Column(own) => {
                let computed = record::column(table, own);
                let computed = computed.and_then(|column| column.computed.as_deref());
                own == name || computed.is_some_and(holds)
            }
            KeyPart::Expression(text) => holds(text),
        })
    })
}

fn value_for(dialect: Dialect, table: &Table, column: &Column, unique: bool) -> String {
    let is = |words: &[&str]| words.iter().any(|word| column.sql_type.contains(word));
    let is_text = is(&["char", "text", "clob", "string"]);
    if unique && is_text && !table.primary_key.is_empty() {
        let key: Vec<String> = table
            .primary_key
            .iter()
            .map(|name| dialect.quote(name))
            .collect();
        return match dialect {
            Dialect::Mysql => format!("CONCAT('erased-', {})", key.join(", '-', ")),
            Dialect::Postgres | Dialect::Sqlite => {
                format!("'erased-' || {}", key.join(" || '-' || "))
            }
        };
    }
    if column.nullable && !unique {
        return "NULL".to_owned();
    }
    let constant = match () {
        () if unique => "…",
        () if is_text => "'erased'",
        () if is(&["json"]) => "'{}'",
        () if is(&["bool"]) => "FALSE",
        () if is(&["date", "time"]) => "'1970-01-01'",
        () if is(&["int", "num", "dec", "real", "double", "float"]) => "0",
        () => "…",
    };
    constant.to_owned()
}
