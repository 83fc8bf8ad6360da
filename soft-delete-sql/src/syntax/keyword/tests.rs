use super::{
    MARIADB_RESERVED, MYSQL_NOT_EVERYWHERE, MYSQL_RESERVED, POSTGRES_COLUMN_ONLY,
    POSTGRES_LABEL_NEEDS_AS, POSTGRES_RESERVED, POSTGRES_TYPE_OR_FUNCTION, SQLITE_JOIN,
    SQLITE_QUOTED, SQLITE_RESERVED, aliases_table, is_reserved, labels_column, names_table,
};
use crate::Dialect::{self, Mysql, Postgres, Sqlite};

#[test]
fn the_lists_are_sorted_as_binary_search_needs_them() {
    for list in [
        POSTGRES_RESERVED,
        POSTGRES_TYPE_OR_FUNCTION,
        POSTGRES_COLUMN_ONLY,
        POSTGRES_LABEL_NEEDS_AS,
        SQLITE_RESERVED,
        SQLITE_JOIN,
        SQLITE_QUOTED,
        MYSQL_RESERVED,
        MYSQL_NOT_EVERYWHERE,
        MARIADB_RESERVED,
    ] {
        for pair in list.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
    }
}

#[test]
fn what_a_bare_word_can_be_depends_on_the_dialect() {
    type Test = fn(Dialect, &str) -> bool;
    let cases: &[(Test, Dialect, &str, bool)] = &[
        (is_reserved, Postgres, "user", true),
        (is_reserved, Postgres, "USER", true),
        (is_reserved, Postgres, "left", true),
        (is_reserved, Postgres, "values", true),
        (is_reserved, Postgres, "key", false),
        (is_reserved, Sqlite, "order", true),
        (is_reserved, Sqlite, "user", false),
        (is_reserved, Mysql, "rank", true),
        (is_reserved, Mysql, "full", false),
        (names_table, Postgres, "left", false),
        (names_table, Postgres, "values", true),
        (names_table, Sqlite, "left", true),
        (names_table, Mysql, "rank", true),
        (names_table, Mysql, "dual", true),
        (names_table, Mysql, "select", false),
        (aliases_table, Postgres, "set", true),
        (aliases_table, Postgres, "tablesample", false),
        (aliases_table, Sqlite, "left", false),
        (aliases_table, Sqlite, "set", false),
        (aliases_table, Mysql, "full", true),
        (aliases_table, Mysql, "offset", false),
        (labels_column, Postgres, "left", true),
        (labels_column, Postgres, "day", false),
        (labels_column, Sqlite, "day", true),
    ];
    for (test, dialect, word, expected) in cases {
        assert_eq!(test(*dialect, word), *expected, "{dialect}: {word}");
    }
    assert!(!is_reserved(Postgres, &"x".repeat(100)));
}
