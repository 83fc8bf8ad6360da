use super::{finds, finds_in_all, tree};
use crate::Dialect::{self, Mysql, Postgres, Sqlite};

fn trees(cases: &[(Dialect, &str, &str)]) {
    for (dialect, from, expected) in cases {
        let sql = format!("SELECT * FROM {from} WHERE true");
        assert_eq!(tree(*dialect, &sql), *expected, "{dialect}: {from}");
    }
}

#[test]
fn a_comma_binds_as_the_dialect_says() {
    trees(&[
        (Sqlite, "a, b RIGHT JOIN c ON 1", "((a , b) R c){1}"),
        (Postgres, "a, b RIGHT JOIN c ON true", "(a , (b R c){true})"),
        (Mysql, "a, b RIGHT JOIN c ON 1", "(a , (b R c){1})"),
        (Sqlite, "a JOIN b ON 1, c", "((a + b){1} , c)"),
        (Sqlite, "a, b ON a.x = b.x", "(a , b){a.x = b.x}"),
        (Postgres, "a, b, c", "((a , b) , c)"),
    ]);
}

#[test]
fn joins_of_every_kind() {
    for dialect in Dialect::ALL {
        trees(&[
            (dialect, "a JOIN b ON a.x = b.x", "(a + b){a.x = b.x}"),
            (dialect, "a INNER JOIN b USING (x, y)", "(a + b){x y}"),
            (dialect, "a LEFT JOIN b ON 1=1", "(a L b){1=1}"),
            (dialect, "a LEFT OUTER JOIN b ON 1=1", "(a L b){1=1}"),
            (dialect, "a RIGHT OUTER JOIN b USING (x)", "(a R b){x}"),
            (dialect, "a CROSS JOIN b", "(a + b)"),
            (dialect, "a NATURAL JOIN b", "(a n+ b)"),
            (dialect, "a NATURAL LEFT JOIN b", "(a nL b)"),
            (
                dialect,
                "a AS x JOIN s.b y ON x.i = y.i",
                "(a:x + s.b:y){x.i = y.i}",
            ),
            (
                dialect,
                "a LEFT JOIN b ON left(b.x, 1) = 'l' LEFT JOIN c ON c.left = a.right",
                "((a L b){left(b.x, 1) = 'l'} L c){c.left = a.right}",
            ),
        ]);
    }
    trees(&[
        (Postgres, "a FULL JOIN b ON x", "(a F b){x}"),
        (Sqlite, "a NATURAL FULL OUTER JOIN b", "(a nF b)"),
        (Sqlite, "a LEFT RIGHT JOIN b ON x", "(a F b){x}"),
        (Sqlite, "a OUTER LEFT JOIN b ON x", "(a L b){x}"),
        (
            Mysql,
            "a STRAIGHT_JOIN b ON x STRAIGHT_JOIN c",
            "((a + b){x} + c)",
        ),
        // FULL is no keyword of MySQL's: an inner join with an alias.
        (Mysql, "a FULL JOIN b ON x", "(a:full + b){x}"),
        (Mysql, "a CROSS JOIN b ON x", "(a + b){x}"),
        (
            Postgres,
            "a JOIN b USING (x) AS j JOIN c USING (y)",
            "((a + b){x} + c){y}",
        ),
    ]);
}

#[test]
fn a_condition_belongs_to_the_join_the_dialect_gives_it_to() {
    trees(&[
        (
            Postgres,
            "a LEFT JOIN b JOIN c ON x ON y",
            "(a L (b + c){x}){y}",
        ),
        (Postgres, "a JOIN b CROSS JOIN c ON x", "(a + (b + c)){x}"),
        (
            Postgres,
            "a JOIN b LEFT JOIN c JOIN d ON x ON y ON z",
            "(a + (b L (c + d){x}){y}){z}",
        ),
        (
            Postgres,
            "a NATURAL JOIN b JOIN c ON x",
            "((a n+ b) + c){x}",
        ),
        (Postgres, "a JOIN b", "a join without a condition"),
        (Mysql, "a JOIN b JOIN c ON x", "((a + b) + c){x}"),
        (Mysql, "a JOIN b LEFT JOIN c ON x", "((a + b) L c){x}"),
        (
            Mysql,
            "a LEFT JOIN b JOIN c ON x ON y",
            "(a L (b + c){x}){y}",
        ),
        (
            Mysql,
            "a LEFT JOIN b JOIN c ON x",
            "a join without a condition",
        ),
        (Sqlite, "a JOIN b JOIN c ON x", "((a + b) + c){x}"),
        (Sqlite, "a LEFT JOIN b JOIN c", "((a L b) + c)"),
        (
            Sqlite,
            "a JOIN b JOIN c ON x ON y",
            "expected the end of the statement, found `ON`",
        ),
    ]);
}

