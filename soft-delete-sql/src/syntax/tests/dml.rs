use super::{finds, finds_in_all};
use crate::{
    Dialect::{self, Mysql, Postgres, Sqlite},
    syntax::{
        Parsed,
        ast::{
            Assignment, ConflictAction, ConflictTarget, Expr, InsertSource, Range, Statement,
            WhenAction, WhenKind,
        },
        parse,
    },
};

#[test]
fn inserts_of_every_form() {
    finds_in_all(&[
        "INSERT INTO «t» VALUES (1, (SELECT 2 FROM «u»))",
        "INSERT INTO «s.t» (a, b) VALUES (1, 2), (3, 4)",
        "INSERT INTO «t» (a) SELECT b FROM «u»",
        "INSERT INTO «t» SELECT 1",
    ]);
    for dialect in [Postgres, Sqlite] {
        finds(
            dialect,
            &[
                "INSERT INTO «t» AS x (a) VALUES (1) RETURNING *, (SELECT 1 FROM «u»)",
                "INSERT INTO «t» DEFAULT VALUES RETURNING a",
                "INSERT INTO «t» (a) SELECT 1 ON CONFLICT DO NOTHING",
                "INSERT INTO «t» SELECT a FROM «u» WHERE true ON CONFLICT (a) DO UPDATE SET b = (SELECT 1 FROM «v») WHERE c IN (SELECT d FROM «w»)",
                "INSERT INTO «t» VALUES (1) ON CONFLICT (a, lower(b)) WHERE c IS NULL DO UPDATE SET (a, b) = (1, 2) RETURNING a",
            ],
        );
    }
    finds(
        Postgres,
        &[
            "INSERT INTO «t» (a[1], b.c, values) OVERRIDING SYSTEM VALUE (SELECT 1, 2, 3 FROM «u»)",
            "INSERT INTO «t» ((SELECT 1 FROM «u») UNION (SELECT 2 FROM «v»))",
            "INSERT INTO «t» SELECT * FROM «u» ON CONFLICT ON CONSTRAINT k DO NOTHING",
            "INSERT INTO «t» SELECT * FROM «u» JOIN «v» USING (a) ON CONFLICT (a COLLATE \"C\" text_ops DESC) DO NOTHING",
            "INSERT INTO «t» TABLE «u»",
            "INSERT INTO «t» VALUES (DEFAULT) RETURNING WITH (OLD AS o, NEW AS n) o.a, n.a",
        ],
    );
    finds(
        Sqlite,
        &[
            "INSERT OR IGNORE INTO «t» VALUES (1)",
            "REPLACE INTO «t» (a) VALUES (1)",
            "INSERT OR ROLLBACK INTO «main.t» AS x VALUES (1) ON CONFLICT (a) DO NOTHING ON CONFLICT DO UPDATE SET a = 1",
        ],
    );
    finds(
        Mysql,
        &[
            "INSERT «t» SET a = 1, b = (SELECT 2 FROM «u») AS n ON DUPLICATE KEY UPDATE a = n.a",
            "INSERT IGNORE INTO «t» PARTITION (p) (a, t.b) VALUE (1, 2), (3, DEFAULT)",
            "INSERT LOW_PRIORITY «t» () VALUES ()",
            "INSERT INTO «t» (a) VALUES ROW(1), ROW(2) AS n (x) ON DUPLICATE KEY UPDATE a = x + 1",
            "INSERT INTO «t» SELECT * FROM «u» JOIN «v» ON DUPLICATE KEY UPDATE a = VALUES(a) + (VALUES(b)), c = (VALUES(c) + 1)",
            "REPLACE INTO «t» TABLE «u»",
            "INSERT INTO «t» (VALUES (1), (2))",
            "INSERT INTO «t» (SELECT a FROM «u») ON DUPLICATE KEY UPDATE b = (SELECT 1 FROM «v»)",
            "INSERT INTO «t» VALUES (1) RETURNING id",
        ],
    );
}

