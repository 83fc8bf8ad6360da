//! Named relations: which table, view or CTE each one is.

use super::{Env, Resolver, renamed};
use crate::{
    Code, Dialect,
    diagnostic::nearest,
    lifecycle::record,
    schema::{Erasure, Found, ObjectName, Table},
    scope::{
        behind::shown,
        resolution::{
            Block, BlockId, Col, Columns, Item, ItemId, RefId, Role, Soft, TableRef, Top, Tree,
        },
        view::{Verdict, ViewFacts},
    },
    syntax::ast::{Relation, Tok},
};

/// Columns that record a deletion beside the marker; written by the operations only.
const RECORD_COLUMNS: [&str; 3] = [record::ACTOR, record::REASON, record::OPERATION];

/// What is known of a relation before it is put anywhere.
struct Known {
    name: String,
    table: Option<usize>,
    soft: Option<Soft>,
    leaky: Option<String>,
    protected: Vec<String>,
    is_view: bool,
    over_soft: bool,
    columns: Option<Vec<String>>,
}

impl<'p> Resolver<'p> {
    /// A relation in a FROM tree (or a DML target that stands in one).
    pub(super) fn relation(
        &mut self,
        relation: &'p Relation,
        block: BlockId,
        tree: usize,
        node: Option<usize>,
        env: &Env,
        role: Role,
    ) -> ItemId {
        let (reference, columns, cte_block) = self.reference(relation, env, role);
        for modifier in &relation.modifiers {
            self.expr(modifier, env);
        }
        let id = self.out.items.len();
        let alias = relation.alias.as_ref().and_then(|alias| alias.name);
        let names: Vec<String> = relation
            .alias
            .iter()
            .flat_map(|alias| alias.columns.iter().map(|&tok| self.out.name(tok)))
            .collect();
        let written = self.out.written(relation);
        let qualifier = alias.map_or(written, |tok| self.out.spelled(tok));
        let name = alias.or_else(|| relation.name.last().copied());
        let schema = match (alias, relation.name.as_slice()) {
            (None, [.., schema, _]) => Some(self.out.name(*schema)),
            _ => None,
        };
        self.out.items.push(Item {
            block,
            tree,
            node,
            name: name.map(|tok| self.out.name(tok)),
            qualifier,
            schema,
            columns: renamed(columns, &names),
            reference: Some(reference),
            qualified_only: false,
        });
        self.out.references[reference].item = Some(id);
        self.out.blocks[block].items.push(id);
        if let Some(made) = cte_block {
            self.out.blocks[made].consumers.push(id);
        }
        id
    }

    /// Records a reference; returns its columns, and the block of a CTE.
    pub(super) fn reference(
        &mut self,
        relation: &'p Relation,
        env: &Env,
        role: Role,
    ) -> (RefId, Columns, Option<BlockId>) {
        self.explain_range(relation.name_range);
        if let Some(alias) = &relation.alias {
            self.explain_range(alias.range);
        }
        for modifier in &relation.modifiers {
            self.explain_range(modifier.range);
        }
        let id = self.out.references.len();
        let parts: Vec<String> = relation
            .name
            .iter()
            .map(|&tok| self.out.name(tok))
            .collect();
        if let Some(cte) = self.cte(&parts, env) {
            self.out.references.push(TableRef {
                relation,
                name: parts.join("."),
                table: None,
                soft: None,
                leaky: None,
                protected: Vec::new(),
                role,
                item: None,
                is_cte: true,
                is_view: false,
                over_soft: false,
            });
            let cte = &mut self.ctes[cte];
            cte.read_early |= cte.block.is_none();
            return (id, cte.columns.clone(), cte.block);
        }
        let mut known = self.known(relation, &parts);
        self.refuse_doubt(relation, &parts, env, &mut known);
        let marker = known.soft.as_ref().map(|soft| soft.marker.column.clone());
        let invisible = |name: &String| {
            known.table.is_some_and(|at| {
                let columns = &self.out.schema.tables[at].columns;
                columns
                    .iter()
                    .any(|column| column.invisible && column.name == *name)
            })
        };
        let columns = known.columns.as_ref().map(|columns| {
            columns
                .iter()
                .map(|name| Col {
                    name: Some(name.clone()),
                    marker_of: (Some(name) == marker.as_ref()).then_some(id),
                    protected: known.protected.contains(name),
                    invisible: invisible(name),
                    ..Col::default()
                })
                .collect()
        });
        self.out.references.push(TableRef {
            relation,
            name: known.name,
            table: known.table,
            soft: known.soft,
            leaky: known.leaky,
            protected: known.protected,
            role,
            item: None,
            is_cte: false,
            is_view: known.is_view,
            over_soft: known.over_soft,
        });
        (id, columns, None)
    }

    fn cte(&self, parts: &[String], env: &Env) -> Option<usize> {
        let [name] = parts else { return None };
        env.ctes
            .iter()
            .rev()
            .copied()
            .find(|&id| self.ctes[id].name == *name)
    }

