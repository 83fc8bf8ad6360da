//! The scopes that the references of a statement have, and the rows of each scope.

use std::collections::{BTreeSet, HashMap};

use soft_delete_sql::{
    Scope, Verb,
    schema::{Marker, MarkerKind},
};

use super::ask::Asked;

/// The scopes under which each table is read, by its bare name.
#[derive(Debug)]
pub(super) struct Scopes(HashMap<String, BTreeSet<&'static str>>);

impl Scopes {
    pub(super) fn new(asked: &Asked) -> Self {
        let mut scopes: HashMap<String, BTreeSet<&'static str>> = HashMap::new();
        if let Asked::Scoped(scoped) = asked {
            for reference in &scoped.references {
                if let Some(scope) = reference.scope {
                    let of = scopes.entry(bare(&reference.table).to_owned()).or_default();
                    of.insert(scope.word());
                }
            }
        }
        Self(scopes)
    }

    /// The one scope of a table with these names; `None` when its references differ.
    pub(super) fn of<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Option<Scope> {
        let words: BTreeSet<&str> = names
            .into_iter()
            .filter_map(|name| self.0.get(name))
            .flatten()
            .copied()
            .collect();
        match words.into_iter().collect::<Vec<_>>().as_slice() {
            [] => Some(Scope::Active),
            [word] => word.parse().ok(),
            _ => None,
        }
    }
}

pub(super) fn bare(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// Columns that a soft delete sets beside the marker.
pub(super) const RECORD: [&str; 3] = ["deleted_by", "deleted_reason", "deleted_operation"];

/// The bare name of the target of a soft delete.
pub(super) fn deleted(asked: &Asked) -> Option<String> {
    match asked {
        Asked::Scoped(scoped) if scoped.verb == Some(Verb::SoftDelete) => {
            let target = scoped.target.as_deref();
            target.map(|target| bare(target).to_owned())
        }
        _ => None,
    }
}

/// The condition of a live row.
pub(super) fn live(marker: &Marker) -> String {
    let column = quote(&marker.column);
    match (&marker.active, marker.kind) {
        (Some(active), _) => format!("({active}) IS TRUE"),
        (None, MarkerKind::Timestamp) => format!("{column} IS NULL"),
        (None, MarkerKind::Boolean) => format!("{column} IS FALSE"),
        (None, MarkerKind::Integer) => format!("({column} = 0) IS TRUE"),
    }
}

/// The condition of the rows of a scope, by the condition of a live row.
pub(super) fn condition(live: &str, scope: Scope) -> String {
    match scope {
        Scope::Active => format!("({live})"),
        Scope::Deleted => format!("({live}) IS NOT TRUE"),
        Scope::WithDeleted => "true".to_owned(),
    }
}

pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Scope,
        schema::{Marker, MarkerKind},
    };

    use super::{condition, live, quote};

    #[test]
    fn a_scope_and_its_complement_part_the_table() {
        let marker = Marker {
            column: "deletedAt".into(),
            kind: MarkerKind::Timestamp,
            nullable: true,
            active: None,
        };
        let live = live(&marker);
        assert_eq!(live, "\"deletedAt\" IS NULL");
        assert_eq!(condition(&live, Scope::Active), "(\"deletedAt\" IS NULL)");
        assert_eq!(
            condition(&live, Scope::Deleted),
            "(\"deletedAt\" IS NULL) IS NOT TRUE"
        );
    }

    #[test]
    fn quotes_in_a_name_are_doubled() {
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }
}
