use proptest::prelude::*;

use crate::{
    Dialect,
    syntax::{
        Parsed,
        ast::{Expr, From, NodeKind, Query, Range, Relation, SelectItem, With},
        lexer, overrides, parse, placeholder,
        visit::{self, Visitor},
    },
};

/// Checks that every range of the tree is sound.
struct Sound<'p, 's> {
    parsed: &'p Parsed<'s>,
    faults: Vec<String>,
}

impl Sound<'_, '_> {
    fn inside(&mut self, what: &str, inner: Range, outer: Range) {
        if inner.start > inner.end || inner.start < outer.start || inner.end > outer.end {
            self.faults
                .push(format!("{what}: {inner:?} not in {outer:?}"));
        }
    }

    fn in_statement(&mut self, what: &str, range: Range) {
        let end = u32::try_from(self.parsed.tokens.len()).unwrap();
        self.inside(what, range, Range { start: 0, end });
        let bytes = self.parsed.bytes(range);
        if self.parsed.sql.get(bytes.clone()).is_none() {
            self.faults.push(format!("{what}: bytes {bytes:?}"));
        }
    }
}

impl Visitor for Sound<'_, '_> {
    fn relation(&mut self, relation: &Relation) {
        self.in_statement("relation", relation.range);
        self.inside("name", relation.name_range, relation.range);
        for part in &relation.name {
            let part = Range {
                start: *part,
                end: *part + 1,
            };
            self.inside("name part", part, relation.name_range);
        }
        for modifier in &relation.modifiers {
            self.inside("modifier", modifier.range, relation.range);
        }
        if let Some(alias) = &relation.alias {
            self.inside("alias", alias.range, relation.range);
        }
    }

