//! The graph of foreign keys, with the policy of each.

use crate::{
    Schema,
    schema::{Action, ForeignKey, Found, Policy, Table, spells},
};

/// A foreign key between two tables of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The referencing table, by its index in [`Schema::tables`].
    pub child: usize,
    /// The table referenced.
    pub parent: usize,
    /// The foreign key, by its index in the child's [`Table::foreign_keys`].
    pub key: usize,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The columns referenced, in the same order.
    pub parent_columns: Vec<String>,
    /// What the parent's `references` says of it; `None` where it says nothing.
    pub policy: Option<Policy>,
}

impl Edge {
    /// ON DELETE of the foreign key.
    #[must_use]
    pub fn on_delete(&self, schema: &Schema) -> Action {
        schema.tables[self.child].foreign_keys[self.key].on_delete
    }

    /// True when a row references a row of its own table.
    #[must_use]
    pub const fn is_loop(&self) -> bool {
        self.child == self.parent
    }
}

/// Every foreign key whose parent is a table of the schema, in the order of the children; what
/// partitions share with their table stands once.
#[must_use]
pub fn edges(schema: &Schema) -> Vec<Edge> {
    let mut found = Vec::new();
    for (child, table) in schema.tables.iter().enumerate() {
        for (key, foreign) in table.foreign_keys.iter().enumerate() {
            if is_shared(schema, table, foreign) {
                continue;
            }
            let name = &foreign.references;
            let parts: Vec<String> = name
                .schema
                .iter()
                .chain(Some(&name.name))
                .cloned()
                .collect();
            let Found::Table(parent) = schema.find(&parts) else {
                continue;
            };
            let parent_columns = if foreign.referenced_columns.is_empty() {
                schema.tables[parent].primary_key.clone()
            } else {
                foreign.referenced_columns.clone()
            };
            found.push(Edge {
                child,
                parent,
                key,
                columns: foreign.columns.clone(),
                parent_columns,
                policy: policy(schema, &schema.tables[parent], table, foreign),
            });
        }
    }
    found
}

/// True for a foreign key of a partition that the partitioned table has too: a statement on that table
/// is one on its partitions.
#[must_use]
pub fn is_shared(schema: &Schema, table: &Table, key: &ForeignKey) -> bool {
    let mut parents = schema.tables.iter();
    !table.parents.is_empty()
        && parents.any(|parent| {
            table.parents.contains(&parent.name)
                && parent
                    .foreign_keys
                    .iter()
                    .any(|other| other.columns == key.columns && other.references == key.references)
        })
}

/// `references` names the child, or one of its foreign keys by its first column: where two foreign
/// keys of a child reference the same parent, `orders.billed_to = "restrict"` means one of them.
fn policy(schema: &Schema, parent: &Table, child: &Table, foreign: &ForeignKey) -> Option<Policy> {
    let references = &parent.settings.references;
    let default = match schema.dialect {
        crate::Dialect::Postgres => "public",
        crate::Dialect::Sqlite => "main",
        crate::Dialect::Mysql => "",
    };
    let mut name = vec![
        child
            .name
            .schema
            .clone()
            .unwrap_or_else(|| default.to_owned()),
        child.name.name.clone(),
    ];
    let said = |name: &[String], dotted: bool| {
        references
            .iter()
            .filter(|(written, _)| !dotted || written.contains('.'))
            .find(|(written, _)| spells(schema.dialect, written, name))
            .map(|(_, policy)| *policy)
    };
    let whole = said(&name, false);
    name.push(foreign.columns.first().cloned().unwrap_or_default());
    said(&name, true).or(whole)
}

#[cfg(test)]
mod tests {
    use super::edges;
    use crate::{
        Dialect,
        schema::{
            Config,
            Policy::{self, Cascade, Detach, Keep, Restrict},
            from_sql,
        },
    };

    fn policies(references: &str) -> Vec<Option<Policy>> {
        let members = "(id bigint PRIMARY KEY, team_id bigint REFERENCES teams (id), boss_id bigint REFERENCES teams (id))";
        let sql = format!(
            "CREATE TABLE teams (id bigint PRIMARY KEY, deleted_at timestamp);
             CREATE TABLE members {members}; CREATE TABLE crm.members {members};"
        );
        let toml = format!("[tables.teams.references]\n{references}");
        let config = Config::parse(&toml, "soft-delete.toml".as_ref()).expect("a configuration");
        let schema = from_sql(Dialect::Postgres, &sql, &config).expect("a schema");
        edges(&schema).into_iter().map(|edge| edge.policy).collect()
    }

    #[test]
    fn a_policy_is_that_of_the_foreign_key_else_of_the_table_by_its_schema() {
        assert_eq!(policies("members = \"keep\""), [Some(Keep); 4]);
        assert_eq!(
            policies("\"crm.members\" = \"keep\"\n\"public.members\" = \"cascade\""),
            [Some(Cascade), Some(Cascade), Some(Keep), Some(Keep)]
        );
        assert_eq!(
            policies(
                "members = \"keep\"\n\"crm.members.boss_id\" = \"restrict\"\n\"public.members.team_id\" = \"detach\""
            ),
            [Some(Detach), Some(Keep), Some(Keep), Some(Restrict)]
        );
    }
}
