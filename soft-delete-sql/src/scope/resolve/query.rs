//! Queries: WITH, set operations, SELECT blocks and their output columns.

use super::{Cte, Env, Resolver, renamed};
use crate::{
    Dialect,
    schema::Found,
    scope::resolution::{Block, BlockId, Col, Columns, Role, Top, Tree},
    syntax::{
        TokenKind,
        ast::{
            Arm, Expr, JoinKind, Node, NodeKind, Query, Range, Select, SelectItem, Values, With,
        },
    },
};

/// Words that stand before parentheses in an expression and name no function in any database.
const RESERVED: [&str; 12] = [
    "AND", "OR", "NOT", "WHERE", "SELECT", "FROM", "ON", "IN", "EXISTS", "WHEN", "THEN", "ELSE",
];

impl<'p> Resolver<'p> {
    pub(super) fn query(&mut self, query: &'p Query, env: &Env) -> (Columns, Option<BlockId>) {
        self.body(query, env, None)
    }

    /// A query; `cte` is the expression of a WITH that it makes, and how its columns are called.
    fn body(
        &mut self,
        query: &'p Query,
        env: &Env,
        cte: Option<(usize, &[String])>,
    ) -> (Columns, Option<BlockId>) {
        let mut env = env.clone();
        if let Some(with) = &query.with {
            self.with(with, &mut env);
        }
        let result = self.arms(query, &env, cte);
        for tail in &query.tail {
            self.expr(&tail.expr, &env);
        }
        self.explain_aliases(query);
        for lock in &query.locks {
            self.explain_range(lock.range);
        }
        result
    }

    /// The arms of a query; those behind the first may read `cte`, whose columns it decides.
    fn arms(
        &mut self,
        query: &'p Query,
        env: &Env,
        cte: Option<(usize, &[String])>,
    ) -> (Columns, Option<BlockId>) {
        let mut outputs: Columns = None;
        let mut only = None;
        for (at, arm) in query.arms.iter().enumerate() {
            let (columns, block) = self.arm(arm, env);
            if at == 0 {
                outputs = columns;
                only = block;
                if let Some((cte, names)) = cte {
                    self.ctes[cte].columns = renamed(outputs.clone(), names);
                }
            } else {
                only = None;
                self.unite(&mut outputs, columns);
            }
        }
        if self.out.parsed.dialect == Dialect::Sqlite && self.is_weak(query) {
            let is_own = query.range.start == 0;
            self.out.weak_union |= is_own;
            self.out.weak_part |= !is_own;
        }
        if let Some(block) = only {
            let block = &mut self.out.blocks[block];
            // ORDER BY sees the names of the block.
            block.range = query.range;
            block.locked |= !query.locks.is_empty();
            block.transparent &=
                query.tail.is_empty() && query.locks.is_empty() && query.with.is_none();
        }
        (outputs, only)
    }

    /// SQLite (3.40 and 3.51 were tried) flattens a UNION ALL in FROM into the query around it, and
    /// where a later arm has a RIGHT or FULL JOIN it forgets WHERE of the first:
    /// `FROM (SELECT v FROM t WHERE FALSE UNION ALL SELECT 1 FROM a RIGHT JOIN b ON TRUE)`.
    fn is_weak(&self, query: &Query) -> bool {
        let turned = |node: &Node| match &node.kind {
            NodeKind::Join(join) => matches!(join.kind, JoinKind::Right | JoinKind::Full),
            _ => false,
        };
        query.arms.iter().skip(1).any(|arm| match arm {
            Arm::Select(select) => {
                let before = select.range.start.saturating_sub(1);
                self.out.is(before, "ALL")
                    && select.from.iter().any(|from| from.nodes.iter().any(turned))
            }
            _ => false,
        })
    }

    /// A column of a set operation is a marker only where each arm gives that table's marker.
    fn unite(&self, outputs: &mut Columns, other: Columns) {
        let (Some(own), Some(other)) = (outputs.as_mut(), other) else {
            *outputs = None;
            return;
        };
        let table = |at: usize| &self.out.references[at].name;
        for (at, col) in own.iter_mut().enumerate() {
            let same = match (col.marker_of, other.get(at).and_then(|col| col.marker_of)) {
                (Some(a), Some(b)) => table(a) == table(b),
                _ => false,
            };
            if !same {
                col.marker_of = None;
            }
        }
    }

