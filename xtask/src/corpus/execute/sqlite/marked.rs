//! The tables of a script know no marker. Their copies have one more column, tombstones, and keys
//! of live rows only; the text that counts columns then names those there were.

use std::collections::HashMap;

use anyhow::Result;
use fastrand::Rng;
use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer},
};

use super::{
    super::scopes::quote,
    session::{Session, literal},
    world::Table,
};

/// The column that marks.
pub(super) const MARKER: &str = "deleted_at";
/// What tombstones of a table without rows hold.
const POOL: [&str; 6] = ["1", "2", "'a'", "'b'", "'hello'", "NULL"];

/// The statements that make a table, with its keys, its marker and its other indexes.
pub(super) fn definition(plain: &Session, table: &Table) -> Result<Vec<String>> {
    let (name, text) = (quote(&table.name), literal(&table.name));
    // Without its keys, which would count tombstones.
    let columns = plain.texts(&format!(
        "SELECT format('\"%w\" %s%s%s', name, type, iif(\"notnull\", ' NOT NULL', ''), \
         iif(dflt_value IS NULL, '', ' DEFAULT ' || dflt_value)) \
         FROM pragma_table_xinfo({text}) WHERE hidden = 0 ORDER BY cid"
    ))?;
    let mut made = vec![format!(
        "CREATE TABLE {name} ({}, {MARKER} TEXT)",
        columns.join(", ")
    )];
    let keys = plain.texts(&format!(
        "SELECT group_concat(format('\"%w\"', name), ', ') FROM ( \
            SELECT '' AS key, name, pk AS at FROM pragma_table_xinfo({text}) WHERE pk > 0 \
            UNION ALL SELECT l.name, i.name, i.seqno \
            FROM pragma_index_list({text}) l, pragma_index_info(l.name) i \
            WHERE l.\"unique\" AND l.origin <> 'pk' ORDER BY 1, 3) \
         GROUP BY key HAVING count(*) = count(name)"
    ))?;
    for (at, columns) in keys.iter().enumerate() {
        made.push(format!(
            "CREATE UNIQUE INDEX {} ON {name} ({columns}) WHERE {MARKER} IS NULL",
            quote(&format!("soft_key_{}_{at}", table.name))
        ));
    }
    made.extend(plain.texts(&format!(
        "SELECT s.sql FROM pragma_index_list({text}) l JOIN sqlite_schema s ON s.name = l.name \
         WHERE NOT l.\"unique\" AND s.sql IS NOT NULL ORDER BY s.rowid"
    ))?);
    Ok(made)
}

