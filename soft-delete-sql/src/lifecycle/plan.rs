//! The statements of every operation on a table.

use super::{
    graph::{Edge, edges},
    order::{is_circle, order},
    record, remove, restore,
    rows::{Joined, Rows, update},
    soft_delete,
    text::{KEYS, Param, Text},
};
use crate::{Dialect, Schema, schema::Policy};

/// The statements of every operation on a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The table.
    pub table: String,
    /// The row of a key, whatever its state.
    pub row: Text,
    /// The state of the row of a key: `active`, `deleted`, `held` for a deleted one on hold, `erased`, or
    /// `erased held`.
    pub state: Text,
    /// The row of a key if it is live, locked until the transaction ends.
    pub lock_active: Text,
    /// Rows become deleted.
    pub soft_delete: Change,
    /// Rows become live.
    pub restore: Restore,
    /// Deleted rows are removed.
    pub purge: Change,
    /// Rows are removed, whatever their state.
    pub erase: Change,
}

/// An operation: how its own rows are found and changed, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is locked before, by a statement of its own: the next one sees what it waited for.
    pub locks: Vec<(Which, Step)>,
    /// The statement for each way to name the rows.
    pub roots: Vec<(Which, Text)>,
    /// What records these rows before they are removed, where one statement cannot do both.
    pub audits: Vec<(Which, Text)>,
    /// The keys of these rows as text, for each way to name them; they are locked.
    pub keys: Vec<(Which, Text)>,
    /// How many of these rows are still deleted afterwards, for each way to name many.
    pub left: Vec<(Which, Text)>,
    /// True when the statement for one key returns the row as it is then.
    pub returns: bool,
    /// What can stand in the way of one key.
    pub checks: Vec<Step>,
    /// What stands in the way of many rows, for each way to name them: it is asked about those that the
    /// statement has left as they were.
    pub blocks: Vec<(Which, Step)>,
    /// What follows, for the rows of the operation.
    pub stages: Vec<Stage>,
}

/// A restore, whose stages follow either one operation or the operations of all rows restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// The restore, with the stages that follow one operation.
    pub change: Change,
    /// What comes before a restore of rows of many operations.
    pub before: Vec<Step>,
    /// What follows it.
    pub stages: Vec<Stage>,
    /// The operation of the row of a key, as text, the row locked.
    pub operation: Option<Text>,
    /// For each unique key of live rows: its name, and the key of the live row that holds what the row
    /// of a key would hold.
    pub twins: Vec<(String, Text)>,
}

/// How an operation names its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// One key.
    Key,
    /// [`KEYS`] keys.
    Keys,
    /// What an actor deleted.
    DeletedBy,
    /// What an operation deleted.
    Operation,
    /// What was deleted between two moments.
    Between,
}

/// A statement and what its result means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What its result means.
    pub effect: Effect,
    /// The table it is about.
    pub table: String,
    /// The statement.
    pub text: Text,
}

/// What the result of a [`Step`] means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It changes the state of rows of the table, or removes them: their number counts.
    Change,
    /// It overwrites rows of the operation, and leaves them deleted: their number counts.
    OverwriteErased,
    /// It overwrites rows that stay as they are otherwise.
    OverwriteKept,
    /// It takes rows away from their parent.
    Detach,
    /// It gives them back.
    Reattach,
    /// It takes back what [`Change`](Self::Change) did to rows.
    Retract,
    /// It changes rows that nobody counts.
    Mark,
    /// It locks rows.
    Lock,
    /// It locks rows of the table against new references, and counts them where the transaction would not
    /// see those that came meanwhile.
    Guard,
    /// A number of rows that forbid the operation.
    Restricted,
    /// A number of rows whose parent in the table is still deleted.
    ParentDeleted,
    /// A number of rows that were restored before their parent in the table, which then was not.
    Orphaned,
    /// A number of rows that stay deleted, as a live row has their unique key.
    Conflict,
    /// A number of rows that stay deleted though their parent was restored, whatever the reason.
    Remaining,
}

/// Steps that run once, or until none of them changes a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Once.
    Once(Step),
    /// Until a whole round changes nothing.
    Repeat(Vec<Step>),
    /// The keys of the rows of the operation, as text, in each table that a cascade reaches.
    Collect(Vec<(String, Text)>),
}

