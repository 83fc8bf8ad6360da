//! What the analyser is told of a database: its catalog, written as DDL.

use std::{collections::BTreeSet, fmt::Write as _};

use anyhow::Result;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{Config, from_sql},
};

use super::super::session::Session;

/// The marker that every table of the suite gets.
pub(super) const MARKER: &str = "deleted_at";

/// Where temporary tables are to the analyser, which has no session.
pub(super) const TEMPORARY: &str = "soft_temp";

/// Reads the catalog as the session sees it; with it, what the analyser cannot read.
pub(super) fn read(session: &mut Session) -> Result<(Schema, BTreeSet<String>)> {
    let mut config = Config::default();
    config.markers = vec![MARKER.to_owned()];
    config.search_path = vec![TEMPORARY.to_owned()];
    let path = session.must("SELECT unnest(pg_catalog.current_schemas(false))")?;
    let path = path.rows.into_iter().flatten().flatten();
    config
        .search_path
        .extend(path.filter(|name| !name.starts_with("pg_temp")));
    let rows = session.must(include_str!("catalog.sql"))?.rows;
    let statements: Vec<String> = rows.into_iter().flatten().flatten().collect();
    // A statement that the analyser cannot read is left out, and said so.
    let mut left_out = BTreeSet::new();
    let mut unread = BTreeSet::new();
    loop {
        let mut ddl = String::new();
        // The first line of each.
        let mut lines = Vec::new();
        let mut line = 1;
        for (at, sql) in statements.iter().enumerate() {
            if !unread.contains(&at) {
                lines.push((line, at));
                let _ = writeln!(ddl, "{sql}\n;");
                line += sql.matches('\n').count() + 2;
            }
        }
        let faults = match from_sql(Dialect::Postgres, &ddl, &config) {
            Ok(schema) => return Ok((schema, left_out)),
            Err(faults) => faults,
        };
        let before = unread.len();
        for fault in &faults {
            left_out.insert(format!("{}: {}", fault.code, fault.message));
            let Some(line) = line_of(&fault.message) else {
                continue;
            };
            let at = lines.partition_point(|(first, _)| *first <= line);
            unread.extend(at.checked_sub(1).map(|at| lines[at].1));
        }
        if unread.len() == before {
            let texts: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
            anyhow::bail!("the analyser refuses the schema: {}", texts.join("; "));
        }
    }
}

/// The line that a fault of the schema names.
fn line_of(message: &str) -> Option<usize> {
    let (number, _) = message.strip_prefix("line ")?.split_once(':')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn a_fault_of_the_schema_begins_with_its_line() {
        assert_eq!(line_of("line 12: what?"), Some(12));
        assert_eq!(line_of("what?"), None);
    }
}
