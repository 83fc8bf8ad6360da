use std::{thread, time::Instant};

use crate::{Code, Dialect, syntax::parse};

/// Parses on a stack that is smaller than any thread's of a compiler.
fn on_small_stack(dialect: Dialect, sql: String) -> Result<usize, Code> {
    thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(move || {
            parse(dialect, &sql)
                .map(|parsed| parsed.tokens.len())
                .map_err(|diagnostic| diagnostic.code)
        })
        .unwrap()
        .join()
        .unwrap()
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// Every way to nest structure in structure, one level each.
const NESTINGS: &[(&str, &str, &str)] = &[
    ("SELECT (", "SELECT 1", ")"),
    ("SELECT * FROM (", "SELECT 1", ") AS d"),
    ("SELECT * FROM t WHERE a IN (", "SELECT 1", ")"),
    ("SELECT CASE WHEN f(1, (", "SELECT 1", ")) THEN 1 END"),
    ("(", "SELECT 1", ")"),
    ("(SELECT 1 UNION ", "SELECT 1", ")"),
    ("WITH c AS (", "SELECT 1", ") SELECT 1"),
    ("SELECT 1 FROM t JOIN u ON EXISTS (", "SELECT 1", ")"),
    ("VALUES ((", "SELECT 1", "))"),
];

#[test]
fn moderate_nesting_is_understood_and_more_is_refused_on_a_small_stack() {
    for (open, inner, close) in NESTINGS {
        for dialect in Dialect::ALL {
            let shallow = nested(open, inner, close, 30);
            assert!(
                on_small_stack(dialect, shallow).is_ok(),
                "{dialect}: {open}"
            );
            // MySQL's `(VALUES (…))` can be a function, whose parentheses are plain ones.
            let deepest = if dialect == Dialect::Mysql && open.starts_with("VALUES") {
                usize::MAX
            } else {
                64
            };
            for times in [61, 62, 63, 64, 65, 10_000] {
                let deep = nested(open, inner, close, times);
                match on_small_stack(dialect, deep) {
                    Ok(_) => assert!(times <= deepest, "{dialect}: {open} {times}"),
                    Err(code) => assert_eq!(code, Code::TooDeep, "{dialect}: {open} {times}"),
                }
            }
        }
    }
}

#[test]
fn nested_joins_are_limited_too() {
    for times in [50, 63, 64, 100_000] {
        let parens = format!("SELECT * FROM {}", nested("(", "t", ")", times));
        // The statement itself is a level too.
        let expected = if times <= 63 {
            Ok(())
        } else {
            Err(Code::TooDeep)
        };
        for dialect in Dialect::ALL {
            let found = on_small_stack(dialect, parens.clone()).map(drop);
            assert_eq!(found, expected, "{dialect} {times}");
        }
        let braces = format!("SELECT * FROM {}", nested("{ OJ ", "t", " }", times));
        let found = on_small_stack(Dialect::Mysql, braces).map(drop);
        assert_eq!(found, expected, "{times}");
    }
    let explains = format!("{}SELECT 1", "EXPLAIN ".repeat(100_000));
    assert_eq!(
        on_small_stack(Dialect::Sqlite, explains),
        Err(Code::TooDeep)
    );
}

#[test]
fn plain_parentheses_and_cases_nest_without_limit() {
    for dialect in Dialect::ALL {
        for (open, close) in [
            ("(", ")"),
            ("CASE WHEN a THEN ", " END"),
            ("f(", ")"),
            ("NOT (", ")"),
        ] {
            let sql = format!("SELECT {}", nested(open, "1", close, 20_000));
            assert!(on_small_stack(dialect, sql).is_ok(), "{dialect}: {open}");
        }
    }
}

/// Long and flat: parsed without recursion.
const CHAINS: &[(&str, &str)] = &[
    ("SELECT 1", " UNION ALL SELECT 1"),
    ("SELECT 1 FROM t", ", t"),
    ("SELECT 1 FROM t", " CROSS JOIN t"),
    ("SELECT 1 FROM t", " LEFT JOIN t ON a = (1)"),
    ("SELECT 1", ", a"),
    ("SELECT 1", " + (SELECT 1)"),
    ("SELECT 1 WHERE a", " AND a IN (1, 2)"),
    ("WITH a AS (SELECT 1)", ", a AS (SELECT 1)"),
    ("INSERT INTO t VALUES (1)", ", (1, (2))"),
    ("UPDATE t SET a = 1", ", a = f(1)"),
];

#[test]
fn long_chains_are_parsed_in_linear_time() {
    for (at, (head, link)) in CHAINS.iter().enumerate() {
        let dialect = Dialect::ALL[at % 3];
        let tail = if head.starts_with("WITH") {
            " SELECT 1"
        } else {
            ""
        };
        let text = |times: usize| format!("{head}{}{tail}", link.repeat(times));
        let small = text(3_000);
        let large = text(30_000);
        let start = Instant::now();
        assert!(
            on_small_stack(dialect, small).is_ok(),
            "{dialect}: {head}{link}"
        );
        let one = start.elapsed();
        let start = Instant::now();
        assert!(
            on_small_stack(dialect, large).is_ok(),
            "{dialect}: {head}{link}"
        );
        // Ten times the text; a quadratic parser takes a hundred times as long.
        let ten = start.elapsed();
        assert!(
            ten < one * 50 + std::time::Duration::from_millis(500),
            "{dialect}: {head}{link}: {one:?}, then {ten:?}"
        );
    }
}

#[test]
fn a_hundred_thousand_arms_or_tables_fit_on_a_small_stack() {
    for (head, link) in &CHAINS[..2] {
        let sql = format!("{head}{}", link.repeat(100_000));
        assert!(
            on_small_stack(Dialect::Postgres, sql).is_ok(),
            "{head}{link}"
        );
    }
}

#[test]
fn a_right_nest_of_joins_is_no_recursion() {
    let times = 10_000;
    let sql = format!(
        "SELECT 1 FROM t{}{}",
        " JOIN t".repeat(times),
        " ON true".repeat(times)
    );
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        assert!(on_small_stack(dialect, sql.clone()).is_ok(), "{dialect}");
    }
}
