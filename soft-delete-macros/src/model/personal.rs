//! `#[soft_delete(personal)]`: soft-delete.toml lists the column, so that an erasure which starts at a row
//! of another table overwrites it too.

use soft_delete_sql::{Code, Diagnostic, Schema, lifecycle::listing};

use super::{ast::Model, valid::dotted};
use crate::fault::Faults;

/// Every field that is marked so is listed, with the value that it says.
pub(super) fn listed(schema: &Schema, model: &Model<'_>, at: usize, faults: &mut Faults) {
    let table = &schema.tables[at];
    let name = dotted(&table.name);
    let mut missing = Vec::new();
    for field in &model.fields {
        let Some(own) = &field.attributes.personal else {
            continue;
        };
        if !field.is_column() {
            faults.grammar(
                own.span,
                "a personal field is a column, and this one is none",
                "where `#[sqlx(flatten)]` hides columns, list them in `personal` of soft-delete.toml",
            );
            continue;
        }
        let column = schema.dialect.fold_quoted(&field.column);
        let personal = table.settings.personal.as_ref();
        let value = own.value.as_ref().map(syn::LitStr::value);
        match (personal.and_then(|all| all.get(&column)), value) {
            (Some(listed), Some(value)) if *listed != value => {
                let message = format!(
                    "`{column}` of `{name}` becomes `{value}` here, and `{listed}` in soft-delete.toml"
                );
                let fault = Diagnostic::new(Code::PersonalUnlisted, message)
                    .why("an erasure goes by soft-delete.toml")
                    .help("say the value there alone: `#[soft_delete(personal)]`");
                faults.add(own.span, &fault);
            }
            (Some(_), _) => {}
            (None, value) => missing.push((own.span, column, value)),
        }
    }
    let columns: Vec<(String, Option<String>)> = missing
        .iter()
        .map(|(_, column, value)| (column.clone(), value.clone()))
        .collect();
    for (span, column, _) in missing {
        let message =
            format!("`{column}` is personal, and soft-delete.toml does not list it for `{name}`");
        let fault = Diagnostic::new(Code::PersonalUnlisted, message)
            .why("an erasure that starts at another table knows no models: the column would stay as it is")
            .help(format!("list it:\n{}", listing(schema, at, &columns)));
        faults.add(span, &fault);
    }
}
