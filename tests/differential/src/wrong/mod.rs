//! Rewriters that are wrong on purpose: the test must catch each of them.

mod rewrite;

use std::collections::HashMap;

use soft_delete_sql::Scope;

use crate::{
    ast::{Expr, Ref, Statement},
    generate::{Case, Mode, Operation},
    judge::{Rewriter, Verdict},
    print::{self, Printed},
    walk::{self, Node, walk},
    world::{Marker, View, World},
};
use rewrite::Rewrite;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: each table is replaced by a derived table with its live rows.
    None,
    /// The condition of a nullable side stands in WHERE.
    NullableSideInWhere,
    /// The condition of the preserved side of an outer join stands in its ON.
    PreservedSideInOn,
    /// One reference is forgotten.
    DropsOne,
    /// What stands in subqueries is forgotten.
    IgnoresSubqueries,
    /// What stands in WITH is forgotten.
    IgnoresCtes,
    /// All arms of a set operation but the first are forgotten.
    IgnoresArms,
    /// The condition is put before the old one without parentheses.
    NoParentheses,
    /// `deleted` is NOT active: rows for which the condition is NULL are lost.
    NotActive,
    /// The target of an UPDATE is not filtered.
    WritesTombstones,
    /// Any mention of the marker counts as a proof.
    BelievesMentions,
    /// A name without qualifier counts as the marker, whatever it is bound to.
    BelievesBareNames,
    /// A view of all rows that hides their marker is read as it stands.
    BelievesViews,
    /// The soft delete stays a DELETE.
    DeletesForGood,
    /// The soft delete marks tombstones again.
    MarksAgain,
    /// The purge removes live rows too.
    PurgesLiveRows,
    /// An upsert is accepted though tombstones take part in its conflict.
    ConflictsWithTombstones,
}

impl Fault {
    pub(crate) const ALL: [Self; 16] = [
        Self::NullableSideInWhere,
        Self::PreservedSideInOn,
        Self::DropsOne,
        Self::IgnoresSubqueries,
        Self::IgnoresCtes,
        Self::IgnoresArms,
        Self::NoParentheses,
        Self::NotActive,
        Self::WritesTombstones,
        Self::BelievesMentions,
        Self::BelievesBareNames,
        Self::BelievesViews,
        Self::DeletesForGood,
        Self::MarksAgain,
        Self::PurgesLiveRows,
        Self::ConflictsWithTombstones,
    ];
}

pub(crate) struct Faulty(pub(crate) Fault);

impl Rewriter for Faulty {
    fn learn(&mut self, _: &World) {}

    fn verdict(&self, world: &World, case: &Case, printed: &Printed) -> Verdict {
        let scopes = |scope: fn(&Ref) -> Scope| -> HashMap<usize, Scope> {
            let references = walk::references(&case.statement);
            references
                .iter()
                .map(|reference| (reference.id, scope(reference)))
                .collect()
        };
        match (case.mode, self.0) {
            (_, fault) if fault != Fault::BelievesViews && reads_what_leaks(world, case) => {
                Verdict::Refused(Vec::new())
            }
            (Mode::Proven, Fault::BelievesMentions | Fault::BelievesBareNames)
                if mentions_all(world, case, printed, self.0) =>
            {
                Verdict::Scoped {
                    sql: printed.sql.clone(),
                    scopes: scopes(|_| Scope::Active),
                }
            }
            (Mode::Proven, _) | (_, Fault::BelievesMentions | Fault::BelievesBareNames) => {
                Verdict::Refused(Vec::new())
            }
            (_, fault)
                if fault != Fault::ConflictsWithTombstones && meets_tombstones(world, case) =>
            {
                Verdict::Refused(Vec::new())
            }
            (Mode::Active | Mode::PerReference | Mode::Verb(_), fault) => {
                let mut statement = case.statement.clone();
                let rewrite = Rewrite { world, fault };
                rewrite.statement(&mut statement);
                if case.mode == Mode::Verb(Operation::SoftDelete) {
                    rewrite.mark(&mut statement);
                }
                Verdict::Scoped {
                    sql: print::plain(world, &statement).sql,
                    scopes: scopes(|reference| reference.scope),
                }
            }
        }
    }
}

/// A view whose rows no condition can part again.
fn reads_what_leaks(world: &World, case: &Case) -> bool {
    let references = walk::references(&case.statement);
    let mut views = references.iter().map(|it| world.tables[it.table].view_of);
    views.any(|view| matches!(view, Some((_, View::Leaky))))
}

/// An INSERT whose conflict is with a key that tombstones count in.
fn meets_tombstones(world: &World, case: &Case) -> bool {
    let mut meets = false;
    walk(&mut case.statement.clone(), &mut |node| {
        if let Node::Statement(Statement::Insert(insert)) = node {
            let soft = world.tables[insert.target.table].marker.is_some();
            let conflict = insert.conflict.as_ref();
            meets |= soft && conflict.is_some_and(|c| c.column.as_deref() != Some("code"));
        }
    });
    meets
}

/// Whether something mentions the marker of every reference: by its qualifier, or for the fault
/// that believes them, of some reference by a bare name alone.
fn mentions_all(world: &World, case: &Case, printed: &Printed, fault: Fault) -> bool {
    let mut bare = Vec::new();
    walk(&mut case.statement.clone(), &mut |node| {
        if let Node::Expr(Expr::Column {
            qualifier: None,
            name,
        }) = node
        {
            bare.push(name.clone());
        }
    });
    let references = walk::references(&case.statement);
    let mut soft = references
        .iter()
        .filter_map(|reference| Some((reference, world.tables[reference.table].marker?)))
        .peekable();
    let mut needs_bare = fault == Fault::BelievesBareNames;
    let believes = |needs: &mut bool, reference: &Ref, marker: Marker| {
        let mention = format!("{}.{}", reference.qualifier(), marker.column());
        if printed.sql.contains(&mention) {
            return true;
        }
        let is_bare = bare.iter().any(|name| name == marker.column());
        *needs &= !is_bare;
        is_bare && fault == Fault::BelievesBareNames
    };
    soft.peek().is_some()
        && soft.all(|(reference, marker)| believes(&mut needs_bare, reference, marker))
        && !needs_bare
}
