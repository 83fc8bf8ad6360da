//! MySQL and MariaDB: rows are locked, those that others hold are skipped, and their keys come back
//! as JSON.

use super::{Draft, Keys, due::Due, text::Param};
use crate::{
    Dialect,
    lifecycle::audit::{Record, is_binary},
    schema::{Column, Table},
};

const D: Dialect = Dialect::Mysql;

pub(super) fn draft(due: &Due<'_>, audit: Option<&Table>) -> Draft {
    let parts = Part::all(due);
    let (from, picked) = (due.from(), picked(&parts));
    let delete = format!("DELETE t FROM {from} JOIN {picked} AND {}", due.is_due());
    let recorded = |audit: &Table, snapshot: bool| {
        let record = Record {
            schema: due.schema,
            table: due.table,
            audit,
            row: "t",
            run: Param::Run.hole(Dialect::Mysql),
        };
        let insert = record.insert("purge", snapshot);
        vec![
            format!("{insert} FROM {from} JOIN {picked} AND {}", due.is_due()),
            delete.clone(),
        ]
    };
    let values = values(&parts);
    // A row that references the picked ones may have come before the lock. None can come any more,
    // and what a transaction at READ COMMITTED reads without a lock is what is committed now.
    let recheck = due
        .is_free()
        .map(|free| format!("SELECT {values} FROM {from} JOIN {picked} AND {free}"));
    Draft {
        pick: pick(due, &parts, &values),
        keys: Keys::Json,
        recheck,
        names: format!(
            "SELECT {} FROM {from} JOIN {picked} AND {}",
            due.key_text(),
            due.is_due()
        ),
        audited: audit.map(|audit| recorded(audit, false)),
        snapshot: audit.map(|audit| recorded(audit, true)),
        plain: vec![delete.clone()],
        walk: None,
    }
}

/// Walks through the table by its key. Through another index it would lock every row that is due.
fn pick(due: &Due<'_>, parts: &[Part], values: &str) -> String {
    let from = parts.first().map_or_else(String::new, Part::from);
    format!(
        "SELECT {values} FROM {} FORCE INDEX (PRIMARY) WHERE {from} AND {} ORDER BY {} LIMIT {} \
         FOR UPDATE SKIP LOCKED",
        due.from(),
        due.is_eligible(),
        due.key().join(", "),
        Param::Limit.hole(D)
    )
}

/// The key as JSON, and the first part of it, from which the next batch goes on.
fn values(parts: &[Part]) -> String {
    let all: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let first = parts.first().map_or("NULL", |part| &part.text);
    format!(
        "CAST(JSON_ARRAY({}) AS CHAR CHARACTER SET utf8mb4), CAST({first} AS CHAR CHARACTER SET utf8mb4)",
        all.join(", ")
    )
}

/// The table of the picked keys, and the condition on `t` behind it. Its bounds let the database
/// find the rows where the comparison with the keys itself cannot use the index.
fn picked(parts: &[Part]) -> String {
    let columns: Vec<String> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| format!("k{at} {} PATH '$[{at}]'", part.read_as))
        .collect();
    let tests: Vec<&str> = parts.iter().map(|part| part.equal.as_str()).collect();
    let bounds = parts.first().map_or_else(String::new, |part| {
        format!(
            "{} AND {} <= {}",
            part.from(),
            part.column,
            part.bound(Param::To)
        )
    });
    format!(
        "JSON_TABLE({}, '$[*]' COLUMNS ({})) AS j ON {} WHERE {bounds}",
        Param::Keys.hole(D),
        columns.join(", "),
        tests.join(" AND ")
    )
}

/// A column of the primary key.
struct Part {
    /// The column behind `t`.
    column: String,
    /// It as JSON can hold it.
    text: String,
    /// The type that JSON is read as.
    read_as: &'static str,
    /// That the column is the one of the key `j`.
    equal: String,
    is_binary: bool,
}

impl Part {
    fn all(due: &Due<'_>) -> Vec<Self> {
        let key = due.table.primary_key.iter();
        key.enumerate()
            .map(|(at, name)| {
                let own = due.table.columns.iter().find(|column| column.name == *name);
                Self::of(at, due.column(name), own)
            })
            .collect()
    }

    fn of(at: usize, column: String, own: Option<&Column>) -> Self {
        let sql_type = own.map_or("", |column| column.sql_type.as_str());
        let key = format!("j.k{at}");
        if is_binary(sql_type) {
            return Self {
                text: format!("HEX({column})"),
                read_as: "VARCHAR(6144)",
                equal: format!("{column} = UNHEX({key})"),
                column,
                is_binary: true,
            };
        }
        if let Some(read_as) = integer(sql_type) {
            return Self {
                text: column.clone(),
                read_as,
                equal: format!("{column} = {key}"),
                column,
                is_binary: false,
            };
        }
        // Compared byte by byte: the key's collation is not that of the column.
        let text = format!("CAST({column} AS CHAR CHARACTER SET utf8mb4)");
        Self {
            equal: format!(
                "CONVERT({text} USING utf8mb4) = CONVERT({key} USING utf8mb4) COLLATE utf8mb4_bin"
            ),
            text,
            read_as: "VARCHAR(3072) CHARACTER SET utf8mb4",
            column,
            is_binary: false,
        }
    }

    fn from(&self) -> String {
        let from = Param::From.hole(D);
        format!(
            "({from} IS NULL OR {} >= {})",
            self.column,
            self.bound(Param::From)
        )
    }

    fn bound(&self, param: Param) -> String {
        let hole = param.hole(D);
        if self.is_binary {
            format!("UNHEX({hole})")
        } else {
            hole
        }
    }
}

fn integer(sql_type: &str) -> Option<&'static str> {
    let is_integer = [
        "tinyint",
        "smallint",
        "mediumint",
        "int",
        "integer",
        "bigint",
    ]
    .iter()
    .any(|word| {
        sql_type
            .strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    });
    match is_integer {
        true if sql_type.contains("unsigned") => Some("BIGINT UNSIGNED"),
        true => Some("BIGINT"),
        false => None,
    }
}
