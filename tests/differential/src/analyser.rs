//! The real rewriter: `soft_delete_sql::check`.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use soft_delete_sql::{
    Checked, Code, Request, Schema, Scope, check,
    schema::{Config, from_sql},
};

use crate::{
    ast::Statement,
    generate::{Case, Mode},
    judge::{Rewriter, Verdict},
    print::{self, Printed},
    walk,
    world::World,
};

/// The schema as the migrations of the world leave it.
#[derive(Default)]
pub(crate) struct Analyser {
    schema: Option<Schema>,
}

impl Analyser {
    /// All that is said about a case whose text is `sql`.
    pub(crate) fn checked(&self, world: &World, case: &Case, sql: &str) -> Checked {
        let schema = self.schema.as_ref().expect("the schema was learnt");
        check(schema, &request(world, case, sql))
    }
}

impl Rewriter for Analyser {
    fn learn(&mut self, world: &World) {
        let config = Config::parse(&world.config(), Path::new("soft-delete.toml"))
            .unwrap_or_else(|faults| panic!("{faults:?}\n{}", world.config()));
        let schema = from_sql(world.dialect, &world.migrations(), &config)
            .unwrap_or_else(|faults| panic!("{faults:?}\n{}", world.migrations()));
        self.schema = Some(schema);
    }

    fn verdict(&self, world: &World, case: &Case, printed: &Printed) -> Verdict {
        let Some(schema) = &self.schema else {
            return Verdict::Broken("no schema was learnt".to_owned());
        };
        let request = request(world, case, &printed.sql);
        let checked = catch_unwind(AssertUnwindSafe(|| check(schema, &request)));
        match checked {
            Ok(checked) => judge(world, case, printed, &checked),
            Err(_) => Verdict::Broken("the analyser panicked".to_owned()),
        }
    }
}

/// What the mode asks of the statement.
fn request<'a>(world: &World, case: &Case, sql: &'a str) -> Request<'a> {
    let references = walk::references(&case.statement);
    let mut target = None;
    walk::target_mut(&mut case.statement.clone(), &mut |found| {
        target = Some(found.id);
    });
    let mut request = Request {
        sql,
        ..Request::default()
    };
    let soft = references
        .iter()
        .filter(|reference| world.tables[reference.table].marker.is_some());
    match case.mode {
        Mode::Active => {
            // Where nothing is soft-deletable, a scope would mean nothing.
            request.scope = soft.into_iter().next().map(|_| Scope::Active);
        }
        Mode::PerReference => {
            for reference in soft {
                if reference.scope == Scope::Active {
                    request.scope = Some(Scope::Active);
                } else {
                    let name = world.names.table(reference.qualifier()).to_owned();
                    request.scopes.push((name, reference.scope));
                }
            }
        }
        Mode::Proven => {}
        Mode::Verb(operation) => {
            request.verb = Some(operation.verb());
            for reference in soft.filter(|reference| Some(reference.id) != target) {
                let name = world.names.table(reference.qualifier()).to_owned();
                request.scopes.push((name, Scope::Active));
            }
        }
    }
    request
}

/// Holds the verdict against what the generator knows about its own statement.
fn judge(world: &World, case: &Case, printed: &Printed, checked: &Checked) -> Verdict {
    let Some(accepted) = &checked.scoped else {
        if checked.errors.is_empty() {
            return Verdict::Broken("neither scoped nor refused".to_owned());
        }
        // The second proof refuses what we wrote: no fault of the statement.
        let own = checked
            .errors
            .iter()
            .find(|fault| fault.code == Code::NotReproven);
        if let Some(fault) = own {
            return Verdict::Broken(fault.render(&printed.sql));
        }
        let faults = checked.errors.iter();
        return Verdict::Refused(
            faults
                .map(|fault| (fault.code.to_string(), fault.message.clone()))
                .collect(),
        );
    };
    if !checked.errors.is_empty() {
        return Verdict::Broken("scoped and refused".to_owned());
    }
    if print::runs_comment(&printed.sql) {
        return Verdict::Broken("a comment that the server runs was accepted".to_owned());
    }
    let references = walk::references(&case.statement);
    let mut scopes = HashMap::new();
    for (id, span) in &printed.references {
        let Some(reference) = references.iter().find(|reference| reference.id == *id) else {
            continue;
        };
        let table = &world.tables[reference.table];
        let found = checked.references.iter().find(|found| found.span == *span);
        let Some(found) = found else {
            return Verdict::Broken(format!(
                "the reference `{}` at {span:?} was not seen in {:?}",
                reference.spelled, checked.references
            ));
        };
        if found.table != world.names.table(table.name) {
            return Verdict::Broken(format!("`{}` was taken for {found:?}", table.name));
        }
        if table.marker.is_none() {
            continue;
        }
        let scope = match case.mode {
            _ if found.insert_target => Scope::Active,
            Mode::Proven => match found.scope {
                Some(scope) if found.proven => scope,
                _ => return Verdict::Broken(format!("accepted without proof of {found:?}")),
            },
            _ => reference.scope,
        };
        scopes.insert(*id, scope);
    }
    if checked.references.len() != printed.references.len() {
        return Verdict::Broken(format!(
            "{} references were written and {:?} were seen",
            printed.references.len(),
            checked.references
        ));
    }
    if case.mode == Mode::Proven && accepted.sql != printed.sql {
        // An upsert gets its guard.
        let mut upserts = false;
        walk::walk(&mut case.statement.clone(), &mut |node| {
            if let walk::Node::Statement(Statement::Insert(insert)) = node {
                upserts |= insert.conflict.is_some();
            }
        });
        if !upserts {
            return Verdict::Broken(format!("a proven statement was changed: {}", accepted.sql));
        }
    }
    Verdict::Scoped {
        sql: accepted.sql.clone(),
        scopes,
    }
}
