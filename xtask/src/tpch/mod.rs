//! TPC-H in PostgreSQL with every table made soft-deletable: live rows, tombstones, the views and
//! the tables without tombstones that tell the truth about a query.

mod data;

use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use postgres::Client;
use soft_delete_sql::{Dialect, Schema, schema};

/// The schema of views that show the live rows of `public`.
pub(crate) const VIEWS: &str = "views";
/// The schema of tables that hold only the live rows of `public`.
pub(crate) const CLEAN: &str = "clean";

/// What of a table the queries of TPC-H look up.
struct Table {
    name: &'static str,
    columns: &'static str,
    key: &'static str,
    /// Each gets an index.
    looked_up: &'static [&'static str],
    /// The column of the key that tells a copy from its original.
    shifted: &'static str,
    /// A number for each row, from its key.
    number: &'static str,
}

const TABLES: [Table; 8] = [
    Table {
        name: "region",
        columns: "r_regionkey, r_name, r_comment",
        key: "r_regionkey",
        looked_up: &[],
        shifted: "r_regionkey",
        number: "r_regionkey",
    },
    Table {
        name: "nation",
        columns: "n_nationkey, n_name, n_regionkey, n_comment",
        key: "n_nationkey",
        looked_up: &["n_regionkey"],
        shifted: "n_nationkey",
        number: "n_nationkey",
    },
    Table {
        name: "supplier",
        columns: "s_suppkey, s_name, s_address, s_nationkey, s_phone, s_acctbal, s_comment",
        key: "s_suppkey",
        looked_up: &["s_nationkey"],
        shifted: "s_suppkey",
        number: "s_suppkey",
    },
    Table {
        name: "part",
        columns: "p_partkey, p_name, p_mfgr, p_brand, p_type, p_size, p_container, \
                  p_retailprice, p_comment",
        key: "p_partkey",
        looked_up: &[],
        shifted: "p_partkey",
        number: "p_partkey",
    },
    Table {
        name: "partsupp",
        columns: "ps_partkey, ps_suppkey, ps_availqty, ps_supplycost, ps_comment",
        key: "ps_partkey, ps_suppkey",
        looked_up: &["ps_suppkey"],
        shifted: "ps_partkey",
        number: "(ps_partkey * 31 + ps_suppkey)",
    },
    Table {
        name: "customer",
        columns: "c_custkey, c_name, c_address, c_nationkey, c_phone, c_acctbal, \
                  c_mktsegment, c_comment",
        key: "c_custkey",
        looked_up: &["c_nationkey"],
        shifted: "c_custkey",
        number: "c_custkey",
    },
    Table {
        name: "orders",
        columns: "o_orderkey, o_custkey, o_orderstatus, o_totalprice, o_orderdate, \
                  o_orderpriority, o_clerk, o_shippriority, o_comment",
        key: "o_orderkey",
        looked_up: &["o_custkey", "o_orderdate"],
        shifted: "o_orderkey",
        number: "o_orderkey",
    },
    Table {
        name: "lineitem",
        columns: "l_orderkey, l_partkey, l_suppkey, l_linenumber, l_quantity, l_extendedprice, \
                  l_discount, l_tax, l_returnflag, l_linestatus, l_shipdate, l_commitdate, \
                  l_receiptdate, l_shipinstruct, l_shipmode, l_comment",
        key: "l_orderkey, l_linenumber",
        looked_up: &["l_partkey, l_suppkey", "l_suppkey", "l_shipdate"],
        shifted: "l_linenumber",
        number: "(l_orderkey * 8 + l_linenumber)",
    },
];

/// Beyond every key of the generator, and within an INTEGER.
const SHIFT: u32 = 1_000_000_000;

/// What the analyser knows of the tables that [`load`] makes.
pub(crate) fn schema(tables: &str) -> Result<Schema> {
    let ddl = format!("{tables};\n{}{}", markers(), indexes());
    schema::from_sql(Dialect::Postgres, &ddl, &schema::Config::default())
        .map_err(|faults| anyhow!("{faults:?}"))
}

