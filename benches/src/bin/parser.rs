//! Lexer and parser over growing statements: the time per byte must not grow with them.

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use soft_delete_sql::{
    Dialect,
    syntax::{lexer, parse},
};

/// Bytes of the statements.
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// How many times as long a byte of the longest statement may take as one of a statement a tenth of
/// its size. What is quadratic takes ten times as long. The tree of 1 MB fills tens of megabytes,
/// and getting those from the system costs two or three times what a warm cache does.
const LIMIT: f64 = 5.0;

/// A statement that grows by repeating a part.
struct Shape {
    name: &'static str,
    head: &'static str,
    part: &'static str,
    tail: &'static str,
}

const SHAPES: [Shape; 9] = [
    Shape {
        name: "mixed arms",
        head: "WITH live AS (SELECT id FROM users WHERE deleted_at IS NULL)\n",
        part: "SELECT u.id, count(*) AS n, 'it''s' || \"Name\" /* note */, CASE WHEN a AND b THEN 1 END\n\
               FROM users u LEFT JOIN orders AS o ON o.user_id = u.id AND (o.total > 10.5 OR o.kind IN (1, 2))\n\
               WHERE EXISTS (SELECT 1 FROM live l WHERE l.id = u.id) AND u.name BETWEEN 'a' AND 'b' -- end\n\
               GROUP BY u.id HAVING count(*) > 1\nUNION ALL ",
        tail: "SELECT 1, 2, 'x', 3",
    },
    Shape {
        name: "joins",
        head: "SELECT * FROM a",
        part: " JOIN b ON b.id = a.id",
        tail: "",
    },
    Shape {
        name: "commas in FROM",
        head: "SELECT * FROM a",
        part: ", some_table",
        tail: "",
    },
    Shape {
        name: "conditions",
        head: "SELECT * FROM a WHERE x = 1",
        part: " AND y = 2 OR z BETWEEN 3 AND 4",
        tail: "",
    },
    Shape {
        name: "subqueries",
        head: "SELECT * FROM a WHERE x = 1",
        part: " AND y IN (SELECT id FROM b)",
        tail: "",
    },
    Shape {
        name: "rows of VALUES",
        head: "INSERT INTO t (a, b) VALUES (1, 2)",
        part: ", (12345, 'text')",
        tail: "",
    },
    Shape {
        name: "expressions of a WITH",
        head: "WITH a AS (SELECT 1)",
        part: ", b AS (SELECT * FROM t)",
        tail: " SELECT * FROM a",
    },
    Shape {
        name: "comments",
        head: "SELECT 1 ",
        part: "/* a */ -- b\n",
        tail: "",
    },
    Shape {
        name: "one string",
        head: "SELECT '",
        part: "it''s ",
        tail: "'",
    },
];

fn main() -> ExitCode {
    let sizes = "    1 kB   10 kB  100 kB    1 MB";
    println!("{:<34}{:<34}parser", "MB/s", "lexer");
    println!("{:<34}{sizes}  {sizes}", "");
    let mut linear = true;
    for dialect in Dialect::ALL {
        for shape in &SHAPES {
            linear &= measure(dialect, shape);
        }
    }
    if linear {
        println!("linear: no byte of 1 MB takes {LIMIT} times as long as one of 100 kB");
        ExitCode::SUCCESS
    } else {
        println!("NOT LINEAR");
        ExitCode::FAILURE
    }
}

/// Prints one shape; false when the time per byte grows.
fn measure(dialect: Dialect, shape: &Shape) -> bool {
    let mut lexer_rates = Vec::new();
    let mut parser_rates = Vec::new();
    for size in SIZES {
        let sql = grow(shape, size);
        if let Err(fault) = parse(dialect, &sql) {
            println!(
                "{dialect} {}: {size} bytes refused: {}",
                shape.name, fault.message
            );
            return false;
        }
        let time = fastest(|| drop(black_box(lexer::lex(dialect, &sql))));
        lexer_rates.push(rate(sql.len(), time));
        let time = fastest(|| drop(black_box(parse(dialect, &sql))));
        parser_rates.push(rate(sql.len(), time));
    }
    let linear = parser_rates[3] * LIMIT > parser_rates[2];
    println!(
        "{:<10}{:<24}{}  {}{}",
        dialect.name(),
        shape.name,
        columns(&lexer_rates),
        columns(&parser_rates),
        if linear { "" } else { "  NOT LINEAR" }
    );
    linear
}

fn columns(rates: &[f64]) -> String {
    let columns: Vec<String> = rates.iter().map(|rate| format!("{rate:8.1}")).collect();
    columns.concat()
}

fn grow(shape: &Shape, size: usize) -> String {
    let mut sql = String::with_capacity(size + shape.part.len());
    sql.push_str(shape.head);
    while sql.len() + shape.tail.len() < size {
        sql.push_str(shape.part);
    }
    sql.push_str(shape.tail);
    sql
}

/// The shortest of several runs: the one that the rest of the machine disturbed least.
fn fastest(work: impl Fn()) -> Duration {
    let begin = Instant::now();
    let mut shortest = Duration::MAX;
    let mut runs = 0;
    while runs < 5 || (begin.elapsed() < Duration::from_millis(50) && runs < 1_000) {
        let start = Instant::now();
        work();
        shortest = shortest.min(start.elapsed());
        runs += 1;
    }
    shortest.max(Duration::from_nanos(1))
}

/// Bytes a microsecond, which is megabytes a second.
#[allow(clippy::cast_precision_loss, reason = "a rate of a few digits")]
fn rate(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / (time.as_secs_f64() * 1e6)
}
