//! The text of a statement and what is bound to it.

use crate::Dialect;

/// What stands for a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Param {
    /// A column of the row's key, from 0.
    Key(usize),
    /// A column of one of [`KEYS`] keys, key after key, from 0.
    Keys(usize),
    /// Who does it.
    Actor,
    /// Why.
    Reason,
    /// The id of the operation, as text.
    Operation,
    /// The id of the operation that is asked for, as text.
    Selected,
    /// The actor whose deletions are asked for.
    DeletedBy,
    /// The start of a range of moments; in it.
    From,
    /// The end of a range of moments; not in it.
    Until,
}

/// How many keys one statement takes.
pub const KEYS: usize = 100;

/// A statement: its text, and its parameters in the order of their placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The SQL.
    pub sql: String,
    /// What is bound.
    pub params: Vec<Param>,
}

/// No SQL holds it, so that it can hold the place of a parameter until the text is whole.
const HOLE: char = '\u{1}';

impl Param {
    const SINGLE: [(char, Self); 7] = [
        ('a', Self::Actor),
        ('r', Self::Reason),
        ('o', Self::Operation),
        ('s', Self::Selected),
        ('b', Self::DeletedBy),
        ('f', Self::From),
        ('u', Self::Until),
    ];

    /// The place of the parameter in a text that [`Text::new`] takes.
    pub(super) fn hole(self) -> String {
        let inside = match self {
            Self::Key(at) => format!("k{at}"),
            Self::Keys(at) => format!("m{at}"),
            other => Self::SINGLE
                .iter()
                .find(|(_, param)| *param == other)
                .map(|(letter, _)| letter.to_string())
                .unwrap_or_default(),
        };
        format!("{HOLE}{inside}{HOLE}")
    }

    fn of_hole(inside: &str) -> Option<Self> {
        let mut chars = inside.chars();
        let letter = chars.next()?;
        match (letter, chars.as_str().parse()) {
            ('k', Ok(at)) => Some(Self::Key(at)),
            ('m', Ok(at)) => Some(Self::Keys(at)),
            _ => Self::SINGLE
                .iter()
                .find(|(known, _)| *known == letter)
                .map(|(_, param)| *param),
        }
    }
}

impl Text {
    /// Puts placeholders in the holes: numbered where the dialect numbers them, each parameter then
    /// standing once among the bound.
    pub(super) fn new(dialect: Dialect, draft: &str) -> Self {
        let mut sql = String::with_capacity(draft.len());
        let mut params: Vec<Param> = Vec::new();
        for (at, piece) in draft.split(HOLE).enumerate() {
            let Some(param) = (at % 2 == 1).then(|| Param::of_hole(piece)).flatten() else {
                sql.push_str(piece);
                continue;
            };
            let known = params.iter().position(|bound| *bound == param);
            let sign = match dialect {
                Dialect::Postgres => '$',
                Dialect::Sqlite => '?',
                Dialect::Mysql => {
                    params.push(param);
                    sql.push('?');
                    continue;
                }
            };
            let number = known.unwrap_or_else(|| {
                params.push(param);
                params.len() - 1
            });
            sql.push(sign);
            sql.push_str(&(number + 1).to_string());
        }
        Self { sql, params }
    }
}

#[cfg(test)]
mod tests {
    use super::{Param, Text};
    use crate::Dialect;

    #[test]
    fn a_parameter_is_bound_once_where_placeholders_have_numbers() {
        let (key, id) = (Param::Key(1).hole(), Param::Operation.hole());
        let draft = format!("SET a = {id} WHERE b = {key} AND c = {id}");
        let postgres = Text::new(Dialect::Postgres, &draft);
        assert_eq!(postgres.sql, "SET a = $1 WHERE b = $2 AND c = $1");
        assert_eq!(postgres.params, [Param::Operation, Param::Key(1)]);
        let sqlite = Text::new(Dialect::Sqlite, &draft);
        assert_eq!(sqlite.sql, "SET a = ?1 WHERE b = ?2 AND c = ?1");
        let mysql = Text::new(Dialect::Mysql, &draft);
        assert_eq!(mysql.sql, "SET a = ? WHERE b = ? AND c = ?");
        assert_eq!(
            mysql.params,
            [Param::Operation, Param::Key(1), Param::Operation]
        );
    }

    #[test]
    fn every_parameter_has_a_hole_of_its_own() {
        let params = [
            Param::Key(0),
            Param::Keys(12),
            Param::Actor,
            Param::Reason,
            Param::Operation,
            Param::Selected,
            Param::DeletedBy,
            Param::From,
            Param::Until,
        ];
        let draft: String = params.iter().map(|param| param.hole()).collect();
        assert_eq!(Text::new(Dialect::Mysql, &draft).params, params);
    }
}
