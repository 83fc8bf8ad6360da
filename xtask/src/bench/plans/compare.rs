//! Two forms of one query on PostgreSQL: their plans, their rows, their times.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use postgres::Client;

use crate::{
    database::{Rows, rows},
    tpch::{ACTIVE, CLEAN, VIEWS},
};

/// A query in its forms.
pub(super) struct Query {
    pub(super) name: String,
    /// Without any scope.
    pub(super) original: String,
    /// As the analyser scoped it.
    pub(super) scoped: String,
    pub(super) by_hand: String,
}

/// What the comparison of the forms came to.
pub(super) struct Comparison {
    /// The plans are the same text.
    pub(super) same_plan: bool,
    /// So are the plans with what happened when they ran.
    pub(super) same_run: bool,
    /// Scans of partial indexes: scoped, by hand.
    pub(super) partial: [usize; 2],
    pub(super) rows: usize,
    /// The scoped query returns what the one by hand, the original on the views, and the original
    /// on the tables without tombstones return.
    pub(super) equal: [bool; 3],
    /// The original on all rows returns something else: tombstones matter to it.
    pub(super) sensitive: bool,
    pub(super) plans: [String; 2],
}

impl Comparison {
    pub(super) fn is_right(&self) -> bool {
        self.same_plan && self.partial[0] == self.partial[1] && self.equal == [true; 3]
    }
}

/// Compares plans and rows.
pub(super) fn compare(client: &mut Client, query: &Query) -> Result<Comparison> {
    let plans = [&query.scoped, &query.by_hand].map(|sql| plan(client, "COSTS OFF", sql));
    let [scoped, by_hand] = plans;
    let plans = [scoped?, by_hand?];
    let ran = "ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF";
    let same_run = plan(client, ran, &query.scoped)? == plan(client, ran, &query.by_hand)?;
    let mut returned = |schema: &str, sql: &str| -> Result<Rows> {
        let text = format!("SET search_path = {schema};\n{sql}");
        let mut rows = rows(client, &text).with_context(|| sql.to_owned())?;
        rows.sort();
        Ok(rows)
    };
    let found = returned("public", &query.scoped)?;
    let all = returned("public", &query.original)?;
    let equal = [
        returned("public", &query.by_hand)? == found,
        returned(VIEWS, &query.original)? == found,
        returned(CLEAN, &query.original)? == found,
    ];
    client.batch_execute("SET search_path = public")?;
    Ok(Comparison {
        same_plan: plans[0] == plans[1],
        same_run,
        partial: plans.each_ref().map(|plan| partial_scans(plan)),
        rows: found.len(),
        equal,
        sensitive: all != found,
        plans,
    })
}

fn plan(client: &mut Client, how: &str, sql: &str) -> Result<String> {
    let lines = rows(client, &format!("EXPLAIN ({how}) {sql}")).with_context(|| sql.to_owned())?;
    let lines: Vec<String> = lines.into_iter().flatten().flatten().collect();
    Ok(lines.join("\n"))
}

/// How many scans of a plan read an index over live rows only.
fn partial_scans(plan: &str) -> usize {
    plan.lines()
        .filter(|line| {
            let name = line
                .split_once(" using ")
                .or_else(|| line.split_once("Bitmap Index Scan on "))
                .and_then(|(_, name)| name.split_whitespace().next());
            name.is_some_and(|name| name.ends_with(ACTIVE))
        })
        .count()
}

/// The medians of the times of the scoped query and of the one by hand, run in turns.
pub(super) fn time(client: &mut Client, query: &Query, rounds: u32) -> Result<[Duration; 2]> {
    let forms = [&query.scoped, &query.by_hand];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        // Neither form is always the one that finds the caches warmed by the other.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for form in order {
            let begin = Instant::now();
            client.simple_query(forms[form])?;
            times[form].push(begin.elapsed());
        }
    }
    Ok(times.map(median))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{median, partial_scans};

    #[test]
    fn scans_of_partial_indexes_are_counted() {
        let plan = "Nested Loop\n  ->  Index Scan using orders_key_active on orders o\n  \
                    ->  Index Only Scan using orders_pkey on orders\n  \
                    ->  Bitmap Heap Scan on lineitem_active\n        \
                    ->  Bitmap Index Scan on lineitem_l_shipdate_active";
        assert_eq!(partial_scans(plan), 2);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(
            median([5, 1, 9].map(Duration::from_millis).to_vec()),
            Duration::from_millis(5)
        );
    }
}