#[test]
fn the_function_values_is_told_from_rows() {
    let updates = [
        "CONCAT(VALUES(a), 'x')",
        "COALESCE(VALUES(a), b, (SELECT c FROM «u»))",
        "COALESCE(VALUES(a), (SELECT c FROM «u»))",
        "GREATEST(VALUES(t.a), (b), 1)",
        "IF(VALUES(`a`) IS NULL, a, VALUES(a))",
        "IF((VALUES(a) AND b) OR (VALUES(a) BETWEEN 1 AND 2), a, 1)",
    ];
    for update in updates {
        let sql = format!("INSERT INTO «t» (a) VALUES (1) ON DUPLICATE KEY UPDATE a = {update}");
        finds(Mysql, &[&sql]);
    }
    finds(
        Mysql,
        &[
            "SELECT * FROM «t» WHERE (a, b) IN (VALUES (1, 2), (3, 4)) AND c = ANY (VALUES (1), (2))",
            "SELECT (VALUES (1), (2) ORDER BY 1 LIMIT 1), (VALUES (1) UNION SELECT a FROM «t» LIMIT 1) FROM «u»",
        ],
    );
}

#[test]
fn updates_of_every_form() {
    finds_in_all(&[
        "UPDATE «t» SET a = 1",
        "UPDATE «t» SET a = (SELECT b FROM «u»), c = d + 1 WHERE e = (SELECT f FROM «v»)",
        "UPDATE «s.t» AS x SET a = CASE WHEN b THEN c END WHERE x.d IS NOT DISTINCT FROM 1",
    ]);
    for dialect in [Postgres, Sqlite] {
        finds(
            dialect,
            &[
                "UPDATE «t» SET (a, b) = (SELECT c, d FROM «u») FROM «v» JOIN «w» ON true, (SELECT 1 FROM «x») y WHERE t.a = v.a RETURNING t.*, (SELECT 1 FROM «z»)",
                "UPDATE «t» SET a = 1 RETURNING b AS c",
            ],
        );
    }
    finds(
        Postgres,
        &[
            "UPDATE ONLY «t» x SET a[1:2] = b, c.d = e, (f[1], g) = ROW(1, 2) WHERE CURRENT OF cur",
            "UPDATE «t» * SET a = 1",
            "UPDATE «t» SET set = 1, key = DEFAULT",
        ],
    );
    finds(
        Sqlite,
        &[
            "UPDATE OR REPLACE «t» INDEXED BY i SET a = 1 WHERE b ORDER BY c LIMIT 1 OFFSET 2",
            "UPDATE «t» SET a = b IN «u» RETURNING a",
        ],
    );
    finds(
        Mysql,
        &[
            "UPDATE LOW_PRIORITY IGNORE «t» SET a = 1 WHERE b ORDER BY c LIMIT 1",
            "UPDATE «t» JOIN «u» ON t.a = u.a LEFT JOIN «v» USING (b) SET t.c = u.c, v.d := 1 WHERE e",
            "UPDATE «t», «u» AS x SET t.a = x.a",
            "UPDATE «t», (SELECT 1 FROM «u») d SET t.a = 1",
        ],
    );
}

#[test]
fn deletes_of_every_form() {
    finds_in_all(&[
        "DELETE FROM «t»",
        "DELETE FROM «s.t» WHERE a IN (SELECT b FROM «u»)",
        "DELETE FROM «t» AS x WHERE x.a = 1",
    ]);
    finds(
        Postgres,
        &[
            "DELETE FROM ONLY «t» x USING «u» JOIN «v» ON true, «w» WHERE x.a = u.a RETURNING x.*, (SELECT 1 FROM «y»)",
            "DELETE FROM «t» WHERE CURRENT OF c",
        ],
    );
    finds(
        Sqlite,
        &["DELETE FROM «t» NOT INDEXED WHERE a RETURNING b ORDER BY c LIMIT 1"],
    );
    finds(
        Mysql,
        &[
            "DELETE LOW_PRIORITY QUICK IGNORE FROM «t» WHERE a ORDER BY b LIMIT 1",
            "DELETE t, u.* FROM «t» JOIN «u» ON t.a = u.a LEFT JOIN «v» ON 1 WHERE b",
            "DELETE FROM a, db.b.* USING «t» AS a, «db.b» WHERE c",
            "DELETE a.* FROM «t» a",
            "DELETE FROM «t» PARTITION (p) WHERE a RETURNING b",
        ],
    );
}

