//! FROM lists: the factors of a join tree. `join.rs` puts them together.

use super::{Kw, Parse, Parser, join::Tree, relation::Aliasing};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{From, NodeKind, Tok},
    },
};

impl Parser<'_> {
    /// FROM or USING and its list, if the keyword stands here.
    pub(super) fn clause_tables(&mut self, kw: Kw) -> Parse<Option<From>> {
        if !self.eat(kw) {
            return Ok(None);
        }
        self.table_list().map(Some)
    }

    /// The list behind FROM.
    pub(super) fn table_list(&mut self) -> Parse<From> {
        let start = self.at;
        let mut tree = Tree::default();
        let root = self.comma_list(&mut tree)?;
        Ok(tree.into_from(self.since(start), root))
    }

    /// One relation as a list of its own.
    pub(super) fn single(&mut self, aliasing: Aliasing) -> Parse<From> {
        let start = self.at;
        let mut tree = Tree::default();
        let relation = self.relation(aliasing)?;
        let root = tree.leaf(self.since(start), NodeKind::Relation(relation));
        Ok(tree.into_from(self.since(start), root))
    }

    pub(super) fn factor(&mut self, tree: &mut Tree) -> Parse<usize> {
        let start = self.at;
        if self.is(0, TokenKind::LParen) {
            let is_query = self.parens.is_query(self.at) || self.kw(1) == Kw::Values;
            return if is_query {
                self.derived(tree, start, false)
            } else {
                self.paren(tree)
            };
        }
        if self.is_op(0, "{") && self.dialect == Dialect::Mysql {
            return self.odbc_join(tree);
        }
        if self.kw(0) == Kw::Lateral && self.dialect != Dialect::Sqlite {
            self.at += 1;
            return if self.is(0, TokenKind::LParen) {
                self.derived(tree, start, true)
            } else {
                self.function(tree, start)
            };
        }
        if self.is_function() {
            return self.function(tree, start);
        }
        let relation = self.relation(Aliasing::Free)?;
        Ok(tree.leaf(self.since(start), NodeKind::Relation(relation)))
    }

    fn derived(&mut self, tree: &mut Tree, start: Tok, lateral: bool) -> Parse<usize> {
        let query = self.parenthesised_query()?;
        let alias = self.alias(true)?;
        Ok(tree.leaf(
            self.since(start),
            NodeKind::Derived {
                lateral,
                query,
                alias,
            },
        ))
    }

    fn paren(&mut self, tree: &mut Tree) -> Parse<usize> {
        let start = self.at;
        self.enter()?;
        let outer = self.open();
        let inner = self.comma_list(tree)?;
        self.close(outer)?;
        self.leave();
        let alias = self.alias(true)?;
        Ok(tree.paren(self.since(start), inner, alias))
    }

    /// `{ OJ a LEFT JOIN b ON … }`
    fn odbc_join(&mut self, tree: &mut Tree) -> Parse<usize> {
        let start = self.at;
        self.at += 1;
        self.name("`OJ`")?;
        self.enter()?;
        let inner = self.comma_list(tree)?;
        self.leave();
        if !self.is_op(0, "}") {
            return Err(self.unexpected("`}`"));
        }
        self.at += 1;
        Ok(tree.paren(self.since(start), inner, None))
    }

    fn is_function(&self) -> bool {
        const WITHOUT_PARENS: &[&str] = &[
            "current_catalog",
            "current_date",
            "current_role",
            "current_schema",
            "current_time",
            "current_timestamp",
            "current_user",
            "localtime",
            "localtimestamp",
            "session_user",
            "system_user",
            "user",
        ];
        let postgres = self.dialect == Dialect::Postgres;
        if self.kw(0) == Kw::Rows && self.kw(1) == Kw::From && self.is(2, TokenKind::LParen) {
            return postgres;
        }
        if postgres && WITHOUT_PARENS.iter().any(|word| self.is_word(0, word)) {
            return true;
        }
        let mut ahead = 0;
        while self.is_name(ahead) && self.is(ahead + 1, TokenKind::Dot) {
            ahead += 2;
        }
        self.is_name(ahead)
            && self.is(ahead + 1, TokenKind::LParen)
            && (ahead > 0
                || self.is_table_name(0)
                || matches!(self.kw(0), Kw::None | Kw::Left | Kw::Right))
    }

    fn function(&mut self, tree: &mut Tree, start: Tok) -> Parse<usize> {
        let mut name = Vec::new();
        if self.kw(0) == Kw::Rows && self.kw(1) == Kw::From {
            self.at += 2;
            self.skip_paren()?;
        } else {
            if !self.is_function() {
                return Err(self.unexpected("a table function"));
            }
            name = self.dotted()?;
            self.refuse_graph(name[0])?;
            if self.is(0, TokenKind::LParen) {
                self.skip_paren()?;
            }
        }
        if self.kw(0) == Kw::With && self.kw(1) == Kw::Ordinality {
            self.at += 2;
        }
        let expr = self.opaque(start)?;
        let alias = self.alias(true)?;
        Ok(tree.leaf(self.since(start), NodeKind::Function { expr, name, alias }))
    }

    /// A property graph reads tables that the statement does not name.
    fn refuse_graph(&self, name: Tok) -> Parse<()> {
        if self.dialect == Dialect::Postgres
            && self.tokens[name as usize].is(self.sql, "graph_table")
        {
            return Err(self.fault(
                name,
                "GRAPH_TABLE is not supported",
                "the tables behind the graph are not named here",
                "join the tables themselves",
            ));
        }
        Ok(())
    }
}
