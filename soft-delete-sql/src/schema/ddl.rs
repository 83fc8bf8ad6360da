//! Reads the statements of migrations and applies them to the catalog.

mod alter_column;
mod alter_table;
mod attachment;
mod block;
mod call;
mod column;
mod constraint;
mod create_table;
mod derive;
mod domain;
mod drop;
mod index;
mod key;
mod rename;
mod routine;
mod session;
mod view;
mod virtual_table;

use super::{
    AttachmentKind, Called, ObjectName,
    catalog::{Catalog, postgres_name},
    cursor::{Cursor, Fault},
    script::Script,
};
use crate::{Dialect, syntax::TokenKind};

pub(super) use column::{Definition, body as column_body};
pub(super) use constraint::add_of_columns as add_constraints_of_columns;

/// Applies one statement.
pub(super) fn statement(
    catalog: &mut Catalog,
    script: &Script<'_>,
    statement: &Cursor<'_>,
) -> Result<(), Fault> {
    balanced(statement)?;
    let mut cursor = *statement;
    if cursor.take(&["create"]) {
        return create(catalog, script, &mut cursor);
    }
    if cursor.take(&["alter"]) {
        return alter(catalog, script, &mut cursor);
    }
    if cursor.take(&["drop"]) {
        return drop(catalog, &mut cursor);
    }
    if cursor.take(&["rename"]) && cursor.take_any(&["table", "tables"]) {
        return rename_tables(catalog, script, &mut cursor);
    }
    if cursor.take(&["set"]) {
        if catalog.dialect == Dialect::Mysql {
            return no_dynamic_sql(&cursor);
        }
        session::set(catalog, &mut cursor);
        return Ok(());
    }
    if cursor.take(&["reset"]) {
        session::reset(catalog, &cursor);
        return Ok(());
    }
    if cursor.take(&["pragma"]) {
        session::pragma(catalog, &mut cursor);
        return Ok(());
    }
    if cursor.is_any(&["select", "with", "call", "values"]) {
        return query(catalog, script, &cursor);
    }
    if cursor.take(&["do"]) && catalog.dialect == Dialect::Postgres {
        return block::do_block(catalog, script, &cursor);
    }
    if cursor.is_any(&["insert", "update", "delete", "replace"]) {
        return dml(catalog, script, &cursor);
    }
    if cursor.is_any(&[
        "comment", "grant", "revoke", "copy", "merge", "lock", "analyze", "refresh",
    ]) {
        return Ok(());
    }
    // A statement of another kind, or one the database would refuse.
    no_dynamic_sql(statement)
}

fn no_dynamic_sql(cursor: &Cursor<'_>) -> Result<(), Fault> {
    if block::cursor_changes_tables(cursor) {
        return Err(Fault {
            reason: "it runs SQL that is put together at run time".to_owned(),
            at: cursor.byte(),
        });
    }
    Ok(())
}

/// Every group is closed, in order.
fn balanced(statement: &Cursor<'_>) -> Result<(), Fault> {
    let mut open = Vec::new();
    for token in statement.tokens {
        let opened = match token.kind {
            TokenKind::LParen | TokenKind::LBracket => {
                open.push(*token);
                continue;
            }
            TokenKind::RParen => TokenKind::LParen,
            TokenKind::RBracket => TokenKind::LBracket,
            _ => continue,
        };
        if open.pop().is_none_or(|token| token.kind != opened) {
            return Err(Fault {
                reason: format!("`{}` closes nothing", token.text(statement.sql)),
                at: token.start,
            });
        }
    }
    match open.pop() {
        Some(token) => Err(Fault {
            reason: format!("`{}` is never closed", token.text(statement.sql)),
            at: token.start,
        }),
        None => Ok(()),
    }
}

/// Kinds of objects that hold no rows and are called by no name of a relation.
const OTHERS: [&str; 24] = [
    "aggregate",
    "access",
    "cast",
    "collation",
    "conversion",
    "database",
    "event",
    "extension",
    "group",
    "language",
    "logfile",
    "operator",
    "package",
    "publication",
    "role",
    "sequence",
    "server",
    "statistics",
    "subscription",
    "tablespace",
    "text",
    "transform",
    "type",
    "user",
];

/// What stands between CREATE and the noun.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word that stands there or does not"
)]
#[derive(Default)]
struct Modifiers {
    or_replace: bool,
    temporary: bool,
    unique: bool,
    materialized: bool,
    is_virtual: bool,
}

