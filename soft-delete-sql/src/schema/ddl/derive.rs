//! The columns of a table that a query makes: `CREATE TABLE … AS`, `SELECT … INTO`.

use crate::{
    Dialect,
    schema::{
        Column, Location,
        catalog::{Catalog, Draft},
        config::same,
        cursor::{Cursor, Fault},
        script::Script,
    },
    syntax::TokenKind,
};

/// The token where the query of `CREATE TABLE … [AS] query` begins, when there is one.
pub(super) fn query_start(cursor: &Cursor<'_>) -> Option<usize> {
    let mut probe = *cursor;
    while !probe.is_end() {
        let behind_as = probe.take(&["as"]);
        if behind_as && probe.is("execute") {
            return Some(probe.at);
        }
        if behind_as && probe.kind() == Some(TokenKind::LParen) {
            return Some(probe.at);
        }
        if probe.is_any(&["select", "values"])
            || probe.is("with") && behind_as
            || probe.is("table") && behind_as
        {
            return Some(probe.at);
        }
        if !behind_as {
            // MySQL allows `CREATE TABLE t (SELECT …)`.
            let bare = probe.kind() == Some(TokenKind::LParen) && probe.ahead_is(1, "select");
            if bare && probe.dialect == Dialect::Mysql {
                return Some(probe.at);
            }
            probe.skip();
        }
    }
    None
}

/// `CREATE TABLE t (a, b) AS …`
pub(super) fn name_columns(draft: &mut Draft, elements: Vec<Cursor<'_>>) -> Result<(), Fault> {
    for mut element in elements {
        let name = element.name()?;
        draft.table.columns.push(column(name, String::new()));
    }
    Ok(())
}

const fn column(name: String, sql_type: String) -> Column {
    Column {
        name,
        sql_type,
        nullable: true,
        default: None,
        generated: false,
        computed: None,
        invisible: false,
    }
}

/// Adds the columns that the query at the cursor yields. Where they cannot be told, the table's
/// columns are unknown; and where the marker may be among them, that is remembered as a fault.
pub(super) fn columns(
    catalog: &Catalog,
    draft: &mut Draft,
    cursor: &Cursor<'_>,
    location: &Location,
) {
    let cursor = unwrap(*cursor);
    let found = output(catalog, cursor);
    if !draft.table.columns.is_empty() && catalog.dialect == Dialect::Postgres {
        // Named by the list; their types by the query, when it yields as many.
        let types = found.filter(|found| found.len() == draft.table.columns.len());
        for (column, known) in draft
            .table
            .columns
            .iter_mut()
            .zip(types.unwrap_or_default())
        {
            column.sql_type = known.sql_type;
        }
        return;
    }
    if let Some(found) = found {
        draft.table.columns.extend(found);
        return;
    }
    draft.table.columns_known = false;
    let names_marker = cursor.tokens[cursor.at..].iter().any(|token| {
        token.kind != TokenKind::Op
            && catalog.markers.iter().any(|marker| {
                same(
                    catalog.dialect,
                    marker,
                    &token.name(catalog.dialect, cursor.sql),
                )
            })
    });
    // No multiplication, and not `count(*)`.
    let star = (cursor.at..cursor.tokens.len()).any(|at| {
        let token = cursor.tokens[at];
        let before = at.checked_sub(1).map(|at| cursor.tokens[at]);
        let lists = before.is_some_and(|token| {
            matches!(token.kind, TokenKind::Dot | TokenKind::Comma)
                || ["select", "all", "distinct"]
                    .iter()
                    .any(|word| token.is(cursor.sql, word))
        });
        lists && token.kind == TokenKind::Op && token.text(cursor.sql) == "*"
    });
    if names_marker || star {
        draft.hides_marker = Some(location.clone());
    }
}

