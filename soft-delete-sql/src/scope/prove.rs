//! Proof: does the statement as written show only rows of a scope through a reference?

use super::{
    Scope,
    condition::{Cond, Test},
    names::{Edge, Place, edge},
    predicate,
    resolution::{BlockId, ItemId, RefId, Resolution, Role, Soft, Top},
};
use crate::{
    Dialect,
    schema::MarkerKind,
    syntax::{
        TokenKind,
        ast::{Clause, ConflictAction, Constraint, NodeKind, Range, When, WhenAction, WhenKind},
    },
};

/// True when every row that reaches the result through this reference is in the scope, and
/// nothing else changes by it. `with_deleted` is never proven: it must be said.
pub(super) fn proof(resolution: &Resolution<'_>, id: RefId, scope: Scope) -> bool {
    let reference = &resolution.references[id];
    let (Some(soft), Some(item)) = (&reference.soft, reference.item) else {
        return false;
    };
    if scope == Scope::WithDeleted {
        return false;
    }
    let goal = Goal {
        resolution,
        soft,
        scope,
        id,
    };
    match reference.role {
        Role::InTable | Role::TableCommand(_) | Role::InsertTarget | Role::Wholesale => false,
        Role::UpsertTarget => goal.upsert(item),
        Role::MergeTarget => (goal.direct(item) && goal.unmatched(item)) || goal.merge(item),
        Role::Read | Role::UpdateTarget | Role::DeleteTarget => {
            goal.direct(item) || goal.through(item)
        }
    }
}

/// True when WHERE tests a reference behind an outer join so that rows of NULLs are dropped too:
/// the test is then no accident.
pub(super) fn rejects_nulls(resolution: &Resolution<'_>, id: RefId, scope: Scope) -> bool {
    let reference = &resolution.references[id];
    let (Some(soft), Some(item)) = (&reference.soft, reference.item) else {
        return false;
    };
    let Some(clause) = resolution.blocks[resolution.items[item].block].filter else {
        return false;
    };
    let goal = Goal {
        resolution,
        soft,
        scope,
        id,
    };
    goal.strength(item, None, &resolution.condition(clause)) == Some(Strength::Strict)
}

/// True when the WHERE of a DO UPDATE itself tests that the row it meets is live.
pub(super) fn is_guarded(resolution: &Resolution<'_>, id: RefId, filter: &Clause) -> bool {
    let reference = &resolution.references[id];
    let (Some(soft), Some(item)) = (&reference.soft, reference.item) else {
        return false;
    };
    let scope = Scope::Active;
    Goal {
        resolution,
        soft,
        scope,
        id,
    }
    .holds(item, None, filter)
}

/// A marker test of the reference in a place where it filters, and the scope it implies: the
/// first that contradicts `scope`.
pub(super) fn contradiction(resolution: &Resolution<'_>, id: RefId, scope: Scope) -> Option<Range> {
    let opposite = match scope {
        Scope::Active => Scope::Deleted,
        Scope::Deleted => Scope::Active,
        Scope::WithDeleted => return None,
    };
    let reference = &resolution.references[id];
    let soft = reference.soft.as_ref()?;
    // A custom condition says more than the marker: a live marker does not make the row live.
    if soft.marker.active.is_some()
        && (opposite == Scope::Active
            || !predicate::has_plain_marker(resolution.parsed.dialect, soft))
    {
        return None;
    }
    let goal = Goal {
        resolution,
        soft,
        scope: opposite,
        id,
    };
    let item = reference.item?;
    let mut found = None;
    for (place, clause) in conditions(resolution, resolution.items[item].block) {
        let cond = resolution.condition(clause);
        found = found.or_else(|| goal.against(item, place, &cond));
    }
    found
}

