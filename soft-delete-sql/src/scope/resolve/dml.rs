//! INSERT, UPDATE, DELETE, MERGE.

use super::{Env, Resolver};
use crate::{
    Dialect,
    scope::resolution::{Block, BlockId, Columns, Item, RefId, Role, Top, Tree},
    syntax::ast::{
        Assignment, Clause, ConflictAction, ConflictTarget, Delete, From, Insert, InsertSource,
        Merge, Range, Relation, Update, WhenAction,
    },
};

impl<'p> Resolver<'p> {
    fn dml_block(&mut self, range: Range, filter: Option<&'p Clause>) -> BlockId {
        self.out.blocks.push(Block {
            range,
            trees: Vec::new(),
            items: Vec::new(),
            filter,
            select: None,
            locked: false,
            consumers: Vec::new(),
            transparent: false,
            used_whole: false,
            merge: None,
        });
        self.out.blocks.len() - 1
    }

    fn tree(
        &mut self,
        block: BlockId,
        from: &'p From,
        top: Top<'p>,
        env: &Env,
        role: Role,
    ) -> Columns {
        let tree = self.out.blocks[block].trees.len();
        self.out.blocks[block].trees.push(Tree {
            from: Some(from),
            top,
        });
        self.from(from, block, tree, env, role)
    }

    fn assignments(&mut self, assignments: &'p [Assignment], env: &Env) {
        for assignment in assignments {
            self.explain(assignment.columns.iter().flatten().copied());
            self.expr(&assignment.value, env);
        }
    }

    /// A CTE never hides the table that is written; MySQL's target list also reads.
    fn target_sight(&self, env: &Env) -> Env {
        match self.out.parsed.dialect {
            Dialect::Mysql => env.clone(),
            Dialect::Postgres | Dialect::Sqlite => Env::default(),
        }
    }

    /// A relation that is the only one of its tree: the target of INSERT or MERGE.
    fn target(
        &mut self,
        relation: &'p Relation,
        block: BlockId,
        top: Top<'p>,
        role: Role,
    ) -> RefId {
        let tree = self.out.blocks[block].trees.len();
        self.out.blocks[block].trees.push(Tree { from: None, top });
        let item = self.relation(relation, block, tree, None, &Env::default(), role);
        self.out.items[item].reference.unwrap_or_default()
    }

    pub(super) fn insert(&mut self, insert: &'p Insert, env: &Env) -> Columns {
        let mut env = env.clone();
        if let Some(with) = &insert.with {
            self.with(with, &mut env);
        }
        let updates = insert.on_duplicate.is_some()
            || insert
                .conflicts
                .iter()
                .any(|conflict| matches!(conflict.action, ConflictAction::Update { .. }));
        let role = if updates {
            Role::UpsertTarget
        } else {
            Role::InsertTarget
        };
        let block = self.dml_block(insert.range, None);
        let reference = self.target(&insert.target, block, Top::Guard, role);
        let target = self.out.references[reference].item;
        // The last part of the name addresses the target in every clause of an INSERT.
        if let Some(item) = target {
            let called = insert.target.alias.as_ref().and_then(|alias| alias.name);
            if let Some(tok) = called.or_else(|| insert.target.name.last().copied()) {
                let text = self.out.text(tok).to_owned();
                self.out.items[item].qualifier = text;
            }
        }
        self.explain(insert.columns.iter().flatten().copied());
        match &insert.source {
            InsertSource::Query(query) => {
                self.query(query, &env);
            }
            InsertSource::Default => {}
            InsertSource::Set(assignments) => self.assignments(assignments, &env),
        }
        if let Some(alias) = &insert.row_alias {
            self.explain_range(alias.range);
        }
        // RETURNING does not see `excluded`.
        let columns = target.and_then(|item| self.out.items[item].columns.clone());
        let outputs = match &insert.returning {
            Some(items) => self.select_items(items, block, columns.as_deref(), &env),
            None => Some(Vec::new()),
        };
        if updates && let Some(item) = target {
            self.excluded(insert, block, item);
        }
        for conflict in &insert.conflicts {
            match &conflict.target {
                ConflictTarget::Any => {}
                ConflictTarget::Columns {
                    items, predicate, ..
                } => {
                    self.exprs(items, &env);
                    if let Some(predicate) = predicate {
                        self.expr(&predicate.expr, &env);
                    }
                }
                ConflictTarget::Constraint(name) => self.explain([*name]),
            }
            if let ConflictAction::Update {
                assignments,
                filter,
            } = &conflict.action
            {
                self.assignments(assignments, &env);
                if let Some(filter) = filter {
                    self.expr(&filter.expr, &env);
                }
            }
        }
        self.assignments(insert.on_duplicate.as_deref().unwrap_or_default(), &env);
        self.out.inserts.push((insert, reference, target));
        outputs
    }

