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

/// How often a byte of the longest statement may take as long as one of a 10 kB statement. Memory
/// gets slower as more of it is used; what is quadratic would take a hundred times as long.
const LIMIT: f64 = 4.0;

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
    println!(
        "{:<10} {:<22} {:>9} {:>11} {:>11}",
        "dialect", "shape", "bytes", "lex MB/s", "parse MB/s"
    );
    let mut linear = true;
    for dialect in Dialect::ALL {
        for shape in &SHAPES {
            linear &= measure(dialect, shape);
        }
    }
    if linear {
        println!("linear: no byte of 1 MB takes {LIMIT} times as long as one of 10 kB");
        ExitCode::SUCCESS
    } else {
        println!("NOT LINEAR");
        ExitCode::FAILURE
    }
}

/// Prints the rows of one shape; false when the time per byte grows.
fn measure(dialect: Dialect, shape: &Shape) -> bool {
    let mut per_byte = Vec::new();
    for size in SIZES {
        let sql = grow(shape, size);
        if let Err(fault) = parse(dialect, &sql) {
            println!(
                "{dialect:<10} {:<22} {:>9} refused: {}",
                shape.name,
                sql.len(),
                fault.message
            );
            return false;
        }
        let lexed = fastest(|| drop(black_box(lexer::lex(dialect, &sql))));
        let parsed = fastest(|| drop(black_box(parse(dialect, &sql))));
        println!(
            "{:<10} {:<22} {:>9} {:>11.1} {:>11.1}",
            dialect.name(),
            shape.name,
            sql.len(),
            rate(sql.len(), lexed),
            rate(sql.len(), parsed)
        );
        per_byte.push(1.0 / rate(sql.len(), parsed));
    }
    per_byte[3] < LIMIT * per_byte[1]
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
