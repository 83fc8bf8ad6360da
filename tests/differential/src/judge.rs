//! The oracle: the scoped statement on every row must do what the original does where the rows
//! outside of the scope are not.

use std::collections::HashMap;

use soft_delete_sql::Scope;

use crate::{
    ast::{Action, Merge, Ref, Statement},
    database::{Database, Fault, Rows, Side},
    generate::{Case, Mode, Operation},
    print::{self, Printed},
    walk,
    world::{World, condition, copy_name},
};

/// What a rewriter says about a case.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// It may run as this, and then each reference sees the rows of this scope, by
    /// [`crate::ast::Ref::id`].
    Scoped {
        sql: String,
        scopes: HashMap<usize, Scope>,
    },
    /// Codes and titles.
    Refused(Vec<(String, String)>),
    /// The verdict is wrong whatever the databases say.
    Broken(String),
}

/// Something that scopes statements.
pub(crate) trait Rewriter {
    /// Learns the schema.
    fn learn(&mut self, world: &World);

    fn verdict(&self, world: &World, case: &Case, printed: &Printed) -> Verdict;
}

#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Agrees,
    /// The database rejects the original.
    Invalid(String),
    /// It takes too long, or has no oracle.
    Unjudged,
    Refused(Vec<(String, String)>),
    Failed(Failure),
}

#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) original: String,
    pub(crate) oracle: String,
    pub(crate) scoped: String,
    pub(crate) expected: String,
    pub(crate) found: String,
    /// What both return or leave by another plan.
    pub(crate) otherwise: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The verdict contradicts itself, or a reference was not seen.
    Broken,
    /// The database rejects the scoped statement.
    Rejected,
    /// It returns other rows.
    Rows,
    /// It leaves other rows.
    State,
    /// By another plan, the two agree: the database gives two answers to one of them.
    Contradiction,
    /// By another plan or setting, the database accepts it, and the two agree.
    SometimesRejected,
}

/// Judges one case.
pub(crate) fn judge(
    world: &World,
    database: &mut dyn Database,
    rewriter: &dyn Rewriter,
    case: &Case,
) -> Outcome {
    let printed = print::spelled(world, case);
    let verdict = rewriter.verdict(world, case, &printed);
    let scopes = match &verdict {
        Verdict::Scoped { scopes, .. } => scopes.clone(),
        Verdict::Refused(_) | Verdict::Broken(_) => walk::references(&case.statement)
            .iter()
            .map(|reference| (reference.id, reference.scope))
            .collect(),
    };
    if has_no_oracle(case, &scopes) {
        return Outcome::Unjudged;
    }
    let oracle = print::renamed(world, &case.statement, &|reference| {
        let scope = *scopes.get(&reference.id)?;
        let table = &world.tables[reference.table];
        let _ = table.marker?;
        (scope != Scope::Active).then(|| copy_name(table.name, scope))
    })
    .sql;
    let mut checks = state_checks(world, case, &scopes);
    for check in &mut checks {
        for sql in [&mut check.dirty, &mut check.clean] {
            *sql = print::script(world, std::mem::take(sql));
        }
    }
    let then = |at: fn(&Check) -> &String| -> Vec<String> {
        checks.iter().map(|check| at(check).clone()).collect()
    };
    let mut failure = Failure {
        kind: FailureKind::Broken,
        original: printed.sql,
        oracle,
        scoped: String::new(),
        expected: String::new(),
        found: String::new(),
        otherwise: None,
    };
    let expected = match database.run(Side::Clean, &failure.oracle, &then(|check| &check.clean)) {
        Ok(expected) => expected,
        Err(Fault::TooExpensive) => return Outcome::Unjudged,
        Err(Fault::Rejected(message)) => return Outcome::Invalid(message),
    };
    failure.scoped = match verdict {
        Verdict::Refused(faults) => return Outcome::Refused(faults),
        Verdict::Broken(message) => {
            failure.found = message;
            return Outcome::Failed(failure);
        }
        Verdict::Scoped { sql, .. } => sql,
    };
    let ordered = matches!(&case.statement, Statement::Query(query) if !query.order.is_empty());
    let both = [then(|check| &check.clean), then(|check| &check.dirty)];
    let found = match database.run(Side::Dirty, &failure.scoped, &both[1]) {
        Ok(found) => found,
        Err(Fault::TooExpensive) => return Outcome::Unjudged,
        Err(Fault::Rejected(message)) => {
            // The other name of a copy can make valid what was not. A query behind it makes the
            // database forget what was written.
            let undone = ["SELECT 1".to_owned()];
            if failure.oracle != failure.original
                && let Err(Fault::Rejected(message)) =
                    database.run(Side::Dirty, &failure.original, &undone)
            {
                return Outcome::Invalid(message);
            }
            failure.kind = FailureKind::Rejected;
            failure.found = message;
            failure.expected = show(&expected[0]);
            if let Some(agreed) = second_opinion(database, &failure, &both, ordered) {
                failure.kind = FailureKind::SometimesRejected;
                failure.otherwise = Some(show(&agreed[0]));
            }
            return Outcome::Failed(failure);
        }
    };
    let Some(at) = difference(ordered, &expected, &found) else {
        return Outcome::Agrees;
    };
    let what = match at {
        0 => String::new(),
        _ => format!("{}: ", checks[at - 1].dirty),
    };
    failure.expected = format!("{what}{}", show(&expected[at]));
    failure.found = format!("{what}{}", show(&found[at]));
    failure.kind = match at {
        0 => FailureKind::Rows,
        _ => FailureKind::State,
    };
    if let Some(agreed) = second_opinion(database, &failure, &both, ordered) {
        failure.kind = FailureKind::Contradiction;
        failure.otherwise = Some(format!("{what}{}", show(&agreed[at])));
    }
    Outcome::Failed(failure)
}

