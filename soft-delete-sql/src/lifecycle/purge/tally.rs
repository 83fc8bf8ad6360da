//! What there is to purge, and what keeps the rest.

use super::due::Due;
use crate::Dialect;

/// One row of texts: eligible, on hold, blocked, the age of the earliest eligible in seconds, and
/// what each blocker blocks.
pub(super) fn sql(due: &Due<'_>) -> String {
    let dialect = due.schema.dialect;
    let as_text = match dialect {
        Dialect::Postgres => "text",
        Dialect::Sqlite => "TEXT",
        Dialect::Mysql => "CHAR",
    };
    let marker = due.table.marker.as_ref().map(|marker| &marker.column);
    let mut inner = vec![format!(
        "{} AS m",
        marker.map_or_else(|| "NULL".to_owned(), |marker| due.column(marker))
    )];
    if let Some(held) = &due.held {
        inner.push(format!("({held}) AS held"));
    }
    for (at, blocker) in due.blockers.iter().enumerate() {
        inner.push(format!("{} AS b{at}", blocker.exists));
    }
    let blocked: Vec<String> = (0..due.blockers.len())
        .map(|at| format!("d.b{at}"))
        .collect();
    let free = due.held.as_ref().map(|_| "NOT d.held");
    let all = |tests: &[Option<String>]| {
        let tests: Vec<&str> = tests.iter().flatten().map(String::as_str).collect();
        tests.join(" AND ")
    };
    let is_free = free.map(str::to_owned);
    let is_blocked = (!blocked.is_empty()).then(|| format!("({})", blocked.join(" OR ")));
    let is_unblocked = is_blocked.as_ref().map(|test| format!("NOT {test}"));
    let count = |test: &str| match test {
        "" => format!("CAST(COUNT(*) AS {as_text})"),
        test => format!("CAST(COUNT(CASE WHEN {test} THEN 1 END) AS {as_text})"),
    };
    let eligible = all(&[is_free.clone(), is_unblocked]);
    let earliest = if eligible.is_empty() {
        due.clock.age_of_earliest("d.m")
    } else {
        due.clock
            .age_of_earliest(&format!("CASE WHEN {eligible} THEN d.m END"))
    };
    let none = format!("CAST(0 AS {as_text})");
    let mut outer = vec![
        count(&eligible),
        due.held
            .as_ref()
            .map_or_else(|| none.clone(), |_| count("d.held")),
        is_blocked.map_or(none, |blocked| {
            count(&all(&[is_free.clone(), Some(blocked)]))
        }),
        format!("CAST({earliest} AS {as_text})"),
    ];
    for test in &blocked {
        outer.push(count(&all(&[is_free.clone(), Some(test.clone())])));
    }
    format!(
        "SELECT {} FROM (SELECT {} FROM {} WHERE {}) AS d",
        outer.join(", "),
        inner.join(", "),
        due.from(),
        due.is_old()
    )
}