fn modifiers(cursor: &mut Cursor<'_>) -> Modifiers {
    let mut found = Modifiers::default();
    loop {
        if cursor.take(&["or", "replace"]) {
            found.or_replace = true;
        } else if cursor.take_any(&["temp", "temporary"]) {
            found.temporary = true;
        } else if cursor.take(&["unique"]) {
            found.unique = true;
        } else if cursor.take(&["materialized"]) {
            found.materialized = true;
        } else if cursor.take(&["virtual"]) {
            found.is_virtual = true;
        } else if cursor.take(&["sql", "security"]) {
            cursor.next();
        } else if cursor.is_any(&["definer", "algorithm"]) {
            // DEFINER = `user`@`host`, ALGORITHM = MERGE
            cursor.next();
            cursor.take_op("=");
            definer(cursor);
        } else if cursor.is_any(&["global", "local", "unlogged", "recursive", "foreign"])
            || cursor.is_any(&["fulltext", "spatial", "constraint", "aggregate", "online"])
            || cursor.is_any(&["offline", "ignore", "trusted", "procedural", "external"])
            || cursor.is("vector")
        {
            if cursor.are(&["foreign", "data"])
                || cursor.is("aggregate") && !cursor.ahead_is(1, "function")
            {
                return found;
            }
            cursor.next();
        } else {
            return found;
        }
    }
}

/// A user name: `` `root`@`localhost` ``, `CURRENT_USER()`.
fn definer(cursor: &mut Cursor<'_>) {
    const NOUNS: [&str; 9] = [
        "view",
        "trigger",
        "function",
        "procedure",
        "event",
        "sql",
        "aggregate",
        "package",
        "table",
    ];
    while !cursor.is_end() && !cursor.is_any(&NOUNS) {
        cursor.skip();
    }
}

fn create(
    catalog: &mut Catalog,
    script: &Script<'_>,
    cursor: &mut Cursor<'_>,
) -> Result<(), Fault> {
    let start = cursor.tokens.first().map_or(0, |token| token.start);
    let location = script.location(start);
    let found = modifiers(cursor);
    if cursor.take(&["table"]) {
        if found.is_virtual {
            return virtual_table::create(catalog, cursor, &location);
        }
        if found.or_replace {
            // MariaDB: the old table goes first.
            let mut probe = *cursor;
            drop::drop_table(catalog, &mut probe)?;
        }
        let name = *cursor;
        tell_apart(catalog, name)?;
        create_table::create_table(catalog, cursor, found.temporary, &location)?;
        sequences(catalog, name);
        return Ok(());
    }
    if cursor.take(&["view"]) {
        tell_apart(catalog, *cursor)?;
        return view::create_view(
            catalog,
            cursor,
            found.materialized,
            found.temporary,
            &location,
        );
    }
    if cursor.take(&["index"]) {
        return index::create_index(catalog, cursor, found.unique, &location);
    }
    if cursor.take_any(&["function", "procedure"]) {
        return routine::create_routine(catalog, cursor, found.or_replace, &location);
    }
    let callers = [
        ("aggregate", Called::ByName),
        ("operator", Called::AsOperator),
        ("cast", Called::AsCast),
    ];
    for (word, called) in callers {
        if cursor.take(&[word]) {
            return routine::create_caller(catalog, cursor, called, &location);
        }
    }
    if cursor.take(&["trigger"]) {
        return attachment::attach(catalog, cursor, AttachmentKind::Trigger, &location);
    }
    if cursor.take(&["rule"]) {
        return attachment::attach(catalog, cursor, AttachmentKind::Rule, &location);
    }
    if cursor.take(&["policy"]) {
        return attachment::attach(catalog, cursor, AttachmentKind::Policy, &location);
    }
    if cursor.take(&["schema"]) {
        return create_schema(catalog, script, cursor);
    }
    if cursor.take(&["domain"]) {
        return domain::create(catalog, cursor);
    }
    if cursor.take(&["sequence"]) {
        cursor.if_not_exists();
        let name = catalog.new_name(&cursor.dotted()?);
        catalog.sequences.insert(name);
        return Ok(());
    }
    if cursor.is_any(&OTHERS) {
        return Ok(());
    }
    no_change(cursor)
}

/// MySQL on most systems keeps relations apart whose names differ in case only. They are one here,
/// and the second would hide the first.
fn tell_apart(catalog: &mut Catalog, mut cursor: Cursor<'_>) -> Result<(), Fault> {
    if catalog.dialect != Dialect::Mysql {
        return Ok(());
    }
    cursor.if_not_exists();
    let at = cursor.byte();
    let from = cursor.at;
    let parts = cursor.dotted()?;
    let spelled = cursor.text(from, cursor.at).replace(['`', '"'], "");
    let name = catalog.new_name(&parts);
    let exists =
        catalog.position(&name).is_some() || catalog.views.iter().any(|view| view.name == name);
    match catalog.spellings.insert(name, spelled.clone()) {
        Some(other) if exists && other != spelled => Err(Fault {
            reason: format!("`{spelled}` and `{other}` differ in case only"),
            at,
        }),
        _ => Ok(()),
    }
}

