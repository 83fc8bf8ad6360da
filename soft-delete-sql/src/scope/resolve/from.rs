//! FROM trees: their items, and the columns a bare `*` gives.

use super::{Env, Resolver, renamed};
use crate::{
    Dialect,
    scope::{
        names::{is_first, sole_parentheses},
        resolution::{BlockId, Columns, Item, ItemId, Role},
    },
    syntax::{
        TokenKind,
        ast::{Alias, Constraint, From, NodeKind, Tok},
    },
};

impl<'p> Resolver<'p> {
    /// Resolves a tree; returns the columns of all of it in order.
    pub(super) fn from(
        &mut self,
        from: &'p From,
        block: BlockId,
        tree: usize,
        env: &Env,
        role: Role,
    ) -> Columns {
        // Children stand before their parents, so one pass in index order has their columns.
        let mut spare: Vec<Option<Columns>> = Vec::new();
        spare.resize_with(from.nodes.len(), || None);
        for (at, node) in from.nodes.iter().enumerate() {
            let made: Columns = match &node.kind {
                NodeKind::Relation(relation) => {
                    let item = self.relation(relation, block, tree, Some(at), env, role);
                    self.out.items[item].columns.clone()
                }
                NodeKind::Derived { query, alias, .. } => {
                    let (outputs, made) = self.query(query, env);
                    let item = self.item(block, tree, at, alias.as_ref(), outputs);
                    if let Some(made) = made {
                        self.out.blocks[made].consumers.push(item);
                    }
                    self.out.items[item].columns.clone()
                }
                NodeKind::Function { expr, alias, name } => {
                    self.expr(expr, env);
                    let item = self.item(block, tree, at, alias.as_ref(), None);
                    // `f() AS (a int)` names the columns and not the function.
                    if let (None, Some(&tok)) = (&self.out.items[item].name, name.last()) {
                        self.out.items[item].name = Some(self.out.name(tok));
                        self.out.items[item].qualifier = self.out.spelled(tok);
                    }
                    self.out.items[item].columns.clone()
                }
                NodeKind::Join(join) => {
                    if let Constraint::On(clause) = &join.constraint {
                        self.expr(&clause.expr, env);
                    }
                    if let Constraint::Using(names) = &join.constraint {
                        self.explain(names.iter().copied());
                    }
                    let left = spare[join.left].take().flatten();
                    let right = spare[join.right].take().flatten();
                    self.joined(from, at, join, left, right)
                }
                NodeKind::Paren { inner, alias } => {
                    let inside = spare[*inner].take().flatten();
                    match alias {
                        Some(alias) => {
                            let item = self.item(block, tree, at, Some(alias), inside);
                            self.out.items[item].columns.clone()
                        }
                        None => inside,
                    }
                }
            };
            if self.loses_alias(from, at) {
                self.unalias(&node.kind);
            }
            spare[at] = Some(made);
        }
        spare.get_mut(from.root).and_then(Option::take).flatten()
    }

    /// SQLite (3.40 and 3.51 were tried) drops the alias of what stands alone in parentheses, unless
    /// it is the first of its FROM: in `a JOIN (b AS c) ON …`, `c.x` is a column of an outer `c`.
    fn loses_alias(&self, from: &From, node: usize) -> bool {
        self.out.parsed.dialect == Dialect::Sqlite
            && sole_parentheses(from, node).is_some_and(|(paren, _)| !is_first(from, paren))
    }

    /// Calls the last item by its own name, if it has one.
    fn unalias(&mut self, node: &NodeKind) {
        let name: &[Tok] = match node {
            NodeKind::Relation(relation) if relation.alias.is_some() => &relation.name,
            NodeKind::Function { name, .. } => name,
            NodeKind::Derived { .. } | NodeKind::Paren { alias: Some(_), .. } => &[],
            NodeKind::Relation(_) | NodeKind::Join(_) | NodeKind::Paren { alias: None, .. } => {
                return;
            }
        };
        let tok = name.last().copied();
        let name = tok.map(|tok| self.out.name(tok));
        let qualifier = tok.map(|tok| self.out.spelled(tok)).unwrap_or_default();
        if let Some(item) = self.out.items.last_mut() {
            item.name = name;
            item.qualifier = qualifier;
        }
    }

    /// An item that is no named relation.
    fn item(
        &mut self,
        block: BlockId,
        tree: usize,
        node: usize,
        alias: Option<&'p Alias>,
        columns: Columns,
    ) -> ItemId {
        let names: Vec<String> = alias
            .iter()
            .flat_map(|alias| alias.columns.iter().map(|&tok| self.out.name(tok)))
            .collect();
        if let Some(alias) = alias {
            self.explain_range(alias.range);
        }
        let name = alias.and_then(|alias| alias.name);
        let mut columns = renamed(columns, &names);
        // `AS x (a int)` is the whole of a record.
        let last = alias.and_then(|alias| alias.columns.last());
        if last.is_some_and(|&tok| self.out.kind(tok + 1) != Some(TokenKind::RParen)) {
            columns
                .iter_mut()
                .flatten()
                .for_each(|col| col.followed = false);
        }
        let id = self.out.items.len();
        self.out.items.push(Item {
            block,
            tree,
            node: Some(node),
            name: name.map(|tok| self.out.name(tok)),
            qualifier: name
                .map(|tok| self.out.text(tok).to_owned())
                .unwrap_or_default(),
            schema: None,
            columns,
            reference: None,
            qualified_only: false,
        });
        self.out.blocks[block].items.push(id);
        id
    }
}
