//! Keywords that are names, and names that look like keywords.

use super::{finds, finds_in_all};
use crate::{
    Dialect::{self, Mysql, Postgres, Sqlite},
    syntax::{
        ast::{Arm, Statement},
        parse,
    },
};

#[test]
fn keywords_inside_functions_end_nothing() {
    finds_in_all(&[
        "SELECT extract(year FROM a), substring(b FROM 1 FOR 2), trim(BOTH FROM c) FROM «t»",
        "SELECT overlay(a PLACING b FROM 1), cast(a AS int) FROM «t»",
        "SELECT a IS DISTINCT FROM b, c IS NOT DISTINCT FROM d FROM «t»",
        "SELECT count(DISTINCT a), sum(b) OVER (ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM «t»",
        "SELECT t.from, t.where, t.union FROM «t» WHERE t.order = t.limit AND t.join = 1",
        "SELECT CASE a WHEN 1 THEN CASE WHEN b THEN c ELSE d END END AS end_ FROM «t» WHERE a",
        "SELECT replace(a, 'b', 'c'), left(d, 1), if_(e) FROM «t»",
    ]);
    for dialect in [Postgres, Mysql] {
        finds(dialect, &["SELECT position(a IN b), c IN (d) FROM «t»"]);
    }
    finds(
        Postgres,
        &[
            "SELECT a.\"from\", (p).*, (q).x.y, r[1:2] FROM «t»",
            "SELECT values, key, set, filter, over, end_ FROM «t» WHERE offset_ = 1",
            "SELECT f(a => 1, b := 2, VARIADIC c) FROM «t»",
            "SELECT a::timestamp with time zone, b AT TIME ZONE 'utc' FROM «t»",
            "SELECT a OPERATOR(pg_catalog.+) b FROM «t» ORDER BY c USING > LIMIT ALL",
            "SELECT interval '1' year, a ? 'b', c ->> 'd', e @> '{}' FROM «t»",
            "SELECT a FROM «t» WHERE b LIKE 'x' ESCAPE 'y' UNION SELECT escape FROM «u»",
            "SELECT CASE WHEN a THEN interval END, x.end FROM «t»",
        ],
    );
    finds(
        Sqlite,
        &[
            "SELECT key, offset, window, filter, over, end, left FROM «t» ORDER BY offset LIMIT 1 OFFSET 2",
            "SELECT count(*) FILTER (WHERE a) OVER w FROM «t» window WINDOW w AS (ORDER BY b)",
            "SELECT CASE WHEN end > 1 THEN end END FROM «t» WHERE do = 1 AND for = 2 AND fetch = 3",
            "SELECT CAST(a AS TEXT) COLLATE nocase NOTNULL FROM «t» offset",
            "SELECT * FROM «window» WHERE row = 1 AND match MATCH 'x'",
            "SELECT a do, b FROM «t» WHERE c",
        ],
    );
    finds(
        Mysql,
        &[
            "SELECT offset, end, value, do FROM «t» WHERE duplicate = 1 LIMIT 1, 2",
            "SELECT a + INTERVAL 1 DAY, CONVERT(b USING utf8), @c := 1 FROM «t»",
            "SELECT {d '2020-01-01'}, a DIV b MOD c FROM «t» WHERE d SOUNDS LIKE e",
            "SELECT DATE_ADD(a, INTERVAL b MINUTE), _utf8'x' COLLATE utf8_bin, a->'$.b' FROM «t»",
            "SELECT COUNT(*) full FROM «t» full WHERE full.a = 1",
        ],
    );
}