/// The sequences of a table's serial and identity columns, which can be read like relations.
fn sequences(catalog: &mut Catalog, mut name: Cursor<'_>) {
    if catalog.dialect != Dialect::Postgres {
        return;
    }
    if !name.if_not_exists() {
        name.if_exists();
    }
    name.take(&["only"]);
    let Some(at) = name.dotted().ok().and_then(|it| catalog.find_table(&it)) else {
        return;
    };
    let table = &catalog.tables[at].table;
    for column in table.columns.iter().filter(|column| column.generated) {
        catalog.sequences.insert(ObjectName {
            schema: table.name.schema.clone(),
            name: postgres_name(&table.name.name, &column.name, "seq"),
        });
    }
}

/// A noun that is not known: an error when it may be a kind of table.
fn no_change(cursor: &Cursor<'_>) -> Result<(), Fault> {
    let nouns = cursor.tokens.iter().take(6);
    let changes = ["table", "view"];
    let mut found = nouns.filter(|token| changes.iter().any(|word| token.is(cursor.sql, word)));
    match found.next() {
        Some(_) => Err(cursor.fault("a kind of object")),
        None => Ok(()),
    }
}

/// `CREATE SCHEMA s [AUTHORIZATION u] [CREATE TABLE …] …`
fn create_schema(
    catalog: &mut Catalog,
    script: &Script<'_>,
    cursor: &mut Cursor<'_>,
) -> Result<(), Fault> {
    cursor.if_not_exists();
    let mut schema = None;
    if !cursor.is("authorization") {
        schema = cursor.dotted()?.pop();
    }
    if cursor.take(&["authorization"]) {
        let user = cursor.name()?;
        schema = schema.or(Some(user));
    }
    let Some(schema) = schema else {
        return Ok(());
    };
    catalog.schemas.insert(schema.clone());
    if catalog.dialect != Dialect::Postgres {
        return Ok(());
    }
    // The elements are created inside the new schema.
    let path = std::mem::replace(&mut catalog.path, vec![schema]);
    let mut result = Ok(());
    while !cursor.is_end() && result.is_ok() {
        let start = cursor.at;
        cursor.next();
        while !cursor.is_end() && !cursor.is_any(&["create", "grant"]) {
            cursor.skip();
        }
        let element = cursor.over(&cursor.tokens[start..cursor.at]);
        result = statement(catalog, script, &element);
    }
    catalog.path = path;
    result
}

fn alter(catalog: &mut Catalog, script: &Script<'_>, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let start = cursor.tokens.first().map_or(0, |token| token.start);
    let location = script.location(start);
    let found = modifiers(cursor);
    if cursor.take(&["table"]) {
        let name = *cursor;
        alter_table::alter_table(catalog, cursor, &location)?;
        sequences(catalog, name);
        return Ok(());
    }
    if cursor.take(&["view"]) {
        if catalog.dialect == Dialect::Mysql {
            return view::create_view(catalog, cursor, false, false, &location);
        }
        cursor.if_exists();
        let parts = cursor.dotted()?;
        return match catalog.find_view(&parts) {
            Some(view) => rename::alter_view(catalog, view, cursor, &location),
            None => Ok(()),
        };
    }
    if cursor.take(&["index"]) {
        cursor.if_exists();
        let parts = cursor.dotted()?;
        if cursor.take(&["rename", "to"]) {
            let new = cursor.name()?;
            rename::index_or_table(catalog, &parts, &new, &location);
        }
        return Ok(());
    }
    if cursor.take_any(&["function", "procedure", "routine"]) {
        return routine::alter_routine(catalog, cursor);
    }
    if cursor.take(&["policy"]) {
        return attachment::alter_policy(catalog, cursor);
    }
    if cursor.take(&["domain"]) {
        return domain::alter(catalog, cursor);
    }
    if cursor.take(&["schema"]) {
        let old = cursor.name()?;
        if cursor.take(&["rename", "to"]) {
            let new = cursor.name()?;
            rename::schema(catalog, &old, &new);
        }
        return Ok(());
    }
    if found.materialized {
        return Err(cursor.fault("`VIEW`"));
    }
    Ok(())
}