    /// A filter for the table would go to the wrong relation on the server that reads the CTE.
    fn refuse_doubt(
        &mut self,
        relation: &Relation,
        parts: &[String],
        env: &Env,
        known: &mut Known,
    ) {
        let [name] = parts else { return };
        let mut doubtful = env.doubtful.iter();
        let is_doubtful = doubtful.any(|&id| self.ctes[id].name == *name);
        if !is_doubtful || (known.soft.is_none() && known.leaky.is_none()) {
            return;
        }
        known.soft = None;
        known.leaky = None;
        let message = format!("MySQL and MariaDB read `{name}` differently here");
        let label = "the table to one of them, the expression of a WITH to the other";
        let fault = self.fault(Code::UnknownRelation, message, relation.name_range, label);
        fault.why = String::from("a filter for the one would be wrong for the other");
        fault.help = String::from("give the expression another name");
    }

    fn known(&mut self, relation: &'p Relation, parts: &[String]) -> Known {
        let mut known = Known {
            name: parts.join("."),
            table: None,
            soft: None,
            leaky: None,
            protected: Vec::new(),
            is_view: false,
            over_soft: false,
            columns: None,
        };
        let schema = self.out.schema;
        match schema.find(parts) {
            Found::Table(at) => self.known_table(&mut known, relation, at),
            Found::View(view) => {
                known.name = display(&view.name);
                known.is_view = true;
                let ViewFacts {
                    columns,
                    verdict,
                    protected,
                    over_soft,
                } = self.views.clone().facts(schema, view).as_ref().clone();
                known.columns = columns;
                known.over_soft = over_soft;
                known.protected = protected;
                match verdict {
                    Verdict::Plain => {}
                    Verdict::Filterable(soft) => known.soft = Some(soft),
                    Verdict::Leaky(why) => known.leaky = Some(why),
                }
            }
            Found::External => {
                let is_soft = |table: &Table| table.marker.is_some();
                if schema.holds_values(parts) && schema.tables.iter().any(is_soft) {
                    known.leaky = Some(String::from("it holds values of rows of every table"));
                }
            }
            Found::Ambiguous => self.unknown(
                relation,
                &format!("`{}` is the name of several relations", parts.join(".")),
                "some of them soft-deletable",
                "write the schema in front of the name, or set `search_path` in soft-delete.toml",
            ),
            Found::Unknown => {
                let name = parts.last().map_or("", String::as_str);
                let names = schema.tables.iter().map(|table| table.name.name.as_str());
                let names = names.chain(schema.views.iter().map(|view| view.name.name.as_str()));
                let help = nearest(name, names).map_or_else(
                    || {
                        format!(
                            "if it exists outside the migrations, declare it in soft-delete.toml:\n\
                             external = [\"{}\"]",
                            parts.join(".")
                        )
                    },
                    |near| format!("a relation with a similar name exists: `{near}`"),
                );
                self.unknown(
                    relation,
                    &format!("`{}` is in no migration", parts.join(".")),
                    "not a table, view or CTE that is known here",
                    &help,
                );
            }
        }
        known
    }

    fn known_table(&mut self, known: &mut Known, relation: &'p Relation, at: usize) {
        let schema = self.out.schema;
        let table = &schema.tables[at];
        known.name = display(&table.name);
        known.table = Some(at);
        known.columns = table.columns_known.then(|| {
            table
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect()
        });
        known.soft = soft(table);
        known.over_soft = known.soft.is_some();
        if known.soft.is_some() && self.reads_the_past(relation) {
            known.leaky = Some(String::from(
                "a past version of a row is not marked, though the row is deleted since",
            ));
        } else if let Some(shown) = shown(schema, table).filter(|_| known.soft.is_none()) {
            known.over_soft = true;
            known.leaky = Some(format!("it shows what `{shown}` holds"));
        } else if known.soft.is_some() {
            known.protected = protected(table);
            self.check_marker(relation, table);
        } else if !relation.only {
            known.leaky = schema
                .descendants(at)
                .into_iter()
                .map(|child| &schema.tables[child])
                .find(|child| child.marker.is_some())
                .map(|child| {
                    format!(
                        "reading it also returns the rows of `{}`, which is soft-deletable",
                        display(&child.name)
                    )
                });
        }
    }

    /// MariaDB's `FOR SYSTEM_TIME`.
    fn reads_the_past(&self, relation: &Relation) -> bool {
        let mut words = relation
            .modifiers
            .iter()
            .map(|modifier| modifier.range.start + 1);
        self.out.parsed.dialect == Dialect::Mysql
            && words.any(|tok| self.out.is(tok, "SYSTEM_TIME"))
    }

    fn unknown(&mut self, relation: &Relation, message: &str, label: &str, help: &str) {
        let fault = self.fault(
            Code::UnknownRelation,
            message.to_owned(),
            relation.name_range,
            label,
        );
        fault.why = String::from("what is not in the schema could hold soft-deleted rows");
        fault.help = String::from(help);
    }