/// Every condition of a block.
pub(super) fn conditions<'p>(resolution: &Resolution<'p>, id: BlockId) -> Vec<(Place, &'p Clause)> {
    let block = &resolution.blocks[id];
    let mut found: Vec<(Place, &'p Clause)> = Vec::new();
    for (tree, from) in block.trees.iter().enumerate() {
        for (at, node) in from
            .from
            .iter()
            .flat_map(|from| from.nodes.iter().enumerate())
        {
            if let NodeKind::Join(join) = &node.kind
                && let Constraint::On(clause) = &join.constraint
            {
                found.push((Some((tree, at)), clause));
            }
        }
    }
    found.extend(block.filter.map(|clause| (None, clause)));
    for (insert, _, target) in &resolution.inserts {
        let own = target.map(|target| resolution.items[target].block);
        if own != Some(id) {
            continue;
        }
        for conflict in &insert.conflicts {
            if let ConflictAction::Update {
                filter: Some(filter),
                ..
            } = &conflict.action
            {
                found.push((None, filter));
            }
        }
    }
    if let Some(merge) = block.merge {
        found.push((None, &merge.on));
        found.extend(
            merge
                .whens
                .iter()
                .filter_map(|when| when.condition.as_ref())
                .map(|c| (None, c)),
        );
    }
    found
}

/// Visits the leaves of a condition through AND and OR.
pub(super) fn leaves(cond: &Cond, visit: &mut impl FnMut(Range)) {
    match cond {
        Cond::And(parts) | Cond::Or(_, parts) => parts.iter().for_each(|part| leaves(part, visit)),
        Cond::Leaf(range) => visit(*range),
    }
}

/// What is to be proven.
struct Goal<'r, 'p> {
    resolution: &'r Resolution<'p>,
    soft: &'r Soft,
    scope: Scope,
    id: RefId,
}

/// How strong a proof is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// Holds for a row made of NULLs as well.
    Lenient,
    /// False for a row made of NULLs.
    Strict,
}

impl Goal<'_, '_> {
    /// The first leaf that implies the goal's scope, for a reference that is asked for the other.
    fn against(&self, item: ItemId, place: Place, cond: &Cond) -> Option<Range> {
        match cond {
            Cond::Leaf(leaf) => self.leaf(item, place, *leaf).map(|_| *leaf),
            Cond::And(parts) => parts
                .iter()
                .find_map(|part| self.against(item, place, part)),
            // `m IS NULL OR m IS NOT NULL` holds for every row: it tests nothing.
            Cond::Or(_, parts) if self.is_tautology(item, place, parts) => None,
            Cond::Or(_, parts) => parts
                .iter()
                .find_map(|part| self.against(item, place, part)),
        }
    }

    fn is_tautology(&self, item: ItemId, place: Place, parts: &[Cond]) -> bool {
        let tests = |wanted: Test| {
            parts.iter().any(|part| match part {
                Cond::Leaf(leaf) => self.test(item, place, *leaf) == Some(wanted),
                _ => false,
            })
        };
        (tests(Test::IsNull) && tests(Test::IsNotNull))
            || (!self.soft.marker.nullable && tests(Test::IsTrue) && tests(Test::IsFalse))
    }

    /// The test of the goal's marker that a leaf is, as this item shows it.
    fn test(&self, item: ItemId, place: Place, leaf: Range) -> Option<Test> {
        let block = self.resolution.items[item].block;
        let found = self.resolution.marker_test(block, place, leaf)?;
        (found.item == item && found.reference == self.id).then_some(found.test)
    }