fn drop(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let found = modifiers(cursor);
    if cursor.take_any(&["table", "tables"]) {
        // MySQL: DROP TEMPORARY TABLE drops nothing else.
        return if found.temporary {
            Ok(())
        } else {
            drop::drop_table(catalog, cursor)
        };
    }
    if cursor.take(&["view"]) {
        return drop::drop_view(catalog, cursor);
    }
    if cursor.take(&["index"]) {
        return index::drop_index(catalog, cursor);
    }
    if cursor.take_any(&["function", "procedure", "routine"]) {
        return routine::drop_routine(catalog, cursor);
    }
    if cursor.take(&["trigger"]) {
        return attachment::detach(catalog, cursor, AttachmentKind::Trigger);
    }
    if cursor.take(&["rule"]) {
        return attachment::detach(catalog, cursor, AttachmentKind::Rule);
    }
    if cursor.take(&["policy"]) {
        return attachment::detach(catalog, cursor, AttachmentKind::Policy);
    }
    if cursor.take(&["schema"]) {
        return drop::drop_schema(catalog, cursor);
    }
    if cursor.take(&["domain"]) {
        return domain::drop(catalog, cursor);
    }
    no_change(cursor)
}

/// MySQL: `RENAME TABLE a TO b, c TO d`
fn rename_tables(
    catalog: &mut Catalog,
    script: &Script<'_>,
    cursor: &mut Cursor<'_>,
) -> Result<(), Fault> {
    let location = script.location(cursor.byte());
    cursor.if_exists();
    for mut pair in cursor.list() {
        let old = pair.dotted()?;
        while pair.take_any(&["wait", "nowait"]) {
            pair.take_kind(TokenKind::Number);
        }
        pair.expect("to")?;
        let new = catalog.new_name(&pair.dotted()?);
        if let Some(table) = catalog.find_table(&old) {
            let old = catalog.tables[table].table.name.clone();
            rename::table(catalog, &old, &new, &location);
        } else if let Some(view) = catalog.find_view(&old) {
            catalog.views[view].name = new;
        }
    }
    Ok(())
}

/// SELECT, CALL: they may make a table, set the search path, or call what changes tables.
fn query(catalog: &mut Catalog, script: &Script<'_>, cursor: &Cursor<'_>) -> Result<(), Fault> {
    if catalog.dialect == Dialect::Postgres {
        session::set_config(catalog, cursor);
        derive::select_into(catalog, script, cursor)?;
    }
    call::run(catalog, script, cursor)
}

/// Rows change no table, save those of SQLite's own schema table.
fn dml(catalog: &mut Catalog, script: &Script<'_>, cursor: &Cursor<'_>) -> Result<(), Fault> {
    if catalog.dialect != Dialect::Sqlite {
        return Ok(());
    }
    let schema_table = ["sqlite_master", "sqlite_schema"];
    let mut head = *cursor;
    head.tokens = &cursor.tokens[..cursor.tokens.len().min(6)];
    if !schema_table.iter().any(|name| head.mentions(name)) {
        return Ok(());
    }
    // `.dump` writes virtual tables as rows.
    if cursor.are(&["insert", "into"])
        && cursor
            .tokens
            .iter()
            .any(|token| token.is(cursor.sql, "values"))
    {
        let mut strings = cursor
            .tokens
            .iter()
            .filter(|token| token.kind == TokenKind::String);
        if let Some(sql) = strings.next_back() {
            return block::run_string(catalog, script, *sql);
        }
    }
    Err(Fault {
        reason: "it writes the schema table".to_owned(),
        at: cursor.byte(),
    })
}

/// A partition has the keys of its parent.
pub(super) fn inherit_keys(catalog: &mut Catalog, parent: usize, child: usize) {
    let parent = catalog.tables[parent].table.clone();
    let table = &mut catalog.tables[child].table;
    if table.primary_key.is_empty() && !parent.primary_key.is_empty() {
        table.primary_key.clone_from(&parent.primary_key);
        table.primary_key_name = Some(postgres_name(&table.name.name, "", "pkey"));
    }
    for unique in &parent.uniques {
        let known = table
            .uniques
            .iter()
            .any(|own| own.key == unique.key && own.predicate == unique.predicate);
        let primary = key::column_names(&unique.key) == table.primary_key;
        if !(known || primary && unique.predicate.is_none()) {
            table.uniques.push(super::Unique {
                name: None,
                ..unique.clone()
            });
        }
    }
    for key in &parent.foreign_keys {
        let known = table
            .foreign_keys
            .iter()
            .any(|own| own.columns == key.columns && own.references == key.references);
        if !known {
            table.foreign_keys.push(key.clone());
        }
    }
}
