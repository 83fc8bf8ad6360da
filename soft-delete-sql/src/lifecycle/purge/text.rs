//! The text of a statement and what is bound to it.

use crate::{Dialect, schema::ObjectName};

/// What stands for a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Param {
    /// The moment before which a row must have been deleted, as the first statement gave it.
    Cutoff,
    /// How old a row must be, in seconds: an integer.
    Age,
    /// Where the batch begins; NULL at the start of the table.
    From,
    /// Where it ends.
    To,
    /// How many rows it takes: an integer.
    Limit,
    /// The keys of its rows.
    Keys,
    /// The id of the run.
    Run,
    /// The number of a part of the table: an integer.
    Part,
}

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
    const LETTERS: [(char, Self); 8] = [
        ('c', Self::Cutoff),
        ('a', Self::Age),
        ('f', Self::From),
        ('t', Self::To),
        ('l', Self::Limit),
        ('k', Self::Keys),
        ('r', Self::Run),
        ('p', Self::Part),
    ];

    /// The place of the parameter in a text that [`Text::new`] takes.
    pub(in crate::lifecycle) fn hole(self, dialect: Dialect) -> String {
        let letter = Self::LETTERS.iter().find(|(_, param)| *param == self);
        let hole = letter.map_or_else(String::new, |(letter, _)| format!("{HOLE}{letter}"));
        // PostgreSQL infers the type of a parameter from what stands around it.
        match (dialect, self) {
            (Dialect::Postgres, Self::Age | Self::Limit | Self::Part) => {
                format!("CAST({hole} AS bigint)")
            }
            (Dialect::Postgres, _) => format!("CAST({hole} AS text)"),
            _ => hole,
        }
    }
}

impl Text {
    /// Puts placeholders in the holes: numbered where the dialect numbers them, each parameter then
    /// once.
    pub(super) fn new(dialect: Dialect, template: &str) -> Self {
        let mut parts = template.split(HOLE);
        let mut sql = parts.next().unwrap_or_default().to_owned();
        let mut params: Vec<Param> = Vec::new();
        for part in parts {
            let mut chars = part.chars();
            let letter = chars.next();
            let found = Param::LETTERS.iter().find(|(own, _)| Some(*own) == letter);
            let Some((_, param)) = found else {
                continue;
            };
            let known = params.iter().position(|known| known == param);
            let number = match known {
                Some(at) if dialect != Dialect::Mysql => at + 1,
                _ => {
                    params.push(*param);
                    params.len()
                }
            };
            sql.push_str(match dialect {
                Dialect::Postgres => "$",
                Dialect::Sqlite | Dialect::Mysql => "?",
            });
            if dialect != Dialect::Mysql {
                sql.push_str(&number.to_string());
            }
            sql.push_str(chars.as_str());
        }
        Self { sql, params }
    }
}

/// A table's name as a statement writes it.
pub(in crate::lifecycle) fn table_name(dialect: Dialect, name: &ObjectName) -> String {
    let own = dialect.quote(&name.name);
    match &name.schema {
        Some(schema) => format!("{}.{own}", dialect.quote(schema)),
        None => own,
    }
}