/// The statements of every operation on a table; `None` where rows cannot be told apart, as there is no
/// key, or where the marker's value is not known.
#[must_use]
pub fn plan(schema: &Schema, table: usize) -> Option<Plan> {
    let rows = Rows::new(schema, table);
    if rows.table.primary_key.is_empty() || rows.table.marker.is_none() {
        return None;
    }
    let draft = Draft::new(schema, table);
    let name = rows.name();
    let (key, active) = (rows.of_key("c"), rows.active("c"));
    let (held, erased) = (rows.held("c"), rows.erased("c"));
    let both = held.iter().zip(&erased);
    let mut states: Vec<String> = both
        .map(|(held, erased)| format!(" WHEN {erased} AND ({held}) THEN 'erased held'"))
        .collect();
    states.extend(erased.map(|erased| format!(" WHEN {erased} THEN 'erased'")));
    states.extend(held.map(|held| format!(" WHEN {held} THEN 'held'")));
    let states = states.concat();
    let share = match schema.dialect {
        Dialect::Postgres => " FOR SHARE",
        Dialect::Mysql => " LOCK IN SHARE MODE",
        Dialect::Sqlite => "",
    };
    Some(Plan {
        table: rows.table.name.to_string(),
        row: draft.text(&format!("SELECT * FROM {name} AS c WHERE {key}")),
        state: draft.text(&format!(
            "SELECT CASE WHEN {active} THEN 'active'{states} ELSE 'deleted' END FROM {name} AS c WHERE {key}"
        )),
        lock_active: draft.text(&format!(
            "SELECT * FROM {name} AS c WHERE {key} AND {active}{share}"
        )),
        soft_delete: soft_delete::change(&draft)?,
        restore: restore::restore(&draft),
        purge: remove::change(&draft, remove::Kind::Purge),
        erase: remove::change(&draft, remove::Kind::Erase),
    })
}

/// What the statements of a table are written from.
pub(super) struct Draft<'s> {
    pub(super) schema: &'s Schema,
    pub(super) edges: Vec<Edge>,
    /// The table of the operation.
    pub(super) root: usize,
    /// The tables that a cascade reaches.
    pub(super) groups: Vec<Vec<usize>>,
}

impl<'s> Draft<'s> {
    pub(super) fn new(schema: &'s Schema, root: usize) -> Self {
        let mut edges = edges(schema);
        // A cascade or a detachment without the columns that remember it is refused elsewhere.
        edges.retain(|edge| {
            let needs = matches!(edge.policy, Some(Policy::Cascade | Policy::Detach));
            let has = |table: usize| Rows::new(schema, table).operation().is_some();
            !needs || (has(edge.parent) && (edge.policy == Some(Policy::Detach) || has(edge.child)))
        });
        let groups = order(&edges, root);
        Self {
            schema,
            edges,
            root,
            groups,
        }
    }

