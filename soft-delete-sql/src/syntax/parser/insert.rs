//! INSERT and REPLACE.

use super::{Kw, Parse, Parser, expr::Ends, relation::Aliasing};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Arm, Assignment, Insert, InsertSource, Query, Tok, With},
    },
};

impl Parser<'_> {
    /// The INSERT or REPLACE at the current token, behind `with`, which begins at `start`.
    pub(super) fn insert(&mut self, start: Tok, with: Option<With>) -> Parse<Box<Insert>> {
        let keyword = self.at;
        let mut replaces = self.kw(0) == Kw::Replace;
        let mut ignores = false;
        self.at += 1;
        match self.dialect {
            Dialect::Sqlite => (replaces, ignores) = self.or_action(replaces)?,
            Dialect::Mysql => {
                while matches!(
                    self.kw(0),
                    Kw::LowPriority | Kw::HighPriority | Kw::Delayed | Kw::Ignore
                ) {
                    ignores |= self.kw(0) == Kw::Ignore;
                    self.at += 1;
                }
            }
            Dialect::Postgres => {}
        }
        if !self.eat(Kw::Into) && self.dialect != Dialect::Mysql {
            return Err(self.unexpected("`INTO`"));
        }
        let target = self.relation(Aliasing::WithAs)?;
        let columns = self.insert_columns()?;
        if self.eat(Kw::Overriding) {
            // USER VALUE, SYSTEM VALUE
            self.name("`USER` or `SYSTEM`")?;
            self.expect(Kw::Value, "`VALUE`")?;
        }
        let source = self.insert_source()?;
        let row_alias = if self.dialect == Dialect::Mysql && self.kw(0) == Kw::As {
            self.alias(true)?
        } else {
            None
        };
        let conflicts = self.conflicts()?;
        let on_duplicate = self.on_duplicate()?;
        let returning = self.returning()?;
        Ok(Box::new(Insert {
            range: self.since(start),
            with,
            keyword,
            replaces,
            ignores,
            target,
            columns,
            source,
            row_alias,
            conflicts,
            on_duplicate,
            returning,
        }))
    }

    /// SQLite's `OR REPLACE`, `OR IGNORE` and the actions that only change what an error does:
    /// whether the statement replaces, and whether it ignores.
    pub(super) fn or_action(&mut self, replaces: bool) -> Parse<(bool, bool)> {
        if !self.eat(Kw::Or) {
            return Ok((replaces, false));
        }
        let action = self.kw(0);
        let known = matches!(action, Kw::Replace | Kw::Ignore)
            || ["abort", "fail", "rollback"]
                .iter()
                .any(|word| self.is_word(0, word));
        if !known {
            return Err(self.unexpected("a conflict action"));
        }
        self.at += 1;
        Ok((replaces || action == Kw::Replace, action == Kw::Ignore))
    }

    pub(super) fn insert_columns(&mut self) -> Parse<Option<Vec<Tok>>> {
        if !self.is(0, TokenKind::LParen) || self.parens.is_query(self.at) {
            return Ok(None);
        }
        self.inside(|parser| {
            let mut columns = Vec::new();
            while !parser.ended() {
                columns.push(parser.insert_column()?);
                if !parser.eat_kind(TokenKind::Comma) {
                    break;
                }
            }
            Ok(columns)
        })
        .map(Some)
    }

    /// MySQL writes `t.column`; PostgreSQL `column.field` and `column[1]`.
    fn insert_column(&mut self) -> Parse<Tok> {
        let parts = self.dotted()?;
        if self.dialect == Dialect::Mysql {
            return Ok(parts[parts.len() - 1]);
        }
        self.skip_indirection();
        Ok(parts[0])
    }

    /// Subscripts and fields behind a column.
    fn skip_indirection(&mut self) {
        loop {
            if self.is(0, TokenKind::LBracket) {
                self.at = self.parens.close(self.at) + 1;
            } else if self.is(0, TokenKind::Dot) && self.is_name(1) {
                self.at += 2;
            } else {
                return;
            }
        }
    }

    fn insert_source(&mut self) -> Parse<InsertSource> {
        match (self.kw(0), self.kw(1)) {
            (Kw::Default, Kw::Values) => {
                self.at += 2;
                Ok(InsertSource::Default)
            }
            (Kw::Set, _) if self.dialect == Dialect::Mysql => {
                self.at += 1;
                self.assignments().map(InsertSource::Set)
            }
            _ => {
                let query = self.query()?;
                Ok(if is_default_row(&query) {
                    InsertSource::Default
                } else {
                    InsertSource::Query(query)
                })
            }
        }
    }

    fn on_duplicate(&mut self) -> Parse<Option<Vec<Assignment>>> {
        if self.dialect != Dialect::Mysql || self.kw(0) != Kw::On {
            return Ok(None);
        }
        self.at += 1;
        self.expect(Kw::Duplicate, "`DUPLICATE KEY UPDATE`")?;
        self.expect(Kw::Key, "`KEY UPDATE`")?;
        self.expect(Kw::Update, "`UPDATE`")?;
        self.assignments().map(Some)
    }

    /// The list behind SET.
    pub(super) fn assignments(&mut self) -> Parse<Vec<Assignment>> {
        let mut list = vec![self.assignment()?];
        while self.eat_kind(TokenKind::Comma) {
            list.push(self.assignment()?);
        }
        Ok(list)
    }

    fn assignment(&mut self) -> Parse<Assignment> {
        let start = self.at;
        let columns = if self.is(0, TokenKind::LParen) {
            self.inside(|parser| {
                let mut columns = vec![parser.assigned()?];
                while parser.eat_kind(TokenKind::Comma) {
                    columns.push(parser.assigned()?);
                }
                Ok(columns)
            })?
        } else {
            vec![self.assigned()?]
        };
        let assigns = self.is_op(0, "=") || self.is_op(0, ":=") && self.dialect == Dialect::Mysql;
        if !assigns {
            return Err(self.unexpected("`=`"));
        }
        self.at += 1;
        let value = self.expr(Ends::One)?;
        Ok(Assignment {
            range: self.since(start),
            columns,
            value,
        })
    }

    /// A column that is assigned to. In PostgreSQL a second part is a field of it.
    fn assigned(&mut self) -> Parse<Vec<Tok>> {
        let mut parts = self.dotted()?;
        if self.dialect == Dialect::Postgres {
            parts.truncate(1);
            self.skip_indirection();
        }
        Ok(parts)
    }
}

/// MySQL's `VALUES ()`.
fn is_default_row(query: &Query) -> bool {
    matches!(
        query.arms.as_slice(),
        [Arm::Values(values)] if matches!(values.rows.as_slice(), [row] if row.is_empty())
    )
}
