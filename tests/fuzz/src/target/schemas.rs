//! What must hold of every schema that is read.

use soft_delete_sql::{
    Code, Dialect, Request, Schema, Scope, check,
    schema::{Found, ObjectName, Table},
};

use super::oracle;

/// The lookups answer, and the marker of a table is never forgotten.
pub(super) fn sound(schema: &Schema) {
    for (at, table) in schema.tables.iter().enumerate() {
        let _ = schema.descendants(at);
        marker(table);
        match schema.find(&parts(&table.name)) {
            Found::Table(found) => {
                assert_eq!(schema.tables[found].name, table.name);
                assert_eq!(found, at, "two tables are called {}", table.name);
                if table.marker.is_some() {
                    needs_a_scope(schema, table);
                }
            }
            // Qualified by a schema that is the default one when it is named.
            Found::View(_) | Found::External | Found::Ambiguous => {}
            Found::Unknown => panic!("{} is not found", table.name),
        }
    }
    for view in &schema.views {
        let found = schema.find(&parts(&view.name));
        assert!(
            !matches!(found, Found::Unknown),
            "{} is not found",
            view.name
        );
    }
    for function in &schema.functions {
        assert!(!schema.functions_named(&parts(&function.name)).is_empty());
    }
}

fn marker(table: &Table) {
    let has = |name: &String| table.columns.iter().any(|column| column.name == *name);
    if let Some(marker) = &table.marker {
        assert!(has(&marker.column), "{}: {marker:?}", table.name);
    }
}

/// Read without a word it is refused; under a scope it is filtered, or refused for another reason.
fn needs_a_scope(schema: &Schema, table: &Table) {
    let sql = format!("SELECT 1 FROM {}", written(schema.dialect, &table.name));
    let plain = Request {
        sql: &sql,
        ..Request::default()
    };
    assert!(!oracle::judge(schema, &plain), "{sql} needs no scope");
    for scope in Scope::ALL {
        let request = Request {
            scope: Some(scope),
            ..plain.clone()
        };
        oracle::judge(schema, &request);
        let codes = check(schema, &request)
            .errors
            .into_iter()
            .map(|error| error.code);
        assert!(
            !codes.into_iter().any(|code| code == Code::MeaninglessScope),
            "{sql}"
        );
    }
}

fn parts(name: &ObjectName) -> Vec<String> {
    name.schema.iter().chain([&name.name]).cloned().collect()
}

fn written(dialect: Dialect, name: &ObjectName) -> String {
    let parts: Vec<String> = parts(name).iter().map(|part| dialect.quote(part)).collect();
    parts.join(".")
}