/// Statements that copy the rows of a table, and put tombstones beside them: some as a live row is,
/// others with a value of any row in each column.
pub(super) fn rows(plain: &Session, table: &Table, random: &mut Rng) -> Result<Vec<String>> {
    let name = quote(&table.name);
    let columns: Vec<String> = table.columns.iter().map(|column| quote(column)).collect();
    let columns = columns.join(", ");
    let all = format!("SELECT {columns} FROM {name}");
    let live = plain
        .call(&all, &[], usize::MAX)
        .map_err(|fault| anyhow::anyhow!("{}: {all}", fault.message))?
        .rows;
    let cell = |row: usize, column: usize| live[row][column].as_deref().unwrap_or("NULL");
    let mut written = Vec::new();
    for row in 0..live.len() {
        let values: Vec<&str> = (0..table.columns.len()).map(|at| cell(row, at)).collect();
        written.push(format!("({}, NULL)", values.join(", ")));
    }
    for row in 0..live.len().max(POOL.len()) {
        let copies = random.bool();
        let values = (0..table.columns.len()).map(|at| match live.len() {
            0 => POOL[(row + at) % POOL.len()],
            _ if copies => cell(row % live.len(), at),
            all => cell(random.usize(..all), at),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        written.push(format!("({values}, 'x')"));
    }
    // The rows of a table have no order that a statement may count on.
    random.shuffle(&mut written);
    let insert = |rows: &[String]| {
        format!(
            "INSERT OR IGNORE INTO {name} ({columns}, {MARKER}) VALUES {}",
            rows.join(", ")
        )
    };
    Ok(written.chunks(500).map(insert).collect())
}

/// A statement about tables without a marker, as it is written where they have one; `None` where
/// that makes no difference.
pub(super) fn adapted(sql: &str, tables: &[Table]) -> Option<String> {
    let tokens = lexer::lex(Dialect::Sqlite, sql).ok()?;
    let columns: HashMap<String, String> = tables
        .iter()
        .map(|table| {
            let columns: Vec<String> = table.columns.iter().map(|name| quote(name)).collect();
            (table.name.to_ascii_lowercase(), columns.join(", "))
        })
        .collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(sql, word));
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let columns_of = |token: &Token| columns.get(&token.name(Dialect::Sqlite, sql));
    let mut text = sql.to_owned();
    for at in (1..tokens.len()).rev() {
        let token = &tokens[at];
        let new = if is(at - 1, "INTO") && (is(at + 1, "VALUES") || is(at + 1, "SELECT")) {
            columns_of(token).map(|columns| format!("{} ({columns})", &sql[token.start..token.end]))
        } else if is(at - 1, "IN") && kind(at + 1) != Some(TokenKind::LParen) {
            columns_of(token)
                .map(|columns| format!("(SELECT {columns} FROM {})", &sql[token.start..token.end]))
        } else if at > 1 && is(at - 1, "SELECT") && is(at + 1, "FROM") && is_star(sql, token) {
            let ends = matches!(
                kind(at + 3),
                None | Some(TokenKind::RParen | TokenKind::Semicolon)
            );
            let table = tokens.get(at + 2).filter(|_| ends);
            table.and_then(columns_of).cloned()
        } else {
            None
        };
        if let Some(new) = new {
            text.replace_range(token.start..token.end, &new);
        }
    }
    (text != sql).then_some(text)
}

fn is_star(sql: &str, token: &Token) -> bool {
    &sql[token.start..token.end] == "*"
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use soft_delete_sql::{
        Dialect, Schema,
        schema::{Config, from_sql},
    };

    use super::{
        super::{session::Session, world::World},
        adapted, definition, rows,
    };

    fn plain() -> (Session, World) {
        let session = Session::open().expect("opened");
        session
            .make(
                "CREATE TABLE a (x INTEGER PRIMARY KEY);
                 CREATE TABLE b (y VARCHAR(8) NOT NULL, z DEFAULT 1, UNIQUE (z, y));
                 CREATE INDEX b_y ON b (y);
                 INSERT INTO b VALUES ('it''s', 2), ('u', NULL)",
            )
            .expect("made");
        let empty: Schema = from_sql(Dialect::Sqlite, "", &Config::default()).expect("a schema");
        let world = World::read(&session, &empty).expect("a world");
        (session, world)
    }

    #[test]
    fn a_copy_has_a_marker_and_its_keys_count_live_rows_only() {
        let (session, world) = plain();
        let made = |at: usize| definition(&session, &world.tables[at]).expect("a definition");
        assert_eq!(
            made(0),
            [
                "CREATE TABLE \"a\" (\"x\" INTEGER, deleted_at TEXT)",
                "CREATE UNIQUE INDEX \"soft_key_a_0\" ON \"a\" (\"x\") WHERE deleted_at IS NULL",
            ]
        );
        assert_eq!(
            made(1),
            [
                "CREATE TABLE \"b\" (\"y\" VARCHAR(8) NOT NULL, \"z\"  DEFAULT 1, deleted_at TEXT)",
                "CREATE UNIQUE INDEX \"soft_key_b_0\" ON \"b\" (\"z\", \"y\") \
                 WHERE deleted_at IS NULL",
                "CREATE INDEX b_y ON b (y)",
            ]
        );
    }

    #[test]
    fn a_copy_holds_the_rows_and_tombstones() {
        let (session, world) = plain();
        let copy = Session::open().expect("opened");
        for table in &world.tables {
            let mut made = definition(&session, table).expect("a definition");
            made.extend(rows(&session, table, &mut Rng::with_seed(1)).expect("rows"));
            copy.make(&made.join(";")).expect("made");
        }
        let live = copy.texts("SELECT y FROM b WHERE deleted_at IS NULL ORDER BY y");
        assert_eq!(live.expect("rows"), ["it's", "u"]);
        for table in ["a", "b"] {
            let dead = format!("SELECT '' FROM {table} WHERE deleted_at IS NOT NULL");
            assert!(!copy.texts(&dead).expect("rows").is_empty(), "{table}");
        }
    }

    #[test]
    fn what_counts_columns_names_them() {
        let (_, world) = plain();
        let adapted = |sql: &str| adapted(sql, &world.tables);
        assert_eq!(
            adapted("INSERT INTO b VALUES (1, 2)").as_deref(),
            Some("INSERT INTO b (\"y\", \"z\") VALUES (1, 2)")
        );
        assert_eq!(
            adapted("INSERT INTO a SELECT * FROM A").as_deref(),
            Some("INSERT INTO a (\"x\") SELECT \"x\" FROM A")
        );
        assert_eq!(
            adapted("SELECT 1 NOT IN a").as_deref(),
            Some("SELECT 1 NOT IN (SELECT \"x\" FROM a)")
        );
        assert_eq!(
            adapted("SELECT 1 IN (SELECT * FROM a)").as_deref(),
            Some("SELECT 1 IN (SELECT \"x\" FROM a)")
        );
        for same in [
            "SELECT * FROM a, b",
            "SELECT 1 IN (1)",
            "INSERT INTO b (y) VALUES (1)",
        ] {
            assert_eq!(adapted(same), None, "{same}");
        }
    }
}
