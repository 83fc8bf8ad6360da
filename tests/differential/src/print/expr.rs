//! Expressions.

use soft_delete_sql::Dialect;

use super::Printer;
use crate::ast::{Expr, Over};

impl Printer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column { qualifier, name } => {
                if self.dialect == Dialect::Mysql && qualifier.as_deref() == Some("excluded") {
                    return self.put(&format!("VALUES({name})"));
                }
                if let Some(qualifier) = qualifier {
                    self.put(&format!("{qualifier}."));
                }
                self.put(name);
            }
            Expr::Literal(text) => self.put(text),
            Expr::Not(inner) => {
                self.put("NOT ");
                self.operand(inner);
            }
            Expr::Postfix(inner, op) => {
                self.operand(inner);
                self.put(&format!(" {op}"));
            }
            Expr::Binary(left, op, right) => {
                self.operand(left);
                self.put(&format!(" {op} "));
                self.operand(right);
            }
            Expr::All(parts) => self.list(parts, " AND ", |p, part| match part {
                Expr::Any(_) => p.operand(part),
                _ => p.expr(part),
            }),
            Expr::Any(parts) => self.list(parts, " OR ", Self::expr),
            Expr::Between(value, low, high) => {
                self.operand(value);
                self.put(" BETWEEN ");
                self.operand(low);
                self.put(" AND ");
                self.operand(high);
            }
            Expr::In(value, negated, list) => {
                self.operand(value);
                self.put(if *negated { " NOT IN (" } else { " IN (" });
                self.list(list, ", ", Self::expr);
                self.put(")");
            }
            Expr::InQuery(value, negated, query) => {
                self.operand(value);
                self.put(if *negated { " NOT IN (" } else { " IN (" });
                self.query(query);
                self.put(")");
            }
            Expr::Exists(negated, query) => {
                self.put(if *negated { "NOT EXISTS (" } else { "EXISTS (" });
                self.query(query);
                self.put(")");
            }
            Expr::Quantified(value, op, query) => {
                self.operand(value);
                self.put(&format!(" {op} ("));
                self.query(query);
                self.put(")");
            }
            Expr::Scalar(query) => {
                self.put("(");
                self.query(query);
                self.put(")");
            }
            Expr::Case(arms, otherwise) => {
                self.put("CASE");
                for (when, then) in arms {
                    self.put(" WHEN ");
                    self.expr(when);
                    self.put(" THEN ");
                    self.expr(then);
                }
                self.put(" ELSE ");
                self.expr(otherwise);
                self.put(" END");
            }
            Expr::Call { .. } => self.call(expr),
            Expr::Cast(inner, to) => {
                self.put("CAST(");
                self.expr(inner);
                self.put(&format!(" AS {to})"));
            }
            Expr::Paren(inner) => {
                self.put("(");
                self.expr(inner);
                self.put(")");
            }
        }
    }

    fn call(&mut self, expr: &Expr) {
        let Expr::Call {
            name,
            distinct,
            args,
            filter,
            over,
        } = expr
        else {
            return;
        };

        self.put(&format!("{name}("));
        self.put(if *distinct { "DISTINCT " } else { "" });
        self.list(args, ", ", Self::expr);
        self.put(")");
        if let Some(filter) = filter {
            self.put(" FILTER (WHERE ");
            self.expr(filter);
            self.put(")");
        }
        if let Some(over) = over {
            self.put(" OVER ");
            self.over(over);
        }
    }

    /// An expression in a place where operators bind.
    pub(super) fn operand(&mut self, expr: &Expr) {
        let closed = matches!(
            expr,
            Expr::Column { .. }
                | Expr::Literal(_)
                | Expr::Exists(false, _)
                | Expr::Scalar(_)
                | Expr::Case(..)
                | Expr::Call { .. }
                | Expr::Cast(..)
                | Expr::Paren(_)
        );
        if closed {
            return self.expr(expr);
        }
        self.put("(");
        self.expr(expr);
        self.put(")");
    }

    pub(super) fn over(&mut self, over: &Over) {
        if let Some(name) = &over.name {
            return self.put(name);
        }
        self.put("(");
        if !over.partition.is_empty() {
            self.put("PARTITION BY ");
            self.list(&over.partition, ", ", Self::expr);
        }
        if !over.order.is_empty() {
            self.put(if over.partition.is_empty() {
                "ORDER BY "
            } else {
                " ORDER BY "
            });
            self.list(&over.order, ", ", Self::expr);
        }
        if let Some(frame) = over.frame {
            self.put(" ");
            self.put(frame);
        }
        self.put(")");
    }
}
