//! Reads the records of sqllogictest files, as SQLite's own runner would take them.

use soft_delete_sql::Dialect;

use super::read::Statement;

/// The statements and queries that are meant for SQLite, in order.
pub(super) fn statements(file: &str, text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    let mut meant = true;
    while let Some((at, line)) = lines.next() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("onlyif") => meant &= words.next() == Some("sqlite"),
            Some("skipif") => meant &= words.next() != Some("sqlite"),
            Some("halt") if meant => break,
            Some(kind @ ("statement" | "query")) => {
                let mut sql = Vec::new();
                while let Some((_, line)) =
                    lines.next_if(|(_, line)| !line.is_empty() && *line != "----")
                {
                    sql.push(line);
                }
                if meant {
                    let id = format!("{file}:{}", at + 1);
                    found.push(Statement {
                        tags: vec![kind.to_owned()],
                        ..Statement::new(id, Dialect::Sqlite, &sql.join("\n"))
                    });
                }
                // The expected result, up to the blank line.
                while lines.next_if(|(_, line)| !line.is_empty()).is_some() {}
                meant = true;
            }
            _ => meant |= line.is_empty(),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::statements;

    const FILE: &str = "\
hash-threshold 8

onlyif mssql
halt

# a comment
statement ok
CREATE TABLE t1(a INTEGER,
  b INTEGER)

skipif sqlite
query I nosort
SELECT 1 // 2
----
0

onlyif sqlite # empty RHS
query I nosort label-1
SELECT a
FROM t1
----
query
statement

statement error
SELECT x FROM t1

halt

statement ok
DROP TABLE t1
";

    #[test]
    fn records_for_other_engines_and_results_are_no_statements() {
        let found: Vec<(String, String)> = statements("f", FILE)
            .into_iter()
            .map(|statement| (statement.id, statement.sql))
            .collect();
        assert_eq!(
            found,
            [
                (
                    "f:7".into(),
                    "CREATE TABLE t1(a INTEGER,\n  b INTEGER)".into()
                ),
                ("f:18".into(), "SELECT a\nFROM t1".into()),
                ("f:25".into(), "SELECT x FROM t1".into()),
            ] as [(String, String); 3]
        );
    }
}
