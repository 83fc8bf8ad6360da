//! SD033: a boolean marker that may be NULL.

use super::{Cure, Fact, Subject, fault, migration::name, rebuild::rebuild};
use crate::{
    Code, Dialect,
    schema::{MarkerKind, quoted},
};

pub(super) fn fact(subject: &Subject<'_>) -> Option<Fact> {
    let (table, marker) = (subject.table, subject.table.marker.as_ref()?);
    let stands = marker.kind == MarkerKind::Boolean
        && marker.nullable
        && marker.active.is_none()
        && !table.settings.accepts("nullable_marker");
    if !stands {
        return None;
    }
    let dialect = subject.schema.dialect;
    let (own, column) = (name(dialect, &table.name), dialect.quote(&marker.column));
    let fill = format!("UPDATE {own} SET {column} = FALSE WHERE {column} IS NULL;");
    let forbid = match dialect {
        Dialect::Postgres => format!(
            "ALTER TABLE {own} ALTER COLUMN {column} SET DEFAULT FALSE, ALTER COLUMN {column} SET NOT NULL;"
        ),
        Dialect::Mysql => {
            format!("ALTER TABLE {own} MODIFY {column} BOOLEAN NOT NULL DEFAULT FALSE;")
        }
        Dialect::Sqlite => {
            let mut new = table.clone();
            for known in &mut new.columns {
                if known.name == marker.column {
                    known.nullable = false;
                    known.default = Some("FALSE".to_owned());
                }
            }
            rebuild(subject.schema, table, &new)
        }
    };
    let cure = if dialect == Dialect::Sqlite {
        let copy = "INSERT INTO";
        Cure::Migration(forbid.replacen(copy, &format!("{fill}\n{copy}"), 1))
    } else {
        Cure::Migration(format!("{fill}\n{forbid}"))
    };
    let fault = fault(
        Code::NullableBooleanMarker,
        format!(
            "the marker `{}` of `{}` is a boolean that may be NULL",
            marker.column,
            subject.name()
        ),
        format!(
            "rows with NULL are neither live nor deleted: `{0} = false` loses them, `{0} IS NOT TRUE` keeps them",
            marker.column
        ),
    );
    let settings = format!(
        "[tables.{}]\naccept = [\"nullable_marker\"]",
        quoted(&subject.name())
    );
    Some(cure.fact(fault, "let NULL mean live", settings))
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes},
    };

    const TABLE: &str = "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_deleted BOOLEAN);";

    #[test]
    fn a_flag_that_may_be_null_is_told_and_cured_on_every_database() {
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, TABLE, "", "flags"));
        assert_eq!(
            printed[0],
            "UPDATE flags SET is_deleted = FALSE WHERE is_deleted IS NULL;\n\
             ALTER TABLE flags ALTER COLUMN is_deleted SET DEFAULT FALSE, ALTER COLUMN is_deleted SET NOT NULL;"
        );
        assert_eq!(
            printed[2],
            "UPDATE flags SET is_deleted = FALSE WHERE is_deleted IS NULL;\n\
             ALTER TABLE flags MODIFY is_deleted BOOLEAN NOT NULL DEFAULT FALSE;"
        );
    }

    #[test]
    fn a_flag_that_is_never_null_is_none() {
        let table = "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_deleted BOOLEAN NOT NULL);";
        for dialect in Dialect::ALL {
            assert!(codes(dialect, table, "", "flags").is_empty());
        }
    }
}
