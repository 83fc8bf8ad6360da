//! What a statement returned and left, and whether two of them are the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What one statement returned.
#[allow(
    clippy::struct_field_names,
    reason = "rows have columns and are counted"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// How many were written.
    pub(super) affected: u64,
}

/// One row; `None` is NULL.
pub(super) type Row = Vec<Option<String>>;

/// What a statement did.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub(super) rows: Rows,
    /// Tables that were written, by their qualified names, as they are afterwards.
    pub(super) tables: BTreeMap<String, Part>,
}

/// The rows of a table, parted by what the statement may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) columns: Vec<String>,
    /// Inside the scope.
    pub(super) inside: Vec<Row>,
    /// Outside of it.
    pub(super) outside: Vec<Row>,
}

impl Part {
    /// Parts the rows of a table by their first column, which is `yes` inside the scope.
    pub(super) fn of(rows: Rows, yes: &str) -> Self {
        let mut part = Self {
            columns: rows.columns.into_iter().skip(1).collect(),
            ..Self::default()
        };
        for mut row in rows.rows {
            let is_inside = row.remove(0).as_deref() == Some(yes);
            let side = if is_inside {
                &mut part.inside
            } else {
                &mut part.outside
            };
            side.push(row);
        }
        part
    }
}

/// What a comparison needs to know beside the outcomes.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// The tables as they were, with the rows outside the scope.
    pub(super) before: BTreeMap<String, Part>,
    /// The target of a soft delete and the tables below it, by their names without schema, and the
    /// columns that it sets.
    pub(super) deleted: Option<(BTreeSet<String>, Vec<String>)>,
    /// Columns whose values are not determined, by table; `None` for the rows returned.
    pub(super) volatile: Volatile,
}

pub(super) type Volatile = BTreeSet<(Option<String>, String)>;

/// The first difference, as what was expected and what was found; `None` when all is the same.
pub(super) fn difference(
    expected: &Outcome,
    found: &Outcome,
    context: &Context,
) -> Option<(String, String)> {
    if expected.rows.affected != found.rows.affected {
        let say = |outcome: &Outcome| format!("{} rows", outcome.rows.affected);
        return Some((say(expected), say(found)));
    }
    let mask = |table: Option<&String>, columns: &[String], rows: &[Row]| {
        masked(table, columns, rows, &context.volatile)
    };
    let rows = &expected.rows;
    let own = mask(None, &rows.columns, &rows.rows);
    let other = mask(None, &found.rows.columns, &found.rows.rows);
    if let Some(unlike) = unlike("returned", &own, &other) {
        return Some(unlike);
    }
    for (name, part) in &found.tables {
        let Some(truth) = expected.tables.get(name) else {
            return Some((format!("{name} as it was"), format!("{name} is written")));
        };
        let own = mask(Some(name), &part.columns, &truth.inside);
        let other = mask(Some(name), &part.columns, &part.inside);
        if let Some(unlike) = unlike(name, &own, &other) {
            return Some(unlike);
        }
        let empty = Part::default();
        let before = context.before.get(name).unwrap_or(&empty);
        let gone = without(&before.outside, &part.outside);
        let new = without(&part.outside, &before.outside);
        if !gone.is_empty() {
            return unlike(&format!("outside the scope in {name}"), &gone, &[]);
        }
        // What the original removed, the operation marks; else nothing comes to be outside.
        let mut taken = Vec::new();
        let mut set = Volatile::new();
        if let Some((targets, columns)) = &context.deleted
            && targets.contains(bare(name))
        {
            taken = without(&before.inside, &truth.inside);
            set.extend(
                columns
                    .iter()
                    .map(|column| (Some(name.clone()), column.clone())),
            );
        }
        let taken = masked(Some(name), &part.columns, &taken, &set);
        let new = masked(Some(name), &part.columns, &new, &set);
        if let Some(unlike) = unlike(&format!("new outside the scope in {name}"), &taken, &new) {
            return Some(unlike);
        }
    }
    None
}

/// A qualified, quoted name without its schema.
fn bare(name: &str) -> &str {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.trim_matches('"')
}

/// Columns whose values differ between two runs of the same.
pub(super) fn volatile(one: &Outcome, two: &Outcome) -> Volatile {
    let mut found = columns_unlike(None, &one.rows.columns, &one.rows.rows, &two.rows.rows);
    for (name, part) in &one.tables {
        if let Some(other) = two.tables.get(name) {
            let unlike = columns_unlike(Some(name), &part.columns, &part.inside, &other.inside);
            found.extend(unlike);
        }
    }
    found
}

fn columns_unlike(
    table: Option<&String>,
    columns: &[String],
    one: &[Row],
    two: &[Row],
) -> Volatile {
    let values = |rows: &[Row], at: usize| {
        let mut values: Vec<Option<String>> =
            rows.iter().filter_map(|row| row.get(at).cloned()).collect();
        values.sort();
        values
    };
    let names = columns.iter().enumerate();
    names
        .filter(|(at, _)| values(one, *at) != values(two, *at))
        .map(|(_, name)| (table.cloned(), name.clone()))
        .collect()
}

/// True when both return the same rows in another order.
pub(super) fn only_order_differs(one: &Outcome, two: &Outcome) -> bool {
    let (one, two) = (&one.rows.rows, &two.rows.rows);
    one != two && without(one, two).is_empty() && one.len() == two.len()
}