#[test]
fn merges_of_every_form() {
    finds(
        Postgres,
        &[
            "MERGE INTO «t» AS x USING «u» AS y ON x.a = y.a WHEN MATCHED AND y.b THEN UPDATE SET c = (SELECT 1 FROM «v») WHEN NOT MATCHED THEN INSERT (a, b) VALUES (1, (SELECT 2 FROM «w»))",
            "MERGE INTO ONLY «t» USING (SELECT * FROM «u») s ON t.a = s.a AND EXISTS (SELECT 1 FROM «v») WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE AND t.b THEN UPDATE SET (a, b) = (1, 2)",
            "MERGE INTO «t» USING «u» JOIN «v» ON u.a = v.a ON t.a = u.a WHEN NOT MATCHED BY TARGET AND CASE WHEN a THEN b END THEN DO NOTHING WHEN NOT MATCHED THEN INSERT DEFAULT VALUES RETURNING merge_action(), t.*",
            "WITH c AS (SELECT 1 FROM «u») MERGE INTO «t» USING «c» ON true WHEN NOT MATCHED THEN INSERT OVERRIDING USER VALUE VALUES (1)",
        ],
    );
}

fn text<'s>(parsed: &Parsed<'s>, range: Range) -> &'s str {
    &parsed.sql[parsed.bytes(range)]
}

fn assignments(parsed: &Parsed<'_>, list: &[Assignment]) -> String {
    let one = |assignment: &Assignment| {
        let columns: Vec<String> = assignment
            .columns
            .iter()
            .map(|parts| {
                let parts: Vec<String> = parts.iter().map(|part| parsed.name(*part)).collect();
                parts.join(".")
            })
            .collect();
        format!(
            "{}={}",
            columns.join("+"),
            text(parsed, assignment.value.range)
        )
    };
    list.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn exprs(parsed: &Parsed<'_>, list: &[Expr]) -> String {
    let texts: Vec<&str> = list.iter().map(|expr| text(parsed, expr.range)).collect();
    texts.join("; ")
}

/// The parts of a DML statement, a line each.
fn parts(dialect: Dialect, sql: &str) -> Vec<String> {
    let parsed = parse(dialect, sql).unwrap();
    let mut out = Vec::new();
    match &parsed.statement {
        Statement::Insert(insert) => {
            out.push(format!(
                "replaces {} ignores {}",
                insert.replaces, insert.ignores
            ));
            if let Some(columns) = &insert.columns {
                let names: Vec<String> = columns.iter().map(|tok| parsed.name(*tok)).collect();
                out.push(format!("columns {}", names.join(" ")));
            }
            out.push(match &insert.source {
                InsertSource::Query(query) => format!("query {}", text(&parsed, query.range)),
                InsertSource::Default => "default".to_owned(),
                InsertSource::Set(list) => format!("set {}", assignments(&parsed, list)),
            });
            if let Some(alias) = &insert.row_alias {
                out.push(format!("row alias {}", text(&parsed, alias.range)));
            }
            for conflict in &insert.conflicts {
                out.push(match &conflict.target {
                    ConflictTarget::Any => "on any".to_owned(),
                    ConflictTarget::Constraint(name) => {
                        format!("on constraint {}", parsed.name(*name))
                    }
                    ConflictTarget::Columns {
                        range,
                        items,
                        predicate,
                    } => format!(
                        "on {} [{}] where {}",
                        text(&parsed, *range),
                        exprs(&parsed, items),
                        predicate
                            .as_ref()
                            .map_or("-", |clause| text(&parsed, clause.expr.range))
                    ),
                });
                if let ConflictAction::Update {
                    assignments: list,
                    filter,
                } = &conflict.action
                {
                    out.push(format!(
                        "update {} where {}",
                        assignments(&parsed, list),
                        filter
                            .as_ref()
                            .map_or("-", |clause| text(&parsed, clause.expr.range))
                    ));
                }
            }
            if let Some(list) = &insert.on_duplicate {
                out.push(format!("duplicate {}", assignments(&parsed, list)));
            }
        }
        Statement::Update(update) => {
            out.push(format!("set {}", assignments(&parsed, &update.assignments)));
            out.push(format!("filter at {}", before(&parsed, update.filter_at)));
            for tail in &update.tail {
                out.push(format!("tail {}", text(&parsed, tail.expr.range)));
            }
        }
        Statement::Delete(delete) => {
            out.push(format!("targets {}", delete.targets.len()));
            out.push(format!("filter at {}", before(&parsed, delete.filter_at)));
        }
        Statement::Merge(merge) => {
            out.push(format!("on {}", text(&parsed, merge.on.expr.range)));
            for when in &merge.whens {
                let kind = match when.kind {
                    WhenKind::Matched => "matched",
                    WhenKind::NotMatched => "not matched",
                    WhenKind::NotMatchedBySource => "not matched by source",
                };
                let condition = when
                    .condition
                    .as_ref()
                    .map_or("-", |clause| text(&parsed, clause.expr.range));
                let action = match &when.action {
                    WhenAction::Nothing => "nothing".to_owned(),
                    WhenAction::Delete => "delete".to_owned(),
                    WhenAction::Update(list) => assignments(&parsed, list),
                    WhenAction::Insert { values, .. } => exprs(&parsed, values),
                };
                out.push(format!("{kind} and {condition}: {action}"));
            }
        }
        other => panic!("{other:?}"),
    }
    out
}

/// The text in front of a token position.
fn before<'s>(parsed: &Parsed<'s>, tok: u32) -> &'s str {
    &parsed.sql[..parsed.bytes(Range { start: 0, end: tok }).end]
}

