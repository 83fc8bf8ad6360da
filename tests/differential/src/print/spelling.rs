//! Spells a text in another way that means the same: the names of the world, and at will
//! comments, white space, quotes, upper and lower case where nobody puts them.

use std::ops::Range;

use soft_delete_sql::Dialect;

use super::Printed;
use crate::names::{Names, quotes};

/// How a comment begins that MySQL, or MariaDB alone, runs.
pub(crate) const EXECUTABLE: [&str; 3] = ["/*! ", "/*!50000 ", "/*M! "];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Comment,
    Word,
    Quoted,
    String,
    Other,
}

/// The tokens of what the printer writes.
fn tokens(sql: &str) -> Vec<(Kind, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        let first = rest.chars().next().unwrap_or_default();
        let run = |keep: &dyn Fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
        let through = |end: &str| {
            let inside = &rest[first.len_utf8()..];
            inside
                .find(end)
                .map_or(rest.len(), |to| first.len_utf8() + to + end.len())
        };
        let (kind, length) = match first {
            _ if rest.starts_with("--") => (Kind::Comment, through("\n")),
            _ if rest.starts_with("/*") => (Kind::Comment, through("*/")),
            '\'' => (Kind::String, text_length(rest)),
            '"' => (Kind::Quoted, through("\"")),
            '`' => (Kind::Quoted, through("`")),
            '[' => (Kind::Quoted, through("]")),
            _ if first.is_whitespace() => (Kind::Space, run(&char::is_whitespace)),
            _ if first.is_alphanumeric() || first == '_' => {
                (Kind::Word, run(&|c| c.is_alphanumeric() || c == '_'))
            }
            '<' | '>' | '=' | '|' => (Kind::Other, run(&|c| "<>=|".contains(c))),
            _ => (Kind::Other, first.len_utf8()),
        };
        found.push((kind, at..at + length));
        at += length;
    }
    found
}

/// The length of a string whose quotes are doubled inside.
fn text_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// The text with the names of the world, oddly spelled if there is something to choose by.
pub(super) fn spell(
    dialect: Dialect,
    names: &Names,
    printed: &Printed,
    rng: Option<fastrand::Rng>,
) -> Printed {
    let sql = &printed.sql;
    let tokens = tokens(sql);
    let mut speller = Speller {
        dialect,
        names,
        rng,
        out: String::with_capacity(sql.len() * 2),
    };
    // MySQL runs what stands in such a comment: none may be let through.
    let executable = (dialect == Dialect::Mysql && speller.percent(2)).then(|| {
        speller
            .rng
            .as_mut()
            .map_or(0, |rng| rng.usize(..tokens.len()))
    });
    // Where each token stood and stands.
    let mut places = Vec::with_capacity(tokens.len());
    for (at, (kind, range)) in tokens.iter().enumerate() {
        let next = tokens
            .get(at + 1)
            .map(|(kind, range)| (*kind, &sql[range.clone()]));
        let behind_dot = at > 0 && &sql[tokens[at - 1].1.clone()] == ".";
        let called = next.is_some_and(|(_, text)| text == "(");
        let runs = executable == Some(at);
        if runs {
            speller.out.push_str(EXECUTABLE[at % EXECUTABLE.len()]);
        }
        let start = speller.out.len();
        speller.token(*kind, &sql[range.clone()], called, behind_dot);
        places.push((range.clone(), start..speller.out.len()));
        speller.out.push_str(if runs { " */" } else { "" });
        if *kind != Kind::Space && next.is_some_and(|(kind, _)| kind != Kind::Space) {
            // A call has no space before its parenthesis in MySQL.
            if !(called && *kind == Kind::Word) {
                speller.gap("");
            }
        }
    }
    let references = printed.references.iter().map(|(id, old)| {
        let mut new = 0..0;
        for (from, to) in &places {
            if from.start == old.start {
                new.start = to.start;
            }
            if from.end == old.end {
                new.end = to.end;
            }
        }
        (*id, new)
    });
    Printed {
        references: references.collect(),
        sql: speller.out,
    }
}

struct Speller<'n> {
    dialect: Dialect,
    names: &'n Names,
    rng: Option<fastrand::Rng>,
    out: String,
}

