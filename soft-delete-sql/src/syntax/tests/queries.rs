use super::{finds, finds_in_all};
use crate::Dialect::{Mysql, Postgres, Sqlite};

#[test]
fn subqueries_are_found_in_every_part_of_a_select() {
    finds_in_all(&[
        "SELECT * FROM «t»",
        "SELECT (SELECT max(a) FROM «u») AS m, b FROM «t»",
        "SELECT a FROM «t» WHERE EXISTS (SELECT 1 FROM «u» WHERE u.a = t.a)",
        "SELECT a FROM «t» WHERE a IN (SELECT b FROM «u») AND c NOT IN (SELECT d FROM «v»)",
        "SELECT a FROM «t» JOIN «u» ON u.a = (SELECT max(b) FROM «v»)",
        "SELECT a FROM «t» GROUP BY a, (SELECT 1 FROM «u») HAVING count(*) > (SELECT 2 FROM «v»)",
        "SELECT a FROM «t» ORDER BY (SELECT b FROM «u»), 1 LIMIT (SELECT 3 FROM «v»)",
        "SELECT CASE WHEN (SELECT 1 FROM «u») = 1 THEN (SELECT 2 FROM «v») ELSE 3 END FROM «t»",
        "SELECT coalesce((SELECT a FROM «u»), f(1, (SELECT b FROM «v» WHERE c = (2)))) FROM «t»",
        "SELECT sum(a) OVER (PARTITION BY (SELECT 1 FROM «u») ORDER BY b) FROM «t»",
        "SELECT sum(a) OVER w FROM «t» WINDOW w AS (PARTITION BY (SELECT 1 FROM «u»))",
        "SELECT * FROM (SELECT * FROM «t») AS d WHERE d.a = 1",
        "SELECT * FROM «t» WHERE a BETWEEN (SELECT 1 FROM «u») AND (SELECT 2 FROM «v»)",
        "SELECT a FROM «t» WHERE ((SELECT 1 FROM «u») + 2) * 3 = ((((SELECT 4 FROM «v»))))",
        "SELECT 1",
        "SELECT count(*), t.* FROM «t»;",
    ]);
}

#[test]
fn subqueries_in_clauses_of_one_dialect() {
    finds(
        Postgres,
        &[
            "SELECT DISTINCT ON ((SELECT 1 FROM «u»), a) b FROM «t»",
            "SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM «u»)) FROM «t»",
            "SELECT ARRAY(SELECT a FROM «u»), a[(SELECT 1 FROM «v»)] FROM «t»",
            "SELECT a = ANY (SELECT b FROM «u»), c <> ALL ((SELECT d FROM «v»)) FROM «t»",
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (SELECT 1 FROM «u»)) FROM «t» GROUP BY a",
            "SELECT array_agg((SELECT 1 FROM «u») ORDER BY a) FROM «t»",
            "SELECT * FROM «t» OFFSET (SELECT 1 FROM «u») FETCH FIRST (SELECT 2 FROM «v») ROWS ONLY",
            "SELECT a FROM «t» GROUP BY GROUPING SETS ((a), (), ROLLUP (b, (SELECT 1 FROM «u»)))",
            "SELECT a FROM «t» WHERE (a, b) = (SELECT c, d FROM «u») AND ROW(1, (SELECT 2 FROM «v»)) IS NULL",
            "SELECT JSON_OBJECT('a' : (SELECT 1 FROM «u»)), x::int[] FROM «t»",
            "SELECT interval '1' day, a AT TIME ZONE (SELECT z FROM «u») FROM «t»",
        ],
    );
    finds(
        Sqlite,
        &[
            "SELECT * FROM «t» WHERE a IN «u» AND b NOT IN «main.v» OR c IN «\"w\"»",
            "SELECT * FROM «t» WHERE a IN json_each((SELECT b FROM «u»)) AND c IN (1, 2) AND d IN ()",
            "SELECT a IN «'u'» FROM «t»",
            "SELECT a GLOB (SELECT b FROM «u»), c -> '$.a' FROM «t»",
        ],
    );
    finds(
        Mysql,
        &[
            "SELECT SQL_CALC_FOUND_ROWS HIGH_PRIORITY a FROM «t» WHERE a REGEXP (SELECT b FROM «u»)",
            "SELECT GROUP_CONCAT(DISTINCT a ORDER BY (SELECT 1 FROM «u») SEPARATOR ',') FROM «t»",
            "SELECT MATCH (a) AGAINST ('x' IN BOOLEAN MODE) + (SELECT 1 FROM «u») FROM «t»",
            "SELECT a + INTERVAL (SELECT 1 FROM «u») DAY FROM «t»",
            "SELECT NTH_VALUE(a, 2) FROM FIRST RESPECT NULLS OVER (ORDER BY (SELECT 1 FROM «u»)) FROM «t»",
            "SELECT a FROM «t» GROUP BY a WITH ROLLUP",
        ],
    );
}