#[test]
fn the_parts_of_an_insert_stand_where_they_are() {
    assert_eq!(
        parts(
            Postgres,
            "INSERT INTO t (a, b[1], c.d) SELECT 1 FROM u ON CONFLICT (a, lower(b) COLLATE \"C\" x DESC) WHERE d IS NULL DO UPDATE SET a = excluded.a, (b, c) = (1, 2) WHERE t.d RETURNING a",
        ),
        [
            "replaces false ignores false",
            "columns a b c",
            "query SELECT 1 FROM u",
            "on (a, lower(b) COLLATE \"C\" x DESC) [a; lower(b) COLLATE \"C\" x DESC] where d IS NULL",
            "update a=excluded.a; b+c=(1, 2) where t.d",
        ]
    );
    assert_eq!(
        parts(
            Sqlite,
            "INSERT OR REPLACE INTO t VALUES (1) ON CONFLICT (a) DO NOTHING ON CONFLICT DO NOTHING"
        ),
        [
            "replaces true ignores false",
            "query VALUES (1)",
            "on (a) [a] where -",
            "on any"
        ]
    );
    assert_eq!(
        parts(
            Mysql,
            "INSERT IGNORE t (t.a) VALUES (1) AS n (x) ON DUPLICATE KEY UPDATE t.a = x, b = VALUES(b)"
        ),
        [
            "replaces false ignores true",
            "columns a",
            "query VALUES (1)",
            "row alias AS n (x)",
            "duplicate t.a=x; b=VALUES(b)",
        ]
    );
    assert_eq!(
        parts(Mysql, "REPLACE t SET a = 1, b = 2"),
        ["replaces true ignores false", "set a=1; b=2"]
    );
    assert_eq!(
        parts(Mysql, "INSERT INTO t () VALUES ()"),
        ["replaces false ignores false", "columns ", "default"]
    );
}

#[test]
fn the_place_for_a_missing_where_is_behind_the_tables() {
    assert_eq!(
        parts(
            Postgres,
            "UPDATE t SET a[1] = 2, b.c = 3, (d, e) = (4, 5) FROM u, v RETURNING a"
        ),
        [
            "set a=2; b=3; d+e=(4, 5)",
            "filter at UPDATE t SET a[1] = 2, b.c = 3, (d, e) = (4, 5) FROM u, v"
        ]
    );
    assert_eq!(
        parts(Mysql, "UPDATE t SET t.a = 1 ORDER BY b LIMIT 2"),
        [
            "set t.a=1",
            "filter at UPDATE t SET t.a = 1",
            "tail b",
            "tail 2"
        ]
    );
    assert_eq!(
        parts(Postgres, "DELETE FROM t USING u RETURNING 1"),
        ["targets 0", "filter at DELETE FROM t USING u"]
    );
    assert_eq!(
        parts(Mysql, "DELETE a, b FROM a JOIN b ON 1 WHERE c"),
        ["targets 2", "filter at DELETE a, b FROM a JOIN b ON 1"]
    );
}

#[test]
fn the_branches_of_a_merge_are_told_apart() {
    assert_eq!(
        parts(
            Postgres,
            "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND CASE WHEN x THEN y END THEN UPDATE SET b = 1, c = CASE WHEN d THEN e END WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE THEN DO NOTHING WHEN NOT MATCHED BY TARGET AND z THEN INSERT (a) VALUES (1, f(2))",
        ),
        [
            "on t.a = u.a",
            "matched and CASE WHEN x THEN y END: b=1; c=CASE WHEN d THEN e END",
            "matched and -: delete",
            "not matched by source and -: nothing",
            "not matched and z: 1; f(2)",
        ]
    );
}