    pub(super) fn rows(&self, table: usize) -> Rows<'s> {
        Rows::new(self.schema, table)
    }

    pub(super) fn root(&self) -> Rows<'s> {
        self.rows(self.root)
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.schema.dialect
    }

    pub(super) fn text(&self, draft: &str) -> Text {
        Text::new(self.dialect(), draft)
    }

    pub(super) fn step(&self, effect: Effect, table: usize, draft: &str) -> Step {
        let table = self.schema.tables[table].name.to_string();
        let text = self.text(draft);
        Step {
            effect,
            table,
            text,
        }
    }

    pub(super) fn is_reached(&self, table: usize) -> bool {
        self.groups.iter().any(|group| group.contains(&table))
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = usize> + '_ {
        self.groups.iter().flatten().copied()
    }

    pub(super) fn is_circle(&self, group: &[usize]) -> bool {
        is_circle(&self.edges, group)
    }

    /// True when the tables stand in one circle.
    pub(super) fn in_one_circle(&self, one: usize, other: usize) -> bool {
        self.groups
            .iter()
            .any(|group| group.contains(&one) && group.contains(&other) && self.is_circle(group))
    }

    /// The foreign keys to the tables reached, of a policy.
    pub(super) fn to_reached(&self, policy: Policy) -> impl Iterator<Item = &Edge> + '_ {
        self.edges
            .iter()
            .filter(move |edge| edge.policy == Some(policy) && self.is_reached(edge.parent))
    }

    /// True when rows that reference the table hang on its operations.
    pub(super) fn has_dependents(&self, table: usize) -> bool {
        self.edges
            .iter()
            .any(|edge| edge.parent == table && !matches!(edge.policy, None | Some(Policy::Keep)))
    }

    /// A row of the child references one of the parent.
    pub(super) fn on(&self, edge: &Edge, child: &str, parent: &str) -> String {
        let pairs = edge.columns.iter().zip(&edge.parent_columns);
        let tests: Vec<String> = pairs
            .map(|(column, referenced)| {
                format!(
                    "{} = {}",
                    self.rows(edge.child).column(child, column),
                    self.rows(edge.parent).column(parent, referenced)
                )
            })
            .collect();
        tests.join(" AND ")
    }

    pub(super) fn joined(&self, edge: &Edge) -> Joined<'s> {
        Joined {
            child: self.rows(edge.child),
            parent: self.rows(edge.parent),
            on: self.on(edge, "c", "p"),
        }
    }

    /// Runs the steps of each table reached, in order: `make` gives those of a foreign key.
    /// What comes into a circle from outside is asked again where it may have to wait for a row of it.
    pub(super) fn stages(&self, asks_again: bool, make: impl Fn(&Edge) -> Vec<Step>) -> Vec<Stage> {
        let mut stages = Vec::new();
        for group in &self.groups {
            let into = self.edges.iter().filter(|edge| {
                edge.policy == Some(Policy::Cascade)
                    && group.contains(&edge.child)
                    && self.is_reached(edge.parent)
            });
            let (inside, outside): (Vec<&Edge>, Vec<&Edge>) =
                into.partition(|edge| group.contains(&edge.parent));
            let mut steps: Vec<Step> = outside.into_iter().flat_map(&make).collect();
            let inside: Vec<Step> = inside.into_iter().flat_map(&make).collect();
            if !asks_again || inside.is_empty() {
                stages.extend(steps.drain(..).map(Stage::Once));
            }
            if !inside.is_empty() {
                steps.extend(inside);
                stages.push(Stage::Repeat(steps));
            }
        }
        stages
    }

    /// The condition of each way to name rows of the root (`c`).
    pub(super) fn ways(&self, deleted: bool) -> Vec<(Which, String)> {
        self.ways_of("c", deleted)
    }

    /// The condition of each way to name many rows of the root (`p`).
    pub(super) fn ways_of_many(&self, deleted: bool) -> Vec<(Which, String)> {
        let mut ways = self.ways_of("p", deleted);
        ways.retain(|(which, _)| *which != Which::Key);
        ways
    }

    fn ways_of(&self, alias: &str, deleted: bool) -> Vec<(Which, String)> {
        let rows = self.root();
        let mut ways = vec![
            (Which::Key, rows.of_key(alias)),
            (Which::Keys, self.keys(alias)),
        ];
        if !deleted {
            return ways;
        }
        let column = |name: &str| rows.column(alias, name);
        if record::column(rows.table, record::ACTOR).is_some() {
            let actor = format!("{} = {}", column(record::ACTOR), Param::DeletedBy.hole());
            ways.push((Which::DeletedBy, actor));
        }
        if rows.operation().is_some() {
            let column = column(record::OPERATION);
            let id = rows.operation_id_of(Param::Selected);
            ways.push((Which::Operation, format!("{column} = {id}")));
        }
        let marker = rows.table.marker.as_ref();
        if let Some(marker) = marker.filter(|marker| record::is_moment(rows.table, marker)) {
            let marker = column(&marker.column);
            let (from, until) = (Param::From.hole(), Param::Until.hole());
            ways.push((
                Which::Between,
                format!("{marker} >= {from} AND {marker} < {until}"),
            ));
        }
        ways
    }

    /// One of many keys; the last are repeated where there are fewer.
    fn keys(&self, alias: &str) -> String {
        let rows = self.root();
        let key = &rows.table.primary_key;
        let hole = |at: usize| Param::Keys(at).hole();
        let holes = |from: usize, count: usize| {
            let holes: Vec<String> = (from..from + count).map(hole).collect();
            holes.join(", ")
        };
        if let [column] = key.as_slice() {
            return format!("{} IN ({})", rows.column(alias, column), holes(0, KEYS));
        }
        let columns: Vec<String> = key
            .iter()
            .map(|column| rows.column(alias, column))
            .collect();
        let tuples: Vec<String> = (0..KEYS)
            .map(|at| format!("({})", holes(at * key.len(), key.len())))
            .collect();
        let values = if self.dialect() == Dialect::Sqlite {
            "VALUES "
        } else {
            ""
        };
        format!(
            "({}) IN ({values}{})",
            columns.join(", "),
            tuples.join(", ")
        )
    }

    /// `UPDATE root … RETURNING *` where the database has it.
    pub(super) fn returning(&self) -> &'static str {
        match self.dialect() {
            Dialect::Postgres | Dialect::Sqlite => " RETURNING *",
            Dialect::Mysql => "",
        }
    }

    /// Locks rows of the operation against new references: a foreign key's own lock does not
    /// conflict with an UPDATE in PostgreSQL.
    pub(super) fn lock(&self, table: usize) -> Option<Step> {
        let rows = self.rows(table);
        let wanted = self.dialect() == Dialect::Postgres
            && self.has_dependents(table)
            && rows.operation().is_some();
        wanted.then(|| self.guard(table, &rows.of_operation("c")))
    }

    /// Locks the rows (`c`) of a condition against new references, in PostgreSQL. Under REPEATABLE READ the
    /// next statement would not see those that it waited for; under SERIALIZABLE the database finds out.
    pub(super) fn guard(&self, table: usize, condition: &str) -> Step {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE current_setting('transaction_isolation') = 'repeatable read') \
             FROM (SELECT 1 FROM {} WHERE {condition} FOR UPDATE) AS locked",
            self.rows(table).named("c")
        );
        self.step(Effect::Guard, table, &sql)
    }

    /// The keys of the rows that a cascade has reached; `of` is their condition.
    pub(super) fn collect(&self, of: impl Fn(Rows<'s>) -> String) -> Option<Stage> {
        let select = |table: usize| {
            let rows = self.rows(table);
            let key = rows.key_text("c");
            let text = format!("SELECT {key} FROM {} WHERE {}", rows.named("c"), of(rows));
            (rows.table.name.to_string(), self.text(&text))
        };
        let reached = self.tables().filter(|table| {
            (*table != self.root || self.in_one_circle(*table, self.root))
                && !self.rows(*table).table.primary_key.is_empty()
        });
        let tables: Vec<(String, Text)> = reached.map(select).collect();
        (!tables.is_empty()).then_some(Stage::Collect(tables))
    }

    /// Counts joined rows; a lock keeps the count true where reads are of the past.
    pub(super) fn count(&self, from: &str, conditions: &[String]) -> String {
        let lock = match self.dialect() {
            Dialect::Mysql => " LOCK IN SHARE MODE",
            Dialect::Postgres | Dialect::Sqlite => "",
        };
        format!(
            "SELECT count(*) FROM {from} WHERE {}{lock}",
            conditions.join(" AND ")
        )
    }
}