impl Speller<'_> {
    fn percent(&mut self, percent: u8) -> bool {
        self.rng.as_mut().is_some_and(|rng| rng.u8(..100) < percent)
    }

    fn token(&mut self, kind: Kind, text: &str, called: bool, behind_dot: bool) {
        match kind {
            Kind::Space => self.gap(text),
            Kind::Word if !called => self.word(text, behind_dot),
            Kind::Word if self.percent(10) => self.case(text),
            Kind::Quoted => {
                let inner = &text[1..text.len() - 1];
                match self.names.of(inner) {
                    Some(name) => self.quoted(name),
                    None => self.out.push_str(text),
                }
            }
            Kind::String => self.string(text),
            Kind::Word | Kind::Comment | Kind::Other => self.out.push_str(text),
        }
    }

    fn word(&mut self, text: &str, behind_dot: bool) {
        let is_mysql = self.dialect == Dialect::Mysql;
        let lower = text.to_lowercase();
        if (!is_mysql || lower == text)
            && let Some(name) = self.names.of(&lower)
        {
            if quotes(self.dialect, name) || self.percent(10) {
                return self.quoted(name);
            }
            self.out.push_str(name);
            return;
        }
        let starts = text.starts_with(|c: char| c.is_alphabetic());
        // The printer writes keywords in upper case, names in lower case; `rowid` is no column,
        // and SQLite compares the name of a window with its quotes.
        let is_name = starts && lower == text && !matches!(text, "rowid" | "excluded" | "w");
        if is_name && self.percent(8) {
            return self.quoted(text);
        }
        // MySQL compares the names of tables as they are written.
        let folds = !is_mysql || behind_dot || (text.len() > 1 && text.to_uppercase() == text);
        if starts && folds && self.percent(15) {
            return self.case(text);
        }
        self.out.push_str(text);
    }

    fn case(&mut self, text: &str) {
        let Some(rng) = self.rng.as_mut() else { return };
        for c in text.chars() {
            let c = if rng.bool() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            };
            self.out.push(c);
        }
    }

    fn quoted(&mut self, name: &str) {
        let choice = self.rng.as_mut().map_or(0, |rng| rng.u8(..3));
        let (open, close) = match (self.dialect, choice) {
            (Dialect::Mysql, _) | (Dialect::Sqlite, 1) => ('`', '`'),
            (Dialect::Sqlite, 2) => ('[', ']'),
            (Dialect::Sqlite | Dialect::Postgres, _) => ('"', '"'),
        };
        self.out.push(open);
        self.out.push_str(name);
        self.out.push(close);
    }

    /// Other quotes around the same text. A custom condition is known by its tokens.
    fn string(&mut self, text: &str) {
        let inner = &text[1..text.len() - 1];
        let plain = !inner.contains(['\'', '"', '$']) && inner != "archived";
        if !plain || !self.percent(15) {
            return self.out.push_str(text);
        }
        let first = self.rng.as_mut().is_some_and(fastrand::Rng::bool);
        let spelled = match (self.dialect, first) {
            (Dialect::Sqlite, _) => text.to_owned(),
            (Dialect::Postgres, true) => format!("$q${inner}$q$"),
            (Dialect::Postgres, false) => format!("E{text}"),
            (Dialect::Mysql, true) => format!("\"{inner}\""),
            (Dialect::Mysql, false) => format!("_utf8mb4{text}"),
        };
        // A dollar behind a name would belong to it.
        if spelled.starts_with(['$', 'E', '_']) && !self.out.ends_with([' ', '(', ',']) {
            self.out.push(' ');
        }
        self.out.push_str(&spelled);
    }

    /// White space, or a comment in place of it.
    fn gap(&mut self, old: &str) {
        let percent = if old.is_empty() { 3 } else { 8 };
        if !self.percent(percent) {
            return self.out.push_str(old);
        }
        let comments: &[&str] = match self.dialect {
            Dialect::Postgres => &["/* a /* nested ' */ IS NULL */", "/*/**/ ; */"],
            Dialect::Mysql => &["# WHERE deleted_at IS NULL '\n", "/* /* ` */", "--\n"],
            Dialect::Sqlite => &["/* /* ] */", "--\n"],
        };
        let Some(rng) = self.rng.as_mut() else { return };
        let text = match rng.u8(..8) {
            0 => "\n",
            1 => "\t ",
            2 => "\r\n  ",
            3 => " /**/ ",
            4 => " -- ' deleted_at IS NULL \"\n",
            5 => " /* deleted_at IS NULL OR ( ' */ ",
            _ => {
                let comment = rng.choice(comments).unwrap_or(&"");
                self.out.push(' ');
                self.out.push_str(comment);
                " "
            }
        };
        self.out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Dialect;

    use super::{Kind, Printed, spell, tokens};
    use crate::names::Names;

    #[test]
    fn an_odd_spelling_has_the_same_words_in_the_same_order() {
        let sql = "SELECT p.s, 'it''s', 1 <= 2 -- WHERE p\n FROM \"people\" AS p WHERE p.s <> 'a'";
        let at = sql.find("\"people\"").expect("it stands there");
        let printed = Printed {
            sql: sql.to_owned(),
            references: vec![(1, at..at + "\"people\"".len())],
        };
        let words = |sql: &str| -> Vec<String> {
            let tokens = tokens(sql).into_iter();
            let shown = tokens.filter(|(kind, _)| !matches!(kind, Kind::Space | Kind::Comment));
            let bare = |text: &str| text.trim_matches(['"', '`', '[', ']']).to_lowercase();
            shown.map(|(_, range)| bare(&sql[range])).collect()
        };
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let rng = Some(fastrand::Rng::with_seed(seed));
            let odd = spell(Dialect::Sqlite, &Names::default(), &printed, rng);
            assert_eq!(words(&odd.sql), words(sql), "{}", odd.sql);
            let (_, span) = odd.references[0].clone();
            assert!(odd.sql[span].contains("people"), "{}", odd.sql);
            seen.insert(odd.sql);
        }
        assert!(seen.len() > 150, "{} spellings", seen.len());
    }
}