    /// A test in the item's own block, at a place that filters it before anything mixes in.
    fn direct(&self, item: ItemId) -> bool {
        let resolution = self.resolution;
        let own = &resolution.items[item];
        let tree = &resolution.blocks[own.block].trees[own.tree];
        let mut strong = true;
        if let (Some(from), Some(mut node)) = (tree.from, own.node) {
            while let Some((parent, edge)) = edge(from, node) {
                if let NodeKind::Join(join) = &from.nodes[parent].kind
                    && let Constraint::On(clause) = &join.constraint
                    && strong
                    && matches!(edge, Edge::Inner | Edge::Nullable)
                    && self.holds(item, Some((own.tree, parent)), clause)
                {
                    return true;
                }
                strong &= !matches!(edge, Edge::Nullable | Edge::Full);
                node = parent;
            }
        }
        match tree.top {
            Top::Filter(Some(clause), _) | Top::On(clause) => {
                if strong {
                    self.holds(item, None, clause)
                } else if self.soft.marker.active.is_some() {
                    false
                } else {
                    let cond = self.resolution.condition(clause);
                    self.strength(item, None, &cond) == Some(Strength::Strict)
                }
            }
            Top::Filter(None, _) | Top::Replace | Top::Guard => false,
        }
    }

    fn holds(&self, item: ItemId, place: Place, clause: &Clause) -> bool {
        let cond = self.resolution.condition(clause);
        if self.soft.marker.active.is_some() {
            return self.custom(item, place, &cond);
        }
        self.strength(item, place, &cond).is_some()
    }

    /// An AND holds it in one part, an OR in every part.
    fn strength(&self, item: ItemId, place: Place, cond: &Cond) -> Option<Strength> {
        match cond {
            Cond::Leaf(leaf) => self.leaf(item, place, *leaf),
            Cond::Or(_, parts) => {
                let mut strength = Strength::Strict;
                for part in parts {
                    if self.strength(item, place, part)? == Strength::Lenient {
                        strength = Strength::Lenient;
                    }
                }
                Some(strength)
            }
            Cond::And(parts) => {
                let found: Vec<Strength> = parts
                    .iter()
                    .filter_map(|part| self.strength(item, place, part))
                    .collect();
                let strict = || {
                    parts.iter().any(|part| match part {
                        Cond::Leaf(leaf) => self.is_strict_on(item, place, *leaf),
                        _ => false,
                    })
                };
                match found.as_slice() {
                    [] => None,
                    found if found.contains(&Strength::Strict) || strict() => {
                        Some(Strength::Strict)
                    }
                    _ => Some(Strength::Lenient),
                }
            }
        }
    }

    fn is_strict_on(&self, item: ItemId, place: Place, leaf: Range) -> bool {
        let block = self.resolution.items[item].block;
        self.resolution
            .strict(leaf)
            .and_then(|parts| self.resolution.resolve_column(block, place, &parts))
            .is_some_and(|(found, _)| found == item)
    }

    /// What a leaf proves of the reference's marker.
    fn leaf(&self, item: ItemId, place: Place, leaf: Range) -> Option<Strength> {
        let test = self.test(item, place, leaf)?;
        let (scope, strength) = implied(self.resolution.parsed.dialect, self.soft, test)?;
        (scope == self.scope).then_some(strength)
    }

    /// Proof from outside: a derived table, CTE or aliased parenthesis that passes the marker on.
    fn through(&self, item: ItemId) -> bool {
        if self.soft.marker.active.is_some() {
            return false;
        }
        let resolution = self.resolution;
        if self.paren(item).is_some_and(|paren| self.passes(paren)) {
            return true;
        }
        let block = &resolution.blocks[resolution.items[item].block];
        if !block.transparent || block.used_whole || block.consumers.is_empty() {
            return false;
        }
        if !resolution.reaches_top(item) {
            return false;
        }
        block
            .consumers
            .iter()
            .all(|&consumer| self.passes(consumer))
    }

    /// True when the item exposes the marker once, and its own block filters it or passes it on.
    fn passes(&self, item: ItemId) -> bool {
        let exposed = self.resolution.items[item]
            .columns
            .iter()
            .flatten()
            .filter(|col| col.marker_of == Some(self.id))
            .count();
        exposed == 1 && (self.direct(item) || self.through(item))
    }