    fn arm(&mut self, arm: &'p Arm, env: &Env) -> (Columns, Option<BlockId>) {
        match arm {
            Arm::Select(select) => {
                let (outputs, block) = self.select(select, env);
                (outputs, Some(block))
            }
            Arm::Values(values) => {
                for row in &values.rows {
                    self.exprs(row, env);
                }
                let first = values.rows.iter().take(1).flatten().enumerate();
                let columns = first
                    .map(|(at, expr)| self.value(values, at, expr))
                    .collect();
                (Some(columns), None)
            }
            Arm::Table { keyword, relation } => (self.table_command(*keyword, relation, env), None),
            Arm::Nested(query) => self.query(query, env),
        }
    }

    /// A column of VALUES. MySQL wants ROW, which MariaDB does not know there: MariaDB calls the
    /// columns as SELECT does, by the first row.
    fn value(&self, values: &Values, at: usize, expr: &Expr) -> Col {
        let counts_rows = self.out.is(values.range.start + 1, "ROW");
        let name = match self.out.parsed.dialect {
            Dialect::Postgres | Dialect::Sqlite => format!("column{}", at + 1),
            Dialect::Mysql if counts_rows => format!("column_{at}"),
            Dialect::Mysql => return self.unnamed(expr),
        };
        Col {
            name: Some(name),
            ..Col::default()
        }
    }

    /// An expression without alias.
    fn unnamed(&self, expr: &Expr) -> Col {
        let mut spelled = Vec::new();
        let any_name = self.spelled(expr, &mut spelled);
        Col {
            name: self.text_of_strings(self.out.strip_parens(expr.range)),
            spelled,
            any_name,
            ..Col::default()
        }
    }

    pub(super) fn with(&mut self, with: &'p With, env: &mut Env) {
        let dialect = self.out.parsed.dialect;
        let first = self.ctes.len();
        for cte in &with.ctes {
            let columns: Vec<String> = cte.columns.iter().map(|&tok| self.out.name(tok)).collect();
            self.explain([cte.name]);
            self.explain(cte.columns.iter().copied());
            let columns = renamed(None, &columns);
            self.ctes.push(Cte {
                name: self.out.name(cte.name),
                columns,
                block: None,
                read_early: false,
            });
        }
        // In SQLite, and under RECURSIVE, a CTE may read a later one of the list. MariaDB does and
        // MySQL does not.
        let all_in_sight = match dialect {
            Dialect::Postgres => with.recursive,
            Dialect::Sqlite => true,
            Dialect::Mysql => false,
        };
        let mut outer = env.clone();
        if dialect == Dialect::Mysql {
            // Here MariaDB does not look for what the queries around define, and MySQL does.
            let schema = self.out.schema;
            let (hidden, seen): (Vec<usize>, Vec<usize>) = outer.ctes.iter().partition(|&&id| {
                let name = std::slice::from_ref(&self.ctes[id].name);
                !matches!(schema.find(name), Found::Unknown)
            });
            outer.ctes = seen;
            outer.doubtful.extend(hidden);
        }
        for (at, cte) in with.ctes.iter().enumerate() {
            let id = first + at;
            let mut own = outer.clone();
            let compound = matches!(&cte.body,
                crate::syntax::ast::Statement::Query(query) if query.arms.len() > 1);
            for (other, _) in with.ctes.iter().enumerate() {
                let in_sight = match other.cmp(&at) {
                    std::cmp::Ordering::Less => true,
                    // SQLite recurses without the word, in a compound body only; in a simple one
                    // it reports a circular reference, and the table is the safe reading.
                    std::cmp::Ordering::Equal => {
                        with.recursive || (dialect == Dialect::Sqlite && compound)
                    }
                    std::cmp::Ordering::Greater => all_in_sight,
                };
                if in_sight {
                    own.ctes.push(first + other);
                } else if with.recursive {
                    own.doubtful.push(first + other);
                }
            }
            let names: Vec<String> = cte.columns.iter().map(|&tok| self.out.name(tok)).collect();
            let (outputs, block) = match &cte.body {
                crate::syntax::ast::Statement::Query(query) => {
                    self.body(query, &own, Some((id, &names)))
                }
                body => self.statement(body, &own),
            };
            let known = if cte.search_or_cycle {
                None
            } else {
                renamed(outputs, &names)
            };
            self.ctes[id].columns = known;
            self.ctes[id].block = block;
            if let Some(block) = block {
                self.out.blocks[block].used_whole |= self.ctes[id].read_early;
            }
        }
        env.ctes.extend(first..first + with.ctes.len());
    }

