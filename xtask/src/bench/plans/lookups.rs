//! Queries that find few rows by a key or a range: on these the planner must take the partial
//! index, which it may only where it can prove that the statement wants live rows alone. The keys are
//! those of tombstones, or of rows with tombstones beside them.

/// A query, and the same with the filter by hand.
pub(super) struct Lookup {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    pub(super) by_hand: &'static str,
}

pub(super) const LOOKUPS: [Lookup; 12] = [
    Lookup {
        name: "key",
        sql: "SELECT * FROM orders WHERE o_orderkey = 257",
        by_hand: "SELECT * FROM orders WHERE deleted_at IS NULL AND o_orderkey = 257",
    },
    Lookup {
        name: "key of two columns",
        sql: "SELECT ps_supplycost FROM partsupp p WHERE p.ps_partkey = 80 AND p.ps_suppkey = 6",
        by_hand: "SELECT ps_supplycost FROM partsupp p WHERE p.deleted_at IS NULL \
                  AND p.ps_partkey = 80 AND p.ps_suppkey = 6",
    },
    Lookup {
        name: "keys in a list",
        sql: "SELECT c_name FROM customer WHERE c_custkey IN (3, 46, 500)",
        by_hand: "SELECT c_name FROM customer WHERE deleted_at IS NULL \
                  AND c_custkey IN (3, 46, 500)",
    },
    Lookup {
        name: "foreign key",
        sql: "SELECT o_orderkey, o_totalprice FROM orders WHERE o_custkey = 841",
        by_hand: "SELECT o_orderkey, o_totalprice FROM orders WHERE deleted_at IS NULL \
                  AND o_custkey = 841",
    },
    Lookup {
        name: "range of keys",
        sql: "SELECT count(*) FROM lineitem WHERE l_orderkey BETWEEN 100 AND 200",
        by_hand: "SELECT count(*) FROM lineitem WHERE deleted_at IS NULL \
                  AND l_orderkey BETWEEN 100 AND 200",
    },
    Lookup {
        name: "range of dates",
        sql: "SELECT o_orderkey FROM orders WHERE o_orderdate >= DATE '1995-03-14' \
              AND o_orderdate < DATE '1995-03-16'",
        by_hand: "SELECT o_orderkey FROM orders WHERE deleted_at IS NULL \
                  AND o_orderdate >= DATE '1995-03-14' AND o_orderdate < DATE '1995-03-16'",
    },
    Lookup {
        name: "first page",
        sql: "SELECT o_orderkey, o_orderdate FROM orders ORDER BY o_orderkey DESC LIMIT 20",
        by_hand: "SELECT o_orderkey, o_orderdate FROM orders WHERE deleted_at IS NULL \
                  ORDER BY o_orderkey DESC LIMIT 20",
    },
    Lookup {
        name: "next page",
        sql: "SELECT l_orderkey, l_linenumber FROM lineitem \
              WHERE (l_orderkey, l_linenumber) > (5000, 2) \
              ORDER BY l_orderkey, l_linenumber LIMIT 20",
        by_hand: "SELECT l_orderkey, l_linenumber FROM lineitem WHERE deleted_at IS NULL \
                  AND (l_orderkey, l_linenumber) > (5000, 2) \
                  ORDER BY l_orderkey, l_linenumber LIMIT 20",
    },
    Lookup {
        name: "inner join",
        sql: "SELECT o.o_orderkey, l.l_quantity FROM orders o \
              JOIN lineitem l ON l.l_orderkey = o.o_orderkey WHERE o.o_custkey = 841",
        by_hand: "SELECT o.o_orderkey, l.l_quantity FROM orders o \
                  JOIN lineitem l ON l.l_orderkey = o.o_orderkey \
                  WHERE o.deleted_at IS NULL AND l.deleted_at IS NULL AND o.o_custkey = 841",
    },
    Lookup {
        name: "outer join",
        sql: "SELECT c.c_name, o.o_orderkey FROM customer c \
              LEFT JOIN orders o ON o.o_custkey = c.c_custkey WHERE c.c_custkey = 25",
        by_hand: "SELECT c.c_name, o.o_orderkey FROM customer c \
                  LEFT JOIN orders o ON o.deleted_at IS NULL AND o.o_custkey = c.c_custkey \
                  WHERE c.deleted_at IS NULL AND c.c_custkey = 25",
    },
    Lookup {
        name: "existence",
        sql: "SELECT c_name FROM customer c WHERE c_custkey BETWEEN 395 AND 405 \
              AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.o_custkey = c.c_custkey)",
        by_hand: "SELECT c_name FROM customer c WHERE c.deleted_at IS NULL \
                  AND c_custkey BETWEEN 395 AND 405 AND NOT EXISTS (SELECT 1 FROM orders o \
                  WHERE o.deleted_at IS NULL AND o.o_custkey = c.c_custkey)",
    },
    Lookup {
        name: "one of each group",
        sql: "SELECT c.c_name, last.o_orderkey FROM customer c CROSS JOIN LATERAL (\
              SELECT o_orderkey FROM orders o WHERE o.o_custkey = c.c_custkey \
              ORDER BY o_orderdate DESC, o_orderkey LIMIT 1) last WHERE c.c_custkey < 40",
        by_hand: "SELECT c.c_name, last.o_orderkey FROM customer c CROSS JOIN LATERAL (\
                  SELECT o_orderkey FROM orders o WHERE o.deleted_at IS NULL \
                  AND o.o_custkey = c.c_custkey ORDER BY o_orderdate DESC, o_orderkey LIMIT 1) last \
                  WHERE c.deleted_at IS NULL AND c.c_custkey < 40",
    },
];