fn masked(
    table: Option<&String>,
    columns: &[String],
    rows: &[Row],
    volatile: &Volatile,
) -> Vec<Row> {
    let hidden: Vec<bool> = columns
        .iter()
        .map(|column| volatile.contains(&(table.cloned(), column.clone())))
        .collect();
    let mask = |row: &Row| -> Row {
        let values = row.iter().enumerate();
        values
            .map(|(at, value)| match hidden.get(at) {
                Some(true) => Some("…".to_owned()),
                _ => value.clone(),
            })
            .collect()
    };
    rows.iter().map(mask).collect()
}

/// The rows of one that the other has not, as often.
fn without(one: &[Row], two: &[Row]) -> Vec<Row> {
    let mut counts: HashMap<&Row, usize> = HashMap::new();
    for row in two {
        *counts.entry(row).or_default() += 1;
    }
    let mut is_left = |row: &Row| match counts.get_mut(row) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    one.iter().filter(|row| is_left(row)).cloned().collect()
}

fn unlike(what: &str, one: &[Row], two: &[Row]) -> Option<(String, String)> {
    let (missing, surplus) = (without(one, two), without(two, one));
    if missing.is_empty() && surplus.is_empty() {
        return None;
    }
    let say = |rows: &[Row], all: usize| {
        let shown: Vec<String> = rows.iter().take(3).map(show).collect();
        format!("{what}, {} of {all} rows: {}", rows.len(), shown.join(" "))
    };
    Some((say(&missing, one.len()), say(&surplus, two.len())))
}

fn show(row: &Row) -> String {
    let values: Vec<&str> = row
        .iter()
        .map(|value| value.as_deref().unwrap_or("NULL"))
        .collect();
    let text: String = values.join(", ").chars().take(300).collect();
    format!("({text})")
}

#[cfg(test)]
mod tests {
    use super::{
        Context, Outcome, Part, Row, Rows, Volatile, difference, only_order_differs, volatile,
    };

    fn rows(rows: &[&[&str]]) -> Vec<Row> {
        let row = |row: &&[&str]| row.iter().map(|&value| Some(value.to_owned())).collect();
        rows.iter().map(row).collect()
    }

    fn returned(values: &[&[&str]]) -> Outcome {
        Outcome {
            rows: Rows {
                columns: vec!["id".into(), "at".into()],
                rows: rows(values),
                affected: 0,
            },
            ..Outcome::default()
        }
    }

    /// Table `t`: rows inside and outside the scope.
    fn part(inside: &[&[&str]], outside: &[&[&str]]) -> Part {
        Part {
            columns: vec!["id".into(), "deleted_at".into()],
            inside: rows(inside),
            outside: rows(outside),
        }
    }

    fn left(part: Part) -> Outcome {
        Outcome {
            tables: [("public.t".to_owned(), part)].into(),
            ..Outcome::default()
        }
    }

    #[test]
    fn rows_are_compared_as_often_as_they_come() {
        let none = Context::default();
        let once = returned(&[&["1", "x"], &["2", "x"]]);
        let other = returned(&[&["2", "x"], &["1", "x"]]);
        assert_eq!(difference(&once, &other, &none), None);
        assert!(only_order_differs(&once, &other));
        let twice = returned(&[&["1", "x"], &["1", "x"]]);
        assert!(difference(&once, &twice, &none).is_some());
        assert!(!only_order_differs(&once, &twice));
    }

    #[test]
    fn a_column_that_never_is_the_same_is_not_compared() {
        let one = returned(&[&["1", "now"]]);
        let two = returned(&[&["1", "later"]]);
        let volatile = volatile(&one, &two);
        assert_eq!(volatile, Volatile::from([(None, "at".to_owned())]));
        let context = Context {
            volatile,
            ..Context::default()
        };
        assert_eq!(
            difference(&one, &returned(&[&["1", "new"]]), &context),
            None
        );
        assert!(difference(&one, &returned(&[&["2", "new"]]), &context).is_some());
    }

    #[test]
    fn an_update_leaves_tombstones_alone() {
        let context = Context {
            before: [("public.t".to_owned(), part(&[&["1", "-"]], &[&["2", "x"]]))].into(),
            ..Context::default()
        };
        let truth = left(part(&[&["3", "-"]], &[]));
        let good = left(part(&[&["3", "-"]], &[&["2", "x"]]));
        assert_eq!(difference(&truth, &good, &context), None);
        let leak = left(part(&[&["3", "-"]], &[&["4", "x"]]));
        assert!(difference(&truth, &leak, &context).is_some());
        let lost = left(part(&[&["3", "-"]], &[]));
        assert!(difference(&truth, &lost, &context).is_some());
    }

    #[test]
    fn a_soft_delete_marks_what_the_original_removes_and_no_more() {
        let before = part(&[&["1", "-"], &["2", "-"]], &[&["3", "x"]]);
        let context = Context {
            before: [("public.t".to_owned(), before)].into(),
            deleted: Some((["t".to_owned()].into(), vec!["deleted_at".into()])),
            ..Context::default()
        };
        let truth = left(part(&[&["2", "-"]], &[]));
        let good = left(part(&[&["2", "-"]], &[&["3", "x"], &["1", "now"]]));
        assert_eq!(difference(&truth, &good, &context), None);
        let stamped = left(part(&[&["2", "-"]], &[&["3", "now"], &["1", "now"]]));
        assert!(difference(&truth, &stamped, &context).is_some());
        let vanished = left(part(&[&["2", "-"]], &[&["3", "x"]]));
        assert!(difference(&truth, &vanished, &context).is_some());
    }
}