    /// `excluded`, or MySQL's row alias: the row proposed, whose columns prove nothing.
    fn excluded(&mut self, insert: &'p Insert, block: BlockId, target: usize) {
        let dialect = self.out.parsed.dialect;
        let alias = insert.row_alias.as_ref().and_then(|alias| alias.name);
        let name = match (dialect, alias) {
            (Dialect::Mysql, None) => return,
            (Dialect::Mysql, Some(tok)) => self.out.name(tok),
            _ => "excluded".to_owned(),
        };
        let mut columns = self.out.items[target].columns.clone();
        for col in columns.iter_mut().flatten() {
            col.marker_of = None;
        }
        let id = self.out.items.len();
        self.out.items.push(Item {
            block,
            tree: 0,
            node: None,
            qualifier: name.clone(),
            name: Some(name),
            schema: None,
            columns,
            reference: None,
            // SQLite takes an unqualified name for the target's column.
            qualified_only: dialect == Dialect::Sqlite,
        });
        self.out.blocks[block].items.push(id);
    }

    pub(super) fn update(&mut self, update: &'p Update, env: &Env) -> Columns {
        let mut env = env.clone();
        if let Some(with) = &update.with {
            self.with(with, &mut env);
        }
        let block = self.dml_block(update.range, update.filter.as_ref());
        let top = Top::Filter(update.filter.as_ref(), update.filter_at);
        let sight = self.target_sight(&env);
        let mut joined = self.tree(block, &update.tables, top, &sight, Role::UpdateTarget);
        if let Some(from) = &update.from {
            let more = self.tree(block, from, top, &env, Role::Read);
            joined = both(joined, more);
        }
        self.assignments(&update.assignments, &env);
        if let Some(filter) = &update.filter {
            self.expr(&filter.expr, &env);
        }
        for tail in &update.tail {
            self.expr(&tail.expr, &env);
        }
        self.out.updates.push((update, block));
        match &update.returning {
            Some(items) => self.select_items(items, block, joined.as_deref(), &env),
            None => Some(Vec::new()),
        }
    }

    pub(super) fn delete(&mut self, delete: &'p Delete, env: &Env) -> Columns {
        let mut env = env.clone();
        if let Some(with) = &delete.with {
            self.with(with, &mut env);
        }
        let block = self.dml_block(delete.range, delete.filter.as_ref());
        let top = Top::Filter(delete.filter.as_ref(), delete.filter_at);
        let several = !delete.targets.is_empty();
        let role = if several {
            Role::Read
        } else {
            Role::DeleteTarget
        };
        let sight = self.target_sight(&env);
        let mut joined = self.tree(block, &delete.tables, top, &sight, role);
        if let Some(using) = &delete.using {
            let more = self.tree(block, using, top, &env, Role::Read);
            joined = both(joined, more);
        }
        for target in &delete.targets {
            let name = target.last().map(|&tok| self.out.name(tok));
            for item in self.out.blocks[block].items.clone() {
                if self.out.items[item].name == name
                    && let Some(reference) = self.out.items[item].reference
                {
                    self.out.references[reference].role = Role::DeleteTarget;
                }
            }
        }
        if let Some(filter) = &delete.filter {
            self.expr(&filter.expr, &env);
        }
        for tail in &delete.tail {
            self.expr(&tail.expr, &env);
        }
        match &delete.returning {
            Some(items) => self.select_items(items, block, joined.as_deref(), &env),
            None => Some(Vec::new()),
        }
    }

    pub(super) fn merge(&mut self, merge: &'p Merge, env: &Env) -> Columns {
        let mut env = env.clone();
        if let Some(with) = &merge.with {
            self.with(with, &mut env);
        }
        let block = self.dml_block(merge.range, None);
        self.out.blocks[block].merge = Some(merge);
        let target = self.target(&merge.target, block, Top::On(&merge.on), Role::MergeTarget);
        let own = self.out.references[target]
            .item
            .and_then(|item| self.out.items[item].columns.clone());
        let source = self.tree(block, &merge.source, Top::Replace, &env, Role::Read);
        self.expr(&merge.on.expr, &env);
        for when in &merge.whens {
            if let Some(condition) = &when.condition {
                self.expr(&condition.expr, &env);
            }
            match &when.action {
                WhenAction::Nothing | WhenAction::Delete => {}
                WhenAction::Update(assignments) => self.assignments(assignments, &env),
                WhenAction::Insert { columns, values } => {
                    self.explain(columns.iter().flatten().copied());
                    self.exprs(values, &env);
                }
            }
        }
        self.out.merges.push((merge, target));
        match &merge.returning {
            Some(items) => self.select_items(items, block, both(own, source).as_deref(), &env),
            None => Some(Vec::new()),
        }
    }
}

fn both(left: Columns, right: Columns) -> Columns {
    let (mut left, right) = (left?, right?);
    left.extend(right);
    Some(left)
}
