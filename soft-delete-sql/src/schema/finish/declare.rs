//! Tables declared by hand: `[tables.NAME] columns`.

use super::Reading;
use crate::{
    Code, Diagnostic, Dialect,
    schema::{
        Location,
        catalog::Draft,
        config::{self, Entry, TableEntry},
        cursor::Cursor,
        ddl,
    },
    syntax::lexer::lex,
};

impl Reading<'_> {
    /// Puts the declared columns in the place of what the migrations said.
    pub(super) fn declare(&mut self) {
        let config = self.config;
        for entry in &config.tables {
            if let Some(columns) = &entry.value.columns {
                self.declare_table(entry, columns);
            }
        }
    }

    fn declare_table(&mut self, entry: &Entry<TableEntry>, columns: &[(String, String)]) {
        let dialect = self.catalog.dialect;
        let location = Location {
            file: self.config.file.clone(),
            line: entry.line,
        };
        let known = super::settings::find(&self.catalog, &entry.name);
        let mut draft = if let Some(at) = known {
            self.catalog.tables[at].clone()
        } else {
            let parts = config::parts(&entry.name);
            let parts: Vec<String> = parts.iter().map(|part| dialect.fold_quoted(part)).collect();
            let name = self.catalog.new_name(&parts);
            // A view of the name is what the migrations were misunderstood to leave.
            self.catalog.views.retain(|view| view.name != name);
            Draft::new(name, location.clone())
        };
        draft.table.columns.clear();
        draft.table.columns_known = true;
        draft.hides_marker = None;
        let mut constraints = Vec::new();
        for (name, definition) in columns {
            match column(dialect, name, definition) {
                Ok(definition) => {
                    draft.table.columns.push(definition.column);
                    constraints.extend(definition.constraints);
                }
                Err(reason) => {
                    let message = format!(
                        "{}:{}: the column `{name}` of `{}` cannot be understood: {reason}",
                        self.config.file_name(),
                        entry.line,
                        entry.name
                    );
                    self.faults.push(Diagnostic::new(Code::Config, message));
                }
            }
        }
        let exists = |name: &String| {
            draft
                .table
                .columns
                .iter()
                .any(|column| column.name == *name)
        };
        if !draft.table.primary_key.iter().all(exists) {
            draft.table.primary_key.clear();
        }
        ddl::add_constraints_of_columns(&self.catalog, &mut draft, constraints, &location);
        self.catalog.put_table(draft);
    }
}

fn column(dialect: Dialect, name: &str, definition: &str) -> Result<ddl::Definition, String> {
    let tokens = lex(dialect, definition).map_err(|fault| fault.message)?;
    let mut cursor = Cursor::new(dialect, definition, &tokens);
    let name = dialect.fold_quoted(name);
    ddl::column_body(&mut cursor, name).map_err(|fault| fault.reason)
}