/// What both sides do by another plan, where they agree.
fn second_opinion(
    database: &mut dyn Database,
    failure: &Failure,
    [clean, dirty]: &[Vec<String>; 2],
    ordered: bool,
) -> Option<Vec<Rows>> {
    for way in 0.. {
        let expected = database.run_otherwise(way, Side::Clean, &failure.oracle, clean)?;
        let found = database.run_otherwise(way, Side::Dirty, &failure.scoped, dirty)?;
        if let (Ok(expected), Ok(found)) = (expected, found)
            && difference(ordered, &expected, &found).is_none()
        {
            return Some(found);
        }
    }
    None
}

/// Which of the results is the first that differs.
fn difference(ordered: bool, expected: &[Rows], found: &[Rows]) -> Option<usize> {
    let mut both = expected.iter().zip(found).enumerate();
    both.find_map(|(at, (expected, found))| {
        let any_order = !ordered || at > 0;
        let same =
            expected == found || (any_order && sorted(expected.clone()) == sorted(found.clone()));
        (!same).then_some(at)
    })
}

/// True where no copy can stand for a table.
fn has_no_oracle(case: &Case, scopes: &HashMap<usize, Scope>) -> bool {
    // `public.t.column` could not say which copy it means.
    let is_qualified = |reference: &Ref| {
        reference.alias.is_none()
            && reference.spelled.contains('.')
            && scopes
                .get(&reference.id)
                .is_some_and(|scope| *scope != Scope::Active)
    };
    // A row that MERGE inserts is live: it would stand in the copy of the deleted rows.
    let inserts = |merge: &Merge| {
        let mut clauses = merge.clauses.iter();
        scopes.get(&merge.target.id) == Some(&Scope::Deleted)
            && clauses.any(|when| matches!(when.action, Action::Insert(_)))
    };
    walk::references(&case.statement).iter().any(is_qualified)
        || matches!(&case.statement, Statement::Merge(merge) if inserts(merge))
}

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}

fn show(rows: &Rows) -> String {
    let shown: Vec<String> = rows
        .iter()
        .take(20)
        .map(|row| format!("({})", row.join(", ")))
        .collect();
    let more = if rows.len() > 20 { " …" } else { "" };
    format!("{} rows: {}{more}", rows.len(), shown.join(" "))
}

/// Two queries that must return the same after the statement.
struct Check {
    dirty: String,
    clean: String,
}

/// What the statement leaves: in every table, the rows of the scope it wrote must be those of the
/// other database, and the rest must be untouched.
fn state_checks(world: &World, case: &Case, scopes: &HashMap<usize, Scope>) -> Vec<Check> {
    let mut written = Vec::new();
    let mut omits_id = Vec::new();
    walk::walk(&mut case.statement.clone(), &mut |node| {
        let walk::Node::Statement(statement) = node else {
            return;
        };
        if let Statement::Insert(insert) = &*statement
            && !insert.columns.iter().any(|column| column == "id")
        {
            omits_id.push(insert.target.table);
        }
        walk::target_mut(statement, &mut |target| {
            let scope = scopes.get(&target.id).copied().unwrap_or(Scope::Active);
            let table = &world.tables[target.table];
            written.push((table.view_of.map_or(target.table, |(of, _)| of), scope));
        });
    });
    if written.is_empty() {
        return Vec::new();
    }
    let mut checks = Vec::new();
    for (at, table) in world.tables.iter().enumerate() {
        if table.view_of.is_some() {
            continue;
        }
        // Numbers that the database gives depend on how many it gave before.
        let shown = |keep: &dyn Fn(&str) -> bool| -> String {
            let names = table.columns.iter().map(|column| column.name);
            let names = names.filter(|name| !(*name == "id" && omits_id.contains(&at)));
            names
                .filter(|name| keep(name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let all = shown(&|_| true);
        let select = |columns: &str, name: &str, filter: Option<String>| match filter {
            Some(filter) => format!("SELECT {columns} FROM {name} WHERE {filter}"),
            None => format!("SELECT {columns} FROM {name}"),
        };
        let Some(marker) = table.marker else {
            let query = select(&all, table.name, None);
            checks.push(Check {
                dirty: query.clone(),
                clean: query,
            });
            continue;
        };
        let everything = copy_name(table.name, Scope::WithDeleted);
        if written.contains(&(at, Scope::WithDeleted)) {
            checks.push(Check {
                dirty: select(&all, table.name, None),
                clean: select(&all, &everything, None),
            });
            continue;
        }
        checks.push(Check {
            dirty: select(&all, table.name, condition(marker, "", Scope::Active)),
            clean: select(&all, table.name, None),
        });
        let tombstones = copy_name(table.name, Scope::Deleted);
        let marks = case.mode == Mode::Verb(Operation::SoftDelete) && written[0].0 == at;
        if !marks {
            checks.push(Check {
                dirty: select(&all, table.name, condition(marker, "", Scope::Deleted)),
                clean: select(&all, &tombstones, None),
            });
            continue;
        }
        // No row is gone, and what was deleted before is as it was.
        let kept = shown(&|name| !table.is_protected(name));
        checks.push(Check {
            dirty: select(&kept, table.name, None),
            clean: select(&kept, &everything, None),
        });
        let before = match table.deleted_ids.as_slice() {
            [] => "1 = 0".to_owned(),
            ids => format!("id IN ({})", ids.join(", ")),
        };
        checks.push(Check {
            dirty: select(&all, table.name, Some(before)),
            clean: select(&all, &tombstones, None),
        });
    }
    checks
}
