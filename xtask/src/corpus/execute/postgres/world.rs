//! What the server's own catalog says about the tables and their markers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result};
use soft_delete_sql::{Schema, schema::Marker};

use super::{super::scopes::live, session::Session};

/// A table with a marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SoftTable {
    /// Qualified and quoted.
    pub(super) name: String,
    /// Its name alone, as stored.
    pub(super) bare: String,
    /// Holds rows of its own; a partitioned table does not.
    pub(super) stores: bool,
    /// Its marker column, as stored.
    pub(super) marker: String,
    /// The condition of a live row.
    pub(super) live: String,
    /// The names, as `bare`, of those it inherits from.
    pub(super) ancestors: BTreeSet<String>,
}

/// Tables with markers, and what reads them under another name.
#[derive(Debug, Default)]
pub(super) struct World {
    /// By their qualified names.
    pub(super) soft: BTreeMap<String, SoftTable>,
    /// Names of views over them, and the tables behind each.
    pub(super) views: HashMap<String, BTreeSet<String>>,
    /// Tables that look soft-deletable and that the analyser's schema does not know as such.
    pub(super) unknown: Vec<String>,
}

/// Tables with their columns and ancestors.
const TABLES: &str = "\
WITH RECURSIVE up (child, parent) AS (
    SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits
    UNION SELECT up.child, i.inhparent
    FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.parent
)
SELECT format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, c.relkind = 'r',
    (SELECT string_agg(attname, E'\\n' ORDER BY attnum) FROM pg_catalog.pg_attribute
     WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
    (SELECT string_agg(p.relname, E'\\n') FROM up JOIN pg_catalog.pg_class p ON p.oid = up.parent
     WHERE up.child = c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_toast'
ORDER BY c.oid";

/// Views with the tables they read, through other views too. A name that is a table's as well
/// means the table.
const VIEWS: &str = "\
WITH RECURSIVE reads (view, relation) AS (
    SELECT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
    WHERE r.ev_type = '1'
    UNION SELECT reads.view, d.refobjid FROM reads
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = reads.relation AND r.ev_type = '1'
    JOIN pg_catalog.pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
)
SELECT DISTINCT v.relname, format('%I.%I', n.nspname, c.relname)
FROM reads JOIN pg_catalog.pg_class v ON v.oid = reads.view
JOIN pg_catalog.pg_class c ON c.oid = reads.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE v.relnamespace <> 'pg_catalog'::regnamespace
    AND v.relnamespace <> 'information_schema'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class t
        WHERE t.relname = v.relname AND t.relkind IN ('r', 'p'))";

impl World {
    /// Reads the catalog; a table is soft-deletable when the analyser's schema says so.
    pub(super) fn read(session: &mut Session, schema: &Schema, markers: &[String]) -> Result<Self> {
        let mut known: HashMap<(&str, &str), &Marker> = HashMap::new();
        for table in &schema.tables {
            if let Some(marker) = &table.marker {
                let namespace = table.name.schema.as_deref().unwrap_or("public");
                known.insert((namespace, &table.name.name), marker);
            }
        }
        let mut world = Self::read_with(session, |namespace, name, columns| {
            let marker = known.get(&(namespace, name))?;
            let exists = columns.contains(&marker.column.as_str());
            exists.then(|| (marker.column.clone(), live(marker)))
        })?;
        world.unknown = Self::read_with(session, |_, _, columns| {
            let marker = markers
                .iter()
                .find(|name| columns.contains(&name.as_str()))?;
            Some((marker.clone(), String::new()))
        })?
        .soft
        .into_keys()
        .filter(|name| !world.soft.contains_key(name))
        .collect();
        Ok(world)
    }

    /// Reads the catalog; the function says which column marks a table, and the condition of a
    /// live row.
    pub(super) fn read_with(
        session: &mut Session,
        marker: impl Fn(&str, &str, &[&str]) -> Option<(String, String)>,
    ) -> Result<Self> {
        let mut world = Self::default();
        for row in session.must(TABLES)?.rows {
            let [name, namespace, bare, stores, columns, ancestors] = row.as_slice() else {
                anyhow::bail!("the catalog answers with {} columns", row.len());
            };
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let (columns, bare) = (text(columns), text(bare));
            let columns: Vec<&str> = columns.lines().collect();
            if let Some((marker, live)) = marker(&text(namespace), &bare, &columns) {
                let table = SoftTable {
                    name: text(name),
                    bare,
                    stores: stores.as_deref() == Some("t"),
                    marker,
                    live,
                    ancestors: text(ancestors).lines().map(str::to_owned).collect(),
                };
                world.soft.insert(table.name.clone(), table);
            }
        }
        for row in session.must(VIEWS)?.rows {
            if let [Some(view), Some(table)] = row.as_slice()
                && world.soft.contains_key(table)
            {
                let tables = world.views.entry(view.clone()).or_default();
                tables.insert(table.clone());
            }
        }
        Ok(world)
    }

    /// The tables that a name may stand for.
    pub(super) fn called<'w>(&'w self, bare: &'w str) -> impl Iterator<Item = &'w SoftTable> {
        self.soft.values().filter(move |table| table.bare == bare)
    }
}

/// The first value of the first row.
pub(super) fn single(session: &mut Session, sql: &str) -> Result<String> {
    let first = session.must(sql)?.rows.into_iter().flatten().next();
    first.flatten().with_context(|| format!("no value: {sql}"))
}
