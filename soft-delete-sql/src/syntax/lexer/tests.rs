use proptest::prelude::*;

use super::{Token, TokenKind, lex, lex_schema};
use crate::Dialect::{self, Mysql, Postgres, Sqlite};

/// The tokens as one text: kind letter and spelling.
fn show(sql: &str, tokens: &[Token]) -> String {
    let kind = |token: &Token| match token.kind {
        TokenKind::Word => "w",
        TokenKind::Quoted => "q",
        TokenKind::String => "s",
        TokenKind::Number => "n",
        TokenKind::Param => "p",
        TokenKind::Op => "o",
        _ => "",
    };
    let texts: Vec<String> = tokens
        .iter()
        .map(|token| format!("{}{}", kind(token), token.text(sql)))
        .collect();
    texts.join(" ")
}

fn lexed(dialect: Dialect, sql: &str) -> String {
    match lex(dialect, sql) {
        Ok(tokens) => show(sql, &tokens),
        Err(diagnostic) => format!("{:?} {}", diagnostic.span.unwrap(), diagnostic.message),
    }
}

fn all(cases: &[(Dialect, &str, &str)]) {
    for (dialect, sql, expected) in cases {
        assert_eq!(lexed(*dialect, sql), *expected, "{dialect}: {sql}");
    }
}

#[test]
fn comments_end_where_the_dialect_ends_them() {
    all(&[
        (Postgres, "a /* x /* y */ z */ b", "wa wb"),
        (Sqlite, "a /* x /* y */ z", "wa wz"),
        (Mysql, "a /* x /* y */ z", "wa wz"),
        (Postgres, "a -- x\nb", "wa wb"),
        (Postgres, "a --x\rb", "wa wb"),
        (Sqlite, "a --x\rb\nc", "wa wc"),
        (Mysql, "a --1", "wa o- o- n1"),
        (Mysql, "a -- 1\nb", "wa wb"),
        (Mysql, "a --", "wa"),
        (Mysql, "a # 1\nb", "wa wb"),
        (Postgres, "a # b", "wa o# wb"),
        (Mysql, "a /*+ hint */ b", "wa wb"),
        (Postgres, "a /*! x */ b", "wa wb"),
    ]);
}

#[test]
fn strings_and_quoted_names_of_every_form() {
    all(&[
        (
            Postgres,
            "'it''s' E'it\\'s' e'\\\\'",
            "s'it''s' sE'it\\'s' se'\\\\'",
        ),
        (Postgres, "'a\\' b", "s'a\\' wb"),
        (Postgres, "E'a'\n -- c\n '\\'b' c", "sE'a' s'\\'b' wc"),
        (Postgres, "E'a' '\\' c", "sE'a' s'\\' wc"),
        (Postgres, "$$a 'b$$ $x$ $$ $x$", "s$$a 'b$$ s$x$ $$ $x$"),
        (Postgres, "a$1$b", "wa$1$b"),
        (
            Postgres,
            "U&'d' U&\"d\" N'x' B'1' X'1f'",
            "sU&'d' qU&\"d\" sN'x' sB'1' sX'1f'",
        ),
        (Postgres, "u & 'a'", "wu o& s'a'"),
        (Postgres, "\"a\"\"b\" `", "q\"a\"\"b\" o`"),
        (
            Mysql,
            "'a\\'b' \"c\\\"d\" \"e\"\"f\"",
            "s'a\\'b' s\"c\\\"d\" s\"e\"\"f\"",
        ),
        (
            Mysql,
            "`a``b` _utf8'x' n'x' e'x'",
            "q`a``b` w_utf8 s'x' sn'x' we s'x'",
        ),
        (
            Sqlite,
            "\"a\" `b` [c d] 'e' x'1f'",
            "q\"a\" q`b` q[c d] s'e' sx'1f'",
        ),
        (Postgres, "a[1]", "wa [ n1 ]"),
        (Postgres, "'é' né", "s'é' wné"),
    ]);
}

