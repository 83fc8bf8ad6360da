//! TPC-H with the filter by hand, as someone writes it who knows the queries: each table is
//! filtered in the WHERE of the block that reads it, and the nullable side of an outer join in ON.
//!
//! The analyser is not asked; this is what its scoped statements are compared with.

use anyhow::{Context, Result, bail};

/// Where a condition on the live rows of some tables goes in a query.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Behind the nth WHERE, before its condition.
    Where(usize),
    /// As [`Place::Where`], with the condition of the statement's last clause in parentheses.
    WhereAll(usize),
    /// Behind the nth ON.
    On(usize),
    /// A WHERE of its own before the nth GROUP BY.
    BeforeGroup(usize),
}

/// A place, and the tables (or their aliases) filtered there.
type Filter = (Place, &'static [&'static str]);

use Place::{BeforeGroup, On, Where, WhereAll};

const FILTERS: [(&str, &[Filter]); 22] = [
    ("q01", &[(Where(1), &["lineitem"])]),
    (
        "q02",
        &[
            (
                Where(1),
                &["part", "supplier", "partsupp", "nation", "region"],
            ),
            (Where(2), &["partsupp", "supplier", "nation", "region"]),
        ],
    ),
    ("q03", &[(Where(1), &["customer", "orders", "lineitem"])]),
    ("q04", &[(Where(1), &["orders"]), (Where(2), &["lineitem"])]),
    (
        "q05",
        &[(
            Where(1),
            &[
                "customer", "orders", "lineitem", "supplier", "nation", "region",
            ],
        )],
    ),
    ("q06", &[(Where(1), &["lineitem"])]),
    (
        "q07",
        &[(
            Where(1),
            &["supplier", "lineitem", "orders", "customer", "n1", "n2"],
        )],
    ),
    (
        "q08",
        &[(
            Where(1),
            &[
                "part", "supplier", "lineitem", "orders", "customer", "n1", "n2", "region",
            ],
        )],
    ),
    (
        "q09",
        &[(
            Where(1),
            &[
                "part", "supplier", "lineitem", "partsupp", "orders", "nation",
            ],
        )],
    ),
    (
        "q10",
        &[(Where(1), &["customer", "orders", "lineitem", "nation"])],
    ),
    (
        "q11",
        &[
            (Where(1), &["partsupp", "supplier", "nation"]),
            (Where(2), &["partsupp", "supplier", "nation"]),
        ],
    ),
    ("q12", &[(Where(1), &["orders", "lineitem"])]),
    (
        "q13",
        &[(On(1), &["orders"]), (BeforeGroup(1), &["customer"])],
    ),
    ("q14", &[(Where(1), &["lineitem", "part"])]),
    (
        "q15",
        &[(Where(1), &["lineitem"]), (Where(2), &["supplier"])],
    ),
    (
        "q16",
        &[(Where(1), &["partsupp", "part"]), (Where(2), &["supplier"])],
    ),
    (
        "q17",
        &[(Where(1), &["lineitem", "part"]), (Where(2), &["lineitem"])],
    ),
    (
        "q18",
        &[
            (Where(1), &["customer", "orders", "lineitem"]),
            (BeforeGroup(1), &["lineitem"]),
        ],
    ),
    ("q19", &[(WhereAll(1), &["lineitem", "part"])]),
    (
        "q20",
        &[
            (Where(1), &["supplier", "nation"]),
            (Where(2), &["partsupp"]),
            (Where(3), &["part"]),
            (Where(4), &["lineitem"]),
        ],
    ),
    (
        "q21",
        &[
            (Where(1), &["supplier", "l1", "orders", "nation"]),
            (Where(2), &["l2"]),
            (Where(3), &["l3"]),
        ],
    ),
    (
        "q22",
        &[
            (Where(1), &["customer"]),
            (Where(2), &["customer"]),
            (Where(3), &["orders"]),
        ],
    ),
];

/// A query of TPC-H, `q01` to `q22`, filtered by hand.
pub(super) fn filtered(query: &str, sql: &str) -> Result<String> {
    let (_, filters) = FILTERS
        .iter()
        .find(|(name, _)| *name == query)
        .with_context(|| format!("nobody has filtered {query} by hand"))?;
    let mut insertions = Vec::new();
    for (place, tables) in *filters {
        let tests: Vec<String> = tables
            .iter()
            .map(|table| format!("{table}.deleted_at IS NULL"))
            .collect();
        let tests = tests.join(" AND ");
        match *place {
            Where(nth) => insertions.push((behind(sql, "WHERE", nth)?, format!(" {tests} AND"))),
            On(nth) => insertions.push((behind(sql, "ON", nth)?, format!(" {tests} AND"))),
            WhereAll(nth) => {
                insertions.push((behind(sql, "WHERE", nth)?, format!(" {tests} AND (")));
                insertions.push((sql.trim_end().len(), ")".to_owned()));
            }
            BeforeGroup(nth) => {
                let end = behind(sql, "GROUP BY", nth)?;
                insertions.push((end - "GROUP BY".len(), format!("WHERE {tests} ")));
            }
        }
    }
    insertions.sort();
    let mut filtered = sql.to_owned();
    for (at, text) in insertions.iter().rev() {
        filtered.insert_str(*at, text);
    }
    Ok(filtered)
}

/// The byte behind the nth occurrence of a word in capitals.
fn behind(sql: &str, word: &str, nth: usize) -> Result<usize> {
    let is_letter = |at: Option<usize>| {
        at.and_then(|at| sql.as_bytes().get(at))
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let found = sql
        .match_indices(word)
        .map(|(at, _)| (at, at + word.len()))
        .filter(|&(start, end)| !is_letter(start.checked_sub(1)) && !is_letter(Some(end)))
        .nth(nth - 1);
    match found {
        Some((_, end)) => Ok(end),
        None => bail!("the query has no {nth}. {word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{behind, filtered};

    #[test]
    fn a_word_is_found_whole() {
        let sql = "SELECT REGION FROM t ON a WHERE b IN (SELECT 1 WHERE c)";
        assert_eq!(behind(sql, "ON", 1).expect("found"), 23);
        assert_eq!(&sql[behind(sql, "WHERE", 2).expect("found")..], " c)");
        assert!(behind(sql, "ON", 2).is_err());
    }

    #[test]
    fn the_conditions_stand_where_they_belong() {
        let sql = "SELECT * FROM c LEFT JOIN o ON k = j\nGROUP BY k";
        assert_eq!(
            filtered("q13", sql).expect("filtered"),
            "SELECT * FROM c LEFT JOIN o ON orders.deleted_at IS NULL AND k = j\n\
             WHERE customer.deleted_at IS NULL GROUP BY k"
        );
        assert_eq!(
            filtered("q19", "SELECT 1 WHERE a OR b").expect("filtered"),
            "SELECT 1 WHERE lineitem.deleted_at IS NULL AND part.deleted_at IS NULL AND ( a OR b)"
        );
        assert!(filtered("q23", sql).is_err());
    }
}