    /// A nullable boolean is neither live nor deleted where it is NULL.
    fn check_marker(&mut self, relation: &Relation, table: &Table) {
        let Some(marker) = &table.marker else { return };
        let boolean = marker.kind == crate::schema::MarkerKind::Boolean;
        if !boolean || !marker.nullable || table.settings.accepts("nullable_marker") {
            return;
        }
        let name = display(&table.name);
        let column = &marker.column;
        let message = format!("the marker `{column}` of `{name}` is a boolean that may be NULL");
        let label = "its rows with NULL are neither live nor deleted";
        let fault = self.fault(
            Code::NullableBooleanMarker,
            message,
            relation.name_range,
            label,
        );
        fault.why =
            format!("`{column} = false` loses those rows, `{column} IS NOT TRUE` keeps them");
        fault.help = format!(
            "add a migration: UPDATE {name} SET {column} = FALSE WHERE {column} IS NULL; and make the column NOT NULL\n\
             or, in soft-delete.toml: [tables.{name}] accept = [\"nullable_marker\"]"
        );
    }

    /// `TABLE t`: a query of its own.
    pub(super) fn table_command(
        &mut self,
        keyword: Tok,
        relation: &'p Relation,
        env: &Env,
    ) -> Columns {
        self.alone(relation, env, Role::TableCommand(keyword))
    }

    /// SQLite's `x IN t`.
    pub(super) fn in_table(&mut self, relation: &'p Relation, env: &Env) {
        self.alone(relation, env, Role::InTable);
    }

    fn alone(&mut self, relation: &'p Relation, env: &Env, role: Role) -> Columns {
        let (id, columns, cte_block) = self.reference(relation, env, role);
        if let Some(block) = cte_block {
            self.out.blocks[block].used_whole = true;
        }
        let block = self.out.blocks.len();
        self.out.blocks.push(Block {
            range: relation.range,
            trees: vec![Tree {
                from: None,
                top: Top::Replace,
            }],
            items: Vec::new(),
            filter: None,
            select: None,
            locked: false,
            consumers: Vec::new(),
            transparent: false,
            used_whole: true,
            merge: None,
        });
        let written = self.out.written(relation);
        let item = self.out.items.len();
        self.out.items.push(Item {
            block,
            tree: 0,
            node: None,
            name: relation.name.last().map(|&tok| self.out.name(tok)),
            qualifier: written,
            schema: None,
            columns: columns.clone(),
            reference: Some(id),
            qualified_only: false,
        });
        self.out.references[id].item = Some(item);
        columns
    }

    /// TRUNCATE, COPY: the tables are named, nothing else.
    pub(super) fn wholesale(&mut self, keyword: Tok, tables: &'p [Relation]) {
        let word = self.out.text(keyword).to_uppercase();
        let cascades = (0..self.out.parsed.tokens.len())
            .filter_map(|tok| Tok::try_from(tok).ok())
            .any(|tok| self.out.is(tok, "CASCADE"));
        let before = self.out.errors.len();
        for relation in tables {
            let (id, ..) = self.reference(relation, &Env::default(), Role::Wholesale);
            let reference = &self.out.references[id];
            let name = reference.name.clone();
            if !reference.over_soft && reference.leaky.is_none() {
                continue;
            }
            let message = format!("{word} takes all rows of `{name}`, soft-deleted ones too");
            let label = "soft-deletable";
            let fault = self.fault(Code::Wholesale, message, relation.name_range, label);
            fault.why = String::from("no scope can be written into this statement");
            fault.help = match word.as_str() {
                "TRUNCATE" => format!("soft_query!(erase, \"DELETE FROM {name}\")"),
                _ => format!("COPY (SELECT * FROM {name}) TO …"),
            };
        }
        let mut tables_of_schema = self.out.schema.tables.iter();
        let reaches = cascades && tables_of_schema.any(|table| table.marker.is_some());
        if reaches
            && self.out.errors.len() == before
            && let Some(first) = tables.first()
        {
            let message = format!("{word} … CASCADE can reach soft-deletable tables");
            let label = "and what references it";
            self.fault(Code::Wholesale, message, first.name_range, label);
        }
    }
}

/// The name as shown and as [`Reference::table`](crate::Reference::table) has it.
pub(in crate::scope) fn display(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.clone(),
    }
}

fn soft(table: &Table) -> Option<Soft> {
    Some(Soft {
        marker: table.marker.clone()?,
        columns: table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect(),
    })
}

fn protected(table: &Table) -> Vec<String> {
    let marker = table.marker.iter().map(|marker| marker.column.as_str());
    let is_kept = table.settings.erase == Some(Erasure::Overwrite);
    let erased = is_kept.then_some(record::ERASED);
    let all = marker.chain(RECORD_COLUMNS).chain(erased);
    all.map(str::to_owned).collect()
}