#[test]
fn placeholders_and_variables() {
    all(&[
        (Postgres, "$1 ?| $12a", "p$1 o?| p$12 wa"),
        (Postgres, "a ? 'b' ?& c", "wa o? s'b' o?& wc"),
        (
            Sqlite,
            "? ?1 :a @b $c $c::d :e(f g)",
            "20..21 unterminated variable name",
        ),
        (
            Sqlite,
            "? ?1 :a @b $c $c::d $e(f)",
            "p? p?1 p:a p@b p$c p$c::d p$e(f)",
        ),
        (
            Mysql,
            "? @a @`b c` @'d' @@global.x @ @@",
            "p? w@a w@`b c` w@'d' w@@global.x o@ o@@",
        ),
        (Mysql, "@a:=1", "w@a o:= n1"),
        (
            Postgres,
            "a::b :c x := y => z",
            "wa o:: wb o: wc wx o:= wy o=> wz",
        ),
    ]);
}

#[test]
fn numbers_and_names_that_begin_with_digits() {
    all(&[
        (
            Postgres,
            "1 1.5 .5 1. 1e5 1e-5 1_000 0x1F 1e",
            "n1 n1.5 n.5 n1. n1e5 n1e-5 n1_000 n0x1F n1 we",
        ),
        (Postgres, "1..2", "n1 o.. n2"),
        (Postgres, "1from", "n1 wfrom"),
        (Sqlite, "1from", "0..1 malformed number"),
        (
            Mysql,
            "1st 1e5 1e5x 1ex 0x1f 0x1g 0b1 0b2 t.1st t.1e5 .5",
            "w1st n1e5 n1e5 wx w1ex n0x1f w0x1g n0b1 w0b2 wt . w1st wt . w1e5 n.5",
        ),
        (Mysql, "$a a$b", "w$a wa$b"),
    ]);
}

#[test]
fn operators_are_cut_as_the_dialect_cuts_them() {
    all(&[
        (
            Postgres,
            "a=-1 a<>-1 a@-1 a*-1",
            "wa o= o- n1 wa o<> o- n1 wa o@- n1 wa o* o- n1",
        ),
        (Postgres, "a+--b\nc", "wa o+ wc"),
        (Postgres, "a*/* b */c", "wa o* wc"),
        (
            Postgres,
            "a->>'b' #>> ~* !~~ ||",
            "wa o->> s'b' o#>> o~* o!~~ o||",
        ),
        (
            Sqlite,
            "a=-1 a->>'b' ==!=||",
            "wa o= o- n1 wa o->> s'b' o== o!= o||",
        ),
        (Mysql, "a<=>-b&&!c", "wa o<=> o- wb o&& o! wc"),
        (Postgres, "(*),t.*;", "( o* ) , wt . o* ;"),
    ]);
}

#[test]
fn what_is_ambiguous_or_never_ends_is_refused() {
    all(&[
        (Postgres, "a 'b", "2..3 unterminated string"),
        (Postgres, "a \"b", "2..3 unterminated quoted name"),
        (Postgres, "a /* /* */", "2..3 unterminated comment"),
        (Postgres, "a $x$ $y$", "2..3 unterminated string"),
        (Postgres, "a $x", "2..3 unexpected `$`"),
        (Mysql, "a 'b\\'", "2..3 unterminated string"),
        (Sqlite, "a [b", "2..3 unterminated quoted name"),
        (Sqlite, "a #b", "2..3 unexpected `#`"),
        (
            Mysql,
            "a /*!40101 b */",
            "2..5 executable comment: the server runs its text",
        ),
        (
            Mysql,
            "a /*M! b */",
            "2..6 executable comment: the server runs its text",
        ),
        (Postgres, "a\0b", "1..2 NUL byte in the SQL text"),
        (
            Postgres,
            "a \u{1} b",
            "2..3 unexpected control character U+0001",
        ),
        (
            Postgres,
            "U&\"a!0062\" UESCAPE '!'",
            "11..18 UESCAPE behind a name is not supported",
        ),
    ]);
}