#[test]
fn parentheses_and_braces_nest_joins() {
    for dialect in Dialect::ALL {
        trees(&[
            (
                dialect,
                "a LEFT JOIN (b JOIN c ON x) ON y",
                "(a L <(b + c){x}>){y}",
            ),
            (dialect, "((a))", "<<a>>"),
            (
                dialect,
                "(a CROSS JOIN (b)) CROSS JOIN c",
                "(<(a + <b>)> + c)",
            ),
            (dialect, "((SELECT 1) AS d CROSS JOIN b)", "<(query:d + b)>"),
        ]);
    }
    trees(&[
        (Postgres, "(a JOIN b ON x) AS j (c, d)", "<(a + b){x}>:j"),
        (Sqlite, "(a, b) j", "<(a , b)>:j"),
        (Mysql, "(a, b) LEFT JOIN c ON x", "(<(a , b)> L c){x}"),
        (
            Mysql,
            "{ OJ a LEFT OUTER JOIN b ON a.x = b.x } JOIN c",
            "(<(a L b){a.x = b.x}> + c)",
        ),
    ]);
}

#[test]
fn derived_tables_and_functions() {
    for dialect in Dialect::ALL {
        trees(&[(
            dialect,
            "(SELECT 1) AS d, ((SELECT 2)) e",
            "(query:d , query:e)",
        )]);
    }
    trees(&[
        (
            Postgres,
            "a, LATERAL (SELECT a.x) AS l (y), LATERAL f(a.x) g",
            "((a , lateral query:l) , f():g)",
        ),
        (
            Mysql,
            "a JOIN LATERAL (SELECT a.x) AS l (y) ON 1",
            "(a + lateral query:l){1}",
        ),
        (
            Postgres,
            "generate_series(1, 2) WITH ORDINALITY AS g (n, o), s.f() AS (a int, b numeric(1, 2)[])",
            "(generate_series():g , s.f():)",
        ),
        (
            Postgres,
            "ROWS FROM (f(1), g(2) AS (a int)) WITH ORDINALITY r, current_date d, left('a', 1)",
            "((():r , current_date():d) , left())",
        ),
        (
            Postgres,
            "XMLTABLE('/a' PASSING x COLUMNS b int PATH 'c' DEFAULT 1) x",
            "xmltable():x",
        ),
        (
            Mysql,
            "JSON_TABLE(d, '$[*]' COLUMNS (a INT PATH '$.a' DEFAULT '1' ON EMPTY)) AS j",
            "json_table():j",
        ),
        (
            Sqlite,
            "json_each(a) AS j, pragma_table_info('t')",
            "(json_each():j , pragma_table_info())",
        ),
    ]);
    finds(
        Postgres,
        &[
            "SELECT * FROM f((SELECT a FROM «t»)) g, LATERAL (SELECT 1 FROM «u») x",
            "SELECT * FROM ROWS FROM (f((SELECT 1 FROM «t»)), g(2)) AS r",
        ],
    );
}

#[test]
fn names_modifiers_and_aliases_of_relations() {
    finds_in_all(&[
        "SELECT * FROM «s.t» AS x, «u» y",
        "SELECT * FROM «t» -- t\n, /* u */ «u»",
    ]);
    finds(
        Postgres,
        &[
            "SELECT * FROM ONLY «t», ONLY («s.t») x, «u» *, «v» * AS w",
            "SELECT * FROM «t» AS x TABLESAMPLE s.bernoulli (10) REPEATABLE ((SELECT 1 FROM «u»)) JOIN «v» ON true",
            "SELECT * FROM «\"T\"» AS \"a b\" (c, d), «U&\"t\"»",
            "SELECT * FROM «db.s.t» values, «set» key",
        ],
    );
    finds(
        Sqlite,
        &[
            "SELECT * FROM «t» INDEXED BY i, «u» AS x NOT INDEXED JOIN «v» ON 1",
            "SELECT * FROM «'t'», «[u v]» AS 'x', «main.`w`»",
            "SELECT * FROM «only», «lateral», «left» AS x",
        ],
    );
    finds(
        Mysql,
        &[
            "SELECT * FROM «t» PARTITION (p0, p1) AS x USE INDEX (i) IGNORE INDEX FOR ORDER BY (j, k), «u»",
            "SELECT * FROM «t» FORCE KEY FOR JOIN (i) JOIN «u» USE INDEX ()",
            "SELECT * FROM «t» FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01' x JOIN «u» ON 1",
            "SELECT * FROM «t» FOR SYSTEM_TIME BETWEEN @a AND @b AS x, «u» FOR SYSTEM_TIME ALL",
            "SELECT * FROM «t» FOR SYSTEM_TIME FROM '1' TO '2' WHERE a",
            "SELECT * FROM «`db`.`t`», «1st» `x y`, «\"u\"»",
            "SELECT * FROM «only» window, «rank» full",
        ],
    );
}