    fn select(&mut self, select: &'p Select, env: &Env) -> (Columns, BlockId) {
        let id = self.out.blocks.len();
        self.out.blocks.push(Block {
            range: select.range,
            trees: Vec::new(),
            items: Vec::new(),
            filter: select.filter.as_ref(),
            select: Some(select),
            locked: false,
            consumers: Vec::new(),
            transparent: !select.distinct
                && select.into.is_none()
                && select.group_by.is_none()
                && select.having.is_none()
                && select.windows.is_none(),
            used_whole: false,
            merge: None,
        });
        if let Some(range) = select.into {
            self.explain_range(range);
        }
        let mut joined = Some(Vec::new());
        if let Some(from) = &select.from {
            let top = Top::Filter(select.filter.as_ref(), from.range.end);
            self.out.blocks[id].trees.push(Tree {
                from: Some(from),
                top,
            });
            joined = self.from(from, id, 0, env, Role::Read);
        }
        if let Some(on) = &select.distinct_on {
            self.expr(on, env);
        }
        let outputs = self.select_items(&select.items, id, joined.as_deref(), env);
        // An aggregate or a window function makes the block opaque to a filter from outside.
        if select
            .items
            .iter()
            .any(|item| self.calls_something(item.expr.range))
        {
            self.out.blocks[id].transparent = false;
        }
        for clause in [&select.filter, &select.having].into_iter().flatten() {
            self.expr(&clause.expr, env);
        }
        for expr in [&select.group_by, &select.windows].into_iter().flatten() {
            self.expr(expr, env);
        }
        (outputs, id)
    }

    /// Behind GROUP BY, HAVING and ORDER BY a name may be one of the select list's own.
    fn explain_aliases(&mut self, query: &'p Query) {
        for arm in &query.arms {
            let Arm::Select(select) = arm else { continue };
            let aliases = select.items.iter().filter_map(|item| item.alias);
            let aliases: Vec<String> = aliases.map(|tok| self.out.name(tok)).collect();
            let having = select.having.iter().map(|clause| &clause.expr);
            let tail = query.tail.iter().map(|tail| &tail.expr);
            for expr in select.group_by.iter().chain(having).chain(tail) {
                for tok in expr.range.start..expr.range.end {
                    let is_below =
                        |query: &Query| (query.range.start..query.range.end).contains(&tok);
                    // `t.alias` is a column, and `x IN alias` a table.
                    let other = self.out.kind(tok - 1) == Some(TokenKind::Dot)
                        || self.out.is(tok - 1, "IN");
                    if !other
                        && aliases.contains(&self.out.name(tok))
                        && !expr.queries.iter().any(is_below)
                    {
                        self.explain([tok]);
                    }
                }
            }
        }
    }

    fn calls_something(&self, range: Range) -> bool {
        let is_keyword = |tok| RESERVED.iter().any(|word| self.out.is(tok, word));
        // MySQL's `@n := @n + 1` numbers the rows that it sees.
        (range.start..range.end).any(|tok| {
            self.out.is_op(tok, ":=")
                || self.out.is_name(tok)
                    && self.out.kind(tok + 1) == Some(TokenKind::LParen)
                    && !is_keyword(tok)
        })
    }