fn unwrap(mut cursor: Cursor<'_>) -> Cursor<'_> {
    while cursor.kind() == Some(TokenKind::LParen) {
        match cursor.group() {
            Ok(inner) => cursor = inner,
            Err(_) => break,
        }
    }
    cursor
}

/// The output columns of a query over at most one table, or with a plain select list.
fn output(catalog: &Catalog, mut cursor: Cursor<'_>) -> Option<Vec<Column>> {
    if cursor.take(&["table"]) {
        let source = catalog.find_table(&cursor.dotted().ok()?)?;
        return star(&catalog.tables[source]);
    }
    if !cursor.take(&["select"]) {
        return None;
    }
    cursor.take(&["all"]);
    if cursor.take(&["distinct"]) && cursor.take(&["on"]) {
        cursor.skip();
    }
    let start = cursor.at;
    while !cursor.is_end() && !cursor.is_any(&["from", "into", "where", "union", "limit"]) {
        cursor.skip();
    }
    let items = cursor.over(&cursor.tokens[start..cursor.at]).list();
    if cursor.take(&["into"]) {
        while !cursor.is_end() && !cursor.is("from") {
            cursor.skip();
        }
    }
    let source = source(catalog, cursor);
    let mut found = Vec::new();
    for item in items {
        if is_star(&item) {
            found.extend(star(source?)?);
        } else {
            found.push(item_column(catalog, source, &item)?);
        }
    }
    Some(found)
}

/// The table of `FROM t`, when it is the only one.
fn source<'c>(catalog: &'c Catalog, mut cursor: Cursor<'_>) -> Option<&'c Draft> {
    if !cursor.take(&["from"]) {
        return None;
    }
    let parts = cursor.dotted().ok()?;
    let single = !(cursor.at..cursor.tokens.len()).any(|at| {
        let token = cursor.tokens[at];
        token.kind == TokenKind::Comma
            || ["join", "union", "intersect", "except"]
                .iter()
                .any(|word| token.is(cursor.sql, word))
    });
    let at = catalog.find_table(&parts)?;
    single.then(|| &catalog.tables[at])
}

fn is_star(item: &Cursor<'_>) -> bool {
    item.tokens
        .last()
        .is_some_and(|last| last.kind == TokenKind::Op && last.text(item.sql) == "*")
}

/// What `*` yields: names and types, no keys and no defaults.
fn star(source: &Draft) -> Option<Vec<Column>> {
    let columns = source.table.columns.iter();
    source.table.columns_known.then(|| {
        columns
            .map(|known| column(known.name.clone(), known.sql_type.clone()))
            .collect()
    })
}

/// `a`, `t.a`, `expression AS a`
fn item_column(catalog: &Catalog, source: Option<&Draft>, item: &Cursor<'_>) -> Option<Column> {
    let count = item.tokens.len();
    let dialect = catalog.dialect;
    if count >= 2 && item.ahead_is(count - 2, "as") {
        let name = item.tokens[count - 1].name(dialect, item.sql);
        let mut plain = item.over(&item.tokens[..count - 2]);
        let sql_type = plain
            .dotted()
            .ok()
            .filter(|_| plain.is_end())
            .and_then(|parts| type_of(source, parts.last()?))
            .unwrap_or_default();
        return Some(column(name, sql_type));
    }
    let mut plain = *item;
    let name = plain.dotted().ok()?.pop()?;
    if !plain.is_end() {
        return None;
    }
    let sql_type = type_of(source, &name).unwrap_or_default();
    Some(column(name, sql_type))
}

fn type_of(source: Option<&Draft>, name: &str) -> Option<String> {
    let columns = &source?.table.columns;
    let known = columns.iter().find(|column| column.name == name)?;
    Some(known.sql_type.clone())
}

/// `SELECT … INTO [TABLE] t FROM …`
pub(super) fn select_into(
    catalog: &mut Catalog,
    script: &Script<'_>,
    statement: &Cursor<'_>,
) -> Result<(), Fault> {
    let mut cursor = *statement;
    let mut inserts = false;
    while !cursor.is_end() && !cursor.is("into") {
        // `WITH … INSERT INTO t`
        inserts |= cursor.is_any(&["insert", "merge"]);
        cursor.skip();
    }
    if inserts || !cursor.take(&["into"]) {
        return Ok(());
    }
    let temporary = cursor.take_any(&["temp", "temporary"]);
    cursor.take(&["unlogged"]);
    cursor.take(&["table"]);
    let parts = cursor.dotted()?;
    if temporary || catalog.is_temporary(&parts) && parts.len() > 1 {
        catalog
            .temporary
            .insert(parts.last().cloned().unwrap_or_default());
        return Ok(());
    }
    let location = script.location(statement.byte());
    let mut draft = Draft::new(catalog.new_name(&parts), location.clone());
    columns(catalog, &mut draft, statement, &location);
    catalog.put_table(draft);
    Ok(())
}