#[test]
fn a_byte_order_mark_is_no_token() {
    all(&[
        (Postgres, "\u{feff}a", "wa"),
        (Sqlite, "\u{feff}a \u{feff}b", "wa wb"),
        (Mysql, "\u{feff}a", "wa"),
    ]);
}

#[test]
fn a_name_is_read_without_quotes_and_folded() {
    for (dialect, sql, name) in [
        (Postgres, "Users", "users"),
        (Postgres, "\"Us\"\"ers\"", "Us\"ers"),
        (Postgres, "U&\"\\0075sers\\+000021\\\\\"", "users!\\"),
        (Postgres, "$x$Users$x$", "Users"),
        (Postgres, "E'a\\'b'", "a'b"),
        (Sqlite, "[Us]", "us"),
        (Sqlite, "'Us'", "us"),
        (Sqlite, "`U``s`", "u`s"),
        (Mysql, "\"Us\"", "us"),
        (Mysql, "'U\\'s'", "u's"),
        (Mysql, "@users", "@users"),
    ] {
        let tokens = lex(dialect, sql).unwrap();
        assert_eq!(tokens.len(), 1, "{sql}");
        assert_eq!(tokens[0].name(dialect, sql), name, "{sql}");
    }
    let long = "é".repeat(40);
    let token = lex(Postgres, &long).unwrap()[0];
    assert_eq!(token.name(Postgres, &long), "é".repeat(31));
}

#[test]
fn a_schema_is_read_through_executable_comments_and_client_commands() {
    for (dialect, sql, expected) in [
        (
            Mysql,
            "/*!40101 SET a=1 */; /*M!100100 b */ /*!50003 c /* d */ e*/ f",
            "wSET wa o= n1 ; wb wc we wf",
        ),
        (
            Mysql,
            "a;\nDELIMITER ;;\nb; c ;;\ndelimiter ;\nd;",
            "wa ; wb o; wc ;; wd ;",
        ),
        (Postgres, "\\restrict x'\na;\n\\unrestrict y\nb", "wa ; wb"),
        (
            Postgres,
            "COPY t (a) FROM stdin;\nit's\tx\n\\.\n\na;",
            "wCOPY wt ( wa ) wFROM wstdin ; wa ;",
        ),
    ] {
        assert_eq!(
            show(sql, &lex_schema(dialect, sql).unwrap()),
            expected,
            "{sql}"
        );
    }
    let open = lex_schema(Mysql, "a /*!40101 b").unwrap_err();
    assert_eq!(
        (open.message.as_str(), open.span),
        ("unterminated comment", Some(2..3))
    );
}

/// Texts made of what lexers trip over.
fn tricky() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'"),
        Just("\""),
        Just("`"),
        Just("["),
        Just("]"),
        Just("\\"),
        Just("$"),
        Just("$x$"),
        Just("E'"),
        Just("U&\""),
        Just("--"),
        Just("/*"),
        Just("*/"),
        Just("/*!"),
        Just("\n"),
        Just(" "),
        Just("é"),
        Just("𐀀"),
        Just("\u{feff}"),
        Just("1e"),
        Just("0x"),
        Just("."),
        Just("@"),
        Just(":"),
        Just("?"),
        Just("a"),
        Just(";"),
        Just("DELIMITER ;;"),
        Just("COPY a FROM stdin;"),
        Just("\\."),
        Just("#"),
        Just("-"),
        Just("+"),
        Just("("),
        Just("\0"),
        Just("UESCAPE"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn tokens_are_in_order_in_bounds_and_never_half_a_character(
        sql in prop_oneof![tricky(), any::<String>()]
    ) {
        for dialect in Dialect::ALL {
            for tokens in [lex(dialect, &sql), lex_schema(dialect, &sql)].into_iter().flatten() {
                let mut end = 0;
                for token in tokens {
                    prop_assert!(end <= token.start && token.start < token.end);
                    prop_assert!(sql.is_char_boundary(token.start) && sql.is_char_boundary(token.end));
                    let _ = token.name(dialect, &sql);
                    end = token.end;
                }
            }
        }
    }
}