/// What makes the tables of `schema.sql` soft-deletable.
fn markers() -> String {
    let mut sql = String::new();
    for Table { name, key, .. } in &TABLES {
        let _ = writeln!(
            sql,
            "ALTER TABLE {name} ADD COLUMN deleted_at TIMESTAMPTZ;\n\
             ALTER TABLE {name} ADD PRIMARY KEY ({key});"
        );
    }
    sql
}

/// The indexes that soft-deletable tables have: beside each of the usual ones a partial one over the
/// live rows.
fn indexes() -> String {
    let mut sql = String::new();
    for table in &TABLES {
        let name = table.name;
        let _ = writeln!(
            sql,
            "CREATE UNIQUE INDEX {name}_key{ACTIVE} ON {name} ({}) WHERE deleted_at IS NULL;",
            table.key
        );
        for columns in table.looked_up {
            let index = format!("{name}_{}", columns.replace(", ", "_"));
            let _ = writeln!(
                sql,
                "CREATE INDEX {index} ON {name} ({columns});\n\
                 CREATE INDEX {index}{ACTIVE} ON {name} ({columns}) WHERE deleted_at IS NULL;"
            );
        }
    }
    sql
}

/// How the name of a partial index ends.
pub(crate) const ACTIVE: &str = "_active";

/// Makes and fills the tables of a `schema.sql`, the views and the clean tables. The session sees the
/// tables of `public`.
pub(crate) fn load(client: &mut Client, tables: &str, scale: f64) -> Result<()> {
    client.batch_execute(tables)?;
    client.batch_execute(&markers())?;
    for table in &TABLES {
        data::copy(client, table.name, table.columns, scale)?;
        client.batch_execute(&tombstones(table))?;
    }
    client.batch_execute(&indexes())?;
    client.batch_execute(&format!("CREATE SCHEMA {VIEWS}; CREATE SCHEMA {CLEAN};"))?;
    for Table { name, .. } in &TABLES {
        client.batch_execute(&format!(
            "CREATE VIEW {VIEWS}.{name} AS SELECT * FROM public.{name} WHERE deleted_at IS NULL;\n\
             CREATE TABLE {CLEAN}.{name} (LIKE public.{name} INCLUDING ALL);\n\
             INSERT INTO {CLEAN}.{name} SELECT * FROM {VIEWS}.{name};"
        ))?;
    }
    // A vacuum marks pages as seen by all, without which no scan of an index alone is cheap.
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// Marks one row of twenty and copies another one, which keeps what it refers to. The nations and
/// regions, of which there are few, are all copied.
fn tombstones(table: &Table) -> String {
    let Table {
        name,
        columns,
        shifted,
        number,
        ..
    } = table;
    let bucket = format!("({number} * 7919) % 1009");
    let copied = match *name {
        "region" | "nation" => "TRUE".to_owned(),
        _ => format!("{bucket} BETWEEN 50 AND 99"),
    };
    let copy = columns.replacen(shifted, &format!("{shifted} + {SHIFT}"), 1);
    format!(
        "INSERT INTO {name} ({columns}, deleted_at)\n\
         SELECT {copy}, TIMESTAMPTZ '2024-01-01 00:00:00+00' FROM {name} WHERE {copied};\n\
         UPDATE {name} SET deleted_at = TIMESTAMPTZ '2024-01-02 00:00:00+00' WHERE {bucket} < 50 \
         AND deleted_at IS NULL;"
    )
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{TABLES, schema, tombstones};

    #[test]
    fn a_copy_differs_from_its_row_in_one_column_of_the_key() {
        for table in &TABLES {
            assert_eq!(tombstones(table).matches("+ 1000000000").count(), 1);
            assert!(table.key.contains(table.shifted), "{}", table.name);
        }
    }

    #[test]
    fn every_table_is_soft_deletable_to_the_analyser() {
        let mut ddl = String::new();
        for table in &TABLES {
            let columns = table.columns.replace(", ", " BIGINT, ");
            let _ = writeln!(ddl, "CREATE TABLE {} ({columns} BIGINT);", table.name);
        }
        let schema = schema(&ddl).expect("a schema");
        for table in &TABLES {
            let mut read = schema.tables.iter();
            let read = read.find(|read| read.name.name == table.name);
            assert!(
                read.is_some_and(|read| read.marker.is_some()),
                "{}",
                table.name
            );
        }
    }
}
