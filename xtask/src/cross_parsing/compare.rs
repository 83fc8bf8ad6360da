//! What two readers of one statement say differently.

use soft_delete_sql::{
    Dialect,
    syntax::{TokenKind, lexer},
};

use super::{Named, Other};
use crate::corpus::Statement;

/// What came of one statement and one other parser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// At least one does not understand it.
    OneSided { us: bool, them: bool },
    /// Both do.
    Both {
        /// References that both find at the same place.
        agreed: usize,
        differences: Vec<Difference>,
    },
}

/// A reference that only one finds, or that stands elsewhere for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The word or sign in front of the name: a difference of one kind is one of grammar.
    pub(super) behind: String,
}

/// How a reference differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// They find it, we do not.
    Missed,
    /// We find it, they do not.
    Extra,
    /// Both find it, at different bytes.
    Elsewhere,
    /// Both find a table at this byte, with different names.
    Renamed,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Extra => "extra",
            Self::Elsewhere => "elsewhere",
            Self::Renamed => "renamed",
        }
    }
}

/// Compares what both found.
pub(super) fn compare(
    statement: &Statement,
    other: Other,
    ours: Option<&[Named]>,
    theirs: Option<&[Named]>,
) -> Comparison {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Comparison::OneSided {
            us: ours.is_some(),
            them: theirs.is_some(),
        };
    };
    let (agreed, found) = if other.names_only() {
        by_name(ours, theirs)
    } else {
        by_place(ours, theirs)
    };
    let differences = found.into_iter().map(|(kind, named)| Difference {
        kind,
        behind: named.at.map_or_else(String::new, |at| {
            word_before(statement.dialect, &statement.sql, at)
        }),
        name: named.name.clone(),
    });
    Comparison::Both {
        agreed,
        differences: differences.collect(),
    }
}

/// Said is neither how often nor where nor in which schema.
fn by_name<'n>(ours: &'n [Named], theirs: &'n [Named]) -> (usize, Vec<(Kind, &'n Named)>) {
    let bare = |named: &Named| {
        let name = named.name.rsplit('.').next().unwrap_or_default();
        name.to_lowercase()
    };
    let is_in = |named: &Named, list: &[Named]| list.iter().any(|one| bare(one) == bare(named));
    let missed = theirs.iter().filter(|named| !is_in(named, ours));
    let extra = ours.iter().filter(|named| !is_in(named, theirs));
    let differences: Vec<_> = missed
        .map(|named| (Kind::Missed, named))
        .chain(extra.map(|named| (Kind::Extra, named)))
        .collect();
    let agreed = theirs.iter().filter(|named| is_in(named, ours)).count();
    (agreed, differences)
}

fn by_place<'n>(ours: &'n [Named], theirs: &'n [Named]) -> (usize, Vec<(Kind, &'n Named)>) {
    let mut left: Vec<&Named> = ours.iter().collect();
    let mut unmatched = Vec::new();
    let mut agreed = 0;
    let mut differences = Vec::new();
    for named in theirs {
        match left.iter().position(|our| our.at == named.at) {
            Some(at) if left.remove(at).name == named.name => agreed += 1,
            Some(_) => differences.push((Kind::Renamed, named)),
            None => unmatched.push(named),
        }
    }
    for named in unmatched {
        match left.iter().position(|our| our.name == named.name) {
            Some(at) => differences.push((Kind::Elsewhere, left.remove(at))),
            None => differences.push((Kind::Missed, named)),
        }
    }
    differences.extend(left.into_iter().map(|our| (Kind::Extra, our)));
    (agreed, differences)
}

fn word_before(dialect: Dialect, sql: &str, at: usize) -> String {
    let tokens = lexer::lex(dialect, sql).unwrap_or_default();
    let before = tokens.iter().take_while(|token| token.end <= at).last();
    before.map_or_else(String::new, |token| match token.kind {
        TokenKind::Quoted | TokenKind::String => "(quoted)".to_owned(),
        _ => token.text(sql).to_ascii_uppercase(),
    })
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Dialect;

    use super::{Comparison, Difference, Kind, compare};
    use crate::{
        corpus::Statement,
        cross_parsing::{Named, Other},
    };

    fn named(list: &[(usize, &str)]) -> Vec<Named> {
        let named = list.iter().map(|&(at, name)| Named {
            at: Some(at),
            name: name.to_owned(),
        });
        named.collect()
    }

    #[test]
    fn each_difference_is_of_its_kind() {
        let sql = "SELECT * FROM a JOIN b JOIN c, d";
        let statement = Statement::new("1".to_owned(), Dialect::Postgres, sql);
        let ours = named(&[(14, "a"), (21, "b"), (28, "c")]);
        let theirs = named(&[(14, "a"), (21, "x"), (27, "c"), (31, "d")]);
        let difference = |kind, name: &str, behind: &str| Difference {
            kind,
            name: name.to_owned(),
            behind: behind.to_owned(),
        };
        assert_eq!(
            compare(&statement, Other::LibpgQuery, Some(&ours), Some(&theirs)),
            Comparison::Both {
                agreed: 1,
                differences: vec![
                    difference(Kind::Renamed, "x", "JOIN"),
                    difference(Kind::Elsewhere, "c", "JOIN"),
                    difference(Kind::Missed, "d", ","),
                ],
            }
        );
    }

    #[test]
    fn the_authorizer_says_names_only() {
        let statement = Statement::new("1".to_owned(), Dialect::Sqlite, "SELECT * FROM main.A, a");
        let ours = named(&[(14, "main.a"), (22, "a")]);
        let theirs = vec![Named {
            at: None,
            name: "a".to_owned(),
        }];
        assert_eq!(
            compare(&statement, Other::Authorizer, Some(&ours), Some(&theirs)),
            Comparison::Both {
                agreed: 1,
                differences: Vec::new(),
            }
        );
    }
}