/// The select list: expression, then alias, then whether it is a star.
fn items(dialect: Dialect, list: &str) -> String {
    let sql = format!("SELECT {list} FROM t");
    let parsed = parse(dialect, &sql).unwrap();
    let Statement::Query(query) = &parsed.statement else {
        panic!("{:?}", parsed.statement);
    };
    let Arm::Select(select) = &query.arms[0] else {
        panic!("{:?}", query.arms);
    };
    let texts: Vec<String> = select
        .items
        .iter()
        .map(|item| {
            let expr = &sql[parsed.bytes(item.expr.range)];
            let alias = item.alias.map_or("", |alias| parsed.text(alias));
            let star = match &item.star {
                None => String::new(),
                Some(qualifier) => {
                    let names: Vec<String> =
                        qualifier.iter().map(|tok| parsed.name(*tok)).collect();
                    format!("*{}", names.join("."))
                }
            };
            format!("{expr}|{alias}|{star}")
        })
        .collect();
    texts.join(" ; ")
}

#[test]
fn aliases_are_told_from_the_ends_of_expressions() {
    for (dialect, list, expected) in [
        (
            Postgres,
            "a b, c AS d, e AS \"f g\"",
            "a|b| ; c|d| ; e|\"f g\"|",
        ),
        (
            Postgres,
            "*, t.*, s.t.*, (p).*, count(*), ((t.*)), ()",
            "*||* ; t.*||*t ; s.t.*||*s.t ; (p).*|| ; count(*)|| ; ((t.*))||*t ; ()||",
        ),
        (
            Postgres,
            "a IS NULL, NOT b, c IS NOT TRUE",
            "a IS NULL|| ; NOT b|| ; c IS NOT TRUE||",
        ),
        (
            Postgres,
            "a left, b user, c end, d from_",
            "a|left| ; b|user| ; c|end| ; d|from_|",
        ),
        (
            Postgres,
            "a desc, b and, c when, d case, e select",
            "a|desc| ; b|and| ; c|when| ; d|case| ; e|select|",
        ),
        (
            Postgres,
            "CASE WHEN a THEN b END, CASE WHEN a THEN b END c",
            "CASE WHEN a THEN b END|| ; CASE WHEN a THEN b END|c|",
        ),
        (
            Postgres,
            "a ISNULL, b::double precision",
            "a ISNULL|| ; b::double precision||",
        ),
        (
            Postgres,
            "a::timestamp with time zone, b AT TIME ZONE z",
            "a::timestamp with time zone|| ; b AT TIME ZONE z||",
        ),
        (
            Postgres,
            "interval '1' day, 'a' 'b', x COLLATE y",
            "interval '1' day|| ; 'a' 'b'|| ; x COLLATE y||",
        ),
        (
            Postgres,
            "sum(a) OVER w, sum(b) OVER (ORDER BY c) d",
            "sum(a) OVER w|| ; sum(b) OVER (ORDER BY c)|d|",
        ),
        (
            Postgres,
            "EXISTS (SELECT 1) e, (SELECT 2), a AND b",
            "EXISTS (SELECT 1)|e| ; (SELECT 2)|| ; a AND b||",
        ),
        (
            Postgres,
            "t.a, t.\"b\", a.b.c d",
            "t.a|| ; t.\"b\"|| ; a.b.c|d|",
        ),
        (
            Sqlite,
            "a 'b', 'c' 'd', e \"f\", g [h]",
            "a|'b'| ; 'c'|'d'| ; e|\"f\"| ; g|[h]|",
        ),
        (
            Sqlite,
            "a NOTNULL, b NOT NULL, c GLOB d",
            "a NOTNULL|| ; b NOT NULL|| ; c GLOB d||",
        ),
        (
            Mysql,
            "a 'b', 'c' 'd', e `f`, _utf8'g'",
            "a|'b'| ; 'c' 'd'|| ; e|`f`| ; _utf8'g'||",
        ),
        (
            Mysql,
            "a + INTERVAL 1 DAY, DATE '2020-01-01', b MOD c",
            "a + INTERVAL 1 DAY|| ; DATE '2020-01-01'|| ; b MOD c||",
        ),
    ] {
        assert_eq!(items(dialect, list), expected, "{dialect}: {list}");
    }
}
