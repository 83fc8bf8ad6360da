//! What a script says to its own connection: search path, PRAGMA.

use crate::{
    Dialect,
    schema::{catalog::Catalog, cursor::Cursor},
    syntax::TokenKind,
};

/// `SET [SESSION | LOCAL] search_path = a, b`, `SET SCHEMA 'a'`; any other SET changes nothing.
pub(super) fn set(catalog: &mut Catalog, cursor: &mut Cursor<'_>) {
    if catalog.dialect != Dialect::Postgres {
        return;
    }
    cursor.take_any(&["session", "local"]);
    let schema = cursor.take(&["schema"]);
    if !schema {
        if !cursor.take(&["search_path"]) {
            return;
        }
        let assigns = cursor.take(&["to"]) || cursor.take_op("=");
        if !assigns {
            return;
        }
    }
    let items = cursor.list();
    let default = items.first().is_some_and(|item| item.is("default"));
    if default {
        catalog.path.clone_from(&catalog.default_path);
        return;
    }
    let names = items
        .iter()
        .filter_map(Cursor::peek)
        .map(|token| match token.kind {
            // A string is taken as one name, as it stands.
            TokenKind::String => token.value(catalog.dialect, cursor.sql).into_owned(),
            _ => token.name(catalog.dialect, cursor.sql),
        });
    catalog.path = path(names);
}

/// `SELECT set_config('search_path', 'a, b', false)`, as dumps begin.
pub(super) fn set_config(catalog: &mut Catalog, cursor: &Cursor<'_>) {
    for at in cursor.at..cursor.tokens.len() {
        let mut call = *cursor;
        call.at = at;
        if !call.take(&["set_config"]) || call.kind() != Some(TokenKind::LParen) {
            continue;
        }
        let Ok(arguments) = call.group() else {
            continue;
        };
        let strings: Vec<String> = arguments
            .list()
            .iter()
            .filter_map(Cursor::peek)
            .map(|token| token.value(catalog.dialect, cursor.sql).into_owned())
            .collect();
        if let [name, value, ..] = strings.as_slice()
            && name.eq_ignore_ascii_case("search_path")
        {
            let names = value
                .split(',')
                .map(|name| name.trim().trim_matches('"').to_owned());
            catalog.path = path(names);
        }
    }
}

/// The user's own schema is not known, and rarely there.
fn path(names: impl Iterator<Item = String>) -> Vec<String> {
    names
        .filter(|name| !name.is_empty() && name != "$user")
        .collect()
}

/// `RESET search_path`
pub(super) fn reset(catalog: &mut Catalog, cursor: &Cursor<'_>) {
    if cursor.is_any(&["search_path", "all"]) {
        catalog.path.clone_from(&catalog.default_path);
    }
}

/// `PRAGMA legacy_alter_table = ON`
pub(super) fn pragma(catalog: &mut Catalog, cursor: &mut Cursor<'_>) {
    if cursor.take(&["legacy_alter_table"]) {
        cursor.next();
        if let Some(value) = cursor.peek() {
            let on = ["on", "true", "yes", "1"];
            let text = value.text(cursor.sql).to_lowercase();
            catalog.legacy_rename = on.contains(&text.as_str());
        }
    }
}
