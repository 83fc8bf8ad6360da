//! One bind argument for each placeholder.

use std::collections::BTreeMap;

use soft_delete_sql::{
    Code, Diagnostic, Dialect,
    syntax::placeholder::{self, Placeholder},
};
use syn::spanned::Spanned;

use super::{call::Call, sql::Sql};
use crate::fault::Faults;

/// Compares the arguments with the placeholders. A text that has no tokens is the analyser's to
/// report.
pub(super) fn count(dialect: Dialect, call: &Call, sql: &Sql, faults: &mut Faults) {
    let Some(binds) = &call.binds else {
        return;
    };
    let Ok(placeholders) = placeholder::of(dialect, &sql.text) else {
        return;
    };
    let unbindable = placeholders
        .list
        .iter()
        .find(|placeholder| !placeholder.bindable);
    if let Some(named) = unbindable {
        let name = sql.text.get(named.span.clone()).unwrap_or_default();
        faults.push(
            sql.fault(
                &Diagnostic::new(
                    Code::BindCount,
                    format!("`{name}` cannot be bound: arguments have no names"),
                )
                .at(named.span.clone(), "a name")
                .why("sqlx binds by position, and refuses this statement when it runs")
                .help(format!("write `{}`", numbered(dialect, named.number))),
            ),
        );
        return;
    }
    if dialect == Dialect::Postgres
        && let Some((gap, after)) = gap(&placeholders.list)
    {
        faults.push(
            sql.fault(
                &Diagnostic::new(Code::BindCount, format!("`${gap}` stands nowhere"))
                    .at(after.span.clone(), "numbers go on from 1 without a gap")
                    .why("the database cannot tell the type of an argument that is not used")
                    .help("number the placeholders anew"),
            ),
        );
        return;
    }
    if placeholders.highest > binds.len() {
        too_few(
            sql,
            &placeholders.list,
            placeholders.highest,
            binds.len(),
            faults,
        );
    } else if let Some(extra) = binds.get(placeholders.highest) {
        let message = format!(
            "the SQL takes {}, and the call binds {}",
            values(placeholders.highest),
            binds.len()
        );
        faults.add(
            extra.span(),
            &Diagnostic::new(Code::BindCount, message)
                .help("drop this argument, or write its placeholder"),
        );
    }
}

fn too_few(sql: &Sql, list: &[Placeholder], takes: usize, binds: usize, faults: &mut Faults) {
    let message = format!(
        "the SQL takes {}, and the call binds {}",
        values(takes),
        if binds == 0 {
            "none".to_owned()
        } else {
            binds.to_string()
        }
    );
    let mut fault = Diagnostic::new(Code::BindCount, message)
        .help("the arguments follow the SQL, one for each placeholder, in their order");
    if let Some(first) = list.iter().find(|placeholder| placeholder.number > binds) {
        fault = fault.at(first.span.clone(), "nothing is bound here");
    }
    faults.push(sql.fault(&fault));
}

/// The lowest number that no placeholder has, and the first placeholder behind it.
fn gap(list: &[Placeholder]) -> Option<(usize, &Placeholder)> {
    let mut first: BTreeMap<usize, &Placeholder> = BTreeMap::new();
    for placeholder in list {
        first.entry(placeholder.number).or_insert(placeholder);
    }
    first
        .into_iter()
        .zip(1..)
        .find_map(|((number, placeholder), expected)| {
            (number != expected).then_some((expected, placeholder))
        })
}

fn numbered(dialect: Dialect, number: usize) -> String {
    match dialect {
        Dialect::Postgres => format!("${number}"),
        Dialect::Sqlite => format!("?{number}"),
        Dialect::Mysql => "?".to_owned(),
    }
}

fn values(count: usize) -> String {
    match count {
        0 => "no values".to_owned(),
        1 => "1 value".to_owned(),
        count => format!("{count} values"),
    }
}