    /// The aliased parenthesis around an item, when it reaches it through inner and preserved
    /// edges only.
    fn paren(&self, item: ItemId) -> Option<ItemId> {
        let resolution = self.resolution;
        let own = &resolution.items[item];
        let from = resolution.tree_of(item)?;
        let mut node = own.node?;
        while let Some((parent, edge)) = edge(from, node) {
            match edge {
                Edge::Nullable | Edge::Full => return None,
                Edge::Paren(true) => {
                    return resolution.blocks[own.block]
                        .items
                        .iter()
                        .copied()
                        .find(|&other| {
                            let other = &resolution.items[other];
                            other.tree == own.tree && other.node == Some(parent)
                        });
                }
                Edge::Inner | Edge::Preserved | Edge::Paren(false) => node = parent,
            }
        }
        None
    }

    /// MERGE that only touches matched rows may test the target in each WHEN instead of ON.
    fn merge(&self, item: ItemId) -> bool {
        let Some(merge) = self.resolution.blocks[self.resolution.items[item].block].merge else {
            return false;
        };
        let idle = |when: &When| matches!(when.action, WhenAction::Nothing);
        !merge.whens.iter().all(idle)
            && merge.whens.iter().all(|when| {
                idle(when) || (when.kind != WhenKind::NotMatched && self.when(item, when))
            })
    }

    /// A tombstone that ON leaves out is not matched by the source: each such WHEN must test too.
    fn unmatched(&self, item: ItemId) -> bool {
        let merge = self.resolution.blocks[self.resolution.items[item].block].merge;
        merge.is_none_or(|merge| {
            merge.whens.iter().all(|when| {
                when.kind != WhenKind::NotMatchedBySource
                    || matches!(when.action, WhenAction::Nothing)
                    || self.when(item, when)
            })
        })
    }

    fn when(&self, item: ItemId, when: &When) -> bool {
        when.condition
            .as_ref()
            .is_some_and(|clause| self.holds(item, None, clause))
    }

    /// An upsert reaches live rows only: its DO UPDATE says so, or its arbiter holds live rows only.
    fn upsert(&self, item: ItemId) -> bool {
        if self.scope != Scope::Active {
            return false;
        }
        let resolution = self.resolution;
        let Some((insert, ..)) = resolution
            .inserts
            .iter()
            .find(|(_, reference, _)| *reference == self.id)
        else {
            return false;
        };
        if insert.on_duplicate.is_some() {
            return super::upsert::duplicates_are_live(resolution, insert, self.id)
                || super::upsert::assignments_are_guarded(resolution, insert, item, self.soft);
        }
        insert
            .conflicts
            .iter()
            .all(|conflict| match &conflict.action {
                ConflictAction::Nothing => true,
                ConflictAction::Update { filter, .. } => {
                    filter
                        .as_ref()
                        .is_some_and(|filter| self.holds(item, None, filter))
                        || super::upsert::arbiter_is_live(resolution, conflict, self.id)
                }
            })
    }

    /// A custom condition: each of its conjuncts stands among those of `cond`, token by token.
    fn custom(&self, item: ItemId, place: Place, cond: &Cond) -> bool {
        match cond {
            Cond::Or(_, parts) => {
                self.custom_conjuncts(item, place, &[cond])
                    || parts.iter().all(|part| self.custom(item, place, part))
            }
            Cond::Leaf(_) | Cond::And(_) => {
                let mut conjuncts = Vec::new();
                flatten(cond, &mut conjuncts);
                self.custom_conjuncts(item, place, &conjuncts)
                    || conjuncts
                        .iter()
                        .any(|part| matches!(part, Cond::Or(..)) && self.custom(item, place, part))
            }
        }
    }