    /// The output columns of a select list or RETURNING.
    pub(super) fn select_items(
        &mut self,
        items: &'p [SelectItem],
        block: BlockId,
        joined: Option<&[Col]>,
        env: &Env,
    ) -> Columns {
        let mut outputs: Columns = Some(Vec::new());
        for item in items {
            self.expr(&item.expr, env);
            self.explain(item.alias);
            let columns = match &item.star {
                Some(qualifier) if qualifier.is_empty() => joined.map(<[Col]>::to_vec),
                Some(qualifier) => self.qualified_star(qualifier, block),
                None => Some(vec![self.output(item, block)]),
            };
            match (outputs.as_mut(), columns) {
                (Some(outputs), Some(columns)) => {
                    outputs.extend(columns.into_iter().filter(|col| !col.invisible));
                }
                _ => outputs = None,
            }
        }
        outputs
    }

    fn qualified_star(&self, qualifier: &[u32], block: BlockId) -> Columns {
        let name = self.out.name(*qualifier.last()?);
        let mut found = self.out.blocks[block]
            .items
            .iter()
            .filter(|&&item| self.out.items[item].name.as_deref() == Some(&name));
        let item = *found.next()?;
        if found.next().is_some() {
            return None;
        }
        self.out.items[item].columns.clone()
    }

    fn output(&self, item: &SelectItem, block: BlockId) -> Col {
        let expr = self.out.strip_parens(item.expr.range);
        let unnamed = self.unnamed(&item.expr);
        let alias = item.alias.map(|tok| self.out.name(tok));
        let alias = alias.or_else(|| unnamed.name.clone());
        let Some(parts) = self.out.column_parts(expr) else {
            return Col {
                name: alias,
                ..unnamed
            };
        };
        let own = parts.last().map(|&tok| self.out.name(tok));
        let column = self
            .out
            .resolve_column(block, None, &parts)
            .and_then(|(item, name)| self.out.column(item, &name));
        // A parenthesised column keeps its name in PostgreSQL and loses it in SQLite.
        let bare = expr == item.expr.range;
        Col {
            name: alias.or(own.filter(|_| bare)),
            marker_of: column.and_then(|column| column.marker_of),
            protected: column.is_some_and(|column| column.protected),
            ..unnamed
        }
    }

    /// MySQL calls the column of `'a' 'b'` `ab`.
    fn text_of_strings(&self, expr: Range) -> Option<String> {
        let mut tokens = expr.start..expr.end;
        let is_string = |tok| self.out.kind(tok) == Some(TokenKind::String);
        (self.out.parsed.dialect == Dialect::Mysql && tokens.clone().all(is_string))
            .then(|| tokens.by_ref().map(|tok| self.out.name(tok)).collect())
    }

    /// Collects the tokens from which the database may take the name of an unaliased expression;
    /// true when it may take another. No name comes out of a subquery but that of its first
    /// column, and that in PostgreSQL only.
    fn spelled(&self, expr: &Expr, found: &mut Vec<Range>) -> bool {
        let mut start = expr.range.start;
        let mut any_name = false;
        for query in &expr.queries {
            let end = query.range.start;
            found.push(Range { start, end });
            start = query.range.end;
            if self.out.parsed.dialect == Dialect::Postgres {
                any_name |= self.first_name(query, found);
            }
        }
        let end = expr.range.end;
        found.push(Range { start, end });
        any_name
    }

    fn first_name(&self, query: &Query, found: &mut Vec<Range>) -> bool {
        match query.arms.first() {
            Some(Arm::Select(select)) => match select.items.as_slice() {
                [item] if item.star.is_some() => true,
                [
                    SelectItem {
                        alias: Some(alias), ..
                    },
                ] => {
                    let end = alias + 1;
                    found.push(Range { start: *alias, end });
                    false
                }
                [item] => self.spelled(&item.expr, found),
                // EXISTS: no name comes out of it.
                _ => false,
            },
            Some(Arm::Nested(query)) => self.first_name(query, found),
            Some(Arm::Table { .. }) => true,
            Some(Arm::Values(_)) | None => false,
        }
    }
}
