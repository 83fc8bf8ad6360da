//! What passes is the original with insertions, and proves itself.
#![no_main]

use std::sync::LazyLock;

use soft_delete_sql::{Dialect, Request, Schema, Scope, check};

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    Dialect::ALL
        .iter()
        .map(|dialect| soft_delete_fuzz::schema(*dialect))
        .collect()
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((dialect, sql)) = soft_delete_fuzz::input(data) else {
        return;
    };
    let Some(schema) = SCHEMAS.iter().find(|schema| schema.dialect == dialect) else {
        return;
    };
    for scope in [None, Some(Scope::Active), Some(Scope::Deleted)] {
        let request = Request {
            sql,
            scope,
            ..Request::default()
        };
        let checked = check(schema, &request);
        assert_eq!(checked.errors.is_empty(), checked.scoped.is_some());
        for reference in &checked.references {
            assert!(sql.get(reference.span.clone()).is_some());
        }
        for fault in checked.errors.iter().chain(&checked.warnings) {
            let _ = fault.render(sql);
        }
        let Some(scoped) = checked.scoped else {
            continue;
        };
        assert_eq!(soft_delete_fuzz::without(&scoped.sql, &scoped.edits), sql);
        let again = check(
            schema,
            &Request {
                sql: &scoped.sql,
                ..Request::default()
            },
        );
        assert!(
            again.errors.is_empty(),
            "{}: {:?}",
            scoped.sql,
            again.errors
        );
    }
});