/// `UPDATE root … WHERE` for every way to name its rows; that of one key returns the row if wanted.
pub(super) fn roots(
    draft: &Draft<'_>,
    deleted: bool,
    returns: bool,
    write: impl Fn(String) -> String,
) -> Vec<(Which, Text)> {
    draft
        .ways(deleted)
        .into_iter()
        .map(|(which, condition)| {
            let mut sql = write(condition);
            if which == Which::Key && returns {
                sql.push_str(draft.returning());
            }
            (which, draft.text(&sql))
        })
        .collect()
}

/// How many of the root's rows are deleted and meet the conditions, for every way to name many.
pub(super) fn left(draft: &Draft<'_>, conditions: &[String]) -> Vec<(Which, Text)> {
    let rows = draft.root();
    let count = |condition: String| {
        let tests = [&[condition, rows.deleted("c")], conditions].concat();
        let (named, tests) = (rows.named("c"), tests.join(" AND "));
        draft.text(&format!("SELECT count(*) FROM {named} WHERE {tests}"))
    };
    let ways = draft.ways(true).into_iter();
    ways.filter(|(which, _)| *which != Which::Key)
        .map(|(which, condition)| (which, count(condition)))
        .collect()
}

/// The keys of the root's rows that meet the conditions, for every way to name them.
pub(super) fn keys(draft: &Draft<'_>, deleted: bool, conditions: &[String]) -> Vec<(Which, Text)> {
    let rows = draft.root();
    let select = |condition: String| {
        let tests = [&[condition], conditions].concat().join(" AND ");
        draft.text(&locked(rows, &rows.key_text(returned(rows)), &tests))
    };
    let ways = draft.ways(deleted).into_iter();
    ways.map(|(which, condition)| (which, select(condition)))
        .collect()
}

/// The alias behind which [`locked`] finds columns.
pub(super) fn returned(rows: Rows<'_>) -> &'static str {
    match rows.dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres | Dialect::Mysql => "c",
    }
}

/// Reads rows (`c`) and locks them. In SQLite a write takes the lock of the database, which a read that
/// writes later may not get.
pub(super) fn locked(rows: Rows<'_>, what: &str, tests: &str) -> String {
    let named = rows.named("c");
    let own = rows.operation().map(|column| &column.name);
    let marker = rows.table.marker.as_ref().map(|marker| &marker.column);
    match (rows.dialect, own.or(marker)) {
        (Dialect::Sqlite, Some(written)) => {
            let written = rows.column("", written);
            format!("UPDATE {named} SET {written} = {written} WHERE {tests} RETURNING {what}")
        }
        _ => format!("SELECT {what} FROM {named} WHERE {tests} FOR UPDATE"),
    }
}

/// `UPDATE root SET … WHERE …`
pub(super) fn update_root(
    draft: &Draft<'_>,
    set: &[(String, String)],
    conditions: &[String],
    absent: &[super::rows::Absent],
) -> String {
    update(draft.root(), set, conditions, absent)
}

/// The columns that a foreign key's detachment is remembered in, and that of its operation.
#[must_use]
pub fn detached(columns: &[String]) -> (Vec<String>, String) {
    let remembered: Vec<String> = columns
        .iter()
        .map(|column| format!("detached_{column}"))
        .collect();
    let first = columns.first().map_or("", String::as_str);
    (remembered, format!("detached_{first}_operation"))
}

#[cfg(test)]
mod tests;
