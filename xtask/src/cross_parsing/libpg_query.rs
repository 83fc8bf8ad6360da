//! The references in PostgreSQL's own parse tree.

use serde_json::{Map, Value};

use super::Named;

/// The tables of one statement, `None` where PostgreSQL refuses it.
pub(super) fn references(sql: &str) -> Option<Vec<Named>> {
    let parsed = pg_query::parse(sql, 0).ok()?.protobuf;
    let [statement] = parsed.stmts.as_slice() else {
        return None;
    };
    let tree = serde_json::to_value(statement).ok()?;
    let mut found = Vec::new();
    walk(&tree, None, &mut found);
    // `SET (a, b) = (SELECT …)` has the query once for each column.
    found.sort();
    found.dedup();
    Some(found)
}

/// The common table expressions that can be read at a place.
#[derive(Debug, Clone, Copy)]
struct Visible<'t> {
    name: &'t str,
    others: Option<&'t Visible<'t>>,
}

impl Visible<'_> {
    fn has(&self, name: &str) -> bool {
        self.name == name || self.others.is_some_and(|others| others.has(name))
    }
}

/// Their targets are tables, whatever is called the same.
const WRITES: [&str; 4] = ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"];

/// Names of nothing that is read: what is locked is named in FROM too, what SELECT INTO makes is
/// not there yet, and no row comes out of the rest.
const NOT_READ: [&str; 5] = [
    "locked_rels",
    "into_clause",
    "AlterSeqStmt",
    "ConstraintsSetStmt",
    "ReindexStmt",
];

fn walk(node: &Value, visible: Option<&Visible<'_>>, found: &mut Vec<Named>) {
    match node {
        Value::Array(nodes) => nodes.iter().for_each(|node| walk(node, visible, found)),
        Value::Object(fields) => {
            if let Some(named) = range_var(fields) {
                let is_local = !named.name.contains('.')
                    && visible.is_some_and(|visible| visible.has(&named.name));
                if !is_local {
                    found.push(named);
                }
            }
            match fields.get("with_clause").and_then(Value::as_object) {
                Some(with) => {
                    let recursive = with.get("recursive") == Some(&Value::Bool(true));
                    let expressions = with.get("ctes").and_then(Value::as_array);
                    let expressions = expressions.map_or(&[][..], Vec::as_slice);
                    within(fields, (expressions, recursive), visible, found);
                }
                None => below(fields, visible, found),
            }
        }
        _ => {}
    }
}

/// Walks common table expressions one by one, then what stands behind them.
fn within(
    fields: &Map<String, Value>,
    (expressions, recursive): (&[Value], bool),
    visible: Option<&Visible<'_>>,
    found: &mut Vec<Named>,
) {
    if recursive {
        return all(fields, expressions, expressions, visible, found);
    }
    let Some((first, rest)) = expressions.split_first() else {
        return below(fields, visible, found);
    };
    walk(first, visible, found);
    let visible = Visible {
        name: name(first),
        others: visible,
    };
    within(fields, (rest, false), Some(&visible), found);
}

/// Under RECURSIVE each sees all.
fn all(
    fields: &Map<String, Value>,
    unnamed: &[Value],
    expressions: &[Value],
    visible: Option<&Visible<'_>>,
    found: &mut Vec<Named>,
) {
    let Some((first, rest)) = unnamed.split_first() else {
        for expression in expressions {
            walk(expression, visible, found);
        }
        return below(fields, visible, found);
    };
    let visible = Visible {
        name: name(first),
        others: visible,
    };
    all(fields, rest, expressions, Some(&visible), found);
}

/// Walks the fields of a node that are no WITH clause.
fn below(fields: &Map<String, Value>, visible: Option<&Visible<'_>>, found: &mut Vec<Named>) {
    for (key, field) in fields {
        if key == "with_clause" || NOT_READ.contains(&key.as_str()) || is_sequence(field) {
            continue;
        }
        if WRITES.contains(&key.as_str()) {
            found.extend(field["relation"].as_object().and_then(range_var));
        }
        walk(field, visible, found);
    }
}

/// ALTER SEQUENCE in the shape of ALTER TABLE.
fn is_sequence(field: &Value) -> bool {
    let sequence = pg_query::protobuf::ObjectType::ObjectSequence as i64;
    ["objtype", "object_type"]
        .iter()
        .any(|key| field[key].as_i64() == Some(sequence))
}

fn name(expression: &Value) -> &str {
    let expression = &expression["node"]["CommonTableExpr"];
    expression["ctename"].as_str().unwrap_or_default()
}

fn range_var(fields: &Map<String, Value>) -> Option<Named> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let table = text("relname")?;
    let parts = [text("catalogname")?, text("schemaname")?, table];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let at = fields.get("location").and_then(Value::as_u64)?;
    Some(Named {
        at: usize::try_from(at).ok(),
        name: parts.join("."),
    })
}

#[cfg(test)]
mod tests {
    use super::references;

    fn names(sql: &str) -> Vec<String> {
        let found = references(sql).unwrap_or_else(|| panic!("PostgreSQL refuses {sql}"));
        found.into_iter().map(|named| named.name).collect()
    }

    #[test]
    fn a_table_is_named_with_its_schema_and_its_first_byte() {
        let found = references("SELECT 'é' FROM ONLY s.\"T\" t").expect("parsed");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "s.T");
        assert_eq!(found[0].at, Some(22));
    }

    #[test]
    fn common_table_expressions_are_no_tables_where_they_are_visible() {
        assert_eq!(names("WITH t AS (SELECT * FROM t) SELECT * FROM t"), ["t"]);
        assert_eq!(
            names("WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) TABLE b"),
            ["b"]
        );
        assert!(names("WITH RECURSIVE a AS (TABLE b), b AS (TABLE a) TABLE b").is_empty());
        assert_eq!(
            names("SELECT * FROM (WITH t AS (SELECT 1) TABLE t) s, t"),
            ["t"]
        );
        assert_eq!(names("WITH t AS (SELECT 1) SELECT * FROM s.t"), ["s.t"]);
        assert_eq!(names("WITH t AS (SELECT 1) INSERT INTO t TABLE t"), ["t"]);
    }

    #[test]
    fn what_is_locked_or_made_is_not_read() {
        assert_eq!(names("SELECT * FROM t AS a FOR UPDATE OF a"), ["t"]);
        assert_eq!(names("SELECT * INTO n FROM t"), ["t"]);
        for sql in [
            "REINDEX TABLE t",
            "ALTER SEQUENCE s OWNED BY NONE",
            "ALTER SEQUENCE s SET LOGGED",
            "ALTER SEQUENCE s SET SCHEMA n",
        ] {
            assert!(names(sql).is_empty(), "{sql}");
        }
    }

    #[test]
    fn a_query_for_several_columns_is_one_query() {
        assert_eq!(
            names("UPDATE t SET (a, b) = (SELECT 1, 2 FROM u)"),
            ["t", "u"]
        );
    }

    #[test]
    fn what_postgres_refuses_and_what_is_no_single_statement_has_no_references() {
        assert_eq!(references("SELECT FROM WHERE"), None);
        assert_eq!(references("TABLE a; TABLE b"), None);
    }
}
