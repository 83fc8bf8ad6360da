//! Views that show soft-deleted rows and cannot be filtered from outside get the filter that their
//! author would have to write.

use std::collections::HashSet;

use anyhow::Result;
use soft_delete_sql::{Schema, schema::View};

use super::{
    super::{super::Asked, session::Session},
    catalog::TEMPORARY,
};
use crate::corpus::ask;

/// Gives one view a filter; false when no further one needs it. What was tried in vain is
/// remembered.
pub(super) fn filter_next(
    session: &mut Session,
    schema: &Schema,
    tried: &mut HashSet<String>,
) -> Result<bool> {
    for view in schema.views.iter().filter(|view| !view.materialized) {
        let name = quoted(view);
        let Asked::Refused { code, .. } = ask(schema, &format!("SELECT * FROM {name}")) else {
            continue;
        };
        let trial = format!("{name} {}", view.body);
        if code != "SD018" || tried.contains(&trial) {
            continue;
        }
        let scoped = match ask(schema, &view.body) {
            Asked::Scoped(scoped) if !scoped.edits.is_empty() => scoped,
            _ => {
                tried.insert(trial);
                continue;
            }
        };
        let name = name.replace(&format!("\"{TEMPORARY}\""), "pg_temp");
        let text = |sql: &str| sql.replace('\'', "''");
        let options = session.must(&format!(
            "SELECT ' WITH (' || array_to_string(reloptions, ', ') || ')' \
             FROM pg_catalog.pg_class WHERE oid = to_regclass('{}')",
            text(&name)
        ))?;
        let options = options.rows.into_iter().flatten().flatten().next();
        let replace = format!(
            "CREATE OR REPLACE VIEW {name}{} AS {}",
            options.unwrap_or_default(),
            scoped.sql
        );
        let run = session.must(&format!("SELECT soft_oracle.run('{}')", text(&replace)))?;
        if run.rows.into_iter().flatten().flatten().next().as_deref() == Some("t") {
            return Ok(true);
        }
        tried.insert(trial);
    }
    Ok(false)
}

fn quoted(view: &View) -> String {
    let quote = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
    let space = view.name.schema.as_deref().unwrap_or("public");
    format!("{}.{}", quote(space), quote(&view.name.name))
}