    fn custom_conjuncts(&self, item: ItemId, place: Place, conjuncts: &[&Cond]) -> bool {
        let own: Vec<Vec<String>> = conjuncts
            .iter()
            .filter_map(|part| match part {
                Cond::Leaf(range) | Cond::Or(range, _) => Some(self.spelling(item, place, *range)),
                Cond::And(_) => None,
            })
            .collect();
        let dialect = self.resolution.parsed.dialect;
        let wanted = predicate::custom_conjuncts(dialect, self.soft, self.scope);
        let deleted_by_marker = || {
            self.scope == Scope::Deleted
                && predicate::has_plain_marker(dialect, self.soft)
                && conjuncts.iter().any(|part| match part {
                    Cond::Leaf(leaf) => self.leaf(item, place, *leaf).is_some(),
                    _ => false,
                })
        };
        (!wanted.is_empty() && wanted.iter().all(|conjunct| own.contains(conjunct)))
            || deleted_by_marker()
    }

    /// A leaf's tokens in comparable form, the qualifier of the item's own columns left out.
    fn spelling(&self, item: ItemId, place: Place, leaf: Range) -> Vec<String> {
        let resolution = self.resolution;
        let block = resolution.items[item].block;
        let leaf = resolution.strip_parens(leaf);
        let mut words = Vec::new();
        let mut at = leaf.start;
        while at < leaf.end {
            let read = &resolution.parsed.tokens[leaf.start as usize..=at as usize];
            let keyword =
                predicate::is_keyword(resolution.parsed.dialect, resolution.parsed.sql, read);
            if let Some((parts, behind)) = resolution.column_at(at, leaf.end)
                && resolution.is_name(at)
                && !(keyword && parts.len() == 1)
                && resolution.kind(at.wrapping_sub(1)) != Some(TokenKind::Dot)
                && let Some((found, column)) = resolution.resolve_column(block, place, &parts)
            {
                // Another item's column is spelled so that it equals nothing.
                words.push(if found == item {
                    format!("column {column}")
                } else {
                    format!("other {at}")
                });
                at = behind;
                continue;
            }
            words.push(predicate::spelling(resolution.parsed, at));
            at += 1;
        }
        words
    }
}

fn flatten<'c>(cond: &'c Cond, into: &mut Vec<&'c Cond>) {
    match cond {
        Cond::And(parts) => parts.iter().for_each(|part| flatten(part, into)),
        other => into.push(other),
    }
}

/// The scope a test of the marker implies, and whether it rejects NULL.
pub(super) fn implied_scope(dialect: Dialect, soft: &Soft, test: Test) -> Option<Scope> {
    implied(dialect, soft, test).map(|(scope, _)| scope)
}

#[allow(
    clippy::match_same_arms,
    reason = "one line for each form of the rules"
)]
fn implied(dialect: Dialect, soft: &Soft, test: Test) -> Option<(Scope, Strength)> {
    use Scope::{Active, Deleted};
    use Strength::{Lenient, Strict};
    let marker = &soft.marker;
    // SQLite and MySQL spell booleans as numbers.
    let numbers = dialect != Dialect::Postgres;
    Some(match (marker.kind, test) {
        (MarkerKind::Timestamp, Test::IsNull) => (Active, Lenient),
        (MarkerKind::Timestamp, Test::IsNotNull | Test::Compared) => (Deleted, Strict),
        (MarkerKind::Boolean, Test::IsFalse) => (Active, Strict),
        (MarkerKind::Boolean, Test::IsTrue) => (Deleted, Strict),
        (MarkerKind::Boolean, Test::IsNotTrue) => (Active, Lenient),
        (MarkerKind::Boolean, Test::IsNotFalse) if !marker.nullable => (Deleted, Lenient),
        (MarkerKind::Boolean, Test::IsZero) if numbers => (Active, Strict),
        (MarkerKind::Boolean, Test::IsNotZero) if numbers => (Deleted, Strict),
        (MarkerKind::Integer, Test::IsZero) => (Active, Strict),
        (MarkerKind::Integer, Test::IsNotZero) => (Deleted, Strict),
        (MarkerKind::Integer, Test::IsFalse) if numbers => (Active, Strict),
        (MarkerKind::Integer, Test::IsTrue) if numbers => (Deleted, Strict),
        _ => return None,
    })
}