    fn from(&mut self, from: &From) {
        self.in_statement("from", from.range);
        if from.nodes[from.root].range != from.range {
            self.faults.push(format!("root: {:?}", from.range));
        }
        let mut parents = vec![None; from.nodes.len()];
        for (at, node) in from.nodes.iter().enumerate() {
            let children = match &node.kind {
                NodeKind::Join(join) => vec![join.left, join.right],
                NodeKind::Paren { inner, .. } => vec![*inner],
                _ => Vec::new(),
            };
            for child in children {
                if child >= at {
                    self.faults.push(format!("child {child} not before {at}"));
                }
                parents[child] = Some(at);
                self.inside("node", from.nodes[child].range, node.range);
            }
        }
        for (at, node) in from.nodes.iter().enumerate() {
            if node.parent != parents[at] || node.parent.is_none() != (at == from.root) {
                self.faults
                    .push(format!("parent of {at}: {:?}", node.parent));
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        self.in_statement("expression", expr.range);
        for query in &expr.queries {
            self.inside("subquery", query.range, expr.range);
        }
        for table in &expr.tables {
            self.inside("table of IN", table.range, expr.range);
        }
    }

    fn query(&mut self, query: &Query) {
        self.in_statement("query", query.range);
        for tail in &query.tail {
            self.inside("tail", tail.expr.range, query.range);
        }
        for lock in &query.locks {
            self.inside("lock", lock.range, query.range);
        }
    }

    fn with(&mut self, with: &With) {
        for cte in &with.ctes {
            self.inside("cte", cte.range, with.range);
        }
    }

    fn item(&mut self, item: &SelectItem) {
        self.inside("item", item.expr.range, item.range);
        if item.expr.range.is_empty() {
            self.faults.push("empty item".to_owned());
        }
    }
}

fn faults(dialect: Dialect, sql: &str) -> Vec<String> {
    match parse(dialect, sql) {
        Ok(parsed) => {
            let mut sound = Sound {
                parsed: &parsed,
                faults: Vec::new(),
            };
            visit::statement(&parsed.statement, &mut sound);
            let _ = placeholder::count(&parsed);
            let _ = overrides::strip_overrides(dialect, sql);
            sound.faults
        }
        Err(diagnostic) => {
            let span = diagnostic.span.clone().unwrap_or_default();
            let _ = diagnostic.render(sql);
            if sql.get(span.clone()).is_some() && !diagnostic.message.contains('\n') {
                Vec::new()
            } else {
                vec![format!("{span:?} {}", diagnostic.message)]
            }
        }
    }
}

/// Words and signs in any order.
fn soup() -> impl Strategy<Value = String> {
    const WORDS: &str = "SELECT FROM WHERE t u a.b * , , ( ) ( ) [ ] . ; = 1 'x' \"y\" `z` ? $1 :a @v { } \
        JOIN LEFT RIGHT FULL NATURAL CROSS INNER OUTER STRAIGHT_JOIN ON USING LATERAL ONLY AS \
        WITH RECURSIVE MATERIALIZED NOT UNION ALL EXCEPT INTERSECT VALUES ROW TABLE ORDER BY \
        GROUP HAVING WINDOW OVER LIMIT OFFSET FETCH FIRST FOR UPDATE SHARE NO KEY OF NOWAIT SKIP LOCKED \
        INSERT INTO REPLACE OR IGNORE DEFAULT SET DELETE RETURNING CONFLICT DO NOTHING CONSTRAINT \
        DUPLICATE MERGE WHEN MATCHED THEN SOURCE TARGET AND IN IS DISTINCT CASE END ELSE NULL \
        EXISTS TABLESAMPLE REPEATABLE INDEXED USE FORCE INDEX PARTITION SYSTEM_TIME CURRENT \
        EXPLAIN ANALYZE COPY TO TRUNCATE DECLARE CURSOR PREPARE SEARCH CYCLE DEPTH f( (SELECT INTERVAL DAY \
        ROWS ORDINALITY WITHIN :: := => -> LOCK MODE VALUE DISTINCT TIME ZONE AT";
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|words| words.join(" "))
}

/// Valid statements with one part replaced, so that the parser gets far.
fn grown() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("SELECT a FROM t".to_owned()),
        Just("VALUES (1)".to_owned()),
        Just("SELECT t.*, count(*) n FROM t JOIN u USING (a), v WHERE x IS NULL".to_owned()),
        Just("TABLE t".to_owned()),
        Just("DELETE FROM t USING u RETURNING a".to_owned()),
        Just(
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) WHERE b DO UPDATE SET a = 1 WHERE c"
                .to_owned()
        ),
        Just("UPDATE t SET a = 1 FROM u WHERE b".to_owned()),
    ];
    leaf.prop_recursive(6, 40, 2, |inner| {
        (inner.clone(), inner, 0..14_usize).prop_map(|(a, b, shape)| match shape {
            0 => format!("SELECT * FROM ({a}) AS d LEFT JOIN u ON EXISTS ({b})"),
            1 => format!("({a}) UNION ({b}) ORDER BY 1"),
            2 => format!("WITH c AS ({a}), d AS ({b}) SELECT * FROM c, d"),
            3 => format!("SELECT ({a}), f(({b}), 1) x FROM t"),
            4 => format!(
                "SELECT * FROM (t JOIN ({a}) x ON true) LEFT JOIN (u CROSS JOIN v) ON a = ({b})"
            ),
            5 => format!("{a} UNION ALL {b}"),
            6 => format!("INSERT INTO t {a}"),
            7 => format!("UPDATE t SET a = ({a}) WHERE b IN ({b})"),
            8 => format!("DELETE FROM t WHERE a = ({a}) OR EXISTS ({b})"),
            9 => format!("SELECT CASE WHEN a IN ({a}) THEN ({b}) END FROM t"),
            10 => format!("EXPLAIN {a}"),
            11 => format!("MERGE INTO t USING ({a}) s ON a = ({b}) WHEN MATCHED THEN DELETE"),
            12 => format!("SELECT * FROM f(({a})) g, LATERAL ({b}) h WHERE x IN u"),
            _ => format!("SELECT a FROM t WINDOW w AS (ORDER BY ({a})) LIMIT ({b})"),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_gives_a_sound_tree_or_a_sound_refusal(
        sql in prop_oneof![any::<String>(), soup(), grown()]
    ) {
        for dialect in Dialect::ALL {
            prop_assert_eq!(faults(dialect, &sql), Vec::<String>::new());
        }
    }

    #[test]
    fn a_word_put_into_a_statement_breaks_nothing(
        sql in grown(), word in soup(), place in any::<prop::sample::Index>()
    ) {
        for dialect in Dialect::ALL {
            let tokens = lexer::lex(dialect, &sql).unwrap();
            let at = tokens[place.index(tokens.len())].start;
            let sql = format!("{} {word} {}", &sql[..at], &sql[at..]);
            prop_assert_eq!(faults(dialect, &sql), Vec::<String>::new());
        }
    }
}