#[test]
fn set_operations_values_and_table_in_every_nesting() {
    finds_in_all(&[
        "SELECT a FROM «t» UNION ALL SELECT b FROM «u» EXCEPT SELECT c FROM «v» ORDER BY 1",
        "SELECT a FROM «t» INTERSECT SELECT b FROM «u» LIMIT 3 OFFSET 4",
        "(SELECT a FROM «t») UNION (SELECT b FROM «u») ORDER BY 1",
        "((SELECT a FROM «t») UNION (SELECT b FROM «u») LIMIT 1) EXCEPT SELECT c FROM «v»",
        "SELECT * FROM ((SELECT a FROM «t») UNION SELECT b FROM «u») AS d",
        "SELECT * FROM «x» WHERE a IN ((SELECT a FROM «t») UNION (SELECT b FROM «u»))",
    ]);
    for dialect in [Postgres, Mysql] {
        finds(
            dialect,
            &[
                "TABLE «t» ORDER BY a",
                "SELECT a FROM «t» UNION TABLE «u»",
                "SELECT * FROM (TABLE «t») AS x WHERE EXISTS (TABLE «u»)",
                "(TABLE «t») UNION (TABLE «u»)",
            ],
        );
    }
    finds(
        Postgres,
        &[
            "VALUES (1, (SELECT 2 FROM «t»)), (3, 4)",
            "SELECT * FROM (VALUES (1, 2)) AS v (a, b) JOIN «t» ON true",
            "SELECT * FROM «t» WHERE (a, b) IN (VALUES (1, 2), (3, (SELECT 4 FROM «u»)))",
            "TABLE ONLY «t» UNION ALL TABLE «u» *",
            "SELECT FROM «t»",
            "SELECT UNION SELECT",
        ],
    );
    finds(
        Mysql,
        &[
            "VALUES ROW(1, (SELECT 2 FROM «t»)), ROW(3, 4) ORDER BY 1",
            "SELECT * FROM (VALUES ROW(1)) AS v, «t»",
            "SELECT * FROM (VALUES (1), (2)) AS v, «t»",
        ],
    );
    finds(Sqlite, &["SELECT * FROM (VALUES (1), (2)), «t»"]);
}

#[test]
fn common_table_expressions_of_every_form() {
    finds_in_all(&[
        "WITH c AS (SELECT * FROM «t») SELECT * FROM «c»",
        "WITH c (a, b) AS (SELECT 1, 2 FROM «t»), d AS (SELECT * FROM «c») SELECT * FROM «d», «u»",
        "WITH RECURSIVE c AS (SELECT 1 FROM «t» UNION ALL SELECT a FROM «c» JOIN «u» ON true) SELECT 1 FROM «c»",
        "SELECT * FROM (WITH c AS (SELECT 1 FROM «t») SELECT * FROM «c») AS d",
        "SELECT (WITH c AS (SELECT 1 FROM «t») SELECT a FROM «c»)",
    ]);
    for dialect in [Postgres, Sqlite] {
        finds(
            dialect,
            &[
                "WITH c AS MATERIALIZED (SELECT 1 FROM «t»), d AS NOT MATERIALIZED (SELECT 2 FROM «u») SELECT 3 FROM «d»",
                "WITH recursive AS (SELECT 1 FROM «t») SELECT * FROM «recursive»",
                "WITH c AS (SELECT 1 FROM «t») INSERT INTO «u» SELECT * FROM «c»",
                "WITH c AS (SELECT 1 FROM «t») UPDATE «u» SET a = (SELECT 2 FROM «c»)",
                "WITH c AS (SELECT 1 FROM «t») DELETE FROM «u» WHERE a IN (SELECT 2 FROM «c»)",
            ],
        );
    }
    finds(
        Postgres,
        &[
            "WITH d AS (DELETE FROM «t» RETURNING *), i AS (INSERT INTO «u» SELECT * FROM «d» RETURNING a), m AS (UPDATE «v» SET a = 1 RETURNING b) SELECT * FROM «i»",
            "WITH RECURSIVE c AS (SELECT 1 FROM «t») SEARCH DEPTH FIRST BY a, b SET ord CYCLE a, b SET is_cycle TO 'Y' DEFAULT 'N' USING path, e AS (SELECT 2 FROM «u») SELECT * FROM «c», «e»",
            "WITH m AS (MERGE INTO «t» USING «u» ON t.a = u.a WHEN MATCHED THEN DELETE RETURNING t.a) SELECT * FROM «m»",
        ],
    );
    finds(
        Mysql,
        &[
            "WITH RECURSIVE c AS (SELECT 1 FROM «t») CYCLE a, b RESTRICT SELECT * FROM «c»",
            "INSERT INTO «u» WITH c AS (SELECT 1 FROM «t») SELECT * FROM «c»",
        ],
    );
}

#[test]
fn locking_clauses_end_a_query() {
    finds(
        Postgres,
        &[
            "SELECT * FROM «t» a, «s.u» FOR UPDATE OF a, s.u NOWAIT",
            "SELECT * FROM «t» FOR NO KEY UPDATE SKIP LOCKED FOR KEY SHARE OF t",
            "SELECT * FROM «t» WHERE a = (SELECT 1 FROM «u» FOR SHARE) FOR UPDATE LIMIT 1",
            "SELECT * FROM «t» FOR READ ONLY",
            "SELECT collation for ((SELECT a FROM «t» LIMIT 1))",
        ],
    );
    finds(
        Mysql,
        &[
            "SELECT * FROM «t» LOCK IN SHARE MODE",
            "SELECT * FROM «t» WHERE a = 1 FOR UPDATE OF t SKIP LOCKED",
            "SELECT * FROM «t» FOR UPDATE WAIT 5",
            "SELECT a FROM «t» UNION DISTINCTROW SELECT b FROM «u»",
        ],
    );
}

#[test]
fn select_into_is_told_from_the_tables_it_reads() {
    finds(
        Postgres,
        &[
            "SELECT a INTO new_t FROM «t»",
            "SELECT a INTO TEMPORARY TABLE new_t FROM «t» WHERE b",
            "SELECT a INTO temp FROM «t»",
        ],
    );
    finds(
        Mysql,
        &[
            "SELECT a, b INTO @x, @y FROM «t» WHERE c",
            "SELECT a FROM «t» WHERE c LIMIT 1 INTO @x",
            "SELECT a INTO OUTFILE '/x' FIELDS TERMINATED BY ',' FROM «t»",
            "SELECT a FROM «t» FOR UPDATE INTO DUMPFILE 'x'",
        ],
    );
}
